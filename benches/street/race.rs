//! Sustained posts a second of one processor, with everything on, against the peers.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use yuqing::store::SharedStore;

use crate::{
    cpu_seconds, folder,
    office::{self, Office},
    peak_megabytes, peers, serve, side, sink,
};

/// Sites, each asked every second: far more than a processor can read.
const SITES: u32 = 1_000;
/// Sites and measured rounds of the peers, who take long.
const PEER_SITES: u32 = 200;
const PEER_ROUNDS: u32 = 2;
/// Words that demand to be told, of a thousand.
const ALERTING: usize = 100;
/// How long it must hold out.
const WINDOW: Duration = Duration::from_secs(20);
/// Peers, and how many times as fast we want to be.
const PEERS: [(&str, &str, f64); 2] =
    [("scrapy", "street_scrapy.py", 25.0), ("expert python", "street_expert.py", 3.0)];

pub fn run() {
    let server = serve::Child::start(1, "2026-11-21", Some(1)).unwrap();
    let mail = sink::Sink::start(1).unwrap();
    let folder = folder();
    let own = side(&format!("race {} {} {}", server.base(), mail.address, folder.path().display()));
    println!(
        "street: feeds of 50 posts, one in 50 names a word, a tenth of these is mailed; a processor each"
    );
    show("yuqing", &own, None);
    if std::env::args().any(|word| word == "--alone") {
        return;
    }
    let Some(python) = peers::python() else {
        println!("no peers: benches/peers/setup installs them");
        return;
    };
    for (name, script, goal) in PEERS {
        let race = peers::Race {
            base: &server.base(),
            mode: "news",
            sites: PEER_SITES,
            rounds: PEER_ROUNDS,
            folder: &folder.path().join("peers"),
        };
        let more = [("--mail", mail.address.to_string()), ("--alerting", ALERTING.to_string())];
        let figures = peers::run_with(&python, script, &race, &serve::words(), 0, &more)
            .unwrap_or_else(|said| panic!("{said}"));
        show(name, &figures, Some((rate(&own), goal)));
        let expected = serve::hits_of(u64::from(PEER_SITES)) * u64::from(PEER_ROUNDS);
        assert_eq!(figures.get("hits"), Some(&json!(expected)), "{name} missed or made up hits");
    }
}

/// Posts a second of processor time.
fn rate(figures: &Value) -> f64 {
    let number = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    number("posts") / number("cpu_seconds").max(0.001)
}

fn show(who: &str, figures: &Value, against: Option<(f64, f64)>) {
    let number = |name: &str| figures.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let rate = rate(figures);
    let ratio = against.map_or_else(String::new, |(own, goal)| {
        format!("  yuqing {:>5.1} times (goal {goal:.0})", own / rate)
    });
    println!(
        "{who:<14}{rate:>8.0} posts a cpu-second {:>8.0} a second {:>6.1} MB {:>6.0} hits {:>5.0} mails {:>4.0} wait{ratio}",
        number("posts") / number("seconds").max(0.001),
        number("peak_rss_mb"),
        number("hits"),
        number("mails"),
        number("waiting"),
    );
}

pub fn measured(words: &[&str]) {
    let [base, mail, folder] = words else { return };
    let mail: SocketAddr = mail.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let said = runtime.block_on(async {
        let office = Office { base, path: "news", sites: SITES, step: 1, alerting: ALERTING, mail };
        let daemon = office::start(Path::new(folder), &office).await;
        let store = daemon.store();
        // First rounds are backlog, which is not told at once.
        while counted(store).await.2 < SITES as usize {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let (posts, hits, _) = counted(store).await;
        let (mails, cpu, begun) = (sink::mails(mail).unwrap(), cpu_seconds(), Instant::now());
        tokio::time::sleep(WINDOW).await;
        let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let (posts_then, hits_then, _) = counted(store).await;
        let mails = sink::mails(mail).unwrap() - mails;
        let waiting = store.outgoing(jiff::Timestamp::MAX, 100_000).await.unwrap().len();
        daemon.stop().await;
        json!({
            "posts": posts_then - posts, "hits": hits_then - hits, "mails": mails, "waiting": waiting,
            "seconds": seconds, "cpu_seconds": cpu, "peak_rss_mb": peak_megabytes(),
        })
    });
    println!("{said}");
}

/// Posts and hits so far, and sources that have been asked.
async fn counted(store: &SharedStore) -> (u64, u64, usize) {
    let states = store.source_states().await.unwrap();
    (
        states.iter().map(|state| state.posts).sum(),
        states.iter().map(|state| state.mentions).sum(),
        states.iter().filter(|state| state.rounds > 0).count(),
    )
}
