//! Folding any text keeps the way back, hits lie inside the text with the surface that they name, and reading only
//! where the glance points finds what reading every character finds.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use yuqing::keyword::{Matcher, parse};
use yuqing::text::fold;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    matcher("市医院\n+a\n\n讨薪\n强拆现场\n\nai\n3·15晚会\n《青川日报》\n/[一二三]{2,3}/\n")
});

/// Only words, each alone and none that rests on another, so that nothing hides a word that was not found.
static WORDS: LazyLock<Matcher> = LazyLock::new(|| {
    let words = [
        "市医院", "讨薪", "强拆现场", "ai", "3·15晚会", "《青川日报》", "😀强拆", "强拆！", "株式会社", "1⁄2", "...b",
        "𠮷野", "café", "한국", "ガス", "①号", "市*医", "5g基站", "ab",
    ];
    matcher(&words.join("\n\n"))
});

/// With words of one character, which the glance looks for in another way.
static LETTERS: LazyLock<Matcher> = LazyLock::new(|| matcher("市\n\na\n\né\n\n𠮷\n\n市医院\n\n讨薪\n"));

/// Patterns that need something of a text.
static PATTERNS: LazyLock<Matcher> =
    LazyLock::new(|| matcher("/(市|a)医院?/\n\n/[一二]{2}讨薪/\n\n/é|K9/\n\n/\\d+元/\n"));

fn matcher(list: &str) -> Matcher {
    Matcher::new(vec![Arc::new(parse("甲", "甲.txt", list.as_bytes()).expect("a right list"))])
}

fuzz_target!(|text: &str| {
    let folded = fold(text);
    let chars: Vec<char> = text.chars().collect();
    assert_eq!(folded.origins.len(), folded.text.chars().count());
    assert!(folded.origins.iter().all(|o| o.start < o.end && o.end as usize <= chars.len()));
    assert!(folded.origins.is_sorted_by_key(|o| o.start));
    for matcher in [&*MATCHER, &*WORDS, &*LETTERS, &*PATTERNS] {
        assert_eq!(matcher.hits(text, ""), matcher.hits_in_folded(text, &folded, ""));
    }
    for hit in MATCHER.hits(text, "") {
        let surface: String = chars[hit.start as usize..hit.end as usize].iter().collect();
        assert_eq!(hit.surface, surface);
    }
});
