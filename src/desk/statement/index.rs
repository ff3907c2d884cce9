//! The index of live statements: cores by their anchors.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    Fingerprint, Masks, Verdict, compare,
    fingerprint::{Prepared, Sketch, is_contained, shared},
};
use crate::model::IncidentId;

/// Anchors that a candidate must share.
const SHARED_ANCHORS: usize = 2;

/// Statements that are looked at for one anchor, the newest. What more statements share is the wording of
/// a form letter and tells none of them apart.
const PER_ANCHOR: usize = 100;

/// Cores of live statements. A statement can have several after a merge.
#[derive(Debug, Clone, Default)]
pub struct Index {
    cores: HashMap<u64, (IncidentId, Arc<Fingerprint>)>,
    by_anchor: HashMap<u64, Vec<u64>>,
    by_whole: HashMap<u64, Vec<u64>>,
    next: u64,
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

impl Index {
    /// Adds the core of a statement.
    pub fn insert(&mut self, incident: IncidentId, core: Fingerprint) {
        let slot = self.next;
        self.next += 1;
        for &anchor in &core.anchors {
            self.by_anchor.entry(anchor).or_default().push(slot);
        }
        if core.is_comparable() {
            self.by_whole.entry(core.whole).or_default().push(slot);
        }
        self.cores.insert(slot, (incident, Arc::new(core)));
    }

    /// Removes all cores of a statement.
    pub fn remove(&mut self, incident: IncidentId) {
        let gone: Vec<u64> =
            self.cores.iter().filter(|(_, core)| core.0 == incident).map(|(&slot, _)| slot).collect();
        for slot in gone {
            let Some((_, core)) = self.cores.remove(&slot) else { continue };
            for anchor in &core.anchors {
                if let Some(slots) = self.by_anchor.get_mut(anchor) {
                    slots.retain(|&other| other != slot);
                }
            }
            if let Some(slots) = self.by_whole.get_mut(&core.whole) {
                slots.retain(|&other| other != slot);
            }
        }
    }

    /// The statement that a text belongs to, if any: the likest core, the older one of equals.
    #[must_use]
    pub fn find(&self, text: &Fingerprint) -> Option<Match> {
        if !text.is_comparable() {
            return None;
        }
        let mut best: Option<Match> = None;
        for slot in self.candidates(&text.sketch()) {
            let Some((incident, core)) = self.cores.get(&slot) else { continue };
            if text.whole != core.whole && !is_contained(&text.grams, &core.grams) {
                continue;
            }
            let compared = compare(text, core);
            if !compared.joins() {
                continue;
            }
            let (likeness, reaction) = (compared.likeness, compared.verdict == Verdict::Reaction);
            let better = best.as_ref().is_none_or(|found| {
                likeness > found.likeness || (likeness >= found.likeness && *incident < found.incident)
            });
            if better {
                best = Some(Match { incident: *incident, likeness, reaction });
            }
        }
        best
    }

    /// Whether it holds no core.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cores.is_empty()
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
        let sketch = text.sketch();
        if !sketch.is_comparable() {
            return false;
        }
        let candidates = self.candidates(&sketch);
        if candidates.is_empty() {
            return false;
        }
        let grams = text.grams();
        let is_alike = |core: &Fingerprint| core.whole == sketch.whole || is_contained(&grams, &core.grams);
        let is_likely =
            candidates.iter().filter_map(|slot| self.cores.get(slot)).any(|(_, core)| is_alike(core));
        is_likely && self.find(&text.fingerprint()).is_some()
    }

    /// Slots that share enough anchors or the whole text, ascending.
    fn candidates(&self, text: &Sketch) -> Vec<u64> {
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        for anchor in &text.anchors {
            let slots = self.by_anchor.get(anchor).map_or(&[][..], Vec::as_slice);
            for &slot in slots.iter().rev().take(PER_ANCHOR) {
                *seen.entry(slot).or_default() += 1;
            }
        }
        for &slot in self.by_whole.get(&text.whole).into_iter().flatten() {
            *seen.entry(slot).or_default() += SHARED_ANCHORS;
        }
        seen.into_iter()
            .filter(|&(slot, hits)| hits >= SHARED_ANCHORS || self.short_text_shares(slot, text))
            .map(|(slot, _)| slot)
            .collect()
    }

    /// A text or core of few 6-grams cannot share two of them by chance or otherwise; one is enough then.
    fn short_text_shares(&self, slot: u64, text: &Sketch) -> bool {
        self.cores.get(&slot).is_some_and(|(_, core)| {
            text.anchors.len().min(core.anchors.len()) < 4 && shared(&text.anchors, &core.anchors) > 0
        })
    }
}
