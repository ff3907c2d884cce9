//! Why a text matched or did not, as `yuqing keywords test --json`, `POST /api/v1/keywords/test` and the
//! console's 试一句话 say it: one structure for all three.

use serde::Serialize;

use super::{Matcher, WhyNot};
use crate::model::{Certainty, ContentKind, Hit};

/// What the rules say of one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The text as given.
    pub text: String,
    /// Rules that it met, by place.
    pub hits: Vec<HitLine>,
    /// What kept other groups from a hit.
    pub why_not: Vec<WhyNotLine>,
    /// What its hits propose that it is (SEMANTICS 17); shown in the console.
    #[serde(skip)]
    pub kind: Option<ContentKind>,
}

/// One rule that a text met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HitLine {
    /// The unit, where lists of several were tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Display name of the group; a topic's groups bear its name.
    pub group: String,
    /// The rule as written.
    pub rule: String,
    /// Its line, from 1.
    pub line: u32,
    /// First Unicode scalar of the hit in the text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// The words as they stand in the text.
    pub surface: String,
    /// How sure it is.
    pub certainty: Certainty,
}

/// Why a group that partly matched gave no hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyNotLine {
    /// The unit, where lists of several were tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Line of the rule that decided.
    pub line: u32,
    /// In Chinese.
    pub reason: String,
}

impl Answer {
    /// Tries a text. `unit` leaves one unit's rules only; units are named when lists of several are tried.
    #[must_use]
    pub fn of(matcher: &Matcher, text: &str, unit: Option<&str>) -> Self {
        let mut lists = matcher.lists().iter();
        let first = lists.next();
        let several = unit.is_none() && lists.any(|list| first.is_some_and(|first| first.unit != list.unit));
        let wanted = |of: &str| unit.is_none_or(|unit| unit == of);
        let hits: Vec<Hit> = matcher.hits(text, "").into_iter().filter(|hit| wanted(&hit.unit)).collect();
        let why_not = matcher.why_not(text).into_iter().filter(|why| wanted(&why.unit));
        Self {
            text: text.to_owned(),
            kind: crate::model::proposed(&hits),
            hits: hits.into_iter().map(|hit| HitLine::of(hit, several)).collect(),
            why_not: why_not.map(|why| WhyNotLine::of(why, several)).collect(),
        }
    }
}

impl HitLine {
    fn of(hit: Hit, several: bool) -> Self {
        let Hit { unit, group, rule, line, start, end, surface, certainty, .. } = hit;
        Self { unit: several.then_some(unit), group, rule, line, start, end, surface, certainty }
    }
}

impl WhyNotLine {
    fn of(why: WhyNot, several: bool) -> Self {
        Self { unit: several.then_some(why.unit), line: why.line, reason: why.reason }
    }
}
