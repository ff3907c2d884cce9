//! A real mailbox: Debian's Dovecot, started for one test in a folder of its own, with one folder of mails that is
//! filled by IMAP.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, net::TcpListener, os::unix::fs::MetadataExt as _, path::Path, process::Stdio};

use async_imap::Session;
use futures_util::TryStreamExt as _;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};
use tokio_util::task::AbortOnDropHandle;

/// Anybody who knows it may log in.
pub const PASSWORD: &str = "geheim-4711";
/// Where Debian puts the server; an office's PATH need not have it.
const DOVECOT: &str = "/usr/sbin/dovecot";

pub struct Mailbox {
    pub port: u16,
    _process: Child,
    _log: AbortOnDropHandle<()>,
    _folder: tempfile::TempDir,
}

impl Mailbox {
    pub async fn start() -> Self {
        Self::start_with("ssl = no\n").await
    }

    /// With lines of its own about TLS.
    pub async fn start_with(tls: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("dovecot.conf");
        fs::write(&config, settings(folder.path(), port, tls)).unwrap();
        let mut process = Command::new(DOVECOT)
            .arg("-F")
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("this test needs Debian's dovecot-imapd (tests/all installs it)");
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        // It listens before it says so.
        let mut said = Vec::new();
        loop {
            let Some(line) = log.next_line().await.unwrap() else {
                panic!("the mailbox does not start: {said:?}")
            };
            if line.contains("starting up") {
                break;
            }
            said.push(line);
        }
        let rest = tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self { port, _process: process, _log: AbortOnDropHandle::new(rest), _folder: folder }
    }

    async fn session(&self) -> Session<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let mut client = async_imap::Client::new(stream);
        client.read_response().await.unwrap();
        client.login("yuqing@office.invalid", PASSWORD).await.map_err(|(error, _)| error).unwrap()
    }

    /// A mail comes.
    pub async fn put(&self, mail: &str) {
        let mut session = self.session().await;
        session.append("INBOX", None, None, mail.replace('\n', "\r\n")).await.unwrap();
        session.logout().await.unwrap();
    }

    /// How many mails there are, and how many of them bear any mark.
    pub async fn count(&self) -> (usize, usize) {
        let mut session = self.session().await;
        session.examine("INBOX").await.unwrap();
        let mails: Vec<_> = session.uid_fetch("1:*", "FLAGS").await.unwrap().try_collect().await.unwrap();
        let marked =
            mails.iter().filter(|mail| mail.flags().any(|flag| flag != async_imap::types::Flag::Recent));
        let counts = (mails.len(), marked.count());
        session.logout().await.unwrap();
        counts
    }
}

/// Dovecot refuses mailboxes of root; then they are those of `mail`, which every Debian has.
fn settings(folder: &Path, port: u16, tls: &str) -> String {
    let me = fs::metadata("/proc/self").unwrap();
    let (home, shown) = (folder.join("home"), folder.display());
    fs::create_dir(&home).unwrap();
    let (uid, gid, users) = if me.uid() == 0 {
        std::os::unix::fs::chown(&home, Some(8), Some(8)).unwrap();
        // The way to the mailbox leads through the folder.
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        (8, 8, String::new())
    } else {
        let name = |option| {
            let said = std::process::Command::new("id").arg(option).output().unwrap().stdout;
            String::from_utf8(said).unwrap().trim().to_owned()
        };
        let (user, group) = (name("-un"), name("-gn"));
        let users = format!(
            "default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n"
        );
        (me.uid(), me.gid(), users)
    };
    format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {shown}/run\nstate_dir = {shown}/run\nlog_path = /dev/stderr\n\
         disable_plaintext_auth = no\nmail_location = maildir:~/Maildir\nfirst_valid_uid = 1\n{users}{tls}\
         passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\n\
         userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={}\n}}\n\
         service anvil {{\n  chroot =\n}}\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {port}\n  }}\n  \
         inet_listener imaps {{\n    port = 0\n  }}\n}}\n",
        home.display()
    )
}
