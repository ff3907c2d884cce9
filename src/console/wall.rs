//! 大屏: what home shows, for a wall: read from five metres, touched by nobody, left on for nights. The same facts,
//! gathered by [`super::home`]; only the layout differs.

use axum::{
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};

use super::{fault::Fault, home, visit::Visit};

pub(super) async fn page(room: Visit, headers: HeaderMap) -> Response {
    show(&room, &headers, "wall.html").await.unwrap_or_else(|fault| fault.page(&room))
}

/// The living part alone, which the script fetches when something changed.
pub(super) async fn live(room: Visit, headers: HeaderMap) -> Response {
    show(&room, &headers, "wall_live.html").await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, headers: &HeaderMap, template: &str) -> Result<Response, Fault> {
    let given = home::gather(room, headers).await?;
    Ok(room.pages.render(room, template, given)?.into_response())
}
