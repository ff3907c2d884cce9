//! The incident as a paper (专报): what is said, where, how far it has gone, what is not known, what was done, what the
//! plan asks for, and room for signatures. It states what the store has; nothing is added.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use minijinja::context;
use serde::Serialize;

use crate::{
    console::{
        fault::Fault,
        pages::shown,
        view::{Excerpt, Piece, When, clean, link, number, words},
        visit::Visit,
    },
    locale::{forecast_line, grouped, reason_line},
    model::{Deadline, HitPart, Incident, IncidentId, NoticeState, PostRow, Role},
    report::{
        chart::{Chart, Figure},
        sites::sites,
    },
    store::IncidentView,
};

/// Posts whose words are quoted.
const QUOTED: usize = 3;
/// Characters of one quotation.
const QUOTATION: usize = 300;
/// Sites in the table.
const SITES: usize = 20;

pub(in super::super) async fn page(room: Visit, Path(id): Path<u64>) -> Response {
    show(&room, IncidentId(id)).await.unwrap_or_else(|fault| fault.page(&room))
}

/// What a post says.
#[derive(Serialize)]
struct Quotation {
    site: String,
    published: String,
    title: Vec<Piece>,
    text: Vec<Piece>,
    link: Option<String>,
    figures: String,
}

async fn show(room: &Visit, id: IncidentId) -> Result<Response, Fault> {
    let view = room.incident(id).await?;
    if view.incident.id != id {
        return Ok(Redirect::to(&format!("/incidents/{}/print", view.incident.id)).into_response());
    }
    let when = When::new(room.now(), &room.settings());
    let (incident, locale) = (&view.incident, when.locale);
    let tier = incident.plan.tier(incident.rank);
    let sites = sites(&view.posts, &when);
    let curves: Vec<Chart> = [Figure::Views, Figure::Reposts]
        .into_iter()
        .filter_map(|figure| Chart::large(&view, &when, figure))
        .collect();
    let local = when.now.to_zoned(when.zone.clone());
    let given = context! {
        paper => words::paper(tier.paper, locale),
        number => format!("{} {:04}", local.year(), incident.id.0),
        id => incident.id.0,
        unit => clean(&incident.unit),
        date => when.in_full(when.now),
        plan_mark => incident.plan.exercise_mark.as_deref().map(clean),
        gist => clean(&incident.gist),
        tier => clean(&tier.name),
        tier_class => crate::console::view::tier_class(&incident.plan, incident.rank),
        reason => clean(&reason_line(&incident.reason, locale, &when.zone)),
        forecast => clean(&forecast_line(&incident.outlook.forecasts, when.now, locale)),
        kind => clean(&words::kind_line(&incident.kinds, locale)),
        groups => clean(&incident.groups.join("、")),
        detected => when.in_full(incident.detected_at),
        published => incident.published_at.map(|at| when.in_full(at)),
        quotations => shown(&quotations(&view.posts, &when)),
        posts_total => view.posts.len(),
        sites_total => sites.len(),
        sites => shown(&sites.iter().take(SITES).collect::<Vec<_>>()),
        views => number(incident.heat.daily_views, &when),
        reposts => number(incident.heat.reposts, &when),
        comments => number(incident.heat.comments, &when),
        curves => shown(&curves),
        unknowns => shown(&unknowns(&view, &when)),
        done => shown(&done(&view, &when)),
        handling => shown(&handling(&view, &when)),
        plan_title => clean(&incident.plan.title),
    };
    Ok(room.pages.render(room, "print.html", given)?.into_response())
}

/// The words of the posts that count most: roots, the most seen first.
fn quotations(posts: &[PostRow], when: &When) -> Vec<Quotation> {
    let mut roots: Vec<&PostRow> = posts.iter().filter(|row| row.role == Role::Root).collect();
    let weight = |row: &PostRow| row.views.or(row.reposts).map_or(0, |count| count.value);
    roots.sort_by_key(|row| (std::cmp::Reverse(weight(row)), row.first_seen_at));
    // The same words once.
    let mut said: Vec<String> = Vec::new();
    roots.retain(|row| {
        let text = row.post.own_text();
        let new = !text.trim().is_empty() && !said.contains(&text);
        said.push(text);
        new
    });
    roots.into_iter().take(QUOTED).map(|row| quotation(row, when)).collect()
}

fn quotation(row: &PostRow, when: &When) -> Quotation {
    let post = &row.post;
    let own = |text, at| Excerpt { text, part: HitPart::Own, at, most: QUOTATION }.of(row);
    let figure = |word: &str, count: Option<crate::model::Count>| {
        format!("{word} {}", crate::console::view::count(count, when.locale))
    };
    let pick = |zh, en| when.locale.pick(zh, en);
    Quotation {
        site: clean(words::site(&post.key.site, when.locale)),
        published: row.published_at.map_or_else(
            || pick("发布时间未知", "published at an unknown time").to_owned(),
            |at| when.day_time(at),
        ),
        title: own(&post.title, 0),
        text: if post.text == post.title { Vec::new() } else { own(&post.text, post.text_at()) },
        link: link(&post.url),
        figures: [
            figure(pick("浏览", "views"), row.views),
            figure(pick("转发", "reposts"), row.reposts),
            figure(pick("评论", "comments"), row.comments),
        ]
        .join(pick("，", ", ")),
    }
}

/// What is not known, a line each: what is unknown is no zero, and whoever reads the paper must hear of it.
fn unknowns(view: &IncidentView, when: &When) -> Vec<String> {
    let (incident, heat) = (&view.incident, &view.incident.heat);
    let pick = |zh: &str, en: &str| when.locale.pick(zh, en).to_owned();
    let posts = |number: u64, zh: &str, en: &str| match when.locale {
        crate::locale::Locale::ZhCn => format!("{} 篇帖文的{zh}未知", grouped(number)),
        crate::locale::Locale::En => format!("{en} of {} posts are unknown", grouped(number)),
    };
    let mut lines = Vec::new();
    if incident.published_at.is_none() {
        lines
            .push(pick("最早的发布时间未知，以首次看到的时间为准", "when it was first published is unknown"));
    }
    match heat.daily_views {
        None => lines.push(pick("浏览量未知（站点不公开）", "views are unknown: the sites do not show them")),
        Some(_) if heat.views_unknown > 0 => lines.push(posts(heat.views_unknown, "浏览量", "views")),
        Some(_) => {}
    }
    if let Some(bound) = heat.views_bound {
        let bound = grouped(bound);
        lines.push(match when.locale {
            crate::locale::Locale::ZhCn => format!("有站点只显示“{bound} 以上”，增量未知"),
            crate::locale::Locale::En => format!("a site shows \"over {bound}\" only; its growth is unknown"),
        });
    }
    if heat.reposts_unknown > 0 {
        lines.push(posts(heat.reposts_unknown, "转发量", "reposts"));
    }
    if heat.estimated_views > 0 {
        let estimated = grouped(heat.estimated_views);
        lines.push(match when.locale {
            crate::locale::Locale::ZhCn => format!("24 小时浏览中有 {estimated} 是估算"),
            crate::locale::Locale::En => format!("{estimated} of the views in 24 h are estimated"),
        });
    }
    if incident.kinds.decided.is_none() {
        lines.push(pick("内容性质尚未由人认定", "nobody has decided what kind of content it is"));
    }
    lines
}

/// What was done so far, from the case's own rows.
fn done(view: &IncidentView, when: &When) -> Vec<String> {
    let incident = &view.incident;
    let pick = |zh: &'static str, en: &'static str| when.locale.pick(zh, en);
    let mut lines = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for notice in &view.notices {
        let reached = matches!(notice.state, NoticeState::Accepted { .. });
        if reached && !told.contains(&notice.contact.as_str()) {
            told.push(&notice.contact);
        }
    }
    if !told.is_empty() {
        lines.push(format!("{}{}", pick("已报告：", "told: "), told.join(pick("、", ", "))));
    }
    for ack in &incident.acks {
        let how = words::how(ack.how, when.locale);
        lines.push(format!(
            "{} {} {}（{how}）",
            ack.contact,
            when.day_time(ack.at),
            pick("签收", "confirmed")
        ));
    }
    if let Some(one) = &incident.course.assignment {
        lines.push(format!("{} {}：{}（{}）", pick("主办", "leads:"), one.lead, one.instruction, one.by));
    }
    for draft in &incident.course.texts {
        let approved = draft.verdict.as_ref().filter(|verdict| verdict.approved);
        lines.extend(
            approved.map(|one| {
                format!("{}（{}）：{}", pick("回应稿已审定", "answer approved"), one.by, draft.text)
            }),
        );
    }
    for reply in &incident.course.replies {
        lines.push(format!(
            "{} {}：{}",
            when.day_time(reply.at),
            pick("公开回应", "answered in public"),
            reply.text
        ));
    }
    for file in &incident.course.files {
        lines.push(format!("{}：{}", pick("附件", "file"), file.name));
    }
    if let Some(at) = incident.closed_at {
        lines.push(format!("{} {}", when.day_time(at), pick("关闭", "closed")));
    }
    lines.iter().map(|line| clean(line)).collect()
}

/// What the plan says of this tier: which paper, who leads, what is still owed by when.
fn handling(view: &IncidentView, when: &When) -> Vec<String> {
    let incident: &Incident = &view.incident;
    let tier = incident.plan.tier(incident.rank);
    let mut lines = vec![words::handling(Some(tier.paper), tier.led_by.as_deref(), when.locale)];
    let mut open: Vec<&Deadline> = view.deadlines.iter().filter(|one| one.is_open()).collect();
    open.sort_by_key(|deadline| deadline.due_at);
    lines.extend(open.into_iter().map(|deadline| {
        let late =
            if deadline.due_at < when.now { when.locale.pick("（已超时）", " (overdue)") } else { "" };
        format!(
            "{}：{} {}{late}",
            words::deadline(deadline, when.locale),
            when.locale.pick("截止", "due"),
            when.day_time(deadline.due_at),
        )
    }));
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| clean(line)).collect()
}
