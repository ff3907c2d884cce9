//! Timeliness per responsible person: of how much each contact was told, what they confirmed and how fast, how the limits
//! that bound them ended and through what they were missed. Where a rota stands behind a contact, whoever was on duty
//! when it was told has a line of their own.
//!
//! A limit to confirm binds everybody of the step that it is for, and is kept when one of them confirms. Any other binds
//! whoever 批办 names to lead, and those who help where the plan says so; before that the plan's own leader of the tier
//! (牵头). The limit to report binds nobody: the daemon and the channels keep it or do not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    sheet::{Cell, Columns},
    timeliness::{Cause, Kept, Limit, Spans, accepted_at, opens, verdicts},
    words,
};
use crate::{
    locale::When,
    model::{Deadline, DeadlineKind, Party},
    store::{Case, Told},
    text::clean,
};

/// A contact, and who stood behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Who {
    /// As the plan names it; empty where nobody was named.
    pub contact: String,
    /// Who was on duty, when that is known by name.
    pub person: String,
}

/// What they did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonTimes {
    /// Messages that reached them of what they are to confirm.
    pub notices: usize,
    /// Cases of these.
    pub asked: usize,
    /// Of which they confirmed so many themselves.
    pub confirmed: usize,
    /// How long they took to, from the first message that reached them.
    pub took: Spans,
    /// How the limits ended that bound them.
    pub kept: Kept,
    /// Through what those were missed that were.
    pub causes: BTreeMap<Cause, usize>,
}

/// What everybody did in these cases, at `now`, by name.
#[must_use]
pub fn people(cases: &[Case], now: Timestamp) -> BTreeMap<Who, PersonTimes> {
    let mut people: BTreeMap<Who, PersonTimes> = BTreeMap::new();
    let mut took: BTreeMap<Who, Vec<SignedDuration>> = BTreeMap::new();
    for case in cases {
        for (who, times) in told(case) {
            let own = people.entry(who.clone()).or_default();
            own.notices += times.len();
            own.asked += 1;
            let first = times.iter().min().copied();
            let acks = case.incident.acks.iter().filter(|ack| ack.contact == who.contact);
            if let (Some(first), Some(ack)) = (first, acks.min_by_key(|ack| ack.at)) {
                own.confirmed += 1;
                took.entry(who).or_default().push(ack.at.duration_since(first).max(SignedDuration::ZERO));
            }
        }
        for limit in verdicts(case, now) {
            for contact in bound(case, limit.deadline) {
                let person = on_duty(case, &contact, limit.deadline.due_at);
                let own = people.entry(Who { contact, person }).or_default();
                add(own, &limit);
            }
        }
    }
    for (who, took) in took {
        if let Some(own) = people.get_mut(&who) {
            own.took = took.into_iter().collect();
        }
    }
    people.retain(|_, own| own.asked > 0 || own.kept.owed > 0);
    people
}

fn add(own: &mut PersonTimes, limit: &Limit<'_>) {
    own.kept.add(limit.verdict);
    if let Some(cause) = limit.cause {
        *own.causes.entry(cause).or_default() += 1;
    }
}

/// When messages of a case that is to be confirmed reached whom.
fn told(case: &Case) -> BTreeMap<Who, Vec<Timestamp>> {
    let mut told: BTreeMap<Who, Vec<Timestamp>> = BTreeMap::new();
    if !case.deadlines.iter().any(|row| row.kind == DeadlineKind::Acknowledge) {
        return told;
    }
    // A case is one case for a contact, though the shift changed while it was told.
    let mut behind: BTreeMap<&str, Who> = BTreeMap::new();
    for one in case.told.iter().filter(|told| opens(told)) {
        let Some(at) = accepted_at(one) else { continue };
        let who = behind.entry(&one.contact).or_insert_with(|| who(one));
        told.entry(who.clone()).or_default().push(at);
    }
    told
}

fn who(told: &Told) -> Who {
    Who { contact: told.contact.clone(), person: told.person.clone().unwrap_or_default() }
}

/// Who stood behind a contact when it was last told before a limit passed.
fn on_duty(case: &Case, contact: &str, due_at: Timestamp) -> String {
    let own = || case.told.iter().filter(|told| told.contact == contact && told.person.is_some());
    let before = own().filter(|told| told.created_at <= due_at).max_by_key(|told| told.created_at);
    before
        .or_else(|| own().min_by_key(|told| told.created_at))
        .map(|told| who(told).person)
        .unwrap_or_default()
}

/// Whom a limit binds; one empty name where nobody was named.
fn bound(case: &Case, deadline: &Deadline) -> Vec<String> {
    let (incident, tier) = (&case.incident, case.incident.plan.tier(deadline.rank));
    match deadline.kind {
        DeadlineKind::Report | DeadlineKind::Step => Vec::new(),
        DeadlineKind::Acknowledge => step(case, deadline),
        _ => {
            let duty = tier.duties.iter().find(|duty| Some(&duty.id) == deadline.duty.as_ref());
            let assignment = incident.course.assignment.as_ref();
            let helps = duty.is_some_and(|duty| duty.parties.contains(&Party::Helping));
            let helping = assignment.filter(|_| helps).map(|one| one.helping.clone()).unwrap_or_default();
            let lead = assignment.map(|one| one.lead.clone()).or_else(|| tier.led_by.clone());
            let mut names: Vec<String> = lead.into_iter().chain(helping).collect();
            names.dedup();
            if names.is_empty() { vec![String::new()] } else { names }
        }
    }
}

/// The contacts of the step that a limit to confirm is for.
pub(super) fn step(case: &Case, deadline: &Deadline) -> Vec<String> {
    let tier = case.incident.plan.tier(deadline.rank);
    let line = tier.lines.iter().find(|line| Some(&line.name) == deadline.line.as_ref());
    line.and_then(|line| line.steps.get(deadline.step)).cloned().unwrap_or_default()
}

/// Columns of people: name in Chinese and English, width in characters.
pub const COLUMNS: &Columns = &[
    ("责任人（联系人）", "Contact", 24.0),
    ("当时值班", "On duty then", 16.0),
    ("收到通知（次）", "Messages", 10.0),
    ("涉及（件）", "Cases", 10.0),
    ("本人签收（件）", "Confirmed", 10.0),
    ("签收用时：半数不超过（分钟）", "Half confirmed within (min)", 14.0),
    ("签收用时：最长（分钟）", "Longest (min)", 12.0),
    ("应完成时限", "Limits owed", 10.0),
    ("按时", "In time", 10.0),
    ("迟", "Late", 10.0),
    ("未完成", "Missed", 10.0),
    ("未到期", "Running", 10.0),
    ("按时率（%）", "In time (%)", 10.0),
    ("未按时的原因", "Through what", 50.0),
];

/// Their rows.
pub(crate) fn rows(people: &BTreeMap<Who, PersonTimes>, when: &When) -> Vec<Vec<Cell>> {
    let minutes =
        |span: Option<SignedDuration>| Cell::Number(span.and_then(|span| u64::try_from(span.as_mins()).ok()));
    let row = |(who, own): (&Who, &PersonTimes)| {
        let kept = &own.kept;
        vec![
            Cell::Text(name(who, when)),
            Cell::Text(clean(&who.person)),
            Cell::count(own.notices),
            Cell::count(own.asked),
            Cell::count(own.confirmed),
            minutes(own.took.quantile(50)),
            minutes(own.took.longest()),
            Cell::count(kept.owed),
            Cell::count(kept.in_time),
            Cell::count(kept.late),
            Cell::count(kept.missed),
            Cell::count(kept.running),
            kept.share().map_or(Cell::Number(None), Cell::count),
            Cell::Text(causes(own, when)),
        ]
    };
    people.iter().map(row).collect()
}

/// What a contact is called.
#[must_use]
pub fn name(who: &Who, when: &When) -> String {
    match who.contact.as_str() {
        "" => when.locale.pick("（未指定主办）", "(nobody named)").to_owned(),
        contact => clean(contact),
    }
}

/// Through what limits were missed, with how often.
#[must_use]
pub fn causes(own: &PersonTimes, when: &When) -> String {
    let one = |(cause, count): (&Cause, &usize)| format!("{} {count}", words::cause(*cause, when.locale));
    own.causes.iter().map(one).collect::<Vec<_>>().join(when.locale.pick("，", ", "))
}
