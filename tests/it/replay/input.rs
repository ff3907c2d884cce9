//! What a replay file may hold: every way to write a line, and lines that are wrong.

use serde_json::json;
use yuqing::{app::replay::read_lines, locale::Locale};

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "callers write json! in place")]
fn look(clock: &str, id: &str, more: Value) -> String {
    let mut line = json!({
        "seen_at": format!("2026-11-21T{clock}:00+08:00"), "site": "weibo", "site_kind": "microblog", "id": id,
        "url": format!("https://weibo.example/p/{id}"), "text": "转发微博",
        "published_at": "2026-11-21T08:00:00+08:00",
    });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{line}\n")
}

#[test]
fn a_root_is_found_however_its_repost_names_it() {
    let ways = [
        json!("root"),
        json!("weibo/root"),
        json!(["weibo", "root"]),
        json!("https://m.weibo.example/p/root?utm_source=x"),
        json!({"id": "root"}),
        json!({"url": "https://weibo.example/p/root"}),
        json!({"id": "root", "text": TEXT, "reposts": 55}),
    ];
    for way in ways {
        let story = [
            look("09:00", "root", json!({"text": TEXT, "reposts": 60})),
            look("09:10", "r", json!({"repost_of": way, "reposts": 50})),
            look("09:20", "rr", json!({"repost_of": "r", "reposts": 50})),
            look("09:30", "copy", json!({"text": TEXT, "reposts": 41})),
        ]
        .concat();
        let lines = printed(&story, &["--until", "1min"]);
        assert_eq!(
            tiers(&lines),
            [
                "- → general, null views, 60 reposts, 1 sites",
                "general → elevated, null views, 101 reposts, 1 sites"
            ],
            "{way}"
        );
    }
}

#[test]
fn originals_inside_originals_are_posts_seen_through_the_repost() {
    let middle = json!({"id": "r1", "text": "看看", "reposts": 9,
        "repost_of": {"id": "root", "text": TEXT, "reposts": 400}});
    let story = look("09:00", "r2", json!({"repost_of": middle, "reposts": 3}));
    let lines = printed(&story, &["--until", "1min"]);
    assert_eq!(tiers(&lines), ["- → major, null views, 400 reposts, 1 sites"]);
}

#[test]
fn the_order_of_the_file_does_not_matter() {
    let lines = [
        look("09:00", "root", json!({"text": TEXT, "reposts": 60, "views": 400})),
        look("09:00", "r", json!({"repost_of": "root", "reposts": 50, "views": 700})),
        look("09:00", "copy", json!({"site": "bbs", "site_kind": "forum", "text": TEXT, "views": 800})),
        look("09:30", "root", json!({"text": TEXT, "reposts": 90, "views": "1,100"})),
        "{\"at\":\"2026-11-21T09:30:00+08:00\",\"event\":\"ack\",\"post\":\"bbs/copy\",\"by\":\"值班员\"}\n"
            .to_owned(),
    ];
    let forward = printed(&lines.concat(), &[]);
    let backward: Vec<_> = lines.into_iter().rev().collect();
    assert_eq!(printed(&backward.concat(), &[]), forward);
    assert!(forward.iter().any(|line| line["state"] == "met" && line["what"] == "acknowledge"));
}

#[test]
fn lines_are_read_as_people_and_programs_write_them() {
    let story = format!(
        "\u{feff}{{\"seen_at\":1795222800,\"site\":\"bbs\",\"id\":7,\"text\":\"{TEXT}\",\"views\":1200.0,\
         \"published_at\":\"2026-11-21 08:00\",\"event\":null,\"own_fetch\":null,\"spam\":[1]}}\r\n\r\n\
         {{\"at\":\"2026-11-21 09:30\",\"event\":\"override\",\"post\":7,\"tier\":\"特别重大\",\"by\":\"张三\",\"reason\":\"批示\"}}\r\n\
         {{\"at\":1795224900000,\"event\":\"close\",\"incident\":\"bbs/7\",\"by\":\"张三\",\"reason\":\"办结\"}}"
    );
    let lines = printed(&story, &[]);
    let seen: Vec<_> = lines
        .iter()
        .filter(|line| line["type"] == "tier")
        .map(|line| {
            (line["at"].as_str().unwrap(), line["to"].as_str().unwrap(), line["state"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("2026-11-21T09:00:00+08:00", "elevated", "open"),
            ("2026-11-21T09:30:00+08:00", "critical", "open"),
            ("2026-11-21T09:35:00+08:00", "critical", "closed"),
        ]
    );
    assert!(lines.iter().all(|line| line["type"] != "refused"));
}

#[test]
fn what_no_counter_shows_is_unknown() {
    for views in [json!(-5), json!(1e18), json!(12.5), json!(true), json!("很多"), json!(""), json!([9])] {
        let lines = printed(&look("09:00", "1", json!({"text": TEXT, "views": views})), &["--until", "1min"]);
        assert_eq!(
            (&lines[0]["daily_views"], &lines[0]["unknown"][0]),
            (&Value::Null, &json!("views")),
            "{views}"
        );
    }
    // Zero is how many tools write that they know no time; 1970 would make it a post of 56 years.
    let lines = printed(
        &look("09:00", "1", json!({"text": TEXT, "views": 2000, "published_at": 0})),
        &["--until", "1min"],
    );
    assert_eq!(lines[0]["daily_views"], 2000);
}

#[test]
fn every_wrong_line_is_named() {
    let story = [
        &b"{\"seen_at\":\"2026-11-21T09:00:00+08:00\",\"site\":\"a\",\"id\":\"1\""[..],
        b"[]",
        b"{\"seen_at\":\"soon\",\"site\":\"a\",\"id\":\"1\"}",
        b"",
        b"{\"seen_at\":\"2026-11-21T09:00:00+08:00\",\"site\":\"a\"}",
        b"{\"seen_at\":\"2026-11-21T09:00:00+08:00\",\"site\":\"a\",\"id\":\"1\",\"site_kind\":\"pub\"}",
        b"{\"at\":\"2026-11-21T09:00:00+08:00\",\"event\":\"dance\"}",
        b"{\"seen_at\":\"2026-11-21T09:00:00+08:00\",\"site\":\"a\",\"id\":\"1\",\"text\":\"\xc7\xe0\"}",
    ]
    .join(&b'\n');
    let output = replay(&story, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(said, @r#"
    yuqing: -:1: JSON 写错了，第 58 个字处还没写完就结束了：“:"a","id":"1"”
      改法: 补上缺少的双引号和右花括号；一个对象写在一行里，不换行
    -:2: 这是 JSON 数组，不是一个对象
      改法: 一行写一个对象，外面不加 [ ]，行末不加逗号
    -:3: 字段 seen_at 不是时间，现在是 "soon"
      改法: 写成 2026-11-21T14:05:00+08:00，或 1970 年以来的秒数
    -:5: 缺少字段 id（帖子编号）
      改法: 加上 "id":"编号"，或加上 "url"（http 地址）
    -:6: 字段 site_kind 没有“pub”这一种
      改法: 写成 microblog（微博）、blog（博客）、forum（论坛）、news（新闻）、video（视频）、wechat（微信）、search（搜索）或 own（本单位）
    -:7: 字段 event 没有“dance”这一种
      改法: 写成 ack（签收）、respond（回应）、override（人工定级）、merge（并案）、split（拆分）、close（关闭）、complete（登记完成）、kind（认定类别）或 filed（登记月报已报送）
    -:8: 不是 UTF-8 编码
      改法: 把文件另存为 UTF-8 编码
    "#);
}

#[test]
fn an_empty_file_prints_nothing() {
    for story in [&b""[..], b"\xef\xbb\xbf", b"\r\n \n"] {
        let output = replay(story, &[]);
        assert!(output.status.success() && output.stdout.is_empty());
    }
}

#[test]
fn a_first_round_lasts_until_a_post_is_seen_again() {
    let post = |clock: &str, id: &str, text: &str, views: u64| {
        let more =
            json!({"site": "bbs", "site_kind": "forum", "published_at": null, "text": text, "views": views});
        look(clock, id, more)
    };
    let old = [
        post("09:00", "1", TEXT, 90_000),
        post("09:02", "2", "青川县人民医院停车场收费混乱，昨天晚上出口堵成一片，保安态度恶劣还骂人", 90_000),
        post("09:30", "1", TEXT, 90_000),
    ];
    let fresh = post("09:31", "3", "青川县人民医院体检中心把报告弄丢了，要求重新抽血，前后跑了四趟", 90_000);
    let story = [old.concat(), fresh].concat();
    let lines = printed(&story, &["--first-run", "--until", "1min"]);
    assert_eq!(tiers(&lines), ["- → critical, 90000 views, null reposts, 1 sites"]);
    assert_eq!(tiers(&printed(&story, &["--until", "1min"])).len(), 3);
}

#[test]
fn a_copied_contact_who_confirms_stops_no_line() {
    let story = [
        look("09:00", "1", json!({"text": TEXT, "reposts": 400})),
        "{\"at\":\"2026-11-21T09:01:00+08:00\",\"event\":\"ack\",\"incident\":1,\"by\":\"总值班室\"}\n"
            .to_owned(),
    ]
    .concat();
    let lines = printed(&story, &["--until", "20min"]);
    assert!(lines.iter().any(|line| line["what"] == "escalation" && line["recipient"] == "带班领导"));
}

#[test]
fn an_office_that_reads_english_is_told_in_english() {
    let lines = [
        r#"{"site":"a" "id":1}"#,
        r#"{"site":"a","id":1,"text":[]}"#,
        r#"{"seen_at":"soon","site":"a","id":1}"#,
        r#"{"seen_at":1795219200,"site":"a"}"#,
    ];
    let wrong = read_lines(lines.join("\n").as_bytes()).unwrap_err();
    let told: Vec<String> = wrong
        .iter()
        .map(|error| {
            let (what, mend) = error.why.words(Locale::En);
            format!("{}: {what}; {mend}", error.line)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1: not JSON: a mark too few or too many at character 13: "{"site":"a" "id":1}"; comma between fields, none at the end; write \" inside a text
    2: field text is no text but []; write "text", or leave the field out
    3: field seen_at is no time: "soon"; write 2026-11-21T14:05:00+08:00, or seconds since 1970
    4: field id is missing; add site and id, or an http url
    "#);
}
