//! The whole way from the web to the database, against what others would have written: the same server,
//! the same feeds and boards, the same thousand words, one run, one processor for the contestant and
//! another for the server. What is compared is processor time, which a shared machine disturbs least.
//!
//! `cargo bench --bench collect` runs this program's own side and the peers of `benches/peers` that are
//! installed (`benches/peers/setup`); `-- --alone` leaves the peers out.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

#[path = "common/peers.rs"]
mod peers;
#[path = "common/serve.rs"]
mod serve;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use yuqing::{
    app::daemon::{Daemon, Options},
    config::Folder,
    store::IncidentFilter,
    time::System,
};

/// Set for the process that is measured: `mode base sites rounds folder`.
const SIDE: &str = "YUQING_BENCH_SIDE";

const DAY: &str = "2026-11-21";

/// What is measured: mode, sites, and rounds of each. A source is asked once a second at most, so it takes many of
/// them to keep a processor busy.
const RACES: [(&str, u32, u32); 4] =
    [("feed", 1000, 1), ("list", 400, 1), ("not-modified", 1000, 5), ("same", 1000, 5)];

fn main() {
    serve::serve_if_child();
    if let Ok(asked) = std::env::var(SIDE) {
        measured(&asked);
        return;
    }
    let server = serve::Child::start(1, DAY, Some(1)).unwrap();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for (mode, sites, rounds) in RACES {
        if !only.is_empty() && !only.iter().any(|word| word == mode) {
            continue;
        }
        let own = own_side(&server.base(), mode, sites, rounds, &folder.path().join(mode));
        show(mode, "yuqing", &own, None);
        if !std::env::args().any(|word| word == "--alone") {
            let base = server.base();
            against_peers(
                &peers::Race { base: &base, mode, sites, rounds, folder: &folder.path().join("peers") },
                &own,
            );
        }
    }
}

/// The same race by the peers that are installed. Nobody may save time by missing hits.
fn against_peers(race: &peers::Race<'_>, own: &Value) {
    let Some(python) = peers::python() else {
        println!("{:<13}no peers: benches/peers/setup installs them", race.mode);
        return;
    };
    for (name, script) in peers::PEERS {
        let figures =
            peers::run(&python, script, race, &serve::words(), 0).unwrap_or_else(|said| panic!("{said}"));
        show(race.mode, name, &figures, Some(rate(own)));
        if ["feed", "list"].contains(&race.mode) {
            // What the words are in; this program keeps besides what relates to a statement that it follows.
            let expected = serve::hits_of(u64::from(race.sites)) * u64::from(race.rounds);
            assert_eq!(figures["hits"], expected, "{name} missed or made up hits");
            assert!(own["hits"].as_u64() >= Some(expected), "yuqing missed hits");
        }
    }
}

/// Posts or pages a second of processor time.
fn rate(figures: &Value) -> f64 {
    let number = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    number("units") / number("cpu_seconds").max(0.001)
}

fn show(mode: &str, who: &str, figures: &Value, against: Option<f64>) {
    let number = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let rate = rate(figures);
    let ratio = against.map_or_else(String::new, |other| format!("  {:>6.1} times", other / rate));
    println!(
        "{mode:<13}{who:<18}{rate:>9.0} a cpu-second {:>9.0} a second {:>6.1} MB  {:>6.0} hits{ratio}",
        number("units") / number("seconds").max(0.001),
        number("peak_rss_mb"),
        number("hits"),
    );
}

/// Runs this program again as the contestant, on a processor of its own.
fn own_side(base: &str, mode: &str, sites: u32, rounds: u32, folder: &Path) -> Value {
    std::fs::create_dir_all(folder).unwrap();
    let said = Command::new("taskset")
        .args(["-c", "0"])
        .arg(std::env::current_exe().unwrap())
        .env(SIDE, format!("{mode} {base} {sites} {rounds} {}", folder.display()))
        .output()
        .unwrap();
    let line = String::from_utf8_lossy(&said.stdout);
    serde_json::from_str(line.lines().last().unwrap_or_default())
        .unwrap_or_else(|_| panic!("{line}{}", String::from_utf8_lossy(&said.stderr)))
}

fn measured(asked: &str) {
    let words: Vec<&str> = asked.split(' ').collect();
    let [mode, base, sites, rounds, folder] = words.as_slice() else { return };
    let (sites, rounds): (u32, u32) = (sites.parse().unwrap(), rounds.parse().unwrap());
    let folder = PathBuf::from(folder);
    office(&folder.join("office"), mode, base, sites);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let figures = runtime.block_on(collected(&folder, mode, sites, rounds));
    println!("{figures}");
}

async fn collected(folder: &Path, mode: &str, sites: u32, rounds: u32) -> Value {
    let options = Options {
        journal: Default::default(),
        folder: Folder::Disk(folder.join("office")),
        state_dir: folder.join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: Arc::new(System),
        post_room: None,
        link_to_self: false,
    };
    let daemon = Daemon::start(options).await.unwrap_or_else(|error| panic!("{error}"));
    let store = daemon.store();
    // Pages that are not new are read once before they are measured.
    let warm = if rounds > 1 { 1 } else { 0 };
    // What a start costs is paid once: the peers are measured from behind theirs, too.
    let mut from = (if warm == 0 { cpu_seconds() } else { 0.0 }, Instant::now());
    let wanted = u64::from(sites) * u64::from(rounds + warm);
    let mut before = 0;
    let counted = loop {
        let states = store.source_states().await.unwrap();
        let done: u64 = states.iter().map(|state| state.rounds).sum();
        let warmed = states.iter().filter(|state| state.rounds > 0).count();
        if warm > 0 && from.0 == 0.0 && warmed >= usize::try_from(sites).unwrap() {
            from = (cpu_seconds(), Instant::now());
            before = done;
        }
        if done >= wanted.max(before + u64::from(sites) * u64::from(rounds)) {
            break done - before;
        }
        tokio::time::sleep(Duration::from_millis(if rounds > 1 { 250 } else { 100 })).await;
    };
    let (seconds, cpu) = (from.1.elapsed().as_secs_f64(), cpu_seconds() - from.0);
    let states = store.source_states().await.unwrap();
    let posts: u64 = states.iter().map(|state| state.posts).sum();
    let hits: u64 = states.iter().map(|state| state.mentions).sum();
    let bad = states.iter().filter(|state| state.failures > 0).count();
    let incidents = store.incidents(IncidentFilter { limit: 1, ..IncidentFilter::default() }).await.unwrap();
    let units = if mode == "feed" { posts } else { counted };
    daemon.stop().await;
    json!({
        "units": units, "posts": posts, "hits": hits, "bad": bad, "any_incident": !incidents.is_empty(),
        "seconds": seconds, "cpu_seconds": cpu, "peak_rss_mb": peak_megabytes(),
    })
}

/// An office that watches the bench's sites for the bench's words.
fn office(folder: &Path, mode: &str, base: &str, sites: u32) {
    for part in ["keywords", "sources.d", "presets", "plans"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "yuqing.toml",
        "[[unit]]\nname = \"青禾县\"\nplan = \"work-safety\"\nkeywords = [\"keywords/青禾县.txt\"]\n\
         [console]\nlisten = \"127.0.0.1:0\"\n\
         [fetch]\nhost_concurrency = 8\nconcurrency = 8\n",
    );
    write("keywords/青禾县.txt", &serve::words().join("\n\n"));
    let contacts = yuqing_contacts();
    write("contacts.toml", &contacts);
    write("presets/board.toml", BOARD);
    let mut sources = String::new();
    for site in 0..sites {
        let (kind, preset, path) = match mode {
            "feed" => ("feed", "rss", format!("feed/{site}?round=0")),
            "not-modified" => ("feed", "rss", format!("feed/{site}?round=0")),
            "list" => ("page", "board", format!("list/{site}?round=0")),
            _ => ("page", "board", format!("same/{site}")),
        };
        let interval = if mode == "feed" || mode == "list" { "1h" } else { "1s" };
        let _ = write!(
            sources,
            "[[{kind}]]\nname = \"来源{site}\"\npreset = \"{preset}\"\nurl = \"{base}/{path}\"\n\
             interval = \"{interval}\"\npace = \"1ms\"\nallow_private = true\nsite = \"site{site}\"\n"
        );
    }
    write("sources.d/bench.toml", &sources);
}

/// The contacts that the plan asks for.
fn yuqing_contacts() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/contacts.toml")).unwrap()
}

/// A Discuz! board without a look behind its entries.
const BOARD: &str = r#"
kind = "page"
title = "版块"
site_kind = "forum"
yields = ["views", "comments"]
interval = "5min"
[list]
item = "tbody[id^=normalthread_]"
[list.fields]
id = [{ attr = "id", regex = '_([0-9]+)$' }]
title = [{ css = "th a.xst" }]
url = [{ css = "th a.xst", attr = "href" }]
published = [{ css = "td.by em > span > span[title]", attr = "title" }, { css = "td.by em > span" }]
views = [{ css = "td.num em" }]
comments = [{ css = "td.num a" }]
"#;

/// Processor time of this process so far.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = text.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    // User and system time are the 14th and 15th field, the name being the 2nd.
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_megabytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
