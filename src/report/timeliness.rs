//! Timeliness (时效): of each case, when it was published, seen, told, confirmed, answered and closed; how each of its
//! limits ended, by how much it was missed and through what; and the same summed up for a unit and a month, for the
//! yearly appraisal. A limit that was met late stays late whatever was corrected afterwards, and one that ended unmet
//! after it had passed is missed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::person::step;
use crate::{
    desk::is_backlog,
    model::{Ack, Base, Deadline, DeadlineKind, DeadlineState, Incident, NoticeKind, NoticeState},
    store::{Case, Told},
};

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Met within it.
    InTime,
    /// Met after it, by so much.
    Late(SignedDuration),
    /// It passed unmet, and what was written down afterwards makes it look met within it: an earlier instant, a lower
    /// tier's longer limit.
    Corrected,
    /// Passed and not met: by so much until now, where it is still owed.
    Missed(Option<SignedDuration>),
    /// It still runs.
    Running,
    /// It ended before it passed: a higher tier's took its place, the case was closed.
    Ended,
}

impl Verdict {
    /// How a deadline stands at `now`.
    #[must_use]
    pub fn of(deadline: &Deadline, now: Timestamp) -> Self {
        match &deadline.state {
            DeadlineState::Met { at } if *at <= deadline.due_at && deadline.passed => Self::Corrected,
            DeadlineState::Met { at } if *at <= deadline.due_at => Self::InTime,
            DeadlineState::Met { at } => Self::Late(at.duration_since(deadline.due_at)),
            // Of rows from before it was noted that a limit had passed, those that were told again are known.
            DeadlineState::Ended { .. } if deadline.passed || deadline.reminders > 0 => Self::Missed(None),
            DeadlineState::Ended { .. } => Self::Ended,
            DeadlineState::Running | DeadlineState::Overdue if deadline.passed && now <= deadline.due_at => {
                Self::Missed(None)
            }
            DeadlineState::Running | DeadlineState::Overdue if now <= deadline.due_at => Self::Running,
            DeadlineState::Running | DeadlineState::Overdue => {
                Self::Missed(Some(now.duration_since(deadline.due_at)))
            }
        }
    }

    /// Whether it was not met in time.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Late(_) | Self::Corrected | Self::Missed(_))
    }
}

/// Through what a limit was not met in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// An earlier origin was found, and with it the limit had passed already (溯源提前).
    Origin,
    /// The source showed the post only after the limit.
    Source,
    /// A gateway or mail server took the message late, or refused it.
    Channel,
    /// The notice was decided after the limit: the daemon was away.
    Machine,
    /// Whoever owed it.
    Person,
}

/// A limit of a case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit<'a> {
    /// The deadline's row.
    pub deadline: &'a Deadline,
    /// How it stands.
    pub verdict: Verdict,
    /// Through what it was missed; `None` while it was not.
    pub cause: Option<Cause>,
}

/// When what happened to a case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTimes<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// When the first report was met: everybody of a first step was told. UTC.
    pub told_at: Option<Timestamp>,
    /// The first confirmation.
    pub confirmed: Option<&'a Ack>,
    /// Its limits by due time, without those that bind no person.
    pub limits: Vec<Limit<'a>>,
}

impl<'a> CaseTimes<'a> {
    /// Reads a case at `now`.
    #[must_use]
    pub fn of(case: &'a Case, now: Timestamp) -> Self {
        let incident = &case.incident;
        Self {
            incident,
            told_at: told_at(case),
            confirmed: incident.acks.iter().min_by_key(|ack| ack.at),
            limits: verdicts(case, now),
        }
    }

    /// Whether it was old when it was first seen (SEMANTICS 4): the first round of a new source or keyword reads what stood
    /// there for weeks, and that says nothing of how fast anybody looks.
    #[must_use]
    pub fn is_backlog(&self) -> bool {
        self.incident.published_at.is_some_and(|at| is_backlog(Some(at), self.incident.detected_at, false))
    }

    /// How long a stage took; `None` where it has not been reached, or its beginning is unknown, and no time until it was
    /// seen for backlog, which [`Summary::backlog`] counts apart.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> Option<SignedDuration> {
        let incident = self.incident;
        let (from, to) = match stage {
            Stage::Seen if self.is_backlog() => return None,
            Stage::Seen => (incident.published_at, Some(incident.detected_at)),
            Stage::Told => (Some(incident.detected_at), self.told_at),
            Stage::Confirmed => (self.told_at, self.confirmed.map(|ack| ack.at)),
            Stage::Answered => (Some(incident.detected_at), incident.responded_at),
            Stage::Closed => (Some(incident.detected_at), incident.closed_at),
        };
        let took = to?.duration_since(from?);
        // What was entered later with an earlier instant took no time.
        Some(took.max(SignedDuration::ZERO))
    }

    /// Whether any of its limits was not met in time.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.limits.iter().any(|limit| limit.verdict.is_bad())
    }
}

/// How each limit of a case stands at `now`, without those that bind no person.
#[must_use]
pub fn verdicts(case: &Case, now: Timestamp) -> Vec<Limit<'_>> {
    let binding = case.deadlines.iter().filter(|deadline| deadline.kind != DeadlineKind::Step);
    let limit = |deadline| {
        let verdict = Verdict::of(deadline, now);
        Limit { deadline, verdict, cause: verdict.is_bad().then(|| cause(case, deadline)) }
    };
    binding.map(limit).collect()
}

fn told_at(case: &Case) -> Option<Timestamp> {
    let met = case.deadlines.iter().filter_map(|deadline| match (deadline.kind, &deadline.state) {
        (DeadlineKind::Report, DeadlineState::Met { at }) => Some(*at),
        _ => None,
    });
    met.min().or_else(|| case.told.iter().filter(|told| opens(told)).filter_map(accepted_at).min())
}

/// Whether a notice tells of the case itself, and whoever gets it is to confirm.
pub(super) const fn opens(told: &Told) -> bool {
    told.kind.tells_of_a_tier() || matches!(told.kind, NoticeKind::Direct)
}

pub(super) const fn accepted_at(told: &Told) -> Option<Timestamp> {
    match &told.state {
        NoticeState::Accepted { at, .. } => Some(*at),
        _ => None,
    }
}

fn cause(case: &Case, deadline: &Deadline) -> Cause {
    if deadline.moved {
        return Cause::Origin;
    }
    if deadline.base == Base::Published && case.incident.detected_at > deadline.due_at {
        return Cause::Source;
    }
    if deadline.kind == DeadlineKind::Acknowledge {
        return cause_of_silence(case, deadline);
    }
    if deadline.kind != DeadlineKind::Report {
        return Cause::Person;
    }
    let of_it = |told: &&Told| opens(told) && told.rank == deadline.rank;
    let decided = case.told.iter().filter(of_it).map(|told| told.created_at).min();
    if decided.is_some_and(|at| at <= deadline.due_at) { Cause::Channel } else { Cause::Machine }
}

/// Nobody confirms what did not reach them before the limit.
fn cause_of_silence(case: &Case, deadline: &Deadline) -> Cause {
    let contacts = step(case, deadline);
    let of_it = || case.told.iter().filter(|told| opens(told) && contacts.contains(&told.contact));
    let reached = |told: &Told| accepted_at(told).is_some_and(|at| at <= deadline.due_at);
    match of_it().map(|told| told.created_at).min() {
        // What was told of them is not known: it is theirs.
        None => Cause::Person,
        Some(_) if of_it().any(reached) => Cause::Person,
        Some(decided) if decided <= deadline.due_at => Cause::Channel,
        Some(_) => Cause::Machine,
    }
}

/// What a case goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// From publication to first sight.
    Seen,
    /// From first sight until the first step was told.
    Told,
    /// From there to the first confirmation.
    Confirmed,
    /// From first sight to the registered public answer.
    Answered,
    /// From first sight to closing.
    Closed,
}

impl Stage {
    /// All of them in their order.
    pub const ALL: [Self; 5] = [Self::Seen, Self::Told, Self::Confirmed, Self::Answered, Self::Closed];
}

/// Spans, gathered and sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<SignedDuration>);

impl Spans {
    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// The span that `share` in a hundred do not exceed (nearest rank); `None` when there is none.
    #[must_use]
    pub fn quantile(&self, share: usize) -> Option<SignedDuration> {
        let rank = (self.0.len() * share.min(100)).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }

    /// The longest.
    #[must_use]
    pub fn longest(&self) -> Option<SignedDuration> {
        self.0.last().copied()
    }
}

impl FromIterator<SignedDuration> for Spans {
    fn from_iter<I: IntoIterator<Item = SignedDuration>>(spans: I) -> Self {
        let mut spans: Vec<_> = spans.into_iter().collect();
        spans.sort_unstable();
        Self(spans)
    }
}

/// How limits of one kind ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Those that bound somebody: all but those that ended before they passed.
    pub owed: usize,
    /// Met within them.
    pub in_time: usize,
    /// Met after them.
    pub late: usize,
    /// Passed unmet.
    pub missed: usize,
    /// Still running.
    pub running: usize,
}

impl Kept {
    pub(super) fn add(&mut self, verdict: Verdict) {
        let one = match verdict {
            Verdict::InTime => &mut self.in_time,
            Verdict::Late(_) | Verdict::Corrected => &mut self.late,
            Verdict::Missed(_) => &mut self.missed,
            Verdict::Running => &mut self.running,
            Verdict::Ended => return,
        };
        *one += 1;
        self.owed += 1;
    }

    /// How many of a hundred that are over were met in time, cut to a whole number; `None` when none is over.
    #[must_use]
    pub fn share(&self) -> Option<usize> {
        (self.in_time * 100).checked_div(self.in_time + self.late + self.missed)
    }
}

/// What a contact did with what they were told and asked to confirm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Cases of which they were told.
    pub asked: usize,
    /// Of which they confirmed so many themselves.
    pub confirmed: usize,
    /// How long they took to.
    pub took: Spans,
}

/// What is said of many cases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Cases.
    pub cases: usize,
    /// Cases with a limit that was not met in time.
    pub late: usize,
    /// Cases that were old when they were first seen; no span of [`Stage::Seen`] is theirs.
    pub backlog: usize,
    /// By their tier's name, the highest first.
    pub tiers: Vec<(String, usize)>,
    /// How long each stage took.
    pub stages: Vec<(Stage, Spans)>,
    /// How limits ended, by their kind and the plan's own name for them.
    pub limits: BTreeMap<(DeadlineKind, Option<String>), Kept>,
    /// Through what limits were missed.
    pub causes: BTreeMap<Cause, usize>,
    /// What each contact did, by name.
    pub people: BTreeMap<String, Answers>,
}

impl Summary {
    /// Sums cases up at `now`. What is made up (演练, 演示), and what was entered by mistake, must be left out by whoever
    /// gives them.
    #[must_use]
    pub fn of(cases: &[Case], now: Timestamp) -> Self {
        let times: Vec<CaseTimes<'_>> = cases.iter().map(|case| CaseTimes::of(case, now)).collect();
        let mut summary = Self {
            cases: times.len(),
            late: times.iter().filter(|one| one.is_late()).count(),
            backlog: times.iter().filter(|one| one.is_backlog()).count(),
            tiers: tiers(cases),
            people: people(cases),
            ..Self::default()
        };
        for stage in Stage::ALL {
            summary.stages.push((stage, times.iter().filter_map(|one| one.stage(stage)).collect()));
        }
        for limit in times.iter().flat_map(|one| &one.limits) {
            let key = (limit.deadline.kind, limit.deadline.name.clone());
            summary.limits.entry(key).or_default().add(limit.verdict);
            if let Some(cause) = limit.cause {
                *summary.causes.entry(cause).or_default() += 1;
            }
        }
        summary.limits.retain(|_, kept| kept.owed > 0);
        summary
    }
}

fn tiers(cases: &[Case]) -> Vec<(String, usize)> {
    let mut tiers: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for incident in cases.iter().map(|case| &case.incident) {
        let name = incident.plan.tier(incident.rank).name.as_str();
        *tiers.entry((incident.plan.from_the_top(incident.rank), name)).or_default() += 1;
    }
    tiers.into_iter().map(|((_, name), count)| (name.to_owned(), count)).collect()
}

fn people(cases: &[Case]) -> BTreeMap<String, Answers> {
    let mut took: BTreeMap<String, (usize, Vec<SignedDuration>)> = BTreeMap::new();
    let owing = |case: &&Case| case.deadlines.iter().any(|row| row.kind == DeadlineKind::Acknowledge);
    for case in cases.iter().filter(owing) {
        let mut told: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for (one, at) in
            case.told.iter().filter(|told| opens(told)).filter_map(|one| Some((one, accepted_at(one)?)))
        {
            let first = told.entry(&one.contact).or_insert(at);
            *first = at.min(*first);
        }
        for (contact, at) in told {
            let own = took.entry(contact.to_owned()).or_default();
            own.0 += 1;
            let acks = case.incident.acks.iter().filter(|ack| ack.contact == contact);
            if let Some(ack) = acks.min_by_key(|ack| ack.at) {
                own.1.push(ack.at.duration_since(at).max(SignedDuration::ZERO));
            }
        }
    }
    let answers = |(asked, took): (usize, Vec<_>)| Answers {
        asked,
        confirmed: took.len(),
        took: took.into_iter().collect(),
    };
    took.into_iter().map(|(contact, took)| (contact, answers(took))).collect()
}
