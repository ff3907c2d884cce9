//! How long things are kept (SEMANTICS 31).

use std::collections::BTreeMap;

use super::Incident;

/// Spans in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Posts that met a rule and never became an incident that was told, since they were last seen.
    pub matched_days: u32,
    /// Incidents that somebody was told of, since the last thing that happened to them.
    pub incident_days: u32,
    /// The same for incidents of some tiers, by the tier's name.
    pub tiers: BTreeMap<String, u32>,
    /// Evidence, since it was received.
    pub evidence_days: u32,
    /// What people did and the machinery told, since it happened.
    pub audit_days: u32,
    /// Every single look at the posts of an archived incident, since the last thing that happened to it; of what is
    /// older only the looks stay on which a figure rests (`desk::thin`).
    pub observation_days: u32,
    /// Bytes that the database should not outgrow; `None`: no bound.
    pub disk_budget: Option<u64>,
}

impl Retention {
    /// Incidents that somebody was told of, the audit and what was told are kept so long at least.
    pub const LEAST_TOLD: u32 = 183;
    /// Evidence is kept so long at least.
    pub const LEAST_EVIDENCE: u32 = 30;
    /// Every single look is kept so long at least.
    pub const LEAST_OBSERVATION: u32 = 30;
    /// The longest span that can be asked for: twenty years.
    pub const MOST: u32 = 7_320;

    /// Days for which an archived incident is kept, by the tier that it is kept as ([`Incident::kept_as`]).
    #[must_use]
    pub fn days_of(&self, tier: Option<&str>) -> u32 {
        match tier {
            None => self.matched_days,
            Some(tier) => self.tiers.get(tier).copied().unwrap_or(self.incident_days),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            matched_days: 30,
            incident_days: 1_096,
            tiers: BTreeMap::new(),
            evidence_days: 366,
            audit_days: 200,
            observation_days: 92,
            disk_budget: None,
        }
    }
}

impl Incident {
    /// Name of the gravest tier that was told and not taken back by a correction, by which it is kept; `None` when
    /// nobody was told of it. What flared up again and was not told since is kept as the tier that it has.
    #[must_use]
    pub fn kept_as(&self) -> Option<&str> {
        if self.told_rank.is_none() && self.epoch == 0 {
            return None;
        }
        Some(&self.plan.tier(self.told_rank.unwrap_or(self.rank)).name)
    }
}
