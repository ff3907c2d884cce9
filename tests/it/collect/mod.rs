//! Collect: reading recorded answers, fetching over real HTTP, and the running room.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail loudly, like the tests themselves"
)]

mod access;
mod bad_answers;
mod cadence;
mod certificates;
mod feeds;
mod fetching;
mod following;
mod fragments;
mod guard;
mod health;
mod hostile_list;
mod hostile_server;
mod listing;
mod presets;
mod presets_api;
mod presets_api_ways;
mod presets_page;
mod probe;
mod probe_steps;
mod pushing;
mod recorded;
mod robots;
mod room;
mod sources;
mod stage;
mod tallies;
mod topics;
mod watchpage;
