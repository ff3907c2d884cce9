//! Whether a word whose rarest pair stands at a place of a text stands there itself: it is held against the
//! characters to both sides, each folded by itself.

use std::ops::Range;

use super::super::build::Entry;
use super::super::gap::is_han;
use super::super::scan::is_latin;
use super::pairs::Use;
use super::{Spot, is_perhaps_skipped};
use crate::text::{Class, Classes};

/// How far a word agrees with the text to one side of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// To its end, which is at this byte, and what stands beyond.
    Whole(usize, Beyond),
    /// What stands there decides it only together with more.
    Perhaps,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Latin,
    Other,
}

/// Holds a word against the text round the second character of its pair, which stands in these bytes.
pub(super) fn fit(
    text: &str,
    here: &Range<usize>,
    one: Use,
    entries: &[Entry],
    classes: &'static Classes,
) -> Option<Spot> {
    let word = &entries.get(usize::try_from(one.entry).ok()?)?.word;
    let at = usize::try_from(one.at).ok()?;
    let (head, tail) = (word.get(..=at)?, word.get(at..)?);
    let before = text.get(..here.start).unwrap_or_default().char_indices().rev();
    let back = side(head.iter().rev().copied(), here.start, before, classes);
    if back == Fit::Not || cuts(head.first(), back) {
        return None;
    }
    let after = text.get(here.end..).unwrap_or_default().chars();
    let after = after.scan(here.end, |end, c| {
        *end += c.len_utf8();
        Some((*end, c))
    });
    let forth = side(tail.iter().copied(), here.end, after, classes);
    if forth == Fit::Not || cuts(tail.last(), forth) {
        return None;
    }
    Some(match (back, forth) {
        (Fit::Whole(start, _), Fit::Whole(end, _)) => Spot::Word(usize::try_from(one.word).ok()?, start..end),
        _ => Spot::Perhaps(here.clone()),
    })
}

/// Holds what stands to one side against a word, whose first character here is the one that was met and ends
/// at byte `end`. The characters of the text come with the bytes at which they end, seen from there.
fn side(
    mut word: impl Iterator<Item = char>,
    mut end: usize,
    text: impl Iterator<Item = (usize, char)>,
    classes: &'static Classes,
) -> Fit {
    let Some(mut last) = word.next() else { return Fit::Perhaps };
    let mut wanted = word.next();
    for (at, c) in text {
        let to = match classes.of(c) {
            Class::Removed => continue,
            Class::Joining | Class::Spelled(_) => return Fit::Perhaps,
            Class::Alone(to) => to,
        };
        match wanted {
            None if is_latin(to) => return Fit::Whole(end, Beyond::Latin),
            None => return Fit::Whole(end, Beyond::Other),
            Some(next) if next == to => (last, wanted, end) = (next, word.next(), at),
            Some(next) if is_han(last) && is_han(next) && is_perhaps_skipped(to) => return Fit::Perhaps,
            Some(_) => return Fit::Not,
        }
    }
    if wanted.is_some() { Fit::Not } else { Fit::Whole(end, Beyond::Other) }
}

/// Whether a word that ends so goes on in Latin letters, where it may not.
fn cuts(end: Option<&char>, fit: Fit) -> bool {
    matches!(fit, Fit::Whole(_, Beyond::Latin)) && end.is_some_and(char::is_ascii_alphanumeric)
}
