//! A gateway for text messages that works, fails, keeps silent or lies, as the test says.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::task::AbortOnDropHandle;

/// What it does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Fine,
    /// 500.
    Fails,
    /// Takes the request and never answers.
    Silent,
    /// 200, and in the body that it did not work.
    Lies,
    /// 200 by somebody else: a page to log in to the network.
    Portal,
}

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub to: String,
    pub text: String,
}

struct Shared {
    mode: watch::Sender<Mode>,
    taken: Mutex<Vec<Message>>,
    asked: watch::Sender<usize>,
    knocks: watch::Sender<usize>,
}

/// The gateway; it stops when dropped.
pub struct Gateway {
    pub port: u16,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            mode: watch::Sender::new(Mode::Fine),
            taken: Mutex::default(),
            asked: watch::Sender::new(0),
            knocks: watch::Sender::new(0),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared, _task: AbortOnDropHandle::new(task) }
    }

    pub fn is(&self, mode: Mode) {
        self.shared.mode.send_replace(mode);
    }

    /// Messages that it took.
    pub fn taken(&self) -> Vec<Message> {
        self.shared.taken.lock().unwrap().clone()
    }

    /// Requests for messages, taken or not.
    pub fn asked(&self) -> usize {
        *self.shared.asked.borrow()
    }

    /// Knocks at its door.
    pub fn knocks(&self) -> usize {
        *self.shared.knocks.borrow()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, body: Bytes) -> Response {
    let mode = *shared.mode.borrow();
    if method == Method::OPTIONS {
        shared.knocks.send_modify(|knocks| *knocks += 1);
        let down = matches!(mode, Mode::Fails);
        return if down { StatusCode::BAD_GATEWAY } else { StatusCode::METHOD_NOT_ALLOWED }.into_response();
    }
    shared.asked.send_modify(|asked| *asked += 1);
    match mode {
        Mode::Fine => {
            let message: Value = serde_json::from_slice(&body).unwrap();
            let said = |key: &str| message[key].as_str().unwrap().to_owned();
            shared.taken.lock().unwrap().push(Message { to: said("to"), text: said("text") });
            r#"{"code":0}"#.into_response()
        }
        Mode::Fails => (StatusCode::INTERNAL_SERVER_ERROR, "broken").into_response(),
        Mode::Silent => {
            let mut changed = shared.mode.subscribe();
            // Whoever still waits when it works again is not served.
            let _ = changed.wait_for(|mode| *mode != Mode::Silent).await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Mode::Lies => r#"{"code":7,"message":"system busy"}"#.into_response(),
        Mode::Portal => "<html>please log in to the network</html>".into_response(),
    }
}
