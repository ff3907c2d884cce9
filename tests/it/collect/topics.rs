//! A topic watch (专题) in a running daemon: it begins and ends by the clock, no file is touched.

use std::{fs, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    app::daemon::{Daemon, Options},
    config::{Folder, starter},
    store::IncidentFilter,
    time::Manual,
};

use super::stage::PATIENCE;

const BEGINS: &str = "2026-06-01T00:00:00Z";

/// An office whose topic 招生 lasts for two hours, and which takes pushed posts.
fn office(folder: &Path) {
    for file in starter::files("青禾中学") {
        let path = folder.join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.bytes).unwrap();
    }
    fs::write(folder.join("keywords/招生.txt"), "[分数线]\n分数线\n").unwrap();
    fs::write(folder.join("token"), "secret").unwrap();
    let token = folder.join("token");
    let more = format!(
        "\n[[topic]]\nname = \"招生\"\nkeywords = [\"keywords/招生.txt\"]\nfrom = {BEGINS}\n\
         until = 2026-06-01T02:00:00Z\n\n[[push]]\nname = \"爬虫\"\ntoken = \"file:{}\"\n",
        token.display()
    );
    let settings = fs::read_to_string(folder.join("yuqing.toml")).unwrap();
    let settings = settings.replacen("[console]", "[console]\nlogin = \"none\"", 1);
    fs::write(folder.join("yuqing.toml"), settings + &more).unwrap();
    let sources = "[[push]]\nname = \"爬虫\"\nsite_kind = \"forum\"\n";
    fs::write(folder.join("sources.d/push.toml"), sources).unwrap();
}

struct Pushing {
    client: reqwest::Client,
    url: String,
    pushed: u32,
}

impl Pushing {
    /// Pushes a fresh post without a date; answers how many concerned the unit.
    async fn push(&mut self) -> u64 {
        self.pushed += 1;
        let text =
            format!("{{\"site\":\"a\",\"id\":\"{}\",\"text\":\"第{}条说分数线\"}}", self.pushed, self.pushed);
        let request = self.client.post(&self.url).bearer_auth("secret").body(text);
        let answer = answer(request).await;
        answer["accepted"]["mentions"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// What the rules in force say of a text, by the API.
    async fn hits(&self) -> usize {
        let url = self.url.replace("posts", "keywords/test");
        let request = self.client.post(url).header("content-type", "application/json");
        let answer = answer(request.body(r#"{"text":"今年的分数线"}"#)).await;
        answer["hits"].as_array().unwrap_or_else(|| panic!("{answer}")).len()
    }

    /// Waits until the rooms go by so many rules that hit.
    async fn until(&self, hits: usize) {
        let waiting = async { while self.hits().await != hits {} };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the rooms take up the topic");
    }
}

async fn answer(request: reqwest::RequestBuilder) -> serde_json::Value {
    let mut answer = request.send().await.unwrap();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).unwrap()
}

/// Whether a pushed post counts as old.
async fn is_backlog(daemon: &Daemon, id: u32) -> bool {
    let id = id.to_string();
    for incident in daemon.store().incidents(IncidentFilter::default()).await.unwrap() {
        let view = daemon.store().incident(incident.id).await.unwrap().unwrap();
        if let Some(row) = view.posts.iter().find(|row| row.post.key.id == id) {
            return row.backlog;
        }
    }
    panic!("post {id} is not kept");
}

#[tokio::test]
async fn it_begins_and_ends_by_itself_and_what_it_finds_first_is_backlog() {
    let folder = tempfile::tempdir().unwrap();
    office(folder.path());
    let begins: Timestamp = BEGINS.parse().unwrap();
    let clock = Manual::at(begins - SignedDuration::from_hours(1));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let daemon = Daemon::start(Options {
        journal: Default::default(),
        folder: Folder::Disk(folder.path().to_owned()),
        state_dir: folder.path().join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: Arc::new(clock.clone()),
        post_room: None,
        link_to_self: false,
    })
    .await
    .unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/api/v1/posts", daemon.address());
    let mut pushing = Pushing { client, url, pushed: 0 };
    assert_eq!(pushing.push().await, 0, "it has not begun");

    clock.set(begins);
    pushing.until(1).await;
    assert_eq!(pushing.push().await, 1, "it has begun, and no file was touched");
    let incidents = daemon.store().incidents(IncidentFilter::default()).await.unwrap();
    let found = daemon.store().incident(incidents[0].id).await.unwrap().unwrap();
    assert_eq!(found.incident.groups, ["专题 招生·分数线"]);
    assert!(found.posts[0].backlog, "its word is younger than the source's last round (SEMANTICS 4)");

    clock.set(begins + SignedDuration::from_hours(1));
    // The look whether the source is silent may write its state at the same time, and then this post still
    // counts to the first round; the next one cannot.
    let news = async {
        loop {
            assert_eq!(pushing.push().await, 1, "it lasts");
            if !is_backlog(&daemon, pushing.pushed).await {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, news).await.expect("an hour later it is news");

    clock.set(begins + SignedDuration::from_hours(2));
    pushing.until(0).await;
    assert_eq!(pushing.push().await, 0, "it is over");
    assert!(daemon.stop().await.is_empty());
}
