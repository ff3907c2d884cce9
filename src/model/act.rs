//! What people do to incidents. Every act names who did it; the desk records it with its instant.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IncidentId, Kind, NoticeId, PostKey};

/// How somebody confirmed (SEMANTICS 23, 24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AckHow {
    /// The button on the confirm page of a signed link.
    Link,
    /// The short code, through the gateway's reply webhook.
    Reply,
    /// 电话签收, recorded by the duty officer.
    Phone,
    /// In the console.
    Console,
    /// By an event line of a replay.
    Replay,
}

/// A unit's emergency mode as it was switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Since when. UTC.
    pub since: jiff::Timestamp,
    /// It ends by itself then. UTC.
    pub until: Option<jiff::Timestamp>,
    /// Who decided; the name of the file when a file of the office did.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An act by a named person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Confirms receipt of an incident at the tier that was told.
    Acknowledge {
        /// Which incident.
        incident: IncidentId,
        /// The contact who confirms.
        contact: String,
        /// Rank of the tier that the confirmed notice told; `None` is the present one.
        rank: Option<usize>,
        /// By what way.
        how: AckHow,
        /// Who recorded it, when not the contact.
        recorded_by: Option<String>,
        /// When the contact said so (电话签收 is typed later); `None` is now. UTC, to the minute, not before the
        /// contact was told.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// The phone task of a notice was done: the call was made and answered.
    PhoneDone {
        /// Which notice.
        notice: NoticeId,
        /// Who called.
        by: String,
        /// When the call was answered; `None` is now. UTC, to the minute, not before the notice.
        #[serde(default)]
        at: Option<Timestamp>,
    },
    /// The public answer was registered.
    Respond {
        /// Which incident.
        incident: IncidentId,
        /// Who registers it.
        by: String,
        /// Link or words of the answer.
        text: String,
    },
    /// Something that the plan wants was done: a follow-up report, a form.
    Complete {
        /// Which incident.
        incident: IncidentId,
        /// Id or name of the duty.
        duty: String,
        /// Who registers it.
        by: String,
        /// What was handed in.
        text: String,
    },
    /// A person sets the tier, with a reason that is kept.
    Override {
        /// Which incident.
        incident: IncidentId,
        /// Tier id or name.
        tier: String,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// A named person says what kind of content an incident is (SEMANTICS 17).
    SetKind {
        /// Which incident.
        incident: IncidentId,
        /// Which kind.
        kind: Kind,
        /// Who decides. Never empty.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// Two incidents are one (SEMANTICS 13).
    Merge {
        /// One of them.
        incident: IncidentId,
        /// The other.
        other: IncidentId,
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// A post does not belong to its incident's statement.
    Split {
        /// The post that starts a statement of its own.
        post: PostKey,
        /// Which incident it leaves; `None` is the one that it stands in.
        incident: Option<IncidentId>,
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// Emergency mode (应急) of a unit: round the clock its sources are read twice as often and what is
    /// followed is looked at as often as it may be.
    Emergency {
        /// Which unit.
        unit: String,
        /// On or off.
        on: bool,
        /// It ends by itself then. UTC.
        until: Option<jiff::Timestamp>,
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// The incident is over; closing ends the tier (SEMANTICS 18).
    Close {
        /// Which incident.
        incident: IncidentId,
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// Alerts of a unit, or of one of its keyword groups, wait until an end.
    Silence {
        /// Which unit.
        unit: String,
        /// Display name of the keyword group; `None` is every incident.
        group: Option<String>,
        /// Highest tier that waits, by id or name; never the plan's highest.
        up_to: String,
        /// From when; `None` is now. UTC.
        from: Option<Timestamp>,
        /// Until when. UTC.
        until: Timestamp,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// The monthly report that is owed was handed up.
    FileMonthly {
        /// Which unit.
        unit: String,
        /// Who registers it.
        by: String,
        /// What was handed up.
        text: String,
    },
    /// A silence ends before its time.
    EndSilence {
        /// Its number.
        id: u64,
        /// Who decides.
        by: String,
    },
    /// A post's words are taken out of every row; only their hash stays (SEMANTICS 31).
    Forget {
        /// Which post.
        post: PostKey,
        /// Who decides. Never empty.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// Nothing more is to be heard of a fault of the machinery.
    Mute {
        /// What it is about, such as `source/某论坛`.
        subject: String,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
        /// Until when; `None` is until the fault is mended. UTC.
        until: Option<Timestamp>,
    },
    /// A fault is to be heard of again.
    Unmute {
        /// What it is about.
        subject: String,
        /// Who decides.
        by: String,
    },
    /// A source is not looked at until it is resumed (暂停). What a person forgets is told again every day.
    PauseSource {
        /// Its name.
        source: String,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
        /// It ends by itself then; `None` is until somebody resumes it. UTC.
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// A paused source is looked at again.
    ResumeSource {
        /// Its name.
        source: String,
        /// Who decides.
        by: String,
    },
    /// Somebody asked for a look at a source out of turn (立即查看). The desk only records it.
    PollSource {
        /// Its name.
        source: String,
        /// Who asked.
        by: String,
    },
    /// Something about who may come in, as an account made or a login locked out. The desk only records it.
    Access {
        /// What: `account-added`, `account-changed`, `account-removed`, `invited`, `password-set`, `logged-in`,
        /// `logged-out`, `locked-out`, `second-factor`, `token-added`, `token-removed`, `sessions-ended`; `backed-up`: a copy of the database was made.
        what: String,
        /// Whose account, or which token.
        about: String,
        /// Who did it.
        by: String,
    },
    /// Something about a paper, as a number given to it. The desk only records it.
    Paper {
        /// What: `numbered`, `approved`.
        what: String,
        /// Whose; empty for all units together.
        unit: String,
        /// Which paper, with its number, in the office's words.
        paper: String,
        /// Who did it.
        by: String,
    },
    /// A file of the office was saved in the console. The store keeps its content beside.
    EditFile {
        /// The file as the office names it.
        file: String,
        /// SHA-256 of the content before, in hex; empty when there was no such file.
        from: String,
        /// SHA-256 of the content from now on, in hex.
        to: String,
        /// Who saved it. Never empty.
        by: String,
        /// What was changed and why, in the person's words.
        note: String,
    },
    /// A test message was asked for, by each channel of a contact. The desk only records it.
    TestContact {
        /// The contact; one that is a unit's own is called `单位/名字`.
        contact: String,
        /// The unit whose own contact it is; `None`: one of all units.
        unit: Option<String>,
        /// Who asked. Never empty.
        by: String,
    },
    /// The case folder was taken out of the system. The desk only records it.
    ExportFolder {
        /// Of which incident.
        incident: IncidentId,
        /// Who took it. Never empty.
        by: String,
    },
    /// The case is put into a state of the plan.
    SetState {
        /// Which incident.
        incident: IncidentId,
        /// Name of the state in the plan.
        state: String,
        /// Who decides.
        by: String,
        /// Why; may be empty.
        #[serde(default)]
        reason: String,
    },
    /// 批办: one leads, others help.
    Assign {
        /// Which incident.
        incident: IncidentId,
        /// The contact who leads.
        lead: String,
        /// Who helps.
        #[serde(default)]
        helping: Vec<String>,
        /// What is to be done.
        instruction: String,
        /// Who decides.
        by: String,
    },
    /// 移交: another contact leads from now on.
    HandOver {
        /// Which incident.
        incident: IncidentId,
        /// The contact who leads from now on.
        to: String,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// 催办: the lead is reminded.
    Urge {
        /// Which incident.
        incident: IncidentId,
        /// Who urges.
        by: String,
        /// What to say; may be empty.
        #[serde(default)]
        text: String,
    },
    /// A draft of the public answer is handed in for 审定.
    SubmitText {
        /// Which incident.
        incident: IncidentId,
        /// The draft.
        text: String,
        /// Who wrote it.
        by: String,
    },
    /// 审定: a draft is approved.
    ApproveText {
        /// Which incident.
        incident: IncidentId,
        /// Its number, from 1; `None` is the last one.
        #[serde(default)]
        number: Option<usize>,
        /// Who approves.
        by: String,
    },
    /// 审定: a draft goes back.
    RejectText {
        /// Which incident.
        incident: IncidentId,
        /// Its number, from 1; `None` is the last one.
        #[serde(default)]
        number: Option<usize>,
        /// Who rejects it.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// A note for the record.
    Note {
        /// Which incident.
        incident: IncidentId,
        /// Who notes it.
        by: String,
        /// What.
        text: String,
    },
    /// A file that the store keeps belongs to an incident.
    Attach {
        /// Which incident.
        incident: IncidentId,
        /// Its name.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// SHA-256 of its content, in hex.
        sha256: String,
        /// Who brought it.
        by: String,
    },
    /// A closed incident is opened again by a person.
    Reopen {
        /// Which incident.
        incident: IncidentId,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// 按现行预案办理: a running incident goes on under the plan that is now in force for its unit (SEMANTICS 18). It
    /// cannot be taken back.
    TakePlan {
        /// Which incident.
        incident: IncidentId,
        /// Who decides.
        by: String,
        /// Why. Never empty.
        reason: String,
    },
    /// The last act on an incident was a slip; within 60 s, by the person who did it.
    Undo {
        /// Which incident.
        incident: IncidentId,
        /// Who did it.
        by: String,
    },
    /// Something came by telephone or on paper.
    Enter {
        /// What.
        entry: Box<HandEntry>,
    },
}

/// Something that no source showed: it came by telephone, on paper, from a colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandEntry {
    /// Whoever enters it makes this; the same one twice is one entry.
    pub id: String,
    /// The unit concerned.
    pub unit: String,
    /// What it is about, in a line.
    pub gist: String,
    /// What was said.
    pub text: String,
    /// By what way it came, such as 电话 or 信访件.
    pub source: String,
    /// Its tier, by id or name; `None` grades it by its numbers.
    #[serde(default)]
    pub tier: Option<String>,
    /// Where it stands in public, when it does.
    #[serde(default)]
    pub url: Option<String>,
    /// Views, when known.
    #[serde(default)]
    pub views: Option<u64>,
    /// Reposts, when known.
    #[serde(default)]
    pub reposts: Option<u64>,
    /// Comments, when known.
    #[serde(default)]
    pub comments: Option<u64>,
    /// When it happened or was published. UTC.
    #[serde(default)]
    pub happened_at: Option<Timestamp>,
    /// Who enters it.
    pub by: String,
    /// Why none of the sources had it (漏报原因).
    #[serde(default)]
    pub missed: String,
    /// A drill (演练): every text is marked so.
    #[serde(default)]
    pub drill: bool,
}

impl HandEntry {
    /// The site under which entries by hand stand.
    pub const SITE: &str = "hand";

    /// The identity of the post that it becomes.
    #[must_use]
    pub fn key(&self) -> PostKey {
        PostKey { site: Self::SITE.to_owned(), id: self.id.clone() }
    }
}

impl Act {
    /// Who did it.
    #[must_use]
    pub fn person(&self) -> &str {
        match self {
            Self::Acknowledge { contact, recorded_by, .. } => recorded_by.as_deref().unwrap_or(contact),
            Self::Enter { entry } => &entry.by,
            Self::PhoneDone { by, .. }
            | Self::Respond { by, .. }
            | Self::Complete { by, .. }
            | Self::Override { by, .. }
            | Self::SetKind { by, .. }
            | Self::Merge { by, .. }
            | Self::Split { by, .. }
            | Self::Emergency { by, .. }
            | Self::Close { by, .. }
            | Self::Forget { by, .. }
            | Self::Silence { by, .. }
            | Self::FileMonthly { by, .. }
            | Self::EndSilence { by, .. }
            | Self::Mute { by, .. }
            | Self::Unmute { by, .. }
            | Self::PauseSource { by, .. }
            | Self::ResumeSource { by, .. }
            | Self::PollSource { by, .. }
            | Self::Access { by, .. }
            | Self::Paper { by, .. }
            | Self::EditFile { by, .. }
            | Self::TestContact { by, .. }
            | Self::ExportFolder { by, .. }
            | Self::SetState { by, .. }
            | Self::Assign { by, .. }
            | Self::HandOver { by, .. }
            | Self::Urge { by, .. }
            | Self::SubmitText { by, .. }
            | Self::ApproveText { by, .. }
            | Self::RejectText { by, .. }
            | Self::Note { by, .. }
            | Self::Attach { by, .. }
            | Self::Reopen { by, .. }
            | Self::TakePlan { by, .. }
            | Self::Undo { by, .. } => by,
        }
    }

    /// Every incident that it touches.
    #[must_use]
    pub fn incidents(&self) -> Vec<IncidentId> {
        match self {
            Self::Merge { incident, other, .. } => vec![*incident, *other],
            Self::PhoneDone { notice, .. } => notice.incident().into_iter().collect(),
            other => other.incident().into_iter().collect(),
        }
    }

    /// The unit that it names, when it names one.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Emergency { unit, .. } | Self::Silence { unit, .. } | Self::FileMonthly { unit, .. } => {
                Some(unit)
            }
            Self::Enter { entry } => Some(&entry.unit),
            Self::TestContact { unit, .. } => unit.as_deref(),
            Self::Paper { unit, .. } => Some(unit.as_str()).filter(|unit| !unit.is_empty()),
            _ => None,
        }
    }

    /// Makes it the act of somebody with an account, whatever the form said. Who confirms for another contact than
    /// their own records it.
    pub fn done_by(&mut self, name: &str, own_contact: Option<&str>) {
        match self {
            Self::Acknowledge { contact, recorded_by, how, .. } => {
                let own = own_contact == Some(contact.as_str());
                *recorded_by = (!own).then(|| name.to_owned());
                *how = if own { AckHow::Console } else { AckHow::Phone };
            }
            Self::Enter { entry } => name.clone_into(&mut entry.by),
            Self::PhoneDone { by, .. }
            | Self::Respond { by, .. }
            | Self::Complete { by, .. }
            | Self::Override { by, .. }
            | Self::SetKind { by, .. }
            | Self::Merge { by, .. }
            | Self::Split { by, .. }
            | Self::Emergency { by, .. }
            | Self::Close { by, .. }
            | Self::Forget { by, .. }
            | Self::Silence { by, .. }
            | Self::FileMonthly { by, .. }
            | Self::EndSilence { by, .. }
            | Self::Mute { by, .. }
            | Self::Unmute { by, .. }
            | Self::PauseSource { by, .. }
            | Self::ResumeSource { by, .. }
            | Self::PollSource { by, .. }
            | Self::Access { by, .. }
            | Self::Paper { by, .. }
            | Self::EditFile { by, .. }
            | Self::TestContact { by, .. }
            | Self::ExportFolder { by, .. }
            | Self::SetState { by, .. }
            | Self::Assign { by, .. }
            | Self::HandOver { by, .. }
            | Self::Urge { by, .. }
            | Self::SubmitText { by, .. }
            | Self::ApproveText { by, .. }
            | Self::RejectText { by, .. }
            | Self::Note { by, .. }
            | Self::Attach { by, .. }
            | Self::Reopen { by, .. }
            | Self::TakePlan { by, .. }
            | Self::Undo { by, .. } => name.clone_into(by),
        }
    }

    /// The incident that it is about, when it names one.
    #[must_use]
    pub const fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Acknowledge { incident, .. }
            | Self::Respond { incident, .. }
            | Self::Complete { incident, .. }
            | Self::Override { incident, .. }
            | Self::SetKind { incident, .. }
            | Self::Merge { incident, .. }
            | Self::Close { incident, .. }
            | Self::SetState { incident, .. }
            | Self::Assign { incident, .. }
            | Self::HandOver { incident, .. }
            | Self::Urge { incident, .. }
            | Self::SubmitText { incident, .. }
            | Self::ApproveText { incident, .. }
            | Self::RejectText { incident, .. }
            | Self::Note { incident, .. }
            | Self::Attach { incident, .. }
            | Self::Reopen { incident, .. }
            | Self::TakePlan { incident, .. }
            | Self::ExportFolder { incident, .. }
            | Self::Undo { incident, .. } => Some(*incident),
            Self::Split { incident, .. } => *incident,
            Self::PhoneDone { .. }
            | Self::Emergency { .. }
            | Self::Forget { .. }
            | Self::Silence { .. }
            | Self::FileMonthly { .. }
            | Self::EndSilence { .. }
            | Self::Mute { .. }
            | Self::Unmute { .. }
            | Self::PauseSource { .. }
            | Self::ResumeSource { .. }
            | Self::PollSource { .. }
            | Self::Access { .. }
            | Self::Paper { .. }
            | Self::EditFile { .. }
            | Self::TestContact { .. }
            | Self::Enter { .. } => None,
        }
    }
}
