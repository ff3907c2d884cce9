//! What the store holds and how old it is: the figures that retention, the disk budget and whoever looks at them go by.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What is held, as counted at one instant. Rows are counted, bytes are estimated from a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When it was counted. UTC.
    pub at: Timestamp,
    /// Bytes of the database's file.
    pub bytes: u64,
    /// Bytes of its log.
    pub log_bytes: u64,
    /// Bytes of the file that hold nothing and are used again.
    pub free_bytes: u64,
    /// Whether such bytes are given back to the disk while the daemon runs.
    pub gives_back: bool,
    /// By kind; incidents from the lowest tier up.
    pub holdings: Vec<Holding>,
}

impl Kept {
    /// Bytes that hold something: the file and its log without what is free.
    #[must_use]
    pub const fn used_bytes(&self) -> u64 {
        (self.bytes + self.log_bytes).saturating_sub(self.free_bytes)
    }
}

/// What is held of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Of what.
    pub kind: HeldKind,
    /// How many.
    pub rows: u64,
    /// About how many bytes all of them take, with all that goes with them.
    pub bytes: u64,
    /// Those that retention may take, by their age in whole days.
    pub ages: BTreeMap<u32, u64>,
}

impl Holding {
    /// Rows of at least this age in days that retention may take, and about how many bytes they are.
    #[must_use]
    pub fn older(&self, days: u32) -> (u64, u64) {
        let rows = self.ages.range(days..).map(|(_, rows)| rows).sum();
        (rows, self.bytes_of(rows))
    }

    /// About how many bytes so many of them are.
    #[must_use]
    pub fn bytes_of(&self, rows: u64) -> u64 {
        let bytes = u128::from(self.bytes) * u128::from(rows) / u128::from(self.rows.max(1));
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// What retention tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldKind {
    /// Incidents that the desk works on, with all that hangs on them; they never go.
    Live,
    /// Looks at posts of archived incidents on which no figure rests.
    Looks,
    /// Evidence, but that of what the desk works on.
    Evidence,
    /// Archived incidents that nobody was told of, with all that hangs on them.
    Matched,
    /// Archived incidents that were told, with all that hangs on them.
    Told {
        /// The tier that they are kept as.
        tier: String,
    },
    /// Who did what, and what the machinery noted.
    Audit,
    /// Notices of no incident.
    Notices,
}

/// The whole days from one instant to another; 0 when it lies ahead.
#[must_use]
pub(super) fn age_in_days(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(now.duration_since(at).max(SignedDuration::ZERO).as_hours() / 24).unwrap_or(u32::MAX)
}
