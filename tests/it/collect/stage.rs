//! The stage of these tests: pages over real loopback HTTP, a clock that is moved by hand, a desk that
//! takes everything.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;
use yuqing::{
    collect::{
        Collector, Parts,
        adapter::{self, Page, Reading},
        fetch::{FetchError, Fetched, Fetcher, Request},
        poll::Bell,
        push::Door,
    },
    config::{
        FetchSettings,
        preset::{Preset, Presets},
        source::{self, Source},
    },
    desk::{Input, LiveSet, Operations},
    keyword::{self, Matcher},
    locale::Locale,
    model::Mention,
    store::{Inbox, SharedStore, SourceState, SqliteStore},
    time::{Manual, SharedClock},
};

/// How long a test waits for an event that must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn now() -> Timestamp {
    "2026-11-21T08:15:00+08:00".parse().unwrap()
}

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub fn preset(name: &str) -> Arc<Preset> {
    Presets::load(None).unwrap().get(name).unwrap()
}

/// Reads a body as if it had come from `url`.
pub fn read(preset_name: &str, url: &str, content_type: Option<&str>, body: &[u8]) -> Reading {
    let page = Page { url, content_type, body, asked: None };
    adapter::read(&preset(preset_name), &page, now())
}

/// Serves a router on loopback; the base address.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Serves raw connections: robots.txt is answered with 404, anything else by `answer`, which gets the path.
pub async fn raw<A, F>(answer: A) -> String
where
    A: Fn(String, TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut chunk = [0; 2048];
                while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(n) if n > 0 => head.extend_from_slice(&chunk[..n]),
                        _ => return,
                    }
                }
                let line = String::from_utf8_lossy(&head).into_owned();
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                if path == "/robots.txt" {
                    let none = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _ = stream.write_all(none).await;
                } else {
                    answer(path, stream).await;
                }
            });
        }
    });
    base
}

pub fn settings() -> FetchSettings {
    FetchSettings { host_pause: Duration::ZERO, host_concurrency: 4, ..FetchSettings::default() }
}

/// The same, with a folder for evidence and acceptances.
fn kept_in(folder: &Path) -> FetchSettings {
    FetchSettings { state_folder: Some(folder.to_owned()), ..settings() }
}

pub fn request(url: &str) -> Request {
    Request {
        url: url.to_owned(),
        allow_private: true,
        max_bytes: 1024 * 1024,
        timeout: SignedDuration::from_secs(10),
        pace: SignedDuration::ZERO,
        ..Request::default()
    }
}

pub fn fetcher(clock: SharedClock) -> Fetcher {
    Fetcher::new(settings(), clock).unwrap()
}

pub async fn fetch(url: &str) -> Result<Fetched, FetchError> {
    fetcher(Arc::new(Manual::at(now()))).fetch(&request(url)).await
}

/// One unit's keyword file.
pub fn matcher(list: &str) -> Arc<Matcher> {
    let list = keyword::parse("青禾县人民医院", "keywords/a.txt", list.as_bytes()).unwrap();
    Arc::new(Matcher::new(vec![Arc::new(list)]))
}

/// Sources out of a TOML text; pace is none and private addresses are allowed.
pub fn sources(text: &str) -> Vec<Source> {
    let presets = Presets::load(None).unwrap();
    let mut sources = source::parse(Path::new("sources.d/a.toml"), text, &presets, &[]).unwrap();
    for source in &mut sources {
        source.allow_private = true;
        source.pace = Some(SignedDuration::ZERO);
    }
    sources
}

/// A running room with a desk that takes everything and says so.
pub struct Stage {
    pub clock: Manual,
    pub store: SharedStore,
    pub inputs: mpsc::UnboundedReceiver<Input>,
    pub matcher: watch::Sender<Arc<Matcher>>,
    pub live: watch::Sender<Arc<LiveSet>>,
    pub refuse: Arc<AtomicUsize>,
    parts: Parts,
    stop: CancellationToken,
    room: Option<tokio::task::JoinHandle<()>>,
    _sources: watch::Sender<Arc<Vec<Source>>>,
    pub folder: tempfile::TempDir,
}

impl Stage {
    pub fn new(list: Vec<Source>, rules: &str) -> Self {
        Self::at(Manual::at(now()), list, rules)
    }

    /// A stage on which somebody else holds the clock too.
    pub fn at(clock: Manual, list: Vec<Source>, rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("a.db")).unwrap());
        let (sources_sender, sources) = watch::channel(Arc::new(list));
        let (matcher_sender, matcher) = watch::channel(matcher(rules));
        let (live_sender, live) = watch::channel(Arc::new(LiveSet::default()));
        let (inbox, mut desk) = Inbox::new(64);
        let (sender, inputs) = mpsc::unbounded_channel();
        let refuse = Arc::new(AtomicUsize::new(0));
        let refusing = Arc::clone(&refuse);
        tokio::spawn(async move {
            while let Some(envelope) = desk.recv().await {
                // A desk that stops drops the envelope without a word.
                if refusing.load(Ordering::SeqCst) > 0 {
                    refusing.fetch_sub(1, Ordering::SeqCst);
                    continue;
                }
                let _ = sender.send(envelope.input);
                let _ = envelope.done.send(Ok(()));
            }
        });
        let shared: SharedClock = Arc::new(clock.clone());
        let parts = Parts {
            sources,
            matcher,
            live,
            inbox,
            store: Arc::clone(&store),
            clock: Arc::clone(&shared),
            fetcher: Arc::new(Fetcher::new(kept_in(folder.path()), shared).unwrap()),
            locale: Locale::ZhCn,
            tally: Arc::default(),
            bell: Bell::default(),
            seed: 7,
        };
        Self {
            clock,
            store,
            inputs,
            matcher: matcher_sender,
            live: live_sender,
            refuse,
            parts,
            stop: CancellationToken::new(),
            room: None,
            _sources: sources_sender,
            folder,
        }
    }

    pub fn start(mut self) -> Self {
        self.stop = CancellationToken::new();
        let room = Collector::new(self.parts.clone());
        self.room = Some(tokio::spawn(room.run(self.stop.clone())));
        self
    }

    /// Stops the room and waits until it has ended; the store and the desk stay.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(room) = self.room.take() {
            tokio::time::timeout(PATIENCE, room).await.expect("the room stops").unwrap();
        }
    }

    /// A door for pushed posts into the same store, with a desk of its own.
    pub fn door(&self, inbox: Inbox) -> Door {
        let Parts { sources, matcher, live, store, clock, tally, locale, .. } = self.parts.clone();
        Door { sources, matcher, live, inbox, store, clock, tally, locale }
    }

    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    pub async fn next(&mut self) -> Input {
        tokio::time::timeout(PATIENCE, self.inputs.recv()).await.expect("an input comes").unwrap()
    }

    pub async fn mention(&mut self) -> Mention {
        match self.next().await {
            Input::Mention(mention) => *mention,
            other => panic!("a mention was expected, not {other:?}"),
        }
    }

    pub async fn operations(&mut self) -> Operations {
        match self.next().await {
            Input::Operations(told) => told,
            other => panic!("an operations notice was expected, not {other:?}"),
        }
    }

    /// Waits until a source's `rounds`-th round was settled: only then may the clock be moved on, and only
    /// then may the room be stopped by a test that asks what the round left (a stop drops a round that runs).
    pub async fn settled(&self, source: &str, rounds: u64) -> SourceState {
        let settled = async {
            loop {
                let state = self.store.source_state(source).await.unwrap();
                if state.rounds >= rounds {
                    return state;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("the round is settled")
    }

    /// Nothing is waiting now.
    pub fn silent(&mut self) {
        if let Ok(input) = self.inputs.try_recv() {
            panic!("nothing was expected, not {input:?}");
        }
    }
}

/// Counts requests and tells of each.
#[derive(Clone)]
pub struct Visits(mpsc::UnboundedSender<String>);

impl Visits {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    pub fn note(&self, what: impl Into<String>) {
        let _ = self.0.send(what.into());
    }
}

pub async fn visit(visits: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(PATIENCE, visits.recv()).await.expect("a request comes").unwrap()
}
