//! Reporting lines: the first step is told when the tier opens, the next when nobody confirms in time
//! (逐级报告), several lines beside each other (双重报告). A line that ends begins again from its top and tells the
//! administrators, so it never falls silent (SEMANTICS 23).

use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{DEFAULT_REPORT, Deadline, deadline, duty, lateness, later, report::opens_tier};
use crate::{
    desk::{
        case::{Case, Work},
        merge::told_prefixes,
        telling::{Telling, required_channels, tell},
    },
    locale::{Locale, notice::length},
    model::{Base, DeadlineKind, DeadlineState, Line, LineState, NoticeKind, TierRule, instant},
};

/// Tells the first step of every line and the copies, now or when quiet hours end; later steps that are told
/// whatever was confirmed get their time.
pub(super) fn tell_first(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind, wakes: Option<Timestamp>) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let begins = wakes.unwrap_or(work.now);
    for line in &tier.lines {
        for &step in &line.always {
            let acknowledge = tier.acknowledge.unwrap_or_default();
            let waits = (0..step).map(|step| line.wait_after(step, acknowledge));
            let at = waits.fold(begins, later);
            put_step(case, work, &line.name, step, at);
        }
    }
    if let Some(wakes) = wakes {
        for line in &tier.lines {
            put_step(case, work, &line.name, 0, wakes);
        }
        put_step(case, work, COPIES, 0, wakes);
        return;
    }
    for line in &tier.lines {
        tell_top(case, work, kind, line, &tier);
    }
    tell_copies(case, work, &tier);
}

/// Stands for the copies among the lines that wait.
const COPIES: &str = "-";

fn put_step(case: &mut Case, work: &mut Work<'_>, line: &str, step: usize, at: Timestamp) {
    let base = (Base::Graded, case.row.graded_at);
    let waits = deadline(case, DeadlineKind::Step, Some(line), 0, step, base, at);
    case.put_deadline(waits, work);
}

fn tell_top(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind, line: &Line, tier: &TierRule) {
    let Some(first) = line.steps.first() else { return };
    let mut telling = Telling::new(kind, first, must_arrive(case, work, tier));
    telling.line = Some(&line.name);
    telling.confirm = tier.acknowledge.is_some();
    tell(case, work, &telling);
}

fn tell_copies(case: &mut Case, work: &mut Work<'_>, tier: &TierRule) {
    let due_at = must_arrive(case, work, tier);
    let mut copies = tier.copies.clone();
    if let Some(upward) = work.upward.get(&case.row.unit).filter(|upward| tier.rank >= upward.from_rank) {
        copies.extend(upward.tell.iter().filter(|name| !tier.copies.contains(name)).cloned());
    }
    tell(case, work, &Telling::new(NoticeKind::Copy, &copies, due_at));
}

/// By when the first report must have arrived.
fn must_arrive(case: &Case, work: &Work<'_>, tier: &TierRule) -> Timestamp {
    let limit = tier.report.unwrap_or(DEFAULT_REPORT);
    later(case.row.graded_at, limit).max(work.now)
}

/// When quiet hours that hold now let notices go: at their end, and always while a quarter of `report` is left.
pub(super) fn wakes_at(case: &Case, tier: &TierRule, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = tier.quiet?;
    let zone = case.zone();
    let local = now.to_zoned(zone.clone());
    let (date, time) = (local.date(), local.time());
    let overnight = from > to;
    let quiet = if overnight { time >= from || time < to } else { from <= time && time < to };
    if !quiet {
        return None;
    }
    let day = if overnight && time >= from { date.checked_add(1.day()).ok()? } else { date };
    let latest = later(now, tier.report.unwrap_or(DEFAULT_REPORT) * 3 / 4);
    instant(day, to, &zone).map(|ends| ends.min(latest))
}

/// A step whose time has come, whatever was confirmed.
pub(super) fn step_comes(case: &mut Case, work: &mut Work<'_>, due: &Deadline) {
    let now = work.now;
    case.change_deadlines(work, |d| d.key == due.key, |d| d.state = DeadlineState::Met { at: now });
    if due.duty.is_some() {
        duty::circulate(case, work, due);
        return;
    }
    let tier = case.row.plan.tier(case.row.rank).clone();
    let name = due.line.as_deref().unwrap_or(COPIES);
    if name == COPIES {
        tell_copies(case, work, &tier);
        return;
    }
    let Some(line) = tier.lines.iter().find(|line| line.name == name) else { return };
    if due.step == 0 {
        let kind = opening_kind(case);
        tell_top(case, work, kind, line, &tier);
        return;
    }
    let reached = case.row.lines.iter().find(|state| state.line == name);
    if reached.is_some_and(|state| state.round > 0 || state.step >= due.step) {
        return;
    }
    let Some(contacts) = line.steps.get(due.step) else { return };
    let note = match work.locale {
        Locale::ZhCn => format!("按预案通知第 {} 步（已有人签收）", due.step + 1),
        Locale::En => format!("step {} by the plan (already confirmed)", due.step + 1),
    };
    work.note(Some(case.row.id), "escalated", None, format!("{name}: {note}"));
    let mut telling = Telling::new(NoticeKind::Escalation, contacts, now);
    telling.due_at = later(now, tier.report.unwrap_or(DEFAULT_REPORT));
    (telling.line, telling.step) = (Some(name), due.step);
    (telling.confirm, telling.note) = (true, note);
    tell(case, work, &telling);
}

/// As what the first step is told of a tier that was opened in quiet hours.
fn opening_kind(case: &Case) -> NoticeKind {
    let told = case.notices.values().any(|notice| {
        matches!(notice.kind, NoticeKind::Alert | NoticeKind::Rise | NoticeKind::Reopened)
            && notice.rank < case.row.rank
    });
    match (case.row.reopened > 0, told) {
        (true, _) => NoticeKind::Reopened,
        (false, true) => NoticeKind::Rise,
        (false, false) => NoticeKind::Alert,
    }
}

/// Nobody of a step confirmed: the next step, or the top again and the administrators.
pub(super) fn next_step(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let Some(line) = tier.lines.iter().find(|line| Some(&line.name) == deadline.line.as_ref()) else {
        return;
    };
    let Some(state) = case.row.lines.iter_mut().find(|state| state.line == line.name) else { return };
    let ended = state.step + 1 >= line.steps.len();
    let within = line.wait_after(state.step, tier.acknowledge.unwrap_or(DEFAULT_REPORT));
    state.step = if ended { 0 } else { state.step + 1 };
    state.round += u32::from(ended);
    let (step, round) = (state.step, state.round);
    let Some(contacts) = line.steps.get(step) else { return };
    confirm_again(case, work, line, &tier, (round, step));
    let late = lateness(deadline, work);
    let within = length(within.as_secs(), work.locale);
    let note = match work.locale {
        Locale::ZhCn => format!("上一步无人在 {within}内签收{late}，现通知第 {} 步", step + 1),
        Locale::En => format!("nobody confirmed within {within}{late}; step {}", step + 1),
    };
    work.note(Some(case.row.id), "escalated", None, format!("{}: {note}", line.name));
    let report: SignedDuration = tier.report.unwrap_or(DEFAULT_REPORT);
    let mut telling = Telling::new(NoticeKind::Escalation, contacts, later(work.now, report));
    (telling.line, telling.step, telling.round) = (Some(line.name.as_str()), step, round);
    (telling.confirm, telling.note) = (true, note);
    tell(case, work, &telling);
    if ended {
        chain_ended(case, work, &line.name, round);
    }
}

/// The step that is told now has its own time to confirm.
fn confirm_again(case: &mut Case, work: &mut Work<'_>, line: &Line, tier: &TierRule, at: (u32, usize)) {
    let (round, step) = at;
    let limit = line.wait_after(step, tier.acknowledge.unwrap_or(DEFAULT_REPORT));
    let base = (Base::Graded, work.now);
    let due = later(work.now, limit);
    let next = deadline(case, DeadlineKind::Acknowledge, Some(&line.name), round, step, base, due);
    case.put_deadline(next, work);
}

fn chain_ended(case: &mut Case, work: &mut Work<'_>, line: &str, round: u32) {
    let note = match work.locale {
        Locale::ZhCn => format!("“{line}”全部步骤均无人签收，已从头再通知（第 {} 轮）", round + 1),
        Locale::En => format!("nobody on line \"{line}\" confirmed; it starts again (round {})", round + 1),
    };
    work.note(Some(case.row.id), "unconfirmed", None, note.clone());
    let contacts = super::overseers(case, case.row.rank);
    let mut telling = Telling::new(NoticeKind::Operations, &contacts, work.now);
    telling.due_at = later(work.now, DEFAULT_REPORT);
    // Each line has its own round; the same round of another line is another happening.
    (telling.tag, telling.round, telling.note) = (format!("-chain-{line}"), round, note);
    telling.line = Some(line);
    tell(case, work, &telling);
}

/// Contacts of every step told so far on all lines.
pub(super) fn told_steps(case: &Case) -> Vec<String> {
    let tier = case.row.plan.tier(case.row.rank);
    let mut names: Vec<String> = Vec::new();
    for line in &tier.lines {
        let state = case.row.lines.iter().find(|state| state.line == line.name);
        let reached = state.map_or(0, |state| if state.round > 0 { line.steps.len() } else { state.step });
        for name in line.steps.iter().take(reached + 1).flatten() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

/// The plan is another while the tier stands: lines that are gone end, new ones begin at their top, and whoever stands
/// in a first step and has not been told of this tier is told now.
pub(super) fn take_lines(case: &mut Case, work: &mut Work<'_>) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let kept = |name: Option<&String>| tier.lines.iter().any(|line| Some(&line.name) == name);
    case.change_deadlines(
        work,
        |d| {
            let runs = d.kind == DeadlineKind::Acknowledge && d.state == DeadlineState::Running;
            runs && (tier.acknowledge.is_none() || !kept(d.line.as_ref()))
        },
        |d| d.state = DeadlineState::Ended { why: "replanned".to_owned() },
    );
    case.cancel_notices(work, "replanned", |notice| {
        notice.kind == NoticeKind::Escalation && !kept(notice.facts.line.as_ref())
    });
    let before = std::mem::take(&mut case.row.lines);
    let was = |name: &str| before.iter().find(|state| state.line == name);
    case.row.lines = tier.lines.iter().map(|line| go_on(line, was(&line.name))).collect();
    let waits = |d: &Deadline| d.kind == DeadlineKind::Step && d.duty.is_none() && d.step == 0;
    if !tier.telling.alerts() || case.row.held.is_some() || case.running().any(waits) {
        // Nobody has been told of it yet, or will be when the silence or the quiet hours end.
        return;
    }
    for line in &tier.lines {
        if was(&line.name).is_none() && tier.acknowledge.is_some() && !is_confirmed(case, line) {
            confirm_again(case, work, line, &tier, (0, 0));
        }
        tell_untold(case, work, line, &tier);
    }
    tell_copies(case, work, &tier);
}

/// Where a line stands that the plan now has otherwise.
fn go_on(line: &Line, was: Option<&LineState>) -> LineState {
    let last = line.steps.len().saturating_sub(1);
    let (step, round) = was.map_or((0, 0), |was| (was.step.min(last), was.round));
    LineState { line: line.name.clone(), step, round }
}

fn is_confirmed(case: &Case, line: &Line) -> bool {
    let mut acks = case.row.acks.iter().filter(|ack| ack.rank >= case.row.rank);
    acks.any(|ack| line.steps.iter().flatten().any(|name| *name == ack.contact))
}

/// Tells those of the first step who have not been told by each channel that the tier wants.
fn tell_untold(case: &mut Case, work: &mut Work<'_>, line: &Line, tier: &TierRule) {
    let prefixes = told_prefixes(case);
    let opening = || prefixes.iter().flat_map(|prefix| case.notices_under(prefix)).filter(|n| opens_tier(n));
    let told_as = opening().find(|notice| notice.kind != NoticeKind::Failover).map(|notice| notice.kind);
    let untold = |name: &&String| {
        let contact = work.reach(&case.row.unit, name, work.now);
        let mut wanted = contact.map(|one| required_channels(one, tier)).unwrap_or_default().into_iter();
        wanted.any(|kind| !opening().any(|told| told.contact == **name && told.channel == kind))
    };
    let contacts: Vec<String> = line.steps.first().into_iter().flatten().filter(untold).cloned().collect();
    let kind = told_as.unwrap_or_else(|| opening_kind(case));
    let mut telling = Telling::new(kind, &contacts, must_arrive(case, work, tier));
    telling.line = Some(&line.name);
    telling.confirm = tier.acknowledge.is_some();
    tell(case, work, &telling);
}
