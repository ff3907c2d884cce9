//! The running room over real HTTP: what goes to the desk, when a source comes again, what is told when it
//! breaks.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use jiff::SignedDuration;
use yuqing::time::Clock;

use super::stage::{Stage, Visits, now, serve, sources, visit};

const RULES: &str = "[欠薪]\n拖欠工资\n";

/// A page whose answer a test can change.
#[derive(Clone)]
struct Script(Arc<Mutex<(StatusCode, String)>>);

impl Script {
    fn new(body: impl Into<String>) -> Self {
        Self(Arc::new(Mutex::new((StatusCode::OK, body.into()))))
    }

    fn set(&self, status: StatusCode, body: impl Into<String>) {
        *self.0.lock().unwrap() = (status, body.into());
    }

    fn answer(&self) -> impl IntoResponse + use<> {
        let (status, body) = self.0.lock().unwrap().clone();
        (status, [(header::CONTENT_TYPE, "application/json")], body)
    }
}

fn post(id: &str, text: &str, views: u64) -> String {
    format!(
        r#"{{"id":"{id}","text":"{text}","url":"https://bbs.example.cn/{id}","published_at":"2026-11-21 08:00","views":{views},"reposts":1,"comments":1,"likes":1}}"#
    )
}

fn list(posts: &[String]) -> String {
    format!(r#"{{"posts":[{}]}}"#, posts.join(","))
}

async fn scripted(script: Script) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (visits, seen) = Visits::new();
    let answer = move || {
        visits.note("list");
        let script = script.clone();
        async move { script.answer() }
    };
    (serve(Router::new().route("/posts", get(answer))).await, seen)
}

fn api(base: &str) -> String {
    format!(
        "[[api]]\nname = \"接口\"\npreset = \"posts-json\"\nurl = \"{base}/posts\"\ninterval = \"5min\"\n"
    )
}

#[tokio::test]
async fn what_meets_a_rule_goes_to_the_desk_and_the_rest_is_counted() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10), post("2", "天气很好", 5)]));
    let (base, mut seen) = scripted(script.clone()).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    let mention = stage.mention().await;
    assert_eq!(mention.post.key.to_string(), "example.cn/1");
    assert_eq!(mention.source, "接口");
    assert_eq!(mention.seen_at, now());
    assert!(mention.first_round, "the source has never ended a round");
    assert_eq!(mention.hits[0].rule, "拖欠工资");
    visit(&mut seen).await;
    // The next round comes one interval (and its jitter) later, and is not the first any more.
    script.set(StatusCode::OK, list(&[post("3", "又拖欠工资", 1), post("2", "天气很好", 6)]));
    stage.settled("接口", 1).await;
    stage.advance(SignedDuration::from_mins(6));
    let mention = stage.mention().await;
    assert_eq!(mention.post.key.id, "3");
    assert!(!mention.first_round);
    visit(&mut seen).await;
    let state = stage.settled("接口", 2).await;
    stage.stop().await;
    assert_eq!((state.health.as_str(), state.posts, state.mentions), ("ok", 4, 2));
    stage.silent();
}

#[tokio::test]
async fn a_new_keyword_begins_with_a_first_round_of_its_own() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10), post("2", "停水三天", 5)]));
    let (base, _seen) = scripted(script.clone()).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    assert_eq!(stage.mention().await.post.key.id, "1");
    stage.settled("接口", 1).await;
    script.set(StatusCode::OK, list(&[post("1", "医院拖欠工资", 11), post("2", "停水三天", 5)]));
    stage.advance(SignedDuration::from_mins(6));
    assert!(!stage.mention().await.first_round);
    stage.settled("接口", 2).await;
    stage.advance(SignedDuration::from_mins(1));
    stage.matcher.send_replace(super::stage::matcher("[欠薪]\n拖欠工资\n\n[停水]\n停水\n"));
    stage.settled("接口", 2).await;
    stage.advance(SignedDuration::from_mins(6));
    let (one, two) = (stage.mention().await, stage.mention().await);
    assert!(!one.first_round, "an old rule");
    assert_eq!(two.post.key.id, "2");
    assert!(two.first_round, "every rule that it met is younger than the last round");
}

#[tokio::test]
async fn what_the_desk_did_not_take_is_fetched_again() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10)]));
    let (base, mut seen) = scripted(script).await;
    let stage = Stage::new(sources(&api(&base)), RULES);
    stage.refuse.store(1, Ordering::SeqCst);
    let mut stage = stage.start();
    visit(&mut seen).await;
    // The desk dropped the first mention without acknowledging it: the state was not kept, and the same
    // post comes again, still of the first round.
    let nudged = async {
        loop {
            stage.advance(SignedDuration::from_secs(6));
            tokio::select! {
                _ = visit(&mut seen) => break,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    nudged.await;
    let mention = stage.mention().await;
    assert!(mention.first_round);
    assert_eq!(stage.settled("接口", 1).await.mentions, 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10)]));
    let (base, mut seen) = scripted(script.clone()).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    stage.mention().await;
    visit(&mut seen).await;
    // A second source of events tells that the first round was settled: the round after it begins.
    stage.settled("接口", 1).await;
    script.set(StatusCode::OK, list(&[post("1", "医院拖欠工资", 11)]));
    stage.advance(SignedDuration::from_mins(6));
    stage.mention().await;
    visit(&mut seen).await;
    stage.settled("接口", 2).await;
    script.set(StatusCode::OK, list(&[post("1", "医院拖欠工资", 12)]));
    stage.advance(SignedDuration::from_mins(6));
    stage.mention().await;
    visit(&mut seen).await;
    stage.settled("接口", 3).await;
    stage.stop().await;
    script.set(StatusCode::OK, list(&[post("1", "医院拖欠工资", 13)]));
    stage.advance(SignedDuration::from_mins(6));
    let mut stage = stage.start();
    let mention = stage.mention().await;
    assert!(!mention.first_round, "the last round is remembered");
}

#[tokio::test]
async fn a_source_that_fails_backs_off_is_told_once_and_does_not_stop_the_others() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10)]));
    let broken = Script::new("");
    broken.set(StatusCode::INTERNAL_SERVER_ERROR, "");
    let (base, _seen) = scripted(script.clone()).await;
    let (other, mut failing) = scripted(broken.clone()).await;
    let text = format!("{}{}", api(&base), api(&other).replace("接口", "坏接口"));
    let mut stage = Stage::new(sources(&text), RULES).start();
    for round in 1..=2_u64 {
        visit(&mut failing).await;
        stage.settled("接口", round).await;
        stage.settled("坏接口", round).await;
        script.set(StatusCode::OK, list(&[post("1", "医院拖欠工资", 10 + round)]));
        // Longer than any backoff so far; the healthy source has its rounds meanwhile.
        stage.advance(SignedDuration::from_mins(30));
    }
    stage.settled("接口", 3).await;
    stage.settled("坏接口", 3).await;
    let (mut n_healthy, mut all_told) = (0, Vec::new());
    while n_healthy < 3 || all_told.is_empty() {
        match stage.next().await {
            yuqing::desk::Input::Operations(told) => all_told.push(told),
            yuqing::desk::Input::Mention(mention) if mention.source == "接口" => n_healthy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((n_healthy, all_told.len()), (3, 1), "told once, after the third failure");
    let told = all_told.remove(0);
    assert!(stage.store.source_state("坏接口").await.unwrap().next_at.unwrap() > stage.clock.now());
    assert_eq!(told.subject, "source/坏接口");
    assert!(told.broken);
    assert!(told.text.contains("对方网站出错") && told.text.contains("HTTP 500"), "{}", told.text);
    // Mended: told once more.
    broken.set(StatusCode::OK, list(&[post("9", "天气", 1)]));
    stage.advance(SignedDuration::from_hours(2));
    stage.settled("坏接口", 4).await;
    stage.settled("接口", 4).await;
    let mended = loop {
        if let yuqing::desk::Input::Operations(told) = stage.next().await {
            break told;
        }
    };
    assert!(!mended.broken);
    assert_eq!(mended.subject, "source/坏接口");
}

#[tokio::test]
async fn shape_change_captcha_and_robots_are_told_at_once() {
    let cases = [
        ("{\"neues\":[]}", "", "broken", "改版"),
        ("<html><title>安全验证</title>请输入验证码</html>", "", "blocked", "人机验证"),
        ("{}", "User-agent: *\nDisallow: /\n", "refused", "robots.txt"),
    ];
    for (body, robots, health, words) in cases {
        let answer = move || async move { body };
        let app = Router::new().route("/posts", get(answer)).route(
            "/robots.txt",
            get(move || async move {
                if robots.is_empty() { StatusCode::NOT_FOUND.into_response() } else { robots.into_response() }
            }),
        );
        let base = serve(app).await;
        let mut stage = Stage::new(sources(&api(&base)), RULES).start();
        let told = stage.operations().await;
        assert!(told.broken && told.text.contains(words), "{}", told.text);
        // A round that is due later proves nothing about the state, so the room is stopped after the
        // store answered: it is saved right after the notice was taken.
        let state = loop {
            let state = stage.store.source_state("接口").await.unwrap();
            if !state.health.is_empty() {
                break state;
            }
        };
        assert_eq!(state.health, health);
        assert!(state.next_at.unwrap() > now());
        assert_eq!(state.last_round_at, None);
        stage.stop().await;
    }
}

#[tokio::test]
async fn keywords_are_searched_for_in_the_presets_charset() {
    let (visits, mut seen) = Visits::new();
    let search = move |Query(query): Query<std::collections::HashMap<String, String>>| {
        visits.note(query["q"].clone());
        async { list(&[]) }
    };
    let base = serve(Router::new().route("/search", get(search))).await;
    let text = format!(
        "[[api]]\nname = \"检索\"\npreset = \"posts-json\"\nurl = \"{base}/search?q={{keyword}}&p={{page}}\"\n"
    );
    let rules = "[欠薪]\n检索: 是\n拖欠工资\n\n[不检索]\n停水\n";
    let mut stage = Stage::new(sources(&text), rules).start();
    assert_eq!(visit(&mut seen).await, "拖欠工资");
    stage.settled("检索", 1).await;
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(visit(&mut seen).await, "拖欠工资", "and nothing else");
    stage.stop().await;
}

#[tokio::test]
async fn an_unchanged_list_is_asked_for_with_its_validators() {
    let (visits, mut seen) = Visits::new();
    let n_full = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_full);
    let answer = move |headers: HeaderMap| {
        let asked = headers.get(header::IF_NONE_MATCH).map(|etag| etag.to_str().unwrap().to_owned());
        visits.note(asked.clone().unwrap_or_default());
        let counted = Arc::clone(&counted);
        async move {
            if asked.is_some() {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            counted.fetch_add(1, Ordering::SeqCst);
            ([(header::ETAG, "\"v1\"")], list(&[post("1", "医院拖欠工资", 10)])).into_response()
        }
    };
    let base = serve(Router::new().route("/posts", get(answer))).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    stage.mention().await;
    assert_eq!(visit(&mut seen).await, "");
    stage.settled("接口", 1).await;
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(visit(&mut seen).await, "\"v1\"");
    // New rules: the unchanged page must be read again.
    stage.settled("接口", 2).await;
    stage.advance(SignedDuration::from_mins(1));
    stage.matcher.send_replace(super::stage::matcher("[欠薪]\n拖欠工资\n\n[二]\n医院\n"));
    stage.settled("接口", 2).await;
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(visit(&mut seen).await, "");
    assert!(stage.mention().await.hits.len() >= 2);
    assert_eq!(n_full.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_page_of_the_same_bytes_is_not_read_again_until_the_rules_change() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10), post("2", "停水三天", 5)]));
    let (base, _seen) = scripted(script.clone()).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    stage.mention().await;
    stage.settled("接口", 1).await;
    stage.advance(SignedDuration::from_mins(6));
    stage.settled("接口", 2).await;
    assert!(stage.inputs.try_recv().is_err(), "nothing has changed, and no validator was needed to see it");
    assert_eq!(stage.store.source_state("接口").await.unwrap().posts, 2, "the page was read once");
    stage.matcher.send_replace(super::stage::matcher("停水"));
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(stage.mention().await.post.key.id, "2");
}

#[tokio::test]
async fn a_forum_thread_is_looked_behind_once_and_says_that_the_look_was_ours() {
    let (visits, mut seen) = Visits::new();
    let board = r#"<html><head><meta charset="utf-8"></head><body><table id="threadlisttableid">
        <tbody id="normalthread_7"><tr><th><a class="s xst" href="thread-7-1-1.html">求助</a></th>
        <td class="by"><cite>x</cite><em><span><span title="2026-11-21">1&nbsp;小时前</span></span></em></td>
        <td class="num"><a>2</a><em>40</em></td></tr></tbody></table></body></html>"#;
    let thread = r#"<html><head><meta charset="utf-8"></head><body><div id="postlist"><div class="hm">
        <span class="xi1">41</span>|<span class="xi1">2</span></div><span id="thread_subject">求助</span>
        <em id="authorposton1">发表于 2026-11-21 07:30:00</em><table><tr><td class="t_f">工地拖欠工资半年</td></tr></table>
        </div></body></html>"#;
    let noted = visits.clone();
    let app = Router::new()
        .route(
            "/forum.php",
            get(move || {
                visits.note("list");
                async move { ([(header::CONTENT_TYPE, "text/html")], board) }
            }),
        )
        .route(
            "/thread-7-1-1.html",
            get(move || {
                noted.note("thread");
                async move { ([(header::CONTENT_TYPE, "text/html")], thread) }
            }),
        );
    let base = serve(app).await;
    let text = format!(
        "[[page]]\nname = \"论坛\"\npreset = \"discuz-list\"\nbase = \"{base}\"\nparameters = {{ fid = \"2\" }}\n"
    );
    let mut stage = Stage::new(sources(&text), RULES).start();
    let mention = stage.mention().await;
    assert_eq!(mention.post.key.id, "7");
    assert_eq!(mention.post.text, "工地拖欠工资半年");
    assert_eq!(mention.counters.views.unwrap().value, 41);
    assert!(mention.own_fetch, "opening a thread raises its views (SEMANTICS 7)");
    assert_eq!(mention.post.published.unwrap().at, "2026-11-21T07:30:00+08:00".parse().unwrap());
    assert_eq!((visit(&mut seen).await, visit(&mut seen).await), ("list".into(), "thread".into()));
    stage.settled("论坛", 1).await;
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(visit(&mut seen).await, "list");
    stage.settled("论坛", 2).await;
    stage.advance(SignedDuration::from_mins(6));
    assert_eq!(visit(&mut seen).await, "list", "the thread is not opened again");
    stage.stop().await;
}

#[tokio::test]
async fn a_command_prints_posts_and_bad_lines_do_not_cost_the_good_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("posts.jsonl");
    std::fs::write(
        &file,
        "{\"site\":\"a\",\"id\":\"1\",\"text\":\"拖欠工资\",\"views\":\"100000+\"}\nnot json\n{\"site\":\"a\",\"id\":\"2\",\"text\":\"天气\"}\n",
    )
    .unwrap();
    let text = format!("[[command]]\nname = \"程序\"\ncommand = [\"/bin/cat\", \"{}\"]\n", file.display());
    let mut stage = Stage::new(sources(&text), RULES).start();
    let mention = stage.mention().await;
    assert_eq!(mention.post.key.to_string(), "a/1");
    assert!(mention.counters.views.unwrap().is_bound());
    stage.stop().await;
}

#[tokio::test]
async fn a_command_that_fails_hangs_or_floods_is_told() {
    let cases = [
        ("[\"/bin/false\"]", "exit status: 1"),
        ("[\"/nicht/da\"]", "启动不了"),
        ("[\"/bin/sleep\", \"100\"]", "没有结束"),
        ("[\"/usr/bin/yes\"]", "输出超过"),
    ];
    for (command, words) in cases {
        let text = format!(
            "[[command]]\nname = \"程序\"\ncommand = {command}\ntime_limit = \"1s\"\nmax_bytes = 10000\n"
        );
        let mut stage = Stage::new(sources(&text), RULES).start();
        let told = loop {
            stage.advance(SignedDuration::from_hours(1));
            tokio::select! {
                told = stage.operations() => break told,
                () = tokio::task::yield_now() => {}
            }
        };
        assert!(told.broken && told.text.contains(words), "{command}: {}", told.text);
        stage.stop().await;
    }
}

#[tokio::test]
async fn a_command_gets_nothing_of_our_environment() {
    let text =
        "[[command]]\nname = \"程序\"\ncommand = [\"/usr/bin/env\"]\nenvironment = { TEXT = \"拖欠工资\" }\n";
    let mut stage = Stage::new(sources(text), RULES).start();
    let told = loop {
        stage.advance(SignedDuration::from_hours(1));
        tokio::select! {
            told = stage.operations() => break told,
            () = tokio::task::yield_now() => {}
        }
    };
    // Its one line is its one variable, which is not a post.
    assert!(told.text.contains("第 1 行"), "{}", told.text);
    assert!(!told.text.contains("PATH"), "{}", told.text);
}

#[tokio::test]
async fn a_silent_push_source_is_told() {
    let text = "[[push]]\nname = \"采购的数据\"\nexpected_every = \"1h\"\n";
    let mut stage = Stage::new(sources(text), RULES).start();
    let told = loop {
        stage.advance(SignedDuration::from_mins(10));
        tokio::select! {
            told = stage.operations() => break told,
            () = tokio::task::yield_now() => {}
        }
    };
    assert!(told.broken && told.text.contains("没有送来数据"), "{}", told.text);
}

/// The live set of a desk that took this mention.
fn live_after(mention: &yuqing::model::Mention) -> yuqing::desk::LiveSet {
    use yuqing::{
        config::{Folder, plan_named},
        desk::{Desk, Input, Restored, Setup},
        model::Unit,
    };
    let plan = plan_named(&Folder::Shipped, "work-safety").unwrap();
    let unit =
        Unit {
            name: "青禾县人民医院".into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false
        };
    let setup = Setup { units: vec![(unit, Arc::new(plan))], ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), now());
    desk.take(&Input::Mention(Box::new(mention.clone())), mention.seen_at).unwrap();
    desk.live_set()
}

#[tokio::test]
async fn a_member_that_has_left_the_list_is_looked_at_again() {
    let (visits, mut seen) = Visits::new();
    let n_shown = Arc::new(AtomicUsize::new(0));
    let card = r#"{"id":"77","text":"医院拖欠工资","created_at":"Sat Nov 21 08:00:00 +0800 2026","reposts_count":REPOSTS,"comments_count":1,"attitudes_count":1}"#;
    let other = r#"{"mblog":{"id":"1","text":"天气","created_at":"Sat Nov 21 08:00:00 +0800 2026","reposts_count":1,"comments_count":1,"attitudes_count":1}}"#;
    let noted = visits.clone();
    let search = move || {
        visits.note("search");
        // Only the first page of results holds the post.
        let first = n_shown.fetch_add(1, Ordering::SeqCst) == 0;
        let mblog = format!("{{\"mblog\":{}}}", card.replace("REPOSTS", "5"));
        async move {
            format!(r#"{{"ok":1,"data":{{"cards":[{}]}}}}"#, if first { mblog } else { other.to_owned() })
        }
    };
    let show = move |Query(query): Query<std::collections::HashMap<String, String>>| {
        noted.note(format!("show {}", query["id"]));
        async move { format!(r#"{{"ok":1,"data":{}}}"#, card.replace("REPOSTS", "312")) }
    };
    let app = Router::new().route("/api/container/getIndex", get(search)).route("/statuses/show", get(show));
    let base = serve(app).await;
    let text = format!(
        "[[api]]\nname = \"微博\"\npreset = \"weibo-search\"\nbase = \"{base}\"\ninterval = \"5min\"\n"
    );
    let mut stage = Stage::new(sources(&text), "[欠薪]\n检索: 是\n拖欠工资\n").start();
    let first = stage.mention().await;
    assert_eq!(first.counters.reposts.unwrap().value, 5);
    assert_eq!(visit(&mut seen).await, "search");
    stage.settled("微博", 1).await;
    stage.live.send_replace(Arc::new(live_after(&first)));
    // A fresh one is followed from the preset's interval on.
    stage.advance(SignedDuration::from_mins(25));
    let mut visits = [visit(&mut seen).await, visit(&mut seen).await];
    visits.sort();
    assert_eq!(visits, ["search", "show 77"]);
    let again = stage.mention().await;
    assert_eq!(again.post.key, first.post.key);
    assert_eq!(again.counters.reposts.unwrap().value, 312);
    assert_eq!(again.counters.views, None, "still not told");
    assert!(!again.own_fetch, "this site does not count our looks");
    stage.stop().await;
}

#[tokio::test]
async fn a_post_that_met_no_rule_goes_on_when_it_relates_to_a_live_statement() {
    let script = Script::new(list(&[post("1", "医院拖欠工资", 10)]));
    let (base, _seen) = scripted(script.clone()).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    let first = stage.mention().await;
    stage.settled("接口", 1).await;
    stage.live.send_replace(Arc::new(live_after(&first)));
    script.set(
        StatusCode::OK,
        list(&[post("5", "大家看 https://bbs.example.cn/1 这个", 3), post("6", "天气", 1)]),
    );
    stage.advance(SignedDuration::from_mins(6));
    let related = stage.mention().await;
    assert_eq!(related.post.key.id, "5");
    assert!(related.hits.is_empty(), "by relation, not by a rule (SEMANTICS 12)");
    stage.settled("接口", 2).await;
    stage.silent();
}

#[tokio::test]
async fn an_unchanged_page_is_read_again_when_there_are_new_members_but_not_all_the_time() {
    let script = Script::new(list(&[
        post("1", "医院拖欠工资", 10),
        post("5", "大家看 https://bbs.example.cn/1 这个", 3),
    ]));
    let (base, _seen) = scripted(script).await;
    let mut stage = Stage::new(sources(&api(&base)), RULES).start();
    let first = stage.mention().await;
    stage.settled("接口", 1).await;
    stage.silent();
    stage.live.send_replace(Arc::new(live_after(&first)));
    stage.advance(SignedDuration::from_mins(6));
    stage.settled("接口", 2).await;
    stage.silent();
    stage.advance(SignedDuration::from_mins(25));
    let mentions = [stage.mention().await, stage.mention().await];
    assert!(mentions.iter().any(|mention| mention.post.key.id == "5" && mention.hits.is_empty()));
    stage.settled("接口", 3).await;
    stage.advance(SignedDuration::from_mins(31));
    stage.settled("接口", 4).await;
    stage.silent();
}
