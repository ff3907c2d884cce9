//! The one integration binary: a module a capability. New tests go into the module of their
//! capability; `support` is the stage (servers, clocks, folders) that they play on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is not as it must be"
)]

mod support;

mod collect;
mod config;
mod console;
mod demo;
mod desk;
mod dispatch;
mod faults;
mod forum;
mod house;
mod keep;
mod keyword;
// Without debug assertions the program has no fault points.
#[cfg(debug_assertions)]
mod kills;
mod plans;
mod replay;
mod report;
mod simulation;
mod statements;
mod store;
mod storm;
mod text;
