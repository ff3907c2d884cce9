//! The list of incidents over HTTP, with 1,000 and with 100,000 incidents in the store: the first page, a page far down, a
//! search by words, by site, and the count that stands above. The curve is to be flat: what is printed is the time at
//! 100,000 as a multiple of that at 1,000, in one run.
//!
//! `cargo bench --bench console -- 20000 10` takes so many incidents and so many looks at each of their two posts
//! (100,000 and 50: ten million observations). Prints figures, first paints in Chromium among them; asserts nothing but
//! that the pages came.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints figures and may stop")]

#[allow(
    dead_code,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "the tests' browser, of which little is used"
)]
#[path = "../tests/it/console/driver.rs"]
mod driver;
#[path = "common/pattern.rs"]
mod pattern;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;
use yuqing::{
    console::{Console, Settings},
    desk::Change,
    dispatch::ConfirmKey,
    model::{Count, IncidentId, ObservationRow, PostKey},
    store::{Inbox, SqliteStore, Store},
    time::Manual,
};

const UNIT: &str = "青川县人民医院";
/// Rows of one commit while the file is filled.
const BATCH: u64 = 200;
/// Times that each page is asked for; the fastest counts, on a busy machine too.
const TIMES: usize = 15;

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<u64>().ok());
    let (most, looks) = (numbers.next().unwrap_or(100_000), numbers.next().unwrap_or(50));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let few = runtime.block_on(pages(1_000.min(most), looks));
    let many = runtime.block_on(pages(most, looks));
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        let times = many.as_secs_f64() / few.as_secs_f64().max(1e-9);
        println!("console: {name:<28} {few:>9.1?} → {many:>9.1?}, {times:.1} times");
    }
}

/// The fastest answer of each page on a store of so many incidents.
async fn pages(incidents: u64, looks: u64) -> Vec<(&'static str, Duration)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yuqing.db");
    let begin = Instant::now();
    fill(&path, incidents, looks).await;
    let store = Arc::new(SqliteStore::open(&path).expect("a store"));
    let bytes = store.size_bytes().await.expect("a size");
    println!(
        "console: {incidents} incidents, {} observations stored in {:.0} s, {} MB",
        2 * incidents * looks,
        begin.elapsed().as_secs_f64(),
        bytes / 1_000_000
    );
    let (inbox, _envelopes) = Inbox::new(1);
    let (_settings, settings) = watch::channel(Arc::new(Settings::new(ConfirmKey::from_bytes([7; 32]))));
    let clock = Arc::new(Manual::at(at(1_000_000)));
    let shared: yuqing::store::SharedStore = store.clone();
    let access = yuqing::console::access::Keeper::new(shared);
    let console = Console {
        store,
        inbox,
        clock,
        settings,
        vitals: None,
        post_room: None,
        push: None,
        scout: None,
        access,
        machine: None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    let server = tokio::spawn(console.serve(listener, stop.clone()));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let far = format!("/incidents?after=0.{}.{}", at(50).as_microsecond(), 50);
    let asked = [
        ("first page", "/incidents".to_owned()),
        ("open ones, gravest first", "/incidents?state=open&sort=gravest".to_owned()),
        ("a page at the far end", far),
        ("words of one incident", "/incidents?q=%E7%AC%AC500%E4%BB%B6".to_owned()),
        ("a word of one in a hundred", "/incidents?q=%E5%81%9C%E8%BD%A6".to_owned()),
        ("a site of one in ten", "/incidents?site=site3".to_owned()),
        ("one incident", "/incidents/500".to_owned()),
    ];
    let mut found = Vec::new();
    for (name, path) in asked {
        let mut fastest = Duration::MAX;
        for _ in 0..TIMES {
            let begin = Instant::now();
            let mut answer = client.get(format!("{base}{path}")).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{path}");
            let mut bytes = 0;
            while let Some(chunk) = answer.chunk().await.expect("a page") {
                bytes += chunk.len();
            }
            assert!(bytes > 1_000, "{path}");
            fastest = fastest.min(begin.elapsed());
        }
        found.push((name, fastest));
    }
    found.extend(paints(&base).await);
    stop.cancel();
    server.await.expect("joined").expect("served");
    found
}

/// The earliest first paint of pages in a browser that is running already; the goal is 100 ms.
async fn paints(base: &str) -> Vec<(&'static str, Duration)> {
    let paint = "new Promise(function (done) {
        var look = function () {
            var seen = performance.getEntriesByName('first-contentful-paint')[0];
            if (seen) { done(seen.startTime); } else { setTimeout(look, 5); }
        };
        look();
    })";
    let mut browser = driver::Browser::start().await;
    let mut found = Vec::new();
    for (name, path) in [
        ("first paint: list", "/incidents"),
        ("first paint: home", "/"),
        ("first paint: incident", "/incidents/500"),
    ] {
        let mut fastest = f64::MAX;
        for _ in 0..TIMES / 3 {
            let page = browser.open(&format!("{base}{path}"), (1_366, 768), "").await;
            fastest = fastest.min(browser.ask(&page, paint).await.as_f64().expect("milliseconds"));
        }
        found.push((name, Duration::from_secs_f64(fastest / 1_000.0)));
    }
    found
}

/// Fills a file with copies of one incident, each with words, sites and times of its own.
async fn fill(path: &Path, incidents: u64, looks: u64) {
    let store = SqliteStore::open(path).expect("a store");
    let (incident, post) = pattern::of(UNIT, at(0), text(1));
    let mut from = 1;
    while from <= incidents {
        let until = (from + BATCH).min(incidents + 1);
        let mut changes = Vec::new();
        for id in from..until {
            let seconds = i64::try_from(id).unwrap_or(0);
            let mut row = incident.clone();
            row.id = IncidentId(id);
            (row.detected_at, row.opened_at) = (at(seconds), at(seconds));
            row.gist = if id % 100 == 7 {
                format!("第{id}件：停车难")
            } else {
                format!("第{id}件：排队久")
            };
            row.heat.sites = vec![format!("site{}", id % 10)];
            changes.push(Change::Incident(Box::new(row)));
            for copy in 0..2 {
                let mut member = post.clone();
                member.incident = IncidentId(id);
                member.post.key = PostKey { site: format!("site{}", id % 10), id: format!("{id}-{copy}") };
                member.post.text = text(id);
                for look in 0..looks {
                    changes.push(Change::Observation(ObservationRow {
                        unit: UNIT.to_owned(),
                        post: member.post.key.clone(),
                        at: at(seconds + 600 * i64::try_from(look).unwrap_or(0)),
                        views: Some(Count::exact(look * 10)),
                        reposts: None,
                        comments: None,
                        likes: None,
                    }));
                }
                changes.push(Change::Post(Box::new(member)));
            }
        }
        store.commit(changes).await.expect("a commit");
        from = until;
    }
}

/// About a hundred characters of its own.
fn text(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("{UNIT}：");
    for _ in 0..100 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend(char::from_u32(0x4e00 + u32::try_from(state % 4_000).unwrap_or(0)));
    }
    text
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a literal");
    start + SignedDuration::from_secs(seconds)
}
