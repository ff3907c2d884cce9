//! `yuqing check` knocks at every kind of channel, sends nothing, and says where nobody opens.

use std::{path::Path, process::Command};

use super::{
    gateway::{Gateway, Mode},
    office,
};
use crate::support::mail::{Act, MailServer, Point, Script};

/// Every other kind of channel, all at one port.
fn tables(folder: &Path, port: u16) -> String {
    std::fs::write(
        folder.join("secret"),
        format!("http://127.0.0.1:{port}/robot/send?access_token=0f2c9a7b"),
    )
    .unwrap();
    let secret = format!("file:{}", folder.join("secret").display());
    let base = format!("http://127.0.0.1:{port}");
    format!(
        "[[robot]]\nname = \"值班群\"\nkind = \"钉钉\"\nkey = \"{secret}\"\nallow_private = true\n\n\
         [[webhook]]\nname = \"指挥平台\"\nurl = \"{base}/hook?id={{{{ key }}}}\"\nallow_private = true\n\n\
         [[webhook]]\nname = \"告警\"\nformat = \"alertmanager\"\nurl = \"{base}/api/v2/alerts\"\nallow_private = true\n\n\
         [ntfy]\nurl = \"{base}\"\nallow_private = true\n\n\
         [voice]\nurl = \"{base}/call\"\nbody = '{{\"to\":{{{{ phone|tojson }}}}}}'\nallow_private = true\n\n"
    )
}

fn check(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.arg("check").args(arguments).arg("--office").arg(folder);
    command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

struct Stage {
    folder: tempfile::TempDir,
    mail: MailServer,
    sms: Gateway,
    others: Gateway,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mail, sms, others) = (MailServer::start().await, Gateway::start().await, Gateway::start().await);
        let more = tables(folder.path(), others.port);
        office::write(folder.path(), mail.address.port(), sms.port, "30s", &more);
        // Confirm links need an address.
        let settings = folder.path().join("yuqing.toml");
        let text = std::fs::read_to_string(&settings).unwrap()
            + "[console]\npublic_url = \"https://yuqing.example\"\n";
        std::fs::write(settings, text).unwrap();
        Self { folder, mail, sms, others }
    }

    async fn check(&self, arguments: &'static [&'static str]) -> (Option<i32>, String) {
        let folder = self.folder.path().to_owned();
        tokio::task::spawn_blocking(move || check(&folder, arguments)).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_knocks_at_every_kind_of_channel_and_sends_nothing() {
    let stage = Stage::new().await;
    let (code, said) = stage.check(&[]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!((stage.sms.knocks(), stage.others.knocks()), (1, 5), "{said}");
    assert_eq!((stage.sms.asked(), stage.others.asked(), stage.mail.letters().len()), (0, 0, 0));
    let (code, _) = stage.check(&["--offline"]).await;
    assert_eq!((code, stage.others.knocks()), (Some(0), 5), "offline is offline");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_in_the_offices_language_where_nobody_opens() {
    let stage = Stage::new().await;
    stage.sms.is(Mode::Fails);
    stage.others.is(Mode::Fails);
    stage.mail.always(Some(Script { at: Point::Recipient, act: Act::Say("550 5.1.1 no such user") }));
    let (code, said) = stage.check(&[]).await;
    assert_eq!(code, Some(2), "{said}");
    for part in [
        "[sms] 短信网关 连不上（HTTP 502）",
        "[[robot]] 值班群 连不上（HTTP 502）",
        "[[webhook]] 指挥平台 连不上（HTTP 502）",
        "[[webhook]] 告警 连不上（HTTP 502）",
        "[ntfy] 连不上（HTTP 502）",
        "[voice] 语音网关 连不上（HTTP 502）",
        "邮件服务器不收给 duty@office.invalid 的信（邮件服务器拒绝收件人",
        "contacts.toml",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("0f2c9a7b"), "a robot's address is a secret: {said}");

    let settings = stage.folder.path().join("yuqing.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(settings, format!("locale = \"en\"\n{text}")).unwrap();
    let (_, said) = stage.check(&[]).await;
    for part in [
        "[sms] the SMS gateway cannot be reached (HTTP 502)",
        "[[robot]] 值班群 cannot be reached (HTTP 502)",
        "the mail server takes no mail for head@office.invalid",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
