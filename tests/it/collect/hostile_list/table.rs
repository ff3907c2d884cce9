//! The list: each way in which a source lies, the state that it must produce, and who must hear of it;
//! and honest oddities of which nobody must hear.

use super::site::{Answer, Ask, Entry, Say, entries, html, items, json, lied_for, rss, usual};

/// How a source is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Api,
    Feed,
    Search,
    /// A search with the canary word 天气.
    CanarySearch,
    /// A list with the canary word 天气.
    CanaryList,
    Weibo,
}

pub struct Case {
    pub name: &'static str,
    pub kind: Kind,
    pub honest: Say,
    pub lie: Say,
    /// The states that are right; empty when nobody must hear of it.
    pub states: &'static [&'static str],
}

const fn case(name: &'static str, lie: Say, states: &'static [&'static str]) -> Case {
    Case { name, kind: Kind::Api, honest: list, lie, states }
}

const fn of(kind: Kind, name: &'static str, lie: Say, states: &'static [&'static str]) -> Case {
    let honest: Say = match kind {
        Kind::Feed => feed,
        Kind::Weibo => weibo,
        _ => list,
    };
    Case { name, kind, honest, lie, states }
}

pub fn list(ask: &Ask) -> Answer {
    json(&usual(ask.now))
}

fn feed(ask: &Ask) -> Answer {
    rss(&usual(ask.now), "news.example.cn")
}

fn weibo(ask: &Ask) -> Answer {
    let card = |entry: Entry| {
        let at = entry.at.strftime("%a %b %d %H:%M:%S +0000 %Y");
        format!(
            r#"{{"mblog":{{"id":"{}","text":"{}","created_at":"{at}","reposts_count":1,"comments_count":1,"attitudes_count":1}}}}"#,
            entry.id, entry.text
        )
    };
    let cards: Vec<String> = usual(ask.now).into_iter().map(card).collect();
    Answer::Text(200, "application/json", format!(r#"{{"ok":1,"data":{{"cards":[{}]}}}}"#, cards.join(",")))
}

/// The list as it was when the lie began.
fn old(ask: &Ask) -> Vec<Entry> {
    usual(ask.lies_since)
}

fn with(ask: &Ask, change: impl Fn(usize, &mut Entry)) -> Answer {
    let mut list = usual(ask.now);
    list.iter_mut().enumerate().for_each(|(nth, entry)| change(nth, entry));
    json(&list)
}

fn edited(ask: &Ask, from: &str, to: &str) -> Answer {
    let body = format!(r#"{{"posts":[{}]}}"#, items(&usual(ask.now)));
    Answer::Text(200, "application/json", body.replace(from, to))
}

fn status(code: u16) -> Answer {
    html(code, "出错了")
}

fn moved(to: impl Into<String>) -> Answer {
    Answer::With(302, vec![("location", to.into())], Vec::new())
}

fn plain(body: &str) -> Answer {
    Answer::Text(200, "application/json", body.to_owned())
}

fn latin(text: &str) -> String {
    text.bytes().map(char::from).filter(|c| !c.is_control()).collect()
}

fn as_gbk(text: &str) -> String {
    encoding_rs::GBK.decode(text.as_bytes()).0.into_owned()
}

/// Whether this question is about one of the later half of the words.
fn later_word(ask: &Ask) -> bool {
    // 停水 percent-encoded.
    ask.query.contains("%E5%81%9C%E6%B0%B4")
}

pub fn lies() -> Vec<Case> {
    let mut all = vec![
        case("captcha page with status 200", |_| html(200, "请完成安全验证，输入验证码"), &["blocked"]),
        case("login page with status 200", |_| html(200, "请先登录后查看"), &["blocked"]),
        case("too often, with status 200", |_| html(200, "访问过于频繁，请稍后"), &["blocked"]),
        of(
            Kind::Weibo,
            "ok:-100",
            |_| plain(r#"{"ok":-100,"url":"https://passport.example"}"#),
            &["blocked"],
        ),
        case("Cookies expired", |_| plain(r#"{"code":-1,"msg":"Cookies expired"}"#), &["broken", "blocked"]),
        case("empty success", |_| plain(r#"{"code":0,"msg":"success"}"#), &["broken"]),
        case("valid empty list for ever", |_| plain(r#"{"posts":[]}"#), &["stale"]),
        case("not modified for ever", not_modified, &["stale"]),
        case("the same bytes for ever", |ask| json(&old(ask)), &["stale"]),
        case("an old page with a fresh Date", dated_old, &["stale"]),
        case("stuck on one page while its counters move", stuck, &["stale"]),
        case("new ids of old dates for ever", archive, &["stale"]),
        case("UTF-8 read as GBK and served", |ask| with(ask, |_, e| e.text = as_gbk(&e.text)), &["broken"]),
        case(
            "Chinese read as Latin-1 and served",
            |ask| with(ask, |_, e| e.text = latin(&e.text)),
            &["broken"],
        ),
        case(
            "replacement characters",
            |ask| with(ask, |_, e| e.text = "\u{fffd}\u{fffd}新\u{fffd}".into()),
            &["broken"],
        ),
        case("counters are dashes", |ask| with(ask, |_, e| e.views = "--".into()), &["broken"]),
        case("counters below zero", |ask| with(ask, |_, e| e.views = "-5".into()), &["broken"]),
        case(
            "counters beyond belief",
            |ask| with(ask, |_, e| e.views = "999999999999999".into()),
            &["broken"],
        ),
        case("a counter is on no post", |ask| edited(ask, "\"likes\":3", "\"x\":3"), &["broken"]),
        case(
            "a counter is on one post of twenty",
            |ask| {
                with(ask, |nth, e| {
                    if nth > 0 {
                        e.views = String::new();
                    }
                })
            },
            &["broken"],
        ),
        case("the list has another name", |ask| edited(ask, "\"posts\"", "\"neues\""), &["broken"]),
        case("less than half of the posts", |ask| json(&usual(ask.now)[..9]), &["broken"]),
        case("two posts instead of twenty", |ask| json(&usual(ask.now)[..2]), &["broken"]),
        case("all dates in the future", |ask| edited(ask, "2026-", "2027-"), &["broken"]),
        case("no dates any more", |ask| edited(ask, "published_at", "x"), &["broken"]),
        case(
            "known ids for other posts",
            |ask| with(ask, |nth, e| (e.id, e.text) = (nth.to_string(), format!("{} {}", e.text, ask.nth))),
            &["broken"],
        ),
        case(
            "new ids with every look",
            |ask| with(ask, |nth, e| e.id = format!("{}-{nth}", ask.nth)),
            &["broken"],
        ),
        case("HTML where JSON is due", |_| html(200, "<p>欢迎光临</p>"), &["broken"]),
        case("JSON that ends in the middle", truncated, &["broken"]),
        case(
            "gzip that is none",
            |_| Answer::With(200, vec![("content-encoding", "gzip".into())], b"not gzip at all".to_vec()),
            &["broken"],
        ),
        case("sent to the front page, which lists other posts", home, &["broken"]),
        case("sent to a login page", login, &["blocked"]),
        case("not found, with status 200", |_| html(200, "您访问的页面不存在"), &["broken"]),
        case("maintenance, with status 200", |_| html(200, "系统维护中，预计明日恢复"), &["broken"]),
        case("a parked domain", |_| html(200, "This domain is for sale"), &["broken"]),
        case("robots.txt refuses from now on", refuses, &["refused"]),
        case("403", |_| status(403), &["blocked"]),
        case("412 with a captcha", |_| html(412, "请完成安全验证，输入验证码"), &["blocked"]),
        case("400 with a login", |_| html(400, "请先登录"), &["blocked"]),
        case("404", |_| status(404), &["broken"]),
        case("410", |_| status(410), &["broken"]),
        case("418", |_| status(418), &["blocked"]),
        case("429 without Retry-After", |_| status(429), &["blocked"]),
        case(
            "429 with Retry-After",
            |_| Answer::With(429, vec![("retry-after", "3600".into())], Vec::new()),
            &["blocked"],
        ),
        case("500", |_| status(500), &["broken"]),
        case("503", |_| status(503), &["broken"]),
        case("sent to TLS that is none", |ask| moved(format!("https://{}/x", host(ask))), &["broken"]),
        case("sent to a host that is not there", |_| moved("http://nicht-da.invalid/x"), &["broken"]),
        case("sent to a port where nobody listens", |_| moved("http://127.0.0.1:9/x"), &["broken"]),
        case("sent in a circle", |ask| moved(format!("{}?{}", ask.path, ask.query)), &["broken"]),
        case("a body that never comes", |_| Answer::Hang, &["broken"]),
        case("a body that drips", |_| Answer::Drip, &["broken"]),
    ];
    all.extend([
        of(Kind::Search, "half of the searched words want a captcha", half_blocked, &["blocked"]),
        of(
            Kind::CanarySearch,
            "a search that finds other things",
            |ask| with(ask, |_, e| e.text = format!("广告 {}", e.id)),
            &["broken"],
        ),
        of(Kind::CanarySearch, "a search that finds nothing", |_| plain(r#"{"posts":[]}"#), &["broken"]),
        of(
            Kind::CanaryList,
            "a list whose canary is gone",
            |ask| with(ask, |_, e| e.text = format!("公告 {}", e.id)),
            &["stale"],
        ),
        of(Kind::Feed, "a feed that is valid and empty", |_| rss(&[], "news.example.cn"), &["stale"]),
        of(Kind::Feed, "a feed of another site", other_feed, &["broken"]),
        of(Kind::Feed, "a feed that became a page", |_| html(200, "<p>新版上线</p>"), &["broken"]),
        of(Kind::Feed, "a feed that stands still", |ask| rss(&old(ask), "news.example.cn"), &["stale"]),
        of(
            Kind::Feed,
            "a feed that ends in the middle",
            |_| Answer::Text(200, "text/xml", "<rss><chan".into()),
            &["broken"],
        ),
    ]);
    all
}

fn host(ask: &Ask) -> String {
    ask.headers["host"].to_str().unwrap().to_owned()
}

fn not_modified(ask: &Ask) -> Answer {
    if ask.headers.contains_key("if-none-match") {
        return Answer::With(304, vec![("etag", "\"v1\"".into())], Vec::new());
    }
    let body = format!(r#"{{"posts":[{}]}}"#, items(&old(ask)));
    Answer::With(
        200,
        vec![("etag", "\"v1\"".into()), ("content-type", "application/json".into())],
        body.into(),
    )
}

fn dated_old(ask: &Ask) -> Answer {
    let body = format!(r#"{{"posts":[{}]}}"#, items(&old(ask)));
    let date = ask.now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    Answer::With(200, vec![("date", date), ("content-type", "application/json".into())], body.into())
}

fn stuck(ask: &Ask) -> Answer {
    let mut list = old(ask);
    list.iter_mut().for_each(|entry| entry.views = (100 + ask.nth).to_string());
    json(&list)
}

fn archive(ask: &Ask) -> Answer {
    let mut list = old(ask);
    for (nth, entry) in list.iter_mut().enumerate() {
        (entry.id, entry.text) = (format!("a{}-{nth}", ask.nth), format!("旧帖 {} {nth}", ask.nth));
    }
    json(&list)
}

fn truncated(ask: &Ask) -> Answer {
    let body = format!(r#"{{"posts":[{}]}}"#, items(&usual(ask.now)));
    Answer::Text(200, "application/json", body.chars().take(700).collect())
}

fn home(ask: &Ask) -> Answer {
    if ask.path == "/" {
        return with(ask, |_, entry| entry.text = format!("首页推荐 {}", entry.text));
    }
    moved("/")
}

fn login(ask: &Ask) -> Answer {
    if ask.path == "/login" { html(200, "请登录后查看") } else { moved("/login") }
}

fn refuses(ask: &Ask) -> Answer {
    if ask.path == "/robots.txt" {
        return Answer::Text(200, "text/x-robots", "User-agent: *\nDisallow: /\n".into());
    }
    list(ask)
}

fn robots_fails(ask: &Ask) -> Answer {
    if ask.path == "/robots.txt" { Answer::Text(500, "text/x-robots", String::new()) } else { list(ask) }
}

fn half_blocked(ask: &Ask) -> Answer {
    if later_word(ask) { html(200, "请输入验证码") } else { list(ask) }
}

fn other_feed(ask: &Ask) -> Answer {
    let mut list = usual(ask.now);
    list.iter_mut()
        .for_each(|entry| (entry.id, entry.text) = (format!("x{}", entry.id), format!("彩票 {}", entry.id)));
    rss(&list, "caipiao.example.net")
}

/// Odd, but honest.
pub fn honest() -> Vec<Case> {
    let mut all = vec![
        case("one 500", |ask| if ask.nth == 2 { status(500) } else { list(ask) }, &[]),
        case("one captcha", |ask| if ask.nth == 2 { html(200, "请输入验证码") } else { list(ask) }, &[]),
        case(
            "one page of maintenance",
            |ask| if ask.nth == 3 { html(200, "系统维护中") } else { list(ask) },
            &[],
        ),
        case("one empty list", |ask| if ask.nth == 3 { plain(r#"{"posts":[]}"#) } else { list(ask) }, &[]),
        case(
            "one 429 that names its time",
            |ask| {
                if ask.nth == 2 {
                    Answer::With(429, vec![("retry-after", "600".into())], Vec::new())
                } else {
                    list(ask)
                }
            },
            &[],
        ),
        case("a sticky thread on top", sticky, &[]),
        case("half as many posts again", |ask| json(&entries(ask.now, 30, 8..22, false)), &[]),
        case(
            "three posts without a counter",
            |ask| {
                with(ask, |nth, e| {
                    if nth < 3 {
                        e.views = String::new();
                    }
                })
            },
            &[],
        ),
        case(
            "some posts are edited",
            |ask| {
                with(ask, |nth, e| {
                    if nth % 4 == 0 {
                        e.text = format!("{}（已编辑{}）", e.text, ask.nth);
                    }
                })
            },
            &[],
        ),
        case("a day in which everybody talks", burst, &[]),
        case("a charset that is stated wrongly and can be seen through", wrong_label, &[]),
        case("unchanged in between", etag, &[]),
        // The last good answer stands in for it (RFC 9309 2.4), and it forbade nothing.
        case("robots.txt fails after it was had", robots_fails, &[]),
        of(
            Kind::Feed,
            "one feed without entries",
            |ask| if ask.nth == 3 { rss(&[], "news.example.cn") } else { feed(ask) },
            &[],
        ),
    ];
    let always = |name, kind, say: Say| Case { name, kind, honest: say, lie: say, states: &[] };
    all.extend([
        always("an office that speaks on workdays from nine to five", Kind::Api, |ask| {
            json(&entries(ask.now, 20, 9..17, true))
        }),
        always("one hour a day", Kind::Api, |ask| json(&entries(ask.now, 20, 10..11, false))),
        always("a board that says that it is empty", Kind::Api, |_| plain(r#"{"posts":[]}"#)),
        always("a search that finds something now and then", Kind::Search, now_and_then),
        always("an address that always leads elsewhere", Kind::Api, elsewhere),
    ]);
    all
}

fn sticky(ask: &Ask) -> Answer {
    let mut list = usual(ask.now);
    let mut top = usual(ask.lies_since - jiff::SignedDuration::from_hours(24 * 60)).remove(0);
    top.views = (500 + ask.nth).to_string();
    list.insert(0, top);
    json(&list)
}

fn burst(ask: &Ask) -> Answer {
    let mut list = usual(ask.now);
    if lied_for(ask).as_hours() < 24 {
        for nth in 0..40 {
            let (id, text) = (format!("b{}-{nth}", ask.nth), format!("突发 {} {nth}", ask.nth));
            list.insert(0, Entry { id, text, at: ask.now, views: "9".into() });
        }
    }
    json(&list)
}

fn wrong_label(ask: &Ask) -> Answer {
    let body = format!(r#"{{"posts":[{}]}}"#, items(&usual(ask.now)));
    let (bytes, _, _) = encoding_rs::GBK.encode(&body);
    Answer::With(200, vec![("content-type", "application/json; charset=utf-8".into())], bytes.into_owned())
}

fn etag(ask: &Ask) -> Answer {
    let list = usual(ask.now);
    let etag = format!("\"{}\"", list[0].id);
    if ask.headers.get("if-none-match").is_some_and(|known| known.to_str().unwrap() == etag) {
        return Answer::With(304, vec![("etag", etag)], Vec::new());
    }
    let body = format!(r#"{{"posts":[{}]}}"#, items(&list));
    Answer::With(200, vec![("etag", etag), ("content-type", "application/json".into())], body.into())
}

fn now_and_then(ask: &Ask) -> Answer {
    let found: Vec<Entry> =
        usual(ask.now).into_iter().filter(|entry| entry.id.parse::<i64>().unwrap() % 9 == 0).collect();
    json(&found)
}

fn elsewhere(ask: &Ask) -> Answer {
    if ask.path == "/" { list(ask) } else { moved("/") }
}
