//! The loop over the outbox, on a real store, with a desk that only writes deliveries down.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use yuqing::{
    desk::{Change, Input, Refused},
    dispatch::{
        Channel, Channels, Dispatcher, Verdict,
        channel::{Email, Sending},
    },
    model::{ChannelKind, Delivery, Notice, NoticeId, NoticeKind, NoticeState, Outcome},
    store::{Envelope, Inbox, SharedStore, SqliteStore},
    time::{Clock, Manual},
};

use super::notices::{at, email_settings, notice, texts};
use crate::support::mail::{Act, MailServer, Point, Script};

/// A channel that answers as told; without an answer left it accepts.
#[derive(Debug)]
struct Told {
    kind: ChannelKind,
    answers: Mutex<VecDeque<Option<Verdict>>>,
    started: mpsc::UnboundedSender<NoticeId>,
    release: Arc<Notify>,
}

impl Channel for Told {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn send<'a>(&'a self, notice: &'a Notice, _: &'a yuqing::dispatch::Texts, _: Timestamp) -> Sending<'a> {
        let answer = self.answers.lock().unwrap().pop_front();
        self.started.send(notice.id.clone()).unwrap();
        Box::pin(async move {
            match answer {
                None => Verdict::Accepted,
                Some(Some(verdict)) => verdict,
                // Waits to be released, like a server that hangs.
                Some(None) => {
                    self.release.notified().await;
                    Verdict::Accepted
                }
            }
        })
    }
}

fn later(why: &str) -> Option<Verdict> {
    Some(Verdict::Retry { why: why.to_owned(), after: None })
}

pub struct Stage {
    pub store: SharedStore,
    pub clock: Manual,
    wake: Arc<Notify>,
    cancel: CancellationToken,
    inbox: Inbox,
    pub deliveries: mpsc::UnboundedReceiver<Delivery>,
    refuse: Arc<Mutex<bool>>,
    pub channels: Channels,
    _desk: AbortOnDropHandle<()>,
    _folder: TempDir,
}

impl Stage {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).unwrap());
        let (inbox, door) = Inbox::new(64);
        let (told, deliveries) = mpsc::unbounded_channel();
        let refuse = Arc::new(Mutex::new(false));
        let desk = tokio::spawn(desk(door, Arc::clone(&store), told, Arc::clone(&refuse)));
        Self {
            store,
            clock: Manual::at(at(0)),
            wake: Arc::new(Notify::new()),
            cancel: CancellationToken::new(),
            inbox,
            deliveries,
            refuse,
            channels: Channels::default(),
            _desk: AbortOnDropHandle::new(desk),
            _folder: folder,
        }
    }

    fn told(
        &mut self,
        kind: ChannelKind,
        answers: impl IntoIterator<Item = Option<Verdict>>,
    ) -> (mpsc::UnboundedReceiver<NoticeId>, Arc<Notify>) {
        let (started, sends) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        let answers = Mutex::new(answers.into_iter().collect());
        let channel = Told { kind, answers, started, release: Arc::clone(&release) };
        self.channels = std::mem::take(&mut self.channels).with(Arc::new(channel));
        (sends, release)
    }

    pub async fn put(&self, notices: impl IntoIterator<Item = Notice>) {
        let changes = notices.into_iter().map(|one| Change::Notice(Box::new(one))).collect();
        self.store.commit(changes).await.unwrap();
        self.wake.notify_one();
    }

    pub fn run(&self) -> tokio::task::JoinHandle<()> {
        let dispatcher = Dispatcher {
            store: Arc::clone(&self.store),
            inbox: self.inbox.clone(),
            clock: Arc::new(self.clock.clone()),
            channels: self.channels.clone(),
            texts: texts(),
        };
        tokio::spawn(dispatcher.run(Arc::clone(&self.wake), self.cancel.clone()))
    }

    /// Until the dispatcher has nothing more to do at this instant: whatever it does goes through the store,
    /// and it looks there again when it is woken.
    pub async fn settle(&self) {
        for _ in 0..50 {
            self.wake.notify_one();
            self.store.ping().await.unwrap();
            tokio::task::yield_now().await;
        }
    }

    pub async fn state(&self, id: &str) -> NoticeState {
        self.store.notice(&NoticeId(id.to_owned())).await.unwrap().unwrap().state
    }
}

/// What the real desk does with a delivery, in short: the notice's state, committed, then the answer.
async fn desk(
    mut door: mpsc::Receiver<Envelope>,
    store: SharedStore,
    told: mpsc::UnboundedSender<Delivery>,
    refuse: Arc<Mutex<bool>>,
) {
    while let Some(Envelope { input, done, .. }) = door.recv().await {
        let Input::Delivery(delivery) = input else { panic!("{input:?}") };
        if *refuse.lock().unwrap() {
            let _ = done.send(Err(Refused("no such notice".to_owned())));
        } else {
            let mut notice = store.notice(&delivery.notice).await.unwrap().unwrap();
            notice.state = match &delivery.outcome {
                Outcome::Accepted => NoticeState::Accepted { at: delivery.at, arrived_at: None },
                Outcome::Refused { why } => NoticeState::Refused { at: delivery.at, why: why.clone() },
                Outcome::Retry { .. } => panic!("an attempt that is made again is no input"),
            };
            store.commit(vec![Change::Notice(Box::new(notice))]).await.unwrap();
            let _ = done.send(Ok(()));
        }
        let _ = told.send(delivery);
    }
}

fn numbered(number: i64, channel: ChannelKind) -> Notice {
    let mut one = notice(NoticeKind::Alert, channel);
    one.id = NoticeId(format!("{}/{number:03}", channel.id()));
    one.due_at = at(number);
    one
}

pub async fn next<T>(from: &mut mpsc::UnboundedReceiver<T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), from.recv()).await.expect("nothing came").unwrap()
}

#[tokio::test]
async fn it_drains_earliest_due_first() {
    let mut stage = Stage::new();
    let (mut sends, _) = stage.told(ChannelKind::Email, []);
    let numbers = [7, 3, 19, 1, 12, 5, 18, 2, 16, 4, 11, 6, 15, 8, 14, 9, 13, 10, 17, 20];
    stage.put(numbers.map(|number| numbered(number, ChannelKind::Email))).await;
    let running = stage.run();
    let mut order = Vec::new();
    for _ in numbers {
        order.push(next(&mut sends).await.0);
        next(&mut stage.deliveries).await;
    }
    let expected: Vec<_> = (1..=20).map(|number| format!("email/{number:03}")).collect();
    assert_eq!(order, expected);
    assert_eq!(stage.store.next_outgoing_at().await.unwrap(), None);
    stage.cancel.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_hung_channel_holds_up_no_other() {
    let mut stage = Stage::new();
    let (mut mails, _) = stage.told(ChannelKind::Email, vec![None; 99]);
    let (mut texts, _) = stage.told(ChannelKind::Sms, []);
    stage.put((0..30).map(|number| numbered(number, ChannelKind::Email))).await;
    stage.put((40..60).map(|number| numbered(number, ChannelKind::Sms))).await;
    let running = stage.run();
    for _ in 40..60 {
        next(&mut texts).await;
        let delivery = next(&mut stage.deliveries).await;
        assert!(delivery.notice.0.starts_with("sms/"), "{delivery:?}");
    }
    for _ in 0..8 {
        next(&mut mails).await;
    }
    assert!(mails.try_recv().is_err(), "conversations at a time are bounded");
    running.abort();
}

#[tokio::test]
async fn a_failure_is_tried_again_when_its_time_comes() {
    let mut stage = Stage::new();
    let (mut sends, _) = stage.told(ChannelKind::Email, [later("451 a"), later("451 a")]);
    let mut one = numbered(60, ChannelKind::Email);
    one.due_at = at(60);
    stage.put([one]).await;
    let _running = stage.run();
    for attempt in 1..=2_u32 {
        next(&mut sends).await;
        let waiting = wait_for_attempts(&stage, attempt).await;
        let wait = waiting.duration_since(stage.clock.now());
        let least = SignedDuration::from_secs(5 * i64::from(attempt));
        assert!(wait >= least && wait <= least * 2, "{wait}");
        stage.clock.set(waiting - SignedDuration::from_micros(1));
        stage.wake.notify_one();
        tokio::task::yield_now().await;
        assert!(sends.try_recv().is_err(), "not before its time");
        stage.clock.set(waiting);
    }
    next(&mut sends).await;
    let delivery = next(&mut stage.deliveries).await;
    assert_eq!((delivery.attempt, delivery.outcome), (3, Outcome::Accepted));
    assert!(sends.try_recv().is_err());
}

/// The attempt is written down by a task of its own; looks until it is there.
async fn wait_for_attempts(stage: &Stage, attempts: u32) -> Timestamp {
    let look = async {
        loop {
            let found = stage.store.notices(1).await.unwrap().remove(0);
            if found.attempts == attempts {
                return found.next_attempt_at;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), look).await.expect("the attempt was not written down")
}

#[tokio::test]
async fn a_refusal_goes_to_the_desk_at_once() {
    let mut stage = Stage::new();
    let refused = Verdict::Refused { why: "550".to_owned() };
    let (_sends, _) = stage.told(ChannelKind::Email, [Some(refused)]);
    stage.put([numbered(1, ChannelKind::Email)]).await;
    let _running = stage.run();
    let delivery = next(&mut stage.deliveries).await;
    assert_eq!(delivery.outcome, Outcome::Refused { why: "550".to_owned() });
    assert!(matches!(stage.state("email/001").await, NoticeState::Refused { .. }));
}

#[tokio::test]
async fn phone_tasks_and_exercises_are_not_sent() {
    let mut stage = Stage::new();
    let (mut calls, _) = stage.told(ChannelKind::Phone, []);
    let (mut drills, _) = stage.told(ChannelKind::Exercise, []);
    let (mut mails, _) = stage.told(ChannelKind::Email, []);
    stage
        .put([
            numbered(1, ChannelKind::Phone),
            numbered(2, ChannelKind::Exercise),
            numbered(3, ChannelKind::Email),
        ])
        .await;
    let _running = stage.run();
    next(&mut mails).await;
    next(&mut stage.deliveries).await;
    assert!(calls.try_recv().is_err() && drills.try_recv().is_err());
}

/// The desk does not know the notice: sent it was, so never again by this process.
#[tokio::test]
async fn what_the_desk_does_not_take_is_not_sent_twice() {
    let mut stage = Stage::new();
    *stage.refuse.lock().unwrap() = true;
    let (mut sends, _) = stage.told(ChannelKind::Email, []);
    stage.put([numbered(1, ChannelKind::Email)]).await;
    let _running = stage.run();
    next(&mut sends).await;
    next(&mut stage.deliveries).await;
    *stage.refuse.lock().unwrap() = false;
    stage.put([numbered(2, ChannelKind::Email)]).await;
    assert_eq!(next(&mut sends).await.0, "email/002");
    next(&mut stage.deliveries).await;
    assert!(sends.try_recv().is_err());
}

/// A stop waits for what is under way and starts nothing new.
#[tokio::test]
async fn a_stop_lets_conversations_end_and_be_recorded() {
    let mut stage = Stage::new();
    let (mut sends, release) = stage.told(ChannelKind::Email, [None]);
    stage.put([numbered(1, ChannelKind::Email)]).await;
    let running = stage.run();
    next(&mut sends).await;
    stage.cancel.cancel();
    stage.put([numbered(2, ChannelKind::Email)]).await;
    release.notify_one();
    running.await.unwrap();
    assert!(matches!(stage.state("email/001").await, NoticeState::Accepted { .. }));
    assert_eq!(stage.state("email/002").await, NoticeState::Pending);
    assert!(sends.try_recv().is_err());
}

#[tokio::test]
async fn a_channel_that_is_not_set_up_waits_for_the_office() {
    let mut stage = Stage::new();
    stage.put([numbered(60, ChannelKind::Sms)]).await;
    let running = stage.run();
    wait_for_attempts(&stage, 1).await;
    stage.cancel.cancel();
    running.await.unwrap();

    let (_sends, _) = stage.told(ChannelKind::Sms, []);
    stage.cancel = CancellationToken::new();
    stage.clock.advance(SignedDuration::from_mins(10));
    let _running = stage.run();
    assert_eq!(next(&mut stage.deliveries).await.outcome, Outcome::Accepted);
}

/// The whole way over a real connection: the server is away for a while, refuses one, and closes after
/// DATA; each message arrives once, the refused one never.
#[tokio::test]
async fn mails_arrive_once_through_a_server_with_bad_days() {
    let mut stage = Stage::new();
    let server = MailServer::start().await;
    stage.channels =
        Channels::default().with(Arc::new(Email::new(email_settings(server.address.port())).unwrap()));
    server.script(Point::Content, Act::Close);
    server.script(Point::Recipient, Act::Say("550 5.1.1 unknown"));
    server.script(Point::Connected, Act::Say("421 4.3.2 not now"));
    server.always(Some(Script { at: Point::Recipient, act: Act::Say("451 4.7.1 greylisted") }));
    // However long the bad days take: what is late goes out together.
    const NEVER_LATE: i64 = 1_000_000_000;
    stage.put((1..=6).map(|number| numbered(NEVER_LATE + number, ChannelKind::Email))).await;
    let _running = stage.run();
    server.wait_for_conversations(6).await;
    server.always(None);
    let mut outcomes = Vec::new();
    while outcomes.len() < 6 {
        if let Ok(delivery) = stage.deliveries.try_recv() {
            outcomes.push(delivery.outcome);
        }
        stage.clock.advance(SignedDuration::from_secs(1));
        tokio::task::yield_now().await;
    }
    assert_eq!(outcomes.iter().filter(|one| **one == Outcome::Accepted).count(), 5, "{outcomes:?}");
    let mut ids: Vec<_> =
        server.wait_for(5).await.iter().map(|one| one.raw_header("Message-ID").unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.letters().len()), (5, 5));
}

/// The same failure is one line in the log until the channel works again.
#[tokio::test]
async fn the_same_failure_is_logged_once() {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // While there is one subscriber only, a line that another test's thread reaches first is off for everybody.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut stage = Stage::new();
    let (mut sends, _) = stage.told(ChannelKind::Email, vec![later("451 busy"); 5]);
    stage.put([numbered(1, ChannelKind::Email)]).await;
    let _running = stage.run();
    for attempt in 1..=5_u32 {
        next(&mut sends).await;
        // The next attempt is dated when this one is written down: the clock may move only then.
        wait_for_attempts(&stage, attempt).await;
        stage.clock.advance(SignedDuration::from_mins(10));
    }
    // Another test's thread, which nobody listens to, may have been the first to come by that line.
    tracing::callsite::rebuild_interest_cache();
    next(&mut sends).await;
    next(&mut stage.deliveries).await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("451 busy").count(), 1, "{text}");
    assert_eq!(text.matches("sending works again").count(), 1, "{text}");
}

/// Killed between the server's 250 and its recording: the one instant in which a message goes out twice,
/// and then under the same Message-ID, so that mail programs show it once.
#[tokio::test]
async fn killed_before_the_acceptance_was_recorded_it_sends_the_same_message_again() {
    let mut stage = Stage::new();
    let server = MailServer::start().await;
    stage.channels =
        Channels::default().with(Arc::new(Email::new(email_settings(server.address.port())).unwrap()));
    stage.put([numbered(1, ChannelKind::Email)]).await;
    let killed = stage.run();
    let handle = killed.abort_handle();
    server.at_every_point(move |point| {
        if point == Point::Accepted {
            handle.abort();
        }
    });
    assert!(killed.await.unwrap_err().is_cancelled());
    assert_eq!(stage.state("email/001").await, NoticeState::Pending);

    server.at_every_point(|_| {});
    let _running = stage.run();
    next(&mut stage.deliveries).await;
    let ids: Vec<_> = server.letters().iter().map(|one| one.raw_header("Message-ID").unwrap()).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    assert!(matches!(stage.state("email/001").await, NoticeState::Accepted { .. }));
}
