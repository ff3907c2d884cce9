//! `POST /api/v1/incidents/{id}/kind`: a named person says what kind an incident is. The console's token as
//! a bearer.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    console::{Room, fault, view::clean},
    desk::Input,
    model::{Act, IncidentId, Kind},
    store::InboxError,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    kind: Kind,
    by: String,
    reason: String,
}

pub(in super::super) async fn set(
    State(room): State<Room>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    if let Some(refused) = super::refused(&room.settings(), &headers) {
        return refused;
    }
    let Ok(Json(Wanted { kind, by, reason })) = wanted else {
        let words = "send kind (inquiry, demand, suggestion, fabrication or hostile), by and reason as JSON";
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", words);
    };
    let (by, reason) = (clean(&by), clean(&reason));
    if by.is_empty() || reason.is_empty() {
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", "say by whom and why");
    }
    let act = Act::SetKind { incident: IncidentId(id), kind, by, reason };
    match room.console.inbox.put(Input::Act(act)).await {
        Ok(()) => Json(json!({ "done": true })).into_response(),
        Err(InboxError::Refused(why)) => fault::json(StatusCode::CONFLICT, "refused", &why.to_string()),
        Err(InboxError::Closed) => {
            fault::json(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the desk is stopping; send it again")
        }
    }
}
