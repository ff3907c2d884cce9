//! The index of live statements: cores by their anchors.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use foldhash::fast::FixedState;

use super::{
    Fingerprint, Masks, Verdict,
    compare::{decide, may_be_alike},
    fingerprint::{Prepared, anchors, sought_as_they_come},
    postings::Postings,
};
use crate::model::IncidentId;

/// Anchors that a candidate must share.
const SHARED_ANCHORS: usize = 2;
/// With at most so many anchors on either side one shared is enough: a short text has not two to share after an edit.
const FEW_ANCHORS: usize = 12;
/// Statements that are looked at for one anchor, the newest. What more statements share is the wording of
/// a form letter and tells none of them apart.
const PER_ANCHOR: usize = 32;
/// Statements that are looked at for all anchors of a text, the rarest anchors first.
const PER_TEXT: usize = 1_024;
/// Weight of an anchor that one core holds; of one that n hold, an n-th of it.
const RARE: usize = 1_000;
/// Candidates that are compared, those that share most first.
const COMPARED: usize = 24;

/// Cores of live statements. A statement can have several after a merge.
#[derive(Debug, Clone, Default)]
pub struct Index {
    cores: HashMap<u32, (IncidentId, Arc<Fingerprint>), FixedState>,
    by_anchor: Postings<u32>,
    by_whole: Postings<u64>,
    by_incident: Postings<u64>,
    next: u32,
}

/// What the index found for a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Whose statement it is.
    pub incident: IncidentId,
    /// Share of the smaller text's 3-grams found in the other.
    pub likeness: f64,
    /// Whether it refutes the statement: shown, adds no heat.
    pub reaction: bool,
}

impl Match {
    /// Whether it is the better find: a copy before a reaction, the likest, the older statement of equals.
    pub(super) fn beats(&self, other: &Self) -> bool {
        match (self.reaction, other.reaction) {
            (false, true) => true,
            (true, false) => false,
            _ => {
                self.likeness > other.likeness
                    || (self.likeness >= other.likeness && self.incident < other.incident)
            }
        }
    }
}

impl Index {
    /// Adds the core of a statement.
    pub fn insert(&mut self, incident: IncidentId, core: Fingerprint) {
        self.insert_shared(incident, Arc::new(core));
    }

    /// Adds all cores of another index, in their order.
    pub(super) fn absorb(&mut self, other: &Self) {
        let mut slots: Vec<u32> = other.cores.keys().copied().collect();
        slots.sort_unstable();
        for (incident, core) in slots.iter().filter_map(|slot| other.cores.get(slot)) {
            self.insert_shared(*incident, Arc::clone(core));
        }
    }

    fn insert_shared(&mut self, incident: IncidentId, core: Arc<Fingerprint>) {
        let slot = self.next;
        self.next = (self.next + 1) & 0x7fff_ffff;
        for anchor in anchors(&core.tokens) {
            self.by_anchor.insert(anchor, slot);
        }
        if core.is_comparable() {
            self.by_whole.insert(core.whole, slot);
        }
        self.by_incident.insert(incident.0, slot);
        self.cores.insert(slot, (incident, core));
    }

    /// Removes all cores of a statement.
    pub fn remove(&mut self, incident: IncidentId) {
        for slot in self.by_incident.get(incident.0).to_vec() {
            self.by_incident.remove(incident.0, slot);
            let Some((_, core)) = self.cores.remove(&slot) else { continue };
            for anchor in anchors(&core.tokens) {
                self.by_anchor.remove(anchor, slot);
            }
            self.by_whole.remove(core.whole, slot);
        }
    }

    /// Whether a statement has a core here.
    pub(super) fn has(&self, incident: IncidentId) -> bool {
        self.by_incident.has(incident.0)
    }

    /// The statement that a text belongs to, if any: the likest core, a copy before a reaction, the older one of equals.
    #[must_use]
    pub fn find(&self, text: &Fingerprint) -> Option<Match> {
        self.find_where(text, |_| true)
    }

    /// The same among the statements that `counts` names.
    pub(super) fn find_where(
        &self,
        text: &Fingerprint,
        counts: impl Fn(IncidentId) -> bool,
    ) -> Option<Match> {
        let mut best: Option<Match> = None;
        self.each(text, counts, |found| {
            if best.as_ref().is_none_or(|best| found.beats(best)) {
                best = Some(found);
            }
        });
        best
    }

    /// All statements among those that `counts` names to which a text could belong, by their numbers.
    pub(super) fn find_all_where(
        &self,
        text: &Fingerprint,
        counts: impl Fn(IncidentId) -> bool,
    ) -> BTreeMap<IncidentId, Match> {
        let mut all: BTreeMap<IncidentId, Match> = BTreeMap::new();
        self.each(text, counts, |found| {
            if all.get(&found.incident).is_none_or(|known| found.beats(known)) {
                all.insert(found.incident, found);
            }
        });
        all
    }

    fn each(&self, text: &Fingerprint, counts: impl Fn(IncidentId) -> bool, mut take: impl FnMut(Match)) {
        if !text.is_comparable() {
            return;
        }
        for slot in self.candidates(&text.tokens, text.whole) {
            let Some((incident, core)) = self.cores.get(&slot) else { continue };
            if !may_be_alike(text.whole, &text.grams, core) || !counts(*incident) {
                continue;
            }
            let compared = decide(text, core);
            if compared.joins() {
                let (likeness, reaction) = (compared.likeness, compared.verdict == Verdict::Reaction);
                take(Match { incident: *incident, likeness, reaction });
            }
        }
    }

    /// Whether it holds no core.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cores.is_empty()
    }

    /// Number of cores.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cores.len()
    }

    /// Bytes that it takes, nearly: cores and the ways to find them.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let cores: usize = self.cores.values().map(|(_, core)| core.size_bytes() + 16).sum();
        let slots = self.cores.capacity() * (size_of::<(u32, (IncidentId, Arc<Fingerprint>))>() + 1);
        cores
            + slots
            + self.by_anchor.size_bytes()
            + self.by_whole.size_bytes()
            + self.by_incident.size_bytes()
    }

    /// Number of different hashes by which cores are found; 0 when all are removed.
    #[must_use]
    pub fn n_ways(&self) -> usize {
        self.by_anchor.len() + self.by_whole.len() + self.by_incident.len()
    }

    /// Whether a folded text belongs to any statement: what [`find`](Self::find) would say, for collect's first
    /// sieve, through which everything goes. Nearly all of it shares no anchor with a statement, and most of the
    /// rest only a turn of phrase, so the costly parts of a fingerprint are taken last.
    #[must_use]
    pub fn holds(&self, folded: &str, masks: &Masks) -> bool {
        if self.is_empty() {
            return false;
        }
        let text = Prepared::of(folded, masks);
        text.is_comparable() && self.may_hold(&text) && self.find(&text.fingerprint()).is_some()
    }

    /// Whether any core is alike enough to be compared with a text.
    pub(super) fn may_hold(&self, text: &Prepared<'_>) -> bool {
        if self.is_empty() {
            return false;
        }
        let whole = text.whole();
        let candidates = self.candidates(&text.tokens, whole);
        if candidates.is_empty() {
            return false;
        }
        let grams = text.grams();
        candidates
            .iter()
            .filter_map(|slot| self.cores.get(slot))
            .any(|(_, core)| may_be_alike(whole, &grams, core))
    }

    /// Slots that share enough anchors or the whole text, those that share most first, the older first of equals.
    fn candidates(&self, tokens: &[u32], whole: u64) -> Vec<u32> {
        // Hardly any anchor of a stranger is known: only those that are need sorting.
        let (mut known, mut n_sought) = (Vec::new(), 0);
        for anchor in sought_as_they_come(tokens) {
            n_sought += 1;
            if self.by_anchor.has(anchor) {
                known.push(anchor);
            }
        }
        known.sort_unstable();
        known.dedup();
        let mut met: Vec<&[u32]> = known.iter().map(|&anchor| self.by_anchor.get(anchor)).collect();
        let equal = self.by_whole.get(whole);
        if met.is_empty() && equal.is_empty() {
            return Vec::new();
        }
        met.sort_by_key(|slots| slots.len());
        // A rare anchor says more than the wording of a form letter.
        let mut seen: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        let mut looked = 0;
        for slots in met {
            for &slot in slots.iter().rev().take(PER_ANCHOR) {
                let (hits, weight) = seen.entry(slot).or_default();
                *hits += 1;
                *weight += RARE / slots.len().max(1);
                looked += 1;
            }
            if looked > PER_TEXT {
                break;
            }
        }
        for &slot in equal.iter().take(PER_ANCHOR) {
            let (hits, weight) = seen.entry(slot).or_default();
            *hits += SHARED_ANCHORS;
            *weight += RARE * tokens.len().max(1);
        }
        let mut found: Vec<(usize, u32)> = seen
            .into_iter()
            .filter(|&(slot, (hits, _))| hits >= SHARED_ANCHORS || self.has_few_anchors(slot, n_sought))
            .map(|(slot, (_, weight))| (weight, slot))
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(COMPARED);
        found.into_iter().map(|(_, slot)| slot).collect()
    }

    fn has_few_anchors(&self, slot: u32, n_sought: usize) -> bool {
        n_sought <= FEW_ANCHORS
            || self.cores.get(&slot).is_some_and(|(_, core)| core.tokens.len() <= FEW_ANCHORS + 5)
    }
}
