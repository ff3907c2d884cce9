//! Strikes at the store: which calls fail, before or after the write.

use std::collections::BTreeMap;

use crate::{
    app::simulate::dice::Dice,
    store::{Call, Strike},
};

/// Decides of calls to the store.
pub(super) struct Strikes {
    pub(super) dice: Dice,
    /// In a thousand.
    pub(super) often: u64,
    /// Calls struck, by their kind.
    pub(super) count: BTreeMap<&'static str, u64>,
}

impl Strikes {
    pub(super) fn strike(&mut self, call: Call) -> Strike {
        let strike = match self.dice.below(1_000) {
            one if one * 2 < self.often => Strike::Before,
            one if one < self.often => Strike::After,
            _ => Strike::None,
        };
        if strike != Strike::None {
            let kind = match call {
                Call::Commit => "store commit",
                Call::Restore => "store restore",
                Call::Attempted => "store attempted",
                Call::Write => "store write",
                Call::Read => "store read",
            };
            *self.count.entry(kind).or_default() += 1;
        }
        strike
    }
}
