//! A mail server of our own on loopback that follows a script: it accepts, refuses, hangs or goes away
//! at whatever point of the conversation a test wants, and keeps what it accepted.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::task::AbortOnDropHandle;

/// A point of the conversation, named by what the client has just said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    Connected,
    Hello,
    Sender,
    Recipient,
    Data,
    /// The message and its final dot have come.
    Content,
    /// 250 to the message was written: from here on it is accepted.
    Accepted,
}

/// What the server does at a point instead of agreeing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Say(&'static str),
    /// Never says anything again.
    Hang,
    /// Closes the connection without a word.
    Close,
    /// Says this, with `{to}` and `{login}` replaced by what the client gave.
    Echo(&'static str),
}

/// One conversation's script: agree with everything but at this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    pub at: Point,
    pub act: Act,
}

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Address of MAIL FROM.
    pub from: String,
    /// Addresses of RCPT TO.
    pub to: Vec<String>,
    /// The message with its headers, lines ended by LF.
    pub raw: String,
}

type Hook = Arc<dyn Fn(Point) + Send + Sync>;

#[derive(Default)]
struct Shared {
    scripts: Mutex<VecDeque<Script>>,
    always: Mutex<Option<Script>>,
    letters: watch::Sender<Vec<Letter>>,
    conversations: watch::Sender<usize>,
    connections: watch::Sender<usize>,
    /// Conversations that have not ended.
    open: watch::Sender<usize>,
    hook: Mutex<Option<Hook>>,
}

/// The server; it stops when dropped.
pub struct MailServer {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { address, shared, _task: AbortOnDropHandle::new(task) }
    }

    /// The next conversation without a script of its own follows this one.
    pub fn script(&self, at: Point, act: Act) {
        self.shared.scripts.lock().unwrap().push_back(Script { at, act });
    }

    /// Every conversation without a script of its own follows this one; `None` accepts everything.
    pub fn always(&self, script: Option<Script>) {
        *self.shared.always.lock().unwrap() = script;
    }

    /// Called at every point of every conversation, before the server answers there.
    pub fn at_every_point(&self, hook: impl Fn(Point) + Send + Sync + 'static) {
        *self.shared.hook.lock().unwrap() = Some(Arc::new(hook));
    }

    /// What was accepted so far.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.letters.borrow().clone()
    }

    /// Waits until so many messages have been accepted.
    pub async fn wait_for(&self, count: usize) -> Vec<Letter> {
        let mut letters = self.shared.letters.subscribe();
        let wait = letters.wait_for(|letters| letters.len() >= count);
        let found = tokio::time::timeout(Duration::from_secs(120), wait).await;
        found.unwrap_or_else(|_| panic!("fewer than {count} letters came")).unwrap().clone()
    }

    /// Waits until every conversation has ended, so that what a dead client had sent is taken or dropped.
    pub async fn wait_until_quiet(&self) {
        let mut open = self.shared.open.subscribe();
        tokio::time::timeout(Duration::from_secs(120), open.wait_for(|open| *open == 0))
            .await
            .unwrap_or_else(|_| panic!("a conversation does not end"))
            .unwrap();
    }

    /// Conversations begun so far: the first mail of a connection, or what else it was opened for, and each mail more.
    pub fn conversations(&self) -> usize {
        *self.shared.conversations.borrow()
    }

    /// Connections taken so far.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// Waits until so many conversations have begun.
    pub async fn wait_for_conversations(&self, count: usize) {
        let mut taken = self.shared.conversations.subscribe();
        tokio::time::timeout(Duration::from_secs(120), taken.wait_for(|taken| *taken >= count))
            .await
            .unwrap_or_else(|_| panic!("fewer than {count} conversations"))
            .unwrap();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.conversations.send_modify(|taken| *taken += 1);
        shared.connections.send_modify(|taken| *taken += 1);
        shared.open.send_modify(|open| *open += 1);
        let own = shared.scripts.lock().unwrap().pop_front();
        let script = own.or(*shared.always.lock().unwrap());
        let talk = Talk {
            stream: BufReader::new(stream),
            shared: Arc::clone(&shared),
            script,
            login: String::new(),
        };
        tokio::spawn(talk.run());
    }
}

struct Talk {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    script: Option<Script>,
    login: String,
}

impl Talk {
    /// Ends by itself when either side goes away.
    async fn run(mut self) {
        let _ = self.converse().await;
        self.shared.open.send_modify(|open| *open -= 1);
    }

    async fn converse(&mut self) -> Option<()> {
        let (mut from, mut to) = (String::new(), Vec::new());
        self.answer(Point::Connected, "220 luoyin.example ESMTP", "").await?;
        loop {
            let line = self.line().await?;
            let verb: String = line.chars().take(4).collect::<String>().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.answer(
                        Point::Hello,
                        "250-luoyin.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                        "",
                    )
                    .await?;
                }
                "AUTH" => {
                    let given = line.rsplit(' ').next().unwrap_or_default();
                    let given = STANDARD.decode(given).unwrap_or_default();
                    self.login = String::from_utf8_lossy(&given).replace('\0', " ");
                    self.say("235 2.7.0 welcome").await?;
                }
                "MAIL" => {
                    if !from.is_empty() {
                        self.go_on().await?;
                    }
                    from = bare(&line);
                    self.answer(Point::Sender, "250 2.1.0 fine", "").await?;
                }
                "RCPT" => {
                    let recipient = bare(&line);
                    if self.answer(Point::Recipient, "250 2.1.5 fine", &recipient).await? {
                        to.push(recipient);
                    }
                }
                "DATA" => {
                    if self.answer(Point::Data, "354 go on", "").await? {
                        let raw = self.content().await?;
                        let letter = Letter { from: from.clone(), to: std::mem::take(&mut to), raw };
                        self.take(letter).await?;
                    }
                }
                "QUIT" => {
                    self.say("221 2.0.0 bye").await?;
                    return None;
                }
                _ => self.say("250 2.0.0 fine").await?,
            }
        }
    }

    /// One mail more on a connection: only while nothing is scripted, so that a script is that of one mail.
    async fn go_on(&mut self) -> Option<()> {
        let is_scripted =
            !self.shared.scripts.lock().unwrap().is_empty() || self.shared.always.lock().unwrap().is_some();
        if is_scripted || self.script.is_some() {
            self.say("421 4.7.0 enough on one connection").await?;
            return None;
        }
        self.shared.conversations.send_modify(|taken| *taken += 1);
        Some(())
    }

    async fn take(&mut self, letter: Letter) -> Option<()> {
        let recipient = letter.to.first().cloned().unwrap_or_default();
        if self.answer(Point::Content, "", &recipient).await? {
            // Kept before the answer: whoever reads 250 may look at once.
            self.shared.letters.send_modify(|letters| letters.push(letter));
            self.say("250 2.0.0 taken").await?;
            self.tell(Point::Accepted);
        }
        Some(())
    }

    /// Does what the script says at this point, or else says `usual`; whether it agreed.
    async fn answer(&mut self, point: Point, usual: &str, recipient: &str) -> Option<bool> {
        self.tell(point);
        match self.script.filter(|script| script.at == point).map(|script| script.act) {
            None => {
                if !usual.is_empty() {
                    self.say(usual).await?;
                }
                Some(true)
            }
            Some(Act::Say(words)) => {
                self.say(words).await?;
                Some(false)
            }
            Some(Act::Echo(words)) => {
                let words = words.replace("{to}", recipient).replace("{login}", &self.login);
                self.say(&words).await?;
                Some(false)
            }
            Some(Act::Close) => None,
            Some(Act::Hang) => {
                // Ends when the client goes away.
                while self.line().await.is_some() {}
                None
            }
        }
    }

    fn tell(&self, point: Point) {
        let hook = self.shared.hook.lock().unwrap().clone();
        if let Some(hook) = hook {
            hook(point);
        }
    }

    async fn say(&mut self, words: &str) -> Option<()> {
        self.stream.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
        self.stream.flush().await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await.ok()?;
        (read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn content(&mut self) -> Option<String> {
        let mut raw = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Some(raw);
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push('\n');
        }
    }
}

fn bare(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(one, _)| one.to_owned())
}

impl Letter {
    /// A header as it stands, unfolded; `None` when it is missing.
    pub fn raw_header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
        let prefix = format!("{}:", name.to_ascii_lowercase());
        head.lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&prefix))
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
    }

    /// A header with its encoded words (RFC 2047, base64 as our mails have it) read.
    pub fn header(&self, name: &str) -> Option<String> {
        let raw = self.raw_header(name)?.replace("?= =?", "?==?");
        let (mut out, mut rest) = (String::new(), raw.as_str());
        while let Some((before, word)) = rest.split_once("=?utf-8?b?") {
            let (word, after) = word.split_once("?=").unwrap();
            out.push_str(before);
            out.push_str(&String::from_utf8(STANDARD.decode(word).unwrap()).unwrap());
            rest = after;
        }
        Some(out + rest)
    }

    pub fn subject(&self) -> String {
        self.header("Subject").unwrap()
    }
}
