//! People and desks that can be told, and by what.

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
}

impl ChannelKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Email, Self::Sms, Self::Phone, Self::Exercise];

    /// The id used in files, tables and `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Phone => "phone",
            Self::Exercise => "exercise",
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
        matches!(self, Self::Email | Self::Sms)
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
}
