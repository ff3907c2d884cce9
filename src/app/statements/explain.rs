//! Two posts side by side: what was tried, what was found, and what the desk makes of them.

use jiff::Timestamp;

use super::{Grouping, Options, Part, hit_of};
use crate::{
    desk::statement::{self, Explanation, Tie, Verdict, ties},
    model::{Post, PostKey},
};

/// One of the two posts.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The post.
    pub post: Post,
    /// Keywords that it met, which are masked.
    pub words: Vec<String>,
    /// When it was seen, else published. UTC.
    pub at: Option<Timestamp>,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// The desk put them together on this evidence, in words.
    Joined(String),
    /// One has too little text of its own, and nothing else ties them.
    TooShort,
    /// Too little of one stands in the other.
    Unlike,
    /// They are alike, and something tells them apart.
    Contradicts,
    /// They are alike, yet share too few anchors for the index to look at them.
    TooFewAnchors,
    /// Both are one post.
    SamePost,
}

/// The explanation of two posts.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Whether the second one given came first: then it is what the other is compared with.
    pub second_is_first: bool,
    /// Every kind of hard evidence, tried.
    pub ties: Vec<Tie>,
    /// The texts, the later one against the earlier one.
    pub texts: Explanation,
    /// What the later post is to the earlier one; [`Part::Alone`] when they are two statements.
    pub part: Part,
    /// What decided.
    pub decided: Decided,
}

impl Explained {
    /// Whether they are one statement.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self.decided, Decided::Joined(_) | Decided::SamePost)
    }
}

/// Explains two posts: a fresh desk takes both, the earlier one first, and answers whether they are one statement.
#[must_use]
pub fn explain(one: &Subject, other: &Subject, options: &Options) -> Explained {
    let second_is_first = match (one.at, other.at) {
        (Some(one_at), Some(other_at)) if one_at != other_at => other_at < one_at,
        _ => one.post.repost_of.is_some() && other.post.repost_of.is_none(),
    };
    let (core, text) = if second_is_first { (other, one) } else { (one, other) };
    let names = || std::iter::once(&options.unit.name).chain(&options.unit.aliases);
    let texts = statement::explain(
        &text.post.own_text(),
        names().chain(&text.words).map(String::as_str),
        &core.post.own_text(),
        names().chain(&core.words).map(String::as_str),
    );
    let (part, decided) = decide(core, text, &texts, options);
    Explained { second_is_first, ties: ties(&one.post, &other.post), texts, part, decided }
}

fn decide(core: &Subject, text: &Subject, texts: &Explanation, options: &Options) -> (Part, Decided) {
    if core.post.key == text.post.key {
        return (Part::Alone, Decided::SamePost);
    }
    let now = core.at.max(text.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut grouping = Grouping::new(now, options);
    for subject in [core, text] {
        let hits = subject.words.iter().map(|word| hit_of(word)).collect();
        grouping.take(subject.post.clone(), hits);
    }
    let placed = grouping.answer(&std::collections::HashMap::new());
    let of = |key: &PostKey| placed.iter().find(|one| one.site == key.site && one.id == key.id);
    let (Some(first), Some(second)) = (of(&core.post.key), of(&text.post.key)) else {
        return (Part::Alone, Decided::Unlike);
    };
    if first.statement == second.statement {
        // When the earlier one turned out to be a repost of the later, its words say how they belong together.
        let telling = if second.role == Part::Root { first } else { second };
        return (telling.role, Decided::Joined(telling.why.clone()));
    }
    let comparison = &texts.comparison;
    let decided = match comparison.verdict {
        Verdict::TooShort => Decided::TooShort,
        Verdict::Unlike => Decided::Unlike,
        Verdict::Contradicts => Decided::Contradicts,
        Verdict::Same | Verdict::Reaction => Decided::TooFewAnchors,
    };
    (Part::Alone, decided)
}
