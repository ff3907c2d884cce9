//! When the next threshold will be crossed, from the growth so far.
//!
//! Two answers, both deterministic and in integers. The *forecast* is what people read ("预计 40 分钟内达到
//! 重大"): it stands only on three looks or more, only when the growth, damped below what was seen last,
//! still reaches the tier within six hours. The *soonest* is what plans the next look: growth that gathers
//! half as much speed again must not cross a threshold unseen. Neither decides a tier.
//!
//! The rate of a post is taken over its last looks (two of them and ten minutes at least) and compared with
//! as long a span before: their ratio is the trend, by which the rate is carried on, falling all the way but
//! rising for one span only. What leaves the window of 24 h is known exactly and taken off.

use jiff::{SignedDuration, Timestamp};

use super::{
    case::Case,
    heat::{DAY, Measured, counts},
    series::Series,
    tier::estimate_cap,
};
use crate::model::{Clause, Forecast, IncidentState, Role, TierRule};

/// No forecast reaches further.
const HORIZON: SignedDuration = SignedDuration::from_hours(6);
/// A forecast that stands is given up only when it moves beyond this.
const PATIENCE: SignedDuration = SignedDuration::from_hours(9);
/// No look is planned by what is further away.
const FAR: SignedDuration = SignedDuration::from_hours(48);
/// Rates are taken over this at least: two looks in a minute say nothing.
const SHORTEST_SPAN: i64 = 2_400;
/// Where nothing grew in it, over these.
const LONGER_SPANS: [SignedDuration; 2] = [SignedDuration::from_hours(3), SignedDuration::from_hours(10)];
/// Looks that a forecast must rest on; a known publication counts as one.
const LEAST_POINTS: usize = 3;
/// Step of the sum over the future, in seconds.
const STEP: i64 = 120;
/// Rates are kept in millionths per second, ratios in thousandths.
const MILLIONTHS: u128 = 1_000_000;
const THOUSAND: u128 = 1_000;
/// What a forecast takes off the rate for each hour, in thousandths.
const DAMPED_AN_HOUR: u128 = 300;

/// What the growth says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub forecasts: Vec<Forecast>,
    pub soonest: Option<Timestamp>,
}

/// Looks ahead from a fresh measuring of the case; `open_at` is the rank at which it is open, if it is.
pub(super) fn look_ahead(
    case: &Case,
    open_at: Option<usize>,
    measured: &Measured,
    now: Timestamp,
) -> Expected {
    let mut expected = Expected::default();
    if case.row.state == IncidentState::Merged {
        return expected;
    }
    let plan = &case.row.plan;
    let heat = &measured.heat;
    let above = || plan.tiers.iter().filter(|tier| open_at.is_none_or(|rank| tier.rank > rank));
    let case = (case, open_at.is_some());
    let members = || case.0.members.values().filter(|member| member.adds_heat());
    let enough_sites = u32::try_from(heat.sites.len()).unwrap_or(u32::MAX) >= plan.min_sites;
    if enough_sites && above().any(|tier| tier.clauses.views_over.is_some()) {
        let growth = Growth::of(members().map(|member| &member.views), now);
        let window = Window::of(members().map(|member| &member.views), case.0.row.closed_at, now);
        for tier in above() {
            let figure =
                if tier.rank <= estimate_cap(plan) { heat.daily_views } else { measured.observed_views };
            if let (Some(threshold), Some(figure)) = (tier.clauses.views_over, figure) {
                let aim = Aim { tier, clause: Clause::Views, figure, threshold };
                expected.take(case, &growth, &window, &aim, now);
            }
        }
    }
    if above().any(|tier| tier.clauses.reposts_over.is_some()) {
        let roots = members().filter(|m| m.row.role == Role::Root && counts(m.row.post.site_kind, plan));
        let growth = Growth::of(roots.map(|member| &member.reposts), now);
        for tier in above() {
            if let (Some(threshold), Some(figure)) = (tier.clauses.reposts_over, heat.reposts) {
                let aim = Aim { tier, clause: Clause::Reposts, figure, threshold };
                expected.take(case, &growth, &Window::default(), &aim, now);
            }
        }
    }
    expected
}

/// A threshold and how far away it is.
struct Aim<'a> {
    tier: &'a TierRule,
    clause: Clause,
    figure: u64,
    threshold: u64,
}

impl Expected {
    fn take(
        &mut self,
        (case, open): (&Case, bool),
        growth: &Growth,
        window: &Window,
        aim: &Aim<'_>,
        now: Timestamp,
    ) {
        if aim.figure > aim.threshold {
            return;
        }
        let missing = u128::from(aim.threshold - aim.figure) + 1;
        let fast = growth.crossing(missing, window, FAR, Pace::Fast);
        self.soonest = earlier(self.soonest, fast.and_then(|wait| now.checked_add(wait).ok()));
        // Whoever is told of a tier reads of tiers that alert only; the rest is for the digest.
        if !open || !aim.tier.telling.alerts() || growth.points < LEAST_POINTS {
            return;
        }
        let stands = case.row.outlook.forecasts.iter().any(|told| told.rank == aim.tier.rank);
        let horizon = if stands { PATIENCE } else { HORIZON };
        let sure = stands || growth.crossing(missing, window, horizon, Pace::Damped).is_some();
        let Some(wait) = growth.crossing(missing, window, horizon, Pace::Likely).filter(|_| sure) else {
            return;
        };
        let Ok(at) = now.checked_add(wait) else { return };
        let found = Forecast {
            rank: aim.tier.rank,
            tier_name: aim.tier.name.clone(),
            clause: aim.clause,
            threshold: aim.threshold,
            at,
        };
        // Of several clauses of one tier the one that comes first; a graver tier never before a lesser.
        match self.forecasts.iter_mut().find(|known| known.rank == found.rank) {
            Some(known) if found.at < known.at => *known = found,
            Some(_) => {}
            None => self.forecasts.push(found),
        }
        self.forecasts.sort_by_key(|known| known.rank);
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// How the rate is carried on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// The most that planning reckons with: half as fast again, without ever falling.
    Fast,
    /// As the trend says.
    Likely,
    /// Less than the trend says: what a forecast must still reach.
    Damped,
}

/// The growth of a statement's figure.
#[derive(Debug, Clone, Default)]
struct Growth {
    /// Per second, in millionths, over the last span.
    rate: u128,
    /// The same over the span before, of the posts of which it is known.
    before: u128,
    /// `rate` of those posts alone.
    compared: u128,
    /// The last span in seconds, weighted by what grew in it.
    span: u128,
    /// Most points that one post has.
    points: usize,
}

impl Growth {
    fn of<'a>(series: impl Iterator<Item = &'a Series>, now: Timestamp) -> Self {
        let mut growth = Self::default();
        let mut weighted = 0_u128;
        for one in series {
            growth.points = growth.points.max(one.points());
            let Some(recent) = Recent::of(one, now) else { continue };
            growth.rate += recent.rate;
            weighted = weighted.saturating_add(recent.rate.saturating_mul(recent.span.unsigned_abs().into()));
            if let Some(before) = recent.before {
                growth.before += before;
                growth.compared += recent.rate;
            }
        }
        growth.span = weighted.checked_div(growth.rate).unwrap_or(0);
        growth
    }

    /// Rate now over rate a span ago, in thousandths.
    fn trend(&self) -> u128 {
        if self.compared * 3 < self.rate {
            // Most of the growth is too young to have a past: as if it fell a little.
            return 800;
        }
        (self.compared * THOUSAND).checked_div(self.before).unwrap_or(2 * THOUSAND).clamp(250, 2 * THOUSAND)
    }

    /// How long until `missing` more are there; `None` when not within `horizon`.
    fn crossing(
        &self,
        missing: u128,
        window: &Window,
        horizon: SignedDuration,
        pace: Pace,
    ) -> Option<SignedDuration> {
        if self.rate == 0 || self.span == 0 {
            return None;
        }
        let steps = horizon.as_secs() / STEP;
        let mut gained = 0_u128;
        for step in 1..=steps {
            let at = u128::try_from(step * STEP).unwrap_or(0);
            gained += self.rate_after(at, pace) * u128::try_from(STEP).unwrap_or(0);
            if pace == Pace::Fast && gained / MILLIONTHS >= missing {
                return Some(SignedDuration::from_secs(step * STEP));
            }
            if gained / MILLIONTHS >= missing + window.left_after(step * STEP) {
                return Some(SignedDuration::from_secs(step * STEP));
            }
        }
        None
    }

    /// What is left of a rate after one span when a forecast shall be sure of it, in thousandths: a fifth
    /// is taken off an hour.
    fn kept(&self) -> u128 {
        THOUSAND.saturating_sub(DAMPED_AN_HOUR * self.span / 3_600).max(500)
    }

    /// The rate `after` seconds from now.
    fn rate_after(&self, after: u128, pace: Pace) -> u128 {
        let trend = self.trend();
        let factor = match pace {
            Pace::Fast => return self.rate * trend.max(THOUSAND) * 3 / (2 * THOUSAND),
            Pace::Likely => trend,
            Pace::Damped => trend.min(THOUSAND) * self.kept() / THOUSAND,
        };
        // What was seen is the rate of the middle of the last span.
        let now = self.rate * (factor * THOUSAND).isqrt() / THOUSAND;
        if factor >= THOUSAND {
            let risen = now * factor.min(1_500) / THOUSAND;
            return now + (risen - now.min(risen)) * after.min(self.span) / self.span;
        }
        let (whole, part) = (after / self.span, after % self.span);
        let mut rate = now;
        for _ in 0..whole {
            rate = rate * factor / THOUSAND;
            if rate == 0 {
                return 0;
            }
        }
        let next = rate * factor / THOUSAND;
        rate - (rate - next) * part / self.span
    }
}

/// What one post's last looks say.
struct Recent {
    rate: u128,
    before: Option<u128>,
    span: i64,
}

impl Recent {
    fn of(series: &Series, now: Timestamp) -> Option<Self> {
        let (begin, last) = (series.begins()?, series.last_at()?);
        let wanted =
            series.nth_last_at(2).unwrap_or(begin).min(last - SignedDuration::from_secs(SHORTEST_SPAN));
        // Reposts that come one an hour show nothing in forty minutes: then over longer.
        let longer = LONGER_SPANS.map(|span| last.saturating_sub(span).unwrap_or(begin));
        let grew = |from: &Timestamp| rate(series, (*from).max(begin), last).is_some_and(|rate| rate > 0);
        let from = std::iter::once(wanted).chain(longer).find(grew)?.max(begin);
        let span = last.duration_since(from).as_secs();
        if span < SHORTEST_SPAN / 2 {
            return None;
        }
        let mut rate = rate(series, from, last)?;
        // A post that is not looked at any more is believed less and less.
        let unseen = now.duration_since(last).as_secs();
        if unseen > 2 * span {
            rate = rate * u128::try_from(2 * span).unwrap_or(0) / u128::try_from(unseen).unwrap_or(1);
        }
        let earlier = from.saturating_sub(SignedDuration::from_secs(span)).unwrap_or(begin).max(begin);
        let known = from.duration_since(earlier).as_secs() * 3 >= span;
        let before = known.then(|| self::rate(series, earlier, from)).flatten();
        Some(Self { rate, before, span })
    }
}

fn rate(series: &Series, from: Timestamp, to: Timestamp) -> Option<u128> {
    let gain = series.at(to)?.value.whole.saturating_sub(series.at(from)?.value.whole);
    let seconds = u128::try_from(to.duration_since(from).as_secs()).ok().filter(|seconds| *seconds > 0)?;
    Some(u128::from(gain) * MILLIONTHS / seconds)
}

/// What the sliding window loses while time goes on: (seconds from now, lost by then).
#[derive(Debug, Clone, Default)]
struct Window(Vec<(i64, u128)>);

impl Window {
    /// Every so many seconds it is looked at.
    const GRAIN: i64 = 1_800;

    fn of<'a>(series: impl Iterator<Item = &'a Series>, since: Option<Timestamp>, now: Timestamp) -> Self {
        let edge = now.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        if since.is_some_and(|since| since > edge) {
            // After a closing the window only grows until it is a day long.
            return Self::default();
        }
        let end = edge.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
        let old: Vec<&Series> = series.filter(|one| one.begins().is_some_and(|begin| begin < end)).collect();
        if old.is_empty() {
            return Self::default();
        }
        let before = |at: Timestamp| -> u128 {
            old.iter().filter_map(|one| one.at(at)).map(|reading| u128::from(reading.value.whole)).sum()
        };
        let base = before(edge);
        let grains = (0..=PATIENCE.as_secs() / Self::GRAIN).map(|grain| {
            let after = grain * Self::GRAIN;
            let at = edge.saturating_add(SignedDuration::from_secs(after)).unwrap_or(end);
            (after, before(at).saturating_sub(base))
        });
        Self(grains.collect())
    }

    /// Lost after so many seconds: the next known figure, so rather too much than too little.
    fn left_after(&self, after: i64) -> u128 {
        let place = self.0.partition_point(|(at, _)| *at < after);
        self.0.get(place).or(self.0.last()).map_or(0, |(_, lost)| *lost)
    }
}
