//! Mail through a real SMTP server process, read back by an independent parser.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use yuqing::{
    config::channels::EmailSettings,
    dispatch::{Channel, Verdict, channel::Email},
    model::{ChannelKind, NoticeKind},
};

use super::notices::{at, email_settings, notice, texts};
use crate::support::certificates::Authority;

/// The interpreter for which Debian installs its modules.
const PYTHON: &str = "/usr/bin/python3";

struct RealServer {
    process: Child,
    port: u16,
}

impl RealServer {
    async fn start(maildir: &Path) -> Self {
        Self::start_with(maildir, &[]).await
    }

    async fn start_with(maildir: &Path, security: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mail/server.py");
        let mut process = Command::new(PYTHON)
            .arg(script)
            .arg(maildir)
            .args(security)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("this test needs Debian's python3 and python3-aiosmtpd (tests/all installs them)");
        let mut first = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut first).await.unwrap();
        let Ok(port) = first.trim().parse() else {
            let said = process.wait_with_output().await.unwrap();
            panic!(
                "the mail server did not start; this test needs Debian's python3-aiosmtpd (tests/all installs it)\n{}",
                String::from_utf8_lossy(&said.stderr)
            );
        };
        Self { process, port }
    }

    async fn stop(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().await.unwrap().success());
    }
}

async fn read_back(maildir: &Path) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/mail/read.py");
    let output = Command::new(PYTHON).arg(script).arg(maildir).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_mail_is_read_back_as_it_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let maildir = folder.path().join("mail");
    let server = RealServer::start(&maildir).await;
    // This server takes logins over TLS only.
    let settings = EmailSettings { user: None, password: None, ..email_settings(server.port) };
    let channel = Email::new(settings).unwrap();
    let words = texts();

    let mut duty = notice(NoticeKind::Rise, ChannelKind::Email);
    std::sync::Arc::make_mut(&mut duty.facts).mark = Some("演示".to_owned());
    std::sync::Arc::make_mut(&mut duty.facts).gist =
        "孩子高烧在急诊排队四小时无人接诊，家属称“没有人管”，院方尚未回应".to_owned();
    let mut leader = duty.clone();
    leader.id.0.push_str("/leader");
    leader.contact = "分管领导".to_owned();
    leader.address = "leader@qingchuan.example".to_owned();
    let mut nobody = leader.clone();
    nobody.address = "nobody@qingchuan.example".to_owned();

    assert_eq!(channel.send(&duty, &words, at(3)).await, Verdict::Accepted);
    assert!(matches!(channel.send(&nobody, &words, at(3)).await, Verdict::Refused { .. }));
    assert_eq!(channel.send(&leader, &words, at(3)).await, Verdict::Accepted);
    server.stop().await;

    let mails = read_back(&maildir).await;
    assert_eq!(mails.len(), 2);
    for (notice, other) in [(&duty, "leader@"), (&leader, "duty.officer@")] {
        let found = mails.iter().find(|mail| mail["to"][0][1] == notice.address.as_str());
        let mail = found.unwrap_or_else(|| panic!("no mail to {}", notice.address));
        let expected = words.mail(notice).unwrap();
        assert_eq!(mail["subject"], expected.subject);
        assert_eq!(mail["from"], serde_json::json!([["青川舆情", "yuqing@qingchuan.example"]]));
        assert_eq!(mail["to"], serde_json::json!([[notice.contact, notice.address]]));
        assert_eq!(mail["envelope_to"], notice.address.as_str());
        assert_eq!(mail["other_recipients"], serde_json::json!([]));
        assert!(!mail.to_string().contains(other), "another recipient shows");
        assert_eq!(mail["date"], "2026-11-21T06:03:00+00:00");
        assert_eq!(mail["type"], "multipart/alternative");
        assert_eq!(mail["parts"], serde_json::json!(["text/plain", "text/html"]));
        let same = |part: &str, words: &str| {
            assert_eq!(
                mail[part].as_str().unwrap().replace("\r\n", "\n").trim_end(),
                words.trim_end(),
                "{part}"
            );
        };
        same("text", &expected.text);
        same("html", &expected.html);
        assert!(mail["message_id"].as_str().unwrap().ends_with("@qingchuan.example>"));
        assert_eq!(mail["defects"], serde_json::json!([]));
    }
    assert_ne!(mails[0]["message_id"], mails[1]["message_id"]);
    assert_eq!(mails[0]["references"], mails[1]["references"]);
}

/// Runs a command of the program on an office, trusting these roots and no others.
async fn yuqing(office: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(arguments).arg("--office").arg(office).env("SSL_CERT_FILE", office.join("roots.pem"));
    command.env_remove("STATE_DIRECTORY").env("CREDENTIALS_DIRECTORY", office);
    command.output().await.unwrap()
}

/// The way that nearly every office will send: to a server that asks for a login and shows a certificate.
#[tokio::test]
async fn mail_goes_over_tls_to_a_server_that_is_who_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let office = folder.path().join("office");
    let made = yuqing(&office, &["init", "--unit", "柳河县医院"]).await;
    assert!(made.status.success(), "{made:?}");
    let write = |name: &str, text: &str| std::fs::write(office.join(name), text).unwrap();
    // The files are made for Notepad.
    let read = |name: &str| std::fs::read_to_string(office.join(name)).unwrap().replace("\r\n", "\n");
    write("smtp-password", "密码 1\n");
    let (known, unknown) = (Authority::new("known"), Authority::new("unknown"));
    write("roots.pem", &known.pem());
    let clerk =
        "\n[[contact]]\nname = \"办事员\"\nemail = \"banshi@yanshi.invalid\"\nchannels = [\"邮件\"]\n";
    write("contacts.toml", &format!("{}{clerk}", read("contacts.toml")));
    let settings = read("yuqing.toml");

    for security in ["tls", "starttls"] {
        for (what, signed, arrives) in [
            ("good", known.sign("127.0.0.1", 2120), true),
            ("expired", known.sign("127.0.0.1", 2021), false),
            ("of another host", known.sign("mail.example.cn", 2120), false),
            ("signed by nobody known", unknown.sign("127.0.0.1", 2120), false),
        ] {
            write("server.pem", &signed.certificate.pem());
            write("server.key", &signed.key.serialize_pem());
            let (maildir, pem, key) = (
                folder.path().join(format!("{security} {what}")),
                office.join("server.pem"),
                office.join("server.key"),
            );
            let files = [pem.to_str().unwrap(), key.to_str().unwrap()];
            let server = RealServer::start_with(&maildir, &[security, files[0], files[1]]).await;
            let email = format!(
                "\n[email]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"{security}\"\nuser = \"yuqing\"\n\
                 password = \"credential:smtp-password\"\nfrom = \"舆情值守 <yuqing@yanshi.invalid>\"\n",
                server.port
            );
            write("yuqing.toml", &format!("{settings}{email}"));
            let sent = yuqing(&office, &["send-test", "办事员"]).await;
            server.stop().await;
            let said = String::from_utf8_lossy(&sent.stdout);
            assert_eq!(sent.status.success(), arrives, "{security}, {what}: {sent:?}");
            assert_eq!(read_back(&maildir).await.len(), usize::from(arrives), "{security}, {what}: {said}");
            assert!(arrives || said.contains("证书"), "{security}, {what}: {said}");
        }
    }
}
