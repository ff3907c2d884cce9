//! One rule: a module imports only modules lower in the list; modules on one line do not see each other.

use std::collections::BTreeSet;

use super::source::{code, rust_files};

/// From the top of the street to its end; modules of one entry do not see each other.
const STREET: [&[&str]; 13] = [
    &["cli"],
    &["app"],
    &["console"],
    &["collect", "dispatch"],
    &["report"],
    &["store"],
    &["config"],
    &["desk"],
    &["keyword"],
    &["text", "locale"],
    &["model"],
    &["time"],
    // Under everything: the points at which tests may stop the process.
    &["fault"],
];

/// Rooms without I/O, clock and chance.
const PURE: [&str; 5] = ["desk", "keyword", "text", "locale", "model"];

/// What a pure room may not name.
const IMPURE: [&str; 13] = [
    "tokio",
    "reqwest",
    "rusqlite",
    "axum",
    "lettre",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "rand::",
    "fastrand",
    "getrandom",
    "::now()",
];

fn height(module: &str) -> Option<usize> {
    STREET.iter().position(|line| line.contains(&module))
}

/// The room that a file belongs to, such as `desk`; `None` for `lib.rs` and `main.rs`.
fn room(path: &str) -> Option<&str> {
    let below = path.strip_prefix("src/")?;
    let first = below.split('/').next()?.trim_end_matches(".rs");
    (!matches!(first, "lib" | "main")).then_some(first)
}

/// Rooms named after `crate::`, within braces too.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = code.get(at + "crate::".len()..).unwrap_or_default();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            let mut fresh = true;
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && fresh && (letter.is_alphanumeric() || letter == '_') {
                    word.push(letter);
                } else if !word.is_empty() {
                    found.insert(std::mem::take(&mut word));
                    fresh = false;
                }
                if depth == 1 && letter == ',' {
                    fresh = true;
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.insert(
                rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect(),
            );
        }
    }
    found
}

#[test]
fn imports_are_found_in_every_shape() {
    let code = "use crate::desk::Change;\nuse crate::{\n    model::{Act, Post},\n    time, store::{self, Store},\n};\nlet x = crate::text::fold();";
    let found: Vec<String> = imports(code).into_iter().collect();
    assert_eq!(found, ["desk", "model", "store", "text", "time"]);
}

#[test]
fn a_module_imports_only_what_is_lower_in_the_street() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let Some(room) = room(&file.path) else { continue };
        let Some(own) = height(room) else {
            wrong.push(format!("{}: {room} stands nowhere in the street", file.path));
            continue;
        };
        for other in imports(&code(&file.text)) {
            let lower = height(&other).is_none_or(|theirs| theirs > own);
            if other != room && !lower {
                wrong.push(format!("{} ({room}) imports {other}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "against the street:\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_name_nothing_impure() {
    let mut wrong = Vec::new();
    for file in
        rust_files("src").iter().filter(|file| room(&file.path).is_some_and(|room| PURE.contains(&room)))
    {
        let code = code(&file.text);
        for name in IMPURE.iter().filter(|name| code.contains(*name)) {
            wrong.push(format!("{} names {name}", file.path));
        }
    }
    assert!(wrong.is_empty(), "not pure:\n{}", wrong.join("\n"));
}

#[test]
fn only_time_reads_a_clock() {
    let calls = ["Timestamp::now()", "Zoned::now()", "SystemTime::now()"];
    let wrong: Vec<String> = rust_files("src")
        .iter()
        .filter(|file| room(&file.path) != Some("time"))
        .filter(|file| calls.iter().any(|call| code(&file.text).contains(call)))
        .map(|file| file.path.clone())
        .collect();
    assert!(wrong.is_empty(), "clock read outside src/time: {wrong:?}");
}
