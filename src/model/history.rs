//! What a source has been like: how many new posts it brings in each hour of the week, how long it is
//! usually silent, how many posts an answer shows and which counters with them.
//!
//! Plain numbers, under two kilobytes a source (one that fails has the words of its last failures besides), so that ten
//! thousand of them can be kept. `collect`
//! learns them; whoever shows a source reads from them. Silence is measured in *expected posts* rather
//! than in hours: a night or a weekend in which nothing ever comes does not count.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Hours of a week.
pub const WEEK: usize = 168;
/// One post in the units in which expected posts are counted.
pub const POST: u64 = 256;
/// Hours that must have been watched before a silence is judged by what was learned.
pub const LEARNED_AFTER: u32 = 48;
/// A source that ever showed anything new may not be silent for longer, however rarely it speaks.
pub const LONGEST_SILENCE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// No silence shorter than this means anything.
pub const SHORTEST_SILENCE: SignedDuration = SignedDuration::from_mins(30);

/// New posts in each hour of the week in Asia/Shanghai, Monday 00:00 first: the mean over the weeks, in
/// 1/256 posts, and how many weeks it rests on (at most 15).
#[derive(Clone, PartialEq, Eq)]
pub struct Hours(Box<[(u16, u8); WEEK]>);

impl Default for Hours {
    fn default() -> Self {
        Self(Box::new([(0, 0); WEEK]))
    }
}

impl std::fmt::Debug for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hours({} a week)", self.week() / POST)
    }
}

impl Hours {
    /// Takes a finished hour with its new posts, in 1/256 posts. Later weeks weigh a quarter.
    pub fn learn(&mut self, hour: usize, new: u64) {
        if let Some((mean, weeks)) = self.0.get_mut(hour % WEEK) {
            *weeks = weeks.saturating_add(1).min(15);
            let weight = u64::from((*weeks).min(4));
            let new = new.min(u64::from(u16::MAX));
            let moved = (u64::from(*mean) * (weight - 1) + new + weight / 2) / weight;
            *mean = u16::try_from(moved).unwrap_or(u16::MAX);
        }
    }

    /// Expected new posts in an hour of the week, in 1/256 posts, smoothed over its neighbours. An hour
    /// that was never watched takes the mean of that hour on the other days.
    #[must_use]
    pub fn expected(&self, hour: usize) -> u64 {
        let before = self.raw(hour + WEEK - 1);
        (before + 2 * self.raw(hour) + self.raw(hour + 1)) / 4
    }

    fn raw(&self, hour: usize) -> u64 {
        match self.0.get(hour % WEEK) {
            Some((mean, weeks)) if *weeks > 0 => u64::from(*mean),
            _ => {
                let same = self.0.iter().skip(hour % 24).step_by(24).filter(|(_, weeks)| *weeks > 0);
                let (sum, n) = same.fold((0, 0), |(sum, n), (mean, _)| (sum + u64::from(*mean), n + 1_u64));
                sum.checked_div(n).unwrap_or(0)
            }
        }
    }

    /// Expected new posts of a whole week, in 1/256 posts.
    #[must_use]
    pub fn week(&self) -> u64 {
        self.0.iter().map(|(mean, _)| u64::from(*mean)).sum()
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        if self.0.iter().any(|(_, weeks)| *weeks > 0) {
            for (mean, weeks) in self.0.iter() {
                // Writing into a text cannot fail.
                let _ = write!(text, "{mean:04x}{weeks:x}");
            }
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hours {
    /// What cannot be read is learned anew.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut hours = Self::default();
        for (slot, five) in hours.0.iter_mut().zip(text.as_bytes().chunks(5)) {
            let five = std::str::from_utf8(five).ok().and_then(|five| five.split_at_checked(4));
            let read = five.and_then(|(mean, weeks)| {
                Some((u16::from_str_radix(mean, 16).ok()?, u8::from_str_radix(weeks, 16).ok()?))
            });
            *slot = read.unwrap_or_default();
        }
        Ok(hours)
    }
}

/// New posts of each of the last [`WEEK`] hours that were watched, and when they were, so that a week can be shown beside
/// what was expected. An hour that nobody watched is unknown, not 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundHours(BTreeMap<i64, u64>);

impl FoundHours {
    /// Takes new posts of an hour, in 1/256 posts; `start` is its beginning.
    pub fn add(&mut self, start: Timestamp, new: u64) {
        let hour = start.as_second().div_euclid(3_600);
        let found = self.0.entry(hour).or_default();
        *found = found.saturating_add(new);
        let oldest = self.0.last_key_value().map_or(hour, |(last, _)| *last) - WEEK_HOURS;
        self.0.retain(|known, _| *known > oldest);
    }

    /// New posts of the hour that begins at `start`, in 1/256 posts; `None` when nobody watched it.
    #[must_use]
    pub fn at(&self, start: Timestamp) -> Option<u64> {
        self.0.get(&start.as_second().div_euclid(3_600)).copied()
    }

    /// Whether no hour was watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// New posts of the watched hours that begin in a span, in 1/256 posts, and how many hours these are.
    #[must_use]
    pub fn sum(&self, from: Timestamp, to: Timestamp) -> (u64, usize) {
        let hours = from.as_second().div_euclid(3_600)..(to.as_second() + 3_599).div_euclid(3_600);
        let found = self.0.range(hours);
        found.fold((0, 0), |(sum, hours), (_, new)| (sum + new, hours + 1))
    }
}

/// [`WEEK`] as hours since 1970 are counted.
const WEEK_HOURS: i64 = 168;

impl Serialize for FoundHours {
    /// The first hour since 1970, then each hour in quarters of a post, to base 36; `-` for one that nobody watched.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((first, _)) = self.0.first_key_value() else { return serializer.serialize_str("") };
        let last = self.0.last_key_value().map_or(*first, |(last, _)| *last);
        let mut text = first.to_string();
        for hour in *first..=last {
            // Writing into a text cannot fail.
            let _ = match self.0.get(&hour) {
                None => write!(text, ",-"),
                Some(new) => write!(text, ",{}", base_36(new / QUARTER)),
            };
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for FoundHours {
    /// What cannot be read is found anew.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut parts = text.split(',');
        let Some(first) = parts.next().and_then(|first| first.parse::<i64>().ok()) else {
            return Ok(Self::default());
        };
        let hour = |(nth, part): (i64, &str)| match part {
            "-" => None,
            "" => Some((first.saturating_add(nth), 0)),
            new => {
                Some((first.saturating_add(nth), u64::from_str_radix(new, 36).ok()?.saturating_mul(QUARTER)))
            }
        };
        Ok(Self((0..WEEK_HOURS).zip(parts).filter_map(hour).collect()))
    }
}

/// A quarter of a post: what is kept of an hour is no finer, so that a week of it takes few bytes.
const QUARTER: u64 = POST / 4;

/// Nothing for 0.
fn base_36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.extend(u32::try_from(number % 36).ok().and_then(|digit| char::from_digit(digit, 36)));
        number /= 36;
    }
    digits.into_iter().rev().collect()
}

/// A failure that is past, as the source's page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PastFailure {
    /// When it was first seen. UTC.
    pub from: Timestamp,
    /// When it was last seen, one round after the other. UTC.
    pub to: Timestamp,
    /// Rounds that ended so.
    pub rounds: u32,
    /// What, in the office's words.
    pub why: String,
}

/// Failures that are kept of a source.
const FAILURES: usize = 4;
/// Characters that are kept of one.
const FAILURE_WORDS: usize = 100;

/// The hour that is being watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenHour {
    /// Its beginning. UTC.
    pub start: Timestamp,
    /// Seconds of it that were watched.
    pub watched: u32,
    /// New posts, in 1/256 posts.
    pub new: u64,
}

/// Something odd that was seen, and for how many rounds in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Suspicion {
    /// What: an id of `collect::health`.
    pub what: String,
    /// Rounds in a row.
    pub rounds: u32,
    /// Since when. UTC.
    pub since: Option<Timestamp>,
    /// It in the office's words.
    pub why: String,
}

/// What a source has been like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceHistory {
    /// New posts by hour of the week.
    pub hours: Hours,
    /// Hours that were watched so far.
    pub hours_learned: u32,
    /// New posts of the last hours.
    #[serde(skip_serializing_if = "FoundHours::is_empty")]
    pub found: FoundHours,
    /// The last failures, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<PastFailure>,
    /// The hour that is being watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_hour: Option<OpenHour>,
    /// Beginning of the watched hours without anything new that are not learned yet: a silence is judged
    /// by what was known when it began, and learned when it ends. UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent_from: Option<Timestamp>,
    /// Rounds that ended well.
    pub good_rounds: u32,
    /// End of the last of them. UTC.
    pub looked_at: Option<Timestamp>,
    /// When something truly new was last seen: a new post, of a newer date where posts are dated. UTC.
    pub fresh_at: Option<Timestamp>,
    /// How often that was.
    pub arrivals: u32,
    /// Newest publication time seen. UTC.
    pub newest: Option<Timestamp>,
    /// A silence that is rarely exceeded (one in a hundred), in 1/256 expected posts; 0: not learned.
    pub rare_gap: u64,
    /// The longest silence that is not yet told, as of the last look, in seconds.
    pub usual_period: Option<i64>,
    /// Posts of a round, the mean in 1/16 posts.
    pub posts: u32,
    /// Mean distance of a round's posts from their mean, in 1/16 posts.
    pub spread: u32,
    /// Share of the posts with views, reposts, comments, likes; of 255.
    pub shares: [u8; 4],
    /// Share of the posts with a date; of 255.
    pub dated: u8,
    /// Parse failures of the last round.
    pub faults: u32,
    /// About the median of a round's slowest answer, in milliseconds.
    pub latency_ms: u32,
    /// The site to which most posts belong; empty when there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// Where the address has led from the beginning, when that is another page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub leads_to: String,
    /// A sketch of the last list: pairs of short hashes of id and text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_list: String,
    /// When the canary word was last found. UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary_at: Option<Timestamp>,
    /// Something odd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspicion: Option<Suspicion>,
    /// Rounds in a row in which a part of the addresses failed.
    pub partly: u32,
    /// The kind of the present trouble: an id of `collect::health`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trouble: String,
    /// When its mending was last told. UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mended_at: Option<Timestamp>,
}

impl SourceHistory {
    /// Remembers a round that did not end well. The same words again make the last failure longer.
    pub fn failed(&mut self, why: &str, now: Timestamp) {
        let why: String = why.chars().take(FAILURE_WORDS).collect();
        match self.failures.last_mut().filter(|last| last.why == why) {
            Some(last) => {
                last.to = now;
                last.rounds = last.rounds.saturating_add(1);
            }
            None => self.failures.push(PastFailure { from: now, to: now, rounds: 1, why }),
        }
        let older = self.failures.len().saturating_sub(FAILURES);
        self.failures.drain(..older);
    }

    /// Expected new posts between two instants, in 1/256 posts; at most [`LONGEST_SILENCE`] is added up.
    #[must_use]
    pub fn expected(&self, from: Timestamp, to: Timestamp) -> u64 {
        let mut sum = 0;
        let mut at = from.max(back(to, LONGEST_SILENCE));
        while at < to {
            let end = hour_end(at).min(to);
            let seconds = u64::try_from(end.duration_since(at).as_secs()).unwrap_or(0);
            sum += self.hours.expected(hour_of_week(at)) * seconds / 3_600;
            at = end;
        }
        sum
    }

    /// Silence that is tolerated, in 1/256 expected posts: well above the longest that is usual. Thrice
    /// that until a whole week has been seen.
    #[must_use]
    pub fn tolerated(&self) -> u64 {
        let usual = self.rare_gap * 5 / 2 + POST;
        if self.hours_learned < u32::try_from(WEEK).unwrap_or(u32::MAX) { usual * 3 } else { usual }
    }

    /// Whether a silence can be judged by what was learned.
    #[must_use]
    pub const fn is_learned(&self) -> bool {
        self.hours_learned >= LEARNED_AFTER && self.rare_gap > 0 && self.arrivals >= 3
    }

    /// When the silence that began at [`Self::fresh_at`] is longer than what may be expected. `floor` is
    /// what the office wrote: no silence shorter than it counts, and it alone counts until enough was
    /// learned. `None` when nothing can be said. UTC.
    #[must_use]
    pub fn silent_at(&self, floor: Option<SignedDuration>, interval: SignedDuration) -> Option<Timestamp> {
        let fresh = self.fresh_at?;
        let least = floor.unwrap_or(SHORTEST_SILENCE).max(interval.saturating_mul(3)).max(SHORTEST_SILENCE);
        if !self.is_learned() {
            return floor.map(|_| ahead(fresh, least));
        }
        let longest = ahead(fresh, LONGEST_SILENCE.max(least));
        Some(self.reached(fresh, self.tolerated(), longest).max(ahead(fresh, least)))
    }

    /// The usual period: the longest silence that is not yet told, as it stands now.
    #[must_use]
    pub fn period(&self, floor: Option<SignedDuration>, interval: SignedDuration) -> Option<SignedDuration> {
        Some(self.silent_at(floor, interval)?.duration_since(self.fresh_at?))
    }

    /// When so many posts are expected to have come, at the latest `longest`.
    fn reached(&self, from: Timestamp, wanted: u64, longest: Timestamp) -> Timestamp {
        let (mut sum, mut at) = (0, from);
        while at < longest && sum < wanted {
            let end = hour_end(at);
            let seconds = u64::try_from(end.duration_since(at).as_secs()).unwrap_or(0);
            let rate = self.hours.expected(hour_of_week(at));
            let gain = rate * seconds / 3_600;
            if sum + gain >= wanted && rate > 0 {
                let seconds = ((wanted - sum) * 3_600).div_ceil(rate);
                return ahead(at, SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0)))
                    .min(longest);
            }
            sum += gain;
            at = end;
        }
        at.min(longest)
    }
}

/// The hour of the week of an instant in Asia/Shanghai, Monday 00:00 is 0.
#[must_use]
pub fn hour_of_week(at: Timestamp) -> usize {
    // Asia/Shanghai has known no other offset than +8 h since 1991, and 1970-01-01 was a Thursday.
    let hour = at.as_second().div_euclid(3_600) + 8 + 3 * 24;
    usize::try_from(hour.rem_euclid(168)).unwrap_or(0)
}

/// The end of the hour in which an instant lies. UTC.
#[must_use]
pub fn hour_end(at: Timestamp) -> Timestamp {
    // The zone's offset is a whole number of hours.
    let into = at.as_second().rem_euclid(3_600);
    Timestamp::from_second(at.as_second() - into + 3_600).unwrap_or(Timestamp::MAX)
}

fn ahead(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

fn back(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_sub(span).unwrap_or(Timestamp::MIN)
}
