//! What collect hands to the desk: a post, one look at its counters, and the rules it met.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counters, Post};

/// How sure a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The word as written (after normalisation).
    Exact,
    /// Through inserted marks, spaces or emoji (SEMANTICS 27).
    Gap,
    /// By homophone: of lower certainty, never raises a tier alone.
    Homophone,
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
