//! `POST /api/v1/acts`: any act of a named person, as the desk knows it ([`crate::model::Act`]); what the commands
//! use. The console's token as a bearer.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    console::{Room, fault},
    desk::Input,
    model::Act,
    store::{Beside, InboxError},
};

/// Characters of one text of an act at most.
const TEXT: usize = 20_000;

pub(in super::super) async fn take(
    State(room): State<Room>,
    headers: HeaderMap,
    wanted: Result<Json<Value>, JsonRejection>,
) -> Response {
    if let Some(refused) = super::refused(&room.settings(), &headers) {
        return refused;
    }
    let unreadable = |why: &str| fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", why);
    let Ok(Json(mut wanted)) = wanted else { return unreadable("send one act as JSON") };
    tidy(&mut wanted);
    let act: Act = match serde_json::from_value(wanted) {
        Ok(act) => act,
        Err(error) => return unreadable(&format!("this is no act: {error}")),
    };
    if matches!(act, Act::EditFile { .. }) {
        return unreadable("files are saved in the console, where their content is checked and kept");
    }
    if act.person().trim().is_empty() {
        return unreadable("say by whom");
    }
    put(&room, act, None).await
}

/// Puts an act to the desk, with what is kept when it is taken; an answer in JSON.
pub(in super::super) async fn put(room: &Room, act: Act, beside: Option<Beside>) -> Response {
    match room.console.inbox.put_with(Input::Act(act), beside).await {
        Ok(()) => Json(json!({ "done": true })).into_response(),
        Err(InboxError::Refused(why)) => fault::json(StatusCode::CONFLICT, "refused", &why.to_string()),
        Err(InboxError::Closed) => {
            fault::json(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the desk is stopping; send it again")
        }
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
