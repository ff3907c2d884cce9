//! The same labelled posts through `yuqing statements group` and through what other people's libraries offer, each on
//! one processor, scored by one script.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
    time::Instant,
};

use serde_json::Value;

use super::{Options, UNIT, export, peers};

/// Which processor all of them run on.
const PROCESSOR: usize = 0;

/// Prints a line for each.
pub fn race(options: &Options) {
    println!("\nthe labelled set through the command and through peers, one processor each");
    let Some(python) = peers::python() else {
        println!("no peers: benches/peers/setup was not run");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (file, groups) = (folder.join("statements.jsonl"), folder.join("statements.groups"));
    export::export(&file.display().to_string(), options);
    println!(
        "{:<26}{:>10}{:>10}{:>14}{:>10}{:>10}{:>12}{:>8}",
        "", "recall", "precision", "false joins", "missed", "posts/s", "peak MB", "posts"
    );
    let begin = Instant::now();
    let status = Command::new("taskset")
        .args(["-c", &PROCESSOR.to_string(), env!("CARGO_BIN_EXE_yuqing")])
        .args(["statements", "group", "--json", "--unit", UNIT])
        .arg(&file)
        .stdout(File::create(&groups).expect("a file for the groups"))
        .status()
        .expect("the command starts");
    let seconds = begin.elapsed().as_secs_f64();
    if status.success() {
        let mut own = peers::score_statements(&python, &file, &groups).unwrap_or_else(Value::String);
        let rate = own.get("posts").and_then(Value::as_f64).unwrap_or_default() / seconds;
        if let Some(own) = own.as_object_mut() {
            own.insert("posts_per_second".to_owned(), rate.into());
        }
        line("yuqing statements group", &own);
    } else {
        println!("yuqing statements group     {status}");
    }
    for (name, method) in peers::STATEMENT_PEERS {
        line(name, &peers::statements(&python, &file, method, PROCESSOR).unwrap_or_else(Value::String));
    }
    for left in [&file, &groups] {
        let _ = fs::remove_file(left);
    }
}

/// What the script said, or why it did not.
fn line(name: &str, said: &Value) {
    if let Value::String(why) = said {
        println!("{name:<26}  {}", why.lines().last().unwrap_or_default());
        return;
    }
    let of = |field: &str| said.get(field).and_then(Value::as_f64).unwrap_or(f64::NAN);
    println!(
        "{name:<26}{:>10.4}{:>10.4}{:>14.0}{:>10.0}{:>10.0}{:>12.1}{:>8.0}",
        of("recall"),
        of("precision"),
        of("false_joins"),
        of("missed"),
        of("posts_per_second"),
        of("peak_rss_mb"),
        of("posts")
    );
}
