//! The desk through its one door: inputs with their instants in, what it decided out, as a time line.
//! `scene` is the stage; each file holds one part of SEMANTICS.

mod acts;
mod counting;
pub mod course;
mod deadlines;
mod digest;
mod duties;
mod duties_replanned;
mod emergency;
mod evidence;
mod forecast;
mod forgetting;
mod found;
mod grading;
mod kinds;
mod likeness;
mod maintenance;
mod monthly;
mod order;
mod passages;
mod plan_language;
mod quoted;
mod restart;
mod returns;
mod rota;
pub mod scene;
mod silences;
mod sound;
mod standing;
mod statements;
pub mod thinning;
mod undoing;
mod vanished;
mod views;
