//! `yuqing sources` as a script and a person see it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use yuqing::{
    desk::{Change, DeskState, Mute, Standing},
    model::Act,
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
async fn the_raw_answer_is_printed_as_it_was_received() {
    let office = office().await;
    let raw = sources(office.path(), &["甲", "--raw"]);
    assert_eq!((text(&raw.stdout).as_str(), raw.status.code()), ("验证码", Some(0)));
    assert!(text(&raw.stderr).contains("https://a.example.cn/x"));
    assert_eq!(sources(office.path(), &["乙", "--raw"]).status.code(), Some(1));
}

#[tokio::test]
async fn a_mute_is_handed_to_the_daemon_and_shown() {
    let office = office().await;
    let muted = sources(office.path(), &["甲", "--mute", "对方整修", "--for", "7d", "--by", "李管理"]);
    assert_eq!(muted.status.code(), Some(0), "{}", text(&muted.stderr));
    assert!(text(&muted.stdout).contains("守护进程启动后生效"));
    let file = fs::read_dir(office.path().join("state/acts")).unwrap().next().unwrap().unwrap().path();
    let act: Act = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let Act::Mute { subject, by, reason, until } = act else { panic!("{act:?}") };
    assert_eq!((subject.as_str(), by.as_str(), reason.as_str()), ("source/甲", "李管理", "对方整修"));
    assert!(until.is_some());
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
        folder: Folder::Disk(office.path().to_owned()),
        state_dir: office.path().join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: std::sync::Arc::new(System),
        post_room: None,
        link_to_self: false,
    };
    let daemon = Daemon::start(options).await.unwrap();
    let path = office.path().to_owned();
    let muted = tokio::task::spawn_blocking(move || {
        sources(&path, &["甲", "--mute", "对方整修", "--for", "7d", "--by", "李管理"])
    });
    let muted = muted.await.unwrap();
    assert!(text(&muted.stdout).contains("已生效"), "{} {}", text(&muted.stdout), text(&muted.stderr));
    let state = daemon.store().desk_state().await.unwrap();
    assert_eq!(state.mutes["source/甲"].reason, "对方整修");
    assert!(daemon.stop().await.is_empty());
}
