//! What collect hands to the desk: a post, one look at its counters, and the rules it met.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContentKind, Counters, Post};

/// How sure a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The word as written (after normalisation).
    Exact,
    /// Through inserted marks, spaces or emoji (SEMANTICS 27).
    Gap,
    /// By sound or in parts: of lower certainty, never raises a tier alone.
    Homophone,
}

impl Certainty {
    /// Whether it may raise a tier.
    #[must_use]
    pub fn is_sure(self) -> bool {
        self != Self::Homophone
    }
}

/// Where in the post a hit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitPart {
    /// The post's own title and text.
    Own,
    /// Text that it quotes.
    Quoted,
}

/// One keyword rule met by one post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Name of the unit whose list holds the rule.
    pub unit: String,
    /// Display name of the group.
    pub group: String,
    /// The rule as the office wrote it.
    pub rule: String,
    /// The keyword file that holds it, as the office named it; empty when no file does.
    #[serde(default)]
    pub file: String,
    /// Line of the rule in its file, from 1.
    pub line: u32,
    /// First Unicode scalar of the hit in the text as given.
    pub start: u32,
    /// One past the last scalar.
    pub end: u32,
    /// The words as they stand in the text.
    pub surface: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// Own text or quoted text.
    pub part: HitPart,
    /// Lowest tier by `至少:`, as written (a tier's name or id).
    pub at_least: Option<String>,
    /// Contacts by `通知:`, told at once whatever the tier.
    pub notify: Vec<String>,
    /// What it proposes by `类别:`.
    #[serde(default)]
    pub kind: Option<ContentKind>,
}

/// Where words that met a rule stand in a post, so that they can be shown there (SEMANTICS 27).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Own text (see [`Post::own_text`]) or quoted text.
    pub part: HitPart,
    /// First Unicode scalar in that text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// How sure the hit is.
    pub certainty: Certainty,
}

/// Most marks that are kept of one post.
const MOST_MARKS: usize = 100;

/// The marks of a post's hits, by place. A hit whose offsets belong to another text (that of the repost
/// through which an original was seen) is looked for by its words.
#[must_use]
pub fn marks<'a>(post: &Post, hits: impl IntoIterator<Item = &'a Hit>) -> Vec<Mark> {
    let mut hits = hits.into_iter().peekable();
    if hits.peek().is_none() {
        return Vec::new();
    }
    let own: Vec<char> = post.own_text().chars().collect();
    let quoted: Vec<char> = post.quoted.chars().collect();
    let text_of = |part: HitPart| if part == HitPart::Own { &own } else { &quoted };
    let mut marks: Vec<Mark> = Vec::new();
    for hit in hits {
        let words: Vec<char> = hit.surface.chars().collect();
        let told = usize::try_from(hit.start).ok().zip(usize::try_from(hit.end).ok());
        let stands = |(from, to)| text_of(hit.part).get(from..to) == Some(words.as_slice());
        let place = match told.filter(|span| stands(*span)) {
            Some((from, _)) => Some((hit.part, from)),
            None => [HitPart::Own, HitPart::Quoted].into_iter().find_map(|part| {
                let mut windows = text_of(part).windows(words.len().max(1));
                Some((part, windows.position(|window| window == words)?))
            }),
        };
        let Some((part, from)) = place else { continue };
        let (Ok(start), Ok(length)) = (u32::try_from(from), u32::try_from(words.len())) else { continue };
        marks.push(Mark { part, start, end: start.saturating_add(length), certainty: hit.certainty });
    }
    marks.sort_unstable();
    marks.dedup_by_key(|mark| (mark.part, mark.start, mark.end));
    if marks.len() > MOST_MARKS {
        // The sure ones are kept: by them a tier may rise.
        marks.sort_by_key(|mark| !mark.certainty.is_sure());
        marks.truncate(MOST_MARKS);
        marks.sort_unstable();
    }
    marks
}

/// A post on its way to the desk. `hits` is empty for a look at a known post and for a post that came
/// by relation to a live statement (SEMANTICS 12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Name of the source that showed it.
    pub source: String,
    /// The post.
    pub post: Post,
    /// When it was looked at. UTC.
    pub seen_at: Timestamp,
    /// Its counters then.
    pub counters: Counters,
    /// Whether this look itself counted as a view on the site (SEMANTICS 7).
    pub own_fetch: bool,
    /// Whether this was the first full round of its source or of its keyword (SEMANTICS 4).
    pub first_round: bool,
    /// The rules it met, over all units.
    pub hits: Vec<Hit>,
}
