//! What a post is, as far as a machine may say it (SEMANTICS 17).
//!
//! A keyword group may propose one of three kinds. *Fabrication* and *hostile* are no values of this
//! type on purpose: only a named person sets them, with a reason.

use serde::{Deserialize, Serialize};

/// The kind of content that a rule proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// 咨询: somebody asks.
    Inquiry,
    /// 诉求: somebody complains or wants something done; criticism is a demand.
    Demand,
    /// 建议: somebody proposes.
    Suggestion,
}

/// Why a name is none of the kinds that a rule may propose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoContentKind {
    /// A verdict on people: fabrication, hostile.
    #[error("set only by a named person")]
    OnlyByPerson,
    /// No known name.
    #[error("no known kind")]
    Unknown,
}

impl ContentKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Inquiry, Self::Demand, Self::Suggestion];

    /// The word in JSON and in the database.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Demand => "demand",
            Self::Suggestion => "suggestion",
        }
    }

    /// The kind that an office means by a word: its names in Chinese or its id.
    ///
    /// # Errors
    /// When a rule may not propose it, or nobody knows it.
    pub fn named(name: &str) -> Result<Self, NoContentKind> {
        match name.trim().to_lowercase().as_str() {
            "咨询" | "咨询类" | "询问" | "inquiry" => Ok(Self::Inquiry),
            "诉求" | "诉求类" | "求助" | "投诉" | "投诉类" | "批评" | "批评类" | "举报" | "反映"
            | "demand" => Ok(Self::Demand),
            "建议" | "建议类" | "意见" | "意见建议" | "suggestion" => Ok(Self::Suggestion),
            "造谣" | "谣言" | "虚假" | "虚假信息" | "不实" | "捏造" | "恶意" | "恶意炒作" | "攻击"
            | "诽谤" | "敌对" | "fabrication" | "hostile" => Err(NoContentKind::OnlyByPerson),
            _ => Err(NoContentKind::Unknown),
        }
    }
}
