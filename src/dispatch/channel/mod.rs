//! Channels: each takes one notice to one recipient and says whether it was accepted, refused for good,
//! or failed in a way that may pass.

mod address;
mod alertmanager;
pub mod bounce;
mod callback;
mod cloud;
mod dkim;
mod email;
mod gateway;
mod http;
mod kept;
mod knock;
mod ntfy;
mod robot;
pub mod segments;
mod webhook;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use callback::{Callback, Called, MOST_RECEIPTS, Uncalled, called};
pub use cloud::{
    AcsRequest, CloudSms, Meaning, QUESTIONS, Receipts, Tc3Request, Told, Trouble, acs3, every, meaning,
    percent, receipts, tc3,
};
pub use dkim::{Dkim, DkimError, DkimKey, body_hash, signed_data};
pub use email::Email;
pub use gateway::Gateway;
pub(super) use http::Http;
use kept::Kept;
pub use knock::{Knocking, Shut, Unreached};
pub use ntfy::Ntfy;
pub use robot::{RobotMeaning, Robots, dingtalk_sign, feishu_sign, robot_meaning};
pub use webhook::Webhooks;

use super::{Pace, Texts};
use crate::{
    config::{Settings, channels::SmsService},
    locale::Locale,
    model::{ChannelKind, Fate, Notice, NoticeId},
};

/// What a channel answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted as SEMANTICS 22 means it.
    Accepted,
    /// Failed; worth trying again.
    Retry {
        /// What went wrong, in the office's language, without secrets or whole addresses.
        why: String,
        /// How long the server asked to be left alone.
        after: Option<Duration>,
    },
    /// Refused for good.
    Refused {
        /// What the channel said, without secrets or whole addresses.
        why: String,
    },
}

impl Verdict {
    pub(super) fn retry(why: impl Into<String>) -> Self {
        Self::Retry { why: why.into(), after: None }
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }
}

/// A verdict on its way. Dropping it ends the conversation; the notice is then sent again later.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// What came of a message that was to carry several notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// How many of them it carried, from the first; the others were not tried.
    pub carried: usize,
    /// The answer, for each that it carried.
    pub verdict: Verdict,
}

/// The same for several.
pub type SendingJoined<'a> = Pin<Box<dyn Future<Output = Joined> + Send + 'a>>;

/// What was heard of a message after it had been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The notice that the message carried; of several, the one that it was named after.
    pub notice: NoticeId,
    /// What became of it.
    pub fate: Fate,
}

/// A question for receipts on its way; an error says in the office's language why nothing could be heard, without
/// secrets.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Vec<Heard>, String>> + Send + 'a>>;

/// A way to reach people.
pub trait Channel: Send + Sync + std::fmt::Debug + 'static {
    /// Which way it is.
    fn kind(&self) -> ChannelKind;
    /// Takes one notice to its address. Bounded in time by the channel's own settings. `now` dates the
    /// message.
    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a>;
    /// How fast one address may be written to. With a pace there is one conversation at a time with an
    /// address, and what waits is joined.
    fn pace(&self) -> Option<Pace> {
        None
    }
    /// Takes several notices to one address in one message, as many as fit. Only asked of channels with a
    /// pace.
    fn send_joined<'a>(
        &'a self,
        notices: &'a [Notice],
        texts: &'a Texts,
        now: Timestamp,
    ) -> SendingJoined<'a> {
        Box::pin(async move {
            match notices.first() {
                Some(first) => Joined { carried: 1, verdict: self.send(first, texts, now).await },
                None => Joined { carried: 0, verdict: Verdict::Accepted },
            }
        })
    }
    /// Knocks at the doors through which messages go, and gives those that did not open. Nothing is sent to
    /// anybody. `addresses` are those of the contacts; a channel that can ask about them does. Bounded.
    fn knock<'a>(&'a self, _addresses: &'a [String], _locale: Locale) -> Knocking<'a> {
        Box::pin(std::future::ready(Vec::new()))
    }
    /// Whether the service can be asked what became of messages that it accepted.
    fn tells_afterwards(&self) -> bool {
        false
    }
    /// Asks what became of messages. `accepted` are the notices that it accepted in the last days and of which nothing
    /// was heard, newest first; it gives what is new, and may give the same again. Bounded in time. Only asked of
    /// channels that tell afterwards.
    fn ask<'a>(&'a self, _accepted: &'a [Notice], _locale: Locale, _now: Timestamp) -> Asking<'a> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    /// Text messages that the notice is sent as; 0 when that is not counted.
    fn parts(&self, _notice: &Notice, _texts: &Texts, _now: Timestamp) -> u32 {
        0
    }
}

/// Why a channel cannot be set up from its settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[{table}] {key}: {why}")]
pub struct ChannelError {
    /// The table of the settings.
    pub table: &'static str,
    /// The key at fault.
    pub key: String,
    /// Why.
    pub why: String,
}

/// The channels that are set up.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    channels: Vec<Arc<dyn Channel>>,
}

impl Channels {
    /// Sets up what is configured.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, ChannelError> {
        let mut channels = Self::default();
        if let Some(email) = &settings.email {
            channels = channels.with(Arc::new(Email::new(email.clone())?));
        }
        match settings.sms.as_ref().map(|sms| &sms.service) {
            Some(SmsService::Gateway(gateway)) => {
                channels = channels.with(Arc::new(Gateway::sms(gateway.clone())?));
            }
            Some(SmsService::Cloud(cloud)) => {
                channels = channels.with(Arc::new(CloudSms::new(cloud.clone())?));
            }
            None => {}
        }
        if !settings.robots.is_empty() {
            channels = channels.with(Arc::new(Robots::new(settings.robots.clone())?));
        }
        if !settings.webhooks.is_empty() {
            channels = channels.with(Arc::new(Webhooks::new(settings.webhooks.clone())?));
        }
        if let Some(ntfy) = &settings.ntfy {
            channels = channels.with(Arc::new(Ntfy::new(ntfy.clone())?));
        }
        if let Some(voice) = &settings.voice {
            channels = channels.with(Arc::new(Gateway::voice(voice.clone())?));
        }
        Ok(channels)
    }

    /// These and one more, in place of one of the same kind.
    #[must_use]
    pub fn with(mut self, channel: Arc<dyn Channel>) -> Self {
        self.channels.retain(|one| one.kind() != channel.kind());
        self.channels.push(channel);
        self
    }

    /// Those that can be asked what became of messages.
    pub(super) fn telling_afterwards(&self) -> impl Iterator<Item = &dyn Channel> {
        self.channels.iter().map(AsRef::as_ref).filter(|one| one.tells_afterwards())
    }

    fn find(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        self.channels.iter().find(|one| one.kind() == kind)
    }

    /// How fast an address of a channel may be written to.
    #[must_use]
    pub fn pace(&self, kind: ChannelKind) -> Option<Pace> {
        self.find(kind)?.pace()
    }

    /// Text messages that a notice is sent as; 0 when that is not counted.
    #[must_use]
    pub fn parts(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> u32 {
        self.find(notice.channel).map_or(0, |channel| channel.parts(notice, texts, now))
    }

    /// Sends one notice now. A channel that is not set up may be so after the next reload.
    pub async fn send(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Verdict {
        self.send_joined(std::slice::from_ref(notice), texts, now).await.verdict
    }

    /// Sends notices to one address of one channel in one message, as many as fit.
    pub async fn send_joined(&self, notices: &[Notice], texts: &Texts, now: Timestamp) -> Joined {
        let Some(first) = notices.first() else { return Joined { carried: 0, verdict: Verdict::Accepted } };
        match self.find(first.channel) {
            Some(channel) if notices.len() > 1 => channel.send_joined(notices, texts, now).await,
            Some(channel) => Joined { carried: 1, verdict: channel.send(first, texts, now).await },
            None => {
                let words = texts.locale.pick("未配置的通知方式", "no such channel is set up");
                let verdict = Verdict::retry(format!("{words}: {}", first.channel.id()));
                Joined { carried: notices.len(), verdict }
            }
        }
    }
}

/// A short stable name for a notice, safe in headers: the idempotency key that servers see.
#[must_use]
pub fn public_key(notice: &Notice) -> String {
    short_hash(&notice.id.0)
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Makes rustls usable; the first caller of the process decides, and all want the same.
pub(crate) fn install_tls() {
    // An error means that a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// An address as a log may show it: `z***@example.org`, `138****5678`.
#[must_use]
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => {
            format!("{}***@{domain}", local.chars().next().map_or_else(String::new, String::from))
        }
        None => {
            let shown: Vec<char> = address.chars().collect();
            if shown.len() < 8 {
                return "****".to_owned();
            }
            let head: String = shown.iter().take(3).collect();
            let tail: String = shown.iter().skip(shown.len() - 4).collect();
            format!("{head}****{tail}")
        }
    }
}

/// What a server said, fit for a log and the console: one line, bounded, the recipient masked, secrets
/// cut out (a server may well echo either).
pub(crate) fn scrubbed(said: &str, address: &str, secrets: &[&str]) -> String {
    let mut text: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    if !address.is_empty() {
        text = text.replace(address, &masked(address));
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}
