//! Proof that watching ran: for each day, when the daemon was at work, how many rounds each source did and in how many
//! hours it was ill. A zero report rests on it: "nothing happened" is worth nothing without "and we looked".
//!
//! Two small values a day: the stretches at work, which change with every note, and the sources, which are read once an
//! hour. Days are those of the office's zone, as those of the papers are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{SourceState, Store, StoreError};

/// Two notes no further apart than this, in seconds, are one stretch at work: the daemon notes every ten minutes at least, and a
/// turn may have to wait for a gateway. A shorter gap is not told.
pub const NOT_TOLD: i64 = 20 * 60;
/// Seconds of an hour.
const HOUR: i64 = 3_600;
/// How many days back the rounds of the last session are looked for.
const LOOKED_BACK: i64 = 40;
/// The first note of all, as seconds since 1970.
const SINCE: &str = "watched/since";

/// Seconds since 1970: the first note of a stretch and the last one.
type Stretch = (i64, i64);

/// What one source did in a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Rounds.
    pub rounds: u64,
    /// Hours at the beginning of which it was ill, paused or not looked at yet.
    pub ill: u32,
}

/// Sources of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Sources {
    /// The hour of the last look, counted since 1970.
    hour: i64,
    of: BTreeMap<String, OfDay>,
}

/// A source of one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct OfDay {
    /// What it did.
    looked: Looked,
    /// All its rounds at the last look.
    last: u64,
    /// Whether it was ever switched on.
    on: bool,
}

/// What is known of the watching in a span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// The first note of all; `None`: there is none before the span's end. UTC.
    pub since: Option<Timestamp>,
    /// Sources that were seen in the span, by name.
    pub sources: BTreeMap<String, Looked>,
    at_work: Vec<Stretch>,
}

fn stretches(day: Date) -> String {
    format!("watched/{day}")
}

fn sources(day: Date) -> String {
    format!("watched/{day}/sources")
}

/// What stands under a key; an unreadable value counts as none.
async fn kept<T: DeserializeOwned>(store: &dyn Store, key: &str) -> Result<Option<T>, StoreError> {
    let kept = store.value(key).await?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

async fn keep<T: Serialize>(store: &dyn Store, key: &str, value: &T) -> Result<(), StoreError> {
    store.set_value(key, serde_json::to_string(value).unwrap_or_default()).await
}

/// Adds a note to stretches; one before the last (the clock was stepped back) adds nothing.
fn add(at_work: &mut Vec<Stretch>, second: i64) {
    match at_work.last_mut() {
        Some(last) if second <= last.1 => {}
        Some(last) if second - last.1 <= NOT_TOLD => last.1 = second,
        _ => at_work.push((second, second)),
    }
}

impl Watched {
    /// Notes that the daemon is at work, and once an hour how its sources are; days are those of `zone`. To be called at
    /// least every ten minutes.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(store: &dyn Store, now: Timestamp, zone: &TimeZone) -> Result<(), StoreError> {
        let today = now.to_zoned(zone.clone()).date();
        let second = now.as_second();
        if kept::<i64>(store, SINCE).await?.is_none() {
            keep(store, SINCE, &second).await?;
        }
        let mut at_work: Vec<Stretch> = kept(store, &stretches(today)).await?.unwrap_or_default();
        add(&mut at_work, second);
        keep(store, &stretches(today), &at_work).await?;
        let hour = second.div_euclid(HOUR);
        let known: Option<Sources> = kept(store, &sources(today)).await?;
        if known.as_ref().is_some_and(|known| hour <= known.hour) {
            return Ok(());
        }
        let states = store.source_states().await?;
        let known = match known {
            Some(known) => known,
            None => Sources::after(end_day(store, today, &states).await?),
        };
        keep(store, &sources(today), &known.and(hour, &states)).await
    }

    /// What is known of a span of whole days of `zone`.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(
        store: &dyn Store,
        (from, to): (Timestamp, Timestamp),
        zone: &TimeZone,
    ) -> Result<Self, StoreError> {
        let mut watched = Self::default();
        let first = kept::<i64>(store, SINCE).await?.and_then(|second| Timestamp::from_second(second).ok());
        watched.since = first.filter(|first| *first < to);
        let (mut day, end) = (from.to_zoned(zone.clone()).date(), to.to_zoned(zone.clone()).date());
        while day < end {
            let at_work: Vec<Stretch> = kept(store, &stretches(day)).await?.unwrap_or_default();
            for (first, last) in at_work {
                add(&mut watched.at_work, first);
                if let Some(stretch) = watched.at_work.last_mut() {
                    stretch.1 = stretch.1.max(last);
                }
            }
            let of_day: Option<Sources> = kept(store, &sources(day)).await?;
            for (name, OfDay { looked, on, .. }) in of_day.into_iter().flat_map(|sources| sources.of) {
                if !on {
                    continue;
                }
                let sum = watched.sources.entry(name).or_default();
                sum.rounds = sum.rounds.saturating_add(looked.rounds);
                sum.ill = sum.ill.saturating_add(looked.ill);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(watched)
    }

    /// The same without some sources.
    #[must_use]
    pub fn without(mut self, hidden: &BTreeSet<&str>) -> Self {
        self.sources.retain(|name, _| !hidden.contains(name.as_str()));
        self
    }

    /// Stretches longer than [`NOT_TOLD`] between `from` and `to` in which nobody was at work. UTC.
    #[must_use]
    pub fn gaps(&self, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let (mut last, end) = (from.as_second(), to.as_second());
        let mut gaps = Vec::new();
        for (first, behind) in self.at_work.iter().copied().chain([(end, end)]) {
            let first = first.min(end);
            if first - last > NOT_TOLD {
                gaps.push((last, first));
            }
            last = last.max(behind);
        }
        let instant = |second| Timestamp::from_second(second).unwrap_or_default();
        gaps.into_iter().map(|(from, to)| (instant(from), instant(to))).collect()
    }

    /// Rounds of all its sources.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.sources.values().map(|looked| looked.rounds).fold(0, u64::saturating_add)
    }
}

/// Gives the rounds that were done since the last look of an earlier day to that day, for nobody has looked since; answers
/// with all rounds of each source, at which the new day begins.
async fn end_day(
    store: &dyn Store,
    today: Date,
    states: &[SourceState],
) -> Result<BTreeMap<String, u64>, StoreError> {
    for back in 1..=LOOKED_BACK {
        let Ok(day) = today.checked_sub(back.days()) else { break };
        if let Some(mut last) = kept::<Sources>(store, &sources(day)).await? {
            last.take(states);
            keep(store, &sources(day), &last).await?;
            break;
        }
    }
    Ok(states.iter().map(|state| (state.source.clone(), state.rounds)).collect())
}

impl Sources {
    /// A day that begins after so many rounds of each source.
    fn after(rounds: BTreeMap<String, u64>) -> Self {
        let of = rounds.into_iter().map(|(name, last)| (name, OfDay { last, ..OfDay::default() })).collect();
        Self { hour: 0, of }
    }

    /// Counts the rounds that were done since the last look.
    fn take(&mut self, states: &[SourceState]) {
        for state in states {
            let one = self.of.entry(state.source.clone()).or_default();
            one.looked.rounds = one.looked.rounds.saturating_add(state.rounds.saturating_sub(one.last));
            one.last = state.rounds;
        }
    }

    /// The same after another hour's look; what is switched off is not watched by the office's own will.
    fn and(mut self, hour: i64, states: &[SourceState]) -> Self {
        self.hour = hour;
        self.take(states);
        for state in states.iter().filter(|state| state.health != "disabled") {
            if let Some(one) = self.of.get_mut(&state.source) {
                one.on = true;
                one.looked.ill += u32::from(!matches!(state.health.as_str(), "ok" | "quiet"));
            }
        }
        self
    }
}
