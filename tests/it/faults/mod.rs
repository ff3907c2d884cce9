//! What breaks around the daemon: mail servers that swallow, gateways that lie, three hours without anything,
//! a process that stands still, a clock that jumps, a full disk. Nothing due is lost, nothing is told twice, no
//! limit is forgotten, the next channel or the next person hears in time, and the administrators hear of it.
//!
//! [`office`] is the office with its mail server and gateway, [`hours`] the daemon on a clock moved by hand;
//! [`process`] is the real program with a clock that the test can step.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bounces;
mod channels;
mod contacts;
mod disk;
mod disk_pages;
mod doors;
pub mod gateway;
pub mod hours;
pub mod office;
mod outage;
mod process;
mod standstill;
