//! What it costs to plan a hundred thousand sources, every five minutes each: the collector itself, with
//! sources that nobody fetches (other programs would push to them), on a clock that runs thirty times as
//! fast, and with a store that only remembers. The cost of a round's task and of judging its health is in it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yuqing::{
    collect::{Collector, Parts, fetch::Fetcher},
    config::{
        FetchSettings,
        preset::Presets,
        source::{self, Source},
    },
    desk::LiveSet,
    keyword::Matcher,
    locale::Locale,
    store::{Inbox, SourceTimes},
    time::{Clock as _, Scaled, SharedClock},
};

use crate::{cpu_seconds, memory::Memory, runtime, said, side};

const SOURCES: u32 = 100_000;
const INTERVAL: SignedDuration = SignedDuration::from_mins(5);
const TIMES: u32 = 30;

pub fn run() {
    let figures = said(side("schedule"));
    let number = |name: &str| figures[name].as_f64().unwrap();
    println!(
        "schedule: {SOURCES} sources every {} min: {:.2} % of a core, {:.1} us a round ({:.0} rounds in {:.0} s)\n  \
         goal: under 1 %",
        INTERVAL.as_mins(),
        number("share") * 100.0,
        number("share") * number("seconds") * 1e6 / number("rounds"),
        number("rounds"),
        number("seconds"),
    );
}

pub fn measured() {
    let figures = runtime().block_on(planned());
    println!("{figures}");
}

async fn planned() -> serde_json::Value {
    let began: Timestamp = "2026-11-21T08:15:00+08:00".parse().unwrap();
    let scaled = Scaled::from(began, TIMES);
    let clock: SharedClock = Arc::new(scaled);
    let store = Arc::new(Memory::knowing(times(began)));
    let (_sources, sources) = watch::channel(Arc::new(pushed()));
    let (_matcher, matcher) = watch::channel(Arc::new(Matcher::new(Vec::new())));
    let (_live, live) = watch::channel(Arc::new(LiveSet::default()));
    let (inbox, mut desk) = Inbox::new(64);
    tokio::spawn(async move {
        while let Some(envelope) = desk.recv().await {
            let _ = envelope.done.send(Ok(()));
        }
    });
    let parts = Parts {
        sources,
        matcher,
        live,
        inbox,
        store: store.clone(),
        clock: Arc::clone(&clock),
        fetcher: Arc::new(Fetcher::new(FetchSettings::default(), clock).unwrap()),
        locale: Locale::ZhCn,
        tally: Arc::default(),
        bell: yuqing::collect::poll::Bell::default(),
        seed: 7,
    };
    let stop = CancellationToken::new();
    let room = tokio::spawn(Collector::new(parts).run(stop.clone()));
    // The start is paid once; then two whole intervals.
    scaled.sleep_until(began + INTERVAL / 2).await;
    let before = (cpu_seconds(), scaled.now(), store.rounds());
    scaled.sleep_until(before.1 + INTERVAL * 2).await;
    let seconds = scaled.now().duration_since(before.1).as_secs_f64();
    let (cpu, rounds) = (cpu_seconds() - before.0, store.rounds() - before.2);
    stop.cancel();
    room.await.unwrap();
    serde_json::json!({ "share": cpu / seconds, "seconds": seconds, "rounds": rounds })
}

fn name(number: u32) -> String {
    format!("来源{number}")
}

/// As the last run left them: evenly spread over the interval.
fn times(began: Timestamp) -> Vec<SourceTimes> {
    let spread = |number: u32| INTERVAL.as_millis() as i64 * i64::from(number) / i64::from(SOURCES);
    let times = |number: u32| SourceTimes {
        source: name(number),
        next_at: Some(began + SignedDuration::from_millis(spread(number))),
        health: "ok".into(),
        ..SourceTimes::default()
    };
    (0..SOURCES).map(times).collect()
}

fn pushed() -> Vec<Source> {
    let presets = Presets::load(None).unwrap();
    let text = "[[push]]\nname = \"一个\"\n";
    let one = source::parse(std::path::Path::new("sources.d/a.toml"), text, &presets, &[]).unwrap().remove(0);
    (0..SOURCES).map(|number| Source { name: name(number), interval: INTERVAL, ..one.clone() }).collect()
}
