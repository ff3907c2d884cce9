//! The keywords page and `POST /api/v1/keywords/test`: states, counts, warnings, and why a text matched.

use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::SecretString;
use yuqing::{
    config::Fault,
    console::{
        Settings,
        keywords::{KeywordFile, Keywords},
    },
    keyword::{List, Matcher, Topic, parse, usage::rules_of},
    model::{Looked, RuleHits, UsageBatch},
};

use super::WithLogin as _;
use super::{CONSOLE_TOKEN, Stage, read, rows::ago};

const UNIT: &str = "青禾县人民医院";
const WORDS: &str = "[投诉]\n医院\n+投诉\n!辟谣\n\n[建议类]\n建议\n拖欠工资\n";

fn list(unit: &str, file: &str, text: &str) -> List {
    parse(unit, file, text.as_bytes()).expect("a right list")
}

fn file(list: &Arc<List>, faults: Vec<Fault>) -> KeywordFile {
    let (unit, file, topic) = (list.unit.clone(), list.file.clone(), list.topic.clone());
    KeywordFile { unit, file, topic, list: Some(Arc::clone(list)), faults }
}

/// Lets the console go by these lists.
fn go_by(settings: &mut Settings, files: Vec<KeywordFile>) {
    let lists: Vec<Arc<List>> = files.iter().filter_map(|file| file.list.clone()).collect();
    settings.units = vec![UNIT.into(), "青禾中学".into()];
    settings.keywords = Keywords { files: Arc::new(files), matcher: Arc::new(Matcher::new(lists)) };
}

async fn stage() -> Stage {
    let stage = Stage::empty().await;
    let own = Arc::new(list(UNIT, "keywords/医院.txt", WORDS));
    let school = Arc::new(list("青禾中学", "keywords/中学.txt", "[中学]\n建议\n"));
    stage.change(|settings| go_by(settings, vec![file(&own, Vec::new()), file(&school, Vec::new())]));
    stage
}

async fn ask(stage: &Stage, body: impl Into<String>, token: &str) -> (u16, serde_json::Value) {
    let url = format!("{}/api/v1/keywords/test", stage.base);
    let request = stage.client.post(url).header("content-type", "application/json").body(body.into());
    let (status, answer) = read(if token.is_empty() { request } else { request.bearer_auth(token) }).await;
    (status, serde_json::from_str(&answer).unwrap_or_default())
}

#[tokio::test]
async fn the_api_answers_with_the_very_structure_of_the_command() {
    let stage = stage().await;
    let (status, one) = ask(&stage, r#"{"text":"医 院太慢","unit":"青禾县人民医院"}"#, "").await;
    assert_eq!(status, 200);
    assert_eq!(
        one,
        serde_json::json!({
            "text": "医 院太慢", "hits": [], "why_not": [{"line": 3, "reason": "第 3 行 +投诉 未出现"}],
        })
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("医院.txt");
    std::fs::write(&path, WORDS).unwrap();
    let text = "我投诉医·院，也提建议";
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_yuqing"))
        .args(["keywords", "test", "--json", "--list"])
        .arg(&path)
        .arg(text)
        .output()
        .unwrap();
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let body = serde_json::json!({ "text": text, "unit": UNIT }).to_string();
    assert_eq!(ask(&stage, body, "").await, (200, printed));
    let (status, many) = ask(&stage, r#"{"texts":["建议","无"]}"#, "").await;
    assert_eq!(status, 200);
    let answers = many["answers"].as_array().unwrap();
    let units: Vec<_> = answers[0]["hits"].as_array().unwrap().iter().map(|hit| &hit["unit"]).collect();
    assert_eq!(units, [UNIT, "青禾中学"], "two units' rules were tried, so each is named");
    assert_eq!((answers.len(), &answers[1]["hits"]), (2, &serde_json::json!([])));
    let texts = |n: usize| serde_json::json!({ "texts": vec!["无"; n] }).to_string();
    assert_eq!(ask(&stage, texts(1_000), "").await.0, 200);
    assert_eq!(ask(&stage, texts(1_001), "").await.0, 413);
    stage.end().await;
}

#[tokio::test]
async fn the_api_is_guarded_and_bounded() {
    let stage = stage().await;
    for wrong in [r#"{}"#, r#"{"text":"a","texts":["b"]}"#, r#"{"txt":"a"}"#, "建议", r#"["a"]"#] {
        assert_eq!(ask(&stage, wrong, "").await.0, 422, "{wrong}");
    }
    assert_eq!(ask(&stage, r#"{"text":"a","unit":"别的单位"}"#, "").await.0, 404);
    let long = serde_json::json!({ "text": "建".repeat(400_000) }).to_string();
    assert_eq!(ask(&stage, long, "").await.0, 413);
    let many = serde_json::json!({ "texts": vec!["建议"; 1_001] }).to_string();
    assert_eq!(ask(&stage, many, "").await.0, 413);
    let elsewhere = stage
        .client
        .post(format!("{}/api/v1/keywords/test", stage.base))
        .header("content-type", "application/json")
        .header("sec-fetch-site", "cross-site")
        .body(r#"{"text":"建议"}"#);
    assert_eq!(read(elsewhere).await.0, 403);
    stage.change(|settings| settings.with_login(SecretString::from(CONSOLE_TOKEN)));
    let text = r#"{"text":"建议"}"#;
    assert_eq!(ask(&stage, text, "").await.0, 401);
    assert_eq!(ask(&stage, text, "wrong").await.0, 401);
    assert_eq!(ask(&stage, text, CONSOLE_TOKEN).await.0, 200);
    assert_eq!(stage.post("/keywords", &[("text", "建议")]).await.0, 401, "the page is behind the login");
    stage.end().await;
}

#[tokio::test]
async fn the_box_marks_hits_says_why_not_and_escapes() {
    let stage = stage().await;
    let form = [("text", "<b>我投诉医.院</b>，没有辟谣"), ("unit", UNIT)];
    let (status, page) = stage.post("/keywords", &form).await;
    assert_eq!(status, 200);
    assert!(page.contains("第 4 行 !辟谣 出现") && page.contains("没有命中"), "{page}");
    assert!(!page.contains("<b>我投诉"), "{page}");
    let (_, page) = stage.post("/keywords", &[("text", "<i>我投诉医.院"), ("unit", UNIT)]).await;
    assert!(page.contains(">医.院</mark>") && page.contains("class=\"unsure\""), "{page}");
    assert!(page.contains("&lt;i&gt;我投诉") && page.contains("第 2 行 <bdi>医院</bdi>"), "{page}");
    assert_eq!(stage.post("/keywords", &[("text", " ")]).await.0, 422);
    let elsewhere = stage
        .client
        .post(format!("{}/keywords", stage.base))
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("text=a");
    assert_eq!(read(elsewhere).await.0, 403, "forms come from our own pages");
    stage.end().await;
}

#[tokio::test]
async fn the_page_shows_states_counts_and_warnings() {
    let stage = Stage::empty().await;
    let now = ago(0);
    let own = Arc::new(list(UNIT, "keywords/医院.txt", WORDS));
    let topic = |name: &str, from, until| {
        let topic = Arc::new(Topic { name: name.into(), from, until, note: "录取<期间>".into() });
        Arc::new(list(UNIT, "keywords/招生.txt", "分数线\n").under(&topic))
    };
    let day = SignedDuration::from_hours(24);
    let waiting = topic("将来", Some(now + day), None);
    let running = topic("招生", Some(now - day), Some(now + day));
    let over = topic("过去", None, Some(now - day));
    let fault = Fault {
        file: "keywords/医院.txt".into(),
        line: 12,
        column: 1,
        source: "/(/".into(),
        width: 3,
        message: "这个正则写法不对".into(),
        hint: None,
        cell: None,
        unread: false,
    };
    let school = KeywordFile {
        unit: "青禾中学".into(),
        file: "keywords/中学.txt".into(),
        topic: None,
        list: None,
        faults: vec![Fault { line: 0, message: "没有这个关键词文件".into(), ..fault.clone() }],
    };
    let mut files: Vec<_> = [&waiting, &running, &over].map(|list| file(list, Vec::new())).into();
    files.push(file(&own, vec![fault]));
    files.push(school);
    stage.change(|settings| go_by(settings, files));
    let lists = [Arc::clone(&own), Arc::clone(&running)];
    stage.store.keep_rules(rules_of(&lists), now - day * 40).await.unwrap();
    let rule = rules_of(&lists).into_iter().find(|line| line.rule.rule == "医院").unwrap().rule;
    let today = now.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
    let hits = vec![RuleHits { rule, day: today, hour: now, hits: 77, last_at: now }];
    let looked = vec![Looked { unit: String::new(), day: today, posts: 200 }];
    stage.store.add_usage(UsageBatch { hits, looked }).await.unwrap();

    let (status, page) = stage.get("/keywords").await;
    assert_eq!(status, 200);
    for state in [
        "未开始，开始于",
        "生效，到",
        "已结束于",
        "沿用上一份正确的内容：第 12 行 这个正则写法不对",
        "没有生效：没有这个关键词文件",
    ] {
        assert!(page.contains(state), "{state}: {page}");
    }
    assert!(page.contains("专题 招生·分数线") && page.contains("录取&lt;期间&gt;"), "{page}");
    assert!(page.contains("第 7 行 “建议” 30 天从未命中，是否写错？"), "{page}");
    assert!(page.contains("第 2 行 “医院” 命中了看过帖子的 38%"), "{page}");
    assert!(!page.contains("“分数线” 30 天从未命中"), "the topic began yesterday: {page}");
    assert!(page.contains(">77</td>"), "{page}");
    stage.change(|settings| settings.locale = yuqing::locale::Locale::En);
    assert!(stage.get("/keywords").await.1.contains("has never matched in 30 days"));
    stage.end().await;
}
