//! The console (值班台): what the duty officer sees and does, as pages rendered here and acts put to the
//! desk.
//!
//! It reads the store and hands the desk the same inputs that any other room would, through the
//! [`Inbox`]; it decides nothing itself. Every route stands in [`router`], who may come in is decided in
//! [`guard`], what a page shows is gathered in [`view`] and laid out by the templates. Everything from
//! outside is text: templates escape, links are only made of http and https addresses, and the pages'
//! Content-Security-Policy allows no inline script.

pub mod access;
mod accounts;
mod acts;
mod api;
mod assets;
mod audit;
mod bounds;
mod calm;
mod confirm;
mod course;
mod deliveries;
mod editing;
mod entry;
mod events;
mod exports;
mod fault;
mod fields;
pub mod files;
mod guard;
mod guest;
mod health;
mod held;
mod home;
mod incident;
mod incidents;
pub mod journal;
pub mod keywords;
mod language;
mod listen;
mod login;
mod mailroom;
mod pace;
mod pages;
mod papers;
mod plan;
mod reports;
mod router;
mod seat;
mod sources;
mod stream;
mod system;
mod upload;
mod view;
mod visit;
mod vitals;
mod wall;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use self::{
    access::{Keeper, Passwords},
    fault::Fault,
};
pub use self::{
    bounds::Bounds,
    vitals::{Ill, Vitals},
};
use crate::{
    collect::{fetch::SharedFetcher, poll::Bell},
    config::{Calendar, FrontProxy, Login, Office, channels::SmsService},
    dispatch::ConfirmKey,
    locale::Locale,
    model::{ChannelKind, Maintenance, Plan, Workdays},
    store::{Answer, Inbox, SharedStore},
    time::SharedClock,
};

/// What the console goes by. A new value takes effect with the next request.
#[derive(Clone)]
pub struct Settings {
    /// Language of the pages.
    pub locale: Locale,
    /// Zone in which times are shown.
    pub zone: TimeZone,
    /// Who is let in.
    pub login: Login,
    /// The reverse proxy that is trusted to say who comes and from where.
    pub proxy: Option<FrontProxy>,
    /// Certificate and key by which it speaks TLS itself.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// A bearer token that may do everything; `None`: there is none.
    pub token: Option<SecretString>,
    /// How links from outside begin, such as `https://yuqing.example.gov.cn`.
    pub public_url: Option<String>,
    /// Bearer tokens by the name of the program that may push posts.
    pub push_tokens: BTreeMap<String, SecretString>,
    /// Secret that the SMS gateway's reply webhook must present; `None` switches it off.
    pub reply_secret: Option<SecretString>,
    /// Secrets that gateways must present to tell what became of messages, by their channel; none switches that off.
    pub receipt_secrets: Vec<(ChannelKind, SecretString)>,
    /// 演示 or 演练, when every page must be marked.
    pub mark: Option<String>,
    /// Whether every contact is in exercise mode: nothing has been sent to anybody.
    pub exercise: bool,
    /// Names of the sources that are to be looked at; `None`: those of which the store knows.
    pub watched: Option<Arc<BTreeSet<String>>>,
    /// The units, in their order.
    pub units: Vec<String>,
    /// Each unit's plan.
    pub plans: BTreeMap<String, Arc<Plan>>,
    /// Days off and working weekends.
    pub workdays: Arc<Workdays>,
    /// Hours in which faults of the machinery are expected.
    pub maintenance: Arc<Maintenance>,
    /// Sensitive dates.
    pub calendar: Arc<Calendar>,
    /// The keyword lists and the matcher in force.
    pub keywords: keywords::Keywords,
    /// The office in force, whose files are edited; `None`: none can be.
    pub office: Option<Arc<Office>>,
    /// Key of the links and short codes by which notices are confirmed.
    pub confirm_key: ConfirmKey,
}

impl Settings {
    /// The least: Chinese, Beijing time, this machine only.
    #[must_use]
    pub fn new(confirm_key: ConfirmKey) -> Self {
        Self {
            locale: Locale::default(),
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            login: Login::None,
            proxy: None,
            tls: None,
            token: None,
            public_url: None,
            push_tokens: BTreeMap::new(),
            reply_secret: None,
            receipt_secrets: Vec::new(),
            mark: None,
            exercise: false,
            watched: None,
            units: Vec::new(),
            plans: BTreeMap::new(),
            workdays: Arc::default(),
            maintenance: Arc::default(),
            calendar: Arc::default(),
            keywords: keywords::Keywords::default(),
            office: None,
            confirm_key,
        }
    }
}

impl Settings {
    /// Whether people come by HTTPS, here or at the proxy before this: cookies are then never sent without.
    fn is_behind_tls(&self) -> bool {
        self.tls.is_some() || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What the office's files say.
    #[must_use]
    pub fn of(office: &Office, confirm_key: ConfirmKey) -> Self {
        let settings = &office.settings;
        let plan_of = |name: &String| Some((name.clone(), Arc::clone(office.plan_of(name)?)));
        let watched = office.sources.iter().filter(|source| source.enabled).map(|source| source.name.clone());
        Self {
            locale: settings.locale,
            zone: settings.time_zone.clone(),
            login: settings.console.login,
            proxy: settings.console.proxy.clone(),
            tls: settings.console.tls.clone(),
            token: settings.console.token.clone(),
            public_url: settings.console.public_url.clone(),
            push_tokens: settings.push_tokens.clone(),
            reply_secret: settings.sms.as_ref().and_then(|sms| sms.reply_secret.clone()),
            receipt_secrets: receipt_secrets_of(settings),
            mark: office.mark(),
            exercise: office.exercises_only(),
            watched: Some(Arc::new(watched.collect())),
            units: office.units.iter().map(|unit| unit.name.clone()).collect(),
            plans: office.units.iter().filter_map(|unit| plan_of(&unit.name)).collect(),
            workdays: Arc::clone(&office.workdays),
            maintenance: Arc::clone(&settings.maintenance.windows),
            calendar: Arc::clone(&office.calendar),
            keywords: keywords::Keywords::default(),
            office: None,
            confirm_key,
        }
    }
}

/// The secrets by which gateways tell what became of messages.
fn receipt_secrets_of(settings: &crate::config::Settings) -> Vec<(ChannelKind, SecretString)> {
    let sms = match settings.sms.as_ref().map(|sms| &sms.service) {
        Some(SmsService::Gateway(gateway)) => gateway.receipt_secret.clone(),
        Some(SmsService::Cloud(_)) | None => None,
    };
    let voice = settings.voice.as_ref().and_then(|gateway| gateway.receipt_secret.clone());
    let secrets = [(ChannelKind::Sms, sms), (ChannelKind::Voice, voice)];
    secrets.into_iter().filter_map(|(kind, secret)| Some((kind, secret?))).collect()
}

/// A message that the demo's mailbox or gateway took.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its number in the room; mails and messages count apart.
    pub number: usize,
    /// `email` or `sms`.
    pub kind: &'static str,
    /// When. UTC.
    pub at: Timestamp,
    /// To whom.
    pub to: String,
    /// Subject; empty for a text message.
    pub subject: String,
    /// Text.
    pub text: String,
    /// Names of the files that came with it.
    pub files: Vec<String>,
}

/// Where the demo's mails and messages can be read. Only the demo has one.
pub trait PostRoom: Send + Sync + 'static {
    /// All of them, newest first.
    fn letters(&self) -> Vec<Letter>;
    /// A file that came with a mail: by the mail's number, and which one from 0.
    fn file(&self, mail: usize, nth: usize) -> Option<(String, Vec<u8>)>;
}

/// What became of pushed posts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Pushed {
    /// Posts read.
    pub posts: usize,
    /// Of which so many concerned a unit and are durable now.
    pub mentions: usize,
}

/// Why pushed posts were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// What was sent cannot be read; nothing of it was taken.
    #[error("{0}")]
    Unreadable(String),
    /// No such source is configured for this program.
    #[error("no push source of this name: {0}")]
    UnknownSource(String),
    /// The desk is stopping; send it again.
    #[error("the desk is stopping; send it again")]
    Stopping,
}

/// Takes posts that another program pushes. Collect does it; the wiring hands it in.
pub trait PushDoor: Send + Sync + 'static {
    /// Takes a JSON array or JSON Lines from the program `name` and answers after the commit.
    fn accept<'a>(
        &'a self,
        name: &'a str,
        body: &'a [u8],
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Pushed, PushError>> + Send + 'a>>;
}

/// What the console looks at sources by itself with: a look out of turn, a trial, what a pasted address is.
#[derive(Debug, Clone)]
pub struct Scout {
    /// Rung for a look out of turn.
    pub bell: Bell,
    /// The way to the web that rounds take, so that a trial keeps the same pace; `None` while nothing can be fetched.
    pub fetcher: watch::Receiver<Option<SharedFetcher>>,
}

/// The console, ready to serve.
#[derive(Clone)]
pub struct Console {
    /// What it reads.
    pub store: SharedStore,
    /// Where acts go.
    pub inbox: Inbox,
    /// Business time.
    pub clock: SharedClock,
    /// What it goes by.
    pub settings: watch::Receiver<Arc<Settings>>,
    /// The last look at whether the machinery lives; `None` where nobody looks.
    pub vitals: Option<watch::Receiver<Vitals>>,
    /// The demo's mails, when there is a demo.
    pub post_room: Option<Arc<dyn PostRoom>>,
    /// Takes pushed posts; `None` answers 404.
    pub push: Option<Arc<dyn PushDoor>>,
    /// Looks at sources out of turn; `None` where nobody collects.
    pub scout: Option<Scout>,
    /// The accounts.
    pub access: Keeper,
    /// The machine's side of it; `None` where there is none to show.
    pub machine: Option<Machine>,
}

/// What the system's page shows of the daemon.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Since when it runs. UTC.
    pub started_at: Timestamp,
    /// Its database.
    pub database: PathBuf,
    /// Its last log lines.
    pub journal: journal::Journal,
}

impl Console {
    /// Every route behind which somebody has to stand, with what it needs.
    #[must_use]
    pub async fn doors(self) -> Vec<access::Door> {
        let over = CancellationToken::new();
        over.cancel();
        let bounds = Bounds::default();
        let live = events::Live::start(Arc::clone(&self.store), bounds.beat, over).await;
        router::doors(self, live, bounds)
    }
}

/// How long requests that have begun may go on after the stop.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

impl Console {
    /// Serves until `stop`, then lets requests that have begun come to their end, for five seconds at most. The live
    /// pages' streams end at once.
    ///
    /// # Errors
    /// When the listener breaks for good.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
        self.serve_within(Bounds::default(), listener, stop).await
    }

    /// Serves within other bounds than the usual ones.
    ///
    /// # Errors
    /// When the listener breaks for good.
    pub async fn serve_within(
        self,
        bounds: Bounds,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> std::io::Result<()> {
        let live = events::Live::start(Arc::clone(&self.store), bounds.beat, stop.clone()).await;
        let settings = self.settings.clone();
        let app = router::router(self, live, bounds).into_make_service_with_connect_info::<listen::Peer>();
        let listener = listen::Bounded::new(listener, bounds, settings);
        let served = axum::serve(listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
        tokio::select! {
            ended = async { served.await } => ended,
            () = async { stop.cancelled().await; tokio::time::sleep(LAST_REQUESTS).await } => Ok(()),
        }
    }
}

/// The console and its pages, as the handlers hold them.
#[derive(Clone)]
struct Room {
    console: Console,
    pages: Arc<pages::Pages>,
    door: Arc<login::Door>,
    passwords: Passwords,
    live: events::Live,
    /// Whoever saves a file of the office has the turn.
    editing: Arc<tokio::sync::Mutex<()>>,
    /// Contacts that were tested lately.
    proofs: plan::proof::Turnstile,
    /// Whoever plays a supposed post through has the turn.
    rehearsing: Arc<tokio::sync::Mutex<()>>,
    /// Who tries a source just now.
    trying: sources::trial::Trying,
    /// Lists that may be handed on as files at a time.
    exports: Arc<tokio::sync::Semaphore>,
    /// One check of the audit at a time.
    checking: Arc<tokio::sync::Semaphore>,
    /// The copy of the database that is being made, or was made last.
    copying: Arc<std::sync::Mutex<system::Copying>>,
}

impl Room {
    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.console.settings.borrow())
    }

    fn now(&self) -> Timestamp {
        self.console.clock.now()
    }

    fn store(&self) -> &SharedStore {
        &self.console.store
    }

    fn keeper(&self) -> &Keeper {
        &self.console.access
    }
}

/// Awaits an answer of the store and turns its error into a page.
async fn asked<T>(answer: Answer<'_, T>) -> Result<T, Fault> {
    answer.await.map_err(Fault::Store)
}
