//! Traditional to simplified, character by character.
//!
//! Matching needs no context: keyword and text go through the same table, so 乾 and 干 need only meet,
//! not be right. The table keeps lengths, and with them the way back to the original.

use std::{collections::HashMap, sync::LazyLock};

use super::t2s_table::TRADITIONAL_SIMPLIFIED;
use super::variants::variant;

static TABLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    let mut chars = TRADITIONAL_SIMPLIFIED.chars();
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        table.insert(from, to);
    }
    table
});

/// The simplified form of a character by OpenCC's `t2s`; itself when there is none.
#[must_use]
pub fn simplify(c: char) -> char {
    TABLE.get(&c).copied().unwrap_or(c)
}

/// The end of the chain of simplifications and of variants (薴 → 苧 → 苎), so that all its members match each
/// other.
pub(super) fn simplify_fully(c: char) -> char {
    let mut at = c;
    // The longest chain in the table has two steps; four bound a cycle in later data.
    for _ in 0..4 {
        let next = variant(at).unwrap_or_else(|| simplify(at));
        if next == at {
            break;
        }
        at = next;
    }
    at
}
