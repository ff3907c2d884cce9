//! 青禾论坛: a forum in the manner of Discuz! X. The bytes are GBK and only the page's own meta says so.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{BANNER, Place, Scene, ScriptedPost, ago, escape, not_found, page};

pub(super) fn routes() -> Router<Scene> {
    Router::new().route("/", get(list)).route("/forum.php", get(by_query)).route("/{file}", get(by_name))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    r#mod: String,
    tid: Option<u64>,
}

async fn by_query(State(scene): State<Scene>, Query(asked): Query<Asked>) -> Response {
    match (asked.r#mod.as_str(), asked.tid) {
        ("viewthread", Some(tid)) => thread(&scene, tid),
        _ => list_page(&scene),
    }
}

/// `forum-2-1.html` and `thread-123-1-1.html`, as rewritten addresses look.
async fn by_name(State(scene): State<Scene>, Path(file): Path<String>) -> Response {
    if file.starts_with("forum-") {
        return list_page(&scene);
    }
    let number = file.strip_prefix("thread-").and_then(|rest| rest.split('-').next()?.parse().ok());
    number.map_or_else(not_found, |number| thread(&scene, number))
}

async fn list(State(scene): State<Scene>) -> Response {
    list_page(&scene)
}

fn list_page(scene: &Scene) -> Response {
    let mut rows = String::new();
    for post in scene.visible(Place::Forum) {
        row(&mut rows, scene, post);
    }
    let body = format!(
        "<div id=\"threadlist\" class=\"tl bm bmw\">\n<form method=\"post\" name=\"moderate\" id=\"moderate\">\n\
         <table summary=\"forum_2\" cellspacing=\"0\" cellpadding=\"0\" id=\"threadlisttableid\">\n\
         <tbody id=\"stickthread_100\">\n<tr><td class=\"icn\"></td>\n<th class=\"lock\">\
         <a href=\"thread-100-1-1.html\" class=\"s xst\">【置顶】论坛发帖须知（演示）</a></th>\n\
         <td class=\"by\"><cite>管理员</cite><em><span>2020-1-1</span></em></td>\n\
         <td class=\"num\"><a href=\"thread-100-1-1.html\" class=\"xi2\">0</a><em>9999</em></td>\n\
         <td class=\"by\"></td></tr>\n</tbody>\n\
         <tbody id=\"separatorline\"><tr class=\"ts\"><td>&nbsp;</td><th>版块主题</th></tr></tbody>\n\
         {rows}</table>\n</form>\n</div>\n\
         <div class=\"pg\"><strong>1</strong></div>\n"
    );
    gbk("本地话题 - 青禾论坛（演示）", &body)
}

fn row(out: &mut String, scene: &Scene, post: &ScriptedPost) {
    let now = scene.since_start();
    let number = post.number;
    let published = scene.published(post);
    let when = published.strftime("%Y-%-m-%-d %H:%M");
    let age = scene.clock.now().duration_since(published.timestamp());
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<tbody id=\"normalthread_{number}\">\n<tr>\n\
         <td class=\"icn\"><a href=\"thread-{number}-1-1.html\" title=\"新窗口打开\" target=\"_blank\"></a></td>\n\
         <th class=\"common\">\n<em>[<a href=\"forum.php?mod=forumdisplay&amp;fid=2\">本地</a>]</em> \
         <a href=\"thread-{number}-1-1.html\" onclick=\"atarget(this)\" class=\"s xst\">{title}</a>\n</th>\n\
         <td class=\"by\"><cite>演示用户</cite>\n\
         <em><span class=\"xi1\"><span title=\"{when}\">{ago}</span></span></em></td>\n\
         <td class=\"num\"><a href=\"thread-{number}-1-1.html\" class=\"xi2\">{replies}</a><em>{views}</em></td>\n\
         <td class=\"by\"><cite>演示用户</cite>\
         <em><a href=\"forum.php?mod=redirect&amp;tid={number}&amp;goto=lastpost#lastpost\">{ago}</a></em></td>\n\
         </tr>\n</tbody>\n",
        title = escape(&post.title),
        ago = ago(age),
        replies = post.comments.at(now),
        views = post.views.at(now),
    );
}

fn thread(scene: &Scene, number: u64) -> Response {
    let Some(post) = scene.post(Place::Forum, number) else { return not_found() };
    let now = scene.since_start();
    let body = format!(
        "<div id=\"postlist\" class=\"pl bm\">\n<table cellspacing=\"0\" cellpadding=\"0\">\n<tr>\n\
         <td class=\"pls ptn pbn\"><div class=\"hm ptn\"><span class=\"xg1\">查看:</span> \
         <span class=\"xi1\">{views}</span><span class=\"pipe\">|</span>\
         <span class=\"xg1\">回复:</span> <span class=\"xi1\">{replies}</span></div></td>\n\
         <td class=\"plc ptm pbn vwthd\"><h1 class=\"ts\"><span id=\"thread_subject\">{title}</span></h1></td>\n\
         </tr>\n</table>\n<div id=\"post_{number}1\">\n<table class=\"plhin\">\n<tr><td class=\"plc\">\n\
         <div class=\"pi\"><div class=\"pti\"><div class=\"authi\">\
         <em id=\"authorposton{number}1\">发表于 {when}</em></div></div></div>\n\
         <div class=\"pct\"><div class=\"pcb\"><div class=\"t_fsz\"><table><tr>\
         <td class=\"t_f\" id=\"postmessage_{number}1\">\n{text}</td></tr></table></div></div></div>\n\
         </td></tr></table>\n</div>\n</div>\n",
        views = post.views.at(now),
        replies = post.comments.at(now),
        title = escape(&post.title),
        when = scene.published(post).strftime("%Y-%-m-%-d %H:%M:%S"),
        text = escape(&post.text),
    );
    gbk(&format!("{} - 青禾论坛（演示）", post.title), &body)
}

/// A whole page as GBK bytes. The header names no charset, as on many old forums.
fn gbk(title: &str, body: &str) -> Response {
    let text = format!(
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \
         \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
         <meta http-equiv=\"Content-Type\" content=\"text/html; charset=gbk\" />\n\
         <title>{title}</title>\n<meta name=\"generator\" content=\"Discuz! X3.4\" />\n</head>\n\
         <body id=\"nv_forum\">\n<div id=\"hd\"><p>{BANNER}</p></div>\n<div id=\"wp\" class=\"wp\">\n{body}</div>\n\
         </body>\n</html>\n",
        title = escape(title)
    );
    let (bytes, _, _) = encoding_rs::GBK.encode(&text);
    page("text/html", bytes.into_owned())
}
