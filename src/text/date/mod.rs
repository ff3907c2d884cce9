//! Publication times as sites write them for people, in the source's zone (SEMANTICS 3, 29).
//!
//! Every form is first read as a [`Span`]: the earliest and the latest instant that the words allow.
//! Coarse forms then take their latest instant, never after `now`; a span that lies in the future or
//! before the public web is unknown.

mod clock;
mod relative;
mod shown;
mod standard;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::fold;
use crate::model::{Precision, Published};

/// How far a source's clock may run ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Nothing that is watched was published before 1990-01-01 UTC.
const EARLIEST: i64 = 631_152_000;
/// Longest text that can still be a time with its label, in characters.
const LONGEST: usize = 200;

/// Reads a shown time, seen at `now` (UTC) on a source whose days are those of `zone`.
///
/// `None` is unknown: unreadable, more than ten minutes in the future, or before 1990.
#[must_use]
pub fn parse_date(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Published> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let seen = Seen { now, zone };
    let span = match standard::read(text.trim(), &seen) {
        Some(span) => span,
        None => shown::read(fold(text).text.trim(), &seen)?,
    };
    if span.earliest.duration_since(now) > SKEW {
        return None;
    }
    let at = span.latest.min(now);
    (at.as_second() >= EARLIEST).then_some(Published { at, precision: span.precision })
}

/// When and where a time was seen.
struct Seen<'a> {
    now: Timestamp,
    zone: &'a TimeZone,
}

impl Seen<'_> {
    fn today(&self) -> civil::Date {
        self.now.to_zoned(self.zone.clone()).date()
    }

    fn instant(&self, at: civil::DateTime) -> Option<Timestamp> {
        at.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }

    /// Whether an instant has come, a fast clock of the source forgiven.
    fn has_come(&self, at: Timestamp) -> bool {
        at.duration_since(self.now) <= SKEW
    }
}

/// What the words allow.
struct Span {
    earliest: Timestamp,
    latest: Timestamp,
    precision: Precision,
}

impl Span {
    const fn instant(at: Timestamp, precision: Precision) -> Self {
        Self { earliest: at, latest: at, precision }
    }

    /// From the first second of one local day to the last second of another.
    fn days(first: civil::Date, last: civil::Date, precision: Precision, seen: &Seen<'_>) -> Option<Self> {
        let earliest = seen.instant(first.at(0, 0, 0, 0))?;
        let midnight = seen.instant(last.tomorrow().ok()?.at(0, 0, 0, 0))?;
        let latest = midnight.checked_sub(SignedDuration::from_secs(1)).ok()?;
        Some(Self { earliest, latest, precision })
    }

    fn day(date: civil::Date, seen: &Seen<'_>) -> Option<Self> {
        Self::days(date, date, Precision::Day, seen)
    }
}
