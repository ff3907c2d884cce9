//! Hard evidence between two posts, each kind by itself, so that a person sees what was tried. Whether it binds
//! them is the desk's to say.

use crate::{
    locale::Locale,
    model::{Post, RepostOf},
    text::canonical_link,
};

/// A kind of hard evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieKind {
    /// Both are one post.
    SamePost,
    /// One reposts or quotes the other.
    Repost,
    /// Both repost or quote the same original.
    SharedOriginal,
    /// Both stand at the same address.
    SameLink,
    /// One links to the other.
    Link,
    /// Both link to the same page.
    SharedLink,
}

impl TieKind {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::SamePost => "same_post",
            Self::Repost => "repost",
            Self::SharedOriginal => "shared_original",
            Self::SameLink => "same_link",
            Self::Link => "link",
            Self::SharedLink => "shared_link",
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn name(self, locale: Locale) -> &'static str {
        match self {
            Self::SamePost => locale.pick("同一帖文", "the same post"),
            Self::Repost => locale.pick("转发或引用", "repost or quote"),
            Self::SharedOriginal => locale.pick("同一原文", "the same original"),
            Self::SameLink => locale.pick("链接相同", "the same address"),
            Self::Link => locale.pick("文中链接到对方", "a link to the other"),
            Self::SharedLink => locale.pick("文中链接同一网页", "links to the same page"),
        }
    }
}

/// One kind of evidence, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Which kind.
    pub kind: TieKind,
    /// The identity or address by which they are tied; `None` when they are not.
    pub by: Option<String>,
}

/// Tries every kind of hard evidence between two posts.
#[must_use]
pub fn ties(a: &Post, b: &Post) -> Vec<Tie> {
    let tie = |kind, by| Tie { kind, by };
    let link = |post: &Post| canonical_link(&post.url);
    let same = |a: Option<String>, b: Option<String>| a.filter(|a| b.as_ref() == Some(a));
    vec![
        tie(TieKind::SamePost, Some(a.key.to_string()).filter(|_| a.key == b.key)),
        tie(TieKind::Repost, reposts(a, b).or_else(|| reposts(b, a))),
        tie(TieKind::SharedOriginal, shared_original(a, b)),
        tie(TieKind::SameLink, same(link(a), link(b))),
        tie(TieKind::Link, links_to(a, b).or_else(|| links_to(b, a))),
        tie(TieKind::SharedLink, shared_link(a, b)),
    ]
}

/// The address, or identity, of what a repost shows.
fn original(of: &RepostOf) -> Option<String> {
    of.url.as_deref().and_then(canonical_link)
}

fn reposts(one: &Post, other: &Post) -> Option<String> {
    let of = one.repost_of.as_ref()?;
    let by_key = of.key.as_ref().filter(|key| **key == other.key).map(ToString::to_string);
    by_key.or_else(|| original(of).filter(|link| canonical_link(&other.url).as_ref() == Some(link)))
}

fn shared_original(a: &Post, b: &Post) -> Option<String> {
    let (a, b) = (a.repost_of.as_ref()?, b.repost_of.as_ref()?);
    let by_key = a.key.as_ref().filter(|key| b.key.as_ref() == Some(*key)).map(ToString::to_string);
    by_key.or_else(|| original(a).filter(|link| original(b).as_ref() == Some(link)))
}

fn links_to(one: &Post, other: &Post) -> Option<String> {
    let wanted = canonical_link(&other.url)?;
    one.links.iter().any(|link| canonical_link(link).as_ref() == Some(&wanted)).then_some(wanted)
}

fn shared_link(a: &Post, b: &Post) -> Option<String> {
    let there: Vec<String> = b.links.iter().filter_map(|link| canonical_link(link)).collect();
    a.links.iter().filter_map(|link| canonical_link(link)).find(|link| there.contains(link))
}
