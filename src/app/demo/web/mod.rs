//! The county's web: four sites, each with a listener (and so a host) of its own, over real HTTP.

mod douyin;
mod forum;
mod news;
mod weibo;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::story::{Place, ScriptedPost, Story};
use crate::time::SharedClock;

/// What stands on every page.
pub(super) const BANNER: &str = "演示：本站单位、人物、地点均为虚构";

/// Addresses of the four sites, such as `http://127.0.0.1:40001`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses(BTreeMap<Place, SocketAddr>);

impl Addresses {
    /// The base address of a site, without a slash at the end.
    #[must_use]
    pub fn base(&self, place: Place) -> String {
        self.0.get(&place).map_or_else(String::new, |address| format!("http://{address}"))
    }

    /// The public link of a post.
    #[must_use]
    pub fn link(&self, place: Place, number: u64) -> String {
        let base = self.base(place);
        match place {
            Place::Forum => format!("{base}/thread-{number}-1-1.html"),
            Place::Weibo => format!("{base}/detail/{number}"),
            Place::Douyin => format!("{base}/video/{number}"),
            Place::News => format!("{base}/article/{number}.html"),
        }
    }
}

/// What every page is made from.
#[derive(Clone)]
struct Scene {
    story: Arc<Story>,
    clock: SharedClock,
    started_at: Timestamp,
    addresses: Addresses,
}

impl Scene {
    fn since_start(&self) -> Duration {
        Duration::try_from(self.clock.now().duration_since(self.started_at)).unwrap_or_default()
    }

    fn visible(&self, place: Place) -> Vec<&ScriptedPost> {
        self.story.visible(place, self.since_start())
    }

    fn post(&self, place: Place, number: u64) -> Option<&ScriptedPost> {
        self.story.post(place, number, self.since_start())
    }

    /// Publication in the county's time.
    fn published(&self, post: &ScriptedPost) -> Zoned {
        self.started_at
            .saturating_add(post.published)
            .unwrap_or(self.started_at)
            .to_zoned(TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC))
    }
}

/// Opens the four listeners and serves the story on them until `stop`.
///
/// # Errors
/// When no port can be had on loopback.
pub async fn open(
    story: Arc<Story>,
    clock: SharedClock,
    started_at: Timestamp,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> std::io::Result<Addresses> {
    let mut listeners = Vec::new();
    let mut addresses = BTreeMap::new();
    for place in [Place::Forum, Place::Weibo, Place::Douyin, Place::News] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        addresses.insert(place, listener.local_addr()?);
        listeners.push((place, listener));
    }
    let addresses = Addresses(addresses);
    for (place, listener) in listeners {
        let scene = Scene {
            story: Arc::clone(&story),
            clock: Arc::clone(&clock),
            started_at,
            addresses: addresses.clone(),
        };
        let site = match place {
            Place::Forum => forum::routes(),
            Place::Weibo => weibo::routes(),
            Place::Douyin => douyin::routes(),
            Place::News => news::routes(),
        };
        let app = site.route("/robots.txt", get(robots)).with_state(scene);
        let stop = stop.clone();
        tasks.spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = served.await {
                tracing::warn!(%error, ?place, "a site of the demo stopped");
            }
        });
    }
    Ok(addresses)
}

async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /admin/\nAllow: /\n"
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 演示站点没有这一页").into_response()
}

fn page(content_type: &'static str, body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response()
}

/// A page in UTF-8 for the sites whose posts are read by API: people follow links too.
fn plain_page(title: &str, text: &str) -> Response {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title} - 演示</title></head>\n\
         <body><p>{BANNER}</p><h1>{title}</h1><p>{text}</p></body></html>\n",
        title = escape(title),
        text = escape(text)
    );
    page("text/html; charset=utf-8", body.into_bytes())
}

/// Text as HTML or XML text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// How long ago, as the forum says it.
fn ago(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    match minutes {
        ..1 => "刚刚".to_owned(),
        1..60 => format!("{minutes}&nbsp;分钟前"),
        60..1_440 => format!("{}&nbsp;小时前", minutes / 60),
        _ => format!("{}&nbsp;天前", minutes / 1_440),
    }
}
