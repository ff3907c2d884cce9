//! The daily sweep: what is older than the office keeps it is forgotten, a few rows at a time with a pause after each, so
//! that no commit of the desk waits long behind it. Where a disk budget asks for more, the administrators are shown what
//! would go; it goes when they have had a week to say otherwise (`report::retention`).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    config::{InForce, Office},
    desk::{Input, Operations},
    locale::When,
    model::Retention,
    report::retention::{self, Decision, Shown},
    store::{Growth, Inbox, SharedStore, Store, StoreError, Swept},
    time::{Clock, SharedClock},
};

/// From one sweep to the next.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// After the start, and after a failure, this long: a start has better things to do.
const LATER: SignedDuration = SignedDuration::from_mins(10);
/// Steps of one sweep at most; what is left goes the next day.
const MOST_STEPS: usize = 200_000;
/// After a step the writer is the desk's alone for fifty times as long as the step took, within these bounds: few of the
/// desk's commits meet a step at all.
const SHARE: i32 = 50;
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_millis(10);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// The room that sweeps.
#[derive(Clone)]
pub struct Keeping {
    /// What is swept.
    pub store: SharedStore,
    /// Where it is told what a budget asks for.
    pub inbox: Inbox,
    /// Business time.
    pub clock: SharedClock,
}

impl std::fmt::Debug for Keeping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeping").finish_non_exhaustive()
    }
}

impl Keeping {
    /// Sweeps until `cancel`.
    pub async fn run(self, office: watch::Receiver<InForce>, cancel: CancellationToken) {
        let mut wait = LATER;
        loop {
            let next = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.clock.sleep_until(next) => {}
            }
            let in_force = Arc::clone(&office.borrow().office);
            wait = match self.turn(&in_force, &cancel).await {
                Ok(()) => EVERY,
                Err(error) => {
                    warn!(%error, "what is too old to be kept could not be forgotten; tried again");
                    LATER
                }
            };
        }
    }

    async fn turn(&self, office: &Office, cancel: &CancellationToken) -> Result<(), StoreError> {
        let zone = office.settings.time_zone.clone();
        if let Err(error) = Growth::note(&*self.store, self.clock.now().to_zoned(zone).date()).await {
            warn!(%error, "the size of the database could not be noted");
        }
        let spans = self.plan(office).await?;
        let gone = sweep(&*self.store, &*self.clock, &spans, cancel).await?;
        let Swept { incidents, evidence, loose, looks, pages, words } = gone;
        if words > 0 {
            debug!(words, "words of posts were gathered");
        }
        if !gone.forgot() {
            return Ok(());
        }
        info!(
            incidents,
            evidence,
            loose,
            looks,
            pages,
            point = "retention",
            "what is too old to be kept was forgotten"
        );
        retention::count(&*self.store, self.clock.now()).await.map(drop)
    }

    /// By what spans to sweep; tells the administrators what a budget asks for, once for each plan.
    async fn plan(&self, office: &Office) -> Result<Retention, StoreError> {
        let (store, now) = (&*self.store, self.clock.now());
        let ordinary = &office.settings.retention;
        let kept = retention::count(store, now).await?;
        let before = retention::shown(store).await?;
        let plan = retention::plan(&kept, ordinary);
        let Decision { retention: spans, shown } = retention::decide(plan, before.clone(), ordinary, now);
        if shown == before {
            return Ok(spans);
        }
        let is_told = shown.as_ref().map(|one| one.at) == before.as_ref().map(|one| one.at)
            || self.tell(office, before.as_ref(), shown.as_ref()).await;
        if is_told {
            // Only what was told counts as shown.
            retention::set_shown(store, shown.as_ref()).await?;
        }
        Ok(spans)
    }

    /// Says whether the desk took it.
    async fn tell(&self, office: &Office, before: Option<&Shown>, shown: Option<&Shown>) -> bool {
        let settings = &office.settings;
        let (zone, locale) = (settings.time_zone.clone(), settings.locale);
        let when = When { now: self.clock.now(), locale, zone };
        // Each plan is a matter of its own, so that each is told.
        let subject = |one: &Shown| {
            one.at.to_zoned(when.zone.clone()).strftime("retention/%Y-%m-%dT%H:%M:%S").to_string()
        };
        let ended = before.filter(|before| shown.is_none_or(|shown| subject(shown) != subject(before)));
        let over = locale.pick(
            "数据库已在限额之内，或限额已改，先前的清理方案不再有效",
            "the database is within its budget, or the budget was changed: the plan that was shown holds no more",
        );
        let mended =
            ended.map(|one| Operations { subject: subject(one), broken: false, text: over.to_owned() });
        let begun = shown.map(|one| Operations {
            subject: subject(one),
            broken: true,
            text: retention::shown_text(one, &when),
        });
        for operations in mended.into_iter().chain(begun) {
            if let Err(error) = self.inbox.put(Input::Operations(operations)).await {
                warn!(%error, "the desk does not take what the disk budget asks for");
                return false;
            }
        }
        true
    }
}

/// Sweeps until nothing more goes, or until `cancel`, with a pause after each step.
///
/// # Errors
/// The store's.
pub async fn sweep(
    store: &dyn Store,
    clock: &dyn Clock,
    spans: &Retention,
    cancel: &CancellationToken,
) -> Result<Swept, StoreError> {
    let mut gone = Swept::default();
    for _ in 0..MOST_STEPS {
        let began = clock.now();
        let step = store.sweep(spans.clone(), began).await?;
        if step.is_empty() {
            break;
        }
        gone = gone.and(step);
        let now = clock.now();
        let pause = (now.duration_since(began) * SHARE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        tokio::select! {
            () = cancel.cancelled() => break,
            () = clock.sleep_until(now.saturating_add(pause).unwrap_or(Timestamp::MAX)) => {}
        }
    }
    Ok(gone)
}
