//! Folding and matching in megabytes of Chinese text per second, against plain aho-corasick that
//! normalises nothing, all in one run. `cargo bench --bench matcher`.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark prints and may stop")]

use std::{hint::black_box, sync::Arc, time::Instant};

use aho_corasick::AhoCorasick;
use yuqing::keyword::{Matcher, parse};
use yuqing::text::fold;

/// Size of the text, in characters (three bytes each, most of them).
const CHARS: usize = 1_000_000;
/// Length of a post, in characters.
const POST: usize = 140;

fn main() {
    let mut random = fastrand::Rng::with_seed(7);
    let posts: Vec<String> = (0..CHARS / POST).map(|_| post(&mut random)).collect();
    let bytes: usize = posts.iter().map(String::len).sum();
    println!("{} posts, {:.1} MB", posts.len(), megabytes(bytes));
    report("fold", bytes, || posts.iter().map(|post| fold(post).text.len()).sum());
    for n in [10, 1_000, 10_000] {
        let words: Vec<String> = (0..n).map(|_| word(&mut random)).collect();
        let started = Instant::now();
        let list = parse("甲", "甲.txt", words.join("\n\n").as_bytes()).unwrap();
        let matcher = Matcher::new(vec![Arc::new(list)]);
        println!("{n} words: built in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
        report("  fold + match + gaps", bytes, || {
            posts.iter().map(|post| matcher.hits(post, "").len()).sum()
        });
        let plain = AhoCorasick::new(&words).unwrap();
        report("  plain aho-corasick, nothing normalised", bytes, || {
            posts.iter().map(|post| plain.find_overlapping_iter(post).count()).sum()
        });
    }
}

/// The best of three runs.
fn report(name: &str, bytes: usize, mut work: impl FnMut() -> usize) {
    let mut best = f64::INFINITY;
    let mut result = 0;
    for _ in 0..3 {
        let started = Instant::now();
        result = black_box(work());
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!("{name}: {:.1} MB/s ({result})", megabytes(bytes) / best);
}

#[expect(clippy::cast_precision_loss, reason = "megabytes for the eye")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Common characters more often than rare ones, punctuation now and then.
fn post(random: &mut fastrand::Rng) -> String {
    (0..POST)
        .map(|_| match random.u8(..100) {
            0..=6 => '，',
            7..=9 => '。',
            10 => '、',
            11 => ' ',
            12..=13 => char::from(random.u8(b'a'..=b'z')),
            14 => char::from(random.u8(b'0'..=b'9')),
            _ => han(random),
        })
        .collect()
}

fn word(random: &mut fastrand::Rng) -> String {
    (0..random.usize(3..=6)).map(|_| han(random)).collect()
}

fn han(random: &mut fastrand::Rng) -> char {
    let spread = if random.u8(..10) < 8 { 500 } else { 6_000 };
    char::from_u32(0x4E00 + random.u32(..spread) * 3).unwrap_or('一')
}
