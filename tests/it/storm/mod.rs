//! A storm: everybody repeats one story while others break out. What must be told is told in time and once,
//! nothing is lost, memory has a bound. The benchmark `street` plays it in full, which `tests/long` runs.

#![allow(clippy::print_stdout, reason = "the process that plays it says what it saw")]

mod drive;

use std::process::Command;

use crate::support::mail::MailServer;

/// `POSTS STORIES MB`, set for the process that plays it: memory is one's own only in a process of one's own.
const SIZE: &str = "YUQING_STORM";
/// Posts of the one story, other stories, and the most memory in MB.
const USUAL: &str = "50000 500 700";

#[test]
fn a_storm_is_told_in_time_and_nothing_is_lost() {
    if let Ok(size) = std::env::var(SIZE)
        && std::env::var_os("YUQING_STORM_APART").is_some()
    {
        play(&size);
        return;
    }
    let size = std::env::var(SIZE).unwrap_or_else(|_| USUAL.to_owned());
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "storm::a_storm_is_told_in_time_and_nothing_is_lost", "--nocapture"])
        .env(SIZE, size)
        .env("YUQING_STORM_APART", "1")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&said.stdout);
    println!("{words}");
    assert!(said.status.success(), "{words}{}", String::from_utf8_lossy(&said.stderr));
    assert!(words.contains("1 passed"), "{words}");
}

fn play(size: &str) {
    let numbers: Vec<u64> = size.split(' ').map(|number| number.parse().unwrap()).collect();
    let [posts, stories, most_mb] = numbers.as_slice() else { panic!("{size}") };
    let storm = drive::Storm { posts: *posts, stories: *stories };
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mail = MailServer::start().await;
        let seen = storm.play(folder.path(), mail.address).await;
        println!("{}", seen.line(&storm));
        #[expect(clippy::cast_precision_loss, reason = "a bound in whole megabytes")]
        storm
            .judge(&seen, mail.letters().len() as u64, *most_mb as f64)
            .unwrap_or_else(|faults| panic!("{faults}"));
    });
}
