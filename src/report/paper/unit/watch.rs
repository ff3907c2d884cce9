//! The proof that watching ran, in words: hours at work, rounds, sources, and every gap.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::SpanRows;
use crate::{
    locale::{When, grouped},
    store::NOT_TOLD,
    text::clean,
};

/// Gaps, and sources that were ill, of which a paper tells; the number of the others is told.
const LISTED: usize = 30;
/// Hours for which a source may be ill without being named.
const ILL: i64 = 3;

/// A stretch in which nobody looked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Gap {
    /// From…
    pub from: String,
    /// …until.
    pub to: String,
    /// How long that is.
    pub long: String,
}

/// A source that was ill for a while.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IllSource {
    /// Its name.
    pub name: String,
    /// How long in sum.
    pub long: String,
}

/// What is known of the watching.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WatchFact {
    /// Hours of the stretch so far.
    pub hours: i64,
    /// Hours of it in which the daemon was at work.
    pub at_work: i64,
    /// Since when it is recorded, when that is later than the stretch begins; empty: all along; `—`: not at all.
    pub since: String,
    /// Rounds of all sources.
    pub rounds: String,
    /// Sources.
    pub sources: usize,
    /// Sources that were never ill for long.
    pub well: usize,
    /// Stretches in which nobody looked.
    pub gaps: Vec<Gap>,
    /// How long a stretch must be to be told.
    pub told_from: String,
    /// How many there are beyond those.
    pub gaps_left: usize,
    /// Sources that were ill for hours.
    pub ill: Vec<IllSource>,
    /// Whether watching was whole: recorded all along, without a gap, no source ill for hours.
    pub whole: bool,
}

/// The same in figures, with nothing left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watching {
    /// Hours of the stretch so far.
    pub hours: i64,
    /// Hours of it in which the daemon was at work.
    pub at_work: i64,
    /// The first note; `None`: there is none. UTC.
    pub since: Option<Timestamp>,
    /// The same when it is later than the stretch begins. UTC.
    pub late: Option<Timestamp>,
    /// Rounds of all sources.
    pub rounds: u64,
    /// Sources.
    pub sources: usize,
    /// Stretches in which nobody looked. UTC.
    pub gaps: Vec<(Timestamp, Timestamp)>,
    /// Sources that were ill for hours in sum, with how many, the longest first.
    pub ill: Vec<(String, i64)>,
}

impl Watching {
    /// What is known at `now`.
    pub(in crate::report) fn of(rows: &SpanRows, now: Timestamp) -> Self {
        let (from, to, watched) = (rows.from, rows.to.min(now), &rows.watched);
        let since = watched.since.filter(|at| *at < to);
        // What lies before the first note is not known; it is told once, as such.
        let known = since.unwrap_or(to).max(from);
        let gaps = watched.gaps(known, to);
        let away = gaps.iter().map(|(from, to)| to.duration_since(*from)).sum::<SignedDuration>();
        let ill = watched.sources.iter().map(|(name, looked)| (name.clone(), i64::from(looked.ill)));
        let mut ill: Vec<(String, i64)> = ill.filter(|(_, hours)| *hours >= ILL).collect();
        ill.sort_by_key(|(name, hours)| (Reverse(*hours), name.clone()));
        Self {
            hours: to.duration_since(from).as_hours().max(0),
            at_work: (to.duration_since(known) - away).as_hours().max(0),
            since,
            late: since.filter(|at| at.duration_since(from) > SignedDuration::from_hours(1)),
            rounds: watched.rounds(),
            sources: watched.sources.len(),
            gaps,
            ill,
        }
    }

    /// Sources that were never ill for long.
    pub(in crate::report) fn well(&self) -> usize {
        self.sources.saturating_sub(self.ill.len())
    }

    fn is_whole(&self) -> bool {
        self.since.is_some() && self.late.is_none() && self.gaps.is_empty() && self.ill.is_empty()
    }
}

impl WatchFact {
    pub(super) fn of(rows: &SpanRows, when: &When) -> Self {
        let known = Watching::of(rows, when.now);
        let gap = |(from, to): &(Timestamp, Timestamp)| Gap {
            from: when.day_time(*from),
            to: when.day_time(*to),
            long: when.span(to.duration_since(*from)),
        };
        let ill = |(name, hours): &(String, i64)| IllSource {
            name: clean(name),
            long: when.span(SignedDuration::from_hours(*hours)),
        };
        Self {
            hours: known.hours,
            at_work: known.at_work,
            since: match (known.since, known.late) {
                (None, _) => "—".to_owned(),
                (_, Some(at)) => when.day_time(at),
                (_, None) => String::new(),
            },
            rounds: grouped(known.rounds),
            sources: known.sources,
            well: known.well(),
            told_from: when.span(SignedDuration::from_secs(NOT_TOLD)),
            gaps: known.gaps.iter().take(LISTED).map(gap).collect(),
            gaps_left: known.gaps.len().saturating_sub(LISTED),
            ill: known.ill.iter().take(LISTED).map(ill).collect(),
            whole: known.is_whole(),
        }
    }

    pub(super) fn sample() -> Self {
        Self { gaps: vec![Gap::default()], ill: vec![IllSource::default()], ..Self::default() }
    }
}
