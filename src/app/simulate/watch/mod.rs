//! What must hold after every step. The watch sees what the desk was given and every row that it caused, once that
//! is durable; what should have been caused it works out by itself.

mod limit;
mod machinery;
mod notice;
mod opening;
mod receipt;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::{limit::gravest_first, opening::Owed};
use super::{naive::Naive, office};
use crate::{
    desk::{Change, Input, Setup},
    model::{
        Contact, Deadline, DeadlineState, Incident, IncidentId, Notice, NoticeId, NoticeState, PostKey,
        PostRow, Silence,
    },
};

/// A broken invariant.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Which one.
    pub invariant: &'static str,
    /// When, by the desk's clock. UTC.
    pub at: Timestamp,
    /// What is wrong.
    pub what: String,
}

/// An input with what it caused.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The input.
    pub input: Input,
    /// Number of the story of a look, and whether the desk alone says where it belongs.
    pub story: Option<(usize, bool)>,
    /// The desk's clock.
    pub now: Timestamp,
    /// What it caused; `None` when it was refused.
    pub changes: Option<Vec<Change>>,
}

/// The watch.
#[derive(Debug)]
pub struct Watch {
    setup: Setup,
    /// Whom the plans name now.
    planned: BTreeSet<String>,
    /// Every address that a name has had.
    addresses: BTreeMap<String, BTreeSet<String>>,
    pub incidents: BTreeMap<IncidentId, Incident>,
    pub posts: BTreeMap<(String, PostKey), PostRow>,
    pub deadlines: BTreeMap<String, Deadline>,
    pub notices: BTreeMap<NoticeId, Notice>,
    running: BTreeSet<(Timestamp, String)>,
    naive: Naive,
    homes: BTreeMap<(String, usize), IncidentId>,
    silences: Vec<Silence>,
    /// Stories of which a unit has heard.
    heard: BTreeSet<(String, usize)>,
    /// Subjects of faults that stand.
    broken: BTreeSet<String>,
    owed: Vec<Owed>,
    /// Notices of an incident by address, so that a look is quick.
    told: BTreeMap<IncidentId, Vec<NoticeId>>,
    /// The same by the instant at which they were decided.
    told_at: BTreeMap<(IncidentId, Timestamp), Vec<NoticeId>>,
    /// The clock at the last commit.
    latest: Timestamp,
    /// Notices put into the outbox.
    pub due: u64,
    /// Times at which a tier was compared.
    pub graded: u64,
}

type Checked = Result<(), Broken>;

impl Watch {
    pub fn new(setup: Setup) -> Self {
        let mut watch = Self {
            setup: Setup::default(),
            planned: BTreeSet::new(),
            addresses: BTreeMap::new(),
            incidents: BTreeMap::new(),
            posts: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            notices: BTreeMap::new(),
            running: BTreeSet::new(),
            naive: Naive::default(),
            homes: BTreeMap::new(),
            silences: Vec::new(),
            heard: BTreeSet::new(),
            broken: BTreeSet::new(),
            owed: Vec::new(),
            told: BTreeMap::new(),
            told_at: BTreeMap::new(),
            latest: Timestamp::MIN,
            due: 0,
            graded: 0,
        };
        watch.reload(setup);
        watch
    }

    /// The office's files were taken anew.
    pub fn reload(&mut self, setup: Setup) {
        for contact in setup.contacts.values() {
            let all = self.addresses.entry(contact.name.clone()).or_default();
            all.extend(contact.email.iter().chain(&contact.phone).cloned());
        }
        self.planned = setup.units.iter().flat_map(|(_, plan)| office::names(plan)).collect();
        self.setup = setup;
    }

    fn reach(&self, name: &str, at: Timestamp) -> Option<&Contact> {
        let contacts = &self.setup.contacts;
        contacts.get(self.setup.roster.on_duty(name, at)).or_else(|| contacts.get(name))
    }

    /// A notice that was not there before. What becomes of it later is no new decision: the plan may be another then.
    fn newly_decided<'a>(&self, change: &'a Change) -> Option<&'a Notice> {
        let Change::Notice(notice) = change else { return None };
        (!self.notices.contains_key(&notice.id)).then_some(notice)
    }

    /// Looks at a step that is durable now.
    ///
    /// # Errors
    /// The first invariant that it breaks.
    pub fn committed(&mut self, taken: &Taken) -> Checked {
        let Some(changes) = &taken.changes else { return Ok(()) };
        if taken.now < self.latest {
            // The clock was stepped back: what carries the same instant from here on was not told at one.
            self.told_at.clear();
        }
        self.latest = taken.now;
        let before: BTreeMap<IncidentId, usize> = self.ranks_of(changes);
        let decided: Vec<&Notice> = changes.iter().filter_map(|change| self.newly_decided(change)).collect();
        let ended = self.apply(taken, changes)?;
        self.only_the_planned_are_told(taken, &decided)?;
        if let Input::Act(act) = &taken.input {
            self.decided(act, taken.now);
            self.confirmation_is_kept(act, taken.now)?;
        }
        if let Input::Operations(operations) = &taken.input {
            self.machinery(operations, taken.now, changes)?;
        }
        if let Input::Receipt(receipt) = &taken.input {
            self.heard_of(receipt, taken, changes)?;
        }
        if let (Input::Mention(mention), Some(story)) = (&taken.input, taken.story) {
            self.looked(mention, story, taken.now, changes)?;
        }
        self.moved(taken.now, changes);
        for deadline in &ended {
            self.fell_due(deadline, taken.now, changes)?;
        }
        if taken.input == Input::Tick {
            gravest_first(&before, taken.now, changes)?;
        }
        self.everybody_owed_is_told(taken)?;
        self.chains_go_on(taken.now, changes)
    }

    fn ranks_of(&self, changes: &[Change]) -> BTreeMap<IncidentId, usize> {
        let ids = changes.iter().filter_map(|change| match change {
            Change::Notice(notice) => notice.incident,
            _ => None,
        });
        ids.filter_map(|id| Some((id, self.incidents.get(&id)?.rank))).collect()
    }

    /// Puts rows where they belong; answers with the limits that fell due in this step.
    fn apply(&mut self, taken: &Taken, changes: &[Change]) -> Result<Vec<Deadline>, Broken> {
        let broken = |invariant, what| Broken { invariant, at: taken.now, what };
        let mut ended = Vec::new();
        for change in changes {
            match change {
                Change::Incident(row) => drop(self.incidents.insert(row.id, (**row).clone())),
                Change::Post(row) => {
                    self.posts.insert((row.unit.clone(), row.post.key.clone()), (**row).clone());
                }
                Change::Deadline(row) => {
                    let was = self.deadlines.insert(row.key.clone(), row.clone());
                    if let Some(was) = &was {
                        self.running.remove(&(was.due_at, was.key.clone()));
                    }
                    if row.state == DeadlineState::Running {
                        self.running.insert((row.due_at, row.key.clone()));
                    }
                    // One that a merge took over under another key fell due before.
                    let ran = was.is_some_and(|was| was.state == DeadlineState::Running);
                    if row.state == DeadlineState::Overdue && ran {
                        ended.push(row.clone());
                    }
                }
                Change::Notice(row) => {
                    if let Some(known) = self.notices.get_mut(&row.id) {
                        let over = matches!(known.state, NoticeState::Accepted { .. });
                        if over && row.state == NoticeState::Pending {
                            return Err(broken("no notice is sent twice", format!("{} waits again", row.id)));
                        }
                        known.state = row.state.clone();
                    } else {
                        self.due += u64::from(row.state == NoticeState::Pending);
                        if let Some(id) = row.incident {
                            self.told.entry(id).or_default().push(row.id.clone());
                            self.told_at.entry((id, row.created_at)).or_default().push(row.id.clone());
                        }
                        self.said_once(row, taken.now)?;
                        self.notices.insert(row.id.clone(), (**row).clone());
                    }
                }
                Change::State(state) => self.silences.clone_from(&state.silences),
                Change::Observation(_)
                | Change::Entry(_)
                | Change::Evidence(_)
                | Change::Forget(_)
                | Change::File(_)
                | Change::FileVersion(_) => {}
            }
        }
        Ok(ended)
    }
}
