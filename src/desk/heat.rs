//! The heat of a statement at an instant (SEMANTICS 2, 4 to 9): daily views over all its posts and the
//! reposts of its roots, with what is estimated, bounded or unknown kept apart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    case::Member,
    exact::Difference,
    series::{Reading, Series},
};
use crate::model::{Count, Exactness, Heat, Plan, Role, SiteKind};

/// The window of "views in a day".
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What was measured: the heat as shown, and the part of the views that was really observed.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    pub heat: Heat,
    /// Daily views without the straight-line share of backlog.
    pub observed_views: Option<u64>,
}

/// Measures members at `now`; `since` shortens the window after a closing (SEMANTICS 18).
pub(super) fn measure<'a>(
    members: impl Iterator<Item = &'a Member> + Clone,
    plan: &Plan,
    now: Timestamp,
    since: Option<Timestamp>,
) -> Measured {
    let mut measured = Measured::default();
    let window = now.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
    let window = since.map_or(window, |since| since.max(window));
    measure_views(members.clone(), window, &mut measured);
    measure_reposts(members.clone(), plan, since, &mut measured.heat);
    let heat = &mut measured.heat;
    let mut sites = BTreeSet::new();
    for member in members {
        heat.posts += 1;
        sites.insert(member.row.post.key.site.clone());
        if since.is_none() {
            heat.comments = match (heat.comments, member.row.comments) {
                (Some(sum), Some(more)) => Some(sum.saturating_add(more.value)),
                (sum, more) => sum.or(more.map(|count| count.value)),
            };
        }
    }
    heat.sites = sites.into_iter().collect();
    measured
}

fn measure_views<'a>(members: impl Iterator<Item = &'a Member>, window: Timestamp, measured: &mut Measured) {
    let (mut total, mut observed, mut estimated) =
        (Difference::default(), Difference::default(), Difference::default());
    let mut known = false;
    let heat = &mut measured.heat;
    for member in members {
        let Some(latest) = member.views.latest() else {
            heat.views_unknown += 1;
            continue;
        };
        let first_seen = member.row.first_seen_at;
        let aged = member.row.published_at.is_some();
        let from = if member.row.backlog && !aged { window.max(first_seen) } else { window };
        let before = reading(&member.views, from);
        if latest.exactness == Exactness::AtLeast && before.exactness == Exactness::AtLeast {
            // The difference of two lower bounds is unknown, never zero (SEMANTICS 6).
            heat.views_unknown += 1;
            heat.views_bound = heat.views_bound.max(Some(latest.value.whole));
            continue;
        }
        known = true;
        heat.views_exactness = heat.views_exactness.max(Some(latest.exactness.max(before.exactness)));
        total.add(latest.value);
        total.subtract(before.value);
        observed.add(latest.value);
        if member.row.backlog && aged && first_seen > from {
            let seen = reading(&member.views, first_seen);
            observed.subtract(seen.value);
            estimated.add(seen.value);
            estimated.subtract(before.value);
        } else {
            observed.subtract(before.value);
        }
    }
    if known {
        heat.daily_views = Some(total.floor());
        heat.estimated_views = estimated.floor();
        measured.observed_views = Some(observed.floor());
    }
}

fn reading(series: &Series, at: Timestamp) -> Reading {
    series.at(at).unwrap_or(Reading { value: super::exact::Exact::whole(0), exactness: Exactness::Exact })
}

/// One original as far as its reposts are concerned.
#[derive(Default)]
struct Root {
    own: Option<Count>,
    from_reposts: Option<u64>,
    before: u64,
    dormant: bool,
}

fn measure_reposts<'a>(
    members: impl Iterator<Item = &'a Member>,
    plan: &Plan,
    since: Option<Timestamp>,
    heat: &mut Heat,
) {
    let mut roots: BTreeMap<String, Root> = BTreeMap::new();
    for member in members.filter(|member| counts(member.row.post.site_kind, plan)) {
        let row = &member.row;
        let root = roots.entry(root_name(member)).or_default();
        let top = member.reposts.top();
        let before = row.closed_reposts.filter(|_| since.is_some()).unwrap_or(0);
        if row.role == Role::Repost {
            root.from_reposts = root.from_reposts.max(top.map(|count| count.value));
            root.before = root.before.max(before);
        } else {
            root.own = top;
            root.before = root.before.max(before);
            root.dormant =
                row.backlog && top.map(|count| count.value) <= row.first_reposts.map(|count| count.value);
        }
    }
    let mut sum = None;
    for root in roots.values() {
        let Some(all) = root.own.map(|count| count.value).or(root.from_reposts) else {
            heat.reposts_unknown += 1;
            continue;
        };
        if root.dormant {
            heat.reposts_backlog = heat.reposts_backlog.saturating_add(all);
            sum = sum.or(Some(0));
            continue;
        }
        heat.reposts_at_least |= root.own.is_none_or(Count::is_bound);
        sum = Some(sum.unwrap_or(0_u64).saturating_add(all.saturating_sub(root.before)));
    }
    heat.reposts = sum;
}

fn counts(kind: SiteKind, plan: &Plan) -> bool {
    kind.counts_reposts() || (kind == SiteKind::Video && plan.count_shares)
}

/// Under what name a member's reposts are counted: its own, or its original's.
fn root_name(member: &Member) -> String {
    let row = &member.row;
    match (row.role, &row.post.repost_of) {
        (Role::Repost, Some(of)) => match (&of.key, &of.url) {
            (Some(key), _) => key.to_string(),
            (None, Some(url)) => url.clone(),
            (None, None) => row.post.key.to_string(),
        },
        _ => row.post.key.to_string(),
    }
}
