//! The real program as an office runs it, on a clock that the test steps while it runs (`clock.c`, preloaded).

use std::{
    fs::OpenOptions,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::{Command as Plain, Stdio},
    sync::OnceLock,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};
use yuqing::time::{Clock as _, System};

use super::{
    gateway::Gateway,
    office::{self, DOMAIN, TOKEN},
};
use crate::support::mail::{Letter, MailServer};

/// How long anything that must happen may take.
const BOUND: Duration = Duration::from_secs(60);

/// What outlives the program.
pub struct World {
    pub folder: tempfile::TempDir,
    pub mail: MailServer,
    _gateway: Gateway,
    clock: PathBuf,
    began: Timestamp,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mail, gateway) = (MailServer::start().await, Gateway::start().await);
        std::fs::create_dir(folder.path().join("office")).unwrap();
        office::write(&folder.path().join("office"), mail.address.port(), gateway.port, "30s", "");
        let clock = folder.path().join("clock");
        std::fs::write(&clock, [0; 16]).unwrap();
        Self { folder, mail, _gateway: gateway, clock, began: System.now() }
    }

    /// From now on the program reads a clock that stands so many seconds beside the machine's: the time of day,
    /// and the time since the start.
    pub fn clock(&self, wall: i64, since_start: i64) {
        let file = OpenOptions::new().write(true).open(&self.clock).unwrap();
        file.write_all_at(&wall.to_ne_bytes(), 0).unwrap();
        file.write_all_at(&since_start.to_ne_bytes(), 8).unwrap();
    }

    /// The story, which was published a little before the test began.
    pub fn post(&self, views: u64) -> Value {
        office::post(2, views, self.began - SignedDuration::from_mins(5))
    }

    pub async fn start(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.arg("run").arg("--json").args(["--listen", "127.0.0.1:0"]);
        command.arg("--office").arg(self.folder.path().join("office"));
        command.arg("--state").arg(self.folder.path().join("state"));
        command.env("LD_PRELOAD", shim()).env("TEST_CLOCK", &self.clock);
        Program::start(command).await
    }

    /// Letters to a person so far, by the local part of the mailbox.
    pub fn letters_to(&self, local: &str) -> Vec<Letter> {
        let mailbox = format!("{local}@{DOMAIN}");
        self.mail.letters().into_iter().filter(|letter| letter.to == [mailbox.clone()]).collect()
    }

    /// Waits until a person has got so many letters.
    pub async fn letters(&self, local: &str, count: usize) -> Vec<Letter> {
        let come = async {
            while self.letters_to(local).len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, come).await.unwrap_or_else(|_| panic!("{local} gets no letter"));
        self.letters_to(local)
    }

    /// What a query counts in the running program's database.
    pub fn count(&self, sql: &str) -> i64 {
        count(&self.folder.path().join("state/yuqing.db"), sql)
    }

    /// Waits until a query counts so many.
    pub async fn counts(&self, sql: &str, wanted: i64) {
        let come = async {
            while self.count(sql) != wanted {
                tokio::task::yield_now().await;
            }
        };
        let come = tokio::time::timeout(BOUND, come).await;
        come.unwrap_or_else(|_| panic!("{sql}: {} and never {wanted}", self.count(sql)));
    }
}

/// What a query counts in a database that another process writes.
pub fn count(database: &Path, sql: &str) -> i64 {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.busy_timeout(BOUND).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A running program.
pub struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    address: String,
    client: reqwest::Client,
}

impl Program {
    /// Starts it and waits until it listens.
    pub async fn start(mut command: Command) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        for inherited in ["YUQING_OFFICE", "STATE_DIRECTORY", "RUST_LOG", "NOTIFY_SOCKET"] {
            command.env_remove(inherited);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut program = Self { child, lines, address: String::new(), client };
        let listens = program.says("the console listens").await;
        let listens: Value = serde_json::from_str(&listens).unwrap();
        program.address = listens["fields"]["address"].as_str().unwrap().to_owned();
        program
    }

    /// Waits for a line of its log.
    pub async fn says(&mut self, words: &str) -> String {
        self.says_one_of(&[words]).await
    }

    /// The same for the first of several.
    pub async fn says_one_of(&mut self, words: &[&str]) -> String {
        let mut before = Vec::new();
        loop {
            match tokio::time::timeout(BOUND, self.lines.next_line()).await {
                Ok(Ok(Some(line))) if words.iter().any(|words| line.contains(words)) => return line,
                Ok(Ok(Some(line))) => before.push(line),
                other => panic!("{other:?}; it said only:\n{}", before.join("\n")),
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Pushes a post and waits until it is durable.
    pub async fn push(&self, post: &Value) {
        let answer = self.begin_push(post).await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// The same without looking at the answer.
    pub fn begin_push(
        &self,
        post: &Value,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
        let url = format!("http://{}/api/v1/posts", self.address);
        self.client.post(url).bearer_auth(TOKEN).body(post.to_string()).send()
    }

    /// Asks it for a page, whatever comes: a program whose clock was stepped looks at it when it is woken.
    pub async fn wake(&self) {
        let _ = self.client.get(format!("http://{}/login", self.address)).send().await;
    }

    pub fn signal(&self, name: &str) {
        let sent = Plain::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Lets it stand still; waits until the system says that it does.
    pub async fn freeze(&self) {
        self.signal("-STOP");
        let stat = format!("/proc/{}/stat", self.pid());
        let stands = async {
            while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, stands).await.expect("it does not stop");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    pub async fn kill(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }

    /// Ends it in order.
    pub async fn stop(mut self) {
        self.signal("-TERM");
        let ended = tokio::time::timeout(BOUND, self.child.wait()).await.expect("it does not end").unwrap();
        assert!(ended.success(), "{ended}");
    }
}

/// The clock, made once for all tests.
fn shim() -> &'static Path {
    static SHIM: OnceLock<(PathBuf, tempfile::TempDir)> = OnceLock::new();
    let (path, _) = SHIM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/clock.c");
        let made = Plain::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&path).arg(source).status();
        assert!(made.expect("a C compiler; tests/all installs one").success());
        (path, folder)
    });
    path
}
