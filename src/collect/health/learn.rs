//! Learns what a source is usually like from rounds that ended well. All of it is arithmetic over whole
//! numbers and the instants that are passed in, so that a month of rounds replays the same everywhere.

use jiff::{SignedDuration, Timestamp};

use crate::{
    collect::facts::Facts,
    model::{LONGEST_SILENCE, OpenHour, POST, SourceHistory, hour_end, hour_of_week},
};

/// The first guess of a rare silence: four posts that were expected did not come.
const FIRST_GAP: u64 = 4 * POST;
/// Bounds of what is learned of it.
const LEAST_GAP: u64 = POST * 5 / 4;
const MOST_GAP: u64 = 4_096 * POST;
/// Looks further apart than this leave a hole in which nobody knows what came when.
const LONGEST_HOLE: SignedDuration = SignedDuration::from_hours(3);
/// The part of an hour, in seconds, that must have been watched to learn from it.
const HALF_AN_HOUR: u32 = 1_800;

/// What a round that ended well teaches. `trusted` is false when its posts cannot be believed to be new
/// or comparable with what was before.
pub(super) fn learn(
    history: &mut SourceHistory,
    facts: &Facts,
    trusted: bool,
    now: Timestamp,
    interval: SignedDuration,
) {
    let dated = u32::from(history.dated) * 100 >= 255 * 80;
    let newer = !dated || facts.newest > history.newest;
    let new = if trusted && newer { facts.new } else { 0 };
    look(history, new, facts.newest, now, interval);
    history.faults = u32::try_from(facts.faults.len()).unwrap_or(u32::MAX);
    latency(history, facts.slowest);
    if history.good_rounds <= 3 && facts.unchanged == 0 {
        history.leads_to = facts.moved_to.clone().unwrap_or_default();
    }
    let whole = facts.bad == 0 && facts.unchanged == 0;
    // While something is odd it is held against the past, not taken into it.
    if trusted && whole && facts.posts > 0 && history.suspicion.is_none() {
        compare(history, facts);
    }
    if whole && !facts.list.is_empty() {
        history.last_list = facts.list.iter().map(|(id, text)| format!("{id:05x}{text:05x}")).collect();
    }
}

/// A look that ended well and showed so many new posts.
pub(super) fn look(
    history: &mut SourceHistory,
    new: u32,
    newest: Option<Timestamp>,
    now: Timestamp,
    interval: SignedDuration,
) {
    let before = history.looked_at.replace(now);
    history.good_rounds = history.good_rounds.saturating_add(1);
    history.newest = history.newest.max(newest);
    let Some(before) = before else {
        // All posts of a first look are new to us; when they came is not known.
        history.fresh_at = Some(newest.unwrap_or(now).min(now));
        return;
    };
    let watched = now > before && now.duration_since(before) <= LONGEST_HOLE.max(interval.saturating_mul(3));
    if watched {
        spread(history, u64::from(new) * POST, before, now);
    } else {
        history.open_hour = None;
        history.silent_from = None;
    }
    if new > 0 {
        arrival(history, watched, now);
    }
}

/// Something new came. How long it had been awaited, in expected posts, moves the rare silence: up by a
/// half of what was missing, down by so little that it rests where one wait in a hundred exceeds it.
fn arrival(history: &mut SourceHistory, watched: bool, now: Timestamp) {
    if let Some(fresh) = history.fresh_at.replace(now)
        && watched
    {
        let waited = history.expected(fresh, now);
        let rare = if history.rare_gap == 0 { FIRST_GAP } else { history.rare_gap };
        let moved =
            if waited > rare { rare + (waited.min(rare * 8) - rare).div_ceil(2) } else { rare - rare / 256 };
        history.rare_gap = moved.clamp(LEAST_GAP, MOST_GAP);
        history.arrivals = history.arrivals.saturating_add(1);
    }
}

/// Spreads new posts over the hours since the last look; hours that are over are learned.
fn spread(history: &mut SourceHistory, new: u64, from: Timestamp, to: Timestamp) {
    let whole = u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0).max(1);
    let mut at = from;
    while at < to {
        let end = hour_end(at).min(to);
        let seconds = u64::try_from(end.duration_since(at).as_secs()).unwrap_or(0);
        let start = hour_end(at).saturating_sub(SignedDuration::from_hours(1)).unwrap_or(at);
        let mut open = match history.open_hour {
            Some(open) if open.start == start => open,
            _ => OpenHour { start, watched: 0, new: 0 },
        };
        open.watched = open.watched.saturating_add(u32::try_from(seconds).unwrap_or(0));
        let share = new.saturating_mul(seconds) / whole;
        open.new = open.new.saturating_add(share);
        history.found.add(start, share);
        if end == hour_end(at) {
            close(history, open);
            history.open_hour = None;
        } else {
            history.open_hour = Some(open);
        }
        at = end;
    }
}

fn close(history: &mut SourceHistory, open: OpenHour) {
    if open.watched < HALF_AN_HOUR {
        return;
    }
    if open.new == 0 {
        history.silent_from = history.silent_from.or(Some(open.start));
        return;
    }
    learn_silence(history, open.start);
    let hour = hour_of_week(open.start);
    let new = open.new * 3_600 / u64::from(open.watched);
    // An hour in which everybody talks must not make the next quiet week look dead.
    let usual = history.hours.expected(hour) + history.hours.week() / 168;
    let weeks = u64::from(history.hours_learned / 168);
    let new = if weeks > 0 { new.min(3 * usual + 2 * POST) } else { new };
    history.hours.learn(hour, new);
    history.hours_learned = history.hours_learned.saturating_add(1);
}

/// The silence is over: its hours are learned.
fn learn_silence(history: &mut SourceHistory, until: Timestamp) {
    let Some(from) = history.silent_from.take() else { return };
    let mut at = from.max(until.saturating_sub(LONGEST_SILENCE).unwrap_or(from));
    while at < until {
        history.hours.learn(hour_of_week(at), 0);
        history.hours_learned = history.hours_learned.saturating_add(1);
        at = hour_end(at);
    }
}

/// What a whole list looks like.
fn compare(history: &mut SourceHistory, facts: &Facts) {
    let first = history.posts == 0;
    let posts = facts.posts.saturating_mul(16);
    let away = posts.abs_diff(history.posts);
    history.spread = if first { 0 } else { eased(history.spread, away) };
    history.posts = if first { posts } else { eased(history.posts, posts) };
    for (share, counted) in history.shares.iter_mut().zip(facts.counted) {
        *share = share_of(*share, counted, facts.posts, first);
    }
    history.dated = share_of(history.dated, facts.dated, facts.posts, first);
    history.site = main_site(facts).unwrap_or_default();
}

/// The site of at least four fifths of the posts.
pub(super) fn main_site(facts: &Facts) -> Option<String> {
    let (site, n) = facts.sites.iter().max_by_key(|(_, n)| **n)?;
    (n.saturating_mul(5) >= facts.posts.saturating_mul(4)).then(|| site.clone())
}

/// A mean that moves by an eighth, and at least by one when it is away.
const fn eased(mean: u32, value: u32) -> u32 {
    if value >= mean {
        mean.saturating_add((value - mean).div_ceil(8))
    } else {
        mean.saturating_sub((mean - value).div_ceil(8))
    }
}

fn share_of(mean: u8, part: u32, whole: u32, first: bool) -> u8 {
    let share = u64::from(part.min(whole)) * 255 / u64::from(whole.max(1));
    let share = u32::try_from(share).unwrap_or(255);
    let moved = if first { share } else { eased(u32::from(mean), share) };
    u8::try_from(moved).unwrap_or(u8::MAX)
}

/// Moves by at most an eighth of itself, so that a single hanging answer does not count for many.
fn latency(history: &mut SourceHistory, slowest: SignedDuration) {
    let shown = u32::try_from(slowest.as_millis().max(0)).unwrap_or(u32::MAX);
    let mean = history.latency_ms;
    let step = mean / 8 + 1;
    history.latency_ms = if mean == 0 { shown } else { shown.clamp(mean.saturating_sub(step), mean + step) };
}
