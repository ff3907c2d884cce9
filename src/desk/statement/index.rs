//! The index of live statements: cores by their anchors.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use foldhash::fast::FixedState;

use super::{
    Fingerprint, Masks, Verdict,
    compare::{common_with, decide_with},
    fingerprint::{Prepared, Sought, anchors, share},
    postings::Postings,
    sample::Sample,
    sieve::Sieve,
    tally::Tally,
};
use crate::model::IncidentId;

/// Anchors that a candidate must share.
const SHARED_ANCHORS: u32 = 2;
/// With at most so many anchors on either side one shared is enough: a short text has not two to share after an edit.
const FEW_ANCHORS: usize = 12;
/// The rarest anchors under which a copy of a text would be indexed; by them form letters are told apart.
const RAREST: usize = 8;
/// Statements that are looked at for one of these, the newest.
const PER_RAREST: usize = 512;
/// Statements that are looked at for one other anchor, the newest. What more statements share is the wording of
/// a form letter and tells none of them apart.
const PER_ANCHOR: usize = 32;
/// Statements that are looked at for all anchors of a text, the rarest anchors first.
const PER_TEXT: usize = 1_024;
/// Candidates that are compared, those that share most first.
const COMPARED: usize = 24;
/// Tokens of both sides that are laid side by side for one text: all candidates of a post, and of long letters only
/// the most alike.
const ALIGNED: usize = 12_000;

/// Cores of live statements. A statement can have several after a merge.
#[derive(Debug, Clone, Default)]
pub struct Index {
    cores: HashMap<u32, (IncidentId, Arc<Fingerprint>), FixedState>,
    by_anchor: Postings<u32>,
    /// All of `by_anchor`, and some that are gone.
    sieve: Sieve,
    by_whole: Postings<u64>,
    by_incident: Postings<u64>,
    /// Slots of cores with few anchors.
    short: HashSet<u32, FixedState>,
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
    /// What decides between equally like ones.
    closeness: Closeness,
}

/// Of two statements of which all stands in a text, the longer is what it is about; of two that hold all of a text, the
/// one that begins with it, since what is cut is cut behind: 3-grams that both hold, and tokens that both begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Closeness {
    common: usize,
    beginning: usize,
}

/// A core that is worth a comparison.
pub(super) struct Candidate<'i> {
    incident: IncidentId,
    core: &'i Fingerprint,
    closeness: Closeness,
    likeness: f64,
}

impl Match {
    /// Whether it is the better find: a copy before a reaction, the likest, the closest, the older of equals.
    pub(super) fn beats(&self, other: &Self) -> bool {
        match (self.reaction, other.reaction) {
            (false, true) => true,
            (true, false) => false,
            _ => {
                let order =
                    other.likeness.total_cmp(&self.likeness).then(other.closeness.cmp(&self.closeness));
                order.then(self.incident.cmp(&other.incident)).is_lt()
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
            if self.sieve.is_full() {
                self.sieve = Sieve::of(self.by_anchor.hashes());
            }
            self.sieve.add(anchor);
        }
        if core.is_comparable() {
            self.by_whole.insert(core.whole, slot);
        }
        self.by_incident.insert(incident.0, slot);
        if core.tokens.len() <= FEW_ANCHORS + 5 {
            self.short.insert(slot);
        }
        self.cores.insert(slot, (incident, core));
    }

    /// Removes all cores of a statement.
    pub fn remove(&mut self, incident: IncidentId) {
        for slot in self.by_incident.get(incident.0).to_vec() {
            self.by_incident.remove(incident.0, slot);
            self.short.remove(&slot);
            let Some((_, core)) = self.cores.remove(&slot) else { continue };
            for anchor in anchors(&core.tokens) {
                self.by_anchor.remove(anchor, slot);
            }
            self.by_whole.remove(core.whole, slot);
        }
        if self.cores.is_empty() {
            self.sieve = Sieve::default();
        }
    }

    /// Whether a statement has a core here.
    pub(super) fn has(&self, incident: IncidentId) -> bool {
        self.by_incident.has(incident.0)
    }

    /// The cores of a statement.
    pub(super) fn cores_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Fingerprint>> {
        let slots = self.by_incident.get(incident.0).iter();
        slots.filter_map(|slot| self.cores.get(slot)).map(|(_, core)| core)
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
        // In their order the first copy is the best, so that the others need not be compared.
        let mut reaction = None;
        for found in Self::joined(text, &self.alike_to(text, counts)) {
            if !found.reaction {
                return Some(found);
            }
            reaction.get_or_insert(found);
        }
        reaction
    }

    /// All statements among those that `counts` names to which a text could belong, by their numbers.
    pub(super) fn find_all_where(
        &self,
        text: &Fingerprint,
        counts: impl Fn(IncidentId) -> bool,
    ) -> BTreeMap<IncidentId, Match> {
        let mut all: BTreeMap<IncidentId, Match> = BTreeMap::new();
        for found in Self::joined(text, &self.alike_to(text, counts)) {
            if all.get(&found.incident).is_none_or(|known| found.beats(known)) {
                all.insert(found.incident, found);
            }
        }
        all
    }

    fn alike_to(&self, text: &Fingerprint, counts: impl Fn(IncidentId) -> bool) -> Vec<Candidate<'_>> {
        if !text.is_comparable() {
            return Vec::new();
        }
        let sought = Sought::of(&text.tokens);
        let mut candidates = self.candidates(&sought, text.whole);
        let sample = Sample::of(&text.tokens);
        candidates.retain(|slot| self.may_be_alike(*slot, text.whole, &sample));
        self.alike((text.whole, &text.tokens, &text.grams), candidates, counts)
    }

    /// Whether a sample of a text's 3-grams leaves room for enough of them to stand in a core.
    fn may_be_alike(&self, slot: u32, whole: u64, sample: &Sample) -> bool {
        self.cores.get(&slot).is_some_and(|(_, core)| core.whole == whole || sample.may_share(&core.grams))
    }

    /// Of candidates those that are worth a comparison with a text, of which the hash of the whole, the tokens and the
    /// 3-grams are given: the likest first, the closest first of these, the older first of equals.
    pub(super) fn alike(
        &self,
        (whole, tokens, grams): (u64, &[u32], &[u32]),
        candidates: Vec<u32>,
        counts: impl Fn(IncidentId) -> bool,
    ) -> Vec<Candidate<'_>> {
        if candidates.is_empty() {
            return Vec::new();
        }
        let sieve = Sieve::of(grams.iter().copied());
        let mut found: Vec<Candidate<'_>> = candidates
            .into_iter()
            .filter_map(|slot| {
                let (incident, core) = self.cores.get(&slot).filter(|(incident, _)| counts(*incident))?;
                let common = common_with(whole, grams, &sieve, core)?;
                let smaller = grams.len().min(core.grams.len());
                let likeness = if whole == core.whole { 1.0 } else { share(common, smaller) };
                let beginning = tokens.iter().zip(&core.tokens).take_while(|(x, y)| x == y).count();
                let closeness = Closeness { common, beginning };
                Some(Candidate { incident: *incident, core, closeness, likeness })
            })
            .collect();
        let order = |a: &Candidate<'_>, b: &Candidate<'_>| {
            let likest = b.likeness.total_cmp(&a.likeness).then(b.closeness.cmp(&a.closeness));
            likest.then(a.incident.cmp(&b.incident))
        };
        found.sort_by(order);
        found
    }

    /// The candidates to which a text belongs, in their order, as far as the looking goes.
    pub(super) fn joined<'c>(
        text: &'c Fingerprint,
        candidates: &'c [Candidate<'_>],
    ) -> impl Iterator<Item = Match> + 'c {
        let mut aligned = 0;
        let in_reach = candidates.iter().take_while(move |candidate| {
            let before = aligned;
            aligned += text.tokens.len() + candidate.core.tokens.len();
            before <= ALIGNED
        });
        in_reach.filter_map(|&Candidate { incident, core, closeness, likeness }| {
            let reaction = match decide_with(text, core, closeness.common).verdict {
                Verdict::Same => false,
                Verdict::Reaction => true,
                _ => return None,
            };
            Some(Match { incident, likeness, reaction, closeness })
        })
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
            + self.sieve.size_bytes()
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
        Self::any_holds([(self, &|_| true)], folded, masks)
    }

    /// The same of several indexes, each with those of its incidents that count.
    pub(super) fn any_holds<const N: usize>(
        indexes: [(&Self, &dyn Fn(IncidentId) -> bool); N],
        folded: &str,
        masks: &Masks,
    ) -> bool {
        if indexes.iter().all(|(index, _)| index.is_empty()) {
            return false;
        }
        let text = Prepared::of(folded, masks);
        if !text.is_comparable() {
            return false;
        }
        let whole = text.whole();
        let sought = Sought::of(&text.tokens);
        let mut found = indexes.map(|(index, counts)| (index, counts, index.candidates(&sought, whole)));
        if found.iter().all(|(.., candidates)| candidates.is_empty()) {
            return false;
        }
        let sample = Sample::of(&text.tokens);
        for (index, _, candidates) in &mut found {
            candidates.retain(|slot| index.may_be_alike(*slot, whole, &sample));
        }
        if found.iter().all(|(.., candidates)| candidates.is_empty()) {
            return false;
        }
        let grams = text.grams();
        let alike = found.map(|(index, counts, candidates)| {
            index.alike((whole, &text.tokens, &grams), candidates, counts)
        });
        if alike.iter().all(Vec::is_empty) {
            return false;
        }
        let text = text.fingerprint(grams);
        alike.iter().any(|alike| Self::joined(&text, alike).next().is_some())
    }

    /// Slots that share enough anchors or the whole text, those that share most first, the older first of equals.
    pub(super) fn candidates(&self, sought: &Sought, whole: u64) -> Vec<u32> {
        // Hardly any anchor of a stranger is known: only those that are need sorting.
        let mut known: Vec<u32> = sought.iter().filter(|&anchor| self.sieve.may_have(anchor)).collect();
        let equal = self.by_whole.get(whole);
        if known.is_empty() && equal.is_empty() {
            return Vec::new();
        }
        known.sort_unstable();
        known.dedup();
        let mut met: Vec<(u32, &[u32])> =
            known.iter().map(|&anchor| (anchor, self.by_anchor.get(anchor))).collect();
        met.retain(|(_, slots)| !slots.is_empty());
        // A rare anchor says more than the wording of a form letter.
        met.sort_unstable_by_key(|(_, slots)| slots.len());
        let mut n_deep = 0;
        if met.last().is_some_and(|(_, slots)| slots.len() > PER_ANCHOR) {
            let (mut deep, mut others) = (Vec::with_capacity(met.len()), Vec::with_capacity(met.len()));
            for (anchor, slots) in met {
                let is_deep = deep.len() < RAREST && sought.is_own(anchor);
                if is_deep { deep.push((anchor, slots)) } else { others.push((anchor, slots)) }
            }
            n_deep = deep.len();
            deep.append(&mut others);
            met = deep;
        }
        let most = |nth: usize| if nth < n_deep { PER_RAREST } else { PER_ANCHOR };
        let mut tally = Tally::new();
        let mut looked = 0;
        for (nth, (_, slots)) in met.iter().enumerate() {
            let weight = (self.cores.len() / slots.len().max(1)).max(1).ilog2() + 1;
            slots.iter().rev().take(most(nth)).for_each(|&slot| tally.meet(slot, 1, weight));
            looked += slots.len().min(PER_ANCHOR);
            if looked > PER_TEXT {
                break;
            }
        }
        for &slot in equal.iter().take(PER_ANCHOR) {
            tally.meet(slot, 2, u32::MAX);
        }
        let least = if sought.len() <= FEW_ANCHORS { 1 } else { SHARED_ANCHORS };
        let mut found: Vec<(u32, u32)> = tally
            .all()
            .filter(|met| met.hits >= least || self.short.contains(&met.slot))
            .map(|met| (met.weight, met.slot))
            .collect();
        let order = |a: &(u32, u32), b: &(u32, u32)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > COMPARED {
            found.select_nth_unstable_by(COMPARED, order);
            found.truncate(COMPARED);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|(_, slot)| slot).collect()
    }
}
