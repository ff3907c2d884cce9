//! The loop over the outbox: what waits is sent, each channel on its own few places, so that a mail
//! server that hangs holds up no text message.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Channels, Texts, Verdict, next_attempt_at};
use crate::{
    desk::Input,
    fault::{FaultPoint, outbox_is_cut},
    model::{ChannelKind, Delivery, NoticeId, NoticeState, Outcome},
    store::{Inbox, InboxError, Outgoing, SharedStore, StoreError},
    time::SharedClock,
};

/// Conversations of one channel at a time.
const PLACES: usize = 8;
/// Looks into the outbox even when nobody woke it.
const POLL: SignedDuration = SignedDuration::from_secs(5);
/// How long a stop waits for conversations under way, so that what was accepted is still recorded.
const FAREWELL: Duration = Duration::from_secs(15);

/// Takes notices from the store to their channels.
#[derive(Clone)]
pub struct Dispatcher {
    /// Where the outbox is.
    pub store: SharedStore,
    /// Where acceptances and refusals are reported.
    pub inbox: Inbox,
    /// Business time.
    pub clock: SharedClock,
    /// The ways out.
    pub channels: Channels,
    /// The words.
    pub texts: Texts,
}

/// What became of one notice in this process.
enum Done {
    /// The store knows; it may come again when its time comes.
    Recorded,
    /// It was sent, but the desk does not know it: never again in this process.
    Parked,
    /// The daemon stops.
    Stopped,
}

/// The notices that this process is busy with.
#[derive(Default)]
struct Busy {
    running: HashMap<NoticeId, ChannelKind>,
    parked: HashSet<NoticeId>,
    tasks: JoinSet<(NoticeId, Done)>,
}

impl Dispatcher {
    /// Sends until `cancel`, then waits a little for what is under way. `wake` is told after every commit
    /// that put a notice into the outbox.
    pub async fn run(self, wake: Arc<Notify>, cancel: CancellationToken) {
        let this = Arc::new(self);
        let failures = Arc::new(Failures::default());
        let mut busy = Busy::default();
        loop {
            // Registered before looking: a notice committed during the look wakes the next wait.
            let woken = wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let now = this.clock.now();
            let next = this.look(now, &mut busy, &failures).await;
            let rest = now.saturating_add(POLL).unwrap_or(Timestamp::MAX);
            let until = next.map_or(rest, |next| next.min(rest));
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(done) = busy.tasks.join_next() => busy.finished(done),
                () = woken => {}
                () = this.clock.sleep_until(until) => {}
            }
        }
        let _ =
            tokio::time::timeout(FAREWELL, async { while busy.tasks.join_next().await.is_some() {} }).await;
    }

    /// Starts what may be sent now; gives the instant at which more may be.
    async fn look(
        self: &Arc<Self>,
        now: Timestamp,
        busy: &mut Busy,
        failures: &Arc<Failures>,
    ) -> Option<Timestamp> {
        for channel in ChannelKind::ALL.into_iter().filter(|one| one.is_dispatched()) {
            let taken = busy.running.values().filter(|one| **one == channel).count();
            let free = PLACES.saturating_sub(taken);
            if free == 0 {
                continue;
            }
            let waiting = match self.waiting(channel, now, busy.known() + free).await {
                Ok(waiting) => waiting,
                Err(error) => {
                    failures.log("store", &error.to_string());
                    return None;
                }
            };
            let fresh = waiting.into_iter().filter(|one| !busy.has(&one.notice.id)).take(free);
            for outgoing in fresh.collect::<Vec<_>>() {
                busy.running.insert(outgoing.notice.id.clone(), channel);
                busy.tasks.spawn(attempt(Arc::clone(self), outgoing, Arc::clone(failures)));
            }
        }
        self.store.next_outgoing_after(now).await.ok().flatten()
    }

    /// What waits on a channel, earliest due first.
    async fn waiting(
        &self,
        channel: ChannelKind,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Outgoing>, StoreError> {
        if !outbox_is_cut() {
            return self.store.outgoing_on(channel, now, limit).await;
        }
        let mut all = self.store.notices(limit.max(10_000)).await?;
        all.retain(|one| {
            one.notice.channel == channel
                && matches!(one.notice.state, NoticeState::Pending | NoticeState::Accepted { .. })
        });
        Ok(all)
    }

    /// One attempt: send, then have the answer written down.
    async fn deliver(&self, outgoing: &Outgoing, failures: &Failures) -> Done {
        let notice = &outgoing.notice;
        let sending = self.channels.send(notice, &self.texts, self.clock.now());
        let verdict = AssertUnwindSafe(sending).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(notice = %notice.id, "sending a notice panicked");
            Verdict::retry("the channel panicked")
        });
        let at = self.clock.now();
        let attempt = outgoing.attempts.saturating_add(1);
        let delivery = |outcome| Delivery { notice: notice.id.clone(), at, attempt, outcome };
        tracing::trace!(notice = %notice.id, point = "dispatch.answered", "a channel answered");
        match verdict {
            Verdict::Accepted => {
                failures.mended(notice.channel);
                self.report(delivery(Outcome::Accepted)).await
            }
            Verdict::Refused { why } => {
                tracing::warn!(notice = %notice.id, channel = notice.channel.id(), why, "a notice was refused");
                self.report(delivery(Outcome::Refused { why })).await
            }
            Verdict::Retry { why, after } => {
                failures.log(notice.channel.id(), &why);
                let next = next_attempt_at(attempt, at, notice.due_at, after, fastrand::f64());
                self.postpone(delivery(Outcome::Retry { why }), next, failures).await
            }
        }
    }

    /// Has the desk record an answer; waits for the commit.
    async fn report(&self, delivery: Delivery) -> Done {
        let id = delivery.notice.clone();
        match self.inbox.put(Input::Delivery(delivery)).await {
            Ok(()) => {
                tracing::trace!(notice = %id, point = "dispatch.recorded", "an answer was recorded");
                FaultPoint::AfterRecorded.pass();
                Done::Recorded
            }
            Err(InboxError::Refused(why)) => {
                tracing::error!(notice = %id, %why, "the desk does not take the answer to a notice");
                Done::Parked
            }
            Err(InboxError::Closed) => Done::Stopped,
        }
    }

    /// Writes a failed attempt down. While that fails too (a full disk), the notice stays with us and
    /// waits here.
    async fn postpone(&self, delivery: Delivery, next: Timestamp, failures: &Failures) -> Done {
        if let Err(error) = self.store.attempted(delivery, next).await {
            failures.log("store", &error.to_string());
            self.clock.sleep_until(next).await;
        }
        Done::Recorded
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("channels", &self.channels).finish_non_exhaustive()
    }
}

async fn attempt(this: Arc<Dispatcher>, outgoing: Outgoing, failures: Arc<Failures>) -> (NoticeId, Done) {
    let done = this.deliver(&outgoing, &failures).await;
    (outgoing.notice.id, done)
}

impl Busy {
    fn has(&self, id: &NoticeId) -> bool {
        self.running.contains_key(id) || self.parked.contains(id)
    }

    fn known(&self) -> usize {
        self.running.len() + self.parked.len()
    }

    fn finished(&mut self, done: Result<(NoticeId, Done), tokio::task::JoinError>) {
        let Ok((id, done)) = done else { return };
        self.running.remove(&id);
        if matches!(done, Done::Parked) || outbox_is_cut() {
            self.parked.insert(id);
        }
    }
}

/// What failed and was logged already: the same failure of the same channel is one line until the
/// channel works again.
#[derive(Default)]
struct Failures(std::sync::Mutex<HashMap<String, HashSet<String>>>);

/// Different reasons remembered of one channel; servers put numbers and times into theirs.
const REASONS: usize = 50;

impl Failures {
    fn log(&self, what: &str, why: &str) {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let reasons = known.entry(what.to_owned()).or_default();
        if reasons.len() < REASONS && reasons.insert(why.to_owned()) {
            tracing::warn!(channel = what, why, "sending failed; trying again");
        }
    }

    fn mended(&self, channel: ChannelKind) {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.remove(channel.id()).is_some() {
            tracing::info!(channel = channel.id(), "sending works again");
        }
    }
}
