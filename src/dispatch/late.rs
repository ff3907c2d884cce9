//! What could not be sent in time: after an outage the gravest goes out first, says how late it is, and does
//! not come as a storm.
//!
//! While a channel was down, a chain went on from step to step, limits passed and were told again: one person
//! may be owed twenty messages about one incident. They go out as one message, the newest, which repeats what
//! the others had to say; its acceptance counts for each of them. What is in time is never joined.

use std::sync::Arc;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::Texts;
use crate::{
    locale::{Locale, clock_time, notice::length},
    model::{ChannelKind, IncidentId, Notice, NoticeId, NoticeKind},
    store::Outgoing,
};

/// A message is called late from here on; less is nobody's concern.
const LATE: SignedDuration = SignedDuration::from_secs(60);
/// A channel on which nothing was accepted for so long was out of order, not one recipient.
const OUTAGE: SignedDuration = SignedDuration::from_mins(5);
/// The shortest time between two attempts out of turn.
const PROBE: SignedDuration = SignedDuration::from_secs(30);
/// Words of joined notices that one message repeats.
const REPEATED: usize = 8;

/// Whether some of what waits should have arrived before now. `waiting` is earliest due first.
pub(super) fn is_backlog(waiting: &[Outgoing], now: Timestamp) -> bool {
    waiting.first().is_some_and(|one| one.notice.due_at < now)
}

/// What waits, gravest first, as the messages that are to go out: what is late and concerns one incident (or
/// the machinery) goes to one address as one. The first of a message is the one that is shown. A message goes
/// out when one of its notices may, or is `released` because its channel works again; when anything goes
/// out on a channel that is down, so do the gravest (`probe`).
pub(super) fn messages(
    fresh: Vec<Outgoing>,
    now: Timestamp,
    released: impl Fn(&Outgoing) -> bool,
    probe: bool,
) -> Vec<Vec<Outgoing>> {
    let mut late: BTreeMap<(String, Option<IncidentId>), Vec<Outgoing>> = BTreeMap::new();
    let mut all = Vec::new();
    for one in fresh {
        if one.notice.due_at < now && can_be_joined(&one.notice) {
            late.entry((one.notice.address.clone(), one.notice.incident)).or_default().push(one);
        } else {
            all.push(vec![one]);
        }
    }
    for (_, mut some) in late {
        // What must be confirmed leads, then what is newest.
        some.sort_by_key(|one| (!one.notice.facts.confirm, std::cmp::Reverse(one.notice.created_at)));
        all.push(some);
    }
    let gravity = |message: &[Outgoing]| message.iter().map(|one| one.notice.rank).max();
    let may_go = |message: &[Outgoing]| message.iter().any(|one| one.next_attempt_at <= now || released(one));
    let gravest = all.iter().map(|message| gravity(message)).max();
    let probed = probe && all.iter().any(|message| may_go(message));
    all.retain(|message| may_go(message) || (probed && Some(gravity(message)) == gravest));
    let due = |message: &[Outgoing]| message.iter().map(|one| one.notice.due_at).min();
    all.sort_by_key(|message| (std::cmp::Reverse(gravity(message)), due(message)));
    all
}

/// A digest is a list of its own, and no two of them are the same.
const fn can_be_joined(notice: &Notice) -> bool {
    !matches!(
        notice.kind,
        NoticeKind::Digest | NoticeKind::BacklogDigest | NoticeKind::Test | NoticeKind::Daily
    )
}

/// The one notice that stands for all of a message: the first, with what the others say besides and how late
/// the oldest of them is.
pub(super) fn shown(notices: &[Notice], now: Timestamp, texts: &Texts) -> Option<Notice> {
    let mut shown = notices.first()?.clone();
    let mut notes: Vec<&str> = Vec::new();
    for notice in notices {
        let note = notice.facts.note.as_str();
        if !note.is_empty() && !notes.contains(&note) {
            notes.push(note);
        }
    }
    let more = notes.len().saturating_sub(REPEATED);
    let mut words: Vec<String> = notes.iter().take(REPEATED).map(|note| (*note).to_owned()).collect();
    if more > 0 {
        words.push(match texts.locale {
            Locale::ZhCn => format!("另有 {more} 条同类通知"),
            Locale::En => format!("{more} more of the kind"),
        });
    }
    let due = notices.iter().map(|notice| notice.due_at).min()?;
    if can_be_joined(&shown) {
        words.extend(lateness(due, now, texts.locale, &texts.zone));
    }
    let facts = Arc::make_mut(&mut shown.facts);
    facts.note = words.join(texts.locale.pick("；", "; "));
    facts.confirm = notices.iter().any(|notice| notice.facts.confirm);
    Some(shown)
}

/// 本通知应于 11:05 前送达，晚了 2 小时 55 分钟; nothing for what is in time.
fn lateness(due: Timestamp, now: Timestamp, locale: Locale, zone: &TimeZone) -> Option<String> {
    let late = now.duration_since(due);
    if late < LATE {
        return None;
    }
    let (due, late) = (clock_time(due, now, zone), length(late.as_secs(), locale));
    Some(match locale {
        Locale::ZhCn => format!("本通知应于 {due} 前送达，因发送受阻晚了 {late}"),
        Locale::En => {
            format!("this should have arrived by {due} and is {late} late, because it could not be sent")
        }
    })
}

/// Which channels came back from an outage: what waits there for its next attempt need not wait.
#[derive(Debug, Default)]
pub(super) struct Recoveries {
    failing_since: HashMap<ChannelKind, Timestamp>,
    /// When the gravest were tried out of their turn.
    probed: HashMap<ChannelKind, Timestamp>,
    /// The channels that came back, with what was tried there since: a recipient that fails alone is not tried
    /// without pause.
    back: HashMap<ChannelKind, HashSet<NoticeId>>,
}

impl Recoveries {
    /// A channel accepted a message or did not.
    pub(super) fn answered(&mut self, channel: ChannelKind, accepted: bool, at: Timestamp) {
        if !accepted {
            self.failing_since.entry(channel).or_insert(at);
        } else if let Some(since) = self.failing_since.remove(&channel)
            && at.duration_since(since) >= OUTAGE
        {
            self.back.insert(channel, HashSet::new());
        }
    }

    /// Whether the gravest are tried out of their turn now: a channel that has long accepted nothing may take
    /// the next message, and that should not be a trifle.
    pub(super) fn probes(&mut self, channel: ChannelKind, now: Timestamp) -> bool {
        let down = self.failing_since.get(&channel).is_some_and(|since| now.duration_since(*since) >= OUTAGE);
        let rested = self.probed.get(&channel).is_none_or(|last| now.duration_since(*last) >= PROBE);
        if down && rested {
            self.probed.insert(channel, now);
        }
        down && rested
    }

    /// Whether a channel came back and has not sent all that waited then.
    pub(super) fn is_back(&self, channel: ChannelKind) -> bool {
        self.back.contains_key(&channel)
    }

    /// Whether a notice that failed before its channel came back may be tried at once.
    pub(super) fn releases(&self, one: &Outgoing) -> bool {
        let tried = self.back.get(&one.notice.channel);
        one.attempts > 0 && tried.is_some_and(|tried| !tried.contains(&one.notice.id))
    }

    /// A notice is tried.
    pub(super) fn tries(&mut self, one: &Outgoing) {
        if let Some(tried) = self.back.get_mut(&one.notice.channel) {
            tried.insert(one.notice.id.clone());
        }
    }

    /// Nothing more was released.
    pub(super) fn is_drained(&mut self, channel: ChannelKind) {
        self.back.remove(&channel);
    }
}
