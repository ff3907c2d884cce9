//! `POST /api/v1/posts`: another program hands over posts, as a JSON array or JSON Lines, under its own
//! bearer token. Answered after the commit, so that a 200 may be relied upon.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::console::{PushError, Room, Settings, fault, login};

pub(in super::super) async fn posts(
    State(room): State<Room>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let settings = room.settings();
    let Some(name) = program(&settings, &headers) else {
        return fault::json(StatusCode::UNAUTHORIZED, "unauthorized", "present a push token as a bearer");
    };
    let Some(push) = &room.console.push else {
        return fault::json(StatusCode::NOT_FOUND, "no_push_source", "no push source is configured");
    };
    let body = match body {
        Ok(body) => body,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return fault::json(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "send at most 16 MiB at once");
        }
        Err(_) => return fault::json(StatusCode::BAD_REQUEST, "broken_off", "the body ended too early"),
    };
    match push.accept(name, &body).await {
        Ok(pushed) => Json(json!({ "accepted": pushed })).into_response(),
        Err(error) => {
            let (status, code) = match error {
                PushError::Unreadable(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unreadable"),
                PushError::UnknownSource(_) => (StatusCode::NOT_FOUND, "no_push_source"),
                PushError::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            };
            fault::json(status, code, &error.to_string())
        }
    }
}

/// Which program presented its token. Every token is compared, so that time tells nothing.
fn program<'a>(settings: &'a Settings, headers: &HeaderMap) -> Option<&'a str> {
    let given = login::bearer(headers)?;
    let mut found = None;
    for (name, token) in &settings.push_tokens {
        if login::same_secret(token, given) {
            found = Some(name.as_str());
        }
    }
    found
}
