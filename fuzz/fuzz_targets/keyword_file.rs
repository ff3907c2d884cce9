//! Any bytes are a list or faults; a list that was accepted can be matched with.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use yuqing::keyword::{Matcher, parse};

fuzz_target!(|bytes: &[u8]| {
    match parse("甲", "甲.txt", bytes) {
        Ok(list) => {
            let matcher = Matcher::new(vec![Arc::new(list)]);
            let text = String::from_utf8_lossy(bytes);
            let _ = (matcher.hits(&text, ""), matcher.why_not(&text), matcher.search_terms());
        }
        Err(faults) => assert!(!faults.is_empty()),
    }
});
