//! The history of a file: every version with who saved it, what changed, and the way back.

use axum::{
    Form,
    extract::{OriginalUri, Path},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{Changes, Findings, Sheet, as_text};
use crate::{
    config::{
        edit::{difference::difference, text},
        secret,
    },
    console::{
        asked,
        fault::Fault,
        files::{self, Content, Open, Saved, Wanted},
        pages::shown,
        view::{When, clean},
        visit::Visit,
    },
    model::FileVersionLine,
};

#[derive(Serialize)]
struct VersionLine {
    number: u64,
    at: String,
    /// Who; empty when it was found.
    by: String,
    note: String,
    size: u64,
    /// Whether it stands on disk now.
    now: bool,
    /// Whether it is the first that is known.
    first: bool,
}

pub(in super::super) async fn page(
    room: Visit,
    OriginalUri(at): OriginalUri,
    Path(id): Path<String>,
) -> Response {
    let page = async {
        let open = super::open_at(&room, &id, &at).await?;
        let versions = files::history(&room, &open.file).await?;
        let when = When::new(room.now(), &room.settings());
        let mut current = true;
        let lines: Vec<VersionLine> = versions
            .iter()
            .enumerate()
            .map(|(at, version)| {
                let now = current && version.sha256 == open.version;
                current &= !now;
                line(version, &when, now, at + 1 == versions.len())
            })
            .collect();
        let given = context! {
            address => super::address(&open.file),
            here => super::page::here(open.file.kind),
            name => clean(&open.file.name),
            versions => shown(&lines),
        };
        Ok::<_, Fault>(room.pages.render(&room, "history.html", given)?.into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&room))
}

fn line(version: &FileVersionLine, when: &When, now: bool, first: bool) -> VersionLine {
    VersionLine {
        number: version.number,
        at: when.time(version.at),
        by: clean(&version.by),
        note: clean(&version.note),
        size: version.size,
        now,
        first,
    }
}

/// One version: what it changed, and what would change if it came back.
pub(in super::super) async fn version(
    room: Visit,
    OriginalUri(at): OriginalUri,
    Path((id, number)): Path<(String, u64)>,
) -> Response {
    let page = async {
        let open = super::open_at(&room, &id, &at).await?;
        let versions = files::history(&room, &open.file).await?;
        let at = versions.iter().position(|version| version.number == number).ok_or(Fault::Nowhere)?;
        let version = versions.get(at).ok_or(Fault::Nowhere)?;
        let content = content(&room, &open, &version.sha256).await?;
        let before = match versions.get(at + 1) {
            Some(before) => self::content(&room, &open, &before.sha256).await?,
            None => Vec::new(),
        };
        let (name, now) = (open.file.name.clone(), open.bytes.clone().unwrap_or_default());
        let may_change = super::may_change(&room, &open);
        let is_toml = open.is_toml();
        let (changed, back) = files::blocking(move || {
            let shown = |bytes: &Vec<u8>| {
                let text = as_text(&name, bytes);
                // Whoever may not change it needs no secret that somebody wrote into it.
                if may_change || !is_toml { text } else { secret::hidden(&text) }
            };
            let [content, before, now] = [&content, &before, &now].map(shown);
            (Changes::of(&difference(&before, &content)), Changes::of(&difference(&now, &content)))
        })
        .await?;
        let when = When::new(room.now(), &room.settings());
        let is_now = version.sha256 == open.version;
        let given = context! {
            address => super::address(&open.file),
            here => super::page::here(open.file.kind),
            name => clean(&open.file.name),
            may_change,
            base => open.version.clone(),
            version => shown(&line(version, &when, is_now, at + 1 == versions.len())),
            changes => shown(&changed),
            back => shown(&back),
        };
        Ok::<_, Fault>(room.pages.render(&room, "version.html", given)?.into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&room))
}

async fn content(room: &Visit, open: &Open, sha256: &str) -> Result<Vec<u8>, Fault> {
    asked(room.store().file_version(&open.file.name, sha256)).await?.ok_or(Fault::Nowhere)
}

/// The fields of the way back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    number: String,
    base: String,
    by: String,
}

/// An older version is saved as a new one, through the same check.
pub(in super::super) async fn undo(
    room: Visit,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let done = async {
        let locale = room.settings().locale;
        let open = super::open_at(&room, &id, &uri).await?;
        let versions = files::history(&room, &open.file).await?;
        let wanted = fields.number.trim().parse::<u64>().ok();
        let version = versions.iter().find(|version| Some(version.number) == wanted).ok_or(Fault::Nowhere)?;
        let by = room.signed(&fields.by).map_err(Fault::Form)?;
        let when = When::new(room.now(), &room.settings());
        let note =
            format!("{} {}", locale.pick("恢复为这一版：", "put back the version of"), when.time(version.at));
        let content = content(&room, &open, &version.sha256).await?;
        // The very bytes: a version comes back in the encoding that it had.
        let (base, content) = (fields.base.clone(), Content::Bytes(content));
        let wanted = Wanted { base, content, by, note, of_unit: None };
        after_undo(&room, open, files::save(&room, &id, &wanted).await?, wanted).await
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

async fn after_undo(room: &Visit, open: Open, saved: Saved, wanted: Wanted) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let done = |word| Ok(super::done(&super::address(&open.file), word));
    match saved {
        Saved::Same => done("same"),
        Saved::Done { .. } => done("undone"),
        Saved::NotWritten(why) => Err(Fault::File(why)),
        Saved::Conflict { .. } => {
            let zh = "你打开这一页以后文件又被改过，没有恢复；请回到历史看看再决定";
            Err(Fault::File(
                locale.pick(zh, "the file was changed since you opened the page; look again").into(),
            ))
        }
        // Plan or contacts may have changed since: the old text opens in the editor with what is wrong now.
        Saved::Wrong { checked, base, .. } => {
            let Content::Bytes(bytes) = &wanted.content else { return Err(Fault::Nowhere) };
            if bytes.starts_with(b"PK") {
                let first = checked.faults.first().map(ToString::to_string);
                return Err(Fault::File(first.unwrap_or_default()));
            }
            let text = text::read(bytes).0;
            let findings = Findings::of(&checked, &open.file.name, locale);
            let words =
                locale.pick("没有恢复：这一版现在有下面几处不对。", "Not put back: see what is wrong now.");
            let sheet = Sheet::of(open).with(|sheet| {
                sheet.text = text;
                sheet.base = base;
                sheet.by = wanted.by;
                sheet.note = wanted.note;
                sheet.said = Some(("bad", words.to_owned()));
                sheet.findings = Some(findings);
            });
            super::show(room, sheet, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
