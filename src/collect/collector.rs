//! The running room: a loop that starts the jobs that are due, oldest first, and settles what they
//! answer.
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
    health::{self, Trouble},
    observe,
    round::{self, Round},
    rounds::{self, Auditor},
};
use crate::{
    config::source::Source,
    desk::{Input, LiveSet},
    keyword::Matcher,
    locale::Locale,
    store::{Inbox, InboxError, SharedStore, SourceState},
    time::SharedClock,
};

/// How long the loop sleeps at most when nothing is due: a stepped clock or a changed table is noticed.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(60);
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
    shared: Arc<Shared>,
    states: HashMap<String, SourceState>,
    running: HashMap<Id, String>,
    jobs: JoinSet<Round>,
    stop: CancellationToken,
    auditor: Auditor,
}

/// What is due.
enum Due {
    Round,
    Look,
}

impl Collector {
    /// A room that has not started.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let jitter = Mutex::new(fastrand::Rng::with_seed(parts.seed));
        let shared = Arc::new(Shared { parts, ages: Ages::default(), jitter });
        Self {
            shared,
            states: HashMap::new(),
            running: HashMap::new(),
            jobs: JoinSet::new(),
            stop: CancellationToken::new(),
            auditor: Auditor::default(),
        }
    }

    /// Runs until `stop`. Jobs that run are dropped then: what was not acknowledged is fetched again.
    pub async fn run(mut self, stop: CancellationToken) {
        self.stop = stop.clone();
        let mut sources = self.shared.parts.sources.clone();
        let mut matcher = self.shared.parts.matcher.clone();
        matcher.mark_changed();
        sources.mark_changed();
        loop {
            if let Err(error) = self.refresh(&mut sources, &mut matcher).await {
                tracing::error!(%error, "the store does not answer; collecting waits");
                let retry = self.shared.now().saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.shared.parts.clock.sleep_until(retry) => continue,
                }
            }
            let list = sources.borrow().clone();
            self.auditor.turn(&self.shared, &list).await;
            let wake = self.start_due(&list);
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = self.jobs.join_next_with_id() => self.settle(ended).await,
                () = self.shared.parts.clock.sleep_until(wake) => {}
                // An error means that the sender is gone: the app is stopping.
                changed = sources.changed() => if changed.is_err() { break } else { sources.mark_changed() },
                changed = matcher.changed() => if changed.is_err() { break } else { matcher.mark_changed() },
            }
        }
        self.jobs.shutdown().await;
    }

    /// Takes up a new list of sources or new rules.
    async fn refresh(
        &mut self,
        sources: &mut watch::Receiver<Arc<Vec<Source>>>,
        matcher: &mut watch::Receiver<Arc<Matcher>>,
    ) -> Result<(), crate::store::StoreError> {
        if matcher.has_changed().unwrap_or(false) {
            let rules = matcher.borrow_and_update().clone();
            if let Err(error) =
                self.shared.ages.learn(&rules, &self.shared.parts.store, self.shared.now()).await
            {
                matcher.mark_changed();
                return Err(error);
            }
        }
        if sources.has_changed().unwrap_or(false) {
            let list = sources.borrow_and_update().clone();
            let names: HashSet<&String> = list.iter().map(|source| &source.name).collect();
            self.states.retain(|name, _| names.contains(name));
            for source in
                list.iter().filter(|source| !self.states.contains_key(&source.name)).collect::<Vec<_>>()
            {
                match self.shared.parts.store.source_state(&source.name).await {
                    Ok(state) => {
                        self.states.insert(
                            source.name.clone(),
                            SourceState { source: source.name.clone(), ..state },
                        );
                    }
                    Err(error) => {
                        sources.mark_changed();
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Starts what is due, oldest first, as far as there is room; answers when to look again.
    fn start_due(&mut self, sources: &[Source]) -> Timestamp {
        let now = self.shared.now();
        let live = self.shared.parts.live.borrow().clone();
        let busy: HashSet<&String> = self.running.values().collect();
        let mut wake = now.saturating_add(LONGEST_SLEEP).unwrap_or(Timestamp::MAX);
        let mut due: Vec<(Timestamp, &Source, Due)> = Vec::new();
        for source in sources.iter().filter(|source| source.enabled && !busy.contains(&source.name)) {
            let Some(state) = self.states.get(&source.name) else { continue };
            let round = cadence::due(&self.shared, source, state, now);
            let look = observe::next(source, state, &live, now);
            let (at, what) = match look {
                Some(look) if look < round => (look, Due::Look),
                _ => (round, Due::Round),
            };
            if at <= now {
                due.push((at, source, what));
            } else {
                wake = wake.min(at);
            }
        }
        due.sort_by(|(at, a, _), (other, b, _)| at.cmp(other).then_with(|| a.name.cmp(&b.name)));
        let room = self.shared.parts.fetcher.settings().concurrency.max(1).saturating_sub(self.running.len());
        for (_, source, what) in due.into_iter().take(room) {
            self.start(source.clone(), &what);
        }
        wake
    }

    fn start(&mut self, source: Source, what: &Due) {
        let state = self.states.get(&source.name).cloned().unwrap_or_default();
        let state = SourceState { source: source.name.clone(), ..state };
        let name = source.name.clone();
        let shared = Arc::clone(&self.shared);
        let handle = match what {
            Due::Round => self.jobs.spawn(round::run(shared, source, state)),
            Due::Look => self.jobs.spawn(observe::run(shared, source, state)),
        };
        self.running.insert(handle.id(), name);
    }

    /// Keeps what a job learned. Mentions are durable by now; only then may the state say so.
    async fn settle(&mut self, ended: Result<(Id, Round), JoinError>) {
        let (round, name) = match ended {
            Ok((id, round)) => (round, self.running.remove(&id)),
            Err(error) => {
                let Some(name) = self.running.remove(&error.id()) else { return };
                tracing::error!(source = %name, %error, "a job of this source panicked");
                let state = self.states.get(&name).cloned().unwrap_or_default();
                let state = SourceState { source: name.clone(), ..state };
                (Round::failed(state, Trouble::Panicked), Some(name))
            }
        };
        let Some(name) = name else { return };
        let sources = self.shared.parts.sources.borrow().clone();
        let Some(source) = sources.iter().find(|source| source.name == name) else { return };
        rounds::log(&self.shared, source, &round).await;
        match health::settle(&self.shared, source, round).await {
            Ok(state) => {
                self.states.insert(name, state);
            }
            Err(Unsettled::Stopping) => self.stop_soon(&name),
            Err(Unsettled::Store(error)) => {
                tracing::error!(source = %name, %error, "the state of this source was not kept; it is fetched again");
                self.put_off(&name);
            }
        }
    }

    /// The desk takes nothing more: what was found is fetched again after the start.
    fn stop_soon(&mut self, name: &str) {
        tracing::info!(source = %name, "the desk is stopping; this round is done again after the start");
        self.put_off(name);
    }

    fn put_off(&mut self, name: &str) {
        let next = self.shared.now().saturating_add(STORE_RETRY).ok();
        if let Some(state) = self.states.get_mut(name) {
            state.next_at = next;
        }
    }
}

/// Why a round could not be settled.
pub(super) enum Unsettled {
    Stopping,
    Store(crate::store::StoreError),
}

impl From<crate::store::StoreError> for Unsettled {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Store(error)
    }
}

/// Hands inputs to the desk and waits until all are durable.
pub(super) async fn hand_over(inbox: &Inbox, inputs: Vec<Input>) -> Result<usize, InboxError> {
    let mut waiting = Vec::with_capacity(inputs.len());
    for input in inputs {
        waiting.push(inbox.offer(input).await?);
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
