//! A deterministic simulation of months: random stories, people, servers and faults, all drawn from one seed, go
//! through the desk and a store in virtual time; after each step the [`watch`] looks whether every promise holds.
//!
//! [`office`], [`stories`], [`sources`] and [`keywords`] draw what happens, [`world`] is the servers outside, [`driver`] stands for the daemon
//! (its desk loop and dispatch, with crashes between any two of their steps), [`naive`] counts tiers by itself,
//! [`mutant`] breaks a good desk to prove that it would be seen. Nothing here reads a clock.

mod dice;
mod driver;
mod keywords;
mod mutant;
mod naive;
mod office;
mod sources;
mod stories;
mod watch;
mod world;

use std::{collections::BTreeMap, fmt};

pub use driver::run;
pub use mutant::Mutant;
pub use watch::Broken;

use crate::store::{MemoryDisk, MemoryStore, SharedStore, StoreError};

/// Opens the store anew after `restarts` starts of the daemon.
pub type Opener = Box<dyn Fn(u32) -> Result<SharedStore, StoreError>>;

/// What to simulate.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Everything is drawn from it.
    pub seed: u64,
    /// Virtual days; two more follow in which everything works.
    pub days: i64,
    /// Stories a week.
    pub stories: usize,
    /// Prints each step.
    pub trace: Option<fn(&str)>,
    /// A fault of the desk that must be seen.
    pub mutant: Option<Mutant>,
}

impl Options {
    /// As `tests/all` runs it: a virtual week of four stories, and of every tenth seed a whole month.
    #[must_use]
    pub const fn small(seed: u64) -> Self {
        let days = if seed.is_multiple_of(10) { 30 } else { 7 };
        Self { seed, days, stories: 4, trace: None, mutant: None }
    }
}

/// An opener of a disk in memory.
#[must_use]
pub fn in_memory() -> Opener {
    let disk = MemoryDisk::default();
    Box::new(move |_| Ok(std::sync::Arc::new(MemoryStore::open(&disk)?)))
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Seeds run.
    pub seeds: u64,
    /// Virtual days.
    pub days: i64,
    /// Inputs and ticks that became durable.
    pub steps: u64,
    /// Tiers compared with the naive count.
    pub graded: u64,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Notices put into the outbox.
    pub due: u64,
    /// Notices accepted.
    pub accepted: u64,
    /// Of these, accepted after their limit, by the cause.
    pub late: BTreeMap<&'static str, u64>,
    /// Taken by a server once more, by the torn acceptance that allows it.
    pub doubled: BTreeMap<&'static str, u64>,
    /// Not told although everything works again.
    pub lost: u64,
}

impl Figures {
    /// Adds those of another seed.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.days += other.days;
        self.steps += other.steps;
        self.graded += other.graded;
        let pairs = [
            (&mut self.faults, &other.faults),
            (&mut self.late, &other.late),
            (&mut self.doubled, &other.doubled),
        ];
        for (all, more) in pairs {
            for (kind, times) in more {
                *all.entry(kind).or_default() += times;
            }
        }
        self.due += other.due;
        self.accepted += other.accepted;
        self.lost += other.lost;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |counts: &BTreeMap<&'static str, u64>| {
            let kinds: Vec<String> = counts.iter().map(|(kind, times)| format!("{kind} {times}")).collect();
            let all: u64 = counts.values().sum();
            if kinds.is_empty() { all.to_string() } else { format!("{all} ({})", kinds.join(", ")) }
        };
        write!(
            f,
            "seeds {}, virtual days {}, steps {}, tiers compared {}, faults {}, notices due {}, accepted {}, late {}, doubled {}, lost {}",
            self.seeds,
            self.days,
            self.steps,
            self.graded,
            named(&self.faults),
            self.due,
            self.accepted,
            named(&self.late),
            named(&self.doubled),
            self.lost
        )
    }
}
