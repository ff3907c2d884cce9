//! The proof that watching ran, in words: hours at work, rounds, sources, and every gap.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::SpanRows;
use crate::{
    locale::{When, grouped},
    store::start_of,
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
    /// How many there are beyond those.
    pub gaps_left: usize,
    /// Sources that were ill for hours.
    pub ill: Vec<IllSource>,
    /// Whether watching was whole: recorded all along, without a gap, no source ill for hours.
    pub whole: bool,
}

impl WatchFact {
    pub(super) fn of(rows: &SpanRows, when: &When) -> Self {
        let to = rows.to.min(when.now);
        let hours = to.duration_since(rows.from).as_hours().max(0);
        let span = |from: Timestamp, to: Timestamp| when.span(to.duration_since(from));
        let mut gaps: Vec<Gap> = Vec::new();
        let (mut at_work, mut rounds) = (0, 0_u64);
        let mut ill: Vec<(String, i64)> = Vec::new();
        let mut names: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
        let since = rows.watched.iter().filter_map(|(.., one)| one.since).min();
        for (start, behind, watched) in &rows.watched {
            // What lies before the first note is not known; it is told once, as such.
            let known = since.map_or(to, start_of).max(rows.from);
            let (from, behind) = ((*start).max(known), (*behind).min(to));
            gaps.extend(watched.gaps(from, behind).into_iter().map(|(from, to)| Gap {
                from: when.day_time(from),
                to: when.day_time(to),
                long: span(from, to),
            }));
            at_work += watched.hours(rows.from, to);
            rounds += watched.rounds();
            names.extend(watched.sources.keys().map(String::as_str));
            for (name, hours) in watched.ill_for(1) {
                match ill.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += hours,
                    None => ill.push((name, hours)),
                }
            }
        }
        ill.retain(|(_, hours)| *hours >= ILL);
        ill.sort_by_key(|(name, hours)| (std::cmp::Reverse(*hours), name.clone()));
        let late =
            since.map(start_of).filter(|at| at.duration_since(rows.from) > SignedDuration::from_hours(1));
        let whole = since.is_some() && late.is_none() && gaps.is_empty() && ill.is_empty();
        let gaps_left = gaps.len().saturating_sub(LISTED);
        gaps.truncate(LISTED);
        Self {
            hours,
            at_work,
            since: match (since, late) {
                (None, _) => "—".to_owned(),
                (_, Some(at)) => when.day_time(at),
                (_, None) => String::new(),
            },
            rounds: grouped(rounds),
            sources: names.len(),
            well: names.len().saturating_sub(ill.len()),
            gaps,
            gaps_left,
            ill: ill
                .into_iter()
                .take(LISTED)
                .map(|(name, hours)| IllSource {
                    name: clean(&name),
                    long: when.span(SignedDuration::from_hours(hours)),
                })
                .collect(),
            whole,
        }
    }

    pub(super) fn sample() -> Self {
        Self { gaps: vec![Gap::default()], ill: vec![IllSource::default()], ..Self::default() }
    }
}
