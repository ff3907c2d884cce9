//! FlaskBB as a child process: its own database in a folder of its own, made by its own command line, on a
//! port that it picks itself. Its access log says who has asked for what.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStderr, Command},
    sync::watch,
};

/// How long anything that must happen may take on a busy machine.
const BOUND: Duration = Duration::from_secs(90);

/// The member that writes.
pub const MEMBER: (&str, &str) = ("zhang", "huiyuan-de-mima");

/// Redis, Celery and mail stay out: nothing but the forum itself runs.
const SETTINGS: &str = r#"
SQLALCHEMY_DATABASE_URI = "sqlite:///{home}/forum.sqlite"
WHOOSHEE_DIR = "{home}/search"
SECRET_KEY = "only for a test"
WTF_CSRF_ENABLED = True
WTF_CSRF_SECRET_KEY = "only for a test as well"
USE_DEFAULT_LOGGING = False
LOG_CONF_FILE = None
SEND_LOGS = False
CACHE_TYPE = "simple"
REDIS_ENABLED = False
CELERY_TASK_ALWAYS_EAGER = True
RATELIMIT_ENABLED = False
MAIL_SUPPRESS_SEND = True
"#;

/// A running forum; it ends when dropped.
pub struct Forum {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    log: Arc<Log>,
    _child: Child,
    _home: tempfile::TempDir,
}

#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    n_lines: watch::Sender<usize>,
}

impl Forum {
    /// Makes its database with a board, an administrator and a member, and starts it.
    pub async fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let settings = SETTINGS.replace("{home}", home.path().to_str().expect("a path in UTF-8"));
        std::fs::write(home.path().join("forum.cfg"), settings).expect("its settings");
        let admin = ["-u", "admin", "-e", "admin@example.org", "-p", "guanliyuan-de-mima"];
        order(home.path(), &[&["install", "--no-plugins", "--force"][..], &admin].concat()).await;
        let (name, password) = MEMBER;
        let member = ["-u", name, "-e", "zhang@example.org", "-p", password, "-g", "member"];
        order(home.path(), &[&["users", "new"][..], &member].concat()).await;

        let mut command = program(home.path());
        command.args(["run", "--no-reload", "--no-debugger", "--host", "127.0.0.1", "--port", "0"]);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the forum");
        let log = Arc::new(Log::default());
        tokio::spawn(listen(child.stderr.take().expect("its log"), Arc::clone(&log)));
        let mut forum = Self { base: String::new(), log, _child: child, _home: home };
        let line = forum.says(0, |line| line.contains("Running on http://")).await;
        let address = line.split_whitespace().find_map(|word| word.strip_prefix("http://"));
        forum.base = format!("http://{}", address.expect("an address").trim_end_matches('/'));
        forum
    }

    /// Lines of its log so far.
    pub fn n_lines(&self) -> usize {
        *self.log.n_lines.borrow()
    }

    /// Waits for a line of its log behind the first `after`.
    pub async fn says(&self, after: usize, wanted: impl Fn(&str) -> bool) -> String {
        let mut n_lines = self.log.n_lines.subscribe();
        let found = async {
            loop {
                let line =
                    self.log.lines.lock().unwrap().iter().skip(after).find(|line| wanted(line)).cloned();
                if let Some(line) = line {
                    return line;
                }
                // The sender lives as long as the forum.
                let _ = n_lines.changed().await;
            }
        };
        tokio::time::timeout(BOUND, found)
            .await
            .unwrap_or_else(|_| panic!("the forum never said it; its log:\n{}", self.log()))
    }

    /// Its whole log.
    pub fn log(&self) -> String {
        self.log.lines.lock().unwrap().join("\n")
    }
}

/// The forum's own command line.
fn program(home: &Path) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("forum-venv/bin/python");
    assert!(
        python.exists(),
        "the forum program is not installed ({} is missing): run tests/forum/setup first",
        python.display()
    );
    let mut command = Command::new(python);
    command.arg(root.join("tests/forum/program.py")).arg("--config").arg(home.join("forum.cfg"));
    command.arg("--instance").arg(home).env("PYTHONUNBUFFERED", "1").env("LC_ALL", "C.UTF-8");
    command.current_dir(home).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs one command of it to its end.
async fn order(home: &Path, arguments: &[&str]) {
    let run = program(home).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let output = tokio::time::timeout(BOUND, run).await.expect("in time").expect("the forum's command line");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{arguments:?} ended by {}:\n{}{}",
        output.status,
        said(&output.stdout),
        said(&output.stderr)
    );
}

async fn listen(said: ChildStderr, log: Arc<Log>) {
    let mut lines = BufReader::new(said).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        log.lines.lock().unwrap().push(line);
        log.n_lines.send_modify(|count| *count += 1);
    }
}
