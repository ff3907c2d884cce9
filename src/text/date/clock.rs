//! The time of day at the start of a text: `08:15`, `下午3点半`, `3pm`, with its zone when one follows.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp, civil, tz::Offset};
use regex::{Captures, Regex};

use super::{Seen, Span};
use crate::model::Precision;

const HALF_OF_DAY: &str = "凌晨|清晨|早上|早晨|早|上午|中午|下午|午后|傍晚|晚上|晚间|晚|夜里|夜间|夜|am|pm";

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of dates")]
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"^(?:\s[-–—·|]\s|\s|t|,|\(|\)|日|号|周.|星期.|at\b)*(?P<half>{HALF_OF_DAY})?\s*(?P<hour>2[0-4]|1\d|0?\d)\s*(?:[:](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d|60)(?:[.,]\d+)?)?\s*(?P<after>am|pm)?|(?P<only>am|pm)|[点时](?:\s*钟)?(?:\s*(?:(?P<thirty>半)|(?P<fen>[0-5]?\d)\s*分?(?:\s*(?P<miao>[0-5]?\d)\s*秒)?))?)"
    ))
    .expect("a valid pattern")
});

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of dates")]
static ZONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:(?P<zulu>z\b)|(?:utc|gmt)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})\b|(?:utc|gmt)(?:(?P<sign2>[+-])(?P<hours2>\d{1,2}))?\b)")
        .expect("a valid pattern")
});

/// A time of day.
pub(super) struct Clock {
    /// May be 24 for the end of a day.
    hour: i8,
    minute: i8,
    second: i8,
    precision: Precision,
    zone: Option<Offset>,
    /// Bytes of the text that were read.
    pub(super) length: usize,
}

/// Reads the time of day at the start of `text` (folded). `hint` is the half of the day named by the word before, as 晚
/// in 昨晚.
pub(super) fn read(text: &str, hint: &str) -> Option<Clock> {
    let found = CLOCK.captures(text)?;
    let length = found.get(0)?.end();
    let rest = text.get(length..)?;
    if rest.starts_with(|c: char| c.is_ascii_digit() || c == ':') {
        return None;
    }
    let number = |name: &str| found.name(name).map_or(Some(0), |part| part.as_str().parse::<i8>().ok());
    let half =
        ["half", "after", "only"].iter().find_map(|name| found.name(name)).map_or(hint, |m| m.as_str());
    let hour = half_of_day(number("hour")?, half);
    let minute = number("minute")? + number("fen")? + if found.name("thirty").is_some() { 30 } else { 0 };
    let second = (number("second")? + number("miao")?).min(59);
    let zoned = ZONE.captures(rest);
    let zone = zoned.as_ref().and_then(offset);
    let length = length + zoned.and_then(|z| z.get(0).map(|m| m.end())).unwrap_or(0);
    (hour < 24 || minute == 0).then_some(Clock {
        hour,
        minute,
        second,
        precision: precision(&found),
        zone,
        length,
    })
}

fn precision(found: &Captures<'_>) -> Precision {
    let has = |name| found.name(name).is_some();
    if has("second") || has("miao") {
        Precision::Second
    } else if has("minute") || has("fen") || has("thirty") {
        Precision::Minute
    } else {
        Precision::Hour
    }
}

fn half_of_day(hour: i8, half: &str) -> i8 {
    let first = half.chars().next().unwrap_or_default();
    match (first, hour) {
        ('凌' | 'a', 12) => 0,
        ('晚' | '夜', 12) => 24,
        ('中', 1..=3) | ('下' | '午' | '傍' | 'p', 1..=11) | ('晚' | '夜', 5..=11) => hour + 12,
        _ => hour,
    }
}

fn offset(zone: &Captures<'_>) -> Option<Offset> {
    let part = |a: &str, b: &str| zone.name(a).or_else(|| zone.name(b)).map(|m| m.as_str());
    let Some(hours) = part("hours", "hours2") else { return Some(Offset::UTC) };
    let minutes: i32 = part("minutes", "minutes").map_or(Some(0), |m| m.parse().ok())?;
    let seconds = (hours.parse::<i32>().ok()? * 60 + minutes) * 60;
    Offset::from_seconds(if part("sign", "sign2") == Some("-") { -seconds } else { seconds }).ok()
}

impl Clock {
    /// This time on a day.
    pub(super) fn on(&self, date: civil::Date, seen: &Seen<'_>) -> Option<Span> {
        Some(Span::instant(self.instant(date, seen)?, self.precision))
    }

    fn instant(&self, date: civil::Date, seen: &Seen<'_>) -> Option<Timestamp> {
        let midnight = self.hour == 24;
        let local = date.at(if midnight { 23 } else { self.hour }, self.minute, self.second, 0);
        let at = match self.zone {
            Some(zone) => zone.to_timestamp(local).ok()?,
            None => seen.instant(local)?,
        };
        at.checked_add(SignedDuration::from_hours(i64::from(midnight))).ok()
    }
}
