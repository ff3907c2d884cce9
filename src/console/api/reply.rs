//! `POST /api/v1/sms/reply`: the gateway hands over what a subscriber answered. A code of six digits from
//! the number that it was sent to confirms the notice (SEMANTICS 24).
//!
//! Gateways differ: the secret comes as a bearer token or as `secret` in the address, the answer as JSON
//! or as a form, under the usual names.

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::{
    console::{Room, fault, login},
    desk::Input,
    model::{AckHow, Act, ChannelKind},
    store::{Asked, InboxError},
};

/// A code confirms so long after it was last sent. Longer than a link holds, which leads to a login afterwards: who can
/// only answer a text message has none.
const CODE_HOLDS: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Deserialize)]
pub(in super::super) struct Presented {
    #[serde(default)]
    pub(super) secret: String,
}

#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(alias = "mobile", alias = "from", alias = "tel")]
    phone: String,
    #[serde(alias = "content", alias = "message", alias = "msg")]
    text: String,
}

pub(in super::super) async fn reply(
    State(room): State<Room>,
    Query(presented): Query<Presented>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let settings = room.settings();
    let Some(secret) = &settings.reply_secret else {
        return fault::json(StatusCode::NOT_FOUND, "switched_off", "no reply secret is configured");
    };
    let given = login::bearer(&headers).unwrap_or(&presented.secret);
    if !login::same_secret(secret, given) {
        return fault::json(StatusCode::UNAUTHORIZED, "unauthorized", "present the reply secret");
    }
    let Some(reply) = read(&body) else {
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", "send `phone` and `text`");
    };
    let phone = digits(&reply.phone);
    if room.door.is_shut(&phone, room.now()) {
        return fault::json(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many",
            "too many wrong codes from this number",
        );
    }
    match confirm(&room, &phone, &reply.text).await {
        Ok(Some(asked)) => {
            room.door.right(&phone);
            Json(json!({ "confirmed": true, "incident": asked.incident, "contact": asked.contact }))
                .into_response()
        }
        // The gateway did its part, so it gets a 200; what was said was no code of ours.
        Ok(None) => {
            room.door.wrong(&phone, room.now());
            Json(json!({ "confirmed": false, "why": "no waiting notice has this code" })).into_response()
        }
        Err(response) => response,
    }
}

fn read(body: &[u8]) -> Option<Reply> {
    if let Ok(reply) = serde_json::from_slice(body) {
        return Some(reply);
    }
    let mut reply = Reply { phone: String::new(), text: String::new() };
    for (name, value) in url::form_urlencoded::parse(body) {
        match name.as_ref() {
            "phone" | "mobile" | "from" | "tel" => reply.phone = value.into_owned(),
            "text" | "content" | "message" | "msg" => reply.text = value.into_owned(),
            _ => {}
        }
    }
    (!reply.phone.is_empty() && !reply.text.is_empty()).then_some(reply)
}

/// The last eleven digits: `+86 138…` and `138…` are one number.
fn digits(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    digits.iter().skip(digits.len().saturating_sub(11)).collect()
}

/// Finds what this code confirms among all that this number was asked, however much others were told since, and
/// confirms it.
async fn confirm(room: &Room, phone: &str, text: &str) -> Result<Option<Asked>, Response> {
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an SMS reply could not be recorded");
        fault::json(StatusCode::SERVICE_UNAVAILABLE, "not_recorded", "hand it over again later")
    };
    if phone.is_empty() {
        return Ok(None);
    }
    let settings = room.settings();
    let since = room.now().saturating_sub(CODE_HOLDS).unwrap_or(Timestamp::MIN);
    let asked =
        room.store().asked(ChannelKind::Sms, phone, since).await.map_err(|error| unavailable(&error))?;
    let found = asked
        .into_iter()
        .filter(|asked| digits(&asked.address) == phone)
        .find(|asked| settings.confirm_key.is_code(text, asked.incident, asked.rank, &asked.contact));
    let Some(asked) = found else { return Ok(None) };
    let act = Act::Acknowledge {
        incident: asked.incident,
        contact: asked.contact.clone(),
        rank: Some(asked.rank),
        how: AckHow::Reply,
        recorded_by: None,
        at: None,
    };
    match room.console.inbox.put(Input::Act(act)).await {
        Ok(()) => Ok(Some(asked)),
        Err(InboxError::Refused(why)) => Err(fault::json(StatusCode::CONFLICT, "refused", &why.to_string())),
        Err(error @ InboxError::Closed) => Err(unavailable(&error)),
    }
}
