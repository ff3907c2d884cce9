//! Folding any text keeps the way back, and hits lie inside the text with the surface that they name.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use yuqing::keyword::{Matcher, parse};
use yuqing::text::fold;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let list = "市医院\n+a\n\n讨薪\n强拆现场\n\nai\n3·15晚会\n《青川日报》\n/[一二三]{2,3}/\n";
    Matcher::new(vec![Arc::new(parse("甲", "甲.txt", list.as_bytes()).expect("a right list"))])
});

fuzz_target!(|text: &str| {
    let folded = fold(text);
    let chars: Vec<char> = text.chars().collect();
    assert_eq!(folded.origins.len(), folded.text.chars().count());
    assert!(folded.origins.iter().all(|o| o.start < o.end && o.end as usize <= chars.len()));
    assert!(folded.origins.is_sorted_by_key(|o| o.start));
    for hit in MATCHER.hits(text, "") {
        let surface: String = chars[hit.start as usize..hit.end as usize].iter().collect();
        assert_eq!(hit.surface, surface);
    }
});
