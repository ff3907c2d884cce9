//! What `explain` tells of two posts.

use super::*;

/// The words of an explanation of two posts of the short story.
fn explained(one: &str, other: &str) -> String {
    let output = statements(&["explain", "--file", &data("short.jsonl"), one, other], b"");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    out(&output)
}

#[test]
fn a_copy() {
    insta::assert_snapshot!(explained("weibo/1", "bbs/2"));
}

#[test]
fn a_refutation() {
    insta::assert_snapshot!(explained("weibo/1", "news/4"));
}

#[test]
fn another_number() {
    insta::assert_snapshot!(explained("1", "6"));
}

#[test]
fn a_repost_named_by_address() {
    insta::assert_snapshot!(explained("https://m.weibo.example/3?utm_source=app", "https://weibo.example/1"));
}

#[test]
fn too_little_text() {
    insta::assert_snapshot!(explained("#5", "#7"));
}

#[test]
fn texts_are_explained_as_they_are_and_masked() {
    let output = statements(
        &["explain", "--json", "--unit", "青川县人民医院", "--text", TEXT, "--text", &format!("转：{TEXT}")],
        b"",
    );
    let explained = &objects(&output)[0];
    assert_eq!((&explained["same"], &explained["role"]), (&Value::from(true), &Value::from("copy")));
    assert!(explained["a"]["text"].as_str().unwrap().contains('▢'), "{explained}");
    assert!(!explained["a"]["text"].as_str().unwrap().contains("青川县"), "{explained}");
    assert_eq!(explained["threshold"], 0.6);
}

#[test]
fn a_text_may_stand_in_a_file_of_any_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let (gbk, utf8) = (folder.path().join("a.txt"), folder.path().join("b.txt"));
    std::fs::write(&gbk, encoding_rs::GB18030.encode(TEXT).0).unwrap();
    std::fs::write(&utf8, format!("\u{feff}{TEXT}")).unwrap();
    let files = ["--text-file", gbk.to_str().unwrap(), "--text-file", utf8.to_str().unwrap()];
    let output = statements(&[&["explain", "--json"], &files[..]].concat(), b"");
    assert_eq!(objects(&output)[0]["likeness"], 1.0);
}

#[test]
fn what_is_not_there_is_said_with_a_way_out() {
    let file = data("short.jsonl");
    for (arguments, wanted) in [
        (vec!["explain", "--file", &file, "weibo/1", "weibo/none"], "weibo/none"),
        (vec!["explain", "--file", &file, "weibo/1"], "两"),
        (vec!["explain", "weibo/1", "weibo/2", "--database", "none.db"], "--file"),
        (vec!["explain", "--file", "none.jsonl", "1", "2"], "none.jsonl"),
    ] {
        let output = statements(&arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(wanted), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn without_times_the_original_is_the_core_whichever_is_named_first() {
    let repost = serde_json::json!({"site": "a", "id": "2", "text": "转发微博", "repost_of": "1"});
    let story = format!("{repost}\n{}\n", serde_json::json!({"site": "a", "id": "1", "text": TEXT}));
    for (one, other, core) in [("a/2", "a/1", "b"), ("a/1", "a/2", "a")] {
        let output = statements(&["explain", "--json", "--file", "-", one, other], story.as_bytes());
        assert_eq!(objects(&output)[0]["core"], core, "{one} {other}: {}", err(&output));
    }
}
