//! The form by which a person puts a file (回执、照片、扫描件) to an incident. What becomes of it is the same as by the
//! API: it is kept by its SHA-256 and handed out to be saved, never shown here.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
};

use super::{Room, fault::Fault, form_data, view::clean};
use crate::{
    desk::{Input, LARGEST_FILE},
    locale::Locale,
    model::{Act, FileBody, IncidentId},
    store::Beside,
};

/// Characters of a person's name and of a file's at most.
const NAME: usize = 40;
const FILE_NAME: usize = 120;

pub(super) async fn attach(
    State(room): State<Room>,
    Path(id): Path<u64>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let put = async {
        let (act, file) = read(IncidentId(id), &headers, body, room.settings().locale)?;
        room.console.inbox.put_with(Input::Act(act), Some(Beside::File(file))).await?;
        Ok::<_, Fault>(())
    };
    match put.await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}?done=file")).into_response(),
        Err(fault) => fault.page(&room),
    }
}

fn read(
    incident: IncidentId,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    locale: Locale,
) -> Result<(Act, FileBody), Fault> {
    let too_large = || {
        Fault::Form(
            locale
                .pick("文件超过 20 MB，请压缩或拆开后再传", "the file is larger than 20 MB; make it smaller"),
        )
    };
    let body = body.map_err(|_| too_large())?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let unreadable = Fault::Form(locale.pick("文件没有传完整，请再传一次", "the file did not arrive whole"));
    let parts = form_data::parts(kind, &body).ok_or(unreadable)?;
    let by = parts.iter().find(|part| part.name == "by").and_then(|part| std::str::from_utf8(part.body).ok());
    let by: String = clean(by.unwrap_or_default()).chars().take(NAME).collect();
    if by.is_empty() {
        return Err(Fault::Form(locale.pick("请写姓名", "say who you are")));
    }
    let file = parts.iter().find(|part| part.name == "file").filter(|part| !part.body.is_empty());
    let Some(file) = file else {
        return Err(Fault::Form(
            locale.pick("请选择一个文件，空文件不收", "choose a file that is not empty"),
        ));
    };
    let size = u64::try_from(file.body.len()).unwrap_or(u64::MAX);
    if size > LARGEST_FILE {
        return Err(too_large());
    }
    let name: String = clean(file.file.as_deref().unwrap_or_default()).chars().take(FILE_NAME).collect();
    let unnamed = || locale.pick("未命名", "unnamed").to_owned();
    let name = Some(name).filter(|name| !name.is_empty()).unwrap_or_else(unnamed);
    let kept = FileBody::of(file.body.to_vec());
    Ok((Act::Attach { incident, name, size, sha256: kept.sha256.clone(), by }, kept))
}
