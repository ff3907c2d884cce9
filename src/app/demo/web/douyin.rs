//! A short video site with a JSON API in the manner of Douyin: search and one video.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BANNER, Place, Scene, ScriptedPost, not_found, plain_page};

pub(super) fn routes() -> Router<Scene> {
    Router::new()
        .route("/aweme/v1/web/search/item/", get(search))
        .route("/aweme/v1/web/aweme/detail/", get(one))
        .route("/video/{id}", get(video))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    keyword: String,
}

async fn search(State(scene): State<Scene>, Query(asked): Query<Asked>) -> Response {
    let items: Vec<Value> = scene
        .visible(Place::Douyin)
        .into_iter()
        .filter(|post| post.text.contains(&asked.keyword))
        .map(|post| json!({ "type": 1, "aweme_info": aweme(&scene, post) }))
        .collect();
    Json(json!({ "status_code": 0, "notice": BANNER, "search_item_list": items, "has_more": 0 }))
        .into_response()
}

#[derive(Deserialize)]
struct One {
    aweme_id: u64,
}

async fn one(State(scene): State<Scene>, Query(asked): Query<One>) -> Response {
    scene.post(Place::Douyin, asked.aweme_id).map_or_else(not_found, |post| {
        Json(json!({ "status_code": 0, "notice": BANNER, "aweme_detail": aweme(&scene, post) }))
            .into_response()
    })
}

async fn video(State(scene): State<Scene>, Path(id): Path<u64>) -> Response {
    scene.post(Place::Douyin, id).map_or_else(not_found, |post| plain_page("短视频", &post.text))
}

fn aweme(scene: &Scene, post: &ScriptedPost) -> Value {
    let now = scene.since_start();
    json!({
        "aweme_id": post.number.to_string(),
        "desc": post.text,
        "create_time": scene.published(post).timestamp().as_second(),
        "share_url": scene.addresses.link(Place::Douyin, post.number),
        "statistics": {
            "play_count": post.views.at(now),
            "digg_count": post.likes.at(now),
            "comment_count": post.comments.at(now),
            "share_count": post.reposts.at(now),
        },
        "author": { "nickname": "演示用户" },
        "video": { "duration": 21_000 },
    })
}
