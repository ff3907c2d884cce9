//! What people do to an incident (SEMANTICS 18, 22, 23), one function an act; merging and splitting, which the
//! desk also does itself, have their own room in `merge`.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Refused,
    case::{Case, Work},
    deadline::{fall_due, lowered, meet_report, met_by, open_owed, reopen_report, unreachable},
    grading::{effective, note_line, regrade, set_tier},
    heat::measure,
    merge::told_prefixes,
    telling::{Telling, fail_over, tell},
    tier::grade,
};
use crate::{
    locale::{Locale, clock_time, words},
    model::{
        Ack, AckHow, Deadline, DeadlineKind, DeadlineState, Delivery, IncidentState, Kind, KindDecision,
        MetBy, Notice, NoticeKind, NoticeState, Outcome, Override,
    },
};

/// When something was said that is typed now: not in the future and not before `told_at`, which people give to the
/// minute.
pub(super) fn said_at(
    at: Option<Timestamp>,
    told_at: Timestamp,
    zone: &TimeZone,
    work: &Work<'_>,
) -> Result<Timestamp, Refused> {
    let Some(at) = at else { return Ok(work.now) };
    if at > work.now {
        return Err(Refused(work.locale.pick("时间晚于现在", "the time lies in the future").into()));
    }
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    if minute(at) < minute(told_at) {
        let told = clock_time(told_at, work.now, zone);
        let why = work.locale.pick("时间早于通知发出的时间", "the time lies before the notice");
        return Err(Refused(format!("{why} {told}")));
    }
    Ok(at.max(told_at))
}

/// What a contact had been told by an instant: when first, and of which tier at most.
fn told_to(case: &Case, contact: &str, by: Option<Timestamp>) -> Option<(Timestamp, usize)> {
    let of_contact = || {
        let theirs = case.notices.values().filter(|notice| notice.contact == contact);
        theirs.filter(|notice| !matches!(notice.state, NoticeState::Cancelled { .. }))
    };
    let first = of_contact().map(|notice| notice.created_at).min()?;
    let by = by?.max(first);
    let known = of_contact().filter(|notice| notice.created_at <= by).map(|notice| notice.rank);
    Some((first, known.max()?))
}

/// A confirmation: it stops the later steps of the lines that its contact stands in, and nothing else. One that was
/// given at an instant `at` before this is of the tier that had been told by then, and meets the limits at that instant.
pub(super) fn acknowledge(
    case: &mut Case,
    work: &mut Work<'_>,
    contact: &str,
    (rank, at): (Option<usize>, Option<Timestamp>),
    how: AckHow,
    recorded_by: Option<String>,
) -> Result<(), Refused> {
    if !matches!(case.row.state, IncidentState::Open | IncidentState::Closed) {
        return Err(Refused(
            work.locale.pick("事件未处于可签收状态", "the incident cannot be confirmed").into(),
        ));
    }
    let told = told_to(case, contact, at);
    let since = told.map_or(case.row.opened_at, |(first, _)| first);
    let said_at = said_at(at, since, &case.zone(), work)?;
    let rank = rank.or(told.map(|(_, rank)| rank)).unwrap_or(case.row.rank).min(case.row.rank);
    if case.row.acks.iter().any(|ack| ack.contact == contact && ack.rank >= rank) {
        return Ok(());
    }
    let tier = case.row.plan.tier(case.row.rank).clone();
    let lines: Vec<_> = tier
        .lines
        .iter()
        .filter(|line| line.steps.iter().flatten().any(|name| name == contact))
        .map(|line| line.name.clone())
        .collect();
    let tier_name = case.row.plan.tier(rank).name.clone();
    let text = match (work.locale, &recorded_by) {
        (Locale::ZhCn, None) => format!("{contact} 签收（{tier_name}）"),
        (Locale::ZhCn, Some(by)) => format!("{contact} 签收（{tier_name}），由 {by} 登记"),
        (Locale::En, None) => format!("{contact} confirmed ({tier_name})"),
        (Locale::En, Some(by)) => format!("{contact} confirmed ({tier_name}), recorded by {by}"),
    };
    let text = match (at, work.locale) {
        (None, _) => text,
        (Some(_), Locale::ZhCn) => {
            format!("{text}，签收时间 {}", clock_time(said_at, work.now, &case.zone()))
        }
        (Some(_), Locale::En) => format!("{text}, given at {}", clock_time(said_at, work.now, &case.zone())),
    };
    work.note(Some(case.row.id), "acknowledged", Some(contact), text);
    case.row.acks.push(Ack {
        contact: contact.to_owned(),
        rank,
        line: lines.first().cloned(),
        at: said_at,
        how,
        recorded_by,
    });
    if rank < case.row.rank {
        // The tier has risen since: that confirmation does not stop the present chain.
        return Ok(());
    }
    // What passed between the word and its being typed was met all the same.
    let in_time = |d: &Deadline| d.state == DeadlineState::Overdue && at.is_some() && said_at <= d.due_at;
    for line in &lines {
        case.change_deadlines(
            work,
            |d| {
                d.kind == DeadlineKind::Acknowledge
                    && d.line.as_ref() == Some(line)
                    && (d.state == DeadlineState::Running || in_time(d))
            },
            |d| d.state = DeadlineState::Met { at: said_at },
        );
        case.cancel_notices(work, "acknowledged", |notice| {
            notice.kind == NoticeKind::Escalation && notice.facts.line.as_ref() == Some(line)
        });
    }
    open_owed(case, work);
    Ok(())
}

/// The public answer was registered.
pub(super) fn respond(case: &mut Case, work: &mut Work<'_>, by: &str, text: &str) -> Result<(), Refused> {
    if case.row.state != IncidentState::Open {
        return Err(Refused(work.locale.pick("事件未处于办理状态", "the incident is not open").into()));
    }
    case.row.responded_at = case.row.responded_at.or(Some(work.now));
    let now = work.now;
    case.change_deadlines(
        work,
        |d| {
            d.kind == DeadlineKind::Response
                && matches!(d.state, DeadlineState::Running | DeadlineState::Overdue)
        },
        |d| d.state = DeadlineState::Met { at: now },
    );
    super::course::keep_reply(case, work, by, text);
    work.note(Some(case.row.id), "responded", Some(by), text.to_owned());
    met_by(case, work, MetBy::Responded, by);
    open_owed(case, work);
    Ok(())
}

/// A person sets the tier. Lowering corrects what was told.
pub(super) fn override_tier(
    case: &mut Case,
    work: &mut Work<'_>,
    tier: &str,
    by: &str,
    reason: &str,
) -> Result<(), Refused> {
    if case.row.state != IncidentState::Open {
        return Err(Refused(work.locale.pick("事件未处于办理状态", "the incident is not open").into()));
    }
    let Some(rank) = case.row.plan.tier_named(tier).map(|tier| tier.rank) else {
        let names: Vec<_> = case.row.plan.tiers.iter().map(|tier| tier.name.as_str()).collect();
        return Err(Refused(format!(
            "{}: {tier} ({})",
            work.locale.pick("没有这个等级", "no such tier"),
            names.join("、")
        )));
    };
    let measured = measure_now(case, work);
    let machine_rank = grade(&case.row.plan, &measured, case.row.kinds.kind()).rank;
    case.row.overridden = Some(Override { rank, machine_rank, by: by.to_owned(), reason: reason.to_owned() });
    let before = case.row.rank;
    let line = effective(case, work, grade(&case.row.plan, &measured, case.row.kinds.kind()), &measured);
    note_line(case, work, "overridden", &line);
    if rank > before {
        set_tier(case, work, line, NoticeKind::Rise);
    } else if rank < before {
        lower(case, work, line, lowered);
    } else {
        case.row.reason = line;
    }
    Ok(())
}

pub(super) fn measure_now(case: &Case, work: &Work<'_>) -> super::heat::Measured {
    let members = case.members.values().filter(|member| member.adds_heat());
    measure(members, &case.row.plan, work.now, case.row.closed_at)
}

/// A told tier no longer holds: a 更正 goes to everyone who was told. `limits` says what becomes of what is owed: a
/// split keeps what runs, a person's decision ends what the lower tier does not ask for.
pub(super) fn lower(
    case: &mut Case,
    work: &mut Work<'_>,
    reason: crate::model::Reason,
    limits: fn(&mut Case, &mut Work<'_>),
) {
    let told: Vec<String> = told_contacts(case);
    let (was, is) = (case.row.plan.tier(case.row.rank).name.clone(), reason.tier_name.clone());
    case.row.rank = reason.rank;
    case.row.reason = reason;
    case.row.graded_at = work.now;
    case.row.told_rank = case.row.told_rank.map(|told| told.min(case.row.rank));
    // What still alerts must still be confirmed: its chain goes on, so that it never falls silent.
    let tier = case.row.plan.tier(case.row.rank).clone();
    let goes_on = |line: Option<&String>| {
        tier.telling.alerts() && tier.lines.iter().any(|kept| Some(&kept.name) == line)
    };
    case.change_deadlines(
        work,
        |d| {
            d.kind == DeadlineKind::Acknowledge
                && d.state == DeadlineState::Running
                && !goes_on(d.line.as_ref())
        },
        |d| d.state = DeadlineState::Ended { why: "corrected".to_owned() },
    );
    case.cancel_notices(work, "corrected", |notice| {
        notice.kind == NoticeKind::Escalation && !goes_on(notice.facts.line.as_ref())
    });
    limits(case, work);
    case.row.in_digest = false;
    let note = match work.locale {
        Locale::ZhCn => format!("更正: 此前通知的等级“{was}”不再成立，现为“{is}”"),
        Locale::En => format!("correction: the tier \"{was}\" that was told no longer holds; now \"{is}\""),
    };
    work.note(Some(case.row.id), "corrected", None, note.clone());
    let mut telling = Telling::new(NoticeKind::Correction, &told, work.now);
    let limit = jiff::SignedDuration::from_mins(15);
    telling.due_at = work.now.saturating_add(limit).unwrap_or(work.now);
    (telling.tag, telling.note) = (format!("-{}", work.now.as_millisecond()), note);
    tell(case, work, &telling);
}

/// Everyone to whom something about this incident went out.
fn told_contacts(case: &Case) -> Vec<String> {
    let mut names: Vec<String> = case
        .notices
        .values()
        .filter(|notice| !matches!(notice.state, NoticeState::Cancelled { .. }))
        .map(|notice| notice.contact.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A named person says what kind it is; no tier hangs on it (SEMANTICS 17).
pub(super) fn set_kind(
    case: &mut Case,
    work: &mut Work<'_>,
    kind: Kind,
    by: &str,
    reason: &str,
) -> Result<(), Refused> {
    if by.trim().is_empty() {
        return Err(Refused(work.locale.pick("请写明决定人", "say who decides").into()));
    }
    let word = |kind| words::kind(kind, work.locale);
    let was = case.row.kinds.kind().map_or(work.locale.pick("未定", "none"), word);
    let text = match work.locale {
        Locale::ZhCn => format!("{was} → {}，理由：{reason}", word(kind)),
        Locale::En => format!("{was} → {}, because: {reason}", word(kind)),
    };
    work.note(Some(case.row.id), "kind", Some(by), text);
    case.row.kinds.decided =
        Some(KindDecision { kind, by: by.to_owned(), reason: reason.to_owned(), at: work.now });
    if case.row.state == IncidentState::Open {
        regrade(case, work);
        open_owed(case, work);
    }
    Ok(())
}

/// The incident is over; the tier ends with it (SEMANTICS 18).
pub(super) fn close(case: &mut Case, work: &mut Work<'_>, by: &str, reason: &str) -> Result<(), Refused> {
    if case.row.state != IncidentState::Open {
        return Err(Refused(work.locale.pick("事件未处于办理状态", "the incident is not open").into()));
    }
    case.row.state = IncidentState::Closed;
    case.row.closed_at = Some(work.now);
    (case.row.at_least, case.row.overridden) = (None, None);
    for member in case.members.values_mut() {
        member.row.closed_reposts = member.row.reposts.map(|count| count.value);
        work.changes.push(super::Change::Post(Box::new(member.row.clone())));
    }
    end_deadlines(case, work, "closed");
    open_owed(case, work);
    case.cancel_notices(work, "closed", |notice| notice.kind == NoticeKind::Escalation);
    work.note(Some(case.row.id), "closed", Some(by), reason.to_owned());
    Ok(())
}

/// A closed incident is opened again by a person: graded by what came since, told like one that flared up.
pub(super) fn reopen(case: &mut Case, work: &mut Work<'_>, by: &str, reason: &str) -> Result<(), Refused> {
    if case.row.state != IncidentState::Closed {
        return Err(Refused(work.locale.pick("事件没有关闭", "the incident is not closed").into()));
    }
    work.note(Some(case.row.id), "reopened", Some(by), reason.to_owned());
    let measured = measure_now(case, work);
    let machine = grade(&case.row.plan, &measured, case.row.kinds.kind());
    let line = effective(case, work, machine, &measured);
    super::grading::reopen(case, work, line);
    Ok(())
}

pub(super) fn end_deadlines(case: &mut Case, work: &mut Work<'_>, why: &str) {
    case.change_deadlines(
        work,
        |d| matches!(d.state, DeadlineState::Running | DeadlineState::Overdue),
        |d| d.state = DeadlineState::Ended { why: why.to_owned() },
    );
}

/// A channel answered; gives the notice when that was a refusal that is new.
pub(super) fn delivered(case: &mut Case, work: &mut Work<'_>, delivery: &Delivery) -> Option<Notice> {
    let notice = case.notices.get_mut(&delivery.notice)?;
    match &notice.state {
        NoticeState::Accepted { .. } => return None,
        NoticeState::Cancelled { why } if why == "undone" && delivery.outcome == Outcome::Accepted => {
            super::undo::arrived_after_all(case, work, &delivery.notice);
            return None;
        }
        _ => {}
    }
    let (contact, channel) = (notice.contact.clone(), words::channel(notice.channel, work.locale));
    let mut refused = None;
    match &delivery.outcome {
        Outcome::Accepted => {
            notice.state = NoticeState::Accepted { at: delivery.at, arrived_at: None };
            case.waiting.remove(&notice.id);
            work.changes.push(super::Change::Notice(Box::new(notice.clone())));
            let mut text = format!("{contact} · {channel}: {}", work.locale.pick("已受理", "accepted"));
            if delivery.parts > 0 {
                text =
                    format!("{text} ({} {})", work.locale.pick("短信条数", "text messages"), delivery.parts);
            }
            work.note(Some(case.row.id), "accepted", None, text);
            meet_report(case, work);
        }
        Outcome::Refused { why } => {
            notice.state = NoticeState::Refused { at: delivery.at, why: why.clone() };
            case.waiting.remove(&notice.id);
            work.changes.push(super::Change::Notice(Box::new(notice.clone())));
            let text = format!("{contact} · {channel}: {} {why}", work.locale.pick("被拒", "refused"));
            work.note(Some(case.row.id), "refused", None, text);
            let notice = notice.clone();
            next_way(case, work, &notice, why);
            refused = Some(notice);
        }
        Outcome::Retry { .. } => {}
    }
    fall_due(case, work);
    refused
}

/// A message came back after it had been accepted (SEMANTICS 22). Whoever has confirmed since was told in another way,
/// and what told of an earlier opening or of a closed case is of no more use.
pub(super) fn returned(case: &mut Case, work: &mut Work<'_>, notice: &Notice, why: &str) {
    let told_otherwise =
        case.row.acks.iter().any(|ack| ack.contact == notice.contact && ack.rank >= notice.rank);
    let of_now = told_prefixes(case).iter().any(|prefix| notice.id.0.starts_with(prefix.as_str()));
    if case.row.state == IncidentState::Open && of_now && !told_otherwise {
        reopen_report(case, work, notice);
        next_way(case, work, notice, why);
    }
    fall_due(case, work);
}

/// A notice did not get through: the contact's next channel goes out, or the administrators hear that there is none.
fn next_way(case: &mut Case, work: &mut Work<'_>, notice: &Notice, why: &str) {
    let last_hope = !matches!(notice.kind, NoticeKind::Operations | NoticeKind::Overdue);
    if !fail_over(case, work, &notice.id) && last_hope && !reached(case, &notice.id) {
        unreachable(case, work, &notice.contact, why);
    }
}

/// Whether the contact of a notice was reached, or may yet be, on another channel.
fn reached(case: &Case, id: &crate::model::NoticeId) -> bool {
    let Some(stem) = case.notices.get(id).map(super::telling::group) else { return true };
    let ways = format!("{stem}/");
    case.notices_under(&ways).any(|other| {
        super::telling::group(other) == stem
            && matches!(other.state, NoticeState::Accepted { .. } | NoticeState::Pending)
    })
}
