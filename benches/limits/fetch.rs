//! What one plain GET costs: this program's fetcher with all its manners, the bare HTTP client, and a raw
//! TCP client that does the least that can be done. Eight at a time, each on hosts of its own, so that
//! nobody waits for a pace.

use std::{path::Path, sync::Arc};

use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use yuqing::{
    collect::fetch::{Fetcher, Request, access::AccessLog},
    config::FetchSettings,
    time::System,
};

use crate::{cpu_seconds, folder, host, runtime, said, serve, side};

/// Fetches under way at a time.
const AT_A_TIME: u32 = 8;
/// Fetches of each of them over a connection that stays.
const KEPT: u32 = 2_000;
/// Hosts of each of them, each fetched once over a connection of its own.
const FRESH: u32 = 500;
/// A pace beyond which the fetcher closes its connections.
const CLOSING_PACE: SignedDuration = SignedDuration::from_secs(6);
const RUNS: usize = 3;

pub fn run() {
    let server = serve::Child::start(0, "2026-11-21", Some(1)).unwrap();
    let port = server.address.port();
    println!("fetch: processor time of a GET of {} KB, median of {RUNS} runs", serve::PLAIN_BYTES / 1024);
    for way in ["kept", "fresh"] {
        let mut costs = Vec::new();
        for who in ["raw", "reqwest", "yuqing"] {
            let mut times: Vec<f64> = (0..RUNS)
                .map(|_| {
                    let folder = folder();
                    let asked = format!("fetch {way} {who} {port} {}", folder.path().display());
                    said(side(&asked)).as_f64().unwrap()
                })
                .collect();
            times.sort_by(f64::total_cmp);
            costs.push((who, times[RUNS / 2]));
        }
        let raw = costs[0].1;
        for (who, micros) in costs {
            println!("  {way:<6}{who:<8}{micros:>7.1} us  {:>5.2} times raw", micros / raw);
        }
    }
    println!("  goal: within 2 times raw");
}

pub fn measured(words: &[&str]) {
    let [way, who, port, folder] = words else { return };
    let (port, fresh) = (port.parse().unwrap(), *way == "fresh");
    let micros = runtime().block_on(async {
        match *who {
            "raw" => raced(fresh, &Raw { port }).await,
            "reqwest" => raced(fresh, &Bare::new(port, fresh)).await,
            _ => raced(fresh, &Ours::new(port, fresh, Path::new(folder))).await,
        }
    });
    println!("{micros}");
}

/// Who fetches the body of a host; `kept` is what it keeps from fetch to fetch.
trait Contestant: Clone + Send + Sync + 'static {
    type Kept: Default + Send;
    fn get(&self, host: u32, fresh: bool, kept: &mut Self::Kept) -> impl Future<Output = usize> + Send;
    /// Before it is fetched a second time over a new connection.
    fn rest(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// Microseconds a fetch.
async fn raced(fresh: bool, who: &impl Contestant) -> f64 {
    let each = if fresh { FRESH } else { KEPT };
    // What is done once a host (robots.txt) or once a process is not measured.
    lap(fresh, if fresh { each } else { 50 }, who).await;
    if fresh {
        who.rest().await;
    }
    let before = cpu_seconds();
    lap(fresh, each, who).await;
    (cpu_seconds() - before) * 1e6 / f64::from(each * AT_A_TIME)
}

async fn lap(fresh: bool, each: u32, who: &impl Contestant) {
    let lanes = (0..AT_A_TIME).map(|lane| {
        let who = who.clone();
        tokio::spawn(async move {
            let mut kept = Default::default();
            for nth in 0..each {
                let host = lane + if fresh { nth * AT_A_TIME } else { 0 };
                assert_eq!(who.get(host, fresh, &mut kept).await, serve::PLAIN_BYTES);
            }
        })
    });
    let lanes: Vec<_> = lanes.collect();
    for lane in lanes {
        lane.await.unwrap();
    }
}

fn url(number: u32, port: u16) -> String {
    format!("http://{}:{port}/plain/{number}", host(number))
}

/// The least that can be done.
#[derive(Clone)]
struct Raw {
    port: u16,
}

impl Contestant for Raw {
    type Kept = Option<TcpStream>;

    async fn get(&self, number: u32, fresh: bool, kept: &mut Self::Kept) -> usize {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect((host(number), self.port)).await.unwrap();
                stream.set_nodelay(true).unwrap();
                stream
            }
        };
        let close = if fresh { "connection: close\r\n" } else { "" };
        let request = format!(
            "GET /plain/{number} HTTP/1.1\r\naccept-language: zh-CN,zh;q=0.9,en;q=0.5\r\n\
             accept-encoding: gzip, deflate\r\n{close}accept: */*\r\nuser-agent: yuqing/0.1.0\r\n\
             host: {}:{}\r\n\r\n",
            host(number),
            self.port
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::with_capacity(serve::PLAIN_BYTES + 1024);
        let start = loop {
            stream.read_buf(&mut answer).await.unwrap();
            if let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&answer[..start]).unwrap().to_owned();
        let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.unwrap().parse().unwrap();
        while answer.len() < start + length {
            stream.read_buf(&mut answer).await.unwrap();
        }
        if !fresh {
            *kept = Some(stream);
        }
        answer.len() - start
    }
}

/// The HTTP client without anything of ours.
#[derive(Clone)]
struct Bare {
    client: reqwest::Client,
    port: u16,
}

impl Bare {
    fn new(port: u16, fresh: bool) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let idle = if fresh { 0 } else { 2 };
        let client =
            reqwest::Client::builder().no_proxy().http1_only().pool_max_idle_per_host(idle).build().unwrap();
        Self { client, port }
    }
}

impl Contestant for Bare {
    type Kept = ();

    async fn get(&self, number: u32, fresh: bool, (): &mut ()) -> usize {
        let mut request = self
            .client
            .get(url(number, self.port))
            .header("accept-language", "zh-CN,zh;q=0.9,en;q=0.5")
            .header("accept-encoding", "gzip, deflate")
            .header("user-agent", "yuqing/0.1.0");
        if fresh {
            request = request.header("connection", "close");
        }
        request.send().await.unwrap().bytes().await.unwrap().len()
    }
}

/// As the daemon builds it.
#[derive(Clone)]
struct Ours {
    fetcher: Arc<Fetcher>,
    port: u16,
    pace: SignedDuration,
}

impl Ours {
    fn new(port: u16, fresh: bool, folder: &Path) -> Self {
        let settings = FetchSettings { state_folder: Some(folder.to_owned()), ..FetchSettings::default() };
        let log = AccessLog::in_folder(folder.join("access"), settings.access_log_days);
        let fetcher = Fetcher::new(settings, Arc::new(System)).unwrap().logging(log);
        let pace = if fresh { CLOSING_PACE } else { SignedDuration::ZERO };
        Self { fetcher: Arc::new(fetcher), port, pace }
    }
}

impl Contestant for Ours {
    type Kept = ();

    async fn get(&self, number: u32, _: bool, (): &mut ()) -> usize {
        let request = Request {
            url: url(number, self.port),
            source: "来源".into(),
            allow_private: true,
            max_bytes: 8 * 1024 * 1024,
            timeout: SignedDuration::from_secs(20),
            pace: self.pace,
            ..Request::default()
        };
        self.fetcher.fetch(&request).await.unwrap().body.len()
    }

    async fn rest(&self) {
        tokio::time::sleep(self.pace.unsigned_abs()).await;
    }
}
