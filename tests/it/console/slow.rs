//! Those who keep the console waiting: a head or a body a byte at a time, readers that never read, connections that say
//! nothing. Each loses its place within the console's own bounds, and meanwhile the others are served.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use yuqing::console::Bounds;

use super::{Stage, rows::Outside};

/// Bounds that a test can wait for; so few places that a handful of strangers would take them all.
fn tight() -> Bounds {
    let second = Duration::from_secs(1);
    Bounds {
        connections: 8,
        silence: 2 * second,
        unanswered: 5 * second,
        request: 2 * second,
        beat: second / 20,
    }
}

async fn tight_stage() -> Stage {
    let stage = Stage::within(tight()).await;
    stage.fill(&Outside::default()).await;
    stage
}

/// What came back so far; `None` while the connection stands and nothing came.
fn heard(stream: &TcpStream, into: &mut Vec<u8>) -> bool {
    let mut bytes = [0; 4_096];
    loop {
        match stream.try_read(&mut bytes) {
            Ok(0) => return true,
            Ok(read) => into.extend_from_slice(&bytes[..read]),
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

/// Six strangers of eight places send something a byte at a time until the console has ended them all; before each byte
/// somebody else is served. Gives what each was answered.
async fn dripped(stage: &Stage, begun: &str, more: &str) -> Vec<String> {
    let mut strangers = Vec::new();
    for _ in 0..6 {
        let mut stream = TcpStream::connect(stage.address()).await.expect("connected");
        stream.write_all(begun.as_bytes()).await.expect("written");
        strangers.push((stream, Vec::new(), false));
    }
    let mut bytes = more.bytes().cycle();
    while strangers.iter().any(|(_, _, ended)| !ended) {
        let byte = bytes.next().expect("endless");
        for (stream, answer, ended) in strangers.iter_mut().filter(|(_, _, ended)| !ended) {
            *ended = heard(stream, answer) || stream.write_all(&[byte]).await.is_err();
        }
        assert_eq!(stage.get("/healthz").await.0, 200, "the others are served");
    }
    strangers.into_iter().map(|(_, answer, _)| String::from_utf8_lossy(&answer).into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_never_ends_is_ended() {
    let stage = tight_stage().await;
    // One line of the head that goes on and on: so many lines would be refused by themselves.
    let answers = dripped(&stage, "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", "a").await;
    assert!(answers.iter().all(String::is_empty), "{answers:?}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_a_byte_at_a_time_is_answered_408() {
    let stage = tight_stage().await;
    let head = "POST /incidents/1/close HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nreason=";
    let answers = dripped(&stage, head, "a").await;
    assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 408")), "{answers:?}");
    assert!(stage.acts().is_empty(), "nothing was done");
    stage.end().await;
}

/// A connection whose own end takes in as little as the machine allows.
async fn narrow(stage: &Stage) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(1_024).expect("set");
    socket.connect(stage.address()).await.expect("connected")
}

/// More strangers than there are places: whoever comes after them is served only once they have lost theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_holds_a_place_for_nothing_loses_it() {
    let reads_nothing = "GET /assets/console.css HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(300);
    let half_a_head = "GET / HTTP/1.1\r\nHost: loc";
    let half_a_body = "POST /seat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ncontact=";
    for begun in ["", half_a_head, half_a_body, reads_nothing.as_str()] {
        let stage = tight_stage().await;
        let mut strangers = Vec::new();
        for _ in 0..12 {
            let mut stream = narrow(&stage).await;
            // What does not fit is left unsaid: the other end takes nothing either.
            let _ = tokio::time::timeout(Duration::from_millis(50), stream.write_all(begun.as_bytes())).await;
            strangers.push(stream);
        }
        let served = tokio::time::timeout(Duration::from_secs(60), stage.get("/healthz")).await;
        assert_eq!(served.expect("a place is given back").0, 200, "after {:?}", begun.get(..20));
        drop(strangers);
        stage.end().await;
    }
}

/// Lets this process hold as many files open as it may.
fn raise_the_limit(wanted: usize) {
    let id = std::process::id().to_string();
    let ask = |more: &[&str]| {
        let output = std::process::Command::new("prlimit").args(["--pid", &id]).args(more).output();
        String::from_utf8(output.expect("prlimit runs").stdout).expect("text")
    };
    let limits = ask(&["--nofile", "--output", "SOFT,HARD", "--noheadings", "--raw"]);
    let mut limits = limits.split_whitespace().map(|limit| limit.parse().unwrap_or(usize::MAX));
    let (soft, hard) = (limits.next().expect("a limit"), limits.next().expect("a limit"));
    if soft < wanted {
        assert!(hard >= wanted, "this test opens {wanted} files; `ulimit -Hn` allows {hard}");
        ask(&[&format!("--nofile={wanted}:{hard}")]);
    }
}

/// Ten thousand live pages at one time, from two hundred addresses: two hundred get a seat, the others are told to come
/// back, and whoever asks for a page gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_live_pages_at_once_take_nothing_from_others() {
    const PAGES: usize = 10_000;
    raise_the_limit(PAGES + 2_000);
    let stage = Stage::busy().await;
    let address = stage.address();
    let asked = stream::iter(0..PAGES).map(|nth| async move {
        let socket = TcpSocket::new_v4().expect("a socket");
        let from = std::net::Ipv4Addr::new(127, 0, 1, u8::try_from(nth % 200 + 1).expect("a byte"));
        socket.bind((from, 0).into()).expect("bound");
        let mut stream = socket.connect(address).await.expect("connected");
        stream.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("written");
        stream
    });
    // All are held open: none is let go before the last has asked.
    let open: Vec<TcpStream> = asked.buffer_unordered(400).collect().await;
    assert_eq!(open.len(), PAGES);
    assert_eq!(stage.get("/healthz").await.0, 200);
    assert!(stage.get("/").await.1.contains("排队三小时"));
    let (mut seated, mut refused) = (Vec::new(), 0);
    for mut stream in open {
        let mut line = [0; 12];
        stream.read_exact(&mut line).await.expect("an answer");
        match &line {
            b"HTTP/1.1 200" => seated.push(stream),
            b"HTTP/1.1 503" => refused += 1,
            other => panic!("{}", String::from_utf8_lossy(other)),
        }
    }
    assert_eq!((seated.len(), refused), (200, PAGES - 200));
    assert!(stage.get("/").await.1.contains("排队三小时"), "while 200 sit");
    drop(seated);
    stage.end().await;
}
