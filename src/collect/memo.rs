//! What a source remembers from round to round, as small texts in its state.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::store::SourceState;

/// Ids remembered under one name.
const MOST_IDS: usize = 1_500;

/// An id as it is remembered: eight hexadecimal digits of its hash. Two ids of a source look the same once
/// in millions of rounds, and then a new entry is only not counted as new.
pub(super) fn short(id: &str) -> String {
    // FNV-1a: the same in every version of the program, which the standard library's hasher is not.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", (hash ^ (hash >> 32)) & 0xffff_ffff)
}

/// The ids under a name, each as [`short`] makes it.
pub(super) fn ids(state: &SourceState, name: &str) -> HashSet<String> {
    state.memo.get(name).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default()
}

/// Adds ids under a name, the newest last, the oldest forgotten. Says how many were new.
pub(super) fn note_ids(state: &mut SourceState, name: &str, new: &[String]) -> usize {
    let before = state.memo.get(name).map(String::as_str).unwrap_or_default();
    let mut known: HashSet<&str> = before.lines().collect();
    let shorts: Vec<String> = new.iter().map(|id| short(id)).collect();
    let fresh: Vec<&str> = shorts.iter().map(String::as_str).filter(|id| known.insert(id)).collect();
    if fresh.is_empty() {
        return 0;
    }
    let excess = (before.lines().count() + fresh.len()).saturating_sub(MOST_IDS);
    let kept: Vec<&str> = before.lines().chain(fresh.iter().copied()).skip(excess).collect();
    let (n_fresh, kept) = (fresh.len(), kept.join("\n"));
    state.memo.insert(name.to_owned(), kept);
    n_fresh
}

/// An instant under a name.
pub(super) fn time(state: &SourceState, name: &str) -> Option<Timestamp> {
    state.memo.get(name)?.parse().ok()
}

/// Keeps an instant under a name.
pub(super) fn put_time(state: &mut SourceState, name: &str, at: Timestamp) {
    state.memo.insert(name.to_owned(), at.to_string());
}
