//! `yuqing sources` as a script and a person see it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use yuqing::{
    desk::{Change, DeskState, Mute, Standing},
    model::Entry,
    store::{RAW_ANSWER, SourceState, SqliteStore, Store},
};

use super::stage::now;

const SOURCES: &str = "[[feed]]\nname = \"甲\"\nurl = \"https://a.example.cn/x\"\n[[feed]]\nname = \"乙\"\nurl = \"https://b.example.cn/x\"\n\
    [[feed]]\nname = \"丙\"\nurl = \"https://c.example.cn/x\"\nenabled = false\n";

fn sources(office: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.arg("--office").arg(office).arg("sources").args(arguments).env_remove("STATE_DIRECTORY");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An office whose source 甲 is broken; its store is closed.
async fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.arg("--office").arg(office.path()).args(["init", "--unit", "青禾县人民医院"]);
    assert!(command.output().unwrap().status.success());
    let settings = office.path().join("yuqing.toml");
    let nowhere = fs::read_to_string(&settings).unwrap().replace("127.0.0.1:8686", "127.0.0.1:1");
    fs::write(settings, nowhere).unwrap();
    fs::create_dir_all(office.path().join("state")).unwrap();
    fs::write(office.path().join("sources.d/a.toml"), SOURCES).unwrap();
    let store = SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    let mut state = SourceState {
        source: "甲".into(),
        health: "broken".into(),
        why: "网站可能改版了".into(),
        told: "source/甲".into(),
        since: Some(now()),
        ..SourceState::default()
    };
    (state.history.posts, state.history.shares) = (20 * 16, [255, 0, 128, 255]);
    (state.history.usual_period, state.history.latency_ms) = (Some(6 * 3_600), 120);
    store.save_source_state(state).await.unwrap();
    let raw = r#"{"url":"https://a.example.cn/x","at":"2026-11-21T00:00:00Z","content_type":"text/html","health":"broken","why":"x","body_base64":"6aqM6K+B56CB"}"#;
    store.set_value(&format!("{RAW_ANSWER}甲"), raw.to_owned()).await.unwrap();
    office
}

#[tokio::test]
async fn the_table_says_how_every_source_is() {
    let office = office().await;
    let shown = sources(office.path(), &[]);
    assert_eq!(shown.status.code(), Some(1), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    for words in
        ["来源", "甲", "故障", "网站可能改版了", "20.0", "100/0/50/100", "6h", "120 ms", "尚未查看", "停用"]
    {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    let lines = sources(office.path(), &["--json"]);
    let lines: Vec<Value> =
        text(&lines.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (lines[0]["health"].as_str(), lines[2]["health"].as_str()),
        (Some("broken"), Some("disabled"))
    );
    assert_eq!(lines[0]["counters_percent"]["comments"], 50);
    assert_eq!(lines[0]["usual_period_seconds"], 21_600);
    assert_eq!(sources(office.path(), &["乙"]).status.code(), Some(0));
    assert_eq!(sources(office.path(), &["丁"]).status.code(), Some(2), "no such source");
}

#[tokio::test]
async fn a_source_under_maintenance_is_shown_with_its_end() {
    let office = office().await;
    let settings = office.path().join("yuqing.toml");
    let before = fs::read_to_string(&settings).unwrap();
    // Two windows that follow each other, so that one of them holds whenever the test runs.
    let windows = "\n[[maintenance]]\ntitle = \"机房检修\"\nfrom = \"00:00\"\nuntil = \"12:00\"\nsources = [\"甲\"]\n\
        [[maintenance]]\ntitle = \"机房检修\"\nfrom = \"12:00\"\nuntil = \"00:00\"\nsources = [\"甲\"]\n";
    fs::write(&settings, before + windows).unwrap();
    let shown = sources(office.path(), &[]);
    let words = text(&shown.stdout);
    let line = words.lines().find(|line| line.contains("维护中（机房检修），至 ")).unwrap();
    assert!(line.contains("12:00 有故障") || line.contains("00:00 有故障"), "{line}");
    assert_eq!(words.matches("维护中").count(), 1, "only 甲:\n{words}");
    assert_eq!(shown.status.code(), Some(0), "what is expected needs nobody");
    let lines = text(&sources(office.path(), &["--json"]).stdout);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["maintenance"]["title"], "机房检修");
    assert!(lines[0]["maintenance"]["until"].as_str().unwrap().contains(":00:00+08:00"));
    assert_eq!(lines[1]["maintenance"], Value::Null);

    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.arg("--office").arg(office.path()).arg("status").env_remove("STATE_DIRECTORY");
    let status = text(&command.output().unwrap().stdout);
    assert!(status.contains("维护中（机房检修），至 "), "{status}");
    let status = text(&command.arg("--json").output().unwrap().stdout);
    let lines: Vec<Value> = status.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let source = lines.iter().find(|line| line["type"] == "source").unwrap();
    assert_eq!(source["maintenance"]["title"], "机房检修");
}

#[tokio::test]
async fn the_raw_answer_is_printed_as_it_was_received() {
    let office = office().await;
    let raw = sources(office.path(), &["甲", "--raw"]);
    assert_eq!((text(&raw.stdout).as_str(), raw.status.code()), ("验证码", Some(0)));
    assert!(text(&raw.stderr).contains("https://a.example.cn/x"));
    assert_eq!(sources(office.path(), &["乙", "--raw"]).status.code(), Some(1));
}

#[tokio::test]
async fn without_a_daemon_a_mute_is_kept_at_once_and_shown() {
    let office = office().await;
    let muted = sources(office.path(), &["甲", "--mute", "对方整修", "--for", "7d", "--by", "李管理"]);
    assert_eq!(muted.status.code(), Some(0), "{}", text(&muted.stderr));
    assert_eq!(text(&muted.stdout), "source/甲: 已静音\n");
    assert!(!office.path().join("state/acts").exists(), "nothing waits for a start");
    let store = SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    let mute = store.desk_state().await.unwrap().mutes.remove("source/甲").unwrap();
    assert_eq!((mute.by.as_str(), mute.reason.as_str(), mute.until.is_some()), ("李管理", "对方整修", true));
    assert_eq!(audited(&store).await, ["mute 李管理"]);
    drop(store);
    let ended = sources(office.path(), &["--json", "甲", "--unmute", "--by", "王主任"]);
    let ended: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(
        ended,
        serde_json::json!({ "done": true, "subject": "source/甲", "muted": false, "until": null })
    );
    let again = sources(office.path(), &["甲", "--unmute", "--by", "王主任"]);
    assert_eq!(again.status.code(), Some(1), "the desk says no");
    assert!(text(&again.stderr).contains("没有静音"), "{}", text(&again.stderr));
    assert_eq!(sources(office.path(), &["甲", "--mute", " "]).status.code(), Some(2));
    assert_eq!(sources(office.path(), &["乙", "--mute", "没坏"]).status.code(), Some(2), "it needs an end");
    let mut desk = DeskState::default();
    let mute = Mute { by: "李管理".into(), reason: "对方整修".into(), at: now(), until: None };
    desk.mutes.insert("source/甲".into(), mute);
    let standing = Standing { text: "坏了".into(), told_at: now(), times: 1 };
    desk.standing.insert("source/甲".into(), standing);
    let store = SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    store.commit(vec![Change::State(desk)]).await.unwrap();
    drop(store);
    let shown = sources(office.path(), &[]);
    assert!(text(&shown.stdout).contains("已静音（直到恢复）：李管理，对方整修"), "{}", text(&shown.stdout));
    assert_eq!(shown.status.code(), Some(0), "what is muted needs nobody");
}

/// The acts in the audit, each with the person's name.
async fn audited(store: &SqliteStore) -> Vec<String> {
    let rows = store.audit_rows(0, 1_000).await.unwrap();
    let acts = rows.into_iter().map(|row| row.entry).filter(|entry| entry.kind == Entry::ACT);
    acts.map(|entry| {
        let act: Value = serde_json::from_str(&entry.text).unwrap();
        format!("{} {}", act["act"].as_str().unwrap(), entry.by.unwrap())
    })
    .collect()
}

#[tokio::test]
async fn a_running_daemon_takes_the_mute_at_once() {
    use yuqing::{
        app::daemon::{Daemon, Options},
        config::Folder,
        time::System,
    };
    let office = office().await;
    fs::write(
        office.path().join("sources.d/a.toml"),
        SOURCES
            .replace("\"乙\"\n", "\"乙\"\nenabled = false\n")
            .replace("\"甲\"\n", "\"甲\"\nenabled = false\n"),
    )
    .unwrap();
    let options = Options {
        journal: Default::default(),
        folder: Folder::Disk(office.path().to_owned()),
        state_dir: office.path().join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: std::sync::Arc::new(System),
        post_room: None,
        link_to_self: false,
    };
    let daemon = Daemon::start(options).await.unwrap();
    let (path, console) = (office.path().to_owned(), daemon.address().to_string());
    let muted = tokio::task::spawn_blocking(move || {
        let mute = ["甲", "--mute", "对方整修", "--for", "7d", "--by", "李管理"];
        let unheard = sources(&path, &mute);
        (unheard, sources(&path, &[&mute[..], &["--console", &console]].concat()))
    });
    let (unheard, muted) = muted.await.unwrap();
    assert_eq!(unheard.status.code(), Some(1), "the daemon has the database and was not found");
    assert!(text(&unheard.stderr).contains("--console"), "{}", text(&unheard.stderr));
    assert_eq!(text(&muted.stdout), "source/甲: 已静音\n", "{}", text(&muted.stderr));
    let state = daemon.store().desk_state().await.unwrap();
    assert_eq!(state.mutes["source/甲"].reason, "对方整修");
    assert!(daemon.stop().await.is_empty());
    let store = SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    assert_eq!(audited(&store).await, ["mute 李管理"]);
}
