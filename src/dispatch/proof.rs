//! Test messages (测试): one to a contact by each of its channels, through the very code that sends alerts. They are no
//! notices of the outbox: nothing is stored, nothing is tried again, and nobody is asked to confirm.

use jiff::Timestamp;

use super::{
    Texts,
    channel::{Channels, Verdict, masked},
};
use crate::{
    config::Office,
    locale::Locale,
    model::{ChannelKind, Contact, Facts, Notice, NoticeKind},
};

/// What came of a test message on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proved {
    /// The channel took it.
    Accepted,
    /// 练习: nothing is sent.
    Shown,
    /// The duty desk makes the call; nothing is sent.
    Task,
    /// It failed; it may pass.
    Failed,
    /// It was refused for good.
    Refused,
}

impl Proved {
    /// As `--json` writes it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Shown => "shown",
            Self::Task => "task",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    /// In the office's words.
    #[must_use]
    pub const fn words(self, locale: Locale) -> &'static str {
        match self {
            Self::Accepted => locale.pick("已受理", "accepted"),
            Self::Shown => locale.pick("练习，没有发送", "exercise, nothing was sent"),
            Self::Task => locale.pick("电话由值班台拨打，没有发送", "the duty desk calls, nothing was sent"),
            Self::Failed | Self::Refused => locale.pick("没有受理", "not accepted"),
        }
    }

    /// Whether a channel that should take messages did not.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Refused)
    }
}

/// What came of one channel of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Which channel.
    pub channel: ChannelKind,
    /// Where to, as it may be shown: mailboxes, numbers and topics are masked.
    pub address: String,
    /// What came of it.
    pub proved: Proved,
    /// Why it failed, without secrets or whole addresses; else empty.
    pub why: String,
    /// Text messages that it went out as; 0 when that is not counted.
    pub parts: u32,
}

/// Sends one test message to a contact by one channel, as the notices of a unit are sent.
pub async fn prove(
    office: &Office,
    channels: &Channels,
    texts: &Texts,
    contact: &Contact,
    channel: ChannelKind,
    now: Timestamp,
) -> Proof {
    let address = contact.address(channel).unwrap_or_default();
    let shown = match channel {
        // Names of the office's own, nothing to hide.
        ChannelKind::Robot | ChannelKind::Webhook => address.clone(),
        _ if address.is_empty() => String::new(),
        _ => masked(&address),
    };
    let proof = |proved, why: String, parts| Proof { channel, address: shown.clone(), proved, why, parts };
    match channel {
        ChannelKind::Exercise => return proof(Proved::Shown, String::new(), 0),
        ChannelKind::Phone => return proof(Proved::Task, String::new(), 0),
        _ => {}
    }
    let of = now.as_millisecond().to_string();
    let notice = Notice::apart(NoticeKind::Test, &of, contact, (channel, address), facts(office), now);
    let parts = channels.parts(&notice, texts, now);
    match channels.send(&notice, texts, now).await {
        Verdict::Accepted => proof(Proved::Accepted, String::new(), parts),
        Verdict::Retry { why, .. } => proof(Proved::Failed, why, parts),
        Verdict::Refused { why } => proof(Proved::Refused, why, parts),
    }
}

/// What a test message says.
fn facts(office: &Office) -> Facts {
    let plan = office.units.first().and_then(|unit| office.plans.get(&unit.plan));
    Facts {
        unit: office.units.first().map(|unit| unit.name.clone()).unwrap_or_default(),
        plan_title: plan.map(|plan| plan.title.clone()).unwrap_or_default(),
        mark: plan.and_then(|plan| plan.exercise_mark.clone()),
        tier_name: "测试".to_owned(),
        note: "这是一条测试消息，用来确认收得到通知，不必处理。".to_owned(),
        ..Facts::default()
    }
}
