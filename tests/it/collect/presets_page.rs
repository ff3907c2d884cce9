//! Every shipped preset of a page or forum against an answer of its site: the exact posts, counters, times.
//!
//! `tests/data/pages/` holds recorded pages; `own/` beside it holds invented posts in documented shapes. What
//! must come out stands in `expected.txt`: a line a post, a dash for what is unknown.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use yuqing::{
    collect::adapter::{Page, Reading, Verdict, read},
    config::preset::Proof,
    model::{Count, Precision},
};

use super::stage::{data, now, preset};

/// Preset, file, address.
const ANSWERS: &[(&str, &str, &str)] = &[
    ("discuz-guide", "own/discuz_guide.html", "https://bbs.example.cn/forum.php?mod=guide"),
    ("discuz-mobile-list", "own/discuz_mobile_list.json", "https://bbs.example.cn/api/mobile/index.php"),
    ("discuz-mobile-thread", "own/discuz_mobile_thread.json", "https://bbs.example.cn/api/mobile/index.php"),
    ("phpwind-list", "own/phpwind8_list.html", "https://bbs.example.cn/thread.php?fid=2"),
    ("phpwind-list", "own/phpwind9_list.html", "http://bbs.example.cn/thread.php?fid=2"),
    ("phpwind-thread", "own/phpwind8_thread.html", "https://bbs.example.cn/read.php?tid=3301"),
    ("tieba-list", "own/tieba_list.html", "https://tieba.baidu.com/f?kw=x"),
    ("tieba-thread", "own/tieba_thread.html", "https://tieba.baidu.com/p/8812345678"),
    ("tieba-search", "own/tieba_search.html", "https://tieba.baidu.com/f/search/res?qw=x"),
    ("newsmth-board", "own/newsmth_board.html", "https://www.newsmth.net/nForum/board/FamilyLife?ajax"),
    (
        "newsmth-article",
        "own/newsmth_article.html",
        "https://www.newsmth.net/nForum/article/FamilyLife/2002?ajax",
    ),
    ("homeland-list", "testerhome_topics.html", "https://testerhome.com/topics"),
    ("homeland-topic", "own/homeland_topic.html", "https://testerhome.com/topics/901"),
    ("flaskbb-list", "flaskbb_board.html", "http://127.0.0.1:5055/forum/1?page=1"),
    ("flaskbb-topic", "flaskbb_topic.html", "http://127.0.0.1:5055/topic/2"),
    ("flaskbb-list", "own/flaskbb_list.html", "https://forum.example.cn/forum/1-general"),
    ("flaskbb-topic", "own/flaskbb_topic.html", "https://forum.example.cn/topic/12-hospital-queue"),
    ("nodebb-recent", "own/nodebb_recent.json", "https://community.example.cn/api/recent"),
    ("nodebb-topic", "own/nodebb_topic.json", "https://community.example.cn/api/topic/31"),
    ("forum-list", "own/forum_any.html", "https://www.example.cn/board/3"),
    ("news-column", "hrfund_announcement.html", "https://www.example.com/news/"),
    ("news-column", "rtfund_xxpl.html", "https://www.example.com/xxpl/"),
    ("news-article", "own/news_article.html", "https://www.example.gov.cn/xw/1.html"),
    ("news-article", "own/news_notice_short.html", "https://www.example.gov.cn/tz/2.html"),
    ("message-board", "own/message_board.html", "https://www.example.gov.cn/12345/list.aspx"),
    ("leader-board", "own/leader_board.json", "https://data.example.cn/threads/queryThreadsList"),
    ("baidu-news", "own/baidu_news.html", "https://www.baidu.com/s?tn=news"),
    ("sogou-wechat", "search-gaokao-article.html", "https://weixin.sogou.com/weixin?type=2"),
    ("wechat-article", "article_detail_iframe.html", "https://mp.weixin.qq.com/s?timestamp=1&signature=x"),
    ("zhihu-column", "zhihu_column.html", "https://zhuanlan.zhihu.com/bigo"),
];

fn reading(preset_name: &str, file: &str, url: &str) -> Reading {
    let body = fs::read(data(&format!("pages/{file}"))).unwrap();
    let mut preset = (*preset(preset_name)).clone();
    // As the source of the office says it.
    let origin = url::Url::parse(url).unwrap().origin().ascii_serialization();
    preset.base = preset.base.or(Some(origin));
    read(&preset, &Page { url, content_type: None, body: &body, asked: None }, now())
}

/// The posts as lines; long texts by their beginning, length and end.
fn shown(reading: &Reading) -> String {
    let count = |count: Option<Count>| {
        count.map_or_else(
            || "-".to_owned(),
            |count| format!("{}{}", count.value, if count.is_bound() { "+" } else { "" }),
        )
    };
    let mut lines = String::new();
    for (post, counters) in &reading.posts {
        let published = post.published.map_or_else(
            || "-".to_owned(),
            |published| {
                let precision = match published.precision {
                    Precision::Second => "s",
                    Precision::Minute => "min",
                    Precision::Hour => "h",
                    Precision::Day => "d",
                    Precision::Month => "m",
                };
                format!("{}/{precision}", published.at)
            },
        );
        let url: String = post.url.chars().take(70).collect();
        let _ = writeln!(
            lines,
            "{} {} | {} | {published} | views {} reposts {} comments {} likes {} | {url} | {}",
            post.key.site,
            post.key.id,
            post.title,
            count(counters.views),
            count(counters.reposts),
            count(counters.comments),
            count(counters.likes),
            post.text.replace('\n', "⏎"),
        );
    }
    let _ = writeln!(lines, "next {}", reading.next.as_deref().unwrap_or("-"));
    lines
}

/// The blocks of `expected.txt` by their heading.
fn expected() -> BTreeMap<String, String> {
    let text = fs::read_to_string(data("pages/expected.txt")).unwrap();
    let blocks = text.split("\n## ").filter_map(|block| block.trim_start_matches("## ").split_once('\n'));
    blocks.map(|(name, lines)| (name.to_owned(), format!("{}\n", lines.trim_end()))).collect()
}

#[test]
fn every_answer_gives_exactly_its_posts() {
    let expected = expected();
    for (preset, file, url) in ANSWERS {
        let reading = reading(preset, file, url);
        assert_eq!(reading.verdict, Verdict::Data, "{preset} {file}: {:?}", reading.faults);
        assert_eq!(reading.faults, vec![], "{preset} {file}");
        let want = expected.get(&format!("{preset} {file}")).map_or("", String::as_str);
        assert_eq!(shown(&reading), want, "{preset} {file}");
    }
    assert_eq!(expected.len(), ANSWERS.len(), "nothing is expected in vain");
}

/// Preset, file, address, and what is told: a reason with the site's words, an empty list, or nothing usable.
const REFUSALS: &[(&str, &str, &str, &str)] = &[
    ("discuz-mobile-list", "own/discuz_mobile_login.json", "https://bbs.example.cn/", "Login to_login//1"),
    (
        "discuz-mobile-list",
        "own/discuz_mobile_denied.json",
        "https://bbs.example.cn/",
        "Permission viewperm_none_nopermission//1",
    ),
    ("discuz-mobile-thread", "own/discuz_mobile_login.json", "https://bbs.example.cn/", "Login to_login//1"),
    ("discuz-mobile-list", "own/discuz_mobile_empty.json", "https://bbs.example.cn/", "empty"),
    (
        "discuz-guide",
        "../forum/discuz_no_permission_200.html",
        "https://bbs.example.cn/",
        "Permission 抱歉，您的权限不足，无法访问本版块。",
    ),
    ("discuz-guide", "../forum/empty_forum_list.html", "https://bbs.example.cn/", "empty"),
    (
        "phpwind-list",
        "own/phpwind_login.html",
        "https://bbs.example.cn/",
        "Login 您没有登录或者您没有权限访问此页面",
    ),
    (
        "phpwind-thread",
        "own/phpwind_login.html",
        "https://bbs.example.cn/",
        "Login 您没有登录或者您没有权限访问此页面",
    ),
    ("tieba-list", "own/baidu_verify.html", "https://tieba.baidu.com/f?kw=x", "Captcha 百度安全验证"),
    (
        "tieba-search",
        "own/baidu_verify.html",
        "https://wappass.baidu.com/static/captcha/",
        "Captcha wappass.baidu.com",
    ),
    ("tieba-thread", "own/baidu_verify.html", "https://tieba.baidu.com/p/1", "Captcha 百度安全验证"),
    (
        "baidu-news",
        "own/baidu_verify.html",
        "https://wappass.baidu.com/static/captcha/",
        "Captcha wappass.baidu.com",
    ),
    ("sogou-wechat", "own/sogou_verify.html", "https://weixin.sogou.com/weixin", "Captcha 请输入验证码"),
    (
        "sogou-wechat",
        "own/sogou_verify.html",
        "https://weixin.sogou.com/antispider/?from=x",
        "Captcha /antispider",
    ),
    ("sogou-wechat", "own/sogou_none.html", "https://weixin.sogou.com/weixin", "empty"),
    ("wechat-article", "article_detail_expired.html", "https://mp.weixin.qq.com/s", "Other 链接已过期"),
    (
        "zhihu-column",
        "own/zhihu_unhuman.html",
        "https://www.zhihu.com/account/unhuman?type=x",
        "Captcha /account/unhuman",
    ),
    (
        "zhihu-column",
        "own/zhihu_unhuman.html",
        "https://zhuanlan.zhihu.com/x",
        "Captcha 系统监测到您的网络环境存在异常",
    ),
    (
        "newsmth-board",
        "newsmth_shell_gbk.html",
        "https://www.newsmth.net/nForum/board/X",
        "Other location.href='index'",
    ),
    (
        "newsmth-article",
        "newsmth_shell_utf8.html",
        "https://www.newsmth.net/nForum/article/X/1",
        "Other location.href='index'",
    ),
    ("flaskbb-topic", "flaskbb_gone.html", "http://127.0.0.1:5055/topic/99", "Other None Unknown Error"),
    ("flaskbb-list", "own/flaskbb_empty.html", "https://forum.example.cn/forum/1", "empty"),
    (
        "nodebb-recent",
        "own/nodebb_denied.json",
        "https://community.example.cn/api/recent",
        "Login not-authorised",
    ),
    (
        "nodebb-topic",
        "own/nodebb_denied.json",
        "https://community.example.cn/api/topic/1",
        "Login not-authorised",
    ),
    // Not one preset takes another program's page for an empty list of its own.
    ("phpwind-list", "own/flaskbb_list.html", "https://forum.example.cn/", "broken"),
    ("homeland-list", "own/phpwind8_list.html", "https://forum.example.cn/", "broken"),
    ("tieba-list", "own/news_article.html", "https://forum.example.cn/", "broken"),
    ("news-column", "own/news_article.html", "https://forum.example.cn/", "broken"),
    // A page of few words that speaks of a captcha is no article, although it has words and a date.
    (
        "news-article",
        "own/captcha_article.html",
        "https://www.example.cn/a.html",
        "Captcha 访问验证 为了保护网站，请完成安全验证后继续访问。当前日期：2026-11-21",
    ),
];

#[test]
fn what_is_not_data_is_told_as_what_it_is() {
    for (preset, file, url, want) in REFUSALS {
        let reading = reading(preset, file, url);
        let told = match &reading.verdict {
            Verdict::Blocked { reason, words } => format!("{reason:?} {words}"),
            Verdict::Empty => "empty".to_owned(),
            Verdict::Broken => "broken".to_owned(),
            Verdict::Data => format!("data {}", shown(&reading)),
        };
        assert_eq!(told, *want, "{preset} {file}");
        assert!(reading.posts.is_empty(), "{preset} {file}");
    }
}

#[test]
fn an_article_that_speaks_of_captchas_is_an_article() {
    let page = fs::read_to_string(data("pages/own/news_notice_short.html")).unwrap();
    let long = "县教育局提醒各位家长，登录缴费平台时请核对验证码短信的发送号码，谨防诈骗。".repeat(12);
    let page = page.replace("今天上午九时至十二时，城东片区停水检修。", &long);
    let reading = read(
        &preset("news-article"),
        &Page {
            url: "https://www.example.gov.cn/1.html",
            content_type: None,
            body: page.as_bytes(),
            asked: None,
        },
        now(),
    );
    assert_eq!(reading.verdict, Verdict::Data);
    let text = &reading.posts[0].0.text;
    assert!(text.starts_with("县教育局提醒"), "{text}");
}

#[test]
fn main_text_is_only_taken_where_no_selector_gives_any() {
    let page = |body: &str| {
        let page = format!("<html><head><title>通知</title></head><body><h1>通知</h1>{body}</body></html>");
        let page = Page {
            url: "https://a.example.cn/1.html",
            content_type: None,
            body: page.as_bytes(),
            asked: None,
        };
        read(&preset("news-article"), &page, now()).posts.first().map(|(post, _)| post.text.clone())
    };
    let long = "本县将于下月对老旧小区供水管网进行更新改造，期间部分时段停水，请居民提前储水。".repeat(8);
    let around = format!("<div><p>{long}</p><p>{long}</p></div>");
    let told = page(&format!("<div id=\"UCAP-CONTENT\"><p>停水两小时。</p></div>{around}"));
    assert_eq!(told.as_deref(), Some("停水两小时。"));
    let found = page(&around).unwrap();
    assert!(found.contains(&long) && found.contains('\n'), "paragraphs stay lines: {found}");
    assert_eq!(page("<script>var a = 1;</script>"), None, "a page without words is no article");
}

#[test]
fn a_huge_page_costs_bounded_time() {
    let rows = "<div><p>第一段，很短。</p><a href='#'>链接</a></div>".repeat(40_000);
    let page = format!("<html><body>{rows}</body></html>");
    let began = std::time::Instant::now();
    let page =
        Page { url: "https://a.example.cn/1.html", content_type: None, body: page.as_bytes(), asked: None };
    let reading = read(&preset("news-article"), &page, now());
    assert_eq!(reading.verdict, Verdict::Data);
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn lists_come_right_through_every_encoding() {
    let page = fs::read_to_string(data("pages/own/message_board.html")).unwrap();
    let plain = page.replace("<meta charset=\"utf-8\">", "");
    let traditional = plain.replace("关于城东路口红绿灯时间太短的来信", "關於城東路口紅綠燈時間太短的來信");
    let encoded = |text: &str, label: &str| {
        encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned()
    };
    let declared = |label: &str| page.replace("utf-8", label);
    let cases: [(&str, Vec<u8>, Option<&str>); 9] = [
        ("GB18030", encoded(&declared("gb2312"), "gbk"), None),
        ("GB18030", encoded(&plain, "gb18030"), None),
        ("GB18030", encoded(&plain, "gb18030"), Some("text/html; charset=GB18030")),
        // The header is wrong, the page is right.
        ("GB18030", encoded(&declared("gbk"), "gbk"), Some("text/html; charset=utf-8")),
        ("GB18030", encoded(&plain, "gbk"), Some("text/html; charset=utf-8")),
        // The page was converted and still says what it was.
        ("UTF-8", declared("gb2312").into_bytes(), None),
        ("UTF-8", page.clone().into_bytes(), Some("text/html; charset=gbk")),
        ("UTF-8", [b"\xEF\xBB\xBF".as_slice(), plain.as_bytes()].concat(), Some("text/html; charset=gbk")),
        ("Big5", encoded(&traditional.replace("<head>", "<head><meta charset=big5>"), "big5"), None),
    ];
    for (encoding, body, content_type) in &cases {
        let page = Page {
            url: "https://www.example.gov.cn/list.aspx",
            content_type: *content_type,
            body,
            asked: None,
        };
        let reading = read(&preset("message-board"), &page, now());
        assert!(reading.encoding.eq_ignore_ascii_case(encoding), "{} for {encoding}", reading.encoding);
        let titles: Vec<&str> = reading.posts.iter().map(|(post, _)| post.title.as_str()).collect();
        let first = if *encoding == "Big5" {
            "關於城東路口紅綠燈時間太短的來信"
        } else {
            "关于城东路口红绿灯时间太短的来信"
        };
        let second = if *encoding == "Big5" { titles[1] } else { "拖欠工资求助" };
        assert_eq!(titles, [first, second], "{encoding} {content_type:?}");
    }
}

#[test]
fn every_page_preset_says_how_far_it_is_proved() {
    let recorded: Vec<&str> =
        ANSWERS.iter().filter(|(_, file, _)| !file.starts_with("own/")).map(|(name, ..)| *name).collect();
    for (name, ..) in ANSWERS {
        let preset = preset(name);
        if preset.proof == Proof::Recorded {
            assert!(recorded.contains(name), "{name} is not proved by a recorded answer");
        }
        assert!(!preset.title.is_empty());
    }
    assert!(preset("discuz-mobile-thread").counts_own_fetch && !preset("discuz-guide").counts_own_fetch);
}

/// A page of a program tells which one it is; a page of none tells nothing.
#[test]
fn programs_are_recognised_by_their_signs() {
    let presets = yuqing::config::preset::Presets::load(None).unwrap();
    for (file, url, expected) in [
        (
            "forum/mcbbsnews_post_list_html-0.html",
            "https://e.cn/forum-110-1.html",
            "discuz-guide discuz-list",
        ),
        ("forum/derived_post_list_0_gbk.html", "https://e.cn/forum-110-1.html", "discuz-guide discuz-list"),
        ("pages/flaskbb_board.html", "https://e.cn/forum/1", "flaskbb-list"),
        ("pages/testerhome_topics.html", "https://testerhome.com/topics", "homeland-list"),
        ("pages/own/tieba_list.html", "https://tieba.baidu.com/f?kw=x", "tieba-list"),
        ("pages/newsmth_shell_gbk.html", "https://www.newsmth.net/nForum/board/X", "newsmth-board"),
        ("pages/hrfund_announcement.html", "https://e.cn/", ""),
        ("pages/search-gaokao-article.html", "https://e.cn/", ""),
    ] {
        let body = fs::read(data(file)).unwrap();
        let page = Page { url, content_type: None, body: &body, asked: None };
        let known = yuqing::collect::adapter::known_by(&presets, &page);
        let names: Vec<&str> = known.iter().map(|preset| preset.name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "{file}");
    }
    let body = fs::read(data("pages/testerhome_topics.html")).unwrap();
    let page = Page { url: "https://testerhome.com/topics", content_type: None, body: &body, asked: None };
    let (title, feeds) = yuqing::collect::adapter::head(&page);
    assert!(title.contains("TesterHome"), "{title}");
    assert_eq!(feeds, ["https://testerhome.com/topics/feed"]);
}
