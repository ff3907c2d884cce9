//! The fields of a post in a replay file, as other tools write them: numbers or words, times with or without a zone.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};

use super::super::wrong::{Wanted, Wrong};
use crate::{
    model::{Count, Counters, Precision, Published, SiteKind},
    text::{canonical_link, parse_count, parse_date},
};

/// A greater number is no counter; the same bound as for numbers that are read from pages.
const GREATEST_COUNT: u64 = 10_000_000_000_000;
/// Nothing that is watched was published before 1990-01-01 UTC; 0 is how many tools write "unknown".
const EARLIEST: i64 = 631_152_000;
/// Nothing that is watched was published after 2200-01-01 UTC.
pub(super) const LATEST: i64 = 7_258_118_400;
/// The fields of a post as written. Unknown ones are ignored: other tools add theirs.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) site: Option<String>,
    pub(super) site_kind: Option<String>,
    pub(super) id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
    pub(super) quoted: Option<String>,
    pub(super) published_at: Option<Value>,
    pub(super) views: Option<Value>,
    pub(super) reposts: Option<Value>,
    pub(super) comments: Option<Value>,
    pub(super) likes: Option<Value>,
    pub(super) repost_of: Option<Value>,
    pub(super) seen_at: Option<Value>,
    pub(super) own_fetch: bool,
}

impl Fields {
    pub(super) fn read(mut object: Map<String, Value>) -> Result<Self, Wrong> {
        let mut take = |name: &str| object.remove(name).filter(|value| !value.is_null());
        let mut text = |name: &'static str| {
            let Some(value) = take(name) else { return Ok(None) };
            // A number is taken as it is written.
            plain(&value).map(Some).ok_or_else(|| Wrong::of_type(name, Wanted::Text, &value))
        };
        Ok(Self {
            site: text("site")?,
            site_kind: text("site_kind")?,
            id: text("id")?,
            url: text("url")?,
            title: text("title")?,
            text: text("text")?,
            quoted: text("quoted")?,
            published_at: take("published_at"),
            views: take("views"),
            reposts: take("reposts"),
            comments: take("comments"),
            likes: take("likes"),
            repost_of: take("repost_of"),
            seen_at: take("seen_at"),
            own_fetch: match take("own_fetch") {
                None => false,
                Some(Value::Bool(own)) => own,
                Some(other) => return Err(Wrong::of_type("own_fetch", Wanted::Bool, &other)),
            },
        })
    }

    /// The kind of its site, when it is written down.
    pub(super) fn kind(&self) -> Option<Result<SiteKind, Wrong>> {
        self.site_kind.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(kind)
    }
}

pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn kind(name: &str) -> Result<SiteKind, Wrong> {
    serde_json::from_value(Value::String(name.to_lowercase())).map_err(|_| Wrong::SiteKind(name.to_owned()))
}

/// The site's own id of a post, else its canonical link.
pub(super) fn id(fields: &Fields) -> Option<String> {
    let own = fields.id.clone().filter(|id| !id.is_empty());
    own.or_else(|| fields.url.as_deref().and_then(canonical_link))
}

/// An instant: RFC 3339, the same without an offset (+08:00 then), or epoch seconds or milliseconds.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => epoch(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            let digits = text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            if digits {
                return epoch(text.parse().ok()?);
            }
            text.parse().ok().or_else(|| {
                let local: civil::DateTime = text.replace(' ', "T").parse().ok()?;
                Some(local.to_zoned(beijing()).ok()?.timestamp())
            })
        }
        _ => None,
    }
}

/// Epoch seconds, or milliseconds when seconds would lie beyond the year 5000; to the millisecond.
fn epoch(number: f64) -> Option<Timestamp> {
    let milliseconds = if number.abs() > 100_000_000_000.0 { number } else { number * 1_000.0 };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and what is out of range is refused"
    )]
    let milliseconds = milliseconds.round() as i64;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// A number without a fraction; 12.0 is 12.
pub(super) fn whole(number: &serde_json::Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64().filter(|f| f.fract() == 0.0 && (0.0..9e15).contains(f))?;
        format!("{float:.0}").parse().ok()
    })
}

fn beijing() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

pub(super) fn count(value: Option<&Value>) -> Option<Count> {
    match value? {
        // What no counter ever showed is unknown, as it is where sites are read (SEMANTICS 9).
        Value::Number(number) => whole(number).filter(|&count| count <= GREATEST_COUNT).map(Count::exact),
        Value::String(text) => parse_count(text),
        _ => None,
    }
}

pub(super) fn counters(fields: &Fields) -> Counters {
    Counters {
        views: count(fields.views.as_ref()),
        reposts: count(fields.reposts.as_ref()),
        comments: count(fields.comments.as_ref()),
        likes: count(fields.likes.as_ref()),
    }
}

pub(super) fn published(value: Option<&Value>, seen_at: Timestamp) -> Option<Published> {
    let value = value?;
    let date_only =
        value.as_str().is_some_and(|text| text.trim().parse::<civil::Date>().is_ok() && text.len() <= 10);
    if let Some(at) = instant(value).filter(|_| !date_only) {
        return (at.as_second() >= EARLIEST).then_some(Published { at, precision: Precision::Second });
    }
    parse_date(value.as_str()?, seen_at, &beijing())
}
