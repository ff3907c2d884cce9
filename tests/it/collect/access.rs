//! The access log: what stands in it, what must not, and what happens when the disk is full.

use std::{fs, process::Command, sync::Arc};

use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use secrecy::SecretString;
use yuqing::{
    collect::{
        fetch::{
            FetchError, Fetcher, Request,
            access::{self, AccessLog, Entry, Kind, Robots, redacted},
        },
        requests,
    },
    time::Manual,
};

use super::stage::{fetcher, now, request, serve, settings, sources};

fn always() -> (Timestamp, Timestamp) {
    (now() - 9_000.hours(), now() + 9_000.hours())
}

fn lines(folder: &std::path::Path) -> Vec<Entry> {
    let (from, to) = always();
    access::read(folder, from, to, |_| true).unwrap().entries
}

fn entry(at: Timestamp, url: &str) -> Entry {
    Entry {
        at,
        source: "某论坛".into(),
        kind: Kind::Page,
        method: "GET".into(),
        url: url.into(),
        sent: true,
        robots: Robots::Allowed,
        contract: None,
        status: Some(200),
        failure: None,
        bytes: 12,
        waited_ms: 0,
        took_ms: 3,
        redirected_from: None,
        downgraded: false,
        proxy: None,
        agent: "yuqing/0".into(),
    }
}

#[tokio::test]
async fn each_request_and_each_refusal_is_a_line() {
    let rules = "User-agent: *\nDisallow: /private\n";
    let app = Router::new()
        .route("/robots.txt", get(move || async move { rules }))
        .route("/old", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/new?token=abc&page=2")]) }))
        .route("/new", get(|| async { "body" }))
        .route(
            "/busy",
            get(|| async { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "600")], "later") }),
        );
    let base = serve(app).await;
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::in_folder(folder.path().join("access"), 200);
    let clock = Manual::at(now());
    let fetcher = fetcher(Arc::new(clock.clone())).logging(log.clone());
    let ask = |path: &str| Request { source: "某论坛".into(), ..request(&format!("{base}{path}")) };
    fetcher.fetch(&ask("/old")).await.unwrap();
    fetcher.fetch(&ask("/private/a?key=k1")).await.unwrap_err();
    fetcher.fetch(&ask("/busy")).await.unwrap_err();
    let resting = fetcher.fetch(&ask("/new")).await.unwrap_err();
    assert!(matches!(resting, FetchError::HostRests { .. }));
    let inner = Request { allow_private: false, ..ask("/x") };
    fetcher.fetch(&inner).await.unwrap_err();
    log.flush().await;
    let entries = lines(&folder.path().join("access"));
    let told: Vec<_> = entries
        .iter()
        .map(|e| (e.url.strip_prefix(&base).unwrap(), e.sent, e.robots, e.status, e.bytes))
        .collect();
    assert_eq!(
        told,
        [
            ("/robots.txt", true, Robots::Asking, Some(200), rules.len() as u64),
            ("/old", true, Robots::Allowed, Some(302), 0),
            ("/new?token=***&page=2", true, Robots::Allowed, Some(200), 4),
            ("/private/a?key=***", false, Robots::Refused, None, 0),
            ("/busy", true, Robots::Allowed, Some(429), 5),
            ("/new", false, Robots::Allowed, None, 0),
            ("/x", false, Robots::Unasked, None, 0),
        ]
    );
    assert!(
        entries.iter().all(|e| e.source == "某论坛" && e.method == "GET" && e.agent.starts_with("yuqing/"))
    );
    assert_eq!(entries[2].redirected_from.as_deref(), Some(format!("{base}/old").as_str()));
    let failures: Vec<_> = entries.iter().filter_map(|e| e.failure.as_deref()).collect();
    assert_eq!(failures.len(), 3, "{failures:?}");
    assert!(failures[0].starts_with("robots.txt forbids") && !failures[0].contains("k1"), "{failures:?}");
    assert!(failures[1].starts_with("the host rests") && failures[2].starts_with("address not allowed"));
}

#[tokio::test]
async fn a_contract_is_used_with_its_key_and_named() {
    let app = Router::new().route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /\n" })).route(
        "/api",
        get(|headers: axum::http::HeaderMap| async move {
            headers.get("authorization").unwrap().to_str().unwrap().to_owned()
        }),
    );
    let (base, other) = (serve(app.clone()).await, serve(app).await);
    let away = format!("{other}/api");
    let leads_away = move || async move { (StatusCode::FOUND, [(header::LOCATION, away.clone())]) };
    let leading = serve(Router::new().route("/api", get(leads_away))).await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), "s3cret+key/1").unwrap();
    let text = format!(
        "[[feed]]\nname = \"开放平台\"\nurl = \"{base}/api\"\ncontract = \"开放平台协议 2026-11\"\n\
         credential = \"file:{}\"\nheaders = {{ Authorization = \"Bearer {{credential}}\" }}\n",
        folder.path().join("key").display()
    );
    let source = sources(&text).remove(0);
    let log = AccessLog::in_folder(folder.path().join("access"), 200);
    let fetcher = fetcher(Arc::new(Manual::at(now()))).logging(log.clone());
    let asked = requests::of(&source, &settings(), &format!("{base}/api")).unwrap();
    assert_eq!(fetcher.fetch(&asked).await.unwrap().body, b"Bearer s3cret+key/1");
    // The contract is with this host: where it redirects to, robots.txt is obeyed and the key is not shown.
    let asked = requests::of(&source, &settings(), &format!("{leading}/api?echo=s3cret%2Bkey%2F1")).unwrap();
    assert!(matches!(fetcher.fetch(&asked).await, Err(FetchError::RobotsRefused(_))));
    log.flush().await;
    let entries = lines(&folder.path().join("access"));
    assert_eq!(
        (entries[0].robots, entries[0].contract.as_deref()),
        (Robots::Contract, Some("开放平台协议 2026-11"))
    );
    assert!(!entries.iter().any(|e| e.url == format!("{base}/robots.txt")), "it was not asked for");
    let last = entries.last().unwrap();
    assert_eq!((last.robots, last.sent), (Robots::Refused, false));
    let written: String = fs::read_dir(folder.path().join("access"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(!written.contains("s3cret"), "{written}");
}

#[test]
fn secrets_are_cut() {
    let secret = SecretString::from("k+1/秘");
    for (text, shown) in [
        (
            "https://u:p@a.example/x?access_token=1&q=%E5%8C%BB",
            "https://a.example/x?access_token=***&q=%E5%8C%BB",
        ),
        (
            "https://a.example/?API-KEY=1&sid=2&X-Signature=3&page=4",
            "https://a.example/?API-KEY=***&sid=***&X-Signature=***&page=4",
        ),
        ("https://a.example/k%2B1%2F%E7%A7%98/x", "https://a.example/***/x"),
        ("connect failed: k+1/秘 refused", "connect failed: *** refused"),
        (
            "https://a.example/?keyword=a&monkey=b&author=c&design=d",
            "https://a.example/?keyword=a&monkey=b&author=c&design=d",
        ),
        ("https://a.example/?appkey=1&PHPSESSIONID=2", "https://a.example/?appkey=***&PHPSESSIONID=***"),
    ] {
        assert_eq!(redacted(text, Some(&secret)), shown);
    }
}

#[tokio::test]
async fn a_disk_that_fails_stops_nothing_and_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("access");
    fs::write(&place, "a file where the folder should be").unwrap();
    let log = AccessLog::in_folder(place.clone(), 200);
    log.write(entry(now(), "https://a.example/lost"));
    log.flush().await;
    fs::remove_file(&place).unwrap();
    log.write(entry(now(), "https://a.example/kept"));
    log.flush().await;
    let urls: Vec<_> = lines(&place).into_iter().map(|e| e.url).collect();
    assert_eq!(urls, ["https://a.example/kept"]);
}

#[tokio::test]
async fn a_file_a_day_kept_as_long_as_is_asked_and_cut_lines_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    for day in 1..=220 {
        let date = now().to_zoned(jiff::tz::TimeZone::UTC).date() - day.days();
        fs::write(folder.path().join(format!("access-{date}.jsonl")), "").unwrap();
    }
    let today = folder.path().join("access-2026-11-21.jsonl");
    fs::write(&today, "{\"at\":\"2026-11-21T00:0").unwrap();
    let log = AccessLog::in_folder(folder.path().into(), 190);
    let n_lines = 3_000;
    for n in 0..n_lines {
        log.write(entry(now(), &format!("https://a.example/{n}")));
    }
    log.write(entry(now() + SignedDuration::from_hours(24), "https://a.example/tomorrow"));
    log.flush().await;
    let (from, to) = always();
    let read = access::read(folder.path(), from, to, |_| true).unwrap();
    assert_eq!(
        (read.entries.len(), read.broken),
        (n_lines + 1, 1),
        "no line is lost, the cut one is counted"
    );
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 191, "today and 190 days before it");
    assert!(names.contains(&"access-2026-11-22.jsonl".to_owned()));
    // A clock that jumps by decades deletes nothing.
    log.write(entry("2060-01-01T00:00:00Z".parse().unwrap(), "https://a.example/2060"));
    log.flush().await;
    assert!(fs::read_dir(folder.path()).unwrap().count() >= 190);
}

#[tokio::test]
async fn the_command_shows_one_day_in_the_offices_zone() {
    let state = tempfile::tempdir().unwrap();
    let log = AccessLog::in_folder(state.path().join("access"), 200);
    // 23:30 and 00:30 in Shanghai are one file in UTC and two days of the office.
    log.write(entry("2026-11-20T15:30:00Z".parse().unwrap(), "https://a.example/yesterday"));
    log.write(entry("2026-11-20T16:30:00Z".parse().unwrap(), "https://a.example/today"));
    let refused =
        Entry { sent: false, robots: Robots::Refused, status: None, ..entry(now(), "https://b.example/") };
    log.write(Entry { source: "另一个".into(), ..refused });
    log.flush().await;
    let run = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_yuqing"))
            .args(["access", "--day", "2026-11-21", "--state"])
            .arg(state.path())
            .args(more)
            .env("HOME", state.path())
            .current_dir(state.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let all = run(&[]);
    assert!(all.contains("11-21 00:30:00  200  某论坛  https://a.example/today"), "{all}");
    assert!(!all.contains("yesterday") && all.contains("robots.txt 不允许"), "{all}");
    assert!(all.contains("共 1 次访问") && all.contains("没有去的 1 次"), "{all}");
    assert!(!run(&["--source", "某论坛"]).contains("另一个"));
    assert!(!run(&["--refused"]).contains("某论坛"));
    let json = run(&["--json"]);
    assert_eq!(json.lines().count(), 3);
    assert!(json.lines().last().unwrap().contains("\"summary\":true"));
}

#[tokio::test]
async fn a_request_that_is_given_up_is_written_down() {
    let (arrived, mut waits) = tokio::sync::mpsc::unbounded_channel();
    let base = serve(Router::new().route(
        "/",
        get(move || async move {
            let _ = arrived.send(());
            std::future::pending::<()>().await;
        }),
    ))
    .await;
    let folder = tempfile::tempdir().unwrap();
    let log = AccessLog::in_folder(folder.path().into(), 200);
    let fetcher = Fetcher::new(settings(), Arc::new(Manual::at(now()))).unwrap().logging(log.clone());
    let asked = request(&base);
    tokio::select! {
        _ = fetcher.fetch(&asked) => panic!("it never answers"),
        _ = waits.recv() => {}
    }
    log.flush().await;
    let entries = lines(folder.path());
    let last = entries.last().unwrap();
    assert!(last.sent && last.failure.as_deref().unwrap().starts_with("given up"), "{last:?}");
}
