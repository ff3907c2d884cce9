//! Instants as the office writes them: a day (`2026-06-01`), a day with its time (`2026-06-01 08:00`), or
//! an instant that says its own zone (`2026-06-01T08:00:00+08:00`).

use jiff::{Timestamp, civil, tz::TimeZone};

/// What was written; its zone is known only beside the other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day.
    Day(civil::Date),
    /// A time of a day.
    Time(civil::DateTime),
    /// An instant that says its own zone.
    Instant(Timestamp),
}

impl Moment {
    /// Reads one; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // A bare day would be read as its midnight by the other two.
        if let Some(day) = parse_day(text) {
            return Some(Self::Day(day));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::Instant(instant));
        }
        text.parse::<civil::DateTime>().ok().map(Self::Time)
    }

    /// The instant at which it begins: a day with its midnight. `None` outside the calendar.
    #[must_use]
    pub fn begins(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => day.to_zoned(zone.clone()).ok().map(|start| start.timestamp()),
            Self::Time(time) => time.to_zoned(zone.clone()).ok().map(|time| time.timestamp()),
            Self::Instant(instant) => Some(instant),
        }
    }

    /// The instant at which it is over: a day ends with the midnight after it, for who writes "until the
    /// 10th" means the whole of it.
    #[must_use]
    pub fn ends(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Day(day) => Self::Day(day.tomorrow().ok()?).begins(zone),
            Self::Time(_) | Self::Instant(_) => self.begins(zone),
        }
    }
}

fn parse_day(text: &str) -> Option<civil::Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}
