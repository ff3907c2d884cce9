//! The daemon as the simulation drives it: its desk loop and its dispatch, step by step in virtual time, thrown
//! away and restored from the store whenever the dice say so. Inputs that were not acknowledged are given again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Broken, Figures, Mutant, Opener, Options,
    dice::Dice,
    office, stories,
    watch::{Taken, Watch},
    world::{Answer, World},
};
use crate::{
    desk::{Change, Desk, Input, Operations, Setup},
    dispatch::next_attempt_at,
    model::{AckHow, Act, ChannelKind, Delivery, IncidentId, IncidentState, NoticeId, NoticeState, Outcome},
    store::{Call, Faulty, SharedStore, Strike},
};

/// Monday, 2026-11-02, 08:00 in Beijing.
const START: i64 = 1_793_577_600;
/// Days at the end in which everything works.
const WELL: SignedDuration = SignedDuration::from_hours(48);
/// Ticks at one instant that may change nothing.
const IDLE: u32 = 20;

/// What happens at an instant.
#[derive(Debug, Clone)]
enum Happening {
    Given { input: Input, story: Option<(usize, bool)> },
    Person,
    Acknowledges(NoticeId),
    Start,
    Down,
    Step(SignedDuration),
    Reload,
    SecondDaemon,
}

/// The present process: it is gone with a crash.
struct Process {
    store: SharedStore,
    desk: Desk,
}

struct Sim {
    dice: Dice,
    options: Options,
    opener: Opener,
    process: Option<Process>,
    /// True time.
    now: Timestamp,
    /// How far the machine's clock is off.
    skew: SignedDuration,
    ends: Timestamp,
    setup: Setup,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    number: u64,
    world: World,
    watch: Watch,
    /// Notices that a server may have taken without our knowing.
    maybe_taken: BTreeSet<NoticeId>,
    /// Kept back by this process after its failed record.
    parked: BTreeMap<NoticeId, Timestamp>,
    strikes: Arc<Mutex<Strikes>>,
    figures: Figures,
    starts: u32,
}

/// Decides of calls to the store.
struct Strikes {
    dice: Dice,
    /// In a thousand.
    often: u64,
    last: Strike,
    count: u64,
}

/// Runs one seed.
///
/// # Errors
/// The first invariant that breaks.
pub async fn run(options: Options, opener: Opener) -> Result<Figures, Broken> {
    let mut dice = Dice::of(options.seed);
    let start = Timestamp::from_second(START).unwrap_or(Timestamp::UNIX_EPOCH);
    let span = SignedDuration::from_hours(options.days * 24);
    let setup = office::draw(&mut dice.apart()).map_err(|what| failed(start, what))?;
    let troubled = start + span;
    let strikes = Strikes { dice: dice.apart(), often: dice.below(40), last: Strike::None, count: 0 };
    let mut sim = Sim {
        world: World::new(dice.apart(), troubled),
        watch: Watch::new(setup.clone()),
        strikes: Arc::new(Mutex::new(strikes)),
        options,
        opener,
        process: None,
        now: start,
        skew: SignedDuration::ZERO,
        ends: troubled + WELL,
        setup,
        queue: BTreeMap::new(),
        number: 0,
        maybe_taken: BTreeSet::new(),
        parked: BTreeMap::new(),
        figures: Figures { seeds: 1, days: options.days, ..Figures::default() },
        starts: 0,
        dice,
    };
    sim.plan(span);
    sim.put(start, Happening::Start);
    sim.go().await?;
    sim.finish().await?;
    Ok(sim.figures)
}

fn failed(at: Timestamp, what: String) -> Broken {
    Broken { invariant: "the simulation runs", at, what }
}

impl Sim {
    fn put(&mut self, at: Timestamp, what: Happening) {
        self.number += 1;
        self.queue.insert((at, self.number), what);
    }

    fn fault(&mut self, kind: &'static str) {
        *self.figures.faults.entry(kind).or_default() += 1;
    }

    /// The machine's clock.
    fn clock(&self) -> Timestamp {
        self.now + self.skew
    }

    /// Draws what will happen.
    fn plan(&mut self, span: SignedDuration) {
        let start = self.now;
        let weeks = usize::try_from((span.as_hours() + 167) / 168).unwrap_or(1);
        let count = (weeks * self.options.stories).max(2);
        let mut dice = self.dice.apart();
        let tiers = self.setup.units.iter().flat_map(|(_, plan)| &plan.tiers);
        let limits: Vec<u64> = tiers.filter_map(|tier| tier.clauses.reposts_over).collect();
        for look in stories::draw(&mut dice, start, span, self.setup.units.len(), count, &limits) {
            let story = Some((look.story, look.free));
            self.put(look.at, Happening::Given { input: Input::Mention(Box::new(look.mention)), story });
        }
        let days = span.as_hours() / 24;
        let often = |per_week: i64, dice: &mut Dice| -> Vec<Timestamp> {
            let times = dice.between(0, (per_week * days / 7).max(1) * 2);
            (0..times).map(|_| start + SignedDuration::from_secs(dice.between(60, span.as_secs()))).collect()
        };
        for at in often(14, &mut dice) {
            self.put(at, Happening::Person);
        }
        for at in often(2, &mut dice) {
            self.put(at, Happening::Down);
        }
        for at in often(2, &mut dice) {
            self.put(at, Happening::Step(SignedDuration::from_secs(dice.between(-7_200, 7_200))));
        }
        for at in often(1, &mut dice) {
            self.put(at, Happening::Reload);
        }
        for at in often(1, &mut dice) {
            self.put(at, Happening::SecondDaemon);
        }
        for at in often(3, &mut dice) {
            let subject = format!("source/{}", dice.below(3));
            let operations =
                Operations { subject, broken: dice.percent(60), text: "读不出来".to_owned() };
            self.put(at, Happening::Given { input: Input::Operations(operations), story: None });
        }
        // The clock is right again before the last two days.
        self.put(start + span, Happening::Step(SignedDuration::ZERO));
    }

    async fn go(&mut self) -> Result<(), Broken> {
        let mut idle = 0;
        loop {
            let given = self.queue.first_key_value().map(|(key, _)| key.0);
            let due = self.process.as_ref().and_then(|process| process.desk.next_due());
            let due = due.map(|due| (due - self.skew).max(self.now));
            let send = self.next_send().await;
            let Some(next) = given.into_iter().chain(due).chain(send).min() else { break };
            if next > self.ends {
                break;
            }
            idle = if next > self.now { 0 } else { idle + 1 };
            if idle > 2_000 {
                let process = self.process.as_ref().map(|process| process.desk.next_due());
                return Err(failed(
                    self.clock(),
                    format!("time stands still: {given:?} {process:?} {send:?}"),
                ));
            }
            self.now = self.now.max(next);
            if due.is_some_and(|due| due <= self.now) {
                self.tick().await?;
            }
            while let Some((&key, _)) = self.queue.first_key_value().filter(|(key, _)| key.0 <= self.now) {
                let Some(what) = self.queue.remove(&key) else { break };
                self.happens(what).await?;
            }
            self.dispatch().await?;
        }
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), Broken> {
        for _ in 0..IDLE {
            let now = self.clock();
            let due = self.process.as_ref().and_then(|process| process.desk.next_due());
            if due.is_none_or(|due| due > now) {
                return if self.process.is_some() { self.watch.nothing_is_forgotten(now) } else { Ok(()) };
            }
            self.take(vec![(Input::Tick, None)]).await?;
        }
        let due = self.process.as_ref().and_then(|process| process.desk.next_due());
        Err(failed(self.clock(), format!("the desk stays due at {due:?}")))
    }

    async fn happens(&mut self, what: Happening) -> Result<(), Broken> {
        if self.process.is_none()
            && !matches!(what, Happening::Start | Happening::Step(_) | Happening::Reload)
        {
            self.while_down(what);
            return Ok(());
        }
        self.say(|| format!("{what:?}"));
        match what {
            Happening::Given { input, story } => {
                let mut inputs = vec![(input, story)];
                // What waits at the door shares the transaction.
                while self.dice.percent(30)
                    && let Some((&key, Happening::Given { .. })) = self.queue.first_key_value()
                    && key.0 <= self.now
                    && let Some(Happening::Given { input, story }) = self.queue.remove(&key)
                {
                    inputs.push((input, story));
                }
                self.take(inputs).await
            }
            Happening::Person => match self.person() {
                Some(act) => self.take(vec![(Input::Act(act), None)]).await,
                None => Ok(()),
            },
            Happening::Acknowledges(id) => match self.acknowledgement(&id) {
                Some(act) => self.take(vec![(Input::Act(act), None)]).await,
                None => Ok(()),
            },
            Happening::Start => self.start().await,
            Happening::Down => {
                self.fault("outage");
                let long = SignedDuration::from_mins(self.dice.between(1, 600));
                self.stop(long);
                Ok(())
            }
            Happening::Step(skew) => {
                self.fault("clock step");
                self.skew = skew;
                Ok(())
            }
            Happening::Reload => self.reload(),
            Happening::SecondDaemon => {
                self.fault("second daemon");
                match (self.opener)(self.starts) {
                    Err(_) => Ok(()),
                    Ok(_) => Err(Broken {
                        invariant: "one daemon has the store",
                        at: self.clock(),
                        what: "a second one was let in".to_owned(),
                    }),
                }
            }
        }
    }

    /// What happens to somebody who finds nobody at home.
    fn while_down(&mut self, what: Happening) {
        let comes_again = match &what {
            Happening::Given { input: Input::Mention(_), .. } => self.dice.percent(70),
            Happening::Given { .. } => true,
            _ => false,
        };
        if comes_again {
            let at = self.now + SignedDuration::from_secs(self.dice.between(60, 900));
            self.put(at, what);
        }
    }

    async fn start(&mut self) -> Result<(), Broken> {
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
        self.tick().await
    }

    /// Throws the process away; it comes back after a while.
    fn stop(&mut self, long: SignedDuration) {
        self.process = None;
        self.parked.clear();
        let at = self.now + long;
        self.put(at, Happening::Start);
    }

    fn reload(&mut self) -> Result<(), Broken> {
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
    async fn take(&mut self, inputs: Vec<(Input, Option<(usize, bool)>)>) -> Result<(), Broken> {
        let now = self.clock();
        let Some(process) = &mut self.process else { return Ok(()) };
        let store = Arc::clone(&process.store);
        let mut all = Vec::new();
        let mut taken = Vec::new();
        let wrong = self.options.mutant;
        for (input, story) in &inputs {
            if process.desk.next_due().is_some_and(|due| due <= now) && *input != Input::Tick {
                let changes = heard(&mut process.desk, &Input::Tick, now, wrong);
                all.extend(changes.clone().unwrap_or_default());
                taken.push(Taken { input: Input::Tick, story: None, now, changes });
            }
            let changes = heard(&mut process.desk, input, now, wrong);
            all.extend(changes.clone().unwrap_or_default());
            taken.push(Taken { input: input.clone(), story: *story, now, changes });
        }
        if self.dice.per_mille(4) && self.now < self.ends - WELL {
            self.fault("crash before commit");
            self.crash(inputs);
            return Ok(());
        }
        let mut durable = false;
        let mut tries = 0;
        loop {
            let done = store.commit(all.clone()).await;
            let last = self.strikes.lock().unwrap_or_else(PoisonError::into_inner).last;
            if !durable && (done.is_ok() || last == Strike::After) {
                durable = true;
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
    fn crash(&mut self, inputs: Vec<(Input, Option<(usize, bool)>)>) {
        for (input, story) in inputs {
            match &input {
                Input::Delivery(delivery) => drop(self.maybe_taken.insert(delivery.notice.clone())),
                Input::Tick => {}
                Input::Mention(_) | Input::Act(_) | Input::Operations(_) => {
                    let at = self.now + SignedDuration::from_secs(self.dice.between(301, 900));
                    self.put(at, Happening::Given { input, story });
                }
            }
        }
        let long = SignedDuration::from_secs(self.dice.between(1, 300));
        self.stop(long);
    }

    /// Prints a line of the trace.
    fn say(&self, line: impl FnOnce() -> String) {
        if let Some(print) = self.options.trace {
            print(&format!("{} {}", self.clock(), line()));
        }
    }

    fn trace(&self, taken: &Taken) {
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
                Change::Post(_) | Change::Observation(_) | Change::State(_) => {}
            }
        }
    }

    /// People who were told confirm, or do not.
    fn follow_up(&mut self, taken: &[Taken]) {
        let mut asked = Vec::new();
        for change in taken.iter().filter_map(|one| one.changes.as_ref()).flatten() {
            if let Change::Notice(notice) = change
                && notice.facts.confirm
                && notice.state == NoticeState::Pending
            {
                asked.push(notice.id.clone());
            }
        }
        for id in asked {
            if self.dice.percent(35) {
                let at = self.now + SignedDuration::from_secs(self.dice.between(60, 10_800));
                self.put(at, Happening::Acknowledges(id));
            }
        }
    }

    fn acknowledgement(&self, id: &NoticeId) -> Option<Act> {
        let notice = self.watch.notices.get(id)?;
        let told = matches!(notice.state, NoticeState::Accepted { .. });
        Some(Act::Acknowledge {
            incident: notice.incident.filter(|_| told)?,
            contact: notice.contact.clone(),
            rank: Some(notice.rank),
            how: AckHow::Link,
            recorded_by: None,
        })
    }

    /// Somebody at the desk does something.
    fn person(&mut self) -> Option<Act> {
        let (by, reason) = ("值班员".to_owned(), "核实".to_owned());
        let open: Vec<_> =
            self.watch.incidents.values().filter(|row| row.state == IncidentState::Open).cloned().collect();
        let unit = self.dice.pick(&self.setup.units)?.clone();
        let now = self.clock();
        let incident = self.dice.pick(&open).map(|row| row.id);
        let tiers: Vec<_> = unit.1.tiers.iter().map(|tier| tier.id.clone()).collect();
        let tier = self.dice.pick(&tiers)?.clone();
        let alerting = unit.1.tiers.iter().filter(|one| one.telling.alerts());
        let below: Vec<_> =
            alerting.filter(|one| one.rank + 1 < tiers.len()).map(|one| one.id.clone()).collect();
        Some(match self.dice.below(12) {
            0 | 1 => Act::Respond { incident: incident?, by, text: "已答复".to_owned() },
            2 => {
                Act::Complete {
                    incident: incident?, duty: "续报".to_owned(), by, text: "见附件".to_owned()
                }
            }
            3 => Act::Override { incident: incident?, tier, by, reason },
            4 | 5 => Act::Close { incident: incident?, by, reason },
            6 => Act::Merge { incident: incident?, other: self.dice.pick(&open)?.id, by, reason },
            7 => self.split(incident?, by, reason)?,
            8 | 9 => Act::Silence {
                unit: unit.0.name,
                group: self.dice.percent(30).then(|| "医院".to_owned()),
                up_to: self.dice.pick(&below)?.clone(),
                from: None,
                until: now + SignedDuration::from_mins(self.dice.between(30, 3_000)),
                by,
                reason,
            },
            10 => Act::EndSilence { id: self.dice.below(5), by },
            _ => {
                let mut phones = self.watch.notices.values().filter(|notice| {
                    notice.channel == ChannelKind::Phone && notice.state == NoticeState::Pending
                });
                Act::PhoneDone { notice: phones.next()?.id.clone(), by }
            }
        })
    }

    fn split(&mut self, incident: IncidentId, by: String, reason: String) -> Option<Act> {
        let posts = self.watch.posts.values().filter(|row| row.incident == incident);
        let posts: Vec<_> = posts.map(|row| row.post.key.clone()).collect();
        let post = self.dice.pick(&posts)?.clone();
        Some(Act::Split { post, incident: Some(incident), by, reason })
    }

    /// When dispatch has something to do.
    async fn next_send(&mut self) -> Option<Timestamp> {
        let process = self.process.as_ref()?;
        let next = process.store.next_outgoing_at().await;
        let soon = self.now + SignedDuration::from_secs(5);
        let Ok(next) = next else { return Some(soon) };
        let at = next? - self.skew;
        let parked = self.parked.values().min().copied();
        Some(if at > self.now { at } else { parked.map_or(self.now, |at| at.max(self.now)).max(self.now) })
    }

    /// One look of dispatch into the outbox.
    async fn dispatch(&mut self) -> Result<(), Broken> {
        let Some(process) = &self.process else { return Ok(()) };
        let now = self.clock();
        let Ok(waiting) = process.store.outgoing(now, 40).await else {
            self.fault("failed read");
            self.now += SignedDuration::from_secs(1);
            return Ok(());
        };
        let true_now = self.now;
        self.parked.retain(|_, until| *until > true_now);
        for outgoing in waiting {
            if self.process.is_none() {
                break;
            }
            if self.parked.contains_key(&outgoing.notice.id) {
                continue;
            }
            self.send(outgoing).await?;
        }
        Ok(())
    }

    async fn send(&mut self, outgoing: crate::store::Outgoing) -> Result<(), Broken> {
        let id = outgoing.notice.id.clone();
        let (at, attempt) = (self.clock(), outgoing.attempts + 1);
        let answer = self.world.send(&outgoing.notice, self.now);
        self.say(|| format!("  server {answer:?} {id}"));
        if matches!(answer, Answer::Accepts | Answer::Lies) {
            let times = self.world.taken.get(&id).map_or(0, |taken| taken.0);
            if times > 1 {
                self.figures.doubled += 1;
                if !self.maybe_taken.contains(&id) {
                    let what = format!("{id} was taken {times} times");
                    return Err(Broken { invariant: "no notice is sent twice", at, what });
                }
            }
        }
        let delivery = |outcome| Delivery { notice: id.clone(), at, attempt, outcome, parts: 0 };
        match answer {
            Answer::Accepts => {
                if self.dice.per_mille(3) && self.now < self.ends - WELL {
                    self.fault("crash after 250");
                    self.maybe_taken.insert(id);
                    let long = SignedDuration::from_secs(self.dice.between(1, 300));
                    self.stop(long);
                    return Ok(());
                }
                self.take(vec![(Input::Delivery(delivery(Outcome::Accepted)), None)]).await?;
            }
            Answer::Refuses => {
                let outcome = Outcome::Refused { why: "550".to_owned() };
                self.take(vec![(Input::Delivery(delivery(outcome)), None)]).await?;
            }
            Answer::Lies | Answer::Fails => {
                if answer == Answer::Lies {
                    self.maybe_taken.insert(id.clone());
                }
                let jitter = f64::from(u32::try_from(self.dice.below(1_000)).unwrap_or(0)) / 1_000.0;
                let next = next_attempt_at(attempt, at, outgoing.notice.due_at, None, jitter);
                let Some(process) = &self.process else { return Ok(()) };
                let outcome = Outcome::Retry { why: "timeout".to_owned() };
                if process.store.attempted(delivery(outcome), next).await.is_err() {
                    self.fault("failed record");
                    self.parked.insert(id, (next - self.skew).max(self.now + SignedDuration::from_secs(1)));
                }
            }
        }
        Ok(())
    }

    /// Two days in which all works are over: nothing may wait, and the store has what was seen.
    async fn finish(&mut self) -> Result<(), Broken> {
        let now = self.clock();
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner).count;
        self.figures.faults.insert("store calls", strikes);
        self.figures.faults.insert("servers", self.world.faults);
        self.figures.due = self.watch.due;
        self.figures.graded = self.watch.graded;
        let hour_ago = now - SignedDuration::from_hours(1);
        for notice in self.watch.notices.values() {
            match &notice.state {
                NoticeState::Accepted { at } => {
                    self.figures.accepted += 1;
                    self.figures.late += u64::from(*at > notice.due_at);
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
        if kept.len() == self.watch.notices.len() {
            return Ok(());
        }
        let what = format!("{} notices of {}", kept.len(), self.watch.notices.len());
        Err(Broken { invariant: "the store has what was decided", at: now, what })
    }
}

impl Strikes {
    fn strike(&mut self, _: Call) -> Strike {
        self.last = match self.dice.below(1_000) {
            one if one * 2 < self.often => Strike::Before,
            one if one < self.often => Strike::After,
            _ => Strike::None,
        };
        self.count += u64::from(self.last != Strike::None);
        self.last
    }
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
