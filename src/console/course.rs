//! The forms of a case's course (批办, 审定, 催办…), and the form by which somebody enters what came by telephone or
//! on paper.

use axum::{
    Form,
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{Timestamp, civil};
use serde::Deserialize;

use super::{asked, fault::Fault, view::clean, visit::Visit};
use crate::{
    locale::Locale,
    model::{Act, HandEntry, IncidentId},
};

/// Characters of a name and of a text at most.
const NAME: usize = 40;
const TEXT: usize = 5_000;

/// The fields of all these forms; each has those that it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    act: String,
    by: String,
    text: String,
    reason: String,
    state: String,
    contact: String,
    helping: String,
    number: String,
    duty: String,
    id: String,
    unit: String,
    gist: String,
    source: String,
    tier: String,
    url: String,
    views: String,
    reposts: String,
    at: String,
    missed: String,
}

/// One act on the course of a case.
pub(super) async fn act(room: Visit, Path(id): Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let put = async {
        let act = read(IncidentId(id), &fields, room.settings().locale)?;
        room.act(act, None).await
    };
    match put.await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}?done=course")).into_response(),
        Err(fault) => fault.page(&room),
    }
}

fn read(incident: IncidentId, fields: &Fields, locale: Locale) -> Result<Act, Fault> {
    let by = need(&fields.by, NAME, locale.pick("请写姓名", "say who you are"))?;
    let reason = || need(&fields.reason, TEXT, locale.pick("请写理由", "give a reason"));
    let text = || need(&fields.text, TEXT, locale.pick("请写内容", "say what"));
    let contact = || need(&fields.contact, NAME, locale.pick("请写主办人", "say who leads"));
    let number = fields.number.trim().parse().ok();
    Ok(match fields.act.as_str() {
        "state" => {
            let state = need(&fields.state, NAME, locale.pick("请选择状态", "choose a state"))?;
            Act::SetState { incident, state, by, reason: clean(&fields.reason) }
        }
        "assign" => {
            let names = fields.helping.split(['、', '，', ',', ' ']).map(clean);
            let helping = names.filter(|name| !name.is_empty()).take(20).collect();
            Act::Assign { incident, lead: contact()?, helping, instruction: text()?, by }
        }
        "hand_over" => Act::HandOver { incident, to: contact()?, by, reason: reason()? },
        "urge" => Act::Urge { incident, by, text: clean(&fields.text) },
        "submit" => Act::SubmitText { incident, text: text()?, by },
        "approve" => Act::ApproveText { incident, number, by },
        "reject" => Act::RejectText { incident, number, by, reason: reason()? },
        "complete" => {
            let duty = need(&fields.duty, NAME, locale.pick("请选择事项", "choose what was done"))?;
            Act::Complete { incident, duty, by, text: clean(&fields.text).chars().take(TEXT).collect() }
        }
        "note" => Act::Note { incident, by, text: text()? },
        "reopen" => Act::Reopen { incident, by, reason: reason()? },
        "take_plan" => Act::TakePlan { incident, by, reason: reason()? },
        "undo" => Act::Undo { incident, by },
        _ => return Err(Fault::Form(locale.pick("没有这个操作", "there is no such act"))),
    })
}

/// 人工录入.
pub(super) async fn enter(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let put = async {
        let settings = room.settings();
        let entry = entry(&fields, settings.locale, &settings.zone)?;
        let key = entry.key();
        room.act(Act::Enter { entry: Box::new(entry) }, None).await?;
        Ok::<_, Fault>(asked(room.store().incidents_of_post(&key)).await?.into_iter().next())
    };
    match put.await {
        Ok(Some(id)) => Redirect::to(&format!("/incidents/{id}?done=entered")).into_response(),
        Ok(None) => Redirect::to("/incidents").into_response(),
        Err(fault) => fault.page(&room),
    }
}

fn entry(fields: &Fields, locale: Locale, zone: &jiff::tz::TimeZone) -> Result<HandEntry, Fault> {
    let count = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text
            .parse::<u64>()
            .map(Some)
            .map_err(|_| Fault::Form(locale.pick("数字写成 12000", "write numbers as 12000"))),
    };
    let given = |text: &str| Some(clean(text)).filter(|text| !text.is_empty());
    Ok(HandEntry {
        id: need(&fields.id, NAME, locale.pick("请重新打开页面", "open the page again"))?,
        unit: need(&fields.unit, TEXT, locale.pick("请选择单位", "choose a unit"))?,
        gist: need(&fields.gist, 200, locale.pick("请写概要", "say what it is about"))?,
        text: clean(&fields.text).chars().take(TEXT).collect(),
        source: given(&fields.source).unwrap_or_else(|| locale.pick("电话", "telephone").to_owned()),
        tier: given(&fields.tier),
        url: given(&fields.url),
        views: count(&fields.views)?,
        reposts: count(&fields.reposts)?,
        comments: None,
        happened_at: local_time(&fields.at, zone, locale)?,
        by: need(&fields.by, NAME, locale.pick("请写录入人", "say who enters it"))?,
        missed: clean(&fields.missed),
        drill: false,
    })
}

/// A local time as browsers send it, `2026-11-21T08:30`; nothing when the field was left empty.
pub(super) fn local_time(
    text: &str,
    zone: &jiff::tz::TimeZone,
    locale: Locale,
) -> Result<Option<Timestamp>, Fault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = text.trim().parse::<civil::DateTime>().ok().and_then(|at| at.to_zoned(zone.clone()).ok());
    let wrong = Fault::Form(locale.pick("看不懂的时间", "the time cannot be read"));
    at.map(|at| Some(at.timestamp())).ok_or(wrong)
}

fn need(text: &str, most: usize, missing: &'static str) -> Result<String, Fault> {
    let text: String = clean(text).chars().take(most).collect();
    if text.is_empty() { Err(Fault::Form(missing)) } else { Ok(text) }
}
