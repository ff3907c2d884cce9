//! A keyword file handed out: as it is, or written anew as lines, .csv or .xlsx.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse as _, Response},
};

use super::editor;
use crate::{
    console::{
        exports::{XLSX, offered},
        fault::Fault,
        files,
        visit::Visit,
    },
    keyword::{self, FileKind, LineFault, List, write},
};

/// What an export holds, its ending and its type.
type Export = (Vec<u8>, &'static str, &'static str);

const TEXT: &str = "text/plain; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// `GET /keywords/file/{id}/export/{form}`: `raw`, `txt`, `csv` or `xlsx`.
pub(in super::super) async fn export(room: Visit, Path((id, form)): Path<(String, String)>) -> Response {
    let done = async {
        let open = editor::open(&room, &id).await?;
        let name = open.file.name.clone();
        let bytes = open.bytes.ok_or(Fault::Nowhere)?;
        let stem = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let (content, ending, kind) = files::blocking(move || exported(&name, bytes, &form)).await??;
        let file = match ending {
            "" => stem,
            ending => format!("{}.{ending}", stem.rsplit_once('.').map_or(stem.as_str(), |(stem, _)| stem)),
        };
        let plain = file.rsplit_once('.').map_or("txt", |(_, ending)| ending);
        let offered =
            offered(&file, &format!("keywords.{}", plain.replace(|c: char| !c.is_ascii_alphanumeric(), "")));
        let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, offered)];
        Ok::<_, Fault>((headers, content).into_response())
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

fn exported(name: &str, bytes: Vec<u8>, form: &str) -> Result<Export, Fault> {
    let is_lines = matches!(keyword::kind_of(name, &bytes), Ok(FileKind::Lines));
    match form {
        "raw" => Ok((bytes, "", BYTES)),
        "txt" if is_lines => Ok((bytes, "txt", BYTES)),
        "txt" => Ok((write::lines(&read(name, &bytes)?).into_bytes(), "txt", TEXT)),
        "csv" => Ok((write::csv(&read(name, &bytes)?).into_bytes(), "csv", CSV)),
        "xlsx" => {
            let written = write::xlsx(&read(name, &bytes)?);
            Ok((written.map_err(|error| Fault::File(error.to_string()))?, "xlsx", XLSX))
        }
        _ => Err(Fault::Nowhere),
    }
}

fn read(name: &str, bytes: &[u8]) -> Result<List, Fault> {
    keyword::parse("", name, bytes).map_err(|faults| Fault::File(first(&faults)))
}

/// The first fault in words, with its place and its mend.
pub(super) fn first(faults: &[LineFault]) -> String {
    let Some(fault) = faults.first() else { return String::new() };
    let place = Some(fault.place()).filter(|place| !place.is_empty()).map(|place| place + "：");
    format!("{}{}。{}", place.unwrap_or_default(), fault.message, fault.hint)
}
