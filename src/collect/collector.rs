//! The running room: a loop that starts the jobs that are due, the longest due first, and settles what
//! they answer.
//!
//! *When next* is a stored column, not a sleeping task: a restart goes on where the last run stopped, and
//! a source that was due during an outage is taken at once. A job is one round of one source (or one look
//! at the members that it follows); jobs run side by side up to the office's bound, each host keeps its
//! own pace. A job that panics is one failure of one source.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    sync::watch,
    task::{Id, JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{
    age::Ages,
    cadence,
    fetch::SharedFetcher,
    health::{self, Trouble, Ward},
    observe,
    poll::Bell,
    round::{self, Round},
    rounds::{self, Auditor},
    schedule::{Due, Schedule},
    tally::Tally,
};
use crate::{
    config::source::Source,
    desk::{Input, LiveSet},
    keyword::Matcher,
    locale::Locale,
    model::Shown,
    store::{Beside, Inbox, InboxError, SharedStore, SourceState, SourceTimes, StoreError},
    time::SharedClock,
};

/// How long the loop sleeps at most when nothing is due: a stepped clock or a changed table is noticed.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(60);
/// Jobs for each request that may be under way: most of them wait for their host's turn, or for a host that
/// does not answer.
const JOBS_A_PLACE: usize = 40;
/// Jobs that are settled together at most.
const MOST_AT_ONCE: usize = 64;
/// After the store failed, it is tried again after this.
const STORE_RETRY: SignedDuration = SignedDuration::from_secs(5);

/// What the room works with. All are shared with other rooms; the channels carry reloads.
#[derive(Clone)]
pub struct Parts {
    /// What is watched; a reload sends a new list.
    pub sources: watch::Receiver<Arc<Vec<Source>>>,
    /// The rules in force.
    pub matcher: watch::Receiver<Arc<Matcher>>,
    /// Live members, as the desk last published them.
    pub live: watch::Receiver<Arc<LiveSet>>,
    /// The door to the desk.
    pub inbox: Inbox,
    /// Where states are kept.
    pub store: SharedStore,
    /// Business time.
    pub clock: SharedClock,
    /// The way to the web.
    pub fetcher: SharedFetcher,
    /// Language of what the office sees.
    pub locale: Locale,
    /// Where hits are counted.
    pub tally: Arc<Tally>,
    /// Rung by whoever wants a look out of turn.
    pub bell: Bell,
    /// Seed of the jitter; equal seeds wait equally long.
    pub seed: u64,
}

/// What the jobs share.
pub(super) struct Shared {
    pub parts: Parts,
    pub ages: Ages,
    jitter: Mutex<fastrand::Rng>,
}

impl Shared {
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Between nothing and `most`, so that sources do not march in step.
    pub fn jitter(&self, most: SignedDuration) -> SignedDuration {
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        let most = most.as_millis().clamp(0, 600_000);
        SignedDuration::from_millis(jitter.i64(0..=i64::try_from(most).unwrap_or(0)))
    }
}

/// The room.
pub struct Collector {
    pub(super) shared: Arc<Shared>,
    pub(super) sources: Arc<Vec<Source>>,
    pub(super) places: HashMap<String, usize>,
    pub(super) schedule: Schedule,
    /// Whether the pauses were compared with the states of this list of sources.
    pub(super) rested: bool,
    /// When each source was, or will be, looked at out of turn. UTC.
    pub(super) polled: HashMap<String, Timestamp>,
    /// States of sources that follow members: when to look again depends on the earlier looks. All other
    /// states stay in the store between two rounds.
    following: HashMap<String, SourceState>,
    looked_through_at: Timestamp,
    /// The live set by which it was last found out who is in a hurry.
    hastened: Option<Arc<LiveSet>>,
    running: HashMap<Id, Arc<str>>,
    jobs: JoinSet<Round>,
    pub(super) ward: Ward,
    auditor: Auditor,
}

impl Collector {
    /// A room that has not started.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let jitter = Mutex::new(fastrand::Rng::with_seed(parts.seed));
        let shared = Arc::new(Shared { parts, ages: Ages::default(), jitter });
        Self {
            shared,
            sources: Arc::default(),
            places: HashMap::new(),
            schedule: Schedule::default(),
            rested: false,
            polled: HashMap::new(),
            following: HashMap::new(),
            looked_through_at: Timestamp::UNIX_EPOCH,
            hastened: None,
            running: HashMap::new(),
            jobs: JoinSet::new(),
            ward: Ward::default(),
            auditor: Auditor::default(),
        }
    }

    /// Runs until `stop`. Jobs that run are dropped then: what was not acknowledged is fetched again.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut news = News::of(&self.shared.parts);
        loop {
            if let Err(error) = self.refresh(&mut news).await {
                tracing::error!(%error, "the store does not answer; collecting waits");
                let retry = self.shared.now().saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.shared.parts.clock.sleep_until(retry) => continue,
                }
            }
            let sources = Arc::clone(&self.sources);
            self.auditor.turn(&self.shared, &sources).await;
            let wake = self.start_due();
            self.tell().await;
            let parts = &self.shared.parts;
            parts.tally.hand_over(&parts.store, self.shared.now(), false).await;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = self.jobs.join_next_with_id() => self.settle(ended).await,
                () = self.shared.parts.clock.sleep_until(wake) => self.after_sleep(),
                () = self.shared.parts.bell.rung() => self.answer_polls(),
                // The app is stopping when a sender is gone.
                alive = news.wait() => if !alive { break },
            }
        }
        self.jobs.shutdown().await;
        let parts = &self.shared.parts;
        parts.tally.hand_over(&parts.store, self.shared.now(), true).await;
    }

    /// Takes up new rules, a new list of sources and what the desk published.
    async fn refresh(&mut self, news: &mut News) -> Result<(), StoreError> {
        if news.matcher.has_changed().unwrap_or(false) {
            let rules = news.matcher.borrow_and_update().clone();
            let learned = self.shared.ages.learn(&rules, &self.shared.parts.store, self.shared.now()).await;
            if let Err(error) = learned {
                news.matcher.mark_changed();
                return Err(error);
            }
        }
        let sources_changed = news.sources.has_changed().unwrap_or(false);
        if sources_changed {
            let list = news.sources.borrow_and_update().clone();
            if let Err(error) = self.take_up(list).await {
                news.sources.mark_changed();
                return Err(error);
            }
            // Whoever follows members is found anew among them.
            news.live.mark_changed();
        }
        if news.live.has_changed().unwrap_or(false) {
            let live = news.live.borrow_and_update().clone();
            if let Err(error) = self.rest(&live).await {
                news.live.mark_changed();
                return Err(error);
            }
            if sources_changed || !self.hastened.as_ref().is_some_and(|before| before.same_haste(&live)) {
                self.hurry(&live);
                self.hastened = Some(Arc::clone(&live));
            }
            if let Err(error) = self.follow(&live).await {
                news.live.mark_changed();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Takes up a list of sources; one that was there keeps its times.
    async fn take_up(&mut self, list: Arc<Vec<Source>>) -> Result<(), StoreError> {
        let now = self.shared.now();
        let began = self.ward.began();
        let any_new = list.iter().any(|source| !self.schedule.knows(&source.name));
        let times =
            if any_new || !began { self.shared.parts.store.source_times().await? } else { Vec::new() };
        let times: HashMap<&str, &SourceTimes> =
            times.iter().map(|times| (times.source.as_str(), times)).collect();
        self.ward.take_up(&self.shared, &list, times.values().copied()).await?;
        let enabled = || list.iter().filter(|source| source.enabled);
        let names: HashSet<&str> = enabled().map(|source| source.name.as_str()).collect();
        self.schedule.keep_only(&names);
        self.following.retain(|name, _| names.contains(name.as_str()));
        for source in enabled() {
            let known = self.schedule.knows(&source.name);
            let stored = times.get(source.name.as_str());
            self.schedule.put(&source.name, now, |slot| {
                slot.interval = source.interval;
                if !known {
                    slot.round_at = stored.and_then(|times| times.next_at);
                    slot.planned =
                        stored.and_then(|times| cadence::planned_by(&times.planned, times.next_at));
                    slot.failures = stored.map_or(0, |times| times.failures);
                }
            });
        }
        self.places = list.iter().enumerate().map(|(at, source)| (source.name.clone(), at)).collect();
        self.sources = list;
        self.rested &= !any_new && began;
        Ok(())
    }

    /// Tells the administrators what is due; what could not be told is told later.
    async fn tell(&mut self) {
        match self.ward.tell(&self.shared).await {
            Ok(()) | Err(Unsettled::Stopping) => {}
            Err(Unsettled::Store(error)) => {
                tracing::error!(%error, "the store does not answer; what must be told waits");
            }
        }
    }

    /// Finds out which sources are in a hurry.
    fn hurry(&mut self, live: &LiveSet) {
        let now = self.shared.now();
        let sources = Arc::clone(&self.sources);
        for source in sources.iter().filter(|source| source.enabled) {
            let hurried = cadence::hurried(&self.shared, source, live);
            if self.schedule.hurried(&source.name) != hurried {
                self.schedule.put(&source.name, now, |slot| slot.hurried = hurried);
            }
        }
    }

    /// Plans the looks of every source that follows a member of `live`.
    async fn follow(&mut self, live: &LiveSet) -> Result<(), StoreError> {
        let now = self.shared.now();
        let names: HashSet<&str> = live.followers().collect();
        let gone: Vec<String> =
            self.following.keys().filter(|name| !names.contains(name.as_str())).cloned().collect();
        for name in gone {
            self.following.remove(&name);
            self.schedule.put(&name, now, |slot| slot.look_at = None);
        }
        let sources = Arc::clone(&self.sources);
        for name in names {
            let Some(source) = self.places.get(name).and_then(|at| sources.get(*at)) else { continue };
            if !source.enabled {
                continue;
            }
            if !self.following.contains_key(&source.name) {
                let state = self.shared.parts.store.source_state(&source.name).await?;
                self.following.insert(source.name.clone(), state);
            }
            self.plan_look(source, live, now);
        }
        Ok(())
    }

    fn plan_look(&mut self, source: &Source, live: &LiveSet, now: Timestamp) {
        let Some(state) = self.following.get(&source.name) else { return };
        let look = observe::next(source, state, live, now);
        self.schedule.put(&source.name, now, |slot| slot.look_at = look);
    }

    /// A clock that was stepped makes what was planned untrue; once a minute is often enough to see it.
    fn after_sleep(&mut self) {
        let now = self.shared.now();
        if now.duration_since(self.looked_through_at).abs() >= LONGEST_SLEEP {
            self.looked_through_at = now;
            // A date may have begun, or an emergency ended.
            let live = self.shared.parts.live.borrow().clone();
            self.hurry(&live);
            self.schedule.look_through(now);
        }
    }

    /// Starts what is due, the longest due first, as far as there is room; answers when to look again.
    fn start_due(&mut self) -> Timestamp {
        let now = self.shared.now();
        let latest = now.saturating_add(LONGEST_SLEEP).unwrap_or(Timestamp::MAX);
        let most = self.shared.parts.fetcher.settings().concurrency.max(1).saturating_mul(JOBS_A_PLACE);
        while self.running.len() < most {
            let Some((name, due)) = self.schedule.take(now) else {
                return self.schedule.next_at().map_or(latest, |at| at.min(latest));
            };
            self.start(name, due);
        }
        // A job that ends makes room and wakes the loop.
        latest
    }

    fn start(&mut self, name: Arc<str>, due: Due) {
        let Some(at) = self.places.get(name.as_ref()).copied() else { return };
        let handle = self.jobs.spawn(job(Arc::clone(&self.shared), Arc::clone(&self.sources), at, due));
        self.running.insert(handle.id(), name);
    }

    /// Keeps what jobs learned; those that ended meanwhile share a commit. Mentions are durable by now; only
    /// then may the state say so.
    async fn settle(&mut self, first: Result<(Id, Round), JoinError>) {
        let mut ended = vec![first];
        while ended.len() < MOST_AT_ONCE
            && let Some(next) = self.jobs.try_join_next_with_id()
        {
            ended.push(next);
        }
        let sources = Arc::clone(&self.sources);
        let mut settling = Vec::new();
        for one in ended {
            let (id, round) = match one {
                Ok((id, round)) => (id, Ok(round)),
                Err(error) => (error.id(), Err(error)),
            };
            let Some(name) = self.running.remove(&id) else { continue };
            match self.places.get(name.as_ref()).and_then(|at| sources.get(*at)) {
                Some(source) => settling.push((name, source, round)),
                None => self.schedule.done(&name, self.shared.now()),
            }
        }
        let this = &*self;
        let settled = settling
            .into_iter()
            .map(async |(name, source, round)| (name, source, this.settled(source, round).await));
        for (name, source, settled) in futures_util::future::join_all(settled).await {
            self.take_over(&name, source, settled);
        }
    }

    fn take_over(&mut self, name: &str, source: &Source, settled: Result<SourceState, Unsettled>) {
        let now = self.shared.now();
        match settled {
            Ok(state) => {
                self.ward.note(source, &state, now);
                self.schedule.put(name, now, |slot| {
                    slot.round_at = state.next_at;
                    slot.planned = cadence::planned_by(cadence::plan_of(&state), state.next_at);
                    slot.failures = state.failures;
                });
                self.keep_following(source, state, now);
            }
            Err(Unsettled::Stopping) => {
                tracing::info!(source = %name, "the desk is stopping; this round is done again after the start");
                self.put_off(name);
            }
            Err(Unsettled::Store(error)) => {
                tracing::error!(source = %name, %error, "the state of this source was not kept; it is fetched again");
                self.put_off(name);
            }
        }
        self.schedule.done(name, now);
    }

    async fn settled(
        &self,
        source: &Source,
        round: Result<Round, JoinError>,
    ) -> Result<SourceState, Unsettled> {
        let round = match round {
            Ok(round) => round,
            Err(error) => {
                tracing::error!(source = %source.name, %error, "a job of this source panicked");
                let state = self.shared.parts.store.source_state(&source.name).await?;
                Round::failed(state, Trouble::Panicked)
            }
        };
        rounds::log(&self.shared, source, &round).await;
        health::settle(&self.shared, source, round, &self.ward).await
    }

    fn keep_following(&mut self, source: &Source, state: SourceState, now: Timestamp) {
        let live = self.shared.parts.live.borrow().clone();
        if self.following.contains_key(&source.name) || live.followed_by(&source.name).next().is_some() {
            self.following.insert(source.name.clone(), state);
            self.plan_look(source, &live, now);
        }
    }

    fn put_off(&mut self, name: &str) {
        let now = self.shared.now();
        let next = now.saturating_add(STORE_RETRY).ok();
        self.schedule.put(name, now, |slot| slot.round_at = next);
    }
}

/// One round, or one look at members, of the source that stands at `at`, with the state that the store keeps.
async fn job(shared: Arc<Shared>, sources: Arc<Vec<Source>>, at: usize, due: Due) -> Round {
    let stopped = || Round { stopped: true, ..Round::quiet(SourceState::default()) };
    let Some(source) = sources.get(at) else { return stopped() };
    let state = match shared.parts.store.source_state(&source.name).await {
        Ok(state) => SourceState { source: source.name.clone(), ..state },
        Err(error) => {
            tracing::error!(source = %source.name, %error, "the state of this source cannot be read");
            return stopped();
        }
    };
    match due {
        Due::Round => round::run(&shared, source, state).await,
        Due::Look => observe::run(&shared, source, state).await,
    }
}

/// What may change while the room runs.
struct News {
    sources: watch::Receiver<Arc<Vec<Source>>>,
    matcher: watch::Receiver<Arc<Matcher>>,
    live: watch::Receiver<Arc<LiveSet>>,
}

impl News {
    /// All of it is new at the start.
    fn of(parts: &Parts) -> Self {
        let Parts { sources, matcher, live, .. } = parts.clone();
        let mut news = Self { sources, matcher, live };
        news.sources.mark_changed();
        news.matcher.mark_changed();
        news.live.mark_changed();
        news
    }

    /// Waits until something is new; `false` when a sender is gone. What is new stays marked.
    async fn wait(&mut self) -> bool {
        let (changed, which) = tokio::select! {
            changed = self.sources.changed() => (changed, 0),
            changed = self.matcher.changed() => (changed, 1),
            changed = self.live.changed() => (changed, 2),
        };
        match which {
            0 => self.sources.mark_changed(),
            1 => self.matcher.mark_changed(),
            _ => self.live.mark_changed(),
        }
        changed.is_ok()
    }
}

/// Why a round could not be settled.
pub(super) enum Unsettled {
    Stopping,
    Store(StoreError),
}

impl From<StoreError> for Unsettled {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Hands inputs to the desk and waits until all are durable.
pub(super) async fn hand_over(inbox: &Inbox, inputs: Vec<Input>) -> Result<usize, InboxError> {
    hand_over_shown(inbox, inputs.into_iter().map(|input| (input, None))).await
}

/// The same for mentions, each with the answer in which its post stood.
pub(super) async fn hand_over_shown(
    inbox: &Inbox,
    inputs: impl IntoIterator<Item = (Input, Option<Arc<Shown>>)>,
) -> Result<usize, InboxError> {
    let mut waiting = Vec::new();
    for (input, shown) in inputs {
        waiting.push(inbox.offer_with(input, shown.map(Beside::Shown)).await?);
    }
    let mut taken = 0;
    for wait in waiting {
        match wait.await {
            Ok(Ok(())) => taken += 1,
            Ok(Err(refused)) => tracing::warn!(%refused, "the desk refused an input"),
            Err(_) => return Err(InboxError::Closed),
        }
    }
    Ok(taken)
}
