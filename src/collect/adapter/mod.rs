//! From the bytes of one answer to posts: one pure function, shared by the collector, `probe`, the tests
//! and the fuzzers.
//!
//! Reading never fails as a whole: a [`Reading`] says what was found, what was wrong, and whether the
//! answer was data at all. An empty list is only good when the preset knows a sign for it; a page on which
//! the selectors match nothing is a changed page, never silent success.

mod api;
pub mod explain;
mod fault;
mod feed;
mod field;
mod foreign;
mod guess;
mod html;
pub mod lines;
mod main_text;
mod page;
mod repair;
mod scan;
mod sign;

pub use fault::{ReadFault, Verdict, blamed, blocked_words};
pub use guess::{guess, kind_of_answer, ranked};
pub use html::plain_text;

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    config::preset::{Preset, Presets, Reader},
    model::{Counters, Post, PostKey},
    text,
};

/// Most posts that are taken from one answer.
pub const MOST_POSTS: usize = 2_000;
/// Most faults of one answer that are listed.
const MOST_FAULTS: usize = 50;

/// One answer, as fetched.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where it came from, after redirects.
    pub url: &'a str,
    /// Its `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Its body, decompressed.
    pub body: &'a [u8],
    /// The post that was asked for, when a single one was: the answer may not repeat its id.
    pub asked: Option<&'a PostKey>,
}

/// What an answer gave.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The posts, as listed, each identity once, with their counters.
    pub posts: Vec<(Post, Counters)>,
    /// The next page's address.
    pub next: Option<String>,
    /// What was wrong.
    pub faults: Vec<ReadFault>,
    /// Whether it was data.
    pub verdict: Verdict,
    /// The charset by which it was decoded.
    pub encoding: &'static str,
}

/// Reads an answer by a preset. `now` is the instant of the look: relative dates count from it, and a
/// publication after it is unknown (SEMANTICS 3).
#[must_use]
pub fn read(preset: &Preset, page: &Page<'_>, now: Timestamp) -> Reading {
    let declared = preset.encoding.clone().or_else(|| page.content_type.and_then(charset));
    let markup = !matches!(preset.reader, Reader::Api(_));
    let decoded = text::decode(page.body, declared.as_deref(), markup);
    let mut found = Found::default();
    let context = field::Context { preset, page, now };
    match &preset.reader {
        Reader::Feed => feed::read(&context, &decoded.text, &mut found),
        Reader::Page(reader) => page::read(&context, reader, &decoded.text, &mut found),
        Reader::Api(reader) => api::read(&context, reader, &decoded.text, &mut found),
    }
    found.into_reading(decoded.encoding)
}

/// The presets whose site or program an answer is recognised as by their signs (`known_by`), by name.
#[must_use]
pub fn known_by(presets: &Presets, page: &Page<'_>) -> Vec<Arc<Preset>> {
    let text = decoded(page.content_type, page.body);
    let flat = !is_too_deep(&text, page::DEEPEST);
    let html = flat.then(|| scraper::Html::parse_document(&text));
    let evidence = sign::Evidence { text: &text, url: page.url, html: html.as_ref(), json: None };
    presets.iter().filter(|preset| sign::is_known(preset, evidence)).map(Arc::clone).collect()
}

/// Feeds of one page that are looked at.
const MOST_FEEDS: usize = 3;

/// The title of an HTML page, and the feeds that it names in its head, as absolute addresses.
#[must_use]
pub fn head(page: &Page<'_>) -> (String, Vec<String>) {
    let text = decoded(page.content_type, page.body);
    if is_too_deep(&text, page::DEEPEST) {
        return (String::new(), Vec::new());
    }
    let html = scraper::Html::parse_document(&text);
    let select = |css: &str| {
        let selector = scraper::Selector::parse(css).ok();
        selector.map(|selector| html.select(&selector).collect::<Vec<_>>()).unwrap_or_default()
    };
    let title = select("title").first().map(|title| html::element_text(*title, &[])).unwrap_or_default();
    let base = url::Url::parse(page.url).ok();
    let is_feed = |kind: &str| {
        let kind = kind.trim().to_ascii_lowercase();
        ["application/rss+xml", "application/atom+xml", "application/feed+json"].contains(&kind.as_str())
    };
    let links = select("link[rel~=alternate][href]")
        .into_iter()
        .filter(|link| link.attr("type").is_some_and(is_feed));
    let mut feeds: Vec<String> = Vec::new();
    for link in links.filter_map(|link| base.as_ref()?.join(link.attr("href")?.trim()).ok()) {
        let link = link.to_string();
        if link.starts_with("http") && !feeds.contains(&link) && feeds.len() < MOST_FEEDS {
            feeds.push(link);
        }
    }
    (title, feeds)
}

/// A fingerprint of a body without what changes in it by itself: equal ones say the same. Not for
/// comparing what an adversary made; an unequal one only costs a reading.
#[must_use]
pub fn fingerprint(preset: &Preset, body: &[u8]) -> String {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    let mut cuts: Vec<(usize, usize)> = preset
        .ignore_changes
        .iter()
        .flat_map(|pattern| pattern.find_iter(body).map(|found| (found.start(), found.end())))
        .collect();
    cuts.sort_unstable();
    let mut from = 0;
    for (start, end) in cuts {
        hasher.write(body.get(from..start).unwrap_or_default());
        from = from.max(end);
    }
    hasher.write(body.get(from..).unwrap_or_default());
    format!("{:016x}", hasher.finish())
}

/// What a reader has found so far.
#[derive(Default)]
struct Found {
    posts: Vec<(Post, Counters)>,
    keys: std::collections::HashSet<PostKey>,
    next: Option<String>,
    faults: Vec<ReadFault>,
    verdict: Option<Verdict>,
}

impl Found {
    /// Keeps a post unless its identity was there already (a card shown twice, a sticky thread).
    fn post(&mut self, post: Post, counters: Counters) {
        if self.posts.len() < MOST_POSTS && self.keys.insert(post.key.clone()) {
            self.posts.push((post, counters));
        }
    }

    fn fault(&mut self, fault: ReadFault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }

    fn into_reading(mut self, encoding: &'static str) -> Reading {
        let verdict = match self.verdict {
            Some(verdict) => verdict,
            None if !self.posts.is_empty() => Verdict::Data,
            None => {
                if self.faults.is_empty() {
                    self.faults.push(ReadFault::NoItems);
                }
                Verdict::Broken
            }
        };
        Reading { posts: self.posts, next: self.next, faults: self.faults, verdict, encoding }
    }
}

/// The text of an HTML answer, by BOM, header, `<meta>`, then guess.
pub(super) fn decoded(content_type: Option<&str>, body: &[u8]) -> String {
    text::decode(body, content_type.and_then(charset).as_deref(), true).text
}

/// Whether tags nest deeper than a parser should be given.
pub(super) fn is_too_deep(html: &str, limit: usize) -> bool {
    repair::deeper_than(html, limit, repair::Markup::Html)
}

/// Why a page with this visible text is a captcha's, a login's or a refusal, and the words that say so.
pub(super) fn gatekeeper(visible: &str) -> Option<(crate::config::preset::BlockReason, String)> {
    match sign::generic(visible)? {
        Verdict::Blocked { reason, words } => Some((reason, words)),
        _ => None,
    }
}

/// The charset parameter of a `Content-Type`.
fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}
