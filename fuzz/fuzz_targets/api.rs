//! Any bytes are an answer in JSON, or refused with a reason.
#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use yuqing::{
    collect::adapter::{Page, read},
    config::{
        channels::Cloud,
        preset::{Preset, Presets},
    },
    dispatch::channel::{MOST_RECEIPTS, called, receipts},
    locale::Locale,
};

/// The presets that read this kind of answer.
static PRESETS: LazyLock<Vec<Arc<Preset>>> = LazyLock::new(|| {
    let shipped = Presets::load(None).expect("the shipped presets are right");
    ["weibo-search", "weibo-status", "douyin-search", "posts-json"].map(|name| shipped.get(name).expect("shipped")).into()
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
    // What SMS services tell of messages, asked or of their own accord.
    for cloud in [Cloud::Aliyun, Cloud::Tencent] {
        if let Ok(read) = receipts(cloud, body, Locale::En) {
            assert!(read.told.iter().all(|row| row.key.as_deref() != Some("")));
        }
    }
    if let Ok(report) = called(body) {
        assert!(report.receipts.len() + report.unreadable <= MOST_RECEIPTS);
        assert_eq!(report.fault.is_some(), report.unreadable > 0);
    }
});
