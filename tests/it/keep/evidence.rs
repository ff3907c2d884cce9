//! What proves a post, and taking its words out.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::daemon::{Office, UNIT, post};

const OURS: &str = "急诊排队四小时没有人管，护士站说系统坏了";
const OTHER: &str = "今天天气很好，公园里的菊花都开了";

/// A feed of two posts, of which one concerns the unit. Its answer sets a cookie.
fn serve(body: String) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0; 4096];
            let length = stream.read(&mut asked).unwrap_or(0);
            let robots = String::from_utf8_lossy(&asked[..length]).starts_with("GET /robots.txt");
            let (status, body) = if robots { ("404 Not Found", "") } else { ("200 OK", body.as_str()) };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/rss+xml; charset=utf-8\r\nX-Served-By: web-7\r\n\
                 Set-Cookie: session=geheim\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    address
}

fn feed() -> String {
    let item = |id: u32, title: &str| {
        format!(
            "<item><title>{title}</title><link>https://luntan.example/{id}</link><author>张三</author>\
             <description>{title}。</description></item>"
        )
    };
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>论坛</title>{}{}</channel></rss>",
        item(1, &format!("{UNIT}{OURS}")),
        item(2, OTHER)
    )
}

#[test]
fn a_fetched_post_is_proved_by_its_answer_and_only_its_own_part_is_kept() {
    let office = Office::new();
    let body = feed();
    let address = serve(body.clone());
    let source = format!(
        "[[feed]]\nname = \"订阅\"\nurl = \"http://{address}/feed\"\nallow_private = true\ninterval = \"5min\"\n"
    );
    std::fs::write(office.path("office/sources.d/feed.toml"), source).unwrap();
    let daemon = office.start();
    let proof = (0..600)
        .map(|_| office.run(&["--json", "evidence", "https://luntan.example/1"]))
        .find(|ended| ended.code() == 0)
        .expect("evidence is kept");
    let proof = &proof.json()[0];
    assert_eq!(proof["shown"]["sha256"], hex::encode(Sha256::digest(body.as_bytes())));
    assert_eq!(proof["shown"]["url"], format!("http://{address}/feed"));
    assert_eq!(proof["shown"]["bytes"], body.len());
    let headers = proof["shown"]["headers"].to_string();
    assert!(headers.contains("web-7") && !headers.contains("geheim"), "{headers}");
    let whole = proof.to_string();
    assert!(whole.contains(OURS) && !whole.contains("菊花") && !whole.contains("张三"), "{whole}");

    let page = daemon.get("/incidents/1");
    assert!(page.contains(proof["shown"]["sha256"].as_str().unwrap()), "the page lists it");
    assert_eq!(
        office.run(&["evidence", "https://luntan.example/2"]).code(),
        1,
        "nothing is kept of the other"
    );
    let words = office.run(&["evidence", "https://luntan.example/1"]).out();
    assert!(words.contains("整个应答的 SHA-256") && words.contains(OURS), "{words}");
}

#[test]
fn a_file_that_the_desk_refuses_is_not_kept() {
    let office = Office::new();
    let daemon = office.start();
    daemon.push(&json!([post("1", "病房里的热水连停三天，家属只好自己去买", 10)]));
    std::fs::write(office.path("回执.txt"), "已受理").unwrap();
    let attach = |incident: &str| {
        let file = office.path("回执.txt");
        let file = file.to_str().unwrap();
        office
            .run(&["incident", "attach", incident, file, "--by", "李主任", "--console", daemon.address()])
            .code()
    };
    let files = || -> i64 {
        let store = rusqlite::Connection::open(office.database()).unwrap();
        store.query_row("SELECT count(*) FROM file", [], |row| row.get(0)).unwrap()
    };
    assert_eq!((attach("9"), files()), (1, 0), "no such incident");
    assert_eq!((attach("1"), files()), (0, 1));
    assert!(daemon.stop().success());
}

/// No file of the state holds these words.
fn nowhere(office: &Office, words: &str) {
    for entry in std::fs::read_dir(office.path("office/state")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(words.len()).any(|window| window == words.as_bytes());
            assert!(!found, "{} still holds it", path.display());
        }
    }
}

/// What the audit says of acts of forgetting: post, person, reason.
fn forgotten(office: &Office) -> Vec<String> {
    let rows = office.run(&["audit", "export"]).json();
    let acts = rows.iter().filter(|row| row["kind"] == "act");
    let acts = acts.map(|row| serde_json::from_str::<Value>(row["text"].as_str().unwrap()).unwrap());
    let forgets = acts.filter(|act| act["act"] == "forget");
    forgets
        .map(|act| {
            let word = |of: &Value| of.as_str().unwrap_or_default().to_owned();
            let post = format!("{}/{}", word(&act["post"]["site"]), word(&act["post"]["id"]));
            format!("{post} {} {}", word(&act["by"]), word(&act["reason"]))
        })
        .collect()
}

#[test]
fn a_forgotten_post_leaves_its_hash_and_nothing_else() {
    let office = Office::new();
    let daemon = office.start();
    let text = "病房里的热水连停三天，家属只好自己去买";
    daemon.push(&json!([post("1", text, 10), post("2", "停车场收费标准前后不一致，来回问了三个窗口", 20)]));
    daemon.push(&json!([post("1", text, 30)]));
    let nobody = office.run(&["forget", "luntan/1", "--by", " ", "--reason", "本人申请"]);
    assert_eq!(nobody.code(), 2, "{}", nobody.err());
    assert_eq!(office.run(&["forget", "luntan/77", "--by", "李主任", "--reason", "本人申请"]).code(), 1);
    let forget =
        ["forget", "luntan/1", "--by", "李主任", "--reason", "本人申请", "--console", daemon.address()];
    let asked = office.run(&forget);
    assert_eq!((asked.code(), asked.out().as_str()), (0, "luntan/1: 文字已遗忘\n"), "{}", asked.err());
    assert_eq!(office.run(&["--json", "evidence", "luntan/1"]).json()[0]["fragment"], Value::Null, "at once");
    assert_eq!(forgotten(&office), ["luntan/1 李主任 本人申请"]);
    // It is seen again, and not kept again.
    daemon.push(&json!([post("1", text, 40)]));
    assert!(daemon.stop().success());
    nowhere(&office, "热水连停三天");
    let proof = office.run(&["--json", "evidence", "luntan/1"]).json();
    let hash = proof[0]["text_sha256"].as_str().unwrap();
    assert_eq!((hash.len(), &proof[0]["fragment"]), (64, &Value::Null));

    // Without a daemon the command does the same by itself.
    let asked =
        office.run(&["--json", "forget", "https://luntan.example/2", "--by", "李主任", "--reason", "误传"]);
    assert_eq!(asked.json(), [json!({ "done": true, "forget": "luntan/2" })], "{}", asked.err());
    nowhere(&office, "来回问了三个窗口");
    assert_eq!(forgotten(&office), ["luntan/1 李主任 本人申请", "luntan/2 李主任 误传"]);

    let daemon = office.start();
    daemon.push(&json!([post("1", text, 50)]));
    let entries = daemon.get("/incidents/1");
    for part in ["李主任", "本人申请", hash] {
        assert!(entries.contains(part), "the audit says {part}");
    }
    assert!(daemon.stop().success());
    nowhere(&office, "热水连停三天");
    assert_eq!(office.run(&["verify"]).code(), 0);
}
