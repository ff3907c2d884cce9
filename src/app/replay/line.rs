//! The lines of a replay file: observations and events, as JSON Lines.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{Count, Counters, Embedded, Post, PostKey, Precision, Published, RepostOf, SiteKind},
    text::{canonical_link, links_in, parse_count, parse_date},
};

/// The most that one line may hold.
const LINE_BYTES: usize = 4 << 20;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct LineError {
    /// Line from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub why: String,
}

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
    pub(super) seen_at: Timestamp,
    pub(super) site: String,
    pub(super) own_fetch: bool,
    fields: Fields,
    site_kind: SiteKind,
}

/// The fields of a post as written. Unknown ones are ignored: other tools add theirs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Fields {
    site: Option<String>,
    site_kind: Option<String>,
    id: Option<Value>,
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

/// What a person did.
#[derive(Debug, Clone)]
pub struct EventLine {
    pub(super) at: Timestamp,
    pub(super) event: EventKind,
    pub(super) incidents: Vec<IncidentRef>,
    pub(super) posts: Vec<PostRef>,
    pub(super) by: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) reason: Option<String>,
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
}

/// An incident by number or by one of its posts.
#[derive(Debug, Clone)]
pub(super) enum IncidentRef {
    Number(u64),
    Post(PostRef),
}

/// A post by `site/id`, `[site, id]`, `{site, id}`, its id alone, or its link.
#[derive(Debug, Clone)]
pub(super) struct PostRef {
    site: Option<String>,
    id: String,
}

impl PostRef {
    pub(super) fn names(&self, key: &PostKey) -> bool {
        match &self.site {
            Some(site) => *site == key.site && self.id == key.id,
            None => self.id == key.id || self.id == key.to_string(),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self { site: None, id: text.clone() }),
            Value::Number(number) => Some(Self { site: None, id: number.to_string() }),
            Value::Array(parts) => match parts.as_slice() {
                [site, id] => Some(Self { site: plain(site), id: plain(id)? }),
                _ => None,
            },
            Value::Object(fields) => {
                Some(Self { site: fields.get("site").and_then(plain), id: fields.get("id").and_then(plain)? })
            }
            _ => None,
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

/// Reads JSON Lines; empty lines are skipped. All wrong lines are reported, not only the first.
///
/// # Errors
/// The lines that are not understood.
pub fn read_lines(text: &str) -> Result<Vec<ReplayLine>, Vec<LineError>> {
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    for (index, raw) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if raw.trim().is_empty() {
            continue;
        }
        match read_line(raw) {
            Ok(line) => lines.push(line),
            Err(why) => errors.push(LineError { line: index + 1, why }),
        }
    }
    if errors.is_empty() { Ok(lines) } else { Err(errors) }
}

fn read_line(raw: &str) -> Result<ReplayLine, String> {
    if raw.len() > LINE_BYTES {
        return Err(format!("longer than {LINE_BYTES} bytes"));
    }
    let value: Value = serde_json::from_str(raw).map_err(|error| format!("not JSON: {error}"))?;
    if !value.is_object() {
        return Err("not a JSON object".to_owned());
    }
    if value.get("event").is_some() {
        return read_event(&value).map(ReplayLine::Event);
    }
    let fields: Fields = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let seen_at = fields
        .seen_at
        .as_ref()
        .and_then(instant)
        .ok_or("`seen_at` is missing or no time; write 2026-11-21T14:05:00+08:00")?;
    let site = match (&fields.site, &fields.url) {
        (Some(site), _) if !site.is_empty() => site.clone(),
        (_, Some(url)) => crate::text::registrable_domain(url).ok_or("`site` is missing")?,
        _ => return Err("`site` is missing".to_owned()),
    };
    let site_kind = kind(fields.site_kind.as_deref())?;
    if fields.id.as_ref().and_then(plain).is_none() && fields.url.is_none() {
        return Err("`id` (or `url`) is missing".to_owned());
    }
    let own_fetch = fields.own_fetch;
    Ok(ReplayLine::Observation(Box::new(ObservationLine { seen_at, site, own_fetch, fields, site_kind })))
}

fn kind(name: Option<&str>) -> Result<SiteKind, String> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(SiteKind::Forum) };
    serde_json::from_value(Value::String(name.to_owned())).map_err(|_| {
        format!("`site_kind` {name:?}: write microblog, blog, forum, news, video, wechat, search or own")
    })
}

fn read_event(value: &Value) -> Result<EventLine, String> {
    let at = value.get("at").or_else(|| value.get("seen_at")).and_then(instant);
    let event = value.get("event").cloned().unwrap_or_default();
    let event = serde_json::from_value(event)
        .map_err(|_| "`event` is one of ack, respond, override, merge, split, close".to_owned())?;
    let mut incidents = Vec::new();
    for named in ["incident", "other", "into"].iter().filter_map(|key| value.get(*key)) {
        for one in named.as_array().map_or(std::slice::from_ref(named), Vec::as_slice) {
            let number = one.as_u64().or_else(|| one.as_str().and_then(|text| text.parse().ok()));
            incidents.extend(match number {
                Some(number) => Some(IncidentRef::Number(number)),
                None => PostRef::read(one).map(IncidentRef::Post),
            });
        }
    }
    let posts = value.get("post").map(posts_in).unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(plain);
    Ok(EventLine {
        at: at.ok_or("`at` is missing or no time; write 2026-11-21T14:05:00+08:00")?,
        event,
        incidents,
        posts,
        by: text("by"),
        tier: text("tier"),
        reason: text("reason"),
    })
}

/// One post, or a list of posts. `["site", "id"]` is one post when its parts are plain and no slash is in
/// the first.
fn posts_in(value: &Value) -> Vec<PostRef> {
    match value {
        Value::Array(parts) if parts.iter().any(|part| !part.is_string() && !part.is_number()) => {
            parts.iter().filter_map(PostRef::read).collect()
        }
        Value::Array(parts)
            if parts.len() != 2
                || parts.first().and_then(Value::as_str).is_some_and(|first| first.contains('/')) =>
        {
            parts.iter().filter_map(PostRef::read).collect()
        }
        value => PostRef::read(value).into_iter().collect(),
    }
}

/// An instant: RFC 3339, the same without an offset (+08:00 then), or epoch seconds or milliseconds.
fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let number = number.as_i64()?;
            if number.abs() > 100_000_000_000 {
                Timestamp::from_millisecond(number).ok()
            } else {
                Timestamp::from_second(number).ok()
            }
        }
        Value::String(text) => text.trim().parse().ok().or_else(|| {
            let local: civil::DateTime = text.trim().replace(' ', "T").parse().ok()?;
            Some(local.to_zoned(beijing()).ok()?.timestamp())
        }),
        _ => None,
    }
}

fn beijing() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

fn count(value: Option<&Value>) -> Option<Count> {
    match value? {
        Value::Number(number) => number.as_u64().map(Count::exact),
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
        return Some(Published { at, precision: Precision::Second });
    }
    parse_date(value.as_str()?, seen_at, &beijing())
}

impl ObservationLine {
    pub(super) fn counters(&self) -> Counters {
        counters(&self.fields)
    }

    pub(super) fn post(&self) -> Post {
        post(&self.fields, &self.site, self.site_kind, self.seen_at, 0)
    }
}

fn post(fields: &Fields, site: &str, site_kind: SiteKind, seen_at: Timestamp, depth: u32) -> Post {
    let text = fields.text.clone().unwrap_or_default();
    let url = fields.url.clone().unwrap_or_default();
    let id = fields.id.as_ref().and_then(plain).or_else(|| canonical_link(&url)).unwrap_or_default();
    Post {
        key: PostKey { site: site.to_owned(), id },
        site_kind,
        title: fields.title.clone().unwrap_or_default(),
        quoted: fields.quoted.clone().unwrap_or_default(),
        published: published(fields.published_at.as_ref(), seen_at),
        repost_of: fields.repost_of.as_ref().and_then(|of| repost_of(of, site, site_kind, seen_at, depth)),
        links: links_in(&text),
        url,
        text,
    }
}

/// What a post reposts: the original's id on the same site, `site/id`, its link, or the original itself.
fn repost_of(
    value: &Value,
    site: &str,
    site_kind: SiteKind,
    seen_at: Timestamp,
    depth: u32,
) -> Option<RepostOf> {
    match value {
        Value::Object(_) if depth < 8 => {
            let fields: Fields = serde_json::from_value(value.clone()).ok()?;
            let site = fields.site.clone().unwrap_or_else(|| site.to_owned());
            let site_kind =
                fields.site_kind.as_deref().and_then(|name| kind(Some(name)).ok()).unwrap_or(site_kind);
            let original = post(&fields, &site, site_kind, seen_at, depth + 1);
            let key = Some(original.key.clone());
            let url = fields.url.clone();
            let has_body = fields.text.is_some() || fields.title.is_some();
            let embedded =
                has_body.then(|| Box::new(Embedded { counters: counters(&fields), post: original }));
            Some(RepostOf { key, url, embedded })
        }
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if text.contains("://") => {
            Some(RepostOf { key: None, url: Some(text.clone()), embedded: None })
        }
        value => {
            let named = plain(value)?;
            let (site, id) = match named.split_once('/') {
                Some((site, id)) if !site.is_empty() && !id.is_empty() => (site.to_owned(), id.to_owned()),
                _ => (site.to_owned(), named.clone()),
            };
            Some(RepostOf { key: Some(PostKey { site, id }), url: None, embedded: None })
        }
    }
}
