//! A site as data: how its pages are addressed and read.
//!
//! A preset is one TOML file of kind `feed`, `page` or `api`. The shipped ones are embedded; a file of
//! the same name in the office's `presets/` folder wins. No site's name is in the code: whatever is
//! particular to a site (selectors, paths, the sentence on its captcha page, whether looking at a post
//! raises its views) stands in its preset. Everything is checked and compiled at load, so reading a
//! page cannot fail on a bad selector.

mod check;
mod library;
mod shipped;
mod wire;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::{SignedDuration, tz::TimeZone};
use regex::{Regex, bytes::Regex as BytesRegex};
use scraper::Selector;
use serde::{Deserialize, Serialize};
use serde_json_path::JsonPath;

use super::place::Fault;
use crate::{locale::Locale, model::SiteKind, text::Twins};

pub use library::Presets;
pub(super) use library::{toml_files, unreadable_file};

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
    /// A new credential: the one that was sent has expired or is not accepted. The administrator's task.
    Credential,
    /// A slower pace.
    Limited,
    /// Something else; the site's own words say what.
    #[default]
    Other,
}

/// How far a preset is proved. Only the first two are called supported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A recorded real answer of the site stands in the tests.
    Recorded,
    /// An answer of the site's shape, re-serialised or rebuilt, stands in the tests.
    Rewritten,
    /// The shape is known from documents only; the first real answer may show that it differs.
    #[default]
    Documented,
    /// The shape is known, and the site's robots.txt refuses such addresses: the source is in state
    /// `refused` unless `base` names an interface that the office may lawfully read.
    Refused,
}

impl Proof {
    /// Whether an answer of the site's shape stands in the tests: only then it is called supported.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        matches!(self, Self::Recorded | Self::Rewritten)
    }

    /// The id as written in files.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Rewritten => "rewritten",
            Self::Documented => "documented",
            Self::Refused => "refused",
        }
    }

    /// As the office reads it.
    #[must_use]
    pub const fn human(self, locale: Locale) -> &'static str {
        match self {
            Self::Recorded => locale.pick("经真实录制的应答验证", "proved by recorded answers"),
            Self::Rewritten => locale.pick("经同形重写的应答验证", "proved by rewritten answers"),
            Self::Documented => locale.pick("只据文档，未经应答验证", "by documents only"),
            Self::Refused => locale.pick(
                "网站的 robots.txt 拒绝这类地址，不会去取",
                "the site's robots.txt refuses such addresses; not fetched",
            ),
        }
    }
}

/// A sign on a page by which it is recognised. All conditions that are given must hold.
#[derive(Debug, Clone)]
pub struct Sign {
    /// These words stand in the body.
    pub text: Option<String>,
    /// The address, after redirects, contains this: a login or captcha host.
    pub url: Option<String>,
    /// An element matches (HTML); its text contains `contains` when given.
    pub css: Option<Selector>,
    /// Words that the element, or the node without `equals`, must contain.
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
    /// Whether the value is a short id of base 62 that becomes the site's number.
    pub base62: bool,
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
    /// Set before the value when there is one: links out of ids.
    pub prefix: String,
    /// Whether the value is a short id of base 62 that becomes the site's number.
    pub base62: bool,
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

impl<P> Fields<P> {
    /// Every field by its name in files, in the order in which they are read.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, &Vec<P>); 12] {
        [
            ("id", &self.id),
            ("title", &self.title),
            ("text", &self.text),
            ("quoted", &self.quoted),
            ("url", &self.url),
            ("published", &self.published),
            ("views", &self.views),
            ("reposts", &self.reposts),
            ("comments", &self.comments),
            ("likes", &self.likes),
            ("repost_id", &self.repost_id),
            ("repost_url", &self.repost_url),
        ]
    }
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
    /// Names of fields without which an element is no post at all, only an element of the same shape.
    pub required: Vec<String>,
    /// Whether the main text of the whole page is taken where no way of `text` gives any.
    pub main_text: bool,
    /// Whether it reads pages of any program: it is only guessed where no program's own preset fits.
    pub any_shape: bool,
    /// Whether the list stands in HTML comments, which the site's script unwraps.
    pub in_comments: bool,
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
    Page(Arc<PageReader>),
    /// JSON.
    Api(Arc<ApiReader>),
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
    /// How far it is proved.
    pub proof: Proof,
    /// Whether it follows one account: then the source says whose and why (SEMANTICS 30).
    pub timeline: bool,
    /// Which credential of the office it may need, in words; the source holds the reference.
    pub credential: Option<String>,
    /// Whether nothing comes without that credential.
    pub needs_credential: bool,
    /// Id of the site; `None` takes the registrable domain of each post's own link (SEMANTICS 10).
    pub site: Option<String>,
    /// Registrable domains that are this site: a post that another preset finds there counts as it.
    pub domains: Vec<String>,
    /// The sites of all presets by domain, filled in when all are read.
    pub sites: Arc<BTreeMap<String, String>>,
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
    /// The figure at which its counters stop: from there on they are lower bounds (SEMANTICS 6).
    pub saturates_at: Option<u64>,
    /// Whether the site's number of comments counts the post itself, which is then taken off.
    pub comments_count_post: bool,
    /// Whether a fetch by this preset raises the site's own view counter (SEMANTICS 7).
    pub counts_own_fetch: bool,
    /// How the text behind an entry is fetched.
    pub detail: Option<Detail>,
    /// How one post is looked at again.
    pub observe: Option<Observe>,
    /// Hosts that show the same pages, of all presets together: a link is hard evidence wherever it is read.
    pub twins: Arc<Twins>,
    /// Signs by which a page of this site or program is recognised: for whoever pastes an address and asks what it is.
    pub known_by: Arc<[Sign]>,
    /// Signs of a page that is not data.
    pub not_data: Arc<[Sign]>,
    /// Signs that an empty list is truly empty.
    pub empty_ok: Arc<[Sign]>,
    /// What changes in a body by itself: cut before two bodies are compared.
    pub ignore_changes: Arc<[BytesRegex]>,
    /// How answers are read.
    pub reader: Reader,
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
