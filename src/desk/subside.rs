//! Subsiding (平息): proposed by the plan's rule, confirmed by a person or by the plan; a tier that is reached
//! again afterwards is told as 恶化 (SEMANTICS 18).
//!
//! Nothing seen is not nothing grown: without a look in the second half of the span nothing is proposed, or a
//! broken source would calm everybody. Where views are unknown, it counts when anything at all grew last.

use jiff::Timestamp;

use super::{
    acts::{close, measure_now},
    case::{Case, Work},
    course::{duty, say},
    grading::set_tier,
    tier::grade,
};
use crate::{
    locale::{Locale, reason_line},
    model::{Deadline, DeadlineKind, IncidentState, NoticeKind, Reason, Subsiding},
};

/// Takes what a measuring says of the growth; `rank` is what the numbers alone give.
pub(super) fn watch(case: &mut Case, now: Timestamp, rank: usize) {
    let Some(rule) = case.row.plan.subsides else { return };
    let course = &mut case.row.course;
    course.quiet_since = match case.row.heat.hourly_views {
        Some(growth) if growth >= rule.growth_below => None,
        Some(_) => course.quiet_since.or(Some(now)),
        None => case.row.outlook.grew_at.or(Some(now)),
    };
    if let Some(subsiding) = &mut course.subsiding {
        subsiding.rank = subsiding.rank.min(rank);
    }
}

/// When it will be proposed that it has subsided, if nothing happens until then.
pub(super) fn due_at(case: &Case) -> Option<Timestamp> {
    let rule = case.row.plan.subsides?;
    let course = &case.row.course;
    if case.row.state != IncidentState::Open || case.row.told_rank.is_none() || course.subsiding.is_some() {
        return None;
    }
    let since = course.quiet_since?;
    let looked = since.checked_add(rule.span / 2).ok()?;
    if case.seen_at.is_none_or(|seen| seen < looked) {
        return None;
    }
    since.checked_add(rule.span).ok()
}

/// Proposes it when its time has come.
pub(super) fn fall_due(case: &mut Case, work: &mut Work<'_>) {
    let Some(rule) = case.row.plan.subsides else { return };
    if due_at(case).is_none_or(|due| due > work.now) {
        return;
    }
    let rank = grade(&case.row.plan, &measure_now(case, work), case.row.kinds.kind()).rank;
    case.row.course.subsiding = Some(Subsiding { at: work.now, rank });
    let hours = rule.span.as_hours();
    let known = case.row.heat.hourly_views.is_some();
    let note = match (work.locale, known) {
        (Locale::ZhCn, true) => {
            format!("{hours} 小时内每小时新增浏览少于 {}，建议平息", rule.growth_below)
        }
        (Locale::ZhCn, false) => format!("浏览增量未知；{hours} 小时内各项数字均未增长，建议平息"),
        (Locale::En, true) => format!("fewer than {} views an hour for {hours} h", rule.growth_below),
        (Locale::En, false) => format!("growth of views unknown; nothing grew for {hours} h"),
    };
    work.note(Some(case.row.id), "subsiding", None, note.clone());
    if !rule.by_plan {
        let told = duty(case);
        say(case, work, NoticeKind::Subsided, &told, note);
    }
}

/// The plan itself confirms, once nothing is owed any more.
pub(super) fn confirm_by_plan(case: &mut Case, work: &mut Work<'_>) {
    let by_plan = case.row.plan.subsides.is_some_and(|rule| rule.by_plan);
    let proposed = case.row.course.subsiding.is_some() && case.row.course.quiet_since.is_some();
    let owes = |d: &Deadline| d.is_open() && d.kind != DeadlineKind::FollowUp;
    if !by_plan || !proposed || case.row.state != IncidentState::Open || case.deadlines.values().any(owes) {
        return;
    }
    let by = work.locale.pick("预案", "plan");
    let reason = work.locale.pick("按预案的平息规则办结", "closed by the plan's rule");
    // It is open, so it can be closed.
    let _ = close(case, work, by, reason);
    super::course::follow(case, work);
}

/// As what a rise is told: after a proposal it is 恶化.
pub(super) fn kind_of_rise(case: &Case) -> NoticeKind {
    if case.row.course.subsiding.is_some() { NoticeKind::Worsened } else { NoticeKind::Rise }
}

/// A tier is reached again after it was proposed: `rank` is what the numbers alone give, `now` the reason that holds.
/// Whoever is told of the incident's tier is told anew and must confirm anew.
pub(super) fn reached_again(case: &mut Case, work: &mut Work<'_>, rank: usize, now: Reason) {
    let low = case.row.course.subsiding.as_ref().map(|subsiding| subsiding.rank);
    if low.is_none_or(|low| rank <= low) || rank < case.row.plan.lowest_alerting_rank() {
        return;
    }
    let line = reason_line(&now, work.locale, &case.zone());
    work.note(Some(case.row.id), "worsened", None, line);
    (case.row.course.subsiding, case.row.course.quiet_since) = (None, None);
    case.row.acks.clear();
    // What gives a lower tier now is no reason for the one that was reached before.
    let reason = if now.rank == case.row.rank { now } else { case.row.reason.clone() };
    set_tier(case, work, reason, NoticeKind::Worsened);
}
