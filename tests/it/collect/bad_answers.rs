//! Bad answers: each has its verdict, its fault and its words for the office.

use std::fs;

use yuqing::{
    collect::adapter::{Page, ReadFault, Verdict, guess},
    config::preset::Presets,
    locale::Locale,
};

use super::stage::{data, now, read};

fn posts(list: &str) -> yuqing::collect::adapter::Reading {
    read("posts-json", "https://api.example.cn/v1", Some("application/json"), list.as_bytes())
}

#[test]
fn counters_below_zero_and_absurd_ones_are_unknown() {
    let reading = posts(
        r#"{"posts":[
        {"id":"1","text":"a","views":-1,"reposts":"-3","comments":9999999999999,"likes":"12345678901234567890123"},
        {"id":"2","text":"b","views":"10万+","reposts":null,"comments":"1,234","likes":"1.2万"}]}"#,
    );
    assert_eq!(reading.posts[0].1, yuqing::model::Counters::default());
    let absurd =
        reading.faults.iter().filter(|fault| matches!(fault, ReadFault::AbsurdCounter { .. })).count();
    assert_eq!(absurd, 4, "{:?}", reading.faults);
    let shown = reading.posts[1].1;
    assert!(shown.views.unwrap().is_bound());
    assert_eq!(shown.reposts, None);
    assert_eq!(shown.comments.unwrap().value, 1234);
    let words = reading.faults[0].human(Locale::ZhCn);
    assert_eq!(words, "1 的浏览量为 -1，不合理，按未知处理");
}

#[test]
fn a_date_in_2099_is_unknown() {
    for shown in ["2099-01-01 00:00:00", "2099-01-01T00:00:00Z", "4070908800"] {
        let reading = posts(&format!(
            r#"{{"posts":[{{"id":"1","text":"a","views":1,"reposts":1,"comments":1,"likes":1,"published_at":"{shown}"}}]}}"#
        ));
        assert_eq!(reading.posts[0].0.published, None, "{shown}");
        assert!(
            matches!(reading.faults[..], [ReadFault::FutureDate { .. }]),
            "{shown}: {:?}",
            reading.faults
        );
    }
}

#[test]
fn today_is_not_the_future() {
    let reading = posts(
        r#"{"posts":[{"id":"1","text":"a","views":1,"reposts":1,"comments":1,"likes":1,"published_at":"2026-11-21"}]}"#,
    );
    assert_eq!(reading.posts[0].0.published.unwrap().at, now(), "capped at the look");
}

#[test]
fn truncated_and_foreign_json_are_errors() {
    let reading = posts(r#"{"posts":[{"id":"1","text":"a"},{"id":"2","te"#);
    assert_eq!(reading.posts.len(), 0);
    assert!(
        matches!(reading.faults[..], [ReadFault::NotJson { truncated: true, .. }]),
        "{:?}",
        reading.faults
    );
    for line in fs::read_to_string(data("hostile/json_traps.jsonl")).unwrap().lines() {
        for preset in ["posts-json", "weibo-search", "weibo-status", "douyin-search"] {
            let reading = read(preset, "https://api.example.cn/v1", None, line.as_bytes());
            assert!(reading.posts.is_empty(), "{preset}: {line}");
        }
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(posts(&deep).verdict, Verdict::Broken);
}

#[test]
fn a_captcha_page_in_place_of_json_is_blocked() {
    let reading = posts("<html><head><title>安全验证</title></head><body>请完成验证</body></html>");
    let Verdict::Blocked { .. } = reading.verdict else { panic!("{:?}", reading.verdict) };
    let words = yuqing::collect::adapter::blocked_words(
        yuqing::config::preset::BlockReason::Captcha,
        "请完成验证",
        Locale::ZhCn,
    );
    assert!(words.contains("人机验证") && words.contains("开放接口"), "{words}");
}

#[test]
fn a_counter_that_no_item_shows_any_more_is_told() {
    let reading = posts(r#"{"posts":[{"id":"1","text":"a","reposts":1,"comments":1,"likes":1}]}"#);
    assert_eq!(reading.faults, [ReadFault::CounterGone { counter: "views" }]);
    assert_eq!(reading.posts.len(), 1, "the post itself is good");
}

#[test]
fn depth_bombs_in_html() {
    let body = fs::read(data("hostile/deep_nesting_20k.html")).unwrap();
    for preset in ["discuz-list", "discuz-thread", "rss", "posts-json"] {
        assert!(read(preset, "https://e.cn/", None, &body).posts.is_empty(), "{preset}");
    }
    // Within the bound, deep trees are read without recursion.
    let deep = format!(
        "<html><body id=x><h1 id=thread_subject>{}题{}</h1></body></html>",
        "<b>".repeat(500),
        "</b>".repeat(500)
    );
    let reading = read("discuz-thread", "https://e.cn/thread-1-1-1.html", None, deep.as_bytes());
    assert!(reading.posts.len() <= 1);
}

#[test]
fn no_file_of_the_test_data_panics_in_any_preset() {
    let presets = Presets::load(None).unwrap();
    let mut files = Vec::new();
    for folder in ["hostile", "forum", "weibo", "douyin", "text"] {
        files.extend(fs::read_dir(data(folder)).unwrap().flatten().map(|entry| entry.path()));
    }
    for file in files.into_iter().filter(|file| file.is_file()) {
        let body = fs::read(&file).unwrap();
        let page = Page { url: "https://e.cn/a/b.html", content_type: None, body: &body, asked: None };
        for preset in presets.iter() {
            let reading = yuqing::collect::adapter::read(preset, &page, now());
            assert!(
                reading.verdict != Verdict::Broken || !reading.faults.is_empty(),
                "{} by {}: broken without a reason",
                file.display(),
                preset.name
            );
        }
        assert!(guess(&presets, &page, now()).is_some());
    }
}

#[test]
fn the_preset_is_guessed() {
    let presets = Presets::load(None).unwrap();
    let cases = [
        ("forum/mcbbsnews_post_list_html-0.html", "discuz-list"),
        ("forum/derived_post_list_0_gbk.html", "discuz-list"),
        ("forum/mcbbsnews_java_express.html", "discuz-thread"),
        ("weibo/weibo_ak_list_0.json", "weibo-search"),
        ("douyin/douyin.json", "douyin-search"),
        ("feeds/zh-encodings/ryf_gbk_decl.xml", "rss"),
    ];
    for (file, expected) in cases {
        let body = fs::read(data(file)).unwrap();
        let page = Page { url: "https://e.cn/a", content_type: None, body: &body, asked: None };
        let (preset, _) = guess(&presets, &page, now()).unwrap();
        assert_eq!(preset.name, expected, "{file}");
    }
}
