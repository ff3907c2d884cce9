//! What a run shows of itself: each step as a line, and at its end that nothing waits and nothing differs.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::{Sim, failed};
use crate::{
    app::simulate::{Broken, watch::Taken},
    desk::Change,
    model::{Notice, NoticeState},
};

impl Sim {
    /// Prints a line of the trace.
    pub(super) fn say(&self, line: impl FnOnce() -> String) {
        if let Some(print) = self.options.trace {
            print(&format!("{} {}", self.clock(), line()));
        }
    }

    pub(super) fn trace(&self, taken: &Taken) {
        let Some(changes) = &taken.changes else {
            return self.say(|| format!("  refused {:?}", taken.input));
        };
        for change in changes.iter().filter(|_| self.options.trace.is_some()) {
            match change {
                Change::Incident(row) => self.say(|| {
                    let (id, state, rank, epoch, held) = (row.id, row.state, row.rank, row.epoch, row.held);
                    format!(
                        "  incident {id} {state:?} rank {rank} epoch {epoch} held {held:?} {:?}",
                        row.heat
                    )
                }),
                Change::Deadline(row) => {
                    self.say(|| format!("  limit {} {:?} due {}", row.key, row.state, row.due_at));
                }
                Change::Notice(row) => {
                    self.say(|| format!("  notice {} {:?} to {}", row.id, row.state, row.address));
                }
                Change::Entry(row) => self.say(|| format!("  {:?} {} {}", row.incident, row.kind, row.text)),
                Change::Post(_)
                | Change::Observation(_)
                | Change::State(_)
                | Change::Evidence(_)
                | Change::Forget(_)
                | Change::File(_)
                | Change::FileVersion(_) => {}
            }
        }
    }

    /// One was accepted after its limit: each such has its reason.
    fn count_late(&mut self, notice: &Notice, at: Timestamp) -> Result<(), Broken> {
        let why = if notice.channel.is_dispatched() {
            self.causes.of_late(&notice.id)
        } else {
            Some("a person was asked to telephone")
        };
        let Some(why) = why else {
            let what = format!("{} was due at {} and accepted at {at}", notice.id, notice.due_at);
            return Err(Broken { invariant: "nothing is late without a cause", at, what });
        };
        *self.figures.late.entry(why).or_default() += 1;
        Ok(())
    }

    /// Two days in which all works are over: nothing may wait, and the store has what was seen.
    pub(super) async fn finish(&mut self) -> Result<(), Broken> {
        let now = self.clock();
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner).count.clone();
        self.figures.faults.extend(strikes);
        self.figures.faults.insert("servers", self.world.faults);
        self.figures.due = self.watch.due;
        self.figures.graded = self.watch.graded;
        let hour_ago = now - SignedDuration::from_hours(1);
        let notices: Vec<Notice> = self.watch.notices.values().cloned().collect();
        for notice in &notices {
            match &notice.state {
                NoticeState::Accepted { at, .. } => {
                    self.figures.accepted += 1;
                    if *at > notice.due_at {
                        self.count_late(notice, *at)?;
                    }
                    if notice.channel.is_dispatched() && !self.world.taken.contains_key(&notice.id) {
                        let what = format!("{} counts as accepted and no server has it", notice.id);
                        return Err(Broken { invariant: "no due notice is lost", at: now, what });
                    }
                }
                NoticeState::Pending if notice.channel.is_dispatched() && notice.created_at < hour_ago => {
                    self.figures.lost += 1;
                    let what = format!("{} still waits", notice.id);
                    return Err(Broken { invariant: "no due notice is lost", at: now, what });
                }
                _ => {}
            }
        }
        if self.options.mutant.is_some() {
            return Ok(());
        }
        self.process = None;
        let Ok(store) = (self.opener)(self.starts + 1) else {
            return Err(failed(now, "the store cannot be opened at the end".to_owned()));
        };
        let kept = store.notices(usize::MAX / 2).await.map_err(|error| failed(now, error.to_string()))?;
        for one in &kept {
            let seen = self.watch.notices.get(&one.notice.id).map(|notice| &notice.state);
            if seen != Some(&one.notice.state) {
                let what = format!("{}: {:?}, seen {seen:?}", one.notice.id, one.notice.state);
                return Err(Broken { invariant: "the store has what was decided", at: now, what });
            }
        }
        if kept.len() != self.watch.notices.len() {
            let what = format!("{} notices of {}", kept.len(), self.watch.notices.len());
            return Err(Broken { invariant: "the store has what was decided", at: now, what });
        }
        let entries =
            store.entries(usize::MAX / 2).await.map_err(|error| failed(now, error.to_string()))?.len();
        if entries != self.entries {
            let what = format!("{entries} entries of {}", self.entries);
            return Err(Broken { invariant: "the timeline has what happened once", at: now, what });
        }
        Ok(())
    }
}
