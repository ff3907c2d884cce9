//! Knocks at the configured channels without sending anything (see [`Channels::knock`]); what does not open
//! is a fault of the file in which it is mended.

use crate::{
    config::{Fault, Office},
    dispatch::{Channels, Unreached},
    locale::Locale,
    model::ChannelKind,
};

/// Tries what is configured.
pub(super) fn try_all(office: &Office) -> anyhow::Result<Vec<Fault>> {
    let settings = &office.settings;
    let channels = match Channels::new(settings) {
        Ok(channels) => channels,
        // A template or a path that reads as text but cannot be used.
        Err(error) => {
            let hint = settings.locale.pick("改掉这个键再检查", "mend this key and check again");
            let file = office.folder.path("yuqing.toml");
            return Ok(vec![Fault::of_file(&file, error.to_string(), Some(hint.to_owned()))]);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let unreached = runtime.block_on(channels.knock(&office.contacts.everybody(), settings.locale));
    Ok(unreached.iter().map(|one| fault(office, one)).collect())
}

fn fault(office: &Office, unreached: &Unreached) -> Fault {
    let locale = office.settings.locale;
    let at = unreached.shut.at.as_deref();
    let mailbox = at.filter(|_| unreached.channel == ChannelKind::Email);
    let file = office.folder.path(if mailbox.is_some() { "contacts.toml" } else { "yuqing.toml" });
    let why = &unreached.shut.why;
    let message = match (unreached.channel, mailbox) {
        (_, Some(mailbox)) => match locale {
            Locale::ZhCn => format!("邮件服务器不收给 {mailbox} 的信（{why}）"),
            Locale::En => format!("the mail server takes no mail for {mailbox} ({why})"),
        },
        (kind, None) => {
            let place = if unreached.shut.incoming { incoming(office) } else { place(office, kind, at) };
            match locale {
                Locale::ZhCn => format!("{place}连不上（{why}）"),
                Locale::En => format!("{place}cannot be reached ({why})"),
            }
        }
    };
    Fault::of_file(&file, message, Some(hint(unreached.channel, mailbox.is_some(), locale).to_owned()))
}

/// `[email] bounces 退信邮箱 imap.example:993 `.
fn incoming(office: &Office) -> String {
    let bounces = office.settings.email.as_ref().and_then(|email| email.bounces.as_ref());
    let server = bounces.map(|one| format!("{}:{}", one.host, one.port)).unwrap_or_default();
    format!("[email] bounces {} {server} ", office.settings.locale.pick("退信邮箱", "the mailbox"))
}

/// Table and name: `[email] 邮件服务器 mail.example:465 `, `[[robot]] 值班群 `.
fn place(office: &Office, kind: ChannelKind, at: Option<&str>) -> String {
    let locale = office.settings.locale;
    let at = at.unwrap_or_default();
    match kind {
        ChannelKind::Email => {
            let server = office.settings.email.as_ref().map(|email| format!("{}:{}", email.host, email.port));
            let noun = locale.pick("邮件服务器", "the mail server");
            format!("[email] {noun} {} ", server.unwrap_or_default())
        }
        ChannelKind::Robot => format!("[[robot]] {at} "),
        ChannelKind::Webhook => format!("[[webhook]] {at} "),
        ChannelKind::Ntfy => "[ntfy] ".to_owned(),
        ChannelKind::Voice => format!("[voice] {} ", locale.pick("语音网关", "the voice gateway")),
        ChannelKind::Sms | ChannelKind::Phone | ChannelKind::Exercise => {
            format!("[sms] {} ", locale.pick("短信网关", "the SMS gateway"))
        }
    }
}

fn hint(kind: ChannelKind, mailbox: bool, locale: Locale) -> &'static str {
    match (kind, mailbox) {
        (_, true) => locale.pick("核对 contacts.toml 里的 email", "compare email in contacts.toml"),
        (ChannelKind::Email, false) => locale.pick(
            "检查 host、port、security、user 和密码；暂时不连接时用 yuqing check --offline",
            "look at host, port, security, user and the password; yuqing check --offline connects nowhere",
        ),
        _ => locale.pick(
            "检查地址和本机的网络；在内网时写 allow_private = true；暂时不连接时用 yuqing check --offline",
            "look at the address and the network; inside the office's network write allow_private = true; \
             yuqing check --offline connects nowhere",
        ),
    }
}
