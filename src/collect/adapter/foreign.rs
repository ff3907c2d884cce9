//! Posts as other programs write them, turned into our own names.
//!
//! `MediaCrawler` writes one JSON object a line, with names of its own for each platform; Alertmanager posts
//! a list of alerts. Both are read as they are. What is taken is listed here field by field, so an author's
//! name, id, portrait or gender has no way in (SEMANTICS 30).
//!
//! A source may declare its format. Undeclared, an object is recognised by names that stand together in no
//! other format: our own objects have `id` or `url`, which those of `MediaCrawler` never have, and each of
//! its platforms has a set of names of its own. Guessing is therefore safe; declaring makes every line that
//! is something else a fault.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::api::scalar;
use crate::{config::source::Format, text};

/// One platform's names. `id` to `likes` are names of the other program; an empty one is not there.
struct Shape {
    format: Format,
    /// All of these must be there.
    marks: &'static [&'static str],
    site: &'static str,
    site_kind: &'static str,
    id: &'static str,
    title: &'static str,
    text: &'static [&'static str],
    url: &'static str,
    published: &'static str,
    views: &'static str,
    reposts: &'static str,
    comments: &'static str,
    likes: &'static str,
}

/// The platforms of `MediaCrawler`. Site ids are those of the presets: a post is one post, whichever way in
/// it came. The order matters only where one's marks hold another's; none do.
const SHAPES: [Shape; 7] = [
    Shape {
        format: Format::MediaCrawlerWeibo,
        marks: &["note_id", "content", "shared_count", "comments_count"],
        site: "weibo",
        site_kind: "microblog",
        id: "note_id",
        title: "",
        text: &["content"],
        url: "note_url",
        published: "create_time",
        views: "",
        reposts: "shared_count",
        comments: "comments_count",
        likes: "liked_count",
    },
    Shape {
        format: Format::MediaCrawlerDouyin,
        marks: &["aweme_id", "desc", "aweme_url"],
        site: "douyin",
        site_kind: "video",
        id: "aweme_id",
        title: "title",
        text: &["desc"],
        url: "aweme_url",
        published: "create_time",
        views: "",
        reposts: "share_count",
        comments: "comment_count",
        likes: "liked_count",
    },
    Shape {
        format: Format::MediaCrawlerKuaishou,
        marks: &["video_id", "viewd_count", "video_url"],
        site: "kuaishou",
        site_kind: "video",
        id: "video_id",
        title: "title",
        text: &["desc"],
        url: "video_url",
        published: "create_time",
        views: "viewd_count",
        reposts: "",
        comments: "",
        likes: "liked_count",
    },
    Shape {
        format: Format::MediaCrawlerBilibili,
        marks: &["video_id", "video_play_count", "video_url"],
        site: "bilibili",
        site_kind: "video",
        id: "video_id",
        title: "title",
        text: &["desc"],
        url: "video_url",
        published: "create_time",
        views: "video_play_count",
        reposts: "video_share_count",
        comments: "video_comment",
        likes: "liked_count",
    },
    Shape {
        format: Format::MediaCrawlerZhihu,
        marks: &["content_id", "content_url", "voteup_count"],
        site: "zhihu",
        site_kind: "forum",
        id: "content_id",
        title: "title",
        text: &["content_text", "desc"],
        url: "content_url",
        published: "created_time",
        views: "",
        reposts: "",
        comments: "comment_count",
        likes: "voteup_count",
    },
    Shape {
        format: Format::MediaCrawlerXhs,
        marks: &["note_id", "desc", "collected_count", "note_url"],
        site: "xiaohongshu",
        site_kind: "video",
        id: "note_id",
        title: "title",
        text: &["desc"],
        url: "note_url",
        published: "time",
        views: "",
        reposts: "share_count",
        comments: "comment_count",
        likes: "liked_count",
    },
    Shape {
        format: Format::MediaCrawlerTieba,
        marks: &["note_id", "tieba_name", "total_replay_num"],
        site: "tieba",
        site_kind: "forum",
        id: "note_id",
        title: "title",
        text: &["desc"],
        url: "note_url",
        published: "publish_time",
        views: "",
        reposts: "",
        comments: "total_replay_num",
        likes: "",
    },
];

/// The object in our own names; as it stands when it is ours.
///
/// # Errors
/// Why it is not a post, in the office's language.
pub(super) fn in_own_names(
    object: &Map<String, Value>,
    format: Format,
    now: Timestamp,
) -> Result<Cow<'_, Map<String, Value>>, String> {
    if format == Format::Yuqing {
        return Ok(Cow::Borrowed(object));
    }
    if format == Format::Alertmanager || (format == Format::Guessed && is_alert(object)) {
        return alert(object).map(Cow::Owned);
    }
    let own = object.contains_key("id") || object.contains_key("url");
    if format == Format::Guessed && own {
        return Ok(Cow::Borrowed(object));
    }
    if has(object, "comment_id") {
        return Err("是评论，不是帖子：只送 contents 文件，不送 comments 文件".into());
    }
    let shape = SHAPES.iter().find(|shape| shape.marks.iter().all(|mark| object.contains_key(*mark)));
    match (shape, format) {
        (Some(shape), Format::Guessed | Format::MediaCrawler) => {
            Ok(Cow::Owned(translated(shape, object, now)))
        }
        (Some(shape), declared) if shape.format == declared => Ok(Cow::Owned(translated(shape, object, now))),
        (Some(shape), declared) => {
            Err(format!("来源声明的格式是 {}，这一行却是 {}", declared.id(), shape.format.id()))
        }
        (None, _) if has(object, "fans") || has(object, "total_fans") => {
            Err("是作者资料，不是帖子：本程序不收作者资料".into())
        }
        (None, Format::Guessed) => Ok(Cow::Borrowed(object)),
        (None, declared) => Err(format!("不是 {} 格式的帖子", declared.id())),
    }
}

fn has(object: &Map<String, Value>, name: &str) -> bool {
    object.contains_key(name)
}

/// What a value says; Python's `str(None)` and the empty word say nothing.
fn word(object: &Map<String, Value>, name: &str) -> Option<String> {
    let said = scalar(object.get(name)?)?;
    let said = said.trim();
    (!said.is_empty() && said != "None" && said != "null").then(|| said.to_owned())
}

fn translated(shape: &Shape, object: &Map<String, Value>, now: Timestamp) -> Map<String, Value> {
    let mut own = Map::new();
    let mut put = |name: &str, said: Option<String>| {
        if let Some(said) = said {
            own.insert(name.to_owned(), Value::String(said));
        }
    };
    put("site", Some(shape.site.to_owned()));
    put("site_kind", Some(shape.site_kind.to_owned()));
    put("id", word(object, shape.id));
    put("url", word(object, shape.url));
    let words = shape.text.iter().find_map(|name| word(object, name));
    // It repeats the text's beginning as the title where a platform has no titles.
    put("title", word(object, shape.title).filter(|title| !starts_with(words.as_deref(), title)));
    put("text", words);
    // Zero is its way to say that it does not know the time.
    put("published_at", word(object, shape.published).filter(|said| said != "0"));
    put("views", word(object, shape.views));
    put("reposts", word(object, shape.reposts));
    put("comments", word(object, shape.comments));
    put("likes", word(object, shape.likes));
    // When it looked, in milliseconds: a file that is printed again is not a new look. A clock that runs
    // ahead of ours is not believed.
    put("seen_at", word(object, "last_modify_ts").filter(|said| is_past(said, now)));
    own
}

fn starts_with(text: Option<&str>, title: &str) -> bool {
    text.is_some_and(|text| text.starts_with(title))
}

fn is_past(said: &str, now: Timestamp) -> bool {
    text::parse_date(said, now, &jiff::tz::TimeZone::UTC).is_some_and(|at| at.at <= now)
}

/// The alerts of a webhook body, when it is one.
pub(super) fn alerts(body: &Map<String, Value>) -> Option<&Vec<Value>> {
    let list = body.get("alerts")?.as_array()?;
    (has(body, "receiver") || has(body, "groupLabels") || list.first().is_none_or(is_alert_value))
        .then_some(list)
}

fn is_alert_value(value: &Value) -> bool {
    value.as_object().is_some_and(is_alert)
}

fn is_alert(object: &Map<String, Value>) -> bool {
    object.get("labels").is_some_and(Value::is_object) && has(object, "startsAt")
}

/// One alert. Annotations are what the sender writes for people, labels what tells alerts apart; counters
/// and link are looked for in both. `startsAt` is when the other program saw it, not when it was published.
fn alert(object: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let labels =
        object.get("labels").and_then(Value::as_object).ok_or("没有 labels，不是 Alertmanager 的告警")?;
    if word(object, "status").is_some_and(|status| status == "resolved") {
        return Err(RESOLVED.to_owned());
    }
    let empty = Map::new();
    let notes = object.get("annotations").and_then(Value::as_object).unwrap_or(&empty);
    let first =
        |names: &[&str]| names.iter().find_map(|name| word(notes, name).or_else(|| word(labels, name)));
    let mut own = Map::new();
    let mut put = |name: &str, said: Option<String>| {
        if let Some(said) = said {
            own.insert(name.to_owned(), Value::String(said));
        }
    };
    let url = first(&["url", "link"]).or_else(|| word(object, "generatorURL"));
    put("id", first(&["id", "post_id"]).or_else(|| word(object, "fingerprint")));
    put("site", first(&["site"]));
    put("site_kind", first(&["site_kind"]));
    put("url", url.filter(|url| url.starts_with("http")));
    put("title", first(&["summary", "title", "alertname"]));
    put("text", first(&["description", "message", "text", "content"]));
    put("published_at", first(&["published_at", "publish_time"]));
    for counter in ["views", "reposts", "comments", "likes"] {
        put(counter, first(&[counter]));
    }
    put("seen_at", word(object, "startsAt"));
    Ok(own)
}

/// Said of an alert that has ended: nothing new, and nothing wrong.
pub(super) const RESOLVED: &str = "resolved";
