//! Silences (静默): a person's decision that alerts of a unit, or of one keyword group of it, wait until an end.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A silence. What it holds back is told when it ends, if it still stands; what is graver breaks it at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its number, ascending.
    pub id: u64,
    /// Unit whose alerts wait.
    pub unit: String,
    /// Only incidents all of whose keyword groups have this display name; `None` is every incident.
    pub group: Option<String>,
    /// Alerts up to this rank wait; never the plan's highest.
    pub up_to_rank: usize,
    /// Name of that tier.
    pub up_to: String,
    /// It begins. UTC.
    pub from: Timestamp,
    /// It ends by itself. UTC.
    pub until: Timestamp,
    /// Who decided.
    pub by: String,
    /// Why. Never empty.
    pub comment: String,
}

impl Silence {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
