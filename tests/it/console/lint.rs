//! A county's browser is old. Linters hold the scripts and style sheets to what Chrome 80 reads, and the templates to
//! having neither inline.

use std::{path::Path, process::Command};

fn lint(more: &[&Path]) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/lint");
    let output = Command::new(script).args(more).output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn scripts_and_style_sheets_are_read_by_chrome_80() {
    let (status, text) = lint(&[]);
    assert_eq!(status, Some(0), "{text}");
}

/// The linters are no empty promise: what came later is found in its line.
#[test]
fn what_came_after_chrome_80_is_found_in_its_line() {
    let folder =
        tempfile::Builder::new().prefix("lint").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("a.js", "\"use strict\";\nwindow.one = [1].at(-1);\nwindow.two = structuredClone({});\n");
    write("b.js", "\"use strict\";\nwindow.one ??= 2;\n");
    write("c.css", "body { color: red; }\np { display: flex; gap: 1px; }\ni:has(b) { color: red; }\n");
    write("d.html", "<p>\n<b onclick=\"x()\">\n<script>x()</script>\n");
    let (status, text) = lint(&[folder.path(), folder.path()]);
    assert_eq!(status, Some(1), "{text}");
    for found in ["2:14", "3:14", "Parsing error", "flexbox-gap", "css-has", "onclick", "<script>x()"] {
        assert!(text.contains(found), "{found}: {text}");
    }
}
