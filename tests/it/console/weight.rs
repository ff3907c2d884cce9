//! No page weighs more than 200 KB before its data: what an empty office's page and all that it is drawn with take on the
//! line. A district's old line carries that within a breath.

use std::collections::BTreeSet;

use scraper::{Html, Selector};

use super::{
    read,
    rows::Outside,
    sheet::{LEAVES, Sheet},
};

/// Bytes.
const MOST: usize = 200 * 1_000;

#[tokio::test]
async fn no_page_weighs_more_than_200_kb() {
    let empty = Sheet::empty().await;
    // A page of an incident needs one; the smallest day that has some.
    let day = Sheet::full(&Outside::default()).await;
    println!("{:<20} {:>8} {:>8} {:>8}", "page", "html", "assets", "whole");
    for leaf in LEAVES.iter().filter(|leaf| leaf.then.is_empty()) {
        let sheet = if leaf.path.contains("/incidents/") || leaf.name == "confirm" { &day } else { &empty };
        let stage = sheet.stage();
        let get = |path: &str| stage.client.get(format!("{}{path}", stage.base));
        let session = if leaf.outside { "none=0" } else { sheet.session.as_str() };
        let (status, page) = read(get(&sheet.path(leaf)).header("cookie", session)).await;
        // A wrong link has a page, too.
        assert!([200, 404].contains(&status), "{}: {status}", leaf.name);
        let mut assets = 0;
        for asset in assets_of(&page) {
            assert!(asset.starts_with("/assets/"), "{}: {asset} comes from elsewhere", leaf.name);
            let (status, body) = read(get(&asset)).await;
            assert_eq!(status, 200, "{asset}");
            assert!(!body.contains("url(") && !body.contains("@import"), "{asset} brings more");
            assets += body.len();
        }
        let whole = page.len() + assets;
        println!("{:<20} {:>8} {assets:>8} {whole:>8}", leaf.name, page.len());
        assert!(assets > 0 && whole < MOST, "{} weighs {whole} bytes", leaf.name);
    }
    empty.editing.stage.end().await;
    day.editing.stage.end().await;
}

/// What a browser fetches for a page, each once.
fn assets_of(page: &str) -> BTreeSet<String> {
    let page = Html::parse_document(page);
    let wanted = Selector::parse("link[href], script[src], img[src]").expect("a selector");
    let address = |one: scraper::ElementRef<'_>| one.attr("href").or(one.attr("src")).map(str::to_owned);
    page.select(&wanted).filter_map(address).collect()
}
