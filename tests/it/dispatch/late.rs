//! What goes out after an outage: the gravest first, one message an incident and address, at once when the
//! channel works again, and no storm on a recipient that fails alone.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use yuqing::{
    dispatch::{Channel, Texts, Verdict, channel::Sending},
    model::{ChannelKind, IncidentId, Notice, NoticeId, NoticeKind, NoticeState, Outcome},
    time::Clock as _,
};

use super::{
    notices::{at, notice},
    outbox::{Stage, next},
};

/// A mail server that takes nothing, or nothing for some.
#[derive(Debug)]
struct Moody {
    down: Arc<Mutex<bool>>,
    never: BTreeSet<String>,
    sent: mpsc::UnboundedSender<Notice>,
}

impl Channel for Moody {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn send<'a>(&'a self, notice: &'a Notice, _: &'a Texts, _: Timestamp) -> Sending<'a> {
        self.sent.send(notice.clone()).unwrap();
        let fails = *self.down.lock().unwrap() || self.never.contains(&notice.address);
        let later = Verdict::Retry { why: "451".to_owned(), after: None };
        Box::pin(std::future::ready(if fails { later } else { Verdict::Accepted }))
    }
}

struct Scene {
    stage: Stage,
    down: Arc<Mutex<bool>>,
    sent: mpsc::UnboundedReceiver<Notice>,
    _running: tokio_util::task::AbortOnDropHandle<()>,
}

async fn scene(down: bool, never: &[&str], notices: Vec<Notice>) -> Scene {
    let mut stage = Stage::new();
    let (tell, sent) = mpsc::unbounded_channel();
    let down = Arc::new(Mutex::new(down));
    let never = never.iter().map(|one| (*one).to_owned()).collect();
    let channel = Moody { down: Arc::clone(&down), never, sent: tell };
    stage.channels = std::mem::take(&mut stage.channels).with(Arc::new(channel));
    stage.put(notices).await;
    let running = tokio_util::task::AbortOnDropHandle::new(stage.run());
    Scene { stage, down, sent, _running: running }
}

/// Owed by an incident to an address, due so many minutes from now.
fn owed(incident: u64, rank: usize, address: &str, due: i64, nth: u32) -> Notice {
    let mut one = notice(NoticeKind::Escalation, ChannelKind::Email);
    one.id = NoticeId(format!("{incident}/1/escalation/{nth}/{address}/email"));
    one.incident = Some(IncidentId(incident));
    (one.rank, one.due_at, one.created_at) = (rank, at(due), at(due - 5));
    address.clone_into(&mut one.address);
    std::sync::Arc::make_mut(&mut one.facts).note = format!("第 {nth} 步");
    one
}

#[tokio::test]
async fn the_gravest_goes_first_however_long_the_others_are_late() {
    let who = ["a@x.example", "b@x.example", "c@x.example"];
    let of = |incident: u64, rank: usize, due: i64| who.map(|who| owed(incident, rank, who, due, 0));
    // The older an incident, the lighter.
    let all = [of(1, 1, -180), of(2, 2, -120), of(3, 3, -10)].concat();
    let mut scene = scene(false, &[], all).await;
    let mut ranks = Vec::new();
    for _ in 0..9 {
        ranks.push(next(&mut scene.sent).await.rank);
        next(&mut scene.stage.deliveries).await;
    }
    assert_eq!(ranks, [3, 3, 3, 2, 2, 2, 1, 1, 1]);
}

#[tokio::test]
async fn what_one_is_owed_of_one_incident_comes_as_one_message_that_says_how_late_it_is() {
    let mut all: Vec<Notice> =
        (0..12).map(|nth| owed(1, 3, "a@x.example", -180 + 10 * i64::from(nth), nth)).collect();
    all.push(owed(2, 3, "a@x.example", -60, 0));
    all.push(owed(1, 3, "a@x.example", 5, 99));
    let mut scene = scene(false, &[], all).await;
    let mut sent = Vec::new();
    for _ in 0..14 {
        assert_eq!(next(&mut scene.stage.deliveries).await.outcome, Outcome::Accepted);
    }
    while let Ok(one) = scene.sent.try_recv() {
        sent.push(one);
    }
    assert_eq!(sent.len(), 3, "one an incident, and what is in time goes by itself");
    let joined = sent.iter().find(|one| one.facts.note.contains("第 11 步")).expect("the newest is shown");
    let note = &joined.facts.note;
    assert!(note.contains("第 10 步") && note.contains("另有 4 条同类通知"), "{note}");
    assert!(note.contains("本通知应于 11:00 前送达，因发送受阻晚了 3 小时"), "{note}");
    let timely = sent.iter().find(|one| one.facts.note.contains("第 99 步")).expect("it goes out");
    assert_eq!(timely.facts.note, "第 99 步");
}

#[tokio::test]
async fn a_channel_that_works_again_sends_at_once_and_tries_no_one_without_pause() {
    let who = ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "never@x.example"];
    let all = who.iter().enumerate().map(|(nth, who)| owed(nth as u64 + 1, nth, who, -1, 0)).collect();
    let mut scene = scene(true, &["never@x.example"], all).await;
    let clock = scene.stage.clock.clone();
    let until = |minutes| at(0) + SignedDuration::from_mins(minutes);
    // Half an hour of failures.
    for minute in 1..=30 {
        clock.set(until(minute));
        scene.stage.settle().await;
    }
    while scene.sent.try_recv().is_ok() {}
    *scene.down.lock().unwrap() = false;
    // The waits are five minutes long by now and do not end together.
    let mut accepted = 0;
    let first = loop {
        clock.advance(SignedDuration::from_secs(10));
        scene.stage.settle().await;
        while scene.stage.deliveries.try_recv().is_ok() {
            accepted += 1;
        }
        if accepted > 0 {
            break clock.now();
        }
        assert!(clock.now() < until(40), "nothing is tried any more");
    };
    for _ in 0..20 {
        scene.stage.settle().await;
    }
    while scene.stage.deliveries.try_recv().is_ok() {
        accepted += 1;
    }
    assert_eq!((accepted, clock.now()), (4, first), "all others at the very instant of the first");
    let mut to_never = 0;
    while let Ok(one) = scene.sent.try_recv() {
        to_never += usize::from(one.address.starts_with("never"));
    }
    assert!(to_never <= 12, "tried {to_never} times");
    let state = scene.stage.state("5/1/escalation/0/never@x.example/email").await;
    assert_eq!(state, NoticeState::Pending, "and never given up");
}
