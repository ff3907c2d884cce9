//! The form by which a person puts a file (回执、照片、扫描件) to an incident. What becomes of it is the same as by the
//! API: it is kept by its SHA-256 and handed out to be saved, never shown here.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{
        Multipart, Path,
        multipart::{MultipartError, MultipartRejection},
    },
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{
    fault::Fault,
    view::short,
    visit::{NAME, Visit},
};
use crate::{
    desk::LARGEST_FILE,
    locale::Locale,
    model::{Act, FileBody, IncidentId},
    store::Beside,
};

/// Characters of a person's name and of a file's at most.
const FILE_NAME: usize = 120;
/// Parts that a form of ours has, at most.
const PARTS: usize = 24;

/// A form as it came.
#[derive(Default)]
pub(super) struct Given {
    /// Its fields; of a name that comes twice the last.
    pub fields: HashMap<String, String>,
    /// The file's own name, and what it holds.
    pub file: Option<(String, Bytes)>,
}

impl Given {
    /// Whose form it is.
    pub fn sign(&mut self, by: &str) {
        self.fields.insert("by".to_owned(), by.to_owned());
    }
}

pub(super) async fn attach(
    room: Visit,
    Path(id): Path<u64>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let put = async {
        let locale = room.settings().locale;
        let mut form = read_parts(form.map_err(|_| cut_off(locale))?, locale).await?;
        form.sign(&room.signs(&form.text("by")));
        let (act, file) = wanted(IncidentId(id), form, locale)?;
        room.act(act, Some(Beside::File(file))).await
    };
    match put.await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}?done=file")).into_response(),
        Err(fault) => fault.page(&room),
    }
}

/// Takes the parts in, as far as the route's bound on the whole body lets them come.
pub(super) async fn read_parts(mut parts: Multipart, locale: Locale) -> Result<Given, Fault> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(locale),
        _ => cut_off(locale),
    };
    let mut form = Given::default();
    for _ in 0..PARTS {
        let Some(part) = parts.next_field().await.map_err(broken)? else { return Ok(form) };
        let (field, name) = (part.name().map(str::to_owned), part.file_name().map(str::to_owned));
        let body = part.bytes().await.map_err(broken)?;
        match field {
            Some(field) if field == "file" => form.file = Some((name.unwrap_or_default(), body)),
            Some(field) => drop(form.fields.insert(field, String::from_utf8_lossy(&body).into_owned())),
            None => {}
        }
    }
    Err(cut_off(locale))
}

fn wanted(incident: IncidentId, form: Given, locale: Locale) -> Result<(Act, FileBody), Fault> {
    let by = form.fields.get("by").map_or_else(String::new, |by| short(by, NAME));
    if by.is_empty() {
        return Err(Fault::Form(locale.pick("请写姓名", "say who you are")));
    }
    let Some(file) = form.file.filter(|(_, body)| !body.is_empty()) else {
        return Err(Fault::Form(
            locale.pick("请选择一个文件，空文件不收", "choose a file that is not empty"),
        ));
    };
    let (name, size, body) = kept(&file, locale)?;
    Ok((Act::Attach { incident, name, size, sha256: body.sha256.clone(), by }, body))
}

/// A file as it is kept: its name, its size, its content with the hash.
pub(super) fn kept((path, body): &(String, Bytes), locale: Locale) -> Result<(String, u64, FileBody), Fault> {
    let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if size > LARGEST_FILE {
        return Err(too_large(locale));
    }
    // Some browsers send the whole path.
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // What browsers do not write as it is (HTML, "multipart/form-data encoding algorithm").
    let name = name.replace("%22", "\"").replace("%0D", " ").replace("%0A", " ");
    let name = short(&name, FILE_NAME);
    let unnamed = || locale.pick("未命名", "unnamed").to_owned();
    let name = Some(name).filter(|name| !name.is_empty()).unwrap_or_else(unnamed);
    Ok((name, size, FileBody::of(body.to_vec())))
}

fn too_large(locale: Locale) -> Fault {
    let zh = "文件超过 20 MB，请压缩或拆开后再传";
    Fault::Form(locale.pick(zh, "the file is larger than 20 MB; make it smaller"))
}

pub(super) fn cut_off(locale: Locale) -> Fault {
    Fault::Form(locale.pick("文件没有传完整，请再传一次", "the file did not arrive whole"))
}
