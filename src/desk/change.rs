//! The closed set of things that go into the desk and come out of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    Act, Count, Deadline, Delivery, Entry, Evidence, FileBody, FileVersion, Forgotten, Incident, IncidentId,
    Mention, Notice, ObservationRow, PostRow, Receipt,
};

/// Everything that can happen to the desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// A post was looked at.
    Mention(Box<Mention>),
    /// A person did something.
    Act(Act),
    /// A channel answered.
    Delivery(Delivery),
    /// A channel told what became of a message that it had accepted.
    Receipt(Box<Receipt>),
    /// Something in the machinery must be told to the administrators.
    Operations(Operations),
    /// A followed post is not there any more.
    Vanished(Vanished),
    /// Time passed: whatever is due falls due.
    Tick,
}

/// A fault of the machinery that a person must know of: silence must never mean that the crawler broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// What it is about, such as `source/某论坛` or `keywords/单位.txt`; one notice per subject and state.
    pub subject: String,
    /// Whether it is broken now (false: mended).
    pub broken: bool,
    /// What to do, in the office's language.
    pub text: String,
}

/// A post that was followed and whose page says that it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vanished {
    /// Which post.
    pub post: crate::model::PostKey,
    /// When that was seen. UTC.
    pub at: Timestamp,
    /// What the page says: `404`, `410`, or its words.
    pub says: String,
}

/// What the desk keeps beside incidents, per unit: when the last digests went out, which operations are
/// broken, the next number. One row, small.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskState {
    /// The next incident number.
    pub next_id: u64,
    /// Last digest per unit. UTC.
    pub digests: std::collections::BTreeMap<String, Timestamp>,
    /// Broken subjects and since when. UTC.
    pub broken: std::collections::BTreeMap<String, Timestamp>,
    /// What was told of each broken subject, so that it can be told again.
    #[serde(default)]
    pub standing: std::collections::BTreeMap<String, Standing>,
    /// Subjects that a person wants to hear nothing of.
    #[serde(default)]
    pub mutes: std::collections::BTreeMap<String, Mute>,
    /// Sources that a person has paused, by name.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub paused: std::collections::BTreeMap<String, Pause>,
    /// Monthly reports, by unit.
    #[serde(default)]
    pub monthly: std::collections::BTreeMap<String, super::MonthlyState>,
    /// Silences that hold or will.
    #[serde(default)]
    pub silences: Vec<crate::model::Silence>,
    /// Posts whose words are not to be kept again, with the hash of the text.
    #[serde(default)]
    pub forgotten: std::collections::BTreeMap<String, String>,
    /// Units in emergency mode.
    #[serde(default)]
    pub emergencies: std::collections::BTreeMap<String, crate::model::Emergency>,
}

/// A fault that stands: it is told again every day until it is mended or muted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What to do, in the office's language, as last said.
    pub text: String,
    /// When it was last told; while it was never told, since when it is broken. UTC.
    pub told_at: Timestamp,
    /// How often it was told; 0 when it has been muted or under maintenance from the beginning.
    pub times: u32,
}

/// A person's decision to hear nothing of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Who decided.
    pub by: String,
    /// Why. Never empty.
    pub reason: String,
    /// Since when. UTC.
    pub at: Timestamp,
    /// Until when; `None` is until the fault is mended. UTC.
    pub until: Option<Timestamp>,
}

/// A person's decision not to look at a source for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Who decided.
    pub by: String,
    /// Why. Never empty.
    pub reason: String,
    /// Since when. UTC.
    pub at: Timestamp,
    /// Until when; `None` is until somebody resumes it. UTC.
    pub until: Option<Timestamp>,
}

impl Pause {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A change that the desk decided. Each is a whole row to insert or replace by its key, so that applying
/// it twice is harmless; a batch of inputs and all their changes commit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Key: unit and `post.key`. Replaces; a post can move to another incident of the same unit (merge,
    /// split).
    Post(Box<PostRow>),
    /// Key: unit, post, at.
    Observation(ObservationRow),
    /// Key: id.
    Incident(Box<Incident>),
    /// Key: key.
    Deadline(Deadline),
    /// Key: id. Inserted once; later changes replace its state only.
    Notice(Box<Notice>),
    /// Appended.
    Entry(Entry),
    /// The one row of the desk.
    State(DeskState),
    /// Key: post and hash of its text. Kept once.
    Evidence(Box<Evidence>),
    /// A post's words are taken out of every row; their hash stays.
    Forget(Forgotten),
    /// Key: hash of the content. Kept once, with the incident's row that names it.
    File(FileBody),
    /// Appended unless the newest version of the same file has the same content.
    FileVersion(Box<FileVersion>),
}

/// All rows that a desk needs to go on where it stood.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    /// The one row; `None` on an empty store.
    pub state: Option<DeskState>,
    /// Incidents that live: neither archived nor merged.
    pub incidents: Vec<Incident>,
    /// Incidents that were merged, each with the one that it was merged into.
    pub merged: Vec<(IncidentId, IncidentId)>,
    /// Their members.
    pub posts: Vec<PostRow>,
    /// The looks of each of these members, in the members' order, by time: at least all of the last 48 h, the last
    /// one before and the greatest before.
    pub looks: Vec<Vec<Glance>>,
    /// Their deadlines.
    pub deadlines: Vec<Deadline>,
    /// Notices of these incidents, and those of the last 30 days that belong to none.
    pub notices: Vec<Notice>,
}

/// As much of a look as counts once it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// When. UTC.
    pub at: Timestamp,
    /// Views less our own fetches; `None` unknown.
    pub views: Option<Count>,
    /// Reposts.
    pub reposts: Option<Count>,
}

/// Why an act was not taken: the incident is not there, a reason is missing… In the office's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);
