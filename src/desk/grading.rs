//! What a look at a member does to its incident: the heat is measured again, a rise is told, a closed one
//! flares up, backlog that becomes hot is opened (SEMANTICS 5, 14, 17, 18).

use std::collections::BTreeSet;

use super::{
    case::{Case, Pending, Work},
    deadline::{meet_report, move_earlier, open_tier},
    forecast::look_ahead,
    heat::{Measured, measure},
    telling::{Telling, tell},
    tier::{Grade, grade},
};
use crate::{
    locale::{Locale, forecast_line, reason_line},
    model::{Clause, IncidentState, NoticeKind, Reason},
};

/// A statement of fewer posts is measured at every look.
const LARGE: usize = 1_000;
/// Of a large one, the most looks between two measurings, as a share of its posts.
const SHARE: usize = 64;

/// Grades after a look. A statement of thousands of posts is measured only when the look could raise it,
/// and else once in a while, so that 100,000 copies do not cost their square. What is told always rests on
/// a full measuring; the heat shown of such a statement can lag behind by one look in 64.
pub(super) fn regrade_after_look(case: &mut Case, work: &mut Work<'_>) {
    if !may_wait(case) {
        regrade(case, work);
    }
}

/// Whether no higher tier can hold: between looks daily views only sink, and a look adds no more than it
/// counted.
fn may_wait(case: &Case) -> bool {
    let (row, pending) = (&case.row, &case.pending);
    let posts = case.members.len();
    if posts < LARGE || pending.more || pending.looks * SHARE >= posts || row.state != IncidentState::Open {
        return false;
    }
    // A member over a bound comes back with all its views when its figure is exact again.
    let heat = &row.heat;
    let most = |known: Option<u64>, more: u64| known.unwrap_or(0).saturating_add(more);
    let over = |value: u64, threshold: Option<u64>| threshold.is_some_and(|threshold| value > threshold);
    heat.views_bound.is_none()
        && !row.plan.tiers.iter().skip(row.rank + 1).any(|tier| {
            over(most(heat.daily_views, pending.views), tier.clauses.views_over)
                || over(most(heat.reposts, pending.reposts), tier.clauses.reposts_over)
                || over(most(heat.comments, pending.comments), tier.clauses.comments_over)
        })
}

/// Measures and grades a case after something changed, and does what follows from it.
pub(super) fn regrade(case: &mut Case, work: &mut Work<'_>) {
    case.refresh_origin();
    case.pending = Pending::default();
    let since = case.row.closed_at;
    let plan = case.row.plan.clone();
    let members = case.members.values().filter(|member| member.adds_heat());
    let measured = measure(members, &plan, work.now, since);
    case.row.heat = measured.heat.clone();
    let machine = grade(&plan, &measured);
    let reason = effective(case, work, machine, &measured);
    let hot = case.row.state == IncidentState::Dormant && is_hot(case, &measured);
    let told_before: Vec<usize> = case.row.outlook.forecasts.iter().map(|one| one.rank).collect();
    let open_at = match case.row.state {
        IncidentState::Dormant => hot.then_some(reason.rank),
        IncidentState::Open => Some(reason.rank.max(case.row.rank)),
        IncidentState::Closed => Some(reason.rank).filter(|rank| *rank >= plan.lowest_alerting_rank()),
        IncidentState::Merged | IncidentState::Archived => None,
    };
    // Before anything is told, so that what is told says it.
    let expected = look_ahead(case, open_at, &measured, work.now);
    (case.row.outlook.forecasts, case.row.outlook.soonest) = (expected.forecasts, expected.soonest);
    match case.row.state {
        IncidentState::Dormant => {
            if hot {
                open(case, work, reason, NoticeKind::Alert);
            } else {
                case.row.reason = reason;
            }
        }
        IncidentState::Open => {
            if reason.rank > case.row.rank {
                raise(case, work, reason, NoticeKind::Rise);
            } else if reason.rank == case.row.rank && !plan.tier(reason.rank).telling.alerts() {
                case.row.reason = reason;
            }
        }
        IncidentState::Closed => {
            if reason.rank >= plan.lowest_alerting_rank() {
                reopen(case, work, reason);
            }
        }
        IncidentState::Merged | IncidentState::Archived => {}
    }
    note_forecast(case, work, &told_before);
    move_earlier(case, work);
    tell_directly(case, work);
}

/// A forecast that begins to stand is a line of the timeline; that it moves is not.
fn note_forecast(case: &Case, work: &mut Work<'_>, before: &[usize]) {
    let new = case.row.outlook.forecasts.iter().filter(|one| !before.contains(&one.rank));
    let new: Vec<_> = new.cloned().collect();
    if !new.is_empty() {
        let line = forecast_line(&new, work.now, work.locale);
        work.note(Some(case.row.id), "forecast", None, line);
    }
}

/// The tier that holds: the numbers', a keyword's lowest, or a person's decision.
pub(super) fn effective(case: &Case, work: &Work<'_>, machine: Grade, measured: &Measured) -> Reason {
    let row = &case.row;
    let (mut rank, mut clause, mut threshold, mut note) =
        (machine.rank, machine.clause, machine.threshold, None);
    if let Some((least, group)) = row.at_least.as_ref().filter(|(least, _)| *least > rank) {
        (rank, clause, threshold, note) = (*least, Clause::AtLeast, None, Some(group.clone()));
    }
    if let Some(decided) = &row.overridden {
        let outgrown = machine.rank > decided.machine_rank && machine.rank > decided.rank;
        if !outgrown {
            let why = format!("{}: {}", decided.by, decided.reason);
            (rank, clause, threshold, note) = (decided.rank, Clause::Override, None, Some(why));
        }
    }
    Reason {
        rank,
        tier_name: row.plan.tier(rank).name.clone(),
        clause,
        threshold,
        note,
        heat: measured.heat.clone(),
        window_from: row.closed_at,
        as_of: work.now,
    }
}

/// Hot today (SEMANTICS 5): a member that is not backlog, or growth observed since first sight that meets a
/// clause of an alerting tier.
fn is_hot(case: &Case, measured: &Measured) -> bool {
    let mut members = case.members.values().filter(|member| member.adds_heat());
    if members.any(|member| !member.row.backlog) {
        return true;
    }
    let mut grown = measured.clone();
    grown.heat.daily_views = measured.observed_views;
    grown.heat.comments = None;
    grade(&case.row.plan, &grown).rank >= case.row.plan.lowest_alerting_rank()
}

fn open(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    case.row.state = IncidentState::Open;
    case.row.opened_at = work.now;
    case.row.rank = 0;
    case.row.in_digest = false;
    note_line(case, work, "opened", &reason);
    set_tier(case, work, reason, kind);
}

fn raise(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    note_line(case, work, "tier", &reason);
    let kind = if case.row.told_rank.is_none() { NoticeKind::Alert } else { kind };
    set_tier(case, work, reason, kind);
}

fn reopen(case: &mut Case, work: &mut Work<'_>, reason: Reason) {
    case.row.state = IncidentState::Open;
    case.row.reopened += 1;
    case.row.acks.clear();
    case.row.responded_at = None;
    case.row.told_rank = None;
    note_line(case, work, "reopened", &reason);
    set_tier(case, work, reason, NoticeKind::Reopened);
}

/// Puts the case on the tier of `reason` and opens it when that tier alerts.
pub(super) fn set_tier(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    case.row.rank = reason.rank;
    case.row.reason = reason;
    case.row.graded_at = work.now;
    let plan = case.row.plan.clone();
    if plan.tier(case.row.rank).telling.alerts() {
        // A rise needs a new confirmation; earlier ones hold only for their own tier and below.
        open_tier(case, work, kind);
        meet_report(case, work);
    } else {
        case.row.in_digest = false;
    }
}

pub(super) fn note_line(case: &Case, work: &mut Work<'_>, kind: &str, reason: &Reason) {
    let line = reason_line(reason, work.locale, &case.zone());
    work.note(Some(case.row.id), kind, None, line);
}

/// Tells the contacts of `通知:` once, whatever the tier; only of what is hot (SEMANTICS 17).
fn tell_directly(case: &mut Case, work: &mut Work<'_>) {
    if case.row.state != IncidentState::Open || case.direct.is_empty() {
        return;
    }
    let told: BTreeSet<String> = case.row.told_directly.iter().cloned().collect();
    let names: Vec<String> = case.direct.iter().filter(|name| !told.contains(*name)).cloned().collect();
    if names.is_empty() {
        return;
    }
    let limit = case.row.plan.tiers.last().and_then(|tier| tier.report).unwrap_or_default();
    let mut telling = Telling::new(NoticeKind::Direct, &names, work.now);
    telling.due_at = work.now.saturating_add(limit).unwrap_or(work.now);
    telling.note = match work.locale {
        Locale::ZhCn => "关键词要求立即通知".to_owned(),
        Locale::En => "a keyword asks to tell at once".to_owned(),
    };
    tell(case, work, &telling);
    case.row.told_directly.extend(names);
}
