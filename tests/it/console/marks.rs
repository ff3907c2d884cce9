//! The words that met a rule are marked where they stand: from the rules over the row in the store to the page.

use std::sync::Arc;

use yuqing::{
    desk::Change,
    keyword::{self, Matcher},
    model::{Certainty, Hit, HitPart, Mark, Post, PostRow, SiteKind, marks},
};

use super::{
    Stage,
    rows::{self, Outside},
};

fn hits(post: &Post) -> Vec<Hit> {
    let list = keyword::parse("青禾县人民医院", "list.txt", "县医院\n\n讨薪\n".as_bytes()).unwrap();
    Matcher::new(vec![Arc::new(list)]).hits(&post.own_text(), &post.quoted)
}

/// A post of incident 1 with the marks that the rules give it.
fn row(title: &str, text: &str, quoted: &str) -> PostRow {
    let mut row = rows::post(1, "marked", SiteKind::Forum, &Outside::all("x"));
    row.post.title = title.to_owned();
    row.post.text = text.to_owned();
    row.post.quoted = quoted.to_owned();
    row.marks = marks(&row.post, &hits(&row.post));
    row
}

async fn page(row: PostRow) -> String {
    let stage = Stage::busy().await;
    stage.store.commit(vec![Change::Post(Box::new(row))]).await.unwrap();
    let (status, page) = stage.get("/incidents/1").await;
    assert_eq!(status, 200, "{page}");
    stage.end().await;
    page
}

#[tokio::test]
async fn title_and_text_are_marked_each_in_its_place() {
    let page = page(row("问问县医院", "昨天去縣\u{200b}醫院，\n<b>没人</b>。有人讨💰薪", "")).await;
    assert!(page.contains("问问<mark>县医院</mark>"), "the title");
    // Traditional characters and a hidden mark inside: the original is shown, the offsets map back to it.
    assert!(page.contains("昨天去<mark>縣\u{200b}醫院</mark>， &lt;b&gt;没人&lt;"), "the text: {page}");
    assert!(page.contains("有人<mark class=\"unsure\""), "a gap is less sure");
    assert!(page.contains("讨💰薪</mark>"), "the whole gap is marked");
}

#[tokio::test]
async fn words_far_down_and_words_quoted_are_brought_into_view() {
    let long = format!("{}最后去了县医院，等了四小时。{}", "路上堵车。".repeat(100), "回家了。".repeat(100));
    let page = page(row("随便说说", &long, "转：县医院通知")).await;
    assert!(
        page.contains("路上堵车。最后去了<mark>县医院</mark>，等了四小时。"),
        "an excerpt round the word"
    );
    assert!(page.contains("转：<mark>县医院</mark>通知"), "the quoted text");
    assert!(!page.contains("x<mark>"), "other posts are not marked");
}

#[test]
fn every_mark_stands_on_the_words_of_its_hit() {
    let texts = ["县医院", "去了县 医 院和县医院", "😀縣醫院👍🏽县·医·院", "ﾊﾞ县医院ＡＢ", "没有"];
    for title in texts {
        for text in texts {
            let row = row(title, text, "引用县医院");
            let own: Vec<char> = row.post.own_text().chars().collect();
            let quoted: Vec<char> = row.post.quoted.chars().collect();
            let found = hits(&row.post);
            assert_eq!(row.marks.len(), found.len(), "{title} {text}");
            for mark in &row.marks {
                let text = if mark.part == HitPart::Own { &own } else { &quoted };
                let words: String = text[mark.start as usize..mark.end as usize].iter().collect();
                assert!(found.iter().any(|hit| hit.surface == words && hit.start == mark.start), "{words}");
            }
        }
    }
}

#[test]
fn an_original_seen_through_a_repost_is_marked_by_its_words() {
    let mut original = row("", "我县的县医院排队四小时", "").post;
    let repost = row("", "转发微博", "我县的县医院排队四小时").post;
    let through = hits(&repost);
    let mark = |start, end| Mark { part: HitPart::Own, start, end, certainty: Certainty::Exact };
    assert_eq!(marks(&original, &through), [mark(3, 6)]);
    original.text = "与此无关".to_owned();
    assert_eq!(marks(&original, &through), [], "nothing is marked that does not stand there");
    let mut row = row("", "县医院", "");
    row.post.text = String::new();
    assert_eq!(row.post.text_at(), 0, "a text that was forgotten shows nothing");
}
