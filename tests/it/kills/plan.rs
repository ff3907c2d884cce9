//! Where the program is killed: dealt from a seed, so that a run can be repeated.

use std::fmt;

use yuqing::fault::FaultPoint;

/// One kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// At the n-th passing of a fault point, by the program itself.
    At(FaultPoint, u64),
    /// From outside, at the n-th step of mail conversations in this life.
    Step(usize),
    /// From outside, at the n-th look of the county's pages at their clock in this life.
    Look(usize),
    /// From outside, at the n-th line of this life's log; the first ones come while it starts.
    Line(usize),
}

impl Kill {
    /// Whether it can only happen while mails wait.
    pub fn needs_mail(self) -> bool {
        match self {
            Self::At(point, _) => matches!(
                point,
                FaultPoint::BeforeData | FaultPoint::AfterAccepted | FaultPoint::AfterRecorded
            ),
            Self::Step(_) => true,
            Self::Look(_) | Self::Line(_) => false,
        }
    }
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(point, nth) => write!(f, "{}:{nth}", point.name()),
            Self::Step(nth) => write!(f, "mail step {nth}"),
            Self::Look(nth) => write!(f, "look {nth}"),
            Self::Line(nth) => write!(f, "log line {nth}"),
        }
    }
}

/// The kills that are left, by the tier at which the story stands.
pub struct Plan {
    dice: fastrand::Rng,
    stages: Vec<Vec<Kill>>,
}

impl Plan {
    /// Deals `kills` over `stages`: three in five by fault points, each point equally often, the others from
    /// outside in rotation.
    pub fn deal(kills: usize, stages: usize, seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let points = FaultPoint::ALL.len();
        let placed = (kills * 3 / 5).next_multiple_of(points).min(kills);
        let mut all: Vec<Kill> = (0..placed)
            .filter_map(|nth| FaultPoint::ALL.get(nth % points))
            .map(|&point| Kill::At(point, dice.u64(1..=most(point))))
            .collect();
        all.extend((placed..kills).map(|nth| match nth % 3 {
            0 => Kill::Step(dice.usize(1..=40)),
            1 => Kill::Look(dice.usize(1..=60)),
            _ => Kill::Line(dice.usize(1..=40)),
        }));
        let mut plan = Self { dice, stages: vec![Vec::new(); stages] };
        plan.dice.shuffle(&mut all);
        // Kills that need mail are dealt evenly, so that no tier has to feed more than its share.
        all.sort_by_key(|kill| kill.needs_mail());
        for (nth, kill) in all.into_iter().enumerate() {
            plan.put_back(nth % stages, kill);
        }
        plan
    }

    /// The next kill of a stage while `waiting` mails wait: any, but those that need mail while there is enough.
    /// What can no longer happen at this stage goes to the next one.
    pub fn draw(&mut self, stage: usize, waiting: usize) -> Option<Kill> {
        if waiting == 0 {
            let late: Vec<Kill> =
                self.stages.get_mut(stage)?.extract_if(.., |kill| kill.needs_mail()).collect();
            if let Some(next) = self.stages.get_mut(stage + 1) {
                next.extend(late);
            }
        }
        let left = self.stages.get_mut(stage)?;
        let hungry: Vec<usize> = (0..left.len()).filter(|&at| left[at].needs_mail()).collect();
        let scarce = !hungry.is_empty() && waiting <= (hungry.len() + 1) * MEAL;
        let at = if scarce { self.dice.choice(hungry)? } else { self.dice.choice(0..left.len())? };
        Some(left.swap_remove(at))
    }

    /// Puts a kill back that did not find its place.
    pub fn put_back(&mut self, stage: usize, kill: Kill) {
        if let Some(stage) = self.stages.get_mut(stage) {
            stage.push(kill);
        }
    }
}

/// Mails that one life may well send before it is killed.
const MEAL: usize = 8;

/// How often a life passes a point soon enough.
const fn most(point: FaultPoint) -> u64 {
    match point {
        FaultPoint::Fetched => 6,
        FaultPoint::BeforeCommit | FaultPoint::AfterCommit => 8,
        FaultPoint::BeforeData | FaultPoint::AfterAccepted | FaultPoint::AfterRecorded => 4,
    }
}
