//! What is said: the words of the posts that count most.

use serde::Serialize;

use crate::{
    locale::{When, notice::count as counted, words},
    model::{Count, HitPart, PostRow, Role},
    report::marked::{Excerpt, Piece},
    text::{clean, tidy_link},
};

/// Posts whose words are quoted.
pub(super) const QUOTED: usize = 3;
/// Characters of one quotation.
pub(super) const QUOTATION: usize = 300;

/// What a post says.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Quotation {
    /// Where.
    pub site: String,
    /// When.
    pub published: String,
    /// Its title, in pieces: the words that met a rule are marked.
    pub title: Vec<Piece>,
    /// Its text likewise.
    pub text: Vec<Piece>,
    /// Its address; empty when it has none that may be shown.
    pub link: String,
    /// Its counters in words.
    pub figures: String,
}

/// Roots, the most seen first; the same words once. As many as `number`, each of `most` characters at most.
pub(super) fn quotations(posts: &[PostRow], number: usize, most: usize, when: &When) -> Vec<Quotation> {
    let mut roots: Vec<&PostRow> = posts.iter().filter(|row| row.role == Role::Root).collect();
    let weight = |row: &PostRow| row.views.or(row.reposts).map_or(0, |count| count.value);
    roots.sort_by_key(|row| (std::cmp::Reverse(weight(row)), row.first_seen_at));
    let mut said: Vec<String> = Vec::new();
    roots.retain(|row| {
        let text = row.post.own_text();
        let new = !text.trim().is_empty() && !said.contains(&text);
        said.push(text);
        new
    });
    roots.into_iter().take(number).map(|row| quotation(row, most, when)).collect()
}

fn quotation(row: &PostRow, most: usize, when: &When) -> Quotation {
    let post = &row.post;
    let own = |text, at| Excerpt { text, part: HitPart::Own, at, most }.of(row);
    let figure = |word: &str, count: Option<Count>| format!("{word} {}", counted(count, when.locale));
    let pick = |zh, en| when.locale.pick(zh, en);
    Quotation {
        site: clean(words::site(&post.key.site, when.locale)),
        published: row.published_at.map_or_else(
            || pick("发布时间未知", "published at an unknown time").to_owned(),
            |at| when.day_time(at),
        ),
        title: own(&post.title, 0),
        text: if post.text == post.title { Vec::new() } else { own(&post.text, post.text_at()) },
        link: tidy_link(&post.url).unwrap_or_default(),
        figures: [
            figure(pick("浏览", "views"), row.views),
            figure(pick("转发", "reposts"), row.reposts),
            figure(pick("评论", "comments"), row.comments),
        ]
        .join(pick("，", ", ")),
    }
}
