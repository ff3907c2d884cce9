//! `yuqing probe` as a script sees it.

use std::{
    fs,
    process::{Command, Output},
};

use axum::{Router, http::StatusCode, routing::get};
use serde_json::Value;

use super::stage::{data, serve};

pub fn probe(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.arg("probe").args(arguments).current_dir(folder.path());
    command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
    command.output().unwrap()
}

pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_saved_answer_is_one_line_a_post_and_a_last_line() {
    let file = data("weibo/weibo_ak_list_0.json");
    let output = probe(&["--file", file.to_str().unwrap(), "--url", "https://m.weibo.cn/api", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    assert_eq!(lines.len(), 11);
    let post = &lines[2];
    let keys: Vec<&str> = post.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected =
        ["id", "title", "text", "url", "published_at", "views", "reposts", "comments", "likes", "repost_of"];
    expected.sort_unstable();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(post["views"], Value::Null);
    assert_eq!(post["reposts"], 7);
    assert_eq!(post["repost_of"], "4645748019299849");
    assert_eq!(post["published_at"], "2021-06-16T20:07:07+08:00");
    assert_eq!(lines[10], serde_json::json!({"problems": [], "posts": 10}));
}

#[test]
fn rules_are_tried() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("医院.txt");
    fs::write(&list, "[游戏]\n荒野更新\n").unwrap();
    let file = data("forum/derived_post_list_0_gbk.html");
    let arguments = ["--file", file.to_str().unwrap(), "--list", list.to_str().unwrap(), "--json"];
    let lines = lines(&probe(&arguments));
    let hit: Vec<&Value> = lines.iter().filter(|line| line.get("hits").is_some()).collect();
    assert!(!hit.is_empty());
    assert_eq!(hit[0]["hits"][0]["surface"], "荒野更新");
}

#[test]
fn a_blocked_page_is_exit_code_one() {
    let file = data("forum/discuz_no_permission_200.html");
    let output = probe(&["--file", file.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(lines[0]["posts"], 0);
    assert!(lines[0]["problems"][0].as_str().unwrap().contains("权限"));
}

#[test]
fn wrong_arguments_are_exit_code_two() {
    for arguments in [&[][..], &["--file", "x", "--preset", "nein"], &["没有这个来源"]] {
        assert_eq!(probe(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_fetched_once_and_only_when_it_may() {
    let feed = "<rss version='2.0'><channel><item><title>甲</title><link>https://e.cn/1</link></item></channel></rss>";
    let app = Router::new()
        .route("/feed", get(move || async move { feed }))
        .route("/gone", get(|| async { StatusCode::NOT_FOUND }));
    let base = serve(app).await;
    let (feed, gone) = (format!("{base}/feed"), format!("{base}/gone"));
    let run = move |arguments: Vec<String>| async move {
        tokio::task::spawn_blocking(move || probe(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
            .await
            .unwrap()
    };
    let refused = run(vec![feed.clone(), "--json".into()]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(lines(&refused)[0]["problems"][0].as_str().unwrap().contains("内网"));
    let read = run(vec![feed, "--json".into(), "--allow-private".into()]).await;
    assert_eq!(lines(&read)[0]["title"], "甲");
    let gone = run(vec![gone, "--json".into(), "--allow-private".into()]).await;
    assert!(lines(&gone)[0]["problems"][0].as_str().unwrap().contains("HTTP 404"));
}
