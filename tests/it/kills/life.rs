//! One life of the program: started as an office starts it, ended by itself at a fault point, by us, or in
//! order by SIGTERM. What it says in its log is what it claims to have done.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    net::UnixDatagram,
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
};

use super::{plan::Kill, world::World};

/// How long anything that must happen may take. Nothing waits for this to pass but a kill that finds no place.
const BOUND: Duration = Duration::from_secs(30);
const LONG_BOUND: Duration = Duration::from_secs(60);
/// Lines of the log that are shown when something is wrong.
const LAST_WORDS: usize = 12;

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As planned.
    Placed,
    /// The place was not reached; killed all the same.
    Unplaced,
}

#[derive(Default)]
struct Log {
    /// Keys of the notices whose acceptance it says is recorded.
    recorded: Mutex<Vec<String>>,
    last: Mutex<Vec<String>>,
    n_lines: watch::Sender<usize>,
    n_recorded: watch::Sender<usize>,
}

/// A running program.
pub struct Life {
    child: Child,
    log: Arc<Log>,
    reader: JoinHandle<()>,
    /// Where it tells its supervisor that it is ready.
    supervisor: UnixDatagram,
}

impl Life {
    /// Starts it. `cut` takes the outbox's protection away.
    pub fn start(world: &World, kill: Option<Kill>, cut: bool) -> Self {
        let folder = world.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.arg("run").arg("--json").args(["--listen", "127.0.0.1:0"]);
        command.arg("--office").arg(folder.join("office")).arg("--state").arg(folder.join("state"));
        for inherited in ["YUQING_OFFICE", "STATE_DIRECTORY", "YUQING_KILL_AT", "YUQING_CUT"] {
            command.env_remove(inherited);
        }
        let socket = folder.join("supervisor");
        let _ = std::fs::remove_file(&socket);
        let supervisor = UnixDatagram::bind(&socket).expect("a socket");
        command.env("NOTIFY_SOCKET", &socket);
        command.env("RUST_LOG", "yuqing=info,yuqing::dispatch=trace,yuqing::store=trace");
        if let Some(Kill::At(point, nth)) = kill {
            command.env("YUQING_KILL_AT", format!("{}:{nth}", point.name()));
        }
        if cut {
            command.env("YUQING_CUT", "outbox");
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program");
        let log = Arc::new(Log::default());
        let said = child.stderr.take().expect("its log");
        let reader = tokio::spawn(listen(said, Arc::clone(&log)));
        Self { child, log, reader, supervisor }
    }

    /// Lets it live until the kill, and looks that it was one.
    pub async fn until(mut self, kill: Kill, world: &World) -> Result<(End, Claims), String> {
        let placed = match kill {
            Kill::At(..) => tokio::time::timeout(BOUND, self.child.wait()).await.is_ok(),
            Kill::Step(nth) => self.more(&world.steps, nth).await?,
            Kill::Look(nth) => self.more(&world.looks, nth).await?,
            Kill::Line(nth) => {
                let log = Arc::clone(&self.log);
                self.reaches(log.n_lines.subscribe(), nth).await?
            }
        };
        let end = if placed { End::Placed } else { End::Unplaced };
        // Of a program that has ended already this is no kill, and its status stays its own.
        let _ = self.child.start_kill();
        let (status, claims) = self.end().await?;
        if status.signal() == Some(9) {
            Ok((end, claims))
        } else {
            Err(claims.fault(&format!("it ended by {status}")))
        }
    }

    /// Waits until it says that so many acceptances are recorded.
    pub async fn records(&mut self, count: usize) -> Result<(), String> {
        let mut recorded = self.log.n_recorded.subscribe();
        let enough = recorded.wait_for(|recorded| *recorded >= count);
        let ended = tokio::select! {
            found = tokio::time::timeout(LONG_BOUND, enough) => match found {
                Ok(_) => return Ok(()),
                Err(_) => format!("{} of {count} acceptances were recorded", *self.log.n_recorded.borrow()),
            },
            status = self.child.wait() => format!("it ended by {status:?}"),
        };
        Err(self.log.claims().fault(&ended))
    }

    /// Ends it in order, once it has said that it is ready: from then on it hears signals.
    pub async fn stop(self) -> Result<Claims, String> {
        let ready = async {
            let mut words = [0; 512];
            while let Ok(length) = self.supervisor.recv(&mut words).await {
                if String::from_utf8_lossy(&words[..length]).contains("READY=1") {
                    break;
                }
            }
        };
        let in_time = tokio::time::timeout(LONG_BOUND, ready).await;
        in_time.map_err(|_| self.log.claims().fault("it is never ready"))?;
        let pid = self.child.id().ok_or("it has ended already")?.to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        told.map_err(|error| error.to_string())?;
        let (status, claims) = self.end().await?;
        if status.success() { Ok(claims) } else { Err(claims.fault(&format!("its stop ended by {status}"))) }
    }

    /// Waits until a count has grown by `nth`; whether it has.
    async fn more(&mut self, count: &watch::Sender<usize>, nth: usize) -> Result<bool, String> {
        let count = count.subscribe();
        let wanted = *count.borrow() + nth;
        self.reaches(count, wanted).await
    }

    async fn reaches(&mut self, mut count: watch::Receiver<usize>, wanted: usize) -> Result<bool, String> {
        tokio::select! {
            reached = tokio::time::timeout(BOUND, count.wait_for(|count| *count >= wanted)) => Ok(reached.is_ok()),
            status = self.child.wait() => Err(self.log.claims().fault(&format!("it ended by {status:?}"))),
        }
    }

    async fn end(mut self) -> Result<(ExitStatus, Claims), String> {
        let ended =
            tokio::time::timeout(BOUND, self.child.wait()).await.map_err(|_| "it does not end".to_owned())?;
        let status = ended.map_err(|error| error.to_string())?;
        self.reader.await.map_err(|error| error.to_string())?;
        Ok((status, self.log.claims()))
    }
}

/// What a life said.
#[derive(Debug, Default)]
pub struct Claims {
    /// Keys of the notices whose acceptance it called recorded.
    pub recorded: Vec<String>,
    last: Vec<String>,
}

impl Claims {
    /// A fault with the last lines of the log.
    pub fn fault(&self, what: &str) -> String {
        format!("{what}; its last words:\n{}", self.last.join("\n"))
    }
}

impl Log {
    fn claims(&self) -> Claims {
        Claims { recorded: self.recorded.lock().unwrap().clone(), last: self.last.lock().unwrap().clone() }
    }
}

async fn listen(said: impl AsyncRead + Unpin, log: Arc<Log>) {
    let mut lines = BufReader::new(said).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let fields =
            serde_json::from_str::<Value>(&line).map(|value| value["fields"].clone()).unwrap_or_default();
        if let (Some("dispatch.recorded"), Some(key)) = (fields["point"].as_str(), fields["notice"].as_str())
        {
            log.recorded.lock().unwrap().push(key.to_owned());
            log.n_recorded.send_modify(|recorded| *recorded += 1);
        }
        let mut last = log.last.lock().unwrap();
        last.push(line);
        if last.len() > LAST_WORDS {
            last.remove(0);
        }
        drop(last);
        log.n_lines.send_modify(|lines| *lines += 1);
    }
}
