//! The storm in full; `YUQING_STORM="POSTS STORIES MB"` plays another.

use std::net::SocketAddr;

use crate::{drive::Storm, folder, side, sink};

/// Posts of the one story, other stories, and the most memory in MB.
const FULL: &str = "1000000 10000 4000";

pub fn run() {
    let mail = sink::Sink::start(1).unwrap();
    let folder = folder();
    let size = std::env::var("YUQING_STORM").unwrap_or_else(|_| FULL.to_owned());
    let said = side(&format!("storm {} {} {size}", mail.address, folder.path().display()));
    println!("storm: {}", said.as_str().unwrap_or_default());
}

pub fn measured(words: &[&str]) {
    let [mail, folder, posts, stories, most_mb] = words else { return };
    let mail: SocketAddr = mail.parse().unwrap();
    let storm = Storm { posts: posts.parse().unwrap(), stories: stories.parse().unwrap() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let seen = runtime.block_on(storm.play(std::path::Path::new(folder), mail));
    let mails = sink::mails(mail).unwrap();
    storm.judge(&seen, mails, most_mb.parse().unwrap()).unwrap_or_else(|faults| panic!("{faults}"));
    println!("{}", serde_json::Value::from(seen.line(&storm)));
}
