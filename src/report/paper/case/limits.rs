//! Each limit of a case with how it ended.

use serde::Serialize;

use crate::{
    locale::{When, words},
    model::DeadlineKind,
    report::{
        timeliness::{Limit, verdicts},
        words::verdict,
    },
    store::{Case, IncidentView},
    text::clean,
};

/// A limit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LimitFact {
    /// What for.
    pub what: String,
    /// From when it ran.
    pub from: String,
    /// When it was due.
    pub due: String,
    /// When it was met; empty while it is not.
    pub met: String,
    /// How it ended, by how much it was missed and through what.
    pub verdict: String,
    /// Whether it was not met in time.
    pub bad: bool,
    /// Whether it bound a step of a line to confirm.
    pub step: bool,
}

/// By due time; without those that bind no person.
pub(super) fn limits(view: &IncidentView, when: &When) -> Vec<LimitFact> {
    let fact = |limit: &Limit<'_>| LimitFact {
        what: clean(&words::deadline(limit.deadline, when.locale)),
        from: when.stamp(limit.deadline.base_at),
        due: when.stamp(limit.deadline.due_at),
        met: limit.deadline.met_at().map(|at| when.stamp(at)).unwrap_or_default(),
        verdict: verdict(limit, when),
        bad: limit.verdict.is_bad(),
        step: limit.deadline.kind == DeadlineKind::Acknowledge,
    };
    verdicts(&Case::from(view), when.now).iter().map(fact).collect()
}
