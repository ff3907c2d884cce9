//! The identity of links and the sites that they belong to.

use proptest::prelude::*;
use yuqing::text::{canonical_link, links_in, registrable_domain, tidy_link};

#[test]
fn one_page_has_one_identity() {
    let same: &[&[&str]] = &[
        &[
            "https://www.example.com/a/1?id=5&b=2",
            "http://EXAMPLE.com:80/a/1/?b=2&id=5&utm_source=weibo&spm=a1.b2",
            "https://m.example.com/a/1?id=5&b=2#comments",
            "//wap.example.com/a/1?id=5&b=2&share_token=x&from=timeline&timestamp=1",
            "https://user:secret@example.com:443/a/%31?id=5&&b=2",
        ],
        &["https://www.gov.cn/", "http://www.gov.cn"],
        &["http://10.0.0.8:8080/x", "http://10.0.0.8:8080/x#top"],
        &["https://a.cn/%e5%8c%bb", "https://a.cn/医", "https://a.cn/%E5%8C%BB"],
        &[
            "https://bbs.a.com/forum.php?mod=viewthread&tid=12",
            "https://bbs.a.com/forum.php?tid=12&mod=viewthread&extra=page%3D1&mobile=2",
        ],
    ];
    for links in same {
        let first = canonical_link(links[0]).unwrap();
        for link in *links {
            assert_eq!(canonical_link(link).as_deref(), Some(first.as_str()), "{link}");
        }
    }
    assert_eq!(canonical_link("http://www.gov.cn").as_deref(), Some("https://www.gov.cn/"));
}

#[test]
fn different_pages_keep_apart() {
    let links = [
        "https://a.com/1",
        "https://a.com/2",
        "https://b.a.com/1",
        "https://a.com:8443/1",
        "https://a.com/1?id=1",
        "https://a.com/1?id=2",
        "https://a.com/#!/1",
        "https://a.com/#!/2",
        "https://a.com/A",
        "https://a.com/a",
    ];
    let identities: std::collections::BTreeSet<_> =
        links.iter().map(|l| canonical_link(l).unwrap()).collect();
    assert_eq!(identities.len(), links.len());
}

#[test]
fn what_is_no_web_link_has_no_identity() {
    for text in [
        "",
        "医院",
        "javascript:alert(1)",
        "ftp://a.com/",
        "mailto:a@b.cn",
        "http://",
        "https://?x",
        "data:,x",
    ] {
        assert_eq!(canonical_link(text), None, "{text}");
    }
}

#[test]
fn a_shown_link_still_opens() {
    assert_eq!(
        tidy_link("http://www.a.com/x/?id=5&utm_source=q#top").as_deref(),
        Some("http://www.a.com/x/?id=5")
    );
}

#[test]
fn sites_by_registrable_domain() {
    let rows = [
        ("https://mp.weixin.qq.com/s/x", Some("qq.com")),
        ("https://m.weibo.cn/status/1", Some("weibo.cn")),
        ("http://wsjkw.sc.gov.cn/x", Some("sc.gov.cn")),
        ("https://www.gov.cn/", Some("www.gov.cn")),
        ("http://127.0.0.1:8080/x", Some("127.0.0.1:8080")),
        ("http://[::1]:8080/x", Some("[::1]:8080")),
        ("http://10.1.2.3/x", Some("10.1.2.3")),
        ("http://localhost:3000/x", Some("localhost:3000")),
        ("not a link", None),
    ];
    for (link, expected) in rows {
        assert_eq!(registrable_domain(link).as_deref(), expected, "{link}");
    }
}

#[test]
fn links_are_found_in_running_chinese_text() {
    let text = "见https://a.com/x?id=1。转自(http://www.b.com/y_(z)).另有https://a.com/x?id=1&utm_source=q，\
        「https://c.cn/路」和 HTTP://D.CN/1!";
    assert_eq!(
        links_in(text),
        ["https://a.com/x?id=1", "https://b.com/y_(z)", "https://c.cn/", "https://d.cn/1"]
    );
}

proptest! {
    #[test]
    fn an_identity_is_its_own(path in "[a-zA-Z0-9/%._~-]{0,20}", query in "[a-z0-9=&%+]{0,20}") {
        let link = format!("https://www.example.com/{path}?{query}");
        if let Some(identity) = canonical_link(&link) {
            let again = canonical_link(&identity);
            prop_assert_eq!(again, Some(identity));
        }
    }

    #[test]
    fn any_text_is_taken(text in ".{0,60}") {
        let _ = (canonical_link(&text), registrable_domain(&text), links_in(&text), tidy_link(&text));
    }
}
