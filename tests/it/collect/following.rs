//! Following through the room over real HTTP, with the real desk behind it: our own looks never feed the
//! count, members by relation are kept, an emergency quickens at once, owed rounds are made and logged.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, routing::get};
use jiff::SignedDuration;
use yuqing::{
    config::{
        Folder, plan_named,
        preset::Observe,
        source::{Source, SourceKind},
    },
    desk::{Change, Desk, Input, LiveSet, Operations, Restored, Setup},
    model::{Act, Incident, Unit},
    store::RoundFilter,
};

use super::stage::{Stage, now, serve, sources};

const RULES: &str = "[欠薪]\n拖欠工资\n";
const UNIT: &str = "青禾县人民医院";

fn desk() -> Desk {
    let plan = plan_named(&Folder::Shipped, "work-safety").unwrap();
    let unit = Unit { name: UNIT.into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let setup = Setup { units: vec![(unit, Arc::new(plan))], ..Setup::default() };
    Desk::new(setup, Restored::default(), now())
}

fn post(id: &str, text: &str, views: u64) -> String {
    format!(
        r#"{{"id":"{id}","text":"{text}","url":"https://bbs.example.cn/{id}","published_at":"2026-11-21 08:00","views":{views},"reposts":1,"comments":1,"likes":1}}"#
    )
}

fn list(posts: &[String]) -> String {
    format!(r#"{{"posts":[{}]}}"#, posts.join(","))
}

fn api(base: &str, interval: &str) -> Source {
    let text = format!(
        "[[api]]\nname = \"接口\"\npreset = \"posts-json\"\nurl = \"{base}/posts\"\ninterval = \"{interval}\"\n"
    );
    sources(&text).remove(0)
}

/// A source whose posts are looked at again on a page of their own, which counts that as a view.
fn counting(base: &str, counts_own_fetch: bool) -> Source {
    let mut source = api(base, "10min");
    if let SourceKind::Fetched { preset, observe_preset, .. } = &mut source.kind {
        let mut own = (**preset).clone();
        own.counts_own_fetch = counts_own_fetch;
        *observe_preset = Some(Arc::new(own.clone()));
        own.observe = Some(Observe {
            preset: "posts-json".into(),
            url: Some("{base}/thread?id={id}".into()),
            interval: SignedDuration::from_mins(10),
        });
        *preset = Arc::new(own);
    }
    source
}

/// Follows one thread for 24 virtual hours; nobody but us opens it. Answers with how often we did, and the
/// incident.
async fn untouched_for_a_day(counts_own_fetch: bool) -> (u64, Incident) {
    let views = Arc::new(AtomicU64::new(995));
    let thread = Arc::clone(&views);
    let opened = move || {
        let views = thread.fetch_add(1, Ordering::SeqCst) + 1;
        async move { list(&[post("1", "医院拖欠工资三个月没有发放", views)]) }
    };
    let begun = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&views);
    let listed = move || {
        // The thread falls off the list after the first round: only our looks see it.
        let first = begun.fetch_add(1, Ordering::SeqCst) == 0;
        let views = shown.load(Ordering::SeqCst);
        async move {
            list(&[if first {
                post("1", "医院拖欠工资三个月没有发放", views)
            } else {
                post("9", "天气", 1)
            }])
        }
    };
    let base = serve(Router::new().route("/posts", get(listed)).route("/thread", get(opened))).await;
    let mut stage = Stage::new(vec![counting(&base, counts_own_fetch)], RULES).start();
    let mut desk = desk();
    let mut incident = None;
    let mut rounds = 1;
    stage.settled("接口", rounds).await;
    for _ in 0..24 * 6 {
        while let Ok(input) = stage.inputs.try_recv() {
            let Input::Mention(mention) = &input else { panic!("not a mention: {input:?}") };
            for change in desk.take(&input, mention.seen_at).unwrap() {
                if let Change::Incident(row) = change {
                    incident = Some(*row);
                }
            }
        }
        stage.live.send_replace(Arc::new(desk.live_set()));
        stage.advance(SignedDuration::from_mins(11));
        rounds += 1;
        stage.settled("接口", rounds).await;
    }
    stage.stop().await;
    (views.load(Ordering::SeqCst) - 995, incident.unwrap())
}

#[tokio::test]
async fn one_untouched_thread_followed_for_a_day_stays_general() {
    let (ours, incident) = untouched_for_a_day(true).await;
    assert!(ours >= 6, "it was looked at {ours} times, which alone would cross 1,000");
    assert_eq!((incident.reason.tier_name.as_str(), incident.heat.daily_views), ("一般", Some(995)));
    assert_eq!(incident.outlook.forecasts, [], "our own looks are no growth");
}

/// What the test above would miss if the preset did not say that its pages count our fetches.
#[tokio::test]
async fn without_the_presets_word_our_own_looks_would_raise_it() {
    let (_, incident) = untouched_for_a_day(false).await;
    assert_eq!(incident.reason.tier_name, "较大");
}

#[tokio::test]
async fn a_repost_a_link_and_a_near_copy_of_a_member_go_on_without_any_rule() {
    let text = "我父亲在急诊等了三个小时没有人管，护士站说系统坏了没有办法，最后还拖欠工资，大家评评理";
    let shown = Arc::new(std::sync::Mutex::new(list(&[post("1", text, 10)])));
    let answer = Arc::clone(&shown);
    let base =
        serve(Router::new().route("/posts", get(move || std::future::ready(answer.lock().unwrap().clone()))))
            .await;
    let mut stage = Stage::new(vec![api(&base, "5min")], RULES).start();
    let mut desk = desk();
    let first = stage.mention().await;
    desk.take(&Input::Mention(Box::new(first.clone())), first.seen_at).unwrap();
    stage.settled("接口", 1).await;
    stage.live.send_replace(Arc::new(desk.live_set()));
    let copy = "我父亲在急诊等了三个小时没有人管，护士站说系统坏了没有办法，最后还拖着薪水，大家评评理";
    let repost = post("2", "转发微博", 1).replace("\"views\":1,", "\"views\":1,\"repost_of\":\"1\",");
    *shown.lock().unwrap() = list(&[
        repost,
        post("3", "都来看 https://bbs.example.cn/1", 1),
        post("4", copy, 1),
        post("5", "今天天气很好，适合出门走走，公园里的菊花都开了，明天也是晴天", 1),
    ]);
    stage.advance(SignedDuration::from_mins(6));
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mention = stage.mention().await;
        assert!(mention.hits.is_empty(), "by relation only");
        kept.push(mention.post.key.id.clone());
        desk.take(&Input::Mention(Box::new(mention)), now()).unwrap();
    }
    kept.sort();
    assert_eq!(kept, ["2", "3", "4"]);
    stage.settled("接口", 2).await;
    stage.silent();
    assert_eq!(desk.live_set().followed().len(), 4, "and the desk takes them as members");
    stage.stop().await;
}

fn emergency() -> LiveSet {
    let mut desk = desk();
    let act =
        Act::Emergency {
            unit: UNIT.into(), on: true, until: None, by: "甲".into(), reason: "高考".into()
        };
    desk.take(&Input::Act(act), now()).unwrap();
    desk.live_set()
}

#[tokio::test]
async fn an_emergency_moves_a_planned_round_forward() {
    let base = serve(Router::new().route("/posts", get(|| async { list(&[post("9", "天气", 1)]) }))).await;
    let mut stage = Stage::new(vec![api(&base, "2h")], RULES).start();
    stage.settled("接口", 1).await;
    stage.live.send_replace(Arc::new(emergency()));
    stage.advance(SignedDuration::from_mins(55));
    stage.advance(SignedDuration::from_mins(20));
    let state = stage.settled("接口", 2).await;
    let next = state.next_at.unwrap().duration_since(now()).as_mins();
    assert!((135..=145).contains(&next), "an hour after the round at 75 min, and its jitter: {next}");
    stage.stop().await;
}

#[tokio::test]
async fn owed_rounds_are_made_logged_and_missing_ones_are_told() {
    let works = Arc::new(AtomicU64::new(1));
    let answer = Arc::clone(&works);
    let posts = move || {
        let works = answer.load(Ordering::SeqCst) == 1;
        let body = list(&[post("9", "天气", 1), post("8", "停水", 1)]);
        async move { if works { Ok(body) } else { Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR) } }
    };
    let base = serve(Router::new().route("/posts", get(posts))).await;
    let mut source = api(&base, "24h");
    source.attention.rounds_a_day = Some(3);
    let mut stage = Stage::new(vec![source], RULES).start();
    stage.settled("接口", 1).await;
    // To noon of the next day, which is a whole one; an interval of a day alone would give one round.
    let hour = |stage: &Stage| stage.advance(SignedDuration::from_hours(1));
    let rows = async |stage: &Stage, from: &str| {
        let from: jiff::Timestamp = from.parse().unwrap();
        let to = from + SignedDuration::from_hours(24);
        let filter = RoundFilter { from: Some(from), to: Some(to), ..RoundFilter::default() };
        stage.store.rounds(filter).await.unwrap()
    };
    for _ in 0..41 {
        hour(&stage);
        settle(&stage).await;
    }
    let told = day(&mut stage).await;
    assert!(!told.broken && told.text.contains("2026-11-22"), "a day with its rounds: {told:?}");
    let made = rows(&stage, "2026-11-22T00:00:00+08:00").await;
    assert!(made.len() >= 3, "{made:?}");
    assert!(made.iter().all(|row| row.trouble.is_empty() && row.answers == 1), "{made:?}");
    assert_eq!((made[0].posts, made[0].new), (0, 0), "the page had not changed and was not read again");
    works.store(0, Ordering::SeqCst);
    for _ in 0..27 {
        hour(&stage);
        settle(&stage).await;
    }
    let told = day(&mut stage).await;
    assert!(told.broken && told.text.contains("2026-11-23"), "{told:?}");
    assert!(told.text.contains("应不少于 3 轮"), "{told:?}");
    let failed = rows(&stage, "2026-11-23T00:00:00+08:00").await;
    assert!(failed.iter().any(|row| !row.trouble.is_empty()), "failed rounds are logged too");
    stage.stop().await;
}

/// What is told of the rounds of a day that has ended; it comes some turns of the loop after midnight.
async fn day(stage: &mut Stage) -> Operations {
    let told = async {
        loop {
            match stage.inputs.recv().await {
                Some(Input::Operations(one)) if one.subject == "rounds/接口" => return one,
                Some(_) => {}
                None => panic!("the collector has stopped"),
            }
        }
    };
    tokio::time::timeout(super::stage::PATIENCE, told).await.expect("the day is told")
}

#[tokio::test]
async fn no_round_is_owed_for_the_time_of_a_pause() {
    let works = Arc::new(AtomicU64::new(1));
    let answer = Arc::clone(&works);
    let posts = move || {
        let works = answer.load(Ordering::SeqCst) == 1;
        async move { if works { Ok(list(&[])) } else { Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR) } }
    };
    let base = serve(Router::new().route("/posts", get(posts))).await;
    let mut source = api(&base, "24h");
    source.attention.rounds_a_day = Some(3);
    let mut stage = Stage::new(vec![source], RULES).start();
    stage.settled("接口", 1).await;
    let mut desk = desk();
    let hours = async |stage: &Stage, hours: usize, paused: bool| {
        for _ in 0..hours {
            stage.advance(SignedDuration::from_hours(1));
            if !paused {
                settle(stage).await;
            }
        }
    };
    let (source, by) = ("接口".to_owned(), "王值班".to_owned());
    let pause =
        Act::PauseSource { source: source.clone(), by: by.clone(), reason: "改版".into(), until: None };
    let resume = Act::ResumeSource { source, by };
    // The day before is no whole one. From a quarter past midnight it is paused for eighteen hours, then it fails.
    hours(&stage, 15, false).await;
    works.store(0, Ordering::SeqCst);
    hours(&stage, 1, false).await;
    rest(&stage, &mut desk, &pause, true).await;
    hours(&stage, 18, true).await;
    rest(&stage, &mut desk, &resume, false).await;
    hours(&stage, 6, false).await;
    let told = day(&mut stage).await;
    assert!(
        told.broken && told.text.contains("2026-11-22 只完成 0 轮，应不少于 1 轮（已扣除暂停）"),
        "{told:?}"
    );
    // Paused for all of the next day, of which nothing is told; the day after it makes its rounds.
    rest(&stage, &mut desk, &pause, true).await;
    hours(&stage, 24, true).await;
    works.store(1, Ordering::SeqCst);
    rest(&stage, &mut desk, &resume, false).await;
    hours(&stage, 24, false).await;
    let told = day(&mut stage).await;
    assert!(!told.broken && told.text.contains("2026-11-24") && told.text.contains("每日 3 轮"), "{told:?}");
    stage.stop().await;
}

/// Pauses the source or has it looked at again, until the room has taken it.
async fn rest(stage: &Stage, desk: &mut Desk, act: &Act, paused: bool) {
    use yuqing::time::Clock as _;
    desk.take(&Input::Act(act.clone()), stage.clock.now()).unwrap();
    stage.live.send_replace(Arc::new(desk.live_set()));
    let taken = async {
        while (stage.store.source_state("接口").await.unwrap().health == "paused") != paused {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::stage::PATIENCE, taken).await.expect("the room takes it");
    if !paused {
        settle(stage).await;
    }
}

/// Lets everything that is due now run to its end: no round is on its way any more.
async fn settle(stage: &Stage) {
    use yuqing::time::Clock as _;
    let done = async {
        loop {
            let state = stage.store.source_state("接口").await.unwrap();
            if state.next_at.is_some_and(|next| next > stage.clock.now()) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::stage::PATIENCE, done).await.expect("rounds end");
}

/// What the desk is told of posts that are gone, over some hours in which the thread is answered like this.
async fn told_gone(answer: (axum::http::StatusCode, &'static str)) -> Vec<String> {
    let begun = Arc::new(AtomicU64::new(0));
    let listed = move || {
        let first = begun.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            list(&[if first {
                post("1", "医院拖欠工资三个月没有发放", 995)
            } else {
                post("9", "天气", 1)
            }])
        }
    };
    let thread = move || async move { answer };
    let base = serve(Router::new().route("/posts", get(listed)).route("/thread", get(thread))).await;
    let mut stage = Stage::new(vec![counting(&base, false)], RULES).start();
    let mut desk = desk();
    let mut gone = Vec::new();
    let mut rounds = 1;
    stage.settled("接口", rounds).await;
    for _ in 0..12 {
        while let Ok(input) = stage.inputs.try_recv() {
            if let Input::Vanished(vanished) = &input {
                gone.push(format!("{} {}", vanished.post, vanished.says));
            }
            desk.take(&input, yuqing::time::Clock::now(&stage.clock)).unwrap();
        }
        stage.live.send_replace(Arc::new(desk.live_set()));
        stage.advance(SignedDuration::from_mins(11));
        rounds += 1;
        stage.settled("接口", rounds).await;
    }
    stage.stop().await;
    gone
}

#[tokio::test]
async fn a_followed_post_that_is_gone_is_told_once() {
    use axum::http::StatusCode;
    assert_eq!(told_gone((StatusCode::NOT_FOUND, "")).await, ["example.cn/1 404"]);
    assert_eq!(told_gone((StatusCode::OK, "<p>抱歉，该帖子已被删除</p>")).await, ["example.cn/1 已被删除"]);
    // A site that is ill, or a page that cannot be read, deletes nothing.
    assert_eq!(told_gone((StatusCode::INTERNAL_SERVER_ERROR, "已删除")).await, [""; 0]);
    assert_eq!(told_gone((StatusCode::OK, "<p>系统繁忙，请稍后再试</p>")).await, [""; 0]);
}
