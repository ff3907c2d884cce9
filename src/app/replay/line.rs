//! The lines of a replay file: observations and events, as JSON Lines.

use std::collections::{HashMap, HashSet};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::wrong::{LineError, Wanted, Wrong};
use crate::{
    model::{Count, Counters, Embedded, Post, PostKey, Precision, Published, RepostOf, SiteKind},
    text::{canonical_link, links_in, parse_count, parse_date},
};

/// The most that one line may hold.
pub(in crate::app) const LINE_BYTES: usize = 4 << 20;
/// A greater number is no counter; the same bound as for numbers that are read from pages.
const GREATEST_COUNT: u64 = 10_000_000_000_000;
/// Nothing that is watched was published before 1990-01-01 UTC; 0 is how many tools write "unknown".
const EARLIEST: i64 = 631_152_000;
/// Nothing that is watched was published after 2200-01-01 UTC.
const LATEST: i64 = 7_258_118_400;
/// Originals inside originals that are followed.
const CHAIN: u32 = 8;

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

/// The fields of a post as written. Unknown ones are ignored: other tools add theirs.
#[derive(Debug, Clone, Default)]
struct Fields {
    site: Option<String>,
    site_kind: Option<String>,
    id: Option<String>,
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
    quoted: Option<String>,
    published_at: Option<Value>,
    views: Option<Value>,
    reposts: Option<Value>,
    comments: Option<Value>,
    likes: Option<Value>,
    repost_of: Option<Value>,
    seen_at: Option<Value>,
    own_fetch: bool,
}

impl Fields {
    fn read(mut object: Map<String, Value>) -> Result<Self, Wrong> {
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
    fn kind(&self) -> Option<Result<SiteKind, Wrong>> {
        self.site_kind.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(kind)
    }
}

/// What a person did.
#[derive(Debug, Clone)]
pub struct EventLine {
    pub(super) at: Timestamp,
    pub(super) event: EventKind,
    pub(super) incidents: Vec<IncidentRef>,
    /// Posts of each field that names some, by every way to read it: the likeliest first.
    pub(super) posts: Vec<Vec<Vec<PostRef>>>,
    pub(super) by: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) reason: Option<String>,
    /// What was done (`complete`), or of what kind it is (`kind`).
    pub(super) what: Option<String>,
}

/// The acts that a line can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Confirms.
    Ack,
    /// Registers the public answer.
    Respond,
    /// Sets the tier.
    Override,
    /// Merges two incidents: `incident` and `post`, or two of either in a list.
    Merge,
    /// A post starts an incident of its own.
    Split,
    /// Closes.
    Close,
    /// Registers that a limit of the plan's own was kept: `limit` is its id or name.
    Complete,
    /// Says what kind of content it is: `kind`.
    Kind,
}

/// An incident by number or by one of its posts. What may be either is tried as a number first.
#[derive(Debug, Clone)]
pub(super) struct IncidentRef {
    pub(super) number: Option<u64>,
    pub(super) post: Option<PostRef>,
}

impl IncidentRef {
    fn read(value: &Value) -> Self {
        let number = match value {
            Value::Number(number) => whole(number),
            Value::String(text) => text.trim().trim_start_matches('#').parse().ok(),
            _ => None,
        };
        Self { number, post: PostRef::read(value) }
    }
}

/// A post by `site/id`, `[site, id]`, `{site, id}`, its id alone, or its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PostRef {
    pub(super) site: Option<String>,
    pub(super) id: String,
}

impl PostRef {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Array(parts) => match parts.as_slice() {
                [site, id] => Some(Self { site: plain(site), id: plain(id)? }),
                _ => None,
            },
            Value::Object(fields) => {
                let id = ["id", "url"].iter().find_map(|name| fields.get(*name).and_then(plain))?;
                Some(Self {
                    site: fields.get("site").and_then(plain).filter(|_| fields.contains_key("id")),
                    id,
                })
            }
            value => Some(Self { site: None, id: plain(value)? }),
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
        return read_event(&object).map(ReplayLine::Event);
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

fn kind(name: &str) -> Result<SiteKind, Wrong> {
    serde_json::from_value(Value::String(name.to_lowercase())).map_err(|_| Wrong::SiteKind(name.to_owned()))
}

/// The site's own id of a post, else its canonical link.
fn id(fields: &Fields) -> Option<String> {
    let own = fields.id.clone().filter(|id| !id.is_empty());
    own.or_else(|| fields.url.as_deref().and_then(canonical_link))
}

fn read_event(value: &Map<String, Value>) -> Result<EventLine, Wrong> {
    let at = value.get("at").or_else(|| value.get("seen_at"));
    let event = value.get("event").cloned().unwrap_or_default();
    let named_event = || plain(&event).unwrap_or_else(|| event.to_string());
    let event = serde_json::from_value(event.clone()).map_err(|_| Wrong::Event(named_event()))?;
    let named = |keys: &[&str]| -> Vec<Value> {
        let values = keys.iter().filter_map(|key| value.get(*key)).filter(|value| !value.is_null());
        values.cloned().collect()
    };
    let incidents = named(&["incident", "incidents", "other", "into"])
        .iter()
        .flat_map(|named| named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]))
        .map(|one| IncidentRef::read(&one))
        .collect();
    let posts = named(&["post", "posts"]).iter().map(posts_in).collect();
    let text = |key: &str| value.get(key).and_then(plain);
    Ok(EventLine {
        at: at.and_then(instant).ok_or_else(|| Wrong::of_time("at", at))?,
        event,
        incidents,
        posts,
        by: text("by"),
        tier: text("tier"),
        reason: text("reason"),
        what: text("limit").or_else(|| text("kind")),
    })
}

/// One post, or a list of posts. `["a", "b"]` can be the post `b` of the site `a`, or two posts.
fn posts_in(value: &Value) -> Vec<Vec<PostRef>> {
    let one: Vec<PostRef> = PostRef::read(value).into_iter().collect();
    let several: Vec<PostRef> = value.as_array().into_iter().flatten().filter_map(PostRef::read).collect();
    [one, several].into_iter().filter(|posts| !posts.is_empty()).collect()
}

/// An instant: RFC 3339, the same without an offset (+08:00 then), or epoch seconds or milliseconds.
fn instant(value: &Value) -> Option<Timestamp> {
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
fn whole(number: &serde_json::Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let float = number.as_f64().filter(|f| f.fract() == 0.0 && (0.0..9e15).contains(f))?;
        format!("{float:.0}").parse().ok()
    })
}

fn beijing() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

fn count(value: Option<&Value>) -> Option<Count> {
    match value? {
        // What no counter ever showed is unknown, as it is where sites are read (SEMANTICS 9).
        Value::Number(number) => whole(number).filter(|&count| count <= GREATEST_COUNT).map(Count::exact),
        Value::String(text) => parse_count(text),
        _ => None,
    }
}

fn counters(fields: &Fields) -> Counters {
    Counters {
        views: count(fields.views.as_ref()),
        reposts: count(fields.reposts.as_ref()),
        comments: count(fields.comments.as_ref()),
        likes: count(fields.likes.as_ref()),
    }
}

fn published(value: Option<&Value>, seen_at: Timestamp) -> Option<Published> {
    let value = value?;
    let date_only =
        value.as_str().is_some_and(|text| text.trim().parse::<civil::Date>().is_ok() && text.len() <= 10);
    if let Some(at) = instant(value).filter(|_| !date_only) {
        return (at.as_second() >= EARLIEST).then_some(Published { at, precision: Precision::Second });
    }
    parse_date(value.as_str()?, seen_at, &beijing())
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
        post(&self.fields, &self.site, kind, &Seen { at: self.seen_at, census }, 0)
    }
}

/// What all lines together tell of sites and posts.
#[derive(Debug, Default)]
pub(in crate::app) struct Census {
    kinds: HashMap<String, SiteKind>,
    posts: HashSet<PostKey>,
}

impl Census {
    pub(super) fn of(lines: &[ReplayLine]) -> Self {
        let mut census = Self::default();
        for line in lines {
            let ReplayLine::Observation(line) = line else { continue };
            census.enter(line);
        }
        census
    }

    /// Takes one line more.
    pub(in crate::app) fn enter(&mut self, line: &ObservationLine) {
        self.posts.insert(line.key());
        if let Some(kind) = line.site_kind {
            self.kinds.entry(line.site.clone()).or_insert(kind);
        }
    }

    fn kind(&self, site: &str) -> Option<SiteKind> {
        self.kinds.get(site).copied()
    }

    /// The post that `site/id`, or an id on `site`, stands for. An id may hold a slash itself.
    fn named(&self, text: &str, site: &str) -> PostKey {
        let key = PostKey { site: site.to_owned(), id: text.to_owned() };
        match text.split_once('/') {
            Some((site, id)) if !site.is_empty() && !id.is_empty() && !self.posts.contains(&key) => {
                PostKey { site: site.to_owned(), id: id.to_owned() }
            }
            _ => key,
        }
    }
}

/// When a post was seen, and what is known beside it.
struct Seen<'a> {
    at: Timestamp,
    census: &'a Census,
}

fn post(fields: &Fields, site: &str, site_kind: SiteKind, seen: &Seen<'_>, depth: u32) -> Post {
    let text = fields.text.clone().unwrap_or_default();
    let url = fields.url.clone().unwrap_or_default();
    let key = PostKey { site: site.to_owned(), id: id(fields).unwrap_or_default() };
    let of = fields.repost_of.as_ref().and_then(|of| repost_of(of, site, site_kind, seen, depth));
    // A post that names itself as its original is an original.
    let repost_of = of.filter(|of| of.key.as_ref() != Some(&key));
    let embedded = repost_of.as_ref().and_then(|of| of.embedded.as_deref());
    let quoted = fields.quoted.clone().filter(|quoted| !quoted.is_empty());
    Post {
        key,
        site_kind,
        title: fields.title.clone().unwrap_or_default(),
        quoted: quoted.or_else(|| embedded.map(|original| quotation(&original.post))).unwrap_or_default(),
        published: published(fields.published_at.as_ref(), seen.at),
        repost_of,
        links: links_in(&text),
        url,
        text,
    }
}

/// What a repost shows of its original, and of that one's.
fn quotation(original: &Post) -> String {
    let own = original.own_text();
    if original.quoted.is_empty() { own } else { format!("{own}\n{}", original.quoted) }
}

/// What a post reposts: the original's id on the same site, `site/id`, its link, or the original itself.
fn repost_of(
    value: &Value,
    site: &str,
    site_kind: SiteKind,
    seen: &Seen<'_>,
    depth: u32,
) -> Option<RepostOf> {
    let named = |key: PostKey| RepostOf { key: Some(key), url: None, embedded: None };
    match value {
        Value::Object(object) if depth < CHAIN => {
            let fields = Fields::read(object.clone()).ok()?;
            let url = fields.url.clone().filter(|url| !url.is_empty());
            let other = fields.site.clone().filter(|other| !other.is_empty() && other != site);
            let kind_there = match &other {
                Some(other) => seen.census.kind(other).unwrap_or(site_kind),
                None => site_kind,
            };
            let site_kind =
                fields.site_kind.as_deref().and_then(|name| kind(name).ok()).unwrap_or(kind_there);
            if fields.id.as_ref().is_none_or(String::is_empty) && !has_body(&fields) {
                return url.map(|url| RepostOf { key: None, url: Some(url), embedded: None });
            }
            let original = post(&fields, other.as_deref().unwrap_or(site), site_kind, seen, depth + 1);
            let key = Some(original.key.clone()).filter(|key| !key.id.is_empty())?;
            let embedded =
                has_body(&fields).then(|| Box::new(Embedded { counters: counters(&fields), post: original }));
            Some(RepostOf { key: Some(key), url, embedded })
        }
        Value::Array(parts) => match parts.as_slice() {
            [site, id] => Some(named(PostKey { site: plain(site)?, id: plain(id)? })),
            _ => None,
        },
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) if text.contains("://") => {
            Some(RepostOf { key: None, url: Some(text.trim().to_owned()), embedded: None })
        }
        value => Some(named(seen.census.named(&plain(value)?, site))),
    }
}

/// Whether an original is shown, rather than only named.
fn has_body(fields: &Fields) -> bool {
    fields.text.is_some() || fields.title.is_some() || counters(fields) != Counters::default()
}
