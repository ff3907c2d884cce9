//! Maintenance windows (维护窗口): hours that the office knows of beforehand, in which faults of the machinery are
//! expected and nobody is to be told of them. What is still broken at the end is told then.
//!
//! They concern the machinery only. Notices of incidents go out as ever: a hole that is closed for the night is a
//! hole through which a statement may come.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::instant;

/// Windows that begin where others end are followed this far.
const CHAIN: usize = 32;
/// Subjects that end in the name of a source.
const OF_SOURCES: [&str; 3] = ["source", "rounds", "watch"];

/// One window, daily, on some weekdays or on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// What it is for, such as 论坛升级.
    pub title: String,
    /// Weekdays on which it begins; none is every day.
    pub days: Vec<Weekday>,
    /// The one day on which it begins; `None`: by weekdays.
    pub date: Option<Date>,
    /// It begins. Local time.
    pub from: Time,
    /// It ends, on the next day when this is before `from`. Local time, not included.
    pub until: Time,
    /// Subjects of faults that it covers, such as `site/example.cn`, or what they begin with, such as `file`.
    pub subjects: Vec<String>,
    /// Names of sources that it covers. When neither subjects nor sources are named it covers every fault.
    pub sources: Vec<String>,
}

impl Window {
    /// Whether a fault of this subject is expected in it.
    #[must_use]
    pub fn covers(&self, subject: &str) -> bool {
        let all = self.subjects.is_empty() && self.sources.is_empty();
        let (head, rest) = subject.split_once('/').unwrap_or((subject, ""));
        let of_source = OF_SOURCES.contains(&head);
        all || self.subjects.iter().any(|named| is_or_begins(subject, named))
            || (of_source && self.sources.iter().any(|named| is_or_begins(rest, named)))
    }

    /// When the window that holds at an instant ends. UTC.
    #[must_use]
    pub fn end_at(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        // One that passes midnight may have begun yesterday.
        let days = [today.checked_sub(1.day()).ok(), Some(today)];
        let ends = days.into_iter().flatten().filter(|day| self.begins_on(*day)).filter_map(|day| {
            let last = if self.until > self.from { day } else { day.checked_add(1.day()).ok()? };
            let (from, until) = (instant(day, self.from, zone)?, instant(last, self.until, zone)?);
            (from <= now && now < until).then_some(until)
        });
        ends.max()
    }

    fn begins_on(&self, day: Date) -> bool {
        match self.date {
            Some(date) => date == day,
            None => self.days.is_empty() || self.days.contains(&day.weekday()),
        }
    }
}

/// Whether `subject` is `named`, or a part of it: `watch/门户/首页` is a part of `watch/门户`.
fn is_or_begins(subject: &str, named: &str) -> bool {
    subject.strip_prefix(named).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All windows of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// In the order of the file.
    pub windows: Vec<Window>,
    /// Zone of days and times.
    pub zone: TimeZone,
}

impl Default for Maintenance {
    fn default() -> Self {
        Self { windows: Vec::new(), zone: TimeZone::UTC }
    }
}

impl Maintenance {
    /// The windows that hold at an instant, each with its end. UTC.
    pub fn holding(&self, now: Timestamp) -> impl Iterator<Item = (&Window, Timestamp)> {
        self.windows.iter().filter_map(move |window| Some((window, window.end_at(now, &self.zone)?)))
    }

    /// The window that covers a fault at an instant and ends last, with its end. UTC.
    #[must_use]
    pub fn over(&self, subject: &str, now: Timestamp) -> Option<(&Window, Timestamp)> {
        self.holding(now).filter(|(window, _)| window.covers(subject)).max_by_key(|(_, end)| *end)
    }

    /// The first instant from `at` on at which no window covers the fault. UTC.
    #[must_use]
    pub fn free_from(&self, subject: &str, at: Timestamp) -> Timestamp {
        let mut free = at;
        for _ in 0..CHAIN {
            match self.over(subject, free) {
                Some((_, end)) => free = end,
                None => break,
            }
        }
        free
    }
}
