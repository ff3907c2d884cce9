//! What is watched: `sources.d/*.toml`, one table a source.
//!
//! There is one array per kind (`[[feed]]`, `[[page]]`, `[[api]]`, `[[push]]`, `[[command]]`, `[[watch]]`), so
//! that an unknown or wrong key is reported with its place. A source is a preset plus an address; it holds no
//! secrets, only references to them (`env:NAME`, `file:/path`, `credential:name`).

mod fetched;
mod own;
mod programs;
mod wire;
mod words;
pub mod written;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::SignedDuration;

use super::{
    FetchSettings,
    calendar::Attention,
    place::Fault,
    preset::{self, Preset, Presets},
};
use crate::model::SiteKind;

pub use own::{AfterChange, OwnPages};
pub use words::{BannedWord, list_names, trusted_scripts};

/// The way in.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// Fetched and read by a preset (feed, page or api).
    Fetched {
        /// How its answers are read, with the source's own site, kind and base.
        preset: Arc<Preset>,
        /// How the text behind an entry is read.
        detail_preset: Option<Arc<Preset>>,
        /// How one post is looked at again.
        observe_preset: Option<Arc<Preset>>,
        /// Address templates; `{base}` and the parameters are filled in, `{keyword}` and `{page}` are left.
        urls: Vec<String>,
        /// The base that was filled in, for templates of detail and observe.
        base: String,
    },
    /// Another program posts to us.
    Push,
    /// Another program prints JSON Lines.
    Command {
        /// Program and arguments; no shell.
        command: Vec<String>,
        /// The whole environment of the program.
        environment: BTreeMap<String, String>,
        /// It is stopped after this.
        time_limit: SignedDuration,
    },
    /// The unit's own pages, looked at for tampering.
    Watch {
        /// Which pages, and what may stand on them.
        pages: Arc<OwnPages>,
    },
}

/// How another program writes its posts (`push` and `command`).
///
/// Undeclared, each object is recognised by its names: those of one program never stand in another's, so
/// nothing is read as what it is not. Declared, anything else is told as a fault, so that a program that
/// changes its output is noticed on the first line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Not declared: by the names of each object.
    #[default]
    Guessed,
    /// This program's own names.
    Yuqing,
    /// Any platform of `MediaCrawler`.
    MediaCrawler,
    /// `MediaCrawler`: 微博.
    MediaCrawlerWeibo,
    /// `MediaCrawler`: 抖音.
    MediaCrawlerDouyin,
    /// `MediaCrawler`: 快手.
    MediaCrawlerKuaishou,
    /// `MediaCrawler`: 哔哩哔哩.
    MediaCrawlerBilibili,
    /// `MediaCrawler`: 知乎.
    MediaCrawlerZhihu,
    /// `MediaCrawler`: 小红书.
    MediaCrawlerXhs,
    /// `MediaCrawler`: 贴吧.
    MediaCrawlerTieba,
    /// The webhook of Prometheus Alertmanager and of the programs that imitate it.
    Alertmanager,
}

impl Format {
    /// All that can be declared.
    pub const ALL: [Self; 10] = [
        Self::Yuqing,
        Self::MediaCrawler,
        Self::MediaCrawlerWeibo,
        Self::MediaCrawlerDouyin,
        Self::MediaCrawlerKuaishou,
        Self::MediaCrawlerBilibili,
        Self::MediaCrawlerZhihu,
        Self::MediaCrawlerXhs,
        Self::MediaCrawlerTieba,
        Self::Alertmanager,
    ];

    /// The id as written in files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Guessed => "",
            Self::Yuqing => "yuqing",
            Self::MediaCrawler => "mediacrawler",
            Self::MediaCrawlerWeibo => "mediacrawler-weibo",
            Self::MediaCrawlerDouyin => "mediacrawler-douyin",
            Self::MediaCrawlerKuaishou => "mediacrawler-kuaishou",
            Self::MediaCrawlerBilibili => "mediacrawler-bilibili",
            Self::MediaCrawlerZhihu => "mediacrawler-zhihu",
            Self::MediaCrawlerXhs => "mediacrawler-xhs",
            Self::MediaCrawlerTieba => "mediacrawler-tieba",
            Self::Alertmanager => "alertmanager",
        }
    }

    /// The format of this id.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }
}

/// How requests leave the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Straight, whatever `[fetch] proxy` says.
    Direct,
    /// Through `http://`, `https://`, `socks5://` or `socks5h://` host and port.
    Through(String),
}

impl Proxy {
    /// Reads `direct` or a proxy's address. A password does not belong into a file of the office, so an
    /// address with one is not taken.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        if written == "direct" {
            return Some(Self::Direct);
        }
        let url = url::Url::parse(written).ok()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
        let known = ["http", "https", "socks5", "socks5h"].contains(&url.scheme());
        (plain && known).then(|| Self::Through(written.to_owned()))
    }
}

/// One source, checked.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name, unique.
    pub name: String,
    /// The way in.
    pub kind: SourceKind,
    /// Span between two rounds (for push: between two looks whether it is silent).
    pub interval: SignedDuration,
    /// Site id instead of the preset's.
    pub site: Option<String>,
    /// Site kind instead of the preset's.
    pub site_kind: Option<SiteKind>,
    /// Whether private and loopback addresses may be fetched (an intranet site).
    pub allow_private: bool,
    /// Reference to the secret that `{credential}` in a header stands for.
    pub credential: Option<String>,
    /// The contract by which its open interface is used, with the office's own key: robots.txt of that
    /// host does not apply, and the access log names the contract.
    pub contract: Option<String>,
    /// The proxy that its requests take; `None` is `[fetch] proxy`.
    pub proxy: Option<Proxy>,
    /// Extra request headers; values may hold `{credential}`.
    pub headers: BTreeMap<String, String>,
    /// Only rules of these units are tried; empty is all.
    pub units: Vec<String>,
    /// Silence longer than this is a fault of a push or command source (SEMANTICS 26). Of a fetched source
    /// no shorter silence is one, and it alone counts until the source's own rhythm was learned.
    pub expected_every: Option<SignedDuration>,
    /// A word that the source must always show: searched for in every round by a source that searches, and
    /// otherwise awaited in its posts.
    pub canary: Option<String>,
    /// Whether it runs.
    pub enabled: bool,
    /// Least span between two requests to its host, instead of `[fetch] host_pause`.
    pub pace: Option<SignedDuration>,
    /// Largest body in bytes after decompression, instead of `[fetch] max_body_mb`.
    pub max_bytes: Option<usize>,
    /// Longest time for one request, instead of `[fetch] timeout`.
    pub timeout: Option<SignedDuration>,
    /// Which organisation or medium is followed and why; a timeline needs it (SEMANTICS 30).
    pub reason: Option<String>,
    /// Push and command: how the other program writes.
    pub format: Format,
    /// Sensitive dates and the rounds that it owes each day.
    pub attention: Attention,
}

impl Source {
    /// Whether it is read for any of these units; none of them is every unit.
    #[must_use]
    pub fn is_for(&self, units: &[String]) -> bool {
        units.is_empty() || self.units.is_empty() || self.units.iter().any(|unit| units.contains(unit))
    }

    /// The preset of a fetched source.
    #[must_use]
    pub const fn preset(&self) -> Option<&Arc<Preset>> {
        match &self.kind {
            SourceKind::Fetched { preset, .. } => Some(preset),
            SourceKind::Push | SourceKind::Command { .. } | SourceKind::Watch { .. } => None,
        }
    }

    /// The addresses or templates that it fetches; none for what other programs send.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        match &self.kind {
            SourceKind::Fetched { urls, .. } => urls,
            SourceKind::Watch { pages } => &pages.urls,
            SourceKind::Push | SourceKind::Command { .. } => &[],
        }
    }

    /// Whether its addresses hold `{keyword}`.
    #[must_use]
    pub fn searches(&self) -> bool {
        matches!(&self.kind, SourceKind::Fetched { urls, .. } if urls.iter().any(|url| url.contains("{keyword}")))
    }

    /// Least span between two requests to its host, under these settings.
    #[must_use]
    pub fn pace_in(&self, settings: &FetchSettings) -> SignedDuration {
        self.pace.unwrap_or_else(|| span(settings.host_pause))
    }

    /// Longest time for one request, under these settings.
    #[must_use]
    pub fn timeout_in(&self, settings: &FetchSettings) -> SignedDuration {
        self.timeout.unwrap_or_else(|| span(settings.timeout))
    }

    /// Largest body in bytes after decompression, under these settings.
    #[must_use]
    pub fn max_bytes_in(&self, settings: &FetchSettings) -> usize {
        self.max_bytes.unwrap_or_else(|| usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX))
    }

    /// The proxy that its requests take, under these settings. A source inside the office's own network
    /// goes straight unless it names one itself.
    #[must_use]
    pub fn proxy_in<'a>(&'a self, settings: &'a FetchSettings) -> Option<&'a str> {
        let own = self.proxy.as_ref();
        match own.or_else(|| settings.proxy.as_ref().filter(|_| !self.allow_private))? {
            Proxy::Direct => None,
            Proxy::Through(address) => Some(address),
        }
    }

    /// The kind's id as written in files.
    #[must_use]
    pub fn kind_id(&self) -> &'static str {
        match &self.kind {
            SourceKind::Fetched { preset, .. } => preset.reader.kind(),
            SourceKind::Push => "push",
            SourceKind::Command { .. } => "command",
            SourceKind::Watch { .. } => "watch",
        }
    }

    /// A source of one address with the defaults of its preset, as `probe` makes it.
    #[must_use]
    pub fn of_url(name: &str, preset: Arc<Preset>, url: &str) -> Self {
        let base =
            url::Url::parse(url).ok().map_or_else(String::new, |url| url.origin().ascii_serialization());
        Self {
            name: name.to_owned(),
            interval: preset.interval,
            kind: SourceKind::Fetched {
                preset,
                detail_preset: None,
                observe_preset: None,
                urls: vec![url.to_owned()],
                base,
            },
            site: None,
            site_kind: None,
            allow_private: false,
            credential: None,
            contract: None,
            proxy: None,
            headers: BTreeMap::new(),
            units: Vec::new(),
            expected_every: None,
            canary: None,
            enabled: true,
            pace: None,
            max_bytes: None,
            timeout: None,
            reason: None,
            format: Format::Guessed,
            attention: Attention::default(),
        }
    }
}

/// Reads every file of `<office>/sources.d`. A folder that is not there has no sources.
///
/// # Errors
/// Every fault of every file, with its place.
pub fn load(folder: &Path, presets: &Presets) -> Result<Vec<Source>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut sources: Vec<Source> = Vec::new();
    for file in preset::toml_files(folder, &mut faults) {
        match std::fs::read_to_string(&file) {
            Ok(text) => match parse(&file, &text, presets, &sources) {
                Ok(found) => sources.extend(found),
                Err(found) => faults.extend(found),
            },
            Err(error) => faults.push(preset::unreadable_file(&file, &error)),
        }
    }
    if faults.is_empty() { Ok(sources) } else { Err(faults) }
}

/// Reads one file's text; `earlier` are the sources whose names are taken.
///
/// # Errors
/// Every fault of it, with its place.
pub fn parse(
    file: &Path,
    text: &str,
    presets: &Presets,
    earlier: &[Source],
) -> Result<Vec<Source>, Vec<Fault>> {
    wire::parse(file, text, presets, earlier)
}

/// Fills `{name}` from `values`; what has no value is left as it stands.
#[must_use]
pub fn fill<'a>(template: &str, values: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    values
        .into_iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn span(length: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}
