//! Working time: which days an office works, at which hours, and when a limit that counts only working time is
//! over (SEMANTICS 19, 20).
//!
//! Holidays and the working weekends that pay for them (调休) are facts of a year, published by the State Council;
//! the hours are the office's own. A year that the table does not know has its weekends only, which `check` says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

/// No limit in working time is looked for further ahead than this: days.
const FURTHEST: i64 = 400;

/// Days off and working weekends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workdays {
    /// Days off with their names, such as 春节.
    pub off: BTreeMap<Date, String>,
    /// Saturdays and Sundays that are worked (调休).
    pub worked: BTreeSet<Date>,
    /// Years that the table knows.
    pub years: BTreeSet<i16>,
}

impl Workdays {
    /// Whether the office works on that day.
    #[must_use]
    pub fn works_on(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.worked.contains(&date) || !(weekend || self.off.contains_key(&date))
    }

    /// The first working day after `date`.
    #[must_use]
    pub fn next_after(&self, date: Date) -> Date {
        let mut day = date;
        for _ in 0..FURTHEST {
            day = next(day);
            if self.works_on(day) {
                break;
            }
        }
        day
    }

    /// `date` when it is worked, else the first working day after it.
    #[must_use]
    pub fn on_or_after(&self, date: Date) -> Date {
        if self.works_on(date) { date } else { self.next_after(date) }
    }
}

fn next(date: Date) -> Date {
    date.checked_add(1.day()).unwrap_or(Date::MAX)
}

/// The hours of a working day: spans from..to, in order, without overlap. Local times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHours(pub Vec<(Time, Time)>);

impl Default for OfficeHours {
    /// 08:30 to 12:00 and 14:00 to 17:30 (本单位可改).
    fn default() -> Self {
        let time = |hour, minute| Time::constant(hour, minute, 0, 0);
        Self(vec![(time(8, 30), time(12, 0)), (time(14, 0), time(17, 30))])
    }
}

impl OfficeHours {
    /// When `within` of working time after `from` has passed. Without hours, or when the working days cannot hold
    /// it, calendar time counts.
    #[must_use]
    pub fn after(
        &self,
        from: Timestamp,
        within: SignedDuration,
        days: &Workdays,
        zone: &TimeZone,
    ) -> Timestamp {
        let mut left = within;
        let mut day = from.to_zoned(zone.clone()).date();
        for _ in 0..FURTHEST {
            for &(opens, closes) in self.0.iter().filter(|_| days.works_on(day)) {
                let (Some(opens), Some(closes)) = (instant(day, opens, zone), instant(day, closes, zone))
                else {
                    continue;
                };
                let begins = opens.max(from);
                let span = closes.duration_since(begins);
                if span <= SignedDuration::ZERO {
                    continue;
                }
                if left <= span {
                    return begins.saturating_add(left).unwrap_or(Timestamp::MAX);
                }
                left = left.saturating_sub(span);
            }
            day = next(day);
        }
        from.saturating_add(within).unwrap_or(Timestamp::MAX)
    }
}

/// The instant of a local time.
#[must_use]
pub fn instant(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    date.to_datetime(time).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

/// The end of "the same day" (SEMANTICS 20): 24:00 of the day of `from`; what comes later than `cutoff` has until
/// 12:00 of the next working day.
#[must_use]
pub fn end_of_day(from: Timestamp, cutoff: Option<Time>, days: &Workdays, zone: &TimeZone) -> Timestamp {
    let local = from.to_zoned(zone.clone());
    let (day, time) = if cutoff.is_some_and(|cutoff| local.time() > cutoff) {
        (days.next_after(local.date()), Time::constant(12, 0, 0, 0))
    } else {
        (next(local.date()), Time::midnight())
    };
    instant(day, time, zone).unwrap_or(Timestamp::MAX)
}
