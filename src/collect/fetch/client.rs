//! The fetcher: one request through guard, robots.txt, host and caps.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::Url;

use super::{
    FetchError, Guard, MOST_RAW_BYTES, RawAnswer,
    body::{self, AtCap, root_cause},
    guard::{NotPublic, vet, vet_url},
    host::Hosts,
    robots::{self, Kept, Rules},
};
use crate::{config::FetchSettings, time::SharedClock};

/// Redirects of robots.txt that are followed (RFC 9309 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Shorter than most servers' keep-alive: a connection that the server has closed is not used again.
const POOL_IDLE: Duration = Duration::from_secs(10);
const ROBOTS_LIMIT: Duration = Duration::from_secs(15);
/// A host that says "too often" without a time is left alone for this long.
const DEFAULT_REST: SignedDuration = SignedDuration::from_secs(60);
/// A longer rest than this is not believed.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);

/// What a host told us to say the next time, for conditional GET.
pub type Validators = (Option<String>, Option<String>);

/// One thing to fetch.
#[derive(Debug, Clone)]
pub struct Request {
    /// The address.
    pub url: String,
    /// Extra headers, secrets filled in; sent only to the address's own origin.
    pub headers: BTreeMap<String, String>,
    /// Whether private addresses may be reached.
    pub allow_private: bool,
    /// Cap on the body, in bytes after decompression.
    pub max_bytes: usize,
    /// Cap on the whole, redirects and body included (waiting for the host's turn is not).
    pub timeout: SignedDuration,
    /// Least span between two requests to the host; robots.txt may ask for more.
    pub pace: SignedDuration,
    /// ETag and Last-Modified of the last answer.
    pub validators: Validators,
}

/// One answer of success.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// The address after redirects.
    pub url: String,
    /// The status: 200, another success, or 304.
    pub status: u16,
    /// From the host's turn to the last byte of the body, over all redirects; on the business clock.
    pub elapsed: SignedDuration,
    /// Bytes of the body as they came over the line, before decompression.
    pub received_bytes: u64,
    /// Nothing has changed since the validators; there is no body.
    pub not_modified: bool,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Validators for the next time.
    pub validators: Validators,
}

/// The one way to the web. Cheap to share behind an `Arc`.
pub struct Fetcher {
    guarded: Client,
    open: Client,
    hosts: Hosts,
    robots: Kept,
    clock: SharedClock,
    settings: FetchSettings,
}

impl Fetcher {
    /// A fetcher with the office's manners.
    ///
    /// # Errors
    /// When no TLS client can be made.
    pub fn new(settings: FetchSettings, clock: SharedClock) -> Result<Self, FetchError> {
        Self::with_guard(settings, clock, &Guard::system(false))
    }

    /// The manners that it goes by.
    #[must_use]
    pub const fn settings(&self) -> &FetchSettings {
        &self.settings
    }

    /// The same with another resolver for public names.
    ///
    /// # Errors
    /// When no TLS client can be made.
    pub fn with_guard(
        settings: FetchSettings,
        clock: SharedClock,
        guard: &Guard,
    ) -> Result<Self, FetchError> {
        // An error only says that a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = user_agent(&settings);
        Ok(Self {
            guarded: client(&agent, guard)?,
            open: client(&agent, &Guard::system(true))?,
            hosts: Hosts::new(settings.host_concurrency),
            robots: Kept::default(),
            clock,
            settings,
        })
    }

    /// Fetches one address.
    ///
    /// # Errors
    /// Every way in which it can fail, typed.
    pub async fn fetch(&self, request: &Request) -> Result<Fetched, FetchError> {
        let limit = Duration::try_from(request.timeout).unwrap_or(CONNECT_LIMIT);
        let first = vet(&request.url, request.allow_private)?;
        let mut url = first.clone();
        let mut seen = vec![without_fragment(&url)];
        let mut elapsed = SignedDuration::ZERO;
        loop {
            let pace =
                self.allowed(&url, request).await?.map_or(request.pace, |asked| asked.max(request.pace));
            let host = self.hosts.get(&host_of(&url));
            let _turn = host.turn(pace, &self.clock).await?;
            let begun = self.clock.now();
            let step = tokio::time::timeout(limit, self.step(&url, &first, request)).await;
            let step = step.unwrap_or(Err(FetchError::Timeout { seconds: limit.as_secs() }));
            if let Some(until) = step.as_ref().err().and_then(FetchError::retry_at) {
                host.rest_until(until);
            }
            elapsed = elapsed.saturating_add(self.clock.now().duration_since(begun));
            match step? {
                Step::Done(fetched) => return Ok(Fetched { elapsed, ..*fetched }),
                Step::Elsewhere(next) => {
                    if seen.contains(&without_fragment(&next)) {
                        return Err(FetchError::RedirectLoop(next.to_string()));
                    }
                    let limit = self.settings.max_redirects;
                    if seen.len() > limit {
                        return Err(FetchError::TooManyRedirects { limit });
                    }
                    vet_url(&next, request.allow_private)?;
                    seen.push(without_fragment(&next));
                    url = next;
                }
            }
        }
    }

    const fn client(&self, allow_private: bool) -> &Client {
        if allow_private { &self.open } else { &self.guarded }
    }

    async fn step(&self, url: &Url, first: &Url, request: &Request) -> Result<Step, FetchError> {
        let headers = headers(url, first, request)?;
        let send = || self.client(request.allow_private).get(url.clone()).headers(headers.clone()).send();
        let response = match send().await.map_err(|error| failed(url, &error)) {
            // A GET may be repeated: the pool gave us a connection that the host had just closed.
            Err(error) if error.is_stale_connection() => send().await.map_err(|error| failed(url, &error))?,
            other => other?,
        };
        self.answered(url, response, request).await
    }

    async fn answered(&self, url: &Url, response: Response, request: &Request) -> Result<Step, FetchError> {
        let status = response.status();
        let word = |name: HeaderName| {
            response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        if status == StatusCode::NOT_MODIFIED {
            let validators = request.validators.clone();
            let url = url.to_string();
            return Ok(Step::Done(Box::new(Fetched {
                url,
                status: status.as_u16(),
                not_modified: true,
                validators,
                ..Fetched::default()
            })));
        }
        if status.is_redirection() {
            let location = word(header::LOCATION).unwrap_or_default();
            let next = url.join(location.trim()).map_err(|_| FetchError::BadUrl(location))?;
            return Ok(Step::Elsewhere(next));
        }
        if !status.is_success() {
            let code = status.as_u16();
            let asked = word(header::RETRY_AFTER).and_then(|text| retry_at(&text, self.clock.now()));
            let default =
                ([429, 418].contains(&code)).then(|| self.clock.now().checked_add(DEFAULT_REST).ok());
            let retry_at = asked.or(default.flatten());
            let content_type = word(header::CONTENT_TYPE);
            // Whatever became of the body, the status is what the host said.
            let body = body::read(response, MOST_RAW_BYTES, AtCap::Keep).await.unwrap_or_default();
            let raw =
                RawAnswer { url: url.to_string(), at: self.clock.now(), status: code, content_type, body };
            return Err(FetchError::Status { code, retry_at, raw: Some(Arc::new(raw)) });
        }
        let content_type = word(header::CONTENT_TYPE);
        let validators = (word(header::ETAG), word(header::LAST_MODIFIED));
        let body = body::read(response, request.max_bytes, AtCap::Refuse).await?;
        let url = url.to_string();
        let received_bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        Ok(Step::Done(Box::new(Fetched {
            url,
            status: status.as_u16(),
            received_bytes,
            content_type,
            body,
            validators,
            ..Fetched::default()
        })))
    }

    /// Whether robots.txt of the address's host lets us, and the pace that it asks for.
    async fn allowed(&self, url: &Url, request: &Request) -> Result<Option<SignedDuration>, FetchError> {
        let origin = url.origin().ascii_serialization();
        let now = self.clock.now();
        let rules = match self.robots.get(&origin, now) {
            Some(rules) => rules,
            None => {
                let fetched =
                    tokio::time::timeout(ROBOTS_LIMIT, self.robots_txt(url, request.allow_private)).await;
                let rules = match fetched {
                    Ok(Ok(rules)) => rules,
                    // An address that we must not reach is the fetch's own error, not the host's.
                    Ok(Err(error @ (FetchError::Forbidden(_) | FetchError::Dns { .. }))) => {
                        return Err(error);
                    }
                    Ok(Err(error)) => Rules::Unavailable(error.to_string()),
                    Err(_) => Rules::Unavailable("no answer in time".into()),
                };
                self.robots.put(&origin, now, &rules);
                rules
            }
        };
        rules.check(url)
    }

    async fn robots_txt(&self, url: &Url, allow_private: bool) -> Result<Rules, FetchError> {
        let mut at = url.join("/robots.txt").map_err(|_| FetchError::BadUrl(url.to_string()))?;
        for _ in 0..=ROBOTS_REDIRECTS {
            vet_url(&at, allow_private)?;
            let sent = self.client(allow_private).get(at.clone()).send().await;
            let response = sent.map_err(|error| failed(&at, &error))?;
            let status = response.status();
            if status.is_redirection() {
                let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
                let Some(next) = location.and_then(|location| at.join(location).ok()) else {
                    return Ok(Rules::Everything);
                };
                at = next;
                continue;
            }
            return match status.as_u16() {
                200..=299 => {
                    let body = body::read(response, robots::MOST_BYTES, AtCap::Keep).await?;
                    Ok(Rules::parse(&body))
                }
                429 | 500..=599 => Ok(Rules::Unavailable(format!("HTTP {}", status.as_u16()))),
                _ => Ok(Rules::Everything),
            };
        }
        // RFC 9309 2.3.1.2: after five redirects it may be taken as not there.
        Ok(Rules::Everything)
    }
}

enum Step {
    Done(Box<Fetched>),
    Elsewhere(Url),
}

fn user_agent(settings: &FetchSettings) -> String {
    let plain = |text: &str| text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect::<String>();
    let contact = settings.contact.as_deref().map(plain).filter(|contact| !contact.trim().is_empty());
    let agent = plain(&settings.user_agent);
    contact.map_or_else(|| agent.clone(), |contact| format!("{agent} (+{contact})"))
}

fn client(agent: &str, guard: &Guard) -> Result<Client, FetchError> {
    let builder = || {
        Client::builder()
            .user_agent(agent)
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .gzip(true)
            .deflate(true)
            .http1_only()
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(2)
            .dns_resolver(guard.clone())
    };
    // A machine without any root certificate can still watch plain HTTP; HTTPS then fails with its own
    // clear error.
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(|error| FetchError::Tls { host: String::new(), why: root_cause(&error) })
}

fn headers(url: &Url, first: &Url, request: &Request) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("zh-CN,zh;q=0.9,en;q=0.5"));
    let mut put = |name: HeaderName, value: &str| {
        HeaderValue::from_str(value).map(|value| headers.insert(name, value)).is_ok()
    };
    if url == first {
        let (etag, modified) = &request.validators;
        // A validator that cannot be sent is only a full answer more.
        let _ = etag.as_ref().is_some_and(|etag| put(header::IF_NONE_MATCH, etag));
        let _ = modified.as_ref().is_some_and(|modified| put(header::IF_MODIFIED_SINCE, modified));
    }
    if url.origin() == first.origin() {
        for (name, value) in &request.headers {
            let sent = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|header| put(header, value));
            if !sent {
                return Err(FetchError::Credential(format!("请求头 {name}")));
            }
        }
    }
    Ok(headers)
}

/// The typed failure behind the client's error.
fn failed(url: &Url, error: &reqwest::Error) -> FetchError {
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
    FetchError::Connect { host, why }
}

/// Whether a cause is of this type, or an I/O error that wraps one.
fn is_or_holds<E: std::error::Error + 'static>(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<E>() || inner.is_some_and(|inner| inner.is::<E>())
}

/// `Retry-After` in seconds or as a date, within a day from now.
fn retry_at(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?.duration_since(now),
    };
    now.checked_add(wait.clamp(SignedDuration::ZERO, LONGEST_REST)).ok()
}

fn without_fragment(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

fn host_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0))
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// A fetcher as jobs share it.
pub type SharedFetcher = Arc<Fetcher>;
