//! Posts that another program hands over: a pushed JSON body, or a command's JSON Lines.
//!
//! One object a post, with the same names as a replay's observation lines: `seen_at`, `site`,
//! `site_kind`, `id`, `url`, `title`, `text`, `quoted`, `published_at`, `views`, `reposts`, `comments`,
//! `likes`, `repost_of`. A bound is written `"100000+"`; what is unknown is absent or `null`. A bad line is
//! reported with its number and skipped; the others go on. Other names are not looked at. The formats of other
//! programs become these names first (`foreign`).

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{ReadFault, api::scalar, field, foreign, html};
use crate::{
    config::source::Format,
    model::{Count, Counters, Post, PostKey, Published, RepostOf, SiteKind},
    text,
};

/// Longest line that is read.
const LONGEST_LINE: usize = 1024 * 1024;
/// Most lines of one body.
const MOST_LINES: usize = 10_000;
const LARGEST_COUNT: u64 = 1_000_000_000_000;

/// One post as handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The post.
    pub post: Post,
    /// Its counters.
    pub counters: Counters,
    /// When the other program saw it, never after now. UTC.
    pub seen_at: Timestamp,
}

/// What stands in for what a line does not say.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// How the other program writes.
    pub format: Format,
    /// The source's site id.
    pub site: Option<String>,
    /// The source's site kind.
    pub site_kind: Option<SiteKind>,
    /// Zone of times without an offset.
    pub zone: TimeZone,
}

/// Reads a body: an array of posts, an object with `posts`, one post, or one post a line.
#[must_use]
pub fn read(body: &[u8], defaults: &Defaults, now: Timestamp) -> (Vec<Handed>, Vec<ReadFault>) {
    let mut handed = Vec::new();
    let mut faults = Vec::new();
    let Ok(text) = std::str::from_utf8(body) else {
        return read_lines(&String::from_utf8_lossy(body), defaults, now);
    };
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    let whole: Result<Value, _> = serde_json::from_str(trimmed);
    let list = match whole {
        Ok(Value::Array(list)) => list,
        Ok(Value::Object(mut object)) => match listed(&mut object, defaults.format) {
            Some(list) => list,
            // One object, perhaps over several lines.
            None => vec![Value::Object(object)],
        },
        Ok(_) => return (handed, vec![line_fault(1, "不是帖子（要一个 JSON 对象）")]),
        Err(error) if trimmed.starts_with('[') => {
            return (handed, vec![line_fault(error.line(), &format!("不是 JSON: {error}"))]);
        }
        Err(_) => return read_lines(trimmed, defaults, now),
    };
    for (nth, value) in list.iter().enumerate() {
        keep(post(value, defaults, now, nth + 1, &mut faults), nth + 1, &mut handed, &mut faults);
    }
    (handed, faults)
}

/// The posts of a body that is one object: our own list, or a webhook's alerts.
fn listed(object: &mut Map<String, Value>, format: Format) -> Option<Vec<Value>> {
    if matches!(format, Format::Alertmanager | Format::Guessed)
        && let Some(alerts) = foreign::alerts(object)
    {
        return Some(alerts.clone());
    }
    match object.remove("posts") {
        Some(Value::Array(list)) => Some(list),
        Some(other) => {
            object.insert("posts".into(), other);
            None
        }
        None => None,
    }
}

fn keep(read: Result<Handed, String>, number: usize, handed: &mut Vec<Handed>, faults: &mut Vec<ReadFault>) {
    match read {
        Ok(found) => handed.push(found),
        Err(why) if why == foreign::RESOLVED => {}
        Err(why) => faults.push(line_fault(number, &why)),
    }
}

/// Reads one post a line.
#[must_use]
pub fn read_lines(text: &str, defaults: &Defaults, now: Timestamp) -> (Vec<Handed>, Vec<ReadFault>) {
    let mut handed = Vec::new();
    let mut faults = Vec::new();
    for (nth, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if handed.len() + faults.len() >= MOST_LINES {
            faults.push(line_fault(nth + 1, &format!("超过 {MOST_LINES} 行，其余未读")));
            break;
        }
        keep(read_line(line, defaults, now, nth + 1, &mut faults), nth + 1, &mut handed, &mut faults);
    }
    (handed, faults)
}

/// Reads one line; small faults (a counter) go to `faults`.
///
/// # Errors
/// Why the line is not a post, in the office's language.
pub fn read_line(
    line: &str,
    defaults: &Defaults,
    now: Timestamp,
    number: usize,
    faults: &mut Vec<ReadFault>,
) -> Result<Handed, String> {
    if line.len() > LONGEST_LINE {
        return Err(format!("超过 {LONGEST_LINE} 字节"));
    }
    let value: Value = serde_json::from_str(line.trim()).map_err(|error| format!("不是 JSON: {error}"))?;
    post(&value, defaults, now, number, faults)
}

fn line_fault(line: usize, why: &str) -> ReadFault {
    ReadFault::Line { line, why: why.to_owned() }
}

fn post(
    value: &Value,
    defaults: &Defaults,
    now: Timestamp,
    number: usize,
    faults: &mut Vec<ReadFault>,
) -> Result<Handed, String> {
    let object = value.as_object().ok_or("不是帖子（要一个 JSON 对象）")?;
    let object = foreign::in_own_names(object, defaults.format, now)?;
    let object = object.as_ref();
    let url = word(object, "url").map(|url| text::tidy_link(&url).unwrap_or(url)).unwrap_or_default();
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        return Err("url 不是网址".into());
    }
    let id = word(object, "id").or_else(|| text::canonical_link(&url)).ok_or("没有 id，也没有 url")?;
    let site = word(object, "site")
        .or_else(|| defaults.site.clone())
        .or_else(|| field::site_of(&url))
        .ok_or("没有 site，也没有 url")?;
    let site_kind = match word(object, "site_kind") {
        Some(kind) => serde_json::from_value(Value::String(kind.clone())).map_err(|_| {
            format!("没有 site_kind {kind}；可以写 microblog、blog、forum、news、video、wechat、search、own")
        })?,
        None => defaults.site_kind.unwrap_or(SiteKind::News),
    };
    let seen_at = match word(object, "seen_at") {
        Some(shown) => {
            instant(&shown, now, defaults).ok_or_else(|| format!("看不懂 seen_at: {shown}"))?.at.min(now)
        }
        None => now,
    };
    let published = word(object, "published_at").and_then(|shown| {
        let published = instant(&shown, seen_at, defaults).and_then(|p| field::cap_at_look(p, seen_at));
        if published.is_none() {
            faults.push(ReadFault::UnreadableDate { id: id.clone(), shown: field::excerpt(&shown) });
        }
        published
    });
    let mut count = |counter: &'static str| count(object, counter, &id, faults);
    let counters = Counters {
        views: count("views"),
        reposts: count("reposts"),
        comments: count("comments"),
        likes: count("likes"),
    };
    let text = html::plain_text(&word(object, "text").unwrap_or_default());
    let title = html::one_line(&html::plain_text(&word(object, "title").unwrap_or_default()));
    if text.is_empty() && title.is_empty() && counters == Counters::default() {
        return Err(format!("第 {number} 条既没有文字也没有计数"));
    }
    let repost_of = word(object, "repost_of").map(|original| repost(&original, &site));
    let links = text::links_in(&text);
    let quoted = html::plain_text(&word(object, "quoted").unwrap_or_default());
    let key = PostKey { site, id };
    let post = Post { key, site_kind, url, title, text, quoted, published, repost_of, links };
    Ok(Handed { post, counters, seen_at })
}

/// The original by id on the same site, by `site/id`, or by link.
fn repost(original: &str, site: &str) -> RepostOf {
    if original.starts_with("http://") || original.starts_with("https://") {
        let url = text::tidy_link(original).unwrap_or_else(|| original.to_owned());
        return RepostOf { key: None, url: Some(url), embedded: None };
    }
    let (site, id) = original.split_once('/').unwrap_or((site, original));
    RepostOf { key: Some(PostKey { site: site.to_owned(), id: id.to_owned() }), url: None, embedded: None }
}

fn word(object: &Map<String, Value>, name: &str) -> Option<String> {
    let written = scalar(object.get(name)?)?;
    (!written.trim().is_empty()).then(|| written.trim().to_owned())
}

fn instant(shown: &str, now: Timestamp, defaults: &Defaults) -> Option<Published> {
    text::parse_date(shown, now, &defaults.zone)
}

fn count(
    object: &Map<String, Value>,
    counter: &'static str,
    id: &str,
    faults: &mut Vec<ReadFault>,
) -> Option<Count> {
    let shown = scalar(object.get(counter)?)?;
    let shown = shown.trim();
    let absurd = || ReadFault::AbsurdCounter { id: id.to_owned(), counter, shown: field::excerpt(shown) };
    if shown.starts_with('-') && shown.len() > 1 {
        faults.push(absurd());
        return None;
    }
    match text::parse_count(shown) {
        Some(count) if count.value > LARGEST_COUNT => {
            faults.push(absurd());
            None
        }
        Some(count) => Some(count),
        None => {
            let shown = field::excerpt(shown);
            faults.push(ReadFault::UnreadableCounter { id: id.to_owned(), counter, shown });
            None
        }
    }
}
