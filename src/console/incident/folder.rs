//! The case folder (案卷) of an incident, to be taken as one zip.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use futures_util::stream;
use url::form_urlencoded::byte_serialize;

use crate::{
    console::{asked, fault::Fault, papers::texts, view::When, visit::Visit},
    model::IncidentId,
    report::folder::{FolderRows, folder, name},
};

/// Places among the exports that one folder takes: it is made in memory, so there are two at a time.
const PLACES: u32 = 2;
/// Bytes that are sent at a time.
const PIECE: usize = 256 << 10;

pub(in super::super) async fn zip(room: Visit, Path(id): Path<u64>) -> Response {
    offered(&room, IncidentId(id)).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn offered(room: &Visit, id: IncidentId) -> Result<Response, Fault> {
    let view = room.incident(id).await?;
    if view.incident.id != id {
        let survivor = view.incident.id;
        return Ok(Redirect::to(&format!("/incidents/{survivor}/folder.zip")).into_response());
    }
    let when = When::new(room.now(), &room.settings());
    let busy = when.locale.pick("另有几份导出正在进行，请稍后再试", "too many exports at a time; try later");
    let turn = Arc::clone(&room.exports).try_acquire_many_owned(PLACES).map_err(|_| Fault::Form(busy))?;
    let store = room.store();
    let rows = asked(Box::pin(FolderRows::read(store.as_ref(), view, &when))).await?;
    let (texts, by) = (texts(room), room.person.name.clone());
    let name: String = byte_serialize(name(&rows.view, &when).as_bytes()).collect();
    let making = tokio::task::spawn_blocking(move || folder(&rows, &texts, &by, &when));
    // The answer begins at once, so that no bound on handlers cuts a large case off; its place is kept until all is sent.
    let whole = stream::try_unfold((Some(making), Bytes::new(), turn), async |(making, mut left, turn)| {
        if let Some(making) = making {
            let made = making.await.map_err(std::io::Error::other)?.map_err(|error| {
                tracing::error!(%error, "the case folder could not be made");
                std::io::Error::other(error)
            })?;
            left = Bytes::from(made.bytes);
        }
        if left.is_empty() {
            return Ok::<_, std::io::Error>(None);
        }
        let piece = left.split_to(left.len().min(PIECE));
        Ok(Some((piece, (None, left, turn))))
    });
    let offered =
        format!("attachment; filename=\"case-{id}.zip\"; filename*=UTF-8''{}", name.replace('+', "%20"));
    let headers =
        [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, offered)];
    Ok((headers, Body::from_stream(whole)).into_response())
}
