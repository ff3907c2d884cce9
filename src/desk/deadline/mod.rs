//! Deadlines: opened by a tier, met by an acceptance or an act, and what happens when they fall due
//! (SEMANTICS 19 to 25).
//!
//! [`open_tier`] begins the limits of a tier, [`base`] says from which instant the longer ones run and opens those
//! whose event comes later, [`report`] sees whether the first report has arrived, [`chain`] tells the next step when
//! nobody confirms, [`duty`] has what a plan wants done beside that, [`done`] meets it by the act that it is about, [`whom`]
//! says whom it concerns, [`settle`] what of it goes on at a lower tier or under another plan, [`remind`] warns before and repeats after.

mod base;
mod chain;
mod done;
mod duty;
mod remind;
mod report;
mod settle;
mod whom;

use jiff::{SignedDuration, Timestamp};

use super::{
    case::{Case, Work},
    telling::{fail_over, half_time},
};
use crate::{
    locale::Locale,
    model::{Base, Deadline, DeadlineKind, DeadlineState, LineState, NoticeKind},
};

use base::open_owed_after;
pub(super) use base::{move_earlier, open_owed};
pub(super) use done::{CONSULTED, met_by, what_was_done};
pub(super) use duty::complete;
pub(super) use report::{meet_report, reopen_report, unreachable};
pub(super) use settle::{lowered, replanned};

/// What a tier without a `report` limit gives its notices to be accepted in.
const DEFAULT_REPORT: SignedDuration = SignedDuration::from_mins(15);

/// Opens the present tier: lines begin at their top, notices go out, limits run. `kind` says why.
pub(super) fn open_tier(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind) {
    let before = begin(case, work);
    let tier = case.row.plan.tier(case.row.rank).clone();
    case.row.lines =
        tier.lines.iter().map(|line| LineState { line: line.name.clone(), step: 0, round: 0 }).collect();
    let now = work.now;
    let report = tier.report.unwrap_or(DEFAULT_REPORT);
    if tier.report.is_some() {
        let report =
            deadline(case, DeadlineKind::Report, None, 0, 0, (Base::Graded, now), later(now, report));
        case.put_deadline(report, work);
    }
    let wakes = chain::wakes_at(case, &tier, now);
    if let Some(limit) = tier.acknowledge {
        let begins = wakes.unwrap_or(now);
        for line in &tier.lines {
            let due = later(begins, line.wait_after(0, limit));
            let confirm = deadline(
                case,
                DeadlineKind::Acknowledge,
                Some(&line.name),
                0,
                0,
                (Base::Graded, begins),
                due,
            );
            case.put_deadline(confirm, work);
        }
    }
    open_owed_after(case, work, &before);
    chain::tell_first(case, work, kind, wakes);
    duty::tell_newcomers(case, work);
    case.row.told_rank = case.row.told_rank.max(Some(case.row.rank));
}

/// Opens a tier that is told in a digest only: nobody is alerted, but what the plan wants done is owed.
pub(super) fn open_quietly(case: &mut Case, work: &mut Work<'_>) {
    let tier = case.row.plan.tier(case.row.rank);
    let owes = tier.response.is_some() || !tier.duties.is_empty();
    if !owes && !case.deadlines.values().any(Deadline::is_open) {
        return;
    }
    let before = begin(case, work);
    open_owed_after(case, work, &before);
}

/// Running limits of a lower tier end; `response` is taken over when the new tier opens its own. Answers with the
/// duties that ended, as they stood.
fn begin(case: &mut Case, work: &mut Work<'_>) -> Vec<Deadline> {
    let duties = case.deadlines.values().filter(|d| d.is_open() && d.duty.is_some());
    let duties: Vec<Deadline> = duties.cloned().collect();
    case.row.epoch += 1;
    case.row.told_as.clear();
    case.change_deadlines(
        work,
        |d| d.is_open() && d.kind != DeadlineKind::Response,
        |d| d.state = DeadlineState::Ended { why: "superseded".to_owned() },
    );
    duties
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

fn deadline(
    case: &Case,
    kind: DeadlineKind,
    line: Option<&str>,
    round: u32,
    step: usize,
    base: (Base, Timestamp),
    due_at: Timestamp,
) -> Deadline {
    let place = line.map_or_else(String::new, |line| format!("/{line}/{round}.{step}"));
    Deadline {
        key: format!("{}/{}/{}{place}", case.row.id, case.row.epoch, kind.id()),
        incident: case.row.id,
        kind,
        rank: case.row.rank,
        line: line.map(str::to_owned),
        step,
        base: base.0,
        base_at: base.1,
        due_at,
        state: DeadlineState::Running,
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    }
}

/// The next instant at which something of this case falls due.
pub(super) fn next_due(case: &Case) -> Option<Timestamp> {
    let limits = case.deadlines.values().filter_map(|deadline| match deadline.state {
        DeadlineState::Running => Some(remind::warning_at(case, deadline).unwrap_or(deadline.due_at)),
        DeadlineState::Overdue => remind::reminder_at(case, deadline),
        _ => None,
    });
    let halves = case.waiting_notices().filter_map(|notice| half_time(case, notice));
    limits.chain(halves).min()
}

/// Lets everything fall due that is due at `work.now`.
pub(super) fn fall_due(case: &mut Case, work: &mut Work<'_>) {
    let now = work.now;
    let late: Vec<_> = case
        .waiting_notices()
        .filter(|notice| half_time(case, notice).is_some_and(|at| at <= now))
        .map(|notice| notice.id.clone())
        .collect();
    for id in late {
        if !fail_over(case, work, &id) {
            // Nothing left to try beside it: it goes on being retried; say so once.
            case.exhausted.insert(id);
        }
    }
    remind::again(case, work);
    let due: Vec<Deadline> =
        case.running().filter(|d| remind::warning_at(case, d).unwrap_or(d.due_at) <= now).cloned().collect();
    for deadline in due {
        if deadline.due_at > now {
            remind::warn(case, work, &deadline);
            continue;
        }
        if deadline.kind == DeadlineKind::Step {
            chain::step_comes(case, work, &deadline);
            continue;
        }
        let reminders = remind::missed(case, &deadline, now);
        case.change_deadlines(
            work,
            |d| d.key == deadline.key,
            |d| (d.state, d.reminders, d.passed) = (DeadlineState::Overdue, reminders, true),
        );
        overdue(case, work, &deadline);
    }
}

/// What is told of a limit that has passed, the first time and again.
fn overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    match deadline.kind {
        DeadlineKind::Report => report::overdue(case, work, deadline),
        DeadlineKind::Acknowledge => chain::next_step(case, work, deadline),
        DeadlineKind::Response => duty::response_overdue(case, work, deadline),
        DeadlineKind::FollowUp | DeadlineKind::Feedback | DeadlineKind::Own => {
            duty::overdue(case, work, deadline);
        }
        DeadlineKind::Step => {}
    }
}

/// The administrators, and who the tier tells of limits that have passed.
fn overseers(case: &Case, rank: usize) -> Vec<String> {
    let plan = &case.row.plan;
    let mut names = plan.administrators.clone();
    for name in &plan.tier(rank).overdue_to {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn lateness(deadline: &Deadline, work: &Work<'_>) -> String {
    let minutes = work.now.duration_since(deadline.due_at).as_mins();
    match work.locale {
        _ if minutes < 1 => String::new(),
        Locale::ZhCn => format!("，已逾期 {minutes} 分钟"),
        Locale::En => format!(", {minutes} minutes late"),
    }
}
