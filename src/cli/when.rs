//! Instants and ends as people write them on a command line.

use jiff::{SignedDuration, Timestamp, civil};

use super::WrongInput;
use crate::config::{Office, duration};

/// A local time of the office, such as `2026-11-22 08:00`.
pub(super) fn local(office: &Office, written: &str) -> Result<Timestamp, WrongInput> {
    let local = civil::DateTime::strptime("%Y-%m-%d %H:%M", written.trim()).ok();
    let at = local.and_then(|local| local.to_zoned(office.settings.time_zone.clone()).ok());
    at.map(|at| at.timestamp())
        .ok_or_else(|| WrongInput(format!("看不懂的时间 {written}，写成 \"2026-11-22 08:00\"")))
}

/// The end of something that begins at `from`: after a length such as `12h` or `3天`, or at a local time; `None` when
/// neither is written.
pub(super) fn end(
    office: &Office,
    length: Option<&str>,
    until: Option<&str>,
    from: Timestamp,
) -> Result<Option<Timestamp>, WrongInput> {
    if let Some(written) = length {
        let length: SignedDuration = duration::parse(written)
            .ok()
            .filter(|length| length.is_positive())
            .ok_or_else(|| WrongInput(format!("看不懂的时长 {written}，写成 12h 或 3天")))?;
        return Ok(from.checked_add(length).ok());
    }
    until.map(|written| local(office, written)).transpose()
}

/// An instant as the answers of commands show it: the office's local time with its day.
pub(super) fn shown(office: &Office, at: Timestamp) -> String {
    at.to_zoned(office.settings.time_zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}
