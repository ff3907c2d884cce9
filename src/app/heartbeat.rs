//! The outgoing heartbeat: a page is called every minute while every room is alive and the store takes writes.
//! A monitor elsewhere rings when the calls stop, which no process can do for itself.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use tokio::{sync::watch, task::AbortHandle};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    config::InForce,
    console::{Ill, Vitals},
    dispatch,
    store::SharedStore,
    time::SharedClock,
};

/// The time between two calls.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// The desk's loop must have turned within this to count as alive; it turns once a minute at least.
const LONGEST_TURN: SignedDuration = SignedDuration::from_secs(150);
/// What a store may take to write one value.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at everything that must live.
#[derive(Clone)]
pub struct Pulse {
    /// The store; it must take a write, for a full disk still answers reads.
    pub store: SharedStore,
    /// The instant of the desk's last turn. UTC.
    pub desk: watch::Receiver<Timestamp>,
    /// The rooms' tasks: one that has ended while the daemon runs has died.
    pub rooms: Vec<(&'static str, AbortHandle)>,
    /// Business time.
    pub clock: SharedClock,
    /// A store that has not written one value within this is stuck.
    pub patience: Duration,
}

impl std::fmt::Debug for Pulse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pulse").field("rooms", &self.rooms).finish_non_exhaustive()
    }
}

impl Pulse {
    /// Whether all is well.
    ///
    /// # Errors
    /// What is not.
    pub async fn look(&self) -> Result<(), Ill> {
        if let Some((room, _)) = self.rooms.iter().find(|(_, task)| task.is_finished()) {
            return Err(Ill::Dead(room));
        }
        let now = self.clock.now();
        if now.duration_since(*self.desk.borrow()) >= LONGEST_TURN {
            return Err(Ill::DeskStands);
        }
        let write = self.store.set_value("heartbeat", now.to_string());
        match tokio::time::timeout(self.patience, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ill::NoWrites(error.to_string())),
            Err(_) => Err(Ill::StoreStuck),
        }
    }
}

/// The time between two looks for the console.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Looks twice a minute until `cancel`, for the console: a calm page must not be believed when nothing works.
pub async fn look_after(pulse: Pulse, vitals: watch::Sender<Vitals>, cancel: CancellationToken) {
    loop {
        let ill = pulse.look().await.err();
        vitals.send_replace(Vitals { looked_at: pulse.clock.now(), ill });
        let next = pulse.clock.now().saturating_add(LOOK_EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = pulse.clock.sleep_until(next) => {}
        }
    }
}

/// Calls the page every minute until `cancel`.
pub async fn run(pulse: Pulse, office: watch::Receiver<InForce>, cancel: CancellationToken) {
    let mut silent = false;
    loop {
        let next = pulse.clock.now().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = pulse.clock.sleep_until(next) => {}
        }
        let settings = Arc::clone(&office.borrow().office).settings.heartbeat.clone();
        let Some(url) = &settings.url else { continue };
        let called = match pulse.look().await {
            Ok(()) => dispatch::ping(url.expose_secret(), settings.allow_private, next).await,
            Err(why) => {
                error!(%why, "not well; the heartbeat is withheld");
                silent = true;
                continue;
            }
        };
        match called {
            Ok(()) if silent => {
                silent = false;
                info!("the heartbeat is heard again");
            }
            Ok(()) => {}
            Err(why) => {
                if !silent {
                    warn!(why, "the heartbeat page cannot be called");
                }
                silent = true;
            }
        }
    }
}
