//! One incident: curve, posts by site, limits, notices with what each channel answered, timeline, and
//! the forms by which a person acts. What may be long comes a page at a time.

mod deliveries;
pub(super) mod folder;
mod posts;
pub(super) mod print;
mod similar;
pub(super) mod whole;

use std::collections::BTreeMap;

use axum::{
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::SignedDuration;
use minijinja::{Value, context};
use serde::Serialize;

use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{Clock, When, bytes, clean, number, words},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::{Deadline, DeadlineKind, Entry, FileNote, Incident, IncidentId, IncidentState, Kind, PostRow},
    report::{
        chart::{Chart, Figure},
        sites::sites,
    },
    store::IncidentView,
};

/// What an address of these pages asks for.
#[derive(Debug, Default)]
struct Asked {
    /// What was just done, to say so.
    done: String,
    /// Which curve.
    chart: String,
    /// Page of the posts, and of the timeline, from 1.
    posts: usize,
    entries: usize,
    /// Identity of one post.
    key: String,
}

impl Asked {
    /// Reads a query; what cannot be read is as if it were not there.
    fn read(query: &str) -> Self {
        let mut asked = Self { posts: 1, entries: 1, ..Self::default() };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "done" => asked.done = value.into_owned(),
                "chart" => asked.chart = value.into_owned(),
                "posts" => asked.posts = value.parse().unwrap_or(1),
                "entries" => asked.entries = value.parse().unwrap_or(1),
                "key" => asked.key = value.into_owned(),
                _ => {}
            }
        }
        asked
    }
}

pub(super) async fn page(room: Visit, Path(id): Path<u64>, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default());
    show(&room, IncidentId(id), &asked).await.unwrap_or_else(|fault| fault.page(&room))
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

async fn proofs(room: &Visit, posts: &[PostRow], when: &When) -> Result<Vec<ProofLine>, Fault> {
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

/// Entries of a page of the timeline.
const ENTRIES: usize = 100;

/// A page of the timeline, newest first.
#[derive(Serialize)]
struct Timeline {
    rows: Vec<EntryLine>,
    page: usize,
    pages: usize,
}

impl EntryLine {
    fn of(entry: &Entry, when: &When) -> Self {
        Self {
            at: when.time(entry.at),
            kind: words::entry(&entry.kind, when.locale).to_owned(),
            by: entry.by.as_deref().map(clean),
            text: clean(&entry.text),
        }
    }
}

impl Timeline {
    fn of(entries: &[Entry], page: usize, when: &When) -> Self {
        let pages = entries.len().div_ceil(ENTRIES).max(1);
        let page = page.clamp(1, pages);
        let rows = entries.iter().rev().skip((page - 1) * ENTRIES).take(ENTRIES);
        Self { rows: rows.map(|entry| EntryLine::of(entry, when)).collect(), page, pages }
    }
}

/// The switch over the curve: which there are, and which is shown.
#[derive(Serialize)]
struct Curve {
    choices: Vec<(&'static str, &'static str, bool)>,
    chart: Option<Chart>,
    figure: &'static str,
}

impl Curve {
    /// The one that was asked for; otherwise the first of which something is known.
    fn of(view: &IncidentView, asked: &str, when: &When) -> Self {
        let known = || {
            let mut all = Figure::ALL.iter();
            all.find_map(|(id, figure)| Some((*id, Chart::large(view, when, *figure)?)))
        };
        let (figure, chart) = match Figure::of_id(asked) {
            Some(figure) => {
                let id = Figure::ALL.iter().find(|(_, one)| *one == figure).map_or("views", |(id, _)| *id);
                (id, Chart::large(view, when, figure))
            }
            None => known().map_or(("views", None), |(id, chart)| (id, Some(chart))),
        };
        let choices = Figure::ALL.iter().map(|(id, one)| (*id, one.word(when), *id == figure)).collect();
        Self { choices, chart, figure }
    }
}

async fn show(room: &Visit, id: IncidentId, wanted: &Asked) -> Result<Response, Fault> {
    let view = room.incident(id).await?;
    if view.incident.id != id {
        // Merged: the older number survives, the other leads there (SEMANTICS 13).
        return Ok(Redirect::to(&format!("/incidents/{}", view.incident.id)).into_response());
    }
    let when = When::new(room.now(), &room.settings());
    let incident = &view.incident;
    let card = when.card(&view);
    let (running, over) = clocks(&view.deadlines, &when);
    let is_decision = |entry: &&Entry| matches!(entry.kind.as_str(), "merged" | "split");
    let decisions = view.entries.iter().filter(is_decision).map(|entry| EntryLine::of(entry, &when));
    let proofs = proofs(room, &view.posts, &when).await?;
    let similar = match incident.state {
        IncidentState::Open => similar::similar(room, incident, &when).await?,
        _ => Vec::new(),
    };
    let plan = &incident.plan;
    let tiers: Vec<_> = plan.tiers.iter().rev().map(|tier| (tier.id.clone(), tier.name.clone())).collect();
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| (kind.id(), words::kind(*kind, when.locale))).collect();
    let heat = &incident.heat;
    let curve = Curve::of(&view, &wanted.chart, &when);
    let given = context! {
        people => people(incident, &card.contacts),
        card => shown(&card),
        curve => shown(&curve),
        // Every word of it is escaped where it is drawn.
        curve_svg => curve.chart.as_ref().map(|chart| Value::from_safe_string(chart.svg())),
        posts => shown(&posts::page(&view.posts, wanted.posts, &when)),
        sites => shown(&sites(&view.posts, &when)),
        reasons => shown(&reasons(&view.posts, when.locale)),
        decisions => shown(&decisions.collect::<Vec<_>>()),
        plan_title => plan.title.clone(),
        now_views => number(heat.daily_views, &when),
        now_reposts => number(heat.reposts, &when),
        now_comments => number(heat.comments, &when),
        published => incident.published_at.map(|at| when.day_time(at)),
        detected => when.day_time(incident.detected_at),
        closed => incident.closed_at.map(|at| when.day_time(at)),
        is_closed => incident.state == IncidentState::Closed,
        reopened => incident.reopened,
        done => done_words(&wanted.done, when.locale),
        running => shown(&running),
        over => shown(&over),
        told => shown(&deliveries::told(&view.notices, &incident.acks, &when)),
        timeline => shown(&Timeline::of(&view.entries, wanted.entries, &when)),
        stage => clean(incident.stage()),
        stages => shown(&plan.states),
        course => shown(&lines_of(incident, &when)),
        drafts => incident.course.texts.len(),
        files => shown(&files(incident, &when)),
        proofs => shown(&proofs),
        proved => PROVED,
        tiers => shown(&tiers),
        duties => shown(&duties(&view.deadlines, when.locale)),
        kinds => shown(&kinds),
        similar => shown(&similar),
        undo => can_undo(incident, &when),
        now_local => when.now.to_zoned(when.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string(),
    };
    Ok(room.pages.render(room, "incident.html", given)?.into_response())
}

/// Who could still take back the last act; the desk decides, a form that comes too late is not even offered.
fn can_undo(incident: &Incident, when: &When) -> Option<String> {
    let undo = incident.course.undo.as_ref()?;
    (when.now.duration_since(undo.at) <= SignedDuration::from_mins(1)).then(|| clean(&undo.by))
}

/// Limits that run or are overdue, the nearest first; and those that are over.
fn clocks(deadlines: &[Deadline], when: &When) -> (Vec<Clock>, Vec<Clock>) {
    let clock = |one: &Deadline| when.clock(one, words::deadline(one, when.locale));
    let (mut running, over): (Vec<&Deadline>, Vec<&Deadline>) =
        deadlines.iter().partition(|one| one.is_open());
    running.sort_by_key(|one| one.due_at);
    (running.into_iter().map(clock).collect(), over.into_iter().map(clock).collect())
}

/// Whom an act can name: those of the present tier first, then everybody else in the plan.
fn people(incident: &Incident, first: &[String]) -> Vec<String> {
    let mut names: Vec<String> = first.to_vec();
    for name in incident.plan.contacts() {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A file of the case.
#[derive(Serialize)]
struct FileLine {
    name: String,
    sha256: String,
    size: String,
    by: String,
    at: String,
}

fn files(incident: &Incident, when: &When) -> Vec<FileLine> {
    let line = |file: &FileNote| FileLine {
        name: clean(&file.name),
        sha256: file.sha256.clone(),
        size: bytes(file.size),
        by: clean(&file.by),
        at: when.day_time(file.at),
    };
    incident.course.files.iter().rev().map(line).collect()
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
        "entered_file" => Some(locale.pick("已录入，截图已保存", "entered, with its screenshot")),
        "entered_only" => {
            let words = "已录入，但截图没有保存，请在“上传文件”里再传一次";
            Some(locale.pick(words, "entered, but its screenshot was not kept; add it again"))
        }
        "file" => Some(locale.pick("文件已保存", "file kept")),
        "phone" => Some(locale.pick("电话报告已记录", "call recorded")),
        _ => None,
    }
}
