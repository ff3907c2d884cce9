//! Times written for machines: epochs, RFC 3339, RFC 2822, and the line that Weibo's interfaces use.

use jiff::{
    Timestamp, civil,
    fmt::{rfc2822, strtime},
};

use super::{Seen, Span};
use crate::model::Precision;

const RFC_2822: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);

pub(super) fn read(text: &str, seen: &Seen<'_>) -> Option<Span> {
    let at = epoch(text)
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| RFC_2822.parse_timestamp(text).ok())
        .or_else(|| weibo(text, seen))?;
    let precision = if text.matches(':').count() == 1 { Precision::Minute } else { Precision::Second };
    Some(Span::instant(at, precision))
}

/// Seconds (9 or 10 digits, perhaps with a fraction) or milliseconds (12 or 13) since 1970.
fn epoch(text: &str) -> Option<Timestamp> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

/// `Mon Jun 14 15:00:57 +0800 2021`, and the same with a zone's letters, of which `CST` is read as the
/// source's own zone.
fn weibo(text: &str, seen: &Seen<'_>) -> Option<Timestamp> {
    if let Ok(parsed) = strtime::parse("%a %b %d %H:%M:%S %z %Y", text) {
        return parsed.to_timestamp().ok();
    }
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (line, letters) = match words.as_slice() {
        [day, month, date, time, year] => (format!("{day} {month} {date} {time} {year}"), ""),
        [day, month, date, time, letters, year] => (format!("{day} {month} {date} {time} {year}"), *letters),
        _ => return None,
    };
    let local: civil::DateTime = strtime::parse("%a %b %d %H:%M:%S %Y", line).ok()?.to_datetime().ok()?;
    match letters {
        "" | "CST" => seen.instant(local),
        "GMT" | "UTC" => local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        _ => None,
    }
}
