//! Rows that the desk keeps: statements with their members, incidents, deadlines, the timeline.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AckHow, Base, Count, Mark, Plan, Post, PostKey, Precision};

/// Number of an incident; also of its statement. Ascending, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl std::fmt::Display for IncidentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a post is to its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An original: the first text, or an independent copy. Its reposts are counted.
    Root,
    /// A repost; its original's figure is counted, or its own as a lower bound.
    Repost,
    /// A refutation that quotes the statement: shown, adds no heat (SEMANTICS 11).
    Reaction,
}

/// A member post of an incident's statement, as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRow {
    /// The unit; a post belongs to one incident of each unit that it mentions.
    pub unit: String,
    /// Whose statement it belongs to.
    pub incident: IncidentId,
    /// The post. Its text may be forgotten by retention.
    pub post: Post,
    /// What it is to the statement.
    pub role: Role,
    /// Why it joined ("first", "repost", "same original", "link", "equal text", "near-duplicate 0.83", "split"…).
    pub why: String,
    /// Whether later texts are compared with it; `None` while [`PostRow::why`] says it.
    #[serde(default)]
    pub compared: Option<bool>,
    /// First sight. UTC.
    pub first_seen_at: Timestamp,
    /// Latest look. UTC.
    pub last_seen_at: Timestamp,
    /// Publication as decided at first sight; `None` is unknown (SEMANTICS 3).
    pub published_at: Option<Timestamp>,
    /// Precision of what the source said.
    pub precision: Option<Precision>,
    /// Whether it is backlog (SEMANTICS 4).
    pub backlog: bool,
    /// Looks of ours that counted as views since first sight (SEMANTICS 7).
    pub own_fetches: u64,
    /// Greatest reposts seen, and at first sight.
    pub reposts: Option<Count>,
    /// Reposts at first sight; growth is measured from it.
    pub first_reposts: Option<Count>,
    /// Reposts when its incident was closed; growth afterwards is measured from it (SEMANTICS 18).
    #[serde(default)]
    pub closed_reposts: Option<u64>,
    /// Greatest comments seen.
    pub comments: Option<Count>,
    /// Greatest likes seen.
    pub likes: Option<Count>,
    /// Greatest views seen, less our own.
    pub views: Option<Count>,
    /// Display names of the keyword groups that it met; empty when it came by relation.
    pub groups: Vec<String>,
    /// The words that were met, as they stand in the text; masked when texts are compared.
    pub surfaces: Vec<String>,
    /// Where they stand in its text as first seen, for showing them there.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Contacts that its rules ask to be told at once (`通知:`).
    #[serde(default)]
    pub notify: Vec<String>,
    /// What its rules propose that it is (`类别:`).
    #[serde(default)]
    pub kind: Option<super::ContentKind>,
    /// Source that showed it first.
    pub source: String,
}

impl PostRow {
    /// Why an original joins whose repost was seen before it.
    pub const ORIGINAL: &str = "original of a repost";

    /// Whether it is a core, a member that later texts are compared with (SEMANTICS 11): what began the statement, the
    /// original that came after its reposts, or the first that showed the whole text.
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.compared.unwrap_or_else(|| match self.why.as_str() {
            "first" | "split" => true,
            Self::ORIGINAL => self.role == Role::Root,
            _ => false,
        })
    }
}

/// One look at a post's counters (kept for the curve, for V(t) and for replay).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservationRow {
    /// The unit whose member it is.
    pub unit: String,
    /// Which post.
    pub post: PostKey,
    /// When. UTC.
    pub at: Timestamp,
    /// Views less our own fetches; `None` unknown.
    pub views: Option<Count>,
    /// Reposts.
    pub reposts: Option<Count>,
    /// Comments.
    pub comments: Option<Count>,
    /// Likes.
    pub likes: Option<Count>,
}

/// The heat of a statement at an instant: what was compared, what is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heat {
    /// Views in the last 24 h over all members, floored once; `None` when not known of any member.
    pub daily_views: Option<u64>,
    /// The part of it that is an estimate (straight-line share of backlog, SEMANTICS 4).
    pub estimated_views: u64,
    /// Whether a lower bound or shortened count went into it.
    pub views_exactness: Option<super::Exactness>,
    /// Sum of reposts of root posts on microblogs and blogs; `None` when not known of any.
    pub reposts: Option<u64>,
    /// Whether it is a lower bound (a root never seen, a "100万+").
    pub reposts_at_least: bool,
    /// Reposts of backlog roots that have not grown since first sight: shown, not graded (SEMANTICS 5).
    pub reposts_backlog: u64,
    /// Sum of comments over members; `None` unknown.
    pub comments: Option<u64>,
    /// Sites on which the statement stands.
    pub sites: Vec<String>,
    /// Member posts without reactions.
    pub posts: u64,
    /// Members whose views, or growth of views, are unknown.
    pub views_unknown: u64,
    /// Views gained in the last hour; `None` when not known of any member or no clause asks for it.
    #[serde(default)]
    pub hourly_views: Option<u64>,
    /// Members over a bound whose growth is unknown, with the greatest bound ("已超10万，增量未知").
    pub views_bound: Option<u64>,
    /// Roots whose reposts are unknown.
    pub reposts_unknown: u64,
}

/// Which clause raised a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clause {
    /// Daily views over a threshold.
    Views,
    /// Reposts over a threshold.
    Reposts,
    /// Comments over a threshold.
    Comments,
    /// Number of sites.
    Sites,
    /// A keyword's `至少:`.
    AtLeast,
    /// A person's decision.
    Override,
    /// No clause: the lowest tier.
    Lowest,
    /// The words were met by sound or in parts only: the numbers raise nothing (SEMANTICS 27).
    SoundOnly,
    /// Views gained in the last hour over a threshold.
    Growth,
    /// What kind of content it is.
    Kind,
}

/// Why a tier holds: rule, numbers, window, sites, unknowns and estimates (SEMANTICS 14). Rendered as
/// a line by the message catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Rank of the tier.
    pub rank: usize,
    /// The tier's name in the plan.
    pub tier_name: String,
    /// The clause that held.
    pub clause: Clause,
    /// Its threshold, where it has one.
    pub threshold: Option<u64>,
    /// Words of a person, or the keyword group of an `至少:`.
    pub note: Option<String>,
    /// Further conditions that held together with `clause`, with their thresholds.
    #[serde(default)]
    pub with: Vec<(Clause, Option<u64>)>,
    /// The numbers.
    pub heat: Heat,
    /// Start of the window that counts when it is shorter than 24 h (after closing). UTC.
    pub window_from: Option<Timestamp>,
    /// Until when. UTC.
    pub as_of: Timestamp,
}

/// Whether an incident is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// Backlog that is not hot: kept and followed, told in a digest only (SEMANTICS 5).
    Dormant,
    /// Open.
    Open,
    /// Closed by a person; growth since then is graded afresh.
    Closed,
    /// Merged into another, to which it redirects.
    Merged,
    /// Silent for its plan's window: kept in the store, no longer compared with what comes.
    Archived,
}

/// A confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Which contact confirmed.
    pub contact: String,
    /// Rank of the tier that was confirmed; it holds for this tier and below.
    pub rank: usize,
    /// Line of reporting it was given in; `None` when the contact stands in none.
    pub line: Option<String>,
    /// When. UTC.
    pub at: Timestamp,
    /// By what way.
    pub how: AckHow,
    /// Who recorded it, when not the contact.
    pub recorded_by: Option<String>,
}

/// A tier set by a person. It holds until the numbers alone grade higher than they did then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Rank that the person set.
    pub rank: usize,
    /// What the numbers alone gave at that instant.
    pub machine_rank: usize,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Where a reporting line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// Name of the line.
    pub line: String,
    /// Index of the step told last.
    pub step: usize,
    /// Times the chain started from its top.
    pub round: u32,
}

/// An incident: one statement of one unit (SEMANTICS 18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Unit that it belongs to.
    pub unit: String,
    /// Snapshot of the plan it runs under.
    pub plan: std::sync::Arc<Plan>,
    /// Open, closed…
    pub state: IncidentState,
    /// Highest rank reached while open (the tier never falls).
    pub rank: usize,
    /// Why.
    pub reason: Reason,
    /// First instant at that tier. UTC.
    pub graded_at: Timestamp,
    /// First sight of the earliest member. UTC.
    pub detected_at: Timestamp,
    /// Earliest publication known. UTC.
    pub published_at: Option<Timestamp>,
    /// Opened (first alert or digest entry). UTC.
    pub opened_at: Timestamp,
    /// Closed at. UTC.
    pub closed_at: Option<Timestamp>,
    /// Times it flared up again after closing.
    pub reopened: u32,
    /// The heat now (it may be lower than what raised the tier).
    pub heat: Heat,
    /// One line that says what it is about: the first member's title or first words.
    pub gist: String,
    /// Confirmations given.
    pub acks: Vec<Ack>,
    /// Reporting lines of the present tier.
    pub lines: Vec<LineState>,
    /// Highest rank that was told, until a correction.
    pub told_rank: Option<usize>,
    /// When the public answer was registered. UTC.
    pub responded_at: Option<Timestamp>,
    /// Lowest rank set by a keyword's `至少:`, with its group.
    pub at_least: Option<(usize, String)>,
    /// A person's tier, with the reason.
    pub overridden: Option<Override>,
    /// How many times a tier was opened (alert, rise, reopening): part of the keys of what it caused.
    pub epoch: u32,
    /// Contacts told by `通知:`.
    pub told_directly: Vec<String>,
    /// Whether a digest has carried it since it last changed.
    pub in_digest: bool,
    /// As what its present tier will be told when a silence ends that holds it back.
    #[serde(default)]
    pub held: Option<super::NoticeKind>,
    /// Where it was merged to.
    pub merged_into: Option<IncidentId>,
    /// Incidents that a person has split from it, or it from them: evidence never merges them again.
    #[serde(default)]
    pub apart: Vec<IncidentId>,
    /// Beginnings of the keys of notices by which the present tier was told before a merge brought it here.
    #[serde(default)]
    pub told_as: Vec<String>,
    /// Display names of the keyword groups that its members met.
    pub groups: Vec<String>,
    /// What kind it is.
    #[serde(default)]
    pub kinds: super::Kinds,
    /// What its growth says of the time to come.
    #[serde(default)]
    pub outlook: Outlook,
    /// How far its handling has come.
    #[serde(default)]
    pub course: super::Course,
}

impl Incident {
    /// Whether it is made up (演练, 演示): everything that is told of it says so, and no figure of the office counts it.
    #[must_use]
    pub fn is_exercise(&self) -> bool {
        self.plan.exercise_mark.is_some()
    }

    /// Whether it was entered by mistake and taken back (误录).
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.course.entered.as_ref().is_some_and(|entered| entered.withdrawn_at.is_some())
    }
}

/// What the growth of an incident says of the time to come. Nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outlook {
    /// When the next tiers will be reached, while that can be said; the lowest first.
    pub forecasts: Vec<Forecast>,
    /// When a threshold could be crossed at the soonest; plans the next look. UTC.
    pub soonest: Option<Timestamp>,
    /// Last instant at which a look showed growth, or a member joined. UTC.
    pub grew_at: Option<Timestamp>,
}

/// A tier that will be reached soon ("预计 40 分钟内达到重大").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Rank of the tier.
    pub rank: usize,
    /// Its name in the plan.
    pub tier_name: String,
    /// The clause that will hold.
    pub clause: Clause,
    /// Its threshold.
    pub threshold: u64,
    /// When, by the growth so far. UTC.
    pub at: Timestamp,
}

/// What a deadline is for (SEMANTICS 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The first step must have been told.
    Report,
    /// Somebody must confirm; one per reporting line and step.
    Acknowledge,
    /// The public answer must be registered.
    Response,
    /// A step of a line that is told at its time whatever was confirmed, or a notice that waits for the end of quiet
    /// hours; no limit on a person.
    Step,
    /// 续报: a follow-up report is owed.
    FollowUp,
    /// 反馈: a form or a written account is owed.
    Feedback,
    /// Something that the plan names itself.
    Own,
}

impl DeadlineKind {
    /// The id used in tables and `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Acknowledge => "acknowledge",
            Self::Response => "response",
            Self::Step => "step",
            Self::FollowUp => "follow_up",
            Self::Feedback => "feedback",
            Self::Own => "own",
        }
    }
}

/// Where a deadline stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeadlineState {
    /// Runs.
    Running,
    /// Met at the instant. UTC.
    Met {
        /// When.
        at: Timestamp,
    },
    /// Passed without being met; may still be met later.
    Overdue,
    /// Closed without being met: a higher tier's replaced it (由上级时限取代), the incident was closed…
    Ended {
        /// Named reason: `superseded`, `closed`, `merged`, `next_step`.
        why: String,
    },
}

/// A time limit that runs for an incident. A row: it outlives a restart (SEMANTICS 25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Natural key, such as `12/report/critical/0`; ascending by incident.
    pub key: String,
    /// Which incident.
    pub incident: IncidentId,
    /// What for.
    pub kind: DeadlineKind,
    /// Rank of the tier that opened it.
    pub rank: usize,
    /// Reporting line, for `acknowledge`.
    pub line: Option<String>,
    /// Step in the line, for `acknowledge`.
    pub step: usize,
    /// From which event it runs…
    pub base: Base,
    /// …and when that was. UTC.
    pub base_at: Timestamp,
    /// When it is due. UTC.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: DeadlineState,
    /// Whether the last warning was given.
    pub warned: bool,
    /// Id of the duty of the plan, for limits of the plan's own.
    #[serde(default)]
    pub duty: Option<String>,
    /// How the office calls it, for limits of the plan's own.
    #[serde(default)]
    pub name: Option<String>,
    /// Warnings given.
    #[serde(default)]
    pub warnings: usize,
    /// Times it was told that it is overdue.
    #[serde(default)]
    pub reminders: u32,
    /// Whether an earlier origin that was found later moved it earlier (溯源提前).
    #[serde(default)]
    pub moved: bool,
    /// Whether it has ever passed unmet. That stays, whatever is written down, ended or moved afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passed: bool,
}

impl Deadline {
    /// When it was met; `None` while it is not. UTC.
    #[must_use]
    pub const fn met_at(&self) -> Option<Timestamp> {
        match self.state {
            DeadlineState::Met { at } => Some(at),
            _ => None,
        }
    }

    /// Whether somebody owes it: it runs or has passed unmet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, DeadlineState::Running | DeadlineState::Overdue)
    }
}

/// One line of an incident's timeline and of the audit: what happened, when, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which incident; `None` for the whole daemon.
    pub incident: Option<IncidentId>,
    /// When. UTC.
    pub at: Timestamp,
    /// Named kind: `opened`, `tier`, `joined`, `told`, `acknowledged`, `overdue`, `responded`,
    /// `overridden`, `merged`, `split`, `reaction`, `closed`, `archived`, `reopened`, `corrected`, `digest`, `failover`.
    pub kind: String,
    /// Who did it, when a person did.
    pub by: Option<String>,
    /// From where, when they did it from the console or by the API: an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What, in the office's language.
    pub text: String,
}

impl Entry {
    /// Kind of the rows that record an act as it was given; they stand in the audit only.
    pub const ACT: &str = "act";
}
