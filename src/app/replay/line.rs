//! The lines of a replay file: observations and events, as JSON Lines.

mod event;
mod fields;
mod post;

use jiff::Timestamp;
use serde_json::{Map, Value};

use self::{
    fields::{Fields, LATEST, counters, id, instant, published},
    post::Seen,
};
use super::wrong::{LineError, Wrong};
use crate::model::{Counters, Post, PostKey, SiteKind};

pub(super) use event::PostRef;
pub use event::{EventKind, EventLine};
pub(in crate::app) use post::Census;

/// The most that one line may hold.
pub(in crate::app) const LINE_BYTES: usize = 4 << 20;

/// One line.
#[derive(Debug, Clone)]
pub enum ReplayLine {
    /// A look at a post.
    Observation(Box<ObservationLine>),
    /// What a person did.
    Event(EventLine),
}

impl ReplayLine {
    /// Its instant. UTC.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Observation(line) => line.seen_at,
            Self::Event(line) => line.at,
        }
    }
}

/// A look at a post.
#[derive(Debug, Clone)]
pub struct ObservationLine {
    pub(in crate::app) seen_at: Timestamp,
    pub(in crate::app) site: String,
    pub(super) own_fetch: bool,
    fields: Fields,
    site_kind: Option<SiteKind>,
}

/// Reads JSON Lines in UTF-8; empty lines are skipped. All wrong lines are reported, not only the first.
///
/// # Errors
/// The lines that are not understood.
pub fn read_lines(bytes: &[u8]) -> Result<Vec<ReplayLine>, Vec<LineError>> {
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for (index, raw) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let read = utf8(raw).and_then(|raw| match raw.trim() {
            "" => Ok(None),
            raw => read_line(raw).map(Some),
        });
        match read {
            Ok(None) => {}
            Ok(Some(line)) => lines.push(line),
            Err(why) => errors.push(LineError { line: index + 1, why }),
        }
    }
    if errors.is_empty() { Ok(lines) } else { Err(errors) }
}

/// The text of a line.
pub(in crate::app) fn utf8(raw: &[u8]) -> Result<&str, Wrong> {
    std::str::from_utf8(raw).map_err(|_| Wrong::NotUtf8)
}

fn read_line(raw: &str) -> Result<ReplayLine, Wrong> {
    let object = object(raw)?;
    if is_event(&object) {
        return event::read(&object).map(ReplayLine::Event);
    }
    let fields = Fields::read(object)?;
    let seen_at = fields.seen_at.as_ref();
    let seen_at = seen_at.and_then(instant).ok_or_else(|| Wrong::of_time("seen_at", seen_at))?;
    let site_kind = fields.kind().transpose()?;
    observation(fields, seen_at, site_kind).map(ReplayLine::Observation)
}

fn object(raw: &str) -> Result<Map<String, Value>, Wrong> {
    if raw.len() > LINE_BYTES {
        return Err(Wrong::TooLong);
    }
    if raw.starts_with('[') || raw == "]" {
        return Err(Wrong::Array);
    }
    match serde_json::from_str(raw).map_err(|error| Wrong::of_json(raw, &error))? {
        Value::Object(object) => Ok(object),
        _ => Err(Wrong::NotObject),
    }
}

fn is_event(object: &Map<String, Value>) -> bool {
    object.get("event").is_some_and(|event| !event.is_null())
}

/// A look whose post can be told apart from every other.
fn observation(
    fields: Fields,
    seen_at: Timestamp,
    site_kind: Option<SiteKind>,
) -> Result<Box<ObservationLine>, Wrong> {
    let named = fields.site.clone().filter(|site| !site.is_empty());
    let of_link = || fields.url.as_deref().and_then(crate::text::registrable_domain);
    let site = named.or_else(of_link).ok_or(Wrong::Missing("site"))?;
    if id(&fields).is_none() {
        return Err(Wrong::Missing("id"));
    }
    let own_fetch = fields.own_fetch;
    Ok(Box::new(ObservationLine { seen_at, site, own_fetch, fields, site_kind }))
}

/// A post of a line where only its text and its relations are asked for, so that times may be missing.
#[derive(Debug, Clone)]
pub(in crate::app) struct PostLine {
    pub(in crate::app) look: Box<ObservationLine>,
    /// When it was seen, else published; `None` when the line tells neither. UTC.
    pub(in crate::app) at: Option<Timestamp>,
    /// What the line says that is not understood, and is left out.
    pub(in crate::app) left_out: Vec<Wrong>,
}

/// Reads a line of a replay file for its post; `None` for an event. A time or a kind of site that is not
/// understood is left out and named.
///
/// # Errors
/// What is wrong, when no post can be made of it.
pub(in crate::app) fn read_post(raw: &str) -> Result<Option<PostLine>, Wrong> {
    let object = object(raw)?;
    if is_event(&object) {
        return Ok(None);
    }
    let fields = Fields::read(object)?;
    let given = |value: &Option<Value>| {
        value
            .clone()
            .filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
    };
    let mut left_out = Vec::new();
    let seen_at = given(&fields.seen_at).and_then(|value| {
        let at = instant(&value);
        if at.is_none() {
            left_out.push(Wrong::of_time("seen_at", Some(&value)));
        }
        at
    });
    let site_kind = fields.kind().and_then(|kind| kind.map_err(|why| left_out.push(why)).ok());
    let at = seen_at.or_else(|| {
        let published = published(fields.published_at.as_ref(), Timestamp::MAX)?;
        // Without a time of sight "3天前" is no time.
        Some(published.at).filter(|at| at.as_second() < LATEST)
    });
    let look = observation(fields, at.unwrap_or(Timestamp::UNIX_EPOCH), site_kind)?;
    Ok(Some(PostLine { look, at, left_out }))
}

impl ObservationLine {
    pub(super) fn counters(&self) -> Counters {
        counters(&self.fields)
    }

    /// Site and id: equal ones are one post.
    pub(in crate::app) fn key(&self) -> PostKey {
        PostKey { site: self.site.clone(), id: id(&self.fields).unwrap_or_default() }
    }

    pub(in crate::app) fn is_repost(&self) -> bool {
        self.fields.repost_of.as_ref().is_some_and(|of| !of.is_null())
    }

    /// The post, read with what all lines together tell of its site.
    pub(in crate::app) fn post(&self, census: &Census) -> Post {
        let kind = self.site_kind.or_else(|| census.kind(&self.site)).unwrap_or(SiteKind::Forum);
        post::post(&self.fields, &self.site, kind, &Seen { at: self.seen_at, census }, 0)
    }
}
