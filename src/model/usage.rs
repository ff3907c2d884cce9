//! How often the rules of keyword lists hit, as it is counted, kept and shown.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Hit;

/// What makes a rule the same rule over edits of its file: not its line, which every insertion moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleId {
    /// Name of the unit.
    pub unit: String,
    /// The file as the office named it.
    pub file: String,
    /// Display name of the group; a topic's groups bear its name.
    pub group: String,
    /// The rule as written.
    pub rule: String,
}

impl RuleId {
    /// The rule of a hit.
    #[must_use]
    pub fn of(hit: &Hit) -> Self {
        let Hit { unit, file, group, rule, .. } = hit.clone();
        Self { unit, file, group, rule }
    }
}

/// A rule that stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLine {
    /// Which.
    pub rule: RuleId,
    /// Its line in the file, from 1.
    pub line: u32,
}

/// Hits of a rule within one hour of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHits {
    /// Which rule.
    pub rule: RuleId,
    /// The day in the office's zone.
    pub day: Date,
    /// Start of the hour. UTC.
    pub hour: Timestamp,
    /// Posts that met it.
    pub hits: u64,
    /// The last of them. UTC.
    pub last_at: Timestamp,
}

/// Posts on which a unit's rules were tried within a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Name of the unit; empty for all units.
    pub unit: String,
    /// The day in the office's zone.
    pub day: Date,
    /// How many.
    pub posts: u64,
}

/// What was counted since the last batch; it is added to what is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageBatch {
    /// Hits.
    pub hits: Vec<RuleHits>,
    /// Posts looked at.
    pub looked: Vec<Looked>,
}

impl UsageBatch {
    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty() && self.looked.is_empty()
    }
}

/// What is kept of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleUse {
    /// Which.
    pub rule: RuleId,
    /// Its line when its file was last read.
    pub line: u32,
    /// When it was first read. UTC.
    pub first_at: Timestamp,
    /// Its last hit ever. UTC.
    pub last_hit_at: Option<Timestamp>,
    /// Hits of the last 24 hours, counted by whole hours.
    pub last_24h: u64,
    /// Hits by day, ascending; days without any are left out.
    pub days: Vec<(Date, u64)>,
}

/// What is kept of all rules, within the days that were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// By unit, file, line.
    pub rules: Vec<RuleUse>,
    /// Posts looked at, by unit and day.
    pub looked: Vec<Looked>,
}
