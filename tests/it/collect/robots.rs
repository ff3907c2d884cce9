//! robots.txt: the vectors of two well-known readers, real files, and the matcher against a slow one.

use std::{fs, time::Duration};

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::Value;
use url::Url;
use yuqing::collect::fetch::robots::{AGENT, ComparedPath, RobotsFile};

use super::stage::data;

/// The path of a vector's address as the fetcher would hand it over.
fn path(address: &str) -> ComparedPath {
    let base = Url::parse("http://foo.bar/").unwrap();
    let url = base.join(address).unwrap();
    ComparedPath::new(&format!("{}{}", url.path(), url.query().map(|q| format!("?{q}")).unwrap_or_default()))
}

/// Runs every vector of a file; those that differ must be exactly `expected`, by test and address.
fn vectors(name: &str, at_least: usize, expected: &[(&str, &str, &str)]) {
    let text = fs::read_to_string(data(name)).unwrap();
    let mut different = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let word = |field: &str| row[field].as_str().unwrap().to_owned();
        let file = RobotsFile::parse(word("robots_txt").as_bytes(), &word("user_agent"));
        if file.allows(&path(&word("url"))) != row["allowed"].as_bool().unwrap() {
            different.push((word("test"), word("user_agent"), word("url")));
        }
    }
    assert!(text.lines().count() >= at_least);
    let expected: Vec<_> =
        expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
    assert_eq!(different, expected);
}

#[test]
fn the_vectors_of_a_large_search_engine() {
    vectors(
        "robots/google_robotstxt_cases.jsonl",
        47,
        // Its library leaves escaping the address to its caller; RFC 9309 2.2.2 has both sides escaped
        // before they are compared, and so has every address that we send.
        &[("ID_Encoding", "FooBot", "http://foo.bar/foo/bar/ツ")],
    );
}

#[test]
fn the_vectors_of_a_well_known_crawler() {
    vectors(
        "robots/protego_cases.jsonl",
        100,
        &[
            // RFC 9309 2.2.1: an agent's name is a product token of letters, `_` and `-`.
            ("test_unicode_url_and_useragent", "jävla-foobot", "/foo/bar.html"),
            (
                "test_unicode_url_and_useragent",
                "Mozilla/5.0 (compatible; Львів-bot/1.1)",
                "/totalitarianism/foo.htm",
            ),
            // RFC 9309 2.2.4: a line that is not a rule must not end a list of agents.
            ("test_grouping_unknown_keys", "agent", "/foo"),
            ("test_grouping_unknown_keys", "agent", "/foobar"),
            ("test_grouping_unknown_keys", "agent", "/content/2"),
            // The agent `foo*bot` is the token `foo`.
            ("test_generosity", "foo*bot", "http://foo.bar/myprofile"),
            ("test_generosity", "foobot", "http://foo.bar/myprofile"),
        ],
    );
}

const REAL: [(&str, &str, &str, bool); 13] = [
    ("www.sina.com", AGENT, "/news/a.html", true),
    ("www.ysu.edu.cn", AGENT, "/a_system_b/c/resource/d", false),
    ("www.ysu.edu.cn", AGENT, "/system/resource", true),
    ("www.taichung.gov.tw", AGENT, "/Views/a", false),
    ("www.taichung.gov.tw", AGENT, "/views/a", true),
    ("www.chromium.org", AGENT, "/_/rsrc/a", true),
    ("www.chromium.org", AGENT, "/_/other", false),
    ("www.mitre.org", AGENT, "/misc/a.css", true),
    ("www.suny.edu", AGENT, "/js/a.js", false),
    ("archiveofourown.org", AGENT, "/works?page=2", false),
    ("archiveofourown.org", "Googlebot", "/works?page=2", true),
    ("archiveofourown.org", "Googlebot", "/works/1?page=2", false),
    ("www.thomann.de", AGENT, "/gb/classified_category.html?pg=2&wghky", false),
];

/// Decisions of real files, each read off the file by hand.
#[test]
fn real_files() {
    let mut n_files = 0;
    for entry in fs::read_dir(data("robots/real")).unwrap() {
        let body = fs::read(entry.unwrap().path()).unwrap();
        let file = RobotsFile::parse(&body, AGENT);
        assert!(file.allows(&ComparedPath::new("/robots-test-of-nothing-at-all")) || !file.is_silent());
        n_files += 1;
    }
    assert_eq!(n_files, 57);
    for (name, agent, address, allowed) in REAL {
        let body = fs::read(data(&format!("robots/real/{name}.txt"))).unwrap();
        let file = RobotsFile::parse(&body, agent);
        assert_eq!(file.allows(&path(address)), allowed, "{name} {agent} {address}");
    }
}

#[test]
fn lines_as_people_write_them() {
    let forbidden = |text: &[u8]| !RobotsFile::parse(text, AGENT).allows(&ComparedPath::new("/a/b"));
    for text in [
        "User-agent: *\nDisallow: /a",
        "User-agent: *\rDisallow: /a\r",
        "User-agent: *\r\nDisallow: /a\r\n",
        "\u{feff}User-agent: *\nDisallow: /a",
        "user-agent:*\ndisallow:/a",
        "  User-Agent :  *  # all\n\t Disallow : /a # this\n",
        "User-agent: yuqing/1.0\nDisallow: /a",
        "User-agent: YUQING\nDisallow: a",
        "useragent *\ndissallow /a",
        "User-agent: other\nUser-agent: yuqing\n\nDisallow: /a",
        "User-agent: yuqing\nDisallow: /x\n\nUser-agent: *\nDisallow:\n\nUser-agent: Yuqing\nDisallow: /a",
        "User-agent: *\nSitemap: https://a.example/s.xml\nDisallow: /%61",
        "User-agent: *\nDisallow: /*b$",
    ] {
        assert!(forbidden(text.as_bytes()), "{text:?}");
    }
    for text in [
        "",
        "<!doctype html><title>404</title><p>Disallow: /",
        "Disallow: /",
        "User-agent: yuqingbot\nDisallow: /",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /\nUser-agent: yuqing\nAllow: /x",
        "User-agent: *\nDisallow: /a\nAllow: /a",
        "User-agent: *\nDisallow: /a%2Fb",
    ] {
        assert!(!forbidden(text.as_bytes()), "{text:?}");
    }
    assert!(forbidden(b"User-agent: *\nDisallow: /a\n\xff\xfe\0broken \x80 : bytes"));
    let gbk = RobotsFile::parse("User-agent: *\nDisallow: /公告/".as_bytes(), AGENT);
    assert!(!gbk.allows(&path("http://foo.bar/公告/1.html")));
    // A query is compared with its escapes undone: the standard's own example.
    let query = RobotsFile::parse(b"User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar", AGENT);
    assert!(!query.allows(&path("/foo/bar?baz=https%3A%2F%2Ffoo.bar")));
}

#[test]
fn the_delay_that_is_asked_for() {
    let delay = |text: &str| RobotsFile::parse(text.as_bytes(), AGENT).delay();
    let span = |millis| Some(SignedDuration::from_millis(millis));
    assert_eq!(delay("User-agent: *\nCrawl-delay: 2.5"), span(2500));
    assert_eq!(
        delay("User-agent: *\nCrawl-delay: 9\nUser-agent: yuqing\nCrawl-delay: 1\nDisallow: /x"),
        span(1000)
    );
    assert_eq!(delay("User-agent: *\nCrawl-delay: 9\nDisallow:\n\nUser-agent: yuqing\nDisallow: /x"), None);
    assert_eq!(delay("User-agent: *\nCrawl-delay: 86400000"), span(300_000), "slowed, not stopped");
    for nothing in ["-1", "0", "NaN", "inf", "ten", ""] {
        assert_eq!(delay(&format!("User-agent: *\nCrawl-delay: {nothing}")), None, "{nothing}");
    }
}

#[test]
fn a_pattern_of_stars_costs_no_more_than_the_path() {
    let stars = format!("User-agent: *\nDisallow: /{}z\n", "*a".repeat(8_000));
    let file = RobotsFile::parse(stars.as_bytes(), AGENT);
    let long = ComparedPath::new(&format!("/{}", "a".repeat(200_000)));
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(file.allows(&long)));
    // Backtracking would take years; the bound only has to be far from both.
    assert!(ended.recv_timeout(Duration::from_secs(20)).expect("it ends"));
}

/// The definition: try every length for every star.
fn slowly(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.split_first() {
        None => true,
        Some((b'$', [])) => path.is_empty(),
        Some((b'*', rest)) => (0..=path.len()).any(|n| slowly(rest, &path[n..])),
        Some((byte, rest)) => path.first() == Some(byte) && slowly(rest, &path[1..]),
    }
}

proptest! {
    #[test]
    fn the_matcher_is_the_definition(pattern in "/[ab*]{0,10}[$]?", path in "/[ab]{0,12}") {
        let file = RobotsFile::parse(format!("User-agent: *\nDisallow: {pattern}").as_bytes(), AGENT);
        let forbidden = !file.allows(&ComparedPath::new(&path));
        prop_assert_eq!(forbidden, slowly(pattern.as_bytes(), path.as_bytes()), "{} {}", pattern, path);
    }

    #[test]
    fn the_longest_rule_decides_and_allow_wins_a_tie(
        rules in proptest::collection::vec((any::<bool>(), "/[ab]{0,4}"), 1..8), path in "/[ab]{0,6}",
    ) {
        let text: String = rules.iter().map(|(allow, pattern)| {
            format!("{}: {pattern}\n", if *allow { "Allow" } else { "Disallow" })
        }).collect();
        let file = RobotsFile::parse(format!("User-agent: *\n{text}").as_bytes(), AGENT);
        let best = rules.iter().filter(|(_, pattern)| path.starts_with(pattern.as_str()))
            .map(|(allow, pattern)| (pattern.len(), *allow)).max();
        prop_assert_eq!(file.allows(&ComparedPath::new(&path)), best.is_none_or(|(_, allow)| allow));
    }

    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..400), path in "\\PC{0,40}") {
        let file = RobotsFile::parse(&body, AGENT);
        let _ = file.allows(&ComparedPath::new(&path));
    }
}
