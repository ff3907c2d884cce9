//! Counts how often each core is met, in one small table.

/// No slot of a core.
const NOBODY: u32 = u32::MAX;

/// How often a core was met, and how much that weighs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    pub(super) slot: u32,
    pub(super) hits: u32,
    pub(super) weight: u32,
}

/// Cores that were met.
pub(super) struct Tally {
    /// At least twice as many as were met, a power of two.
    places: Vec<Met>,
    n_met: usize,
}

/// Places of a table in which nothing was met. Most texts meet the same few cores over and over.
const SMALLEST: usize = 256;
const EMPTY: Met = Met { slot: NOBODY, hits: 0, weight: 0 };

impl Tally {
    pub(super) fn new() -> Self {
        Self { places: vec![EMPTY; SMALLEST], n_met: 0 }
    }

    /// Notes that a core was met.
    pub(super) fn meet(&mut self, slot: u32, hits: u32, weight: u32) {
        let Some(met) = self.place_of(slot) else { return };
        met.hits += hits;
        met.weight = met.weight.saturating_add(weight);
        if met.slot == NOBODY {
            met.slot = slot;
            self.n_met += 1;
            if self.n_met * 2 > self.places.len() {
                self.grow();
            }
        }
    }

    /// Where a core is counted, or would be.
    fn place_of(&mut self, slot: u32) -> Option<&mut Met> {
        let spread = u64::from(slot).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let last = self.places.len() - 1;
        let mut at = usize::try_from(spread).ok()? & last;
        while self.places.get(at).is_some_and(|met| met.slot != slot && met.slot != NOBODY) {
            at = (at + 1) & last;
        }
        self.places.get_mut(at)
    }

    fn grow(&mut self) {
        let wider = vec![EMPTY; self.places.len() * 2];
        for met in std::mem::replace(&mut self.places, wider).into_iter().filter(|met| met.slot != NOBODY) {
            if let Some(place) = self.place_of(met.slot) {
                *place = met;
            }
        }
    }

    /// All of them, in no order.
    pub(super) fn all(self) -> impl Iterator<Item = Met> {
        self.places.into_iter().filter(|met| met.slot != NOBODY)
    }
}
