//! What group commit gains: the same changes by the same number of callers, once with a transaction for
//! all that wait and once with a transaction each, on the same disk in the same run.
//!
//! `cargo bench --bench commit`

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;
use yuqing::{
    desk::Change,
    model::Entry,
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
