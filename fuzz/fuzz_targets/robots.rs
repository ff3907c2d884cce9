//! Any bytes are a robots.txt; a rule of our own after them decides over the path that it names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yuqing::collect::fetch::robots::{AGENT, ComparedPath, RobotsFile};

fuzz_target!(|input: (&[u8], &str)| {
    let (body, path) = input;
    let path = ComparedPath::new(path);
    let _ = RobotsFile::parse(body, AGENT).allows(&path);
    // Nothing is longer than this, so whatever stood before, an agent that is named last is refused it.
    let long = format!("/{}", "a".repeat(body.len() + 1));
    let mut whole = body.to_vec();
    whole.extend_from_slice(format!("\nDisallow: /x\nUser-agent: {AGENT}\nDisallow: {long}\n").as_bytes());
    assert!(!RobotsFile::parse(&whole, AGENT).allows(&ComparedPath::new(&long)));
});
