//! The heat of a statement at an instant (SEMANTICS 2, 4 to 9): daily views over all its posts and the
//! reposts of its roots, with what is estimated, bounded or unknown kept apart.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::{
    case::Member,
    exact::Difference,
    series::{Reading, Series},
};
use crate::model::{Count, Exactness, Heat, Plan, PostKey, Role, SiteKind};

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
    if plan.asks_for_growth() {
        measured.heat.hourly_views = gained(members.clone(), now, since);
    }
    measure_reposts(members.clone(), plan, since, &mut measured.heat);
    let heat = &mut measured.heat;
    let mut sites = BTreeSet::new();
    for member in members {
        heat.posts += 1;
        sites.insert(member.site());
        if since.is_none() {
            heat.comments = match (heat.comments, member.row.comments) {
                (Some(sum), Some(more)) => Some(sum.saturating_add(more.value)),
                (sum, more) => sum.or(more.map(|count| count.value)),
            };
        }
    }
    heat.sites = sites.into_iter().map(str::to_owned).collect();
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

/// Views gained in the last hour over all members of which that is known: only what was observed counts.
fn gained<'a>(
    members: impl Iterator<Item = &'a Member>,
    now: Timestamp,
    since: Option<Timestamp>,
) -> Option<u64> {
    let hour = now.saturating_sub(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MIN);
    let hour = since.map_or(hour, |since| since.max(hour));
    let mut sum = Difference::default();
    let mut known = false;
    for member in members {
        let Some(latest) = member.views.latest() else { continue };
        let from = if member.row.backlog { hour.max(member.row.first_seen_at) } else { hour };
        let before = reading(&member.views, from);
        if latest.exactness == Exactness::AtLeast && before.exactness == Exactness::AtLeast {
            continue;
        }
        known = true;
        sum.add(latest.value);
        sum.subtract(before.value);
    }
    known.then(|| sum.floor())
}

fn reading(series: &Series, at: Timestamp) -> Reading {
    series.at(at).unwrap_or(Reading { value: super::exact::Exact::whole(0), exactness: Exactness::Exact })
}

/// One original as far as its reposts are concerned.
#[derive(Default)]
struct Root {
    /// Its own figure, when it was seen; `Some(None)` when it was seen without one.
    own: Option<Option<Count>>,
    from_reposts: Option<u64>,
    before: u64,
    /// Whether the figure that counts is that of backlog and has not grown since first sight.
    dormant: bool,
    reposts_dormant: bool,
}

fn measure_reposts<'a>(
    members: impl Iterator<Item = &'a Member> + Clone,
    plan: &Plan,
    since: Option<Timestamp>,
    heat: &mut Heat,
) {
    let counted = members.filter(|member| counts(member.row.post.site_kind, plan));
    let originals = Originals::of(counted.clone());
    let mut roots: HashMap<RootName<'_>, Root> = HashMap::new();
    for member in counted {
        let row = &member.row;
        let fresh = Root { reposts_dormant: true, ..Root::default() };
        let root = roots.entry(originals.top(member)).or_insert(fresh);
        let top = member.reposts.top();
        let before = row.closed_reposts.filter(|_| since.is_some()).unwrap_or(0);
        let dormant =
            row.backlog && top.map(|count| count.value) <= row.first_reposts.map(|count| count.value);
        root.before = root.before.max(before);
        if row.role == Role::Repost {
            root.from_reposts = root.from_reposts.max(top.map(|count| count.value));
            root.reposts_dormant &= dormant;
        } else {
            root.own = Some(top);
            root.dormant = dormant;
        }
    }
    let mut sum = None;
    for root in roots.values() {
        let own = root.own.flatten();
        let Some(all) = own.map(|count| count.value).or(root.from_reposts) else {
            heat.reposts_unknown += 1;
            continue;
        };
        if if root.own.is_some() { root.dormant } else { root.reposts_dormant } {
            heat.reposts_backlog = heat.reposts_backlog.saturating_add(all);
            sum = sum.or(Some(0));
            continue;
        }
        heat.reposts_at_least |= own.is_none_or(Count::is_bound);
        sum = Some(sum.unwrap_or(0_u64).saturating_add(all.saturating_sub(root.before)));
    }
    heat.reposts = sum;
}

pub(super) fn counts(kind: SiteKind, plan: &Plan) -> bool {
    kind.counts_reposts() || (kind == SiteKind::Video && plan.count_shares)
}

/// Most reposts of reposts that are followed up.
const CHAIN: usize = 64;

/// Under what name the reposts of an original are counted.
#[derive(Clone, PartialEq, Eq, Hash)]
enum RootName<'a> {
    Post(&'a PostKey),
    /// An original never seen and known by its link only.
    Link(&'a str),
}

/// The ways from a repost to its original: by identity, or by link.
struct Originals<'a> {
    members: HashMap<&'a PostKey, &'a Member>,
    by_link: HashMap<&'a str, &'a PostKey>,
}

impl<'a> Originals<'a> {
    fn of(members: impl Iterator<Item = &'a Member> + Clone) -> Self {
        let (mut known, mut by_link) = (HashMap::new(), HashMap::new());
        // Links are needed only where something is reposted by its link.
        let by_links = members.clone().any(|member| member.original_link.is_some());
        for member in members.clone() {
            known.insert(&member.row.post.key, member);
        }
        for member in members.filter(|_| by_links) {
            let row = &member.row;
            if let Some(link) = member.link() {
                by_link.insert(link, &row.post.key);
            }
            let named = row.post.repost_of.as_ref().and_then(|of| of.key.as_ref());
            if let (Some(link), Some(key)) = (&member.original_link, named) {
                by_link.entry(&**link).or_insert(key);
            }
        }
        Self { members: known, by_link }
    }

    /// The top of the chain of reposts that a member stands in (SEMANTICS 8).
    fn top(&self, member: &'a Member) -> RootName<'a> {
        let mut at = member;
        for _ in 0..CHAIN {
            if at.row.role != Role::Repost {
                break;
            }
            let parent = match self.parent(at) {
                Some(RootName::Post(key)) => key,
                Some(link) => return link,
                None => break,
            };
            match self.members.get(parent) {
                Some(next) => at = next,
                None => return RootName::Post(parent),
            }
        }
        RootName::Post(&at.row.post.key)
    }

    fn parent(&self, member: &'a Member) -> Option<RootName<'a>> {
        let of = member.row.post.repost_of.as_ref()?;
        let linked = || {
            let link = member.original_link.as_deref()?;
            Some(self.by_link.get(link).map_or(RootName::Link(link), |key| RootName::Post(key)))
        };
        match &of.key {
            Some(key) if self.members.contains_key(key) => Some(RootName::Post(key)),
            Some(key) => match linked() {
                // The same original under another identity: a member has its link.
                Some(RootName::Post(other)) if self.members.contains_key(other) => {
                    Some(RootName::Post(other))
                }
                _ => Some(RootName::Post(key)),
            },
            None => linked(),
        }
    }
}
