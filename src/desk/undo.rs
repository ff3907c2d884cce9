//! Taking back a slip: the last act on an incident, within 60 s, by the person who did it. What it changed is
//! put back; what had gone out already is corrected (更正).
//!
//! A phone task that was ticked waits again, and the limits that the tick had met run on. What was entered by hand is
//! in [`super::withdraw`]. Merging and splitting have their opposites, which the refusal names. Where no act can be
//! taken back, a silence that the person has just begun over the incident ends, and what it held back is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Change, Desk, Refused,
    case::{Case, Work},
    course::{SLIP, say},
    deadline::meet_report,
    grading::regrade,
    silence,
};
use crate::{
    locale::Locale,
    model::{
        Act, Deadline, DeadlineState, HandEntry, Incident, IncidentId, IncidentState, NoticeId, NoticeKind,
        NoticeState, Plan, StateChange, Undoable,
    },
};

/// A case as it stood before an act.
pub(super) struct Before {
    row: Incident,
    limits: BTreeMap<String, Deadline>,
    notices: BTreeSet<NoticeId>,
    waiting: BTreeSet<NoticeId>,
}

/// What an entry by hand can change of an incident that stood before it.
pub(super) struct Stood {
    state: IncidentState,
    at_least: Option<(usize, String)>,
}

impl Stood {
    pub(super) fn of(row: &Incident) -> Self {
        Self { state: row.state, at_least: row.at_least.clone() }
    }
}

/// A row to be kept within a row: without its plan and what it keeps itself.
fn bare(row: &Incident) -> Incident {
    let mut row = row.clone();
    row.plan = std::sync::Arc::new(Plan::default());
    row.course.undo = None;
    row
}

/// Remembers a case before an act.
pub(super) fn remember(case: &Case) -> Before {
    let row = bare(&case.row);
    let waits = |(id, notice): (&NoticeId, &crate::model::Notice)| {
        (notice.state == NoticeState::Pending).then(|| id.clone())
    };
    Before {
        row,
        limits: case.deadlines.clone(),
        notices: case.notices.keys().cloned().collect(),
        waiting: case.notices.iter().filter_map(waits).collect(),
    }
}

/// Keeps what an act changed, so that it can be taken back.
pub(super) fn keep(case: &mut Case, work: &Work<'_>, before: Before, act: &Act) {
    let changed =
        |(key, now): (&String, &Deadline)| before.limits.get(key).filter(|was| *was != now).cloned();
    let name = serde_json::to_value(act).ok();
    let name = name.as_ref().and_then(|act| act.get("act")?.as_str()).unwrap_or_default();
    let cancelled = |id: &&NoticeId| {
        case.notices.get(*id).is_some_and(|notice| matches!(notice.state, NoticeState::Cancelled { .. }))
    };
    case.row.course.undo = Some(Undoable {
        act: name.to_owned(),
        by: act.person().to_owned(),
        at: work.now,
        epoch: case.row.epoch,
        limits: case.deadlines.iter().filter_map(changed).collect(),
        opened: case.deadlines.keys().filter(|key| !before.limits.contains_key(*key)).cloned().collect(),
        notices: case.notices.keys().filter(|id| !before.notices.contains(*id)).cloned().collect(),
        cancelled: before.waiting.iter().filter(cancelled).cloned().collect(),
        before: Box::new(before.row),
        ticked: match act {
            Act::PhoneDone { notice, .. } => Some(notice.clone()),
            _ => None,
        },
        entered: None,
    });
}

/// Keeps that something was entered by hand: it began the case, or joined one that `stood`.
pub(super) fn keep_entry(case: &mut Case, work: &Work<'_>, stood: Option<&Stood>, entry: &HandEntry) {
    let mut before = bare(&case.row);
    (before.state, before.at_least) =
        stood.map_or((IncidentState::Dormant, None), |stood| (stood.state, stood.at_least.clone()));
    let caused = case.notices.values().filter(|notice| notice.created_at == work.now);
    case.row.course.undo = Some(Undoable {
        act: "enter".to_owned(),
        by: entry.by.clone(),
        at: work.now,
        epoch: case.row.epoch,
        limits: Vec::new(),
        opened: Vec::new(),
        notices: caused.map(|notice| notice.id.clone()).collect(),
        cancelled: Vec::new(),
        before: Box::new(before),
        ticked: None,
        entered: Some(entry.key()),
    });
}

impl Desk {
    /// Takes a person's last act on an incident back.
    pub(super) fn undo(&mut self, id: IncidentId, by: &str, work: &mut Work<'_>) -> Result<(), Refused> {
        let id = self.follow(id);
        let case = self.units.values().find_map(|desk| desk.cases.get(&id));
        let last = case.and_then(|case| case.row.course.undo.as_ref()).filter(|undo| is_fresh(undo.at, work));
        if let Some(entered) = last.and_then(|undo| undo.entered.clone()) {
            return self.withdraw(id, &entered, by, work);
        }
        let own = |at, person: &str| is_fresh(at, work) && person == by;
        let held = case.filter(|case| last.is_none() && case.row.held.is_some());
        let silence = held.and_then(|case| silence::over(&case.row, work));
        match silence.filter(|silence| own(silence.from, &silence.by)).map(|silence| silence.id) {
            Some(silence) => self.end_silence(silence, by, work),
            None => self.with_case(id, work, |case, work| undo(case, work, by)),
        }
    }
}

fn is_fresh(at: jiff::Timestamp, work: &Work<'_>) -> bool {
    work.now.duration_since(at) <= SLIP
}

/// The last act, when this person may take it back now.
pub(super) fn takeable(case: &Case, work: &Work<'_>, by: &str) -> Result<Undoable, Refused> {
    let refuse = |zh: &str, en: &str| Err(Refused(work.locale.pick(zh, en).to_owned()));
    let Some(undo) = case.row.course.undo.clone().filter(|undo| is_fresh(undo.at, work)) else {
        return refuse("没有可撤销的操作：只能在 60 秒内撤销最后一次操作", "there is nothing to take back");
    };
    if undo.by != by {
        return refuse("只能撤销本人的操作，最后一次操作是别人做的", "the last act was somebody else's");
    }
    match undo.act.as_str() {
        "merge" => return refuse("合并不能撤销；请用拆分改回", "a merge is not taken back; split it"),
        "split" => return refuse("拆分不能撤销；请用合并改回", "a split is not taken back; merge the two"),
        _ => {}
    }
    if undo.epoch != case.row.epoch {
        return refuse("等级已经又变化，不能撤销", "the tier has changed since");
    }
    Ok(undo)
}

/// Takes the last act back.
fn undo(case: &mut Case, work: &mut Work<'_>, by: &str) -> Result<(), Refused> {
    let undo = takeable(case, work, by)?;
    let id = case.row.id;
    put_row_back(case, work, &undo);
    for limit in undo.limits {
        case.put_deadline(limit, work);
    }
    let ended = |d: &Deadline| undo.opened.contains(&d.key) && d.is_open();
    case.change_deadlines(work, ended, |d| d.state = DeadlineState::Ended { why: "undone".to_owned() });
    case.cancel_notices(work, "undone", |notice| undo.notices.contains(&notice.id));
    send_again(case, work, &undo.cancelled);
    if let Some(task) = &undo.ticked {
        untick(case, work, task);
    }
    work.note(Some(id), "undone", Some(by), undo.act.clone());
    let out = |notice: &&crate::model::Notice| {
        undo.notices.contains(&notice.id) && !matches!(notice.state, NoticeState::Cancelled { .. })
    };
    let mut told: Vec<String> = case.notices.values().filter(out).map(|one| one.contact.clone()).collect();
    told.sort();
    told.dedup();
    correct(case, work, &told, by);
    if case.row.state == IncidentState::Open {
        regrade(case, work);
    }
    Ok(())
}

/// Tells those whom the slip had reached.
pub(super) fn correct(case: &mut Case, work: &mut Work<'_>, told: &[String], by: &str) {
    if told.is_empty() {
        return;
    }
    let note = match (work.locale, case.row.is_withdrawn()) {
        (Locale::ZhCn, false) => format!("更正: {by} 撤销了刚才的操作，此前的通知作废"),
        (Locale::ZhCn, true) => format!("更正: 此事为误录，{by} 已撤销，此前的通知作废"),
        (Locale::En, false) => {
            format!("correction: {by} took the last act back; what was told of it is void")
        }
        (Locale::En, true) => {
            format!(
                "correction: this was entered by mistake and taken back by {by}; what was told of it is void"
            )
        }
    };
    work.note(Some(case.row.id), "corrected", Some(by), note.clone());
    say(case, work, NoticeKind::Correction, told, note);
}

/// What people decide of a row goes back; what the machine measured since stays.
fn put_row_back(case: &mut Case, work: &Work<'_>, undo: &Undoable) {
    let (row, was) = (&mut case.row, (*undo.before).clone());
    if row.epoch != was.epoch {
        // Notices of the opening before tell the tier that stands again; numbers of openings are never used twice.
        row.told_as = was.told_as;
        row.told_as.push(format!("{}/{}/", row.id, was.epoch));
    }
    (row.state, row.closed_at, row.reopened) = (was.state, was.closed_at, was.reopened);
    (row.acks, row.responded_at, row.lines) = (was.acks, was.responded_at, was.lines);
    (row.at_least, row.overridden) = (was.at_least, was.overridden);
    row.kinds.decided = was.kinds.decided;
    (row.rank, row.reason, row.graded_at) = (was.rank, was.reason, was.graded_at);
    (row.told_rank, row.held, row.in_digest) = (was.told_rank, was.held, was.in_digest);
    let stage = row.stage().to_owned();
    let mut states = std::mem::take(&mut row.course.states);
    row.course = was.course;
    let back = row.course.states.last().map(|change| change.state.clone());
    if let Some(state) = back.filter(|state| *state != stage) {
        // The change itself stays on record.
        states.push(StateChange { state, at: work.now, by: Some(undo.by.clone()) });
    }
    row.course.states = states;
}

/// A phone task waits again, unless its case was told otherwise meanwhile.
fn untick(case: &mut Case, work: &mut Work<'_>, task: &NoticeId) {
    if let Some(notice) = case.notices.get_mut(task) {
        notice.state = NoticeState::Pending;
        case.waiting.insert(task.clone());
        work.changes.push(Change::Notice(Box::new(notice.clone())));
    }
    meet_report(case, work);
}

/// What the slip had kept from going out goes out after all.
fn send_again(case: &mut Case, work: &mut Work<'_>, cancelled: &[NoticeId]) {
    for id in cancelled {
        let Some(mut notice) = case.notices.get(id).cloned() else { continue };
        notice.id = NoticeId(format!("{id}.{}", work.now.as_millisecond()));
        (notice.created_at, notice.due_at) = (work.now, notice.due_at.max(work.now));
        notice.state = NoticeState::Pending;
        case.put_notice(notice, work);
    }
}

/// A notice that a slip had caused was on its way when it was taken back.
pub(super) fn arrived_after_all(case: &mut Case, work: &mut Work<'_>, id: &NoticeId) {
    let Some(notice) = case.notices.get_mut(id) else { return };
    notice.state = NoticeState::Accepted { at: work.now, arrived_at: None };
    let contact = notice.contact.clone();
    work.changes.push(Change::Notice(Box::new(notice.clone())));
    let by = work.locale.pick("经办人", "somebody");
    correct(case, work, &[contact], by);
}
