//! Grading: the highest tier of which a condition holds, strictly greater (SEMANTICS 14 to 17). Of a tier's own
//! conditions one alone is enough; those written together must all hold.

use super::heat::Measured;
use crate::model::{Clause, Clauses, Kind, Plan, TierRule};

/// A condition with its threshold, where it has one.
pub(super) type Condition = (Clause, Option<u64>);

/// What the numbers, and the kind of content, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grade {
    pub rank: usize,
    pub clause: Clause,
    pub threshold: Option<u64>,
    /// What held together with it.
    pub with: Vec<Condition>,
}

impl Grade {
    /// The lowest tier, for this reason.
    pub(super) const fn lowest(clause: Clause) -> Self {
        Self { rank: 0, clause, threshold: None, with: Vec::new() }
    }
}

/// Grades measured heat by a plan. A clause over an unknown figure is not known, never false: it simply
/// cannot raise (SEMANTICS 9).
pub(super) fn grade(plan: &Plan, measured: &Measured, kind: Option<Kind>) -> Grade {
    plan.tiers
        .iter()
        .rev()
        .find_map(|tier| {
            let mut held = conditions_that_hold(plan, tier, measured, kind)?;
            let (clause, threshold) = held.remove(0);
            Some(Grade { rank: tier.rank, clause, threshold, with: held })
        })
        .unwrap_or(Grade::lowest(Clause::Lowest))
}

/// The one that holds alone, or those of the first group that hold together. Never empty.
fn conditions_that_hold(
    plan: &Plan,
    tier: &TierRule,
    measured: &Measured,
    kind: Option<Kind>,
) -> Option<Vec<Condition>> {
    let holds = |condition: &Condition, of: &Clauses| holds(plan, tier, measured, kind, *condition, of);
    let alone = conditions(&tier.clauses).into_iter().find(|one| holds(one, &tier.clauses));
    alone.map(|one| vec![one]).or_else(|| {
        tier.together.iter().find_map(|clauses| {
            let all = conditions(clauses);
            (!all.is_empty() && all.iter().all(|one| holds(one, clauses))).then_some(all)
        })
    })
}

/// What is written, in the order in which reasons name it.
fn conditions(clauses: &Clauses) -> Vec<Condition> {
    let written = [
        (Clause::Views, clauses.views_over),
        (Clause::Reposts, clauses.reposts_over),
        (Clause::Comments, clauses.comments_over),
        (Clause::Growth, clauses.growth_over),
        (Clause::Sites, clauses.sites_at_least.map(u64::from)),
    ];
    let mut found: Vec<Condition> =
        written.into_iter().filter(|(_, threshold)| threshold.is_some()).collect();
    if !clauses.kinds.is_empty() {
        found.push((Clause::Kind, None));
    }
    found
}

fn holds(
    plan: &Plan,
    tier: &TierRule,
    measured: &Measured,
    kind: Option<Kind>,
    (clause, threshold): Condition,
    clauses: &Clauses,
) -> bool {
    let heat = &measured.heat;
    let sites = heat.sites.len();
    let over = |value: Option<u64>| threshold.is_some_and(|least| value.is_some_and(|value| value > least));
    match clause {
        Clause::Views => {
            let may_estimate = tier.rank <= estimate_cap(plan);
            let views = if may_estimate { heat.daily_views } else { measured.observed_views };
            over(views) && u32::try_from(sites).unwrap_or(u32::MAX) >= plan.min_sites
        }
        Clause::Reposts => over(heat.reposts),
        Clause::Comments => over(heat.comments),
        Clause::Growth => over(heat.hourly_views),
        Clause::Sites => threshold.is_some_and(|least| sites as u64 >= least),
        Clause::Kind => kind.is_some_and(|kind| clauses.kinds.contains(&kind)),
        Clause::AtLeast | Clause::Override | Clause::Lowest | Clause::SoundOnly => false,
    }
}

/// Whether a condition of the tier could hold of figures that are at most these: numbers only, and what is no number
/// is taken to hold.
pub(super) fn could_hold(tier: &TierRule, most: impl Fn(Clause) -> Option<u64>) -> bool {
    let could = |(clause, threshold): &Condition| match (most(*clause), threshold) {
        (Some(most), Some(threshold)) => most > *threshold,
        _ => true,
    };
    conditions(&tier.clauses).iter().filter(|one| most(one.0).is_some()).any(could)
        || tier.together.iter().any(|clauses| conditions(clauses).iter().all(could))
}

/// The highest rank that an estimate alone may reach: elevated (SEMANTICS 4).
pub(super) fn estimate_cap(plan: &Plan) -> usize {
    plan.tier_named("elevated").map_or_else(|| plan.lowest_alerting_rank(), |tier| tier.rank)
}
