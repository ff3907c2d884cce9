//! 大屏: what home shows, for a wall: read from five metres, touched by nobody, left on for nights. The same facts,
//! gathered by [`super::home`]; only the layout differs.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};

use super::{Room, fault::Fault, home};

pub(super) async fn page(State(room): State<Room>, headers: HeaderMap) -> Response {
    show(&room, &headers, "wall.html").await.unwrap_or_else(|fault| fault.page(&room))
}

/// The living part alone, which the script fetches when something changed.
pub(super) async fn live(State(room): State<Room>, headers: HeaderMap) -> Response {
    show(&room, &headers, "wall_live.html").await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Room, headers: &HeaderMap, template: &str) -> Result<Response, Fault> {
    let given = home::gather(room, headers).await?;
    Ok(room.pages.render(room, template, given)?.into_response())
}
