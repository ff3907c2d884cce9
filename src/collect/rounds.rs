//! The log of rounds: of each source that owes so many whole rounds a day (`rounds_a_day`) every round is
//! written down, and after 24:00 the administrators are told of a source that made fewer.
//!
//! A source owes a day only when it owed at the day's beginning, so that one added at noon, or a daemon
//! started for the first time, raises no false alarm. What was owed is kept in the store: a daemon that
//! was down over midnight tells it at its start. For the time that a person has paused a source nothing is owed
//! ([`owed`]): a pause stands and is told by itself.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    collector::{Shared, hand_over},
    health,
    round::Round,
};
use crate::{
    config::source::Source,
    desk::{Input, Operations},
    locale::Locale,
    store::{RoundFilter, RoundRow, SourceState, StoreError},
};

/// Under what the store keeps what was owed at the beginning of the day.
const OWED: &str = "rounds/owed";

/// Under what a source remembers its pauses that are over: a line each, `BEGIN END`.
const PAUSES: &str = "pauses";
/// Pauses that are remembered, and for how long.
const MOST_PAUSES: usize = 100;
const REMEMBERED: SignedDuration = SignedDuration::from_hours(32 * 24);

/// Whole rounds that a source owes on a local date: as many as its file asks for, less the share of the day for which it
/// was paused, to the nearest whole one. `None` when it owes none by its file; `now` is the end of a pause that holds.
/// Pauses are remembered for a month.
#[must_use]
pub fn owed(source: &Source, state: &SourceState, day: Date, now: Timestamp) -> Option<u32> {
    let rounds = source.attention.rounds_a_day?;
    let from = source.attention.start_of(day);
    let to = source.attention.start_of(day.tomorrow().ok()?);
    let holds = health::paused_since(state).map(|since| (since, now));
    let paused = pauses(state).chain(holds).map(|(begin, end)| end.min(to).duration_since(begin.max(from)));
    let paused: i64 = paused.map(|span| span.as_secs().max(0)).sum();
    let whole = to.duration_since(from).as_secs().max(1);
    let watched = whole.saturating_sub(paused).max(0);
    u32::try_from((i64::from(rounds) * watched + whole / 2) / whole).ok()
}

/// Remembers the pause that ends now.
pub(super) fn note_pause(state: &mut SourceState, now: Timestamp) {
    let Some(since) = health::paused_since(state) else { return };
    let young = |(_, end): &(Timestamp, Timestamp)| now.duration_since(*end) < REMEMBERED;
    let mut kept: Vec<_> = pauses(state).filter(young).collect();
    kept.push((since, now));
    let lines = kept.iter().rev().take(MOST_PAUSES).rev().map(|(begin, end)| format!("{begin} {end}"));
    let lines = lines.collect::<Vec<_>>().join("\n");
    state.memo.insert(PAUSES.to_owned(), lines);
}

fn pauses(state: &SourceState) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let lines = state.memo.get(PAUSES).map(String::as_str).unwrap_or_default().lines();
    lines.filter_map(|line| {
        let (begin, end) = line.split_once(' ')?;
        Some((begin.parse().ok()?, end.parse().ok()?))
    })
}

/// Logs a round of a source that owes some; a log that cannot be written holds nothing up.
pub(super) async fn log(shared: &Shared, source: &Source, round: &Round) {
    if source.attention.rounds_a_day.is_none() || !round.full || round.stopped {
        return;
    }
    let now = shared.now();
    let locale = shared.parts.locale;
    let trouble = match (&round.trouble, round.waits_until) {
        (Some(trouble), _) => trouble.human(locale),
        (None, Some(_)) => locale.pick("网站要求稍后再来", "the host asked for rest").to_owned(),
        (None, None) => String::new(),
    };
    let row = RoundRow {
        source: source.name.clone(),
        started_at: round.facts.started_at.unwrap_or(now),
        ended_at: now,
        answers: u64::from(round.facts.good),
        posts: u64::from(round.facts.posts),
        new: u64::from(round.facts.new),
        trouble,
    };
    if let Err(error) = shared.parts.store.log_round(row).await {
        tracing::error!(source = %source.name, %error, "a round was not logged");
    }
}

/// What is owed on a day, by source.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Owed {
    day: Date,
    rounds: BTreeMap<String, u32>,
}

/// Looks after midnight whether the day's rounds were made.
#[derive(Debug, Default)]
pub(super) struct Auditor {
    next: Option<Timestamp>,
    /// A list in which nobody owes any: it is not looked through again at every turn of the loop.
    idle: Option<Arc<Vec<Source>>>,
}

impl Auditor {
    /// Does what is due; cheap when nothing is.
    pub async fn turn(&mut self, shared: &Shared, sources: &Arc<Vec<Source>>) {
        let now = shared.now();
        let idle = self.idle.as_ref().is_some_and(|idle| Arc::ptr_eq(idle, sources));
        if idle || self.next.is_some_and(|next| now < next) {
            return;
        }
        let mut owing =
            sources.iter().filter(|source| source.enabled && source.attention.rounds_a_day.is_some());
        let Some(first) = owing.next() else {
            self.idle = Some(Arc::clone(sources));
            return;
        };
        self.idle = None;
        let attention = &first.attention;
        let today = attention.date(now);
        match audit(shared, sources, today, |day| attention.start_of(day)).await {
            Ok(()) => self.next = today.tomorrow().ok().map(|tomorrow| attention.start_of(tomorrow)),
            Err(error) => {
                tracing::error!(%error, "the rounds of the day were not looked through; tried again");
            }
        }
    }
}

async fn audit(
    shared: &Shared,
    sources: &[Source],
    today: Date,
    start_of: impl Fn(Date) -> Timestamp,
) -> Result<(), StoreError> {
    let store = &shared.parts.store;
    let kept = store.value(OWED).await?.and_then(|text| serde_json::from_str::<Owed>(&text).ok());
    if kept.as_ref().is_some_and(|kept| kept.day >= today) {
        return Ok(());
    }
    let asked = |source: &Source| source.attention.rounds_a_day.filter(|_| source.enabled);
    let mut told = Vec::new();
    for source in sources {
        let Some(kept) = &kept else { break };
        let Some((then, asked)) = kept.rounds.get(&source.name).copied().zip(asked(source)) else { continue };
        let state = store.source_state(&source.name).await?;
        let owed = owed(source, &state, kept.day, shared.now()).unwrap_or_default().min(then);
        if owed == 0 {
            // Paused for the whole day: it neither missed its rounds nor made them.
            continue;
        }
        let filter = RoundFilter {
            source: Some(source.name.clone()),
            from: Some(start_of(kept.day)),
            to: kept.day.tomorrow().ok().map(&start_of),
            limit: 0,
        };
        let rows = store.rounds(filter).await?;
        let done = rows.iter().filter(|row| row.trouble.is_empty()).count();
        let missed = u32::try_from(done).unwrap_or(u32::MAX) < owed;
        let whole = owed == asked.min(then);
        let why = rows.iter().find(|row| !row.trouble.is_empty()).map_or("", |row| row.trouble.as_str());
        let told_of = missed.then_some(why);
        told.push(operations(source, kept.day, done, (owed, whole), told_of, shared.parts.locale));
    }
    // Told first: a daemon that is killed in between tells it again, and the desk tells it once.
    let inputs = told.into_iter().map(Input::Operations).collect();
    if hand_over(&shared.parts.inbox, inputs).await.is_err() {
        return Ok(());
    }
    let rounds = sources.iter().filter_map(|source| Some((source.name.clone(), asked(source)?)));
    // The day on which the daemon learns of rounds is not a whole one.
    let owed = Owed { day: today, rounds: if kept.is_some() { rounds.collect() } else { BTreeMap::new() } };
    store.set_value(OWED, serde_json::to_string(&owed).unwrap_or_default()).await
}

fn operations(
    source: &Source,
    day: Date,
    done: usize,
    (owed, whole): (u32, bool),
    missed: Option<&str>,
    locale: Locale,
) -> Operations {
    let name = &source.name;
    let less = if whole { "" } else { locale.pick("（已扣除暂停）", " (less the pause)") };
    let text = match (locale, missed) {
        (Locale::ZhCn, Some(why)) => {
            let why = if why.is_empty() { String::new() } else { format!("，最近一次出错: {why}") };
            format!("来源“{name}”{day} 只完成 {done} 轮，应不少于 {owed} 轮{less}{why}")
        }
        (Locale::En, Some(why)) => {
            let why = if why.is_empty() { String::new() } else { format!("; last trouble: {why}") };
            format!("source “{name}” made {done} rounds on {day}, {owed} are wanted{less}{why}")
        }
        (Locale::ZhCn, None) => format!("来源“{name}”{day} 完成 {done} 轮，达到每日 {owed} 轮{less}"),
        (Locale::En, None) => {
            format!("source “{name}” made {done} rounds on {day}, as wanted ({owed}){less}")
        }
    };
    Operations { subject: format!("rounds/{name}"), broken: missed.is_some(), text }
}
