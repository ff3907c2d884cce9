//! Email: one message to one recipient in one SMTP conversation.
//!
//! Accepted means 250 after DATA. The conversation is led step by step rather than by the library's
//! one call, because what a refusal means depends on where it comes: of the recipient it is final, of
//! our login or sender it is the office's to mend, and until then the message waits.

use jiff::Timestamp;
use lettre::{
    Address, Message,
    message::{Attachment, Mailbox, MultiPart, header, header::ContentType},
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Noop, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use secrecy::ExposeSecret;

use super::bounce::Bounces;
use super::{
    Asking, Channel, ChannelError, Dkim, Kept, Knocking, Sending, Shut, Verdict, knock, public_key, scrubbed,
    short_hash,
};
use crate::{
    config::channels::{EmailSettings, MailSecurity},
    dispatch::{Enclosure, Texts},
    fault::FaultPoint,
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// How long a kept connection may take to answer before a new one is opened.
const KEPT_ANSWERS: std::time::Duration = std::time::Duration::from_secs(3);
/// What a Word file is to a mail reader (IANA media type).
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Recipients of one question, fewer than any server allows (RFC 5321, 4.5.3.1.8: 100).
const RECIPIENTS: usize = 50;

/// The mail server's side of the settings, checked.
#[derive(Debug)]
pub struct Email {
    settings: EmailSettings,
    from: Mailbox,
    dkim: Option<Dkim>,
    kept: Kept,
    bounces: Option<Bounces>,
}

/// How far a conversation came when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connect,
    StartTls,
    Login,
    Sender,
    Recipient,
    Content,
}

impl Email {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// When `from` is not `名称 <address>` or an address, or a user has no password.
    pub fn new(settings: EmailSettings) -> Result<Self, ChannelError> {
        super::install_tls();
        let fault = |key: &str, why: String| ChannelError { table: "email", key: key.to_owned(), why };
        let from = mailbox(&settings.from).map_err(|why| fault("from", why))?;
        if settings.user.is_some() != settings.password.is_some() {
            return Err(fault("user", "user and password go together".to_owned()));
        }
        let dkim = settings.dkim.as_ref().map(Dkim::new).transpose();
        let dkim = dkim.map_err(|why| fault("dkim", why.to_string()))?;
        let bounces = settings.bounces.clone().map(Bounces::new);
        Ok(Self { settings, from, dkim, kept: Kept::default(), bounces })
    }

    /// The message as it goes out.
    fn message(
        &self,
        notice: &Notice,
        to: Mailbox,
        texts: &Texts,
        enclosure: Option<&Enclosure>,
        now: Timestamp,
    ) -> Result<Message, String> {
        let words = texts.mail(notice).map_err(|error| error.to_string())?;
        let domain = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(words.subject)
            .date(now.into())
            .message_id(Some(format!("<{}@{domain}>", public_key(notice))))
            .header(AutoSubmitted)
            .header(header::MIME_VERSION_1_0);
        if let Some(root) = thread_root(notice, domain) {
            message = message.in_reply_to(root.clone()).references(root);
        }
        let words = MultiPart::alternative_plain_html(words.text, words.html);
        let content = match enclosure {
            None => words,
            Some(one) => {
                let kind = ContentType::parse(DOCX).map_err(|error| error.to_string())?;
                let file = Attachment::new(one.name.clone()).body(Vec::clone(&one.bytes), kind);
                MultiPart::mixed().multipart(words).singlepart(file)
            }
        };
        message.multipart(content).map_err(|error| error.to_string())
    }

    /// Leads a conversation up to the answer after DATA, and gives that answer.
    async fn converse(&self, content: &[u8], to: &Address) -> Result<Response, (Stage, SmtpError)> {
        let mut connection = self.ready(!content.is_ascii()).await?;
        let recipient = Rcpt::new(to.clone(), Vec::new());
        connection.command(recipient).await.map_err(|error| (Stage::Recipient, error))?;
        FaultPoint::BeforeData.pass();
        connection.command(Data).await.map_err(|error| (Stage::Content, error))?;
        let answer: Response = connection.message(content).await.map_err(|error| (Stage::Content, error))?;
        tracing::trace!(code = %answer.code(), point = "email.answered", "the mail server answered");
        FaultPoint::AfterAccepted.pass();
        self.kept.keep(connection);
        Ok(answer)
    }

    /// A connection that has taken our sender. One that was kept from the mail before may have been ended by the server
    /// meanwhile, or have had its share of mails: then a new one is opened.
    async fn ready(&self, is_eight_bit: bool) -> Result<AsyncSmtpConnection, (Stage, SmtpError)> {
        if let Some(mut kept) = self.kept.take() {
            let offered = tokio::time::timeout(KEPT_ANSWERS, self.offer(&mut kept, is_eight_bit)).await;
            if matches!(offered, Ok(Ok(()))) {
                return Ok(kept);
            }
        }
        let mut connection = self.open().await?;
        self.offer(&mut connection, is_eight_bit).await.map_err(|error| (Stage::Sender, error))?;
        Ok(connection)
    }

    async fn offer(&self, to: &mut AsyncSmtpConnection, is_eight_bit: bool) -> Result<(), SmtpError> {
        let mut options = Vec::new();
        if is_eight_bit && to.server_info().supports_feature(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        to.command(Mail::new(Some(self.from.email.clone()), options)).await.map(drop)
    }

    /// Greets, logs in, and asks whether mail for those mailboxes would be taken that are of our own domain:
    /// of others a server only knows that it would pass them on.
    async fn look_in(&self, addresses: &[String], locale: Locale) -> Result<Vec<Shut>, (Stage, SmtpError)> {
        let mut connection = self.open().await?;
        connection.command(Noop).await.map_err(|error| (Stage::Connect, error))?;
        let ours = |one: &Address| one.domain().eq_ignore_ascii_case(self.from.email.domain());
        let known: Vec<Address> =
            addresses.iter().filter_map(|one| one.trim().parse().ok()).filter(ours).collect();
        let mut shut = Vec::new();
        for some in known.chunks(RECIPIENTS) {
            let sender = Mail::new(Some(self.from.email.clone()), Vec::new());
            connection.command(sender).await.map_err(|error| (Stage::Sender, error))?;
            for one in some {
                match connection.command(Rcpt::new(one.clone(), Vec::new())).await {
                    // "Not now" is what many servers say to a first question.
                    Ok(_) => {}
                    Err(error) if error.is_transient() => {}
                    Err(error) if error.is_permanent() => {
                        // A full mailbox may be emptied, but today it takes nothing.
                        let why = match self.verdict(Stage::Recipient, &error, one.as_ref(), locale) {
                            Verdict::Refused { why } | Verdict::Retry { why, .. } => why,
                            Verdict::Accepted => continue,
                        };
                        shut.push(Shut::at(one.to_string(), why));
                    }
                    Err(error) => return Err((Stage::Recipient, error)),
                }
            }
            connection.command(Rset).await.map_err(|error| (Stage::Recipient, error))?;
        }
        let _ = connection.quit().await;
        Ok(shut)
    }

    /// Connects and logs in.
    async fn open(&self) -> Result<AsyncSmtpConnection, (Stage, SmtpError)> {
        let mut connection = self.connect().await?;
        if let (Some(user), Some(password)) = (&self.settings.user, &self.settings.password) {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &login).await.map_err(|error| (Stage::Login, error))?;
        }
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, (Stage, SmtpError)> {
        let EmailSettings { host, port, security, timeout, .. } = &self.settings;
        let hello = ClientId::default();
        let tls = || TlsParameters::new(host.clone()).map_err(|error| (Stage::StartTls, error));
        let first = if *security == MailSecurity::Tls { Some(tls()?) } else { None };
        let server = (host.as_str(), *port);
        let connected = match first {
            Some(tls) => {
                AsyncSmtpConnection::connect_tokio1(server, Some(*timeout), &hello, Some(tls), None).await
            }
            None => match at_once(server).await {
                Some(stream) => AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await,
                // Asked again by the library, for its words.
                None => AsyncSmtpConnection::connect_tokio1(server, Some(*timeout), &hello, None, None).await,
            },
        };
        let mut connection = connected.map_err(|error| (Stage::Connect, error))?;
        if *security == MailSecurity::StartTls {
            connection.starttls(tls()?, &hello).await.map_err(|error| (Stage::StartTls, error))?;
        }
        Ok(connection)
    }

    fn verdict(&self, stage: Stage, error: &SmtpError, to: &str, locale: Locale) -> Verdict {
        let mut said = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !said.contains(&words) {
                said = format!("{said}: {words}");
            }
            cause = inner.source();
        }
        let password = self.settings.password.as_ref().map_or("", |one| one.expose_secret());
        let said = scrubbed(&said, to, &[password]);
        // What rustls says of a certificate that it does not take; the real server's test holds it.
        let words = if said.contains("invalid peer certificate") {
            locale.pick(
                "邮件服务器的证书不可信（请核对 [email] 的 host 与证书上的名字、本机时间；自建服务器要把根证书装进系统）",
                "the mail server's certificate is not trusted (compare host of [email] with the name on it, and the \
                 clock; a private server's root belongs into the system's)",
            )
        } else {
            stage.words(locale)
        };
        let why = format!("{words}: {said}");
        // 552 of a recipient is a full mailbox, which may be emptied (RFC 5321, 4.5.3.1.10).
        let full = error.status().is_some_and(|code| u16::from(code) == 552);
        match stage {
            Stage::Recipient | Stage::Content if error.is_permanent() && !full => Verdict::refused(why),
            _ => Verdict::retry(why),
        }
    }
}

/// A connection that sends what is written at once. The library writes a mail and its final dot one after the other; held
/// back until the first is acknowledged, the dot is 40 ms late.
async fn at_once(server: (&str, u16)) -> Option<tokio::net::TcpStream> {
    let stream = tokio::net::TcpStream::connect(server).await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}

impl Channel for Email {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn knock<'a>(&'a self, addresses: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move {
            let longest = self.settings.timeout.min(knock::LONGEST);
            let mailbox = async {
                match &self.bounces {
                    Some(bounces) => {
                        bounces.look_in(locale).await.err().map(Shut::incoming).unwrap_or_default()
                    }
                    None => Vec::new(),
                }
            };
            let server = tokio::time::timeout(longest, self.look_in(addresses, locale));
            let (server, mailbox) = tokio::join!(server, mailbox);
            let mut shut = match server {
                Ok(Ok(shut)) => shut,
                Ok(Err((stage, error))) => match self.verdict(stage, &error, "", locale) {
                    Verdict::Accepted => Vec::new(),
                    Verdict::Retry { why, .. } | Verdict::Refused { why } => Shut::whole(why),
                },
                Err(_) => {
                    let words = "the mail server did not answer in time";
                    Shut::whole(locale.pick("邮件服务器超时未答复", words).to_owned())
                }
            };
            shut.extend(mailbox);
            shut
        })
    }

    fn tells_afterwards(&self) -> bool {
        self.bounces.is_some()
    }

    fn ask<'a>(&'a self, accepted: &'a [Notice], locale: Locale, now: Timestamp) -> Asking<'a> {
        Box::pin(async move {
            match &self.bounces {
                Some(bounces) => bounces.heard(accepted, locale, now).await,
                None => Ok(Vec::new()),
            }
        })
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let locale = texts.locale;
            let Ok(address) = notice.address.trim().parse::<Address>() else {
                let words = locale.pick("不是有效的邮箱地址", "not a mail address");
                return Verdict::refused(format!("{words}: {}", super::masked(&notice.address)));
            };
            let to = Mailbox::new(Some(plain(&notice.contact)), address.clone());
            let enclosure = texts.enclosure(notice, now).await;
            let message = match self.message(notice, to, texts, enclosure.as_ref(), now) {
                Ok(message) => message,
                Err(why) => return Verdict::retry(scrubbed(&why, &notice.address, &[])),
            };
            let content = message.formatted();
            let content = match &self.dkim {
                Some(dkim) => dkim.signed(&content, now),
                None => content,
            };
            let talk = self.converse(&content, &address);
            match tokio::time::timeout(self.settings.timeout, talk).await {
                Ok(Ok(answer)) if answer.has_code(250) => Verdict::Accepted,
                Ok(Ok(answer)) => {
                    Verdict::retry(format!("{}: {}", Stage::Content.words(locale), answer.code()))
                }
                Ok(Err((stage, error))) => self.verdict(stage, &error, &notice.address, locale),
                Err(_) => Verdict::retry(
                    locale.pick("邮件服务器超时未答复", "the mail server did not answer in time"),
                ),
            }
        })
    }
}

impl Stage {
    fn words(self, locale: Locale) -> &'static str {
        match self {
            Self::Connect => locale.pick("连接邮件服务器失败", "cannot connect to the mail server"),
            Self::StartTls => locale.pick("与邮件服务器建立加密失败", "cannot secure the connection"),
            Self::Login => locale.pick("邮件服务器拒绝登录", "the mail server refused the login"),
            Self::Sender => locale.pick("邮件服务器拒绝发件人", "the mail server refused the sender"),
            Self::Recipient => locale.pick("邮件服务器拒绝收件人", "the mail server refused the recipient"),
            Self::Content => locale.pick("邮件服务器未接受邮件", "the mail server did not take the message"),
        }
    }
}

/// The message that all messages of an incident answer, so that a phone shows them as one
/// conversation. It was never sent; readers cope with a root that they have not got.
fn thread_root(notice: &Notice, domain: &str) -> Option<String> {
    let incident = notice.incident?;
    Some(format!("<{}@{domain}>", short_hash(&format!("incident/{}/{incident}", notice.facts.unit))))
}

/// `名称 <address>` or an address.
fn mailbox(text: &str) -> Result<Mailbox, String> {
    let parse = |address: &str| {
        address.trim().parse::<Address>().map_err(|error| format!("{}: {error}", address.trim()))
    };
    match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => {
            let name = plain(name.trim().trim_matches('"'));
            Ok(Mailbox::new((!name.is_empty()).then_some(name), parse(address)?))
        }
        None => Ok(Mailbox::new(None, parse(text)?)),
    }
}

/// A name for a header: no control characters, so that it cannot start a header of its own.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

/// RFC 3834: keeps vacation replies and mailing lists from answering.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
