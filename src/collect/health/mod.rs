//! What a round's end means for its source: when it comes next, how it is, and whether a person must be
//! told.
//!
//! [`trouble`] says what a failure is, [`learn`] what a source is usually like, [`suspect`] what is odd in
//! answers that look like data, [`diagnosis`] puts them together into a state, and [`ward`] decides what
//! is told to the administrators: one notice for an outage, one for its mending.

mod diagnosis;
mod handed;
mod learn;
mod neighbours;
mod raw;
mod state;
mod suspect;
mod told_words;
mod trouble;
mod ward;

use jiff::{SignedDuration, Timestamp};

use super::{
    cadence,
    collector::{Shared, Unsettled},
    fetch::FetchError,
    resting,
    round::Round,
};
use crate::{
    config::source::{Source, SourceKind},
    store::SourceState,
};
use diagnosis::Sight;

pub(super) use handed::note_body;
pub(super) use state::Health;
pub(super) use trouble::{PATIENCE, Trouble};
pub(super) use ward::Ward;

/// Judges a round and keeps the state. Telling is the [`Ward`]'s.
pub(super) async fn settle(
    shared: &Shared,
    source: &Source,
    round: Round,
    ward: &Ward,
) -> Result<SourceState, Unsettled> {
    let Round { mut state, trouble, waits_until, full, stopped, facts } = round;
    if stopped {
        return Err(Unsettled::Stopping);
    }
    let now = shared.now();
    let patient =
        matches!(trouble, Some(Trouble::Blocked { .. } | Trouble::Fetch(FetchError::RobotsRefused(_))));
    let asked_until = trouble.as_ref().and_then(Trouble::asked_until);
    let handed_in = matches!(source.kind, SourceKind::Push);
    let (before, next) = if handed_in {
        let judged = handed::judge(shared, source, now).await?;
        state = judged.state;
        (judged.before, judged.pause)
    } else {
        let before = state.health.clone();
        let sight = Sight { source, trouble, facts: &facts, rests: waits_until.is_some(), now };
        let judged = full || sight.trouble.is_some();
        (before, judged.then(|| diagnosis::diagnose(&mut state, &sight, shared.parts.locale)).flatten())
    };
    match (next, waits_until) {
        (_, Some(until)) => state.next_at = Some(until),
        (Some(wait), None) => {
            // Who wants us to stay away is not pressed, whatever is owed today.
            let wait = if patient { wait } else { cadence::shortened(source, &state, wait, now) };
            state.next_at = Some(next_try(shared, wait, asked_until, now));
        }
        (None, None) if full => cadence::plan_next(shared, source, &mut state),
        (None, None) => {}
    }
    if let Some(pause) = shared.parts.live.borrow().pause_of(&source.name, now).filter(|_| !handed_in) {
        // It was paused while this round ran.
        self::pause(&mut state, &resting::words(pause, shared.parts.locale), now);
    }
    if state.health != before {
        tracing::info!(source = %source.name, from = %before, to = %state.health, failures = state.failures, "the health of a source changed");
    }
    if Health::needs_person(&state.health) && state.health != before {
        raw::keep(shared, source, &state, &facts, now).await?;
    } else if Health::is_well(&state.health) && Health::needs_person(&before) {
        raw::forget(shared, source).await?;
    }
    ward.remind(&mut state);
    if handed_in {
        handed::keep_plan(shared, &state).await?;
    } else {
        shared.parts.store.save_source_state(state.clone()).await?;
    }
    Ok(state)
}

/// A host that names its time is believed, be it sooner or later than ours; a little jitter keeps all
/// its readers from coming at once.
fn next_try(shared: &Shared, wait: SignedDuration, asked: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let own = now.saturating_add(wait + shared.jitter(wait / 4)).unwrap_or(Timestamp::MAX);
    asked.map_or(own, |at| at.saturating_add(shared.jitter(SignedDuration::from_secs(5))).unwrap_or(own))
}

/// Whether a stored word says that a person has paused the source.
pub(super) fn is_paused(id: &str) -> bool {
    id == Health::Paused.id()
}

/// Since when a person has the source paused; `None` while it is not.
pub(super) fn paused_since(state: &SourceState) -> Option<Timestamp> {
    state.since.filter(|_| is_paused(&state.health))
}

/// A person has paused the source.
pub(super) fn pause(state: &mut SourceState, why: &str, now: Timestamp) {
    if !is_paused(&state.health) {
        state.since = Some(now);
        Health::Paused.id().clone_into(&mut state.health);
    }
    why.clone_into(&mut state.why);
    state.next_at = None;
}

/// It is looked at again; how it is, its next round says.
pub(super) fn resume(state: &mut SourceState, now: Timestamp) {
    state.health.clear();
    state.why.clear();
    state.since = Some(now);
}

/// Whether a round is a probe only: its breaker is open.
pub(super) const fn is_probe(state: &SourceState) -> bool {
    state.failures >= PATIENCE
}

/// The host (or registrable domain) whose outage takes a source with it; `None` for programs.
fn site_of(source: &Source) -> Option<String> {
    match &source.kind {
        SourceKind::Fetched { urls, .. } => crate::text::registrable_domain(urls.first()?),
        SourceKind::Watch { .. } => crate::text::registrable_domain(source.addresses().first()?),
        SourceKind::Push | SourceKind::Command { .. } => None,
    }
}
