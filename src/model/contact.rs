//! People and desks that can be told, and by what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A way to reach somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Email by SMTP.
    Email,
    /// Text message by the gateway's HTTP interface.
    Sms,
    /// A task on the duty desk: number, text to read, clock, tick (立即电话报告).
    Phone,
    /// 练习: shown in the console, sent to nobody, never counts as acceptance (SEMANTICS 22).
    Exercise,
    /// A group robot of WeCom, DingTalk or Feishu.
    Robot,
    /// Another program of the office, by HTTP.
    Webhook,
    /// A topic of an ntfy server.
    Ntfy,
    /// A call made by a gateway; without a gateway the files turn it into [`Self::Phone`].
    Voice,
}

impl ChannelKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Email,
        Self::Sms,
        Self::Phone,
        Self::Exercise,
        Self::Robot,
        Self::Webhook,
        Self::Ntfy,
        Self::Voice,
    ];

    /// The id used in files, tables and `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Phone => "phone",
            Self::Exercise => "exercise",
            Self::Robot => "robot",
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
            Self::Voice => "voice",
        }
    }

    /// Whether an acceptance on this channel can meet a `report` deadline.
    #[must_use]
    pub const fn counts_as_told(self) -> bool {
        !matches!(self, Self::Exercise)
    }

    /// Whether dispatch sends it. A phone task waits for a person, an exercise is only shown.
    #[must_use]
    pub const fn is_dispatched(self) -> bool {
        !matches!(self, Self::Phone | Self::Exercise)
    }
}

/// How much a message to this contact may say (SEMANTICS 32).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Everything.
    #[default]
    Full,
    /// Tier, unit, number and link only.
    Brief,
}

/// One contact of the office: a person or a desk, named as the plan names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name that plans and keyword lists use, such as 总值班室. Unique.
    pub name: String,
    /// Who that is today, for display; may be empty.
    pub person: String,
    /// Mail address, when there is one.
    pub email: Option<String>,
    /// Number for SMS and calls, digits and a leading `+`.
    pub phone: Option<String>,
    /// Ways to reach it, in the order to try when a required one fails.
    pub channels: Vec<ChannelKind>,
    /// How much may be said.
    pub detail: Detail,
    /// What only some channels have.
    #[serde(default)]
    pub ways: BTreeMap<ChannelKind, Way>,
}

/// What a contact has for one channel alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Name of the robot or webhook in `yuqing.toml`, or the ntfy topic.
    pub instance: Option<String>,
    /// How much may be said there, when it differs from [`Contact::detail`].
    pub detail: Option<Detail>,
}

impl Contact {
    /// Where the contact is reached on a channel: mailbox, number, name of a robot or webhook, topic; empty
    /// for `exercise`. `None` when it has none.
    #[must_use]
    pub fn address(&self, channel: ChannelKind) -> Option<String> {
        match channel {
            ChannelKind::Email => self.email.clone(),
            ChannelKind::Sms | ChannelKind::Phone | ChannelKind::Voice => self.phone.clone(),
            ChannelKind::Robot | ChannelKind::Webhook | ChannelKind::Ntfy => {
                self.ways.get(&channel).and_then(|way| way.instance.clone())
            }
            ChannelKind::Exercise => Some(String::new()),
        }
    }

    /// Whether a channel that a plan asks for is there; a call by hand does for one by a gateway.
    #[must_use]
    pub fn can_be_told_by(&self, kind: ChannelKind) -> bool {
        self.channels.contains(&kind)
            || (kind == ChannelKind::Voice && self.channels.contains(&ChannelKind::Phone))
    }

    /// How much may be said on a channel (SEMANTICS 32).
    #[must_use]
    pub fn detail_on(&self, channel: ChannelKind) -> Detail {
        self.ways.get(&channel).and_then(|way| way.detail).unwrap_or(self.detail)
    }
}
