//! The mailbox that our mails come back to.
//!
//! A mail server takes nearly everything, and only later the recipient's server says that there is no such mailbox:
//! by a mail to the sender. The sender's mailbox is therefore read by IMAP, and only read: nothing is marked, moved or
//! deleted there, for people may use it too. Where a person reads it with us, mails that were moved to another folder
//! are not seen.

mod report;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_imap::Session;
use futures_util::TryStreamExt;
use jiff::{Timestamp, tz::TimeZone};
use rustls_platform_verifier::ConfigVerifierExt;
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::ClientConfig};

pub use report::{Report, may_be_report, report};

use super::{Heard, public_key, scrubbed};
use crate::{
    config::channels::{BounceSettings, MailSecurity},
    locale::Locale,
    model::{Fate, Notice},
};

/// Mails looked at in one round, the newest.
const MAILS: usize = 500;
/// Bytes read of one mail: a report has its fields at the beginning, and the header of ours after them.
const SIZE: usize = 256 * 1024;
/// Reports remembered, the newest.
const REPORTS: usize = 2_000;
/// How far back the first look goes, in days.
const DAYS: i64 = 5;
/// Longest round.
const LONGEST: Duration = Duration::from_secs(90);

/// The mailbox, and what was read in it.
#[derive(Debug)]
pub struct Bounces {
    settings: BounceSettings,
    read: Mutex<Read>,
}

/// How far the mailbox was read.
#[derive(Debug, Default)]
struct Read {
    /// Of which numbering of the mailbox (RFC 3501, 2.3.1.1).
    validity: Option<u32>,
    /// The last mail that was looked at.
    last: u32,
    /// A report may come before its message is known to be accepted: it is kept.
    reports: VecDeque<Report>,
}

/// A connection, secured or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

type Talk = Session<Box<dyn Wire>>;

impl Bounces {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(settings: BounceSettings) -> Self {
        Self { settings, read: Mutex::default() }
    }

    /// Reads what is new and says which of the accepted came back.
    ///
    /// # Errors
    /// In the office's language, why the mailbox cannot be read, with what mends it.
    pub async fn heard(
        &self,
        accepted: &[Notice],
        locale: Locale,
        now: Timestamp,
    ) -> Result<Vec<Heard>, String> {
        match tokio::time::timeout(LONGEST, self.look(locale, now)).await {
            Ok(looked) => looked?,
            Err(_) => {
                return Err(locale
                    .pick("收信服务器超时未答复", "the mailbox did not answer in time")
                    .to_owned());
            }
        }
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |notice: &Notice| {
            let key = public_key(notice);
            let report = read.reports.iter().rev().find(|report| report.keys.contains(&key))?;
            let fate = match &report.fate {
                Fate::Returned { why } => Fate::Returned { why: scrubbed(why, &notice.address, &[]) },
                Fate::Arrived => Fate::Arrived,
            };
            Some(Heard { notice: notice.id.clone(), fate })
        };
        Ok(accepted.iter().filter_map(of).collect())
    }

    /// Logs in and looks at the mailbox; nothing is read. For `check` and the weekly test.
    ///
    /// # Errors
    /// As [`Self::heard`].
    pub async fn look_in(&self, locale: Locale) -> Result<(), String> {
        let look = async {
            let mut talk = self.open(locale).await?;
            self.examine(&mut talk, locale).await?;
            let _ = talk.logout().await;
            Ok(())
        };
        tokio::time::timeout(super::knock::LONGEST, look).await.unwrap_or_else(|_| {
            Err(locale.pick("收信服务器超时未答复", "the mailbox did not answer in time").to_owned())
        })
    }

    async fn look(&self, locale: Locale, now: Timestamp) -> Result<(), String> {
        let mut talk = self.open(locale).await?;
        let mailbox = self.examine(&mut talk, locale).await?;
        let last = {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            if read.validity != mailbox {
                (read.validity, read.last) = (mailbox, 0);
            }
            read.last
        };
        let broken = |error: async_imap::error::Error| {
            self.words(locale, "读取收件箱失败", "the mailbox cannot be read", &error)
        };
        let mut new = self.new_mails(&mut talk, last, now).await.map_err(broken)?;
        let old = new.len().saturating_sub(MAILS);
        if old > 0 {
            tracing::warn!(
                old,
                "more mails came than are looked at in one round; the oldest are passed over"
            );
        }
        for uid in new.split_off(old) {
            let mail = read_mail(&mut talk, uid).await.map_err(broken)?;
            let report = mail.and_then(|mail| report(&mail, locale));
            // What was read is read, also when the round ends before all is: a slow server comes to the end in several.
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.last = uid;
            read.reports.extend(report);
            if read.reports.len() > REPORTS {
                read.reports.pop_front();
            }
        }
        let _ = talk.logout().await;
        Ok(())
    }

    /// Numbers of the mails after `last`, ascending; at first of those of the last days.
    async fn new_mails(
        &self,
        talk: &mut Talk,
        last: u32,
        now: Timestamp,
    ) -> Result<Vec<u32>, async_imap::error::Error> {
        let query = if last == 0 {
            let day = now.to_zoned(TimeZone::UTC).date().saturating_sub(jiff::Span::new().days(DAYS));
            format!("SINCE {}", day.strftime("%d-%b-%Y"))
        } else {
            format!("UID {}:*", last.saturating_add(1))
        };
        // `n:*` gives the last mail even when its number is lower (RFC 3501, 6.4.8).
        let mut found: Vec<u32> =
            talk.uid_search(query).await?.into_iter().filter(|uid| *uid > last).collect();
        found.sort_unstable();
        Ok(found)
    }

    async fn examine(&self, talk: &mut Talk, locale: Locale) -> Result<Option<u32>, String> {
        let zh = "打不开收件箱（核对 bounces 的 folder）";
        let examined = talk.examine(&self.settings.folder).await;
        let mailbox =
            examined.map_err(|error| self.words(locale, zh, "the folder cannot be opened", &error))?;
        Ok(mailbox.uid_validity)
    }

    /// Connects, logs in and says who we are: some servers want that before they open a mailbox (RFC 2971).
    async fn open(&self, locale: Locale) -> Result<Talk, String> {
        let BounceSettings { host, port, security, user, password, .. } = &self.settings;
        let unreached = |error: &dyn std::fmt::Display| {
            self.words(locale, "连接收信服务器失败", "cannot reach the mailbox", error)
        };
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| unreached(&error))?;
        let wire: Box<dyn Wire> = match security {
            MailSecurity::Tls => self.secured(Box::new(stream), locale).await?,
            MailSecurity::Plain => Box::new(stream),
            MailSecurity::StartTls => {
                let mut client = async_imap::Client::new(Box::new(stream) as Box<dyn Wire>);
                client.read_response().await.map_err(|error| unreached(&error))?;
                client.run_command_and_check_ok("STARTTLS", None).await.map_err(|error| unreached(&error))?;
                let wire = self.secured(client.into_inner(), locale).await?;
                return self
                    .log_in(async_imap::Client::new(wire), user, password.expose_secret(), locale)
                    .await;
            }
        };
        let mut client = async_imap::Client::new(wire);
        client.read_response().await.map_err(|error| unreached(&error))?;
        self.log_in(client, user, password.expose_secret(), locale).await
    }

    async fn log_in(
        &self,
        client: async_imap::Client<Box<dyn Wire>>,
        user: &str,
        password: &str,
        locale: Locale,
    ) -> Result<Talk, String> {
        let zh = "收信登录被拒（在邮箱设置里开通 IMAP，用授权码；不读退信就写 bounces = false）";
        let en = "the mailbox refused the login (switch IMAP on there, or write bounces = false)";
        let mut talk =
            client.login(user, password).await.map_err(|(error, _)| self.words(locale, zh, en, &error))?;
        let me = [("name", Some("yuqing")), ("version", Some(env!("CARGO_PKG_VERSION")))];
        if let Err(error) = talk.id(me).await {
            tracing::debug!(%error, "the mailbox does not want to know who we are");
        }
        Ok(talk)
    }

    async fn secured(&self, wire: Box<dyn Wire>, locale: Locale) -> Result<Box<dyn Wire>, String> {
        super::install_tls();
        let insecure = |error: &dyn std::fmt::Display| {
            self.words(
                locale,
                "与收信服务器建立加密失败",
                "cannot secure the connection to the mailbox",
                error,
            )
        };
        let config = ClientConfig::with_platform_verifier().map_err(|error| insecure(&error))?;
        let name = self.settings.host.clone().try_into().map_err(|error| insecure(&error))?;
        let secured = TlsConnector::from(Arc::new(config)).connect(name, wire).await;
        Ok(Box::new(secured.map_err(|error| insecure(&error))?))
    }

    /// What went wrong, without the password, in which a server's answer may come back.
    fn words(&self, locale: Locale, zh: &str, en: &str, said: &dyn std::fmt::Display) -> String {
        let secret = self.settings.password.expose_secret();
        scrubbed(&format!("{}: {said}", locale.pick(zh, en)), &self.settings.user, &[secret])
    }
}

/// The beginning of a mail; `None` of one that its header shows to be no report.
async fn read_mail(talk: &mut Talk, uid: u32) -> Result<Option<Vec<u8>>, async_imap::error::Error> {
    let header: Vec<_> = talk
        .uid_fetch(uid.to_string(), "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT CONTENT-TYPE)]")
        .await?
        .try_collect()
        .await?;
    let wanted = header.iter().filter_map(|one| one.header()).any(may_be_report);
    if !wanted {
        return Ok(None);
    }
    let mail: Vec<_> =
        talk.uid_fetch(uid.to_string(), format!("BODY.PEEK[]<0.{SIZE}>")).await?.try_collect().await?;
    Ok(mail.iter().find_map(|one| one.body()).map(<[u8]>::to_vec))
}
