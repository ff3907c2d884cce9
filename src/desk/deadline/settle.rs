//! What becomes of limits that run when a person lowers the tier, or lets the case go on under the plan that is now in
//! force (SEMANTICS 13, 18, 19): what is not asked for any more ends, what is asked for by both goes on, what is new
//! opens.

use jiff::Timestamp;

use super::{
    Deadline,
    base::{concerns, instant, is_owed, open_owed_but},
    chain, duty, later,
    report::meet_report,
};
use crate::{
    desk::case::{Case, Work},
    model::{Base, DeadlineKind, DeadlineState, Duty, Limit, TierRule},
};

/// A person lowered the tier. What both tiers ask for keeps its due time; what was done at this tier before is not
/// owed again.
pub(in crate::desk) fn lowered(case: &mut Case, work: &mut Work<'_>) {
    settle(case, work, "lowered");
    let (rank, since) = (case.row.rank, case.row.closed_at.filter(|_| case.row.reopened > 0));
    let done = case.deadlines.values().filter(|d| {
        let met = matches!(d.state, DeadlineState::Met { at } if since.is_none_or(|since| at > since));
        met && d.rank == rank && d.kind != DeadlineKind::Step
    });
    let done: Vec<String> = done.filter_map(|d| d.duty.clone()).collect();
    open_owed_but(case, work, &[], &done);
}

/// The case goes on under another plan at the tier on which it stands now: its limits are those of that plan, from
/// where they began; what has passed stays passed.
pub(in crate::desk) fn replanned(case: &mut Case, work: &mut Work<'_>) {
    settle(case, work, "replanned");
    let tier = case.row.plan.tier(case.row.rank).clone();
    let running: Vec<Deadline> = case.running().filter(|d| d.step == 0).cloned().collect();
    for old in running {
        match limit_of(&tier, &old) {
            Some(Asked::Limit(limit, name)) => begin_again(case, work, old, limit, name),
            Some(Asked::Report) => {
                let due_at = tier.report.map(|report| later(case.row.graded_at, report));
                let state = due_at.map_or(ended("replanned"), |_| DeadlineState::Running);
                case.put_deadline(Deadline { due_at: due_at.unwrap_or(old.due_at), state, ..old }, work);
            }
            None => {}
        }
    }
    open_owed_but(case, work, &[], &[]);
    chain::take_lines(case, work);
    meet_report(case, work);
}

/// What the tier says of a limit that runs.
enum Asked {
    Limit(Limit, Option<String>),
    Report,
}

fn limit_of(tier: &TierRule, deadline: &Deadline) -> Option<Asked> {
    match deadline.kind {
        DeadlineKind::Report => Some(Asked::Report),
        DeadlineKind::Response => tier.response.map(|limit| Asked::Limit(limit, None)),
        DeadlineKind::Acknowledge | DeadlineKind::Step => None,
        DeadlineKind::FollowUp | DeadlineKind::Feedback | DeadlineKind::Own => {
            let asked = tier.duties.iter().find(|duty| Some(&duty.id) == deadline.duty.as_ref())?;
            Some(Asked::Limit(asked.limit, Some(asked.name.clone())))
        }
    }
}

/// A limit as the plan now has it. One that waits for an event that has not come is opened by that.
fn begin_again(case: &mut Case, work: &mut Work<'_>, old: Deadline, limit: Limit, name: Option<String>) {
    let base_at: Option<Timestamp> =
        if limit.from == old.base { Some(old.base_at) } else { instant(case, work.now, limit.from) };
    let (base, due_at) = match base_at {
        Some(at) => ((limit.from, at), case.row.plan.due(&limit, at, work.workdays, &case.zone())),
        None => {
            case.put_deadline(Deadline { state: ended("replanned"), ..old }, work);
            return;
        }
    };
    let same: (Base, Timestamp) = (old.base, old.base_at);
    if (base, due_at) == (same, old.due_at) && name == old.name {
        return;
    }
    let warned = due_at == old.due_at;
    let (warned, warnings) = (warned && old.warned, if warned { old.warnings } else { 0 });
    let moved = old.moved && due_at <= old.due_at;
    let now = Deadline { base: base.0, base_at: base.1, due_at, name, warned, warnings, moved, ..old };
    case.put_deadline(now, work);
}

fn ended(why: &str) -> DeadlineState {
    DeadlineState::Ended { why: why.to_owned() }
}

/// Ends what the present tier does not ask for; the rest belongs to it from now on.
fn settle(case: &mut Case, work: &mut Work<'_>, why: &str) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let asked: Vec<&Duty> = tier.duties.iter().filter(|duty| concerns(case, duty)).collect();
    let stays = |d: &Deadline| match (&d.duty, d.kind) {
        (None, _) => tier.response.is_some(),
        (Some(id), DeadlineKind::Step) => asked.iter().any(|duty| duty.id == *id && duty.circular.is_some()),
        (Some(id), kind) => asked.iter().any(|duty| duty.id == *id && duty::kind_of(duty) == kind),
    };
    let is_of_plan = |d: &Deadline| d.is_open() && (is_owed(d) || d.duty.is_some());
    case.change_deadlines(work, |d| is_of_plan(d) && !stays(d), |d| d.state = ended(why));
    case.change_deadlines(work, |d| is_of_plan(d) && d.rank != tier.rank, |d| d.rank = tier.rank);
}
