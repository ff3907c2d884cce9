//! One request to a service of the office's choice: bounded in time and size, followed nowhere, and kept
//! off private addresses unless the office says that the service is inside.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use jiff::Timestamp;
use reqwest::{
    Client, Request, StatusCode, Url,
    header::{HeaderMap, RETRY_AFTER},
    redirect::Policy,
};

use super::address;
use crate::text::retry_after;

/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;

/// A client for one service.
#[derive(Debug, Clone)]
pub(in crate::dispatch) struct Http {
    /// Builds requests.
    pub client: Client,
    allow_private: bool,
}

/// What a service answered.
#[derive(Debug)]
pub(in crate::dispatch) struct Answer {
    /// The status.
    pub status: StatusCode,
    /// How long it asks to be left alone.
    pub after: Option<Duration>,
    /// The first bytes of the body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Status and the beginning of the body, not yet scrubbed.
    pub(super) fn shown(&self) -> String {
        let said: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
        format!("HTTP {} {said}", self.status.as_u16())
    }
}

impl Http {
    /// A client whose every request ends within `timeout`.
    ///
    /// # Errors
    /// When the system has no usable TLS.
    pub(in crate::dispatch) fn new(timeout: Duration, allow_private: bool) -> reqwest::Result<Self> {
        super::install_tls();
        let mut client = Client::builder()
            .user_agent(concat!("yuqing/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            // Servers close idle connections sooner than the library forgets them.
            .pool_idle_timeout(Duration::from_secs(5))
            .timeout(timeout);
        if !allow_private {
            client = client.dns_resolver(Arc::new(address::PublicOnly));
        }
        Ok(Self { client: client.build()?, allow_private })
    }

    /// Whether this address may be called. A name is looked at when it is resolved.
    pub(super) fn may_call(&self, url: &Url) -> bool {
        self.allow_private || address::literal_is_public(url)
    }

    /// Sends a request and reads the answer, which came at `now`.
    ///
    /// # Errors
    /// Why there is none, without the address, which may carry a token or a number.
    pub(in crate::dispatch) async fn ask(
        &self,
        request: Request,
        now: Timestamp,
    ) -> Result<Answer, Unanswered> {
        if !self.may_call(request.url()) {
            return Err(Unanswered::Connect("not a public address; set allow_private".to_owned()));
        }
        let answer = self.client.execute(request).await.map_err(|error| Unanswered::Connect(told(error)))?;
        let (status, after) = (answer.status(), wished(answer.headers(), now));
        let body = capped(answer).await.map_err(|why| Unanswered::Broken { why, after })?;
        Ok(Answer { status, after, body })
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::dispatch) enum Unanswered {
    /// The request did not go through.
    Connect(String),
    /// The answer broke off.
    Broken {
        /// What happened.
        why: String,
        /// How long it asked to be left alone.
        after: Option<Duration>,
    },
}

/// How long the service asks to be left alone, in seconds or until a date.
fn wished(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    // The second is Feishu's own name for the same thing.
    let named = headers.get(RETRY_AFTER).or_else(|| headers.get("x-ogw-ratelimit-reset"))?;
    Some(retry_after(named.to_str().ok()?, now)?.unsigned_abs())
}

async fn capped(answer: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(told)?;
        let room = ANSWER - body.len();
        body.extend(part.iter().take(room));
        if part.len() >= room {
            break;
        }
    }
    Ok(body)
}

/// An error of the client without the URL, which may carry a token or the number.
pub(super) fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}
