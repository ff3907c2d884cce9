//! Who comes in: login, sessions, throttle, host names, other sites' forms.

use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{CONSOLE_TOKEN, FORM, Stage, encoded, read};

impl Stage {
    fn with_token(&self) {
        self.change(|settings| settings.token = Some(CONSOLE_TOKEN.to_owned().into()));
    }

    async fn log_in(&self, token: &str) -> (u16, Option<String>, Option<String>) {
        let form = encoded(&[("token", token), ("next", "/incidents/1")]);
        let request = self.client.post(format!("{}/login", self.base)).header(FORM.0, FORM.1).body(form);
        let answer = request.send().await.expect("an answer");
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        (answer.status().as_u16(), header("set-cookie"), header("location"))
    }

    async fn get_with(&self, path: &str, header: (&str, &str)) -> u16 {
        read(self.client.get(format!("{}{path}", self.base)).header(header.0, header.1)).await.0
    }

    async fn post_with(&self, path: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = self.client.post(format!("{}{path}", self.base)).header(FORM.0, FORM.1);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.body(encoded(&[("contact", "值班员")]))).await.0
    }
}

const INSIDE: [&str; 12] = [
    "/",
    "/live",
    "/wall",
    "/wall/live",
    "/incidents",
    "/incidents/1",
    "/notices",
    "/sources",
    "/mailbox",
    "/mailbox/email/1",
    "/metrics",
    "/api/v1/incidents",
];

#[tokio::test]
async fn with_a_token_every_page_wants_a_session() {
    let stage = Stage::busy().await;
    stage.with_token();
    for path in INSIDE {
        let (status, page) = stage.get(path).await;
        assert!(status == 303 || status == 401, "{path}: {status}");
        assert!(!page.contains("排队三小时"), "{path}");
    }
    assert_eq!(stage.post("/incidents/1/acknowledge", &[("contact", "值班员")]).await.0, 401);
    assert!(stage.acts().is_empty());
    for path in ["/login", "/healthz", "/assets/console.css"] {
        assert_eq!(stage.get(path).await.0, 200, "{path}");
    }

    let (status, cookie, location) = stage.log_in(CONSOLE_TOKEN).await;
    assert_eq!((status, location.as_deref()), (303, Some("/incidents/1")));
    let cookie = cookie.expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Secure"));
    assert!(!cookie.contains(CONSOLE_TOKEN));
    let session = cookie.split(';').next().expect("a pair").to_owned();
    for path in INSIDE {
        assert_eq!(stage.get_with(path, ("cookie", &session)).await, 200, "{path}");
    }
    assert_eq!(stage.post_with("/incidents/1/acknowledge", &[("cookie", &session)]).await, 303);
    assert_eq!(stage.acts().len(), 1);

    // Its signature, its time and its token are what makes it hold.
    let spoilt = format!("{}0", session.trim_end_matches(char::is_alphanumeric));
    assert_eq!(stage.get_with("/", ("cookie", &spoilt)).await, 303);
    let later = session.replacen("=1", "=2", 1);
    assert_eq!(stage.get_with("/", ("cookie", &later)).await, 303, "{later}");
    stage.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(stage.get_with("/", ("cookie", &session)).await, 303);
    stage.clock.advance(SignedDuration::from_hours(-12));
    assert_eq!(stage.get_with("/", ("cookie", &session)).await, 200);
    stage.change(|settings| settings.token = Some("another token".to_owned().into()));
    assert_eq!(stage.get_with("/", ("cookie", &session)).await, 303);
    stage.end().await;
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure_and_next_stays_here() {
    let stage = Stage::busy().await;
    stage.with_token();
    stage.change(|settings| settings.public_url = Some("https://yuqing.qinghe.example".into()));
    let (_, cookie, _) = stage.log_in(CONSOLE_TOKEN).await;
    assert!(cookie.expect("a cookie").ends_with("; Secure"));
    for next in ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil"] {
        let form = encoded(&[("token", CONSOLE_TOKEN), ("next", next)]);
        let request = stage.client.post(format!("{}/login", stage.base)).header(FORM.0, FORM.1).body(form);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["location"], "/", "{next}");
    }
    stage.end().await;
}

#[tokio::test]
async fn wrong_tokens_are_throttled() {
    let stage = Stage::busy().await;
    stage.with_token();
    for wrong in ["", "x", "the office's own toke", "the office's own token2", "THE OFFICE'S OWN TOKEN"] {
        let (status, cookie, _) = stage.log_in(wrong).await;
        assert_eq!((status, cookie), (401, None), "{wrong}");
    }
    assert_eq!(stage.log_in(CONSOLE_TOKEN).await.0, 429, "even the right one has to wait now");
    stage.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(stage.log_in(CONSOLE_TOKEN).await.0, 303);
    stage.end().await;
}

#[tokio::test]
async fn a_bearer_reads_but_does_not_act() {
    let stage = Stage::busy().await;
    stage.with_token();
    let bearer = format!("Bearer {CONSOLE_TOKEN}");
    assert_eq!(stage.get_with("/metrics", ("authorization", &bearer)).await, 200);
    assert_eq!(stage.get_with("/api/v1/incidents", ("authorization", &bearer)).await, 200);
    assert_eq!(stage.get_with("/metrics", ("authorization", "Bearer x")).await, 401);
    assert_eq!(stage.post_with("/incidents/1/acknowledge", &[("authorization", &bearer)]).await, 401);
    stage.end().await;
}

#[tokio::test]
async fn without_a_token_only_a_loopback_name_is_served() {
    let stage = Stage::busy().await;
    let port = stage.address().port();
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        "127.9.9.9".into(),
    ] {
        assert_eq!(stage.get_with("/", ("host", &host)).await, 200, "{host}");
    }
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.168.1.2", "10.0.0.1"]
    {
        assert_eq!(stage.get_with("/", ("host", host)).await, 403, "{host}");
        let claim = format!("/confirm/{}", "x");
        assert_eq!(stage.get_with(&claim, ("host", host)).await, 403, "{host}");
    }
    stage.with_token();
    assert_eq!(stage.get_with("/login", ("host", "yuqing.qinghe.example")).await, 200);
    stage.end().await;
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let stage = Stage::busy().await;
    let path = "/incidents/1/acknowledge";
    let base = stage.base.clone();
    for headers in [
        [("sec-fetch-site", "cross-site"), ("origin", base.as_str())],
        [("sec-fetch-site", "same-site"), ("origin", base.as_str())],
        [("x-none", ""), ("origin", "http://evil.example")],
        [("x-none", ""), ("origin", "http://127.0.0.1:1")],
        [("x-none", ""), ("origin", "null")],
    ] {
        assert_eq!(stage.post_with(path, &headers).await, 403, "{headers:?}");
    }
    assert!(stage.acts().is_empty());
    assert_eq!(stage.post_with(path, &[("sec-fetch-site", "same-origin"), ("origin", &base)]).await, 303);
    assert_eq!(stage.post_with(path, &[("origin", &base)]).await, 303);
    assert_eq!(stage.acts().len(), 2);
    stage.end().await;
}

#[tokio::test]
async fn broken_requests_are_answered_or_dropped() {
    let stage = Stage::busy().await;
    for request in [
        "GARBAGE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /incidents/-1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(stage.address()).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        stream.shutdown().await.expect("closed");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("read");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 4"), "{request}: {answer}");
    }
    assert_eq!(stage.get("/nowhere").await.0, 404);
    assert_eq!(
        stage.get("/api/v1/nowhere").await.1,
        r#"{"error":{"code":"not_found","message":"there is no such route"}}"#
    );
    stage.end().await;
}
