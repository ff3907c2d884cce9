//! The whole street, from a site's socket to a mail server's 250: the real daemon fetches feeds from a loopback
//! server, finds the words, groups statements, grades them, keeps everything in a real SQLite file with synced
//! commits, and mails what must be told.
//!
//! - `race`: posts a second of one processor, against Scrapy + feedparser + pyahocorasick + sqlite3 + smtplib
//!   and against an expert's Python (aiohttp, lxml, Hyperscan, sqlite3 in batches, one kept mail connection),
//!   both in `benches/peers`. Each contestant has one processor, both servers the other. The peers tell the same
//!   words from the same server but know a statement only by its exact text, follow no counters, keep no limits
//!   and render no templates, so a ratio is a lower bound of what the same duties would cost them.
//! - `idle`, `saturated`: from "the body is complete" to "row and notice are durable", with ten bodies a second and
//!   with as many as it takes; syncs for each alert. One synced transaction is one sync.
//! - `told`: the same up to the mail server's 250, at 1,000 mentions a second of which a tenth must be told.
//! - `storm`: 1,000,000 posts of one story and 10,000 other stories, in ten minutes of business time, through the
//!   door of the daemon; what `tests/it/storm` plays at a twentieth of the size. What is owed is asserted, memory too.
//!
//! `cargo bench --bench street` runs all of them; `-- idle told` only these; `-- race --alone`
//! leaves the peers out. Prints figures beside goals; asserts only what is owed.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "a measurement"
)]

#[path = "../../tests/it/storm/drive.rs"]
mod drive;
mod latency;
mod office;
#[path = "../common/peers.rs"]
mod peers;
mod points;
mod race;
#[path = "../common/serve.rs"]
mod serve;
#[path = "../common/sink.rs"]
mod sink;
mod storm;

use std::process::Command;

use serde_json::Value;

/// Set for a process that is measured: the mode and its words.
const SIDE: &str = "YUQING_BENCH_SIDE";

fn main() {
    serve::serve_if_child();
    sink::serve_if_child();
    if let Ok(asked) = std::env::var(SIDE) {
        let words: Vec<&str> = asked.split(' ').collect();
        match words.as_slice() {
            ["race", rest @ ..] => race::measured(rest),
            ["latency", rest @ ..] => latency::measured(rest),
            ["storm", rest @ ..] => storm::measured(rest),
            _ => panic!("{asked}"),
        }
        return;
    }
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runs: [(&str, fn()); 5] = [
        ("race", race::run),
        ("idle", || latency::run(&latency::IDLE)),
        ("saturated", || latency::run(&latency::SATURATED)),
        ("told", || latency::run(&latency::TOLD)),
        ("storm", storm::run),
    ];
    for (mode, run) in runs {
        if only.is_empty() || only.iter().any(|word| word == mode) {
            run();
        }
    }
}

/// Starts this program again as the one that is measured, on a processor of its own; answers with its last line.
fn side(words: &str) -> Value {
    let said = Command::new("taskset")
        .args(["-c", "0"])
        .arg(std::env::current_exe().unwrap())
        .env(SIDE, words)
        // As the service is started.
        .env("MALLOC_ARENA_MAX", "2")
        .output()
        .unwrap();
    let line = String::from_utf8_lossy(&said.stdout);
    serde_json::from_str(line.lines().last().unwrap_or_default())
        .unwrap_or_else(|_| panic!("{line}{}", String::from_utf8_lossy(&said.stderr)))
}

/// A folder on a disk, where syncing costs what it costs.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Processor time of this process so far, of all its threads.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = text.rsplit(')').next().unwrap_or_default();
    // User and system time are the 14th and 15th field, the name being the 2nd.
    after.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / 100.0
}

fn peak_megabytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
