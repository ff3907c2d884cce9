//! The quiet test (每周预检): once a week the ways to all contacts are knocked at, without a message to anybody
//! ([`Channels::knock`]). What does not open is one fault of the machinery, told to the administrators: better
//! on a Monday morning than by the first alert that nobody gets.
//!
//! A door is called shut when it did not open three times within ten minutes. While one is, all are knocked at
//! again every day at the same time, and when the office's files change, so that the mending is told as well.
//! When the last test was is kept: a test that fell into an outage is made at the next start.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Time, civil::Weekday, tz::TimeZone};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    config::{InForce, Office},
    desk::{Input, Operations},
    dispatch::{Channels, Unreached},
    locale::Locale,
    model::{ChannelKind, Contact},
    store::{Inbox, SharedStore, StoreError},
    time::SharedClock,
};

/// When the last test was, and how it ended.
const TESTED: &str = "contacts/tested";
/// The subject of what administrators hear.
pub const SUBJECT: &str = "contacts";
/// The longest wait, so that a stepped clock is noticed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// Knocks at a door before it is called shut.
const KNOCKS: usize = 3;
/// Pause between two of them.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// Contacts named of one door.
const NAMED: usize = 5;

/// The room that knocks.
#[derive(Clone)]
pub struct QuietTest {
    /// Where it is kept when the last test was.
    pub store: SharedStore,
    /// Where faults are told.
    pub inbox: Inbox,
    /// Business time.
    pub clock: SharedClock,
}

impl std::fmt::Debug for QuietTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuietTest").finish_non_exhaustive()
    }
}

/// The last test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tested {
    at: Timestamp,
    /// Whether every door opened.
    well: bool,
}

impl QuietTest {
    /// Runs until `cancel`.
    pub async fn run(self, mut office: watch::Receiver<InForce>, cancel: CancellationToken) {
        let mut changed = false;
        loop {
            let in_force = Arc::clone(&office.borrow_and_update().office);
            // Taken before the work: a moment that comes during it is not slept through.
            let now = self.clock.now();
            let next = tokio::select! {
                () = cancel.cancelled() => return,
                next = self.turn(&in_force, now, changed) => next,
            };
            let latest = now.saturating_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX);
            let next = next.unwrap_or_else(|error| {
                warn!(%error, "the test of the contacts' channels waits for the store");
                None
            });
            tokio::select! {
                () = cancel.cancelled() => return,
                more = office.changed() => match more {
                    Ok(()) => changed = true,
                    Err(_) => return,
                },
                () = self.clock.sleep_until(next.unwrap_or(latest).min(latest)) => changed = false,
            }
        }
    }

    /// Tests when it is time, or when the files have changed while a door is shut; gives the next time.
    async fn turn(
        &self,
        office: &Office,
        now: Timestamp,
        changed: bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(at) = office.settings.heartbeat.contacts_at else { return Ok(None) };
        let zone = &office.settings.time_zone;
        let last = match self.store.value(TESTED).await?.as_deref().and_then(read) {
            // A clock that once stood years ahead must not put the next test there.
            Some(last) => Tested { at: last.at.min(now), ..last },
            None => {
                // A new office has just run `check`; its first week begins.
                let last = Tested { at: now, well: true };
                self.store.set_value(TESTED, written(last)).await?;
                last
            }
        };
        let due = next_after(last, at, zone);
        if due.is_some_and(|due| now < due) && (last.well || !changed) {
            return Ok(due);
        }
        let well = self.test(office).await;
        let last = Tested { at: now, well };
        self.store.set_value(TESTED, written(last)).await?;
        Ok(next_after(last, at, zone))
    }

    /// Knocks at everything, and tells how it stands; whether all is well.
    async fn test(&self, office: &Office) -> bool {
        let locale = office.settings.locale;
        let channels = match Channels::new(&office.settings) {
            Ok(channels) => channels,
            Err(problem) => {
                error!(%problem, "a channel cannot be set up; the contacts' channels are not tested");
                return false;
            }
        };
        let everybody = office.contacts.everybody();
        let mut lines = Vec::new();
        for knock in 1..=KNOCKS {
            lines = lines_of(&everybody, &channels.knock(&everybody, locale).await, locale);
            if lines.is_empty() {
                break;
            }
            if knock < KNOCKS {
                let until = self.clock.now().saturating_add(PAUSE).unwrap_or(Timestamp::MAX);
                self.clock.sleep_until(until).await;
            }
        }
        let well = lines.is_empty();
        info!(well, shut = lines.len(), "the contacts' channels were tested");
        let text = match (well, locale) {
            (true, Locale::ZhCn) => "通道预检: 所有联系人的通道都连得上了".to_owned(),
            (true, Locale::En) => "test of channels: every contact's channels can be reached".to_owned(),
            (false, Locale::ZhCn) => {
                format!("通道预检（没有发消息）: {}。改好后运行 yuqing check", lines.join("；"))
            }
            (false, Locale::En) => {
                format!(
                    "test of channels (nothing was sent): {}. Mend it and run yuqing check",
                    lines.join("; ")
                )
            }
        };
        let operations = Operations { subject: SUBJECT.to_owned(), broken: !well, text };
        if let Err(error) = self.inbox.put(Input::Operations(operations)).await {
            warn!(%error, "the desk does not take what came of the test of channels");
        }
        well
    }
}

/// A line a shut door, with the contacts behind it; doors behind which nobody is are `check`'s to tell.
fn lines_of(everybody: &[Contact], unreached: &[Unreached], locale: Locale) -> Vec<String> {
    let mut behind: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for one in unreached {
        let by_name = matches!(one.channel, ChannelKind::Robot | ChannelKind::Webhook);
        let at = one.shut.at.as_deref().filter(|_| by_name).unwrap_or_default();
        let names = everybody.iter().filter(|contact| one.concerns(contact));
        let noun = match one.shut.incoming {
            true => locale.pick("退信邮箱", "mailbox for what comes back"),
            false => noun(one.channel, locale),
        };
        let door = (noun, at, one.shut.why.as_str());
        behind.entry(door).or_default().extend(names.map(|contact| contact.name.as_str()));
    }
    behind.retain(|_, names| !names.is_empty());
    let each = behind.into_iter().map(|((noun, at, why), names)| {
        let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(locale.pick("、", ", "));
        let more = names.len() > NAMED;
        match locale {
            Locale::ZhCn if more => format!("{shown}等 {} 人的{noun}{at}: {why}", names.len()),
            Locale::ZhCn => format!("{shown}的{noun}{at}: {why}"),
            Locale::En if more => format!("{noun} {at} of {shown} and {} more: {why}", names.len() - NAMED),
            Locale::En => format!("{noun} {at} of {shown}: {why}"),
        }
    });
    each.collect()
}

fn noun(channel: ChannelKind, locale: Locale) -> &'static str {
    match channel {
        ChannelKind::Email => locale.pick("邮件", "email"),
        ChannelKind::Sms => locale.pick("短信", "SMS"),
        ChannelKind::Robot => locale.pick("群机器人", "robot"),
        ChannelKind::Webhook => locale.pick("网络回调", "webhook"),
        ChannelKind::Ntfy => "ntfy",
        ChannelKind::Voice => locale.pick("语音电话", "voice call"),
        ChannelKind::Phone | ChannelKind::Exercise => locale.pick("通道", "channel"),
    }
}

/// The first moment strictly after the last test at which another is due: weekly, daily while something is
/// shut.
fn next_after(last: Tested, (weekday, time): (Weekday, Time), zone: &TimeZone) -> Option<Timestamp> {
    let local = last.at.to_zoned(zone.clone());
    let days = local.date().series(1.day()).take(9);
    let fits = |date: &jiff::civil::Date| !last.well || date.weekday() == weekday;
    let moments = days.filter(fits).filter_map(|date| date.to_datetime(time).to_zoned(zone.clone()).ok());
    moments.map(|moment| moment.timestamp()).find(|moment| *moment > last.at)
}

fn written(last: Tested) -> String {
    format!("{} {}", last.at, if last.well { "well" } else { "shut" })
}

fn read(text: &str) -> Option<Tested> {
    let (at, how) = text.split_once(' ')?;
    Some(Tested { at: at.parse().ok()?, well: how == "well" })
}
