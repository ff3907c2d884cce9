//! The memory of a whole daemon that watches feeds of five posts, each on a host of its own: none, a thousand
//! and ten thousand of them, so that what a source costs can be told from what the program costs. The words
//! stand in no post at first, and then in a fiftieth, which is what the desk's memory costs.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use crate::{folder, host, office, runtime, serve, side};

const INTERVAL: &str = "5min";
/// What ten thousand sources may take, in MB.
const GOAL: f64 = 64.0;
/// No run lasts longer than this.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long the daemon goes on before the memory at rest is read: until the pool has let go.
const REST: Duration = Duration::from_secs(12);
/// Behind each word, so that it stands nowhere.
const NOWHERE: &str = "查无此事";

pub fn run() {
    let server = serve::Child::start(0, "2026-11-21", Some(1)).unwrap();
    println!("live: memory of a daemon, each source fetched once, all of them due at the start");
    let mut before: Option<(u32, f64)> = None;
    for (sources, ending) in [(0, NOWHERE), (1_000, NOWHERE), (10_000, NOWHERE), (10_000, "")] {
        let (peak, rest) = looked_at(server.address.port(), sources, ending);
        let note = match before {
            Some((fewer, memory)) if fewer < sources => {
                format!("{:>6.0} bytes a source more", (rest - memory) * 1e6 / f64::from(sources - fewer))
            }
            Some((_, memory)) => {
                let hits = f64::from(sources) * serve::FEW as f64 / serve::ONE_HIT_IN as f64;
                format!("{hits:>6.0} posts hit, {:.0} KB each", (rest - memory) * 1e3 / hits)
            }
            None => String::new(),
        };
        println!("  {sources:>6} sources{peak:>8.1} MB at most{rest:>8.1} MB at rest  {note}");
        before = Some((sources, rest));
        assert!(peak < 3.0 * GOAL, "the memory is bounded");
    }
    println!("  goal: 10000 sources under {GOAL} MB");
}

fn looked_at(port: u16, sources: u32, ending: &str) -> (f64, f64) {
    let folder = folder();
    let feeds: Vec<(String, String)> = (0..sources)
        .map(|n| (format!("来源{n}"), format!("http://{}:{port}/few/{n}?round=0", host(n))))
        .collect();
    office::write(&folder.path().join("office"), INTERVAL, ending, &feeds);
    let mut daemon = side(&format!("live {}", folder.path().display()));
    let begun = Instant::now();
    while pages(&folder.path().join("state/access")) < feeds.len() {
        assert!(begun.elapsed() < PATIENCE, "{sources} sources are not fetched in time");
        assert!(daemon.try_wait().unwrap().is_none(), "the daemon ended");
        std::thread::sleep(Duration::from_millis(500));
    }
    std::thread::sleep(REST);
    let figures = (megabytes(&daemon, "VmHWM:"), megabytes(&daemon, "VmRSS:"));
    drop(daemon.stdin.take());
    daemon.wait().unwrap();
    figures
}

/// Pages in the access log: reading it disturbs the daemon least.
fn pages(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let lines = files.flat_map(|file| BufReader::new(File::open(file.path()).unwrap()).lines());
    lines.map_while(Result::ok).filter(|line| line.contains("\"kind\":\"page\"")).count()
}

fn megabytes(process: &Child, what: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) * 1024.0 / 1e6
}

pub fn measured(words: &[&str]) {
    let [folder] = words else { return };
    runtime().block_on(async {
        let daemon = office::daemon(Path::new(folder)).await;
        // Until the other end is closed.
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
        daemon.stop().await;
    });
}
