//! Collect: reading recorded answers, fetching over real HTTP, and the running room.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail loudly, like the tests themselves"
)]

mod bad_answers;
mod cadence;
mod feeds;
mod fetching;
mod following;
mod presets;
mod probe;
mod pushing;
mod recorded;
mod room;
mod sources;
mod stage;
