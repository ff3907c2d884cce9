//! The demo's SMS gateway: takes messages over HTTP when their HMAC is right, honours the idempotency
//! key, and can send a subscriber's answer to the console's reply webhook.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::time::SharedClock;

/// Header that carries the hex HMAC-SHA256 of the body.
pub const SIGNATURE_HEADER: &str = "x-signature";
/// Header that carries the idempotency key.
pub const KEY_HEADER: &str = "idempotency-key";

/// One message taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// Its number, from 1.
    pub number: usize,
    /// When it was taken. UTC.
    pub at: Timestamp,
    /// To which number.
    pub phone: String,
    /// What it says.
    pub text: String,
    /// The sender's idempotency key.
    pub key: String,
    /// How often it was handed in again with the same key.
    pub repeats: u32,
}

/// The gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Sms>>>,
    count: watch::Receiver<usize>,
}

#[derive(Clone)]
struct Desk {
    kept: Arc<Mutex<Vec<Sms>>>,
    counted: Arc<watch::Sender<usize>>,
    clock: SharedClock,
    key: Arc<str>,
}

impl Gateway {
    /// Listens on a free port of loopback until `stop`; `key` signs what is handed in.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open(
        clock: SharedClock,
        key: &str,
        stop: &CancellationToken,
        tasks: &TaskTracker,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (counted, count) = watch::channel(0);
        let desk = Desk { kept: Arc::clone(&kept), counted: Arc::new(counted), clock, key: key.into() };
        let app = Router::new()
            .route("/sms/send", post(send))
            .layer(DefaultBodyLimit::max(16 * 1_024))
            .with_state(desk);
        let stop = stop.clone();
        tasks.spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = served.await {
                tracing::warn!(%error, "the demo's SMS gateway stopped");
            }
        });
        Ok(Self { address, kept, count })
    }

    /// Where messages are handed in.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/sms/send", self.address)
    }

    /// All messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Sms> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until more than `seen` messages have come; `false` when the gateway has closed.
    pub async fn more_than(&self, seen: usize) -> bool {
        self.count.clone().wait_for(|count| *count > seen).await.is_ok()
    }

    /// A subscriber answers: the gateway hands it to the webhook, as `{"phone", "text"}` with the
    /// secret as a bearer token. Gives the webhook's status.
    ///
    /// # Errors
    /// When the webhook cannot be reached.
    pub async fn reply(
        &self,
        client: &reqwest::Client,
        webhook: &str,
        secret: &str,
        phone: &str,
        text: &str,
    ) -> Result<StatusCode, reqwest::Error> {
        let body = json!({ "phone": phone, "text": text }).to_string();
        let answer = client
            .post(webhook)
            .bearer_auth(secret)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await?;
        Ok(answer.status())
    }
}

#[derive(Deserialize)]
struct Handed {
    phone: String,
    text: String,
}

async fn send(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !signed(&desk.key, &body, header(SIGNATURE_HEADER)) {
        return answer(StatusCode::UNAUTHORIZED, 401, "签名不对");
    }
    let Ok(handed) = serde_json::from_slice::<Handed>(&body) else {
        return answer(StatusCode::BAD_REQUEST, 400, "要 phone 和 text");
    };
    let number_is_plain = handed.phone.chars().all(|c| c.is_ascii_digit() || c == '+');
    if handed.phone.is_empty() || !number_is_plain {
        return answer(StatusCode::OK, 1001, "号码格式不对");
    }
    let number = desk.keep(handed, header(KEY_HEADER));
    Json(json!({ "code": 0, "msg": "ok", "id": format!("yanshi-{number}") })).into_response()
}

impl Desk {
    /// Keeps a message; one that came before with this key is the same message.
    fn keep(&self, handed: Handed, key: &str) -> usize {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter_mut().find(|sms| !key.is_empty() && sms.key == key) {
            known.repeats += 1;
            return known.number;
        }
        let number = kept.len() + 1;
        let at = self.clock.now();
        kept.push(Sms {
            number,
            at,
            phone: handed.phone,
            text: handed.text,
            key: key.to_owned(),
            repeats: 0,
        });
        drop(kept);
        self.counted.send_replace(number);
        number
    }
}

fn signed(key: &str, body: &[u8], signature: &str) -> bool {
    let (Ok(mut mac), Ok(given)) = (Hmac::<Sha256>::new_from_slice(key.as_bytes()), hex::decode(signature))
    else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&given).is_ok()
}

fn answer(status: StatusCode, code: u32, message: &str) -> Response {
    (status, Json(json!({ "code": code, "msg": message }))).into_response()
}
