//! Any bytes are a page, or refused with a reason.
#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use yuqing::{
    collect::adapter::{Page, read},
    config::preset::{Preset, Presets},
};

/// The presets that read this kind of answer.
static PRESETS: LazyLock<Vec<Arc<Preset>>> = LazyLock::new(|| {
    let shipped = Presets::load(None).expect("the shipped presets are right");
    ["discuz-list", "discuz-thread"].map(|name| shipped.get(name).expect("shipped")).into()
});

fuzz_target!(|body: &[u8]| {
    let now: Timestamp = "2026-11-21T06:00:00Z".parse().expect("a literal");
    for preset in PRESETS.iter() {
        let page = Page { url: "https://bbs.example.cn/forum.php", content_type: None, body, asked: None };
        let reading = read(preset, &page, now);
        for (post, _) in &reading.posts {
            assert!(!post.key.site.is_empty() && !post.key.id.is_empty());
            assert!(post.published.is_none_or(|published| published.at <= now));
        }
    }
});
