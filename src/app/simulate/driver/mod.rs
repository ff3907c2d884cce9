//! The daemon as the simulation drives it: its desk loop and its dispatch, step by step in virtual time, thrown
//! away and restored from the store whenever the dice say so. Inputs that were not acknowledged are given again.

mod causes;
mod outbox;
mod people;
mod process;
mod sieve;
mod strikes;
mod tally;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};

use self::{causes::Causes, strikes::Strikes};
use super::{
    Broken, Figures, Opener, Options, dice::Dice, keywords::Keywords, office, sources, stories, watch::Watch,
    world::World,
};
use crate::{
    desk::{Desk, Input, Operations, Setup},
    model::{IncidentId, NoticeId},
    store::SharedStore,
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
    Given {
        input: Input,
        story: Option<(usize, bool)>,
    },
    Person,
    Acknowledges(NoticeId),
    /// Whoever has the case in hand answers for it, or ends it.
    Handles {
        incident: IncidentId,
        closes: bool,
    },
    /// A channel tells what became of a message that it had accepted.
    Receipt(NoticeId),
    /// A slow server's answer to what a process sent that was started as the `start`th.
    Answered {
        notice: NoticeId,
        attempt: u32,
        start: u32,
    },
    Start,
    Down,
    Step(SignedDuration),
    Reload,
    Keywords,
    SecondDaemon,
}

/// The present process: it is gone with a crash.
struct Process {
    store: SharedStore,
    desk: Desk,
}

/// An input, with the story of a look and whether the desk alone says where it belongs.
type Given = (Input, Option<(usize, bool)>);

struct Sim {
    dice: Dice,
    /// Those that say where the process dies.
    crashes: Dice,
    /// How often it has died.
    deaths: i64,
    /// Openings that somebody has taken in hand: the case, and how often it had been reopened.
    handled: BTreeSet<(IncidentId, u32)>,
    /// Those of whoever handles cases.
    handlers: Dice,
    /// Those that say what becomes of accepted messages.
    receipts: Dice,
    /// Accepted messages of which something may be heard.
    awaited: BTreeSet<NoticeId>,
    options: Options,
    opener: Opener,
    process: Option<Process>,
    /// True time.
    now: Timestamp,
    /// How far the machine's clock is off.
    skew: SignedDuration,
    begins: Timestamp,
    ends: Timestamp,
    setup: Setup,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    number: u64,
    keywords: Keywords,
    /// Whether a keyword file cannot be read just now.
    unreadable: bool,
    world: World,
    watch: Watch,
    causes: Causes,
    /// Kept back by this process after its failed record.
    parked: BTreeMap<NoticeId, Timestamp>,
    strikes: Arc<Mutex<Strikes>>,
    figures: Figures,
    starts: u32,
    /// Batches that a process began to commit.
    commits: u64,
    /// Entries of the batches that were written, as far as they are shown.
    entries: usize,
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
    let keywords = Keywords::draw(&mut dice.apart(), &setup, start).map_err(|what| failed(start, what))?;
    let troubled = start + span;
    let strikes = Strikes { dice: dice.apart(), often: dice.below(40), count: BTreeMap::new() };
    let mut sim = Sim {
        world: World::new(dice.apart(), troubled),
        keywords,
        unreadable: false,
        watch: Watch::new(setup.clone()),
        strikes: Arc::new(Mutex::new(strikes)),
        options,
        opener,
        process: None,
        now: start,
        skew: SignedDuration::ZERO,
        begins: start,
        ends: troubled + WELL,
        setup,
        queue: BTreeMap::new(),
        number: 0,
        causes: Causes::default(),
        parked: BTreeMap::new(),
        figures: Figures { seeds: 1, days: options.days, ..Figures::default() },
        starts: 0,
        commits: 0,
        entries: 0,
        crashes: dice.apart(),
        deaths: 0,
        handled: BTreeSet::new(),
        handlers: dice.apart(),
        receipts: dice.apart(),
        awaited: BTreeSet::new(),
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
        let mut looks = stories::draw(&mut dice, start, span, self.setup.units.len(), count, &limits);
        let mut faults = dice.apart();
        let troubles = sources::draw(&mut faults, &stories::sites(), start, span);
        let (lost, late) = sources::afflict(&mut faults, &troubles, &mut looks);
        self.figures.faults.insert("source away", troubles.len() as u64);
        self.figures.faults.insert("look lost at a source", lost);
        self.figures.faults.insert("look late at a source", late);
        for (at, operations) in troubles.iter().flat_map(sources::Trouble::operations) {
            self.put(at, Happening::Given { input: Input::Operations(operations), story: None });
        }
        for look in looks {
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
        for at in often(4, &mut faults) {
            self.put(at, Happening::Keywords);
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
            && !matches!(
                what,
                Happening::Start | Happening::Step(_) | Happening::Reload | Happening::Keywords
            )
        {
            self.while_down(what);
            return Ok(());
        }
        self.say(|| format!("{what:?}"));
        match what {
            Happening::Given { input, story } => {
                let mut inputs: Vec<Given> =
                    self.sift(input)?.map(|input| (input, story)).into_iter().collect();
                // What waits at the door shares the transaction.
                while self.dice.percent(30)
                    && let Some((&key, Happening::Given { .. })) = self.queue.first_key_value()
                    && key.0 <= self.now
                    && let Some(Happening::Given { input, story }) = self.queue.remove(&key)
                {
                    inputs.extend(self.sift(input)?.map(|input| (input, story)));
                }
                if inputs.is_empty() { Ok(()) } else { self.take(inputs).await }
            }
            Happening::Person => match self.person() {
                Some(act) => self.take(vec![(Input::Act(act), None)]).await,
                None => Ok(()),
            },
            Happening::Acknowledges(id) => match self.acknowledgement(&id) {
                Some(act) => self.take(vec![(Input::Act(act), None)]).await,
                None => Ok(()),
            },
            Happening::Handles { incident, closes } => match self.handling(incident, closes) {
                Some(act) => self.take(vec![(Input::Act(act), None)]).await,
                None => Ok(()),
            },
            Happening::Receipt(id) => self.receipt(id).await,
            Happening::Answered { notice, attempt, start } => self.answered(notice, attempt, start).await,
            Happening::Start => self.start().await,
            Happening::Down => {
                self.fault("outage");
                let long = SignedDuration::from_mins(self.dice.between(1, 600));
                self.stop(long);
                Ok(())
            }
            Happening::Step(skew) => {
                self.fault("clock step");
                self.causes.disturb("the clock was stepped", self.now);
                self.skew = skew;
                Ok(())
            }
            Happening::Reload => self.reload(),
            Happening::Keywords => self.edit_keywords(),
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
            Happening::Given { .. } | Happening::Handles { .. } | Happening::Receipt(_) => true,
            _ => false,
        };
        if comes_again {
            let at = self.now + SignedDuration::from_secs(self.dice.between(60, 900));
            self.put(at, what);
        }
    }
}
