//! Every module opens with what it is for; no test sleeps; nothing unfinished is left behind.

use super::source::{SourceFile, code, rust_files};

fn all() -> Vec<SourceFile> {
    ["src", "tests", "benches"]
        .into_iter()
        .filter(|folder| super::source::root().join(folder).exists())
        .flat_map(rust_files)
        .collect()
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    let wrong: Vec<String> =
        all().iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.path.clone()).collect();
    assert!(wrong.is_empty(), "no `//!` on the first line: {wrong:#?}");
}

#[test]
fn no_test_sleeps() {
    let sleeps = ["thread::sleep(", "time::sleep(", "time::sleep_until("];
    let wrong: Vec<String> = rust_files("tests")
        .iter()
        .filter(|file| !file.path.ends_with("house/tidy.rs"))
        // A clock of the stage may wait; a test may not.
        .filter(|file| !file.text.contains("impl Clock for"))
        .filter(|file| sleeps.iter().any(|sleep| code(&file.text).contains(sleep)))
        .map(|file| file.path.clone())
        .collect();
    assert!(wrong.is_empty(), "wait for an event, or move a Manual clock: {wrong:#?}");
}

#[test]
fn nothing_unfinished_is_left_behind() {
    // Written in two halves so that this file does not find itself.
    let marks = [
        concat!("being", " built"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        for mark in marks.iter().filter(|mark| file.text.contains(*mark)) {
            wrong.push(format!("{}: {mark}", file.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
