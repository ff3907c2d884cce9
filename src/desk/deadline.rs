//! Deadlines: opened by a tier, met by an acceptance or an act, and what happens when they fall due
//! (SEMANTICS 19 to 25). Nobody confirms: the next step of the line is told; a line that ends begins again
//! from its top and tells the administrators, so it never falls silent.

use jiff::{SignedDuration, Timestamp};

use super::{
    case::{Case, Work},
    merge::told_prefixes,
    telling::{Telling, address, fail_over, half_time, required_channels, tell},
};
use crate::{
    locale::{Locale, clock_time, notice::length},
    model::{
        Base, ChannelKind, Deadline, DeadlineKind, DeadlineState, Limit, LineState, Notice, NoticeKind,
        NoticeState,
    },
};

/// What a tier without a `report` limit gives its notices to be accepted in.
const DEFAULT_REPORT: SignedDuration = SignedDuration::from_mins(15);

/// Opens the present tier: lines begin at their top, notices go out, limits run. `kind` says why.
pub(super) fn open_tier(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    case.row.epoch += 1;
    case.row.told_as.clear();
    supersede(case, work);
    case.row.lines =
        tier.lines.iter().map(|line| LineState { line: line.name.clone(), step: 0, round: 0 }).collect();
    let now = work.now;
    let due = |limit: SignedDuration| now.saturating_add(limit).unwrap_or(Timestamp::MAX);
    let report = tier.report.unwrap_or(DEFAULT_REPORT);
    if tier.report.is_some() {
        let deadline = deadline(case, DeadlineKind::Report, None, 0, 0, (Base::Graded, now), due(report));
        case.put_deadline(deadline, work);
    }
    if let Some(limit) = tier.acknowledge {
        for line in &tier.lines {
            let at = (Base::Graded, now);
            let deadline = deadline(case, DeadlineKind::Acknowledge, Some(&line.name), 0, 0, at, due(limit));
            case.put_deadline(deadline, work);
        }
    }
    if let Some(limit) = tier.response.filter(|_| case.row.responded_at.is_none()) {
        open_response(case, work, limit);
    }
    for line in &tier.lines {
        let Some(first) = line.steps.first() else { continue };
        let mut telling = Telling::new(kind, first, due(report));
        telling.line = Some(&line.name);
        telling.confirm = tier.acknowledge.is_some();
        tell(case, work, &telling);
    }
    tell(case, work, &Telling::new(NoticeKind::Copy, &tier.copies, due(report)));
    case.row.told_rank = case.row.told_rank.max(Some(case.row.rank));
}

/// Running limits of a lower tier end; `response` is taken over by `open_response`.
fn supersede(case: &mut Case, work: &mut Work<'_>) {
    case.change_deadlines(
        work,
        |d| open(d) && d.kind != DeadlineKind::Response,
        |d| d.state = DeadlineState::Ended { why: "superseded".to_owned() },
    );
}

fn open(deadline: &Deadline) -> bool {
    matches!(deadline.state, DeadlineState::Running | DeadlineState::Overdue)
}

/// Opens `response`; a running one of a lower tier ends and leaves its due time when it is earlier.
fn open_response(case: &mut Case, work: &mut Work<'_>, limit: Limit) {
    let base_at = base_instant(case, work.now, limit.from);
    let mut due_at = base_at.saturating_add(limit.within).unwrap_or(Timestamp::MAX);
    for earlier in case.deadlines.values().filter(|d| open(d) && d.kind == DeadlineKind::Response) {
        due_at = due_at.min(earlier.due_at);
    }
    case.change_deadlines(
        work,
        |d| open(d) && d.kind == DeadlineKind::Response,
        |d| d.state = DeadlineState::Ended { why: "superseded".to_owned() },
    );
    let deadline = deadline(case, DeadlineKind::Response, None, 0, 0, (limit.from, base_at), due_at);
    case.put_deadline(deadline, work);
}

fn base_instant(case: &Case, now: Timestamp, base: Base) -> Timestamp {
    if case.row.reopened > 0 {
        // What flares up again is discovered again; its first origin would be overdue from the start.
        return now;
    }
    match base {
        Base::Published => case.row.published_at.unwrap_or(case.row.detected_at),
        Base::Detected => case.row.detected_at,
        Base::Graded => case.row.graded_at,
        Base::Told | Base::Acknowledged | Base::Responded => now,
    }
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
    }
}

/// A base found earlier moves a due time earlier, never later (SEMANTICS 19).
pub(super) fn move_earlier(case: &mut Case, work: &mut Work<'_>) {
    let (published, detected) = (case.row.published_at, case.row.detected_at);
    let mut moved = false;
    if case.row.reopened > 0 {
        return;
    }
    for deadline in case.deadlines.values_mut().filter(|d| d.state == DeadlineState::Running) {
        let base_at = match deadline.base {
            Base::Published => published.unwrap_or(detected),
            Base::Detected => detected,
            _ => continue,
        };
        if base_at < deadline.base_at {
            let earlier = deadline.base_at.duration_since(base_at);
            deadline.base_at = base_at;
            deadline.due_at = deadline.due_at.saturating_sub(earlier).unwrap_or(deadline.due_at);
            work.changes.push(super::Change::Deadline(deadline.clone()));
            moved |= deadline.due_at <= work.now;
        }
    }
    if moved {
        let text =
            work.locale.pick("溯源提前，时限已过", "an earlier origin was found; the limit has passed");
        work.note(Some(case.row.id), "overdue", None, text.to_owned());
    }
}

/// Looks whether `report` is met: for every contact of the first step of every line, each required kind of
/// channel has one acceptance (SEMANTICS 22).
pub(super) fn meet_report(case: &mut Case, work: &mut Work<'_>) {
    let is_open = |d: &Deadline| open(d) && d.kind == DeadlineKind::Report;
    if !case.deadlines.values().any(is_open) {
        return;
    }
    let tier = case.row.plan.tier(case.row.rank);
    let prefixes = told_prefixes(case);
    let mut met_at = Timestamp::MIN;
    for name in tier.lines.iter().filter_map(|line| line.steps.first()).flatten() {
        let Some(contact) = work.contacts.get(name) else { return };
        for kind in required_channels(contact, tier) {
            let at = address(contact, kind);
            let accepted = case.notices.values().filter_map(|notice| match &notice.state {
                NoticeState::Accepted { at: when }
                    if kind.counts_as_told()
                        && notice.channel == kind
                        && opens_tier(notice)
                        && prefixes.iter().any(|prefix| notice.id.0.starts_with(prefix))
                        && (notice.contact == *name || Some(&notice.address) == at.as_ref()) =>
                {
                    Some(*when)
                }
                _ => None,
            });
            match accepted.min() {
                Some(when) => met_at = met_at.max(when),
                None => return,
            }
        }
    }
    case.change_deadlines(work, is_open, |d| d.state = DeadlineState::Met { at: met_at });
    let at = clock_time(met_at, work.now, &case.zone());
    let text = format!("{} {at}", work.locale.pick("首轮报告全部受理于", "first report accepted by all at"));
    work.note(Some(case.row.id), "told", None, text);
}

fn opens_tier(notice: &Notice) -> bool {
    matches!(notice.kind, NoticeKind::Alert | NoticeKind::Rise | NoticeKind::Reopened | NoticeKind::Failover)
}

/// The next instant at which something of this case falls due.
pub(super) fn next_due(case: &Case) -> Option<Timestamp> {
    let limits = case.running().map(|d| warning_at(d).unwrap_or(d.due_at));
    let halves = case.notices.values().filter_map(|notice| half_time(case, notice));
    limits.chain(halves).min()
}

/// When a `response` limit is warned of: at four fifths of it. `None` when that is done or not due.
fn warning_at(deadline: &Deadline) -> Option<Timestamp> {
    if deadline.warned || deadline.kind != DeadlineKind::Response {
        return None;
    }
    let length = deadline.due_at.duration_since(deadline.base_at);
    deadline.base_at.checked_add(length * 4 / 5).ok().filter(|at| *at < deadline.due_at)
}

/// Lets everything fall due that is due at `work.now`.
pub(super) fn fall_due(case: &mut Case, work: &mut Work<'_>) {
    let now = work.now;
    let late: Vec<_> = case
        .notices
        .values()
        .filter(|notice| half_time(case, notice).is_some_and(|at| at <= now))
        .map(|notice| notice.id.clone())
        .collect();
    for id in late {
        if !fail_over(case, work, &id) {
            // Nothing left to try beside it: it goes on being retried; say so once.
            case.exhausted.insert(id);
        }
    }
    let due: Vec<Deadline> =
        case.running().filter(|d| warning_at(d).unwrap_or(d.due_at) <= now).cloned().collect();
    for deadline in due {
        if deadline.due_at > now {
            warn(case, work, &deadline);
            continue;
        }
        case.change_deadlines(work, |d| d.key == deadline.key, |d| d.state = DeadlineState::Overdue);
        match deadline.kind {
            DeadlineKind::Report => report_overdue(case, work, &deadline),
            DeadlineKind::Acknowledge => next_step(case, work, &deadline),
            DeadlineKind::Response => response_overdue(case, work, &deadline),
        }
    }
}

fn warn(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    case.change_deadlines(work, |d| d.key == deadline.key, |d| d.warned = true);
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let note = match work.locale {
        Locale::ZhCn => format!("公开回应时限将于 {due} 到期，尚未登记回应"),
        Locale::En => format!("the public response is due at {due} and not registered yet"),
    };
    let contacts = told_steps(case);
    let mut telling = Telling::new(NoticeKind::Warning, &contacts, deadline.due_at);
    telling.note = note;
    tell(case, work, &telling);
}

fn lateness(deadline: &Deadline, work: &Work<'_>) -> String {
    let minutes = work.now.duration_since(deadline.due_at).as_mins();
    match work.locale {
        _ if minutes < 1 => String::new(),
        Locale::ZhCn => format!("，已逾期 {minutes} 分钟"),
        Locale::En => format!(", {minutes} minutes late"),
    }
}

fn report_overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let late = lateness(deadline, work);
    let missing = unreported(case, work).join("、");
    let note = match work.locale {
        Locale::ZhCn => format!("报告时限 {due} 已过{late}，尚未全部受理: {missing}"),
        Locale::En => format!("the report limit {due} has passed{late}; not accepted by all: {missing}"),
    };
    work.note(Some(case.row.id), "overdue", None, note.clone());
    let contacts = case.row.plan.administrators.clone();
    let mut telling = Telling::new(NoticeKind::Overdue, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    (telling.tag, telling.note) = ("-report".to_owned(), note);
    tell(case, work, &telling);
}

/// Contacts of first steps for whom no acceptance is recorded.
fn unreported(case: &Case, work: &Work<'_>) -> Vec<String> {
    let tier = case.row.plan.tier(case.row.rank);
    let mut names: Vec<String> = Vec::new();
    for name in tier.lines.iter().filter_map(|line| line.steps.first()).flatten() {
        let kinds = work.contacts.get(name).map(|c| required_channels(c, tier)).unwrap_or_default();
        let told = |kind: &ChannelKind| {
            case.notices.values().any(|n| {
                n.contact == *name && n.channel == *kind && matches!(n.state, NoticeState::Accepted { .. })
            })
        };
        if (kinds.is_empty() || !kinds.iter().all(told)) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A contact that no channel reaches: the administrators are told at once.
pub(super) fn unreachable(case: &mut Case, work: &mut Work<'_>, contact: &str, why: &str) {
    let note = match work.locale {
        Locale::ZhCn => format!("“{contact}”所有渠道均未能送出: {why}"),
        Locale::En => format!("no channel reaches \"{contact}\": {why}"),
    };
    work.note(Some(case.row.id), "unreachable", None, note.clone());
    let contacts = case.row.plan.administrators.clone();
    let mut telling = Telling::new(NoticeKind::Operations, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    (telling.tag, telling.note) = (format!("-unreachable-{contact}"), note);
    tell(case, work, &telling);
}

/// Nobody of a step confirmed: the next step, or the top again and the administrators.
fn next_step(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let Some(line) = tier.lines.iter().find(|line| Some(&line.name) == deadline.line.as_ref()) else {
        return;
    };
    let Some(state) = case.row.lines.iter_mut().find(|state| state.line == line.name) else { return };
    let ended = state.step + 1 >= line.steps.len();
    state.step = if ended { 0 } else { state.step + 1 };
    state.round += u32::from(ended);
    let (step, round) = (state.step, state.round);
    let Some(contacts) = line.steps.get(step) else { return };
    let limit = tier.acknowledge.unwrap_or(DEFAULT_REPORT);
    let due = work.now.saturating_add(limit).unwrap_or(Timestamp::MAX);
    let next = self::deadline(
        case,
        DeadlineKind::Acknowledge,
        Some(&line.name),
        round,
        step,
        (Base::Graded, work.now),
        due,
    );
    case.put_deadline(next, work);
    let late = lateness(deadline, work);
    let within = length(limit.as_secs(), work.locale);
    let note = match work.locale {
        Locale::ZhCn => format!("上一步无人在 {within}内签收{late}，现通知第 {} 步", step + 1),
        Locale::En => format!("nobody confirmed within {within}{late}; step {}", step + 1),
    };
    work.note(Some(case.row.id), "escalated", None, format!("{}: {note}", line.name));
    let report = tier.report.unwrap_or(DEFAULT_REPORT);
    let mut telling = Telling::new(NoticeKind::Escalation, contacts, work.now);
    telling.due_at = work.now.saturating_add(report).unwrap_or(Timestamp::MAX);
    (telling.line, telling.step, telling.round) = (Some(line.name.as_str()), step, round);
    (telling.confirm, telling.note) = (true, note);
    tell(case, work, &telling);
    if ended {
        chain_ended(case, work, &line.name, round);
    }
}

fn chain_ended(case: &mut Case, work: &mut Work<'_>, line: &str, round: u32) {
    let note = match work.locale {
        Locale::ZhCn => format!("“{line}”全部步骤均无人签收，已从头再通知（第 {} 轮）", round + 1),
        Locale::En => format!("nobody on line \"{line}\" confirmed; it starts again (round {})", round + 1),
    };
    work.note(Some(case.row.id), "unconfirmed", None, note.clone());
    let contacts = case.row.plan.administrators.clone();
    let mut telling = Telling::new(NoticeKind::Operations, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    // Each line has its own round; the same round of another line is another happening.
    (telling.tag, telling.round, telling.note) = (format!("-chain-{line}"), round, note);
    telling.line = Some(line);
    tell(case, work, &telling);
}

fn response_overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let late = lateness(deadline, work);
    let note = match work.locale {
        Locale::ZhCn => format!("公开回应时限 {due} 已过{late}，尚未登记回应"),
        Locale::En => format!("the public response was due at {due}{late} and is not registered"),
    };
    work.note(Some(case.row.id), "overdue", None, note.clone());
    let mut contacts = told_steps(case);
    contacts.extend(case.row.plan.administrators.iter().cloned());
    contacts.dedup();
    let mut telling = Telling::new(NoticeKind::Overdue, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    (telling.tag, telling.note) = ("-response".to_owned(), note);
    tell(case, work, &telling);
}

/// Contacts of every step told so far on all lines.
fn told_steps(case: &Case) -> Vec<String> {
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
