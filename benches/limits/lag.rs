//! How late sources are fetched: five hundred feeds every thirty seconds, on hosts of their own, once all of
//! them sound and once with a twentieth of hosts that take connections and never answer (every second of
//! those answers for robots.txt, so that its pages hold places until the time limit). Both run at the same
//! time, in real time, because the network's time limits are real.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use yuqing::{
    collect::fetch::access::{self, Kind},
    time::{Clock as _, System},
};

use crate::{folder, host, office, runtime, said, serve, side};

const SOURCES: u32 = 500;
/// Of so many one hangs.
const ONE_HANGS_IN: u32 = 20;
const INTERVAL: SignedDuration = SignedDuration::from_secs(30);
/// How long it is looked at.
const WATCHED: Duration = Duration::from_secs(150);
/// Plans are looked up so often; each stands for the interval.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub fn run() {
    let server = serve::Child::start(0, "2026-11-21", Some(1)).unwrap();
    println!(
        "lag: from plan to request, in shares of the interval; {SOURCES} sources every {} s for {} s",
        INTERVAL.as_secs(),
        WATCHED.as_secs()
    );
    let (quiet, loud) = (folder(), folder());
    let silent: Vec<u16> = (0..SOURCES / ONE_HANGS_IN).map(silent).collect();
    let runs = [("none hangs", &quiet, false), ("5 % hang", &loud, true)].map(|(name, folder, any_hang)| {
        let feeds: Vec<(String, String)> = (0..SOURCES)
            .map(|n| (name_of(n), address(n, server.address.port(), any_hang.then_some(&silent))))
            .collect();
        office::write(&folder.path().join("office"), "30s", "", &feeds);
        (name, side(&format!("lag {} {any_hang}", folder.path().display())))
    });
    for (name, side) in runs {
        let figures = said(side);
        let number = |name: &str| figures[name].as_f64().unwrap();
        println!(
            "  {name:<12}sound sources: p50 {:.4}  p90 {:.4}  p99 {:.4}  max {:.4}  ({:.0} plans, all first \
             fetched within {:.1} s, {:.0} starved)",
            number("p50"),
            number("p90"),
            number("p99"),
            number("max"),
            number("plans"),
            number("first"),
            number("starved"),
        );
    }
}

const fn hangs(number: u32) -> bool {
    number % ONE_HANGS_IN == ONE_HANGS_IN - 1
}

fn name_of(number: u32) -> String {
    format!("来源{number}")
}

fn address(number: u32, port: u16, silent: Option<&Vec<u16>>) -> String {
    match silent.and_then(|ports| ports.get(usize::try_from(number / ONE_HANGS_IN).unwrap())) {
        Some(port) if hangs(number) && (number / ONE_HANGS_IN).is_multiple_of(2) => {
            format!("http://{}:{port}/feed", silent_host(number / ONE_HANGS_IN))
        }
        Some(_) if hangs(number) => format!("http://{}:{port}/hang/{number}", host(number)),
        _ => format!("http://{}:{port}/few/{number}?round=0", host(number)),
    }
}

fn silent_host(nth: u32) -> Ipv4Addr {
    let [.., c, d] = (nth + 1).to_be_bytes();
    Ipv4Addr::new(127, 200, c, d)
}

/// Takes every connection and never says a word.
fn silent(nth: u32) -> u16 {
    let listener = TcpListener::bind((silent_host(nth), 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().collect::<Vec<TcpStream>>());
    port
}

pub fn measured(words: &[&str]) {
    let [folder, any_hang] = words else { return };
    let sound: Vec<String> =
        (0..SOURCES).filter(|n| *any_hang == "false" || !hangs(*n)).map(name_of).collect();
    println!("{}", runtime().block_on(watched(Path::new(folder), &sound)));
}

async fn watched(folder: &Path, sound: &[String]) -> Value {
    let began = System.now();
    let daemon = office::daemon(folder).await;
    let store = daemon.store().clone();
    let mut plans: BTreeMap<String, BTreeSet<Timestamp>> = BTreeMap::new();
    let until = tokio::time::Instant::now() + WATCHED;
    while tokio::time::Instant::now() < until {
        for times in store.source_times().await.unwrap() {
            plans.entry(times.source).or_default().extend(times.next_at);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let ended = System.now();
    daemon.stop().await;
    let log =
        access::read(&folder.join("state/access"), began, ended, |entry| entry.kind == Kind::Page).unwrap();
    let mut fetches: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for entry in &log.entries {
        fetches.entry(&entry.source).or_default().push(entry.at);
    }
    figures(sound, &plans, &fetches, (began, ended))
}

fn figures(
    sound: &[String],
    plans: &BTreeMap<String, BTreeSet<Timestamp>>,
    fetches: &BTreeMap<&str, Vec<Timestamp>>,
    (began, ended): (Timestamp, Timestamp),
) -> Value {
    let mut late = Vec::new();
    let (mut starved, mut first) = (0, 0.0_f64);
    for name in sound {
        let fetched = fetches.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        first = first.max(fetched.first().map_or(f64::MAX, |at| at.duration_since(began).as_secs_f64()));
        for plan in plans.get(name).into_iter().flatten().filter(|plan| **plan < ended) {
            // What was planned and not fetched by the end is as late as the end, at least.
            let at = fetched.iter().find(|at| **at >= *plan).copied().unwrap_or(ended);
            late.push(at.duration_since(*plan).as_secs_f64() / INTERVAL.as_secs_f64());
        }
        // At this interval with its jitter, whoever is not starved has had three rounds at least.
        starved += u32::from(fetched.len() < 3);
    }
    late.sort_by(f64::total_cmp);
    let at = |share: f64| late[((late.len() - 1) as f64 * share).round() as usize];
    json!({
        "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1.0), "plans": late.len(),
        "first": first, "starved": starved,
    })
}
