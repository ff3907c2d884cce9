//! How a tampering reaches the desk: as a post of the site `own`, whose hit carries the lowest tier. Later
//! signs of the same tampering and its end are posts that refer to the first, so they join its incident.
//!
//! Such a post has no link of its own: a link would draw every post that links the page into the incident.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::sign::Sign;
use crate::{
    config::source::{OwnPages, Source},
    desk::Input,
    locale::Locale,
    model::{Certainty, Counters, Hit, HitPart, Mention, Post, PostKey, RepostOf, SiteKind},
};

/// Site of the unit's own pages.
const SITE: &str = "own";
/// Signs that are listed.
const MOST_SIGNS: usize = 20;

/// What is told of one page.
pub(super) struct Tampering<'a> {
    pub source: &'a Source,
    pub pages: &'a OwnPages,
    pub url: &'a str,
    pub episode: u64,
    pub signs: &'a [Sign],
    /// Those that were not told yet: the identity of the post.
    pub new: &'a [Sign],
    /// Title before.
    pub title: &'a str,
    pub sha256: &'a str,
    pub evidence: Option<&'a str>,
    /// The post that it belongs to.
    pub belongs_to: Option<&'a PostKey>,
    pub now: Timestamp,
    pub locale: Locale,
}

impl Tampering<'_> {
    /// The post's identity: equal for the same signs of the same tampering.
    pub fn key(&self) -> PostKey {
        let mut ids: Vec<String> = self.new.iter().map(Sign::id).collect();
        ids.sort();
        let hash: String = hex::encode(Sha256::digest(ids.join("\n"))).chars().take(12).collect();
        PostKey { site: SITE.to_owned(), id: format!("{}#{}-{hash}", self.url, self.episode) }
    }

    /// The mention, with a hit for each unit of the source.
    pub fn input(&self) -> Input {
        let (title, surface) = match self.locale {
            Locale::ZhCn => (format!("本单位网页疑似被篡改：{}", self.name()), "疑似被篡改"),
            Locale::En => (format!("own page may be tampered with: {}", self.name()), "tampered with"),
        };
        let before = title.split_once(surface).map_or("", |(before, _)| before);
        let start = u32::try_from(before.chars().count()).unwrap_or(0);
        let end = start + u32::try_from(surface.chars().count()).unwrap_or(0);
        let hit = |unit: &String| Hit {
            unit: unit.clone(),
            group: self.locale.pick("网页篡改", "own page tampered with").to_owned(),
            rule: self.source.name.clone(),
            line: 0,
            start,
            end,
            surface: surface.to_owned(),
            certainty: Certainty::Exact,
            part: HitPart::Own,
            at_least: Some(self.pages.at_least.clone()),
            notify: Vec::new(),
            kind: None,
            file: String::new(),
        };
        let post = post(self.key(), title, self.text(), self.belongs_to);
        mention(self.source, post, self.source.units.iter().map(hit).collect(), self.now)
    }

    fn name(&self) -> &str {
        if self.title.is_empty() { self.url } else { self.title }
    }

    fn text(&self) -> String {
        let listed: Vec<String> = self
            .signs
            .iter()
            .take(MOST_SIGNS)
            .enumerate()
            .map(|(nth, sign)| format!("{}. {}", nth + 1, sign.human(self.locale)))
            .collect();
        let (listed, url, sha256) = (listed.join("\n"), self.url, self.sha256);
        let kept = self.evidence.map(|name| format!("（{name}）")).unwrap_or_default();
        match self.locale {
            Locale::ZhCn => format!(
                "网址：{url}\n迹象：\n{listed}\n收到内容的 SHA-256：{sha256}{kept}\n请先断开或替换被改的网页，保留服务器日志，再查入侵途径。"
            ),
            Locale::En => {
                format!("address: {url}\nsigns:\n{listed}\nSHA-256 of what was received: {sha256}{kept}")
            }
        }
    }
}

/// The end of a tampering, for the timeline of its incident. It meets no rule, so it raises nothing.
pub(super) fn ended(source: &Source, url: &str, first: &PostKey, words: &str, now: Timestamp) -> Input {
    let key = PostKey { site: SITE.to_owned(), id: format!("{}-ended", first.id) };
    let post = post(key, words.to_owned(), format!("{words}\n{url}"), Some(first));
    mention(source, post, Vec::new(), now)
}

fn post(key: PostKey, title: String, text: String, belongs_to: Option<&PostKey>) -> Post {
    let repost_of = belongs_to.map(|first| RepostOf { key: Some(first.clone()), url: None, embedded: None });
    Post {
        key,
        site_kind: SiteKind::Own,
        url: String::new(),
        title,
        text,
        quoted: String::new(),
        published: None,
        repost_of,
        links: Vec::new(),
    }
}

fn mention(source: &Source, post: Post, hits: Vec<Hit>, now: Timestamp) -> Input {
    Input::Mention(Box::new(Mention {
        source: source.name.clone(),
        post,
        seen_at: now,
        counters: Counters::default(),
        own_fetch: false,
        first_round: false,
        hits,
    }))
}
