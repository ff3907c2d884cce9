//! The tier that a naive recomputation gives: every number is looked up anew from all looks known by then, by
//! code that shares nothing with the desk's. It follows each incident from its first look to its archive.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    Clauses, Count, Counters, Hit, IncidentId, IncidentState, Mention, Plan, Post, PostKey, PostRow,
    Precision, Role, SiteKind, TierRule,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A member as far as it is counted.
#[derive(Debug, Clone)]
pub struct Known {
    pub incident: IncidentId,
    site: String,
    kind: SiteKind,
    role: Role,
    of: Option<PostKey>,
    published: Option<Timestamp>,
    first_seen: Timestamp,
    backlog: bool,
    /// Whether a word of a rule stands in it as written.
    named: bool,
    /// When, views, reposts.
    looks: BTreeMap<Timestamp, (Option<Count>, Option<Count>)>,
    comments: Option<u64>,
    first_reposts: Option<u64>,
    closed_reposts: Option<u64>,
}

impl Known {
    /// A post at its first look: its age is decided then.
    fn new(row: &PostRow, post: &Post, first_round: bool, seen_at: Timestamp) -> Self {
        let published = post.published.and_then(|said| {
            let fine = matches!(said.precision, Precision::Second | Precision::Minute);
            let ahead = said.at.duration_since(seen_at) > SignedDuration::from_mins(10);
            (!(fine && ahead)).then_some(said.at.min(seen_at))
        });
        let backlog = match published {
            Some(at) => seen_at.duration_since(at) > DAY,
            None => first_round,
        };
        Self {
            incident: row.incident,
            site: post.key.site.clone(),
            kind: post.site_kind,
            role: row.role,
            of: post.repost_of.as_ref().and_then(|of| of.key.clone()),
            published,
            first_seen: seen_at,
            backlog,
            named: false,
            looks: BTreeMap::new(),
            comments: None,
            first_reposts: None,
            closed_reposts: None,
        }
    }

    /// Its part in the statement changed with its place.
    pub const fn take_role(&mut self, role: Role) {
        self.role = role;
    }

    fn look(&mut self, at: Timestamp, seen: &Counters) {
        self.first_seen = self.first_seen.min(at);
        let known = self.looks.entry(at).or_insert((None, None));
        known.0 = known.0.max(seen.views);
        known.1 = known.1.max(seen.reposts);
        self.comments = self.comments.max(seen.comments.map(|count| count.value));
        self.first_reposts = self.first_reposts.or(seen.reposts.map(|count| count.value));
    }

    /// Greatest views so far after each look, and whether that is a bound.
    fn points(&self) -> Vec<(i64, u64, bool)> {
        let mut points: Vec<(i64, u64, bool)> = Vec::new();
        for (at, (views, _)) in &self.looks {
            let Some(views) = views else { continue };
            let point = match points.last() {
                Some(&(_, top, _)) if views.value < top && views.is_bound() => (top, true),
                Some(&(_, top, bound)) if views.value < top => (top, bound),
                _ => (views.value, views.is_bound()),
            };
            points.push((at.as_second(), point.0, point.1));
        }
        points
    }

    /// V(t) as whole, rest, divisor; and whether it rests on a bound.
    fn views_at(&self, t: Timestamp) -> Option<(u64, u64, u64, bool)> {
        let points = self.points();
        let first = points.first()?.0;
        let t = t.as_second();
        let begins = self.published.map(Timestamp::as_second);
        if t < begins.map_or(first, |begins| begins) {
            return Some((0, 0, 1, false));
        }
        let before = points.iter().rev().find(|point| point.0 <= t).copied();
        let before = before.or(begins.map(|begins| (begins, 0, false)));
        let Some((from, low, bound)) = before else { return Some((0, 0, 1, false)) };
        match points.iter().find(|point| point.0 > t) {
            Some(&(to, high, other)) if high > low && t > from => {
                let span = to.abs_diff(from);
                let product = u128::from(high - low) * u128::from(t.abs_diff(from));
                let whole = u64::try_from(product / u128::from(span)).unwrap_or(u64::MAX);
                let rest = u64::try_from(product % u128::from(span)).unwrap_or(0);
                Some((low + whole, rest, span, bound || other))
            }
            _ => Some((low, 0, 1, bound)),
        }
    }

    fn reposts(&self) -> Option<u64> {
        self.looks.values().filter_map(|look| look.1).map(|count| count.value).max()
    }
}

/// A sum of whole numbers and fractions below one, floored once.
#[derive(Debug, Default)]
struct Sum {
    whole: i128,
    fractions: Vec<(u64, u64)>,
}

impl Sum {
    fn less(&mut self, value: (u64, u64, u64, bool)) {
        self.whole -= i128::from(value.0);
        self.fractions.push((value.1, value.2));
    }

    /// The floor, never below 0. Fractions are subtracted; with few digits' doubt they are added exactly.
    fn floor(&self) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "doubt is looked at below")]
        let rough: f64 = self.fractions.iter().map(|(rest, of)| *rest as f64 / *of as f64).sum();
        let near = (rough - rough.round()).abs() < 1e-6;
        #[expect(clippy::cast_possible_truncation, reason = "a handful of fractions below one")]
        let up =
            if near { self.exact_ceiling().unwrap_or(rough.round() as i128) } else { rough.ceil() as i128 };
        u64::try_from(self.whole - up).unwrap_or(0)
    }

    fn exact_ceiling(&self) -> Option<i128> {
        let (mut n, mut d) = (0_i128, 1_i128);
        for (rest, of) in &self.fractions {
            n = n.checked_mul(i128::from(*of))?.checked_add(i128::from(*rest).checked_mul(d)?)?;
            d = d.checked_mul(i128::from(*of))?;
            let (mut a, mut b) = (n, d);
            while b != 0 {
                (a, b) = (b, a.checked_rem(b)?);
            }
            (n, d) = (n.checked_div(a.max(1))?, d.checked_div(a.max(1))?);
        }
        Some(n.checked_add(d - 1)?.div_euclid(d))
    }
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Counted {
    views: Option<u64>,
    observed: Option<u64>,
    hour: Option<u64>,
    reposts: Option<u64>,
    comments: Option<u64>,
    sites: usize,
}

/// An incident as the naive recomputation follows it.
#[derive(Debug, Clone)]
pub struct Followed {
    pub plan: std::sync::Arc<Plan>,
    pub state: IncidentState,
    pub rank: usize,
    pub closed_at: Option<Timestamp>,
    pub at_least: Option<usize>,
    /// Decided rank, and what the numbers said then.
    pub overridden: Option<(usize, usize)>,
    /// A person has merged or split it: only the desk knows where new posts go.
    pub touched: bool,
}

/// What a look did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Nothing,
    /// Opened, risen or reopened at a tier.
    To(usize),
}

/// All of it.
#[derive(Debug, Default)]
pub struct Naive {
    pub posts: BTreeMap<(String, PostKey), Known>,
    pub incidents: BTreeMap<IncidentId, Followed>,
}

impl Naive {
    /// Takes a look at a post of a unit.
    pub fn look(&mut self, row: &PostRow, mention: &Mention, post: &Post, seen: &Counters) {
        let key = (row.unit.clone(), post.key.clone());
        let at = mention.seen_at;
        let fresh = !self.posts.contains_key(&key);
        let known = self.posts.entry(key).or_insert_with(|| Known::new(row, post, mention.first_round, at));
        (known.incident, known.role) = (row.incident, row.role);
        known.look(at, seen);
        if known.published.is_none() && !fresh && post.published.is_some() {
            let late = Known::new(row, post, false, known.first_seen);
            (known.published, known.backlog) = (late.published, late.backlog);
        }
        // A rule that came later, or the fuller text, may name what was known by its likeness or by sound only.
        let sure = |hit: &&Hit| hit.unit == row.unit && hit.certainty.is_sure();
        let unnamed = !known.named;
        known.named |= mention.hits.iter().filter(sure).any(|hit| says(post, &hit.surface));
        if let Some(case) = self.incidents.get_mut(&row.incident)
            && (fresh || unnamed)
            && row.role != Role::Reaction
        {
            let named = mention
                .hits
                .iter()
                .filter(sure)
                .filter_map(|hit| case.plan.tier_named(hit.at_least.as_deref()?).map(|tier| tier.rank));
            case.at_least = case.at_least.max(named.max());
        }
    }

    fn members(&self, id: IncidentId) -> Vec<(&PostKey, &Known)> {
        let members = self.posts.iter().filter(|(_, post)| post.incident == id);
        members.filter(|(_, post)| post.role != Role::Reaction).map(|((_, key), post)| (key, post)).collect()
    }

    /// Counts everything anew.
    pub fn count(&self, id: IncidentId, now: Timestamp) -> Counted {
        let members = self.members(id);
        let Some(case) = self.incidents.get(&id) else { return Counted::default() };
        let since = |back: SignedDuration| case.closed_at.map_or(now - back, |closed| closed.max(now - back));
        let (day, hour) = (since(DAY), since(SignedDuration::from_hours(1)));
        let (mut views, mut observed, mut gained) = (Sum::default(), Sum::default(), Sum::default());
        let (mut any, mut any_hour) = (false, false);
        for (_, post) in &members {
            let Some(&(_, top, bound)) = post.points().last() else { continue };
            let from = if post.backlog && post.published.is_none() { day.max(post.first_seen) } else { day };
            if let Some(before) = post.views_at(from).filter(|before| !(bound && before.3)) {
                any = true;
                views.whole += i128::from(top);
                observed.whole += i128::from(top);
                views.less(before);
                let estimates = post.backlog && post.published.is_some() && post.first_seen > from;
                let known = post.views_at(post.first_seen).filter(|_| estimates);
                observed.less(known.unwrap_or(before));
            }
            let from = if post.backlog { hour.max(post.first_seen) } else { hour };
            if let Some(before) = post.views_at(from).filter(|before| !(bound && before.3)) {
                any_hour = true;
                gained.whole += i128::from(top);
                gained.less(before);
            }
        }
        let comments = members.iter().filter_map(|(_, post)| post.comments).reduce(|a, b| a + b);
        let sites: BTreeSet<&String> = members.iter().map(|(_, post)| &post.site).collect();
        Counted {
            views: any.then(|| views.floor()),
            observed: any.then(|| observed.floor()),
            hour: any_hour.then(|| gained.floor()),
            reposts: reposts(&members, &case.plan, case.closed_at.is_some()),
            comments: comments.filter(|_| case.closed_at.is_none()),
            sites: sites.len(),
        }
    }

    /// The tier of the numbers.
    pub fn machine(&self, id: IncidentId, counted: &Counted) -> usize {
        let Some(case) = self.incidents.get(&id) else { return 0 };
        let holds = |tier: &&TierRule| {
            any_of(&case.plan, tier, &tier.clauses, counted)
                || tier.together.iter().any(|all| all_of(&case.plan, tier, all, counted))
        };
        case.plan.tiers.iter().filter(holds).map(|tier| tier.rank).max().unwrap_or(0)
    }

    /// Whether a clause holds at all: the lowest tier is there without any.
    fn claims(&self, id: IncidentId, counted: &Counted) -> bool {
        let lowest = self.incidents.get(&id).and_then(|case| Some((case, case.plan.tiers.first()?)));
        self.machine(id, counted) > 0
            || lowest.is_some_and(|(case, tier)| {
                any_of(&case.plan, tier, &tier.clauses, counted)
                    || tier.together.iter().any(|all| all_of(&case.plan, tier, all, counted))
            })
    }

    /// The tier that holds.
    pub fn effective(&self, id: IncidentId, counted: &Counted) -> usize {
        let machine = self.machine(id, counted);
        let Some(case) = self.incidents.get(&id) else { return machine };
        match case.overridden {
            Some((rank, then)) if !(machine > then && machine > rank) => rank,
            _ => case.at_least.map_or(machine, |least| least.max(machine)),
        }
    }

    /// Grades an incident after a look.
    pub fn grade(&mut self, id: IncidentId, now: Timestamp) -> Turn {
        let counted = self.count(id, now);
        let rank = self.effective(id, &counted);
        let hot = self.is_hot(id, &counted);
        // A look that shows nothing new reopens nothing.
        let news = rank > 0 || self.claims(id, &counted) || self.has_post_since_closing(id);
        let Some(case) = self.incidents.get_mut(&id) else { return Turn::Nothing };
        let lowest = case.plan.lowest_alerting_rank();
        let turns = match case.state {
            IncidentState::Dormant => hot,
            IncidentState::Open => rank > case.rank,
            IncidentState::Closed => rank >= lowest && news,
            IncidentState::Merged | IncidentState::Archived => false,
        };
        if !turns {
            return Turn::Nothing;
        }
        (case.state, case.rank) = (IncidentState::Open, rank);
        Turn::To(rank)
    }

    fn is_hot(&self, id: IncidentId, counted: &Counted) -> bool {
        let members = self.members(id);
        if members.iter().any(|(_, post)| !post.backlog) {
            return true;
        }
        let grown = Counted {
            views: counted.observed,
            observed: counted.observed,
            hour: counted.hour,
            reposts: counted.reposts,
            comments: None,
            sites: counted.sites,
        };
        let lowest = self.incidents.get(&id).map_or(usize::MAX, |case| case.plan.lowest_alerting_rank());
        self.claims(id, &grown) && self.machine(id, &grown) >= lowest
    }

    fn has_post_since_closing(&self, id: IncidentId) -> bool {
        let closed = self.incidents.get(&id).and_then(|case| case.closed_at);
        self.members(id).iter().any(|(_, post)| Some(post.first_seen) > closed)
    }

    /// A closing: what is known now counts no more.
    pub fn close(&mut self, id: IncidentId, now: Timestamp) {
        if let Some(case) = self.incidents.get_mut(&id) {
            case.state = IncidentState::Closed;
            (case.closed_at, case.at_least, case.overridden) = (Some(now), None, None);
        }
        for post in self.posts.values_mut().filter(|post| post.incident == id) {
            post.closed_reposts = post.reposts();
        }
    }
}

/// Whether words stand in a post's own text or in what it quotes.
fn says(post: &Post, words: &str) -> bool {
    post.own_text().contains(words) || post.quoted.contains(words)
}

fn over(limit: Option<u64>, value: Option<u64>) -> bool {
    limit.zip(value).is_some_and(|(limit, value)| value > limit)
}

fn view_clause(plan: &Plan, tier: &TierRule, of: &Clauses, counted: &Counted) -> bool {
    let elevated = plan.tiers.iter().find(|tier| tier.id == "elevated" || tier.name == "elevated");
    let cap = elevated.map_or_else(|| plan.lowest_alerting_rank(), |tier| tier.rank);
    let views = if tier.rank <= cap { counted.views } else { counted.observed };
    over(of.views_over, views) && counted.sites >= plan.min_sites as usize
}

fn any_of(plan: &Plan, tier: &TierRule, of: &Clauses, counted: &Counted) -> bool {
    view_clause(plan, tier, of, counted)
        || over(of.reposts_over, counted.reposts)
        || over(of.comments_over, counted.comments)
        || over(of.growth_over, counted.hour)
        || of.sites_at_least.is_some_and(|least| counted.sites >= least as usize)
}

fn all_of(plan: &Plan, tier: &TierRule, of: &Clauses, counted: &Counted) -> bool {
    let numbers = [
        of.views_over.map(|_| view_clause(plan, tier, of, counted)),
        of.reposts_over.map(|_| over(of.reposts_over, counted.reposts)),
        of.comments_over.map(|_| over(of.comments_over, counted.comments)),
        of.growth_over.map(|_| over(of.growth_over, counted.hour)),
        of.sites_at_least.map(|least| counted.sites >= least as usize),
        (!of.kinds.is_empty()).then_some(false),
    ];
    let written: Vec<bool> = numbers.into_iter().flatten().collect();
    !written.is_empty() && written.iter().all(|holds| *holds)
}

/// Reposts of roots: the root's own greatest figure, else the greatest of its reposts; backlog that has not grown
/// adds nothing.
fn reposts(members: &[(&PostKey, &Known)], plan: &Plan, closed: bool) -> Option<u64> {
    let counts = |kind: SiteKind| {
        matches!(kind, SiteKind::Microblog | SiteKind::Blog) || (kind == SiteKind::Video && plan.count_shares)
    };
    let counted: Vec<_> = members.iter().filter(|(_, post)| counts(post.kind)).collect();
    let top = |mut key: PostKey| {
        for _ in 0..64 {
            let post = counted.iter().find(|(known, _)| **known == key);
            match post {
                Some((_, post)) if post.role == Role::Repost => match &post.of {
                    Some(of) => key = of.clone(),
                    None => break,
                },
                _ => break,
            }
        }
        key
    };
    let mut sum = None;
    let roots: BTreeSet<PostKey> = counted.iter().map(|(key, _)| top((*key).clone())).collect();
    for root in roots {
        let under: Vec<_> = counted.iter().filter(|(key, _)| top((*key).clone()) == root).collect();
        let before = under.iter().filter_map(|(_, post)| post.closed_reposts).max().unwrap_or(0);
        let before = if closed { before } else { 0 };
        let still = |post: &Known| post.backlog && post.reposts() <= post.first_reposts;
        let own = under.iter().find(|(_, post)| post.role != Role::Repost);
        let others = || under.iter().filter(|(_, post)| post.role == Role::Repost);
        let figure = own.and_then(|(_, post)| post.reposts());
        let Some(all) = figure.or_else(|| others().filter_map(|(_, post)| post.reposts()).max()) else {
            continue;
        };
        let dormant = own.map_or_else(|| others().all(|(_, post)| still(post)), |(_, post)| still(post));
        let more = if dormant { 0 } else { all.saturating_sub(before) };
        sum = Some(sum.unwrap_or(0) + more);
    }
    sum
}

/// First sight and first publication over members that add heat.
pub fn origin<'a>(
    members: impl Iterator<Item = &'a Known>,
    otherwise: Timestamp,
) -> (Timestamp, Option<Timestamp>) {
    let members: Vec<_> = members.filter(|post| post.role != Role::Reaction).collect();
    let first = members.iter().map(|post| post.first_seen).min().unwrap_or(otherwise);
    (first, members.iter().filter_map(|post| post.published).min())
}
