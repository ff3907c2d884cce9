//! `POST /api/v1/incidents/{id}/files?name=…&by=…`: a file that belongs to an incident, as the body. The console's
//! token as a bearer.

use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use crate::{
    console::{fault, view::clean, visit::Visit},
    desk::LARGEST_FILE,
    model::{Act, FileBody, IncidentId},
    store::Beside,
};

#[derive(Debug, Deserialize)]
pub(in super::super) struct Asked {
    name: String,
    #[serde(default)]
    by: String,
}

pub(in super::super) async fn attach(
    room: Visit,
    Path(id): Path<u64>,
    Query(asked): Query<Asked>,
    body: Bytes,
) -> Response {
    let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let (name, by) = (clean(&asked.name), clean(&room.signs(&asked.by)));
    if name.is_empty() || by.is_empty() || size == 0 || size > LARGEST_FILE {
        let words = "send name and by, and 1 byte to 20 MB as the body";
        return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", words);
    }
    let file = FileBody::of(body.to_vec());
    let act = Act::Attach { incident: IncidentId(id), name, size, sha256: file.sha256.clone(), by };
    super::acts::put(&room, act, Some(Beside::File(file))).await
}

/// `GET /incidents/{id}/files/{sha256}`: the content of a file of this incident, to be saved, never shown here.
pub(in super::super) async fn fetch(room: Visit, Path((id, sha256)): Path<(u64, String)>) -> Response {
    let missing = || StatusCode::NOT_FOUND.into_response();
    let Ok(view) = room.incident(IncidentId(id)).await else { return missing() };
    if !view.incident.course.files.iter().any(|file| file.sha256 == sha256) {
        return missing();
    }
    match room.store().file(&sha256).await {
        Ok(Some(body)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (header::CONTENT_DISPOSITION, "attachment"),
            ];
            (headers, body).into_response()
        }
        _ => missing(),
    }
}
