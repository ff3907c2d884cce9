//! The daemon as a value: started, asked where it listens, told to reload, stopped. What can fail happens
//! before anything that lives is touched; the stop runs backwards and always ends.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    collecting::Collecting,
    daily::Daily,
    heartbeat::{self, Pulse},
    inbox::{DeskLoop, SharedClockDebug, SharedStoreDebug},
    keeping::Keeping,
    quiet_test::QuietTest,
    reload::{Rooms, console_of},
    reserve::Reserve,
    sender::Sender,
    teardown::Teardown,
};
use crate::{
    collect::{fetch::access::AccessLog, poll::Bell},
    config::{self, Fault, Folder, Login, Watch},
    console::{Console, Machine, PostRoom, Vitals, access::Keeper, journal::Journal, keywords::Keywords},
    desk::{Desk, LiveSet},
    dispatch::ConfirmKey,
    fault,
    keyword::Matcher,
    store::{self, Inbox, SharedStore, SqliteStore, StoreError},
    time::{SharedClock, SmallShare},
};

/// Inputs that may wait at the desk's door; more slow the collectors down.
const WAITING: usize = 4_096;

/// What a daemon is started with.
pub struct Options {
    /// The office's files.
    pub folder: Folder,
    /// Where the database and the key of confirm links stand.
    pub state_dir: PathBuf,
    /// Where the console listens instead of what the settings say.
    pub listen: Option<SocketAddr>,
    /// Business time.
    pub clock: SharedClock,
    /// The demo's mailbox.
    pub post_room: Option<Arc<dyn PostRoom>>,
    /// The last log lines of this process; an empty one where nobody keeps them.
    pub journal: Journal,
    /// Whether links in notices lead to the console's own address when the settings name none (the demo).
    pub link_to_self: bool,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("folder", &self.folder)
            .field("state_dir", &self.state_dir)
            .finish_non_exhaustive()
    }
}

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Files of the office are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Office(Vec<Fault>),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something of the machine is missing.
    #[error("{what}: {error}")]
    Machine {
        /// What was tried.
        what: String,
        /// What the system says.
        error: std::io::Error,
    },
}

fn machine(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> StartError {
    let what = what.into();
    move |error| StartError::Machine { what, error }
}

/// A running daemon.
pub struct Daemon {
    first: Option<String>,
    address: SocketAddr,
    store: SharedStore,
    inbox: Inbox,
    office: Watch,
    beat: watch::Receiver<Timestamp>,
    teardown: Teardown,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Daemon {
    /// Starts all rooms.
    ///
    /// # Errors
    /// A wrong file, a database that cannot be opened, a port that is taken. Nothing runs then.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // A broken file must not keep a restarted daemon from watching: the last good ones stand in.
        let copy = options.state_dir.join("last-good");
        let read = config::last_good::start(&options.folder, &copy).map_err(StartError::Office)?;
        let office = Arc::new(read.office.clone());
        let faults = read.faults.clone();
        std::fs::create_dir_all(&options.state_dir)
            .map_err(machine(format!("cannot make {}", options.state_dir.display())))?;
        let database =
            office.settings.daemon.database.clone().unwrap_or_else(|| options.state_dir.join("yuqing.db"));
        let bounds = store::Options { max_pages: fault::max_pages(), ..store::Options::default() };
        let store: SharedStore = Arc::new(SqliteStore::open_with(&database, bounds)?);
        let confirm = ConfirmKey::load_or_create(&options.state_dir.join("confirm.key"))
            .map_err(machine("cannot read or make confirm.key"))?;
        let listen = options.listen.unwrap_or(office.settings.console.listen);
        let listener = TcpListener::bind(listen)
            .await
            .map_err(machine(format!("the console cannot listen on {listen}")))?;
        let address = listener.local_addr().map_err(machine("the console's address"))?;
        let public_url = options.link_to_self.then(|| format!("http://{address}"));

        // From here on nothing fails.
        let clock = options.clock.clone();
        let mut teardown = Teardown::default();
        let office_watch = config::watch_keeping(read, copy, clock.clone());
        let (inbox, inputs) = Inbox::new(WAITING);
        let (live, live_set) = watch::channel(Arc::new(LiveSet::default()));
        let (setup, setup_receiver) = watch::channel(office.setup());
        let matched_at = clock.now();
        let matcher = Arc::new(Matcher::new(office.lists_at(matched_at)));
        let keywords = Keywords::of(&office, Arc::clone(&matcher), &faults);
        let (matcher, matcher_receiver) = watch::channel(matcher);
        let console_settings = Arc::new(console_of(&office, keywords, &confirm, public_url.as_deref()));
        let (console, console_receiver) = watch::channel(console_settings);
        let (beat, beat_receiver) = watch::channel(clock.now());
        let (vitals, vitals_receiver) = watch::channel(Vitals { looked_at: clock.now(), ill: None });
        let outbox = Arc::new(Notify::new());

        let restored = store.restore().await?;
        let mut desk = Desk::new(office.setup(), restored, clock.now());
        // Collect must know what is paused before its first round.
        live.send_replace(Arc::new(desk.publish()));
        info!(open = desk.open_incidents(), "the desk goes on where it stood");
        let desk_loop = DeskLoop {
            desk,
            inputs,
            store: SharedStoreDebug(store.clone()),
            clock: SharedClockDebug(clock.clone()),
            outbox: outbox.clone(),
            live,
            setup: setup_receiver,
            stale: true,
            publishing: SmallShare::default(),
            beat,
            reserve: Reserve::beside(&database),
            waits_for_room: false,
            commits: store.last_commit().await?,
        };
        spawn(&mut teardown, "desk", |cancel| desk_loop.run(cancel));

        let sender = Sender {
            store: store.clone(),
            inbox: inbox.clone(),
            clock: clock.clone(),
            confirm: confirm.clone(),
            outbox,
            public_url: public_url.clone(),
        };
        let in_force = office_watch.state();
        spawn(&mut teardown, "dispatch", |cancel| sender.run(in_force, cancel));

        let access =
            AccessLog::in_folder(options.state_dir.join("access"), office.settings.fetch.access_log_days);
        let last_lines = access.clone();
        // Undone after the collector, whose last requests it must still take.
        teardown.undo("access log", async move { last_lines.flush().await });
        let collecting = Collecting {
            store: store.clone(),
            inbox: inbox.clone(),
            clock: clock.clone(),
            matcher: matcher_receiver,
            live: live_set,
            sources: watch::Sender::new(Arc::clone(&office.sources)),
            state_folder: database.parent().map(Path::to_owned),
            access,
            tally: Arc::default(),
            bell: Bell::default(),
            fetcher: watch::Sender::new(None),
        };
        let scout = collecting.scout();
        let push = collecting.push_door(office.settings.locale);
        let in_force = office_watch.state();
        spawn(&mut teardown, "collect", |cancel| collecting.run(in_force, cancel));

        let keeper = Keeper::new(store.clone());
        let first = match office.settings.console.login {
            Login::Accounts => keeper.first(clock.now()).await?,
            Login::None => None,
        };
        let pages = Console {
            access: keeper,
            store: store.clone(),
            inbox: inbox.clone(),
            clock: clock.clone(),
            settings: console_receiver,
            vitals: Some(vitals_receiver),
            post_room: options.post_room,
            push: Some(push),
            machine: Some(Machine {
                started_at: clock.now(),
                database: database.clone(),
                journal: options.journal,
            }),
            scout: Some(scout),
        };
        spawn(&mut teardown, "console", |cancel| async move {
            if let Err(error) = pages.serve(listener, cancel).await {
                tracing::error!(%error, "the console broke");
            }
        });

        let inbox_of_rooms = inbox.clone();
        let (daily_confirm, daily_url) = (confirm.clone(), public_url.clone());
        let clock_of_sweep = clock.clone();
        let rooms = Rooms {
            setup,
            matcher,
            console,
            store: store.clone(),
            inbox: inbox_of_rooms,
            clock,
            confirm,
            public_url,
            matched_at,
        };
        let keeping = Keeping { store: store.clone(), inbox: inbox.clone(), clock: clock_of_sweep };
        let in_force = office_watch.state();
        spawn(&mut teardown, "keeping", |cancel| keeping.run(in_force, cancel));

        let in_force = office_watch.state();
        spawn(&mut teardown, "reload", |cancel| rooms.run(in_force, cancel));

        let daily = Daily {
            store: store.clone(),
            inbox: inbox.clone(),
            clock: options.clock.clone(),
            confirm: daily_confirm,
            public_url: daily_url,
        };
        let in_force = office_watch.state();
        spawn(&mut teardown, "daily", |cancel| daily.run(in_force, cancel));
        let quiet = QuietTest { store: store.clone(), inbox: inbox.clone(), clock: options.clock.clone() };
        let in_force = office_watch.state();
        spawn(&mut teardown, "quiet test", |cancel| quiet.run(in_force, cancel));
        let pulse = Pulse {
            store: store.clone(),
            desk: beat_receiver.clone(),
            rooms: teardown.tasks(),
            clock: options.clock.clone(),
            patience: heartbeat::PATIENCE,
        };
        let in_force = office_watch.state();
        let own = pulse.clone();
        spawn(&mut teardown, "vitals", |cancel| heartbeat::look_after(own, vitals, cancel));
        spawn(&mut teardown, "heartbeat", |cancel| heartbeat::run(pulse, in_force, cancel));
        info!(%address, "the console listens");
        let first = first.map(|path| {
            let base = office.settings.console.public_url.clone();
            let own = || format!("{}://{address}", office.settings.console.scheme());
            format!("{}{path}", base.unwrap_or_else(own))
        });
        if let Some(link) = &first {
            // The one way to the first account; it is good for a day and for one use.
            info!(link, "there is no account yet: open this link to make the first administrator");
        }
        Ok(Self { first, address, store, inbox, office: office_watch, beat: beat_receiver, teardown })
    }

    /// The link by which the first administrator is made, while there is none.
    #[must_use]
    pub fn first_link(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// How the console's own address begins: `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.office.state().borrow().office.settings.console.scheme()
    }

    /// Where the console listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store, for reading.
    #[must_use]
    pub fn store(&self) -> &SharedStore {
        &self.store
    }

    /// The door to the desk.
    #[must_use]
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// The office's files in force.
    #[must_use]
    pub fn office(&self) -> Arc<config::Office> {
        self.office.office()
    }

    /// Reads the office's files now.
    ///
    /// # Errors
    /// All faults; what was in force stays.
    pub async fn reload(&self) -> Result<(), Vec<Fault>> {
        self.office.reload().await
    }

    /// Whether the daemon truly works: the store answers and the desk's loop turns.
    pub async fn is_well(&self) -> bool {
        self.store.ping().await.is_ok()
    }

    /// The instant of the desk's last turn. UTC.
    #[must_use]
    pub fn last_beat(&self) -> Timestamp {
        *self.beat.borrow()
    }

    /// Stops all rooms, last started first. Answers with the parts that did not stop in time.
    pub async fn stop(self) -> Vec<&'static str> {
        let Self { teardown, office, inbox, .. } = self;
        drop(office);
        let late = teardown.stop().await;
        drop(inbox);
        late
    }
}

fn spawn<F>(teardown: &mut Teardown, name: &'static str, start: impl FnOnce(CancellationToken) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let cancel = CancellationToken::new();
    let task = tokio::spawn(start(cancel.clone()));
    teardown.task(name, cancel, task);
}
