//! Outages are one notice, mending is one notice, a removed source is not told for ever, an ill source's
//! raw answer is kept, and what is learned is bounded.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use yuqing::{
    desk::{Input, Operations},
    model::{FoundHours, POST, SourceHistory, WEEK},
    store::RAW_ANSWER,
    time::Clock,
};

use super::stage::{Stage, now, serve, sources};

const RULES: &str = "[欠薪]\n拖欠工资\n";
const LIST: &str = r#"{"posts":[{"id":"1","text":"天气","url":"https://bbs.example.cn/1","views":1,"reposts":1,"comments":1,"likes":1}]}"#;

/// A site that answers with a status that a test can change.
async fn site(status: Arc<AtomicU16>) -> String {
    let answer = move || {
        let code = status.load(Ordering::SeqCst);
        async move {
            if code == 200 {
                LIST.into_response()
            } else {
                (StatusCode::from_u16(code).unwrap(), "请输入验证码").into_response()
            }
        }
    };
    let none = || async { StatusCode::NOT_FOUND };
    serve(Router::new().route("/robots.txt", get(none)).fallback(answer)).await
}

fn api(name: &str, base: &str) -> String {
    format!(
        "[[api]]\nname = \"{name}\"\npreset = \"posts-json\"\nurl = \"{base}/{name}\"\ninterval = \"5min\"\n"
    )
}

/// Runs for so long in steps of two minutes, waiting for every round; what was told.
async fn run(stage: &mut Stage, minutes: i64) -> Vec<Operations> {
    let mut told = Vec::new();
    for _ in 0..minutes / 2 {
        stage.advance(SignedDuration::from_mins(2));
        idle(stage).await;
        while let Ok(input) = stage.inputs.try_recv() {
            if let Input::Operations(operations) = input {
                told.push(operations);
            }
        }
    }
    told
}

async fn idle(stage: &Stage) {
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
    tokio::time::timeout(super::stage::PATIENCE, wait).await.expect("all rounds end");
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_site_that_fails_with_all_its_sources_is_one_notice_and_so_is_its_mending() {
    let (ill, well) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicU16::new(200)));
    let (base, other) = (site(Arc::clone(&ill)).await, site(well).await);
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut text: String = names.iter().map(|name| api(name, &base)).collect();
    text.push_str(&api("g", &other));
    let mut stage = Stage::new(sources(&text), RULES).start();
    idle(&stage).await;
    assert_eq!(run(&mut stage, 20).await, []);
    ill.store(503, Ordering::SeqCst);
    let told = run(&mut stage, 120).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].broken && told[0].subject.starts_with("site/127.0.0.1"), "{told:?}");
    assert!(told[0].text.contains("6 个来源") && told[0].text.contains("503"), "{}", told[0].text);
    for name in names {
        assert_eq!(stage.store.source_state(name).await.unwrap().told, told[0].subject);
    }
    assert_eq!(stage.store.source_state("g").await.unwrap().health, "ok");
    ill.store(200, Ordering::SeqCst);
    let mended = run(&mut stage, 13 * 60).await;
    assert_eq!(mended.len(), 1, "{mended:?}");
    assert!(!mended[0].broken && mended[0].subject == told[0].subject && mended[0].text.contains("已恢复"));
}

#[tokio::test]
async fn one_source_of_a_site_that_is_well_is_told_by_itself_and_a_restart_tells_nothing_twice() {
    let (ill, well) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicU16::new(200)));
    let (bad, good) = (Arc::clone(&ill), Arc::clone(&well));
    let answer = |status: Arc<AtomicU16>| {
        move || {
            let code = StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap();
            async move { (code, LIST) }
        }
    };
    let base = serve(Router::new().route("/a", get(answer(bad))).fallback(answer(good))).await;
    let text: String = ["a", "b", "c"].iter().map(|name| api(name, &base)).collect();
    let mut stage = Stage::new(sources(&text), RULES).start();
    idle(&stage).await;
    run(&mut stage, 10).await;
    ill.store(404, Ordering::SeqCst);
    let told = run(&mut stage, 60).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].subject, "source/a");
    stage.stop().await;
    let mut stage = stage.start();
    idle(&stage).await;
    assert_eq!(run(&mut stage, 20).await, [], "not after a restart either");
}

#[tokio::test]
async fn our_own_network_is_one_notice() {
    let text: String =
        ["a", "b", "c", "d"].iter().map(|name| api(name, &format!("http://{name}.invalid"))).collect();
    let mut stage = Stage::new(sources(&text), RULES).start();
    idle(&stage).await;
    let told = run(&mut stage, 120).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].subject, "network");
    assert!(told[0].text.contains("4 个网站") && told[0].text.contains("本机"), "{}", told[0].text);
}

#[tokio::test]
async fn the_raw_answer_of_an_ill_source_is_kept_and_dropped_when_it_is_well() {
    let page = Arc::new(std::sync::Mutex::new("<html>请输入验证码</html>".to_owned()));
    let shown = Arc::clone(&page);
    let answer = move || {
        let body = shown.lock().unwrap().clone();
        async move { body }
    };
    let base = serve(Router::new().route("/a", get(answer))).await;
    let mut stage = Stage::new(sources(&api("a", &base)), RULES).start();
    let told = stage.operations().await;
    assert!(told.broken);
    idle(&stage).await;
    let kept = stage.store.value(&format!("{RAW_ANSWER}a")).await.unwrap().unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["health"], "blocked");
    assert!(kept["url"].as_str().unwrap().ends_with("/a"));
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body = STANDARD.decode(kept["body_base64"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(body).unwrap().contains("验证码"));
    LIST.clone_into(&mut page.lock().unwrap());
    let told = run(&mut stage, 120).await;
    assert_eq!(told.len(), 1);
    assert_eq!(stage.store.value(&format!("{RAW_ANSWER}a")).await.unwrap().unwrap(), "");
}

#[test]
fn a_history_without_anything_learned_says_nothing_about_silence() {
    let history = SourceHistory { fresh_at: Some(now()), ..SourceHistory::default() };
    assert_eq!(history.silent_at(None, SignedDuration::from_mins(5)), None);
    let floor = SignedDuration::from_hours(24);
    assert_eq!(history.period(Some(floor), SignedDuration::from_mins(5)), Some(floor));
}

fn learned(rates: &[u16]) -> SourceHistory {
    let mut history = SourceHistory::default();
    for hour in 0..WEEK {
        let rate = rates.get(hour % rates.len().max(1)).copied().unwrap_or(0);
        history.hours.learn(hour, u64::from(rate));
    }
    history.hours_learned = 400;
    history.arrivals = 50;
    history.rare_gap = 4 * POST;
    history
}

proptest! {
    #[test]
    fn silence_is_measured_in_expected_posts(rates in proptest::collection::vec(0_u16..5_000, 1..168), hour in 0_i64..400) {
        let mut history = learned(&rates);
        let fresh = now() + SignedDuration::from_hours(hour);
        history.fresh_at = Some(fresh);
        let interval = SignedDuration::from_mins(5);
        let due = history.silent_at(None, interval).unwrap();
        prop_assert!(due >= fresh + SignedDuration::from_mins(30));
        prop_assert!(due <= fresh + SignedDuration::from_hours(24 * 30));
        // No sooner than the tolerated posts were expected, unless the longest silence came first.
        let waited = history.expected(fresh, due);
        let longest = due == fresh + SignedDuration::from_hours(24 * 30);
        prop_assert!(longest || waited + 2 >= history.tolerated(), "{waited} {}", history.tolerated());
        // The office's floor only ever makes it later.
        let floor = SignedDuration::from_hours(72);
        prop_assert!(history.silent_at(Some(floor), interval).unwrap() >= due.min(fresh + floor));
        prop_assert!(history.silent_at(Some(floor), interval).unwrap() >= fresh + floor);
    }

    #[test]
    fn expected_posts_add_up(rates in proptest::collection::vec(0_u16..5_000, 1..168), a in 0_i64..500_000, b in 0_i64..500_000) {
        let history = learned(&rates);
        let at = |seconds: i64| -> Timestamp { now() + SignedDuration::from_secs(seconds) };
        let (whole, parts) = (history.expected(at(0), at(a + b)), history.expected(at(0), at(a)) + history.expected(at(a), at(a + b)));
        prop_assert!(whole.abs_diff(parts) <= 2, "{whole} {parts}");
    }

    #[test]
    fn what_is_learned_survives_the_store_and_stays_small(rates in proptest::collection::vec(0_u16..u16::MAX, 168)) {
        let history = learned(&rates);
        let text = serde_json::to_string(&history).unwrap();
        prop_assert!(text.len() < 1_600, "{}", text.len());
        prop_assert_eq!(serde_json::from_str::<SourceHistory>(&text).unwrap(), history);
    }
}

#[test]
fn the_hours_of_a_week_are_remembered_and_what_nobody_watched_is_unknown() {
    let mut found = FoundHours::default();
    let hour = |nth: i64| now() + SignedDuration::from_hours(nth);
    for nth in (0..400).filter(|nth| nth % 3 != 0) {
        found.add(hour(nth), POST * u64::try_from(nth % 5).unwrap());
    }
    assert_eq!(found.at(hour(398)), Some(3 * POST));
    assert_eq!((found.at(hour(395)), found.at(hour(399))), (Some(0), None), "none came, and nobody looked");
    assert_eq!(found.at(hour(398 - 168)), None, "a week is enough");
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.len() < 400, "{text}");
    assert_eq!(serde_json::from_str::<FoundHours>(&text).unwrap(), found);
    assert_eq!(found.sum(hour(396), hour(400)), (2 * POST + 3 * POST, 2));
    let nothing: FoundHours = serde_json::from_str("\"what an older release wrote\"").unwrap();
    assert!(nothing.is_empty());
}

#[test]
fn the_last_failures_are_remembered_the_same_words_once() {
    let mut history = SourceHistory::default();
    for nth in 0..20_u32 {
        history.failed(&format!("第 {} 种", nth / 2), now() + SignedDuration::from_mins(nth.into()));
    }
    assert_eq!(history.failures.len(), 4);
    let last = history.failures.last().unwrap();
    assert_eq!((last.why.as_str(), last.rounds), ("第 9 种", 2));
    assert_eq!(last.to.duration_since(last.from), SignedDuration::from_mins(1));
    history.failed(&"长".repeat(1_000), now());
    assert!(history.failures.last().unwrap().why.chars().count() <= 100);
}
