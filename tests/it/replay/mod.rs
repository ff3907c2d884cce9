//! Tests of `yuqing replay`: what its lines mean, what it prints, and its numbers against a naive count.

mod input;
mod oracle;
mod stories;

use std::process::Output;

use serde_json::Value;

use crate::support::command::yuqing;

/// A keyword list that every story here is about.
const LIST: &str = "[医院]\n青川县人民医院\n\n[事故]\n青川县人民医院\n+死亡\n至少: 重大\n通知: 李主任\n";
/// What the stories say.
const TEXT: &str = "网友反映青川县人民医院急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法。";

/// Runs a story given on standard input through the real binary.
fn replay(story: &[u8], options: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, LIST).unwrap();
    let fixed = ["replay", "-", "--plan", "work-safety", "--json", "--list", list.to_str().unwrap()];
    yuqing(&[&fixed, options].concat(), story)
}

/// The printed objects of a story that is understood.
fn printed(story: &str, options: &[&str]) -> Vec<Value> {
    let output = replay(story.as_bytes(), options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is printed of tiers: `from → to, views, reposts, sites`.
fn tiers(printed: &[Value]) -> Vec<String> {
    printed
        .iter()
        .filter(|line| line["type"] == "tier")
        .map(|line| {
            let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} → {}, {} views, {} reposts, {} sites",
                word("from"),
                word("to"),
                line["daily_views"],
                line["reposts"],
                line["sites"]
            )
        })
        .collect()
}
