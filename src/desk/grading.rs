//! What a look at a member does to its incident: the heat is measured again, a rise is told, a closed one
//! flares up, backlog that becomes hot is opened (SEMANTICS 5, 14, 17, 18).

use std::collections::BTreeSet;

use super::{
    case::{Case, Pending, Work},
    deadline::{meet_report, move_earlier, open_owed, open_quietly, open_tier},
    forecast::look_ahead,
    heat::{Measured, measure},
    subside,
    telling::{Telling, tell},
    tier::{Grade, could_hold, grade},
};
use crate::{
    locale::{Locale, forecast_line, reason_line, words},
    model::{Clause, IncidentState, NoticeKind, PostRow, Reason, TierRule},
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
    // Numbers raise nothing that is known by sound only; a sure member says so itself.
    row.reason.clause == Clause::SoundOnly
        || heat.views_bound.is_none()
            && !row.plan.tiers.iter().skip(row.rank + 1).any(|tier| {
                could_hold(tier, |clause| match clause {
                    Clause::Views => Some(most(heat.daily_views, pending.views)),
                    Clause::Reposts => Some(most(heat.reposts, pending.reposts)),
                    Clause::Comments => Some(most(heat.comments, pending.comments)),
                    Clause::Growth => Some(most(heat.hourly_views, pending.views)),
                    _ => None,
                })
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
    let machine = grade(&plan, &measured, case.row.kinds.kind());
    let numbers = if numbers_count(case) { machine.rank } else { 0 };
    let reason = effective(case, work, machine, &measured);
    let hot = case.row.state == IncidentState::Dormant && is_hot(case, &measured);
    let told_before: Vec<usize> = case.row.outlook.forecasts.iter().map(|one| one.rank).collect();
    let open_at = match case.row.state {
        IncidentState::Dormant => hot.then_some(reason.rank),
        IncidentState::Open => Some(reason.rank.max(case.row.rank)),
        IncidentState::Closed => Some(reason.rank).filter(|_| flares_up(case, &reason)),
        IncidentState::Merged | IncidentState::Archived => None,
    };
    // Before anything is told, so that what is told says it.
    let mut expected = look_ahead(case, open_at, &measured, work.now);
    if reason.clause == Clause::SoundOnly {
        // A tier that the numbers cannot raise is not to be expected.
        expected.forecasts.clear();
    }
    (case.row.outlook.forecasts, case.row.outlook.soonest) = (expected.forecasts, expected.soonest);
    let said = reason.clone();
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
                let kind = subside::kind_of_rise(case);
                (case.row.course.subsiding, case.row.course.quiet_since) = (None, None);
                raise(case, work, reason, kind);
            } else if reason.rank == case.row.rank
                && (!plan.tier(reason.rank).telling.alerts() || case.row.reason.clause == Clause::SoundOnly)
            {
                case.row.reason = reason;
            }
        }
        IncidentState::Closed => {
            if flares_up(case, &reason) {
                reopen(case, work, reason);
            }
        }
        IncidentState::Merged | IncidentState::Archived => {}
    }
    if case.row.state == IncidentState::Open && plan.subsides.is_some() {
        subside::reached_again(case, work, numbers, said);
        subside::watch(case, work.now, numbers);
    }
    note_forecast(case, work, &told_before);
    move_earlier(case, work);
    let by_kind = |tier: &TierRule| tier.duties.iter().any(|duty| !duty.kinds.is_empty());
    if case.row.state == IncidentState::Open && by_kind(plan.tier(case.row.rank)) {
        // A member may have said just now what kind it is.
        open_owed(case, work);
    }
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
    let machine = if numbers_count(case) { machine } else { Grade::lowest(Clause::SoundOnly) };
    let (mut rank, mut clause, mut threshold, mut with) =
        (machine.rank, machine.clause, machine.threshold, machine.with);
    let by_kind = clause == Clause::Kind || with.iter().any(|one| one.0 == Clause::Kind);
    let kind = row.kinds.kind().filter(|_| by_kind);
    let mut note = kind.map(|kind| words::kind(kind, work.locale).to_owned());
    if let Some((least, group)) = row.at_least.as_ref().filter(|(least, _)| *least > rank) {
        (rank, clause, threshold, note) = (*least, Clause::AtLeast, None, Some(group.clone()));
        with.clear();
    }
    if let Some(decided) = &row.overridden {
        let outgrown = machine.rank > decided.machine_rank && machine.rank > decided.rank;
        if !outgrown {
            let why = format!("{}: {}", decided.by, decided.reason);
            (rank, clause, threshold, note) = (decided.rank, Clause::Override, None, Some(why));
            with.clear();
        }
    }
    Reason {
        rank,
        tier_name: row.plan.tier(rank).name.clone(),
        clause,
        threshold,
        note,
        with,
        heat: measured.heat.clone(),
        window_from: row.closed_at,
        as_of: work.now,
    }
}

/// Whether the numbers may raise the tier: not while the words of all members were met by sound or in parts
/// only and nobody has raised it (SEMANTICS 27).
fn numbers_count(case: &Case) -> bool {
    let raised = case.row.overridden.as_ref().is_some_and(|decided| decided.rank > 0);
    let mut by_sound = false;
    for member in case.members.values().filter(|member| member.adds_heat()) {
        if is_sure(&member.row) {
            return true;
        }
        by_sound |= !member.row.marks.is_empty();
    }
    raised || !by_sound
}

/// Whether a word of a member stands there as written, or through a gap.
pub(super) fn is_sure(row: &PostRow) -> bool {
    row.marks.iter().any(|mark| mark.certainty.is_sure())
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
    let grown = grade(&case.row.plan, &grown, case.row.kinds.kind());
    // Where the lowest tier alerts, no clause is no growth.
    grown.clause != Clause::Lowest && grown.rank >= case.row.plan.lowest_alerting_rank()
}

/// Whether what came after closing reaches an alerting tier (SEMANTICS 18). Where the lowest tier alerts, a look that
/// shows nothing new does not: it takes a clause, or a new post.
fn flares_up(case: &Case, reason: &Reason) -> bool {
    let closed_at = case.row.closed_at;
    let new_post = || {
        let mut members = case.members.values().filter(|member| member.adds_heat());
        members.any(|member| Some(member.row.first_seen_at) > closed_at)
    };
    reason.rank >= case.row.plan.lowest_alerting_rank() && (reason.clause != Clause::Lowest || new_post())
}

fn open(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    case.row.state = IncidentState::Open;
    case.row.opened_at = work.now;
    work.opened.push((case.row.unit.clone(), case.row.is_exercise()));
    case.row.rank = 0;
    case.row.in_digest = false;
    note_line(case, work, "opened", &reason);
    set_tier(case, work, reason, kind);
}

/// A person enters what is old: it is opened all the same.
pub(super) fn open_by_hand(case: &mut Case, work: &mut Work<'_>) {
    let reason = case.row.reason.clone();
    open(case, work, reason, NoticeKind::Alert);
}

pub(super) fn raise(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    note_line(case, work, "tier", &reason);
    let kind = if case.row.told_rank.is_none() { NoticeKind::Alert } else { kind };
    set_tier(case, work, reason, kind);
}

pub(super) fn reopen(case: &mut Case, work: &mut Work<'_>, reason: Reason) {
    case.row.state = IncidentState::Open;
    case.row.reopened += 1;
    case.row.acks.clear();
    case.row.responded_at = None;
    case.row.told_rank = None;
    // What was proposed before it closed is settled: it flares up, and has not worsened as well.
    (case.row.course.subsiding, case.row.course.quiet_since) = (None, None);
    note_line(case, work, "reopened", &reason);
    set_tier(case, work, reason, NoticeKind::Reopened);
}

/// Puts the case on the tier of `reason` and opens it when that tier alerts.
pub(super) fn set_tier(case: &mut Case, work: &mut Work<'_>, reason: Reason, kind: NoticeKind) {
    case.row.rank = reason.rank;
    case.row.reason = reason;
    case.row.graded_at = work.now;
    let plan = case.row.plan.clone();
    let silence = super::silence::over(&case.row, work).cloned();
    if let Some(silence) = silence.filter(|_| plan.tier(case.row.rank).telling.alerts()) {
        super::silence::hold(case, work, kind, &silence);
    } else if plan.tier(case.row.rank).telling.alerts() {
        case.row.held = None;
        // A rise needs a new confirmation; earlier ones hold only for their own tier and below.
        open_tier(case, work, kind);
        meet_report(case, work);
    } else {
        open_quietly(case, work);
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
    let by_sound = case.row.reason.clause == Clause::SoundOnly;
    telling.note = match (work.locale, by_sound) {
        (Locale::ZhCn, false) => "关键词要求立即通知".to_owned(),
        (Locale::ZhCn, true) => "关键词要求立即通知（仅谐音命中，请核实）".to_owned(),
        (Locale::En, false) => "a keyword asks to tell at once".to_owned(),
        (Locale::En, true) => "a keyword asks to tell at once (met by sound only: please check)".to_owned(),
    };
    tell(case, work, &telling);
    case.row.told_directly.extend(names);
}
