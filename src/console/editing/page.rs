//! `/files/{id}`: the editor of the office's text files other than keyword lists, which have pages of their own.

use axum::{
    Form,
    extract::{Path, Query, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use minijinja::context;
use serde::Deserialize;

use super::{Ended, Sheet, Typed, too_large};
use crate::{
    config::edit::FileKind,
    console::{fault::Fault, visit::Visit},
};

/// The fields of the editor.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    text: String,
    base: String,
    by: String,
    note: String,
    /// What is wanted, by the button that was pressed.
    #[serde(rename = "do")]
    wish: String,
}

/// What was done before this page is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct After {
    pub done: String,
}

/// The entry of the navigation under which the pages of a kind of file stand.
pub(in super::super) const fn here(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Keywords => "keywords",
        FileKind::Sources => "sources",
        _ => "plan",
    }
}

pub(in super::super) async fn page(
    room: Visit,
    Path(id): Path<String>,
    Query(after): Query<After>,
) -> Response {
    let page = async {
        let open = super::open(&room, &id).await?;
        if open.file.kind == FileKind::Keywords {
            return Ok(Redirect::to(&super::address(&open.file)).into_response());
        }
        let locale = room.settings().locale;
        let sheet = Sheet::of(open).with(|sheet| sheet.after(&after.done, locale));
        show(&room, sheet, StatusCode::OK).await
    };
    page.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

pub(in super::super) async fn act(
    room: Visit,
    Path(id): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let done = async {
        let locale = room.settings().locale;
        let Form(fields) = form.map_err(|_| too_large(locale))?;
        let open = super::open(&room, &id).await?;
        if !super::may_change(&room, &open) {
            return Err(Fault::Forbidden);
        }
        let Fields { text, base, by, note, .. } = &fields;
        let mut sheet = Sheet::of(open);
        sheet.take(Typed { text, base, by: &room.signs(by), note }, locale)?;
        if fields.wish != "save" {
            return super::show(&room, sheet, StatusCode::OK).await;
        }
        match sheet.save(&room).await? {
            Ended::Done(word) => Ok(super::done(&super::address(&sheet.open.file), word)),
            Ended::Stays(status) => super::show(&room, sheet, status).await,
        }
    };
    done.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// The page of a file that is no keyword list.
pub(super) async fn show(room: &Visit, mut sheet: Sheet, status: StatusCode) -> Result<Response, Fault> {
    let given = sheet.given(room).await?;
    let kind = sheet.open.file.kind;
    let (zh, en) = match kind {
        FileKind::Contacts => ("联系人：一张 [[contact]] 一位", "Contacts: a [[contact]] each"),
        FileKind::Rota => ("值班表与换班", "Duty rota and swaps"),
        FileKind::Holidays => ("放假与调休", "Holidays and days worked for them"),
        FileKind::SensitiveDates => ("敏感日期：一行一个", "Sensitive dates, one a line"),
        FileKind::Plan => {
            ("预案：标有“本单位可改”的可以改", "The plan; what is marked 本单位可改 is yours to change")
        }
        FileKind::Sources => ("信源", "Sources"),
        FileKind::Settings => ("系统设置；密钥只写引用", "Settings; secrets by reference only"),
        FileKind::Keywords => ("一行一个词", "One word a line"),
    };
    let given = context! {
        about => room.settings().locale.pick(zh, en),
        is_plan => kind == FileKind::Plan,
        back => if kind == FileKind::Sources { "/sources" } else { "/plan" },
        ..given
    };
    Ok((status, room.pages.render(room, "file.html", given)?).into_response())
}
