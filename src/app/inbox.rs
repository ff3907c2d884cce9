//! The one loop that feeds the desk: it takes what waits at the door, lets the desk decide, commits inputs
//! and all they caused in one transaction, and only then acknowledges. Time is an input like any other.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use jiff::SignedDuration;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info};

use super::reserve::Reserve;
use crate::{
    desk::{Change, Desk, Input, LiveSet, Operations, Refused, Setup},
    fault::FaultPoint,
    locale::Locale,
    model::{Evidence, Fragment, Shown, text_hash},
    store::{Beside, Envelope, SharedStore},
    time::{SharedClock, SmallShare},
};

/// Inputs of one transaction at most.
const BATCH: usize = 512;
/// Pause before a failed commit is tried again.
const COMMIT_PAUSE: Duration = Duration::from_millis(500);
/// The clock is looked at at least this often, so that a stepped clock is noticed.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);

/// The desk with what it needs to run.
#[derive(Debug)]
pub struct DeskLoop {
    /// The desk.
    pub desk: Desk,
    /// Inputs at the door.
    pub inputs: mpsc::Receiver<Envelope>,
    /// Where changes are kept.
    pub store: SharedStoreDebug,
    /// Business time.
    pub clock: SharedClockDebug,
    /// Tells dispatch that the outbox has something new.
    pub outbox: Arc<Notify>,
    /// Where the set of live members is published.
    pub live: watch::Sender<Arc<LiveSet>>,
    /// The office's files as the desk needs them; a change is taken over between two batches.
    pub setup: watch::Receiver<Setup>,
    /// Whether the published set of live members is behind the desk.
    pub stale: bool,
    /// How often that set is made.
    pub publishing: SmallShare,
    /// Beats while the loop runs and the store commits; feeds the watchdog.
    pub beat: watch::Sender<jiff::Timestamp>,
    /// Room on the disk that is given up when it is full, so that this can still be told.
    pub reserve: Reserve,
    /// Whether the disk took nothing lately and has not been found well since.
    pub waits_for_room: bool,
    /// Number of its last commit.
    pub commits: u64,
}

/// A store in a struct that can be printed.
#[derive(Clone)]
pub struct SharedStoreDebug(pub SharedStore);
/// A clock in a struct that can be printed.
#[derive(Clone)]
pub struct SharedClockDebug(pub SharedClock);

impl std::fmt::Debug for SharedStoreDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("store")
    }
}

impl std::fmt::Debug for SharedClockDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("clock")
    }
}

/// Writes into the record of an act from where it came; the desk has no use for that.
fn came_from(from: Option<String>, caused: &mut [Change]) {
    if let Some(from) = from {
        for change in caused {
            if let Change::Entry(row) = change
                && row.kind == crate::model::Entry::ACT
            {
                row.from = Some(from.clone());
            }
        }
    }
}

/// What is kept with an input that the desk took.
fn kept_beside(input: &Input, beside: Beside, caused: &[Change]) -> Option<Change> {
    match beside {
        Beside::Shown(shown) => evidence_of(input, &shown, caused),
        Beside::File(file) => Some(Change::File(file)),
        Beside::Version(version) => Some(Change::FileVersion(version)),
    }
}

/// Evidence of a mention's post, when the desk has kept it as a member.
fn evidence_of(input: &Input, shown: &Shown, caused: &[Change]) -> Option<Change> {
    let Input::Mention(mention) = input else { return None };
    let post = &mention.post;
    let kept = |change: &Change| matches!(change, Change::Post(row) if row.post.key == post.key);
    caused.iter().any(kept).then(|| {
        Change::Evidence(Box::new(Evidence {
            post: post.key.clone(),
            shown: shown.clone(),
            text_sha256: text_hash(post),
            fragment: Some(Fragment { post: post.clone(), counters: mention.counters }),
        }))
    })
}

impl DeskLoop {
    /// Runs until `cancel`; then what already waits at the door is still taken.
    pub async fn run(mut self, cancel: CancellationToken) {
        self.publish();
        let clock = self.clock.0.clone();
        loop {
            let now = clock.now();
            let latest = now.saturating_add(LONGEST_WAIT).unwrap_or(jiff::Timestamp::MAX);
            let due = self.desk.next_due().unwrap_or(latest).min(latest);
            tokio::select! {
                biased;
                first = self.inputs.recv() => match first {
                    Some(first) => self.take_batch(first).await,
                    None => break,
                },
                changed = self.setup.changed() => {
                    if changed.is_ok() {
                        let setup = self.setup.borrow_and_update().clone();
                        self.desk.reconfigure(setup, clock.now());
                        info!("the desk has taken the office's files anew");
                    } else {
                        self.inputs.close();
                    }
                }
                () = cancel.cancelled() => self.inputs.close(),
                () = clock.sleep_until(due) => self.tick().await,
                () = self.publishing.due(), if self.stale => self.publish(),
            }
            if cancel.is_cancelled() {
                self.inputs.close();
                while let Ok(envelope) = self.inputs.try_recv() {
                    self.take_batch(envelope).await;
                }
                break;
            }
        }
        debug!("the desk has stopped");
    }

    async fn tick(&mut self) {
        let now = self.clock.0.now();
        if self.desk.next_due().is_some_and(|due| due <= now) {
            let changes = self.desk.take(&Input::Tick, now).unwrap_or_default();
            self.commit(changes).await;
        }
        self.look_for_room().await;
        self.beat.send_replace(now);
    }

    /// Says that the disk is well again once the reserve finds room on it.
    async fn look_for_room(&mut self) {
        if self.waits_for_room && self.reserve.refill() {
            self.waits_for_room = false;
            info!("the disk takes writes again");
            let mended = self.of_the_disk(false, "");
            self.commit(mended).await;
        }
    }

    /// What the desk makes of a fault of the disk, or of its mending.
    fn of_the_disk(&mut self, broken: bool, why: &str) -> Vec<Change> {
        let locale = self.setup.borrow().locale;
        let text = match (broken, locale) {
            (true, Locale::ZhCn) => {
                format!("数据库所在的磁盘写不进去（{why}）。新内容暂不确认收到，腾出空间后自动继续，不用重启")
            }
            (true, Locale::En) => format!(
                "the database's disk takes no writes ({why}). What comes in is not confirmed meanwhile; make room and it goes on by itself"
            ),
            (false, locale) => {
                locale.pick("数据库所在的磁盘已能写入", "the database's disk takes writes again").to_owned()
            }
        };
        let operations = Operations { subject: "store/disk".to_owned(), broken, text };
        self.desk.take(&Input::Operations(operations), self.clock.0.now()).unwrap_or_default()
    }

    async fn take_batch(&mut self, first: Envelope) {
        let mut changes = Vec::new();
        let mut waiting = Vec::new();
        let mut seen = Vec::new();
        let mut next = Some(first);
        while let Some(Envelope { input, beside, from, done }) = next {
            let now = self.clock.0.now();
            if let Input::Mention(mention) = &input
                && tracing::enabled!(tracing::Level::TRACE)
            {
                seen.push(mention.seen_at);
            }
            // What fell due before this input came is decided first, so that the order of the
            // record is the order of time.
            if self.desk.next_due().is_some_and(|due| due <= now) {
                changes.extend(self.desk.take(&Input::Tick, now).unwrap_or_default());
            }
            let answer = self.desk.take(&input, now).map(|mut caused| {
                came_from(from, &mut caused);
                changes.extend(beside.and_then(|beside| kept_beside(&input, beside, &caused)));
                changes.extend(caused);
            });
            waiting.push((done, answer));
            next = if waiting.len() < BATCH { self.inputs.try_recv().ok() } else { None };
        }
        self.commit(changes).await;
        for seen_at in seen {
            let micros = micros_between(seen_at, self.clock.0.now());
            tracing::trace!(micros, point = "desk.durable", "a post and all it caused are durable");
        }
        for (done, answer) in waiting {
            // Whoever offered it may have been cancelled meanwhile; the input is kept all the same.
            let _: Result<(), Result<(), Refused>> = done.send(answer);
        }
        self.look_for_room().await;
        self.beat.send_replace(self.clock.0.now());
    }

    /// Commits, however long it takes: the desk has decided in memory, so going on without the commit
    /// would grade twice after a restart. Nothing is acknowledged meanwhile.
    ///
    /// A failure may come after the write, so each batch has a number under which it is written once, and what is
    /// to be told of the disk meanwhile is a batch of its own.
    async fn commit(&mut self, changes: Vec<Change>) {
        let mut next = changes;
        while !next.is_empty() {
            next = self.commit_batch(only_latest(next)).await;
        }
    }

    /// Commits one batch; answers with what is to be told of a disk that would not take it.
    async fn commit_batch(&mut self, changes: Vec<Change>) -> Vec<Change> {
        let mut of_the_disk = Vec::new();
        self.commits += 1;
        let moved = changes
            .iter()
            .any(|change| matches!(change, Change::Post(_) | Change::Incident(_) | Change::State(_)));
        FaultPoint::BeforeCommit.pass();
        let mut failed = 0_u32;
        while let Err(problem) = self.store.0.commit_numbered(self.commits, changes.clone()).await {
            failed += 1;
            if problem.is_of_the_disk() {
                if !self.waits_for_room {
                    self.waits_for_room = true;
                    error!(error = %problem, point = "disk", "the disk takes no writes: make room; nothing that was confirmed is lost");
                    // The reserve's room may be enough to write this down, and then to send it.
                    self.reserve.release();
                    of_the_disk = self.of_the_disk(true, &problem.to_string());
                }
                // It lives and waits: a supervisor that restarts it would help nobody.
                self.beat.send_replace(self.clock.0.now());
            }
            if failed.is_power_of_two() {
                error!(error = %problem, attempts = failed, "a commit failed and is tried again; inputs wait");
            }
            tokio::time::sleep(COMMIT_PAUSE).await;
        }
        FaultPoint::AfterCommit.pass();
        if failed > 0 {
            info!(attempts = failed, "a commit that had failed is made");
        }
        let told = changes.iter().any(|change| matches!(change, Change::Notice(_)));
        if told {
            self.outbox.notify_one();
        }
        self.stale |= moved;
        // Making the set anew costs as much as the incidents that changed have members; a busy desk lets a
        // few batches pass. Collect's question is a sieve only: the desk decides again.
        if self.stale && self.publishing.is_due() {
            self.publish();
        }
        of_the_disk
    }

    fn publish(&mut self) {
        let Self { publishing, live, desk, .. } = self;
        publishing.turn(|| live.send_replace(Arc::new(desk.publish())));
        self.stale = false;
    }
}

/// Of the rows of one incident that a batch brought, the last, in the place of the first, where what refers to it finds
/// it; and of the desk's own row the last. In a storm hundreds of posts of a batch change one incident.
fn only_latest(changes: Vec<Change>) -> Vec<Change> {
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    let mut places = BTreeMap::new();
    for change in changes {
        let whose = match &change {
            Change::Incident(row) => Some(row.id),
            Change::State(_) => None,
            _ => {
                kept.push(change);
                continue;
            }
        };
        match places.entry(whose) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(change);
            }
            Entry::Occupied(place) => {
                if let Some(earlier) = kept.get_mut(*place.get()) {
                    *earlier = change;
                }
            }
        }
    }
    kept
}

/// How long after one instant another is, in microseconds.
fn micros_between(from: jiff::Timestamp, until: jiff::Timestamp) -> i64 {
    i64::try_from(until.duration_since(from).as_micros()).unwrap_or(i64::MAX)
}
