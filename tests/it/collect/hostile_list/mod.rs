//! The hostile list: every way in which a source may lie is driven through the real room over loopback
//! HTTP, after ten virtual days in which it was honest. Each must produce its state, be told once to the
//! administrator, and nothing else may be told at all.

mod site;
mod table;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    config::{Folder, plan_named, source::Source},
    desk::{Change, Desk, Input, Operations, Restored, Setup},
    locale::Locale,
    model::{ChannelKind, Contact, Detail, Unit},
    time::Clock,
};

use super::stage::{Stage, sources};
use table::{Case, Kind, honest, lies};

/// A Monday.
const BEGIN: &str = "2026-11-02T00:10:00+08:00";
const LIES_SINCE: &str = "2026-11-11T10:10:00+08:00";
const END: &str = "2026-11-16T12:10:00+08:00";
const INTERVAL: SignedDuration = SignedDuration::from_hours(2);
const RULES: &str = "[一]\n检索: 是\n拖欠工资\n停水\n";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn source_of(case: &Case, base: &str) -> String {
    let name = case.name;
    let common = "interval = \"2h\"\ntimeout = \"1s\"\n";
    match case.kind {
        Kind::Feed => format!("[[feed]]\nname = \"{name}\"\nurl = \"{base}/list.xml\"\n{common}"),
        Kind::Weibo => {
            format!("[[api]]\nname = \"{name}\"\npreset = \"weibo-search\"\nbase = \"{base}\"\n{common}")
        }
        kind => {
            let search = matches!(kind, Kind::Search | Kind::CanarySearch);
            let query = if search { "search?q={keyword}" } else { "posts" };
            let canary = matches!(kind, Kind::CanarySearch | Kind::CanaryList);
            let canary = if canary { "canary = \"天气\"\n" } else { "" };
            format!(
                "[[api]]\nname = \"{name}\"\npreset = \"posts-json\"\nurl = \"{base}/{query}\"\n{canary}{common}"
            )
        }
    }
}

/// What was told of one source.
#[derive(Debug, Default)]
struct Heard {
    broken: Vec<(Timestamp, String, String)>,
    mended: usize,
}

/// Runs the room until every source has been settled up to `until`, and says what was told on the way.
async fn play(stage: &mut Stage, until: Timestamp, heard: &mut BTreeMap<String, Heard>) {
    while stage.clock.now() < until {
        stage.advance(SignedDuration::from_mins(20));
        settled(stage).await;
        listen(stage, heard).await;
    }
}

/// Waits until nothing is due any more.
async fn settled(stage: &Stage) {
    let now = stage.clock.now();
    let wait = async {
        loop {
            let times = stage.store.source_times().await.unwrap();
            if !times.is_empty() && times.iter().all(|times| times.next_at.is_some_and(|at| at > now)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), wait).await.expect("all rounds end");
    // What the last round of them made is told in the next turn of the room's loop.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

async fn listen(stage: &mut Stage, heard: &mut BTreeMap<String, Heard>) {
    let now = stage.clock.now();
    while let Ok(input) = stage.inputs.try_recv() {
        let Input::Operations(told) = input else { continue };
        let name = told.subject.strip_prefix("source/").unwrap_or(&told.subject).to_owned();
        let state = stage.store.source_state(&name).await.unwrap();
        let all = heard.entry(name).or_default();
        if told.broken {
            all.broken.push((now, state.health, told.text));
        } else {
            all.mended += 1;
        }
    }
}

/// Puts what was told to a real desk; the contacts that get a notice.
fn addressees(told: &Operations, now: Timestamp) -> Vec<String> {
    let plan = plan_named(&Folder::Shipped, "work-safety").unwrap();
    let administrator = plan.administrators[0].clone();
    let leaders = plan.tiers.iter().flat_map(|tier| tier.lines.iter().flat_map(|line| line.steps.concat()));
    let contact = |name: String| Contact {
        email: Some(format!("{name}@office.example")),
        phone: None,
        person: String::new(),
        channels: vec![ChannelKind::Email],
        detail: Detail::Full,
        ways: BTreeMap::new(),
        name,
    };
    let names = leaders.chain([administrator]);
    let contacts = names.map(|name| (name.clone(), contact(name))).collect();
    let unit =
        Unit {
            name: "青禾县人民医院".into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false
        };
    let setup =
        Setup { units: vec![(unit, Arc::new(plan))], contacts, locale: Locale::ZhCn, ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), now);
    let changes = desk.take(&Input::Operations(told.clone()), now).unwrap();
    let twice = desk.take(&Input::Operations(told.clone()), now).unwrap();
    assert!(!twice.iter().any(|change| matches!(change, Change::Notice(_))), "the desk tells it once");
    changes
        .into_iter()
        .filter_map(|change| match change {
            Change::Notice(notice) => Some(notice.contact),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn every_lie_is_told_once_to_the_administrator_and_nothing_honest_is() {
    let (lies, honest) = (lies(), honest());
    assert!(lies.len() >= 40 && honest.len() >= 10);
    let clock = yuqing::time::Manual::at(at(BEGIN));
    let mut list: Vec<Source> = Vec::new();
    for case in lies.iter().chain(&honest) {
        let base = site::serve(clock.clone(), at(LIES_SINCE), case.honest, case.lie).await;
        list.extend(sources(&source_of(case, &base)));
    }
    assert!(list.iter().all(|source| source.interval == INTERVAL));
    let mut stage = Stage::at(clock, list, RULES).start();
    let mut heard = BTreeMap::new();
    settled(&stage).await;
    play(&mut stage, at(LIES_SINCE), &mut heard).await;
    let falsely: Vec<_> = heard.iter().collect();
    assert!(falsely.is_empty(), "told while all were honest: {falsely:?}");
    let mut periods = BTreeMap::new();
    for state in stage.store.source_states().await.unwrap() {
        periods.insert(state.source, state.history.usual_period);
        let mut history = state.history;
        // The words of failures come besides: on a slow machine an answer may be late.
        history.failures.clear();
        let history = serde_json::to_string(&history).unwrap();
        assert!(history.len() < 2_048, "{} bytes", history.len());
    }
    play(&mut stage, at(END), &mut heard).await;
    stage.stop().await;
    judge(&lies, &honest, &heard, &periods);
}

#[expect(clippy::print_stdout, reason = "the table is what the test is read for")]
fn judge(
    lies: &[Case],
    honest: &[Case],
    heard: &BTreeMap<String, Heard>,
    periods: &BTreeMap<String, Option<i64>>,
) {
    let mut wrong = Vec::new();
    let mut waits = Vec::new();
    println!("{:<52} {:>8} {:>8}  state", "lie", "told", "periods");
    for case in lies {
        let told = heard.get(case.name).map(|heard| heard.broken.as_slice()).unwrap_or_default();
        let [(when, state, text)] = told else {
            wrong.push(format!("{}: told {} times: {told:?}", case.name, told.len()));
            continue;
        };
        if !case.states.contains(&state.as_str()) {
            wrong.push(format!("{}: {state} instead of {:?}: {text}", case.name, case.states));
        }
        let operations =
            Operations { subject: format!("source/{}", case.name), broken: true, text: text.clone() };
        let to = addressees(&operations, *when);
        if to.is_empty() || to.iter().any(|name| name != "系统管理员") {
            wrong.push(format!("{}: told to {to:?}", case.name));
        }
        let minutes = when.duration_since(at(LIES_SINCE)).as_mins();
        let period = periods.get(case.name).copied().flatten().unwrap_or(INTERVAL.as_secs()) / 60;
        waits.push(minutes * 100 / period.max(1));
        println!(
            "{:<52} {:>4} min {:>8.2}  {state}",
            case.name,
            minutes,
            f64::from(i32::try_from(minutes * 100 / period).unwrap()) / 100.0
        );
    }
    for (name, heard) in heard {
        let known = honest.iter().any(|case| case.name == name) || !lies.iter().any(|case| case.name == name);
        if known {
            wrong.push(format!("falsely told: {name}: {heard:?}"));
        } else if heard.mended > 0 {
            wrong.push(format!("told as mended: {name}"));
        }
    }
    waits.sort_unstable();
    let median = waits.get(waits.len() / 2).copied().unwrap_or(0);
    println!(
        "{} lies, {} honest; median time to tell {}.{:02} expected periods",
        lies.len(),
        honest.len(),
        median / 100,
        median % 100
    );
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(median <= 100, "a lie must be told within its usual period");
}
