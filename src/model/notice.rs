//! Notices: rows of the outbox, one per contact and channel, and what the channels answered.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{ChannelKind, Heat, IncidentId, Reason};

/// Natural key of a notice and its idempotency key: the same happening makes the same key, so it can
/// be stored once only. ASCII-safe except for contact names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeId(pub String);

impl NoticeId {
    /// The incident that it concerns, when it concerns one: the number that it begins with.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        self.0.split_once('/').and_then(|(id, _)| id.parse().ok()).map(IncidentId)
    }

    /// How the ids of what is told of a unit's monthly report begin: with the first day of its month.
    #[must_use]
    pub fn stem_of_month(unit: &str, month: Date) -> String {
        format!("monthly/{unit}/{month}")
    }

    /// The month of whose report it tells, when it tells of one of this unit's: its first day.
    #[must_use]
    pub fn month_of(&self, unit: &str) -> Option<Date> {
        let (month, _) =
            self.0.strip_prefix("monthly/")?.strip_prefix(unit)?.strip_prefix('/')?.split_once('/')?;
        month.parse().ok()
    }
}

impl std::fmt::Display for NoticeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The named reason for which a notice goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// First alert of an incident.
    Alert,
    /// The tier rose.
    Rise,
    /// It flared up again after closing (反弹).
    Reopened,
    /// Nobody confirmed in time: the next step of the line.
    Escalation,
    /// A required channel did not accept in half the limit, or refused: the next channel.
    Failover,
    /// A keyword's `通知:`.
    Direct,
    /// 抄送.
    Copy,
    /// A limit is near.
    Warning,
    /// A limit has passed.
    Overdue,
    /// What was told no longer holds (更正).
    Correction,
    /// A member was deleted where it stood, or is not shown any more.
    Vanished,
    /// 舆情动态: general statements since the last one.
    Digest,
    /// Backlog found by a new source or keyword (SEMANTICS 5).
    BacklogDigest,
    /// While it was open and subsiding had been proposed, a tier was reached again (恶化).
    Worsened,
    /// It is proposed that it has subsided (平息).
    Subsided,
    /// 批办 or 移交: the recipient leads or helps.
    Assigned,
    /// 催办.
    Urged,
    /// To the administrator: a source broke, a chain ended unconfirmed, a keyword file is broken.
    Operations,
    /// A test message (`send-test`).
    Test,
    /// 平安报: what was done the day before, so that silence is heard.
    Daily,
}

impl NoticeKind {
    /// Whether it tells of a tier of an incident to whoever has to act.
    #[must_use]
    pub const fn tells_of_a_tier(self) -> bool {
        matches!(
            self,
            Self::Alert | Self::Rise | Self::Reopened | Self::Worsened | Self::Escalation | Self::Failover
        )
    }

    /// The id used in tables and `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Rise => "rise",
            Self::Reopened => "reopened",
            Self::Escalation => "escalation",
            Self::Failover => "failover",
            Self::Direct => "direct",
            Self::Copy => "copy",
            Self::Warning => "warning",
            Self::Overdue => "overdue",
            Self::Correction => "correction",
            Self::Vanished => "vanished",
            Self::Digest => "digest",
            Self::BacklogDigest => "backlog_digest",
            Self::Worsened => "worsened",
            Self::Subsided => "subsided",
            Self::Assigned => "assigned",
            Self::Urged => "urged",
            Self::Operations => "operations",
            Self::Test => "test",
            Self::Daily => "daily",
        }
    }

    /// Whether it is a list of incidents rather than about one.
    #[must_use]
    pub const fn is_digest(self) -> bool {
        matches!(self, Self::Digest | Self::BacklogDigest)
    }
}

/// A member post as a notice shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostLine {
    /// Site id.
    pub site: String,
    /// Link.
    pub url: String,
    /// Title or first words.
    pub title: String,
    /// Publication, when known. UTC.
    pub published_at: Option<Timestamp>,
    /// First sight. UTC.
    pub first_seen_at: Timestamp,
    /// Greatest views seen.
    pub views: Option<super::Count>,
    /// Greatest reposts seen.
    pub reposts: Option<super::Count>,
}

/// An incident as one line of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestLine {
    /// Which incident.
    pub incident: IncidentId,
    /// What it is about.
    pub gist: String,
    /// Its tier's name.
    pub tier_name: String,
    /// Its heat.
    pub heat: Heat,
    /// A link to its first member.
    pub url: String,
    /// First sight. UTC.
    pub first_seen_at: Timestamp,
    /// Display names of the keyword groups that it met.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What kind it is.
    #[serde(default)]
    pub kinds: super::Kinds,
    /// Who leads the handling at its tier (牵头).
    #[serde(default)]
    pub led_by: Option<String>,
}

/// A deadline as a notice shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineLine {
    /// What for.
    pub kind: super::DeadlineKind,
    /// When. UTC.
    pub due_at: Timestamp,
    /// How the office calls it, for limits of the plan's own.
    #[serde(default)]
    pub name: Option<String>,
}

/// What a notice says, as facts; the words come from the message catalogue when it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The unit concerned.
    pub unit: String,
    /// Title of its plan.
    pub plan_title: String,
    /// 演示 or 演练, when everything must be marked.
    pub mark: Option<String>,
    /// Name of the incident's tier.
    pub tier_name: String,
    /// Name of the tier before a rise.
    pub from_tier_name: Option<String>,
    /// Why the tier holds.
    pub reason: Option<Reason>,
    /// One line on what is being said.
    pub gist: String,
    /// The words quoted: the first member's text, at most 300 characters.
    pub excerpt: String,
    /// Where: up to ten members, hottest first.
    pub posts: Vec<PostLine>,
    /// First sight of the earliest member. UTC.
    pub detected_at: Option<Timestamp>,
    /// Limits that run.
    pub deadlines: Vec<DeadlineLine>,
    /// Who stands behind the contact today, when that is somebody else or is known by name.
    #[serde(default)]
    pub person: Option<String>,
    /// Reporting line and step, from 1, for alerts and escalations.
    pub line: Option<String>,
    /// Step in the line, from 1.
    pub step: Option<usize>,
    /// Incidents of a digest, the weightiest first; of very many only the first.
    pub digest: Vec<DigestLine>,
    /// How many incidents the digest is about, listed or not; 0 in rows of an older release.
    #[serde(default)]
    pub digest_total: usize,
    /// A sentence of its own: the overdue limit, what broke, what was corrected.
    pub note: String,
    /// Display names of the keyword groups that the statement's posts met.
    pub groups: Vec<String>,
    /// What kind it is.
    #[serde(default)]
    pub kinds: super::Kinds,
    /// Whether the recipient is asked to confirm.
    pub confirm: bool,
    /// Which tiers come next and when, while that can be said.
    #[serde(default)]
    pub forecasts: Vec<super::Forecast>,
    /// The paper that the tier asks for (专报, 简报), when it is told of its own.
    #[serde(default)]
    pub paper: Option<super::ReportKind>,
    /// Who leads the handling at this tier (牵头).
    #[serde(default)]
    pub led_by: Option<String>,
}

impl Facts {
    /// How many incidents a digest is about, listed or not.
    #[must_use]
    pub fn in_digest(&self) -> usize {
        self.digest_total.max(self.digest.len())
    }
}

/// A message to one contact by one channel: a row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Idempotency key.
    pub id: NoticeId,
    /// Which incident, when it concerns one.
    pub incident: Option<IncidentId>,
    /// Why it goes out.
    pub kind: NoticeKind,
    /// Rank of the tier that it tells.
    pub rank: usize,
    /// To whom: a contact's name.
    pub contact: String,
    /// By what.
    pub channel: ChannelKind,
    /// Address as it stood when the notice was made (mailbox or number); empty for `exercise`.
    pub address: String,
    /// Decided at. UTC.
    pub created_at: Timestamp,
    /// Must be accepted by then; the outbox drains in this order. UTC.
    pub due_at: Timestamp,
    /// What it says. Shared: a notice is copied often (row, change, restart), what it says never changes but by law.
    pub facts: Arc<Facts>,
    /// Where it stands.
    pub state: NoticeState,
}

impl Notice {
    /// A message that concerns no incident and never stands in the outbox (a test, the daily line): due at once, with an
    /// id `KIND/OF/CONTACT/CHANNEL` of its own.
    #[must_use]
    pub fn apart(
        kind: NoticeKind,
        of: &str,
        contact: &super::Contact,
        (channel, address): (ChannelKind, String),
        facts: Facts,
        now: Timestamp,
    ) -> Self {
        Self {
            id: NoticeId(format!("{}/{of}/{}/{}", kind.id(), contact.name, channel.id())),
            incident: None,
            kind,
            rank: 0,
            contact: contact.name.clone(),
            channel,
            address,
            created_at: now,
            due_at: now,
            facts: Arc::new(facts),
            state: NoticeState::Pending,
        }
    }
}

/// Where a notice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NoticeState {
    /// Waits in the outbox.
    Pending,
    /// The channel took it (SEMANTICS 22). UTC.
    Accepted {
        /// When.
        at: Timestamp,
        /// When it arrived, where the channel tells of that afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arrived_at: Option<Timestamp>,
    },
    /// Refused for good, at once or by a message that came back later; a failover has been decided.
    Refused {
        /// When. UTC.
        at: Timestamp,
        /// What the channel said.
        why: String,
    },
    /// Not needed any more (confirmed before it was sent, incident closed).
    Cancelled {
        /// Named reason.
        why: String,
    },
    /// Shown in the console only (`exercise`).
    Shown,
}

impl NoticeState {
    /// The id used in tables and `--json`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::Cancelled { .. } => "cancelled",
            Self::Shown => "shown",
        }
    }
}

/// What a channel answered to one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted: SMTP 250 after DATA with that RCPT accepted; HTTP by the success rule.
    Accepted,
    /// Failed, worth trying again.
    Retry {
        /// What went wrong, without secrets.
        why: String,
    },
    /// Refused for good.
    Refused {
        /// What the channel said, without secrets.
        why: String,
    },
}

/// One attempt to send one notice, as reported to the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which notice.
    pub notice: NoticeId,
    /// When the answer came. UTC.
    pub at: Timestamp,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// The answer.
    pub outcome: Outcome,
    /// Text messages that it went out as; 0 when that is not counted.
    #[serde(default)]
    pub parts: u32,
}

/// What became of a message after its channel had accepted it (SEMANTICS 22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It arrived: a gateway's receipt.
    Arrived,
    /// It came back: a bounced mail (RFC 3464) or a gateway's receipt of failure.
    Returned {
        /// What the other side said, without secrets or whole addresses.
        why: String,
    },
}

/// A receipt for one notice, as reported to the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The notice, as the outbox has it: the desk may have put it away meanwhile.
    pub notice: Notice,
    /// When it was heard. UTC.
    pub at: Timestamp,
    /// What it says.
    pub fate: Fate,
}
