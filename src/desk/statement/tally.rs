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
    /// At least twice as many as are met, a power of two.
    places: Vec<Met>,
}

impl Tally {
    /// With room for so many different cores.
    pub(super) fn with_room(most: usize) -> Self {
        let n_places = (most * 2).next_power_of_two().max(2);
        Self { places: vec![Met { slot: NOBODY, hits: 0, weight: 0 }; n_places] }
    }

    /// Notes that a core was met; what finds no room is left out.
    pub(super) fn meet(&mut self, slot: u32, hits: u32, weight: u32) {
        let spread = u64::from(slot).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let Ok(spread) = usize::try_from(spread) else { return };
        let last = self.places.len() - 1;
        for step in 0..=last {
            let Some(met) = self.places.get_mut((spread + step) & last) else { return };
            if met.slot == NOBODY {
                met.slot = slot;
            }
            if met.slot == slot {
                met.hits += hits;
                met.weight = met.weight.saturating_add(weight);
                return;
            }
        }
    }

    /// All of them, in no order.
    pub(super) fn all(self) -> impl Iterator<Item = Met> {
        self.places.into_iter().filter(|met| met.slot != NOBODY)
    }
}
