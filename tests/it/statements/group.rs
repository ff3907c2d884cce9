//! What `group` takes, and what its lines mean.

use serde_json::json;

use super::*;

/// A line without times: only what tells a post apart, and its text.
#[expect(clippy::needless_pass_by_value, reason = "callers write json! in place")]
fn post(site: &str, id: &str, more: Value) -> String {
    let mut line = json!({ "site": site, "id": id });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{line}\n")
}

#[test]
fn every_role_is_told() {
    let story = [
        post("weibo", "1", json!({ "text": TEXT })),
        post("bbs", "2", json!({ "text": format!("【转】{TEXT}大家怎么看？") })),
        post("weibo", "3", json!({ "text": "转发微博", "repost_of": "1" })),
        post("news", "4", json!({ "text": format!("网传“{TEXT}”经核实为不实信息，请勿传播。") })),
        post("bbs", "5", json!({ "text": "图书馆今天起延长开放到晚上十点，欢迎同学们前来自习。" })),
    ]
    .concat();
    assert_eq!(
        grouped(&story, &[]),
        ["weibo/1 1 root", "bbs/2 1 copy", "weibo/3 1 repost", "news/4 1 reaction", "bbs/5 2 alone"]
    );
}

#[test]
fn the_reason_names_the_other_post() {
    let story = [
        post("weibo", "1", json!({ "text": TEXT, "url": "https://weibo.example/1" })),
        post("bbs", "2", json!({ "text": format!("【转】{TEXT}大家怎么看？") })),
        post("weibo", "3", json!({ "text": "转发微博", "repost_of": "1" })),
        post("bbs", "5", json!({ "text": "看这里 https://m.weibo.example/1?utm_source=app" })),
        post("bbs", "6", json!({ "text": "顶" })),
    ]
    .concat();
    let lines = objects(&statements(&["group", "-", "--json"], story.as_bytes()));
    let why: Vec<&str> = lines.iter().map(|line| line["why"].as_str().unwrap()).collect();
    assert_eq!(why[0], "首发");
    assert!(why[1].starts_with("与 weibo/1 ") && why[1].contains("锚点"), "{}", why[1]);
    assert_eq!(why[2], "转发 weibo/1");
    assert!(why[3].contains("链接"), "{}", why[3]);
    assert_eq!(why[4], "没有同一言论");
    // Nothing but the five fields: a reader of the contract can rely on it.
    for line in &lines {
        let mut names: Vec<&String> = line.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["id", "role", "site", "statement", "why"]);
    }
}

#[test]
fn years_between_two_posts_do_not_part_them_and_times_may_be_missing() {
    let story = [
        post("a", "1", json!({ "text": TEXT, "seen_at": "2019-03-01T08:00:00+08:00" })),
        post("b", "2", json!({ "text": TEXT, "seen_at": "2026-11-21T08:00:00+08:00" })),
        post("c", "3", json!({ "text": TEXT })),
        post("d", "4", json!({ "text": TEXT, "published_at": "2021-01-01" })),
        post("e", "5", json!({ "text": TEXT, "published_at": 0, "seen_at": null })),
    ]
    .concat();
    assert_eq!(grouped(&story, &[]), ["a/1 1 root", "b/2 1 copy", "c/3 1 copy", "d/4 1 copy", "e/5 1 copy"]);
}

#[test]
fn a_window_is_asked_for() {
    let story = [
        post("a", "1", json!({ "text": TEXT, "seen_at": "2025-03-01T08:00:00+08:00" })),
        post("b", "2", json!({ "text": TEXT, "seen_at": "2025-03-20T08:00:00+08:00" })),
        post("c", "3", json!({ "text": TEXT, "seen_at": "2026-11-21T08:00:00+08:00" })),
    ]
    .concat();
    assert_eq!(grouped(&story, &["--window", "30d"]), ["a/1 1 root", "b/2 1 copy", "c/3 2 alone"]);
}

#[test]
fn the_earliest_is_the_root_whatever_the_order_of_the_file() {
    let at = |id: &str, hour: u32| {
        post("a", id, json!({ "text": TEXT, "seen_at": format!("2026-11-21T{hour:02}:00:00+08:00") }))
    };
    assert_eq!(
        grouped(&[at("late", 12), at("early", 8), at("middle", 10)].concat(), &[]),
        ["a/late 1 copy", "a/early 1 root", "a/middle 1 copy"]
    );
}

#[test]
fn one_line_a_post_however_often_it_was_seen() {
    let story = [
        post("a", "1", json!({ "text": TEXT, "views": 10, "seen_at": "2026-11-21T08:00:00+08:00" })),
        post("b", "2", json!({ "text": TEXT, "seen_at": "2026-11-21T08:10:00+08:00" })),
        post("a", "1", json!({ "text": TEXT, "views": 99, "seen_at": "2026-11-21T09:00:00+08:00" })),
    ]
    .concat();
    assert_eq!(grouped(&story, &[]), ["a/1 1 root", "b/2 1 copy"]);
}

#[test]
fn an_original_that_comes_after_its_repost_is_the_root() {
    let story = [
        post(
            "w",
            "r",
            json!({ "text": "大家看看", "repost_of": "o", "seen_at": "2026-11-21T08:00:00+08:00" }),
        ),
        post("w", "o", json!({ "text": TEXT, "seen_at": "2026-11-21T09:00:00+08:00" })),
    ]
    .concat();
    assert_eq!(grouped(&story, &[]), ["w/r 1 repost", "w/o 1 root"]);
    let lines = objects(&statements(&["group", "-", "--json"], story.as_bytes()));
    assert_eq!((&lines[0]["why"], &lines[1]["why"]), (&json!("转发 w/o"), &json!("被转发的原文")));
}

#[test]
fn an_original_that_only_a_repost_shows_is_no_line_of_the_answer() {
    let story = [
        post(
            "w",
            "r",
            json!({ "text": "看看", "repost_of": { "id": "o", "text": TEXT }, "seen_at": 1_795_222_800 }),
        ),
        post("b", "c", json!({ "text": TEXT, "seen_at": 1_795_226_400 })),
    ]
    .concat();
    assert_eq!(grouped(&story, &[]), ["w/r 1 repost", "b/c 1 copy"]);
    let words = out(&statements(&["group", "-"], story.as_bytes()));
    assert!(words.contains("w/o") && words.contains("只在转发中见到"), "{words}");
}

#[test]
fn keywords_and_names_are_masked_as_in_life() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "青川县人民医院\n").unwrap();
    let list = list.to_str().unwrap();
    // Strangers that share the name of the unit and nothing else.
    let story = [
        post("a", "1", json!({ "text": "青川县人民医院青川县人民医院早上挂号排长队，大家要早来" })),
        post("b", "2", json!({ "text": "青川县人民医院青川县人民医院食堂的面条味道真的很不错" })),
    ]
    .concat();
    assert_eq!(grouped(&story, &["--list", list]), ["a/1 1 alone", "b/2 2 alone"]);
    assert_eq!(grouped(&story, &["--unit", "青川县人民医院"]), ["a/1 1 alone", "b/2 2 alone"]);
}

#[test]
fn wrong_lines_are_told_and_the_others_taken() {
    let mut story = "\u{feff}".to_owned() + &post("a", "1", json!({ "text": TEXT })).replace('\n', "\r\n");
    story.push_str("\r\n{\"site\":\"a\"\r\n[1,2]\n");
    story.push_str(&post("a", "3", json!({ "text": ["甲", "乙"] })));
    story.push_str(&post("", "", json!({ "text": TEXT })));
    story.push_str("{\"at\":\"2026-11-21T09:00:00+08:00\",\"event\":\"close\",\"incident\":1}\n");
    story.push_str(&post("b", "2", json!({ "text": TEXT, "site_kind": "贴吧", "seen_at": "昨天" })));
    story.push_str(&post("b", "2", json!({ "unknown": { "x": 1 } })));
    let output = statements(&["group", "-", "--json"], story.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output).lines().count(), 2, "{}", out(&output));
    assert!(out(&output).contains(r#""id":"2","statement":1,"role":"copy""#), "{}", out(&output));
    insta::assert_snapshot!(err(&output), @r#"
    -:3: JSON 写错了，第 11 个字处还没写完就结束了：“{"site":"a"”
      改法: 补上缺少的双引号和右花括号；一个对象写在一行里，不换行
    -:4: 这是 JSON 数组，不是一个对象
      改法: 一行写一个对象，外面不加 [ ]，行末不加逗号
    -:5: 字段 text 应当是文字，现在是 ["甲","乙"]
      改法: 写成 "文字"，用英文双引号；没有就去掉这个字段
    -:6: 缺少字段 site（站点）
      改法: 加上 "site":"weibo.com" 这样的站点名，或加上 "url"（http 地址）
    -:8: 字段 seen_at 不是时间，现在是 "昨天"
      改法: 写成 2026-11-21T14:05:00+08:00，或 1970 年以来的秒数
      这篇已计入，只略去这一项
    -:8: 字段 site_kind 没有“贴吧”这一种
      改法: 写成 microblog（微博）、blog（博客）、forum（论坛）、news（新闻）、video（视频）、wechat（微信）、search（搜索）或 own（本单位）
      这篇已计入，只略去这一项
    -: 有 1 行记的是人的操作（event），不参与归并
    "#);
    let strict = statements(&["group", "-", "--json", "--strict"], story.as_bytes());
    assert_eq!((strict.status.code(), out(&strict).as_str()), (Some(2), ""));
}

#[test]
fn bytes_that_are_no_text_are_told_too() {
    let mut story = post("a", "1", json!({ "text": TEXT })).into_bytes();
    story.extend(b"{\"site\":\"a\",\"id\":\"2\",\"text\":\"\xc7\xe0\"}\n");
    story.extend(vec![b'x'; 5 << 20]);
    story.push(b'\n');
    story.extend(post("a", "3", json!({ "text": TEXT })).into_bytes());
    let output = statements(&["group", "-", "--json"], &story);
    assert_eq!(out(&output).lines().count(), 2);
    insta::assert_snapshot!(err(&output), @r"
    -:2: 不是 UTF-8 编码
      改法: 把文件另存为 UTF-8 编码
    -:3: 这一行超过 4 MB
      改法: 一行只写一篇；检查是否少了换行
    ");
}

#[test]
fn what_is_wrong_with_the_json_of_a_line_is_said_where_it_is() {
    let lines = [
        r#"{"site":"甲站","id":"1","text":"急诊排队三小时""#,
        r#"{"site":"甲站","id":"1" "text":"急诊"}"#,
        r#"{"site":"甲站","id":"1",}"#,
        r#"{"site"："甲站","id":"1"}"#,
        r#"{“site”:"甲站","id":"1"}"#,
        r#"{site:"甲站","id":"1"}"#,
        r#"{'site':'甲站','id':'1'}"#,
        r#"{"site":甲站,"id":"1"}"#,
        r#"{"site":"甲站","id":"1","text":"路径 C:\医院"}"#,
        "{\"site\":\"甲站\",\"id\":\"1\",\"text\":\"甲\t乙\"}",
        r#"{"site":"甲站","id":"1"},"#,
        "site,id,text",
        r#""一句话""#,
        "[",
        r#"[{"site":"甲站","id":"1"}]"#,
        r#"{"site":"甲站","text":"没有编号"}"#,
        r#"{"id":"1","text":"没有站点"}"#,
        r#"{"site":"甲站","id":["1"]}"#,
        r#"{"site":"甲站","id":"1","text":{"zh":"一句话"}}"#,
        r#"{"site":"甲站","id":"1","own_fetch":"是"}"#,
    ];
    let told = err(&statements(&["group", "-"], lines.join("\n").as_bytes()));
    insta::assert_snapshot!(told, @r#"
    -:1: JSON 写错了，第 38 个字处还没写完就结束了：“xt":"急诊排队三小时"”
      改法: 补上缺少的双引号和右花括号；一个对象写在一行里，不换行
    -:2: JSON 写错了，第 23 个字处缺少或多了符号：“站","id":"1" "text":"急诊"}”
      改法: 字段之间用逗号，名称与值之间用冒号，末尾没有逗号；文字里的 " 写成 \"
    -:3: JSON 写错了，第 23 个字处缺少或多了符号：“站","id":"1",}”
      改法: 字段之间用逗号，名称与值之间用冒号，末尾没有逗号；文字里的 " 写成 \"
    -:4: JSON 写错了，第 8 个字处用了全角符号：“{"site"："甲站","id":"”
      改法: 引号、冒号、逗号、花括号都改成英文半角的
    -:5: JSON 写错了，第 2 个字处用了全角符号：“{“site”:"甲站",”
      改法: 引号、冒号、逗号、花括号都改成英文半角的
    -:6: JSON 写错了，第 2 个字处的名称或文字没有用英文双引号：“{site:"甲站","i”
      改法: 写成 "site":"weibo.com"，不用单引号
    -:7: JSON 写错了，第 2 个字处的名称或文字没有用英文双引号：“{'site':'甲站',”
      改法: 写成 "site":"weibo.com"，不用单引号
    -:8: JSON 写错了，第 9 个字处不是能识别的值：“{"site":甲站,"id":"1"}”
      改法: 文字加英文双引号；数字、true、false、null 不加
    -:9: JSON 写错了，第 37 个字处的 \ 写法不对：“ext":"路径 C:\医院"}”
      改法: \ 本身写成 \\
    -:10: JSON 写错了，第 32 个字处的文字里有换行或制表符：“1","text":"甲	乙"}”
      改法: 换行写成 \n，制表符写成 \t
    -:11: JSON 写错了，第 23 个字处之后还有多余的内容：“站","id":"1"},”
      改法: 一行只写一个对象，后面什么也不加
    -:12: 不是 JSON：“site,id,text”
      改法: 一行写一个对象，如 {"site":"weibo.com","id":"1","text":"…"}
    -:13: 不是 JSON 对象
      改法: 一行写一个 {…}
    -:14: 这是 JSON 数组，不是一个对象
      改法: 一行写一个对象，外面不加 [ ]，行末不加逗号
    -:15: 这是 JSON 数组，不是一个对象
      改法: 一行写一个对象，外面不加 [ ]，行末不加逗号
    -:16: 缺少字段 id（帖子编号）
      改法: 加上 "id":"编号"，或加上 "url"（http 地址）
    -:17: 缺少字段 site（站点）
      改法: 加上 "site":"weibo.com" 这样的站点名，或加上 "url"（http 地址）
    -:18: 字段 id 应当是文字，现在是 ["1"]
      改法: 写成 "文字"，用英文双引号；没有就去掉这个字段
    -:19: 字段 text 应当是文字，现在是 {"zh":"一句话"}
      改法: 写成 "文字"，用英文双引号；没有就去掉这个字段
    -:20: 字段 own_fetch 应当是 true 或 false，现在是 "是"
      改法: 写成 true 或 false，不加引号
    "#);
}

#[test]
fn nothing_is_no_failure() {
    let output = statements(&["group", "-", "--json"], b"\n\r\n");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), ""));
    let missing = statements(&["group", "nowhere.jsonl"], b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("nowhere.jsonl"));
}

#[test]
fn in_words_each_statement_is_listed_with_its_members() {
    insta::assert_snapshot!(out(&statements(&["group", &data("short.jsonl")], b"")));
}
