//! A site that is honest until an appointed instant and then lies in its own way. What it shows depends on
//! the virtual clock only.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use yuqing::time::{Clock, Manual};

/// One question to a site.
pub struct Ask {
    pub now: Timestamp,
    /// Since when it lies.
    pub lies_since: Timestamp,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    /// Questions since it began to lie, from 1.
    pub nth: u64,
}

/// What it answers.
pub enum Answer {
    Text(u16, &'static str, String),
    With(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Nothing, ever.
    Hang,
    /// A byte now and then, for ever.
    Drip,
}

pub type Say = fn(&Ask) -> Answer;

/// One entry of a list.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub text: String,
    pub at: Timestamp,
    pub views: String,
}

/// Entries every half hour of these hours of the day, the newest first.
pub fn entries(now: Timestamp, most: usize, hours: std::ops::Range<i8>, weekdays_only: bool) -> Vec<Entry> {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let mut slot = now.as_second() / 1_800;
    let mut found = Vec::new();
    while found.len() < most {
        let at = Timestamp::from_second(slot * 1_800).unwrap();
        let local = at.to_zoned(zone.clone());
        let open = !weekdays_only || local.weekday().to_monday_zero_offset() < 5;
        if open && hours.contains(&local.hour()) {
            let age = now.duration_since(at).as_mins();
            let text = format!("第{slot}号帖子：街坊们今天说说城里的天气和路况 {}", slot * 7_919 % 1_000_003);
            found.push(Entry { id: slot.to_string(), text, at, views: (age + 3).to_string() });
        }
        slot -= 1;
    }
    found
}

/// The usual list: twenty entries, from 8 to 22 o'clock, every day.
pub fn usual(now: Timestamp) -> Vec<Entry> {
    entries(now, 20, 8..22, false)
}

pub fn json(entries: &[Entry]) -> Answer {
    Answer::Text(200, "application/json", format!(r#"{{"posts":[{}]}}"#, items(entries)))
}

pub fn items(entries: &[Entry]) -> String {
    let one = |entry: &Entry| {
        format!(
            r#"{{"id":"{}","text":"{}","url":"https://bbs.example.cn/{}","published_at":"{}","views":"{}","reposts":1,"comments":2,"likes":3}}"#,
            entry.id, entry.text, entry.id, entry.at, entry.views
        )
    };
    entries.iter().map(one).collect::<Vec<_>>().join(",")
}

pub fn rss(entries: &[Entry], site: &str) -> Answer {
    let one = |entry: &Entry| {
        format!(
            "<item><guid>https://{site}/{id}</guid><link>https://{site}/{id}</link><title>{}</title><pubDate>{}</pubDate></item>",
            entry.text,
            entry.at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            id = entry.id,
        )
    };
    let items: String = entries.iter().map(one).collect();
    let body = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title><link>https://{site}/</link><description>d</description>{items}</channel></rss>"
    );
    Answer::Text(200, "application/rss+xml", body)
}

pub fn html(status: u16, body: &str) -> Answer {
    Answer::Text(
        status,
        "text/html; charset=utf-8",
        format!("<html><head><title>页</title></head><body>{body}</body></html>"),
    )
}

/// Serves one site; its base address.
pub async fn serve(clock: Manual, lies_since: Timestamp, honest: Say, lie: Say) -> String {
    let asked = Arc::new(AtomicU64::new(0));
    let app = Router::new().fallback(move |request: Request| {
        let (clock, asked) = (clock.clone(), Arc::clone(&asked));
        async move {
            let now = clock.now();
            let lying = now >= lies_since;
            let robots = request.uri().path() == "/robots.txt";
            let nth = if lying && !robots { asked.fetch_add(1, Ordering::SeqCst) + 1 } else { 0 };
            let ask = Ask {
                now,
                lies_since,
                path: request.uri().path().to_owned(),
                query: request.uri().query().unwrap_or_default().to_owned(),
                headers: request.headers().clone(),
                nth,
            };
            let answer = if lying { lie(&ask) } else { honest(&ask) };
            // A site that has no say about robots has no robots.txt.
            let answer = match answer {
                Answer::Text(..) | Answer::With(..) if robots && !spoken(&answer) => {
                    Answer::Text(404, "text/plain", String::new())
                }
                Answer::Hang | Answer::Drip if robots => Answer::Text(404, "text/plain", String::new()),
                answer => answer,
            };
            respond(answer)
        }
    });
    super::super::stage::serve(app).await
}

/// Whether an answer is meant for robots.txt.
fn spoken(answer: &Answer) -> bool {
    matches!(answer, Answer::Text(_, "text/x-robots", _))
}

fn respond(answer: Answer) -> Response {
    let (status, headers, body) = match answer {
        Answer::Text(status, kind, body) => {
            let kind = if kind == "text/x-robots" { "text/plain" } else { kind };
            (status, vec![(header::CONTENT_TYPE.as_str(), kind.to_owned())], Body::from(body))
        }
        Answer::With(status, headers, body) => (status, headers, Body::from(body)),
        Answer::Hang => (200, Vec::new(), Body::from_stream(endless(false))),
        Answer::Drip => (200, Vec::new(), Body::from_stream(endless(true))),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().append(header::HeaderName::from_static(name), value.parse().unwrap());
    }
    response
}

/// A body that never ends; with `bytes` it says a space now and then.
fn endless(bytes: bool) -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    let tick = tokio::time::interval(std::time::Duration::from_millis(200));
    futures_util::stream::unfold(tick, move |mut tick| async move {
        loop {
            tick.tick().await;
            if bytes {
                return Some((Ok(b" ".to_vec()), tick));
            }
        }
    })
}

/// So long after the site began to lie.
pub fn lied_for(ask: &Ask) -> SignedDuration {
    ask.now.duration_since(ask.lies_since)
}
