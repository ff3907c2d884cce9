//! Faults of a desk, made from outside: what goes into a good desk or comes out of it is distorted as the fault
//! would do it. A simulation that does not see each of them is worth nothing.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    desk::{Change, Input, Setup},
    model::{Act, Base, Count, DeadlineKind, DeadlineState, NoticeId, NoticeKind, NoticeState, Plan},
};

/// The faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// ≥ where the plan says more than.
    AtLeastForMore,
    /// Limits run from the grading, whatever their base.
    LimitsFromGrading,
    /// `report` takes twice as long.
    SlowReports,
    /// The third step is told before the second.
    StepsSwapped,
    /// Quiet hours end three hours late.
    LongerNights,
    /// A tier's clause over views is not tried.
    LostThreshold,
    /// Reposts are not counted.
    RepostsIgnored,
    /// A bound counts as the number.
    BoundsTakenForNumbers,
    /// Looks that come late are not taken.
    LateLooksDropped,
    /// Publication times are not read.
    AgesIgnored,
    /// Confirmations are not heard.
    AcksLost,
    /// What a silence held back is never told.
    SilenceTellsNothing,
    /// A first alert is not sent.
    AlertLost,
    /// A next step is not told.
    EscalationLost,
    /// A notice goes out twice under two keys.
    NoticeDoubled,
    /// A copy goes to a stranger.
    StrangerTold,
    /// A chain that ended does not begin again.
    ChainNotRestarted,
    /// The answer's limit never falls due.
    DeadlineForgotten,
    /// The lateness that is told is not the true one.
    LatenessUntrue,
    /// What fell due is told in the wrong order.
    GentlestFirst,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::AtLeastForMore,
        Self::LimitsFromGrading,
        Self::SlowReports,
        Self::StepsSwapped,
        Self::LongerNights,
        Self::LostThreshold,
        Self::RepostsIgnored,
        Self::BoundsTakenForNumbers,
        Self::LateLooksDropped,
        Self::AgesIgnored,
        Self::AcksLost,
        Self::SilenceTellsNothing,
        Self::AlertLost,
        Self::EscalationLost,
        Self::NoticeDoubled,
        Self::StrangerTold,
        Self::ChainNotRestarted,
        Self::DeadlineForgotten,
        Self::LatenessUntrue,
        Self::GentlestFirst,
    ];

    /// The office as the faulty desk reads it.
    pub fn setup(self, setup: &Setup) -> Setup {
        let mut setup = setup.clone();
        for (_, plan) in &mut setup.units {
            let mut wrong = Plan::clone(plan);
            self.plan(&mut wrong);
            *plan = Arc::new(wrong);
        }
        setup
    }

    fn plan(self, plan: &mut Plan) {
        for tier in &mut plan.tiers {
            let clauses = &mut tier.clauses;
            match self {
                Self::AtLeastForMore => {
                    for over in
                        [&mut clauses.views_over, &mut clauses.reposts_over, &mut clauses.comments_over]
                    {
                        *over = over.map(|limit| limit.saturating_sub(1));
                    }
                }
                Self::LimitsFromGrading => {
                    if let Some(limit) = &mut tier.response {
                        limit.from = Base::Graded;
                    }
                    tier.duties.iter_mut().for_each(|duty| duty.limit.from = Base::Graded);
                }
                Self::SlowReports => tier.report = tier.report.map(|limit| limit * 2),
                Self::StepsSwapped => tier.lines.iter_mut().for_each(|line| {
                    if line.steps.len() > 2 {
                        line.steps.swap(1, 2);
                    }
                }),
                Self::LongerNights => {
                    if let Some((_, to)) = &mut tier.quiet {
                        *to = to.wrapping_add(jiff::Span::new().hours(3));
                        tier.report = tier.report.map(|limit| limit + SignedDuration::from_hours(12));
                    }
                }
                Self::LostThreshold if tier.rank + 1 == 3 => clauses.views_over = None,
                _ => {}
            }
        }
    }

    /// An input as the faulty desk hears it; `None` when it does not.
    pub fn input(self, input: Input) -> Option<Input> {
        match (self, input) {
            (Self::AcksLost, Input::Act(Act::Acknowledge { .. })) => None,
            (wrong, Input::Mention(mut mention)) => {
                match wrong {
                    Self::RepostsIgnored => mention.counters.reposts = None,
                    Self::BoundsTakenForNumbers => {
                        mention.counters.views = mention.counters.views.map(|one| Count::exact(one.value));
                    }
                    Self::AgesIgnored => mention.post.published = None,
                    _ => {}
                }
                Some(Input::Mention(mention))
            }
            (_, input) => Some(input),
        }
    }

    /// What the faulty desk says instead.
    pub fn changes(self, changes: &mut Vec<Change>, silence_ends: bool) {
        let is_kind = |change: &Change, kind| matches!(change, Change::Notice(n) if n.kind == kind);
        let pending =
            |change: &Change| matches!(change, Change::Notice(n) if n.state == NoticeState::Pending);
        match self {
            Self::AlertLost => {
                drop_first(changes, |change| is_kind(change, NoticeKind::Alert) && pending(change));
            }
            Self::EscalationLost => {
                drop_first(changes, |change| is_kind(change, NoticeKind::Escalation) && pending(change));
            }
            Self::SilenceTellsNothing if silence_ends => changes.retain(|change| !pending(change)),
            Self::NoticeDoubled => {
                let again = changes.iter().find(|change| pending(change)).cloned();
                if let Some(Change::Notice(mut notice)) = again {
                    notice.id = NoticeId(format!("{}.2", notice.id.0));
                    changes.push(Change::Notice(notice));
                }
            }
            Self::StrangerTold => {
                for change in changes.iter_mut() {
                    if let Change::Notice(notice) = change
                        && notice.kind == NoticeKind::Copy
                    {
                        notice.address = "fremd@else.example".to_owned();
                    }
                }
            }
            Self::ChainNotRestarted => changes.retain(|change| {
                !matches!(change, Change::Deadline(d) if d.kind == DeadlineKind::Acknowledge
                    && d.step == 0 && d.state == DeadlineState::Running && !d.key.ends_with("/0.0"))
            }),
            Self::DeadlineForgotten => changes.retain(|change| {
                !matches!(change, Change::Deadline(d) if d.kind == DeadlineKind::Response
                    && d.state == DeadlineState::Overdue)
            }),
            Self::LatenessUntrue => {
                for change in changes.iter_mut() {
                    if let Change::Notice(notice) = change {
                        let facts = Arc::make_mut(&mut notice.facts);
                        facts.note = facts.note.replace("已逾期", "已逾期约");
                    }
                }
            }
            Self::GentlestFirst => changes.reverse(),
            _ => {}
        }
    }

    /// Whether a look of the past is not heard.
    pub fn drops_late(self) -> bool {
        self == Self::LateLooksDropped
    }
}

fn drop_first(changes: &mut Vec<Change>, which: impl Fn(&Change) -> bool) {
    if let Some(place) = changes.iter().position(which) {
        changes.remove(place);
    }
}
