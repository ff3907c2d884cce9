//! `yuqing probe` shows each step of a reading, what failed, and the nearest that would match.

use std::{fs, path::Path};

use axum::{Router, extract::Query, response::Html, routing::get};
use serde_json::Value;

use super::{
    probe::{lines, probe},
    stage::{data, serve},
};

/// A saved page with some of its words changed, as a site changes its shape.
fn changed(folder: &Path, file: &str, changes: &[(&str, &str)]) -> String {
    let mut page = fs::read_to_string(data(file)).unwrap();
    for (from, to) in changes {
        assert!(page.contains(from), "{from} is in {file}");
        page = page.replace(from, to);
    }
    let path = folder.join("saved.html");
    fs::write(&path, page).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What a person sees, without the posts themselves.
fn steps(file: &str, preset: &str) -> String {
    let output = probe(&["--file", file, "--url", "https://bbs.example.cn/list", "--preset", preset]);
    let text = String::from_utf8(output.stdout).unwrap();
    let is_post =
        |line: &str| line.starts_with("  ") && line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let mut kept = Vec::new();
    let mut in_posts = false;
    for line in text.lines() {
        in_posts |= is_post(line) && !line.starts_with("     ");
        if !in_posts || line.starts_with("共") || line.starts_with("注意") {
            kept.push(line);
        }
    }
    kept.join("\n")
}

#[test]
fn a_reading_that_works_shows_what_each_step_gave() {
    let file = data("pages/own/flaskbb_list.html");
    insta::assert_snapshot!(steps(file.to_str().unwrap(), "flaskbb-list"), @r##"
    预设 flaskbb-list（FlaskBB 版块列表；经真实录制的应答验证），编码 UTF-8
    ✓ 条目（item）: 1 个，例: 县医院排队四小时 by x 4 57 5 minutes ago by y
         .forum-row
    ✓ 编号（id）: 1/1 条有值，例: 12
         .topic-name a[href*="/topic/"] @href //topic/([0-9]+)/
    ✓ 标题（title）: 1/1 条有值，例: 县医院排队四小时
         .topic-name a
    ✓ 链接（url）: 1/1 条有值，例: /topic/12-hospital-queue
         .topic-name a[href*="/topic/"] @href
    ✓ 浏览（views）: 1/1 条有值，例: 57
         .topic-stats ~ .topic-stats
    ✓ 评论（comments）: 1/1 条有值，例: 4
         .topic-stats
    - 下一页（next）: 没有
         1. .pagination .active + li a @href  匹配 0，有值 0，采用 0
    共 1 条。
    "##);
}

#[test]
fn a_list_that_was_renamed_names_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = [("forum-row", "topic-row"), ("forum-body", "topics-body")];
    let file = changed(folder.path(), "pages/own/flaskbb_list.html", &renamed);
    insta::assert_snapshot!(steps(&file, "flaskbb-list"), @r##"
    预设 flaskbb-list（FlaskBB 版块列表；经真实录制的应答验证），编码 UTF-8
    ✗ 条目（item）: 0 个
         1. .forum-row  匹配 0，有值 0，采用 0
            没有匹配；最接近的是 [class*="forum"]（匹配 3，那里有: <div class="panel forum-panel">）
    - 下一页（next）: 没有
         1. .pagination .active + li a @href  匹配 0，有值 0，采用 0
    共 0 条。
    注意: 页面取到了，但按预设一条也没有读到：网站可能改版了，请用 yuqing probe 查看并更新预设
    "##);
}

#[test]
fn a_field_that_was_renamed_names_the_nearest_within_its_item() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = [
        ("class=\"views\"", "class=\"hits\""),
        ("浏览 ", ""),
        ("class=\"date\"", "class=\"on\""),
        ("2026-11-21 07:50", "刚才"),
    ];
    let file = changed(folder.path(), "pages/own/forum_any.html", &renamed);
    insta::assert_snapshot!(steps(&file, "forum-list"), @r##"
    预设 forum-list（论坛列表（通用）；经同形重写的应答验证），编码 UTF-8
    ✓ 条目（item）: 3 个，例: 帮助
         tr:not(:has(tr)):has(a[href*="thread"], a[href*="topic"], a[href*="tid="], a[href*="/t/"]), li:not(:has(li)):has(a[href*="thread"], a[href*="topic"], a[href*="tid="], a[href*="/t/"])
    ✓ 编号（id）: 2/3 条有值，例: 880
         a[href*="thread"], a[href*="topic"], a[href*="tid="], a[href*="/t/"] @href /(?:thread[-/]|topics?/|tid=|/t/)([0-9]+)/
    ✓ 标题（title）: 3/3 条有值，例: 县医院排队四小时
         1. .title a[href], .subject a[href], h2 a[href], h3 a[href], h4 a[href]  匹配 2，有值 2，采用 2
         2. a[href*="thread"], a[href*="topic"], a[href*="tid="], a[href*="/t/"]  匹配 3，有值 3，采用 1
    ✓ 链接（url）: 3/3 条有值，例: /topic/help
         a[href*="thread"], a[href*="topic"], a[href*="tid="], a[href*="/t/"] @href
    ✓ 发表时间（published）: 1/3 条有值，例: 11-20
         1. time[datetime] @datetime  匹配 0，有值 0，采用 0
         2. [title^="20"] @title  匹配 0，有值 0，采用 0
         3. .time, .date, .created, [class*="time"], [class*="date"]  匹配 0，有值 0，采用 0
         4. (item) /(?:发表|发布|创建)(?:于|时间)?[:：]?\s*([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?: [0-9:]+)?|[0-9]+ ?(?:分钟|小时|天)前|[昨前]天 ?[0-9:]*)/  匹配 3，有值 0，采用 0
         5. td, span /^((?:20[0-9]{2}[-/])?[0-9]{1,2}[-/][0-9]{1,2}(?: [0-9:]+)?)$/  匹配 2，有值 1，采用 1
    ✓ 浏览（views）: 2/3 条有值，例: 1.3万
         1. .views, .view, [class*="views"], .hits /([0-9.,]+\s*[万wWkK]?\+?)/  匹配 2，有值 2，采用 2
         2. (item) /(?:浏览|查看|阅读|点击|人气)[:：]?\s*([0-9.,]+\s*[万wWkK]?\+?)/  匹配 3，有值 0，采用 0
    ✓ 评论（comments）: 2/3 条有值，例: 45
         1. .replies, .reply, .comments, [class*="replies"], [class*="comments"] /([0-9.,]+\s*[万wWkK]?\+?)/  匹配 2，有值 2，采用 2
         2. (item) /(?:回复|评论|跟帖)[:：]?\s*([0-9.,]+\s*[万wWkK]?\+?)/  匹配 3，有值 2，采用 0
    ✓ 下一页（next）: 有，例: ?page=2
         a.next, a[rel="next"], a.nxt, .pagination .active + li a @href
    - 略过 2 个缺少必需字段的元素（不是帖子）
    共 1 条。
    "##);
}

#[test]
fn an_attribute_and_an_expression_that_fail_say_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = [
        ("data-zop=", "data-card="),
        ("itemprop=\"datePublished\" content", "itemprop=\"datePublished\" value"),
        ("zhihu.com/p/", "zhihu.com/post/"),
    ];
    let file = changed(folder.path(), "pages/zhihu_column.html", &renamed);
    insta::assert_snapshot!(steps(&file, "zhihu-column"), @r##"
    预设 zhihu-column（知乎专栏；网站的 robots.txt 拒绝这类地址，不会去取），编码 UTF-8
    ✓ 条目（item）: 3 个，例: amis在bigo人工智能训练平台落地实践 本文首发于：https://github.com/bigo-frontend…
         .ContentItem.ArticleItem
    ✗ 编号（id）: 0/3 条有值
         1. (item) @data-zop /"itemId":"?([0-9]+)/  匹配 3，有值 0，采用 0
            元素在，但没有属性 data-zop；有: class、data-card、data-za-detail-view-path-module、data-za-extra-module、itemprop、itemscope、itemtype
         2. .ContentItem-title a @href //p/([0-9]+)/  匹配 3，有值 0，采用 0
            找到“//zhuanlan.zhihu.com/post/348810960”，与正则 /p/([0-9]+) 不符
    ✓ 标题（title）: 3/3 条有值，例: amis在bigo人工智能训练平台落地实践
         .ContentItem-title a
    ✓ 正文（text）: 3/3 条有值，例: 本文首发于：https://github.com/bigo-frontend/blog/ 欢迎关注、转载。 前言 首先介…
         [itemprop="articleBody"]
    ✗ 发表时间（published）: 0/3 条有值
         1. meta[itemprop="datePublished"] @content  匹配 3，有值 0，采用 0
            元素在，但没有属性 content；有: itemprop、value
    ✓ 评论（comments）: 3/3 条有值，例: 0
         meta[itemprop="commentCount"] @content
    ✓ 点赞（likes）: 3/3 条有值，例: 赞同 0
         .VoteButton--up @aria-label
    共 0 条。
    注意: 第 1 条既没有编号也没有链接，已跳过
    注意: 第 2 条既没有编号也没有链接，已跳过
    注意: 第 3 条既没有编号也没有链接，已跳过
    "##);
}

#[test]
fn a_path_names_its_longest_beginning_and_the_keys_there() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = [("forum_threadlist", "threadlist")];
    let file = changed(folder.path(), "pages/own/discuz_mobile_list.json", &renamed);
    insta::assert_snapshot!(steps(&file, "discuz-mobile-list"), @r##"
    预设 discuz-mobile-list（Discuz! X 手机接口 版块列表；只据文档，未经应答验证），编码 UTF-8
    ✗ 条目（item）: 0 个
         1. $.Variables.forum_threadlist[*]  匹配 0，有值 0，采用 0
            没有匹配；最接近的是 $.Variables（匹配 1，那里有: auth、cookiepre、formhash、forum、member_uid、page、threadlist、tpp）
    共 0 条。
    注意: 页面取到了，但按预设一条也没有读到：网站可能改版了，请用 yuqing probe 查看并更新预设
    "##);
    let renamed =
        [("\"views\"", "\"hits\""), ("\"dbdateline\"", "\"posted\""), ("\"dateline\"", "\"shown\"")];
    let file = changed(folder.path(), "pages/own/discuz_mobile_list.json", &renamed);
    insta::assert_snapshot!(steps(&file, "discuz-mobile-list"), @r##"
    预设 discuz-mobile-list（Discuz! X 手机接口 版块列表；只据文档，未经应答验证），编码 UTF-8
    ✓ 条目（item）: 2 个
         $.Variables.forum_threadlist[*]
    ✓ 编号（id）: 2/2 条有值，例: 90210
         $.tid
    ✓ 标题（title）: 2/2 条有值，例: 青禾县人民医院门诊排队四小时 & 没人管
         $.subject
    ✗ 发表时间（published）: 0/2 条有值
         1. $.dbdateline  匹配 0，有值 0，采用 0
            没有匹配；最接近的是 $（匹配 2，那里有: author、authorid、dblastpost、hits、lastpost、posted、readperm、replies、shown、subject、tid）
         2. $.dateline  匹配 0，有值 0，采用 0
            没有匹配；最接近的是 $（匹配 2，那里有: author、authorid、dblastpost、hits、lastpost、posted、readperm、replies、shown、subject、tid）
    ✗ 浏览（views）: 0/2 条有值
         1. $.views  匹配 0，有值 0，采用 0
            没有匹配；最接近的是 $（匹配 2，那里有: author、authorid、dblastpost、hits、lastpost、posted、readperm、replies、shown、subject、tid）
    ✓ 评论（comments）: 2/2 条有值，例: 12
         $.replies
    共 2 条。
    注意: 没有一条显示浏览量：网站可能改版了，请更新预设
    "##);
}

#[test]
fn steps_are_lines_of_their_own_for_a_script() {
    let file = data("pages/own/flaskbb_list.html");
    let arguments = ["--file", file.to_str().unwrap(), "--preset", "flaskbb-list", "--json"];
    let plain = lines(&probe(&arguments));
    assert_eq!(plain.len(), 2, "a post and the last line: the contract without --steps");
    let with: Vec<Value> = lines(&probe(&[&arguments[..], &["--steps"]].concat()));
    let names: Vec<&str> = with.iter().filter_map(|line| line["step"].as_str()).collect();
    assert_eq!(names, ["item", "id", "title", "url", "views", "comments", "next"]);
    assert_eq!(with.last(), plain.last());
    let next = with.iter().find(|line| line["step"] == "next").unwrap();
    assert_eq!(next["gave"], 0);
    assert_eq!(next["ways"][0]["trouble"]["why"], "absent");
}

#[derive(serde::Deserialize)]
struct Asked {
    page: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_beyond_the_first_are_followed_as_a_round_does() {
    let list = |Query(asked): Query<Asked>| async move {
        let next = if asked.page < 3 {
            format!("<a rel=next href='?page={}'>下一页</a>", asked.page + 1)
        } else {
            String::new()
        };
        let row =
            format!("<li><a href='/a/{0}.html'>第{0}页的公告</a><span>2026-11-0{0}</span></li>", asked.page);
        Html(format!("<html><head><meta charset=utf-8></head><body><ul>{row}</ul>{next}</body></html>"))
    };
    let base = serve(Router::new().route("/list", get(list))).await;
    let titles = |pages: &'static str, target: String| async move {
        tokio::task::spawn_blocking(move || {
            let arguments =
                [&target, "--preset", "news-column", "--allow-private", "--pages", pages, "--json"];
            let lines = lines(&probe(&arguments));
            lines.iter().filter_map(|line| line["title"].as_str().map(str::to_owned)).collect::<Vec<_>>()
        })
        .await
        .unwrap()
    };
    let linked = format!("{base}/list?page=1");
    assert_eq!(titles("1", linked.clone()).await, ["第1页的公告"]);
    assert_eq!(titles("2", linked.clone()).await, ["第1页的公告", "第2页的公告"]);
    assert_eq!(titles("9", linked).await.len(), 3, "it ends where the list ends");
    // Without a link to the next page, by {page} in the address.
    assert_eq!(titles("2", format!("{base}/list?page={{page}}")).await.len(), 2);
}

#[test]
fn of_two_near_forms_the_one_that_says_more_of_the_element_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let renamed = [("class=\"s xst\"", "class=\"subject\""), ("<em>", "<b>"), ("</em>", "</b>")];
    let file = changed(folder.path(), "forum/mcbbsnews_post_list_html-0.html", &renamed);
    let lines = lines(&probe(&["--file", &file, "--preset", "discuz-list", "--json", "--steps"]));
    let nearest = |step: &str| {
        let line = lines.iter().find(|line| line["step"] == step).unwrap();
        assert_eq!(line["gave"], 0, "{step}");
        line["ways"][0]["trouble"]["nearest"]["way"].as_str().unwrap().to_owned()
    };
    assert_eq!(nearest("title"), "th a");
    assert_eq!(nearest("views"), "td.num");
}
