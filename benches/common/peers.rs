//! The peers of the benchmarks: the same work by other people's libraries, in `benches/peers`.

#![allow(dead_code, reason = "a part of measurements that need not use all of it")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Names and scripts.
pub const PEERS: [(&str, &str); 2] = [("scrapy", "peer_scrapy.py"), ("expert python", "peer_expert.py")];

/// One race of one peer.
#[derive(Debug)]
pub struct Race<'a> {
    /// The server, `http://127.0.0.1:PORT`.
    pub base: &'a str,
    /// `feed`, `list`, `not-modified` or `same`; of the whole street `news`.
    pub mode: &'a str,
    /// Sites, each asked once a round.
    pub sites: u32,
    /// Rounds that are measured.
    pub rounds: u32,
    /// A folder on a real disk for the words and the database.
    pub folder: &'a Path,
}

/// The Python that `benches/peers/setup` made; `None` when it was not run.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Some(target.join("peers-venv/bin/python")).filter(|python| python.exists())
}

/// Runs a peer on a processor of its own; answers with the line that it prints, which has `units`, `posts`,
/// `hits`, `seconds`, `cpu_seconds` and `peak_rss_mb`.
///
/// # Errors
/// It does not start, or ends without its line; then what it said.
pub fn run(
    python: &Path,
    script: &str,
    race: &Race<'_>,
    words: &[String],
    processor: usize,
) -> Result<Value, String> {
    run_with(python, script, race, words, processor, &[])
}

/// The same with more arguments.
///
/// # Errors
/// As of [`run`].
pub fn run_with(
    python: &Path,
    script: &str,
    race: &Race<'_>,
    words: &[String],
    processor: usize,
    more: &[(&str, String)],
) -> Result<Value, String> {
    let broken = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(race.folder).map_err(broken)?;
    let list = race.folder.join("words.txt");
    std::fs::write(&list, words.join("\n")).map_err(broken)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
    let database = race.folder.join(format!("{}-{}.sqlite", race.mode, std::process::id()));
    let said = Command::new("taskset")
        .args(["-c", &processor.to_string()])
        .arg(python)
        .arg(script)
        .args(["--server", race.base, "--mode", race.mode])
        .args(["--feeds", &race.sites.to_string(), "--rounds", &race.rounds.to_string()])
        .arg("--words")
        .arg(list)
        .arg("--db")
        .arg(&database)
        .args(more.iter().flat_map(|(name, value)| [*name, value.as_str()]))
        .output()
        .map_err(broken)?;
    for left in ["", "-wal", "-shm"] {
        // A database of an earlier peer would know the pages already.
        let _ = std::fs::remove_file(format!("{}{left}", database.display()));
    }
    let line = String::from_utf8_lossy(&said.stdout);
    serde_json::from_str(line.lines().last().unwrap_or_default())
        .map_err(|_| format!("{line}{}", String::from_utf8_lossy(&said.stderr)))
}

/// Recognisers of the same statement: name, and method of `peer_statements.py`.
pub const STATEMENT_PEERS: [(&str, &str); 2] = [("datasketch MinHashLSH", "minhash"), ("SimHash", "simhash")];

/// Runs a recogniser over labelled posts on a processor of its own; answers with the line that it prints, which has
/// `posts`, `seconds`, `posts_per_second`, `peak_rss_mb`, `precision`, `recall`, `false_joins` and `missed`.
///
/// # Errors
/// It does not start, or ends without its line; then what it said.
pub fn statements(python: &Path, file: &Path, method: &str, processor: usize) -> Result<Value, String> {
    let mut command = Command::new("taskset");
    command.args(["-c", &processor.to_string()]).arg(python).arg(script("peer_statements.py"));
    last_line(command.arg("--file").arg(file).args(["--method", method]))
}

/// Scores what `yuqing statements group FILE --json` printed into `groups` against the labels of `file`: the same
/// fields, without the seconds.
///
/// # Errors
/// As of [`statements`].
pub fn score_statements(python: &Path, file: &Path, groups: &Path) -> Result<Value, String> {
    let mut command = Command::new(python);
    last_line(command.arg(script("peer_statements.py")).arg("--file").arg(file).arg("--groups").arg(groups))
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

/// Runs a script that ends with a line of JSON.
fn last_line(command: &mut Command) -> Result<Value, String> {
    let said = command.output().map_err(|error| error.to_string())?;
    let line = String::from_utf8_lossy(&said.stdout);
    serde_json::from_str(line.lines().last().unwrap_or_default())
        .map_err(|_| format!("{line}{}", String::from_utf8_lossy(&said.stderr)))
}
