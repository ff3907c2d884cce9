//! The desk: everything that decides a tier, a deadline or a recipient.
//!
//! Pure: no I/O, clock, randomness or async. [`Desk::take`] gets one [`Input`] with its instant and
//! answers with [`Change`]s, whole rows to store; [`Desk::next_due`] says when time alone will change
//! something, and a [`Input::Tick`] then lets it fall due. What it knows can be rebuilt from the stored
//! rows ([`Restored`]), so a restart forgets nothing, and a month of events replays in milliseconds.
//!
//! Reading order: [`series`] V(t) of a post, [`heat`] of a statement, [`tier`] grading, [`grading`] what a
//! rise does, [`forecast`] when the next one comes, [`deadline`] what time does, [`switchboard`] and [`acts`] what people do, [`telling`] who gets which notice,
//! [`digest`], [`evidence`] and [`statement`] what belongs together, [`place`], [`by_text`] and [`unite`] where a post goes, [`merge`] two into
//! one and one into two, [`replan`] another plan for a running case, [`forget`] what has been silent for long, [`restore`] a start, [`thin`] which looks at what is archived can go, [`mod@unit`] the shard that holds it all.

mod acts;
mod by_text;
mod case;
mod change;
mod course;
mod deadline;
mod digest;
mod emergency;
mod enter;
mod erase;
mod evidence;
mod exact;
mod forecast;
mod forget;
mod grading;
mod heat;
mod live;
mod loose;
mod members;
mod merge;
mod monthly;
mod operations;
mod pause;
mod place;
mod reach;
mod receipt;
mod rehearsal;
mod replan;
mod restore;
mod rows;
mod series;
mod silence;
mod standing;
pub mod statement;
mod subside;
mod switchboard;
mod telling;
pub mod thin;
mod tier;
mod trie;
mod undo;
mod unit;
mod unite;
mod vanished;
mod withdraw;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    locale::Locale,
    model::{
        Contact, Delivery, IncidentId, IncidentState, Maintenance, Mention, Notice, NoticeId, Outcome, Plan,
        Roster, Unit, Upward, Workdays,
    },
};
use case::{Case, Work};
use unit::UnitDesk;

pub use change::*;
pub use course::LARGEST_FILE;
pub use live::{Followed, LiveSet};
pub use monthly::{MonthlyReport, MonthlyStanding, MonthlyState, monthly_report};
pub use pause::pause_subject;
pub use rehearsal::{Rehearsal, Seen};
pub use rows::is_backlog;
pub use series::{Reading, Series};

/// The office as the desk needs to know it: checked values of its files.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Units with the plan that each runs under.
    pub units: Vec<(Unit, Arc<Plan>)>,
    /// Contacts by name.
    pub contacts: BTreeMap<String, Contact>,
    /// Contacts that are one unit's, by unit: its plan's names mean these first.
    pub own_contacts: BTreeMap<String, BTreeMap<String, Contact>>,
    /// Days off and working weekends.
    pub workdays: Arc<Workdays>,
    /// The duty rota.
    pub roster: Arc<Roster>,
    /// What units report to those above them, by unit.
    pub upward: BTreeMap<String, Upward>,
    /// Hours in which faults of the machinery are expected.
    pub maintenance: Arc<Maintenance>,
    /// Language of timeline entries and notes.
    pub locale: Locale,
}

/// Whom the desk can tell, and when people work.
#[derive(Debug, Default)]
struct People {
    contacts: BTreeMap<String, Contact>,
    own_contacts: BTreeMap<String, BTreeMap<String, Contact>>,
    workdays: Arc<Workdays>,
    roster: Arc<Roster>,
    upward: BTreeMap<String, Upward>,
    maintenance: Arc<Maintenance>,
}

impl People {
    fn work(&self, now: Timestamp, locale: Locale) -> Work<'_> {
        Work {
            now,
            contacts: &self.contacts,
            own_contacts: &self.own_contacts,
            workdays: &self.workdays,
            roster: &self.roster,
            upward: &self.upward,
            locale,
            silences: Vec::new(),
            opened: Vec::new(),
            changes: Vec::new(),
        }
    }
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    units: BTreeMap<String, UnitDesk>,
    people: Arc<People>,
    locale: Locale,
    state: DeskState,
    /// Notices that belong to no incident: digests and operations.
    loose: BTreeMap<NoticeId, Notice>,
    timers: BTreeSet<(Timestamp, IncidentId)>,
    timer_of: BTreeMap<IncidentId, Timestamp>,
    /// When the office's files were taken last; what they changed is written down by the next tick.
    taken_at: Timestamp,
    /// What was published last.
    live: LiveSet,
    /// The latest instant that it was told.
    now: Timestamp,
}

impl Desk {
    /// A desk that goes on where the stored rows stand; `now` dates the first digest of a new unit.
    #[must_use]
    pub fn new(setup: Setup, restored: Restored, now: Timestamp) -> Self {
        let mut desk = Self {
            units: BTreeMap::new(),
            people: Arc::default(),
            locale: setup.locale,
            state: restored.state.clone().unwrap_or_default(),
            loose: BTreeMap::new(),
            timers: BTreeSet::new(),
            timer_of: BTreeMap::new(),
            taken_at: now,
            live: LiveSet::default(),
            now,
        };
        desk.state.next_id = desk.state.next_id.max(1);
        desk.reconfigure(setup, now);
        desk.restore(restored);
        desk
    }

    /// Takes the office's files anew. Running incidents keep the snapshot of their plan (SEMANTICS 18);
    /// a unit that is gone keeps its incidents running.
    pub fn reconfigure(&mut self, setup: Setup, now: Timestamp) {
        self.locale = setup.locale;
        let Setup { contacts, own_contacts, workdays, roster, upward, maintenance, .. } = setup;
        self.people = Arc::new(People { contacts, own_contacts, workdays, roster, upward, maintenance });
        self.taken_at = now;
        for (unit, plan) in setup.units {
            self.state.digests.entry(unit.name.clone()).or_insert(now);
            match self.units.get_mut(&unit.name) {
                Some(desk) => (desk.unit, desk.plan) = (unit, plan),
                None => {
                    self.units.insert(unit.name.clone(), UnitDesk::new(unit, plan));
                }
            }
        }
        self.begin_months(now);
    }

    /// Takes one input at its instant and answers with every change that it causes.
    ///
    /// # Errors
    /// An act that cannot be done (no such incident, an empty reason), in the office's language. Nothing
    /// has changed then.
    pub fn take(&mut self, input: &Input, now: Timestamp) -> Result<Vec<Change>, Refused> {
        self.now = self.now.max(now);
        let people = Arc::clone(&self.people);
        let mut work = people.work(now, self.locale);
        work.silences.clone_from(&self.state.silences);
        let before = self.state.clone();
        let result = match input {
            Input::Mention(mention) => {
                self.mention(mention, &mut work);
                Ok(())
            }
            Input::Act(act) => self.act(act, &mut work).map(|()| switchboard::record(act, &mut work)),
            Input::Delivery(delivery) => {
                self.delivery(delivery, &mut work);
                Ok(())
            }
            Input::Receipt(receipt) => {
                self.receipt(receipt, &mut work);
                Ok(())
            }
            Input::Operations(operations) => {
                self.operations(operations, &mut work);
                Ok(())
            }
            Input::Vanished(vanished) => {
                self.vanished(vanished, &mut work);
                Ok(())
            }
            Input::Tick => {
                self.tick(&mut work);
                Ok(())
            }
        };
        self.begin_emergencies(&mut work);
        let mut changes = work.changes;
        for (unit, exercise) in work.opened {
            self.count_opened(&unit, exercise, now);
        }
        if self.state != before {
            changes.push(Change::State(self.state.clone()));
        }
        result.map(|()| changes)
    }

    /// The next instant at which time alone changes something.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let digests = self.units.values().filter_map(|desk| {
            let last = self.state.digests.get(&desk.unit.name)?;
            Some(digest::next_digest(&desk.plan, *last))
        });
        let timers = self.timers.first().map(|timer| timer.0);
        digests
            .chain(timers)
            .chain(self.next_repeat())
            .chain(self.emergency_due())
            .chain(self.silence_due())
            .chain(self.pause_due())
            .chain(self.monthly_due())
            .chain(self.loose_due())
            .min()
    }

    /// What collect may ask: a snapshot of live members and statements.
    #[must_use]
    pub fn live_set(&self) -> LiveSet {
        let mut live = self.live.clone();
        live.refresh(self.units.values(), &self.state, self.now);
        live
    }

    /// The same for the loop that publishes it again and again: only what has changed since the last time is
    /// made anew, the rest is shared with the snapshots before.
    #[must_use]
    pub fn publish(&mut self) -> LiveSet {
        self.live.refresh(self.units.values(), &self.state, self.now);
        for desk in self.units.values_mut() {
            desk.dirty.clear();
        }
        self.live.clone()
    }

    fn mention(&mut self, mention: &Mention, work: &mut Work<'_>) {
        let Some(mention) = self.without_forgotten(mention) else { return };
        let mention = &*mention;
        let mut touched = Vec::new();
        for desk in self.units.values_mut() {
            for id in desk.take(mention, work, &mut self.state.next_id) {
                // One that was merged away has no case and waits for nothing.
                touched.push((id, desk.cases.get(&id).and_then(next_due)));
            }
        }
        for (id, due) in touched {
            self.set_timer(id, due);
        }
    }

    fn delivery(&mut self, delivery: &Delivery, work: &mut Work<'_>) {
        let refused = match delivery.notice.incident() {
            None => self.loose_delivered(delivery, work),
            Some(id) => {
                let answered =
                    |case: &mut Case, work: &mut Work<'_>| Ok(acts::delivered(case, work, delivery));
                self.with_case(id, work, answered).unwrap_or(None)
            }
        };
        if let (Some(notice), Outcome::Refused { why }) = (refused, &delivery.outcome) {
            self.address_fails(&notice, why, work);
        }
    }

    /// Does something to a case, keeps its row and its timer.
    fn with_case<T>(
        &mut self,
        id: IncidentId,
        work: &mut Work<'_>,
        act: impl FnOnce(&mut Case, &mut Work<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let id = self.follow(id);
        let missing = || Refused(format!("{} {id}", work.locale.pick("没有这个事件:", "no such incident:")));
        let Some(desk) = self.units.values_mut().find(|desk| desk.cases.contains_key(&id)) else {
            return Err(missing());
        };
        let Some(case) = desk.cases.get_mut(&id) else { return Err(missing()) };
        let before = case.row.clone();
        let done = act(case, work)?;
        course::follow(case, work);
        subside::confirm_by_plan(case, work);
        if case.row != before {
            work.changes.push(Change::Incident(Box::new(case.row.clone())));
        }
        let due = next_due(case);
        desk.dirty.insert(id);
        self.set_timer(id, due);
        Ok(done)
    }

    /// Where a merged incident went.
    fn follow(&self, id: IncidentId) -> IncidentId {
        let leads = |desk: &&UnitDesk| desk.redirects.contains_key(&id);
        self.units.values().find(leads).map_or(id, |desk| last_of(&desk.redirects, id))
    }

    fn set_timer(&mut self, id: IncidentId, due: Option<Timestamp>) {
        if let Some(old) = self.timer_of.remove(&id) {
            self.timers.remove(&(old, id));
        }
        if let Some(due) = due {
            self.timer_of.insert(id, due);
            self.timers.insert((due, id));
        }
    }

    /// Lets everything due fall due, gravest first (SEMANTICS 25).
    fn tick(&mut self, work: &mut Work<'_>) {
        let mut due: Vec<(usize, Timestamp, IncidentId)> = self
            .timers
            .range(..=(work.now, IncidentId(u64::MAX)))
            .map(|&(at, id)| (self.rank_of(id), at, id))
            .collect();
        due.sort_by_key(|&(rank, at, id)| (std::cmp::Reverse(rank), at, id));
        let mut silent = Vec::new();
        for (_, _, id) in due {
            let left = self.with_case(id, work, |case, work| {
                deadline::fall_due(case, work);
                subside::fall_due(case, work);
                Ok(forget::leaves_at(case).is_some_and(|at| at <= work.now))
            });
            silent.extend(left.is_ok_and(|left| left).then_some(id));
        }
        for id in silent {
            self.forget(id, work);
        }
        self.digests(work);
        self.repeat(work);
        self.end_emergencies(work);
        self.end_silences(work);
        self.end_pauses(work);
        self.months(work);
        self.fail_over_loose(work);
    }

    /// A statement that has been silent for its plan's window is no longer compared with what comes.
    fn forget(&mut self, id: IncidentId, work: &mut Work<'_>) {
        let Some(desk) = self.units.values_mut().find(|desk| desk.cases.contains_key(&id)) else { return };
        if let Some(mut case) = desk.release(id) {
            forget::archive(&mut case, work);
            desk.redirects.retain(|_, into| *into != id);
        }
        self.set_timer(id, None);
    }

    fn rank_of(&self, id: IncidentId) -> usize {
        self.units.values().find_map(|desk| desk.cases.get(&id)).map_or(0, |case| case.row.rank)
    }

    fn digests(&mut self, work: &mut Work<'_>) {
        let mut made = Vec::new();
        for desk in self.units.values_mut() {
            let Some(last) = self.state.digests.get(&desk.unit.name).copied() else { continue };
            if digest::next_digest(&desk.plan, last) > work.now {
                continue;
            }
            self.state.digests.insert(desk.unit.name.clone(), work.now);
            made.extend(digest::make(&desk.unit, &desk.plan, last, desk.cases.values_mut(), work));
        }
        self.keep_loose(made, work);
    }

    /// How many incidents are open, and the instant of the latest look: for the health page.
    #[must_use]
    pub fn open_incidents(&self) -> usize {
        let open = |case: &&Case| case.row.state == IncidentState::Open;
        self.units.values().map(|desk| desk.cases.values().filter(open).count()).sum()
    }
}

/// Follows redirects to where they end.
fn last_of(redirects: &BTreeMap<IncidentId, IncidentId>, mut id: IncidentId) -> IncidentId {
    // A merge goes to an older incident, so the walk ends.
    while let Some(next) = redirects.get(&id).filter(|next| **next < id) {
        id = *next;
    }
    id
}

/// The next instant at which time alone does something to a case.
fn next_due(case: &Case) -> Option<Timestamp> {
    deadline::next_due(case).into_iter().chain(forget::leaves_at(case)).chain(subside::due_at(case)).min()
}
