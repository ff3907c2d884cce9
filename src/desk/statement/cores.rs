//! Cores of live statements as the desk holds them: an [`Index`] that is copied at once. The desk adds to its own
//! while collect reads copies, so what is new, or gone, stands beside the great index until there is enough of it
//! that making that anew is worth while.

use std::{collections::BTreeSet, sync::Arc};

use super::{Fingerprint, Index, Masks, Match};
use crate::model::IncidentId;

/// So many cores beside the great index are never too many.
const FEW: usize = 64;

/// Cores of live statements. A copy costs nothing; a change to what has been copied costs about as much as the
/// square root of their number.
#[derive(Debug, Clone, Default)]
pub struct Cores {
    settled: Arc<Index>,
    /// What came after the last copy.
    fresh: Arc<Index>,
    /// Statements whose cores in `settled` count no more.
    gone: Arc<BTreeSet<IncidentId>>,
}

impl Cores {
    /// Adds the core of a statement.
    pub fn insert(&mut self, incident: IncidentId, core: Fingerprint) {
        match self.unshared() {
            Some(settled) => settled.insert(incident, core),
            None => Arc::make_mut(&mut self.fresh).insert(incident, core),
        }
        self.settle_when_due();
    }

    /// Removes all cores of a statement.
    pub fn remove(&mut self, incident: IncidentId) {
        if let Some(settled) = self.unshared() {
            settled.remove(incident);
            return;
        }
        if self.fresh.has(incident) {
            Arc::make_mut(&mut self.fresh).remove(incident);
        }
        if self.settled.has(incident) && !self.gone.contains(&incident) {
            Arc::make_mut(&mut self.gone).insert(incident);
        }
        self.settle_when_due();
    }

    /// The statement that a text belongs to, if any: as [`Index::find`].
    #[must_use]
    pub fn find(&self, text: &Fingerprint) -> Option<Match> {
        let settled = self.settled.find_where(text, |incident| !self.gone.contains(&incident));
        match (settled, self.fresh.find(text)) {
            (Some(settled), Some(fresh)) if fresh.beats(&settled) => Some(fresh),
            (settled, fresh) => settled.or(fresh),
        }
    }

    /// All statements that a text could belong to, each once, by their numbers: a text that holds the parts of which
    /// several were made.
    #[must_use]
    pub fn find_all(&self, text: &Fingerprint) -> Vec<Match> {
        let mut all = self.settled.find_all_where(text, |incident| !self.gone.contains(&incident));
        for (incident, found) in self.fresh.find_all_where(text, |_| true) {
            if all.get(&incident).is_none_or(|known| found.beats(known)) {
                all.insert(incident, found);
            }
        }
        all.into_values().collect()
    }

    /// The cores of a statement.
    pub fn of(&self, incident: IncidentId) -> impl Iterator<Item = &Fingerprint> {
        let settled = (!self.gone.contains(&incident)).then(|| self.settled.cores_of(incident));
        settled.into_iter().flatten().chain(self.fresh.cores_of(incident)).map(|core| &**core)
    }

    /// Whether a folded text belongs to any statement: as [`Index::holds`].
    #[must_use]
    pub fn holds(&self, folded: &str, masks: &Masks) -> bool {
        let stays = |incident: IncidentId| !self.gone.contains(&incident);
        Index::any_holds([(&self.settled, &stays), (&self.fresh, &|_| true)], folded, masks)
    }

    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.fresh.is_empty()
    }

    /// Bytes that it takes, nearly.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.settled.size_bytes() + self.fresh.size_bytes()
    }

    /// The great index with all that there is, while nobody reads a copy of it.
    fn unshared(&mut self) -> Option<&mut Index> {
        Arc::get_mut(&mut self.settled)?;
        self.settle();
        Arc::get_mut(&mut self.settled)
    }

    fn settle_when_due(&mut self) {
        let beside = self.fresh.len() + self.gone.len();
        // Copying what is fresh after every copy, and the whole once in so many: the least together.
        if beside > FEW.max((2 * self.settled.len()).isqrt()) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if self.fresh.is_empty() && self.gone.is_empty() {
            return;
        }
        let settled = Arc::make_mut(&mut self.settled);
        for &incident in self.gone.iter() {
            settled.remove(incident);
        }
        settled.absorb(&self.fresh);
        (self.fresh, self.gone) = (Arc::default(), Arc::default());
    }
}
