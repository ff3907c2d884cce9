//! Tests of text: counts, dates, folding, decoding, links, and the table of simplified forms.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod articles;
mod counts;
mod dates;
mod decoding;
mod folding;
mod links;
mod rests;
mod t2s;
mod twins;
mod variants;

/// The rows of a JSON Lines file in tests/data.
pub(crate) fn rows(name: &str) -> Vec<serde_json::Value> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
