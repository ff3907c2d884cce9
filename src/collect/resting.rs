//! Which sources are looked at and when out of turn: pauses (暂停) as the desk publishes them, and looks that somebody asks
//! for (立即查看).
//!
//! The pause is the desk's; here it becomes a record that is due for nothing, and the state `paused` that pages, the
//! daily line and commands show. A source that is in the files no more needs no pause: it is lifted, so that a source of
//! the same name, added later, is not silently left out.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;

use super::{
    cadence,
    collector::{Collector, hand_over},
    health,
    poll::{Answer, NotPolled, Polled},
    rounds,
};
use crate::{
    config::source::{Source, SourceKind},
    desk::{Input, LiveSet, Pause},
    locale::Locale,
    model::Act,
    store::{SourceState, StoreError},
};

/// In whose name a pause is lifted whose source is gone.
const OURSELVES: &str = "yuqing";

/// Why a source is paused, as pages show it.
pub(super) fn words(pause: &Pause, locale: Locale) -> String {
    let Pause { by, reason, .. } = pause;
    match locale {
        Locale::ZhCn => format!("暂停查看，没有监测：{reason}（{by}）"),
        Locale::En => format!("paused, not watched: {reason} ({by})"),
    }
}

impl Collector {
    /// Takes the pauses that hold into the records and states.
    pub(super) async fn rest(&mut self, live: &LiveSet) -> Result<(), StoreError> {
        if self.rested && live.paused().is_empty() && self.schedule.paused().next().is_none() {
            return Ok(());
        }
        let now = self.shared.now();
        let store = Arc::clone(&self.shared.parts.store);
        // What the last run left paused; later the records say it.
        let left: HashSet<String> = match self.rested {
            true => HashSet::new(),
            false => {
                let times = store.source_times().await?.into_iter();
                times.filter(|times| health::is_paused(&times.health)).map(|times| times.source).collect()
            }
        };
        let sources = Arc::clone(&self.sources);
        for source in sources.iter().filter(|source| source.enabled) {
            let pause = live.pause_of(&source.name, now).filter(|_| can_rest(source));
            let (rests, was) = (pause.is_some(), self.schedule.is_paused(&source.name));
            if rests == was && (rests || !left.contains(&source.name)) {
                continue;
            }
            let why = pause.map(|pause| words(pause, self.shared.parts.locale));
            let change = move |state: &mut SourceState| match &why {
                Some(why) => health::pause(state, why, now),
                None if health::is_paused(&state.health) => {
                    rounds::note_pause(state, now);
                    health::resume(state, now);
                }
                None => {}
            };
            let state = store.change_source_state(&source.name, Arc::new(change)).await?;
            self.schedule.put(&source.name, now, |slot| {
                slot.paused = rests;
                // Whoever was left out is looked at first.
                slot.round_at = slot.round_at.filter(|_| rests);
            });
            self.ward.note(source, &SourceState { source: source.name.clone(), ..state }, now);
        }
        self.rested = true;
        self.lift_lost(live).await;
        Ok(())
    }

    /// Lifts pauses of sources that are in the files no more.
    async fn lift_lost(&self, live: &LiveSet) {
        let lost = live.paused().keys().filter(|name| !self.places.contains_key(*name));
        let resume =
            |name: &String| Input::Act(Act::ResumeSource { source: name.clone(), by: OURSELVES.to_owned() });
        let lifted: Vec<Input> = lost.map(resume).collect();
        if !lifted.is_empty()
            && let Err(error) = hand_over(&self.shared.parts.inbox, lifted).await
        {
            tracing::info!(%error, "pauses of sources that are gone are lifted after the start");
        }
    }

    /// Answers whoever asks for a look out of turn.
    pub(super) fn answer_polls(&mut self) {
        for question in self.shared.parts.bell.take() {
            let answer = self.poll(&question.source);
            // Whoever asked may have gone.
            let _: Result<(), Answer> = question.answer.send(answer);
        }
    }

    /// Plans a look out of turn: at once, unless the host wants to be left alone or was asked so a moment ago.
    fn poll(&mut self, name: &str) -> Answer {
        let now = self.shared.now();
        let sources = Arc::clone(&self.sources);
        let found = self.places.get(name).and_then(|at| sources.get(*at)).filter(|source| source.enabled);
        let source = found.ok_or(NotPolled::Unknown)?;
        if matches!(source.kind, SourceKind::Push) {
            return Err(NotPolled::HandedIn);
        }
        if self.schedule.is_paused(name) {
            return Err(NotPolled::Paused);
        }
        if self.schedule.is_busy(name) {
            return Ok(Polled::Running);
        }
        let fetcher = &self.shared.parts.fetcher;
        let pace = source.pace_in(fetcher.settings());
        let turn = source.addresses().first().and_then(|address| fetcher.next_turn(address));
        let again = self.polled.get(name).and_then(|last| last.checked_add(cadence::SHORTEST.max(pace)).ok());
        let at = turn.into_iter().chain(again).fold(now, Timestamp::max);
        self.polled.retain(|name, _| self.places.contains_key(name));
        self.polled.insert(name.to_owned(), at);
        self.schedule.put(name, now, |slot| {
            slot.planned = None;
            slot.round_at = Some(slot.round_at.map_or(at, |planned| planned.min(at)));
        });
        Ok(Polled::At(at))
    }
}

/// Whether it is us who look: a program that pushes is stopped where it runs.
const fn can_rest(source: &Source) -> bool {
    !matches!(source.kind, SourceKind::Push)
}
