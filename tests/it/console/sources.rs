//! The pages of sources with a real daemon, real files and a made-up web on loopback: a source is added by its address,
//! looked at out of turn, paused over a restart, tried step by step.

use std::{fs, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};
use tokio::sync::watch;
use yuqing::{
    app::daemon::{Daemon, Options},
    config::{Folder, Login, starter},
    console::access::Role,
    desk::{Change, DeskState, Pause},
    locale::Locale,
    model::{Entry, POST},
    store::{RoundRow, SourceState, SqliteStore},
    time::System,
};

use super::{FORM, driver::Browser, encoded, keywords_edit::Editing, read};

const UNIT: &str = "青禾县人民医院";
const PATIENCE: Duration = Duration::from_secs(60);
const FEED: &[u8] = include_bytes!("../../data/feeds/zh-encodings/ryf_gbk_decl.xml");
const BOARD: &str = include_str!("../../data/forum/mcbbsnews_post_list_html-0.html");
const EVIL: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>x</title>\
    <item><title>&lt;script&gt;alert(1)&lt;/script&gt; 青禾县人民医院</title><link>javascript:alert(1)</link><guid>1</guid></item>\
    <item><title>\"&gt;&lt;img src=x onerror=alert(2)&gt;</title><link>https://e.cn/2</link><guid>2</guid></item>\
    <item><title>&amp;lt;script&amp;gt;alert(3)&amp;lt;/script&amp;gt;</title><link>https://e.cn/3</link><guid>3</guid></item>\
    </channel></rss>";

/// How often the feed was fetched.
type Fetches = watch::Sender<usize>;

async fn web() -> (String, Fetches) {
    let fetches = Fetches::new(0);
    let rss = |body: Vec<u8>| ([(header::CONTENT_TYPE, "application/rss+xml")], body).into_response();
    let board = |Query(asked): Query<std::collections::BTreeMap<String, String>>| async move {
        let known = asked.get("mod").is_some_and(|page| page == "forumdisplay") && asked.contains_key("fid");
        Html(if known { BOARD } else { "<title>提示信息</title>" })
    };
    let site = "<html><head><title>青禾新闻网 - 首页</title>\
        <link rel=\"alternate\" type=\"application/rss+xml\" href=\"feed.xml\"></head><body>你好</body></html>";
    let app = Router::new()
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /closed/\n" }))
        .route(
            "/feed.xml",
            get(move |State(fetches): State<Fetches>| async move {
                fetches.send_modify(|n| *n += 1);
                rss(FEED.to_vec())
            }),
        )
        .route("/evil.xml", get(move || async move { rss(EVIL.into()) }))
        .route("/forum.php", get(board))
        .route("/site/", get(move || async move { Html(site) }))
        .route("/site/feed.xml", get(move || async move { rss(FEED.to_vec()) }))
        .route("/nothing", get(|| async { Html("<title>空页</title><p>这里什么都没有</p>") }))
        .route("/closed/feed.xml", get(|| async { "never" }))
        .with_state(fetches.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, fetches)
}

/// An office whose pages are read without an account.
fn office(folder: &Path, sources: &str) {
    for file in starter::files(UNIT) {
        let path = folder.join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    let settings = fs::read_to_string(folder.join("yuqing.toml")).unwrap();
    let settings = settings.replacen("[console]", "[console]\nlogin = \"none\"", 1);
    let settings = settings.replace("host_pause = \"2s\"", "host_pause = \"1s\"");
    fs::write(folder.join("yuqing.toml"), settings).unwrap();
    fs::write(folder.join("sources.d/sources.toml"), sources).unwrap();
}

/// A page with its slashes as they are read.
fn readable(page: &str) -> String {
    page.replace("&#x2f;", "/")
}

struct Watched {
    daemon: Daemon,
    client: reqwest::Client,
    folder: tempfile::TempDir,
}

impl Watched {
    async fn start(sources: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        office(folder.path(), sources);
        Self::on(folder).await
    }

    async fn on(folder: tempfile::TempDir) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let daemon = Daemon::start(Options {
            journal: Default::default(),
            folder: Folder::Disk(folder.path().to_owned()),
            state_dir: folder.path().join("state"),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            clock: Arc::new(System),
            post_room: None,
            link_to_self: false,
        })
        .await
        .unwrap_or_else(|error| panic!("{error}"));
        let client = reqwest::Client::builder().no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { daemon, client, folder }
    }

    async fn again(self) -> Self {
        assert!(self.daemon.stop().await.is_empty());
        Self::on(self.folder).await
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let (status, page) = read(self.client.get(format!("http://{}{path}", self.daemon.address()))).await;
        (status, readable(&page))
    }

    /// Status, where it leads, and the page.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        let request = self.client.post(format!("http://{}{path}", self.daemon.address()));
        let answer = request.header(FORM.0, FORM.1).body(encoded(form)).send().await.unwrap();
        let leads = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        let (status, leads) = (answer.status().as_u16(), leads.to_owned());
        let mut answer = answer;
        let mut page = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            page.extend_from_slice(&chunk);
        }
        (status, leads, readable(&String::from_utf8(page).unwrap()))
    }

    /// Waits until the store says so of a source.
    async fn until(&self, name: &str, wanted: impl Fn(&SourceState) -> bool) {
        let mut written = self.daemon.store().written();
        let waiting = async {
            while !wanted(&self.daemon.store().source_state(name).await.unwrap()) {
                written.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{name} never becomes so"));
    }

    fn added(&self) -> String {
        // A new file is as Notepad would write it.
        let text = fs::read_to_string(self.folder.path().join("sources.d/added.toml")).unwrap_or_default();
        text.replace("\r\n", "\n")
    }

    async fn look(&self, address: &str, private: bool) -> String {
        let mut form = vec![("do", "look"), ("address", address)];
        if private {
            form.push(("private", "1"));
        }
        let (status, _, page) = self.post("/sources/new", &form).await;
        assert_eq!(status, 200, "{page}");
        page
    }
}

async fn fetched(fetches: &Fetches, n: usize) {
    let mut seen = fetches.subscribe();
    tokio::time::timeout(PATIENCE, seen.wait_for(|all| *all >= n)).await.expect("it is fetched").unwrap();
}

/// The value of the first hidden field of a name.
fn hidden(page: &str, name: &str) -> String {
    let page = scraper::Html::parse_document(page);
    let field = scraper::Selector::parse(&format!(".offer input[name={name}]")).unwrap();
    page.select(&field).next().and_then(|field| field.attr("value")).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pasted_address_becomes_a_source_that_is_watched() {
    let (web, _) = web().await;
    let watched = Watched::start("").await;
    let (status, page) = watched.get("/sources/new").await;
    assert!(status == 200 && page.contains("添加信源"), "{page}");

    // A private address is refused with the word for it, unless the administrator says that it is theirs.
    let board = format!("{web}/forum.php?mod=forumdisplay&fid=110&filter=lastpost");
    let page = watched.look(&board, false).await;
    assert!(page.contains("内网或特殊地址") && page.contains("守卫") && page.contains("没有通过"), "{page}");
    assert!(!page.contains("class=\"offer\""), "{page}");

    // What is nothing is said to be nothing, with the steps.
    let page = watched.look(&format!("{web}/nothing"), true).await;
    assert!(page.contains("没有认出帖子或新闻的列表") && page.contains("HTTP 200"), "{page}");
    let page = watched.look(&format!("{web}/closed/feed.xml"), true).await;
    assert!(page.contains("robots.txt 不允许") && !page.contains("class=\"offer\""), "{page}");

    // A Discuz! board: the program is recognised, and its newest threads are offered first.
    let page = watched.look(&board, true).await;
    assert_eq!(hidden(&page, "preset"), "discuz-list", "{page}");
    assert!(page.contains("认出是这种网站") && page.contains("浏览"), "{page}");
    assert_eq!((hidden(&page, "parameters"), hidden(&page, "base")), ("fid=110".into(), web.clone()));
    let base = [
        ("address", board.as_str()),
        ("private", "1"),
        ("preset", "discuz-list"),
        ("base", web.as_str()),
        ("parameters", "fid=110"),
        ("name", "某论坛 “城市”版"),
        ("interval", "10min"),
    ];
    let (status, _, page) = watched.post("/sources/new", &[&base[..], &[("do", "choose")]].concat()).await;
    assert!(
        status == 200 && page.contains("[[page]]") && page.contains("parameters = { fid = &quot;110&quot; }"),
        "{page}"
    );
    assert_eq!(watched.added(), "", "a preview writes nothing");
    let (status, _, page) = watched.post("/sources/new", &[&base[..], &[("do", "save")]].concat()).await;
    assert!(status == 422 && page.contains("请写姓名"), "{page}");
    let save = [&base[..], &[("do", "save"), ("by", "李管理")]].concat();
    let (status, leads, page) = watched.post("/sources/new", &save).await;
    assert!(status == 303 && leads.starts_with("/sources?done=added"), "{page}");
    assert!(
        watched
            .added()
            .contains("interval = \"10min\"\nparameters = { fid = \"110\" }\nallow_private = true")
    );
    watched
        .until("某论坛 “城市”版", |state| {
            state.rounds > 0 && state.health == "ok" && state.posts > 10
        })
        .await;
    let (_, page) = watched.get("/sources").await;
    assert!(page.contains("href=\"/sources/%E6%9F%90"), "{page}");

    // The same name again is refused by the check, with nothing written; what was typed stays.
    let (status, _, page) = watched.post("/sources/new", &save).await;
    assert!(status == 422 && page.contains("某论坛 “城市”版"), "{page}");
    assert_eq!(watched.added().matches("[[page]]").count(), 1);

    // The change is in the audit.
    let Watched { daemon, folder, .. } = watched;
    assert!(daemon.stop().await.is_empty());
    let store = SqliteStore::open(&folder.path().join("state/yuqing.db")).unwrap();
    let rows = store.audit_rows(0, 1_000).await.unwrap();
    let edit = rows.iter().map(|row| &row.entry).find(|entry| entry.kind == Entry::ACT).unwrap();
    assert!(edit.text.contains("edit_file") && edit.text.contains("sources.d/added.toml"), "{}", edit.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_leads_to_its_feed_and_two_who_add_at_once_lose_nothing() {
    let (web, _) = web().await;
    let watched = Watched::start("").await;
    let page = watched.look(&format!("{web}/site/"), true).await;
    assert_eq!(hidden(&page, "preset"), "rss", "{page}");
    assert_eq!(hidden(&page, "url"), format!("{web}/site/feed.xml"));
    assert_eq!(hidden(&page, "name"), "青禾新闻网 首页");

    let url = format!("{web}/site/feed.xml");
    let add = |name: &'static str| {
        let form = [
            ("do", "save"),
            ("address", url.as_str()),
            ("url", url.as_str()),
            ("private", "1"),
            ("preset", "rss"),
            ("name", name),
            ("by", "李管理"),
        ];
        let watched = &watched;
        async move { watched.post("/sources/new", &form).await.0 }
    };
    let (one, two, three) = tokio::join!(add("甲"), add("乙"), add("丙"));
    assert_eq!((one, two, three), (303, 303, 303));
    for name in ["甲", "乙", "丙"] {
        assert!(watched.added().contains(&format!("name = \"{name}\"")), "{}", watched.added());
        watched.until(name, |state| state.rounds > 0).await;
    }
    // A hostile form writes no other keys.
    let evil = [
        ("do", "save"),
        ("address", url.as_str()),
        ("url", url.as_str()),
        ("private", "1"),
        ("preset", "rss"),
        ("name", "丁\"\nenabled = false\n[[command]]\ncommand = [\"/bin/sh\"]"),
        ("by", "李管理"),
    ];
    watched.post("/sources/new", &evil).await;
    assert!(!watched.added().contains("\n[[command]]"), "{}", watched.added());
    assert!(watched.daemon.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_is_looked_at_out_of_turn_and_rests_while_it_is_paused() {
    let (web, fetches) = web().await;
    let feed = format!(
        "[[feed]]\nname = \"a/b?\"\nurl = \"{web}/feed.xml?token=sesame\"\ninterval = \"1h\"\nallow_private = true\n"
    );
    let watched = Watched::start(&feed).await;
    let page = "/sources/a%2Fb%3F";
    watched.until("a/b?", |state| state.rounds == 1).await;
    let (status, shown) = watched.get(page).await;
    assert!(
        status == 200 && shown.contains("token=…") && !shown.contains("sesame"),
        "no secret is shown: {shown}"
    );
    assert!(shown.contains("sources.d/sources.toml") && shown.contains("rss"), "{shown}");

    let poll = [("name", "a/b?"), ("by", "王值班")];
    let (status, leads, shown) = watched.post("/sources/poll", &poll).await;
    assert!(status == 303 && leads.starts_with(page), "{leads} {shown}");
    fetched(&fetches, 2).await;
    watched.until("a/b?", |state| state.rounds == 2).await;
    // At once again would press the host; it is told when instead.
    let (status, leads, _) = watched.post("/sources/poll", &poll).await;
    assert!(status == 303 && leads.contains("done=polled&at=") && !leads.contains("now"), "{leads}");
    assert_eq!(*fetches.borrow(), 2);
    assert_eq!(watched.post("/sources/poll", &[("name", "没有"), ("by", "王")]).await.0, 404);

    // A pause needs who and why, and is no calm.
    let (status, ..) = watched.post("/sources/pause", &[("name", "a/b?"), ("by", "王值班")]).await;
    assert_eq!(status, 422);
    let pause = [("name", "a/b?"), ("by", "王值班"), ("reason", "网站改版")];
    assert_eq!(watched.post("/sources/pause", &pause).await.0, 303);
    watched.until("a/b?", |state| state.health == "paused").await;
    let (_, home) = watched.get("/").await;
    assert!(home.contains("没有监测：网站改版（王值班）") && !home.contains("目前平静"), "{home}");
    let (status, _, shown) = watched.post("/sources/poll", &poll).await;
    assert!(status == 422 && shown.contains("已暂停"), "{shown}");
    let told = watched.daemon.store().notices(50).await.unwrap();
    assert!(
        told.iter().any(|row| row.notice.facts.note.contains("暂停查看")),
        "the administrators hear of it"
    );

    // It is still paused after a restart, whatever was due.
    let watched = watched.again().await;
    let (_, list) = watched.get("/sources?only=paused").await;
    assert!(list.contains("已暂停") && list.contains("网站改版"), "{list}");
    assert_eq!(watched.daemon.store().source_state("a/b?").await.unwrap().health, "paused");
    assert_eq!(*fetches.borrow(), 2, "nobody looked");
    let resume = [("name", "a/b?"), ("by", "李管理")];
    assert_eq!(watched.post("/sources/resume", &resume).await.0, 303);
    fetched(&fetches, 3).await;
    watched.until("a/b?", |state| state.health == "ok").await;
    let (_, home) = watched.get("/").await;
    assert!(!home.contains("没有监测"), "{home}");
    assert_eq!(watched.post("/sources/resume", &resume).await.0, 409, "it is not paused any more");
    assert!(watched.daemon.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_shows_each_step_and_keeps_nothing() {
    let (web, _) = web().await;
    let feed = |name: &str, path: &str, private: bool| {
        format!(
            "[[feed]]\nname = \"{name}\"\nurl = \"{web}{path}\"\ninterval = \"6h\"\nallow_private = {private}\n\n"
        )
    };
    let sources = feed("坏心", "/evil.xml", true)
        + &feed("拒绝", "/closed/feed.xml", true)
        + &feed("内网", "/feed.xml", false);
    let watched = Watched::start(&sources).await;
    watched.until("坏心", |state| state.rounds == 1).await;
    watched.until("内网", |state| !state.health.is_empty()).await;
    let before = watched.daemon.store().source_state("坏心").await.unwrap();

    let (status, _, page) = watched.post("/sources/probe", &[("name", "坏心")]).await;
    assert_eq!(status, 200, "{page}");
    for stage in ["解析地址", "守卫", "robots", "取回", "编码", "解析", "条目", "关键词"] {
        assert!(page.contains(&format!("</span> {stage}</b>")), "{stage}: {page}");
    }
    assert!(page.contains("3 条") && page.contains("命中"), "{page}");
    // What stands in a post is text.
    assert!(page.contains("&lt;script&gt;alert(3)") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains("<img src=x"), "{page}");
    assert!(!page.contains("javascript:"), "{page}");
    let after = watched.daemon.store().source_state("坏心").await.unwrap();
    assert_eq!((before.rounds, before.posts, before.next_at), (after.rounds, after.posts, after.next_at));

    let (_, _, page) = watched.post("/sources/probe", &[("name", "拒绝")]).await;
    assert!(page.contains("不允许自动访问") && page.contains("没有走到"), "{page}");
    let (_, _, page) = watched.post("/sources/probe", &[("name", "内网")]).await;
    assert!(page.contains("内网或特殊地址"), "{page}");
    assert_eq!(watched.post("/sources/probe", &[("name", "没有这个")]).await.0, 404);
    let (_, page) = watched.get("/sources/%E5%86%85%E7%BD%91").await;
    assert!(page.contains("最近的失败") && page.contains("内网或特殊地址"), "{page}");
    assert!(watched.daemon.stop().await.is_empty());
}

/// A console on an office with two sources, of which one has a week behind it and is paused.
async fn with_a_week() -> Editing {
    let editing = Editing::new().await;
    let sources = "[[feed]]\nname = \"new\"\nurl = \"https://e.cn/f?key=k1&q=1\"\nrounds_a_day = 3\n\
        [[push]]\nname = \"别人 <b>送来</b>\"\n";
    fs::write(editing.folder.path().join("sources.d/sources.toml"), sources).unwrap();
    editing.take_up();
    let now = super::rows::now();
    let (health, told) = ("paused".into(), "source/new".into());
    let mut state = SourceState { source: "new".into(), health, told, ..SourceState::default() };
    let history = &mut state.history;
    for back in 0..150_i64 {
        let hour = now - jiff::SignedDuration::from_hours(back);
        history.hours.learn(yuqing::model::hour_of_week(hour), 2 * POST);
        history.hours_learned += 1;
        if back % 7 != 0 {
            history.found.add(hour, u64::try_from(back % 5).unwrap() * POST);
        }
    }
    history.failed("对方 <script>alert(1)</script> 出错", now);
    history.failed("对方 <script>alert(1)</script> 出错", now);
    editing.stage.store.save_source_state(state).await.unwrap();
    let pause = Pause { by: "王值班".into(), reason: "<img src=x>".into(), at: now, until: None };
    let desk = DeskState { paused: [("new".to_owned(), pause)].into(), ..DeskState::default() };
    editing.stage.store.commit(vec![Change::State(desk)]).await.unwrap();
    editing
}

#[tokio::test]
async fn the_pages_are_drawn_in_both_languages_and_say_what_is_outside_as_text() {
    let editing = with_a_week().await;
    let stage = &editing.stage;
    let get = async |path: &str| {
        let (status, page) = stage.get(path).await;
        (status, readable(&page))
    };
    let (_, list) = get("/sources").await;
    // A source that is called like a page has one of its own all the same.
    assert!(list.contains("href=\"/sources/%6E%65%77\""), "{list}");
    assert!(list.contains("<meter") && list.contains("没有监测（"), "{list}");
    assert!(!list.contains("<b>送来") && !list.contains("<img src=x"), "{list}");
    for (query, named) in
        [("?q=NEW", true), ("?q=%E9%80%81", false), ("?only=paused", true), ("?only=ill", false)]
    {
        let (_, page) = get(&format!("/sources{query}")).await;
        assert_eq!(page.contains("%6E%65%77"), named, "{query}: {page}");
    }
    // A mute leads back to where it was pressed: to the page that the form names, or to the list.
    let mute = |from: &str| {
        format!("action=\"/sources/mute\"><input type=\"hidden\" name=\"name\" value=\"{from}\">")
    };
    assert!(list.contains(&mute("")), "{list}");
    assert!(get("/sources/%6E%65%77").await.1.contains(&mute("new")));
    for (locale, words) in [(Locale::ZhCn, "产出与平时"), (Locale::En, "Yield and the usual")] {
        stage.change(|settings| settings.locale = locale);
        let (status, page) = get("/sources/%6E%65%77").await;
        assert!(status == 200 && page.contains(words), "{page}");
        assert!(
            page.contains("class=\"usual\"")
                && page.contains("class=\"bar\"")
                && page.contains("class=\"gap\"")
        );
        assert!(page.contains("https://e.cn/f?key=…&amp;q=1") && !page.contains("k1&"), "{page}");
        assert!(page.contains("对方 &lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
        let (status, page) =
            stage.get("/sources/%E5%88%AB%E4%BA%BA%20%3Cb%3E%E9%80%81%E6%9D%A5%3C%2Fb%3E").await;
        assert!(
            status == 200 && !page.contains("/sources/poll") && !page.contains("/sources/pause"),
            "{page}"
        );
        assert_eq!(stage.get("/sources/new").await.0, 200);
        let choose =
            [("do", "choose"), ("preset", "news-column"), ("url", "https://e.cn/tz/"), ("name", "栏目")];
        let (status, page) = stage.post("/sources/new", &choose).await;
        assert!(status == 200 && page.contains("[[page]]") && page.contains("news-column"), "{page}");
    }
    assert_eq!(stage.get("/sources/nobody").await.0, 404);
    let push = [("name", "别人 <b>送来</b>"), ("by", "王"), ("reason", "停")];
    assert_eq!(stage.post("/sources/pause", &push).await.0, 422, "it is stopped where it runs");
    assert_eq!(stage.post("/sources/pause", &[("name", "x"), ("by", "王"), ("reason", "停")]).await.0, 422);
    assert!(stage.acts().is_empty());
    editing.stage.end().await;
}

#[tokio::test]
async fn pages_of_sources_offer_each_role_what_it_may_do() {
    let editing = with_a_week().await;
    let stage = &editing.stage;
    stage.change(|settings| settings.login = Login::Accounts);
    let admin = stage.person("李管理", Role::Administrator, &[]).await;
    let duty = stage.person("王值班", Role::Duty, &[]).await;
    let leader = stage.person("陈领导", Role::Leader, &[]).await;
    for (session, watches, adds) in [(&admin, true, true), (&duty, true, false), (&leader, false, false)] {
        let (_, list) = stage.get_as("/sources", session).await;
        let (_, page) = stage.get_as("/sources/%6E%65%77", session).await;
        let (list, page) = (readable(&list), readable(&page));
        assert_eq!(list.contains("/sources/new\""), adds, "{list}");
        assert_eq!(stage.get_as("/sources/new", session).await.0, if adds { 200 } else { 403 });
        for act in ["resume", "probe"] {
            assert_eq!(page.contains(&format!("action=\"/sources/{act}\"")), watches, "{act}: {page}");
        }
        assert_eq!(page.contains("href=\"/files/"), adds, "{page}");
    }
    editing.stage.end().await;
}

#[tokio::test]
async fn a_source_of_another_unit_is_not_there() {
    let editing = with_a_week().await;
    let sources = "[[feed]]\nname = \"new\"\nurl = \"https://e.cn/f\"\n\
        [[feed]]\nname = \"自己的\"\nurl = \"https://e.cn/g\"\nunits = [\"青禾县人民医院\"]\n";
    fs::write(editing.folder.path().join("sources.d/sources.toml"), sources).unwrap();
    editing.take_up();
    let stage = &editing.stage;
    stage.change(|settings| {
        settings.login = Login::Accounts;
        settings.units = vec!["青禾县人民医院".into(), "别的单位".into()];
    });
    stage.person("李管理", Role::Administrator, &[]).await;
    let own = stage.person("自己的值班员", Role::Duty, &["青禾县人民医院"]).await;
    let stranger = stage.person("别处的值班员", Role::Duty, &["别的单位"]).await;
    let path = "/sources/%E8%87%AA%E5%B7%B1%E7%9A%84";
    let now = super::rows::now();
    let round =
        RoundRow { source: "自己的".into(), started_at: now, ended_at: now, ..RoundRow::default() };
    stage.store.log_round(round).await.unwrap();
    let ill = SourceState { source: "自己的".into(), health: "broken".into(), ..SourceState::default() };
    stage.store.save_source_state(ill).await.unwrap();
    for (session, sees) in [(&own, true), (&stranger, false)] {
        let (_, home) = stage.get_as("/", session).await;
        assert_eq!(home.contains("自己的</bdi>") || home.contains(">自己的<"), sees, "{home}");
        let (status, list) = stage.get_as("/sources", session).await;
        assert_eq!((status, list.contains("<bdi>自己的</bdi></a>")), (200, sees), "{list}");
        assert!(list.contains("%6E%65%77"), "what is read for every unit is seen by all: {list}");
        assert_eq!(stage.get_as(path, session).await.0, if sees { 200 } else { 404 });
        assert_eq!(stage.get_as("/metrics", session).await.0, 404, "gauges count every unit's");
        let (_, rounds) = stage.get_as("/rounds", session).await;
        assert_eq!(rounds.contains("自己的</bdi>"), sees, "{rounds}");
        let before = stage.acts().len();
        let acts: [(&str, &[(&str, &str)]); 2] = [
            ("/sources/pause", &[("name", "自己的"), ("reason", "停")]),
            ("/sources/mute", &[("subject", "source/自己的"), ("reason", "静音")]),
        ];
        for (door, form) in acts {
            let answer = stage.submit(door, form, &[("cookie", session)]).await;
            assert_eq!(answer.status, if sees { 303 } else { 404 }, "{door}: {}", answer.page);
        }
        assert_eq!(stage.acts().len() - before, if sees { 2 } else { 0 });
    }
    editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_stand_in_a_browser_and_the_box_narrows_the_list() {
    let editing = with_a_week().await;
    let base = editing.stage.base.clone();
    let mut browser = Browser::start().await;
    let list = browser.open(&format!("{base}/sources"), (1280, 700), "").await;
    browser.wait(&list, "document.querySelector('#filter')").await;
    let typed = "var box = document.querySelector('#filter'); box.value = '送'; box.dispatchEvent(new Event('input')); 0";
    browser.ask(&list, typed).await;
    let shown = "Array.prototype.filter.call(document.querySelectorAll('#sources tbody tr'), \
        function (row) { return row.offsetHeight > 0; }).length";
    assert_eq!(browser.ask(&list, shown).await, 1);
    assert_eq!(browser.ask(&list, "document.querySelector('#shown').textContent").await, "显示 1 个");
    let fits = "document.documentElement.scrollWidth <= innerWidth";
    for (path, name) in
        [("/sources", "sources"), ("/sources/%6E%65%77", "source"), ("/sources/new", "source-new")]
    {
        for (size, suffix) in [((1280, 1500), ""), ((360, 1800), "-phone")] {
            let page = browser.open(&format!("{base}{path}"), size, "").await;
            browser.wait(&page, "document.readyState === 'complete'").await;
            assert_eq!(browser.ask(&page, fits).await, true, "{path} at {size:?} scrolls sideways");
            browser.picture(&page, &format!("{name}{suffix}")).await;
        }
    }
    editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_in_is_walked_in_a_browser() {
    let (web, _) = web().await;
    let watched = Watched::start("").await;
    let mut browser = Browser::start().await;
    let page =
        browser.open(&format!("http://{}/sources/new", watched.daemon.address()), (1280, 1400), "").await;
    browser.wait(&page, "document.querySelector('input[name=address]')").await;
    let look = format!(
        "document.querySelector('input[name=address]').value = '{web}/forum.php?mod=forumdisplay&fid=110'; \
         document.querySelector('input[name=private]').checked = true; \
         document.querySelector('form.paste button').click(); 0"
    );
    browser.ask(&page, &look).await;
    browser.wait(&page, "document.querySelector('.offer')").await;
    browser.picture(&page, "source-offers").await;
    browser.ask(&page, "document.querySelector('.offer button').click(); 0").await;
    browser.wait(&page, "document.querySelector('pre.lines')").await;
    browser.picture(&page, "source-lines").await;
    let save = "document.querySelector('input[name=by]').value = '李管理'; \
        document.querySelector('input[name=name]').value = '某论坛'; \
        document.querySelector('button[value=save]').click(); 0";
    browser.ask(&page, save).await;
    browser.wait(&page, "document.querySelector('.done')").await;
    watched.until("某论坛", |state| state.rounds > 0).await;
    assert!(watched.daemon.stop().await.is_empty());
}
