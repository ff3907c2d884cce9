//! What comes back: mails as servers of many kinds write them, read from a real mailbox.

use yuqing::{
    config::channels::{BounceSettings, MailSecurity},
    dispatch::channel::{
        Heard,
        bounce::{Bounces, Report, may_be_report, report},
        public_key,
    },
    locale::Locale,
    model::{ChannelKind, Fate, NoticeKind},
};

use super::notices::{at, notice};
use crate::support::mailbox::{Mailbox, PASSWORD};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn read(mail: &str) -> Option<Report> {
    let mail = mail.replace("{key}", KEY).replace('\n', "\r\n");
    let header = mail.split("\r\n\r\n").next().unwrap().as_bytes();
    let read = report(mail.as_bytes(), Locale::ZhCn);
    assert!(read.is_none() || may_be_report(header), "what is a report is read");
    read
}

fn why(mail: &str) -> String {
    match read(mail) {
        Some(Report { keys, fate: Fate::Returned { why } }) => {
            assert!(keys.contains(&KEY.to_owned()), "{keys:?}");
            why
        }
        other => panic!("{other:?}"),
    }
}

/// A report after RFC 3464, with these fields of the recipient.
fn status(fields: &str, last: &str) -> String {
    format!(
        "From: Mail Delivery Subsystem <mailer-daemon@mx.example>\nSubject: Delivery Status Notification\n\
         Content-Type: multipart/report; report-type=\"delivery-status\";\n boundary=\"==b==\"\n\n\
         --==b==\nContent-Type: text/plain; charset=utf-8\n\nwords\n\
         --==b==\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n\
         --==b==\n{last}\n--==b==--\n"
    )
}

const HEADERS: &str = "Content-Type: text/rfc822-headers\n\nMessage-ID: <{key}@office.example>\nSubject: x\n";

#[test]
fn fields_for_machines_say_what_became_of_it() {
    let failed = "Final-Recipient: rfc822; z@b.example\nAction: failed\nStatus: 5.2.2\n\
                  Diagnostic-Code: smtp; 552 5.2.2 Mailbox full,\n  try later\n";
    assert_eq!(why(&status(failed, HEADERS)), "退信: 552 5.2.2 Mailbox full, try later");
    let short = "final-recipient: rfc822;z@b.example\naction: Failed (no route)\nstatus: 5.4.4\n";
    assert_eq!(why(&status(short, HEADERS)), "退信: 5.4.4");
    let delayed = "Final-Recipient: rfc822; z@b.example\nAction: delayed\nStatus: 4.4.7\n";
    assert_eq!(read(&status(delayed, HEADERS)), None, "it still tries");
    let delivered = "Final-Recipient: rfc822; z@b.example\nAction: delivered\nStatus: 2.0.0\n";
    assert_eq!(read(&status(delivered, HEADERS)).unwrap().fate, Fate::Arrived);
    assert_eq!(read(&status("Final-Recipient: rfc822; z@b.example\n", HEADERS)), None, "no action");
}

#[test]
fn our_message_is_found_whole_in_base64_or_in_a_reference() {
    let failed = "Action: failed\nStatus: 5.1.1\n";
    let whole = "Content-Type: message/rfc822\n\nMessage-ID: <{key}@office.example>\nSubject: x\n\ntext\n";
    assert_eq!(why(&status(failed, whole)), "退信: 5.1.1");
    let packed = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode(format!("Message-ID: <{KEY}@office.example>\r\nSubject: x\r\n"))
    };
    let packed =
        format!("Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n{packed}\n");
    assert_eq!(why(&status(failed, &packed)), "退信: 5.1.1");
    let none = "Content-Type: text/rfc822-headers\n\nSubject: x\n";
    let referred = status(failed, none)
        .replace("Subject: Delivery", "References: <{key}@office.example>\nSubject: Delivery");
    assert_eq!(why(&referred), "退信: 5.1.1");
    assert_eq!(read(&status(failed, none)), None, "of no message of ours");
}

#[test]
fn letters_of_machines_are_understood_and_those_of_people_are_not() {
    let letter = |from: &str, subject: &str, body: &str| {
        format!(
            "From: {from}\nSubject: {subject}\nIn-Reply-To: <{{key}}@office.example>\n\
             Content-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
    };
    let words = "来自 qinghe.example 的退信\n\n收件人不存在。\n550 Mailbox not found\n";
    let mail = letter("PostMaster <PostMaster@mail.example>", "=?utf-8?B?57O757uf6YCA5L+h?=", words);
    assert_eq!(why(&mail), "退信: 系统退信 550 Mailbox not found");
    let mail = letter(
        "Mailer-Daemon@mx.example",
        "Mail delivery failed: returning message to sender",
        "5.1.1 unknown",
    );
    assert_eq!(why(&mail), "退信: Mail delivery failed: returning message to sender 5.1.1 unknown");
    let mail = letter("Mailer-Daemon@mx.example", "Warning: message delayed 24 hours", "it failed so far");
    assert_eq!(read(&mail), None);
    let mail = letter("Mailer-Daemon@mx.example", "Your quota", "550 of 600 MB");
    assert_eq!(read(&mail), None);
    for subject in ["Re: 【较大】舆情", "自动回复: 外出", "Undeliverable food at the canteen, 退信"]
    {
        assert_eq!(read(&letter("周明 <zhouming@office.example>", subject, "收到")), None, "{subject}");
    }
    // GBK, as some servers still write.
    let (subject, ..) = encoding_rs::GBK.encode("退信通知");
    let mut mail =
        b"From: postmaster@mx.example\r\nContent-Type: text/plain; charset=gbk\r\nSubject: =?gbk?B?".to_vec();
    {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        mail.extend(STANDARD.encode(&subject).bytes());
    }
    mail.extend(format!("?=\r\n\r\n<{KEY}@office.example> ").bytes());
    mail.extend(encoding_rs::GBK.encode("用户不存在").0.iter());
    let Some(Report { fate: Fate::Returned { why }, .. }) = report(&mail, Locale::ZhCn) else { panic!() };
    assert!(why.contains("退信通知") && why.contains("用户不存在"), "{why}");
}

fn settings(mailbox: &Mailbox) -> BounceSettings {
    BounceSettings {
        host: "127.0.0.1".to_owned(),
        port: mailbox.port,
        security: MailSecurity::Plain,
        user: "yuqing@office.invalid".to_owned(),
        password: PASSWORD.to_owned().into(),
        folder: "INBOX".to_owned(),
    }
}

#[tokio::test]
async fn a_real_mailbox_is_read_from_where_it_was_read_last_and_nothing_is_marked() {
    let mailbox = Mailbox::start().await;
    let bounces = Bounces::new(settings(&mailbox));
    let mut one = notice(NoticeKind::Alert, ChannelKind::Email);
    one.address = "zhou@office.invalid".to_owned();
    let all = std::slice::from_ref(&one);
    let now = at(0);
    assert_eq!(bounces.heard(all, Locale::ZhCn, now).await, Ok(Vec::new()), "an empty mailbox");
    let failed =
        status("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 zhou@office.invalid?\n", HEADERS);
    let failed = failed.replace("{key}", &public_key(&one));
    mailbox.put("From: a@b.example\nSubject: hello\n\nwords\n").await;
    mailbox.put(&failed).await;
    mailbox.put("From: a@b.example\nSubject: later\n\nwords\n").await;
    assert_eq!(
        bounces.heard(&[], Locale::ZhCn, now).await,
        Ok(Vec::new()),
        "the desk does not know of it yet"
    );
    let expected = Heard {
        notice: one.id.clone(),
        fate: Fate::Returned { why: "退信: 5.1.1 550 z***@office.invalid?".to_owned() },
    };
    assert_eq!(bounces.heard(all, Locale::ZhCn, now).await, Ok(vec![expected.clone()]), "it is remembered");
    assert_eq!(bounces.heard(all, Locale::ZhCn, now).await, Ok(vec![expected]));
    assert_eq!(mailbox.count().await, (3, 0));
    assert_eq!(bounces.look_in(Locale::ZhCn).await, Ok(()));
}

#[tokio::test]
async fn what_is_wrong_with_the_mailbox_is_said_with_its_mend_and_without_the_password() {
    let mailbox = Mailbox::start().await;
    let said = |settings: BounceSettings| async move {
        Bounces::new(settings).look_in(Locale::ZhCn).await.unwrap_err()
    };
    let wrong = said(BounceSettings { password: "hunter22".to_owned().into(), ..settings(&mailbox) }).await;
    assert!(wrong.contains("开通 IMAP") && !wrong.contains("hunter22"), "{wrong}");
    let folder = said(BounceSettings { folder: "退信".to_owned(), ..settings(&mailbox) }).await;
    assert!(folder.contains("folder"), "{folder}");
    let secured = said(BounceSettings { security: MailSecurity::Tls, ..settings(&mailbox) }).await;
    assert!(secured.contains("加密失败"), "{secured}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = said(BounceSettings { port: nobody, ..settings(&mailbox) }).await;
    assert!(away.contains("连接收信服务器失败"), "{away}");
}

#[tokio::test]
async fn starttls_is_asked_for_and_a_strange_certificate_is_not_taken() {
    let authority = crate::support::certificates::Authority::new("fremd");
    let made = authority.sign("localhost", 2099);
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.certificate.pem()).unwrap();
    std::fs::write(&key, made.key.serialize_pem()).unwrap();
    let tls = format!("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n", cert.display(), key.display());
    let mailbox = Mailbox::start_with(&tls).await;
    let wanted = BounceSettings {
        security: MailSecurity::StartTls,
        host: "localhost".to_owned(),
        ..settings(&mailbox)
    };
    let said = Bounces::new(wanted).look_in(Locale::ZhCn).await.unwrap_err();
    assert!(said.contains("加密失败") && said.contains("certificate"), "{said}");
}
