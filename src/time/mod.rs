//! The only place that reads a clock.
//!
//! Business time (deadlines, schedules, what an alert calls "now") goes through [`Clock`], so that a
//! test can move it by hand and a replay can run a month in milliseconds. Network timeouts stay on
//! tokio's own clock: paused time and real sockets do not mix (a timeout round a real read would
//! fire at once).

use std::{future::Future, pin::Pin, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// A future that ends when a clock has reached an instant.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A source of business time. UTC; what is shown is converted at the edge.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Waits until [`Clock::now`] is at or after `at`. Returns at once when it already is.
    fn sleep_until(&self, at: Timestamp) -> Sleep<'_>;
}

/// A shared clock, as the rooms hold it.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        Box::pin(async move {
            // The wall clock may be stepped while we wait, so long waits are cut into short ones
            // and the clock is asked again after each.
            loop {
                let left = at.duration_since(self.now());
                if left <= SignedDuration::ZERO {
                    return;
                }
                let step = left.min(SignedDuration::from_secs(30)).unsigned_abs();
                tokio::time::sleep(step.max(std::time::Duration::from_millis(1))).await;
            }
        })
    }
}

/// Business time that runs a whole number of times as fast as the machine's, from an instant of one's
/// choice: the demo's minute in ten seconds.
#[derive(Debug, Clone, Copy)]
pub struct Scaled {
    began: Timestamp,
    machine: std::time::Instant,
    times: u32,
}

impl Scaled {
    /// A clock that shows `began` now and runs `times` as fast (at least once).
    #[must_use]
    pub fn from(began: Timestamp, times: u32) -> Self {
        Self { began, machine: std::time::Instant::now(), times: times.max(1) }
    }
}

impl Clock for Scaled {
    fn now(&self) -> Timestamp {
        let gone = self.machine.elapsed().saturating_mul(self.times);
        let gone = SignedDuration::try_from(gone).unwrap_or(SignedDuration::MAX);
        self.began.saturating_add(gone).unwrap_or(Timestamp::MAX)
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        let clock = *self;
        Box::pin(async move {
            loop {
                let left = at.duration_since(clock.now());
                if left <= SignedDuration::ZERO {
                    return;
                }
                let left = left.unsigned_abs() / clock.times;
                let step = left.clamp(std::time::Duration::from_millis(1), std::time::Duration::from_secs(1));
                tokio::time::sleep(step).await;
            }
        })
    }
}

/// A clock that stands still until it is moved by hand.
#[derive(Debug, Clone)]
pub struct Manual(Arc<watch::Sender<Timestamp>>);

impl Manual {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(watch::Sender::new(start)))
    }

    /// Moves the clock forward (or, with a negative span, back: a stepped clock is a real fault).
    pub fn advance(&self, by: SignedDuration) {
        self.0.send_modify(|now| *now = now.saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Sets the clock to `at`.
    pub fn set(&self, at: Timestamp) {
        self.0.send_replace(at);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        let mut moved = self.0.subscribe();
        Box::pin(async move {
            // An error means that every sender is gone, which `self` prevents.
            let _ = moved.wait_for(|now| *now >= at).await;
        })
    }
}

/// Keeps work that is done again and again to a small share of the time: after a turn that took a while, the
/// next one waits twenty times as long. Turns that cost nothing wait for nothing. This measures effort, not
/// business time, so it goes by the machine.
#[derive(Debug, Default)]
pub struct SmallShare {
    next: Option<tokio::time::Instant>,
}

impl SmallShare {
    /// Does the work now.
    pub fn turn<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let begun = tokio::time::Instant::now();
        let result = work();
        let ended = tokio::time::Instant::now();
        self.next = ended.checked_add((ended - begun) * 20);
        result
    }

    /// Whether the next turn may come.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.next.is_none_or(|next| next <= tokio::time::Instant::now())
    }

    /// Waits until it may.
    pub async fn due(&self) {
        if let Some(next) = self.next {
            tokio::time::sleep_until(next).await;
        }
    }
}
