//! Tries the rules on posts: what met one, or relates to a live statement, becomes a mention; the rest is
//! counted and dropped.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;

use super::{adapter::lines::Handed, age::Ages, collector::Shared, tally::Tally};
use crate::{
    config::source::Source,
    desk::{Input, LiveSet},
    keyword::Matcher,
    model::{Counters, Hit, Mention, Post, PostKey},
    store::SourceState,
    text::fold,
};

/// The rules and the live set at one instant.
#[derive(Clone)]
pub(super) struct Sieve {
    matcher: Arc<Matcher>,
    live: Arc<LiveSet>,
    units: Vec<String>,
    /// Where hits are counted, and the instant.
    tally: Option<(Arc<Tally>, Timestamp)>,
}

/// A post that is to go on.
pub(super) struct Kept {
    pub post: Post,
    pub counters: Counters,
    pub hits: Vec<Hit>,
    pub seen_at: Timestamp,
    pub own_fetch: bool,
    /// The answer in which it stood, where it was fetched.
    pub shown: Option<Arc<crate::model::Shown>>,
}

/// What remains of a post that was handed on: enough to know when to look at it again.
pub(super) struct Seen {
    pub key: PostKey,
    pub counters: Counters,
    pub seen_at: Timestamp,
    pub own_fetch: bool,
}

impl Seen {
    pub fn of(kept: &Kept) -> Self {
        let Kept { post, counters, seen_at, own_fetch, .. } = kept;
        Self { key: post.key.clone(), counters: *counters, seen_at: *seen_at, own_fetch: *own_fetch }
    }
}

impl Sieve {
    pub fn of(shared: &Shared, source: &Source) -> Self {
        let matcher = shared.parts.matcher.borrow().clone();
        Self::new(matcher, shared.parts.live.borrow().clone(), source.units.clone())
            .counting(&shared.parts.tally, shared.now())
    }

    /// A sieve of these rules; `units` empty is all.
    pub const fn new(matcher: Arc<Matcher>, live: Arc<LiveSet>, units: Vec<String>) -> Self {
        Self { matcher, live, units, tally: None }
    }

    /// The same sieve, which counts what hits.
    pub fn counting(self, tally: &Arc<Tally>, now: Timestamp) -> Self {
        Self { tally: Some((Arc::clone(tally), now)), ..self }
    }

    /// A handed-over post that is to go on.
    pub fn kept(&self, handed: Handed) -> Option<Kept> {
        let hits = self.keep(&handed.post)?;
        let Handed { post, counters, seen_at } = handed;
        Some(Kept { post, counters, hits, seen_at, own_fetch: false, shown: None })
    }

    /// The rules of this source's units that a post meets.
    pub fn hits(&self, post: &Post) -> Vec<Hit> {
        self.hits_in(post, &post.own_text())
    }

    fn hits_in(&self, post: &Post, own: &str) -> Vec<Hit> {
        let mut hits = self.matcher.hits(own, &post.quoted);
        if !self.units.is_empty() {
            hits.retain(|hit| self.units.contains(&hit.unit));
        }
        hits
    }

    /// The hits of a post that is to go on; `None` when it concerns nobody. Its text is folded as a whole only
    /// when it meets no rule and there are live statements that it may repeat.
    pub fn keep(&self, post: &Post) -> Option<Vec<Hit>> {
        let own = post.own_text();
        let hits = self.hits_in(post, &own);
        if let Some((tally, now)) = &self.tally {
            tally.count(&post.key, &self.units, &hits, *now);
        }
        if !hits.is_empty() {
            return Some(hits);
        }
        let folded = if self.live.compares_texts() { fold(&own).text } else { String::new() };
        self.live.relates(post, &folded).then_some(hits)
    }

    /// What an unchanged page was held against: when it changes, the page is worth reading again. New
    /// rules may match what met none, and a post that met none may relate to a new member.
    pub fn generation(&self) -> (String, String) {
        (format!("{:016x}", self.matcher.generation()), self.live.n_members().to_string())
    }

    /// Search terms of this source's units, each word once.
    pub fn terms(&self) -> Vec<String> {
        let mut known: HashSet<String> = HashSet::new();
        let terms = self.matcher.search_terms().into_iter();
        let of_units = terms.filter(|term| self.units.is_empty() || self.units.contains(&term.unit));
        of_units.map(|term| term.word).filter(|word| known.insert(word.clone())).collect()
    }
}

/// The desk's inputs for the posts that go on.
pub(super) fn mentions(shared: &Shared, source: &Source, state: &SourceState, kept: Vec<Kept>) -> Vec<Input> {
    kept.into_iter().map(|kept| mention(&shared.ages, source, state.last_round_at, kept)).collect()
}

/// One of them. It is of the first round when the source never ended one, or when every rule it met is
/// younger than the last.
pub(super) fn mention(ages: &Ages, source: &Source, last_round_at: Option<Timestamp>, kept: Kept) -> Input {
    let first_round = last_round_at.is_none_or(|at| ages.all_younger(&kept.hits, at));
    Input::Mention(Box::new(Mention {
        source: source.name.clone(),
        post: kept.post,
        seen_at: kept.seen_at,
        counters: kept.counters,
        own_fetch: kept.own_fetch,
        first_round,
        hits: kept.hits,
    }))
}
