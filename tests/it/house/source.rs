//! The source tree as text.

use std::path::{Path, PathBuf};

/// A source file: path from the repository's root, and text.
pub struct SourceFile {
    /// Such as `src/desk/heat.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All Rust files below a folder, sorted.
pub fn rust_files(below: &str) -> Vec<SourceFile> {
    let mut files = Vec::new();
    walk(&root().join(below), &mut files);
    files.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(!files.is_empty(), "no Rust file below {below}");
    files
}

fn walk(folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            files.push(SourceFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

/// The code of a file: comments cut away, so that prose may name what code may not.
pub fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}
