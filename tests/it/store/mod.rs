//! Tests of store: the conformance suite that every engine must pass, and what is SQLite's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod conformance;
mod listing;
mod looks;
mod memory;
mod record;
pub mod rows;
mod sqlite;
pub mod sweep;
mod usage;
mod versions;
