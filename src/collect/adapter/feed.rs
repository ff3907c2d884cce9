//! RSS, Atom and JSON Feed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use feed_rs::{
    model::{Entry, Feed, Link, Text},
    parser,
};
use jiff::{Timestamp, tz::TimeZone};
use regex::Regex;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use url::Url;

use super::{
    Found, ReadFault, Verdict,
    field::{Context, Raw, cap_at_look},
    html, repair, sign,
};
use crate::{
    model::{Precision, Published},
    text,
};

pub(super) fn read(context: &Context<'_>, decoded: &str, found: &mut Found) {
    let trimmed = decoded.trim_start_matches('\u{feff}').trim_start();
    let evidence = sign::Evidence { text: trimmed, html: None, json: None };
    if repair::looks_like_html(trimmed) {
        let words = if repair::deeper_than(trimmed, 500, repair::Markup::Html) {
            String::new()
        } else {
            html::plain_text(trimmed)
        };
        found.verdict = sign::blocked(context.preset, evidence, false).or_else(|| sign::generic(&words));
        if found.verdict.is_none() {
            found.fault(ReadFault::NotFeed { why: "an HTML page".into() });
        }
        return;
    }
    let source = if trimmed.starts_with('{') {
        trimmed.to_owned()
    } else {
        match repair::repaired(trimmed) {
            Ok(source) => source,
            Err(fault) => return found.fault(fault),
        }
    };
    let dates = Dates::default();
    match parse(context, &source, &dates) {
        Ok(feed) => take(context, &feed, &source, &dates, found),
        Err(error) => {
            found.verdict = sign::blocked(context.preset, evidence, false);
            if found.verdict.is_none() {
                found.fault(ReadFault::NotFeed { why: error.to_string() });
            }
        }
    }
    if found.posts.is_empty() && found.verdict.is_none() && sign::says_empty(context.preset, evidence) {
        found.faults.clear();
        found.verdict = Some(Verdict::Empty);
    }
}

fn parse(context: &Context<'_>, source: &str, dates: &Dates) -> Result<Feed, parser::ParseFeedError> {
    let (now, zone, dates) = (context.now, context.preset.zone.clone(), dates.clone());
    parser::Builder::new()
        .base_uri(Some(context.page.url))
        .sanitize_content(false)
        .id_generator(|links: &[Link], title: &Option<Text>, _: Option<&str>| {
            generated_id(links, title.as_ref())
        })
        .timestamp_parser(move |shown| {
            let published = date(shown, now, &zone)?;
            dates.note(published);
            Some(SystemTime::from(published.at).into())
        })
        .build()
        .parse(source.as_bytes())
}

/// A feed that gives an entry neither id nor link is told apart by titles; never by chance.
fn generated_id(links: &[Link], title: Option<&Text>) -> String {
    let shown =
        links.first().map(|link| link.href.as_str()).or_else(|| title.map(|title| title.content.as_str()));
    let digest = Sha256::digest(shown.unwrap_or_default());
    hex::encode(digest.get(..8).unwrap_or_default())
}

/// The parser keeps only instants; their precision is noted here on the way.
#[derive(Clone, Default)]
struct Dates(Arc<Mutex<HashMap<Timestamp, Precision>>>);

impl Dates {
    fn note(&self, published: Published) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert(published.at, published.precision);
    }

    fn published(&self, at: SystemTime) -> Option<Published> {
        let at = Timestamp::try_from(at).ok()?;
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Published { at, precision: noted.get(&at).copied().unwrap_or(Precision::Second) })
    }
}

/// A feed's date: the forms that all sources share, else the sloppy ones that only feeds have.
fn date(shown: &str, now: Timestamp, zone: &TimeZone) -> Option<Published> {
    let shown = shown.trim();
    text::parse_date(shown, now, zone).or_else(|| sloppy_date(shown, zone))
}

/// Written-out months and weekdays, missing seconds, letters for zones.
fn sloppy_date(shown: &str, zone: &TimeZone) -> Option<Published> {
    let second = |at| Published { at, precision: Precision::Second };
    let cleaned = shown.split_once(',').map_or(shown, |(_, rest)| rest).trim();
    let zones = [("EST", "-0500"), ("EDT", "-0400"), ("CST", "-0600"), ("CDT", "-0500"), ("MST", "-0700")];
    let more = [("MDT", "-0600"), ("PST", "-0800"), ("PDT", "-0700"), ("GMT", "+0000"), ("UTC", "+0000")];
    let cleaned = zones.iter().chain(&more).chain(&[("UT", "+0000"), ("Z", "+0000")]).fold(
        cleaned.to_owned(),
        |text, (letters, offset)| {
            text.strip_suffix(letters)
                .map_or_else(|| text.clone(), |rest| format!("{}{offset}", rest.trim_end().to_owned() + " "))
        },
    );
    for format in
        ["%d %b %Y %H:%M:%S %z", "%d %B %Y %H:%M:%S %z", "%d %b %Y %H:%M %z", "%d %b %y %H:%M:%S %z"]
    {
        if let Ok(zoned) = jiff::Zoned::strptime(format, &cleaned) {
            return Some(second(zoned.timestamp()));
        }
    }
    for format in ["%d %b %Y %H:%M:%S", "%d %B %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%b %d, %Y %H:%M:%S"] {
        if let Ok(civil) = jiff::civil::DateTime::strptime(format, &cleaned) {
            return Some(second(civil.to_zoned(zone.clone()).ok()?.timestamp()));
        }
    }
    None
}

fn take(context: &Context<'_>, feed: &Feed, source: &str, dates: &Dates, found: &mut Found) {
    let page = Url::parse(context.page.url).ok();
    let comments = comment_counts(source, feed.entries.len());
    for (nth, entry) in feed.entries.iter().enumerate() {
        let own = link_of(entry);
        let link = own.clone().or_else(|| address_in_id(entry));
        let (text, links) = body_of(entry, page.as_ref());
        let raw = Raw {
            // A guid is the feed's, not the site's: the link is what two feeds of one article share.
            id: own.is_none().then(|| entry.id.clone()),
            title: entry.title.as_ref().map(|title| html::plain_text(&title.content)),
            text: Some(text),
            url: link,
            links,
            comments: comments.get(nth).cloned().flatten(),
            ..Raw::default()
        };
        let Some((mut post, counters)) = context.post(nth + 1, raw, None, page.as_ref(), found) else {
            continue;
        };
        let at = entry.published.or(entry.updated).map(SystemTime::from);
        if let Some(published) = at.and_then(|at| dates.published(at)) {
            post.published = cap_at_look(published, context.now);
            if post.published.is_none() {
                found.fault(ReadFault::FutureDate {
                    id: post.key.id.clone(),
                    shown: published.at.to_string(),
                });
            }
        }
        found.post(post, counters);
    }
}

/// The entry's own page: the alternate link, else the first that is no attachment.
fn link_of(entry: &Entry) -> Option<String> {
    let rel = |link: &&Link, wanted: Option<&str>| link.rel.as_deref() == wanted && !link.href.is_empty();
    let links = &entry.links;
    let own = links
        .iter()
        .find(|link| rel(link, Some("alternate")))
        .or_else(|| links.iter().find(|link| rel(link, None)));
    own.map(|link| link.href.clone()).filter(|href| href.starts_with("http") || !href.contains(':'))
}

/// An id that is an address, for an entry without links.
fn address_in_id(entry: &Entry) -> Option<String> {
    (entry.id.starts_with("http://") || entry.id.starts_with("https://")).then(|| entry.id.clone())
}

/// The longer of content and summary, as plain text, and the links of the content (of the summary when
/// there is none).
fn body_of(entry: &Entry, base: Option<&Url>) -> (String, Vec<String>) {
    let content = entry.content.as_ref().and_then(|content| content.body.as_deref());
    let content = content.map(|content| bounded(content, base));
    let summary = entry.summary.as_ref().map(|summary| bounded(&summary.content, base));
    match (content, summary) {
        (Some((content, links)), Some((summary, _))) => {
            if summary.chars().count() > content.chars().count() {
                (summary, links)
            } else {
                (content, links)
            }
        }
        (content, summary) => content.or(summary).unwrap_or_default(),
    }
}

fn bounded(html: &str, base: Option<&Url>) -> (String, Vec<String>) {
    if repair::deeper_than(html, 500, repair::Markup::Html) {
        (String::new(), Vec::new())
    } else {
        html::text_and_links(html, base)
    }
}

static ITEM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<(?:\w+:)?(?:item|entry)[\s>]").ok());
static COMMENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"<slash:comments>\s*(\d+)\s*<|thr:count="(\d+)"|<thr:total>\s*(\d+)\s*<"#).ok()
});

/// Comment counts of the usual extensions, which the parser does not keep; only when items and entries
/// can be paired without doubt.
fn comment_counts(source: &str, n_entries: usize) -> Vec<Option<String>> {
    let (Some(item), Some(comments)) = (ITEM.as_ref(), COMMENTS.as_ref()) else { return Vec::new() };
    let starts: Vec<usize> = item.find_iter(source).map(|found| found.start()).collect();
    if starts.len() != n_entries || source.contains("<![CDATA[<item") {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).copied().chain([source.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let captures = comments.captures(source.get(*start..end)?)?;
            captures.iter().skip(1).flatten().next().map(|found| found.as_str().to_owned())
        })
        .collect()
}
