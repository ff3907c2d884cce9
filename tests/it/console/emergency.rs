//! Emergency mode in the console: a form behind the login, the command, a line on home.

use std::process::Command;

use jiff::SignedDuration;
use secrecy::SecretString;
use yuqing::{
    config::{Calendar, Day, SensitiveSpan, starter},
    desk::{Change, DeskState},
    model::{Act, Emergency},
};

use super::WithLogin as _;
use super::{Stage, rows::ago};

const UNIT: &str = "青禾县人民医院";

#[tokio::test]
async fn the_form_needs_reason_and_name_and_reaches_the_desk() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.units = vec![UNIT.into()]);
    let (_, home) = stage.get("/").await;
    assert!(home.contains("action=\"/emergency\"") && home.contains(&format!("<option>{UNIT}</option>")));
    let form =
        |reason, hours| [("unit", UNIT), ("on", "1"), ("hours", hours), ("reason", reason), ("by", "王主任")];
    assert_eq!(stage.post("/emergency", &form(" ", "")).await.0, 422);
    assert_eq!(stage.post("/emergency", &form("高考", "半天")).await.0, 422);
    assert!(stage.acts().is_empty());
    assert_eq!(stage.post("/emergency", &form("高考", "12")).await.0, 303);
    let until = ago(0) + SignedDuration::from_hours(12);
    let wanted = Act::Emergency {
        unit: UNIT.into(),
        on: true,
        until: Some(until),
        by: "王主任".into(),
        reason: "高考".into(),
    };
    assert_eq!(stage.acted(1).await, [wanted]);
    stage.change(|settings| settings.with_login(SecretString::from("口令")));
    assert_eq!(stage.post("/emergency", &form("高考", "")).await.0, 401, "behind the login");
    assert_eq!(stage.acts().len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn home_says_what_is_on_and_which_day_it_is() {
    let stage = Stage::empty().await;
    let emergency =
        Emergency { since: ago(600), until: None, by: "王主任".into(), reason: "<b>高考</b>".into() };
    let state = DeskState { emergencies: [(UNIT.to_owned(), emergency)].into(), ..DeskState::default() };
    stage.store.commit(vec![Change::State(state)]).await.unwrap();
    let span = SensitiveSpan {
        from: Day::Yearly(1, 1),
        to: Day::Yearly(12, 31),
        name: "全年".into(),
        units: vec![UNIT.into()],
    };
    stage.change(|settings| settings.calendar = std::sync::Arc::new(Calendar { spans: vec![span] }));
    let (status, page) = stage.get("/live").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("应急值守") && page.contains("&lt;b&gt;高考&lt;&#x2f;b&gt;") && page.contains("王主任"),
        "{page}"
    );
    assert!(page.contains("<b>敏感日期</b>：全年（青禾县人民医院）"), "{page}");
    stage.end().await;
}

/// The command against a running console, and against none.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_asks_the_running_daemon_or_decides_alone() {
    let stage = Stage::empty().await;
    let office = tempfile::tempdir().unwrap();
    for file in starter::files(UNIT) {
        let path = office.path().join(&file.name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.bytes).unwrap();
    }
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY").arg("--office").arg(office.path());
        command.args(["emergency"]).args(more);
        tokio::task::block_in_place(|| command.output().unwrap())
    };
    let address = stage.base.trim_start_matches("http://").to_owned();
    let done = run(&["on", "--by", "甲", "--reason", "高考", "--for", "12h", "--console", &address]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(
        matches!(&stage.acted(1).await[0], Act::Emergency { unit, on: true, until: Some(_), .. } if unit == UNIT)
    );
    stage.change(|settings| settings.with_login(SecretString::from("secret")));
    let refused = run(&["off", "--by", "甲", "--reason", "完", "--console", &address]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(run(&["on", "--by", "甲", "--reason", "急", "--unit", "别处"]).status.code(), Some(2));
    stage.end().await;
    // No daemon: its address is one where nothing listens.
    let settings = std::fs::read_to_string(office.path().join("config/yuqing.toml"))
        .map(|text| ("config/yuqing.toml", text))
        .or_else(|_| {
            std::fs::read_to_string(office.path().join("yuqing.toml")).map(|text| ("yuqing.toml", text))
        });
    let (name, text) = settings.unwrap();
    std::fs::write(office.path().join(name), text.replace("127.0.0.1:8686", "127.0.0.1:1")).unwrap();
    let done = run(&["on", "--by", "甲", "--reason", "高考", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let store = yuqing::store::SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    let state = yuqing::store::Store::desk_state(&store).await.unwrap();
    assert_eq!(state.emergencies[UNIT].by, "甲");
}
