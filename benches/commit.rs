//! What group commit gains: the same changes by the same number of callers, once with a transaction for
//! all that wait and once with a transaction each, on the same disk in the same run. And the bytes that an
//! observation takes in the file.
//!
//! `cargo bench --bench commit`

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::{sync::Arc, time::Instant};

#[path = "common/hit.rs"]
mod hit;

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    config::{Folder, plan_named},
    desk::{Change, Desk, Input, Restored, Setup},
    model::{Count, Counters, Entry, Mention, ObservationRow, Post, PostKey, SiteKind, Unit},
    store::{Options, SqliteStore, Store},
};

const CALLERS: u32 = 64;
const COMMITS_EACH: u32 = 40;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // Alternated, so that a disk that slows down meanwhile slows both.
    let (mut one_by_one, mut grouped) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        one_by_one = one_by_one.min(runtime.block_on(seconds(false)));
        grouped = grouped.min(runtime.block_on(seconds(true)));
    }
    let commits = f64::from(CALLERS * COMMITS_EACH);
    println!("store commits: {CALLERS} callers, {COMMITS_EACH} commits each, synced, best of 3");
    println!("  one by one    {:>9.0} commits/s", commits / one_by_one);
    println!("  group commit  {:>9.0} commits/s", commits / grouped);
    println!("  ratio         {:>9.1}", one_by_one / grouped);
    println!("store: bytes an observation takes (goal 15)");
    for (name, counters) in [("views", 1), ("views and comments", 2), ("all four counters", 4)] {
        println!("  {name:<22}{:>6.1}", runtime.block_on(bytes_of_an_observation(counters)));
    }
}

/// Posts of the file, and looks at each.
const POSTS: u32 = 500;
const LOOKS: u32 = 400;
const UNIT: &str = "青川县人民医院";

/// Fills a file with looks five minutes apart and sees by how much it has grown.
async fn bytes_of_an_observation(counters: usize) -> f64 {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("bench.db");
    let store = SqliteStore::open(&path).unwrap();
    let start: Timestamp = "2026-11-21T00:00:00.123456Z".parse().unwrap();
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").unwrap());
    let unit = Unit { name: UNIT.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let setup = Setup { units: vec![(unit, plan)], ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), start);
    for number in 0..POSTS {
        store.commit(desk.take(&first_look(number, start), start).unwrap()).await.unwrap();
    }
    drop(store);
    let before = std::fs::metadata(&path).unwrap().len();
    let store = SqliteStore::open(&path).unwrap();
    for look in 1..=LOOKS {
        let at = start + SignedDuration::from_mins(5) * i32::try_from(look).unwrap();
        let count = |nth: usize, value: u32| (nth < counters).then(|| Count::exact(u64::from(value)));
        let rows = (0..POSTS).map(|post| {
            Change::Observation(ObservationRow {
                unit: UNIT.to_owned(),
                post: key(post),
                at: at + SignedDuration::from_micros(i64::from(post * 1_009)),
                views: count(0, look * 37 + post),
                comments: count(1, look),
                reposts: count(2, look * 2),
                likes: count(3, look * 3),
            })
        });
        store.commit(rows.collect()).await.unwrap();
    }
    drop(store);
    let grown = std::fs::metadata(&path).unwrap().len() - before;
    #[expect(clippy::cast_precision_loss, reason = "a printed figure")]
    let each = grown as f64 / f64::from(POSTS * LOOKS);
    each
}

fn key(number: u32) -> PostKey {
    PostKey { site: "bbs.example".to_owned(), id: number.to_string() }
}

fn first_look(number: u32, seen_at: Timestamp) -> Input {
    Input::Mention(Box::new(Mention {
        source: "bench".to_owned(),
        post: Post {
            key: key(number),
            site_kind: SiteKind::Forum,
            url: format!("https://bbs.example/{number}"),
            title: String::new(),
            text: format!("{UNIT}：第 {number} 帖"),
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: Vec::new(),
        },
        seen_at,
        counters: Counters::default(),
        own_fetch: false,
        first_round: false,
        hits: vec![hit::of_unit(UNIT)],
    }))
}

async fn seconds(group_commit: bool) -> f64 {
    // Beside the build, on a real disk: a folder for temporary files may be memory, where a sync is free.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let options = Options { group_commit, ..Options::default() };
    let store = Arc::new(SqliteStore::open_with(&folder.path().join("bench.db"), options).unwrap());
    store.ping().await.unwrap();
    let begun = Instant::now();
    let callers = (0..CALLERS).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..COMMITS_EACH {
                store.commit(vec![entry(number)]).await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    begun.elapsed().as_secs_f64()
}

fn entry(number: u32) -> Change {
    Change::Entry(Entry {
        incident: None,
        at: Timestamp::UNIX_EPOCH,
        kind: "bench".to_owned(),
        by: None,
        text: format!("第 {number} 次提交，一行约百字节的时间线记录。"),
    })
}
