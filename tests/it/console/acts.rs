//! One way to act: `POST /api/v1/acts`, and the commands that use it or decide alone.

use std::process::{Command, Output};

use secrecy::SecretString;
use serde_json::{Value, json};
use yuqing::{
    config::starter,
    model::{Act, IncidentId},
};

use super::Stage;
use super::WithLogin as _;

const UNIT: &str = "青禾县人民医院";

async fn send(stage: &Stage, token: Option<&str>, body: &Value) -> (u16, String) {
    let mut request = stage.client.post(format!("{}/api/v1/acts", stage.base));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    super::read(request.header("content-type", "application/json").body(body.to_string())).await
}

#[tokio::test]
async fn any_act_is_taken_with_the_token_only() {
    let stage = Stage::empty().await;
    let note =
        json!({ "act": "note", "incident": 1, "by": " 王主任\u{202e} ", "text": "第一行\n第二行\u{7}" });
    assert_eq!(send(&stage, None, &note).await.0, 200);
    let taken =
        Act::Note { incident: IncidentId(1), by: "王主任".into(), text: "第一行\n第二行".into() };
    assert_eq!(stage.acted(1).await, [taken]);
    for wrong in [json!({ "act": "fly" }), json!([]), json!({ "act": "undo", "incident": 1, "by": " " })] {
        assert_eq!(send(&stage, None, &wrong).await.0, 422, "{wrong}");
    }
    stage.change(|settings| settings.with_login(SecretString::from("secret")));
    assert_eq!(send(&stage, None, &note).await.0, 401);
    let side_door = stage.client.post(format!("{}/api/v1/emergency", stage.base)).bearer_auth("secret");
    assert_eq!(super::read(side_door).await.0, 404, "acts come by one door");
    assert_eq!(send(&stage, Some("secret"), &note).await.0, 200);
    let foreign = stage.client.post(format!("{}/api/v1/acts", stage.base)).bearer_auth("secret");
    let foreign = foreign.header("content-type", "application/json").header("origin", "https://evil.example");
    assert_eq!(super::read(foreign.body(note.to_string())).await.0, 403);
    assert_eq!(stage.acts().len(), 2);
    stage.end().await;
}

#[tokio::test]
async fn a_file_is_kept_with_the_act_and_bounded() {
    let stage = Stage::empty().await;
    let put = |path: &str, body: Vec<u8>| {
        super::read(stage.client.post(format!("{}{path}", stage.base)).body(body))
    };
    let path = "/api/v1/incidents/7/files?name=%E5%9B%9E%E6%89%A7.pdf&by=%E7%94%B2";
    assert_eq!(put(path, b"abc".to_vec()).await.0, 200);
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let name = "回执.pdf".to_owned();
    let act = Act::Attach { incident: IncidentId(7), name, size: 3, sha256: sha256.into(), by: "甲".into() };
    assert_eq!(stage.acted(1).await, [act]);
    assert_eq!(stage.store.file(sha256).await.unwrap().as_deref(), Some(b"abc".as_slice()));
    assert_eq!(put(path, Vec::new()).await.0, 422);
    assert_eq!(put(path, vec![0; 20 * 1024 * 1024 + 1]).await.0, 422);
    assert_eq!(stage.acts().len(), 1);
    stage.end().await;
}

/// An office on disk whose console listens nowhere.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let office = tempfile::tempdir().unwrap();
        for file in starter::files(UNIT) {
            let path = office.path().join(&file.name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = String::from_utf8(file.bytes.to_vec());
            match text {
                Ok(text) => std::fs::write(path, text.replace("127.0.0.1:8686", "127.0.0.1:1")).unwrap(),
                Err(bytes) => std::fs::write(path, bytes.into_bytes()).unwrap(),
            }
        }
        Self(office)
    }

    fn run(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
        command.arg("--office").arg(self.0.path()).args(more).output().unwrap()
    }

    /// Files in its store.
    fn files(&self) -> i64 {
        let store = rusqlite::Connection::open(self.0.path().join("state/yuqing.db")).unwrap();
        store.query_row("SELECT count(*) FROM file", [], |row| row.get(0)).unwrap()
    }

    /// Runs it, sees it done, answers with what it printed.
    fn done(&self, more: &[&str]) -> String {
        let output = self.run(more);
        assert_eq!(output.status.code(), Some(0), "{more:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn the_commands_decide_alone_when_no_daemon_runs() {
    let desk = Desk::new();
    let text = "群众来电反映青禾县人民医院急诊排队三小时无人理会，家属在走廊等候。";
    let added = desk.done(&[
        "--json",
        "incident",
        "add",
        "--gist",
        "急诊排队",
        "--text",
        text,
        "--tier",
        "重大",
        "--by",
        "赵六",
        "--missed",
        "电话反映，网上没有",
    ]);
    assert_eq!(serde_json::from_str::<Value>(&added).unwrap(), json!({ "done": true, "incident": 1 }));
    desk.done(&["incident", "state", "1", "会商", "--by", "王主任"]);
    desk.done(&["incident", "note", "1", "已联系科室", "--by", "王主任"]);
    let file = desk.0.path().join("回执.txt");
    std::fs::write(&file, "abc").unwrap();
    desk.done(&["incident", "attach", "1", file.to_str().unwrap(), "--by", "王主任"]);
    let other = desk.0.path().join("别的.txt");
    std::fs::write(&other, "abcd").unwrap();
    let refused = desk.run(&["incident", "attach", "9", other.to_str().unwrap(), "--by", "王主任"]);
    assert_eq!((refused.status.code(), desk.files()), (Some(1), 1), "no such incident, no file");
    desk.done(&["incident", "close", "1", "--by", "王主任", "--reason", "误点"]);
    desk.done(&["incident", "undo", "1", "--by", "王主任"]);
    assert_eq!(desk.run(&["incident", "undo", "1", "--by", "王主任"]).status.code(), Some(1), "once only");
    assert_eq!(desk.run(&["incident", "note", "1", "无名"]).status.code(), Some(2));
    let why = desk.done(&["why", "1"]);
    for words in [
        "重大 · 会商",
        "按设定不低于此级",
        "人工录入（赵六）",
        "首次报告 → 值班员",
        "签收（本单位第 1 级）",
        "浏览量未知",
        "会商 王主任",
    ] {
        assert!(why.contains(words), "{words} is missing:\n{why}");
    }
    assert_eq!(desk.run(&["why", "9"]).status.code(), Some(2));
    let lines = desk.done(&["--json", "why", "1"]);
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["type"].is_string()));

    let verified: Value = serde_json::from_str(&desk.done(&["--json", "audit", "verify"])).unwrap();
    assert_eq!(verified["whole"], true);
    let head = verified["head"].as_str().unwrap();
    let exported = desk.done(&["audit", "export"]);
    assert_eq!(u64::try_from(exported.lines().count()).unwrap(), verified["rows"].as_u64().unwrap());
    let acts = exported.lines().filter(|line| line.contains("\"kind\":\"act\"")).count();
    assert_eq!(acts, 6, "{exported}");
    desk.done(&["audit", "verify", "--holds", head]);
    let other = rusqlite::Connection::open(desk.0.path().join("state/yuqing.db")).unwrap();
    other.execute_batch("DROP TRIGGER entry_is_never_deleted").unwrap();
    other.execute("DELETE FROM entry WHERE number = (SELECT max(number) FROM entry)", []).unwrap();
    desk.done(&["audit", "verify"]);
    assert_eq!(desk.run(&["audit", "verify", "--holds", head]).status.code(), Some(1), "cut off");
    other.execute("DELETE FROM entry WHERE number = 2", []).unwrap();
    let broken = desk.run(&["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&broken.stdout).contains("第 3 行与前一行接不上"), "{broken:?}");
}

#[test]
fn a_drill_runs_through_the_plan_and_reports_who_confirmed() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["drill", "no-such-plan", "--by", "甲"]).status.code(), Some(2));
    let begun = desk.done(&["--json", "drill", "work-safety", "--tier", "重大", "--by", "王主任"]);
    assert_eq!(serde_json::from_str::<Value>(&begun).unwrap()["incident"], 1);
    let report = desk.run(&["--json", "drill", "report", "1"]);
    assert_eq!(report.status.code(), Some(1), "nobody has confirmed");
    let report = String::from_utf8(report.stdout).unwrap();
    let lines: Vec<Value> = report.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let duty = lines.iter().find(|line| line["contact"] == "值班员").unwrap();
    assert_eq!((&duty["asked"], &duty["confirmed_at"]), (&json!(true), &Value::Null));
    desk.done(&["incident", "add", "--gist", "真实来电", "--text", "真实", "--by", "赵六"]);
    assert_eq!(desk.run(&["drill", "report", "2"]).status.code(), Some(2), "no drill");
}

#[tokio::test]
async fn the_forms_of_a_case_reach_the_desk_with_a_name() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.units = vec![UNIT.into()]);
    let form = |act, by| {
        [("act", act), ("by", by), ("contact", "值班员"), ("helping", "宣传科、总值班室"), ("text", "核实")]
    };
    assert_eq!(stage.post("/incidents/1/course", &form("assign", " ")).await.0, 422);
    assert_eq!(stage.post("/incidents/1/course", &form("fly", "甲")).await.0, 422);
    assert_eq!(stage.post("/incidents/1/course", &form("assign", "甲")).await.0, 303);
    let helping = vec!["宣传科".to_owned(), "总值班室".to_owned()];
    let (lead, instruction) = ("值班员".to_owned(), "核实".to_owned());
    let act = Act::Assign { incident: IncidentId(1), lead, helping, instruction, by: "甲".into() };
    assert_eq!(stage.acted(1).await, [act]);
    let (_, page) = stage.get("/incidents").await;
    assert!(page.contains("人工录入") && page.contains("name=\"missed\""), "{page}");
    let entry = [
        ("id", "x1"),
        ("unit", UNIT),
        ("gist", "来电"),
        ("at", "2026-11-21T08:30"),
        ("views", "12000"),
        ("by", "赵六"),
    ];
    assert_eq!(stage.post("/incidents", &entry).await.0, 303);
    let Act::Enter { entry } = &stage.acted(2).await[1] else { panic!() };
    assert_eq!(
        (entry.views, entry.happened_at),
        (Some(12_000), Some("2026-11-21T00:30:00Z".parse().unwrap()))
    );
    assert_eq!(stage.post("/incidents", &[("id", "x2"), ("unit", UNIT), ("gist", "来电")]).await.0, 422);
    let (status, page) = stage.get("/incidents/1").await;
    assert_eq!(status, 200);
    assert!(page.contains("/incidents/1/course") && page.contains("催办"), "{page}");
    stage.end().await;
}
