//! Folding and matching in gigabytes of Chinese posts per second of a processor, at 10, 1,000 and 10,000 words,
//! beside plain automata that normalise nothing, the usual chain of crates and the peers in Python, all in one run
//! on the same posts; then memory, time to build, and a reload while another thread goes on matching.
//!
//! `cargo bench --bench matcher [-- MEGABYTES]` (20 when not said); `benches/peers/setup` installs the peers.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark prints and may stop"
)]

mod meter;
#[path = "../common/peers.rs"]
mod peers;
mod posts;
mod reload;
mod rivals;

use std::{path::PathBuf, sync::Arc, time::Instant};

use meter::{alone, megabytes, seconds, speed};
use posts::Posts;
use yuqing::keyword::{Matcher, parse};
use yuqing::text::fold;

/// One post of so many holds a word.
const RARE: u32 = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|said| said != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--memory", words] => memory(words.parse().unwrap()),
        rest => race(rest.first().and_then(|said| said.parse().ok()).unwrap_or(20)),
    }
}

fn race(megabytes: usize) {
    let mut maker = Posts::new(7);
    let words = maker.words(10_000);
    let posts = maker.posts(megabytes * 1_000_000, &words, RARE);
    let bytes: usize = posts.iter().map(String::len).sum();
    println!("{} posts, {:.1} MB; GB/s of one processor", posts.len(), bytes as f64 / 1e6);
    let (folding, _) = speed(bytes, 2, || posts.iter().map(|post| fold(post).text.len()).sum());
    println!("fold every text whole: {folding:.3}");
    let file = write(&posts);
    for n in [10, 1_000, 10_000] {
        let words = &words[..n];
        println!("{n} words");
        let matcher = matcher(words);
        let (ours, found) = speed(bytes, 3, || posts.iter().map(|post| matcher.hits(post, "").len()).sum());
        println!("  yuqing, normalising: {ours:.3} ({found} hits)");
        let mut rivals = rivals::in_rust(&posts, words);
        rivals.extend(rivals::in_python(&file, words).unwrap_or_default());
        for (name, speed, found) in &rivals {
            println!("  {name}: {speed:.4} ({found} found), yuqing {:.1} times", ours / speed);
        }
        if n == 10_000 {
            goals(ours, &rivals);
            full(&mut maker, words, &matcher);
            asking_for_whole_texts(&posts, words);
        }
    }
    for n in ["10", "1000", "10000", "100000"] {
        println!("{n} words: {}", alone(&["--memory", n]));
    }
    reload::report(&words, &posts);
}

/// Each goal and what was reached.
fn goals(ours: f64, rivals: &rivals::Speeds) {
    let of = |name: &str| rivals.iter().find(|(other, ..)| *other == name).map(|(_, speed, _)| ours / speed);
    for (name, goal) in [
        (rivals::CHAIN, 15.0),
        (rivals::OVERLAPPING, 5.0),
        (rivals::LONGEST, 5.0),
        (rivals::PYTHON[0], 70.0),
        (rivals::PYTHON[1], 0.5),
    ] {
        match of(name) {
            Some(times) => println!("  goal: {goal} times {name}: {times:.1}"),
            None => println!("  goal: {goal} times {name}: not installed"),
        }
    }
}

/// Posts that all hold a word: no glance spares them.
fn full(maker: &mut Posts, words: &[String], matcher: &Matcher) {
    let posts = maker.posts(4_000_000, words, 1);
    let bytes = posts.iter().map(String::len).sum();
    let (glancing, found) = speed(bytes, 2, || posts.iter().map(|post| matcher.hits(post, "").len()).sum());
    let (reading, same) = speed(bytes, 2, || {
        posts.iter().map(|post| matcher.hits_in_folded(post, &fold(post), "").len()).sum()
    });
    assert_eq!(found, same, "the glance changes nothing");
    println!("  every post with a word: {glancing:.3} ({found} hits); without the glance {reading:.3}");
}

/// Regular expressions and words by sound, for which every text is folded whole.
fn asking_for_whole_texts(posts: &[String], words: &[String]) {
    let some = &posts[..posts.len() / 5];
    let bytes = some.iter().map(String::len).sum();
    let patterns: Vec<String> =
        words.iter().take(10).map(|word| format!("/{word}[一-龥]{{0,4}}(投诉|举报)/")).collect();
    let by_sound = words.iter().take(1_000).map(|word| format!("谐音: 是\n{word}")).collect();
    for (what, rules) in
        [("10,000 words with 10 regexes", [words, &patterns].concat()), ("1,000 words under 谐音", by_sound)]
    {
        let matcher = matcher(&rules);
        let (speed, found) = speed(bytes, 2, || some.iter().map(|post| matcher.hits(post, "").len()).sum());
        println!("  {what}: {speed:.3} ({found} hits)");
    }
}

fn matcher(rules: &[String]) -> Matcher {
    let list = parse("甲", "甲.txt", rules.join("\n\n").as_bytes()).unwrap();
    Matcher::new(vec![Arc::new(list)])
}

/// In a process of its own: what a matcher takes.
fn memory(n: usize) {
    let words = Posts::new(7).words(n);
    let list = Arc::new(parse("甲", "甲.txt", words.join("\n\n").as_bytes()).unwrap());
    let _ = fold("");
    let (before, peak) = (megabytes("VmRSS:"), megabytes("VmHWM:"));
    let (began, wall) = (seconds(), Instant::now());
    let matcher = Matcher::new(vec![list]);
    let (took, waited) = (seconds() - began, wall.elapsed().as_secs_f64());
    let held = megabytes("VmRSS:") - before;
    let most = megabytes("VmHWM:") - peak;
    println!(
        "matcher of {} rules holds {held:.1} MB, {most:.1} MB at most while building, in {:.0} ms of a processor ({:.0} ms)",
        matcher.rules().count(),
        took * 1e3,
        waited * 1e3
    );
}

/// A post a line, for the peers.
fn write(posts: &[String]) -> PathBuf {
    let lines: Vec<String> = posts.iter().map(|post| post.replace('\n', " ")).collect();
    let file = std::env::temp_dir().join(format!("matcher-posts-{}.txt", std::process::id()));
    std::fs::write(&file, lines.join("\n")).unwrap();
    file
}
