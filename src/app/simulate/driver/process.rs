//! A process from its start to its crash: what it takes, commits and loses.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{Given, Happening, Process, Sim, WELL, failed};
use crate::{
    app::simulate::{Broken, Mutant, office, watch::Taken},
    desk::{Change, Desk, Input},
    model::{Entry, NoticeState, Outcome},
    store::{Call, Faulty, SharedStore},
};

impl Sim {
    pub(super) async fn start(&mut self) -> Result<(), Broken> {
        if self.process.is_some() {
            return Ok(());
        }
        self.starts += 1;
        let again = self.now + SignedDuration::from_secs(5);
        let opened = (self.opener)(self.starts);
        let Ok(inner) = opened else {
            self.put(again, Happening::Start);
            return Ok(());
        };
        let strikes = Arc::clone(&self.strikes);
        let strike = move |call: Call| strikes.lock().unwrap_or_else(PoisonError::into_inner).strike(call);
        let store: SharedStore = Arc::new(Faulty::new(inner, Arc::new(strike)));
        if self.dies("crash at opening", 10) {
            return Ok(());
        }
        let Ok(restored) = store.restore().await else {
            self.put(again, Happening::Start);
            return Ok(());
        };
        if self.dies("crash at restore", 10) {
            return Ok(());
        }
        let known: BTreeSet<_> =
            self.watch.deadlines.values().filter(|d| d.is_open()).map(|d| &d.key).collect();
        let found: BTreeSet<_> = restored.deadlines.iter().filter(|d| d.is_open()).map(|d| &d.key).collect();
        if known != found {
            let what = format!("restored {:?}", known.symmetric_difference(&found).collect::<Vec<_>>());
            return Err(Broken { invariant: "a restart forgets nothing", at: self.clock(), what });
        }
        let setup = self.options.mutant.map_or_else(|| self.setup.clone(), |wrong| wrong.setup(&self.setup));
        let desk = Desk::new(setup, restored, self.clock());
        self.process = Some(Process { store, desk });
        if self.dies("crash at start", 20) {
            return Ok(());
        }
        self.tick().await
    }

    /// Whether the process dies here, so many times in a thousand, to come back after a while. Every place at which
    /// the daemon's loops wait for something has its call. Never in the last two days.
    pub(super) fn dies(&mut self, here: &'static str, per_mille: u64) -> bool {
        if self.now >= self.ends - WELL || !self.crashes.per_mille(per_mille) {
            return false;
        }
        // A month of busy days has more waits than a quiet one; it need not have as many more deaths.
        let days = self.now.duration_since(self.begins).as_hours() / 24;
        if self.deaths > 6 * (days + 1) {
            return false;
        }
        self.deaths += 1;
        self.fault(here);
        let long = SignedDuration::from_secs(self.crashes.between(1, 300));
        self.stop(long);
        true
    }

    /// Throws the process away; it comes back after a while.
    pub(super) fn stop(&mut self, long: SignedDuration) {
        self.process = None;
        self.causes.dies();
        self.causes.disturb("the daemon was away", self.now + long);
        self.parked.clear();
        let at = self.now + long;
        self.put(at, Happening::Start);
    }

    pub(super) fn reload(&mut self) -> Result<(), Broken> {
        self.fault("reload");
        let now = self.clock();
        let next = office::edited(&self.setup, &mut self.dice.apart()).map_err(|what| failed(now, what))?;
        self.setup = next.clone();
        self.watch.reload(next.clone());
        if let Some(process) = &mut self.process {
            let setup = self.options.mutant.map_or_else(|| next.clone(), |wrong| wrong.setup(&next));
            process.desk.reconfigure(setup, now);
        }
        if self.process.is_some() {
            self.dies("crash at a reload", 100);
        }
        Ok(())
    }

    /// Lets the desk take inputs, commits what they cause, and looks at it. Answers through `self` whether the
    /// process still lives.
    pub(super) async fn take(&mut self, inputs: Vec<Given>) -> Result<(), Broken> {
        let now = self.clock();
        let Some(process) = &mut self.process else { return Ok(()) };
        let store = Arc::clone(&process.store);
        let mut taken = Vec::new();
        let wrong = self.options.mutant;
        for (input, story) in &inputs {
            if process.desk.next_due().is_some_and(|due| due <= now) && *input != Input::Tick {
                let changes = heard(&mut process.desk, &Input::Tick, now, wrong);
                taken.push(Taken { input: Input::Tick, story: None, now, changes });
            }
            let changes = heard(&mut process.desk, input, now, wrong);
            taken.push(Taken { input: input.clone(), story: *story, now, changes });
        }
        if self.dies("crash before commit", 4) {
            self.unheard(inputs, "crash before commit");
            return Ok(());
        }
        let decided_at = self.now;
        let mut durable = false;
        let mut tries = 0;
        self.commits += 1;
        loop {
            let done = store.commit_numbered(self.commits, all(&taken)).await;
            if !durable && (done.is_ok() || Faulty::struck_after(&done)) {
                durable = true;
                self.entries += all(&taken)
                    .iter()
                    .filter(|change| matches!(change, Change::Entry(row) if row.kind != Entry::ACT))
                    .count();
                for one in &taken {
                    self.trace(one);
                    self.figures.steps += 1;
                    self.watch.committed(one)?;
                    self.note(one, decided_at);
                }
            }
            if done.is_ok() {
                break;
            }
            tries += 1;
            self.fault("failed commit");
            self.causes.disturb("the store failed", self.now);
            self.now += SignedDuration::from_secs(1);
            if tries > 40 || self.dies("crash in commit", 200) {
                drop(store);
                if tries > 40 {
                    self.stop(SignedDuration::from_secs(60));
                }
                let known = |given: &Given| durable && matches!(given.0, Input::Delivery(_));
                let inputs = inputs.into_iter().filter(|given| !known(given)).collect();
                self.unheard(inputs, "crash in commit");
                return Ok(());
            }
        }
        drop(store);
        self.follow_up(&taken);
        if self.dies("crash after commit", 4) {
            // The store knows; whoever gave a post or decided something had no answer and says it again.
            let answered = |given: &Given| matches!(given.0, Input::Delivery(_));
            self.unheard(inputs.into_iter().filter(|given| !answered(given)).collect(), "");
        }
        Ok(())
    }

    /// Notes what a durable step says of notices: when they were decided, and whether they are late.
    fn note(&mut self, taken: &Taken, decided_at: Timestamp) {
        for change in taken.changes.iter().flatten() {
            let Change::Notice(notice) = change else { continue };
            self.causes.decides(&notice.id, decided_at);
            if let NoticeState::Accepted { at, .. } = notice.state {
                self.causes.accepted(notice, at);
                self.await_receipt(notice);
            }
        }
    }

    /// The process has died; whoever had no answer asks again.
    fn unheard(&mut self, inputs: Vec<Given>, why: &'static str) {
        for (input, story) in inputs {
            match &input {
                Input::Delivery(delivery) if delivery.outcome == Outcome::Accepted => {
                    self.causes.tear(&delivery.notice, why);
                }
                Input::Delivery(_) => {}
                Input::Tick => {}
                Input::Mention(_)
                | Input::Act(_)
                | Input::Receipt(_)
                | Input::Operations(_)
                | Input::Vanished(_) => {
                    let at = self.now + SignedDuration::from_secs(self.dice.between(301, 900));
                    self.put(at, Happening::Given { input, story });
                }
            }
        }
    }
}

fn all(taken: &[Taken]) -> Vec<Change> {
    taken.iter().filter_map(|one| one.changes.as_deref()).flatten().cloned().collect()
}

/// What the desk, or a faulty one, says to an input.
fn heard(desk: &mut Desk, input: &Input, now: Timestamp, wrong: Option<Mutant>) -> Option<Vec<Change>> {
    let Some(wrong) = wrong else { return desk.take(input, now).ok() };
    let late = matches!(input, Input::Mention(one) if one.seen_at + SignedDuration::from_secs(30) < now);
    if late && wrong.drops_late() {
        return Some(Vec::new());
    }
    let Some(input) = wrong.input(input.clone()) else { return Some(Vec::new()) };
    let mut changes = desk.take(&input, now).ok()?;
    let silence_ends =
        changes.iter().any(|change| matches!(change, Change::Entry(entry) if entry.kind == "silence_ended"));
    wrong.changes(&mut changes, silence_ends);
    Some(changes)
}
