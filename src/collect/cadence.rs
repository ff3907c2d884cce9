//! How long a source waits between two rounds: the one home of the interval, with the reason for it.
//!
//! Ordinarily it is what the source's file says. It is half of that while a unit of the source is in
//! emergency mode (应急), on the unit's sensitive dates (敏感日期), and for 30 days on a site where an
//! incident began (起源站点); several reasons together are not more than one. It is never less than 30 s
//! or the pace of the host. A source that owes so many rounds a day (每日轮次) comes early enough for them.

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{collector::Shared, rounds};
use crate::{
    config::source::{Source, SourceKind},
    desk::LiveSet,
    locale::Locale,
    store::SourceState,
    text::registrable_domain,
};

/// No reason makes a source come sooner than this, unless its own interval is shorter.
pub const SHORTEST: SignedDuration = SignedDuration::from_secs(30);

/// Why the interval is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// As the source's file says.
    Ordinary,
    /// A unit is in emergency mode.
    Emergency,
    /// A sensitive date of the unit.
    SensitiveDate,
    /// An incident began on this site in the last 30 days.
    OriginSite,
    /// It owes rounds today.
    DailyRounds,
}

impl Reason {
    /// In the office's language.
    #[must_use]
    pub const fn words(self, locale: Locale) -> &'static str {
        match self {
            Self::Ordinary => locale.pick("普通", "ordinary"),
            Self::Emergency => locale.pick("应急", "emergency"),
            Self::SensitiveDate => locale.pick("敏感日期", "sensitive date"),
            Self::OriginSite => locale.pick("起源站点", "site of origin"),
            Self::DailyRounds => locale.pick("每日轮次", "rounds a day"),
        }
    }
}

/// An interval with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Span from the end of one round to the start of the next.
    pub interval: SignedDuration,
    /// Why.
    pub reason: Reason,
}

/// The cadence of a source at `now`, with `pace` the least span between two requests to its host.
#[must_use]
pub fn of(
    source: &Source,
    state: &SourceState,
    live: &LiveSet,
    pace: SignedDuration,
    now: Timestamp,
) -> Cadence {
    let reason = hurry(source, live, now);
    let mut cadence = Cadence { interval: source.interval, reason: reason.unwrap_or(Reason::Ordinary) };
    let floor = SHORTEST.max(pace).min(source.interval);
    if reason.is_some() {
        cadence.interval = (source.interval / 2).max(floor);
    }
    if let Some(latest) = owed_within(source, state, now)
        && latest.max(floor) < cadence.interval
    {
        cadence = Cadence { interval: latest.max(floor), reason: Reason::DailyRounds };
    }
    cadence
}

/// The same with what the room knows.
pub(super) fn now(shared: &Shared, source: &Source, state: &SourceState) -> Cadence {
    let pace = source.pace_in(shared.parts.fetcher.settings());
    of(source, state, &shared.parts.live.borrow(), pace, shared.now())
}

/// Why a source is in a hurry.
fn hurry(source: &Source, live: &LiveSet, now: Timestamp) -> Option<Reason> {
    if matches!(source.kind, SourceKind::Push) {
        // It is not we who fetch.
        return None;
    }
    if live.is_emergency(&source.units, now) {
        return Some(Reason::Emergency);
    }
    let attention = &source.attention;
    if !attention.calendar.spans.is_empty()
        && attention.calendar.on_for(attention.date(now), &source.units).is_some()
    {
        return Some(Reason::SensitiveDate);
    }
    stands_where(source, |site| live.is_origin(site, now)).then_some(Reason::OriginSite)
}

/// Whether a source watches one of the sites: by its preset's site id, or by the domain of its addresses.
fn stands_where(source: &Source, is_site: impl Fn(&str) -> bool) -> bool {
    let SourceKind::Fetched { preset, urls, .. } = &source.kind else {
        return source.site.as_deref().is_some_and(is_site);
    };
    preset.site.as_deref().is_some_and(&is_site)
        || urls.iter().filter_map(|url| registrable_domain(url)).any(|domain| is_site(&domain))
}

/// Name of the memory of today's rounds: the local date and how many ended well.
const TODAY: &str = "rounds_today";
/// Name of the memory of a plan: the planned instant and the interval that it was planned by.
const PLANNED: &str = "planned";

/// Whole rounds that ended well on the local date of `now`.
#[must_use]
pub fn rounds_done(source: &Source, state: &SourceState, now: Timestamp) -> u32 {
    let today = source.attention.date(now);
    let kept = state.memo.get(TODAY).and_then(|text| {
        let (date, done) = text.split_once(' ')?;
        Some((date.parse::<Date>().ok()?, done.parse::<u32>().ok()?))
    });
    kept.filter(|(date, _)| *date == today).map_or(0, |(_, done)| done)
}

/// The longest wait by which the rounds that a source owes can still be made, in even steps; `None` when
/// it owes none.
#[must_use]
pub fn owed_within(source: &Source, state: &SourceState, now: Timestamp) -> Option<SignedDuration> {
    let today = source.attention.date(now);
    let owed = rounds::owed(source, state, today, now)?;
    let tomorrow = source.attention.start_of(today.tomorrow().ok()?);
    let left = tomorrow.duration_since(now);
    let steps = |rounds: u32| i32::try_from(rounds.saturating_add(1)).unwrap_or(i32::MAX);
    match owed.saturating_sub(rounds_done(source, state, now)) {
        0 => Some(left + SignedDuration::from_hours(24) / steps(owed)),
        missing => Some(left / steps(missing)),
    }
}

/// Counts a whole round that ended well and plans the next.
pub(super) fn plan_next(shared: &Shared, source: &Source, state: &mut SourceState) {
    let now = shared.now();
    if source.attention.rounds_a_day.is_some() {
        let done = rounds_done(source, state, now).saturating_add(1);
        state.memo.insert(TODAY.into(), format!("{} {done}", source.attention.date(now)));
    }
    let interval = self::now(shared, source, state).interval;
    state.next_at = now.checked_add(interval + shared.jitter(interval / 10)).ok();
    if let Some(at) = state.next_at {
        state.memo.insert(PLANNED.into(), format!("{at} {}", interval.as_millis()));
    }
}

/// The interval that this very instant was planned by, as the store keeps it; `None` when something else
/// set it (a host that asked for rest).
pub(super) fn planned_by(planned: &str, at: Option<Timestamp>) -> Option<SignedDuration> {
    let (instant, millis) = planned.split_once(' ')?;
    // The store keeps instants to the microsecond.
    let micros = |at: Timestamp| at.as_microsecond();
    let same = instant.parse().ok().map(micros) == at.map(micros);
    millis.parse().ok().filter(|_| same).map(SignedDuration::from_millis)
}

/// The plan that a state remembers, for [`planned_by`].
pub(super) fn plan_of(state: &SourceState) -> &str {
    state.memo.get(PLANNED).map(String::as_str).unwrap_or_default()
}

/// The interval while a source is in a hurry; `None` when it is not.
pub(super) fn hurried(shared: &Shared, source: &Source, live: &LiveSet) -> Option<SignedDuration> {
    hurry(source, live, shared.now())?;
    let pace = source.pace_in(shared.parts.fetcher.settings());
    Some((source.interval / 2).max(SHORTEST.max(pace).min(source.interval)))
}

/// A pause after a failure, shortened when rounds are owed today.
pub(super) fn shortened(
    source: &Source,
    state: &SourceState,
    pause: SignedDuration,
    now: Timestamp,
) -> SignedDuration {
    match owed_within(source, state, now) {
        Some(latest) if latest < pause => latest.max(SHORTEST).min(pause),
        _ => pause,
    }
}
