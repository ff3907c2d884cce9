//! `yuqing paper` on a real database, as a person runs it.

use std::process::{Command, Output};

use yuqing::store::{SqliteStore, Store as _};

use crate::console::rows::{Outside, day};

struct Desk(tempfile::TempDir);

impl Desk {
    async fn of_the_day() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let store = SqliteStore::open(&folder.path().join("yuqing.db")).unwrap();
        store.commit(day(&Outside::default())).await.unwrap();
        drop(store);
        Self(folder)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_remove("YUQING_OFFICE")
            .env_remove("STATE_DIRECTORY");
        command.output().unwrap()
    }

    fn paper(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let all: Vec<&str> =
            ["paper"].iter().chain(args).chain(&["--database", "yuqing.db"]).copied().collect();
        let output = self.run(&all);
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), words(&output.stdout), words(&output.stderr))
    }
}

#[tokio::test]
async fn papers_are_written_by_command() {
    let desk = Desk::of_the_day().await;
    let (code, out, _) = desk.paper(&["special", "1"]);
    assert!(code == Some(0) && out.contains("一、反映内容") && out.contains("特别重大"), "{out}");
    let (code, out, _) = desk.paper(&["review", "1", "-o", "x.docx", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, said["paper"].as_str()), (Some(0), Some("舆情总结评估 2026-0001")));
    assert!(std::fs::read(desk.0.path().join("x.docx")).unwrap().starts_with(b"PK"));
    for file in ["x.html", "x.txt"] {
        assert_eq!(desk.paper(&["final", "1", "-o", file]).0, Some(0));
        assert!(std::fs::read_to_string(desk.0.path().join(file)).unwrap().contains("终报"));
    }
    let (code, out, _) = desk.paper(&["monthly", "--month", "2026-11", "--unit", "all"]);
    assert!(code == Some(0) && out.contains("2026年11月") && out.contains("特别重大"), "{out}");
    let (code, out, _) = desk.paper(&["brief", "--days", "7", "--until", "2026-11-22", "--unit", "all"]);
    assert!(code == Some(0) && out.contains("2026年11月16日至2026年11月22日"), "{out}");
    let template = desk.run(&["paper", "circular", "--template"]).stdout;
    assert!(String::from_utf8_lossy(&template).contains("{% for one in owing %}"));
}

/// The cells of a sheet's first column, and how many rows it has.
fn column(file: &std::path::Path, sheet: &str) -> Vec<String> {
    use calamine::Reader as _;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(file).unwrap();
    let range = book.worksheet_range(sheet).unwrap_or_else(|error| panic!("{sheet}: {error}"));
    range.rows().map(|row| row[0].to_string()).collect()
}

#[tokio::test]
async fn workbooks_are_written_by_command() {
    let desk = Desk::of_the_day().await;
    let (code, out, error) = desk.paper(&["register", "--unit", "all", "-o", "r.xlsx", "--json"]);
    assert_eq!(code, Some(0), "{out} {error}");
    let rows = column(&desk.0.path().join("r.xlsx"), "台账");
    assert_eq!((rows.len(), rows[0].as_str()), (3, "编号"), "{rows:?}");
    let of_a_day = ["register", "--unit", "all", "--from", "2026-11-22", "-o", "none.xlsx"];
    assert_eq!(desk.paper(&of_a_day).0, Some(0));
    assert_eq!(column(&desk.0.path().join("none.xlsx"), "台账")[1], "无：这段时间没有舆情");
    let (code, out, error) =
        desk.paper(&["monthly", "--month", "2026-11", "--unit", "all", "-o", "m.xlsx", "--json"]);
    assert_eq!(code, Some(0), "{out} {error}");
    let file = desk.0.path().join("m.xlsx");
    assert_eq!(column(&file, "事件").len(), 3);
    let people = column(&file, "责任人");
    assert!(people[0] == "责任人（联系人）" && people.contains(&"值班员".to_owned()), "{people:?}");
    for sheet in ["总体", "站点", "词组", "时效", "监测"] {
        assert!(!column(&file, sheet).is_empty(), "{sheet}");
    }
    for (args, words) in [
        (vec!["register", "--unit", "all"], "-o"),
        (vec!["brief", "--unit", "all", "-o", "b.xlsx"], "monthly"),
        (vec!["register", "--unit", "all", "-o", "r.docx"], ".xlsx"),
    ] {
        let (code, _, error) = desk.paper(&args);
        assert!(code == Some(2) && error.contains(words), "{args:?}: {code:?} {error}");
    }
    // A command only reads: it gives no number and approves nothing.
    let (_, out, _) = desk.paper(&["special", "1"]);
    assert!(out.contains("〔2026〕第 ____ 期"), "{out}");
    let (_, out, _) = desk.paper(&["circular", "--month", "2026-11", "--unit", "all"]);
    assert!(out.contains("征求意见稿") && out.contains("未经审定，不得印发"), "{out}");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_mend() {
    let desk = Desk::of_the_day().await;
    let cases: [(&[&str], i32, &str); 6] = [
        (&["专报", "1"], 2, "special、follow-up、final"),
        (&["special"], 2, "yuqing paper special 12"),
        (&["special", "99"], 1, "没有第 99 号事件"),
        (&["special", "1", "-o", "x.odt"], 2, ".docx、.pdf、.html、.txt 或 .xlsx"),
        (&["monthly", "--month", "11月", "--unit", "all"], 2, "--month 写成 2026-11"),
        (&["special", "1", "-o", "nowhere/x.docx"], 1, "写不了 nowhere/x.docx"),
    ];
    for (args, code, words) in cases {
        let (got, _, error) = desk.paper(args);
        assert!(got == Some(code) && error.contains(words), "{args:?}: {got:?} {error}");
    }
}
