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

/// All hosts that were ever asked for, by name and port.
pub(super) struct Hosts {
    by_name: Mutex<HashMap<String, Arc<Host>>>,
    concurrency: usize,
}

impl Hosts {
    /// Hosts with `concurrency` requests at a time each.
    pub fn new(concurrency: usize) -> Self {
        Self { by_name: Mutex::default(), concurrency: concurrency.max(1) }
    }

    pub fn get(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            || Arc::new(Host { slots: Arc::new(Semaphore::new(self.concurrency)), next: Mutex::new(None) });
        hosts.entry(name.to_owned()).or_insert_with(new).clone()
    }
}

impl Host {
    /// Waits for this request's turn and takes it.
    pub async fn turn(
        &self,
        pace: SignedDuration,
        clock: &SharedClock,
    ) -> Result<OwnedSemaphorePermit, FetchError> {
        let permit = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| FetchError::HostRests { until: clock.now() })?;
        let at = self.reserve(pace, clock.now())?;
        clock.sleep_until(at).await;
        Ok(permit)
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
