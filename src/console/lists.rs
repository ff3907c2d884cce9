//! Deliveries (投递).

use axum::response::{IntoResponse as _, Response};
use minijinja::context;

use super::{asked, fault::Fault, pages::shown, view::When, visit::Visit};

const MOST: usize = 500;

pub(super) async fn notices(room: Visit) -> Response {
    show_notices(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show_notices(room: &Visit) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let mut rows = asked(room.store().notices(MOST)).await?;
    rows.retain(|row| room.sees_notice(&row.notice));
    let notices: Vec<_> = rows.iter().map(|row| when.notice(&row.notice, row.attempts)).collect();
    Ok(room.pages.render(room, "notices.html", context! { notices => shown(&notices) })?.into_response())
}
