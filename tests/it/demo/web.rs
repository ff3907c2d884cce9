//! The county's web, read as a crawler would.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;
use yuqing::app::demo::Place;

use super::{body_of, client, county, get};

fn text(selector: &str, row: scraper::ElementRef<'_>) -> String {
    let selector = scraper::Selector::parse(selector).expect("a selector");
    row.select(&selector).next().map(|found| found.text().collect()).unwrap_or_default()
}

#[tokio::test]
async fn the_forum_is_gbk_and_only_its_meta_says_so() {
    let (county, clock) = county(1).await;
    clock.advance(SignedDuration::from_secs(20));
    let base = county.sites.base(Place::Forum);
    let answer = client().get(format!("{base}/forum-2-1.html")).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/html");
    let bytes = body_of(answer).await;
    assert!(std::str::from_utf8(&bytes).is_err(), "the bytes are not UTF-8");
    let (page, _, broken) = encoding_rs::GBK.decode(&bytes);
    assert!(!broken && page.contains("charset=gbk") && page.contains("演示"));

    let page = scraper::Html::parse_document(&page);
    let rows = scraper::Selector::parse("tbody[id^=normalthread_]").expect("a selector");
    let mut found = 0;
    for row in page.select(&rows) {
        let views: u64 = text("td.num em", row).parse().expect("views");
        let _: u64 = text("td.num a.xi2", row).parse().expect("replies");
        assert!(!text("th a.s.xst", row).is_empty());
        found += usize::from(text("th a.s.xst", row).contains(county.story.unit) && views > 5_000);
    }
    assert_eq!(found, 1, "the main thread, well read by now");
    county.stop().await;
}

#[tokio::test]
async fn a_thread_page_agrees_with_the_list() {
    let (county, clock) = county(2).await;
    clock.advance(SignedDuration::from_secs(30));
    let main = county.story.visible(Place::Forum, std::time::Duration::from_secs(30))[0].number;
    let page = get(&county.sites.link(Place::Forum, main)).await;
    let (page, _, _) = encoding_rs::GBK.decode(&page);
    let list = get(&county.sites.base(Place::Forum)).await;
    let (list, _, _) = encoding_rs::GBK.decode(&list);
    let page = scraper::Html::parse_document(&page);
    let views = text("span.xi1", page.root_element());
    assert!(list.contains(&format!("<em>{views}</em>")), "{views}");
    assert!(text("td[id^=postmessage_]", page.root_element()).chars().count() > 20);
    county.stop().await;
}

#[tokio::test]
async fn the_microblog_finds_reposts_by_their_original() {
    let (county, clock) = county(3).await;
    clock.advance(SignedDuration::from_secs(50));
    let base = county.sites.base(Place::Weibo);
    let word: String = url::form_urlencoded::byte_serialize(county.story.unit.as_bytes()).collect();
    let url = format!("{base}/api/container/getIndex?containerid=100103type%3D1%26q%3D{word}");
    let answer: Value = serde_json::from_slice(&get(&url).await).expect("JSON");
    let cards = answer["data"]["cards"].as_array().expect("cards");
    let reposts: Vec<_> = cards.iter().filter(|card| !card["mblog"]["retweeted_status"].is_null()).collect();
    assert_eq!(reposts.len(), 1);
    let original = &reposts[0]["mblog"]["retweeted_status"];
    assert!(original["text"].as_str().is_some_and(|text| text.contains(county.story.unit)));
    assert!(original["reposts_count"].as_u64().is_some_and(|count| count > 300));
    let ids: BTreeSet<_> = cards.iter().filter_map(|card| card["mblog"]["bid"].as_str()).collect();
    assert_eq!(ids.len(), cards.len());

    let nobody = format!("{base}/api/container/getIndex?q=nobody");
    let answer: Value = serde_json::from_slice(&get(&nobody).await).expect("JSON");
    assert_eq!(answer["data"]["cards"], serde_json::json!([]));
    county.stop().await;
}

#[tokio::test]
async fn counters_follow_the_clock_that_was_given() {
    let (county, clock) = county(4).await;
    let base = county.sites.base(Place::Douyin);
    let word: String = url::form_urlencoded::byte_serialize(county.story.unit.as_bytes()).collect();
    let url = format!("{base}/aweme/v1/web/search/item/?keyword={word}");
    let plays = async || -> Option<u64> {
        let answer: Value = serde_json::from_slice(&get(&url).await).expect("JSON");
        answer["search_item_list"][0]["aweme_info"]["statistics"]["play_count"].as_u64()
    };
    assert_eq!(plays().await, None);
    clock.advance(SignedDuration::from_secs(30));
    let then = plays().await.expect("a video by now");
    assert_eq!(plays().await, Some(then), "the clock stands");
    clock.advance(SignedDuration::from_secs(10));
    assert!(plays().await > Some(then));
    county.stop().await;
}

#[tokio::test]
async fn the_news_feed_is_read_by_a_feed_reader_and_links_to_the_thread() {
    let (county, clock) = county(5).await;
    clock.advance(SignedDuration::from_secs(40));
    let feed = get(&format!("{}/atom.xml", county.sites.base(Place::News))).await;
    let feed = feed_rs::parser::parse(feed.as_slice()).expect("a feed");
    let entry = feed.entries.first().expect("an entry");
    assert!(entry.title.as_ref().is_some_and(|title| title.content.contains(county.story.unit)));
    let content = entry.content.as_ref().and_then(|content| content.body.clone()).expect("content");
    assert!(content.contains(&county.sites.base(Place::Forum)), "{content}");
    for place in [Place::Forum, Place::Weibo, Place::Douyin, Place::News] {
        let robots = get(&format!("{}/robots.txt", county.sites.base(place))).await;
        assert!(String::from_utf8_lossy(&robots).contains("Allow: /"));
    }
    county.stop().await;
}
