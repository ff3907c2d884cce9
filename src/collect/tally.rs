//! Counts how often each rule hits, where posts are sifted: in memory, and handed to the store in batches.
//!
//! A list page shows the same posts for hours and is read every few minutes, so a post is counted once for
//! each rule that it meets, as far back as the tally remembers. It forgets with a restart: what is counted is
//! there to find words that never or always match, not to be added up to the last post. A kill loses what was
//! counted since the last batch, a minute at most.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, Hash},
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp, Unit, tz::TimeZone};

use crate::{
    model::{Hit, Looked, PostKey, RuleHits, RuleId, UsageBatch},
    store::SharedStore,
};

/// How often a batch is handed to the store.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Pairs of post and rule after which the older half of what is remembered is forgotten.
const REMEMBERED: usize = 200_000;

/// The tally. Shared by everything that sifts posts.
pub struct Tally(Mutex<Counts>);

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tally").finish_non_exhaustive()
    }
}

struct Counts {
    /// Zone that says which day it is.
    zone: TimeZone,
    /// Hits and the last one, by rule and hour.
    hits: HashMap<(RuleId, Timestamp), (u64, Timestamp)>,
    /// Posts, by unit and hour.
    looked: HashMap<(String, Timestamp), u64>,
    hasher: foldhash::fast::RandomState,
    young: HashSet<u64>,
    old: HashSet<u64>,
    handed_at: Option<Timestamp>,
}

impl Default for Tally {
    fn default() -> Self {
        Self(Mutex::new(Counts {
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            hits: HashMap::new(),
            looked: HashMap::new(),
            hasher: foldhash::fast::RandomState::default(),
            young: HashSet::new(),
            old: HashSet::new(),
            handed_at: None,
        }))
    }
}

impl Tally {
    /// Says in which zone days are counted from now on.
    pub fn go_by(&self, zone: TimeZone) {
        self.lock().zone = zone;
    }

    /// Counts a post on which the rules of `units` (empty: all) were tried, and what it met.
    pub(super) fn count(&self, post: &PostKey, units: &[String], hits: &[Hit], now: Timestamp) {
        let mut counts = self.lock();
        let hour = hour_of(now);
        if counts.is_new(&(post, "")) {
            let all = [String::new()];
            for unit in if units.is_empty() { &all[..] } else { units } {
                *counts.looked.entry((unit.clone(), hour)).or_default() += 1;
            }
        }
        for hit in hits {
            if counts.is_new(&(post, &hit.unit, &hit.file, &hit.group, &hit.rule)) {
                let counted = counts.hits.entry((RuleId::of(hit), hour)).or_insert((0, now));
                *counted = (counted.0 + 1, counted.1.max(now));
            }
        }
    }

    /// Hands over what was counted when the last batch is a minute old, or at once when `all` is to go. What
    /// the store does not take stays counted.
    pub(super) async fn hand_over(&self, store: &SharedStore, now: Timestamp, all: bool) {
        let Some(batch) = self.batch(now, all) else { return };
        if let Err(error) = store.add_usage(batch.clone()).await {
            tracing::warn!(%error, "how often rules hit could not be kept; it is tried again");
            self.give_back(batch);
        }
    }

    fn batch(&self, now: Timestamp, all: bool) -> Option<UsageBatch> {
        let mut counts = self.lock();
        let waited = counts.handed_at.is_none_or(|at| now.duration_since(at).abs() >= EVERY);
        if !(waited || all) || (counts.hits.is_empty() && counts.looked.is_empty()) {
            return None;
        }
        counts.handed_at = Some(now);
        let zone = counts.zone.clone();
        let day = |hour: Timestamp| hour.to_zoned(zone.clone()).date();
        let hits = counts.hits.drain().map(|((rule, hour), (hits, last_at))| RuleHits {
            rule,
            day: day(hour),
            hour,
            hits,
            last_at,
        });
        let hits = hits.collect();
        let mut looked: HashMap<_, u64> = HashMap::new();
        for ((unit, hour), posts) in counts.looked.drain() {
            *looked.entry((unit, day(hour))).or_default() += posts;
        }
        let looked = looked.into_iter().map(|((unit, day), posts)| Looked { unit, day, posts }).collect();
        Some(UsageBatch { hits, looked })
    }

    fn give_back(&self, batch: UsageBatch) {
        let mut counts = self.lock();
        for RuleHits { rule, hour, hits, last_at, .. } in batch.hits {
            let counted = counts.hits.entry((rule, hour)).or_insert((0, last_at));
            *counted = (counted.0 + hits, counted.1.max(last_at));
        }
        for Looked { unit, day, posts } in batch.looked {
            if let Ok(start) = day.to_zoned(counts.zone.clone()) {
                *counts.looked.entry((unit, start.timestamp())).or_default() += posts;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Whether this was not seen before, as far as is remembered.
    fn is_new(&mut self, what: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(what);
        if self.old.contains(&hash) || !self.young.insert(hash) {
            return false;
        }
        if self.young.len() >= REMEMBERED / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}

fn hour_of(at: Timestamp) -> Timestamp {
    at.round(jiff::TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)).unwrap_or(at)
}
