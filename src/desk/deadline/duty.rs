//! What a plan wants done in time beside reporting and confirming: the public answer, follow-up reports (续报),
//! forms (反馈), and what it names itself.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    DEFAULT_REPORT, Deadline,
    base::why_earlier,
    deadline, lateness, later, overseers, remind,
    whom::{concerned, owing},
};
use crate::{
    desk::{
        Refused,
        case::{Case, Work},
        telling::{Telling, tell},
    },
    locale::{Locale, clock_time},
    model::{Base, DeadlineKind, DeadlineState, Duty, DutyKind, IncidentState, NoticeKind},
};

pub(super) const fn kind_of(duty: &Duty) -> DeadlineKind {
    match duty.kind {
        DutyKind::FollowUp => DeadlineKind::FollowUp,
        DutyKind::Feedback => DeadlineKind::Feedback,
        DutyKind::Own => DeadlineKind::Own,
    }
}

/// Beginning of the keys of what is owed for a duty at the present tier.
fn stem(case: &Case, duty: &Duty) -> String {
    format!("{}/{}/{}/{}/", case.row.id, case.row.epoch, kind_of(duty).id(), duty.id)
}

/// Whether the duty was opened at the present tier already, and not by a slip or under another plan; or is owed under the
/// key that it had in an incident which was merged into this one.
pub(super) fn is_known(case: &Case, duty: &Duty) -> bool {
    let stem = stem(case, duty);
    let mut opened = case.deadlines.range(stem.clone()..).take_while(|(key, _)| key.starts_with(&stem));
    let is_owed = |d: &Deadline| d.is_open() && d.kind == kind_of(duty) && d.duty.as_ref() == Some(&duty.id);
    opened.any(|(_, d)| !is_void(d)) || case.deadlines.values().any(is_owed)
}

/// Whether a limit ended as if it had never been: the act that opened it was taken back, or the plan changed.
pub(super) fn is_void(deadline: &Deadline) -> bool {
    matches!(&deadline.state, DeadlineState::Ended { why } if why == "undone" || why == "replanned")
}

/// The duty's limit for the `nth` time.
pub(super) fn owed(
    case: &Case,
    duty: &Duty,
    nth: usize,
    base: (Base, Timestamp),
    due_at: Timestamp,
) -> Deadline {
    Deadline {
        key: format!("{}{nth}", stem(case, duty)),
        duty: Some(duty.id.clone()),
        name: Some(duty.name.clone()),
        step: nth,
        ..deadline(case, kind_of(duty), None, 0, 0, base, due_at)
    }
}

/// A repeating duty is owed again.
fn owe_again(case: &mut Case, work: &mut Work<'_>, done: &Deadline, from: Timestamp) {
    let plan = case.row.plan.clone();
    let Some(duty) = plan.tier(done.rank).duties.iter().find(|duty| Some(&duty.id) == done.duty.as_ref())
    else {
        return;
    };
    let Some(every) = duty.every.filter(|_| case.row.state == IncidentState::Open) else { return };
    let every = crate::model::Limit { within: every, ..duty.limit };
    let mut due_at = plan.due(&every, from, work.workdays, &case.zone());
    if due_at <= work.now {
        // After an outage it is owed once, not once for each time that passed.
        due_at = plan.due(&every, work.now, work.workdays, &case.zone());
    }
    let next = owed(case, duty, done.step + 1, (done.base, from), due_at);
    case.put_deadline(next, work);
}

/// A person registers that something owed was done.
pub(in crate::desk) fn complete(
    case: &mut Case,
    work: &mut Work<'_>,
    duty: &str,
    by: &str,
    text: &str,
) -> Result<(), Refused> {
    let open: Vec<Deadline> = case
        .deadlines
        .values()
        .filter(|d| d.is_open() && d.kind != DeadlineKind::Step)
        .filter(|d| d.duty.as_deref() == Some(duty) || d.name.as_deref() == Some(duty))
        .cloned()
        .collect();
    let Some(last) = open.iter().max_by_key(|d| d.step) else {
        let names: Vec<&str> =
            case.deadlines.values().filter(|d| d.is_open()).filter_map(|d| d.name.as_deref()).collect();
        let why = work.locale.pick("没有待办的事项", "nothing of this name is owed");
        return Err(Refused(format!("{why}: {duty} ({})", names.join("、"))));
    };
    let last = last.clone();
    finish(case, work, &last, by, text);
    Ok(())
}

/// What is open of a duty is done; `last` is the latest time that it was owed.
pub(super) fn finish(case: &mut Case, work: &mut Work<'_>, last: &Deadline, by: &str, text: &str) {
    let now = work.now;
    case.change_deadlines(
        work,
        |d| d.is_open() && d.duty == last.duty,
        |d| {
            d.state = if d.kind == DeadlineKind::Step {
                DeadlineState::Ended { why: "completed".to_owned() }
            } else {
                DeadlineState::Met { at: now }
            }
        },
    );
    let name = last.name.as_deref().or(last.duty.as_deref()).unwrap_or_default();
    work.note(Some(case.row.id), "completed", Some(by), format!("{name}: {text}"));
    if last.state == DeadlineState::Running {
        // One that had passed was followed by the next already.
        owe_again(case, work, last, now);
    }
}

/// Something owed was not done in time.
pub(super) fn overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    tell_overdue(case, work, deadline);
    if deadline.reminders == 0 {
        goes_on(case, work, deadline, true);
    }
}

/// What had passed when the tier rose is told to those whom the new tier adds; the others heard of it.
pub(super) fn tell_newcomers(case: &mut Case, work: &mut Work<'_>) {
    let of_now = format!("{}/{}/", case.row.id, case.row.epoch);
    let passed = |d: &&Deadline| {
        d.state == DeadlineState::Overdue
            && d.key.starts_with(&of_now)
            && (d.duty.is_some() || d.kind == DeadlineKind::Response)
    };
    let passed: Vec<Deadline> = case.deadlines.values().filter(passed).cloned().collect();
    for deadline in &passed {
        let (tag, note) = said(case, work, deadline);
        let heard = format!("/{}{tag}", NoticeKind::Overdue.id());
        let heard: BTreeSet<String> = case
            .notices
            .values()
            .filter(|notice| notice.kind == NoticeKind::Overdue && notice.id.0.contains(&heard))
            .map(|notice| notice.contact.clone())
            .collect();
        let mut contacts = told_of_late(case, work, deadline);
        contacts.retain(|name| !heard.contains(name));
        tell_late(case, work, &contacts, (remind::tag(&tag, deadline), note));
    }
}

/// What follows from a limit that has passed: it is owed again when it repeats, and named in a circular.
pub(super) fn goes_on(case: &mut Case, work: &mut Work<'_>, passed: &Deadline, circular: bool) {
    if circular {
        put_circular(case, work, passed);
    }
    owe_again(case, work, passed, passed.due_at);
}

/// What is overdue is named in a circular later, when nothing is registered until then.
fn put_circular(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let tier = case.row.plan.tier(deadline.rank);
    let duty = tier.duties.iter().find(|duty| Some(&duty.id) == deadline.duty.as_ref());
    let Some(after) = duty.and_then(|duty| duty.circular.as_ref()).map(|circular| circular.after) else {
        return;
    };
    let waits = Deadline {
        key: format!("{}/circular", deadline.key),
        kind: DeadlineKind::Step,
        base_at: deadline.due_at,
        due_at: later(deadline.due_at, after),
        state: DeadlineState::Running,
        ..deadline.clone()
    };
    case.put_deadline(waits, work);
}

/// 通报: those who neither did what they owe nor explained themselves are named to others.
pub(super) fn circulate(case: &mut Case, work: &mut Work<'_>, due: &Deadline) {
    let plan = case.row.plan.clone();
    let duty = plan.tier(due.rank).duties.iter().find(|duty| Some(&duty.id) == due.duty.as_ref());
    let Some((duty, circular)) = duty.and_then(|duty| Some((duty, duty.circular.as_ref()?))) else { return };
    let who = owing(case, due).join("、");
    let at = clock_time(due.base_at, work.now, &case.zone());
    let note = match work.locale {
        Locale::ZhCn => format!("通报: {who} 未在 {at} 前完成{}，也未说明原因", duty.name),
        Locale::En => format!("circular: {who} neither did {} by {at} nor explained it", duty.name),
    };
    work.note(Some(case.row.id), "circular", None, note.clone());
    let mut telling = Telling::new(NoticeKind::Overdue, &circular.to, work.now);
    telling.due_at = later(work.now, DEFAULT_REPORT);
    (telling.tag, telling.note) = (format!("-circular-{}-{}", duty.id, due.step), note);
    tell(case, work, &telling);
}

/// The public answer was not registered in time.
pub(super) fn response_overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    tell_overdue(case, work, deadline);
}

/// What is said of a limit that has passed, and what its notices are known by.
fn said(case: &Case, work: &Work<'_>, deadline: &Deadline) -> (String, String) {
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let late = lateness(deadline, work);
    let why = why_earlier(deadline, work.locale);
    let Some(duty) = &deadline.duty else {
        let note = match work.locale {
            Locale::ZhCn => format!("公开回应时限 {due} 已过{late}，尚未登记回应{why}"),
            Locale::En => format!("the public response was due at {due}{late} and is not registered{why}"),
        };
        return ("-response".to_owned(), note);
    };
    let name = deadline.name.as_deref().unwrap_or_default();
    let note = match work.locale {
        Locale::ZhCn => format!("{name}时限 {due} 已过{late}，尚未登记完成{why}"),
        Locale::En => format!("{name} was due at {due}{late} and is not registered{why}"),
    };
    (format!("-{duty}-{}", deadline.step), note)
}

/// Whom a limit that has passed concerns, and the overseers.
fn told_of_late(case: &Case, work: &Work<'_>, deadline: &Deadline) -> Vec<String> {
    let mut contacts = concerned(case, work, deadline);
    for name in overseers(case, deadline.rank) {
        if !contacts.contains(&name) {
            contacts.push(name);
        }
    }
    contacts
}

fn tell_overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let (tag, note) = said(case, work, deadline);
    work.note(Some(case.row.id), "overdue", None, note.clone());
    let contacts = told_of_late(case, work, deadline);
    let tag = remind::untold(case, &remind::tag(&tag, deadline));
    tell_late(case, work, &contacts, (tag, note));
}

fn tell_late(case: &mut Case, work: &mut Work<'_>, contacts: &[String], (tag, note): (String, String)) {
    let mut telling = Telling::new(NoticeKind::Overdue, contacts, work.now);
    telling.due_at = later(work.now, DEFAULT_REPORT);
    (telling.tag, telling.note) = (tag, note);
    tell(case, work, &telling);
}
