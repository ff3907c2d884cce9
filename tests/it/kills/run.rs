//! One run: life after life, tier after tier.

use std::{collections::BTreeMap, fmt};

use yuqing::fault::FaultPoint;

use super::{
    check::Ledger,
    life::{End, Life},
    plan::{Kill, Plan},
    world::{TOLD, World},
};

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    seed: u64,
    points: BTreeMap<&'static str, usize>,
    outside: usize,
    unplaced: usize,
    contacts: usize,
    mails: usize,
    torn: usize,
    repeated: usize,
}

impl Summary {
    /// Kills of all kinds.
    pub fn kills(&self) -> usize {
        self.placed() + self.outside + self.unplaced
    }

    /// Kills at fault points.
    pub fn placed(&self) -> usize {
        self.points.values().sum()
    }

    /// How often each point was hit.
    pub fn by_point(&self) -> impl Iterator<Item = (FaultPoint, usize)> {
        FaultPoint::ALL.into_iter().map(|point| (point, self.points.get(point.name()).copied().unwrap_or(0)))
    }

    fn count(&mut self, kill: Kill, end: End) {
        match (kill, end) {
            (_, End::Unplaced) => self.unplaced += 1,
            (Kill::At(point, _), End::Placed) => *self.points.entry(point.name()).or_default() += 1,
            (_, End::Placed) => self.outside += 1,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points: Vec<_> =
            self.by_point().map(|(point, hits)| format!("{} {hits}", point.name())).collect();
        write!(
            f,
            "seed {}: killed {} times ({}; from outside {}, unplaced {}); {} contacts x {} tiers = {} notices, \
             {} mails taken, {} acceptances torn from their recording, {} mails repeated, 0 missing",
            self.seed,
            self.kills(),
            points.join(", "),
            self.outside,
            self.unplaced,
            self.contacts,
            TOLD.len(),
            self.contacts * TOLD.len(),
            self.mails,
            self.torn,
            self.repeated
        )
    }
}

/// Kills the program so often, at places dealt by the seed, and judges. `cut` takes the outbox's protection
/// away.
pub async fn run(kills: usize, seed: u64, cut: bool) -> Result<Summary, String> {
    // Enough mails that those kills that need some find them.
    let contacts = 40.max(kills * 2);
    let world = World::start(contacts).await;
    let mut summary = Summary { seed, contacts, ..Summary::default() };
    let result = lives(&world, kills, seed, cut, &mut summary).await;
    world.stop().await;
    result.map(|()| summary)
}

async fn lives(
    world: &World,
    kills: usize,
    seed: u64,
    cut: bool,
    summary: &mut Summary,
) -> Result<(), String> {
    let mut plan = Plan::deal(kills, TOLD.len(), seed);
    let mut ledger = Ledger::default();
    for stage in 0..TOLD.len() {
        world.reach(stage);
        let all = world.contacts.len() * (stage + 1);
        while let Some(kill) = plan.draw(stage, all - ledger.kept.accepted.len(), ledger.kept.count() == all)
        {
            let life = Life::start(world, Some(kill), cut);
            let (end, claims) = life.until(kill, world).await.map_err(|fault| format!("{kill}: {fault}"))?;
            summary.count(kill, end);
            if end == End::Unplaced {
                plan.put_back(stage, kill.sooner());
                if summary.unplaced > 2 + kills / 10 {
                    return Err(claims.fault(&format!("too many kills find no place, the last at {kill}")));
                }
            }
            let judged = ledger.judge(world, &claims, stage + 1).await;
            judged.map_err(|fault| claims.fault(&format!("after a kill at {kill}: {fault}")))?;
            world.go_on();
        }
        // The story stands until everybody knows; the last of these lives is also the last of the run.
        let mut life = Life::start(world, None, cut);
        life.records(all - ledger.kept.accepted.len()).await?;
        let claims = life.stop().await?;
        ledger.judge(world, &claims, stage + 1).await.map_err(|fault| claims.fault(&fault))?;
    }
    summary.mails = world.mail.letters().len();
    (summary.torn, summary.repeated) = (ledger.torn, ledger.repeated);
    ledger.close(world, TOLD.len()).await
}
