//! Publication times as sites write them for people.

use jiff::{Timestamp, tz::TimeZone};

use crate::model::{Precision, Published};

/// Reads a shown time in the source's zone, seen at `now`.
#[must_use]
pub fn parse_date(text: &str, now: Timestamp, _zone: &TimeZone) -> Option<Published> {
    let at: Timestamp = text.trim().parse().ok()?;
    (at <= now).then_some(Published { at, precision: Precision::Second })
}
