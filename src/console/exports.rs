//! Files that a browser takes: how one is offered, and how many are made at a time.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use url::form_urlencoded::byte_serialize;

use super::{fault::Fault, visit::Visit};

/// The kind of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How a file is offered: its name, and one in ASCII for what knows no other (RFC 6266).
pub(super) fn offered(name: &str, plain: &str) -> String {
    let name = byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{name}")
}

/// The same for a file that is called by what it is and by the day.
pub(super) fn named(room: &Visit, (zh, en): (&str, &str), extension: &str) -> String {
    let day = room.now().to_zoned(room.settings().zone.clone()).strftime("%Y%m%d").to_string();
    offered(&format!("{zh}-{day}.{extension}"), &format!("{en}-{day}.{extension}"))
}

/// So many exports less may be made while this is held.
///
/// # Errors
/// Too many are being made.
pub(super) fn turn(room: &Visit, places: u32) -> Result<OwnedSemaphorePermit, Fault> {
    let (zh, en) = ("另有几份导出正在进行，请稍后再试", "too many exports at a time; try later");
    let busy = room.settings().locale.pick(zh, en);
    Arc::clone(&room.exports).try_acquire_many_owned(places).map_err(|_| Fault::Form(busy))
}
