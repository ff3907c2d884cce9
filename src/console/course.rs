//! The forms of a case's course (批办, 审定, 催办…).

use axum::{
    Form,
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{Timestamp, civil};
use serde::Deserialize;

use super::{
    fault::Fault,
    view::{clean, short},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::{Act, IncidentId},
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
            Act::Complete { incident, duty, by, text: short(&fields.text, TEXT) }
        }
        "note" => Act::Note { incident, by, text: text()? },
        "reopen" => Act::Reopen { incident, by, reason: reason()? },
        "take_plan" => Act::TakePlan { incident, by, reason: reason()? },
        "undo" => Act::Undo { incident, by },
        _ => return Err(Fault::Form(locale.pick("没有这个操作", "there is no such act"))),
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
    let text = short(text, most);
    if text.is_empty() { Err(Fault::Form(missing)) } else { Ok(text) }
}
