//! The course of a case: its states (data of the plan), who leads (批办), which texts were approved (审定), files,
//! notes, urging. The machine moves a case forward by what happened; people put it where they want it.

use jiff::{SignedDuration, Timestamp};

use super::{
    Refused,
    case::{Case, Work},
    deadline::{CONSULTED, met_by},
    telling::{Telling, tell},
};
use crate::{
    locale::Locale,
    model::{
        Assignment, DeadlineKind, DeadlineState, Draft, FileNote, IncidentState, MetBy, Milestone,
        NoticeKind, Reply, StateChange, Verdict,
    },
};

/// How long a person has to take back a slip.
pub(super) const SLIP: SignedDuration = SignedDuration::from_secs(60);
/// What people tell each other must be accepted within this.
const LIMIT: SignedDuration = SignedDuration::from_mins(15);
/// Largest file, in bytes.
pub const LARGEST_FILE: u64 = 20 * 1024 * 1024;
/// Notes, drafts and files of one case at most, so that its row stays small.
const MOST: usize = 500;

/// Moves the case forward by what has happened since.
pub(super) fn follow(case: &mut Case, work: &mut Work<'_>) {
    if case.row.state == IncidentState::Dormant || case.row.state == IncidentState::Merged {
        return;
    }
    let now = work.now;
    if case.row.course.undo.as_ref().is_some_and(|undo| now.duration_since(undo.at) > SLIP) {
        case.row.course.undo = None;
    }
    let first = case.row.plan.states.first().cloned().unwrap_or_default();
    if case.row.course.states.is_empty() {
        let opened = StateChange { state: first.clone(), at: case.row.opened_at, by: None };
        case.row.course.states.push(opened);
    }
    if case.row.course.round != case.row.reopened {
        // What had been done was done for the time before.
        let course = &mut case.row.course;
        course.round = case.row.reopened;
        (course.passed, course.subsiding, course.quiet_since) = (Vec::new(), None, None);
        enter_state(case, work, &first, None);
    }
    for milestone in reached(case) {
        if case.row.course.passed.contains(&milestone) {
            continue;
        }
        case.row.course.passed.push(milestone);
        let there_name = case.row.plan.state_called(milestone.state()).to_owned();
        let place = |name: &str| case.row.plan.states.iter().position(|state| state == name);
        let (here, there) = (place(case.row.stage()), place(&there_name));
        if there.is_some() && there > here {
            enter_state(case, work, &there_name, None);
        }
    }
    super::enter::found_later(case, work);
}

/// What has happened to it, in the order of the states.
fn reached(case: &Case) -> Vec<Milestone> {
    let row = &case.row;
    let told = case
        .deadlines
        .values()
        .any(|d| d.kind == DeadlineKind::Report && matches!(d.state, DeadlineState::Met { .. }));
    let over = matches!(row.state, IncidentState::Closed | IncidentState::Archived);
    let all = [
        (Milestone::Told, told && row.told_rank.is_some()),
        (Milestone::Acknowledged, !row.acks.is_empty()),
        (Milestone::Assigned, row.course.assignment.is_some()),
        (Milestone::Submitted, row.course.texts.last().is_some_and(|draft| draft.verdict.is_none())),
        (Milestone::Responded, row.responded_at.is_some()),
        (Milestone::Closed, over && row.closed_at.is_some()),
        (Milestone::Archived, row.state == IncidentState::Archived),
    ];
    all.into_iter().filter_map(|(milestone, is)| is.then_some(milestone)).collect()
}

fn enter_state(case: &mut Case, work: &mut Work<'_>, state: &str, by: Option<&str>) {
    let text = format!("{} → {state}", case.row.stage());
    work.note(Some(case.row.id), "state", by, text);
    let change = StateChange { state: state.to_owned(), at: work.now, by: by.map(str::to_owned) };
    case.row.course.states.push(change);
}

fn refuse(work: &Work<'_>, zh: &str, en: &str) -> Refused {
    Refused(work.locale.pick(zh, en).to_owned())
}

fn demand_open(case: &Case, work: &Work<'_>) -> Result<(), Refused> {
    if case.row.state == IncidentState::Open {
        return Ok(());
    }
    Err(refuse(work, "事件未处于办理状态", "the incident is not open"))
}

fn demand_words(words: &str, work: &Work<'_>) -> Result<(), Refused> {
    if words.trim().is_empty() { Err(refuse(work, "请写明内容", "say what")) } else { Ok(()) }
}

/// A person puts it into a state of the plan.
pub(super) fn set_state(
    case: &mut Case,
    work: &mut Work<'_>,
    state: &str,
    by: &str,
    reason: &str,
) -> Result<(), Refused> {
    if !case.row.plan.states.iter().any(|known| known == state) {
        let why = work.locale.pick("预案没有这个状态", "the plan has no such state");
        return Err(Refused(format!("{why}: {state} ({})", case.row.plan.states.join("、"))));
    }
    let ends = [Milestone::Closed, Milestone::Archived]
        .map(|end| case.row.plan.state_called(end.state()))
        .contains(&state);
    match case.row.state {
        IncidentState::Open if ends => {
            return Err(refuse(work, "办结请用关闭事件，并写明理由", "close the incident, with a reason"));
        }
        IncidentState::Open => {}
        IncidentState::Closed if ends => {}
        _ => return demand_open(case, work),
    }
    if case.row.stage() == state {
        return Ok(());
    }
    enter_state(case, work, state, Some(by));
    if state == case.row.plan.state_called(CONSULTED) {
        met_by(case, work, MetBy::Consulted, by);
    }
    if !reason.trim().is_empty() {
        work.note(Some(case.row.id), "noted", Some(by), reason.to_owned());
    }
    Ok(())
}

fn demand_contact(case: &Case, name: &str, work: &Work<'_>) -> Result<(), Refused> {
    if work.reach(&case.row.unit, name, work.now).is_some() {
        return Ok(());
    }
    let why = work.locale.pick("没有这个联系人，主办人要能通知到", "no such contact");
    Err(Refused(format!("{why}: {name}")))
}

/// 批办: one leads, others help; those who can be reached are told.
pub(super) fn assign(case: &mut Case, work: &mut Work<'_>, wanted: Assignment) -> Result<(), Refused> {
    demand_open(case, work)?;
    demand_words(&wanted.instruction, work)?;
    demand_contact(case, &wanted.lead, work)?;
    let helping = wanted.helping.join("、");
    let text = match (work.locale, helping.is_empty()) {
        (Locale::ZhCn, true) => format!("主办 {}：{}", wanted.lead, wanted.instruction),
        (Locale::ZhCn, false) => format!("主办 {}，协办 {helping}：{}", wanted.lead, wanted.instruction),
        (Locale::En, true) => format!("{} leads: {}", wanted.lead, wanted.instruction),
        (Locale::En, false) => format!("{} leads, {helping} helps: {}", wanted.lead, wanted.instruction),
    };
    work.note(Some(case.row.id), "assigned", Some(&wanted.by), text.clone());
    let mut told = vec![wanted.lead.clone()];
    told.extend(
        wanted.helping.iter().filter(|name| work.reach(&case.row.unit, name, work.now).is_some()).cloned(),
    );
    let by = wanted.by.clone();
    let note = format!("{by}: {text}");
    case.row.course.assignment = Some(wanted);
    met_by(case, work, MetBy::Assigned, &by);
    say(case, work, NoticeKind::Assigned, &told, note);
    Ok(())
}

/// 移交: another leads.
pub(super) fn hand_over(
    case: &mut Case,
    work: &mut Work<'_>,
    to: &str,
    by: &str,
    reason: &str,
) -> Result<(), Refused> {
    demand_open(case, work)?;
    demand_contact(case, to, work)?;
    let Some(assignment) = case.row.course.assignment.clone() else {
        return Err(refuse(work, "还没有批办，没有主办人可移交", "nobody leads yet"));
    };
    let from = assignment.lead.clone();
    let text = match work.locale {
        Locale::ZhCn => format!("{from} → {to}：{reason}"),
        Locale::En => format!("{from} → {to}: {reason}"),
    };
    work.note(Some(case.row.id), "handed_over", Some(by), text.clone());
    let note = format!("{by}: {text}（{}）", assignment.instruction);
    let lead = to.to_owned();
    let handed = Assignment { lead, by: by.to_owned(), at: work.now, ..assignment };
    case.row.course.assignment = Some(handed);
    say(case, work, NoticeKind::Assigned, &[to.to_owned()], note);
    Ok(())
}

/// 催办: the lead is reminded; before there is one, whoever is told first.
pub(super) fn urge(case: &mut Case, work: &mut Work<'_>, by: &str, text: &str) -> Result<(), Refused> {
    demand_open(case, work)?;
    let told = match &case.row.course.assignment {
        Some(assignment) => vec![assignment.lead.clone()],
        None => duty(case),
    };
    if told.is_empty() {
        return Err(refuse(work, "没有可催办的人", "there is nobody to urge"));
    }
    case.row.course.urged += 1;
    work.note(Some(case.row.id), "urged", Some(by), format!("{}: {text}", told.join("、")));
    let note = match work.locale {
        Locale::ZhCn => format!("{by} 催办（第 {} 次）：{text}", case.row.course.urged),
        Locale::En => format!("{by} urges (time {}): {text}", case.row.course.urged),
    };
    say(case, work, NoticeKind::Urged, &told, note);
    Ok(())
}

/// Contacts of the first step of the first line: the duty desk.
pub(super) fn duty(case: &Case) -> Vec<String> {
    let tier = case.row.plan.tier(case.row.rank);
    let own = tier.lines.first().and_then(|line| line.steps.first());
    let any = || case.row.plan.tiers.iter().rev().find_map(|tier| tier.lines.first()?.steps.first());
    own.or_else(any).cloned().unwrap_or_default()
}

/// Tells something between people; each time is a notice of its own.
pub(super) fn say(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind, to: &[String], note: String) {
    let mut telling = Telling::new(kind, to, work.now.saturating_add(LIMIT).unwrap_or(Timestamp::MAX));
    (telling.tag, telling.note) = (format!("-{}", work.now.as_millisecond()), note);
    tell(case, work, &telling);
}

/// A draft is handed in for 审定.
pub(super) fn submit(case: &mut Case, work: &mut Work<'_>, text: &str, by: &str) -> Result<(), Refused> {
    demand_open(case, work)?;
    demand_words(text, work)?;
    let drafts = &mut case.row.course.texts;
    if drafts.len() >= MOST {
        return Err(refuse(work, "送审稿太多", "too many drafts"));
    }
    drafts.push(Draft { text: text.to_owned(), by: by.to_owned(), at: work.now, verdict: None });
    let number = drafts.len();
    // A later draft brings it back to 审定.
    case.row.course.passed.retain(|milestone| *milestone != Milestone::Submitted);
    work.note(Some(case.row.id), "submitted", Some(by), format!("#{number} {text}"));
    Ok(())
}

/// 审定: approved, or sent back with a reason.
pub(super) fn judge(
    case: &mut Case,
    work: &mut Work<'_>,
    number: Option<usize>,
    verdict: Verdict,
) -> Result<(), Refused> {
    demand_open(case, work)?;
    let number = number.unwrap_or(case.row.course.texts.len());
    let draft = number.checked_sub(1).and_then(|at| case.row.course.texts.get_mut(at));
    let Some(draft) = draft else {
        return Err(refuse(work, "没有这份送审稿", "there is no such draft"));
    };
    if draft.verdict.is_some() {
        return Err(refuse(work, "这份稿已有审定意见，请送新稿", "it was judged already; hand in a new one"));
    }
    let kind = if verdict.approved { "approved" } else { "rejected" };
    let text = if verdict.approved { draft.text.clone() } else { verdict.reason.clone() };
    work.note(Some(case.row.id), kind, Some(&verdict.by), format!("#{number} {text}"));
    let (author, reason) = (draft.by.clone(), verdict.reason.clone());
    let (approved, by) = (verdict.approved, verdict.by.clone());
    draft.verdict = Some(verdict);
    if approved {
        met_by(case, work, MetBy::Approved, &by);
    } else {
        // It goes back to whoever leads: to 处置中, where the plan has that state.
        let plan = std::sync::Arc::clone(&case.row.plan);
        let at_work = plan.state_called("处置中");
        if case.row.stage() == plan.state_called(Milestone::Submitted.state())
            && plan.states.iter().any(|state| state == at_work)
        {
            enter_state(case, work, at_work, None);
        }
        let lead = case.row.course.assignment.as_ref().map(|assignment| assignment.lead.clone());
        let told: Vec<String> = lead
            .into_iter()
            .chain([author])
            .filter(|name| work.reach(&case.row.unit, name, work.now).is_some())
            .take(1)
            .collect();
        let note = match work.locale {
            Locale::ZhCn => format!("送审稿第 {number} 稿退回：{reason}"),
            Locale::En => format!("draft {number} goes back: {reason}"),
        };
        say(case, work, NoticeKind::Assigned, &told, note);
    }
    Ok(())
}

/// A note for the record.
pub(super) fn note(case: &Case, work: &mut Work<'_>, by: &str, text: &str) -> Result<(), Refused> {
    demand_words(text, work)?;
    work.note(Some(case.row.id), "noted", Some(by), text.to_owned());
    Ok(())
}

/// A file belongs to it; its content is kept in the same transaction.
pub(super) fn attach(case: &mut Case, work: &mut Work<'_>, file: FileNote) -> Result<(), Refused> {
    demand_words(&file.name, work)?;
    let is_hash = file.sha256.len() == 64 && file.sha256.chars().all(|c| c.is_ascii_hexdigit());
    if !is_hash || file.size == 0 || file.size > LARGEST_FILE || case.row.course.files.len() >= MOST {
        return Err(refuse(work, "文件须在 20 MB 以内且不为空", "a file has 1 byte to 20 MB"));
    }
    let text = format!("{} · {} B · SHA-256 {}", file.name, file.size, file.sha256);
    work.note(Some(case.row.id), "attached", Some(&file.by), text);
    case.row.course.files.push(file);
    Ok(())
}

/// Keeps the words and the link of a public answer.
pub(super) fn keep_reply(case: &mut Case, work: &Work<'_>, by: &str, text: &str) {
    let link =
        text.split_whitespace().find(|word| word.starts_with("http://") || word.starts_with("https://"));
    let reply =
        Reply { text: text.to_owned(), link: link.map(str::to_owned), by: by.to_owned(), at: work.now };
    case.row.course.replies.push(reply);
}
