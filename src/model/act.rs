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
    },
    /// The phone task of a notice was done: the call was made and answered.
    PhoneDone {
        /// Which notice.
        notice: NoticeId,
        /// Who called.
        by: String,
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
}
