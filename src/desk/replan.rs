//! A running case is let go on under the plan that is now in force for its unit: an explicit step of a person, the only
//! one by which an edited plan reaches a case that began before (SEMANTICS 18).
//!
//! The case is graded anew by that plan, by its numbers of now and by those that gave it its tier, so that a tier does
//! not fall because a day has passed. A higher tier is told like any rise, a lower one corrected like a person's
//! decision; at an equal one nobody is told again, and only limits and lines change. It cannot be taken back as a slip:
//! the old plan is not kept beside the new.

use std::sync::Arc;

use super::{
    Refused,
    acts::{lower, measure_now},
    case::{Case, Work},
    deadline::replanned,
    grading::{effective, note_line, raise, regrade},
    heat::Measured,
    tier::{Grade, grade},
};
use crate::{
    locale::Locale,
    model::{IncidentState, NoticeKind, Plan},
};

/// Puts a case under `plan`.
pub(super) fn take_plan(
    case: &mut Case,
    work: &mut Work<'_>,
    plan: Arc<Plan>,
    by: &str,
    reason: &str,
) -> Result<(), Refused> {
    let refuse = |zh: &str, en: &str| Err(Refused(work.locale.pick(zh, en).to_owned()));
    if case.row.state != IncidentState::Open {
        return refuse("事件未处于办理状态", "the incident is not open");
    }
    if case.row.plan == plan {
        return refuse("事件已按现行预案办理", "the incident runs under the present plan already");
    }
    let text = match work.locale {
        Locale::ZhCn => format!("《{}》，理由：{reason}", plan.title),
        Locale::En => format!("{}, because: {reason}", plan.title),
    };
    work.note(Some(case.row.id), "replanned", Some(by), text);
    // What was decided before cannot be put back by ranks of a plan that is gone.
    case.row.course.undo = None;
    let old = std::mem::replace(&mut case.row.plan, plan);
    take_ranks(case, work, &old);
    let (machine, measured) = grade_anew(case, work);
    if let Some(decided) = &mut case.row.overridden {
        decided.machine_rank = machine.rank;
    }
    let line = effective(case, work, machine, &measured);
    let alerts = case.row.plan.tier(line.rank).telling.alerts();
    let untold = alerts && case.row.told_rank.is_none() && case.row.held.is_none();
    if line.rank > case.row.rank || untold {
        raise(case, work, line, NoticeKind::Rise);
    } else if line.rank < case.row.rank {
        note_line(case, work, "tier", &line);
        lower(case, work, line, replanned);
    } else {
        case.row.reason = line;
        replanned(case, work);
    }
    regrade(case, work);
    Ok(())
}

/// The highest tier that the numbers of now give, or those at which it reached its tier.
fn grade_anew(case: &Case, work: &Work<'_>) -> (Grade, Measured) {
    let plan = &case.row.plan;
    let now = measure_now(case, work);
    let heat = case.row.reason.heat.clone();
    let observed_views = heat.daily_views.map(|views| views.saturating_sub(heat.estimated_views));
    let then = Measured { heat, observed_views };
    let by = |measured: &Measured| grade(plan, measured, case.row.kinds.kind());
    let (of_now, of_then) = (by(&now), by(&then));
    if of_then.rank > of_now.rank { (of_then, then) } else { (of_now, now) }
}

/// Ranks are places in a plan: each goes to the tier of the same id, or name, in the new one.
fn take_ranks(case: &mut Case, work: &mut Work<'_>, old: &Plan) {
    let new = Arc::clone(&case.row.plan);
    let there = |rank: usize| {
        let was = old.tier(rank);
        let same = new.tiers.iter().position(|tier| tier.id == was.id);
        let same = same.or_else(|| new.tiers.iter().position(|tier| tier.name == was.name));
        same.unwrap_or_else(|| rank.min(new.tiers.len().saturating_sub(1)))
    };
    let row = &mut case.row;
    row.rank = there(row.rank);
    row.told_rank = row.told_rank.map(there);
    for ack in &mut row.acks {
        ack.rank = there(ack.rank);
    }
    if let Some((least, _)) = &mut row.at_least {
        *least = there(*least);
    }
    if let Some(decided) = &mut row.overridden {
        decided.rank = there(decided.rank);
    }
    if let Some(subsiding) = &mut row.course.subsiding {
        subsiding.rank = there(subsiding.rank);
    }
    row.outlook.forecasts.clear();
    case.change_deadlines(work, |d| there(d.rank) != d.rank, |d| d.rank = there(d.rank));
}
