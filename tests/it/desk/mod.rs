//! The desk through its one door: inputs with their instants in, what it decided out, as a time line.
//! `scene` is the stage; each file holds one part of SEMANTICS.

mod acts;
mod counting;
mod deadlines;
mod emergency;
mod forecast;
mod found;
mod grading;
mod likeness;
mod restart;
pub mod scene;
mod standing;
mod statements;
mod views;
