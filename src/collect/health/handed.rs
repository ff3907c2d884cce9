//! Sources whose posts another program hands in. The door notes each body, the watch asks now and then
//! whether there was none for too long: two hands on one state, at any instant. So neither writes what it
//! read a moment ago; each changes its own part of what the store has, in the store's transaction.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{
    diagnosis::{Sight, diagnose},
    learn,
};
use crate::{
    collect::{
        collector::{Shared, Unsettled},
        facts::Facts,
        memo,
        round::silent_too_long,
    },
    config::source::Source,
    store::{SharedStore, SourceState, StoreError},
};

/// Notes a body that was taken at `now`, with so many posts and mentions. Its mentions are durable by then.
pub(in crate::collect) async fn note_body(
    store: &SharedStore,
    source: &Source,
    n_posts: usize,
    n_mentions: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let interval = source.interval;
    let change = move |state: &mut SourceState| {
        let latest = |at: Option<Timestamp>| at.max(Some(now));
        state.last_good_at = latest(state.last_good_at);
        state.last_new_at = latest(state.last_new_at);
        // A program that pushes sends what is new: its first body is its first round.
        state.last_round_at = latest(state.last_round_at);
        state.posts += u64::try_from(n_posts).unwrap_or(0);
        state.mentions += u64::try_from(n_mentions).unwrap_or(0);
        let new = u32::try_from(n_posts).unwrap_or(u32::MAX);
        learn::look(&mut state.history, new, None, now, interval);
    };
    store.change_source_state(&source.name, Arc::new(change)).await.map(drop)
}

/// What the watch found.
#[derive(Default)]
pub(super) struct Judged {
    /// The state as it is kept now.
    pub state: SourceState,
    /// Its health before.
    pub before: String,
    /// The pause before the next look when it is not the usual interval.
    pub pause: Option<SignedDuration>,
}

/// Counts a look of the watch and judges the silence by what the store has.
pub(super) async fn judge(shared: &Shared, source: &Source, now: Timestamp) -> Result<Judged, Unsettled> {
    let (watched, locale) = (source.clone(), shared.parts.locale);
    let found = Arc::new(Mutex::new((String::new(), None)));
    let finding = Arc::clone(&found);
    let change = move |state: &mut SourceState| {
        let before = state.health.clone();
        if state.rounds == 0 {
            // The promise counts from the first time that the daemon knew of the source.
            memo::put_time(state, "known_since", now);
        }
        state.rounds += 1;
        let trouble = silent_too_long(&watched, state, now);
        let facts = Facts::default();
        let sight = Sight { source: &watched, trouble, facts: &facts, rests: false, now };
        let pause = diagnose(state, &sight, locale);
        *finding.lock().unwrap_or_else(PoisonError::into_inner) = (before, pause);
    };
    let state = shared.parts.store.change_source_state(&source.name, Arc::new(change)).await?;
    let (before, pause) = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Judged { state, before, pause })
}

/// Keeps when the watch looks again.
pub(super) async fn keep_plan(shared: &Shared, state: &SourceState) -> Result<(), StoreError> {
    let (next_at, memo) = (state.next_at, state.memo.clone());
    let change = move |stored: &mut SourceState| {
        stored.next_at = next_at;
        stored.memo.clone_from(&memo);
    };
    shared.parts.store.change_source_state(&state.source, Arc::new(change)).await.map(drop)
}
