//! Two incidents become one, or one becomes two (SEMANTICS 13).
//!
//! A merge comes out as if the evidence had been there from the beginning, except that nothing told is untold
//! and nothing is told twice: the heat is summed and graded again, and only a tier that neither had
//! reached is told. What the younger incident was told by goes over to the older one, so that confirmations,
//! answers of channels and corrections still find it.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Change,
    acts::{end_deadlines, lower, measure_now},
    case::{Case, Member, Work},
    deadline::{meet_report, move_earlier, open_owed, open_tier, what_was_done},
    grading::{effective, regrade},
    rows::new_incident,
    tier::grade,
    unit,
};
use crate::{
    locale::Locale,
    model::{
        Ack, Clause, Deadline, DeadlineKind, DeadlineState, IncidentId, IncidentState, NoticeKind,
        NoticeState, PostKey, Role,
    },
};

/// Takes the members, deadlines, notices and confirmations of `younger` into `older`.
pub(super) fn merge(
    older: &mut Case,
    younger: &mut Case,
    work: &mut Work<'_>,
    by: Option<&str>,
    reason: &str,
) {
    note(older, younger, work, by, reason);
    older.members.extend(younger.members.take().map(|mut member| {
        member.row.incident = older.row.id;
        work.changes.push(Change::Post(Box::new(member.row.clone())));
        member
    }));
    end_closed(older, younger);
    if takes_over(older, younger) {
        take_over_tier(older, younger, work);
    } else {
        keep_earlier(older, work, younger);
    }
    end_deadlines(younger, work, "merged");
    take_notices(older, younger, work);
    take_decisions(older, younger);
    older.propose_kind();
    join_states(older, younger);
    older.pending.more = true;
    regrade(older, work);
    keep_acks(older, work);
    what_was_done(older, work);
    move_earlier(older, work);
    meet_report(older, work);
    younger.row.state = IncidentState::Merged;
    younger.row.merged_into = Some(older.row.id);
}

fn note(older: &Case, younger: &Case, work: &mut Work<'_>, by: Option<&str>, reason: &str) {
    let text = match work.locale {
        Locale::ZhCn => format!("事件 {} 并入事件 {}: {reason}", younger.row.id, older.row.id),
        Locale::En => format!("incident {} merged into {}: {reason}", younger.row.id, older.row.id),
    };
    work.note(Some(older.row.id), "merged", by, text.clone());
    work.note(Some(younger.row.id), "merged", by, text);
}

/// A closing has ended the confirmations and the answer with the tier; beside one that lives they count no more.
fn end_closed(older: &mut Case, younger: &mut Case) {
    let lives = |case: &Case| case.row.state == IncidentState::Open && case.row.told_rank.is_some();
    if lives(older) || lives(younger) {
        for row in [&mut older.row, &mut younger.row] {
            if row.state == IncidentState::Closed {
                (row.told_rank, row.responded_at) = (None, None);
                row.acks.clear();
            }
        }
    }
}

/// Whether the tier of the younger is the one that stands: it was told, and the older has none as high.
fn takes_over(older: &Case, younger: &Case) -> bool {
    let told = |case: &Case| (case.row.state == IncidentState::Open).then_some(case.row.told_rank).flatten();
    told(younger).is_some() && (told(older).is_none() || younger.row.rank > older.row.rank)
}

/// The younger's tier stands: with its limits, its steps and what told of it. Nobody is told anew.
fn take_over_tier(older: &mut Case, younger: &Case, work: &mut Work<'_>) {
    let was_open = older.row.state == IncidentState::Open;
    let ours: Vec<Deadline> = older.deadlines.values().filter(|d| runs(d)).cloned().collect();
    older.change_deadlines(work, runs, |d| d.state = DeadlineState::Ended { why: "superseded".to_owned() });
    let before = format!("{}/{}/", younger.row.id, younger.row.epoch);
    older.row.epoch += 1;
    let now = format!("{}/{}/", older.row.id, older.row.epoch);
    for theirs in younger.deadlines.values() {
        let Some(rest) = theirs.key.strip_prefix(&before) else { continue };
        let taken = Deadline { key: format!("{now}{rest}"), incident: older.row.id, ..theirs.clone() };
        older.put_deadline(taken, work);
    }
    let row = &mut older.row;
    row.told_as = std::iter::once(before).chain(younger.row.told_as.iter().cloned()).collect();
    row.lines.clone_from(&younger.row.lines);
    row.held = None;
    row.rank = younger.row.rank;
    row.reason = younger.row.reason.clone();
    row.graded_at = younger.row.graded_at;
    row.told_rank = if was_open { row.told_rank.max(younger.row.told_rank) } else { younger.row.told_rank };
    row.in_digest = false;
    for limit in &ours {
        earlier_due(older, work, limit);
    }
}

fn runs(deadline: &Deadline) -> bool {
    matches!(deadline.state, DeadlineState::Running | DeadlineState::Overdue)
}

/// Of each deadline kind the earlier due time is kept; an answer that is owed stays owed.
fn keep_earlier(older: &mut Case, work: &mut Work<'_>, younger: &Case) {
    for limit in younger.running() {
        let known = older.deadlines.values().any(|d| d.kind == limit.kind && d.duty == limit.duty);
        let owed = match limit.kind {
            DeadlineKind::Response => !known && older.row.responded_at.is_none(),
            DeadlineKind::FollowUp | DeadlineKind::Feedback | DeadlineKind::Own => !known,
            DeadlineKind::Report | DeadlineKind::Acknowledge | DeadlineKind::Step => false,
        };
        if owed {
            let key = format!("{}/{}", older.row.id, limit.key);
            older.put_deadline(Deadline { key, incident: older.row.id, ..limit.clone() }, work);
        }
        earlier_due(older, work, limit);
    }
}

fn earlier_due(case: &mut Case, work: &mut Work<'_>, limit: &Deadline) {
    case.change_deadlines(
        work,
        |d| {
            d.kind == limit.kind
                && d.line == limit.line
                && d.duty == limit.duty
                && d.state == DeadlineState::Running
                && d.due_at > limit.due_at
        },
        |d| d.due_at = limit.due_at,
    );
}

/// What told of the younger goes over. What still waits to be sent is cancelled only when the same contact is
/// told by the older: no alert is lost, none comes twice.
fn take_notices(older: &mut Case, younger: &mut Case, work: &mut Work<'_>) {
    let prefixes = told_prefixes(older);
    let is_told = |contact: &str| {
        older.notices.values().any(|notice| {
            notice.contact == contact
                && rings(notice.kind)
                && !matches!(notice.state, NoticeState::Cancelled { .. } | NoticeState::Refused { .. })
                && prefixes.iter().any(|prefix| notice.id.0.starts_with(prefix))
        })
    };
    let twice: Vec<String> = younger
        .notices
        .values()
        .map(|notice| notice.contact.clone())
        .filter(|contact| is_told(contact))
        .collect();
    younger.cancel_notices(work, "merged", |notice| {
        let stands = prefixes.iter().any(|prefix| notice.id.0.starts_with(prefix));
        rings(notice.kind) && !stands && twice.contains(&notice.contact)
    });
    older.notices.append(&mut younger.notices);
    older.waiting.append(&mut younger.waiting);
    older.exhausted.append(&mut younger.exhausted);
}

const fn rings(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::Alert
            | NoticeKind::Rise
            | NoticeKind::Worsened
            | NoticeKind::Reopened
            | NoticeKind::Escalation
            | NoticeKind::Failover
            | NoticeKind::Copy
    )
}

/// Beginnings of the keys of what told of the present tier.
pub(super) fn told_prefixes(case: &Case) -> Vec<String> {
    let own = format!("{}/{}/", case.row.id, case.row.epoch);
    std::iter::once(own).chain(case.row.told_as.iter().cloned()).collect()
}

/// What keywords and people have decided of either holds for both.
fn take_decisions(older: &mut Case, younger: &mut Case) {
    older.direct.append(&mut younger.direct);
    let (row, gone) = (&mut older.row, &mut younger.row);
    for name in std::mem::take(&mut gone.told_directly) {
        if !row.told_directly.contains(&name) {
            row.told_directly.push(name);
        }
    }
    let (course, other) = (&mut row.course, &mut gone.course);
    (course.undo, other.undo) = (None, None);
    course.texts.append(&mut other.texts.clone());
    course.files.append(&mut other.files.clone());
    course.replies.append(&mut other.replies.clone());
    course.assignment = course.assignment.take().or_else(|| other.assignment.clone());
    course.entered = course.entered.take().or_else(|| other.entered.clone());
    merge_groups(&mut row.groups, &gone.groups);
    if row.kinds.decided.is_none() {
        row.kinds.decided = gone.kinds.decided.take();
    }
    if gone.at_least > row.at_least {
        row.at_least.clone_from(&gone.at_least);
    }
    if gone.overridden.as_ref().map(|one| one.rank) > row.overridden.as_ref().map(|one| one.rank) {
        row.overridden.clone_from(&gone.overridden);
    }
    let new: Vec<Ack> = gone.acks.drain(..).filter(|ack| !row.acks.contains(ack)).collect();
    row.acks.extend(new);
    // One statement has one answer: what answered either answers it.
    row.responded_at = row.responded_at.into_iter().chain(gone.responded_at).min();
    row.opened_at = row.opened_at.min(gone.opened_at);
    row.reopened = row.reopened.max(gone.reopened);
    row.outlook.grew_at = row.outlook.grew_at.max(gone.outlook.grew_at);
}

/// Where the whole stands. A closing ends the tier of what was known then (SEMANTICS 18): growth is graded from
/// it on, and it stays closed unless the other was told of.
fn join_states(older: &mut Case, younger: &Case) {
    let (row, gone) = (&mut older.row, &younger.row);
    let is = |state: IncidentState| row.state == state || gone.state == state;
    let told = |state: IncidentState, told: Option<usize>| state == IncidentState::Open && told.is_some();
    let told = told(row.state, row.told_rank) || told(gone.state, gone.told_rank);
    let closed_at: Option<Timestamp> = row.closed_at.max(gone.closed_at);
    row.state = if is(IncidentState::Closed) && !told {
        IncidentState::Closed
    } else if is(IncidentState::Open) {
        IncidentState::Open
    } else {
        row.state
    };
    if row.state == IncidentState::Closed {
        row.at_least = None;
    }
    row.closed_at = closed_at;
}

/// A confirmation holds only if it was given at the resulting tier or above; one that holds meets the limits of
/// its line. An answer that was registered meets its own.
fn keep_acks(case: &mut Case, work: &mut Work<'_>) {
    let (rank, now) = (case.row.rank, work.now);
    case.row.acks.retain(|ack| ack.rank >= rank);
    let lines: Vec<String> = case.row.acks.iter().filter_map(|ack| ack.line.clone()).collect();
    let answered = case.row.responded_at.is_some();
    case.change_deadlines(
        work,
        |d| match d.kind {
            DeadlineKind::Acknowledge => {
                d.state == DeadlineState::Running && d.line.as_ref().is_some_and(|line| lines.contains(line))
            }
            DeadlineKind::Response => answered && runs(d),
            DeadlineKind::Report
            | DeadlineKind::Step
            | DeadlineKind::FollowUp
            | DeadlineKind::Feedback
            | DeadlineKind::Own => false,
        },
        |d| d.state = DeadlineState::Met { at: now },
    );
    case.cancel_notices(work, "acknowledged", |notice| {
        notice.kind == NoticeKind::Escalation
            && notice.facts.line.as_ref().is_some_and(|line| lines.contains(line))
    });
}

pub(super) fn merge_groups(into: &mut Vec<String>, from: &[String]) {
    for group in from {
        if !into.contains(group) {
            into.push(group.clone());
        }
    }
}

/// After a split: the part that keeps the number is graded from its own posts; what was told and no longer
/// holds is corrected.
pub(super) fn regrade_after_split(case: &mut Case, work: &mut Work<'_>) {
    case.refresh_origin();
    let measured = measure_now(case, work);
    case.row.heat = measured.heat.clone();
    let reason = effective(case, work, grade(&case.row.plan, &measured, case.row.kinds.kind()), &measured);
    if case.row.state == IncidentState::Open && reason.rank < case.row.rank {
        lower(case, work, reason, open_owed);
    } else {
        regrade(case, work);
    }
}

/// Opens the part that a person has split off on the tier that its posts give.
pub(super) fn open_fresh(case: &mut Case, work: &mut Work<'_>) {
    case.row.state = IncidentState::Dormant;
    regrade(case, work);
    if case.row.state == IncidentState::Dormant {
        // A person says that it matters; backlog or not, it is an incident now.
        case.row.state = IncidentState::Open;
        case.row.opened_at = work.now;
        let measured = measure_now(case, work);
        let reason =
            effective(case, work, grade(&case.row.plan, &measured, case.row.kinds.kind()), &measured);
        let alerts = reason.clause != Clause::Lowest && case.row.plan.tier(reason.rank).telling.alerts();
        (case.row.rank, case.row.reason) = (reason.rank, reason);
        if alerts {
            open_tier(case, work, NoticeKind::Alert);
        }
    }
}

/// When the first member left by a split, the next oldest becomes what texts are compared with.
pub(super) fn keep_a_core(case: &mut Case, work: &mut Work<'_>) {
    if case.members.values().any(|member| member.row.is_core()) {
        return;
    }
    let oldest = case.members.values_mut().filter(|member| member.adds_heat());
    if let Some(oldest) = oldest.min_by_key(|member| member.row.first_seen_at) {
        oldest.row.why = "first".to_owned();
        oldest.row.compared = None;
        work.changes.push(Change::Post(Box::new(oldest.row.clone())));
    }
}

impl unit::UnitDesk {
    /// Takes a post, with the reposts that hang on it, out of its incident into a new one. `None` when nothing
    /// would stay behind.
    pub(super) fn split(
        &mut self,
        id: IncidentId,
        post: &PostKey,
        new_id: IncidentId,
        (by, reason): (&str, &str),
        work: &mut Work<'_>,
    ) -> Option<()> {
        let (mut case, mut fresh) = self.carve(id, post, new_id, work)?;
        let text = format!("{post} → {new_id}: {reason}");
        work.note(Some(id), "split", Some(by), text.clone());
        work.note(Some(new_id), "split", Some(by), text);
        regrade_after_split(&mut case, work);
        open_fresh(&mut fresh, work);
        work.changes.push(Change::Incident(Box::new(case.row.clone())));
        work.changes.push(Change::Incident(Box::new(fresh.row.clone())));
        self.adopt(case);
        self.adopt(fresh);
        Some(())
    }

    /// Both parts of an incident of which a post and what hangs on it are taken out, neither graded nor put back.
    /// `None` when nothing would stay behind; the incident is left alone then.
    pub(super) fn carve(
        &mut self,
        id: IncidentId,
        post: &PostKey,
        new_id: IncidentId,
        work: &mut Work<'_>,
    ) -> Option<(Case, Case)> {
        let moving =
            self.cases.get(&id).map(|case| hanging_on(case, post)).filter(|keys| !keys.is_empty())?;
        if self.cases.get(&id)?.members.values().all(|member| moving.contains(member.key())) {
            return None;
        }
        let mut case = self.release(id)?;
        let mut parts: Vec<Member> = moving.iter().filter_map(|key| case.members.remove(key)).collect();
        let first = parts.first_mut()?;
        (first.row.why, first.row.role) = ("split".to_owned(), Role::Root);
        first.row.compared = None;
        let plan = case.row.plan.clone();
        let mut fresh = Case::new(new_incident(
            new_id,
            &self.unit,
            plan,
            &first.row.post,
            first.row.first_seen_at,
            work.now,
        ));
        for mut member in parts {
            member.row.incident = new_id;
            merge_groups(&mut fresh.row.groups, &member.row.groups);
            fresh.direct.extend(member.row.notify.iter().cloned());
            work.changes.push(Change::Post(Box::new(member.row.clone())));
            fresh.members.insert(member);
        }
        // What met the group that demands a tier demands it wherever it stands.
        let demand = case.row.at_least.clone();
        fresh.row.at_least = demand.filter(|(_, group)| fresh.row.groups.contains(group));
        // Who was told of a keyword's demand once need not be told of the same post again.
        fresh.row.told_directly.clone_from(&case.row.told_directly);
        fresh.row.apart.push(id);
        case.row.apart.push(new_id);
        fresh.propose_kind();
        case.propose_kind();
        keep_a_core(&mut case, work);
        Some((case, fresh))
    }
}

/// A post and the members that repost it, directly or through others, itself first.
pub(super) fn hanging_on(case: &Case, post: &PostKey) -> Vec<PostKey> {
    let by_link: HashMap<&str, &PostKey> =
        case.members.values().filter_map(|member| Some((member.link()?, member.key()))).collect();
    let mut reposts: HashMap<&PostKey, Vec<&PostKey>> = HashMap::new();
    for member in case.members.values() {
        let named = member.row.post.repost_of.as_ref().and_then(|of| of.key.as_ref());
        let linked = || by_link.get(member.original_link.as_deref()?).copied();
        if let Some(above) = named.or_else(linked) {
            reposts.entry(above).or_default().push(member.key());
        }
    }
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let mut open: Vec<&PostKey> = case.members.get(post).map(Member::key).into_iter().collect();
    while let Some(next) = open.pop() {
        if known.insert(next) {
            found.push(next.clone());
            open.extend(reposts.remove(next).into_iter().flatten());
        }
    }
    found
}
