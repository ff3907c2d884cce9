//! A public post as a source showed it. Authors are not part of it (SEMANTICS 30).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Counters;

/// What a site is, which decides how its counters are read (SEMANTICS 8, 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// Weibo and its like: reposts are graded.
    Microblog,
    /// Blogs: reposts are graded.
    Blog,
    /// Discussion forums.
    Forum,
    /// News sites and columns.
    News,
    /// Short video: shares are shown, and graded only where a plan says `count_shares`.
    Video,
    /// WeChat articles.
    Wechat,
    /// Search pages; their results count as the site that they point to.
    Search,
    /// The unit's own pages.
    Own,
}

impl SiteKind {
    /// Whether the plan's repost column applies (微博、博客).
    #[must_use]
    pub const fn counts_reposts(self) -> bool {
        matches!(self, Self::Microblog | Self::Blog)
    }
}

/// The identity of a post: the same key from two sources is one post (SEMANTICS 1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PostKey {
    /// The preset's `site` id, else the registrable domain of the post's own link.
    pub site: String,
    /// The site's own id of the post, else its canonical link.
    pub id: String,
}

impl std::fmt::Display for PostKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.site, self.id)
    }
}

/// How precisely a publication time was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// To the second.
    Second,
    /// To the minute ("08:15").
    Minute,
    /// To the hour ("3小时前").
    Hour,
    /// To the day ("3天前", "10-21").
    Day,
    /// To the month or coarser.
    Month,
}

/// When a post was published: the latest instant that what was shown allows (SEMANTICS 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Published {
    /// UTC. The latest possible instant for coarse forms; the desk caps it at first sight.
    pub at: Timestamp,
    /// How precise the source was.
    pub precision: Precision,
}

/// What a post reposts, as far as the source says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepostOf {
    /// The original's identity, when the source gives one.
    pub key: Option<PostKey>,
    /// The original's link, when the source gives one.
    pub url: Option<String>,
    /// The original as embedded in the repost; observed through it (SEMANTICS 8).
    pub embedded: Option<Box<Embedded>>,
}

/// An original seen inside a repost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedded {
    /// The original.
    pub post: Post,
    /// Its counters as shown there.
    pub counters: Counters,
}

/// One public post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its identity.
    pub key: PostKey,
    /// What kind of site it stands on.
    pub site_kind: SiteKind,
    /// Its canonical link; empty when the source has none.
    pub url: String,
    /// Title; empty on microblogs.
    pub title: String,
    /// Plain text, tags removed.
    pub text: String,
    /// Text that the post quotes, kept apart from its own (SEMANTICS 12).
    pub quoted: String,
    /// Publication time; `None` is unknown.
    pub published: Option<Published>,
    /// What it reposts.
    pub repost_of: Option<RepostOf>,
    /// Canonical links found in its text.
    pub links: Vec<String>,
}

impl Post {
    /// Where the text begins in [`Post::own_text`], in Unicode scalars; the title begins at 0.
    #[must_use]
    pub fn text_at(&self) -> u32 {
        if self.title.is_empty() || self.text.is_empty() || self.text.starts_with(&self.title) {
            return 0;
        }
        u32::try_from(self.title.chars().count()).map_or(u32::MAX, |length| length.saturating_add(1))
    }

    /// Title and own text as one string: what keyword rules and the same-statement test read.
    #[must_use]
    pub fn own_text(&self) -> String {
        match (self.title.is_empty(), self.text.is_empty()) {
            (true, _) => self.text.clone(),
            (false, true) => self.title.clone(),
            (false, false) if self.text.starts_with(&self.title) => self.text.clone(),
            (false, false) => format!("{}\n{}", self.title, self.text),
        }
    }
}
