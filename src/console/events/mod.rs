//! `/events`: tells a page by server-sent events that something changed, so that it asks for its living part.
//!
//! One [`hub`] watches the store's writes and reads, at most twice a second for all pages together, which incidents
//! are new or rose; each stream only passes on the hub's latest word, so a page that is slow to read misses words
//! in between and costs no memory. [`seats`] bounds the streams. What a stream sends:
//!
//! | event | data | when |
//! | --- | --- | --- |
//! | `hello` | `now`, `build`, `raised` since `Last-Event-ID` | at its opening |
//! | `changed` | `now`, `desk`, `sources`, `raised` | something was written |
//! | `beat` | `now` | nothing else for 15 s; a page that hears nothing for 35 s says so (a comment would not reach it) |
//! | `leave` | | the session has ended |

mod hub;
mod seats;

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response, Sse, sse::Event},
};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

pub(super) use self::seats::STREAMS;
use self::{
    hub::{Hub, Raised, Told},
    seats::{Seat, Seats},
};
use super::{
    Room,
    access::{Need, Person},
    guard,
    listen::Peer,
    visit::Visit,
};
use crate::store::SharedStore;

/// How often a stream asks whether its session still holds. Business time, as sessions are.
const SESSION_CHECK: SignedDuration = SignedDuration::from_secs(60);
/// After this a browser asks again when the stream broke. Milliseconds.
const RETRY: Duration = Duration::from_secs(3);
/// What whoever finds no seat is told to wait, in seconds.
const COME_BACK: &str = "60";

/// What the streams share.
#[derive(Clone)]
pub(super) struct Live {
    told: watch::Receiver<Told>,
    seats: Arc<Seats>,
    /// The longest silence of a stream.
    beat: Duration,
    /// Tells this run of the console from the last one, whose numbers mean nothing any more.
    run: Arc<str>,
    stop: CancellationToken,
}

impl Live {
    /// Begins to watch the store; ends with `stop`, and all streams with it. What is written from its return on is
    /// new to the pages.
    pub async fn start(store: SharedStore, beat: Duration, stop: CancellationToken) -> Self {
        let (mut hub, told) = Hub::new(store);
        hub.begin().await;
        tokio::spawn(hub.run(stop.clone()));
        let run = format!("{:012x}", fastrand::u64(..1 << 48)).into();
        Self { told, seats: Arc::default(), beat, run, stop }
    }
}

/// Opens a stream, or answers 503 when there is no seat for one.
pub(super) async fn stream(
    State(room): State<Room>,
    visit: Visit,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    let Some(seat) = room.live.seats.take(peer.ip()) else {
        // The connection is closed too, so that a crowd does not hold those of the other pages.
        let bounds = [(header::RETRY_AFTER, COME_BACK), (header::CONNECTION, "close")];
        return (StatusCode::SERVICE_UNAVAILABLE, bounds, "too many live pages are open\n").into_response();
    };
    let line = Line::new(room, visit.person, headers, peer.ip(), seat);
    let events = stream::unfold(line, async |mut line| {
        let event = line.next().await?;
        Some((Ok::<_, Infallible>(event), line))
    });
    let mut response = Sse::new(events).into_response();
    // A proxy before the console must pass each event on at once.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// One stream.
struct Line {
    room: Room,
    /// Who reads; asked again once a minute by the headers and the address of the opening.
    person: Person,
    headers: HeaderMap,
    peer: IpAddr,
    told: watch::Receiver<Told>,
    /// The last word that was passed on.
    passed: Told,
    opened: bool,
    ended: bool,
    beat_at: Instant,
    check_at: Timestamp,
    _seat: Seat,
}

enum Happening {
    Stop,
    Check,
    Beat,
    Word,
}

impl Line {
    fn new(room: Room, person: Person, headers: HeaderMap, peer: IpAddr, seat: Seat) -> Self {
        let mut told = room.live.told.clone();
        let mut passed = told.borrow_and_update().clone();
        if let Some(number) = last_heard(&headers, &room.live.run) {
            passed.number = number.min(passed.number);
        }
        let check_at = later(room.now(), SESSION_CHECK);
        let beat_at = Instant::now() + room.live.beat;
        Self {
            room,
            person,
            headers,
            peer,
            told,
            passed,
            opened: false,
            ended: false,
            beat_at,
            check_at,
            _seat: seat,
        }
    }

    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        if !self.opened {
            self.opened = true;
            return Some(self.hello());
        }
        loop {
            match self.happening().await {
                Happening::Stop => return None,
                Happening::Check => match guard::who(&self.room, &self.headers, self.peer).await {
                    Ok(Some(person)) if person.may(Need::Read) => {
                        self.person = person;
                        self.check_at = later(self.room.now(), SESSION_CHECK);
                    }
                    _ => {
                        self.ended = true;
                        return Some(Event::default().event("leave").data("{}"));
                    }
                },
                Happening::Beat => return Some(self.event("beat", &json!({ "now": self.now() }))),
                Happening::Word => return Some(self.changed()),
            }
        }
    }

    async fn happening(&mut self) -> Happening {
        let clock = Arc::clone(&self.room.console.clock);
        tokio::select! {
            biased;
            () = self.room.live.stop.cancelled() => Happening::Stop,
            () = clock.sleep_until(self.check_at) => Happening::Check,
            heard = self.told.changed() => if heard.is_ok() { Happening::Word } else { Happening::Stop },
            () = tokio::time::sleep_until(self.beat_at) => Happening::Beat,
        }
    }

    fn hello(&mut self) -> Event {
        let latest = self.told.borrow().clone();
        let raised = self.raised(&latest);
        let data = json!({ "now": self.now(), "build": self.room.pages.build(), "raised": raised });
        self.passed = latest.clone();
        self.event("hello", &data).retry(RETRY)
    }

    fn changed(&mut self) -> Event {
        let latest = self.told.borrow_and_update().clone();
        let raised = self.raised(&latest);
        let data = json!({
            "now": self.now(),
            "desk": latest.written.desk != self.passed.written.desk,
            "sources": latest.written.sources != self.passed.written.sources,
            "raised": raised,
        });
        self.passed = latest.clone();
        self.event("changed", &data)
    }

    /// What was raised since the last word, of the units that the reader sees.
    fn raised<'t>(&self, latest: &'t Told) -> Vec<&'t Raised> {
        latest.raised_since(self.passed.number).filter(|one| self.person.sees(&one.unit)).collect()
    }

    fn now(&self) -> i64 {
        self.room.now().as_millisecond()
    }

    fn event(&mut self, name: &str, data: &serde_json::Value) -> Event {
        self.beat_at = Instant::now() + self.room.live.beat;
        let id = format!("{}-{}", self.room.live.run, self.passed.number);
        Event::default().event(name).id(id).data(data.to_string())
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The number of the last word that a browser heard in this run of the console.
fn last_heard(headers: &HeaderMap, run: &str) -> Option<u64> {
    let (of, number) = headers.get("last-event-id")?.to_str().ok()?.split_once('-')?;
    (of == run).then(|| number.parse().ok())?
}
