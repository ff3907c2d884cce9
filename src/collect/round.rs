//! One round of one source: its addresses one after the other, each page handed on as soon as it is read,
//! then a look at the members that it follows. What a page showed is durable before the next page is
//! asked for, so that a process that dies often still gets through a long first round.

use std::{collections::HashSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    address,
    collector::{Shared, hand_over_shown},
    command,
    facts::Facts,
    health::{self, Trouble},
    memo, observe, pages,
    sift::{self, Kept, Seen, Sieve},
    watchpage,
};
use crate::{
    config::{
        preset::Preset,
        source::{Source, SourceKind},
    },
    store::SourceState,
    text::fold,
};

/// So long after the last such reading an unchanged page is read again when statements have new members: a post that
/// met nothing then may relate to one now. Hours would hide what belongs together from the people who follow it;
/// minutes would read everything over and over on a day on which members come all the time.
const FULL_READ_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// Where the address of a search page holds the word.
const KEYWORD: &str = "{keyword}";
/// Most addresses of one round.
const MOST_ADDRESSES: usize = 500;

/// What a round answers. Its posts are durable by then.
pub(super) struct Round {
    pub state: SourceState,
    pub trouble: Option<Trouble>,
    /// The host asked for rest: nothing was tried, nothing is wrong.
    pub waits_until: Option<Timestamp>,
    /// Whether it was a round (and not only a look at members).
    pub full: bool,
    /// What it saw.
    pub facts: Facts,
    /// The desk takes nothing more: the round is done again after the start.
    pub stopped: bool,
}

impl Round {
    /// A round that gave nothing.
    pub fn failed(state: SourceState, trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..Self::quiet(state) }
    }

    /// A round in which nothing happened.
    pub fn quiet(state: SourceState) -> Self {
        Self { state, trouble: None, waits_until: None, full: true, facts: Facts::default(), stopped: false }
    }
}

/// Runs one round.
pub(super) async fn run(shared: &Shared, source: &Source, state: SourceState) -> Round {
    match &source.kind {
        SourceKind::Fetched { preset, urls, .. } => {
            let sieve = Sieve::of(shared, source);
            let walk = Walk {
                shared,
                source,
                preset,
                sieve,
                state,
                facts: Facts::default(),
                seen: Vec::new(),
                trouble: None,
                waits_until: None,
                stopped: false,
            };
            walk.round(urls).await
        }
        SourceKind::Push => silence(shared, source, state),
        SourceKind::Command { .. } => command::round(shared, source, state).await,
        SourceKind::Watch { pages } => watchpage::round(shared, source, pages, state).await,
    }
}

/// A push source is not fetched: its round only asks whether it has been silent for too long. What is kept of
/// that is decided when the round is settled, on the state that stands then.
fn silence(shared: &Shared, source: &Source, state: SourceState) -> Round {
    let trouble = silent_too_long(source, &state, shared.now());
    Round { trouble, ..Round::quiet(state) }
}

pub(super) fn silent_too_long(source: &Source, state: &SourceState, now: Timestamp) -> Option<Trouble> {
    let expected = source.expected_every?;
    let since = state.last_good_at.or_else(|| memo::time(state, "known_since"))?;
    (now.duration_since(since) >= expected).then_some(Trouble::Silent { since: state.last_good_at, expected })
}

/// Why a round goes no further.
pub(super) enum End {
    /// The host wants rest, or its other addresses would fail in the same way.
    Host,
    /// The desk is stopping.
    Stopping,
}

/// A round on its way.
pub(super) struct Walk<'a> {
    pub shared: &'a Shared,
    pub source: &'a Source,
    pub preset: &'a Arc<Preset>,
    pub sieve: Sieve,
    pub state: SourceState,
    pub facts: Facts,
    /// Posts that were handed on.
    pub seen: Vec<Seen>,
    pub trouble: Option<Trouble>,
    pub waits_until: Option<Timestamp>,
    pub stopped: bool,
}

impl Walk<'_> {
    async fn round(mut self, urls: &[String]) -> Round {
        let started = self.shared.now();
        self.facts.started_at = Some(started);
        self.forget_validators_when_due(started);
        let searches = urls.iter().any(|url| url.contains(KEYWORD));
        let terms = if searches { with_canary(self.sieve.terms(), self.source) } else { Vec::new() };
        self.facts.canary = self.source.canary.as_ref().map(|word| fold(word).text);
        let starts = starts(urls, &terms);
        // With an open breaker the round is a probe: one address, another each time, and the others only
        // when it is good.
        let probe = health::is_probe(&self.state);
        let first = usize::try_from(self.state.failures).unwrap_or(0);
        let skipped = if probe { first % starts.len().max(1) } else { 0 };
        for start in starts.iter().cycle().skip(skipped).take(starts.len()) {
            if probe && self.facts.bad > 0 && self.facts.good == 0 {
                break;
            }
            match pages::series(&mut self, *start).await {
                Ok(()) => {}
                Err(End::Host) => break,
                Err(End::Stopping) => {
                    self.stopped = true;
                    break;
                }
            }
        }
        crate::fault::FaultPoint::Fetched.pass();
        self.state.rounds += 1;
        self.keep_validators_of(&starts);
        let full = self.facts.bad == 0 && self.waits_until.is_none() && !self.stopped;
        // One address that fails for good must not keep the whole source in its first round for ever.
        let lasting = self.state.failures >= 2 || self.state.history.partly >= 2;
        let ended_round = self.facts.good > 0 && (full || lasting);
        if !self.stopped {
            let looked = observe::looks(self.shared, self.source, &mut self.state, &self.seen).await;
            self.stopped = self.hand_on(looked).await.is_err();
        }
        if ended_round {
            // Rules younger than its start have not been tried by it.
            self.state.last_round_at = Some(started);
        }
        let Self { state, facts, trouble, waits_until, stopped, .. } = self;
        Round { state, trouble, waits_until, full: true, facts, stopped }
    }

    /// Hands posts to the desk and waits until they are durable.
    pub async fn hand_on(&mut self, kept: Vec<Kept>) -> Result<(), End> {
        if kept.is_empty() {
            return Ok(());
        }
        self.seen.extend(kept.iter().map(Seen::of));
        deliver(self.shared, self.source, &mut self.state, kept).await
    }

    /// New rules at once, and new members after a while, make an unchanged page worth reading.
    fn forget_validators_when_due(&mut self, now: Timestamp) {
        let (rules, members) = self.sieve.generation();
        let new_rules = self.state.memo.get("rules") != Some(&rules);
        let new_members = self.state.memo.get("members") != Some(&members);
        let read_at = memo::time(&self.state, "read_in_full");
        let is_due = read_at.is_none_or(|at| now.duration_since(at).abs() >= FULL_READ_AFTER);
        if new_rules || (new_members && is_due) {
            memo::put_time(&mut self.state, "read_in_full", now);
            self.state.memo.insert("rules".into(), rules);
            self.state.memo.insert("members".into(), members);
            self.state.validators.clear();
            self.state.bodies.clear();
        }
    }

    /// Addresses that are not fetched any more need no validators.
    fn keep_validators_of(&mut self, starts: &[Start<'_>]) {
        let encoding = &self.preset.keyword_encoding;
        let addresses: HashSet<String> =
            starts.iter().map(|(template, term)| address::of_page(template, *term, encoding, 1)).collect();
        self.state.validators.retain(|url, (etag, modified)| {
            (etag.is_some() || modified.is_some()) && addresses.contains(url)
        });
        self.state.bodies.retain(|url, _| addresses.contains(url));
    }
}

/// Hands posts to the desk and waits until they are durable; then the state may count them.
pub(super) async fn deliver(
    shared: &Shared,
    source: &Source,
    state: &mut SourceState,
    kept: Vec<Kept>,
) -> Result<(), End> {
    let shown: Vec<_> = kept.iter().map(|kept| kept.shown.clone()).collect();
    let inputs = sift::mentions(shared, source, state, kept);
    let n_mentions = inputs.len();
    hand_over_shown(&shared.parts.inbox, inputs.into_iter().zip(shown)).await.map_err(|_| End::Stopping)?;
    state.mentions += u64::try_from(n_mentions).unwrap_or(0);
    Ok(())
}

/// The canary of a search is searched for first.
fn with_canary(terms: Vec<String>, source: &Source) -> Vec<String> {
    let canary = source.canary.clone().filter(|word| !terms.contains(word));
    canary.into_iter().chain(terms).collect()
}

/// Each template with each term.
fn starts<'a>(urls: &'a [String], terms: &'a [String]) -> Vec<Start<'a>> {
    let of = |url: &'a String| -> Vec<Start<'a>> {
        if url.contains(KEYWORD) {
            terms.iter().map(|term| (url.as_str(), Some(term.as_str()))).collect()
        } else {
            vec![(url.as_str(), None)]
        }
    };
    urls.iter().flat_map(of).take(MOST_ADDRESSES).collect()
}

/// A template and the term that it is asked with.
pub(super) type Start<'a> = (&'a str, Option<&'a str>);
