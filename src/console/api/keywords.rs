//! `POST /api/v1/keywords/test`: tries the rules in force on texts and says why each matched or did not, in
//! the very structure of `yuqing keywords test --json`. The console's token as a bearer.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    console::{fault, visit::Visit},
    keyword::Answer,
};

/// Most texts of one request.
const MOST_TEXTS: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    text: Option<String>,
    texts: Option<Vec<String>>,
    unit: Option<String>,
}

/// `{text}` is answered with one object, `{texts}` with `{"answers": […]}` in their order; `unit` leaves one
/// unit's rules only.
pub(in super::super) async fn test(room: Visit, wanted: Result<Json<Wanted>, JsonRejection>) -> Response {
    let settings = room.settings();
    let Wanted { text, texts, unit } = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => return too_large(),
        Err(_) => {
            return unreadable(
                "send text or texts, and unit when only one unit's rules are to be tried, as JSON",
            );
        }
    };
    let (texts, one) = match (text, texts) {
        (Some(text), None) => (vec![text], true),
        (None, Some(texts)) if texts.len() <= MOST_TEXTS => (texts, false),
        (None, Some(_)) => return too_large(),
        _ => return unreadable("send either text or texts"),
    };
    let Ok(unit) = room.held_to(unit) else {
        return fault::json(StatusCode::NOT_FOUND, "no_such_unit", "there is no such unit");
    };
    let matcher = settings.keywords.matcher.clone();
    let tried = tokio::task::spawn_blocking(move || {
        texts.iter().map(|text| Answer::of(&matcher, text, unit.as_deref())).collect::<Vec<_>>()
    });
    match tried.await {
        Ok(answers) if one => Json(answers.into_iter().next()).into_response(),
        Ok(answers) => Json(json!({ "answers": answers })).into_response(),
        Err(error) => {
            tracing::error!(%error, "trying the rules panicked");
            fault::json(StatusCode::INTERNAL_SERVER_ERROR, "internal", "an internal error")
        }
    }
}

fn unreadable(words: &str) -> Response {
    fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", words)
}

fn too_large() -> Response {
    fault::json(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "send at most 1 MiB and 1,000 texts at once")
}
