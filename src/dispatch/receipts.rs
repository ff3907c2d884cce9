//! Hears what became of messages after their channels had accepted them (SEMANTICS 22).
//!
//! 250 from a mail server, or OK from a gateway, says that somebody else carries the message from here on. Whether it
//! arrived is told later, if at all: by a mail that comes back (RFC 3464), by a gateway's receipt. A channel that can be
//! asked is asked every minute of what it accepted in the last days; the desk decides what follows. A channel that
//! cannot be asked for a while is a fault of the machinery: it could hide that messages come back.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{Channel, Dispatcher, channel::Heard};
use crate::{
    desk::{Input, Operations},
    locale::{Locale, words},
    model::{ChannelKind, Notice, NoticeState, Receipt},
    store::InboxError,
};

/// Between two rounds of questions.
const ROUND: SignedDuration = SignedDuration::from_secs(60);
/// After so long nothing more is expected: mail servers give up after five days at the latest (RFC 5321, 4.5.4.1).
const AWAITED: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Notices of a channel that one round asks about, the newest.
const MOST: usize = 2_000;
/// A channel that cannot be asked for so long is told to the administrators.
const DEAF: SignedDuration = SignedDuration::from_mins(15);

/// Since when channels cannot be asked, and which of them was told.
#[derive(Default)]
struct Deaf {
    since: HashMap<ChannelKind, Timestamp>,
    told: HashSet<ChannelKind>,
}

impl Dispatcher {
    /// Asks until `cancel`.
    pub async fn listen(self, cancel: CancellationToken) {
        let mut deaf = Deaf::default();
        loop {
            for channel in self.channels.telling_afterwards() {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = self.ask(channel, &mut deaf) => {}
                }
            }
            let next = self.clock.now().saturating_add(ROUND).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.clock.sleep_until(next) => {}
            }
        }
    }

    async fn ask(&self, channel: &dyn Channel, deaf: &mut Deaf) {
        let (kind, now) = (channel.kind(), self.clock.now());
        let since = now.saturating_sub(AWAITED).unwrap_or(Timestamp::MIN);
        let accepted = match self.store.accepted_on(kind, since, MOST).await {
            Ok(accepted) => accepted,
            Err(error) => return tracing::warn!(%error, "the store does not answer; receipts wait"),
        };
        let unheard = |one: &Notice| matches!(one.state, NoticeState::Accepted { arrived_at: None, .. });
        let unheard: Vec<Notice> = accepted.into_iter().filter(unheard).collect();
        if unheard.is_empty() {
            return;
        }
        match channel.ask(&unheard, self.texts.locale, now).await {
            Ok(heard) => {
                self.answers(kind, deaf).await;
                for one in heard {
                    self.hand_over(&unheard, &one).await;
                }
            }
            Err(why) => self.is_deaf(kind, &why, now, deaf).await,
        }
    }

    /// Hands a receipt to the desk, for each notice that the message carried.
    async fn hand_over(&self, unheard: &[Notice], heard: &Heard) {
        let Some(of) = unheard.iter().find(|one| one.id == heard.notice) else { return };
        // One message may have carried several: they were accepted in one instant at one address.
        let same = |one: &&Notice| {
            one.id == of.id
                || (one.state == of.state && one.address == of.address && one.incident == of.incident)
        };
        let carried = unheard.iter().filter(same);
        for notice in carried {
            let receipt = Receipt { notice: notice.clone(), at: self.clock.now(), fate: heard.fate.clone() };
            tracing::info!(notice = %notice.id, fate = ?receipt.fate, "a receipt came");
            self.put(Input::Receipt(Box::new(receipt))).await;
        }
    }

    /// A channel answers what it is asked.
    async fn answers(&self, kind: ChannelKind, deaf: &mut Deaf) {
        deaf.since.remove(&kind);
        if deaf.told.remove(&kind) {
            let way = words::channel(kind, self.texts.locale);
            let text = match self.texts.locale {
                Locale::ZhCn => format!("{way}的送达情况又能查询了"),
                Locale::En => format!("receipts of {way} can be read again"),
            };
            self.put(operations(kind, false, text)).await;
        }
    }

    async fn is_deaf(&self, kind: ChannelKind, why: &str, now: Timestamp, deaf: &mut Deaf) {
        tracing::warn!(channel = kind.id(), why, "receipts cannot be asked for");
        let since = *deaf.since.entry(kind).or_insert(now);
        if now.duration_since(since) >= DEAF && deaf.told.insert(kind) {
            let way = words::channel(kind, self.texts.locale);
            let text = match self.texts.locale {
                Locale::ZhCn => format!("{way}的送达情况查询不到，退回的通知不会被发现: {why}"),
                Locale::En => format!("receipts of {way} cannot be read, what comes back is not seen: {why}"),
            };
            self.put(operations(kind, true, text)).await;
        }
    }

    async fn put(&self, input: Input) {
        match self.inbox.put(input).await {
            // What the desk did not take is heard again in the next round; a stop ends the rounds.
            Err(InboxError::Refused(why)) => tracing::error!(%why, "the desk does not take a receipt"),
            Ok(()) | Err(InboxError::Closed) => {}
        }
    }
}

fn operations(kind: ChannelKind, broken: bool, text: String) -> Input {
    Input::Operations(Operations { subject: format!("receipts/{}", kind.id()), broken, text })
}
