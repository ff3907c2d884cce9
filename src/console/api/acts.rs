//! `POST /api/v1/acts`: any act of a named person, as the desk knows it ([`crate::model::Act`]); what the commands
//! use. The console's token as a bearer.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    console::{fault, visit::Visit},
    model::Act,
    store::Beside,
};

/// Characters of one text of an act at most.
const TEXT: usize = 20_000;

pub(in super::super) async fn take(room: Visit, wanted: Result<Json<Value>, JsonRejection>) -> Response {
    let unreadable = |why: &str| fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", why);
    let Ok(Json(mut wanted)) = wanted else { return unreadable("send one act as JSON") };
    tidy(&mut wanted);
    let act: Act = match serde_json::from_value(wanted) {
        Ok(act) => act,
        Err(error) => return unreadable(&format!("this is no act: {error}")),
    };
    if matches!(
        act,
        Act::EditFile { .. }
            | Act::TestContact { .. }
            | Act::ExportFolder { .. }
            | Act::Access { .. }
            | Act::Paper { .. }
    ) {
        return unreadable("this is recorded by the console alone, which does what it tells of");
    }
    if room.signs(act.person()).trim().is_empty() {
        return unreadable("say by whom");
    }
    put(&room, act, None).await
}

/// Puts an act to the desk, with what is kept when it is taken; an answer in JSON.
pub(in super::super) async fn put(room: &Visit, act: Act, beside: Option<Beside>) -> Response {
    match room.act(act, beside).await {
        Ok(()) => Json(json!({ "done": true })).into_response(),
        Err(fault) => fault.answer(room, "/api/"),
    }
}

/// Takes control characters and marks that turn the direction out of every text, and bounds it; lines stay lines.
fn tidy(value: &mut Value) {
    match value {
        Value::String(text) => {
            let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let kept = text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns(*c)));
            let kept: String = kept.take(TEXT).collect();
            kept.trim().clone_into(text);
        }
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.values_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
