//! `kill -9`, again and again, while the made-up county feeds the daemon: nothing is lost, and nothing is
//! sent twice because of a restart.
//!
//! The world ([`world`]) outlives the program: the county's sites, whose story stands at a tier until all its
//! mails have come, and a mail server. The program is started on one office and one state folder, killed,
//! started again ([`life`]). Of the kills, three in five are placed by fault points in the program itself, the
//! others come from outside at the n-th step of a mail conversation, look at a page or line of the log
//! ([`plan`]). After every life the mail server and the store are compared ([`check`]); at the end every
//! contact has been told every tier.
//!
//! `YUQING_KILLS=500` kills so often; `YUQING_SEED` repeats a run whose seed was printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod check;
mod life;
mod plan;
mod run;
mod world;

/// Kills of one run; a run of the whole promise has 500.
fn kills() -> usize {
    std::env::var("YUQING_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20)
}

fn seed() -> u64 {
    std::env::var("YUQING_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_point_it_tells_everybody_once() {
    let (kills, seed) = (kills(), seed());
    let summary = run::run(kills, seed, false).await;
    let summary = summary.unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    println!("{summary}");
    assert!(summary.kills() >= kills, "{summary}");
    assert!(summary.placed() * 2 >= kills, "{summary}");
    for (point, hits) in summary.by_point() {
        assert!(hits >= kills / 20 && hits >= 2, "{} was hit {hits} times: {summary}", point.name());
    }
}

/// The proof can fail: the same run with the outbox's stored state ignored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_outbox_the_proof_fails() {
    let (kills, seed) = (kills(), seed());
    let fault = match run::run(kills, seed, true).await {
        Ok(summary) => panic!("seed {seed}: nothing was found wrong: {summary}"),
        Err(fault) => fault,
    };
    println!("as it must be, seed {seed}: {fault}");
    assert!(fault.contains(check::SENT_AGAIN), "seed {seed}: it failed, but not by sending again: {fault}");
}
