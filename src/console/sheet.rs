//! How a table is handed to a browser; what stands in one is `report/sheet`.

use super::visit::Visit;

pub(super) use crate::report::sheet::{Cell, Formats, local, put, put_head};

/// The kind of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How a file is offered: a name in Chinese with the day, and a plain one for old browsers.
pub(super) fn named(room: &Visit, (zh, en): (&str, &str), extension: &str) -> String {
    let day = room.now().to_zoned(room.settings().zone.clone()).strftime("%Y%m%d").to_string();
    let name: String =
        url::form_urlencoded::byte_serialize(format!("{zh}-{day}.{extension}").as_bytes()).collect();
    format!("attachment; filename=\"{en}-{day}.{extension}\"; filename*=UTF-8''{name}")
}
