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

/// What a kill asks of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Mails that wait.
    Mail,
    /// Nothing: it comes within the first moments.
    Nothing,
    /// A round of a source, which may take a second to come; by then most mails have gone out.
    Round,
}

impl Kill {
    const fn need(self) -> Need {
        match self {
            Self::At(FaultPoint::Fetched, _) | Self::Look(_) => Need::Round,
            Self::At(FaultPoint::BeforeCommit | FaultPoint::AfterCommit, _) | Self::Line(_) => Need::Nothing,
            Self::At(..) | Self::Step(_) => Need::Mail,
        }
    }
}

impl Kill {
    /// The same earlier in a life: on a busy machine several inputs share a commit, and a life in which nothing
    /// more happens passes a point less often than others do.
    pub const fn sooner(self) -> Self {
        match self {
            Self::At(point, nth) => Self::At(point, nth.div_ceil(2)),
            Self::Step(nth) => Self::Step(nth.div_ceil(2)),
            Self::Look(nth) => Self::Look(nth.div_ceil(2)),
            Self::Line(nth) => Self::Line(nth.div_ceil(2)),
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
        all.sort_by_key(|kill| kill.need() == Need::Mail);
        for (nth, kill) in all.into_iter().enumerate() {
            plan.put_back(nth % stages, kill);
        }
        plan
    }

    /// The next kill of a stage. `waiting` notices of its tier have not been accepted; `told` says whether they
    /// are in the outbox already.
    ///
    /// Until they are, kills come round the commit that puts them there. Those that need mail come while
    /// there is enough of it, those that may let all of it go out come last. What can no longer happen goes
    /// to the next stage.
    pub fn draw(&mut self, stage: usize, waiting: usize, told: bool) -> Option<Kill> {
        if waiting == 0 {
            let of_stage = self.stages.get_mut(stage)?;
            let late: Vec<Kill> = of_stage.extract_if(.., |kill| kill.need() == Need::Mail).collect();
            match self.stages.get_mut(stage + 1) {
                Some(next) => next.extend(late),
                // After the last tier there is no more mail: the program is killed as often, but elsewhere.
                None => {
                    let elsewhere: Vec<Kill> =
                        late.iter().map(|_| Kill::Line(self.dice.usize(1..=40))).collect();
                    self.stages.get_mut(stage)?.extend(elsewhere);
                }
            }
        }
        let left = self.stages.get_mut(stage)?;
        let with = |needs: &[Need]| -> Vec<usize> {
            (0..left.len()).filter(|&at| needs.contains(&left[at].need())).collect()
        };
        let hungry = with(&[Need::Mail]);
        let choices = if !told {
            [with(&[Need::Nothing]), hungry]
        } else if waiting <= hungry.len() * MEAL {
            [hungry, with(&[Need::Nothing])]
        } else {
            [with(&[Need::Mail, Need::Nothing]), Vec::new()]
        };
        let choice =
            choices.into_iter().find(|some| !some.is_empty()).unwrap_or_else(|| (0..left.len()).collect());
        let at = self.dice.choice(choice)?;
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
const MEAL: usize = 14;

/// How often a life passes a point soon enough.
const fn most(point: FaultPoint) -> u64 {
    match point {
        FaultPoint::Fetched => 6,
        FaultPoint::BeforeCommit | FaultPoint::AfterCommit => 8,
        FaultPoint::BeforeData | FaultPoint::AfterAccepted | FaultPoint::AfterRecorded => 4,
    }
}
