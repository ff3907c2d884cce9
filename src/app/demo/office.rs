//! The office of the demo: a folder with the files that a real office would have, pointing at the made-up
//! county, in a place that is gone afterwards.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{County, Place, secret};

/// The demo's mail domain; `.invalid` never leads anywhere.
const DOMAIN: &str = "yanshi.invalid";

/// Contacts of the demo's plan: name, invented person, mailbox, number.
pub const CONTACTS: [(&str, &str, &str, &str); 8] = [
    ("值班员", "演示·周值班", "zhiban", "19900000001"),
    ("带班领导", "演示·吴带班", "daiban", "19900000002"),
    ("领导小组办公室主任", "演示·郑主任", "bangongshi", "19900000003"),
    ("领导小组组长", "演示·王组长", "zuzhang", "19900000004"),
    ("总值班室", "演示·总值班", "zongzhiban", "19900000005"),
    ("协同处置单位", "演示·协同", "xietong", "19900000006"),
    ("上级总值班室", "演示·上级", "shangji", "19900000007"),
    ("系统管理员", "演示·管理员", "guanli", "19900000008"),
];

/// The mailbox of a contact of the demo.
#[must_use]
pub fn mailbox_of(contact: &str) -> Option<String> {
    CONTACTS.iter().find(|(name, ..)| *name == contact).map(|(_, _, local, _)| format!("{local}@{DOMAIN}"))
}

/// The contact behind a mailbox or a number of the demo.
#[must_use]
pub fn contact_at(address: &str) -> Option<&'static str> {
    let local = address.split('@').next().unwrap_or_default();
    CONTACTS
        .iter()
        .find(|(_, _, mailbox, phone)| *mailbox == local || *phone == address)
        .map(|(name, ..)| *name)
}

/// A folder that is removed with all that is in it when it is dropped.
#[derive(Debug)]
pub struct DemoFolder(PathBuf);

impl DemoFolder {
    /// A new, empty folder that only this user can read.
    ///
    /// # Errors
    /// When the system's folder for temporary files cannot be written.
    pub fn new() -> io::Result<Self> {
        let name: String = secret()?.chars().take(16).collect();
        let path = std::env::temp_dir().join(format!("yuqing-demo-{name}"));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for DemoFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder could not be removed");
        }
    }
}

/// Writes the office's files into `folder`: the county's four sites as sources, its mail server and
/// gateway, contacts for the shipped demo plan, the unit's keywords. `console` is where the console
/// listens.
///
/// # Errors
/// When a file cannot be written.
pub fn office_files(county: &County, folder: &Path, console: SocketAddr) -> io::Result<()> {
    for inner in ["sources.d", "keywords", "secrets"] {
        fs::create_dir_all(folder.join(inner))?;
    }
    let secrets = folder.join("secrets");
    fs::write(secrets.join("sms-key"), &county.gateway_key)?;
    fs::write(secrets.join("sms-reply"), &county.reply_secret)?;
    fs::write(folder.join("yuqing.toml"), settings(county, &secrets, console))?;
    fs::write(folder.join("contacts.toml"), contacts())?;
    fs::write(folder.join("sources.d/demo.toml"), sources(county))?;
    fs::write(folder.join("keywords").join(format!("{}.txt", county.story.unit)), keywords(county))
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn settings(county: &County, secrets: &Path, console: SocketAddr) -> String {
    let story = &county.story;
    let aliases: Vec<_> = story.aliases.iter().map(|alias| quoted(alias)).collect();
    let mail = county.mailbox.address();
    let file = |name: &str| quoted(&format!("file:{}", secrets.join(name).display()));
    format!(
        r#"# 演示: 由 yuqing demo 写成，结束时删除。单位、人物、地点均为虚构。
locale = "zh-CN"
zone = "Asia/Shanghai"

[[unit]]
name = {unit}
aliases = [{aliases}]
plan = "demo"
keywords = [{list}]

[console]
listen = "{console}"
login = "none"
public_url = "http://{console}"

[email]
host = "{mail_host}"
port = {mail_port}
security = "plain"
from = "舆情监测（演示） <yuqing@{DOMAIN}>"
timeout = "10s"

[sms]
method = "POST"
url = "{sms}"
body = '{{"phone":{{{{ phone|tojson }}}},"text":{{{{ text|tojson }}}}}}'
hmac_key = {sms_key}
signed = "{{{{ body }}}}"
idempotency_header = "Idempotency-Key"
success = {{ status = "200-299", json = "$.code", equals = "0" }}
refuse = {{ json = "$.code", values = ["1001"] }}
timeout = "10s"
allow_private = true
reply_secret = {reply}
[sms.headers]
Content-Type = "application/json"
X-Signature = "{{{{ signature }}}}"
"#,
        unit = quoted(story.unit),
        aliases = aliases.join(", "),
        list = quoted(&format!("keywords/{}.txt", story.unit)),
        mail_host = mail.ip(),
        mail_port = mail.port(),
        sms = county.gateway.url(),
        sms_key = file("sms-key"),
        reply = file("sms-reply"),
    )
}

fn contacts() -> String {
    let table = |(name, person, local, phone): &(&str, &str, &str, &str)| {
        format!(
            "[[contact]]\nname = {}\nperson = {}\nemail = \"{local}@{DOMAIN}\"\nphone = \"{phone}\"\n\
             channels = [\"邮件\", \"短信\"]\ndetail = \"全文\"\n\n",
            quoted(name),
            quoted(person)
        )
    };
    CONTACTS.iter().map(table).collect()
}

fn sources(county: &County) -> String {
    let base = |place| county.sites.base(place);
    // Polled each second: the story lasts one minute.
    let common = "interval = \"1s\"\npace = \"1s\"\ntimeout = \"5s\"\nallow_private = true\n";
    format!(
        "[[page]]\nname = \"青禾论坛\"\npreset = \"discuz-list\"\nbase = \"{forum}\"\n\
         parameters = {{ fid = \"2\" }}\nsite = \"青禾论坛\"\n{common}\n\
         [[api]]\nname = \"演示微博\"\npreset = \"weibo-search\"\nbase = \"{weibo}\"\nsite = \"演示微博\"\n{common}\n\
         [[api]]\nname = \"演示短视频\"\npreset = \"douyin-search\"\nbase = \"{douyin}\"\nsite = \"演示短视频\"\n{common}\n\
         [[feed]]\nname = \"青禾新闻\"\npreset = \"rss\"\nurl = \"{news}/atom.xml\"\nsite = \"青禾新闻\"\n{common}",
        forum = base(Place::Forum),
        weibo = base(Place::Weibo),
        douyin = base(Place::Douyin),
        news = base(Place::News),
    )
}

fn keywords(county: &County) -> String {
    let story = &county.story;
    let aliases = story.aliases.join("\n");
    format!("# 演示用的关键词\n\n[本单位]\n{}\n检索: 是\n\n[简称]\n{aliases}\n", story.unit)
}
