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

use super::{
    Channels, Texts, Verdict,
    channel::Joined,
    late::{self, Recoveries},
    next_attempt_at,
    pace::{Pace, Paces, Room},
};
use crate::{
    desk::Input,
    fault::{FaultPoint, outbox_is_cut},
    model::{ChannelKind, Delivery, Notice, NoticeId, NoticeState, Outcome},
    store::{Inbox, InboxError, Outgoing, SharedStore, StoreError},
    time::SharedClock,
};

/// Conversations of one channel at a time.
const PLACES: usize = 8;
/// Notices looked at when they may be joined, so that an address that must wait hides no other.
const JOINABLE: usize = 500;
/// The longest wait for a next attempt: what is due for one within this waits because of a failure.
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(6);
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
    /// Refused in company: the next attempt is made alone, so that one bad notice does not take others
    /// with it.
    alone: HashSet<NoticeId>,
    /// Conversations that run, by channel; with the address where there is a pace.
    talks: HashMap<ChannelKind, usize>,
    addresses: HashSet<(ChannelKind, String)>,
    /// When an address of a channel with a pace may be written to again.
    free_at: HashMap<ChannelKind, Timestamp>,
    paces: Paces,
    recoveries: Recoveries,
    tasks: JoinSet<Talk>,
}

/// How a conversation ended.
struct Talk {
    to: (ChannelKind, String),
    notices: Vec<NoticeId>,
    parked: Vec<NoticeId>,
    /// Refused in company.
    alone: Vec<NoticeId>,
    answered_at: Timestamp,
    /// Whether the channel took the message; `None` when that says nothing of the channel.
    accepted: Option<bool>,
    /// How long the service asks to be left alone.
    wait: Option<Duration>,
}

impl Dispatcher {
    /// Sends until `cancel`, then waits a little for what is under way. `wake` is told after every commit
    /// that put a notice into the outbox.
    pub async fn run(self, wake: Arc<Notify>, cancel: CancellationToken) {
        let this = Arc::new(self);
        let failures = Arc::new(Failures::default());
        let mut busy = Busy::default();
        // After an answer only its own channel can have more to do: the others are looked at when they are woken, and
        // by this instant.
        let (mut only, mut all_by) = (None, Timestamp::MIN);
        loop {
            // Registered before looking: a notice committed during the look wakes the next wait.
            let woken = wake.notified();
            tokio::pin!(woken);
            // This takes a wake that came while an answer was dealt with.
            let is_woken = woken.as_mut().enable();
            let now = this.clock.now();
            only = only.filter(|_| !is_woken && now < all_by);
            let next = this.look(only, now, &mut busy, &failures).await;
            let rest = now.saturating_add(POLL).unwrap_or(Timestamp::MAX);
            let before = only.map(|_| all_by);
            all_by = next.into_iter().chain(before).fold(rest, Timestamp::min);
            only = tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(talk) = busy.tasks.join_next() => busy.finished(talk),
                () = woken => None,
                () = this.clock.sleep_until(all_by) => None,
            };
        }
        let _ =
            tokio::time::timeout(FAREWELL, async { while busy.tasks.join_next().await.is_some() {} }).await;
    }

    /// Starts what may be sent now, on one channel or on all; gives the instant at which more may be.
    async fn look(
        self: &Arc<Self>,
        only: Option<ChannelKind>,
        now: Timestamp,
        busy: &mut Busy,
        failures: &Arc<Failures>,
    ) -> Option<Timestamp> {
        let dispatched = ChannelKind::ALL.into_iter().filter(|one| one.is_dispatched());
        for channel in dispatched.filter(|one| only.is_none_or(|only| only == *one)) {
            busy.free_at.remove(&channel);
            let taken = busy.talks.get(&channel).copied().unwrap_or(0);
            let free = PLACES.saturating_sub(taken);
            if free == 0 {
                continue;
            }
            let pace = self.channels.pace(channel);
            let limit = busy.known() + if pace.is_some() { JOINABLE } else { free };
            let waiting = match self.waiting(channel, now, limit).await {
                Ok(waiting) => waiting,
                Err(error) => {
                    failures.log("store", &error.to_string());
                    return None;
                }
            };
            let behind =
                pace.is_none() && (late::is_backlog(&waiting, now) || busy.recoveries.is_back(channel));
            let waiting = if behind {
                let soon = now.saturating_add(LONGEST_REST).unwrap_or(Timestamp::MAX);
                let all = self.waiting(channel, soon, busy.known() + JOINABLE).await;
                all.unwrap_or(waiting)
            } else {
                waiting
            };
            let fresh: Vec<_> = waiting.into_iter().filter(|one| !busy.has(&one.notice.id)).collect();
            let batches = match pace {
                None if behind => {
                    let probe = busy.recoveries.probes(channel, now);
                    let messages = late::messages(fresh, now, |one| busy.recoveries.releases(one), probe);
                    if messages.is_empty() {
                        busy.recoveries.is_drained(channel);
                    }
                    messages
                }
                None => fresh.into_iter().map(|one| vec![one]).collect(),
                Some(pace) => {
                    let (batches, next) = busy.joined(channel, pace, fresh, now);
                    busy.free_at.extend(next.map(|next| (channel, next)));
                    batches
                }
            };
            for batch in batches.into_iter().take(free) {
                let to = busy.started(channel, &batch, pace.is_some());
                let talk = converse(Arc::clone(self), to, batch, Arc::clone(failures));
                busy.tasks.spawn(talk);
            }
        }
        let next = self.store.next_outgoing_after(now).await.ok().flatten();
        next.into_iter().chain(busy.free_at.values().copied()).min()
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

    /// One attempt: send, then have the answer written down for each notice that it carried.
    async fn deliver(&self, to: (ChannelKind, String), batch: Vec<Outgoing>, failures: &Failures) -> Talk {
        let notices: Vec<Notice> = batch.iter().map(|one| one.notice.clone()).collect();
        let paced = self.channels.pace(to.0).is_some();
        let sending = self.send(&notices, paced);
        let Joined { carried, verdict } =
            AssertUnwindSafe(sending).catch_unwind().await.unwrap_or_else(|_| {
                let notice = notices.first().map(|one| one.id.to_string()).unwrap_or_default();
                tracing::error!(notice, "sending a notice panicked");
                Joined { carried: 1, verdict: Verdict::retry("the channel panicked") }
            });
        let ids = notices.iter().map(|one| one.id.clone()).collect();
        let at = self.clock.now();
        let accepted = match &verdict {
            Verdict::Accepted => Some(true),
            Verdict::Retry { .. } => Some(false),
            Verdict::Refused { .. } => None,
        };
        let mut talk = Talk {
            to,
            notices: ids,
            parked: Vec::new(),
            alone: Vec::new(),
            answered_at: at,
            accepted,
            wait: None,
        };
        if let Verdict::Retry { after, .. } = &verdict {
            talk.wait = *after;
        }
        let micros = notices.first().and_then(|one| since_seen(one, at));
        tracing::trace!(notices = carried, micros, point = "dispatch.answered", "a channel answered");
        if paced
            && carried > 1
            && let Verdict::Refused { why } = &verdict
        {
            tracing::warn!(
                channel = talk.to.0.id(),
                why,
                carried,
                "a joined message was refused; one by one"
            );
            talk.alone = talk.notices.iter().take(carried).cloned().collect();
            return talk;
        }
        // One after the other would wait for as many commits; together they share one.
        let recorded = batch.iter().take(carried).enumerate();
        let recorded = recorded.map(|(nth, one)| {
            // Several notices without a pace are one message, and counted once.
            let shown = (paced || nth == 0).then(|| notices.get(nth)).flatten();
            self.record(one, shown, &verdict, at, failures)
        });
        let done = futures_util::future::join_all(recorded).await;
        let parked = batch.iter().zip(done).filter(|(_, done)| matches!(done, Done::Parked));
        talk.parked = parked.map(|(one, _)| one.notice.id.clone()).collect();
        talk
    }

    /// Sends one message for several notices: by a channel with a pace as many as fit, by others all, as late
    /// ones of one incident.
    async fn send(&self, notices: &[Notice], paced: bool) -> Joined {
        let now = self.clock.now();
        if !paced && let Some(shown) = late::shown(notices, now, &self.texts) {
            let verdict = self.channels.send(&shown, &self.texts, now).await;
            return Joined { carried: notices.len(), verdict };
        }
        self.channels.send_joined(notices, &self.texts, now).await
    }

    /// Writes an answer down. `counted` is the message whose parts are counted.
    async fn record(
        &self,
        outgoing: &Outgoing,
        counted: Option<&Notice>,
        verdict: &Verdict,
        at: Timestamp,
        failures: &Failures,
    ) -> Done {
        let notice = &outgoing.notice;
        let attempt = outgoing.attempts.saturating_add(1);
        let delivery = |outcome, parts| Delivery { notice: notice.id.clone(), at, attempt, outcome, parts };
        match verdict.clone() {
            Verdict::Accepted => {
                failures.mended(notice.channel);
                let parts = counted.map_or(0, |one| self.channels.parts(one, &self.texts, at));
                self.report(delivery(Outcome::Accepted, parts)).await
            }
            Verdict::Refused { why } => {
                tracing::warn!(notice = %notice.id, channel = notice.channel.id(), why, "a notice was refused");
                self.report(delivery(Outcome::Refused { why }, 0)).await
            }
            Verdict::Retry { why, after } => {
                failures.log(notice.channel.id(), &why);
                let next = next_attempt_at(attempt, at, notice.due_at, after, fastrand::f64());
                self.postpone(delivery(Outcome::Retry { why }, 0), next, failures).await
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

async fn converse(
    this: Arc<Dispatcher>,
    to: (ChannelKind, String),
    batch: Vec<Outgoing>,
    failures: Arc<Failures>,
) -> Talk {
    this.deliver(to, batch, &failures).await
}

impl Busy {
    fn has(&self, id: &NoticeId) -> bool {
        self.running.contains_key(id) || self.parked.contains(id)
    }

    /// Notices of a channel with a pace, as the messages that may go out now; and when more may.
    fn joined(
        &mut self,
        channel: ChannelKind,
        pace: Pace,
        fresh: Vec<Outgoing>,
        now: Timestamp,
    ) -> (Vec<Vec<Outgoing>>, Option<Timestamp>) {
        let mut by_address: Vec<(String, Vec<Outgoing>)> = Vec::new();
        for one in fresh {
            match by_address.iter_mut().find(|(address, _)| *address == one.notice.address) {
                Some((_, some)) => some.push(one),
                None => by_address.push((one.notice.address.clone(), vec![one])),
            }
        }
        let (mut batches, mut next) = (Vec::new(), None::<Timestamp>);
        for (address, mut some) in by_address {
            let to = (channel, address);
            if self.addresses.contains(&to) {
                continue;
            }
            match self.paces.room(&to, pace, some.len(), now) {
                Room::Wait(until) => {
                    next = next.into_iter().chain([until]).min();
                    continue;
                }
                Room::One => some.truncate(1),
                Room::All if some.first().is_some_and(|one| self.alone.contains(&one.notice.id)) => {
                    some.truncate(1);
                }
                Room::All => some.retain(|one| !self.alone.contains(&one.notice.id)),
            }
            batches.push(some);
        }
        (batches, next)
    }

    fn started(&mut self, channel: ChannelKind, batch: &[Outgoing], paced: bool) -> (ChannelKind, String) {
        let address = batch.first().map(|one| one.notice.address.clone()).unwrap_or_default();
        let to = (channel, address);
        for one in batch {
            self.recoveries.tries(one);
        }
        self.running.extend(batch.iter().map(|one| (one.notice.id.clone(), channel)));
        *self.talks.entry(channel).or_default() += 1;
        if paced {
            self.addresses.insert(to.clone());
        }
        to
    }

    fn known(&self) -> usize {
        self.running.len() + self.parked.len()
    }

    /// Answers with the channel of the conversation; `None` when nobody knows it.
    fn finished(&mut self, talk: Result<Talk, tokio::task::JoinError>) -> Option<ChannelKind> {
        let talk = talk.ok()?;
        let channel = talk.to.0;
        for id in &talk.notices {
            self.running.remove(id);
            self.alone.remove(id);
        }
        if let Some(talks) = self.talks.get_mut(&talk.to.0) {
            *talks = talks.saturating_sub(1);
        }
        self.alone.extend(talk.alone);
        if let Some(accepted) = talk.accepted {
            self.recoveries.answered(talk.to.0, accepted, talk.answered_at);
        }
        if self.addresses.remove(&talk.to) {
            self.paces.answered(talk.to, talk.answered_at, talk.wait);
        }
        self.parked.extend(if outbox_is_cut() { talk.notices } else { talk.parked });
        Some(channel)
    }
}

/// How long ago the notice's incident was first seen, in microseconds.
fn since_seen(notice: &Notice, now: Timestamp) -> Option<i64> {
    let seen = notice.facts.detected_at?;
    i64::try_from(now.duration_since(seen).as_micros()).ok()
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
