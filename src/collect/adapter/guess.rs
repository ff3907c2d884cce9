//! Which preset reads an answer: for `probe` without `--preset`.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Page, Reading, Verdict, charset, read};
use crate::{
    config::preset::{Preset, Presets, Reader},
    text,
};

/// Reads by the preset that fits best: a feed by the feed reader, JSON by the api presets and HTML by the
/// page presets, of which the one that yields most wins. `None` when no preset of that kind is there.
#[must_use]
pub fn guess(presets: &Presets, page: &Page<'_>, now: Timestamp) -> Option<(Arc<Preset>, Reading)> {
    ranked(presets, page, now).into_iter().next()
}

/// What every preset of the answer's kind makes of it, the best first.
#[must_use]
pub fn ranked(presets: &Presets, page: &Page<'_>, now: Timestamp) -> Vec<(Arc<Preset>, Reading)> {
    let kind = kind_of_answer(page);
    let of_kind = presets.iter().filter(|preset| preset.reader.kind() == kind);
    let mut read: Vec<_> = of_kind.map(|preset| (Arc::clone(preset), read(preset, page, now))).collect();
    read.sort_by_cached_key(|(preset, reading)| {
        (std::cmp::Reverse(worth(preset, reading)), preset.name.clone())
    });
    read
}

/// `feed`, `page` or `api`: by what the answer begins with.
#[must_use]
pub fn kind_of_answer(page: &Page<'_>) -> &'static str {
    let declared = page.content_type.and_then(charset);
    let head = text::decode(page.body, declared.as_deref(), true).text;
    let head: String = head.trim_start_matches('\u{feff}').trim_start().chars().take(4_000).collect();
    kind_of(&head)
}

fn kind_of(head: &str) -> &'static str {
    if head.starts_with(['{', '[']) {
        let feed = head.contains("jsonfeed.org/version");
        return if feed { Reader::Feed.kind() } else { "api" };
    }
    let lower = head.to_ascii_lowercase();
    let is_html = lower.contains("<html") || lower.contains("<!doctype html");
    let xml = ["<?xml", "<rss", "<feed", "<rdf", "<entry", "<channel", "<!--"]
        .iter()
        .any(|tag| lower.starts_with(tag));
    let feed = ["<rss", "<feed", "<rdf:rdf", "<entry", ":feed"].iter().any(|tag| lower.contains(tag));
    if (feed || xml) && !is_html { "feed" } else { "page" }
}

/// Posts first; then an answer that the preset recognises at all; then a preset made for one program before
/// one for all; then known counters.
fn worth(preset: &Preset, reading: &Reading) -> (usize, bool, usize, usize) {
    let own = !matches!(&preset.reader, Reader::Page(reader) if reader.any_shape);
    let recognised = match &reading.verdict {
        Verdict::Data => 3,
        Verdict::Blocked { words, .. } if !words.is_empty() => 2,
        Verdict::Blocked { .. } | Verdict::Empty => 1,
        Verdict::Broken => 0,
    };
    let counted = reading.posts.iter().map(|(post, counters)| {
        let counts = [counters.views, counters.reposts, counters.comments, counters.likes];
        counts.iter().flatten().count()
            + usize::from(!post.text.is_empty())
            + usize::from(post.published.is_some())
    });
    (recognised, own, reading.posts.len(), counted.sum())
}
