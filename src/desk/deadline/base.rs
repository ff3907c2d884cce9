//! From which instant a limit runs (SEMANTICS 19). A limit whose event has not come yet is opened when it comes:
//! when the report has arrived, somebody has confirmed, the answer was registered, or a person has said what kind
//! of content it is.

use jiff::Timestamp;

use super::{Deadline, deadline, done, duty, remind};
use crate::{
    desk::{
        Change,
        case::{Case, Work},
    },
    locale::Locale,
    model::{Base, DeadlineKind, DeadlineState, Duty, Incident, IncidentState, Limit},
};

/// Opens every limit of the present tier that is owed, whose event has come and that is not open yet.
pub(in crate::desk) fn open_owed(case: &mut Case, work: &mut Work<'_>) {
    open_owed_but(case, work, &[], &[]);
}

/// The same when the tier begins in this instant and ended `before`, which was owed at another.
pub(super) fn open_owed_after(case: &mut Case, work: &mut Work<'_>, before: &[Deadline]) {
    open_owed_but(case, work, before, &[]);
}

/// The same without the duties of these ids.
pub(super) fn open_owed_but(case: &mut Case, work: &mut Work<'_>, before: &[Deadline], but: &[String]) {
    let tier = case.row.plan.tier(case.row.rank).clone();
    let closed = case.row.state == IncidentState::Closed;
    if let Some(limit) = tier.response.filter(|_| !closed && case.row.responded_at.is_none()) {
        open_response(case, work, limit);
    }
    for owed in &tier.duties {
        // What is owed after closing, and only that, is opened by closing.
        let of_now = (owed.limit.from == Base::Closed) == closed;
        if of_now
            && !but.contains(&owed.id)
            && concerns(case, owed)
            && !duty::is_known(case, owed)
            && !done::is_done(case, owed)
        {
            open_duty(case, work, owed, before);
        }
    }
}

pub(super) fn concerns(case: &Case, duty: &Duty) -> bool {
    duty.kinds.is_empty() || case.row.kinds.kind().is_some_and(|kind| duty.kinds.contains(&kind))
}

/// Opens `response`; an open one of a lower tier ends and leaves its due time when it is earlier. What was told of
/// that due time is not told again: a limit that had passed stays passed (SEMANTICS 20, 25).
fn open_response(case: &mut Case, work: &mut Work<'_>, limit: Limit) {
    let key = format!("{}/{}/{}", case.row.id, case.row.epoch, DeadlineKind::Response.id());
    if case.deadlines.get(&key).is_some_and(|known| !duty::is_void(known)) {
        return;
    }
    let Some(base_at) = instant(case, work.now, limit.from) else { return };
    let own_due_at = case.row.plan.due(&limit, base_at, work.workdays, &case.zone());
    let is_before = |d: &Deadline| d.is_open() && d.kind == DeadlineKind::Response;
    let before = case.deadlines.values().filter(|d| is_before(d)).min_by_key(|d| d.due_at);
    let before = before.filter(|d| d.due_at <= own_due_at).cloned();
    case.change_deadlines(work, is_before, |d| {
        d.state = DeadlineState::Ended { why: "superseded".to_owned() };
    });
    let base = (limit.from, base_at);
    let mut opened = deadline(case, DeadlineKind::Response, None, 0, 0, base, own_due_at);
    if let Some(before) = before {
        opened.due_at = before.due_at;
        take_over(case, &mut opened, &before, work.now);
    }
    case.put_deadline(opened, work);
}

/// What was told of a due time at another tier is not told again.
fn take_over(case: &Case, opened: &mut Deadline, before: &Deadline, now: Timestamp) {
    opened.state = before.state.clone();
    opened.moved = before.moved;
    (opened.warned, opened.warnings) = (before.warned, before.warnings);
    if opened.state == DeadlineState::Overdue {
        // The new tier reminds in its own rhythm; what that would have told by now is passed over.
        opened.reminders = remind::missed(case, opened, now);
    }
}

/// Opens what is owed; one of the same name and due time that has just ended with another tier is taken over.
fn open_duty(case: &mut Case, work: &mut Work<'_>, owed: &Duty, before: &[Deadline]) {
    let Some(base_at) = instant(case, work.now, owed.limit.from) else { return };
    let due_at = case.row.plan.due(&owed.limit, base_at, work.workdays, &case.zone());
    let of_it = || before.iter().filter(|d| d.duty.as_ref() == Some(&owed.id));
    let (mut due_at, mut same) =
        (due_at, of_it().find(|d| d.kind != DeadlineKind::Step && d.step == 0 && d.due_at == due_at));
    let done = |d: &&Deadline| {
        d.duty.as_ref() == Some(&owed.id)
            && d.name.as_ref() == Some(&owed.name)
            && d.kind != DeadlineKind::Step
            && (d.step, d.base, d.base_at, d.due_at) == (0, owed.limit.from, base_at, due_at)
            && matches!(d.state, DeadlineState::Met { .. })
    };
    if case.deadlines.values().find(done).is_some() {
        // Done for the same event, it is not owed a second time; of what repeats, the next time is.
        let next = of_it().filter(|d| d.kind != DeadlineKind::Step && d.step > 0).max_by_key(|d| d.step);
        let Some(next) = next.filter(|_| owed.every.is_some()) else {
            return;
        };
        (due_at, same) = (next.due_at, Some(next));
    }
    let mut opened = duty::owed(case, owed, 0, (owed.limit.from, base_at), due_at);
    if let Some(same) = same {
        take_over(case, &mut opened, same, work.now);
    }
    let passed = opened.state == DeadlineState::Overdue;
    case.put_deadline(opened.clone(), work);
    if passed {
        let circular = of_it().any(|d| d.kind == DeadlineKind::Step);
        duty::goes_on(case, work, &opened, circular);
        let next = remind::next_of(case, &opened).filter(|next| next.state == DeadlineState::Running);
        let was = |next: &Deadline| {
            of_it().find(|d| d.kind != DeadlineKind::Step && d.step > 0 && d.due_at == next.due_at)
        };
        if let Some((mut next, was)) = next.cloned().and_then(|next| was(&next).map(|was| (next, was))) {
            (next.warned, next.warnings) = (was.warned, was.warnings);
            case.put_deadline(next, work);
        }
    }
}

/// When the event was; `None` when it has not come at the present tier.
pub(super) fn instant(case: &Case, now: Timestamp, base: Base) -> Option<Timestamp> {
    let row = &case.row;
    // What flares up again is discovered again; its first origin would be overdue from the start.
    let origin = |at: Timestamp| if row.reopened > 0 { now } else { at };
    match base {
        Base::Published => Some(origin(row.published_at.unwrap_or(row.detected_at))),
        Base::Detected => Some(origin(row.detected_at)),
        Base::Graded => Some(origin(row.graded_at)),
        Base::Told => {
            let reports = case.deadlines.values().filter(|d| d.kind == DeadlineKind::Report);
            let of_now = format!("{}/{}/", row.id, row.epoch);
            let met = reports.filter_map(|d| match d.state {
                DeadlineState::Met { at } if d.rank == row.rank && at >= row.graded_at => Some(at),
                // It was told at the tier from which a person lowered it.
                DeadlineState::Met { .. } if d.rank > row.rank && d.key.starts_with(&of_now) => {
                    Some(row.graded_at)
                }
                _ => None,
            });
            met.max()
        }
        Base::Acknowledged => {
            // A tier to which a person lowered it owes nothing from before it was the tier.
            let acks = row.acks.iter().filter(|ack| ack.rank >= row.rank).map(|ack| ack.at);
            acks.min().map(|at| if lowered(row) { at.max(row.graded_at) } else { at })
        }
        Base::Responded => row.responded_at,
        Base::Closed => row.closed_at.filter(|_| row.state == IncidentState::Closed),
    }
}

/// Whether its tier is below the one at which it was confirmed.
fn lowered(row: &Incident) -> bool {
    row.acks.iter().any(|ack| ack.rank > row.rank)
}

/// A base found earlier moves a due time earlier, never later (SEMANTICS 19).
pub(in crate::desk) fn move_earlier(case: &mut Case, work: &mut Work<'_>) {
    let (published, detected) = (case.row.published_at, case.row.detected_at);
    let mut moved = false;
    if case.row.reopened > 0 {
        return;
    }
    let (plan, zone) = (case.row.plan.clone(), case.zone());
    // What is owed again and again runs from the time before it, not from the origin.
    let from_origin =
        |d: &&mut Deadline| d.state == DeadlineState::Running && (d.duty.is_none() || d.step == 0);
    for deadline in case.deadlines.values_mut().filter(from_origin) {
        let base_at = match deadline.base {
            Base::Published => published.unwrap_or(detected),
            Base::Detected => detected,
            _ => continue,
        };
        if base_at < deadline.base_at {
            let tier = plan.tier(deadline.rank);
            let limit = match &deadline.duty {
                None => tier.response,
                Some(id) => tier.duties.iter().find(|duty| duty.id == *id).map(|duty| duty.limit),
            };
            let earlier = deadline.base_at.duration_since(base_at);
            let due_at = match limit {
                Some(limit) => plan.due(&limit, base_at, work.workdays, &zone),
                None => deadline.due_at.saturating_sub(earlier).unwrap_or(deadline.due_at),
            };
            deadline.base_at = base_at;
            deadline.moved |= due_at < deadline.due_at;
            deadline.due_at = deadline.due_at.min(due_at);
            work.changes.push(Change::Deadline(deadline.clone()));
            moved |= deadline.due_at <= work.now;
        }
    }
    if moved {
        let text =
            work.locale.pick("溯源提前，时限已过", "an earlier origin was found; the limit has passed");
        work.note(Some(case.row.id), "overdue", None, text.to_owned());
    }
}

/// Why a limit is due earlier than was said at first; empty when it is not.
pub(super) fn why_earlier(deadline: &Deadline, locale: Locale) -> &'static str {
    if deadline.moved {
        locale.pick("（溯源提前：找到了更早的发布或发现时间）", " (moved: an earlier origin was found)")
    } else {
        ""
    }
}

/// Whether a deadline is one of those that [`open_owed`] opens.
pub(super) const fn is_owed(deadline: &Deadline) -> bool {
    matches!(
        deadline.kind,
        DeadlineKind::Response | DeadlineKind::FollowUp | DeadlineKind::Feedback | DeadlineKind::Own
    )
}
