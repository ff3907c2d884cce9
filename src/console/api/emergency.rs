//! `POST /api/v1/emergency`: switches a unit's emergency mode; what `yuqing emergency` uses. The console's
//! token as a bearer.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::{
    console::{Room, fault, view::clean},
    desk::Input,
    model::Act,
    store::InboxError,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    unit: String,
    on: bool,
    until: Option<Timestamp>,
    by: String,
    reason: String,
}

pub(in super::super) async fn switch(
    State(room): State<Room>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    if let Some(refused) = super::refused(&room.settings(), &headers) {
        return refused;
    }
    let Ok(Json(Wanted { unit, on, until, by, reason })) = wanted else {
        return fault::json(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unreadable",
            "send unit, on, by, reason as JSON",
        );
    };
    let (by, reason) = (clean(&by), clean(&reason));
    if by.is_empty() || reason.is_empty() {
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", "say by whom and why");
    }
    let act = Act::Emergency { unit, on, until: until.filter(|_| on), by, reason };
    match room.console.inbox.put(Input::Act(act)).await {
        Ok(()) => Json(json!({ "done": true })).into_response(),
        Err(InboxError::Refused(why)) => fault::json(StatusCode::CONFLICT, "refused", &why.to_string()),
        Err(InboxError::Closed) => {
            fault::json(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the desk is stopping; send it again")
        }
    }
}
