//! A mail that was accepted comes back an hour later: what it had met is owed again, and the administrators hear of
//! the address.

use yuqing::model::{ChannelKind, DeadlineKind, DeadlineState, IncidentId, NoticeKind, NoticeState};

use super::hours::{Hours, words};
use crate::support::{
    mail::Letter,
    mailbox::{Mailbox, PASSWORD},
};

async fn hours(mailbox: &Mailbox) -> Hours {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("imap");
    std::fs::write(&secret, PASSWORD).unwrap();
    let more = format!(
        "[email.bounces]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\nuser = \"yuqing@office.invalid\"\n\
         password = \"file:{}\"\n",
        mailbox.port,
        secret.display()
    );
    Hours::with("30s", &more).await
}

/// What the recipient's server says of a letter, with the letter's header.
fn bounce(letter: &Letter) -> String {
    let header = letter.raw.split("\n\n").next().unwrap();
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.office.invalid (Mail Delivery System)\nTo: yuqing@office.invalid\n\
         Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nNo such mailbox.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.office.invalid\n\n\
         Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 <{}> User unknown\n\n\
         --b\nContent-Type: text/rfc822-headers\n\n{header}\n\n--b--\n",
        letter.to[0], letter.to[0]
    )
}

async fn report(hours: &Hours) -> DeadlineState {
    let view = hours.daemon.store().incident(IncidentId(1)).await.unwrap().unwrap();
    view.deadlines.into_iter().find(|limit| limit.kind == DeadlineKind::Report).unwrap().state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_comes_back_reopens_the_report_and_is_told_to_the_administrators() {
    let mailbox = Mailbox::start().await;
    let hours = hours(&mailbox).await;
    hours.push(0, 2_000).await;
    hours.settle().await;
    hours.mail.wait_for(1).await;
    assert!(matches!(report(&hours).await, DeadlineState::Met { .. }));

    let [letter] = &hours.letters_to("duty")[..] else { panic!("one letter") };
    mailbox.put(&bounce(letter)).await;
    let mut inputs = 0;
    while matches!(report(&hours).await, DeadlineState::Met { .. }) {
        hours.minutes(1).await;
        inputs += 1;
        assert!(inputs < 200, "the mail that came back is not heard of");
    }
    let mail = hours.notices().await.into_iter().map(|one| one.notice).find(|one| {
        one.kind == NoticeKind::Alert && one.contact == "值班员" && one.channel == ChannelKind::Email
    });
    let NoticeState::Refused { why, .. } = mail.unwrap().state else { panic!("it counts as told") };
    assert_eq!(why, "退信: 550 5.1.1 <d***@office.invalid> User unknown");
    hours.settle().await;
    let told = hours.letters_to("admin");
    assert!(
        told.iter().any(|letter| words(letter).contains("“值班员”的邮件送不到: 退信: 550 5.1.1")),
        "{told:?}"
    );
    assert_eq!(mailbox.count().await, (1, 0), "the mailbox is only read");
    hours.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_cannot_be_read_is_told_once_and_again_when_it_can() {
    let mailbox = Mailbox::start().await;
    let hours = hours(&mailbox).await;
    let port = mailbox.port;
    drop(mailbox);
    hours.push(0, 2_000).await;
    hours.settle().await;
    let heard = |words_of: &'static str| {
        let letters = hours.letters_to("admin");
        letters.iter().filter(|letter| words(letter).contains(words_of)).count()
    };
    let mut minutes = 0;
    while heard("邮件的送达情况查询不到") == 0 {
        hours.minutes(1).await;
        minutes += 1;
        assert!(minutes < 300, "nobody hears that what comes back is not seen");
    }
    assert!(minutes >= 15, "a restart of the mailbox is no fault: {minutes}");
    assert!(port > 0);
    hours.minutes(30).await;
    assert_eq!(heard("邮件的送达情况查询不到"), 1);
    hours.stop().await;
}
