//! The audit (审计): every entry and every act as it was given, newest first, by person, incident, kind and time; and a
//! button that follows the hash chain from its first row to its last. The record is the whole office's, so only an
//! administrator who sees every unit reads it.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{Choice, When, beginning, choices, clean, query, words},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::{Entry, IncidentId},
    store::{AuditLook, AuditReport, AuditRow},
};

/// Rows of a page.
const PAGE: usize = 100;
/// Characters of a row's text; the rest is read with the incident, or by `yuqing audit export`.
const TEXT: usize = 400;
/// Kinds that the list offers: what people did, then what an auditor asks for most.
const KINDS: [&str; 13] = [
    Entry::ACT,
    "acknowledged",
    "told",
    "accepted",
    "refused",
    "overdue",
    "tier",
    "overridden",
    "closed",
    "corrected",
    "file_edited",
    "folder_exported",
    "forgotten",
];

/// The fields of the form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    by: String,
    incident: String,
    from: String,
    to: String,
    #[serde(skip_serializing)]
    before: String,
}

impl Asked {
    /// The query of these rows before a number.
    fn address(&self, before: Option<i64>) -> String {
        query([
            ("kind", self.kind.as_str()),
            ("by", &self.by),
            ("incident", &self.incident),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &before.map(|before| before.to_string()).unwrap_or_default()),
        ])
    }

    /// The look, and what of the fields could not be read.
    fn look(&self, when: &When) -> (AuditLook, Vec<String>) {
        let mut wrong = Vec::new();
        let mut unread = |zh: &'static str, en: &'static str, text: &str| {
            wrong.push(format!("{}：{}", when.locale.pick(zh, en), beginning(text, 40)));
        };
        let filled = |text: &str| Some(clean(text)).filter(|text| !text.is_empty());
        let (from, to) = (when.edge_of_day(&self.from, false), when.edge_of_day(&self.to, true));
        for (text, at) in [(&self.from, from), (&self.to, to)] {
            if at.is_none() && !text.is_empty() {
                unread("日期看不懂，没有按它筛选", "this date cannot be read", text);
            }
        }
        let number = self.incident.trim().trim_start_matches('#');
        let incident = number.parse().ok().map(IncidentId);
        if incident.is_none() && !number.is_empty() {
            unread("事件编号应为数字，没有按它筛选", "this is no number of an incident", number);
        }
        let look = AuditLook {
            before: self.before.parse().ok(),
            kind: filled(&self.kind),
            by: filled(&self.by),
            incident,
            from,
            to,
            limit: PAGE,
        };
        (look, wrong)
    }
}

/// A row as it is shown.
#[derive(Debug, Serialize)]
struct Line {
    number: i64,
    at: String,
    kind: String,
    by: String,
    from: String,
    incident: Option<u64>,
    text: String,
    /// The act as it was given; `None` for an entry.
    act: Option<String>,
    /// The beginning of its hash.
    hash: String,
}

impl Line {
    fn of(row: &AuditRow, when: &When) -> Self {
        let entry = &row.entry;
        let is_act = entry.kind == Entry::ACT;
        let tag = is_act.then(|| tag_of(&entry.text)).flatten();
        let kind = tag.as_deref().map_or_else(
            || words::entry(&entry.kind, when.locale).to_owned(),
            |tag| words::act(tag, when.locale).to_owned(),
        );
        Self {
            number: row.number,
            at: when.day_time(entry.at),
            kind: clean(&kind),
            by: entry.by.as_deref().map(clean).unwrap_or_default(),
            from: entry.from.as_deref().map(clean).unwrap_or_default(),
            incident: entry.incident.map(|id| id.0),
            text: if is_act { String::new() } else { beginning(&entry.text, TEXT) },
            act: is_act.then(|| beginning(&entry.text, TEXT)),
            hash: row.hash.chars().take(12).collect(),
        }
    }
}

/// What kind of act it is; `None` when its words were forgotten.
fn tag_of(text: &str) -> Option<String> {
    let act: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(act.get("act")?.as_str()?.to_owned())
}

pub(super) async fn page(room: Visit, Query(asked_for): Query<Asked>) -> Response {
    show(&room, &asked_for, None).await.unwrap_or_else(|fault| fault.page(&room))
}

/// Follows the chain; long on a large record, hence by a button and one at a time.
pub(super) async fn verify(room: Visit) -> Response {
    let done = async {
        whole_office(&room)?;
        let busy = room.settings().locale.pick("正在核对，请稍后再看", "another check is under way");
        let _turn = room.checking.try_acquire().map_err(|_| Fault::Form(busy))?;
        let report = asked(room.store().verify_audit()).await?;
        show(&room, &Asked::default(), Some(&report)).await
    };
    done.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// Whoever sees some units only does not read the whole office's record.
fn whole_office(room: &Visit) -> Result<(), Fault> {
    if room.within().is_empty() { Ok(()) } else { Err(Fault::Forbidden) }
}

async fn show(room: &Visit, asked_for: &Asked, report: Option<&AuditReport>) -> Result<Response, Fault> {
    whole_office(room)?;
    let when = When::new(room.now(), &room.settings());
    let (look, wrong) = asked_for.look(&when);
    let found = asked(room.store().audit(look)).await?;
    let rows: Vec<Line> = found.rows.iter().map(|row| Line::of(row, &when)).collect();
    let kinds: Vec<String> = KINDS.map(str::to_owned).to_vec();
    let offered: Vec<Choice> = choices(&kinds, &asked_for.kind, |kind| match kind {
        Entry::ACT => when.locale.pick("只看人的操作", "acts of people").to_owned(),
        kind => words::entry(kind, when.locale).to_owned(),
    });
    let given = context! {
        rows => shown(&rows),
        filters => shown(asked_for),
        kinds => shown(&offered),
        wrong => wrong,
        narrowed => !asked_for.address(None).is_empty(),
        earlier => found.earlier.map(|before| asked_for.address(Some(before))),
        first => asked_for.address(None),
        is_first => asked_for.before.is_empty(),
        report => report.map(|report| verdict(report, when.locale)),
        is_whole => report.is_some_and(|report| report.broken.is_none()),
    };
    Ok(room.pages.render(room, "audit.html", given)?.into_response())
}

/// What the check showed, for a person who may have to answer for it.
fn verdict(report: &AuditReport, locale: Locale) -> String {
    let (rows, forgotten, head) = (report.rows, report.forgotten, &report.head);
    match (report.broken, locale) {
        (Some((number, what)), Locale::ZhCn) => {
            let what = if what == "content" { "内容被改动" } else { "与前一行接不上" };
            format!(
                "第 {number} 行{what}。此前 {} 行完好。请保留数据库文件，告诉主管部门。",
                rows.saturating_sub(1)
            )
        }
        (Some((number, what)), Locale::En) => {
            format!(
                "row {number} is broken ({what}); the {} rows before it are whole",
                rows.saturating_sub(1)
            )
        }
        (None, Locale::ZhCn) => {
            let forgotten = if forgotten == 0 {
                String::new()
            } else {
                format!("其中 {forgotten} 行的文字已按规定删除，")
            };
            format!(
                "记录完好：{rows} 行，{forgotten}末行校验值 {head}。把它抄在别处，以后可以证明没有人截短过记录。"
            )
        }
        (None, Locale::En) => {
            format!(
                "whole: {rows} rows ({forgotten} forgotten by rule), last hash {head}; written down elsewhere it proves that nothing was cut off"
            )
        }
    }
}
