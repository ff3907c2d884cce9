//! `POST /api/v1/incidents/{id}/kind`: a named person says what kind an incident is. The console's token as
//! a bearer.

use axum::{
    Json,
    extract::{Path, rejection::JsonRejection},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use crate::{
    console::{fault, view::clean, visit::Visit},
    model::{Act, IncidentId, Kind},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    kind: Kind,
    #[serde(default)]
    by: String,
    reason: String,
}

pub(in super::super) async fn set(
    room: Visit,
    Path(id): Path<u64>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    let Ok(Json(Wanted { kind, by, reason })) = wanted else {
        let words = "send kind (inquiry, demand, suggestion, fabrication or hostile), by and reason as JSON";
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", words);
    };
    let (by, reason) = (clean(&room.signs(&by)), clean(&reason));
    if by.is_empty() || reason.is_empty() {
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", "say by whom and why");
    }
    let act = Act::SetKind { incident: IncidentId(id), kind, by, reason };
    super::acts::put(&room, act, None).await
}
