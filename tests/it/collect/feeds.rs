//! Every feed is read or refused with a clear error; none panics.

use std::{
    fs,
    path::{Path, PathBuf},
};

use yuqing::{
    collect::adapter::{ReadFault, Verdict},
    locale::Locale,
};

use super::stage::{data, read};

const URL: &str = "https://feeds.example.org/dir/feed.xml";

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

#[test]
fn every_feed_is_read_or_refused_with_a_reason() {
    let mut n_read = 0;
    for file in files(&data("feeds")) {
        let reading = read("rss", URL, None, &fs::read(&file).unwrap());
        match reading.verdict {
            Verdict::Data => n_read += 1,
            _ => assert!(!reading.faults.is_empty(), "{}: refused without a reason", file.display()),
        }
        for fault in &reading.faults {
            assert!(!fault.human(Locale::ZhCn).is_empty());
        }
        for (post, _) in &reading.posts {
            assert!(!post.key.id.is_empty() && !post.key.site.is_empty(), "{}", file.display());
        }
    }
    assert!(n_read >= 85, "only {n_read} feeds of the set were read");
}

#[test]
fn chinese_charsets_declared_or_not() {
    for name in ["ryf_gbk_decl.xml", "ryf_gb18030_decl.xml"] {
        let body = fs::read(data(&format!("feeds/zh-encodings/{name}"))).unwrap();
        let declared = read("rss", URL, Some("application/xml"), &body);
        assert_eq!(declared.posts.len(), 3, "{name}");
        assert_eq!(declared.posts[0].0.title, "科技爱好者周刊（第 255 期）：对待 AI 的正确态度");
        // Without the declaration, only detection is left.
        let end = body.windows(2).position(|two| two == b"?>").unwrap() + 2;
        let undeclared = read("rss", URL, None, &body[end..]);
        assert_eq!(undeclared.posts[0].0.title, declared.posts[0].0.title, "{name} without a declaration");
    }
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"gb2312\"?><rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>"
    )
}

#[test]
fn a_false_declaration_a_bare_ampersand_and_foreign_entities_are_mended() {
    let body =
        rss("<item><title>A & B&nbsp;&mdash; \u{8}工地</title><link>https://www.example.cn/a?x=1&y=2</link>\
         <pubDate>2026-11-20 12:30:00</pubDate></item>");
    let reading = read("rss", URL, Some("application/rss+xml; charset=utf-8"), body.as_bytes());
    let (post, counters) = &reading.posts[0];
    assert_eq!(post.title, "A & B — 工地");
    assert_eq!(post.url, "https://www.example.cn/a?x=1&y=2");
    assert_eq!(post.key.site, "example.cn");
    assert_eq!(
        post.published.unwrap().at,
        "2026-11-20T12:30:00+08:00".parse().unwrap(),
        "in the preset's zone"
    );
    assert_eq!(counters.comments, None);
}

#[test]
fn comment_counts_of_the_usual_extension() {
    let body = "<rss version='2.0' xmlns:slash='http://purl.org/rss/1.0/modules/slash/'><channel>\
        <item><title>a</title><link>https://e.cn/1</link><slash:comments>12</slash:comments></item>\
        <item><title>b</title><link>https://e.cn/2</link></item></channel></rss>";
    let reading = read("rss", URL, None, body.as_bytes());
    assert_eq!(reading.posts[0].1.comments.map(|count| count.value), Some(12));
    assert_eq!(reading.posts[1].1.comments, None);
}

#[test]
fn links_in_the_text_are_kept() {
    let body = rss("<item><title>a</title><link>https://e.cn/1</link>\
         <description>&lt;p&gt;见&lt;a href=\"https://bbs.example.cn/thread-9-1-1.html\"&gt;原帖&lt;/a&gt;&lt;/p&gt;</description></item>");
    let reading = read("rss", URL, Some("text/xml; charset=utf-8"), body.as_bytes());
    let link = yuqing::text::canonical_link("https://bbs.example.cn/thread-9-1-1.html").unwrap();
    assert_eq!(reading.posts[0].0.links, [link]);
}

#[test]
fn bombs_are_refused() {
    let bombs = [
        ("billion_laughs.xml", "entities"),
        ("xxe_file.xml", "entities"),
        ("deep_nesting_20k.xml", "deeper"),
    ];
    for (name, word) in bombs {
        let body = fs::read(data(&format!("hostile/{name}"))).unwrap();
        let reading = read("rss", URL, None, &body);
        assert_eq!(reading.verdict, Verdict::Broken, "{name}");
        assert!(reading.faults[0].to_string().contains(word), "{name}: {}", reading.faults[0]);
    }
}

#[test]
fn an_empty_feed_is_not_silent_success() {
    let reading = read("rss", URL, Some("text/xml; charset=utf-8"), rss("").as_bytes());
    assert_eq!((reading.verdict, reading.faults), (Verdict::Broken, vec![ReadFault::NoItems]));
}

#[test]
fn a_captcha_page_in_place_of_a_feed_is_blocked() {
    let body = "<!DOCTYPE html><html><head><title>安全验证</title></head><body>请输入验证码</body></html>";
    let reading = read("rss", URL, Some("text/html"), body.as_bytes());
    assert!(matches!(reading.verdict, Verdict::Blocked { .. }), "{:?}", reading.verdict);
}

#[test]
fn feeds_share_their_preset() {
    let feed = |name: &str, more: &str| {
        format!("[[feed]]\nname = \"{name}\"\nurl = \"http://{name}.cn/\"\n{more}\n")
    };
    let all = super::stage::sources(&(feed("a", "") + &feed("b", "") + &feed("c", "site = \"c\"")));
    let [a, b, c] = [0, 1, 2].map(|at| std::sync::Arc::clone(all[at].preset().unwrap()));
    assert!(std::sync::Arc::ptr_eq(&a, &b), "ten thousand feeds must not hold ten thousand presets");
    assert_eq!((a.site.as_deref(), c.site.as_deref()), (None, Some("c")));
}
