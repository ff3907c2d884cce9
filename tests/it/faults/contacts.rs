//! The quiet test: once a week every contact's channels are knocked at, nobody gets a message by it, and the
//! administrators hear of what does not open and of its mending.

use jiff::{SignedDuration, Timestamp};

use super::{
    gateway::Mode,
    hours::{Hours, words},
    office::{ADMINISTRATOR, CHAIN},
};
use crate::support::mail::{Act, Point};

/// Monday 2026-11-23, 10:00 in Shanghai.
fn monday() -> Timestamp {
    "2026-11-23T02:00:00Z".parse().unwrap()
}

/// Lets the time until then pass in steps of an hour at most.
async fn until(hours: &Hours, at: Timestamp) {
    while hours.now() < at {
        hours.clock.set(at.min(hours.now() + SignedDuration::from_hours(1)));
        hours.settle().await;
    }
}

/// Waits until a test that began at that instant or in the hour after has ended so.
async fn tested(hours: &Hours, from: Timestamp, how: &str) {
    let told = async {
        loop {
            let value = hours.daemon.store().value("contacts/tested").await.unwrap().unwrap_or_default();
            let (at, ended) = value.split_once(' ').unwrap_or_default();
            let at: Timestamp = at.parse().unwrap_or(Timestamp::MIN);
            if ended == how && from <= at && at < from + SignedDuration::from_hours(1) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    if tokio::time::timeout(std::time::Duration::from_secs(60), told).await.is_err() {
        panic!("not {how} since {from} but {:?}", hours.daemon.store().value("contacts/tested").await);
    }
}

/// Lets time pass until three knocks have come: the pauses between them begin when a knock has been answered,
/// which is not seen from outside.
async fn three_knocks(hours: &Hours, knocked: impl Fn(&Hours) -> usize) {
    for _ in 0..2_000 {
        if knocked(hours) >= 3 {
            return;
        }
        hours.clock.advance(SignedDuration::from_secs(5));
        hours.settle().await;
    }
    panic!("{} knocks came", knocked(hours));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_monday_all_channels_are_knocked_at_and_nobody_is_disturbed() {
    let hours = Hours::start().await;
    hours.settle().await;
    until(&hours, monday() - SignedDuration::from_secs(1)).await;
    assert_eq!((hours.gateway.knocks(), hours.mail.conversations()), (0, 0), "not before its time");
    until(&hours, monday()).await;
    tested(&hours, monday(), "well").await;
    assert_eq!((hours.gateway.knocks(), hours.mail.conversations()), (1, 1));
    assert_eq!((hours.mail.letters().len(), hours.gateway.asked()), (0, 0), "nothing is sent to anybody");
    assert_eq!(hours.notices().await, [], "all is well: nobody is told");
    let next = monday() + SignedDuration::from_hours(7 * 24);
    until(&hours, next - SignedDuration::from_secs(1)).await;
    assert_eq!(hours.gateway.knocks(), 1);
    until(&hours, next).await;
    tested(&hours, next, "well").await;
    assert_eq!(hours.gateway.knocks(), 2);
    hours.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_open_is_told_to_the_administrators_and_so_is_its_mending() {
    let hours = Hours::start().await;
    hours.settle().await;
    hours.gateway.is(Mode::Fails);
    until(&hours, monday()).await;
    three_knocks(&hours, |hours| hours.gateway.knocks()).await;
    tested(&hours, monday(), "shut").await;
    let letters = hours.mail.wait_for(1).await;
    assert_eq!(letters.len(), 1, "only the administrator");
    let said = words(&hours.letters_to(ADMINISTRATOR.1)[0]);
    for part in ["通道预检（没有发消息）", "值班员", "的短信: HTTP 502", "yuqing check"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("邮件: "), "{said}");
    // Mended the same day; the next look is the day after, not the week after.
    hours.gateway.is(Mode::Fine);
    let tuesday = monday() + SignedDuration::from_hours(24);
    until(&hours, tuesday).await;
    tested(&hours, tuesday, "well").await;
    hours.mail.wait_for(2).await;
    let said = words(hours.letters_to(ADMINISTRATOR.1).last().unwrap());
    assert!(said.contains("所有联系人的通道都连得上了"), "{said}");
    hours.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_is_gone_is_found_before_it_is_needed_and_when_the_files_are_mended() {
    let hours = Hours::start().await;
    hours.settle().await;
    hours.mail_does(Some((Point::Recipient, Act::Say("550 5.1.1 no such user"))));
    until(&hours, monday()).await;
    three_knocks(&hours, |hours| hours.mail.conversations()).await;
    tested(&hours, monday(), "shut").await;
    hours.mail_does(None);
    // The text message to the administrator says who.
    let told = async {
        while hours.gateway.taken().is_empty() && hours.mail.letters().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), told).await.expect("nobody is told");
    let notice = hours.notices().await.into_iter().find(|one| one.notice.facts.note.contains("通道预检"));
    let note = notice.expect("a notice").notice.facts.note.clone();
    assert!(note.contains(CHAIN[1].0) && note.contains("邮件服务器拒绝收件人"), "{note}");
    assert!(!note.contains("leader@"), "whole addresses stand in no notice: {note}");
    // An office that mends its files is tested again then, not tomorrow.
    let contacts = hours.folder.path().join("contacts.toml");
    let text = std::fs::read_to_string(&contacts).unwrap().replace("leader@", "leader2@");
    std::fs::write(&contacts, text).unwrap();
    let now = hours.now();
    hours.daemon.reload().await.unwrap();
    tested(&hours, now, "well").await;
    hours.stop().await;
}
