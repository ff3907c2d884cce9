//! A trial reading (试取): one source or address is fetched once, by the same guard, robots.txt and pace as in a round,
//! and read by the same adapters. It says how each step went, what would be read and what went wrong. Nothing is kept.
//!
//! The command `probe` and the console's pages of sources share it; [`trail`] says how far an address was got through,
//! [`detect`] finds out by which presets a pasted address can be read.

pub mod detect;
pub mod trail;

use std::sync::Arc;

use jiff::Timestamp;

use self::trail::Stop;
use super::{
    adapter::{
        self, Page, Reading, Verdict,
        explain::{Explanation, explain},
    },
    address,
    fetch::{FetchError, Fetched, Fetcher},
    requests,
};
use crate::{
    config::{
        preset::{Preset, Presets},
        source::{Source, SourceKind},
    },
    locale::Locale,
    model::{Counters, Post},
    time::SharedClock,
};

/// Most addresses of a source that one trial begins with.
const MOST_ADDRESSES: usize = 3;

/// Why a source cannot be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The unit's own pages: they are looked at, not read for posts.
    OwnPages,
    /// Another program sends or prints its posts.
    HandedIn,
    /// It searches, and there is no word to search for.
    NothingToSearch,
}

impl Unfit {
    /// As the office reads it.
    #[must_use]
    pub fn human(self, name: &str, locale: Locale) -> String {
        match (self, locale) {
            (Self::OwnPages, Locale::ZhCn) => {
                format!("来源“{name}”是本单位的网页，不读帖子；用 yuqing watch 看它们最近的样子")
            }
            (Self::OwnPages, Locale::En) => {
                format!("“{name}” is the unit's own pages, which hold no posts; see yuqing watch")
            }
            (Self::HandedIn, Locale::ZhCn) => format!("来源“{name}”由别的程序送来，不能试取"),
            (Self::HandedIn, Locale::En) => {
                format!("“{name}” comes from another program; there is nothing to fetch")
            }
            (Self::NothingToSearch, Locale::ZhCn) => {
                "这个来源按关键词检索，但关键词表里没有“检索: 是”的词".to_owned()
            }
            (Self::NothingToSearch, Locale::En) => {
                "this source searches, and no keyword group is marked for search".to_owned()
            }
        }
    }
}

/// What was read, by which preset, and what else went wrong.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The preset by which it was read; the one that was named, else the one that fitted best.
    pub preset: Option<Arc<Preset>>,
    /// What each answer gave.
    pub readings: Vec<Reading>,
    /// How each answer was read, in the order of the readings.
    pub explanations: Vec<Explanation>,
    /// What kept an address from being read.
    pub problems: Vec<String>,
    /// How far each address was got through, from the name to the posts.
    pub trails: Vec<Vec<Stop>>,
}

impl Found {
    /// Nothing yet; further answers are read by `preset`, or by the one that fits the first.
    #[must_use]
    pub fn by(preset: Option<Arc<Preset>>) -> Self {
        Self { preset, ..Self::default() }
    }

    /// Reads one answer; the address of the page after it.
    pub fn read(
        &mut self,
        presets: &Presets,
        page: &Page<'_>,
        now: Timestamp,
        locale: Locale,
    ) -> Option<String> {
        let read = match self.preset.clone() {
            Some(preset) => {
                let reading = adapter::read(&preset, page, now);
                Some((preset, reading))
            }
            None => adapter::guess(presets, page, now),
        };
        let Some((preset, reading)) = read else {
            self.problems.push(locale.pick("没有合适的预设", "no preset fits").into());
            return None;
        };
        let next = reading.next.clone();
        self.explanations.push(explain(&preset, page));
        self.readings.push(reading);
        // Further pages are read as the first one was.
        self.preset = Some(preset);
        next
    }

    /// Every post that was read, in its order.
    pub fn posts(&self) -> impl Iterator<Item = &(Post, Counters)> {
        self.readings.iter().flat_map(|reading| &reading.posts)
    }

    /// All that went wrong, in the office's words.
    #[must_use]
    pub fn all_problems(&self, locale: Locale) -> Vec<String> {
        let mut problems = self.problems.clone();
        for reading in &self.readings {
            if let Verdict::Blocked { reason, words } = &reading.verdict {
                problems.push(adapter::blocked_words(*reason, words, locale));
            }
            problems.extend(reading.faults.iter().map(|fault| fault.human(locale)));
        }
        problems
    }

    /// Whether every answer was data, or an empty list that says so.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let good = |reading: &Reading| matches!(reading.verdict, Verdict::Data | Verdict::Empty);
        self.problems.is_empty() && !self.readings.is_empty() && self.readings.iter().all(good)
    }
}

/// One trial of a source.
#[derive(Clone)]
pub struct Trial<'a> {
    /// Which source.
    pub source: &'a Source,
    /// The way to the web.
    pub fetcher: &'a Fetcher,
    /// What answers may be read by.
    pub presets: &'a Presets,
    /// The word that a source that searches is asked with.
    pub term: Option<&'a str>,
    /// Pages that are followed.
    pub pages: u32,
    /// Instants of the looks.
    pub clock: SharedClock,
    /// Language of what is said.
    pub locale: Locale,
}

impl Trial<'_> {
    /// Fetches and reads; `found` says by which preset, when one was named.
    ///
    /// # Errors
    /// [`Unfit`]: nothing was fetched then.
    pub async fn run(&self, mut found: Found) -> Result<Found, Unfit> {
        let (urls, encoding) = match &self.source.kind {
            SourceKind::Fetched { urls, preset, .. } => (urls, preset.keyword_encoding.as_str()),
            SourceKind::Watch { .. } => return Err(Unfit::OwnPages),
            SourceKind::Push | SourceKind::Command { .. } => return Err(Unfit::HandedIn),
        };
        if self.source.searches() && self.term.is_none() {
            return Err(Unfit::NothingToSearch);
        }
        for template in urls.iter().take(MOST_ADDRESSES) {
            found = self.follow(template, encoding, found).await;
        }
        Ok(found)
    }

    /// Reads page after page, as a round does: by the list's own link to the next, else by `{page}`.
    async fn follow(&self, template: &str, encoding: &str, mut found: Found) -> Found {
        let mut url = address::of_page(template, self.term, encoding, 1);
        for page in 1..=self.pages {
            let answer = match self.fetched(&url).await {
                Ok(answer) => answer,
                Err(error) => {
                    found.problems.push(format!("{} [{error}]", error.human(self.locale)));
                    found.trails.push(trail::of_failure(&url, &error, self.locale));
                    return found;
                }
            };
            let next;
            (found, next) = self.read(found, answer, &url).await;
            url = match next.filter(|next| *next != url) {
                Some(next) => next,
                None if template.contains("{page}") => {
                    address::of_page(template, self.term, encoding, page + 1)
                }
                None => return found,
            };
        }
        found
    }

    /// Reads an answer beside the tasks: a large page takes its time.
    async fn read(&self, found: Found, answer: Fetched, asked: &str) -> (Found, Option<String>) {
        let (presets, now, locale) = (self.presets.clone(), self.clock.now(), self.locale);
        let (contract, asked) = (self.source.contract.is_some(), asked.to_owned());
        let mut kept = found.clone();
        let work = tokio::task::spawn_blocking(move || {
            let mut found = found;
            let (url, content_type) = (answer.url.as_str(), answer.content_type.as_deref());
            let page = Page { url, content_type, body: &answer.body, asked: None };
            let before = found.readings.len();
            let next = found.read(&presets, &page, now, locale);
            let reading = found.readings.get(before).zip(found.preset.as_deref());
            let stops = trail::of_answer(&asked, &answer, contract, reading, locale);
            found.trails.push(stops);
            (found, next)
        });
        match work.await {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "an answer could not be read");
                kept.problems
                    .push(locale.pick("读这一页时程序出错了", "reading this page failed").to_owned());
                (kept, None)
            }
        }
    }

    async fn fetched(&self, address: &str) -> Result<Fetched, FetchError> {
        let request = requests::of(self.source, self.fetcher.settings(), address)?;
        self.fetcher.fetch(&request).await
    }
}
