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

/// Adds ids under a name, the newest last, the oldest forgotten. Says how many were new.
pub(super) fn note_ids(state: &mut SourceState, name: &str, new: &[String]) -> u64 {
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
    let n_new = listed.len().saturating_sub(before);
    if n_new > 0 {
        let excess = listed.len().saturating_sub(MOST_IDS);
        let kept: Vec<String> = listed.into_iter().skip(excess).collect();
        state.memo.insert(name.to_owned(), kept.join("\n"));
    }
    u64::try_from(n_new).unwrap_or(u64::MAX)
}

/// An instant under a name.
pub(super) fn time(state: &SourceState, name: &str) -> Option<Timestamp> {
    state.memo.get(name)?.parse().ok()
}

/// Keeps an instant under a name.
pub(super) fn put_time(state: &mut SourceState, name: &str, at: Timestamp) {
    state.memo.insert(name.to_owned(), at.to_string());
}
