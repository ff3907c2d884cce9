//! Fetching over real loopback HTTP: limits, redirects, refusals, robots.txt, conditional GET, and the
//! guard against private addresses.

use std::{
    fs,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use yuqing::{
    collect::fetch::{FetchError, Fetcher, Guard, Lookup, MOST_RAW_BYTES, vet},
    locale::Locale,
    time::{Clock, Manual},
};

use super::stage::{Visits, data, fetch, fetcher, now, raw, request, serve, settings, visit};

#[tokio::test]
async fn a_page_is_fetched_with_our_own_name() {
    let (visits, mut seen) = Visits::new();
    let agent = move |headers: HeaderMap| async move {
        visits.note(headers.get(header::USER_AGENT).unwrap().to_str().unwrap());
        assert!(!headers.contains_key(header::COOKIE));
        "好"
    };
    let base = serve(Router::new().route("/", get(agent))).await;
    let clock = Arc::new(Manual::at(now()));
    let settings = yuqing::config::FetchSettings { contact: Some("office@example.cn".into()), ..settings() };
    let fetched = Fetcher::new(settings, clock).unwrap().fetch(&request(&base)).await.unwrap();
    assert_eq!(fetched.body, "好".as_bytes());
    let agent = visit(&mut seen).await;
    assert_eq!(agent, format!("yuqing/{} (+office@example.cn)", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn answers_other_than_success_have_their_words() {
    let app = Router::new()
        .route("/500", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/404", get(|| async { StatusCode::NOT_FOUND }))
        .route("/403", get(|| async { (StatusCode::FORBIDDEN, "请输入验证码".repeat(9_999)) }));
    let base = serve(app).await;
    for (code, words) in [(500, "对方网站出错"), (404, "页面不存在"), (403, "拒绝访问")] {
        let error = fetch(&format!("{base}/{code}")).await.unwrap_err();
        let FetchError::Status { code: told, retry_at: None, raw: Some(raw) } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*told, raw.status, raw.url.as_str()), (code, code, format!("{base}/{code}").as_str()));
        let human = error.human(Locale::ZhCn);
        assert!(human.contains(words) && human.contains(&code.to_string()), "{human}");
        if code == 403 {
            assert_eq!(raw.body.len(), MOST_RAW_BYTES, "the evidence is kept, within its cap");
            assert_eq!(raw.content_type.as_deref(), Some("text/plain; charset=utf-8"));
        }
    }
}

#[tokio::test]
async fn retry_after_in_seconds_and_as_a_date_is_believed() {
    let date = "Sat, 21 Nov 2026 00:25:00 GMT";
    let app = Router::new()
        .route("/seconds", get(|| async { (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "120")]) }))
        .route(
            "/date",
            get(move || async move { (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, date)]) }),
        )
        .route("/other", get(|| async { "fine" }));
    for (path, after) in [("seconds", 120), ("date", 600)] {
        let base = serve(app.clone()).await;
        let fetcher = fetcher(Arc::new(Manual::at(now())));
        let error = fetcher.fetch(&request(&format!("{base}/{path}"))).await.unwrap_err();
        let until: Timestamp = now() + SignedDuration::from_secs(after);
        assert_eq!(error.retry_at(), Some(until), "{path}");
        // The host rests: its other pages are not asked for either.
        let error = fetcher.fetch(&request(&format!("{base}/other"))).await.unwrap_err();
        assert_eq!(error, FetchError::HostRests { until });
    }
}

#[tokio::test]
async fn endless_cut_and_bomb_bodies() {
    let bomb = gzip_bomb(8 * 1024 * 1024);
    let base = raw(move |path, mut stream| {
        let bomb = bomb.clone();
        async move {
            match path.as_str() {
                "/endless" => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
                    while stream.write_all(&[b'a'; 65536]).await.is_ok() {}
                }
                "/announced" => {
                    let _ =
                        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nabc").await;
                    std::future::pending::<()>().await;
                }
                "/cut" => {
                    let _ =
                        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this").await;
                }
                "/slow" => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n").await;
                    std::future::pending::<()>().await;
                }
                _ => {
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                        bomb.len()
                    );
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(&bomb).await;
                }
            }
        }
    })
    .await;
    let limit = 1024 * 1024;
    for path in ["endless", "announced", "bomb"] {
        let error = fetch(&format!("{base}/{path}")).await.unwrap_err();
        assert_eq!(error, FetchError::TooLarge { limit }, "{path}");
        assert!(error.human(Locale::ZhCn).contains("超过 1 MB"));
    }
    let error = fetch(&format!("{base}/cut")).await.unwrap_err();
    assert!(matches!(error, FetchError::BrokenBody(_)), "{error:?}");
    let mut slow = request(&format!("{base}/slow"));
    slow.timeout = SignedDuration::from_millis(300);
    let error = fetcher(Arc::new(Manual::at(now()))).fetch(&slow).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
}

/// A gzip stream of stored blocks would be as long as its content, so one block of zeros is compressed by
/// hand: a fixed Huffman block that repeats one byte.
fn gzip_bomb(size: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b1, 1); // the last block
    bits.push(0b01, 2); // fixed codes
    bits.code(0x30, 8); // the literal 0
    let repeats = size / 258;
    for _ in 0..repeats {
        bits.code(0b1100_0101, 8); // length 258
        bits.code(0, 5); // distance 1
    }
    bits.code(0, 7); // the end
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(bits.finish());
    out.extend([0; 8]);
    out
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    n_held: u32,
}

impl Bits {
    fn push(&mut self, value: u32, length: u32) {
        self.held |= value << self.n_held;
        self.n_held += length;
        while self.n_held >= 8 {
            self.out.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.n_held -= 8;
        }
    }

    /// Huffman codes are packed from their highest bit.
    fn code(&mut self, value: u32, length: u32) {
        for bit in (0..length).rev() {
            self.push(value >> bit & 1, 1);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, 7);
        self.out
    }
}

#[tokio::test]
async fn redirects_are_followed_within_bounds() {
    let app = Router::new()
        .route("/self", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/self")]) }))
        .route(
            "/metadata",
            get(|| async { (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/latest")]) }),
        )
        .route("/file", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "file:///etc/passwd")]) }))
        .route("/good", get(|| async { (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, "/end")]) }))
        .route("/end", get(|| async { "end" }))
        .route(
            "/chain/{n}",
            get(|axum::extract::Path(n): axum::extract::Path<u32>| async move {
                (StatusCode::FOUND, [(header::LOCATION, format!("/chain/{}", n + 1))])
            }),
        );
    let base = serve(app).await;
    let fetched = fetch(&format!("{base}/good")).await.unwrap();
    assert_eq!((fetched.url, fetched.body), (format!("{base}/end"), b"end".to_vec()));
    let error = fetch(&format!("{base}/self")).await.unwrap_err();
    assert!(matches!(error, FetchError::RedirectLoop(_)), "{error:?}");
    let error = fetch(&format!("{base}/chain/1")).await.unwrap_err();
    assert_eq!(error, FetchError::TooManyRedirects { limit: 5 });
    let error = fetch(&format!("{base}/file")).await.unwrap_err();
    assert!(matches!(error, FetchError::BadUrl(_)), "{error:?}");
    // `allow_private` lets a loopback page be fetched here; a public page that leads inside is refused.
    let public = Lookup::from(Arc::new(
        |_: String| -> std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> {
            Box::pin(async { Ok(vec!["93.184.216.34".parse().unwrap()]) })
        },
    ) as Arc<_>);
    assert!(Guard::by(public, false).addresses("good.example").await.is_ok());
    let error = vet("http://169.254.169.254/latest", false).unwrap_err();
    assert!(error.human(Locale::ZhCn).contains("内网或特殊地址"));
}

#[tokio::test]
async fn a_public_name_that_leads_inside_is_refused_at_connect_and_on_redirect() {
    let base = serve(Router::new().route("/", get(|| async { "secret" }))).await;
    let port = base.rsplit(':').next().unwrap().to_owned();
    let inside: Lookup = Arc::new(|_| Box::pin(async { Ok(vec!["127.0.0.1".parse().unwrap()]) }));
    let clock = Arc::new(Manual::at(now()));
    let fetcher = Fetcher::with_guard(settings(), clock, &Guard::by(inside, false)).unwrap();
    let mut asked = request(&format!("http://rebind.example:{port}/"));
    asked.allow_private = false;
    let error = fetcher.fetch(&asked).await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(_)), "{error:?}");
    asked.url = base;
    let error = fetcher.fetch(&asked).await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden(_)), "a literal address: {error:?}");
}

#[tokio::test]
async fn the_list_of_tricky_addresses() {
    for line in fs::read_to_string(data("hostile/ssrf_urls.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (url, expected) = (row["url"].as_str().unwrap(), row["expected"].as_str().unwrap());
        let verdict = vet(url, false);
        match row["scenario"].as_str() {
            None if expected == "block" => assert!(verdict.is_err(), "{url} must be blocked"),
            _ => assert!(verdict.is_ok(), "{url} must pass the first check: {verdict:?}"),
        }
    }
    // The scenarios: the address that was checked is the one that is dialled.
    let turn = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turn);
    let rebind: Lookup = Arc::new(move |_| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        let ip: IpAddr = if first { "93.184.216.34" } else { "127.0.0.1" }.parse().unwrap();
        Box::pin(async move { Ok(vec![ip]) })
    });
    let guard = Guard::by(rebind, false);
    assert_eq!(
        guard.addresses("rebind.example").await.unwrap(),
        ["93.184.216.34".parse::<IpAddr>().unwrap()]
    );
    assert!(guard.addresses("rebind.example").await.is_err(), "each look-up is checked anew");
    let multi: Lookup = Arc::new(|_| {
        Box::pin(async { Ok(vec!["93.184.216.34".parse().unwrap(), "10.0.0.5".parse().unwrap()]) })
    });
    let found = Guard::by(multi, false).addresses("multi.example").await.unwrap();
    assert_eq!(found, ["93.184.216.34".parse::<IpAddr>().unwrap()], "only the public one");
    let base = vet("http://good.example/r6", false).unwrap();
    assert!(vet(base.join("\t http://127.0.0.1/").unwrap().as_str(), false).is_err());
}

#[tokio::test]
async fn robots_txt_is_obeyed() {
    let rules = "User-agent: yuqing\nDisallow: /private/\nUser-agent: *\nDisallow: /\n";
    let app = Router::new()
        .route("/robots.txt", get(move || async move { rules }))
        .route("/private/a", get(|| async { "no" }))
        .route("/public", get(|| async { "yes" }));
    let base = serve(app).await;
    assert_eq!(fetch(&format!("{base}/public")).await.unwrap().body, b"yes");
    let error = fetch(&format!("{base}/private/a")).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsRefused(_)), "{error:?}");
    assert!(error.human(Locale::ZhCn).contains("开放接口"), "it names what remains");
}

#[tokio::test]
async fn robots_txt_that_cannot_be_had_forbids_for_now_and_is_asked_again() {
    let turn = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turn);
    let robots = move || {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                StatusCode::BAD_GATEWAY.into_response()
            } else {
                "User-agent: *\nAllow: /\n".into_response()
            }
        }
    };
    let app = Router::new().route("/robots.txt", get(robots)).route("/a", get(|| async { "a" }));
    let base = serve(app).await;
    let clock = Manual::at(now());
    let fetcher = fetcher(Arc::new(clock.clone()));
    let asked = request(&format!("{base}/a"));
    let error = fetcher.fetch(&asked).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnavailable { .. }), "{error:?}");
    clock.advance(SignedDuration::from_mins(6));
    assert_eq!(fetcher.fetch(&asked).await.unwrap().body, b"a");
    clock.advance(SignedDuration::from_hours(23));
    fetcher.fetch(&asked).await.unwrap();
    assert_eq!(turn.load(Ordering::SeqCst), 2, "kept for a day");
    clock.advance(SignedDuration::from_hours(2));
    fetcher.fetch(&asked).await.unwrap();
    assert_eq!(turn.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn the_last_good_robots_txt_stands_in_while_it_cannot_be_had() {
    let turn = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turn);
    let robots = move || {
        let n = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match n {
                0 => "User-agent: *\nDisallow: /private\n".into_response(),
                n if n % 2 == 0 => StatusCode::TOO_MANY_REQUESTS.into_response(),
                _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            }
        }
    };
    let app = Router::new()
        .route("/robots.txt", get(robots))
        .route("/a", get(|| async { "a" }))
        .route("/private", get(|| async { "no" }));
    let base = serve(app).await;
    let clock = Manual::at(now());
    let fetcher = fetcher(Arc::new(clock.clone()));
    let open = request(&format!("{base}/a"));
    let closed = request(&format!("{base}/private"));
    fetcher.fetch(&open).await.unwrap();
    for _ in 0..29 {
        clock.advance(SignedDuration::from_hours(24));
        fetcher.fetch(&open).await.unwrap();
        assert!(matches!(fetcher.fetch(&closed).await, Err(FetchError::RobotsRefused(_))));
    }
    clock.advance(SignedDuration::from_hours(25));
    // After 30 days the copy is too old to go by; the host is left alone, not taken as without rules.
    assert!(matches!(fetcher.fetch(&open).await, Err(FetchError::RobotsUnavailable { .. })));
    assert_eq!(turn.load(Ordering::SeqCst), 31, "asked once a day");
}

#[tokio::test]
async fn many_at_once_ask_for_robots_txt_once() {
    let turn = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turn);
    let robots = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "User-agent: *\nAllow: /\n" }
    };
    let app = Router::new().route("/robots.txt", get(robots)).route("/{n}", get(|| async { "a" }));
    let base = serve(app).await;
    let fetcher = fetcher(Arc::new(Manual::at(now())));
    let asked: Vec<_> = (0..20).map(|n| request(&format!("{base}/{n}"))).collect();
    let answers = futures_util::future::join_all(asked.iter().map(|asked| fetcher.fetch(asked))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(turn.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_crawl_delay_is_the_hosts_pace() {
    let app = Router::new()
        .route("/robots.txt", get(|| async { "User-agent: *\nCrawl-delay: 10\n" }))
        .route("/a", get(|| async { "a" }));
    let base = serve(app).await;
    let clock = Manual::at(now());
    let fetcher = Arc::new(fetcher(Arc::new(clock.clone())));
    let asked = request(&format!("{base}/a"));
    fetcher.fetch(&asked).await.unwrap();
    let second = tokio::spawn({
        let fetcher = Arc::clone(&fetcher);
        async move { fetcher.fetch(&asked).await }
    });
    // The second waits for its turn on the clock: it can only end after the clock was moved.
    clock.advance(SignedDuration::from_secs(9));
    tokio::task::yield_now().await;
    assert!(!second.is_finished());
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(second.await.unwrap().unwrap().body, b"a");
    assert_eq!(clock.now(), now() + SignedDuration::from_secs(10));
}

#[tokio::test]
async fn an_unchanged_page_costs_no_body() {
    let page = |headers: HeaderMap| async move {
        if headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag == "\"v1\"") {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        ([(header::ETAG, "\"v1\""), (header::LAST_MODIFIED, "Fri, 20 Nov 2026 00:00:00 GMT")], "body")
            .into_response()
    };
    let base = serve(Router::new().route("/", get(page))).await;
    let first = fetch(&base).await.unwrap();
    assert_eq!(first.validators.0.as_deref(), Some("\"v1\""));
    let mut again = request(&base);
    again.validators = first.validators.clone();
    let second = fetcher(Arc::new(Manual::at(now()))).fetch(&again).await.unwrap();
    assert!(second.not_modified && second.body.is_empty());
    assert_eq!(second.validators, first.validators, "kept for the next time");
}

#[tokio::test]
async fn a_secret_header_is_not_carried_to_another_origin() {
    let (visits, mut seen) = Visits::new();
    let other = move |headers: HeaderMap| async move {
        visits.note(format!("{:?}", headers.get("x-key")));
        "other"
    };
    let other = serve(Router::new().route("/", get(other))).await;
    let first = serve(
        Router::new()
            .route("/", get(move || async move { (StatusCode::FOUND, [(header::LOCATION, other)]) })),
    )
    .await;
    let mut asked = request(&first);
    asked.headers.insert("x-key".into(), "secret".into());
    fetcher(Arc::new(Manual::at(now()))).fetch(&asked).await.unwrap();
    assert_eq!(visit(&mut seen).await, "None");
}

#[tokio::test]
async fn nobody_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = fetch(&format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn not_every_host_keeps_a_connection() {
    let (visits, mut seen) = Visits::new();
    let page = move |headers: HeaderMap| async move {
        let closes = headers.get(header::CONNECTION).is_some_and(|said| said == "close");
        visits.note(if closes { "close" } else { "keep" });
    };
    let base = serve(Router::new().route("/", get(page))).await;
    let port = base.rsplit(':').next().unwrap();
    let here: Lookup = Arc::new(|_| Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) }));
    let clock = Arc::new(Manual::at(now()));
    let fetcher = Fetcher::with_guard(settings(), clock, &Guard::by(here, true)).unwrap();
    let mut kept = 0;
    for host in 0..200 {
        let mut asked = request(&format!("http://h{host}.example:{port}/"));
        asked.allow_private = false;
        fetcher.fetch(&asked).await.unwrap();
        kept += usize::from(visit(&mut seen).await == "keep");
    }
    assert_eq!(kept, 64, "the pool is bounded whatever the number of hosts");
    let mut again = request(&format!("http://h0.example:{port}/"));
    again.allow_private = false;
    fetcher.fetch(&again).await.unwrap();
    assert_eq!(visit(&mut seen).await, "keep", "a host that has one goes on with it");
}
