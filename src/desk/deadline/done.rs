//! What a plan wants done and is an act of its own (批办, 会商, 审定, 回应): `met_by` of a limit. The act meets the limit;
//! nobody has to register it once more, and nobody is told that it is missing. What was done before the limit would
//! have been opened is not owed any more, as with the public answer; what flares up again is done anew.

use jiff::Timestamp;

use super::{Deadline, duty::finish};
use crate::{
    desk::{
        case::{Case, Work},
        course::SLIP,
    },
    locale::Locale,
    model::{DeadlineKind, Duty, MetBy},
};

/// A person did it: every open limit that is about this act is met.
pub(in crate::desk) fn met_by(case: &mut Case, work: &mut Work<'_>, act: MetBy, by: &str) {
    let plan = case.row.plan.clone();
    let is_about = |d: &&Deadline| {
        let mut duties = plan.tier(d.rank).duties.iter();
        duties.any(|duty| duty.met_by == Some(act) && Some(&duty.id) == d.duty.as_ref())
    };
    let open = case.deadlines.values().filter(|d| d.is_open() && d.kind != DeadlineKind::Step);
    let mut open: Vec<Deadline> = open.filter(is_about).cloned().collect();
    // Of each the latest time; the earlier ones are met with it.
    open.sort_by(|a, b| (&a.duty, b.step).cmp(&(&b.duty, a.step)));
    open.dedup_by(|later, first| later.duty == first.duty);
    for last in &open {
        finish(case, work, last, by, word(act, work.locale));
    }
}

/// Meets what is owed although it was done: two incidents became one, and the act was the other's.
pub(in crate::desk) fn what_was_done(case: &mut Case, work: &mut Work<'_>) {
    for act in [MetBy::Consulted, MetBy::Assigned, MetBy::Approved, MetBy::Responded] {
        if let Some(done) = done_by(case, act).filter(|_| stands(case, act)) {
            met_by(case, work, act, &done.1);
        }
    }
}

/// Whether what a duty is about was done already, so that it is not owed. One that repeats is owed again all the same.
pub(super) fn is_done(case: &Case, duty: &Duty) -> bool {
    duty.every.is_none() && duty.met_by.is_some_and(|act| stands(case, act))
}

/// Whether the act was done since the case was opened, or opened again.
fn stands(case: &Case, act: MetBy) -> bool {
    let row = &case.row;
    let since = row.closed_at.filter(|_| row.reopened > 0);
    done_by(case, act).is_some_and(|(at, _)| since.is_none_or(|since| at > since))
}

/// When an act was done last, and by whom.
fn done_by(case: &Case, act: MetBy) -> Option<(Timestamp, String)> {
    let course = &case.row.course;
    match act {
        MetBy::Consulted => consulted(case),
        MetBy::Assigned => course.assignment.as_ref().map(|one| (one.at, one.by.clone())),
        MetBy::Approved => {
            let verdicts = course.texts.iter().filter_map(|draft| draft.verdict.as_ref());
            verdicts.filter(|verdict| verdict.approved).map(|one| (one.at, one.by.clone())).max()
        }
        MetBy::Responded => {
            let by = course.replies.last().map(|reply| reply.by.clone()).unwrap_or_default();
            case.row.responded_at.map(|at| (at, by))
        }
    }
}

/// The last time that it was put into 会商. A change that was taken back stays on record, followed by the way back.
fn consulted(case: &Case) -> Option<(Timestamp, String)> {
    let (states, wanted) = (&case.row.course.states, case.row.plan.state_called(CONSULTED));
    let undone = |at: usize| {
        let (was, back) = (at.checked_sub(1).and_then(|at| states.get(at)), states.get(at + 1));
        let (Some(was), Some(change), Some(back)) = (was, states.get(at), back) else { return false };
        back.state == was.state && back.by == change.by && back.at.duration_since(change.at) <= SLIP
    };
    let entered = states.iter().enumerate().rev();
    let entered = entered.filter(|(at, change)| change.state == wanted && !undone(*at));
    entered.map(|(_, change)| (change.at, change.by.clone().unwrap_or_default())).next()
}

/// The shipped state that stands for having conferred.
pub(in crate::desk) const CONSULTED: &str = "会商";

const fn word(act: MetBy, locale: Locale) -> &'static str {
    match act {
        MetBy::Consulted => locale.pick("已会商", "conferred"),
        MetBy::Assigned => locale.pick("已批办", "assigned"),
        MetBy::Approved => locale.pick("已审定", "approved"),
        MetBy::Responded => locale.pick("已回应", "answered"),
    }
}
