//! The mailbox: a conversation by lettre, and one by hand.

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Attachment, MultiPart, header::ContentType},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::county;

#[tokio::test]
async fn a_mail_by_lettre_is_read_back_as_it_was_written() {
    let (county, _clock) = county(1).await;
    let address = county.mailbox.address();
    let mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
        .port(address.port())
        .build();
    let text = "第一行\n.\n..两点开头\n这一行很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长\n";
    let mail = Message::builder()
        .from("舆情监测 <yuqing@yanshi.invalid>".parse().expect("an address"))
        .to("值班员 <zhiban@yanshi.invalid>".parse().expect("an address"))
        .subject("【演示】重大: 青禾县人民医院收费窗口排队三小时，自助机全部停用，老人一直站着等")
        .message_id(Some("<one@yanshi.invalid>".to_owned()))
        .multipart(
            MultiPart::mixed()
                .multipart(MultiPart::alternative_plain_html(text.to_owned(), "<p>第一行</p>".to_owned()))
                .singlepart(
                    Attachment::new("舆情专报 2026-0001.docx".to_owned())
                        .body(b"PK\x03\x04".to_vec(), ContentType::TEXT_PLAIN),
                ),
        )
        .expect("a mail");
    mailer.send(mail).await.expect("accepted");

    assert!(county.mailbox.more_than(0).await);
    let mails = county.mailbox.mails();
    let [mail] = mails.as_slice() else { panic!("one mail, not {}", mails.len()) };
    assert_eq!(mail.to, ["zhiban@yanshi.invalid"]);
    assert_eq!(
        mail.subject(),
        "【演示】重大: 青禾县人民医院收费窗口排队三小时，自助机全部停用，老人一直站着等"
    );
    assert_eq!(mail.header("message-id").as_deref(), Some("<one@yanshi.invalid>"));
    assert_eq!(mail.text().replace("\r\n", "\n").trim_end(), text.trim_end());
    assert_eq!(mail.html().as_deref().map(str::trim), Some("<p>第一行</p>"));
    assert_eq!(mail.files(), [("舆情专报 2026-0001.docx".to_owned(), b"PK\x03\x04".to_vec())]);
    drop(mailer);
    county.stop().await;
}

/// Says the lines one after the other and gives all that was answered until the server closed.
async fn by_hand(address: std::net::SocketAddr, lines: &[&str]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    for line in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.expect("written");
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn the_conversation_keeps_its_order_and_unstuffs_dots() {
    let (county, _clock) = county(1).await;
    let address = county.mailbox.address();
    let codes = |answer: &str| -> Vec<String> {
        answer.lines().map(|line| line.chars().take(4).collect::<String>()).collect()
    };
    let answer = by_hand(
        address,
        &[
            "HELO a",
            "RCPT TO:<a@b.invalid>",
            "DATA",
            "MAIL FROM:<x@y.invalid>",
            "RCPT TO:<nobody>",
            "RSET",
            "NOOP",
            "WHAT",
            "QUIT",
        ],
    )
    .await;
    let want = ["220 ", "250 ", "503 ", "503 ", "250 ", "501 ", "250 ", "250 ", "500 ", "221 "];
    assert_eq!(codes(&answer), want, "{answer}");
    assert!(county.mailbox.mails().is_empty());

    let lines = [
        "EHLO a",
        "MAIL FROM:<x@y.invalid>",
        "RCPT TO:<a@b.invalid>",
        "RCPT TO:<c@d.invalid>",
        "DATA",
        "Subject: =?utf-8?Q?=E6=BC=94=E7=A4=BA_1?=",
        "",
        "..one",
        "two ",
        ".",
        "QUIT",
    ];
    let answer = by_hand(address, &lines).await;
    assert!(answer.contains("354 ") && answer.ends_with("221 2.0.0 bye\r\n"), "{answer}");
    let mails = county.mailbox.mails();
    assert_eq!(mails[0].to, ["a@b.invalid", "c@d.invalid"]);
    assert_eq!(mails[0].subject(), "演示 1");
    assert_eq!(mails[0].text(), ".one\r\ntwo \r\n");
    county.stop().await;
}

#[tokio::test]
async fn a_mail_broken_off_is_not_kept_and_a_huge_one_is_refused() {
    let (county, _clock) = county(1).await;
    let address = county.mailbox.address();
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let start = "EHLO a\r\nMAIL FROM:<x@y.invalid>\r\nRCPT TO:<a@b.invalid>\r\nDATA\r\nSubject: half\r\n";
    stream.write_all(start.as_bytes()).await.expect("written");
    stream.shutdown().await.expect("closed");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.contains("354 "));

    let line = "x".repeat(1_000);
    let mut lines = vec!["EHLO a", "MAIL FROM:<x@y.invalid>", "RCPT TO:<a@b.invalid>", "DATA"];
    lines.extend(std::iter::repeat_n(line.as_str(), 2_200));
    lines.extend([".", "QUIT"]);
    let answer = by_hand(address, &lines).await;
    assert!(answer.contains("552 "), "{answer}");
    assert!(county.mailbox.mails().is_empty());
    county.stop().await;
}
