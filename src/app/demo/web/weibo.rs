//! A microblog with a JSON API in the manner of m.weibo.cn: search and one status. It shows no views.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BANNER, Place, Scene, ScriptedPost, escape, not_found, plain_page};

pub(super) fn routes() -> Router<Scene> {
    Router::new()
        .route("/api/container/getIndex", get(search))
        .route("/statuses/show", get(show))
        .route("/detail/{id}", get(detail))
        .route("/status/{id}", get(detail))
}

#[derive(Deserialize)]
struct Asked {
    /// `100103type=1&q=词`, as the site's own page asks; or plain `q`.
    #[serde(default)]
    containerid: String,
    q: Option<String>,
    page: Option<u32>,
}

async fn search(State(scene): State<Scene>, Query(asked): Query<Asked>) -> Response {
    let inside = asked.containerid.split_once("q=").map(|(_, rest)| {
        let word = rest.split('&').next().unwrap_or_default();
        word.to_owned()
    });
    let word = asked.q.or(inside).unwrap_or_default();
    let cards: Vec<Value> = scene
        .visible(Place::Weibo)
        .into_iter()
        .filter(|_| asked.page.unwrap_or(1) <= 1)
        .filter(|post| finds(&scene, post, &word))
        .map(|post| {
            json!({
                "card_type": 9,
                "itemid": format!("演示_{}", post.number),
                "scheme": scene.addresses.link(Place::Weibo, post.number),
                "mblog": mblog(&scene, post, true),
            })
        })
        .collect();
    let total = cards.len();
    Json(json!({ "ok": 1, "notice": BANNER, "data": { "cardlistInfo": { "total": total }, "cards": cards } }))
        .into_response()
}

fn finds(scene: &Scene, post: &ScriptedPost, word: &str) -> bool {
    let original = post.repost_of.and_then(|number| scene.post(Place::Weibo, number));
    word.is_empty() || post.text.contains(word) || original.is_some_and(|post| post.text.contains(word))
}

#[derive(Deserialize)]
struct One {
    id: u64,
}

async fn show(State(scene): State<Scene>, Query(one): Query<One>) -> Response {
    scene.post(Place::Weibo, one.id).map_or_else(not_found, |post| {
        Json(json!({ "ok": 1, "notice": BANNER, "data": mblog(&scene, post, true) })).into_response()
    })
}

async fn detail(State(scene): State<Scene>, Path(id): Path<u64>) -> Response {
    scene.post(Place::Weibo, id).map_or_else(not_found, |post| plain_page("微博正文", &post.text))
}

fn mblog(scene: &Scene, post: &ScriptedPost, with_original: bool) -> Value {
    let now = scene.since_start();
    let mut text = escape(&post.text);
    if post.repost_of.is_some() {
        text = format!("转发微博 <span class=\"url-icon\"></span>{text}");
    }
    if let Some((place, number)) = post.link_to {
        let link = scene.addresses.link(place, number);
        text = format!("{text}<a href=\"{link}\" data-hide=\"\"><span class='surl-text'>网页链接</span></a>");
    }
    let mut out = json!({
        "id": post.number.to_string(),
        "mid": post.number.to_string(),
        "bid": base62(post.number),
        "created_at": scene.published(post).strftime("%a %b %d %H:%M:%S %z %Y").to_string(),
        "text": text,
        "source": "演示",
        "reposts_count": post.reposts.at(now),
        "comments_count": post.comments.at(now),
        "attitudes_count": post.likes.at(now),
        "isLongText": false,
        "user": { "id": 1, "screen_name": "演示用户" },
    });
    let original =
        post.repost_of.filter(|_| with_original).and_then(|number| scene.post(Place::Weibo, number));
    if let (Some(original), Some(fields)) = (original, out.as_object_mut()) {
        fields.insert("retweeted_status".to_owned(), mblog(scene, original, false));
    }
    out
}

/// A short id in the letters that such sites use.
fn base62(mut number: u64) -> String {
    const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut out = Vec::new();
    while number > 0 {
        let letter = usize::try_from(number % 62).ok().and_then(|at| LETTERS.get(at));
        out.push(char::from(letter.copied().unwrap_or(b'0')));
        number /= 62;
    }
    out.into_iter().rev().collect()
}
