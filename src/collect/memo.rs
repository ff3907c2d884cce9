//! What a source remembers from round to round, as small texts in its state.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::store::SourceState;

/// Ids remembered under one name.
const MOST_IDS: usize = 1_500;

/// The ids under a name.
pub(super) fn ids(state: &SourceState, name: &str) -> HashSet<String> {
    state.memo.get(name).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// Adds ids under a name, the newest last, the oldest forgotten. Says whether one was new.
pub(super) fn note_ids(state: &mut SourceState, name: &str, new: &[String]) -> bool {
    let mut listed: Vec<String> =
        state.memo.get(name).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default();
    let mut known: HashSet<String> = listed.iter().cloned().collect();
    let before = listed.len();
    for id in new {
        // An id with a line break cannot be told from two: it is never remembered.
        if !id.contains(['\n', '\r']) && known.insert(id.clone()) {
            listed.push(id.clone());
        }
    }
    let any = listed.len() > before;
    if any {
        let excess = listed.len().saturating_sub(MOST_IDS);
        let kept: Vec<String> = listed.into_iter().skip(excess).collect();
        state.memo.insert(name.to_owned(), kept.join("\n"));
    }
    any
}

/// An instant under a name.
pub(super) fn time(state: &SourceState, name: &str) -> Option<Timestamp> {
    state.memo.get(name)?.parse().ok()
}

/// Keeps an instant under a name.
pub(super) fn put_time(state: &mut SourceState, name: &str, at: Timestamp) {
    state.memo.insert(name.to_owned(), at.to_string());
}
