//! A site as data: how its pages are addressed and read.
//!
//! A preset is one TOML file of kind `feed`, `page` or `api`. The shipped ones are embedded; a file of
//! the same name in the office's `presets/` folder wins. No site's name is in the code: whatever is
//! particular to a site (selectors, paths, the sentence on its captcha page, whether looking at a post
//! raises its views) stands in its preset. Everything is checked and compiled at load, so reading a
//! page cannot fail on a bad selector.

mod check;
mod wire;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, tz::TimeZone};
use regex::Regex;
use scraper::Selector;
use serde::{Deserialize, Serialize};
use serde_json_path::JsonPath;

use super::place::Fault;
use crate::model::SiteKind;

/// The presets that ship with the program: file name without `.toml`, text.
const SHIPPED: [(&str, &str); 9] = [
    ("rss", include_str!("../../config/presets/rss.toml")),
    ("discuz-list", include_str!("../../config/presets/discuz-list.toml")),
    ("discuz-thread", include_str!("../../config/presets/discuz-thread.toml")),
    ("flaskbb-list", include_str!("../../config/presets/flaskbb-list.toml")),
    ("flaskbb-topic", include_str!("../../config/presets/flaskbb-topic.toml")),
    ("weibo-search", include_str!("../../config/presets/weibo-search.toml")),
    ("weibo-status", include_str!("../../config/presets/weibo-status.toml")),
    ("douyin-search", include_str!("../../config/presets/douyin-search.toml")),
    ("posts-json", include_str!("../../config/presets/posts-json.toml")),
];

/// Which counters are meant by a list of names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Yields {
    /// 浏览.
    pub views: bool,
    /// 转发.
    pub reposts: bool,
    /// 评论.
    pub comments: bool,
    /// 点赞.
    pub likes: bool,
}

/// What a page that is not data wants of us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    /// A login.
    Login,
    /// A captcha or another proof of being human.
    Captcha,
    /// A right that we do not have.
    Permission,
    /// A slower pace.
    Limited,
    /// Something else; the site's own words say what.
    #[default]
    Other,
}

/// A sign on a page by which it is recognised. All conditions that are given must hold.
#[derive(Debug, Clone)]
pub struct Sign {
    /// These words stand in the body.
    pub text: Option<String>,
    /// An element matches (HTML); its text contains `contains` when given.
    pub css: Option<Selector>,
    /// Words that the element must contain.
    pub contains: Option<String>,
    /// A node is there (JSON); it equals `equals` when given.
    pub path: Option<JsonPath>,
    /// The node's value, as text.
    pub equals: Option<String>,
    /// What the page wants; only for signs of `not_data`.
    pub reason: BlockReason,
}

/// One way to take a value out of an HTML item.
#[derive(Debug, Clone)]
pub struct PagePick {
    /// The element within the item; `None` is the item itself.
    pub css: Option<Selector>,
    /// Its attribute; `None` is its text.
    pub attr: Option<String>,
    /// Keeps the first group (or the whole match) of this; a value that does not match is absent.
    pub regex: Option<Regex>,
}

/// One way to take a value out of a JSON item.
#[derive(Debug, Clone)]
pub struct JsonPick {
    /// Where, with the item as root.
    pub path: JsonPath,
    /// Keeps the first group (or the whole match) of this.
    pub regex: Option<Regex>,
    /// Whether the value is HTML that becomes plain text.
    pub html: bool,
}

/// The fields of a post. Each is a list of ways; the first that gives something is taken.
#[derive(Debug, Clone)]
pub struct Fields<P> {
    /// The site's own id.
    pub id: Vec<P>,
    /// Title.
    pub title: Vec<P>,
    /// Text.
    pub text: Vec<P>,
    /// Quoted text.
    pub quoted: Vec<P>,
    /// Link.
    pub url: Vec<P>,
    /// Publication time.
    pub published: Vec<P>,
    /// Views.
    pub views: Vec<P>,
    /// Reposts.
    pub reposts: Vec<P>,
    /// Comments.
    pub comments: Vec<P>,
    /// Likes.
    pub likes: Vec<P>,
    /// Id of the original.
    pub repost_id: Vec<P>,
    /// Link of the original.
    pub repost_url: Vec<P>,
    /// Builds the link from `{id}` and `{base}`; wins over `url`.
    pub url_template: Option<String>,
}

/// How an HTML page is read.
#[derive(Debug, Clone)]
pub struct PageReader {
    /// One element a post.
    pub item: Selector,
    /// The next page's address.
    pub next: Vec<PagePick>,
    /// The fields.
    pub fields: Fields<PagePick>,
    /// Parts whose text is left out: they change by themselves or are not the post's words.
    pub volatile: Vec<Selector>,
}

/// How a JSON answer is read.
#[derive(Debug, Clone)]
pub struct ApiReader {
    /// Paths to the items; all their nodes are taken.
    pub items: Vec<JsonPath>,
    /// The next page's address.
    pub next: Vec<JsonPick>,
    /// The fields.
    pub fields: Fields<JsonPick>,
    /// The original embedded in a repost, read by the same fields.
    pub repost: Option<JsonPath>,
}

/// How a preset's answers are read.
#[derive(Debug, Clone)]
pub enum Reader {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// HTML.
    Page(Box<PageReader>),
    /// JSON.
    Api(Box<ApiReader>),
}

impl Reader {
    /// The kind's id as written in files.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Page(_) => "page",
            Self::Api(_) => "api",
        }
    }
}

/// How the text behind a list entry is fetched.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The preset that reads the post's own page.
    pub preset: String,
    /// Address template over `{base}`, `{id}`, `{url}`; `None` is the post's link.
    pub url: Option<String>,
    /// At most so many posts a round.
    pub at_most: usize,
}

/// How one post is looked at again after it has left the list.
#[derive(Debug, Clone)]
pub struct Observe {
    /// The preset that reads the answer.
    pub preset: String,
    /// Address template over `{base}`, `{id}`, `{url}`; `None` is the post's link.
    pub url: Option<String>,
    /// The shortest span between two looks.
    pub interval: SignedDuration,
}

/// A checked preset.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Its file's name without `.toml`.
    pub name: String,
    /// What it is for, as the office reads it.
    pub title: String,
    /// Id of the site; `None` takes the registrable domain of each post's own link (SEMANTICS 10).
    pub site: Option<String>,
    /// What kind of site it is.
    pub site_kind: SiteKind,
    /// Zone of the times it shows.
    pub zone: TimeZone,
    /// Charset by label, when the site's own statements are wrong; `None` detects.
    pub encoding: Option<String>,
    /// Charset in which a keyword is percent-encoded into the address.
    pub keyword_encoding: String,
    /// Default of `{base}`.
    pub base: Option<String>,
    /// Address templates over `{base}`, `{keyword}`, `{page}` and the source's parameters.
    pub urls: Vec<String>,
    /// Pages a round, at most.
    pub pages: u32,
    /// Span between two rounds unless the source says otherwise.
    pub interval: SignedDuration,
    /// Which counters it shows; the others are unknown, never zero (SEMANTICS 9).
    pub yields: Yields,
    /// Counters whose zero only means "not told".
    pub zero_is_unknown: Yields,
    /// Whether a fetch by this preset raises the site's own view counter (SEMANTICS 7).
    pub counts_own_fetch: bool,
    /// How the text behind an entry is fetched.
    pub detail: Option<Detail>,
    /// How one post is looked at again.
    pub observe: Option<Observe>,
    /// Signs of a page that is not data.
    pub not_data: Vec<Sign>,
    /// Signs that an empty list is truly empty.
    pub empty_ok: Vec<Sign>,
    /// How answers are read.
    pub reader: Reader,
}

/// All presets by name.
#[derive(Debug, Clone)]
pub struct Presets(BTreeMap<String, Arc<Preset>>);

impl Presets {
    /// The shipped presets and, over them, those of `<office>/presets/*.toml`.
    ///
    /// # Errors
    /// Every fault of every file, with its place.
    pub fn load(office: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut presets = BTreeMap::new();
        let mut take = |file: &Path, name: &str, text: &str| match parse(file, name, text) {
            Ok(preset) => {
                presets.insert(name.to_owned(), Arc::new(preset));
            }
            Err(found) => faults.extend(found),
        };
        for (name, text) in SHIPPED {
            take(Path::new(&format!("presets/{name}.toml")), name, text);
        }
        let mut unreadable = Vec::new();
        if let Some(office) = office {
            for file in toml_files(&office.join("presets"), &mut unreadable) {
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                match std::fs::read_to_string(&file) {
                    Ok(text) => take(&file, &name, &text),
                    Err(error) => unreadable.push(unreadable_file(&file, &error)),
                }
            }
        }
        faults.append(&mut unreadable);
        check_references(&presets, &mut faults);
        if faults.is_empty() { Ok(Self(presets)) } else { Err(faults) }
    }

    /// One by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Preset>> {
        self.0.get(name).cloned()
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Preset>> {
        self.0.values()
    }
}

/// Reads one preset file's text.
///
/// # Errors
/// Every fault of it, with its place.
pub fn parse(file: &Path, name: &str, text: &str) -> Result<Preset, Vec<Fault>> {
    wire::parse(file, name, text)
}

/// No source is looked at more rarely.
const LONGEST_SPAN: SignedDuration = SignedDuration::from_hours(24 * 366);

/// A span as people write it: `5min`, `90s`, `2h`, `5分钟`. Positive, at most a year.
#[must_use]
pub fn parse_span(written: &str) -> Option<SignedDuration> {
    let plain = [("分钟", "min"), ("小时", "h"), ("秒", "s"), ("分", "min"), ("时", "h")]
        .iter()
        .fold(written.trim().to_owned(), |text, (zh, en)| text.replace(zh, en));
    let days =
        ["天", "d"].iter().find_map(|unit| plain.strip_suffix(unit)).and_then(|n| n.trim().parse().ok());
    let span = match days {
        Some(days) => SignedDuration::try_from_hours(i64::checked_mul(days, 24)?)?,
        None => plain.parse().ok()?,
    };
    (span > SignedDuration::ZERO && span <= LONGEST_SPAN).then_some(span)
}

/// The `*.toml` files of a folder by name; a folder that is not there has none. Half-written and backup
/// files of editors are passed over.
pub(super) fn toml_files(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push(unreadable_file(folder, &error));
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .filter(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with(['~', '.']))
        .collect();
    files.sort();
    files
}

pub(super) fn unreadable_file(file: &Path, error: &std::io::Error) -> Fault {
    Fault::of_file(
        file,
        format!("读不了: {error}"),
        Some("检查权限；文件要存成 UTF-8（记事本“另存为”时在“编码”里选 UTF-8）".to_owned()),
    )
}

/// A preset named by another must be there.
fn check_references(presets: &BTreeMap<String, Arc<Preset>>, faults: &mut Vec<Fault>) {
    for preset in presets.values() {
        let named = [
            preset.detail.as_ref().map(|detail| &detail.preset),
            preset.observe.as_ref().map(|observe| &observe.preset),
        ];
        for name in named.into_iter().flatten().filter(|name| !presets.contains_key(*name)) {
            faults.push(Fault::of_file(
                Path::new(&format!("presets/{}.toml", preset.name)),
                format!("引用了没有的预设 {name}"),
                Some(format!("现有预设: {}", presets.keys().cloned().collect::<Vec<_>>().join("、"))),
            ));
        }
    }
}
