//! Email against a scripted server, and what a mail looks like on the wire.

use std::{sync::Arc, time::Duration};

use tokio::net::TcpListener;
use yuqing::{
    config::channels::{EmailSettings, MailSecurity},
    dispatch::{
        Channel, Verdict,
        channel::{Email, masked},
    },
    model::{ChannelKind, Notice, NoticeId, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, email_settings, notice, texts},
};
use crate::support::mail::{Act, Letter, MailServer, Point};

struct MailRig(MailServer);

fn settings(server: &MailServer) -> EmailSettings {
    email_settings(server.address.port())
}

impl Rig for MailRig {
    async fn set_up(play: Play) -> Self {
        let server = MailServer::start().await;
        match play {
            Play::Accept => {}
            Play::Later => server.script(Point::Recipient, Act::Say("451 4.7.1 greylisted, come again")),
            Play::Refuse => {
                server.script(Point::Recipient, Act::Echo("550 5.1.1 <{to}> no such user, {login}"));
            }
            Play::Hang => server.script(Point::Connected, Act::Hang),
            Play::Garbage => server.script(Point::Connected, Act::Say("HTTP/1.1 400 \u{7} Bad Request")),
            Play::Close => server.script(Point::Content, Act::Close),
            Play::Echo => server.script(Point::Content, Act::Echo("451 4.3.0 <{to}> of {login} failed")),
        }
        Self(server)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        let timeout = Duration::from_millis(500);
        Arc::new(Email::new(EmailSettings { timeout, ..settings(&self.0) }).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        Arc::new(Email::new(email_settings(free)).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.letters().len()
    }

    fn secrets() -> Vec<&'static str> {
        vec!["correct-horse-battery", "duty.officer@"]
    }
}

#[tokio::test]
async fn email_passes_the_battery() {
    battery::run::<MailRig>().await;
}

async fn verdict_at(point: Point, act: Act) -> Verdict {
    let server = MailServer::start().await;
    server.script(point, act);
    let channel =
        Email::new(EmailSettings { timeout: Duration::from_millis(500), ..settings(&server) }).unwrap();
    channel.send(&notice(NoticeKind::Alert, ChannelKind::Email), &texts(), at(0)).await
}

/// Only what is said of the recipient or of the message is final; the rest is the office's to mend.
#[tokio::test]
async fn what_a_refusal_means_depends_on_where_it_comes() {
    let refused = [
        (Point::Recipient, "550 5.1.1 unknown"),
        (Point::Recipient, "553 5.1.3 bad address"),
        (Point::Data, "554 5.7.1 no"),
        (Point::Content, "554 5.7.1 looks like spam"),
    ];
    for (point, words) in refused {
        let verdict = verdict_at(point, Act::Say(words)).await;
        assert!(matches!(&verdict, Verdict::Refused { .. }), "{point:?} {words}: {verdict:?}");
    }
    let waits = [
        (Point::Connected, "554 5.7.1 not you"),
        (Point::Hello, "421 4.3.2 going down"),
        (Point::Sender, "550 5.7.1 sender not allowed"),
        (Point::Recipient, "450 4.2.1 busy"),
        (Point::Recipient, "552 5.2.2 mailbox full"),
        (Point::Data, "421 4.3.2 going down"),
        (Point::Content, "452 4.3.1 no room"),
        (Point::Content, "251 something else"),
    ];
    for (point, words) in waits {
        let verdict = verdict_at(point, Act::Say(words)).await;
        assert!(matches!(&verdict, Verdict::Retry { .. }), "{point:?} {words}: {verdict:?}");
    }
    for point in [Point::Hello, Point::Sender, Point::Recipient, Point::Data, Point::Content] {
        for act in [Act::Hang, Act::Close] {
            let verdict = verdict_at(point, act).await;
            assert!(matches!(&verdict, Verdict::Retry { .. }), "{point:?} {act:?}: {verdict:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_serves_the_mails_that_follow_until_the_server_has_enough() {
    let server = MailServer::start().await;
    let channel = Email::new(settings(&server)).unwrap();
    let (alert, texts) = (notice(NoticeKind::Alert, ChannelKind::Email), texts());
    for _ in 0..3 {
        assert_eq!(channel.send(&alert, &texts, at(0)).await, Verdict::Accepted);
    }
    assert_eq!((server.letters().len(), server.connections()), (3, 1));
    // "421" to the next mail: it goes out by a new connection, at once.
    server.script(Point::Recipient, Act::Say("250 2.1.5 fine"));
    assert_eq!(channel.send(&alert, &texts, at(0)).await, Verdict::Accepted);
    assert_eq!((server.letters().len(), server.connections()), (4, 2));
    // Nobody needs it any more: it is ended, politely and soon.
    server.wait_until_quiet().await;
}

async fn sent(notice: &Notice) -> Letter {
    let server = MailServer::start().await;
    let channel = Email::new(settings(&server)).unwrap();
    assert_eq!(channel.send(notice, &texts(), at(3)).await, Verdict::Accepted);
    server.wait_for(1).await.remove(0)
}

#[tokio::test]
async fn a_mail_has_one_recipient_and_the_headers_of_its_thread() {
    let alert = sent(&notice(NoticeKind::Alert, ChannelKind::Email)).await;
    assert_eq!(alert.from, "yuqing@qingchuan.example");
    assert_eq!(alert.to, ["duty.officer@qingchuan.example"]);
    assert_eq!(alert.subject(), "【重大】青川县人民医院: 孩子高烧在急诊排队四小时无人接诊");
    assert_eq!(alert.raw_header("Date").unwrap(), "Sat, 21 Nov 2026 06:03:00 +0000");
    assert_eq!(alert.raw_header("Auto-Submitted").unwrap(), "auto-generated");
    assert!(alert.header("To").unwrap().contains("总值班室"), "{:?}", alert.header("To"));
    assert!(alert.raw_header("Cc").is_none() && alert.raw_header("Bcc").is_none());
    assert!(alert.raw_header("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(alert.raw.is_ascii(), "old relays are not all 8-bit clean");
    assert!(alert.raw.lines().all(|line| line.len() <= 998));

    let again = sent(&notice(NoticeKind::Alert, ChannelKind::Email)).await;
    let rise = sent(&notice(NoticeKind::Rise, ChannelKind::Email)).await;
    let id = |letter: &Letter| letter.raw_header("Message-ID").unwrap();
    assert_eq!(id(&alert), id(&again), "the same notice is the same message");
    assert_ne!(id(&alert), id(&rise));
    assert!(id(&alert).starts_with('<') && id(&alert).ends_with("@qingchuan.example>"), "{}", id(&alert));
    for name in ["References", "In-Reply-To"] {
        assert_eq!(alert.raw_header(name).unwrap(), rise.raw_header(name).unwrap());
    }
    let mut other = notice(NoticeKind::Alert, ChannelKind::Email);
    other.incident = Some(yuqing::model::IncidentId(13));
    assert_ne!(sent(&other).await.raw_header("References"), alert.raw_header("References"));
}

#[tokio::test]
async fn nothing_that_others_wrote_can_add_a_header() {
    let mut evil = notice(NoticeKind::Alert, ChannelKind::Email);
    evil.id = NoticeId("12\r\nX-Evil: 1".to_owned());
    evil.contact = "总值班室\r\nX-Evil: 2".to_owned();
    std::sync::Arc::make_mut(&mut evil.facts).unit = "医院\r\nX-Evil: 3".to_owned();
    std::sync::Arc::make_mut(&mut evil.facts).gist = "要点\nX-Evil: 4\r\n\r\n<script>".to_owned();
    let letter = sent(&evil).await;
    assert!(letter.raw_header("X-Evil").is_none(), "{}", letter.raw);
    assert_eq!(letter.to.len(), 1);

    evil.address = "a@qingchuan.example>\r\nRCPT TO:<b@qingchuan.example".to_owned();
    let server = MailServer::start().await;
    let verdict = Email::new(settings(&server)).unwrap().send(&evil, &texts(), at(0)).await;
    assert!(matches!(&verdict, Verdict::Refused { .. }), "{verdict:?}");
    assert_eq!(server.conversations(), 0);
}

/// A server that offers no encryption gets neither the password nor the message.
#[tokio::test]
async fn required_encryption_is_required() {
    let server = MailServer::start().await;
    let settings = EmailSettings { security: MailSecurity::StartTls, ..settings(&server) };
    let one = notice(NoticeKind::Alert, ChannelKind::Email);
    let verdict = Email::new(settings).unwrap().send(&one, &texts(), at(0)).await;
    let Verdict::Retry { why, .. } = verdict else { panic!("{verdict:?}") };
    assert!(why.starts_with("与邮件服务器建立加密失败: "), "{why}");
    assert!(server.letters().is_empty());
}

#[test]
fn wrong_settings_are_named() {
    let wrong = |settings: EmailSettings| Email::new(settings).unwrap_err().to_string();
    let from = wrong(EmailSettings { from: "青川 <nobody>".to_owned(), ..email_settings(25) });
    assert!(from.starts_with("[email] from: nobody: "), "{from}");
    let password = wrong(EmailSettings { password: None, ..email_settings(25) });
    assert_eq!(password, "[email] user: user and password go together");
}

#[test]
fn addresses_are_masked() {
    assert_eq!(masked("duty.officer@qingchuan.example"), "d***@qingchuan.example");
    assert_eq!(masked("13812345678"), "138****5678");
    assert_eq!(masked("110"), "****");
}
