//! `yuqing keywords` as a script sees it.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use encoding_rs::GBK;
use serde_json::{Value, json};

use super::workbook::{Sheet, book};
use crate::support::command::yuqing;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(name: &str, bytes: &[u8]) -> (Self, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, bytes).unwrap();
        (Self(folder), file)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn objects(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn one_object_per_line_in_order() {
    let (_folder, file) = Folder::with("list.txt", "市医院\n+投诉\n\n强拆\n".as_bytes());
    let list = file.to_str().unwrap();
    let input = "市 医院投诉\n\n市医院\r\n\u{FFFD}强拆".as_bytes();
    let output = yuqing(&["keywords", "test", "--list", list, "--json"], input);
    assert!(output.status.success());
    assert_eq!(
        objects(&output),
        [
            json!({"text": "市 医院投诉", "hits": [{"group": "市医院", "rule": "市医院", "line": 1, "start": 0, "end": 4,
                "surface": "市 医院", "certainty": "gap"}], "why_not": []}),
            json!({"text": "", "hits": [], "why_not": []}),
            json!({"text": "市医院", "hits": [], "why_not": [{"line": 2, "reason": "第 2 行 +投诉 未出现"}]}),
            json!({"text": "\u{FFFD}强拆", "hits": [{"group": "强拆", "rule": "强拆", "line": 4, "start": 1, "end": 3,
                "surface": "强拆", "certainty": "exact"}], "why_not": []}),
        ]
    );
}

#[test]
fn texts_of_many_lines_are_separated_by_nul_and_bad_bytes_replaced() {
    let (_folder, file) = Folder::with("list.txt", "市医院\n".as_bytes());
    let list = file.to_str().unwrap();
    let output = yuqing(
        &["keywords", "test", "-0", "--json", "--list", list],
        b"\xE5\xB8\x82\n\xE5\x8C\xBB\xE9\x99\xA2\0\xFF\xFE\0\0x",
    );
    let texts: Vec<_> =
        objects(&output).iter().map(|o| (o["text"].clone(), o["hits"].as_array().unwrap().len())).collect();
    assert_eq!(
        texts,
        [(json!("市\n医院"), 1), (json!("\u{FFFD}\u{FFFD}"), 0), (json!(""), 0), (json!("x"), 0)]
    );
}

#[test]
fn a_hundred_thousand_lines_are_answered() {
    let (_folder, file) = Folder::with("list.txt", "市医院\n强拆\n".as_bytes());
    let list = file.to_str().unwrap();
    let input = "今天市 医院门口有人说强拆的事情\n".repeat(100_000);
    let output = yuqing(&["keywords", "test", "--json", "--list", list], input.as_bytes());
    assert!(output.status.success());
    assert_eq!(output.stdout.iter().filter(|b| **b == b'\n').count(), 100_000);
}

#[test]
fn a_broken_list_tells_all_faults_and_exits_2() {
    let (_folder, file) = Folder::with("list.txt", "市医院\n+\n/(/\n".as_bytes());
    let list = file.to_str().unwrap();
    let output = yuqing(&["keywords", "test", "--list", list, "--json", "市医院"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("list.txt:2:1: ") && told.contains("list.txt:3:2: ") && told.contains("改法: "),
        "{told}"
    );
    let output = yuqing(&["keywords", "test", "--list", "/no/such/file", "x"], b"");
    assert_eq!(output.status.code(), Some(2));
    let output = yuqing(&["keywords", "check", list], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_a_list_the_offices_folder_is_read() {
    let (folder, file) = Folder::with("keywords/甲.txt", "市医院\n".as_bytes());
    std::fs::write(file.with_file_name("乙.txt"), "市医院\n").unwrap();
    std::fs::write(file.with_file_name("~$乙.txt"), "broken +\n/\n").unwrap();
    let office = folder.path().to_str().unwrap();
    let output = yuqing(&["--office", office, "keywords", "test", "--json", "市医院"], b"");
    assert!(output.status.success());
    let units: Vec<_> =
        objects(&output)[0]["hits"].as_array().unwrap().iter().map(|hit| hit["unit"].clone()).collect();
    assert_eq!(units, ["乙", "甲"]);
}

#[test]
fn people_get_words() {
    let (_folder, file) = Folder::with("list.txt", "市医院\n+投诉\n".as_bytes());
    let list = file.to_str().unwrap();
    let output = yuqing(&["keywords", "test", "--list", list, "投诉市 医院", "市医院", "别的"], b"");
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"
        投诉市 医院
          命中 市医院: “市 医院”（第 3–6 字，第 1 行 市医院，词中夹有符号）
        市医院
          未命中: 第 2 行 +投诉 未出现
        别的
          没有词出现
    ");
    let output = yuqing(&["keywords", "check", list], b"");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("可用，1 组，2 个词"), "{told}");
}

#[test]
fn tables_are_tried_and_checked_like_lines() {
    let rows: [&[&str]; 3] =
        [&["组别", "关键词", "必须含"], &["医院", "市医院", "投诉"], &["医院", "医", ""]];
    let bytes = book(&[Sheet::texts("名单", &rows)]);
    let (_folder, file) = Folder::with("keywords/甲.xlsx", &bytes);
    std::fs::write(file.with_file_name("~$甲.xlsx"), "locked").unwrap();
    std::fs::write(file.with_file_name("乙.csv"), GBK.encode("关键词,必须含\n市医院,投诉\n").0).unwrap();
    let office = _folder.path().to_str().unwrap();
    let output = yuqing(&["--office", office, "keywords", "test", "市医院投诉"], b"");
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"
    市医院投诉
      命中 乙 / 市医院: “市医院”（第 1–3 字，第 2 行 A 列 市医院）
      命中 甲 / 医院: “市医院”（第 1–3 字，工作表“名单”第 2 行 B 列 市医院）
      命中 甲 / 医院: “医”（第 2–2 字，工作表“名单”第 3 行 B 列 医）
    ");
    let list = file.to_str().unwrap();
    let output = yuqing(&["keywords", "test", "--list", list, "--json", "市医院投诉"], b"");
    let answer = objects(&output).remove(0);
    assert_eq!((&answer["hits"][0]["rule"], &answer["hits"][0]["line"]), (&json!("市医院"), &json!(2)));
    let output = yuqing(&["keywords", "check", list], b"");
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap().replace(list, "甲.xlsx"), @r"
    提醒: 甲.xlsx: 工作表“名单”第 2 行 B 列: 工作表“名单”第 3 行 B 列的“医”没有条件，本词出现时它总会命中，所以组“医院”的 + 和 ! 不会减少提醒
       |
    B2 | 市医院
       | ^^^^^^
    提醒: 甲.xlsx: 工作表“名单”第 3 行: 组“医院”的第 2 行写了“必须含”，这一行没写，对这一行不起作用；要管全组，另起一行，只写组别和“必须含”
      |
    3 | 医院 | 医
      | ^^^^^^^^^
    提醒: 甲.xlsx: 工作表“名单”第 3 行 B 列: 只有一个字，会命中大量无关内容；请写得长一些，或加一行 +词
       |
    B3 | 医
       | ^^
    甲.xlsx: 可用，2 组，3 个词，0 个全局过滤词
    ");
    let broken: [&[&str]; 2] = [&["关键词", "备注"], &["市医院、/(/", "x"]];
    std::fs::write(&file, book(&[Sheet::texts("名单", &broken)])).unwrap();
    let output = yuqing(&["keywords", "check", list], b"");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap().replace(list, "甲.xlsx"), @r"
    甲.xlsx: 工作表“名单”第 2 行 A 列: 正则第 1 个字“(”没有配上右括号
       |
    A2 | /(/
       | ^^^
      改法: 补上 )；要找括号本身写成 \(
    ");
    let output = yuqing(&["keywords", "check", "--json", list], b"");
    let fault = objects(&output).remove(0)["faults"][0].clone();
    assert_eq!(
        (&fault["sheet"], &fault["row"], &fault["column"], &fault["text"]),
        (&json!("名单"), &json!(2), &json!("A"), &json!("/(/"))
    );
}
