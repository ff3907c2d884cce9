//! What must hold after every step. The watch sees what the desk was given and every row that it caused, once that
//! is durable; what should have been caused it works out by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    naive::{Followed, Naive, Turn},
    office,
};
use crate::{
    desk::{Change, Input, Setup},
    model::{
        Act, Base, ChannelKind, Contact, Deadline, DeadlineKind, DeadlineState, Incident, IncidentId,
        IncidentState, Mention, Notice, NoticeId, NoticeKind, NoticeState, Plan, Post, PostKey, PostRow,
        Reckoning, Silence, TierRule,
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

/// Somebody who must be told by an instant.
#[derive(Debug, Clone)]
struct Owed {
    incident: IncidentId,
    graded_at: Timestamp,
    since: Timestamp,
    by: Timestamp,
    kinds: &'static [NoticeKind],
    channel: ChannelKind,
    address: String,
    name: String,
    /// Quiet hours in which a silence ended have been allowed for.
    slept: bool,
}

const OPENING: &[NoticeKind] = &[NoticeKind::Alert, NoticeKind::Rise, NoticeKind::Reopened];

/// The watch.
#[derive(Debug)]
pub struct Watch {
    setup: Setup,
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
    owed: Vec<Owed>,
    /// Notices of an incident by address, so that a look is quick.
    told: BTreeMap<IncidentId, Vec<NoticeId>>,
    /// The same by the instant at which they were decided.
    told_at: BTreeMap<(IncidentId, Timestamp), Vec<NoticeId>>,
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
            addresses: BTreeMap::new(),
            incidents: BTreeMap::new(),
            posts: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            notices: BTreeMap::new(),
            running: BTreeSet::new(),
            naive: Naive::default(),
            homes: BTreeMap::new(),
            silences: Vec::new(),
            owed: Vec::new(),
            told: BTreeMap::new(),
            told_at: BTreeMap::new(),
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
        self.setup = setup;
    }

    fn reach(&self, name: &str, at: Timestamp) -> Option<&Contact> {
        let contacts = &self.setup.contacts;
        contacts.get(self.setup.roster.on_duty(name, at)).or_else(|| contacts.get(name))
    }

    /// Looks at a step that is durable now.
    ///
    /// # Errors
    /// The first invariant that it breaks.
    pub fn committed(&mut self, taken: &Taken) -> Checked {
        let Some(changes) = &taken.changes else { return Ok(()) };
        let before: BTreeMap<IncidentId, usize> = self.ranks_of(changes);
        let ended = self.apply(taken, changes)?;
        self.only_the_planned_are_told(taken, changes)?;
        if let Input::Act(act) = &taken.input {
            self.decided(act, taken.now);
            self.confirmation_is_kept(act, taken.now)?;
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
                Change::Observation(_) | Change::Entry(_) => {}
            }
        }
        Ok(ended)
    }

    /// The same thing is not told to one address on one channel twice at one instant.
    fn said_once(&self, row: &Notice, now: Timestamp) -> Checked {
        let same = |other: &&Notice| {
            other.created_at == row.created_at
                && other.kind == row.kind
                && row.kind != NoticeKind::Failover
                && other.channel == row.channel
                && other.contact == row.contact
                && other.address == row.address
                && other.facts.line == row.facts.line
                && other.facts.note == row.facts.note
                && other.facts.step == row.facts.step
        };
        let of = row.incident.and_then(|id| self.told_at.get(&(id, row.created_at))).into_iter().flatten();
        let twin = of.filter_map(|id| self.notices.get(id)).find(|other| other.id != row.id && same(other));
        match twin {
            Some(twin) => Err(Broken {
                invariant: "no notice is sent twice",
                at: now,
                what: format!("{} says the same as {}", row.id, twin.id),
            }),
            None => Ok(()),
        }
    }

    fn only_the_planned_are_told(&self, taken: &Taken, changes: &[Change]) -> Checked {
        for change in changes {
            let Change::Notice(notice) = change else { continue };
            let mut names: BTreeSet<String> =
                self.setup.units.iter().flat_map(|(_, plan)| office::names(plan)).collect();
            if let Some(row) = notice.incident.and_then(|id| self.incidents.get(&id)) {
                names.extend(office::names(&row.plan));
                names.extend(row.told_directly.iter().cloned());
                names.extend(self.setup.upward.get(&row.unit).into_iter().flat_map(|up| up.tell.clone()));
            }
            names.insert(office::DESK.to_owned());
            let stands_in = self.setup.roster.rotas.get(&notice.contact).into_iter().flat_map(|rota| {
                let swaps = rota.swaps.iter().map(|swap| swap.who.clone());
                rota.week.iter().flatten().cloned().chain(swaps).chain(rota.deputy.clone())
            });
            let who: Vec<String> = stands_in.chain([notice.contact.clone()]).collect();
            let known = who
                .iter()
                .filter_map(|name| self.addresses.get(name))
                .any(|all| all.contains(&notice.address));
            let fine = names.contains(&notice.contact) && (known || notice.channel == ChannelKind::Exercise);
            if !fine {
                let what = format!("{} went to {} at {}", notice.id, notice.contact, notice.address);
                return Err(Broken { invariant: "nobody outside the plan is told", at: taken.now, what });
            }
        }
        Ok(())
    }

    /// Who confirms is written down, at the tier that was told him.
    fn confirmation_is_kept(&self, act: &Act, now: Timestamp) -> Checked {
        let Act::Acknowledge { incident, contact, rank, .. } = act else { return Ok(()) };
        let Some(row) = self.incidents.get(&self.survivor(*incident)) else { return Ok(()) };
        let rank = rank.unwrap_or(row.rank).min(row.rank);
        if row.acks.iter().any(|ack| ack.contact == *contact && ack.rank >= rank) {
            return Ok(());
        }
        let what = format!("incident {}: {contact} confirmed and it is not known", row.id);
        Err(Broken { invariant: "a confirmation is kept", at: now, what })
    }

    /// What a person decided, as the naive count must know it.
    fn decided(&mut self, act: &Act, now: Timestamp) {
        match act {
            Act::Override { incident, .. } => {
                let id = self.survivor(*incident);
                let machine = self.naive.machine(id, &self.naive.count(id, now));
                if let (Some(case), Some(row)) = (self.naive.incidents.get_mut(&id), self.incidents.get(&id))
                {
                    let decided = row.overridden.as_ref().map_or(row.rank, |one| one.rank);
                    case.overridden = Some((decided, machine));
                    case.rank = decided;
                }
            }
            Act::Close { incident, .. } => {
                let id = self.survivor(*incident);
                self.naive.close(id, now);
            }
            _ => {}
        }
    }

    fn survivor(&self, mut id: IncidentId) -> IncidentId {
        while let Some(next) = self.incidents.get(&id).and_then(|row| row.merged_into) {
            id = next;
        }
        id
    }

    /// A look: where it went, and what tier the statement has now.
    fn looked(
        &mut self,
        mention: &Mention,
        story: (usize, bool),
        now: Timestamp,
        changes: &[Change],
    ) -> Checked {
        let moved = changes
            .iter()
            .any(|change| matches!(change, Change::Incident(row) if row.state == IncidentState::Merged));
        let mut units: Vec<String> = mention.hits.iter().map(|hit| hit.unit.clone()).collect();
        units.dedup();
        for unit in units {
            let embedded = mention.post.repost_of.as_ref().and_then(|of| of.embedded.as_deref());
            let own = (&mention.post, &mention.counters);
            let looks: Vec<(&Post, _)> =
                embedded.map(|one| (&one.post, &one.counters)).into_iter().chain([own]).collect();
            let mut touched = BTreeSet::new();
            for (post, counters) in looks {
                let Some(row) = self.posts.get(&(unit.clone(), post.key.clone())).cloned() else {
                    let what = format!("a post that met a rule of {unit} was not taken: {}", post.key);
                    return Err(Broken { invariant: "no mention is lost", at: now, what });
                };
                self.home(&row, story, now)?;
                self.naive.look(&row, mention, post, counters);
                touched.insert(row.incident);
            }
            for id in touched {
                if moved {
                    self.rebase(id);
                } else {
                    self.compare(id, now, changes)?;
                }
            }
        }
        Ok(())
    }

    fn home(&mut self, row: &PostRow, (story, free): (usize, bool), now: Timestamp) -> Checked {
        let id = row.incident;
        if !self.naive.incidents.contains_key(&id) {
            let current = self.setup.units.iter().find(|(unit, _)| unit.name == row.unit);
            let Some(plan) = current.map(|(_, plan)| Arc::clone(plan)) else { return Ok(()) };
            let fresh = Followed {
                plan,
                state: IncidentState::Dormant,
                rank: 0,
                closed_at: None,
                at_least: None,
                overridden: None,
                touched: free,
            };
            self.naive.incidents.insert(id, fresh);
        }
        // A repost seen before its original stands alone until that comes.
        let of = row.post.repost_of.as_ref().and_then(|of| of.key.clone());
        let alone = of.is_some_and(|of| !self.posts.contains_key(&(row.unit.clone(), of)));
        if free || alone {
            return Ok(());
        }
        let key = (row.unit.clone(), story);
        let touched = |id: &IncidentId| self.naive.incidents.get(id).is_some_and(|case| case.touched);
        match self.homes.get(&key) {
            Some(home) if *home == id || touched(home) || touched(&id) => {}
            Some(home) => {
                let what = format!("story {story}: {} is in incident {id}, not {home}", row.post.key);
                return Err(Broken { invariant: "one statement is one incident", at: now, what });
            }
            None if self.homes.values().any(|home| *home == id) && !touched(&id) => {
                let what = format!("story {story}: {} joined incident {id} of another story", row.post.key);
                return Err(Broken { invariant: "one statement is one incident", at: now, what });
            }
            None => drop(self.homes.insert(key, id)),
        }
        Ok(())
    }

    fn compare(&mut self, id: IncidentId, now: Timestamp, changes: &[Change]) -> Checked {
        let turn = self.naive.grade(id, now);
        self.graded += 1;
        let (Some(row), Some(case)) = (self.incidents.get(&id), self.naive.incidents.get(&id)) else {
            let what = format!("incident {id} has no row");
            return Err(Broken { invariant: "tiers are those of a naive count", at: now, what });
        };
        let same = row.state == case.state && (row.state != IncidentState::Open || row.rank == case.rank);
        if !same {
            let what = format!(
                "incident {id} is {:?} {}, the count says {:?} {}: {:?}; {:?}",
                row.state,
                row.rank,
                case.state,
                case.rank,
                self.naive.count(id, now),
                row.heat
            );
            return Err(Broken { invariant: "tiers are those of a naive count", at: now, what });
        }
        match turn {
            Turn::To(rank) => self.opened(id, rank, now, changes),
            Turn::Nothing => Ok(()),
        }
    }

    /// After people's decisions, the row is where the count goes on.
    fn rebase(&mut self, id: IncidentId) {
        if let (Some(row), Some(case)) = (self.incidents.get(&id), self.naive.incidents.get_mut(&id)) {
            case.touched = true;
            (case.state, case.rank, case.closed_at) = (row.state, row.rank, row.closed_at);
            case.at_least = row.at_least.as_ref().map(|one| one.0);
            case.overridden = row.overridden.as_ref().map(|one| (one.rank, one.machine_rank));
        }
    }

    /// Follows merges, splits and archives.
    fn moved(&mut self, now: Timestamp, changes: &[Change]) {
        let mut again = BTreeSet::new();
        for change in changes {
            match change {
                Change::Post(row) => {
                    let known = self.naive.posts.get_mut(&(row.unit.clone(), row.post.key.clone()));
                    if let Some(known) = known.filter(|known| known.incident != row.incident) {
                        again.extend([known.incident, row.incident]);
                        known.incident = row.incident;
                        known.take_role(row.role);
                        if !self.naive.incidents.contains_key(&row.incident)
                            && let Some(incident) = self.incidents.get(&row.incident)
                        {
                            let fresh = Followed {
                                plan: Arc::clone(&incident.plan),
                                state: incident.state,
                                rank: incident.rank,
                                closed_at: incident.closed_at,
                                at_least: None,
                                overridden: None,
                                touched: true,
                            };
                            self.naive.incidents.insert(row.incident, fresh);
                        }
                    }
                }
                Change::Incident(row) if row.state == IncidentState::Merged => {
                    again.extend([row.id]);
                    again.extend(row.merged_into);
                    for home in self.homes.values_mut().filter(|home| **home == row.id) {
                        *home = row.merged_into.unwrap_or(row.id);
                    }
                }
                Change::Incident(row) if row.state == IncidentState::Archived => {
                    self.naive.incidents.remove(&row.id);
                    self.naive.posts.retain(|_, post| post.incident != row.id);
                    self.homes.retain(|_, home| *home != row.id);
                }
                _ => {}
            }
        }
        let _ = now;
        for id in again {
            self.rebase(id);
        }
    }

    /// The silence that holds an incident back.
    fn silenced(&self, row: &Incident, now: Timestamp) -> Option<Timestamp> {
        let over = |silence: &&Silence| {
            silence.unit == row.unit
                && silence.from <= now
                && now < silence.until
                && row.rank <= silence.up_to_rank
                && silence.group.as_ref().is_none_or(|group| row.groups.iter().all(|one| one == group))
        };
        self.silences.iter().filter(over).map(|silence| silence.until).max()
    }

    /// A tier began: who must hear of it, and which limits must run.
    fn opened(&mut self, id: IncidentId, rank: usize, now: Timestamp, changes: &[Change]) -> Checked {
        let Some(row) = self.incidents.get(&id).cloned() else { return Ok(()) };
        let Some(plan) = self.naive.incidents.get(&id).map(|case| Arc::clone(&case.plan)) else {
            return Ok(());
        };
        let Some(tier) = plan.tiers.iter().find(|tier| tier.rank == rank) else { return Ok(()) };
        if !tier.telling.alerts() {
            return Ok(());
        }
        let silent = self.silenced(&row, now);
        let night = quiet_ends(&plan, tier, now);
        let by = silent.or(night).unwrap_or(now);
        let first = tier.lines.iter().filter_map(|line| line.steps.first()).flatten();
        let first = first.map(|name| (name, OPENING));
        let copies = tier.copies.iter().map(|name| (name, &[NoticeKind::Copy][..]));
        for (name, kinds) in first.chain(copies) {
            let Some(contact) = self.reach(name, by) else { continue };
            for (channel, address) in ways(contact, tier) {
                self.owed.push(Owed {
                    incident: id,
                    graded_at: row.graded_at,
                    since: now,
                    by,
                    kinds,
                    channel,
                    address,
                    name: name.clone(),
                    slept: silent.is_none(),
                });
            }
        }
        if silent.is_some() {
            return Ok(());
        }
        let begins = night.unwrap_or(now);
        let mut limits = Vec::new();
        if let Some(report) = tier.report {
            limits.push((DeadlineKind::Report, None, now + report));
        }
        if let Some(acknowledge) = tier.acknowledge {
            for line in &tier.lines {
                let wait = line.waits.first().copied().flatten().unwrap_or(acknowledge);
                limits.push((DeadlineKind::Acknowledge, Some(line.name.clone()), begins + wait));
            }
        }
        for (kind, line, due) in limits {
            let runs = |change: &Change| {
                matches!(change, Change::Deadline(d) if d.incident == id && d.kind == kind && d.line == line
                    && d.rank == rank && d.due_at == due)
            };
            if !changes.iter().any(runs) {
                let what = format!("incident {id} opened at {rank}, no {kind:?} of {line:?} due at {due}");
                return Err(Broken { invariant: "no deadline is forgotten", at: now, what });
            }
        }
        self.response_runs(&row, tier, now)
    }

    /// The public answer is due when the plan says, or when it was before.
    fn response_runs(&self, row: &Incident, tier: &TierRule, now: Timestamp) -> Checked {
        let Some(limit) = tier.response.filter(|_| row.responded_at.is_none()) else { return Ok(()) };
        let members = self.naive.posts.values().filter(|post| post.incident == row.id);
        let (detected, published) = super::naive::origin(members, row.detected_at);
        let origin = |at| if row.reopened > 0 { now } else { at };
        let base = match limit.from {
            Base::Published => origin(published.unwrap_or(detected)),
            Base::Detected => origin(detected),
            Base::Graded => now,
            Base::Told | Base::Acknowledged | Base::Responded | Base::Closed => return Ok(()),
        };
        let due = match limit.reckoning {
            Reckoning::Calendar => base + limit.within,
            Reckoning::Working | Reckoning::SameDay => return Ok(()),
        };
        let found = self.deadlines.values().find(|d| {
            d.incident == row.id && d.kind == DeadlineKind::Response && d.is_open() && d.due_at <= due
        });
        let earlier = |d: &Deadline| {
            let of = d.incident == row.id && d.kind == DeadlineKind::Response && d.due_at < due;
            of && matches!(&d.state, DeadlineState::Ended { why } if why == "superseded")
        };
        match found {
            Some(found) if found.due_at == due || self.deadlines.values().any(earlier) => Ok(()),
            found => {
                let what = format!("incident {}: the answer is due at {due}, found {found:?}", row.id);
                Err(Broken { invariant: "no deadline is forgotten", at: now, what })
            }
        }
    }

    /// A limit has passed: what follows from it, said with its true lateness.
    fn fell_due(&self, deadline: &Deadline, now: Timestamp, changes: &[Change]) -> Checked {
        let broken = |invariant, what| Err(Broken { invariant, at: now, what });
        if deadline.due_at > now {
            return broken("no deadline falls due early", format!("{} at {}", deadline.key, deadline.due_at));
        }
        let Some(row) = self.incidents.get(&deadline.incident) else { return Ok(()) };
        let Some(case) = self.naive.incidents.get(&deadline.incident) else { return Ok(()) };
        let Some(tier) = case.plan.tiers.iter().find(|tier| tier.rank == row.rank) else { return Ok(()) };
        let minutes = now.duration_since(deadline.due_at).as_mins();
        let true_lateness = |notice: &Notice| match minutes {
            0 => !notice.facts.note.contains("逾期"),
            _ => notice.facts.note.contains(&format!("已逾期 {minutes} 分钟")),
        };
        let new = |kind| {
            changes.iter().filter_map(move |change| match change {
                Change::Notice(notice) if notice.kind == kind && notice.created_at == now => Some(&**notice),
                _ => None,
            })
        };
        let of_this = |notice: &&Notice| notice.incident == Some(deadline.incident);
        if deadline.kind != DeadlineKind::Acknowledge {
            for name in &case.plan.administrators {
                let Some(contact) = self.reach(name, now) else { continue };
                for (channel, address) in ways(contact, tier) {
                    let told = |notice: &Notice| notice.channel == channel && notice.address == address;
                    if !new(NoticeKind::Overdue).filter(of_this).any(|one| told(one) && true_lateness(one)) {
                        let what =
                            format!("{} passed {minutes} min ago, {name} is not told so", deadline.key);
                        return broken("what is overdue is told with its true lateness", what);
                    }
                }
            }
            return Ok(());
        }
        let Some(line) = tier.lines.iter().find(|line| Some(&line.name) == deadline.line.as_ref()) else {
            return Ok(());
        };
        let step = if deadline.step + 1 < line.steps.len() { deadline.step + 1 } else { 0 };
        let wait = line.waits.get(step).copied().flatten().or(tier.acknowledge);
        let wait = wait.unwrap_or(SignedDuration::from_mins(15));
        let goes_on = changes.iter().any(|change| {
            matches!(change, Change::Deadline(d) if d.kind == DeadlineKind::Acknowledge
                && d.incident == deadline.incident && d.line == deadline.line && d.step == step
                && d.due_at == now + wait && d.state == DeadlineState::Running)
        });
        if !goes_on {
            return broken(
                "a chain never falls silent",
                format!("{}: step {step} has no time", deadline.key),
            );
        }
        for name in line.steps.get(step).into_iter().flatten() {
            let Some(contact) = self.reach(name, now) else { continue };
            for (channel, address) in ways(contact, tier) {
                let told = |notice: &Notice| {
                    notice.kind == NoticeKind::Escalation
                        && notice.channel == channel
                        && notice.address == address
                        && (notice.created_at < now || true_lateness(notice))
                };
                let ids = self.told.get(&deadline.incident).into_iter().flatten();
                let mut all = ids.filter_map(|id| self.notices.get(id));
                if !all.any(|notice| told(notice) && same_step(notice, row, step)) {
                    let what = format!("{}: {name} ({address}) of step {step} is not told", deadline.key);
                    return broken("no due notice is lost", what);
                }
            }
        }
        Ok(())
    }

    /// Once the desk is due no more, nothing is past that still counts as running.
    ///
    /// # Errors
    /// The limit that is.
    pub fn nothing_is_forgotten(&self, now: Timestamp) -> Checked {
        match self.running.first().filter(|(due, _)| *due <= now) {
            Some((due, key)) => Err(Broken {
                invariant: "no deadline is forgotten",
                at: now,
                what: format!("{key} was due at {due}"),
            }),
            None => Ok(()),
        }
    }

    fn everybody_owed_is_told(&mut self, taken: &Taken) -> Checked {
        let now = taken.now;
        let mut broken = None;
        let mut owed = std::mem::take(&mut self.owed);
        owed.retain_mut(|one| {
            let Some(row) = self.incidents.get(&one.incident) else { return false };
            let stands = row.state == IncidentState::Open && row.graded_at == one.graded_at;
            if !stands {
                return false;
            }
            let ids = self.told.get(&one.incident).into_iter().flatten();
            let told = ids.filter_map(|id| self.notices.get(id)).any(|notice| {
                one.kinds.contains(&notice.kind)
                    && notice.channel == one.channel
                    && notice.created_at >= one.since
                    && (notice.address == one.address || (one.by > one.since && notice.contact == one.name))
            });
            if told {
                return false;
            }
            if let Some(until) = self.silenced(row, now) {
                // Another silence has begun meanwhile.
                one.by = one.by.max(until);
                return true;
            }
            if !one.slept && one.by <= now && row.held.is_none() {
                // The silence ended in quiet hours: these hold back once more.
                one.slept = true;
                let tier = row.plan.tiers.iter().find(|tier| tier.rank == row.rank);
                if let Some(wakes) = tier.and_then(|tier| quiet_ends(&row.plan, tier, now)) {
                    one.by = wakes;
                    return true;
                }
            }
            let ticked = taken.input == Input::Tick || one.by == one.since;
            if row.held.is_none() && ticked && one.by <= now && broken.is_none() {
                let what = format!("incident {}: {} ({}) is not told", one.incident, one.name, one.address);
                broken = Some(Broken { invariant: "no due notice is lost", at: now, what });
            }
            if row.held.is_some() && ticked && one.by < now && broken.is_none() {
                let what = format!("incident {}: {} is held back beyond {}", one.incident, one.name, one.by);
                broken = Some(Broken { invariant: "no due notice is lost", at: now, what });
            }
            true
        });
        self.owed = owed;
        broken.map_or(Ok(()), Err)
    }

    /// While nobody of a line has confirmed, its chain has a next time.
    fn chains_go_on(&self, now: Timestamp, changes: &[Change]) -> Checked {
        let touched: BTreeSet<IncidentId> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Incident(row) => Some(row.id),
                Change::Deadline(row) => Some(row.incident),
                _ => None,
            })
            .collect();
        for id in touched {
            let Some(row) = self.incidents.get(&id) else { continue };
            let Some(case) = self.naive.incidents.get(&id) else { continue };
            let Some(tier) = case.plan.tiers.iter().find(|tier| tier.rank == row.rank) else { continue };
            let alerts = tier.telling.alerts() && tier.acknowledge.is_some();
            if row.state != IncidentState::Open || !alerts || row.held.is_some() || row.told_rank.is_none() {
                continue;
            }
            for line in tier.lines.iter().filter(|_| row.overridden.is_none() && !case.touched) {
                let confirmed = row.acks.iter().any(|ack| {
                    ack.rank >= row.rank && line.steps.iter().flatten().any(|name| *name == ack.contact)
                });
                let prefix = format!("{id}/");
                let runs =
                    self.deadlines.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
                let mut runs = runs.filter(|(_, d)| d.kind == DeadlineKind::Acknowledge);
                let goes_on = runs
                    .any(|(_, d)| d.line.as_ref() == Some(&line.name) && d.state == DeadlineState::Running);
                if !confirmed && !goes_on {
                    let what =
                        format!("incident {id}, line {}: nobody confirmed and nothing runs", line.name);
                    return Err(Broken { invariant: "a chain never falls silent", at: now, what });
                }
            }
        }
        Ok(())
    }
}

fn same_step(notice: &Notice, row: &Incident, step: usize) -> bool {
    let mut parts = notice.id.0.split('/');
    let epoch = parts.nth(1).is_some_and(|epoch| epoch == row.epoch.to_string());
    epoch && parts.nth(1).is_some_and(|place| place.ends_with(&format!(".{step}")))
}

/// The channels by which a contact must be told at a tier, with its addresses there.
fn ways(contact: &Contact, tier: &TierRule) -> Vec<(ChannelKind, String)> {
    let address = |kind: ChannelKind| match kind {
        ChannelKind::Email => contact.email.clone(),
        ChannelKind::Sms | ChannelKind::Phone => contact.phone.clone(),
        ChannelKind::Robot
        | ChannelKind::Webhook
        | ChannelKind::Ntfy
        | ChannelKind::Voice
        | ChannelKind::Exercise => None,
    };
    let has: Vec<_> = contact.channels.iter().filter_map(|kind| Some((*kind, address(*kind)?))).collect();
    let asked: Vec<_> = has.iter().filter(|(kind, _)| tier.channels.contains(kind)).cloned().collect();
    if asked.is_empty() { has.into_iter().take(1).collect() } else { asked }
}

/// When quiet hours let a notice of `now` go; `None` when they do not hold.
fn quiet_ends(plan: &Plan, tier: &TierRule, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = tier.quiet?;
    let zone = TimeZone::get(&plan.zone).ok()?;
    let clock = |time: jiff::civil::Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let local = now.to_zoned(zone.clone());
    let minute = clock(local.time());
    let (from, to_minute) = (clock(from), clock(to));
    let inside = if from > to_minute {
        minute >= from || minute < to_minute
    } else {
        (from..to_minute).contains(&minute)
    };
    if !inside {
        return None;
    }
    let mut ends = local.date().to_datetime(to).to_zoned(zone.clone()).ok()?.timestamp();
    while ends <= now {
        ends += SignedDuration::from_hours(24);
    }
    let latest = now + tier.report.unwrap_or(SignedDuration::from_mins(15)) * 3 / 4;
    Some(ends.min(latest))
}

/// What one tick lets fall due comes out gravest first.
fn gravest_first(ranks: &BTreeMap<IncidentId, usize>, now: Timestamp, changes: &[Change]) -> Checked {
    let mut least = usize::MAX;
    for change in changes {
        let Change::Notice(notice) = change else { continue };
        if notice.created_at != now || !matches!(notice.kind, NoticeKind::Escalation | NoticeKind::Overdue) {
            continue;
        }
        let Some(rank) = notice.incident.and_then(|id| ranks.get(&id)) else { continue };
        if *rank > least {
            let what = format!("{} comes after one of a lower tier", notice.id);
            return Err(Broken { invariant: "what fell due is told gravest first", at: now, what });
        }
        least = *rank;
    }
    Ok(())
}
