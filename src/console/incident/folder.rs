//! The case folder (案卷) of an incident, to be taken as one zip.

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use futures_util::stream;

use crate::{
    console::{asked, exports, fault::Fault, papers::texts, view::When, visit::Visit},
    model::{Act, IncidentId},
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
    let turn = exports::turn(room, PLACES)?;
    let store = room.store();
    // Noted before anything leaves the house; where nobody logs in, nobody has a name.
    let by = room.signs(when.locale.pick("未登录", "not logged in"));
    room.act(Act::ExportFolder { incident: id, by: by.clone() }, None).await?;
    let rows = asked(Box::pin(FolderRows::read(store.as_ref(), view, &when))).await?;
    let texts = texts(room);
    let offered = exports::offered(&name(&rows.view, &when), &format!("case-{id}.zip"));
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
    let headers =
        [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, offered)];
    Ok((headers, Body::from_stream(whole)).into_response())
}
