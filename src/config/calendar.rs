//! Sensitive dates (敏感日期): days on which the office wants to look more often, such as an examination,
//! an anniversary, a party congress.
//!
//! A date is a local date of the office's zone. A span holds for all units or for those it names; one
//! written without a year comes back every year.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// An end of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// A day of one year.
    Once(Date),
    /// A day of every year: month and day.
    Yearly(i8, i8),
}

/// Some days with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SensitiveSpan {
    /// First day. Both ends are of one kind.
    pub from: Day,
    /// Last day, included.
    pub to: Day,
    /// What they are called, such as 高考.
    pub name: String,
    /// For which units; empty is all.
    pub units: Vec<String>,
}

impl SensitiveSpan {
    /// Whether the day is one of them. A yearly span may run over New Year.
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        match (self.from, self.to) {
            (Day::Once(from), Day::Once(to)) => from <= date && date <= to,
            (Day::Yearly(from_month, from_day), Day::Yearly(to_month, to_day)) => {
                let (from, to, at) = ((from_month, from_day), (to_month, to_day), (date.month(), date.day()));
                if from <= to { from <= at && at <= to } else { at >= from || at <= to }
            }
            _ => false,
        }
    }
}

/// All sensitive dates of an office.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// In the order of the file.
    pub spans: Vec<SensitiveSpan>,
}

impl Calendar {
    /// What holds on a day, for every unit.
    pub fn on(&self, date: Date) -> impl Iterator<Item = &SensitiveSpan> {
        self.spans.iter().filter(move |span| span.holds_on(date))
    }

    /// What holds on a day for one of these units; no units stands for all of them.
    #[must_use]
    pub fn on_for(&self, date: Date, units: &[String]) -> Option<&SensitiveSpan> {
        self.on(date).find(|span| {
            span.units.is_empty() || units.is_empty() || span.units.iter().any(|unit| units.contains(unit))
        })
    }
}

/// What a source is asked for beside its interval: how often at least, and when more.
#[derive(Debug, Clone)]
pub struct Attention {
    /// The office's sensitive dates.
    pub calendar: std::sync::Arc<Calendar>,
    /// Whole rounds that it must make each day, each logged; `None` asks for nothing.
    pub rounds_a_day: Option<u32>,
    /// Zone in which days begin.
    pub zone: TimeZone,
}

impl Default for Attention {
    fn default() -> Self {
        let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::fixed(jiff::tz::offset(8)));
        Self { calendar: std::sync::Arc::default(), rounds_a_day: None, zone }
    }
}

impl Attention {
    /// The local date of an instant.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// When a local date begins.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        date.to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |start| start.timestamp())
    }
}
