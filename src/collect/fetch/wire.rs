//! The HTTP clients: one for public addresses, one for sources that may reach private ones, one for each
//! proxy. And the typed failure behind their errors.
//!
//! **The pool.** An idle connection costs about 30 KB (two buffers and TLS), so 10,000 hosts must not keep
//! one each. The pool has no global bound to set, so there are two beside it. Idle time is one: it only has
//! to be longer than the pause between two pages of one host, and where the pace is longer than that, the
//! request says `Connection: close` and keeps nothing. After a start, when every source is due at once, that
//! is not enough; so only [`MOST_KEPT`] hosts may keep a connection at a time ([`Open`]), and requests to
//! others say the same.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use reqwest::{Client, ClientBuilder, Proxy, redirect::Policy};
use url::Url;

use super::{FetchError, Guard, Request, body::root_cause, guard::NotPublic};

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Shorter than most servers' keep-alive: a connection that the server has closed is not used again.
pub(super) const POOL_IDLE: Duration = Duration::from_secs(5);
/// Idle connections to one host; its concurrency is seldom more than one.
const POOL_PER_HOST: usize = 2;
/// Hosts that keep a connection at a time: some megabytes.
const MOST_KEPT: usize = 64;

/// The hosts to which a connection may still be open, and since when nothing was asked of them.
#[derive(Default)]
pub(super) struct Open(Mutex<HashMap<String, Instant>>);

impl Open {
    /// Whether a request to this host may leave its connection open.
    pub fn may_keep(&self, host: &str) -> bool {
        let now = Instant::now();
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = hosts.get_mut(host) {
            *last = now;
            return true;
        }
        if hosts.len() >= MOST_KEPT {
            hosts.retain(|_, last| now.duration_since(*last) < POOL_IDLE);
        }
        let room = hosts.len() < MOST_KEPT;
        if room {
            hosts.insert(host.to_owned(), now);
        }
        room
    }
}

/// The clients.
pub(super) struct Clients {
    agent: String,
    guarded: Client,
    open: Client,
    /// By the proxy's address. An office has one or two.
    proxied: Mutex<HashMap<String, Client>>,
}

impl Clients {
    pub fn new(agent: String, guard: &Guard) -> Result<Self, FetchError> {
        // An error only says that a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guarded = built(|| builder(&agent, guard))?;
        let open = built(|| builder(&agent, &Guard::system(true)))?;
        Ok(Self { agent, guarded, open, proxied: Mutex::default() })
    }

    /// The client for a request.
    pub fn of(&self, request: &Request) -> Result<Client, FetchError> {
        let Some(proxy) = &request.proxy else {
            return Ok(if request.allow_private { self.open.clone() } else { self.guarded.clone() });
        };
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = proxied.get(proxy) {
            return Ok(client.clone());
        }
        let way = Proxy::all(proxy).map_err(|_| FetchError::BadUrl(proxy.clone()))?;
        // The only name that is resolved here is the proxy's own, which stands in the office's network; the
        // page's name is resolved by the proxy. Private addresses written as such, and redirects to them, are
        // refused before it is asked.
        let client = built(|| builder(&self.agent, &Guard::system(true)).proxy(way.clone()))?;
        proxied.insert(proxy.clone(), client.clone());
        Ok(client)
    }
}

fn builder(agent: &str, guard: &Guard) -> ClientBuilder {
    Client::builder()
        .user_agent(agent)
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .http1_only()
        .tls_info(true)
        .connect_timeout(CONNECT_LIMIT)
        // Our own time limits are shorter than what these would find out, and each costs a call a connection.
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .tcp_user_timeout(None)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_PER_HOST)
        .dns_resolver(guard.clone())
}

fn built(builder: impl Fn() -> ClientBuilder) -> Result<Client, FetchError> {
    // A machine without any root certificate can still watch plain HTTP; HTTPS then fails with its own
    // clear error.
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(|error| FetchError::Tls { host: String::new(), why: root_cause(&error) })
}

/// The typed failure behind the client's error.
pub(super) fn failed(url: &Url, error: &reqwest::Error) -> FetchError {
    let host = url.host_str().unwrap_or_default().to_owned();
    let why = root_cause(error);
    let chain =
        || std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |one| one.source());
    if chain().any(is_or_holds::<NotPublic>) {
        return FetchError::Forbidden(url.to_string());
    }
    if chain().any(is_or_holds::<rustls::Error>) {
        return FetchError::Tls { host, why };
    }
    if chain().any(|one| one.to_string().contains("dns error")) {
        return FetchError::Dns { host, why };
    }
    if error.is_timeout() {
        return FetchError::Timeout { seconds: CONNECT_LIMIT.as_secs() };
    }
    if error.is_connect() {
        return FetchError::Connect { host, why };
    }
    // The connection stood. Either it was cut before an answer came, or what came is not HTTP.
    let cut = chain().any(|one| one.is::<std::io::Error>())
        || ["connection closed", "connection was not ready", "channel closed", "operation was canceled"]
            .iter()
            .any(|words| why.contains(words));
    if cut { FetchError::Disconnected { host, why } } else { FetchError::Protocol { host, why } }
}

/// Whether a cause is of this type, or an I/O error that wraps one, however deep.
fn is_or_holds<E: std::error::Error + 'static>(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<E>() || inner.is_some_and(|inner| is_or_holds::<E>(inner))
}
