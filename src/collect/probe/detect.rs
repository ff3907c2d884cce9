//! What a pasted address is: a feed, the list of a forum by its program, the column of a news site, or nothing that can
//! be read. Every candidate was truly read, so that a person sees what each would give; the best comes first.
//!
//! The page itself is read by every preset of its kind. Beside it are looked at, one after the other and at the host's
//! pace: feeds that the page names (`<link rel=alternate>`), and addresses that a preset makes for a page of its shape
//! (`forum.php?mod=forumdisplay&fid=2` becomes the board's newest threads).

mod shape;

use std::{collections::BTreeMap, sync::Arc};

use tokio::time::Instant;
use url::Url;

use super::trail::{self, Stop};
use crate::{
    collect::{
        adapter::{self, Page, Reading, Verdict},
        fetch::{FetchError, Fetched, Fetcher},
        requests,
    },
    config::{
        preset::{Preset, Presets, Reader},
        source::Source,
    },
    locale::Locale,
    time::SharedClock,
};

/// Addresses beside the pasted one that are looked at.
const MOST_BESIDE: usize = 4;
/// Posts from which on a page counts as a list; a feed says itself that it is one.
const LEAST_POSTS: usize = 3;
/// Candidates that are shown.
const MOST_CANDIDATES: usize = 6;
/// Posts of a candidate that are kept.
const MOST_POSTS: usize = 50;

/// How the file of sources says where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// This address.
    Url(String),
    /// The preset's own address with these.
    Parameters {
        /// Scheme and host; `None` where the preset knows them.
        base: Option<String>,
        /// Its parameters, percent-encoded.
        parameters: BTreeMap<String, String>,
    },
}

/// One way to read what was pasted.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// By which preset.
    pub preset: Arc<Preset>,
    /// What the file would say.
    pub way: Way,
    /// What was read.
    pub url: String,
    /// Whether the page carries the sign of the preset's site or program.
    pub known: bool,
    /// What it gave, at most fifty posts.
    pub reading: Reading,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Detected {
    /// How far the pasted address was got through.
    pub trail: Vec<Stop>,
    /// The page's own title; empty when it has none.
    pub title: String,
    /// Ways to read it, the best first.
    pub candidates: Vec<Candidate>,
    /// Addresses that there was no time to look at, and what went wrong with the others.
    pub notes: Vec<String>,
}

/// Who looks.
pub struct Detective<'a> {
    /// The way to the web.
    pub fetcher: &'a Fetcher,
    /// What may be tried.
    pub presets: &'a Presets,
    /// Instants of the looks.
    pub clock: SharedClock,
    /// Whether private addresses may be reached.
    pub allow_private: bool,
    /// Nothing new is begun after this.
    pub until: Instant,
    /// Language of what is said.
    pub locale: Locale,
}

impl Detective<'_> {
    /// Looks at an address.
    pub async fn look(&self, address: &str) -> Detected {
        let mut detected = Detected::default();
        let answer = match self.fetched(address).await {
            Ok(answer) => answer,
            Err(error) => {
                detected.trail = trail::of_failure(address, &error, self.locale);
                return detected;
            }
        };
        let looked = self.beside_tasks({
            let (answer, address) = (answer.clone(), address.to_owned());
            let (presets, now, locale) = (self.presets.clone(), self.clock.now(), self.locale);
            move || Looked::of(&presets, &answer, &address, now, locale)
        });
        let Some(looked) = looked.await else { return detected };
        let Looked { beside, known, candidates, title, trail } = looked;
        (detected.trail, detected.title, detected.candidates) = (trail, title, candidates);
        for (nth, one) in beside.into_iter().enumerate() {
            if nth >= MOST_BESIDE || Instant::now() >= self.until {
                let words = self.locale.pick("没有来得及看", "there was no time to look at");
                detected.notes.push(format!("{words} {}", one.url));
                continue;
            }
            match self.fetched(&one.url).await {
                Ok(answer) => {
                    let (presets, now) = (self.presets.clone(), self.clock.now());
                    let known = known.clone();
                    let read = self.beside_tasks(move || one.read(&presets, &answer, &known, now)).await;
                    detected.candidates.extend(read.flatten());
                }
                Err(error) => detected.notes.push(format!("{}：{}", one.url, error.human(self.locale))),
            }
        }
        sort(&mut detected.candidates);
        detected
    }

    async fn beside_tasks<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let done = tokio::task::spawn_blocking(work).await;
        done.inspect_err(|error| tracing::error!(%error, "a pasted address could not be read")).ok()
    }

    async fn fetched(&self, address: &str) -> Result<Fetched, FetchError> {
        let any = self.presets.iter().next().ok_or_else(|| FetchError::BadUrl(address.to_owned()))?;
        let mut source = Source::of_url(address, Arc::clone(any), address);
        source.allow_private = self.allow_private;
        let request = requests::of(&source, self.fetcher.settings(), address)?;
        let begun = Instant::now();
        let answer = tokio::time::timeout_at(self.until, self.fetcher.fetch(&request)).await;
        // The host's turn may be further away than a person waits.
        answer.unwrap_or_else(|_| Err(FetchError::Timeout { seconds: begun.elapsed().as_secs() }))
    }
}

/// What the pasted page gave, and where to look besides.
struct Looked {
    trail: Vec<Stop>,
    title: String,
    known: Vec<String>,
    candidates: Vec<Candidate>,
    beside: Vec<Beside>,
}

/// An address beside the pasted one.
struct Beside {
    url: String,
    /// The preset that made the address, with what it made it of; `None` for a feed that the page names.
    made_by: Option<(Arc<Preset>, Way)>,
}

impl Looked {
    fn of(presets: &Presets, answer: &Fetched, asked: &str, now: jiff::Timestamp, locale: Locale) -> Self {
        let page = page_of(answer);
        let known = adapter::known_by(presets, &page);
        let known: Vec<String> = known.iter().map(|preset| preset.name.clone()).collect();
        let ranked = adapter::ranked(presets, &page, now);
        let best = ranked.first().map(|(preset, reading)| (reading, &**preset));
        let trail = trail::of_answer(asked, answer, false, best, locale);
        let way = Way::Url(answer.url.clone());
        let candidate = |(preset, reading): (Arc<Preset>, Reading)| {
            Candidate::of(presets, preset, way.clone(), &answer.url, &known, reading)
        };
        let candidates = ranked.into_iter().filter_map(candidate).collect();
        let (title, feeds) = match adapter::kind_of_answer(&page) {
            "page" => adapter::head(&page),
            _ => (String::new(), Vec::new()),
        };
        let feeds = feeds.into_iter().map(|url| Beside { url, made_by: None });
        let shaped = Url::parse(&answer.url).ok().into_iter().flat_map(|url| made(presets, &url, &known));
        // What a program's own preset makes is better than a feed of the whole site.
        let beside = shaped.chain(feeds).filter(|one| one.url != answer.url).collect();
        Self { trail, title, known, candidates, beside }
    }
}

/// The addresses that presets make for a page of their shape.
fn made(presets: &Presets, url: &Url, known: &[String]) -> Vec<Beside> {
    let lists = presets.iter().filter(|preset| !is_of_one_post(presets, preset));
    let made = |preset: &Arc<Preset>| {
        let signed = known.contains(&preset.name);
        let (base, parameters) = preset
            .urls
            .iter()
            .find_map(|template| shape::of(template, preset.base.as_deref(), url, signed))?;
        let template = preset.urls.first()?;
        let values = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let values = values.chain([("base", base.as_str()), ("page", "1")]);
        let url = crate::config::source::fill(template, values);
        let base = (preset.base.as_deref() != Some(&base)).then_some(base);
        let way = Way::Parameters { base, parameters };
        (!url.contains('{')).then(|| Beside { url, made_by: Some((Arc::clone(preset), way)) })
    };
    lists.filter_map(made).collect()
}

impl Beside {
    fn read(
        self,
        presets: &Presets,
        answer: &Fetched,
        known: &[String],
        now: jiff::Timestamp,
    ) -> Option<Candidate> {
        let page = page_of(answer);
        let (preset, way) = match self.made_by {
            Some(made_by) => made_by,
            None if adapter::kind_of_answer(&page) == "feed" => {
                (adapter::guess(presets, &page, now)?.0, Way::Url(self.url))
            }
            None => return None,
        };
        let reading = adapter::read(&preset, &page, now);
        Candidate::of(presets, preset, way, &answer.url, known, reading)
    }
}

impl Candidate {
    /// A candidate, when what it gave is a list.
    fn of(
        presets: &Presets,
        preset: Arc<Preset>,
        way: Way,
        url: &str,
        known: &[String],
        mut reading: Reading,
    ) -> Option<Self> {
        let least = if matches!(preset.reader, Reader::Feed) { 1 } else { LEAST_POSTS };
        let is_list = reading.verdict == Verdict::Data && reading.posts.len() >= least;
        if !is_list || is_of_one_post(presets, &preset) {
            return None;
        }
        reading.posts.truncate(MOST_POSTS);
        let known = known.contains(&preset.name);
        Some(Self { url: url.to_owned(), preset, way, known, reading })
    }

    /// How good it is: a program that was recognised before one that was not, its own newest threads before the page as
    /// it was pasted, what reads every site last.
    fn worth(&self) -> (u8, bool, bool, usize) {
        let any_shape = matches!(&self.preset.reader, Reader::Page(reader) if reader.any_shape);
        let is_feed = matches!(self.preset.reader, Reader::Feed);
        let made = matches!(self.way, Way::Parameters { .. });
        let class = match (any_shape, is_feed) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        };
        let counted = self.reading.posts.iter().filter(|(post, counters)| {
            post.published.is_some() || counters.views.is_some() || counters.comments.is_some()
        });
        (class, self.known, made, counted.count())
    }
}

fn sort(candidates: &mut Vec<Candidate>) {
    candidates.sort_by(|one, other| {
        other.worth().cmp(&one.worth()).then_with(|| one.preset.name.cmp(&other.preset.name))
    });
    candidates.truncate(MOST_CANDIDATES);
}

/// Whether a preset reads the page of one post for another preset: no source of its own.
fn is_of_one_post(presets: &Presets, preset: &Preset) -> bool {
    let serves = |other: &Arc<Preset>| {
        let names = [
            other.detail.as_ref().map(|detail| &detail.preset),
            other.observe.as_ref().map(|observe| &observe.preset),
        ];
        names.into_iter().flatten().any(|name| *name == preset.name)
    };
    preset.urls.is_empty() && presets.iter().any(serves)
}

fn page_of(answer: &Fetched) -> Page<'_> {
    Page { url: &answer.url, content_type: answer.content_type.as_deref(), body: &answer.body, asked: None }
}
