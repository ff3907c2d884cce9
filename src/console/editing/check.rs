//! What is wrong with a file, as the editor shows it: on the page and, while somebody types, as JSON.

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use crate::{
    config::{
        Fault, Warning,
        edit::{Checked, text},
    },
    console::{fault, files, view::clean, visit::Visit},
    locale::Locale,
};

use super::MOST_TEXT;

/// Findings that are shown.
const MOST: usize = 200;

/// Something that is said of a line.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Finding {
    /// Line from 1; 0 for the whole file.
    line: usize,
    /// Column from 1, in characters.
    column: usize,
    /// Characters that it spans.
    width: usize,
    /// Where, in words.
    place: String,
    /// The line as it was read.
    text: String,
    message: String,
    hint: String,
}

/// What the check said.
#[derive(Debug, Clone, Default, Serialize)]
pub(in super::super) struct Findings {
    ok: bool,
    faults: Vec<Finding>,
    warnings: Vec<Finding>,
    /// Findings that are not shown.
    more: usize,
}

impl Findings {
    pub fn of(checked: &Checked, name: &str, locale: Locale) -> Self {
        let all = checked.faults.len() + checked.warnings.len();
        let faults: Vec<Finding> =
            checked.faults.iter().take(MOST).map(|fault| finding(fault, name, locale)).collect();
        let left = MOST.saturating_sub(faults.len());
        let warnings: Vec<Finding> =
            checked.warnings.iter().take(left).map(|Warning(fault)| finding(fault, name, locale)).collect();
        let more = all.saturating_sub(faults.len() + warnings.len());
        Self { ok: checked.faults.is_empty(), faults, warnings, more }
    }
}

/// A fault as one sentence beside a form, which has no lines: what the field is called, what is wrong, how it is mended.
pub(super) fn sentence(
    fault: &Fault,
    name: &str,
    called: impl Fn(&str) -> Option<&'static str>,
    locale: Locale,
) -> String {
    let shown = finding(fault, name, locale);
    let key = fault.source.split('=').next().unwrap_or_default().trim();
    let field = match called(key).filter(|_| shown.line > 0) {
        Some(field) => format!("{field}{}", locale.pick("：", ": ")),
        None if shown.line > 0 => String::new(),
        None => format!("{}{}", shown.place, locale.pick("：", ": ")),
    };
    // A form has no lines to add; it has a field of that key.
    let lacks = shown.hint.strip_prefix("加一行 ").and_then(|rest| called(rest.split('=').next()?.trim()));
    let mend = match lacks {
        Some(lacks) => format!("填写“{lacks}”"),
        None => shown.hint,
    };
    let mend = match mend.as_str() {
        "" => mend,
        _ => format!("{}{mend}", locale.pick("。改法：", ". Mend: ")),
    };
    format!("{field}{}{mend}", shown.message)
}

fn finding(fault: &Fault, name: &str, locale: Locale) -> Finding {
    let own = fault.file.ends_with(name);
    let line = if own { fault.line } else { 0 };
    let place = match (&fault.cell, line) {
        // The same file of another office's folder is named in full.
        _ if !own => fault.file.file_name().map(|name| name.to_string_lossy().into_owned()),
        (Some(cell), _) => Some(cell.to_string()),
        (None, 0) => Some(locale.pick("整个文件", "the whole file").to_owned()),
        (None, line) => Some(match locale {
            Locale::ZhCn => format!("第 {line} 行"),
            Locale::En => format!("line {line}"),
        }),
    };
    Finding {
        line,
        column: fault.column,
        width: fault.width,
        place: clean(&place.unwrap_or_default()),
        text: clean(&fault.source),
        message: clean(&fault.message),
        hint: clean(fault.hint.as_deref().unwrap_or_default()),
    }
}

/// `POST …/check` of a file's pages: the text as the body, the findings as JSON.
pub(in super::super) async fn check(
    room: Visit,
    OriginalUri(at): OriginalUri,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let too_large = || fault::json(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the text is too large");
    if body.len() > MOST_TEXT {
        return too_large();
    }
    let open = match super::open_at(&room, &id, &at).await {
        Ok(open) => open,
        Err(error) => return fault::json(StatusCode::NOT_FOUND, "not_found", &error.to_string()),
    };
    // A check may look at what a text refers to, such as a credential.
    if !super::may_change(&room, &open) {
        return fault::json(StatusCode::FORBIDDEN, "forbidden", "not yours to change");
    }
    let locale = room.settings().locale;
    let checked = files::blocking(move || {
        let content = text::written(&String::from_utf8_lossy(&body), open.form);
        let checked = files::quick_check(&open.office, &open.file, &content);
        Findings::of(&checked, &open.file.name, locale)
    });
    match checked.await {
        Ok(findings) => Json(findings).into_response(),
        Err(error) => fault::json(StatusCode::INTERNAL_SERVER_ERROR, "internal", &error.to_string()),
    }
}
