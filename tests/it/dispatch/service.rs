//! A service of our own over real HTTP that answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::battery::Play;

/// What an echoing service repeats beside the request, and what no log may show.
pub const SECRETS: [&str; 4] =
    ["gateway-signing-key", "token-in-plain-words", "robot-key-693a91f6", "SECrobot-signing-secret"];

/// A port at which nobody listens.
pub async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// What the gateway answers.
#[derive(Debug, Clone)]
pub enum Answer {
    Http(u16, &'static [(&'static str, &'static str)], String),
    Hang,
    /// Starts an answer and breaks off.
    Break,
    /// Repeats everything that it was given.
    Echo(u16),
}

#[derive(Debug, Clone)]
pub struct Request {
    pub uri: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Request {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
    accepted: Mutex<usize>,
    knocks: Mutex<usize>,
    ok: String,
    /// What a knock is answered by.
    door: u16,
}

pub struct Service {
    pub port: u16,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

pub const OK: &str = r#"{"code": 0, "message": "ok"}"#;

impl Service {
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_saying(OK, answers).await
    }

    /// Says `ok` when no other answer is left.
    pub async fn start_saying(ok: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        // What most programs say to a method that they do not know.
        Self::start_with_door(405, ok, answers).await
    }

    /// One whose front door answers so to a knock.
    pub async fn start_with_door(door: u16, ok: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        let shared = Arc::new(Shared { answers, ok: ok.to_owned(), door, ..Shared::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared, _task: AbortOnDropHandle::new(task) }
    }

    pub fn last(&self) -> Request {
        self.shared.requests.lock().unwrap().last().unwrap().clone()
    }

    /// Answers the next requests so.
    pub fn will_answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.answers.lock().unwrap().extend(answers);
    }

    /// Until so many requests have come.
    pub async fn asked(&self, count: usize) {
        let enough = async {
            while self.requests().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), enough).await.expect("not asked");
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Knocks at its front door.
    pub fn knocks(&self) -> usize {
        *self.shared.knocks.lock().unwrap()
    }

    /// Answers that were not told beforehand: all were acceptances.
    pub fn accepted(&self) -> usize {
        *self.shared.accepted.lock().unwrap()
    }

    /// What the service does in a play of the battery; `refusal` is what it says to a wrong recipient,
    /// `later` when it does not want to now.
    pub async fn play(play: Play, ok: &str, refusal: (u16, &str), later: (u16, &str)) -> Self {
        let plain = |(status, body): (u16, &str)| Answer::Http(status, &[], body.to_owned());
        let answer = match play {
            Play::Accept => None,
            Play::Later => Some(plain(later)),
            Play::Refuse => Some(plain(refusal)),
            Play::Hang => Some(Answer::Hang),
            Play::Close => Some(Answer::Break),
            Play::Garbage => Some(plain((200, "<html>portal \u{0}\u{7} log in</html>"))),
            Play::Echo => Some(Answer::Echo(500)),
        };
        Self::start_saying(ok, answer).await
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Anything else, at the address of messages or with a body, counts as a message.
    if method == Method::OPTIONS && uri == "/" && body.is_empty() && !headers.contains_key("authorization") {
        *shared.knocks.lock().unwrap() += 1;
        return StatusCode::from_u16(shared.door).unwrap().into_response();
    }
    let body = String::from_utf8(body.to_vec()).unwrap();
    let request = Request { uri: uri.to_string(), headers, body };
    shared.requests.lock().unwrap().push(request.clone());
    let next = shared.answers.lock().unwrap().pop_front();
    match next {
        None => {
            *shared.accepted.lock().unwrap() += 1;
            shared.ok.clone().into_response()
        }
        Some(Answer::Http(status, headers, body)) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Some(Answer::Hang) => std::future::pending().await,
        Some(Answer::Break) => {
            let broken = futures_util::stream::iter([
                Ok(Bytes::from_static(b"{")),
                Err(std::io::Error::other("gone")),
            ]);
            Body::from_stream(broken).into_response()
        }
        Some(Answer::Echo(status)) => {
            let said = format!("{request:?} {}", SECRETS.join(" "));
            (StatusCode::from_u16(status).unwrap(), said).into_response()
        }
    }
}
