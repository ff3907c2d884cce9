//! The unit's response plan (预案): tiers with their clauses, who is told in what order, and the limits.
//!
//! An incident keeps a snapshot of the plan that it began under (SEMANTICS 18), so a plan is a plain
//! serialisable value.

use jiff::{SignedDuration, civil};
use serde::{Deserialize, Serialize};

use super::ChannelKind;

/// How a tier is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Collected and told weekly (影响较小).
    Weekly,
    /// Collected into the 动态 at the plan's hours.
    Digest,
    /// Told promptly (较大).
    Promptly,
    /// Told at once (重大 and up).
    AtOnce,
}

impl Telling {
    /// Whether reaching such a tier sends notices of its own (as against a digest).
    #[must_use]
    pub const fn alerts(self) -> bool {
        matches!(self, Self::Promptly | Self::AtOnce)
    }
}

/// The paper that goes with a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// 专报.
    Special,
    /// 简报.
    Brief,
    /// 动态.
    Digest,
}

/// From which event a time limit runs (SEMANTICS 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Publication of the earliest member known; else detection, marked.
    Published,
    /// First sight of the earliest member.
    Detected,
    /// First instant at the tier.
    Graded,
    /// The `report` deadline was met.
    Told,
    /// Somebody confirmed.
    Acknowledged,
    /// The public answer was registered.
    Responded,
}

/// A time limit and what it runs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Length.
    pub within: SignedDuration,
    /// From when.
    pub from: Base,
}

/// Numbers of which one alone is enough; all strict (SEMANTICS 14).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clauses {
    /// Daily views of the statement exceed this.
    pub views_over: Option<u64>,
    /// Reposts of its root posts exceed this.
    pub reposts_over: Option<u64>,
    /// Comments over all its posts exceed this.
    pub comments_over: Option<u64>,
    /// It stands on at least this many sites.
    pub sites_at_least: Option<u32>,
}

/// One line of reporting: steps told one after the other until somebody confirms (逐级报告). Several
/// lines run beside each other (双重报告).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Name of the line, such as 本单位 or 上级.
    pub name: String,
    /// Contact names of each step; the first is told at once. Never empty.
    pub steps: Vec<Vec<String>>,
}

/// One tier of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRule {
    /// `critical`, `major`, `elevated`, `general`, `minor`, or the plan's own id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// Ascending gravity from 0; the index in [`Plan::tiers`].
    pub rank: usize,
    /// When it holds. The lowest tier needs no clause.
    pub clauses: Clauses,
    /// How it is reported.
    pub telling: Telling,
    /// Reporting lines. Digest tiers use the first step only.
    pub lines: Vec<Line>,
    /// Told once beside the lines, without confirming (抄送).
    pub copies: Vec<String>,
    /// Kinds of channel of which each must accept (SEMANTICS 22).
    pub channels: Vec<ChannelKind>,
    /// Limit for telling, from `graded`.
    pub report: Option<SignedDuration>,
    /// Limit for confirming, from `graded`; each step has it anew.
    pub acknowledge: Option<SignedDuration>,
    /// Limit for the public answer.
    pub response: Option<Limit>,
    /// Paper to draft.
    pub paper: ReportKind,
}

/// When digests go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestTimes {
    /// At these local times each day.
    Daily(Vec<civil::Time>),
    /// Every so long (drills and the demo).
    Every(SignedDuration),
}

/// A response plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// File stem, such as `work-safety`.
    pub id: String,
    /// Title as the office calls it.
    pub title: String,
    /// IANA zone that decides days and digests.
    pub zone: String,
    /// Tiers by ascending gravity; `tiers[i].rank == i`. Never empty.
    pub tiers: Vec<TierRule>,
    /// Least number of sites for a views clause (SEMANTICS 16). Default 1.
    pub min_sites: u32,
    /// Whether shares of short video count as reposts (SEMANTICS 8).
    pub count_shares: bool,
    /// When digests of general statements and of backlog go out.
    pub digest: DigestTimes,
    /// Contacts told of broken sources, failed chains and the like.
    pub administrators: Vec<String>,
    /// Whether every text of this plan is marked 演示/演练.
    pub exercise_mark: Option<String>,
    /// How long a statement is silent (no member seen, nothing grown) before it is no longer compared with what
    /// comes. Incidents that were told of and are not closed stay.
    #[serde(default = "statement_window")]
    pub statement_window: SignedDuration,
}

/// 30 days: as long as posts without an incident are kept (SEMANTICS 31).
#[must_use]
pub const fn statement_window() -> SignedDuration {
    SignedDuration::from_hours(30 * 24)
}

impl Plan {
    /// The tier with this id or Chinese name.
    #[must_use]
    pub fn tier_named(&self, name: &str) -> Option<&TierRule> {
        self.tiers.iter().find(|t| t.id == name || t.name == name)
    }

    /// The tier of this rank; ranks out of range give the highest.
    ///
    /// # Panics
    /// Never on a checked plan, which has at least one tier.
    #[must_use]
    #[expect(clippy::expect_used, reason = "config refuses a plan without tiers")]
    pub fn tier(&self, rank: usize) -> &TierRule {
        self.tiers.get(rank).or_else(|| self.tiers.last()).expect("a checked plan has tiers")
    }

    /// Rank of the lowest tier that sends notices of its own (SEMANTICS 18).
    #[must_use]
    pub fn lowest_alerting_rank(&self) -> usize {
        self.tiers.iter().position(|t| t.telling.alerts()).unwrap_or(self.tiers.len())
    }
}

/// A unit (单位) that is watched for: it owns keyword lists and a plan, and is the shard of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its name, such as 青川县人民医院. Unique.
    pub name: String,
    /// Other names of it, masked when texts are compared (SEMANTICS 11).
    pub aliases: Vec<String>,
    /// Id of its plan.
    pub plan: String,
    /// Whether its file puts it into emergency mode (应急), round the clock.
    #[serde(default)]
    pub emergency: bool,
}
