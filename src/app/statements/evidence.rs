//! On what evidence the desk put a post to its statement, in words that name the other post.

use super::Part;
use crate::{
    desk::statement::{Fingerprint, compare},
    locale::{Locale, words},
    model::{Post, PostKey, PostRow, RepostOf, Unit},
};

/// Characters of the first words that are shown of a post.
const GIST: usize = 30;

/// A member that texts are compared with.
#[derive(Debug)]
pub(super) struct Core {
    key: PostKey,
    text: String,
    quoted: String,
    words: Vec<String>,
}

impl Core {
    pub(super) fn of(row: &PostRow) -> Self {
        let post = &row.post;
        Self {
            key: post.key.clone(),
            text: post.own_text(),
            quoted: post.quoted.clone(),
            words: row.surfaces.clone(),
        }
    }
}

/// What the desk went by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Evidence {
    /// Nothing: it is the first. Holds what it reposts, when that was not known.
    First(Option<String>),
    /// It reposts this.
    Repost(String),
    /// It reposts this, which is not there itself, as a member does.
    SameOriginal(String),
    /// It links to a member.
    Link(String),
    /// A member reposts it.
    Original,
    /// A text like that of this core; without anchors when it is the same.
    Alike { core: PostKey, likeness: f64, anchors: Option<usize> },
    /// Another, by the desk's own word.
    Other(String),
}

impl Evidence {
    pub(super) fn of(row: &PostRow, cores: &[Core], unit: &Unit) -> Self {
        let original = row.post.repost_of.as_ref().and_then(named);
        match row.why.as_str() {
            "first" => Self::First(original),
            "repost" => original.map_or_else(|| Self::Other(row.why.clone()), Self::Repost),
            "same original" => original.map_or_else(|| Self::Other(row.why.clone()), Self::SameOriginal),
            "link" => {
                row.post.links.first().cloned().map_or_else(|| Self::Other(row.why.clone()), Self::Link)
            }
            "original of a repost" => Self::Original,
            why if why == "equal text" || why.starts_with("near-duplicate") => {
                Self::alike(row, cores, unit).unwrap_or_else(|| Self::Other(row.why.clone()))
            }
            why => Self::Other(why.to_owned()),
        }
    }

    /// The likest of the cores, with what both share.
    fn alike(row: &PostRow, cores: &[Core], unit: &Unit) -> Option<Self> {
        let print = |text: &str, words: &[String]| {
            let names = std::iter::once(&unit.name).chain(&unit.aliases).chain(words);
            Fingerprint::of(text, names.map(String::as_str))
        };
        let own = print(&row.post.own_text(), &row.surfaces);
        let texts = cores.iter().flat_map(|core| [(core, &core.text), (core, &core.quoted)]);
        let compared = texts.map(|(core, text)| (core, compare(&own, &print(text, &core.words))));
        let (core, found) = compared.max_by(|a, b| a.1.likeness.total_cmp(&b.1.likeness))?;
        let is_equal = found.likeness >= 1.0 && found.informative.0 == found.informative.1;
        let anchors = Some(found.shared_anchors).filter(|_| !is_equal);
        Some(Self::Alike { core: core.key.clone(), likeness: found.likeness, anchors })
    }

    /// The reason as a person reads it.
    pub(super) fn in_words(&self, role: Part, locale: Locale) -> String {
        let zh = locale == Locale::ZhCn;
        let reason = match self {
            Self::First(Some(original)) if zh => format!("转发 {original}，文件中没有原文"),
            Self::First(Some(original)) => format!("reposts {original}, which is not in the file"),
            Self::First(None) if role == Part::Alone => {
                locale.pick("没有同一言论", "nothing like it").to_owned()
            }
            Self::First(None) if role == Part::Root => locale.pick("首发", "first").to_owned(),
            Self::First(None) => locale.pick("后来并入", "joined later").to_owned(),
            Self::Repost(original) if zh => format!("转发 {original}"),
            Self::Repost(original) => format!("reposts {original}"),
            Self::SameOriginal(original) if zh => format!("转发同一原文 {original}"),
            Self::SameOriginal(original) => format!("reposts the same original {original}"),
            Self::Link(link) if zh => format!("文中链接 {link}"),
            Self::Link(link) => format!("links to {link}"),
            Self::Original => locale.pick("被转发的原文", "the original of a repost").to_owned(),
            Self::Alike { core, likeness, anchors } => alike(core, *likeness, *anchors, locale),
            Self::Other(why) => words::joined(why, locale),
        };
        match role {
            Part::Reaction if zh => format!("否认所引的说法；{reason}"),
            Part::Reaction => format!("denies what it quotes; {reason}"),
            _ => reason,
        }
    }
}

fn alike(core: &PostKey, likeness: f64, anchors: Option<usize>, locale: Locale) -> String {
    match (locale, anchors) {
        (Locale::ZhCn, None) => format!("与 {core} 文字相同"),
        (Locale::ZhCn, Some(anchors)) => format!("与 {core} 相似 {likeness:.2}，共有 {anchors} 个锚点"),
        (Locale::En, None) => format!("the same text as {core}"),
        (Locale::En, Some(anchors)) => format!("likeness {likeness:.2} to {core}, {anchors} anchors shared"),
    }
}

/// A repost's original, as it is named.
fn named(of: &RepostOf) -> Option<String> {
    of.key.as_ref().map(ToString::to_string).or_else(|| of.url.clone())
}

/// The first words of a post, on one line.
pub(super) fn gist(post: &Post) -> String {
    let text = if post.title.is_empty() { &post.text } else { &post.title };
    let mut words =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(GIST + 1).collect::<String>();
    if words.chars().count() > GIST {
        words.pop();
        words.push('…');
    }
    words
}
