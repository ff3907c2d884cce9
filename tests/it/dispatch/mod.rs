//! Tests of dispatch: the words, the channels against servers that misbehave, the loop over the outbox,
//! and one real mail server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod alive;
mod battery;
mod bounces;
mod clouds;
mod confirm;
mod dkim;
mod email;
mod failover;
mod hooks;
mod joined;
mod late;
pub mod notices;
mod outbox;
mod real_server;
mod receipts_loop;
mod receipts_sms;
mod retry;
mod robots;
mod service;
mod sms;
mod wording;
mod words;
mod yearly;
