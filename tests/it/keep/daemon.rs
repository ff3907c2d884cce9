//! A real office with the real program: started, fed through its push door, stopped.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use serde_json::Value;

/// How long anything that must happen may take.
const BOUND: Duration = Duration::from_secs(60);
pub const UNIT: &str = "青川县人民医院";

/// An office's folder and its state.
pub struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    /// Its pages are read here without an account.
    pub fn new() -> Self {
        let office = Self::with_accounts();
        let settings = office.path("office/yuqing.toml");
        let written = std::fs::read_to_string(&settings).unwrap();
        let open = written.replacen("[console]", "[console]\nlogin = \"none\"", 1);
        assert_ne!(written, open);
        std::fs::write(settings, open).unwrap();
        office
    }

    /// As it comes: whoever reads its pages has an account.
    pub fn with_accounts() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = Self { folder };
        let made = office.command(&["init", "--unit", UNIT]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let token = office.path("token");
        std::fs::write(&token, "key-of-the-test").unwrap();
        office.append(
            "yuqing.toml",
            &format!("\n[[push]]\nname = \"采集\"\ntoken = \"file:{}\"\n", token.display()),
        );
        let sources = "[[push]]\nname = \"采集\"\nsite_kind = \"forum\"\n";
        std::fs::write(office.path("office/sources.d/push.toml"), sources).unwrap();
        office
    }

    pub fn append(&self, file: &str, text: &str) {
        let file = self.path("office").join(file);
        let whole = std::fs::read_to_string(&file).unwrap() + text;
        std::fs::write(file, whole).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("office/state/yuqing.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.args(arguments).arg("--office").arg(self.path("office"));
        for inherited in ["YUQING_OFFICE", "STATE_DIRECTORY", "RUST_LOG", "NOTIFY_SOCKET"] {
            command.env_remove(inherited);
        }
        command.current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.command(arguments).output().unwrap())
    }

    /// Starts the daemon and waits until it listens.
    pub fn start(&self) -> Daemon {
        self.start_by()
    }

    /// Runs a command by another program, which limits it.
    pub fn run_under(&self, program: &str, limits: &[&str], arguments: &[&str]) -> Ended {
        let inner = self.command(arguments);
        let mut outer = Command::new(program);
        outer.args(limits).arg(inner.get_program()).args(inner.get_args()).current_dir(self.folder.path());
        for inherited in ["YUQING_OFFICE", "STATE_DIRECTORY", "RUST_LOG", "NOTIFY_SOCKET"] {
            outer.env_remove(inherited);
        }
        Ended(outer.output().unwrap())
    }

    fn start_by(&self) -> Daemon {
        let mut command = self.command(&["run", "--json", "--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut daemon = Daemon { child, lines, address: String::new() };
        let listens = daemon.says(|line| line.contains("the console listens"));
        let listens: Value = serde_json::from_str(&listens).unwrap();
        daemon.address = listens["fields"]["address"].as_str().unwrap().to_owned();
        daemon
    }
}

/// What a command answered.
pub struct Ended(pub Output);

impl Ended {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub fn json(&self) -> Vec<Value> {
        self.out().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A running daemon.
pub struct Daemon {
    child: Child,
    lines: Receiver<String>,
    address: String,
}

impl Daemon {
    /// Where its console listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of its log.
    pub fn says(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(BOUND) {
                Ok(line) if wanted(&line) => return line,
                Ok(line) => before.push(line),
                Err(error) => panic!("{error}; it said only:\n{}", before.join("\n")),
            }
        }
    }

    /// Sends posts to its push door on a connection of their own; the answer comes after the commit.
    pub fn begin_push(&self, posts: &Value) -> TcpStream {
        self.ask("POST", "/api/v1/posts", "Authorization: Bearer key-of-the-test\r\n", &posts.to_string())
    }

    pub fn push(&self, posts: &Value) {
        let answer = answer(self.begin_push(posts));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    pub fn get(&self, path: &str) -> String {
        answer(self.ask("GET", path, "", ""))
    }

    /// Sends a form, as a page of the console does.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        answer(self.send("POST", path, "application/x-www-form-urlencoded", "", &body))
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        self.send(method, path, "application/json", headers, body)
    }

    fn send(&self, method: &str, path: &str, kind: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        let length = body.len();
        let host = &self.address;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream
    }

    /// Ends it in order.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The whole answer of a connection.
pub fn answer(mut stream: TcpStream) -> String {
    let mut whole = String::new();
    stream.read_to_string(&mut whole).unwrap();
    whole
}

/// A post that concerns the unit.
pub fn post(id: &str, text: &str, views: u64) -> Value {
    serde_json::json!({
        "site": "luntan", "site_kind": "forum", "id": id, "url": format!("https://luntan.example/{id}"),
        "title": format!("{UNIT}：{text}"), "text": text, "views": views,
    })
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
