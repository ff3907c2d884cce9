//! A start on a big file: 1,000,000 posts over 200,000 statements, all of them live; then the same file when nine
//! statements of ten were archived. And what a batch costs that publishes the live set, with all of it in memory.
//!
//! `cargo bench --bench restart -- 100000` takes so many posts instead. Prints figures of one run; asserts
//! nothing but that what was stored came back.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints figures and may stop")]

#[path = "common/hit.rs"]
mod hit;

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    config::{Folder, plan_named},
    desk::{Change, Desk, Input, Restored, Setup},
    locale::Locale,
    model::{
        Count, Counters, Incident, IncidentState, Mention, Post, PostKey, Precision, Published, RepostOf,
        SiteKind, Unit,
    },
    store::{SqliteStore, Store},
};

const UNIT: &str = "青川县人民医院";
/// Posts of one statement: a text, two copies of it and two reposts.
const MEMBERS: u64 = 5;
/// Inputs of one commit while the file is filled.
const BATCH: u64 = 4_000;

/// Names the file to a process of its own, so that memory is that of a start alone.
const FILE: &str = "YUQING_RESTART_FILE";
/// What is said of the file.
const WHAT: &str = "YUQING_RESTART_WHAT";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if let (Ok(path), Ok(what)) = (std::env::var(FILE), std::env::var(WHAT)) {
        start(&runtime, std::path::Path::new(&path), &what);
        return;
    }
    let posts = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yuqing.db");
    let begin = Instant::now();
    let incidents = runtime.block_on(async {
        let store = SqliteStore::open(&path).expect("a store");
        let incidents = fill(&store, posts).await;
        println!("restart: {posts} posts stored in {:.0} s, {} MB", secs(begin), size(&store).await);
        incidents
    });
    start_apart(&path, "all live");
    runtime.block_on(async {
        let store = SqliteStore::open(&path).expect("a store");
        let gone = incidents
            .into_iter()
            .filter(|row| row.id.0 % 10 != 1)
            .map(|row| Change::Incident(Box::new(Incident { state: IncidentState::Archived, ..row })));
        store.commit(gone.collect()).await.expect("a commit");
    });
    start_apart(&path, "1 in 10 live");
}

fn start_apart(path: &std::path::Path, what: &str) {
    let own = std::env::current_exe().expect("this program");
    let ended = std::process::Command::new(own).env(FILE, path).env(WHAT, what).status().expect("a start");
    assert!(ended.success(), "the start failed");
}

/// Starts a desk on the file, and lets it take a storm of reposts with a live set for every batch.
fn start(runtime: &tokio::runtime::Runtime, path: &std::path::Path, what: &str) {
    let before = resident();
    let store = SqliteStore::open(path).expect("a store");
    let mut steps = vec![(Instant::now(), cpu_secs(), before)];
    let mut step = || steps.push((Instant::now(), cpu_secs(), resident()));
    let restored = runtime.block_on(store.restore()).expect("rows");
    step();
    let members = restored.posts.len();
    let mut desk = Desk::new(setup(), restored, at(0));
    step();
    let live = desk.publish();
    step();
    assert_eq!(live.n_members(), members, "every member came back");
    println!("restart: {what}: {members} posts, {} MB in memory", resident().saturating_sub(before));
    for (name, two) in ["rows read", "desk built", "live set made"].iter().zip(steps.windows(2)) {
        if let [(from, used, _), (until, by_then, memory)] = two {
            let wall = until.duration_since(*from).as_secs_f64();
            let (used, memory) = (by_then - used, memory.saturating_sub(before));
            println!(
                "restart: {what}: {name:<14} {wall:>6.1} s, {used:>6.1} s of processor, then {memory} MB"
            );
        }
    }
    storm(&mut desk, what, "reposts", |n| mention(1_000_000_000 + n, Some(10 * MEMBERS), 100_000 + n));
    let first = MEMBERS * 10_000_000;
    storm(&mut desk, what, "new statements", |n| mention(first + MEMBERS * n, None, 110_000 + n));
}

/// 10,000 posts one after another, a live set after every hundred.
fn storm(desk: &mut Desk, what: &str, of: &str, post: impl Fn(u64) -> Input) {
    let begin = Instant::now();
    let used = cpu_secs();
    let (mut kept, mut publishing) = (None, 0.0);
    for n in 0..10_000 {
        let input = post(n);
        let Input::Mention(mention) = &input else { continue };
        drop(desk.take(&input, mention.seen_at).expect("a look"));
        if n % 100 == 99 {
            let begin = Instant::now();
            kept = Some(desk.publish());
            publishing += secs(begin);
        }
    }
    drop(kept);
    println!(
        "restart: {what}: 10,000 {of} {:.1} s, {:.1} s of processor, of which 100 live sets {publishing:.2} s",
        secs(begin),
        cpu_secs() - used
    );
}

/// Lets a desk take the posts and stores what it decides; answers with the incidents as they stand.
async fn fill(store: &SqliteStore, posts: u64) -> Vec<Incident> {
    let mut desk = Desk::new(setup(), Restored::default(), at(0));
    let mut incidents = BTreeMap::new();
    let mut from = 0;
    while from < posts {
        let until = (from + BATCH).min(posts);
        let mut changes = Vec::new();
        for n in from..until {
            let first = n - n % MEMBERS;
            let original = (n % MEMBERS > 2).then_some(first);
            let now = at(i64::try_from(n / 100).unwrap_or(0));
            changes.extend(desk.take(&mention(n, original, n / 100), now).expect("a look"));
        }
        for change in &changes {
            if let Change::Incident(row) = change {
                incidents.insert(row.id, (**row).clone());
            }
        }
        store.commit(changes).await.expect("a commit");
        from = until;
    }
    incidents.into_values().collect()
}

fn mention(n: u64, original: Option<u64>, seconds: u64) -> Input {
    let seen_at = at(i64::try_from(seconds).unwrap_or(0));
    let text = if original.is_some() { "转发微博".to_owned() } else { text(n / MEMBERS, n % MEMBERS) };
    let hit = hit::of_unit(UNIT);
    let key = |n: u64| PostKey { site: "weibo".to_owned(), id: n.to_string() };
    Input::Mention(Box::new(Mention {
        source: format!("source {}", n % 50),
        post: Post {
            key: key(n),
            site_kind: SiteKind::Microblog,
            url: format!("https://weibo.example/{n}/p{n}"),
            title: String::new(),
            text,
            quoted: String::new(),
            published: Some(Published { at: seen_at, precision: Precision::Minute }),
            repost_of: original.map(|n| RepostOf { key: Some(key(n)), url: None, embedded: None }),
            links: Vec::new(),
        },
        seen_at,
        counters: Counters { views: Some(Count::exact(n % 20)), ..Counters::default() },
        own_fetch: false,
        first_round: false,
        hits: vec![hit],
    }))
}

/// A text of about a hundred characters that no other statement shares, with a few words of each copy's own.
fn text(statement: u64, copy: u64) -> String {
    let mut state = statement.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("{UNIT}：");
    for _ in 0..100 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let scalar = 0x4e00 + u32::try_from(state % 8_000).unwrap_or(0);
        text.extend(char::from_u32(scalar));
    }
    text.push_str(&"转".repeat(usize::try_from(copy).unwrap_or(0)));
    text
}

fn setup() -> Setup {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").expect("a shipped plan"));
    let unit = Unit { name: UNIT.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    Setup { units: vec![(unit, plan)], locale: Locale::ZhCn, ..Setup::default() }
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T00:00:00Z".parse().expect("a literal");
    start + SignedDuration::from_secs(seconds)
}

fn secs(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64()
}

async fn size(store: &SqliteStore) -> u64 {
    store.size_bytes().await.expect("a size") / 1_000_000
}

/// Seconds of processor that this process has used over all its threads; 0 where the system does not say. On a
/// busy machine they tell more than the clock.
fn cpu_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Megabytes of this process in memory; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_000
}
