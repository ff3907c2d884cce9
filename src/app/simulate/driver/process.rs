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
    model::Entry,
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
        let Ok(restored) = store.restore().await else {
            self.put(again, Happening::Start);
            return Ok(());
        };
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
        if self.dice.per_mille(20) && self.now < self.ends - WELL {
            self.fault("crash at start");
            self.stop(SignedDuration::from_secs(5));
            return Ok(());
        }
        self.tick().await
    }

    /// Throws the process away; it comes back after a while.
    pub(super) fn stop(&mut self, long: SignedDuration) {
        self.process = None;
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
        if self.dice.per_mille(4) && self.now < self.ends - WELL {
            self.fault("crash before commit");
            self.crash(inputs);
            return Ok(());
        }
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
                }
            }
            if done.is_ok() {
                break;
            }
            tries += 1;
            self.fault("failed commit");
            self.now += SignedDuration::from_secs(1);
            if self.dice.percent(20) || tries > 40 {
                self.fault("crash in commit");
                drop(store);
                self.crash(inputs);
                return Ok(());
            }
        }
        drop(store);
        self.follow_up(&taken);
        if self.dice.per_mille(4) && self.now < self.ends - WELL {
            self.fault("crash after commit");
            self.crash(inputs);
        }
        Ok(())
    }

    /// The process dies; whoever had no answer asks again.
    pub(super) fn crash(&mut self, inputs: Vec<Given>) {
        for (input, story) in inputs {
            match &input {
                Input::Delivery(delivery) => drop(self.maybe_taken.insert(delivery.notice.clone())),
                Input::Tick => {}
                Input::Mention(_) | Input::Act(_) | Input::Operations(_) | Input::Vanished(_) => {
                    let at = self.now + SignedDuration::from_secs(self.dice.between(301, 900));
                    self.put(at, Happening::Given { input, story });
                }
            }
        }
        let long = SignedDuration::from_secs(self.dice.between(1, 300));
        self.stop(long);
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
