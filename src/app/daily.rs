//! 平安报: one line a day about the day before, from the store's own figures, to the contacts that the office
//! names; a mail brings the day's 简报, on a Monday the week's. Whoever does not get it knows that something is wrong.
//!
//! It does not pass through the desk: it concerns no incident and has no limit. What was told of which day
//! is kept, so a restart tells it once, and a daemon that was down at the hour tells it at its start. The same room
//! looks once a day whether the year's holidays are known.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{paper_texts, yearly};
use crate::{
    config::{InForce, Office},
    desk::{Input, Operations},
    dispatch::{Channels, ConfirmKey, Texts, Verdict},
    model::{ChannelKind, Contact, Facts, Incident, Notice, NoticeKind},
    store::{Inbox, IncidentFilter, SharedStore, StoreError, Watched},
    time::SharedClock,
};

/// The day that was last told of.
const TOLD: &str = "daily/told";
/// Rounds of all sources at the beginning of each of the last days, as JSON.
const ROUNDS: &str = "daily/rounds";
/// The longest wait, so that a stepped clock is noticed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// Attempts on one channel before the next is taken.
const ATTEMPTS: usize = 3;
/// Pause between two attempts.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Sources named when something is wrong with them.
const NAMED: usize = 3;
/// Incidents looked at.
const INCIDENTS: usize = 100_000;

/// The room that tells it.
#[derive(Clone)]
pub struct Daily {
    /// Where the figures are.
    pub store: SharedStore,
    /// Where it is told that a line reached nobody.
    pub inbox: Inbox,
    /// Business time.
    pub clock: SharedClock,
    /// For the texts; the line asks nobody to confirm.
    pub confirm: ConfirmKey,
    /// How links begin when the office names no address of its own.
    pub public_url: Option<String>,
}

impl std::fmt::Debug for Daily {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daily").finish_non_exhaustive()
    }
}

impl Daily {
    /// Runs until `cancel`.
    pub async fn run(self, mut office: watch::Receiver<InForce>, cancel: CancellationToken) {
        loop {
            let in_force = Arc::clone(&office.borrow_and_update().office);
            // Taken before the work: an hour that strikes during it is not slept through.
            let now = self.clock.now();
            let working = async {
                if let Err(error) = self.turn(&in_force).await {
                    warn!(%error, "the daily line waits for the store");
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = working => {}
            }
            let latest = now.saturating_add(LONGEST_WAIT).unwrap_or(Timestamp::MAX);
            let until = next(&in_force, now).unwrap_or(latest).min(latest);
            tokio::select! {
                () = cancel.cancelled() => return,
                changed = office.changed() => if changed.is_err() { return },
                () = self.clock.sleep_until(until) => {}
            }
        }
    }

    /// Keeps the day's first figures, and tells the line when it is due.
    async fn turn(&self, office: &Office) -> Result<(), StoreError> {
        let settings = &office.settings;
        let instant = self.clock.now();
        yearly::tell(office, &self.store, &self.inbox, instant).await?;
        paper_texts::tell(office, &self.store, &self.inbox).await?;
        Watched::note(self.store.as_ref(), instant, &settings.time_zone).await?;
        let now = instant.to_zoned(settings.time_zone.clone());
        let rounds = self.keep_rounds(now.date()).await?;
        let Some(at) = settings.heartbeat.daily_at else { return Ok(()) };
        let today = now.date().to_string();
        if now.time() < at || self.store.value(TOLD).await?.as_deref() == Some(&today) {
            return Ok(());
        }
        let line = self.line(office, now.date(), &rounds).await?;
        info!(line, "the daily line");
        self.tell(office, &line, now.date()).await;
        self.store.set_value(TOLD, today).await
    }

    /// Rounds of all sources so far, kept once a day, for the last three days.
    async fn keep_rounds(&self, today: Date) -> Result<BTreeMap<Date, u64>, StoreError> {
        let kept = self.store.value(ROUNDS).await?.unwrap_or_default();
        let mut rounds: BTreeMap<Date, u64> = serde_json::from_str(&kept).unwrap_or_default();
        if rounds.contains_key(&today) {
            return Ok(rounds);
        }
        let total = self.store.source_states().await?.iter().map(|source| source.rounds).sum();
        rounds.insert(today, total);
        while rounds.len() > 3 {
            rounds.pop_first();
        }
        let text = serde_json::to_string(&rounds).unwrap_or_default();
        self.store.set_value(ROUNDS, text).await?;
        Ok(rounds)
    }

    /// The line: 昨日 744 轮，0 条，信源 31/31 正常.
    async fn line(
        &self,
        office: &Office,
        today: Date,
        rounds: &BTreeMap<Date, u64>,
    ) -> Result<String, StoreError> {
        let locale = office.settings.locale;
        let yesterday = today.yesterday().unwrap_or(today);
        let done =
            rounds.get(&today).zip(rounds.get(&yesterday)).map(|(now, then)| now.saturating_sub(*then));
        let rounds = done.map_or_else(
            || locale.pick("轮次未知", "rounds unknown").to_owned(),
            |done| locale.pick("{} 轮", "{} rounds").replace("{}", &done.to_string()),
        );
        let (from, to) =
            (start(yesterday, &office.settings.time_zone), start(today, &office.settings.time_zone));
        let filter = IncidentFilter { limit: INCIDENTS, ..IncidentFilter::default() };
        let incidents = self.store.incidents(filter).await?;
        let is_new = |one: &&Incident| {
            (from..to).contains(&one.detected_at) && !one.is_exercise() && !one.is_withdrawn()
        };
        let new = incidents.iter().filter(is_new).count();
        let states = self.store.source_states().await?;
        let health: BTreeMap<&str, &str> =
            states.iter().map(|state| (state.source.as_str(), state.health.as_str())).collect();
        let watched: Vec<&str> = office
            .sources
            .iter()
            .filter(|source| source.enabled)
            .map(|source| source.name.as_str())
            .collect();
        let ill: Vec<&str> = watched
            .iter()
            .filter(|name| !matches!(health.get(*name), Some(&("ok" | "quiet"))))
            .copied()
            .collect();
        let (well, all) = (watched.len() - ill.len(), watched.len());
        let named = ill.iter().take(NAMED).copied().collect::<Vec<_>>().join(locale.pick("、", ", "));
        let more = if ill.len() > NAMED { locale.pick("等", "…") } else { "" };
        Ok(match (locale, ill.is_empty()) {
            (crate::locale::Locale::ZhCn, true) => format!("昨日 {rounds}，{new} 条，信源 {well}/{all} 正常"),
            (crate::locale::Locale::ZhCn, false) => {
                format!("昨日 {rounds}，{new} 条，信源 {well}/{all} 正常，不正常的有 {named}{more}")
            }
            (crate::locale::Locale::En, true) => {
                format!("Yesterday {rounds}, {new} incidents, {well}/{all} sources well")
            }
            (crate::locale::Locale::En, false) => {
                format!("Yesterday {rounds}, {new} incidents, {well}/{all} sources well; not {named}{more}")
            }
        })
    }

    async fn tell(&self, office: &Office, line: &str, today: Date) {
        let channels = match Channels::new(&office.settings) {
            Ok(channels) => channels,
            Err(problem) => {
                error!(%problem, "a channel cannot be set up; the daily line is not told");
                return;
            }
        };
        let texts = Texts::of(office, &self.confirm, self.public_url.as_deref());
        let texts = texts.with_papers(office, Arc::clone(&self.store));
        for name in &office.settings.heartbeat.daily_to {
            let Some(contact) = office.contacts.shared.iter().find(|one| one.name == *name.get_ref()) else {
                continue;
            };
            let told = self.tell_one(office, contact, line, today, &channels, &texts).await;
            let text = match (&told, office.settings.locale) {
                (Ok(()), _) => String::new(),
                (Err(why), crate::locale::Locale::ZhCn) => format!("平安报没有送到 {}: {why}", contact.name),
                (Err(why), crate::locale::Locale::En) => {
                    format!("the daily line did not reach {}: {why}", contact.name)
                }
            };
            let subject = format!("daily/{}", contact.name);
            let operations = Operations { subject, broken: told.is_err(), text };
            if let Err(error) = self.inbox.put(Input::Operations(operations)).await {
                warn!(%error, "the desk does not take what became of the daily line");
            }
        }
    }

    /// By the contact's channels in their order, until one accepts.
    async fn tell_one(
        &self,
        office: &Office,
        contact: &Contact,
        line: &str,
        today: Date,
        channels: &Channels,
        texts: &Texts,
    ) -> Result<(), String> {
        let mut last = None;
        for kind in contact.channels.iter().copied().filter(|kind| kind.is_dispatched()) {
            let Some(address) = contact.address(kind) else { continue };
            let notice = self.notice(office, contact, kind, address, line, today);
            for attempt in 1..=ATTEMPTS {
                match channels.send(&notice, texts, self.clock.now()).await {
                    Verdict::Accepted => return Ok(()),
                    Verdict::Refused { why } => {
                        last = Some(why);
                        break;
                    }
                    Verdict::Retry { why, .. } => last = Some(why),
                }
                if attempt < ATTEMPTS {
                    let until = self.clock.now().saturating_add(PAUSE).unwrap_or(Timestamp::MAX);
                    self.clock.sleep_until(until).await;
                }
            }
        }
        // Without any such channel (练习, a phone task) the line stands in the log alone.
        last.map_or(Ok(()), Err)
    }

    fn notice(
        &self,
        office: &Office,
        contact: &Contact,
        channel: ChannelKind,
        address: String,
        line: &str,
        today: Date,
    ) -> Notice {
        let names: Vec<&str> = office.units.iter().map(|unit| unit.name.as_str()).collect();
        let facts = Facts {
            unit: names.first().copied().filter(|_| names.len() == 1).unwrap_or_default().to_owned(),
            note: line.to_owned(),
            ..Facts::default()
        };
        let of = today.to_string();
        Notice::apart(NoticeKind::Daily, &of, contact, (channel, address), facts, self.clock.now())
    }
}

/// The next instant at which there is something to do: midnight, or the line's hour.
fn next(office: &Office, now: Timestamp) -> Option<Timestamp> {
    let zone = &office.settings.time_zone;
    let local = now.to_zoned(zone.clone());
    let midnight = start(local.date().tomorrow().ok()?, zone);
    let hour = office.settings.heartbeat.daily_at?;
    let due = local.date().to_datetime(hour).to_zoned(zone.clone()).ok()?.timestamp();
    Some(if due > now { due.min(midnight) } else { midnight })
}

fn start(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
