//! A list taken in: lines, .csv or .xlsx, TrendRadar's `frequency_words.txt` as it is. What would change is shown first;
//! a text is then saved in the editor, a workbook by the button beside the preview, both by the same way as any edit.

use axum::{
    Form,
    body::Bytes,
    extract::{Multipart, Path, multipart::MultipartRejection, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use minijinja::context;
use serde::Deserialize;

use super::editor::open_to_change;
use crate::{
    config::{
        Fault as FileFault,
        edit::{Checked, difference::difference, text},
    },
    console::{
        editing::{self, Changes, Findings, MOST_TEXT, NOTE, Sheet, as_text},
        fault::Fault,
        files::{self, Content, Open, Saved, Wanted},
        pages::shown,
        view::{clean, short},
        visit::Visit,
    },
    keyword::{self, FileKind, List, write},
    locale::Locale,
};

/// Largest file that is taken in, in bytes: as large as any list that is read.
const MOST_BYTES: usize = 4 * 1_024 * 1_024;
/// Parts that the form has at most.
const PARTS: usize = 8;

/// The form as it came.
#[derive(Default)]
struct Upload {
    name: String,
    body: Bytes,
    append: bool,
}

pub(in super::super) async fn preview(
    room: Visit,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let done = async {
        let locale = room.settings().locale;
        let open = open_to_change(&room, &id).await?;
        let upload = read(form.map_err(|_| cut_off(locale))?, locale).await?;
        let name = upload.name.clone();
        let of = open.clone();
        let taken = files::blocking(move || taken_in(&of, &upload)).await?;
        let note: String = format!("{} {name}", locale.pick("导入", "imported")).chars().take(NOTE).collect();
        match taken {
            Taken::Text(text) if text.len() > MOST_TEXT => Err(too_large(locale)),
            Taken::Text(text) => show_text(&room, open, text, note, locale).await,
            Taken::Workbook(bytes) => show_workbook(&room, &open, bytes, note).await,
            Taken::Wrong(checked) => show_wrong(&room, &open, &name, &checked).await,
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

async fn read(mut parts: Multipart, locale: Locale) -> Result<Upload, Fault> {
    let mut upload = Upload::default();
    for _ in 0..PARTS {
        let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(locale),
            _ => cut_off(locale),
        };
        let Some(part) = parts.next_field().await.map_err(broken)? else {
            return match upload.body.is_empty() {
                true => Err(Fault::Form(locale.pick("请选择一个文件", "choose a file"))),
                false => Ok(upload),
            };
        };
        let (field, name) = (part.name().map(str::to_owned), part.file_name().map(str::to_owned));
        let body = part.bytes().await.map_err(broken)?;
        if body.len() > MOST_BYTES {
            return Err(too_large(locale));
        }
        match field.as_deref() {
            Some("mode") => upload.append = body.as_ref() == b"append",
            Some("file") => {
                // Some browsers send the whole path; only the name is shown, and its ending tells a .csv.
                let name = name.unwrap_or_default();
                let name = clean(name.rsplit(['/', '\\']).next().unwrap_or_default());
                upload.name = name.chars().take(80).collect();
                upload.body = body;
            }
            _ => {}
        }
    }
    Err(cut_off(locale))
}

fn too_large(locale: Locale) -> Fault {
    let zh = "名单太大，网页上导入不了；请把它放进 keywords 文件夹，在 yuqing.toml 里写上文件名";
    Fault::Form(
        locale.pick(zh, "the list is too large; put it into the folder keywords and name it in yuqing.toml"),
    )
}

fn cut_off(locale: Locale) -> Fault {
    Fault::Form(locale.pick("文件没有传完整，请再传一次", "the file did not arrive whole"))
}

/// What a list becomes in the file that it is taken into.
enum Taken {
    Text(String),
    Workbook(Vec<u8>),
    /// What is wrong with it.
    Wrong(Checked),
}

fn taken_in(open: &Open, upload: &Upload) -> Taken {
    let wrong = |fault: FileFault| Taken::Wrong(Checked { faults: vec![fault], warnings: Vec::new() });
    let path = std::path::Path::new(&upload.name);
    let read = keyword::kind_of(&upload.name, &upload.body).map_err(|fault| vec![fault]).and_then(|kind| {
        let list = keyword::parse("", &upload.name, &upload.body)?;
        Ok((kind, list))
    });
    let (kind, list) = match read {
        Ok(read) => read,
        Err(faults) => {
            let faults = faults.into_iter().map(|fault| FileFault::of_list(path, fault)).collect();
            return Taken::Wrong(Checked { faults, warnings: Vec::new() });
        }
    };
    let target = target_kind(open);
    match (target, kind) {
        (FileKind::Xlsx, FileKind::Xlsx) => Taken::Workbook(upload.body.to_vec()),
        (FileKind::Xlsx, _) => match write::xlsx(&list) {
            Ok(bytes) => Taken::Workbook(bytes),
            Err(error) => wrong(FileFault::of_file(path, error.to_string(), None)),
        },
        (FileKind::Csv, FileKind::Csv) => Taken::Text(text::read(&upload.body).0),
        (FileKind::Csv, _) => Taken::Text(text::plain(write::csv(&list).trim_start_matches('\u{feff}'))),
        (FileKind::Lines, _) => {
            let new = match kind {
                FileKind::Lines => text::read(&upload.body).0,
                FileKind::Csv | FileKind::Xlsx => write::lines(&list),
            };
            Taken::Text(if upload.append { appended(open, &new) } else { new })
        }
    }
}

/// What kind of file the office has there; a new one is as its name says.
fn target_kind(open: &Open) -> FileKind {
    if open.is_workbook() {
        return FileKind::Xlsx;
    }
    if open.file.name.to_lowercase().ends_with(".csv") { FileKind::Csv } else { FileKind::Lines }
}

/// The file's text with another below it. Where the file ends among its global filters, the words that follow are
/// words again.
fn appended(open: &Open, new: &str) -> String {
    let old = open.text.trim_end_matches('\n');
    if old.is_empty() {
        return new.to_owned();
    }
    let unit = files::units_of(&open.office, &open.file.name).into_iter().next().unwrap_or_default();
    let filters = keyword::parse(&unit, &open.file.name, open.text.as_bytes())
        .is_ok_and(|list: List| !list.filters.is_empty());
    let section = if filters { "[词组]\n\n" } else { "" };
    format!("{old}\n\n{section}{new}")
}

/// The editor with the new text in it, and what it would change.
async fn show_text(
    room: &Visit,
    open: Open,
    text: String,
    note: String,
    locale: Locale,
) -> Result<Response, Fault> {
    let changes = Changes::of(&difference(&open.text, &text));
    let words = locale.pick(
        "这是预览，还没有保存。看过下面的改动，写上姓名再保存。",
        "A preview; nothing is saved yet. Look at the changes below, say who you are and save.",
    );
    let sheet = Sheet::of(open).with(|sheet| {
        sheet.text = text;
        sheet.note = note;
        sheet.said = Some(("note", words.to_owned()));
        sheet.changes = Some(changes);
    });
    editing::show(room, sheet, StatusCode::OK).await
}

async fn show_workbook(room: &Visit, open: &Open, bytes: Vec<u8>, note: String) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let of = open.clone();
    let (bytes, changes, findings) = files::blocking(move || {
        let old = as_text(&of.file.name, of.bytes.as_deref().unwrap_or_default());
        let changes = Changes::of(&difference(&old, &as_text(&of.file.name, &bytes)));
        let checked = files::quick_check(&of.office, &of.file, &bytes);
        (bytes, changes, Findings::of(&checked, &of.file.name, locale))
    })
    .await?;
    show(room, open, Some((&bytes, note)), Some(&changes), &findings, StatusCode::OK)
}

async fn show_wrong(room: &Visit, open: &Open, name: &str, checked: &Checked) -> Result<Response, Fault> {
    let findings = Findings::of(checked, name, room.settings().locale);
    show(room, open, None, None, &findings, StatusCode::UNPROCESSABLE_ENTITY)
}

fn show(
    room: &Visit,
    open: &Open,
    bytes: Option<(&[u8], String)>,
    changes: Option<&Changes>,
    findings: &Findings,
    status: StatusCode,
) -> Result<Response, Fault> {
    let (content, note) = match bytes {
        Some((bytes, note)) => (Some(BASE64_URL_SAFE_NO_PAD.encode(bytes)), note),
        None => (None, String::new()),
    };
    let given = context! {
        id => open.file.id.clone(),
        name => clean(&open.file.name),
        base => open.version.clone(),
        content,
        note,
        changes => shown(&changes),
        findings => shown(findings),
    };
    Ok((status, room.pages.render(room, "import.html", given)?).into_response())
}

/// The fields beside a workbook's preview.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    base: String,
    by: String,
    note: String,
    content: String,
}

/// A previewed workbook takes the file's place.
pub(in super::super) async fn save(
    room: Visit,
    Path(id): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let done = async {
        let locale = room.settings().locale;
        let Form(fields) = form.map_err(|_| too_large(locale))?;
        let open = open_to_change(&room, &id).await?;
        let by = room.signed(&fields.by).map_err(Fault::Form)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(fields.content.trim()).map_err(|_| cut_off(locale))?;
        if bytes.len() > MOST_BYTES || !bytes.starts_with(b"PK") || target_kind(&open) != FileKind::Xlsx {
            return Err(cut_off(locale));
        }
        let (base, note) = (fields.base.clone(), short(&fields.note, NOTE));
        let wanted = Wanted { base, content: Content::Bytes(bytes), by, note, of_unit: None };
        let done = |word| Ok(editing::done(&editing::address(&open.file), word));
        match files::save(&room, &id, &wanted).await? {
            Saved::Same => done("same"),
            Saved::Done { .. } => done("saved"),
            Saved::Wrong { checked, .. } => {
                let findings = Findings::of(&checked, &open.file.name, locale);
                show(&room, &open, None, None, &findings, StatusCode::UNPROCESSABLE_ENTITY)
            }
            Saved::Conflict { .. } => {
                let zh = "预览以后文件又被改过，没有保存；请重新导入，看过改动再决定";
                Err(Fault::File(
                    locale.pick(zh, "the file was changed since the preview; import it anew").into(),
                ))
            }
            Saved::NotWritten(why) => Err(Fault::File(why)),
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}
