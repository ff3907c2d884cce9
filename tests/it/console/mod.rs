//! The console over real HTTP, on a real store, with a small desk that records what it was asked.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod access;
mod acts;
mod api;
mod axe;
mod browser;
mod confirm;
mod driver;
mod emergency;
mod events;
mod held;
mod held_commands;
mod hostile;
mod keywords;
mod keywords_edit;
mod keywords_hostile;
mod keywords_two;
mod kinds;
mod language;
mod lint;
mod live;
mod living;
mod marks;
mod numbers;
mod openapi;
mod pages;
mod plan;
mod plan_browser;
mod plan_daemon;
mod plan_files;
mod plan_trial;
mod receipts;
mod record;
mod register;
pub mod rows;
mod sheet;
mod shown;
mod slow;
mod sources;
mod steady;
mod story;
mod tls;
mod units;
mod upload;
mod weight;

use std::{net::SocketAddr, sync::Arc};

use secrecy::SecretString;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use yuqing::{
    config::Login,
    console::{
        Bounds, Console, Letter, Machine, PostRoom, PushDoor, PushError, Pushed, Settings, Vitals,
        access::{Door, Keeper},
    },
    desk::{Change, Input, Refused},
    dispatch::ConfirmKey,
    model::{Ack, Act, ChannelKind, NoticeState, Receipt},
    store::{Inbox, SharedStore, SourceState, SqliteStore},
    time::Manual,
};

use self::rows::{Outside, ago, now};

pub const CONSOLE_TOKEN: &str = "the office's own token";
pub const PUSH_TOKEN: &str = "token of the crawler";
pub const REPLY_SECRET: &str = "secret of the gateway";
pub const RECEIPT_SECRET: &str = "secret of the gateway's receipts";

/// A console that runs.
pub struct Stage {
    pub base: String,
    pub store: SharedStore,
    clock: Manual,
    pub key: ConfirmKey,
    acts: watch::Receiver<Vec<Act>>,
    receipts: watch::Receiver<Vec<Receipt>>,
    settings: watch::Sender<Arc<Settings>>,
    vitals: watch::Sender<Vitals>,
    client: reqwest::Client,
    pub access: Keeper,
    pub doors: Vec<Door>,
    machine: Machine,
    stop: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// A console on an empty store.
    pub async fn empty() -> Self {
        Self::within(Bounds::default()).await
    }

    /// The same, within other bounds.
    pub async fn within(bounds: Bounds) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store: SharedStore =
            Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).expect("a store"));
        let machine = Machine {
            started_at: ago(7_200),
            database: folder.path().join("yuqing.db"),
            journal: Default::default(),
        };
        let clock = Manual::at(now());
        let key = ConfirmKey::from_bytes([7; 32]);
        let (inbox, envelopes) = Inbox::new(16);
        let (acted, acts) = watch::channel(Vec::new());
        let (told, receipts) = watch::channel(Vec::new());
        tokio::spawn(desk(envelopes, Arc::clone(&store), clock.clone(), acted, told));
        let mut settings = Settings::new(key.clone());
        settings.push_tokens.insert("爬虫".into(), SecretString::from(PUSH_TOKEN));
        settings.reply_secret = Some(SecretString::from(REPLY_SECRET));
        settings.receipt_secrets = vec![(ChannelKind::Sms, SecretString::from(RECEIPT_SECRET))];
        let (settings, received) = watch::channel(Arc::new(settings));
        let access = Keeper::new(Arc::clone(&store));
        let (vitals, looked) = watch::channel(Vitals { looked_at: now(), ill: None });
        let console = Console {
            machine: Some(machine.clone()),
            store: Arc::clone(&store),
            inbox,
            clock: Arc::new(clock.clone()),
            settings: received,
            vitals: Some(looked),
            post_room: Some(Arc::new(Letters)),
            push: Some(Arc::new(Pushes)),
            scout: None,
            access: access.clone(),
        };
        let doors = console.clone().doors().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let server = tokio::spawn(console.serve_within(bounds, listener, stop.clone()));
        // A second installation is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            base,
            store,
            clock,
            key,
            acts,
            receipts,
            settings,
            vitals,
            client,
            access,
            doors,
            machine,
            stop,
            server,
            _folder: folder,
        }
    }

    /// A console on a day with a critical incident.
    pub async fn busy() -> Self {
        Self::with(&Outside::default()).await
    }

    pub async fn with(outside: &Outside) -> Self {
        let stage = Self::empty().await;
        stage.fill(outside).await;
        stage
    }

    async fn fill(&self, outside: &Outside) {
        self.store.commit(rows::day(outside)).await.expect("committed");
        let state = SourceState {
            source: outside.source.clone(),
            health: "backing_off".into(),
            why: outside.why.clone(),
            last_good_at: Some(ago(12)),
            ..SourceState::default()
        };
        self.store.save_source_state(state).await.expect("saved");
    }

    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        self.settings.send_modify(|settings| change(Arc::make_mut(settings)));
    }

    pub fn acts(&self) -> Vec<Act> {
        self.acts.borrow().clone()
    }

    /// Waits until so many acts were taken.
    pub async fn acted(&self, count: usize) -> Vec<Act> {
        self.acts.clone().wait_for(|acts| acts.len() >= count).await.expect("the desk lives").clone()
    }

    fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().expect("an address")
    }

    fn now(&self) -> jiff::Timestamp {
        use yuqing::time::Clock as _;
        self.clock.now()
    }

    async fn get(&self, path: &str) -> (u16, String) {
        read(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        read(self.client.post(format!("{}{path}", self.base)).header(FORM.0, FORM.1).body(encoded(form)))
            .await
    }

    /// Where a form leads on to.
    async fn sent_on(&self, path: &str, form: &[(&str, &str)]) -> String {
        let request = self.client.post(format!("{}{path}", self.base)).header(FORM.0, FORM.1);
        let answer = request.body(encoded(form)).send().await.expect("an answer");
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().expect("an address").to_owned()
    }

    pub async fn end(self) {
        self.stop.cancel();
        drop(self.client);
        self.server.await.expect("joined").expect("served");
    }
}

/// Settings under which somebody has to log in, or present the office's token.
pub trait WithLogin {
    fn with_login(&mut self, token: SecretString);
    fn without_login(&mut self);
}

impl WithLogin for Settings {
    fn with_login(&mut self, token: SecretString) {
        (self.login, self.token) = (Login::Accounts, Some(token));
    }
    fn without_login(&mut self) {
        (self.login, self.token) = (Login::None, None);
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

use url::form_urlencoded;

pub async fn read(request: reqwest::RequestBuilder) -> (u16, String) {
    let mut answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.expect("a chunk") {
        body.extend_from_slice(&chunk);
    }
    (status, String::from_utf8(body).expect("UTF-8"))
}

/// A desk of few words: it records acts, and keeps confirmations and ticks.
async fn desk(
    mut envelopes: tokio::sync::mpsc::Receiver<yuqing::store::Envelope>,
    store: SharedStore,
    clock: Manual,
    acted: watch::Sender<Vec<Act>>,
    told: watch::Sender<Vec<Receipt>>,
) {
    use yuqing::time::Clock as _;
    while let Some(envelope) = envelopes.recv().await {
        let act = match envelope.input {
            Input::Act(act) => act,
            Input::Receipt(receipt) => {
                told.send_modify(|receipts| receipts.push(*receipt));
                let _ = envelope.done.send(Ok(()));
                continue;
            }
            _ => continue,
        };
        let answer = apply(&store, &act, clock.now()).await;
        if answer.is_ok() {
            let kept = match envelope.beside {
                Some(yuqing::store::Beside::File(file)) => vec![Change::File(file)],
                Some(yuqing::store::Beside::Version(version)) => vec![Change::FileVersion(version)],
                _ => Vec::new(),
            };
            store.commit(kept).await.expect("a commit");
            acted.send_modify(|acts| acts.push(act));
        }
        let _ = envelope.done.send(answer);
    }
}

async fn apply(store: &SharedStore, act: &Act, at: jiff::Timestamp) -> Result<(), Refused> {
    let nothing = || Refused("没有这个事件".into());
    let change = match act {
        Act::Acknowledge { incident, contact, rank, how, recorded_by, at: said } => {
            let mut incident = store.incident(*incident).await.expect("read").ok_or_else(nothing)?.incident;
            let rank = rank.unwrap_or(incident.rank);
            let (contact, recorded_by, how) = (contact.clone(), recorded_by.clone(), *how);
            let at = said.unwrap_or(at);
            incident.acks.push(Ack { contact, rank, line: None, at, how, recorded_by });
            Change::Incident(Box::new(incident))
        }
        Act::PhoneDone { notice, .. } => {
            let mut notice = store.notice(notice).await.expect("read").ok_or_else(nothing)?;
            notice.state = NoticeState::Accepted { at, arrived_at: None };
            Change::Notice(Box::new(notice))
        }
        _ => return Ok(()),
    };
    store.commit(vec![change]).await.expect("committed");
    Ok(())
}

/// Two letters for the mailbox page.
struct Letters;

impl PostRoom for Letters {
    fn letters(&self) -> Vec<Letter> {
        let text = "特别重大\n签收: http://127.0.0.1:1/confirm/abc（请按按钮）\n<script>alert(1)</script>";
        let letter = |kind, subject: &str| Letter {
            number: 1,
            kind,
            at: ago(228),
            to: "zhiban@qinghe.example".into(),
            subject: subject.into(),
            text: text.into(),
            files: if kind == "email" { vec!["舆情专报 <b>1</b>.docx".into()] } else { Vec::new() },
        };
        vec![letter("email", "【演示】特别重大 <b>收费窗口</b>"), letter("sms", "")]
    }

    fn file(&self, mail: usize, nth: usize) -> Option<(String, Vec<u8>)> {
        (mail == 1 && nth == 0).then(|| ("舆情专报 1.docx".to_owned(), b"PK".to_vec()))
    }
}

/// Takes what is JSON and says how much it was.
struct Pushes;

impl PushDoor for Pushes {
    fn accept<'a>(
        &'a self,
        name: &'a str,
        body: &'a [u8],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Pushed, PushError>> + Send + 'a>> {
        Box::pin(async move {
            assert_eq!(name, "爬虫");
            let posts: Vec<serde_json::Value> =
                serde_json::from_slice(body).map_err(|error| PushError::Unreadable(error.to_string()))?;
            Ok(Pushed { posts: posts.len(), mentions: 0 })
        })
    }
}
