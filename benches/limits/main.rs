//! What this program takes from the machine while it collects, each as a share or a bound beside its goal:
//!
//! - `fetch`: the processor time of one plain GET with guard, robots.txt, pace, caps and access log, against a
//!   raw TCP client that writes the same request and against the bare HTTP client;
//! - `live`: the memory of a whole daemon that watches ten thousand sources on as many hosts;
//! - `schedule`: the processor's share that planning a hundred thousand sources takes, nothing being fetched;
//! - `lag`: how late sources are fetched, with and without a twentieth of hosts that never answer.
//!
//! `cargo bench --bench limits` runs all of them in about six minutes; `-- fetch schedule` only these.
//! Only the memory is asserted: times are printed, for they depend on who else uses the machine.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    reason = "a measurement"
)]

mod fetch;
mod lag;
mod live;
mod memory;
mod office;
mod schedule;
#[path = "../common/serve.rs"]
mod serve;

use std::{
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
};

/// Set for a process that is measured: the mode and its words.
const SIDE: &str = "YUQING_BENCH_SIDE";

fn main() {
    serve::serve_if_child();
    if let Ok(asked) = std::env::var(SIDE) {
        let words: Vec<&str> = asked.split(' ').collect();
        match words.as_slice() {
            ["fetch", rest @ ..] => fetch::measured(rest),
            ["live", rest @ ..] => live::measured(rest),
            ["schedule", ..] => schedule::measured(),
            ["lag", rest @ ..] => lag::measured(rest),
            _ => panic!("{asked}"),
        }
        return;
    }
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let runs: [(&str, fn()); 4] =
        [("fetch", fetch::run), ("live", live::run), ("schedule", schedule::run), ("lag", lag::run)];
    for (mode, run) in runs {
        if only.is_empty() || only.iter().any(|word| word == mode) {
            run();
        }
    }
}

/// Starts this program again as the one that is measured, on a processor of its own.
fn side(words: &str) -> Child {
    Command::new("taskset")
        .args(["-c", "0"])
        .arg(std::env::current_exe().unwrap())
        .env(SIDE, words)
        // As the service is started.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The last line of one that ends by itself.
fn said(side: Child) -> serde_json::Value {
    let out = side.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{text}"))
}

/// A folder on a disk, where syncing costs what it costs.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A host of one's own for each number; all are this machine.
fn host(number: u32) -> Ipv4Addr {
    let [_, b, c, d] = (number + 256).to_be_bytes();
    Ipv4Addr::new(127, b, c, d)
}

/// Processor time of this process so far, of all its threads.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = text.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time are the 14th and 15th field, the name being the 2nd.
    (ticks(11) + ticks(12)) / 100.0
}

/// The daemon's kind of runtime, of one thread.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
