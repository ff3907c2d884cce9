//! `[[watch]]`: the unit's own pages, looked at for tampering. Which pages, which parts change by
//! themselves, which words must and must not stand there, what an ordinary change does.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use jiff::SignedDuration;
use scraper::Selector;
use serde::Deserialize;
use toml::Spanned;

use super::{
    Format, Source, SourceKind,
    wire::{Check, is_web, yes},
    words::{self, BannedWord},
};
use crate::{config::calendar::Attention, model::SiteKind};

const INTERVAL: SignedDuration = SignedDuration::from_mins(10);
/// More pages than this are another source.
const MOST_PAGES: usize = 50;
/// A shorter word would be met in half of all pages.
const SHORTEST_WORD: usize = 2;

/// What an ordinary change (one without a sign of tampering) does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterChange {
    /// It is logged, and the page as it is now is what later looks are compared with.
    #[default]
    Learn,
    /// The same, and the administrators are told.
    Tell,
    /// The administrators are told, and the page stays changed until somebody accepts it.
    Approve,
}

/// The unit's own pages.
#[derive(Debug, Clone)]
pub struct OwnPages {
    /// Their addresses.
    pub urls: Vec<String>,
    /// Parts whose text is not compared (a visitor counter, the weather).
    pub volatile: Vec<Selector>,
    /// Words that must not stand there.
    pub banned: Vec<BannedWord>,
    /// Domains that the pages may link and lead to, beside their own.
    pub links_ok: Vec<String>,
    /// Words that must stand there.
    pub expect: Vec<String>,
    /// What an ordinary change does.
    pub after_change: AfterChange,
    /// Lowest tier of a tampering, as a plan names it.
    pub at_least: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watched {
    name: Spanned<String>,
    url: Option<Spanned<String>>,
    #[serde(default)]
    urls: Vec<Spanned<String>>,
    #[serde(default)]
    units: Vec<String>,
    interval: Option<Spanned<String>>,
    #[serde(default)]
    volatile: Vec<Spanned<String>>,
    #[serde(default)]
    banned: Vec<Spanned<String>>,
    word_lists: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    foreign_links_ok: Vec<Spanned<String>>,
    #[serde(default)]
    expect: Vec<Spanned<String>>,
    #[serde(default)]
    after_change: AfterChange,
    at_least: Option<String>,
    #[serde(default)]
    allow_private: bool,
    #[serde(default = "yes")]
    enabled: bool,
    pace: Option<Spanned<String>>,
    max_bytes: Option<usize>,
    timeout: Option<Spanned<String>>,
}

impl Check<'_> {
    pub(super) fn watched(&mut self, table: Range<usize>, wire: Watched) -> (Range<usize>, Source) {
        let urls: Vec<Spanned<String>> = wire.url.into_iter().chain(wire.urls).collect();
        if urls.is_empty() {
            self.fault(table.clone(), "没有写 urls".into(), "写上本单位的网页，如 urls = [\"https://…\"]");
        }
        if wire.units.is_empty() {
            let hint = "写明是哪个单位的网页，如 units = [\"某某县人民医院\"]；发现篡改时按它的预案通知";
            self.fault(table, "没有写 units".into(), hint);
        }
        let pages = OwnPages {
            urls: self.pages(urls),
            volatile: wire.volatile.into_iter().filter_map(|css| self.selector(&css)).collect(),
            banned: self.banned(wire.banned, wire.word_lists),
            links_ok: wire.foreign_links_ok.into_iter().filter_map(|domain| self.domain(&domain)).collect(),
            expect: self.words("expect", wire.expect),
            after_change: wire.after_change,
            at_least: wire.at_least.unwrap_or_else(|| "major".to_owned()),
        };
        let source = Source {
            format: Format::Guessed,
            reason: None,
            canary: None,
            attention: Attention::default(),
            contract: None,
            proxy: None,
            name: wire.name.get_ref().clone(),
            kind: SourceKind::Watch { pages: Arc::new(pages) },
            interval: self.span(wire.interval, INTERVAL),
            site: None,
            site_kind: Some(SiteKind::Own),
            allow_private: wire.allow_private,
            credential: None,
            headers: BTreeMap::new(),
            units: wire.units,
            expected_every: None,
            enabled: wire.enabled,
            pace: self.optional_span(wire.pace),
            max_bytes: wire.max_bytes,
            timeout: self.optional_span(wire.timeout),
        };
        (wire.name.span(), source)
    }

    fn pages(&mut self, written: Vec<Spanned<String>>) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        for url in written {
            let text = url.get_ref().trim();
            if !is_web(text) || text.contains(['{', '}']) {
                self.fault(url.span(), format!("不是网址: {text}"), "以 https:// 或 http:// 开头");
            } else if urls.iter().any(|other| other == text) {
                self.fault(url.span(), format!("{text} 写了两次"), "去掉一个");
            } else if urls.len() == MOST_PAGES {
                let message = format!("一个来源最多 {MOST_PAGES} 个网页");
                self.fault(url.span(), message, "其余的写成另一段 [[watch]]");
                break;
            } else {
                urls.push(text.to_owned());
            }
        }
        urls
    }

    fn selector(&mut self, css: &Spanned<String>) -> Option<Selector> {
        let parsed = Selector::parse(css.get_ref()).ok();
        if parsed.is_none() {
            let hint = "写 CSS 选择器，如 \".visit-count\"、\"#weather\"";
            self.fault(css.span(), format!("看不懂的选择器 {}", css.get_ref()), hint);
        }
        parsed
    }

    fn banned(&mut self, own: Vec<Spanned<String>>, lists: Option<Vec<Spanned<String>>>) -> Vec<BannedWord> {
        let known = words::list_names();
        let names: Vec<String> = match lists {
            None => known.iter().map(|name| (*name).to_owned()).collect(),
            Some(written) => {
                for name in written.iter().filter(|name| !known.contains(&name.get_ref().as_str())) {
                    let hint = format!("可用的词表: {}；自己的词写进 banned", known.join("、"));
                    self.fault(name.span(), format!("没有词表 {}", name.get_ref()), &hint);
                }
                written.into_iter().map(Spanned::into_inner).collect()
            }
        };
        let own = self.words("banned", own).into_iter().map(|word| BannedWord { word, list: None });
        own.chain(words::shipped_words(&names)).collect()
    }

    fn words(&mut self, key: &str, written: Vec<Spanned<String>>) -> Vec<String> {
        let mut words = Vec::new();
        for word in written {
            let plain = word.get_ref().chars().filter(|c| c.is_alphanumeric()).count();
            if plain < SHORTEST_WORD {
                let message = format!("{key} 里的“{}”太短", word.get_ref());
                self.fault(word.span(), message, "写两个字以上的词");
            } else {
                words.push(word.get_ref().trim().to_owned());
            }
        }
        words
    }

    fn domain(&mut self, written: &Spanned<String>) -> Option<String> {
        let text = written.get_ref().trim().trim_start_matches("*.").trim_end_matches('.');
        let host = url::Host::parse(text).ok().map(|host| host.to_string());
        if host.is_none() {
            let message = format!("不是域名: {}", written.get_ref());
            self.fault(written.span(), message, "只写域名，如 \"example.cn\"，不带 https:// 和路径");
        }
        host
    }
}
