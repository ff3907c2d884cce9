//! `yuqing watch` as a person uses it, beside a room that has the database open.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use super::site::{Room, Site, UNIT, home, watch};

fn yuqing(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(arguments).current_dir(folder);
    command.env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_shown_and_a_change_is_accepted() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let source = watch(&site.base, &["/"], "");
    let mut room = Room::over(&source).await;
    let office = tempfile::tempdir().unwrap();
    assert_eq!(yuqing(office.path(), &["init", "--unit", UNIT]).status.code(), Some(0));
    fs::write(office.path().join("office/sources.d/own.toml"), &source).unwrap();
    let database = room.stage.folder.path().join("a.db");
    let database = database.to_str().unwrap();

    let shown = yuqing(office.path(), &["watch", "--database", database]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown));
    assert!(text(&shown).contains("正常 本院网站"), "{}", text(&shown));
    let by = ["--by", "张三", "--reason", "新上线的地图"];
    let none = [&["watch", "accept", "本院网站", "--database", database][..], &by].concat();
    assert_eq!(yuqing(office.path(), &none).status.code(), Some(2), "nothing waits");

    site.set("/", &home(r#"<iframe src="https://map.example.com/x"></iframe>"#));
    room.again().await;
    let shown = yuqing(office.path(), &["watch", "--database", database]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(
        text(&shown).contains("疑似被篡改") && text(&shown).contains("! 嵌入了外站 example.com"),
        "{}",
        text(&shown)
    );
    let shown = yuqing(office.path(), &["watch", "--json", "--database", database]);
    let line: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&line["state"], &line["source"]), (&"tampered".into(), &"本院网站".into()));

    let accepted = yuqing(office.path(), &none);
    assert_eq!(accepted.status.code(), Some(0), "{}", text(&accepted));
    room.again().await;
    let shown = yuqing(office.path(), &["watch", "--database", database]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown));
    assert!(text(&shown).contains("张三 确认网页现在的样子是对的：新上线的地图"), "{}", text(&shown));
    let wrong = [&["watch", "accept", "别的", "--database", database][..], &by].concat();
    assert!(text(&yuqing(office.path(), &wrong)).contains("没有 [[watch]] 来源 别的"));
}

#[test]
fn a_plan_without_the_tier_is_told_by_check() {
    let office = tempfile::tempdir().unwrap();
    yuqing(office.path(), &["init", "--unit", UNIT]);
    let source = watch("https://www.example.cn", &["/"], "at_least = \"一级\"");
    fs::write(office.path().join("office/sources.d/own.toml"), source).unwrap();
    let checked = yuqing(office.path(), &["check", "--offline"]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(text(&checked).contains("没有“一级”这一级"), "{}", text(&checked));
}
