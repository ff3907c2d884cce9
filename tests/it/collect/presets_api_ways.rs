//! What stands around the JSON presets: an expired credential, timelines of organisations, and posts as
//! other programs write them.

use std::fs;

use axum::{Router, http::HeaderMap, routing::get};
use yuqing::{
    collect::{
        adapter::{blamed, blocked_words},
        push::{Accepted, accept},
    },
    config::{
        preset::{BlockReason, Presets},
        source,
    },
    locale::Locale,
    model::{Count, SiteKind},
};

use super::stage::{Stage, data, now, read, serve, sources};

fn told(text: &str) -> Vec<String> {
    let presets = Presets::load(None).unwrap();
    let read = source::parse(std::path::Path::new("sources.d/a.toml"), text, &presets, &[]);
    read.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_timeline_needs_a_reason() {
    for preset in ["weibo-timeline", "weibo-ajax-timeline", "bilibili-dynamic"] {
        let head = format!("[[api]]\nname = \"a\"\npreset = \"{preset}\"\nparameters = {{ uid = \"1\" }}\n");
        let faults = told(&head);
        assert!(faults[0].starts_with("sources.d/a.toml:2:8: "), "{}", faults[0]);
        assert!(
            faults[0].contains("reason") && faults[0].contains("改法: 只可跟踪机构和媒体"),
            "{}",
            faults[0]
        );
        let empty = told(&format!("{head}reason = \" \"\n"));
        assert!(empty[0].starts_with("sources.d/a.toml:5:10: ") && empty[0].contains("改法"), "{}", empty[0]);
        let good = sources(&format!("{head}reason = \"县融媒体中心官方账号\"\n"));
        assert_eq!(good[0].reason.as_deref(), Some("县融媒体中心官方账号"));
    }
    let cn = "[[page]]\nname = \"a\"\npreset = \"weibo-cn-timeline\"\nparameters = { uid = \"1\" }\n";
    assert!(told(cn)[0].contains("reason"), "the HTML timeline, too");
    assert_eq!(told("[[api]]\nname = \"a\"\npreset = \"weibo-search\"\n"), Vec::<String>::new());
}

#[test]
fn a_post_found_elsewhere_counts_as_its_own_site() {
    let hot = r#"{"code":200,"data":[{"title":"a","url":"https://weibo.com/1/QexampleA"},
        {"title":"b","url":"https://m.weibo.cn/detail/1"},{"title":"c","url":"https://www.zhihu.com/question/1"},
        {"title":"d","url":"https://news.example.cn/1"}]}"#;
    let reading = read("dailyhot", "http://127.0.0.1:6688/weibo", None, hot.as_bytes());
    let sites: Vec<&str> = reading.posts.iter().map(|(post, _)| post.key.site.as_str()).collect();
    assert_eq!(sites, ["weibo", "weibo", "zhihu", "example.cn"]);
    let feed = r#"<rss version="2.0"><channel><title>x</title><item><title>y</title>
        <link>https://weibo.com/1/QexampleA</link></item></channel></rss>"#;
    let reading = read("rsshub", "http://127.0.0.1:1200/weibo/user/1", None, feed.as_bytes());
    assert_eq!(reading.posts[0].0.key.site, "weibo", "a route counts as the site that it points to");
}

#[test]
fn credentials_are_references() {
    let open =
        "[[api]]\nname = \"a\"\npreset = \"weibo-open\"\nparameters = { call = \"statuses/mentions\" }\n";
    let faults = told(open);
    assert!(
        faults[0].contains("需要本单位在微博开放平台的访问令牌") && faults[0].contains("改法"),
        "{faults:?}"
    );
    let token =
        format!("{open}credential = \"env:T\"\nheaders = {{ Authorization = \"OAuth2 {{credential}}\" }}\n");
    assert_eq!(told(&token), Vec::<String>::new());
    let search = "[[api]]\nname = \"a\"\npreset = \"weibo-search\"\n";
    let own = format!("{search}credential = \"env:T\"\nheaders = {{ Cookie = \"{{credential}}\" }}\n");
    assert_eq!(told(&own), Vec::<String>::new());
    let written = format!("{search}headers = {{ Cookie = \"SUB=secret\" }}\n");
    let faults = told(&written);
    assert!(faults[0].contains("不能设置请求头 Cookie") && faults[0].contains("只能引用"), "{}", faults[0]);
}

#[test]
fn an_expired_credential_is_named_and_never_shown() {
    let (reason, words) = blamed(BlockReason::Login, "passport", Some("env:WEIBO"));
    assert_eq!(reason, BlockReason::Credential, "one was sent, and a login is still wanted");
    let text = blocked_words(reason, &words, Locale::ZhCn);
    assert!(text.contains("env:WEIBO") && text.contains("过期") && text.contains("管理员"), "{text}");
    assert!(blocked_words(reason, &words, Locale::En).contains("env:WEIBO"));
    assert_eq!(blamed(BlockReason::Login, "x", None).0, BlockReason::Login);
    assert_eq!(blamed(BlockReason::Credential, "x", None).0, BlockReason::Login, "none was sent");
    assert_eq!(blamed(BlockReason::Captcha, "x", Some("env:WEIBO")).0, BlockReason::Captcha);
}

#[tokio::test]
async fn an_expired_cookie_is_told_to_the_administrator() {
    let router = Router::new().fallback(get(|headers: HeaderMap| async move {
        let sent = headers.get("cookie").is_some_and(|cookie| cookie == "SUB=old");
        if sent { r#"{"ok":0,"msg":"Cookies expired"}"# } else { r#"{"ok":-100,"url":"https://x.cn"}"# }
    }));
    let router = router.route("/robots.txt", get(|| async { axum::http::StatusCode::NOT_FOUND }));
    let base = serve(router).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weibo");
    fs::write(&file, "SUB=old\n").unwrap();
    let text = format!(
        "[[api]]\nname = \"融媒体\"\npreset = \"weibo-timeline\"\nbase = \"{base}\"\nallow_private = true\n\
         parameters = {{ uid = \"1\" }}\nreason = \"官方账号\"\ncredential = \"file:{}\"\n\
         headers = {{ Cookie = \"{{credential}}\" }}\n",
        file.display()
    );
    let mut stage = Stage::new(sources(&text), "[停水]\n停水\n").start();
    let told = stage.operations().await;
    assert!(told.broken && told.text.contains("融媒体"), "{}", told.text);
    assert!(
        told.text.contains("过期") && told.text.contains("weibo") && told.text.contains("Cookies expired"),
        "{}",
        told.text
    );
    assert!(!told.text.contains("SUB=old"), "the secret itself is never shown");
    stage.stop().await;
}

fn handed(format: &str, file: &str) -> Accepted {
    let format = if format.is_empty() { String::new() } else { format!("format = \"{format}\"\n") };
    let source = &sources(&format!("[[push]]\nname = \"程序\"\n{format}"))[0];
    accept(&fs::read(data(&format!("presets/{file}"))).unwrap(), source, now())
}

type Stated = (&'static str, &'static str, &'static str, SiteKind, [Option<u64>; 4], Option<&'static str>);

/// Platform, identity, link, kind, counters, publication.
const PLATFORMS: &[Stated] = &[
    (
        "weibo",
        "weibo/5234000000000001",
        "https://m.weibo.cn/detail/5234000000000001",
        SiteKind::Microblog,
        [None, Some(312), Some(88), Some(1200)],
        Some("2026-11-20T21:26:40Z"),
    ),
    (
        "douyin",
        "douyin/7412345678901234567",
        "https://www.douyin.com/video/7412345678901234567",
        SiteKind::Video,
        [None, Some(14_000), Some(9_200), Some(185_000)],
        Some("2026-11-20T21:26:40Z"),
    ),
    (
        "kuaishou",
        "kuaishou/3xphoto1",
        "https://www.kuaishou.com/short-video/3xphoto1",
        SiteKind::Video,
        [Some(471_000), None, None, Some(12_034)],
        Some("2026-11-20T18:40:00Z"),
    ),
    (
        "bilibili",
        "bilibili/911223344",
        "https://www.bilibili.com/video/av911223344",
        SiteKind::Video,
        [Some(520_400), Some(77), Some(660), Some(23_200)],
        Some("2026-11-20T18:40:00Z"),
    ),
    (
        "zhihu",
        "zhihu/3399887766",
        "https://www.zhihu.com/question/601234567/answer/3399887766",
        SiteKind::Forum,
        [None, None, Some(240), Some(5_130)],
        Some("2026-11-20T18:40:00Z"),
    ),
    (
        "xhs",
        "xiaohongshu/65f0a1b2c3d4e5f6a7b8c9d0",
        "https://www.xiaohongshu.com/explore/65f0a1b2c3d4e5f6a7b8c9d0",
        SiteKind::Video,
        [None, Some(560), Some(1_820), Some(23_000)],
        Some("2026-11-20T18:40:00Z"),
    ),
    (
        "tieba",
        "tieba/9100000001",
        "https://tieba.baidu.com/p/9100000001",
        SiteKind::Forum,
        [None, None, Some(66), None],
        Some("2026-11-20T13:05:00Z"),
    ),
];

#[test]
fn mediacrawler_lines_are_read_as_they_are() {
    for (platform, key, url, kind, counts, published) in PLATFORMS {
        let file = format!("mediacrawler_{platform}.jsonl");
        for format in ["", "mediacrawler", &format!("mediacrawler-{platform}")] {
            let Accepted { posts, faults } = handed(format, &file);
            assert_eq!(faults, vec![], "{platform} {format}");
            assert_eq!(posts.len(), 1, "{platform} {format}");
            let (post, counters) = (&posts[0].post, &posts[0].counters);
            assert_eq!(post.key.to_string(), *key);
            assert!(post.url.starts_with(url), "{}", post.url);
            assert_eq!(post.site_kind, *kind, "{platform}");
            let value = |count: Option<Count>| count.map(|count| count.value);
            let shown = [counters.views, counters.reposts, counters.comments, counters.likes].map(value);
            assert_eq!(shown, *counts, "{platform}");
            assert_eq!(post.published.map(|at| at.at.to_string()).as_deref(), *published, "{platform}");
            assert_eq!(posts[0].seen_at, "2026-11-20T23:56:40Z".parse().unwrap(), "when it looked");
            let all = format!("{posts:?}");
            assert!(!all.contains("不得收录的作者") && !all.contains("1000000001"), "{platform}: {all}");
        }
        let Accepted { posts, faults } = handed("mediacrawler-weibo", &file);
        assert_eq!(posts.is_empty(), *platform != "weibo", "{platform}");
        assert_eq!(faults.is_empty(), *platform == "weibo", "a declared format is held to");
    }
}

#[test]
fn comments_and_authors_are_not_posts() {
    for format in ["", "mediacrawler"] {
        let Accepted { posts, faults } = handed(format, "mediacrawler_comments.jsonl");
        assert_eq!(posts.len(), 0);
        let words: Vec<_> = faults.iter().map(|fault| fault.human(Locale::ZhCn)).collect();
        assert!(
            words[0].starts_with("第 1 行：是评论") && words[1].starts_with("第 2 行：是作者资料"),
            "{words:?}"
        );
    }
    let unknown = told("[[push]]\nname = \"a\"\nformat = \"mediacrawl\"\n");
    assert!(unknown[0].starts_with("sources.d/a.toml:3:10: 没有格式"), "{}", unknown[0]);
    assert!(unknown[0].contains("mediacrawler-weibo"), "{}", unknown[0]);
}

#[test]
fn an_alertmanager_webhook_is_a_push() {
    for format in ["", "alertmanager"] {
        let Accepted { posts, faults } = handed(format, "alertmanager.json");
        assert_eq!(faults, vec![], "an alert that has ended is nothing wrong");
        assert_eq!(posts.len(), 1);
        let post = &posts[0].post;
        assert_eq!(post.key.to_string(), "某论坛/c0ffee01");
        assert_eq!(post.url, "https://bbs.example.cn/thread-7-1-1.html");
        assert_eq!(
            (post.title.as_str(), post.text.as_str()),
            ("城区停水第三天", "城区停水第三天，何时恢复？")
        );
        assert_eq!(posts[0].counters.views, Some(Count::about(12_000)));
        assert_eq!(posts[0].counters.comments, Some(Count::exact(88)));
        assert_eq!(posts[0].seen_at, "2026-11-21T08:05:00+08:00".parse().unwrap());
        assert!(!format!("{post:?}").contains("不得收录的作者"));
    }
}

#[tokio::test]
async fn a_command_may_print_mediacrawler_lines() {
    let file = data("presets/mediacrawler_weibo.jsonl");
    let text = format!(
        "[[command]]\nname = \"程序\"\nformat = \"mediacrawler\"\ncommand = [\"/bin/cat\", \"{}\"]\n",
        file.display()
    );
    let mut stage = Stage::new(sources(&text), "[停水]\n停水\n").start();
    let mention = stage.mention().await;
    assert_eq!(mention.post.key.to_string(), "weibo/5234000000000001");
    assert_eq!(mention.counters.reposts, Some(Count::exact(312)));
    stage.stop().await;
}
