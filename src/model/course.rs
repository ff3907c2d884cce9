//! The course of a case (事件办理过程): the state it is in, who leads, which texts were approved, what belongs to it.
//!
//! States are names of the plan, in its order. The machine itself moves a case forward by what happens
//! ([`Milestone`]); a person may put it into any of them.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Deadline, Incident, NoticeId, PostKey};

/// The shipped states (SEMANTICS 18).
pub const STATES: [&str; 11] =
    ["发现", "已报", "已签收", "会商", "批办", "处置中", "审定", "已回应", "跟踪", "平息", "归档"];

/// The shipped states as a plan keeps them.
#[must_use]
pub fn usual_states() -> Vec<String> {
    STATES.iter().map(|&state| state.to_owned()).collect()
}

/// Something that happens to a case and moves it forward, where the plan has a state of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Milestone {
    /// The first report was accepted by all.
    Told,
    /// Somebody confirmed.
    Acknowledged,
    /// One was named to lead.
    Assigned,
    /// A text was handed in for approval.
    Submitted,
    /// The public answer was registered.
    Responded,
    /// It was closed.
    Closed,
    /// It left the desk.
    Archived,
}

impl Milestone {
    /// The state that it leads to.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Told => "已报",
            Self::Acknowledged => "已签收",
            Self::Assigned => "批办",
            Self::Submitted => "审定",
            Self::Responded => "已回应",
            Self::Closed => "平息",
            Self::Archived => "归档",
        }
    }
}

/// When a case subsides (平息): the plan's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subsides {
    /// Views gained in an hour are fewer than this…
    pub growth_below: u64,
    /// …for so long.
    pub span: SignedDuration,
    /// Whether the plan itself confirms it; else a person does, by closing.
    pub by_plan: bool,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// The state from then on.
    pub state: String,
    /// When. UTC.
    pub at: Timestamp,
    /// Who decided; `None` is the machine.
    pub by: Option<String>,
}

/// 批办: who does what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The contact who leads.
    pub lead: String,
    /// Who helps.
    pub helping: Vec<String>,
    /// What is to be done.
    pub instruction: String,
    /// Who decided.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Approved, or sent back.
    pub approved: bool,
    /// Who decided.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
    /// Why it went back; empty when approved.
    pub reason: String,
}

/// A draft of the public answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
    /// What became of it.
    pub verdict: Option<Verdict>,
}

/// A file that belongs to a case; its content is kept by the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileNote {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// Who brought it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// The content of a file, on its way into the store with the act that names it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBody {
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The content.
    pub bytes: Arc<Vec<u8>>,
}

impl FileBody {
    /// A content with its hash.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { sha256: hex::encode(Sha256::digest(&bytes)), bytes: Arc::new(bytes) }
    }
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBody").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}

/// A public answer as it was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its words.
    pub text: String,
    /// Its address, when the words hold one.
    pub link: Option<String>,
    /// Who registered it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// That a case subsides was proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subsiding {
    /// When. UTC.
    pub at: Timestamp,
    /// The lowest rank that its numbers gave since.
    pub rank: usize,
}

/// How a case came in by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// By what way, such as 电话.
    pub source: String,
    /// Who entered it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
    /// When it happened. UTC.
    pub happened_at: Option<Timestamp>,
    /// Why none of the sources had it.
    pub missed: String,
    /// When a source of ours showed it later. UTC.
    pub found_at: Option<Timestamp>,
    /// Whether it is a drill.
    pub drill: bool,
    /// When it was taken back as entered by mistake (误录). UTC.
    #[serde(default)]
    pub withdrawn_at: Option<Timestamp>,
}

/// What an act changed, so that a slip can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// Name of the act.
    pub act: String,
    /// Who did it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
    /// The incident before, without its plan.
    pub before: Box<Incident>,
    /// Its tier's count of openings after the act.
    pub epoch: u32,
    /// Limits that the act changed, as they stood before.
    pub limits: Vec<Deadline>,
    /// Limits that it opened.
    pub opened: Vec<String>,
    /// Notices that it caused.
    pub notices: Vec<NoticeId>,
    /// Notices that it kept from going out.
    pub cancelled: Vec<NoticeId>,
    /// The phone task that it ticked.
    #[serde(default)]
    pub ticked: Option<NoticeId>,
    /// The post that it entered by hand.
    #[serde(default)]
    pub entered: Option<PostKey>,
}

/// The course of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// Every change of state, oldest first.
    pub states: Vec<StateChange>,
    /// What has moved it already.
    pub passed: Vec<Milestone>,
    /// Times it had flared up when `passed` was last cleared.
    pub round: u32,
    /// Who leads.
    pub assignment: Option<Assignment>,
    /// Times the lead was urged.
    pub urged: u32,
    /// Drafts of the public answer, oldest first.
    pub texts: Vec<Draft>,
    /// Files.
    pub files: Vec<FileNote>,
    /// Public answers.
    pub replies: Vec<Reply>,
    /// Since when little has grown. UTC.
    pub quiet_since: Option<Timestamp>,
    /// That it subsides was proposed.
    pub subsiding: Option<Subsiding>,
    /// How it came in by hand.
    pub entered: Option<Entered>,
    /// The last act, while it can be taken back.
    pub undo: Option<Undoable>,
}

impl Incident {
    /// The state of the case, a name of its plan.
    #[must_use]
    pub fn stage(&self) -> &str {
        let now = self.course.states.last().map(|change| change.state.as_str());
        now.or_else(|| self.plan.states.first().map(String::as_str)).unwrap_or_default()
    }
}
