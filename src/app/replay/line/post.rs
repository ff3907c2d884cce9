//! The post of an observation, with the originals that it shows, and what all lines together tell of sites and ids.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    ObservationLine, ReplayLine,
    fields::{Fields, counters, id, kind, plain, published},
};
use crate::{
    model::{Counters, Embedded, Post, PostKey, RepostOf, SiteKind},
    text::links_in,
};

/// Originals inside originals that are followed.
const CHAIN: u32 = 8;

/// What all lines together tell of sites and posts.
#[derive(Debug, Default)]
pub(in crate::app) struct Census {
    kinds: HashMap<String, SiteKind>,
    posts: HashSet<PostKey>,
}

impl Census {
    pub(in crate::app::replay) fn of(lines: &[ReplayLine]) -> Self {
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

    pub(super) fn kind(&self, site: &str) -> Option<SiteKind> {
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
pub(super) struct Seen<'a> {
    pub(super) at: Timestamp,
    pub(super) census: &'a Census,
}

pub(super) fn post(fields: &Fields, site: &str, site_kind: SiteKind, seen: &Seen<'_>, depth: u32) -> Post {
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
