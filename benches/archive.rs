//! Ten years of a county in one file: its size, what its tables take, how long it takes to find something in it and to
//! open it, what retention takes, and whether retention holds up what comes in meanwhile.
//!
//! `cargo bench --bench archive -- 5000000 20000 50000000 10` takes so many mentions in so many incidents, so many
//! observations, over so many years (without numbers: 20,000, 200, 200,000, 10). `pass=600` bounds the seconds of the
//! retention pass (120), `keep=FILE` leaves the file where it is named and uses it again. A process of its own fills it.
//! Prints figures and asserts nothing absolute; the goals are 50 ms for a search (p99) and 1.5 for the last line.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints figures and may stop")]

#[path = "common/pattern.rs"]
mod pattern;
#[path = "common/told.rs"]
mod told;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use yuqing::{
    app::keeping::sweep,
    desk::Change,
    model::{
        Count, Counters, Entry, Evidence, Fragment, Incident, IncidentId, IncidentState, ObservationRow,
        PostKey, PostRow, Retention, Shown, text_hash,
    },
    store::{IncidentSearch, SqliteStore, Store, Swept, Turn},
    time::{Clock as _, System},
};

const UNIT: &str = "青川县人民医院";
/// Posts of one commit while the file is filled.
const BATCH: u64 = 500;
/// Times that each kind of question is asked.
const TIMES: usize = 200;
/// Commits whose time is taken, their distance, and mentions of each.
const COMMITS: usize = 500;
const EVERY: Duration = Duration::from_millis(20);
const MENTIONS: u64 = 20;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let mut numbers = words.iter().filter_map(|word| word.parse::<u64>().ok());
    let county = County {
        mentions: numbers.next().unwrap_or(20_000).max(1),
        incidents: numbers.next().unwrap_or(200).max(2),
        observations: numbers.next().unwrap_or(200_000),
        years: numbers.next().unwrap_or(10).max(1),
        end: System.now(),
    };
    let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    // A process of its own fills the file, so that its caches are not there.
    if let Some(path) = named("fill=") {
        return runtime.block_on(county.fill(Path::new(&path)));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = named("keep=").map_or_else(|| folder.path().join("yuqing.db"), PathBuf::from);
    if !path.exists() {
        let begin = Instant::now();
        let numbers = [county.mentions, county.incidents, county.observations, county.years];
        let filled = Command::new(std::env::current_exe().expect("this program"))
            .arg(format!("fill={}", path.display()))
            .args(numbers.map(|number| number.to_string()))
            .status();
        assert!(filled.expect("a process").success(), "the file was filled");
        println!("archive: filled in {:.0} s", begin.elapsed().as_secs_f64());
    }
    println!(
        "archive: {} mentions in {} incidents, {} observations, {} years",
        county.mentions, county.incidents, county.observations, county.years
    );
    sizes(&path);
    let bound = named("pass=").and_then(|word| word.parse().ok()).unwrap_or(120);
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(&path).expect("a store"));
        county.searches(&store).await;
        county.pages(&store).await;
        county.ingest(&store).await;
        county.retention(&store, Duration::from_secs(bound)).await;
        let begin = Instant::now();
        let kept = store.kept(county.end).await.expect("figures");
        println!("archive: figures of `yuqing retention` in {:.2?}", begin.elapsed());
        for holding in kept.holdings {
            println!(
                "archive:   {:?}: {} rows, about {} MB",
                holding.kind,
                holding.rows,
                holding.bytes >> 20
            );
        }
    });
    sizes(&path);
}

/// Prints the size of the file and of what its tables and indexes take.
fn sizes(path: &Path) {
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    let file = Connection::open(path).expect("the file");
    let sql =
        "SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC LIMIT 14";
    let mut statement = file.prepare(sql).expect("sizes");
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.unsigned_abs())));
    let parts: Vec<String> = rows
        .expect("sizes")
        .flatten()
        .map(|(name, bytes)| format!("{name} {:.1}", float(bytes) / 1e6))
        .collect();
    println!("archive: {:.1} MB on disk; MB by table and index: {}", float(bytes) / 1e6, parts.join(", "));
}

#[allow(clippy::cast_precision_loss, reason = "figures to look at")]
fn float(number: u64) -> f64 {
    number as f64
}

/// Prints the middle and the slowest hundredth of some times.
fn print(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at =
        |share: usize| times.get(times.len() * share / 100).or(times.last()).copied().unwrap_or_default();
    println!("archive: {name:<44} p50 {:>9.2?}  p99 {:>9.2?}", at(50), at(99));
    at(99)
}

/// How much there is.
struct County {
    mentions: u64,
    incidents: u64,
    observations: u64,
    years: u64,
    end: Timestamp,
}

/// A word of two characters, of a few hundred; the first are the most frequent.
fn word(number: u64) -> String {
    let first = u32::try_from(number * 37 % 1_900).unwrap_or(0);
    let second = u32::try_from(number * 91 % 2_300).unwrap_or(0);
    [0x4e00 + first, 0x5000 + second].into_iter().filter_map(char::from_u32).collect()
}

impl County {
    /// First sight of an incident: number 1 is the oldest.
    fn seen(&self, id: u64) -> Timestamp {
        let seconds = self.years * 31_557_600 / self.incidents * (self.incidents - id.min(self.incidents));
        self.end
            - SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0))
            - SignedDuration::from_hours(1)
    }

    /// About a hundred characters: words of a few hundred, frequent ones more often, and now and then a rare one.
    fn text(number: u64) -> String {
        let mut random = fastrand::Rng::with_seed(number);
        let mut text = String::from("县医院");
        for _ in 0..48 {
            let place = random.u64(..600) * random.u64(..600) / 600;
            text.push_str(&word(place));
            if random.u8(..6) == 0 {
                text.push('，');
            }
        }
        if number.is_multiple_of(3) {
            text.push_str("。大家都在排队");
        }
        if number.is_multiple_of(5_000) {
            text.push_str("。沉降监测");
        }
        text
    }

    async fn fill(&self, path: &Path) {
        let store = SqliteStore::open(path).expect("a store");
        let (incident, post) = pattern::of(UNIT, self.end, Self::text(0));
        let (mut changes, mut posts, mut number) = (Vec::new(), 0, 0);
        for id in 1..=self.incidents {
            changes.extend(self.case(id, &incident));
            let until = self.mentions * id / self.incidents;
            while number < until {
                number += 1;
                changes.extend(self.mention(id, number, &post));
                posts += 1;
                if posts >= BATCH {
                    posts = 0;
                    store.commit(std::mem::take(&mut changes)).await.expect("a commit");
                }
            }
        }
        store.commit(changes).await.expect("a commit");
    }

    /// An incident that was told, with its notices and entries; archived when it is older than two months.
    fn case(&self, id: u64, pattern: &Incident) -> Vec<Change> {
        let mut row = pattern.clone();
        let seen = self.seen(id);
        row.id = IncidentId(id);
        (row.detected_at, row.opened_at, row.graded_at) = (seen, seen, seen);
        row.gist = format!("第{id}件：{}", word(id % 600));
        row.heat.sites = vec![format!("site{}", id % 10)];
        row.rank = usize::try_from(id % 4).unwrap_or(0);
        row.epoch = 1;
        row.told_rank = Some(row.rank);
        let is_old = self.end.duration_since(seen) > SignedDuration::from_hours(24 * 60);
        row.state = if is_old { IncidentState::Archived } else { IncidentState::Open };
        row.closed_at = is_old.then_some(seen + SignedDuration::from_hours(72));
        let mut changes = vec![Change::Incident(Box::new(row.clone()))];
        changes.extend((0..4).map(|number| Change::Notice(Box::new(told::notice(&row, number)))));
        changes.extend((0..6).map(|number| {
            Change::Entry(Entry {
                incident: Some(row.id),
                at: seen + SignedDuration::from_hours(12 * number),
                kind: "tier".to_owned(),
                by: (number == 5).then(|| "王值班".to_owned()),
                from: None,
                text: "重大: 转发 312 > 300，3 个站点，7 篇，截至 14:05".to_owned(),
            })
        }));
        changes
    }

    /// A member with its looks, at first an hour apart and growing, then level; and its evidence.
    fn mention(&self, id: u64, number: u64, pattern: &PostRow) -> Vec<Change> {
        let seen = self.seen(id) + SignedDuration::from_secs(i64::try_from(number % 7_200).unwrap_or(0));
        let mut row = pattern.clone();
        row.incident = IncidentId(id);
        row.post.key = PostKey { site: format!("site{}", id % 10), id: number.to_string() };
        row.post.text = Self::text(number);
        (row.first_seen_at, row.last_seen_at) = (seen, seen);
        let looks =
            self.observations * number / self.mentions - self.observations * (number - 1) / self.mentions;
        let mut changes = Vec::with_capacity(usize::try_from(looks).unwrap_or(0) + 2);
        let evidence = Evidence {
            post: row.post.key.clone(),
            shown: Shown {
                url: row.post.url.clone(),
                at: seen,
                status: 200,
                headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
                bytes: 20_000,
            },
            text_sha256: text_hash(&row.post),
            fragment: Some(Fragment { post: row.post.clone(), counters: Counters::default() }),
        };
        // Older evidence went a year after it had come.
        if self.end.duration_since(seen) < SignedDuration::from_hours(24 * 400) {
            changes.push(Change::Evidence(Box::new(evidence)));
        }
        for look in 0..looks {
            changes.push(Change::Observation(ObservationRow {
                unit: UNIT.to_owned(),
                post: row.post.key.clone(),
                at: seen + SignedDuration::from_mins(61 * i64::try_from(look).unwrap_or(0)),
                views: Some(Count::exact(100 + look.min(4) * (number % 97))),
                reposts: None,
                comments: Some(Count::exact(look.min(2))),
                likes: None,
            }));
        }
        changes.push(Change::Post(Box::new(row)));
        changes
    }

    /// Searches as the console asks for them: the first page, with the count above it.
    async fn searches(&self, store: &SqliteStore) {
        let month = |number: usize| {
            let months = u64::try_from(number).unwrap_or(0) % (self.years * 12);
            let from = self.end - SignedDuration::from_hours(730 * i64::try_from(months + 1).unwrap_or(1));
            (Some(from), Some(from + SignedDuration::from_hours(730)))
        };
        let of = |text: String| IncidentSearch { text, count: true, ..IncidentSearch::default() };
        type Question<'a> = (&'a str, Box<dyn Fn(usize) -> IncidentSearch + 'a>);
        let number = |n: usize| u64::try_from(n).unwrap_or(0);
        let questions: [Question<'_>; 6] = [
            ("search: a word of two characters", Box::new(move |n| of(word(200 + number(n))))),
            ("search: a common word", Box::new(move |_| of("排队".to_owned()))),
            ("search: a word of every text", Box::new(move |_| of("县医院".to_owned()))),
            ("search: a rare word", Box::new(move |_| of("沉降监测".to_owned()))),
            (
                "search: two words",
                Box::new(move |n| of(format!("{} {}", word(number(n) % 90), word(300 + number(n))))),
            ),
            (
                "search: a word, a unit and a month",
                Box::new(move |n| {
                    let (from, to) = month(n);
                    IncidentSearch { unit: UNIT.to_owned(), from, to, ..of(word(number(n))) }
                }),
            ),
        ];
        for (name, question) in &questions {
            let (mut times, mut found) = (Vec::new(), 0);
            for n in 0..TIMES {
                let search = question(n);
                let begin = Instant::now();
                found += store.search(search).await.expect("an answer").incidents.len();
                times.push(begin.elapsed());
            }
            print(&format!("{name} ({} found each)", found / TIMES), times);
        }
    }

    async fn pages(&self, store: &SqliteStore) {
        let (mut first, mut far, mut one) = (Vec::new(), Vec::new(), Vec::new());
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..TIMES / 4 {
            let begin = Instant::now();
            let search = IncidentSearch { count: true, ..IncidentSearch::default() };
            store.search(search).await.expect("a page");
            first.push(begin.elapsed());
            let id = IncidentId(random.u64(1..=self.incidents));
            let begin = Instant::now();
            let view = store.incident(id).await.expect("an incident").expect("it is there");
            one.push(begin.elapsed());
            let turn = Turn::After(yuqing::store::Place::of(&view.incident));
            let begin = Instant::now();
            store.search(IncidentSearch { turn, ..IncidentSearch::default() }).await.expect("a page");
            far.push(begin.elapsed());
        }
        print("page: the newest incidents", first);
        print("page: somewhere in the list", far);
        print(&format!("page: one incident of {} posts", self.mentions / self.incidents), one);
    }

    /// What a commit of mentions takes alone, and while the retention runs at its usual pace.
    async fn ingest(&self, store: &Arc<SqliteStore>) {
        let (incident, post) = pattern::of(UNIT, self.end, Self::text(0));
        let id = self.incidents + 1;
        store.commit(self.case(id, &incident)).await.expect("a commit");
        let mut number = self.mentions * 2;
        let mut batches = async |name: &str| {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut times = Vec::with_capacity(COMMITS);
            for _ in 0..COMMITS {
                ticks.tick().await;
                let mut changes = Vec::new();
                for _ in 0..MENTIONS {
                    number += 1;
                    changes.extend(self.mention(id, number, &post));
                }
                let begin = Instant::now();
                store.commit(changes).await.expect("a commit");
                times.push(begin.elapsed());
            }
            print(name, times)
        };
        batches("ingest: to be warm").await;
        let alone = batches("ingest: 20 mentions, alone").await;
        let cancel = CancellationToken::new();
        let (swept, until) = (Arc::clone(store), cancel.clone());
        let spans = self.spans();
        let sweeping = tokio::spawn(async move { sweep(&*swept, &System, &spans, &until).await });
        let beside = batches("ingest: 20 mentions, beside a retention run").await;
        let had_ended = sweeping.is_finished();
        cancel.cancel();
        let gone = sweeping.await.expect("joined").expect("swept");
        let again = batches("ingest: 20 mentions, alone again").await;
        let ended = if had_ended { " (it ended before: take more mentions)" } else { "" };
        println!("archive: meanwhile went {gone:?}{ended}");
        println!(
            "archive: p99 of ingest beside a retention run is {:.2} times that alone (goal: 1.5)",
            beside.as_secs_f64() / alone.max(again).as_secs_f64()
        );
    }

    /// What an office sets that keeps its incidents for ten years: evidence, looks and the oldest incidents go.
    fn spans(&self) -> Retention {
        let days = u32::try_from(self.years * 365).unwrap_or(3_650);
        Retention { incident_days: days - 30, ..Retention::default() }
    }

    /// A pass without pauses, as far as it comes in the time that it is given.
    async fn retention(&self, store: &SqliteStore, bound: Duration) {
        let begin = Instant::now();
        let (mut gone, mut times, mut is_whole) = (Swept::default(), Vec::new(), false);
        while begin.elapsed() < bound && !is_whole {
            let step = Instant::now();
            let swept = store.sweep(self.spans(), self.end).await.expect("a step");
            times.push(step.elapsed());
            is_whole = swept.is_empty();
            gone = gone.and(swept);
        }
        let steps = times.len();
        print("retention: one step", times);
        let end = if is_whole { "whole" } else { "as far as it came" };
        println!("archive: retention pass, {end}: {steps} steps in {:.1?}, {gone:?}", begin.elapsed());
    }
}
