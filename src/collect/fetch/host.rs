//! A host as an object: its pace, its concurrency and the rest that it asked for, shared by all sources
//! on it. A forum with ten watched boards is still one host to be polite to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::FetchError;
use crate::time::SharedClock;

/// A slot further away than this is not waited for; the caller comes again.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// One host.
pub(super) struct Host {
    slots: Arc<Semaphore>,
    next: Mutex<Option<Timestamp>>,
}

/// The hosts that are asked now or must be waited for, by name and port. Names and ports, not domains:
/// two programs of one company are two servers, and each has its own robots.txt.
pub(super) struct Hosts {
    by_name: Mutex<ByName>,
    concurrency: usize,
}

struct ByName {
    hosts: HashMap<String, Arc<Host>>,
    /// At this many, those that nobody waits for are forgotten.
    sweep_at: usize,
}

/// So many hosts are kept without asking which are idle.
const SWEEP_FROM: usize = 1024;

impl Hosts {
    /// Hosts with `concurrency` requests at a time each.
    pub fn new(concurrency: usize) -> Self {
        let by_name = Mutex::new(ByName { hosts: HashMap::new(), sweep_at: SWEEP_FROM });
        Self { by_name, concurrency: concurrency.max(1) }
    }

    pub fn get(&self, name: &str, now: Timestamp) -> Arc<Host> {
        let mut known = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = known.hosts.get(name) {
            return Arc::clone(host);
        }
        if known.hosts.len() >= known.sweep_at {
            known.hosts.retain(|_, host| host.is_awaited(now));
            // Twice what is in use: sweeping stays cheap however many hosts there are.
            known.sweep_at = (known.hosts.len() * 2).max(SWEEP_FROM);
        }
        let slots = Arc::new(Semaphore::new(self.concurrency));
        let host = Arc::new(Host { slots, next: Mutex::new(None) });
        known.hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }

    /// When a host may be asked next, when that is known. UTC.
    pub fn next_turn(&self, name: &str) -> Option<Timestamp> {
        let known = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let host = Arc::clone(known.hosts.get(name)?);
        drop(known);
        *host.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hosts that are remembered.
    pub fn len(&self) -> usize {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner).hosts.len()
    }
}

impl Host {
    /// Whether somebody uses it, or must wait for its next turn.
    fn is_awaited(self: &Arc<Self>, now: Timestamp) -> bool {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::strong_count(self) > 1 || next.is_some_and(|next| next > now)
    }

    /// Waits for this request's turn and takes it; answers how long it waited.
    pub async fn turn(
        &self,
        pace: SignedDuration,
        clock: &SharedClock,
    ) -> Result<(OwnedSemaphorePermit, SignedDuration), FetchError> {
        let asked = clock.now();
        let permit = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| FetchError::HostRests { until: clock.now() })?;
        let at = self.reserve(pace, clock.now())?;
        clock.sleep_until(at).await;
        Ok((permit, clock.now().duration_since(asked)))
    }

    fn reserve(&self, pace: SignedDuration, now: Timestamp) -> Result<Timestamp, FetchError> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        if at.duration_since(now) > LONGEST_WAIT.max(pace.saturating_mul(2)) {
            return Err(FetchError::HostRests { until: at });
        }
        *next = at.checked_add(pace).ok();
        Ok(at)
    }

    /// The host asked for rest until `until`.
    pub fn rest_until(&self, until: Timestamp) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(until, |next| next.max(until)));
    }
}
