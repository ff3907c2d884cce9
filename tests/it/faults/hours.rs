//! The daemon in this process on a clock that is moved by hand, with all hours that pass told step by step.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    app::daemon::{Daemon, Options},
    config::Folder,
    desk::Input,
    model::{ChannelKind, NoticeState},
    store::Outgoing,
    time::{Clock as _, Manual},
};

use super::{
    gateway::Gateway,
    office::{self, TOKEN},
};
use crate::support::mail::{Act, Letter, MailServer, Point, Script};

/// How long anything that must happen may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// 2026-11-21 08:00 in Shanghai, a Saturday.
const MORNING: &str = "2026-11-21T00:00:00Z";
/// When all posts were published.
const BEGAN: &str = "2026-11-20T23:50:00Z";

pub struct Hours {
    pub clock: Manual,
    pub mail: MailServer,
    pub gateway: Gateway,
    pub daemon: Daemon,
    pub folder: tempfile::TempDir,
    client: reqwest::Client,
}

impl Hours {
    pub async fn start() -> Self {
        Self::with("30s", "").await
    }

    /// One that waits two seconds for whoever keeps silent.
    pub async fn impatient() -> Self {
        Self::with("2s", "").await
    }

    /// One with more settings.
    pub async fn with(timeout: &str, more: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (mail, gateway) = (MailServer::start().await, Gateway::start().await);
        office::write(folder.path(), mail.address.port(), gateway.port, timeout, more);
        let clock = Manual::at(MORNING.parse().unwrap());
        let daemon = Daemon::start(Options {
            journal: Default::default(),
            folder: Folder::Disk(folder.path().to_owned()),
            state_dir: folder.path().join("state"),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            clock: Arc::new(clock.clone()),
            post_room: None,
            link_to_self: true,
        })
        .await
        .unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { clock, mail, gateway, daemon, folder, client }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The mail server answers nobody from now on, in this way; `None`: all is well again.
    pub fn mail_does(&self, script: Option<(Point, Act)>) {
        self.mail.always(script.map(|(at, act)| Script { at, act }));
    }

    /// Pushes a post; it is durable then.
    pub async fn push(&self, matter: usize, views: u64) {
        let url = format!("http://{}/api/v1/posts", self.daemon.address());
        let body = office::post(matter, views, BEGAN.parse().unwrap()).to_string();
        let answer = self.client.post(url).bearer_auth(TOKEN).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Moves the clock by minutes, one after the other; each time all that can be done then is done.
    pub async fn minutes(&self, minutes: usize) {
        for _ in 0..minutes {
            self.clock.advance(SignedDuration::from_mins(1));
            self.settle().await;
        }
    }

    /// Lets the desk turn at this instant, and waits until nothing in the outbox may be tried now.
    pub async fn settle(&self) {
        let settled = async {
            self.daemon.inbox().put(Input::Tick).await.unwrap();
            while self.due().await > 0 {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, settled).await.is_err() {
            let mut waiting = Vec::new();
            for channel in ChannelKind::ALL {
                waiting.extend(self.daemon.store().outgoing_on(channel, self.now(), 1_000).await.unwrap());
            }
            panic!("at {} there wait for ever: {waiting:?}", self.now());
        }
    }

    async fn due(&self) -> usize {
        let mut due = 0;
        for channel in ChannelKind::ALL {
            due += self.daemon.store().outgoing_on(channel, self.now(), 1_000).await.unwrap().len();
        }
        due
    }

    /// All notices, oldest first.
    pub async fn notices(&self) -> Vec<Outgoing> {
        let mut all = self.daemon.store().notices(100_000).await.unwrap();
        all.reverse();
        all
    }

    /// Notices that wait.
    pub async fn waiting(&self) -> Vec<Outgoing> {
        let mut all = self.notices().await;
        all.retain(|one| one.notice.state == NoticeState::Pending);
        all
    }

    /// Letters to a person so far, by the local part of the mailbox.
    pub fn letters_to(&self, local: &str) -> Vec<Letter> {
        let mailbox = format!("{local}@{}", office::DOMAIN);
        self.mail.letters().into_iter().filter(|letter| letter.to == [mailbox.clone()]).collect()
    }

    pub async fn stop(self) {
        assert!(self.daemon.stop().await.is_empty());
    }
}

/// What a letter says in plain words.
pub fn words(letter: &Letter) -> String {
    let mail = mail_parser::MessageParser::default().parse(letter.raw.as_bytes()).expect("a mail");
    mail.body_text(0).expect("a text").into_owned()
}
