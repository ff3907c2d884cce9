//! A server that lies in every way that one can lie in below HTML: each gets its typed error within its
//! time, and memory stays bounded (measured in a process of its own).

use std::{fs, sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use yuqing::{
    collect::fetch::{FetchError, Fetched, Fetcher},
    locale::Locale,
    time::Manual,
};

use super::stage::{PATIENCE, now, raw, request, settings};

const CAP: usize = 1024 * 1024;
/// Set for the process that is measured.
const MEASURED: &str = "YUQING_TEST_MEASURES_MEMORY";

fn head(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{more}\r\n\r\n")
}

fn plain(body: &str) -> Vec<u8> {
    format!("{}{body}", head(&format!("Connection: close\r\nContent-Length: {}", body.len()))).into_bytes()
}

fn packed(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        head(&format!("Content-Encoding: {encoding}\r\nContent-Length: {}", body.len())).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8], with_header: bool) -> Vec<u8> {
    use std::io::Write;
    if with_header {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        return encoder.finish().unwrap();
    }
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What is sent at once; what is then repeated until the client is gone; whether it closes after that.
struct Script {
    first: Vec<u8>,
    again: Vec<u8>,
    hangs: bool,
}

fn script(path: &str) -> Script {
    let once = |first: Vec<u8>| Script { first, again: Vec::new(), hangs: false };
    let hang = |first: Vec<u8>| Script { first, again: Vec::new(), hangs: true };
    let endless = |first: &str, again: &str| Script {
        first: first.as_bytes().to_vec(),
        again: again.as_bytes().to_vec(),
        hangs: false,
    };
    let million = "a".repeat(64 * 1024);
    match path {
        "/captcha" => once(plain("<title>请输入验证码</title>")),
        "/charset" => once(plain("<meta charset=gbk>其实是 UTF-8")),
        "/head-drip" => hang(b"HTTP/1.1 200 OK\r\nContent-Ty".to_vec()),
        "/body-drip" => hang(format!("{}only", head("Content-Length: 100")).into_bytes()),
        "/silent" => hang(Vec::new()),
        "/endless" => endless(&head("Connection: close"), &million),
        "/endless-chunks" => endless(&head("Transfer-Encoding: chunked"), &format!("10000\r\n{million}\r\n")),
        "/tiny-chunks" => endless(&head("Transfer-Encoding: chunked"), &"1\r\na\r\n".repeat(10_000)),
        "/endless-head" => {
            endless("HTTP/1.1 200 OK\r\n", &format!("X-{}: {}\r\n", "a".repeat(50), "b".repeat(5_000)))
        }
        "/endless-line" => endless("HTTP/1.1 200 OK\r\nX: ", &million),
        "/informed" => endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
        "/wide-head" => {
            let wide: String = (0..80).map(|n| format!("X-{n}: {}\r\n", "w".repeat(2_000))).collect();
            once(head(&format!("{wide}Content-Length: 0")).into_bytes())
        }
        "/bomb" => once(packed("gzip", &gzip(&vec![0; 64 * CAP]))),
        "/tight" => once(packed("gzip", &gzip(&vec![0; CAP * 3]))),
        "/gzip" => once(packed("gzip", &gzip("你好".repeat(99).as_bytes()))),
        "/zlib" => once(packed("deflate", &zlib("你好".as_bytes(), true))),
        "/deflate" => once(packed("deflate", &zlib("你好".as_bytes(), false))),
        "/nested" => once(packed("gzip, gzip", &gzip(&gzip(b"x")))),
        "/brotli" => once(packed("br", b"\x0b\x02\x80hello\x03")),
        "/not-gzip" => once(packed("gzip", b"<html>plain</html>")),
        "/half-gzip" => {
            let whole = gzip(&million.into_bytes());
            once(packed("gzip", &whole[..whole.len() / 2]))
        }
        "/cut" => once(format!("{}only this", head("Content-Length: 100")).into_bytes()),
        "/bad-chunk" => once(format!("{}zz\r\nabc\r\n", head("Transfer-Encoding: chunked")).into_bytes()),
        "/cut-chunk" => once(format!("{}ff\r\nabc", head("Transfer-Encoding: chunked")).into_bytes()),
        "/huge-chunk" => {
            once(format!("{}ffffffffffffffff1\r\nabc", head("Transfer-Encoding: chunked")).into_bytes())
        }
        "/two-lengths" => once(format!("{}abc", head("Content-Length: 3\r\nContent-Length: 9")).into_bytes()),
        "/zero-nine" => once(b"<html>an answer of 1991</html>".to_vec()),
        "/garbage" => once(vec![0xff; 4096]),
        "/no-answer" => once(Vec::new()),
        "/unasked-304" => once(b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n".to_vec()),
        "/unasked-206" => once(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\na".to_vec()),
        "/redirect-nowhere" => once(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
        "/redirect-bad" => once(b"HTTP/1.1 302 Found\r\nLocation: http://[::\r\n\r\n".to_vec()),
        "/redirect-self" => once(b"HTTP/1.1 302 Found\r\nLocation: #again\r\n\r\n".to_vec()),
        "/redirect-script" => once(b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\n\r\n".to_vec()),
        path => match path.strip_prefix("/down/").and_then(|n| n.parse::<u32>().ok()) {
            Some(n) => once(
                format!("HTTP/1.1 307 Away\r\nContent-Length: 0\r\nLocation: /down/{}\r\n\r\n", n + 1)
                    .into_bytes(),
            ),
            None => match path.strip_prefix("/later/") {
                Some(after) => once(
                    format!(
                        "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: {}\r\n\r\n",
                        after.replace("%20", " ")
                    )
                    .into_bytes(),
                ),
                None => once(plain("ok")),
            },
        },
    }
}

async fn answer(path: String, mut stream: TcpStream) {
    let Script { first, again, hangs } = script(&path);
    let _ = stream.write_all(&first).await;
    while !again.is_empty() && stream.write_all(&again).await.is_ok() {}
    if hangs {
        // Until the client hangs up.
        let _ = stream.read(&mut [0; 64]).await;
    }
}

async fn ask(base: &str, path: &str) -> Result<Fetched, FetchError> {
    let fetcher = Fetcher::new(settings(), Arc::new(Manual::at(now()))).unwrap();
    let mut asked = request(&format!("{base}{path}"));
    asked.max_bytes = CAP;
    asked.timeout = SignedDuration::from_millis(1_500);
    if path == "/tight" {
        asked.max_bytes = 16 * CAP;
    }
    let answer = tokio::time::timeout(PATIENCE, fetcher.fetch(&asked)).await;
    answer.unwrap_or_else(|_| panic!("{path} does not end"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_below_html_has_its_error() {
    type Expected = fn(&FetchError) -> bool;
    let timeout: Expected = |e| matches!(e, FetchError::Timeout { .. });
    let large: Expected = |e| matches!(e, FetchError::TooLarge { limit: CAP });
    let broken: Expected = |e| matches!(e, FetchError::BrokenBody(_));
    let protocol: Expected = |e| matches!(e, FetchError::Protocol { .. });
    let encoding: Expected = |e| matches!(e, FetchError::Encoding(_));
    let bad_url: Expected = |e| matches!(e, FetchError::BadUrl(_));
    let lies: [(&str, Expected); 31] = [
        ("/head-drip", timeout),
        ("/body-drip", timeout),
        ("/silent", timeout),
        ("/endless", large),
        ("/endless-chunks", large),
        ("/tiny-chunks", |e| {
            matches!(e, FetchError::TooLarge { .. } | FetchError::Timeout { .. } | FetchError::BrokenBody(_))
        }),
        ("/endless-head", protocol),
        ("/endless-line", protocol),
        ("/informed", |e| matches!(e, FetchError::Timeout { .. } | FetchError::Protocol { .. })),
        ("/wide-head", protocol),
        ("/bomb", large),
        ("/tight", |e| matches!(e, FetchError::Overpacked { times } if *times > 200)),
        ("/nested", encoding),
        ("/brotli", encoding),
        ("/not-gzip", broken),
        ("/half-gzip", broken),
        ("/cut", broken),
        ("/bad-chunk", broken),
        ("/cut-chunk", broken),
        ("/huge-chunk", broken),
        ("/two-lengths", protocol),
        ("/zero-nine", protocol),
        ("/garbage", protocol),
        ("/no-answer", |e| matches!(e, FetchError::Disconnected { .. })),
        ("/unasked-304", |e| matches!(e, FetchError::Status { code: 304, .. })),
        ("/unasked-206", |e| matches!(e, FetchError::Status { code: 206, .. })),
        ("/redirect-nowhere", |e| matches!(e, FetchError::Status { code: 302, .. })),
        ("/redirect-bad", bad_url),
        ("/redirect-self", |e| matches!(e, FetchError::RedirectLoop(_))),
        ("/redirect-script", bad_url),
        ("/down/1", |e| matches!(e, FetchError::TooManyRedirects { limit: 5 })),
    ];
    let base = raw(answer).await;
    for (path, expected) in lies {
        let error = ask(&base, path).await.unwrap_err();
        assert!(expected(&error), "{path}: {error:?}");
        let human = error.human(Locale::ZhCn);
        assert!(human.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{path}: {human}");
    }
    for (path, body) in [("/gzip", "你好".repeat(99)), ("/zlib", "你好".into()), ("/deflate", "你好".into())]
    {
        let fetched = ask(&base, path).await.unwrap();
        assert_eq!(fetched.body, body.as_bytes(), "{path}");
        assert!(path != "/gzip" || fetched.received_bytes < 100, "counted on the line");
    }
    // A captcha and a wrong charset are good HTTP: whoever reads the page must see them.
    assert!(ask(&base, "/captcha").await.is_ok() && ask(&base, "/charset").await.is_ok());
    if std::env::var_os(MEASURED).is_some() {
        println!("peak {} KB", peak_kb());
    }
}

/// The largest memory that this process has held.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn and_the_memory_stays_small() {
    let run = |name: &str| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(MEASURED, "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        let line = text.lines().find_map(|line| line.split_once("peak ")).unwrap().1.to_owned();
        line.trim_end_matches(" KB").parse::<u64>().unwrap()
    };
    let nothing = run("collect::hostile_server::a_process_that_fetches_one_page");
    let hostile = run("collect::hostile_server::every_lie_below_html_has_its_error");
    // The server stands in the same process and makes the bomb there: 64 MB of zeros for a moment.
    let bombs_kb = 64 * 1024 + 3 * 1024;
    assert!(hostile < nothing + bombs_kb + 32 * 1024, "{hostile} KB against {nothing} KB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_fetches_one_page() {
    let base = raw(answer).await;
    assert_eq!(ask(&base, "/").await.unwrap().body, b"ok");
    if std::env::var_os(MEASURED).is_some() {
        println!("peak {} KB", peak_kb());
    }
}

#[tokio::test]
async fn what_retry_after_may_say() {
    let base = raw(answer).await;
    let hour = SignedDuration::from_hours(1);
    for (said, wait) in [
        ("120", SignedDuration::from_secs(120)),
        ("Sat,%2021%20Nov%202026%2001:15:00%20GMT", hour),
        ("99999999999999999999", hour * 24),
        ("31536000", hour * 24),
        ("Fri,%2021%20Nov%202036%2001:15:00%20GMT", hour * 24),
        // What says nothing is a minute.
        ("0", SignedDuration::from_secs(60)),
        ("-5", SignedDuration::from_secs(60)),
        ("soon", SignedDuration::from_secs(60)),
        ("Sat,%2021%20Nov%202020%2001:15:00%20GMT", SignedDuration::from_secs(60)),
    ] {
        let error = ask(&base, &format!("/later/{said}")).await.unwrap_err();
        assert_eq!(error.retry_at(), Some(now() + wait), "{said}");
    }
}

/// Listens and gives each connection these bytes before it asks for anything.
async fn speaks_first(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(bytes).await;
            let _ = stream.read(&mut [0; 1024]).await;
        }
    });
    format!("https://{address}")
}

#[tokio::test]
async fn tls_that_is_none() {
    for bytes in [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(),
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
    ] {
        let base = speaks_first(bytes).await;
        let fetcher = Fetcher::new(settings(), Arc::new(Manual::at(now()))).unwrap();
        let asked = yuqing::collect::fetch::Request {
            contract: Some("straight to the page".into()),
            ..request(&base)
        };
        let error =
            tokio::time::timeout(Duration::from_secs(20), fetcher.fetch(&asked)).await.unwrap().unwrap_err();
        assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
        assert!(error.human(Locale::ZhCn).contains("证书"), "{error:?}");
    }
}

#[tokio::test]
async fn a_page_that_changes_under_the_same_etag_is_read() {
    let turn = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let base = raw(move |_, mut stream| {
        let n = turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            let body = format!("body {n}");
            let answer =
                head(&format!("ETag: \"same\"\r\nConnection: close\r\nContent-Length: {}", body.len()));
            let _ = stream.write_all(format!("{answer}{body}").as_bytes()).await;
        }
    })
    .await;
    let fetcher = Fetcher::new(settings(), Arc::new(Manual::at(now()))).unwrap();
    let mut asked = request(&base);
    for n in 0..3 {
        let fetched = fetcher.fetch(&asked).await.unwrap();
        assert_eq!(fetched.body, format!("body {n}").as_bytes(), "the bytes count, not the tag");
        asked.validators = fetched.validators;
    }
}
