//! Counters as a site shows them: a number, how exact it is, or unknown.

use serde::{Deserialize, Serialize};

/// How far a shown number can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exactness {
    /// Every digit was shown.
    Exact,
    /// Shortened ("1.2万"): taken at face value and marked 约.
    About,
    /// A bound ("10万+"): the true number is at least this (SEMANTICS 6).
    AtLeast,
}

/// One counter of a post. An unreadable or absent counter is `Option::None`, never zero
/// (SEMANTICS 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Count {
    /// The number shown, or the bound.
    pub value: u64,
    /// How exact it is.
    pub exactness: Exactness,
}

impl Count {
    /// A number of which every digit was shown.
    #[must_use]
    pub const fn exact(value: u64) -> Self {
        Self { value, exactness: Exactness::Exact }
    }

    /// A shortened number such as "1.2万".
    #[must_use]
    pub const fn about(value: u64) -> Self {
        Self { value, exactness: Exactness::About }
    }

    /// A bound such as "10万+".
    #[must_use]
    pub const fn at_least(value: u64) -> Self {
        Self { value, exactness: Exactness::AtLeast }
    }

    /// Whether only a lower bound is known.
    #[must_use]
    pub const fn is_bound(self) -> bool {
        matches!(self.exactness, Exactness::AtLeast)
    }
}

/// The counters of a post at one look. `None` is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Counters {
    /// 浏览、点击、阅读、播放: one word for all four.
    pub views: Option<Count>,
    /// 转发; on short video, shares.
    pub reposts: Option<Count>,
    /// 评论、楼层回复.
    pub comments: Option<Count>,
    /// 点赞.
    pub likes: Option<Count>,
}
