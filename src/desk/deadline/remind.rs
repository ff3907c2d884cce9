//! Warnings before a limit passes, at the plan's fractions of it, and reminders after it has passed, as often as
//! the tier says (SEMANTICS 19). After an outage what is due is told once.

use jiff::{SignedDuration, Timestamp};

use super::{
    Deadline,
    base::{is_owed, why_earlier},
    later, overdue,
    whom::concerned,
};
use crate::{
    desk::{
        case::{Case, Work},
        telling::{Telling, tell},
    },
    locale::{Locale, clock_time},
    model::{Base, DeadlineKind, DeadlineState, NoticeKind},
};

/// The closest reminders of what is owed after closing.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// When a limit is warned of next; `None` when that is done or not due.
pub(super) fn warning_at(case: &Case, deadline: &Deadline) -> Option<Timestamp> {
    if deadline.warned || !is_owed(deadline) {
        return None;
    }
    let percent = *case.row.plan.warn_at.get(deadline.warnings)?;
    at_percent(deadline, percent).filter(|at| *at < deadline.due_at)
}

fn at_percent(deadline: &Deadline, percent: u8) -> Option<Timestamp> {
    let length = deadline.due_at.duration_since(deadline.base_at);
    deadline.base_at.checked_add(length * i32::from(percent) / 100).ok()
}

/// Warns of a limit that is near: once, however many fractions have passed by now.
pub(super) fn warn(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let fractions = case.row.plan.warn_at.clone();
    let passed =
        fractions.iter().filter(|percent| at_percent(deadline, **percent).is_some_and(|at| at <= work.now));
    let warnings = passed.count().max(deadline.warnings + 1);
    case.change_deadlines(
        work,
        |d| d.key == deadline.key,
        |d| (d.warnings, d.warned) = (warnings, warnings >= fractions.len()),
    );
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let why = why_earlier(deadline, work.locale);
    let note = match (work.locale, &deadline.name) {
        (Locale::ZhCn, None) => format!("公开回应时限将于 {due} 到期，尚未登记回应{why}"),
        (Locale::En, None) => format!("the public response is due at {due} and not registered yet{why}"),
        (Locale::ZhCn, Some(name)) => format!("{name}时限将于 {due} 到期，尚未登记完成{why}"),
        (Locale::En, Some(name)) => format!("{name} is due at {due} and not registered yet{why}"),
    };
    let contacts = concerned(case, work, deadline);
    let mut telling = Telling::new(NoticeKind::Warning, &contacts, deadline.due_at);
    telling.note = note;
    if let Some(duty) = &deadline.duty {
        telling.tag = format!("-{duty}-{}", deadline.step);
    }
    if warnings > 1 {
        telling.tag = format!("{}-{warnings}", telling.tag);
    }
    tell(case, work, &telling);
}

/// When a limit that has passed is told again.
pub(super) fn reminder_at(case: &Case, deadline: &Deadline) -> Option<Timestamp> {
    if deadline.kind == DeadlineKind::Acknowledge || deadline.kind == DeadlineKind::Step {
        // A chain begins again from its top by itself.
        return None;
    }
    let mut every = case.row.plan.tier(deadline.rank).remind?;
    if deadline.base == Base::Closed {
        // The tier's haste ends with the incident: a summary that is late is asked for once a day.
        every = every.max(DAY);
    }
    let times = i32::try_from(deadline.reminders).unwrap_or(i32::MAX).saturating_add(1);
    let at = later(deadline.due_at, every.saturating_mul(times));
    // Whoever owes several follow-up reports is reminded of the last one.
    Some(at).filter(|at| next_of(case, deadline).is_none_or(|next| *at < next.due_at))
}

/// The next time that a repeating duty is owed, once that is known.
pub(super) fn next_of<'c>(case: &'c Case, deadline: &Deadline) -> Option<&'c Deadline> {
    deadline.duty.as_ref()?;
    let (stem, _) = deadline.key.rsplit_once('/')?;
    case.deadlines.get(&format!("{stem}/{}", deadline.step + 1))
}

/// How often a limit that falls due now would have been told again already: after an outage it is told once, and
/// again only when the next time comes.
pub(super) fn missed(case: &Case, deadline: &Deadline, now: Timestamp) -> u32 {
    let mut deadline = deadline.clone();
    while reminder_at(case, &deadline).is_some_and(|at| at <= now) {
        deadline.reminders += 1;
    }
    deadline.reminders
}

/// Tells again what is overdue and not done.
pub(super) fn again(case: &mut Case, work: &mut Work<'_>) {
    let now = work.now;
    let due: Vec<Deadline> = case
        .deadlines
        .values()
        .filter(|d| d.state == DeadlineState::Overdue && reminder_at(case, d).is_some_and(|at| at <= now))
        .cloned()
        .collect();
    for mut deadline in due {
        let reminders = missed(case, &deadline, now);
        deadline.reminders = reminders;
        case.change_deadlines(work, |d| d.key == deadline.key, |d| d.reminders = reminders);
        overdue(case, work, &deadline);
    }
}

/// Tells the first notice of an overdue limit from its repeats.
pub(super) fn tag(stem: &str, deadline: &Deadline) -> String {
    match deadline.reminders {
        0 => stem.to_owned(),
        times => format!("{stem}-{times}"),
    }
}

/// The tag under which nothing was told to be overdue yet. A report that is owed again because a message came back may
/// fall due within the hour in which it was told before, and a limit that a lower tier opens anew with a time of its own
/// when that of the higher tier had been told.
pub(super) fn untold(case: &Case, tag: &str) -> String {
    let kind = NoticeKind::Overdue.id();
    let is_free = |tag: &String| {
        let stem = format!("{}/{}/{kind}{tag}/", case.row.id, case.row.epoch);
        case.notices_under(&stem).next().is_none()
    };
    let again = (2_u32..).map(|nth| format!("{tag}.{nth}"));
    std::iter::once(tag.to_owned()).chain(again).find(is_free).unwrap_or_default()
}
