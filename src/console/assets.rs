//! The style sheet and the scripts, embedded: the console works without internet.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// What pages are drawn with, by name.
pub(super) const TEXTS: [(&str, &str); 11] = [
    ("console.css", include_str!("assets/console.css")),
    ("wall.css", include_str!("assets/wall.css")),
    ("console.js", include_str!("assets/console.js")),
    ("live.js", include_str!("assets/live.js")),
    ("alerts.js", include_str!("assets/alerts.js")),
    ("editor.css", include_str!("assets/editor.css")),
    ("editor.js", include_str!("assets/editor.js")),
    ("incidents.js", include_str!("assets/incidents.js")),
    ("sources.css", include_str!("assets/sources.css")),
    ("sources.js", include_str!("assets/sources.js")),
    ("mark.svg", include_str!("assets/mark.svg")),
];

pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let Some((_, body)) = TEXTS.iter().find(|(name, _)| *name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = match file.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    // A new version of the program must be seen at once; the files are small.
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], *body).into_response()
}
