//! What an incident is: what the machine proposes, and what a named person decided (SEMANTICS 17).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Certainty, ContentKind, Hit, HitPart};

/// The kind of an incident. The last two are set only by a named person with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 咨询: somebody asks.
    Inquiry,
    /// 诉求: somebody complains or wants something done; criticism is a demand.
    Demand,
    /// 建议: somebody proposes.
    Suggestion,
    /// 虚假信息: made up.
    Fabrication,
    /// 恶意攻击: meant to harm.
    Hostile,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Inquiry, Self::Demand, Self::Suggestion, Self::Fabrication, Self::Hostile];

    /// The word in JSON, in forms and in the database.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Demand => "demand",
            Self::Suggestion => "suggestion",
            Self::Fabrication => "fabrication",
            Self::Hostile => "hostile",
        }
    }

    /// The kind of an id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

impl From<ContentKind> for Kind {
    fn from(kind: ContentKind) -> Self {
        match kind {
            ContentKind::Inquiry => Self::Inquiry,
            ContentKind::Demand => Self::Demand,
            ContentKind::Suggestion => Self::Suggestion,
        }
    }
}

/// A kind that a person set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindDecision {
    /// Which.
    pub kind: Kind,
    /// Who decided.
    pub by: String,
    /// Why. Never empty.
    pub reason: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// What is known of the kind of an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kinds {
    /// What the rules of its earliest member that says so propose.
    pub proposed: Option<ContentKind>,
    /// What a person decided; it outlives any later guess.
    pub decided: Option<KindDecision>,
}

impl Kinds {
    /// The kind that holds: a person's, else the proposal.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.decided.as_ref().map(|decided| decided.kind).or(self.proposed.map(Kind::from))
    }
}

/// What the hits of a post propose. Of those that are sure (a homophone is a guess and proposes nothing),
/// the most specific one decides: own text before quoted text, then the longest words, then the first.
#[must_use]
pub fn proposed<'a>(hits: impl IntoIterator<Item = &'a Hit>) -> Option<ContentKind> {
    hits.into_iter()
        .filter(|hit| hit.certainty != Certainty::Homophone)
        .filter_map(|hit| Some((hit.kind?, hit)))
        .min_by_key(|(_, hit)| {
            let quoted = hit.part == HitPart::Quoted;
            (quoted, std::cmp::Reverse(hit.surface.chars().count()), hit.start)
        })
        .map(|(kind, _)| kind)
}
