//! Grading: the highest tier whose clause holds, strictly greater (SEMANTICS 14 to 17).

use super::heat::Measured;
use crate::model::{Clause, Plan, TierRule};

/// What the numbers alone say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grade {
    pub rank: usize,
    pub clause: Clause,
    pub threshold: Option<u64>,
}

/// Grades measured heat by a plan. A clause over an unknown figure is not known, never false: it simply
/// cannot raise (SEMANTICS 9).
pub(super) fn grade(plan: &Plan, measured: &Measured) -> Grade {
    plan.tiers
        .iter()
        .rev()
        .find_map(|tier| {
            let (clause, threshold) = clause_that_holds(plan, tier, measured)?;
            Some(Grade { rank: tier.rank, clause, threshold })
        })
        .unwrap_or(Grade { rank: 0, clause: Clause::Lowest, threshold: None })
}

fn clause_that_holds(plan: &Plan, tier: &TierRule, measured: &Measured) -> Option<(Clause, Option<u64>)> {
    let (clauses, heat) = (&tier.clauses, &measured.heat);
    let over = |value: Option<u64>, threshold: Option<u64>| {
        threshold.filter(|&threshold| value.is_some_and(|value| value > threshold))
    };
    let sites = u32::try_from(heat.sites.len()).unwrap_or(u32::MAX);
    let may_estimate = tier.rank <= estimate_cap(plan);
    let views = if may_estimate { heat.daily_views } else { measured.observed_views };
    if let Some(threshold) = over(views, clauses.views_over).filter(|_| sites >= plan.min_sites) {
        return Some((Clause::Views, Some(threshold)));
    }
    if let Some(threshold) = over(heat.reposts, clauses.reposts_over) {
        return Some((Clause::Reposts, Some(threshold)));
    }
    if let Some(threshold) = over(heat.comments, clauses.comments_over) {
        return Some((Clause::Comments, Some(threshold)));
    }
    if clauses.sites_at_least.is_some_and(|least| sites >= least) {
        return Some((Clause::Sites, clauses.sites_at_least.map(u64::from)));
    }
    None
}

/// The highest rank that an estimate alone may reach: elevated (SEMANTICS 4).
pub(super) fn estimate_cap(plan: &Plan) -> usize {
    plan.tier_named("elevated").map_or_else(|| plan.lowest_alerting_rank(), |tier| tier.rank)
}
