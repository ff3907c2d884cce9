//! Any text is a count or unknown; a plain number keeps its value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yuqing::text::parse_count;

fuzz_target!(|text: &str| {
    let count = parse_count(text);
    if !text.is_empty() && text.len() < 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        assert_eq!(count.map(|count| count.value), text.parse().ok());
    }
});
