//! Proof that watching ran: for each month, in which hours the daemon was at work and which sources were ill in which of
//! them. A zero report rests on it: "nothing happened" is worth nothing without "and we looked".

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{SourceState, Store, StoreError};

/// Seconds of an hour.
const HOUR: i64 = 3_600;

/// Hours in a row, as they are counted since 1970: the first, and the one behind the last. A month has 372 at most.
pub type Stretch = (i64, i64);

/// One month of one office.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watched {
    /// Hours in which the daemon was at work.
    pub at_work: Vec<Stretch>,
    /// Hours in which a source was ill, paused or not looked at yet, by its name.
    pub ill: BTreeMap<String, Vec<Stretch>>,
    /// Sources that were seen in the month.
    pub sources: BTreeMap<String, Rounds>,
    /// The first hour that was noted; what was before is not known. `None`: nothing was noted.
    pub since: Option<i64>,
}

/// Rounds of a source at the first and at the last note of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// At the first note.
    pub first: u64,
    /// At the last one.
    pub last: u64,
}

/// The hour of an instant.
#[must_use]
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

/// The beginning of an hour. UTC.
#[must_use]
pub fn start_of(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(HOUR)).unwrap_or(Timestamp::MAX)
}

fn add(stretches: &mut Vec<Stretch>, hour: i64) {
    match stretches.last_mut() {
        Some(last) if hour < last.1 => {}
        Some(last) if hour == last.1 => last.1 = hour + 1,
        _ => stretches.push((hour, hour + 1)),
    }
}

impl Watched {
    /// Under which key a month stands among the small named values.
    fn key(month: Date) -> String {
        format!("watched/{}", month.strftime("%Y-%m"))
    }

    /// What is kept of a month; an unreadable value counts as none.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(store: &dyn Store, month: Date) -> Result<Self, StoreError> {
        let kept = store.value(&Self::key(month)).await?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
    }

    /// Notes the present hour unless it is noted already; months are those of `zone`.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(store: &dyn Store, now: Timestamp, zone: &TimeZone) -> Result<(), StoreError> {
        let month = now.to_zoned(zone.clone()).date().first_of_month();
        let mut watched = Self::read(store, month).await?;
        let hour = hour_of(now);
        if watched.at_work.last().is_some_and(|last| hour < last.1) {
            return Ok(());
        }
        watched.take(hour, &store.source_states().await?);
        let kept = serde_json::to_string(&watched).unwrap_or_default();
        store.set_value(&Self::key(month), kept).await
    }

    /// Takes an hour with the sources as they are in it.
    pub fn take(&mut self, hour: i64, states: &[SourceState]) {
        self.since.get_or_insert(hour);
        add(&mut self.at_work, hour);
        for state in states.iter().filter(|state| state.health != "disabled") {
            let begun = Rounds { first: state.rounds, last: state.rounds };
            let rounds = self.sources.entry(state.source.clone()).or_insert(begun);
            rounds.last = state.rounds;
            if !matches!(state.health.as_str(), "ok" | "quiet") {
                add(self.ill.entry(state.source.clone()).or_default(), hour);
            }
        }
    }

    /// Stretches of a span, from `from` until `to`, in which nobody was at work. Whole hours.
    #[must_use]
    pub fn gaps(&self, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let (mut hour, end) = (hour_of(from), hour_of(to));
        let mut gaps = Vec::new();
        for (first, behind) in &self.at_work {
            if *first > hour {
                gaps.push((start_of(hour), start_of((*first).min(end))));
            }
            hour = hour.max(*behind);
        }
        if hour < end {
            gaps.push((start_of(hour), start_of(end)));
        }
        gaps.retain(|(from, to)| from < to);
        gaps
    }

    /// Hours of a span in which somebody was at work.
    #[must_use]
    pub fn hours(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (from, to) = (hour_of(from), hour_of(to));
        self.at_work
            .iter()
            .map(|(first, behind)| (*behind).min(to) - (*first).max(from))
            .filter(|n| *n > 0)
            .sum()
    }

    /// Rounds of all sources in the month.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.sources.values().map(|rounds| rounds.last.saturating_sub(rounds.first)).sum()
    }

    /// Sources that were ill for at least so many hours, the longest first, with how long that was in sum.
    #[must_use]
    pub fn ill_for(&self, hours: i64) -> Vec<(String, i64)> {
        let sum = |stretches: &Vec<Stretch>| stretches.iter().map(|(first, behind)| behind - first).sum();
        let mut ill: Vec<(String, i64)> =
            self.ill.iter().map(|(name, stretches)| (name.clone(), sum(stretches))).collect();
        ill.retain(|(_, sum)| *sum >= hours);
        ill.sort_by_key(|(name, sum)| (std::cmp::Reverse(*sum), name.clone()));
        ill
    }
}

/// The first instant of a month and of the next. UTC.
#[must_use]
pub fn month_span(month: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let first = month.first_of_month();
    let next = first.checked_add(1.month()).ok()?;
    let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    Some((start(first)?, start(next)?))
}
