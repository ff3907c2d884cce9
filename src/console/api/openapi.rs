//! `GET /api/v1/openapi.json`: what programs may ask for, as an OpenAPI 3.1 document. It is written by hand beside the
//! handlers; a test holds it to the routes, to their needs and to the acts.

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};

/// The document.
const DOCUMENT: &str = include_str!("openapi.json");

pub(in super::super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
