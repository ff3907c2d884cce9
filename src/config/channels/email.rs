//! `[email]`: the mail server, by hand or by the name of its provider.

use std::time::Duration;

use secrecy::SecretString;

use super::timeout;
use crate::config::sheet::{Spot, Table, Word};

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte (usually port 465).
    Tls,
    /// STARTTLS, required (usually port 587 or 25).
    StartTls,
    /// Plain text; for a relay on the same host or in the office's own network.
    Plain,
}

/// The `[email]` table.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is secured.
    pub security: MailSecurity,
    /// Login, when it wants one.
    pub user: Option<String>,
    /// Password, resolved from its reference.
    pub password: Option<SecretString>,
    /// Sender, `名称 <address>` or an address.
    pub from: String,
    /// Bound on one whole conversation (connect to QUIT).
    pub timeout: Duration,
    /// How messages are signed; `None`: by the mail server, or not.
    pub dkim: Option<DkimSettings>,
    /// Where mails that could not be delivered come back to; `None`: nobody reads them.
    pub bounces: Option<BounceSettings>,
    /// Whether papers go with the mails of tiers that the plan wants a 专报 for.
    pub papers: bool,
}

/// `bounces = { … }`: the sender's mailbox, read by IMAP.
#[derive(Debug, Clone)]
pub struct BounceSettings {
    /// Host name of the IMAP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is secured.
    pub security: MailSecurity,
    /// Login; that of `[email]` unless written.
    pub user: String,
    /// Password, resolved from its reference; that of `[email]` unless written.
    pub password: SecretString,
    /// The folder that mail comes to.
    pub folder: String,
}

/// `dkim = { … }`: for a server of the office's own that does not sign.
#[derive(Debug, Clone)]
pub struct DkimSettings {
    /// Where the public key stands: `selector._domainkey.domain`.
    pub selector: String,
    /// The signing domain; that of `from` unless written.
    pub domain: String,
    /// PEM of an RSA (2,048 bits or more) or Ed25519 private key.
    pub key: SecretString,
}

/// Mail providers by the names that people know them by: host of the SMTP server, TLS on 465 at each
/// (their help pages on "SMTP/IMAP 设置", read 2026-11).
///
/// Each has its mailboxes at the same name with `imap` for `smtp`, TLS on 993.
const PROVIDERS: [Word<&str>; 6] = [
    ("qq", "QQ邮箱", "smtp.qq.com"),
    ("exmail", "腾讯企业邮", "smtp.exmail.qq.com"),
    ("163", "网易163", "smtp.163.com"),
    ("126", "网易126", "smtp.126.com"),
    ("sina", "新浪", "smtp.sina.com"),
    ("aliyun", "阿里企业邮箱", "smtp.qiye.aliyun.com"),
];

const SECURITIES: [Word<MailSecurity>; 3] = [
    ("tls", "tls", MailSecurity::Tls),
    ("starttls", "starttls", MailSecurity::StartTls),
    ("plain", "plain", MailSecurity::Plain),
];

/// Reads `[email]`; faults go to the table's sheet.
pub(in crate::config) fn read_email(table: &Table<'_>) -> Option<EmailSettings> {
    let provider = table.word("provider", &PROVIDERS);
    let preset =
        provider.as_ref().map(|provider| Spot::new(provider.span(), (*provider.get_ref()).to_owned()));
    let host = if table.has("provider") && !table.has("host") {
        preset
    } else {
        table.need_text("host", "smtp.example.gov.cn")
    };
    let port = table.whole("port", 1..=65_535);
    let security = match table.word("security", &SECURITIES) {
        None if provider.is_some() && !table.has("security") => {
            Some(Spot::new(table.place_of("provider"), MailSecurity::Tls))
        }
        written => written,
    };
    if !table.has("security") && !table.has("provider") {
        table.sheet().fault(
            table.span(),
            "[email] 缺少 security",
            "加一行 security = \"tls\"（465 端口）、\"starttls\"（587 端口）或 \"plain\"",
        );
    }
    let user = table.text("user").filter(|user| !user.get_ref().is_empty());
    let password = table.secret("password");
    let from = table.need_text("from", "舆情值守 <yuqing@example.gov.cn>");
    let timeout = timeout(table, 30);
    let papers = table.flag("papers", true);
    let dkim = table.table("dkim").and_then(|dkim| read_dkim(&dkim, from.as_ref()));
    let of_email = OfEmail {
        imap: provider.as_ref().map(|provider| provider.get_ref().replacen("smtp.", "imap.", 1)),
        user: user.as_ref().map(|user| user.get_ref().clone()),
        password: password.clone(),
    };
    let bounces = read_bounces(table, of_email);
    table.finish();
    if provider.is_some() && user.is_none() {
        let hint =
            "加两行 user = \"完整的邮箱\" 和 password = \"credential:smtp-password\"（授权码，不是登录密码）";
        table.sheet().fault(table.place_of("provider"), "这家邮箱要登录才能发信", hint);
    }
    if user.is_some() != table.has("password") {
        let hint = "要登录就写 user 和 password = \"credential:smtp-password\"；不登录就都不写";
        table.sheet().fault(table.place_of("user"), "user 和 password 只写了一个", hint);
    }
    if let Some(from) = &from
        && from.get_ref().parse::<lettre::message::Mailbox>().is_err()
    {
        let message = format!("\"{}\" 不是发件人", from.get_ref());
        table.sheet().fault(from.span(), message, "写成 \"舆情值守 <yuqing@example.gov.cn>\" 或只写邮箱");
    }
    let security = security?.into_inner();
    if user.is_some() && security == MailSecurity::Plain {
        let hint = "改为 security = \"starttls\" 或 \"tls\"；只有本机或内网的中继才可以明文登录";
        table.sheet().warn(table.place_of("security"), "密码会在网络上明文传送", hint);
    }
    let usual = match security {
        MailSecurity::Tls => 465,
        MailSecurity::StartTls => 587,
        MailSecurity::Plain => 25,
    };
    Some(EmailSettings {
        host: host?.into_inner(),
        port: port.and_then(|port| u16::try_from(port.into_inner()).ok()).unwrap_or(usual),
        security,
        user: user.map(Spot::into_inner),
        password,
        from: from?.into_inner(),
        timeout,
        dkim,
        bounces,
        papers,
    })
}

/// What holds for the mailbox unless something else is written.
struct OfEmail {
    imap: Option<String>,
    user: Option<String>,
    password: Option<SecretString>,
}

/// Reads `bounces`: `false`, `true`, or a table. With a provider the mailbox is known, and read unless that is refused.
fn read_bounces(table: &Table<'_>, of_email: OfEmail) -> Option<BounceSettings> {
    let known = of_email.imap.is_some() && of_email.user.is_some() && of_email.password.is_some();
    let written = match table.flag_or_else("bounces") {
        Some(false) => return None,
        Some(true) => None,
        None if table.has("bounces") => Some(table.table("bounces")?),
        None if known => None,
        None => return None,
    };
    let (mut host, mut user, mut password) = (of_email.imap, of_email.user, of_email.password);
    let (mut port, mut security, mut folder) = (None, None, None);
    if let Some(own) = &written {
        host = own.text("host").map(Spot::into_inner).or(host);
        port = own.whole("port", 1..=65_535).and_then(|port| u16::try_from(port.into_inner()).ok());
        security = own.word("security", &SECURITIES).map(Spot::into_inner);
        user = own.text("user").map(Spot::into_inner).or(user);
        password = if own.has("password") { own.secret("password") } else { password };
        folder = own.text("folder").map(Spot::into_inner).filter(|name| !name.is_empty());
        own.finish();
    }
    let place = table.place_of("bounces");
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        let hint = "写成 bounces = { host = \"imap.example.gov.cn\" }，即发件邮箱的收信（IMAP）服务器";
        table.sheet().fault(place, "bounces 缺少 host", hint);
        return None;
    };
    let (Some(user), Some(password)) = (user, password) else {
        let hint = "在 [email] 或 bounces 里写 user 和 password = \"credential:smtp-password\"";
        table.sheet().fault(place, "读退信要登录收件箱", hint);
        return None;
    };
    let security = security.unwrap_or(MailSecurity::Tls);
    if security == MailSecurity::Plain {
        let hint = "改为 security = \"tls\"；只有本机或内网的服务器才可以明文登录";
        table.sheet().warn(place, "收信密码会在网络上明文传送", hint);
    }
    let usual = if security == MailSecurity::Tls { 993 } else { 143 };
    let folder = folder.unwrap_or_else(|| "INBOX".to_owned());
    Some(BounceSettings { host, port: port.unwrap_or(usual), security, user, password, folder })
}

fn read_dkim(table: &Table<'_>, from: Option<&Spot<String>>) -> Option<DkimSettings> {
    let selector = table.need_text("selector", "yuqing");
    let domain = table.text("domain").map(Spot::into_inner).filter(|text| !text.is_empty());
    let key = table.secret("key");
    if !table.has("key") {
        let hint = "加 key = \"credential:dkim-key\"，里面放 PEM 格式的私钥";
        table.sheet().fault(table.span(), "[email.dkim] 缺少 key", hint);
    }
    table.finish();
    let of_sender = || {
        let from: lettre::message::Mailbox = from?.get_ref().parse().ok()?;
        Some(from.email.domain().to_owned())
    };
    Some(DkimSettings { selector: selector?.into_inner(), domain: domain.or_else(of_sender)?, key: key? })
}
