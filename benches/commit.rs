//! What group commit gains: the same changes by the same number of callers, once with a transaction for
//! all that wait and once with a transaction each, on the same disk in the same run. And what an observation costs:
//! the bytes that the file grows by, pages as they were filled, the processor time to write it and
//! that of a start.
//!
//! `cargo bench --bench commit`; `-- 100000` writes so many observations instead of a million.

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
    let million = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000);
    println!("store: {million} observations (goal: 15 bytes each)");
    for (posts, counters, order) in [
        (10_000, 1, Order::Interleaved),
        (10_000, 2, Order::Interleaved),
        (10_000, 4, Order::Interleaved),
        (10_000, 1, Order::PostByPost),
        (10_000, 4, Order::PostByPost),
        (10_000, 1, Order::Random),
        (10_000, 4, Order::Random),
        (100_000, 1, Order::Interleaved),
        (100_000, 4, Order::Interleaved),
        (100_000, 4, Order::Random),
        (333_333, 1, Order::Interleaved),
        (333_333, 4, Order::Interleaved),
    ] {
        runtime.block_on(observations(posts, million / posts, counters, order));
    }
}

const UNIT: &str = "青川县人民医院";
/// Changes of one commit while looks are written.
const BATCH: usize = 2_000;

/// In which order looks come.
#[derive(Debug, Clone, Copy)]
enum Order {
    /// Round after round over all posts, as a daemon sees them.
    Interleaved,
    /// The next look at any post, which fills pages worst.
    Random,
    /// All looks at a post, then those at the next.
    PostByPost,
}

/// Fills a file with looks, and says by how much it grew, how long that took, and how long a start reads it.
async fn observations(posts: u32, looks: u32, counters: usize, order: Order) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("bench.db");
    let store = SqliteStore::open(&path).unwrap();
    let start: Timestamp = "2026-11-21T00:00:00.123456Z".parse().unwrap();
    store.commit(members(posts, start)).await.unwrap();
    drop(store);
    let before = std::fs::metadata(&path).unwrap().len();
    let store = SqliteStore::open(&path).unwrap();
    let used = cpu_secs();
    let mut batch = Vec::with_capacity(BATCH);
    let mut had = vec![0_u32; usize::try_from(posts).unwrap()];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for n in 0..posts * looks {
        let (post, nth) = match order {
            Order::Interleaved => (n % posts, n / posts),
            Order::Random => {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let post = u32::try_from(state % u64::from(posts)).unwrap();
                let had = had.get_mut(usize::try_from(post).unwrap()).unwrap();
                *had += 1;
                (post, *had - 1)
            }
            Order::PostByPost => (n / looks, n % looks),
        };
        batch.push(Change::Observation(look(post, nth, counters, start)));
        if batch.len() == BATCH {
            store.commit(std::mem::take(&mut batch)).await.unwrap();
        }
    }
    store.commit(batch).await.unwrap();
    let written = cpu_secs() - used;
    drop(store);
    let grown = std::fs::metadata(&path).unwrap().len() - before;
    let store = SqliteStore::open(&path).unwrap();
    let used = cpu_secs();
    let restored = store.restore().await.unwrap();
    let read = cpu_secs() - used;
    let glances: usize = restored.looks.iter().map(Vec::len).sum();
    #[expect(clippy::cast_precision_loss, reason = "a printed figure")]
    let each = grown as f64 / f64::from(posts * looks);
    let micros = written * 1e6 / f64::from(posts * looks);
    println!(
        "  {posts:>6} posts, {counters} counters, {order:<12} {each:>5.1} bytes, {micros:>5.1} µs of processor to write; \
         a start reads {glances} of them in {read:.2} s of it",
        order = format!("{order:?}"),
    );
}

/// A look about every five minutes. Counters start anywhere and grow by a little, mostly; every number is that of a
/// real counter: views in the thousands, the others a tenth or a hundredth of them.
fn look(post: u32, nth: u32, counters: usize, start: Timestamp) -> ObservationRow {
    let jitter = i64::from((post.wrapping_mul(2_654_435_761) ^ nth.wrapping_mul(40_503)) % 20_000_000);
    let at = start + SignedDuration::from_secs(300) * i32::try_from(nth).unwrap();
    let views = u64::from(post.wrapping_mul(2_654_435_761) % 50_000 + nth * (post % 40));
    let count = |wanted: usize, value: u64| (counters >= wanted).then(|| Count::exact(value));
    ObservationRow {
        unit: UNIT.to_owned(),
        post: key(post),
        at: at + SignedDuration::from_micros(jitter),
        views: count(1, views),
        comments: count(2, views / 50),
        reposts: count(3, views / 100),
        likes: count(4, views / 20),
    }
}

/// One statement with so many posts, as a desk would decide it.
fn members(posts: u32, start: Timestamp) -> Vec<Change> {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").unwrap());
    let unit = Unit { name: UNIT.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let setup = Setup { units: vec![(unit, plan)], ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), start);
    let mut changes = desk.take(&first_look(0, start), start).unwrap();
    let first = changes.iter().find_map(|change| match change {
        Change::Post(row) => Some(row.clone()),
        _ => None,
    });
    let first = first.unwrap();
    changes.retain(|change| !matches!(change, Change::Observation(_)));
    changes.extend((1..posts).map(|number| {
        let mut row = first.clone();
        row.post.key = key(number);
        Change::Post(row)
    }));
    changes
}

/// Seconds of processor that this process has used over all its threads; 0 where the system does not say.
fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
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
        from: None,
        text: format!("第 {number} 次提交，一行约百字节的时间线记录。"),
    })
}
