//! The daily sweep: what is older than the office keeps it is forgotten, a few rows at a time, so that no
//! commit of the desk waits long behind it.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    config::InForce,
    store::{Growth, SharedStore, Swept},
    time::SharedClock,
};

/// From one sweep to the next.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// After the start, and after a failure, this long: a start has better things to do.
const LATER: SignedDuration = SignedDuration::from_mins(10);
/// Steps of one sweep at most; what is left goes the next day.
const MOST_STEPS: usize = 10_000;

/// Sweeps until `cancel`.
pub(super) async fn run(
    store: SharedStore,
    clock: SharedClock,
    office: watch::Receiver<InForce>,
    cancel: CancellationToken,
) {
    let mut wait = LATER;
    loop {
        let next = clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = clock.sleep_until(next) => {}
        }
        let zone = office.borrow().office.settings.time_zone.clone();
        if let Err(error) = Growth::note(&*store, clock.now().to_zoned(zone).date()).await {
            warn!(%error, "the size of the database could not be noted");
        }
        let retention = office.borrow().office.settings.retention.clone();
        let mut gone = Swept::default();
        wait = EVERY;
        for _ in 0..MOST_STEPS {
            if cancel.is_cancelled() {
                return;
            }
            match store.sweep(retention.clone(), clock.now()).await {
                Ok(step) if step.is_empty() => break,
                Ok(step) => gone = gone.and(step),
                Err(error) => {
                    warn!(%error, "what is too old to be kept could not be forgotten; tried again");
                    wait = LATER;
                    break;
                }
            }
        }
        if !gone.is_empty() {
            let Swept { incidents, evidence, loose, looks, pages } = gone;
            info!(
                incidents,
                evidence,
                loose,
                looks,
                pages,
                point = "retention",
                "what is too old to be kept was forgotten"
            );
        }
    }
}
