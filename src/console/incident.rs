//! One incident: curve, posts by site, limits, notices with what each channel answered, timeline, and
//! the forms by which a person acts.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    Room, asked,
    fault::Fault,
    pages::shown,
    view::{When, clean, number, words},
};
use crate::{
    locale::Locale,
    model::{Deadline, DeadlineKind, Entry, Incident, IncidentId, Kind, PostRow},
};

#[derive(Deserialize)]
pub(super) struct Asked {
    /// What was just done, to say so.
    #[serde(default)]
    done: String,
}

pub(super) async fn page(
    State(room): State<Room>,
    Path(id): Path<u64>,
    Query(query): Query<Asked>,
) -> Response {
    show(&room, IncidentId(id), &query.done).await.unwrap_or_else(|fault| fault.page(&room))
}

#[derive(Serialize)]
struct EntryLine {
    at: String,
    kind: String,
    by: Option<String>,
    text: String,
}

/// How many posts joined for one reason.
#[derive(Serialize)]
struct JoinedLine {
    why: String,
    posts: usize,
}

/// The reasons for which posts belong to the statement, the most frequent first.
fn reasons(posts: &[PostRow], locale: Locale) -> Vec<JoinedLine> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for row in posts {
        let kind = row.why.split_once(" 0.").map_or(row.why.as_str(), |(kind, _)| kind);
        *counted.entry(clean(&words::joined(kind, locale))).or_default() += 1;
    }
    let mut lines: Vec<_> = counted.into_iter().map(|(why, posts)| JoinedLine { why, posts }).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.posts));
    lines
}

/// A piece of evidence as a line.
#[derive(Serialize)]
struct ProofLine {
    post: String,
    at: String,
    url: String,
    sha256: String,
}

/// Posts whose evidence is listed; `yuqing evidence POST` shows every post's.
const PROVED: usize = 20;

async fn proofs(room: &Room, posts: &[PostRow], when: &When) -> Result<Vec<ProofLine>, Fault> {
    let mut lines = Vec::new();
    for row in posts.iter().take(PROVED) {
        for proof in asked(room.store().evidence(&row.post.key)).await? {
            lines.push(ProofLine {
                post: clean(&proof.post.to_string()),
                at: when.time(proof.shown.at),
                url: clean(&proof.shown.url),
                sha256: proof.shown.sha256,
            });
        }
    }
    Ok(lines)
}

async fn show(room: &Room, id: IncidentId, done: &str) -> Result<Response, Fault> {
    let Some(view) = asked(room.store().incident(id)).await? else { return Err(Fault::Nowhere) };
    if view.incident.id != id {
        // Merged: the older number survives, the other leads there (SEMANTICS 13).
        return Ok(Redirect::to(&format!("/incidents/{}", view.incident.id)).into_response());
    }
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let clocks: Vec<_> =
        view.deadlines.iter().map(|d| when.clock(d, words::deadline(d, when.locale))).collect();
    let notices: Vec<_> = view.notices.iter().rev().map(|notice| when.notice(notice, 0)).collect();
    let line = |entry: &Entry| EntryLine {
        at: when.time(entry.at),
        kind: words::entry(&entry.kind, when.locale).to_owned(),
        by: entry.by.as_deref().map(clean),
        text: clean(&entry.text),
    };
    let entries: Vec<_> = view.entries.iter().rev().map(line).collect();
    let is_decision = |entry: &&Entry| matches!(entry.kind.as_str(), "merged" | "split");
    let decisions: Vec<_> = view.entries.iter().filter(is_decision).map(line).collect();
    let proofs = proofs(room, &view.posts, &when).await?;
    let plan = &view.incident.plan;
    let tiers: Vec<_> = plan.tiers.iter().rev().map(|tier| (tier.id.clone(), tier.name.clone())).collect();
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.id(), words::kind(*kind, when.locale))).collect();
    let heat = &view.incident.heat;
    let given = context! {
        card => shown(&when.card(&view)),
        posts => shown(&when.posts(&view.posts)),
        posts_total => view.posts.len(),
        reasons => shown(&reasons(&view.posts, when.locale)),
        decisions => shown(&decisions),
        plan_title => plan.title.clone(),
        now_views => number(heat.daily_views, &when),
        now_reposts => number(heat.reposts, &when),
        now_comments => number(heat.comments, &when),
        published => view.incident.published_at.map(|at| when.time(at)),
        opened => when.time(view.incident.opened_at),
        closed => view.incident.closed_at.map(|at| when.time(at)),
        reopened => view.incident.reopened,
        done => done_words(done, settings.locale),
        clocks => shown(&clocks),
        notices => shown(&notices),
        entries => shown(&entries),
        stage => clean(view.incident.stage()),
        stages => shown(&plan.states),
        course => shown(&lines_of(&view.incident, &when)),
        drafts => view.incident.course.texts.len(),
        files => shown(&view.incident.course.files),
        proofs => shown(&proofs),
        tiers => shown(&tiers),
        duties => shown(&duties(&view.deadlines, when.locale)),
        kinds => shown(&kinds),
    };
    Ok(room.pages.render(room, "incident.html", given)?.into_response())
}

/// What is owed by name, which a person can register as done: each with how it is called.
fn duties(deadlines: &[Deadline], locale: Locale) -> Vec<(String, String)> {
    let mut duties: Vec<(String, String)> = Vec::new();
    for deadline in deadlines.iter().filter(|one| one.is_open() && one.kind != DeadlineKind::Step) {
        let Some(duty) = deadline.duty.as_ref().or(deadline.name.as_ref()) else { continue };
        if !duties.iter().any(|(known, _)| known == duty) {
            duties.push((duty.clone(), words::deadline(deadline, locale)));
        }
    }
    duties
}

/// Who leads, what was approved, what is attached: a line each.
fn lines_of(incident: &Incident, when: &When) -> Vec<String> {
    let course = &incident.course;
    let pick = |zh, en| when.locale.pick(zh, en);
    let mut lines = Vec::new();
    if let Some(one) = &course.assignment {
        let helping = one.helping.join("、");
        lines.push(format!(
            "{} {} {helping} · {} · {}",
            pick("主办", "leads:"),
            one.lead,
            one.instruction,
            one.by
        ));
    }
    for (number, draft) in (1..).zip(&course.texts) {
        let verdict = match &draft.verdict {
            None => pick("待审定", "to be judged").to_owned(),
            Some(one) if one.approved => format!("{} {}", pick("审定", "approved"), one.by),
            Some(one) => format!("{} {} · {}", pick("退回", "sent back"), one.by, one.reason),
        };
        lines.push(format!(
            "{} {number} · {} · {verdict} · {}",
            pick("送审稿", "draft"),
            draft.by,
            draft.text
        ));
    }
    if let Some(one) = &course.entered {
        lines.push(format!("{} · {} · {} {}", pick("人工录入", "by hand"), one.source, one.by, one.missed));
    }
    lines.iter().map(|line| clean(line)).collect()
}

/// Only known words: what stands in an address must not become text of ours.
fn done_words(done: &str, locale: crate::locale::Locale) -> Option<&'static str> {
    match done {
        "acknowledge" => Some(locale.pick("签收已记录", "confirmation recorded")),
        "respond" => Some(locale.pick("公开回应已登记", "answer registered")),
        "close" => Some(locale.pick("事件已关闭", "closed")),
        "override" => Some(locale.pick("等级已调整", "tier set")),
        "kind" => Some(locale.pick("类别已认定", "kind set")),
        "split" => Some(locale.pick("已拆分", "split")),
        "merge" => Some(locale.pick("已并案", "merged")),
        "course" => Some(locale.pick("已登记", "recorded")),
        "entered" => Some(locale.pick("已录入", "entered")),
        "file" => Some(locale.pick("文件已保存", "file kept")),
        "phone" => Some(locale.pick("电话报告已记录", "call recorded")),
        _ => None,
    }
}
