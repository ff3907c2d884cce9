//! Tests of `yuqing statements`: what a file's posts are to each other, and why two posts are or are not one
//! statement.

mod cores;
mod explain;
mod group;
mod guards;
mod labelled;
mod stored;

use std::{collections::BTreeMap, path::Path, process::Output};

use serde_json::Value;

use crate::support::command::yuqing;

/// A text that several posts here share.
const TEXT: &str = "网友反映青川县人民医院急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法。";

/// Runs `yuqing statements` in an empty folder, with `input` on standard input.
fn statements(arguments: &[&str], input: &[u8]) -> Output {
    yuqing(&[&["statements"], arguments].concat(), input)
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Objects of a run that succeeds.
fn objects(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Groups a story: `site/id statement role`, in the order printed.
fn grouped(story: &str, options: &[&str]) -> Vec<String> {
    let arguments = [&["group", "-", "--json"], options].concat();
    objects(&statements(&arguments, story.as_bytes()))
        .iter()
        .map(|one| {
            let word = |name: &str| one[name].as_str().unwrap().to_owned();
            format!("{}/{} {} {}", word("site"), word("id"), one["statement"], word("role"))
        })
        .collect()
}

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/statements").join(name);
    path.to_string_lossy().into_owned()
}

/// What is printed of each post of a file, by `site/id`.
fn by_post(lines: &[Value]) -> BTreeMap<String, &Value> {
    let name = |line: &Value| {
        format!("{}/{}", line["site"].as_str().unwrap(), line["id"].as_str().unwrap_or_default())
    };
    lines.iter().map(|line| (name(line), line)).collect()
}
