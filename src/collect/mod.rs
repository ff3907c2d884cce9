//! Turns the web into mentions.
//!
//! A source is data (a preset plus an address, see [`crate::config::source`]); this room fetches it with
//! good manners ([`fetch`]), reads the answer ([`adapter`]), tries the keyword rules, and hands what met
//! one, or relates to a live statement, to the desk's inbox ([`Collector`]). What met nothing is counted
//! and dropped. Nothing here knows a site by name, and no author is ever read.

pub mod adapter;
pub mod address;
mod age;
pub mod cadence;
mod collector;
mod command;
mod detail;
mod facts;
pub mod fetch;
mod garbled;
mod health;
mod memo;
mod observe;
mod pages;
pub mod poll;
pub mod probe;
mod proof;
pub mod push;
pub mod requests;
mod resting;
mod round;
pub mod rounds;
mod schedule;
mod sift;
mod tally;
pub mod watchpage;

pub use collector::{Collector, Parts};
pub use observe::wait_after;
pub use tally::Tally;
