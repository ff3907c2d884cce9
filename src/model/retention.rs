//! How long things are kept (SEMANTICS 31).

/// Spans in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Posts that met a rule and never became an incident that was told, since they were last seen.
    pub matched_days: u32,
    /// Incidents, since the last thing that happened to them.
    pub incident_days: u32,
    /// Evidence, since it was received.
    pub evidence_days: u32,
    /// What people did and the machinery told, since it happened.
    pub audit_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { matched_days: 30, incident_days: 1_096, evidence_days: 366, audit_days: 200 }
    }
}
