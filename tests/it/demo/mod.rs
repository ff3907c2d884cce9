//! The demo's world: the story, the county's web, the mailbox, the gateway.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod gateway;
mod mailbox;
mod office;
mod people;
mod story;
mod summary;
mod web;
mod whole;

use std::sync::Arc;

use jiff::Timestamp;
use yuqing::{app::demo::County, time::Manual};

/// A county on a clock that is moved by hand.
async fn county(seed: u64) -> (County, Manual) {
    let clock = Manual::at(Timestamp::constant(1_795_219_200, 0));
    let county = County::start(Arc::new(clock.clone()), seed).await.expect("ports on loopback");
    (county, clock)
}

fn client() -> reqwest::Client {
    // A second installation is refused, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn body_of(mut answer: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.expect("a chunk") {
        body.extend_from_slice(&chunk);
    }
    body
}

async fn get(url: &str) -> Vec<u8> {
    let answer = client().get(url).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    body_of(answer).await
}
