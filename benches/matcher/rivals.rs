//! What others do with the same posts and words: plain automata that normalise nothing, the usual chain of crates
//! that normalises first, and the peers in Python (`benches/peers/peer_matcher.py`).

use std::{path::Path, process::Command};

use aho_corasick::{AhoCorasick, MatchKind};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use yuqing::text::simplify;

use crate::{meter::speed, peers};

/// Names and gigabytes a second.
pub type Speeds = Vec<(&'static str, f64, usize)>;

/// All of them in Rust. The chains that normalise are slow and run once over the first part of the posts.
pub fn in_rust(posts: &[String], words: &[String]) -> Speeds {
    let bytes = posts.iter().map(String::len).sum();
    let some = &posts[..posts.len() / 5];
    let some_bytes = some.iter().map(String::len).sum();
    let every = AhoCorasick::new(words).unwrap();
    let longest = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).unwrap();
    let charwise = CharwiseDoubleArrayAhoCorasick::<u32>::new(words).unwrap();
    let opencc = OpenCC::from_config(BuiltinConfig::T2s).unwrap();
    let by_phrases = |post: &String| {
        let normal: String = post.nfkc().collect();
        every.find_overlapping_iter(&opencc.convert(&normal).to_lowercase()).count()
    };
    let by_characters = |post: &String| {
        let normal: String = post.nfkc().map(simplify).collect();
        every.find_overlapping_iter(&normal.to_lowercase()).count()
    };
    let sum = |posts: &[String], work: &dyn Fn(&String) -> usize| posts.iter().map(work).sum::<usize>();
    let mut speeds = Vec::new();
    let mut add = |name, (speed, found)| speeds.push((name, speed, found));
    let overlapping = |post: &String| every.find_overlapping_iter(post).count();
    add(OVERLAPPING, speed(bytes, 2, || sum(posts, &overlapping)));
    add(LONGEST, speed(bytes, 2, || sum(posts, &|post| longest.find_iter(post).count())));
    add(
        "daachorse charwise, overlapping",
        speed(bytes, 2, || sum(posts, &|post| charwise.find_overlapping_iter(post).count())),
    );
    add(CHAIN, speed(some_bytes, 1, || sum(some, &by_phrases)));
    add(
        "NFKC + characters by a hash table + aho-corasick",
        speed(some_bytes, 1, || sum(some, &by_characters)),
    );
    speeds
}

pub const OVERLAPPING: &str = "aho-corasick, overlapping";
pub const LONGEST: &str = "aho-corasick, leftmost-longest";
pub const CHAIN: &str = "NFKC + OpenCC t2s + aho-corasick";
pub const PYTHON: [&str; 2] = ["pyahocorasick", "hyperscan"];

/// Those in Python, of which nobody measures more than asked; `None` where they are not installed.
pub fn in_python(posts: &Path, words: &[String]) -> Option<Speeds> {
    let python = peers::python()?;
    let list = posts.with_extension("words");
    std::fs::write(&list, words.join("\n")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/peer_matcher.py");
    let said = Command::new(python).arg(script).arg(posts).arg(list).output().ok()?;
    let line = String::from_utf8_lossy(&said.stdout);
    let told: Value = serde_json::from_str(line.trim()).ok()?;
    let of = |name: &'static str| {
        let found = usize::try_from(told.get(name)?.get("found")?.as_u64()?).ok()?;
        Some((name, told.get(name)?.get("gigabytes_per_second")?.as_f64()?, found))
    };
    Some(PYTHON.into_iter().filter_map(of).collect())
}
