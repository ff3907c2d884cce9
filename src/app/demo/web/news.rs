//! 青禾新闻: a news site with an Atom feed. A feed carries no counters.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{BANNER, Place, Scene, escape, not_found, page, plain_page};

pub(super) fn routes() -> Router<Scene> {
    Router::new().route("/atom.xml", get(atom)).route("/article/{file}", get(article))
}

async fn atom(State(scene): State<Scene>) -> Response {
    let base = scene.addresses.base(Place::News);
    let updated = scene.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ");
    let mut entries = String::new();
    for post in scene.visible(Place::News) {
        let link = scene.addresses.link(Place::News, post.number);
        let source = post.link_to.map_or_else(String::new, |(place, number)| {
            format!("<p><a href=\"{}\">原帖</a></p>", scene.addresses.link(place, number))
        });
        let content = format!("<p>{}</p>{source}", escape(&post.text));
        // Writing to a string cannot fail.
        let _ = write!(
            entries,
            "  <entry>\n    <id>{link}</id>\n    <title>{title}</title>\n    <link href=\"{link}\"/>\n\
             \u{20}   <published>{at}</published>\n    <updated>{at}</updated>\n\
             \u{20}   <content type=\"html\">{content}</content>\n  </entry>\n",
            title = escape(&post.title),
            at = scene.published(post).strftime("%Y-%m-%dT%H:%M:%S%:z"),
            content = escape(&content),
        );
    }
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         \u{20} <id>{base}/atom.xml</id>\n  <title>青禾新闻（演示）</title>\n  <subtitle>{BANNER}</subtitle>\n\
         \u{20} <link rel=\"self\" href=\"{base}/atom.xml\"/>\n  <updated>{updated}</updated>\n\
         \u{20} <author><name>青禾新闻</name></author>\n{entries}</feed>\n"
    );
    page("application/atom+xml; charset=utf-8", body.into_bytes())
}

async fn article(State(scene): State<Scene>, Path(file): Path<String>) -> Response {
    let number = file.strip_suffix(".html").and_then(|number| number.parse().ok());
    number
        .and_then(|number| scene.post(Place::News, number))
        .map_or_else(not_found, |post| plain_page(&post.title, &post.text))
}
