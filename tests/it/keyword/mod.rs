//! Tests of keyword files and of the matcher: the language, its messages, evasions, the slow
//! reference, and the command that tries lists.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod command;
mod evasion;
mod evasion_tables;
mod exceptions;
mod language;
mod matching;
mod messages;
mod pattern_messages;
mod reference;
mod sound;
mod sound_alarms;
mod sound_reference;
mod table_messages;
mod tables;
mod usage;
pub(crate) mod workbook;
mod written;

use std::sync::Arc;

use yuqing::keyword::{List, Matcher, parse};
use yuqing::model::Hit;

/// A list of the unit 甲 that must be right.
fn list(text: &str) -> List {
    parse("甲", "甲.txt", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn matcher(text: &str) -> Matcher {
    Matcher::new(vec![Arc::new(list(text))])
}

/// Hits in a short form: `surface@start-end/line`, with `~` before those through a gap.
fn short(hits: &[Hit]) -> Vec<String> {
    hits.iter()
        .map(|hit| {
            let gap = if hit.certainty == yuqing::model::Certainty::Gap { "~" } else { "" };
            format!("{gap}{}@{}-{}/{}", hit.surface, hit.start, hit.end, hit.line)
        })
        .collect()
}

/// Hits of a list's text on a text, in the short form.
fn hits(list: &str, text: &str) -> Vec<String> {
    short(&matcher(list).hits(text, ""))
}
