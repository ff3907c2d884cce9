//! What the hosts' files said, for as long as the standard lets it be kept, within a bound of memory.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};

use super::RobotsFile;
use crate::collect::fetch::FetchError;

/// How long an answer is kept (RFC 9309 2.4).
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long "not available" is kept.
const UNAVAILABLE_KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long the last good copy stands in for a file that cannot be had.
const COPY_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Hosts that are remembered, and the bytes of all their rules: some thousand times what a file holds.
const MOST_HOSTS: usize = 20_000;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What one asking gave.
#[derive(Debug, Clone)]
pub(in crate::collect::fetch) enum Answer {
    /// There is none, or it says nothing to us.
    Nothing,
    /// Its rules.
    Rules(Arc<RobotsFile>),
    /// It could not be had.
    Unavailable(String),
}

impl Answer {
    fn held_bytes(&self) -> usize {
        match self {
            Self::Rules(file) => file.held_bytes(),
            Self::Nothing | Self::Unavailable(_) => 0,
        }
    }
}

/// What is known of one host; locked while it is asked, so that it is asked once.
#[derive(Default)]
struct Host {
    /// The last answer and when it was given.
    last: Option<(Timestamp, Answer)>,
    /// The last answer that was not "unavailable".
    copy: Option<(Timestamp, Answer)>,
}

/// A host and what the bound goes by.
#[derive(Default)]
struct Entry {
    host: tokio::sync::Mutex<Host>,
    used: AtomicU64,
    bytes: AtomicU64,
}

/// The answers so far, by origin.
#[derive(Default)]
pub(in crate::collect::fetch) struct Kept {
    hosts: Mutex<HashMap<String, Arc<Entry>>>,
    turn: AtomicU64,
}

impl Kept {
    /// What is in force for an origin; `ask` is called when nothing fresh is kept.
    pub async fn get<F>(
        &self,
        origin: &str,
        now: Timestamp,
        ask: impl FnOnce() -> F,
    ) -> Result<Answer, FetchError>
    where
        F: Future<Output = Result<Answer, FetchError>>,
    {
        let entry = self.entry(origin);
        let mut host = entry.host.lock().await;
        if !host.last.as_ref().is_some_and(|(at, answer)| is_fresh(*at, answer, now)) {
            let answer = ask().await?;
            if !matches!(answer, Answer::Unavailable(_)) {
                entry.bytes.store(answer.held_bytes() as u64, Ordering::Relaxed);
                host.copy = Some((now, answer.clone()));
            }
            host.last = Some((now, answer));
        }
        Ok(host.in_force(now))
    }

    fn entry(&self, origin: &str) -> Arc<Entry> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if !hosts.contains_key(origin) {
            forget_some(&mut hosts);
        }
        let entry = Arc::clone(hosts.entry(origin.to_owned()).or_default());
        entry.used.store(turn, Ordering::Relaxed);
        entry
    }
}

impl Host {
    fn in_force(&self, now: Timestamp) -> Answer {
        match (&self.last, &self.copy) {
            (Some((_, Answer::Unavailable(_))), Some((at, copy))) if now.duration_since(*at) < COPY_KEPT => {
                copy.clone()
            }
            (Some((_, answer)), _) => answer.clone(),
            (None, _) => Answer::Unavailable("it was never asked for".into()),
        }
    }
}

fn is_fresh(at: Timestamp, answer: &Answer, now: Timestamp) -> bool {
    let age = now.duration_since(at);
    let limit = if matches!(answer, Answer::Unavailable(_)) { UNAVAILABLE_KEPT } else { KEPT };
    age >= SignedDuration::ZERO && age < limit
}

/// Makes room when a bound is reached: the half that was used longest ago goes, and is asked for again
/// when it is needed.
fn forget_some(hosts: &mut HashMap<String, Arc<Entry>>) {
    let bytes: u64 = hosts.values().map(|entry| entry.bytes.load(Ordering::Relaxed)).sum();
    if hosts.len() < MOST_HOSTS && bytes < MOST_BYTES as u64 {
        return;
    }
    let mut uses: Vec<u64> = hosts.values().map(|entry| entry.used.load(Ordering::Relaxed)).collect();
    uses.sort_unstable();
    let middle = uses.get(uses.len() / 2).copied().unwrap_or(u64::MAX);
    hosts.retain(|_, entry| entry.used.load(Ordering::Relaxed) > middle);
}
