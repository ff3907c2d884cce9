//! The parts of a text in which words may be: round each place that the glance pointed out, as far as the
//! longest word reaches over all that may be skipped, and one character more, which decides whether a Latin word
//! ends there. A part is cut where folding it alone gives what folding the whole text gives there.

use std::ops::Range;

use super::glance::is_perhaps_skipped;
use crate::text::{Class, classes};

/// Parts of one text, in order; none meets another.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// Bytes of each.
    pub(super) parts: Vec<Range<usize>>,
}

impl Windows {
    /// Takes up what lies within `reach` characters that cannot be skipped of a place. Places come in order.
    pub(super) fn round(&mut self, text: &str, place: &Range<usize>, reach: usize) {
        let floor = self.parts.last().map_or(0, |last| last.end);
        let end = end(text, place.end, reach);
        let start = if place.start <= floor { floor } else { start(text, floor, place.start, reach) };
        match self.parts.last_mut() {
            Some(last) if start <= floor => last.end = last.end.max(end),
            _ => self.parts.push(start..end),
        }
    }
}

/// Where the window begins: not before `floor`.
fn start(text: &str, floor: usize, place: usize, reach: usize) -> usize {
    let before = text.get(floor..place).unwrap_or_default();
    let mut solid = before.char_indices().rev().filter(|(_, c)| is_solid(*c));
    solid.nth(reach.saturating_sub(1)).map_or(floor, |(at, _)| floor + at)
}

/// Where the window ends; what joins the last character belongs to it.
fn end(text: &str, place: usize, reach: usize) -> usize {
    let after = text.get(place..).unwrap_or_default();
    let mut left = reach;
    for (at, c) in after.char_indices() {
        if left == 0 && classes().of(c) != Class::Joining {
            return place + at;
        }
        if left > 0 && is_solid(c) {
            left -= 1;
        }
    }
    text.len()
}

/// A character that nothing but a word itself passes over.
fn is_solid(c: char) -> bool {
    matches!(classes().of(c), Class::Alone(to) if !is_perhaps_skipped(to))
}
