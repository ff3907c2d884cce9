//! `yuqing silence`, `yuqing monthly` and `yuqing incident complete`, without a daemon and against a console.

use std::{
    path::Path,
    process::{Command, Output},
};

use yuqing::{
    config::starter,
    desk::Change,
    model::Act,
    store::{SqliteStore, Store as _},
};

use super::Stage;

const UNIT: &str = "青禾县人民医院";

/// An office whose plan asks for monthly reports, and whose console listens nowhere.
fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    for file in starter::files(UNIT) {
        let path = office.path().join(&file.name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.bytes).unwrap();
    }
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let path = office.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, change(text)).unwrap();
    };
    edit("yuqing.toml", &|text| text.replace("127.0.0.1:8686", "127.0.0.1:1"));
    let monthly = "monthly = { name = \"舆情月报\", day = 3, to = [\"值班员\"] }\n";
    edit("plans/work-safety.toml", &|text| format!("{monthly}{text}"));
    office
}

fn run(office: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY").arg("--office").arg(office);
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn begin<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["silence", "begin", "--up-to", "较大", "--reason", "系统切换公告", "--by", "王主任"];
    all.extend(more);
    all
}

#[test]
fn a_silence_begins_is_listed_and_ends() {
    let office = office();
    let run = |arguments: &[&str]| run(office.path(), arguments);
    assert_eq!(run(&["silence"]), (0, "没有静默\n".to_owned()));
    assert_eq!(run(&begin(&["--for", "12h", "--group", "医院"])), (0, "静默第 1 号: 已开始\n".to_owned()));
    let (code, said) = run(&begin(&["--from", "2999-01-01 08:00", "--until", "2999-01-02 08:00", "--json"]));
    assert_eq!((code, said.as_str()), (0, "{\"done\":true,\"id\":2}\n"));
    let (code, said) = run(&["silence", "list"]);
    assert_eq!(code, 0);
    assert!(said.starts_with(&format!("第 1 号  静默中  {UNIT}·医院  较大及以下  ")), "{said}");
    assert!(said.contains("未开始") && said.contains("2999-01-01 08:00 至 2999-01-02 08:00"), "{said}");
    let (_, said) = run(&["silence", "list", "--json"]);
    let lines: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0]["id"].as_u64(), lines[0]["holds"].as_bool()), (Some(1), Some(true)));
    assert_eq!((lines[1]["from"].as_str(), lines[1]["group"].as_str()), (Some("2999-01-01T00:00:00Z"), None));
    assert_eq!(run(&["silence", "end", "1", "--by", "甲"]), (0, "静默第 1 号: 已结束\n".to_owned()));
    let (code, said) = run(&["silence", "end", "1", "--by", "甲"]);
    assert!(code == 1 && said.contains("没有这个静默，或已结束"), "{said}");
}

#[test]
fn a_silence_that_cannot_be_is_refused_with_its_reason() {
    let office = office();
    let run = |arguments: &[&str]| run(office.path(), arguments);
    let (code, said) = run(&begin(&["--for", "3000h"]));
    assert!(code == 1 && said.contains("静默最长 31 天"), "{said}");
    let (code, said) = run(&begin(&["--for", "半天"]));
    assert!(code == 2 && said.contains("看不懂的时长 半天"), "{said}");
    let (code, said) = run(&begin(&["--for", "1h", "--from", "明天"]));
    assert!(code == 2 && said.contains("看不懂的时间 明天"), "{said}");
    assert_eq!(run(&begin(&[])).0, 2, "an end is required");
    assert_eq!(run(&begin(&["--for", "1h", "--until", "2999-01-01 08:00"])).0, 2, "one end only");
    assert_eq!(run(&begin(&["--for", "1h", "--unit", "别处"])).0, 2);
    let highest = ["silence", "begin", "--up-to", "特别重大", "--reason", "x", "--by", "y", "--for", "1h"];
    let (code, said) = run(&highest);
    assert!(code == 1 && said.contains("最高一级不能静默"), "{said}");
}

#[test]
fn monthly_reports_are_listed_and_filed() {
    let office = office();
    let run = |arguments: &[&str]| run(office.path(), arguments);
    let (code, said) = run(&["monthly"]);
    assert!(code == 0 && said.contains("舆情月报  本月未结束"), "{said}");
    let file = ["monthly", "file", "--text", "青舆〔2026〕1号", "--by", "甲"];
    let (code, said) = run(&file);
    assert!(code == 1 && said.contains("这个月还没有结束"), "{said}");
    // Somebody began long ago and never filed one.
    std::fs::create_dir_all(office.path().join("state")).unwrap();
    let store = SqliteStore::open(&office.path().join("state/yuqing.db")).unwrap();
    let state = r#"{"next_id":1,"digests":{},"broken":{},"monthly":{"青禾县人民医院":{"month":"2026-01-01","opened":{"2026-01-01":4}}}}"#;
    let change = Change::State(serde_json::from_str(state).unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(store.commit(vec![change])).unwrap();
    drop(store);
    let (code, said) = run(&["monthly", "list"]);
    assert_eq!(code, 1, "a report is late: {said}");
    assert!(said.contains("2026-01 舆情月报  已逾期  须于 2026-02-03 17:30 前报送  4 件"), "{said}");
    assert_eq!(run(&file), (0, format!("{UNIT}: 月报已登记\n")));
    let (_, said) = run(&["monthly", "--json"]);
    let line: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!((line["month"].as_str(), line["state"].as_str()), (Some("2026-02"), Some("late")));
    assert_eq!(line["opened"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_ask_the_running_daemon() {
    let stage = Stage::empty().await;
    let office = office();
    let address = stage.base.trim_start_matches("http://").to_owned();
    let run = |arguments: &[&str]| tokio::task::block_in_place(|| run(office.path(), arguments));
    let (code, said) = run(&begin(&["--for", "2h", "--console", &address]));
    assert_eq!((code, said.as_str()), (0, "已静默\n"), "its database is elsewhere");
    let complete =
        ["incident", "complete", "7", "续报", "--text", "第二次", "--by", "甲", "--console", &address];
    assert_eq!(run(&complete), (0, "舆情第 7 号: 已登记\n".to_owned()));
    let file = ["monthly", "file", "--text", "十月", "--by", "甲", "--json", "--console", &address];
    assert_eq!(run(&file).0, 0);
    let acts = stage.acted(3).await;
    assert!(matches!(&acts[0], Act::Silence { up_to, from: None, .. } if up_to == "较大"), "{acts:?}");
    assert!(
        matches!(&acts[1], Act::Complete { duty, text, .. } if duty == "续报" && text == "第二次"),
        "{acts:?}"
    );
    assert!(matches!(&acts[2], Act::FileMonthly { unit, .. } if unit == UNIT), "{acts:?}");
    stage.end().await;
}
