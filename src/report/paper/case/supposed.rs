//! What the plan would have done with other thresholds: when the figures that were seen would have raised the tier, had its
//! thresholds been half of what they are, or twice as much.

use serde::Serialize;

use crate::{
    locale::{When, grouped},
    report::chart::Figure,
    store::IncidentView,
    text::clean,
};

/// A threshold as it might have been.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Supposed {
    /// The tier.
    pub tier: String,
    /// What is counted.
    pub what: String,
    /// The threshold as the plan has it…
    pub limit: String,
    /// …and when it was passed; empty when it was not.
    pub at: String,
    /// When half of it was passed.
    pub half: String,
    /// When twice as much was passed.
    pub twice: String,
}

/// For each threshold on views and reposts, from the lowest tier up.
pub(super) fn supposed(view: &IncidentView, when: &When) -> Vec<Supposed> {
    let mut rows = Vec::new();
    for tier in &view.incident.plan.tiers {
        for figure in [Figure::Views, Figure::Reposts] {
            let Some(limit) = figure.threshold(&tier.clauses) else { continue };
            let at = |limit| figure.first_over(view, limit).map(|at| when.stamp(at)).unwrap_or_default();
            rows.push(Supposed {
                tier: clean(&tier.name),
                what: figure.title(when).to_owned(),
                limit: grouped(limit),
                at: at(limit),
                half: at(limit / 2),
                twice: at(limit.saturating_mul(2)),
            });
        }
    }
    rows
}
