//! The fetcher: one request through guard, robots.txt, host and caps, each step written down.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap, HeaderName},
    tls::TlsInfo,
};
use tokio::time::Instant;
use url::Url;

use super::{
    FetchError, Fetched, Guard, MOST_RAW_BYTES, RawAnswer, Request, Visit,
    access::{AccessLog, Kind, Robots},
    body::{self, Want},
    guard::{vet, vet_url},
    host::{Host, Hosts},
    lanes::Lanes,
    record::Record,
    request::{common_headers, headers, user_agent},
    robots::{self, Answer, ComparedPath, Kept, RobotsFile},
    wire::{Clients, Open, POOL_IDLE, failed},
};
use crate::{config::FetchSettings, text::retry_after, time::SharedClock};

/// Redirects of robots.txt that are followed (RFC 9309 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;
const ROBOTS_LIMIT: Duration = Duration::from_secs(15);
/// When a source's own limit is absurd.
const USUAL_LIMIT: Duration = Duration::from_secs(20);
/// A host that says "too often" without a time is left alone for this long.
const DEFAULT_REST: SignedDuration = SignedDuration::from_secs(60);
/// A longer rest than this is not believed.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);
/// More bytes of headers than this are not an answer.
const MOST_HEADER_BYTES: usize = 64 * 1024;

/// The one way to the web. Cheap to share behind an `Arc`.
pub struct Fetcher {
    clients: Clients,
    agent: String,
    hosts: Hosts,
    lanes: Lanes,
    open: Open,
    robots: Kept,
    access: AccessLog,
    clock: SharedClock,
    settings: FetchSettings,
}

/// A fetcher as jobs share it.
pub type SharedFetcher = Arc<Fetcher>;

impl Fetcher {
    /// A fetcher with the office's manners.
    ///
    /// # Errors
    /// When no TLS client can be made.
    pub fn new(settings: FetchSettings, clock: SharedClock) -> Result<Self, FetchError> {
        Self::with_guard(settings, clock, &Guard::system(false))
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
        let agent = user_agent(&settings);
        Ok(Self {
            clients: Clients::new(agent.clone(), guard)?,
            agent,
            hosts: Hosts::new(settings.host_concurrency),
            lanes: Lanes::new(settings.concurrency),
            open: Open::default(),
            robots: Kept::default(),
            access: AccessLog::none(),
            clock,
            settings,
        })
    }

    /// The same, writing down what it does.
    #[must_use]
    pub fn logging(self, access: AccessLog) -> Self {
        Self { access, ..self }
    }

    /// The manners that it goes by.
    #[must_use]
    pub const fn settings(&self) -> &FetchSettings {
        &self.settings
    }

    /// Hosts whose pace is remembered now.
    #[must_use]
    pub fn n_hosts(&self) -> usize {
        self.hosts.len()
    }

    /// When the host of an address may be asked next: its pace, or the rest that it asked for. `None` when nothing is
    /// known of it. UTC.
    #[must_use]
    pub fn next_turn(&self, address: &str) -> Option<Timestamp> {
        self.hosts.next_turn(&host_of(&Url::parse(address).ok()?))
    }

    /// Fetches one address.
    ///
    /// # Errors
    /// Every way in which it can fail, typed.
    pub async fn fetch(&self, request: &Request) -> Result<Fetched, FetchError> {
        match self.visit(request, |_| true).await? {
            Visit::Answered(fetched) => Ok(fetched),
            // Every address was allowed.
            Visit::LedAway(url) => Err(FetchError::BadUrl(url.to_string())),
        }
    }

    /// Fetches one address, following only redirects to addresses that `follows` allows.
    ///
    /// # Errors
    /// Every way in which it can fail, typed.
    pub async fn visit(
        &self,
        request: &Request,
        follows: impl Fn(&Url) -> bool,
    ) -> Result<Visit, FetchError> {
        let first = vet(&request.url, request.allow_private)
            .inspect_err(|error| self.not_sent(request, &request.url, None, Robots::Unasked, error))?;
        let mut way = Way {
            first: first.clone(),
            seen: vec![without_fragment(&first)],
            left: Duration::try_from(request.timeout).unwrap_or(USUAL_LIMIT),
            elapsed: SignedDuration::ZERO,
        };
        let mut from: Option<Url> = None;
        let mut url = first;
        loop {
            let permit = self.allowed(&url, from.as_ref(), &way, request).await?;
            match self.hop(&url, from.as_ref(), &permit, &mut way, request).await? {
                Step::Done(fetched) => {
                    return Ok(Visit::Answered(Fetched { elapsed: way.elapsed, ..*fetched }));
                }
                Step::Elsewhere(next) if !follows(&next) => return Ok(Visit::LedAway(next)),
                Step::Elsewhere(next) => {
                    if way.seen.contains(&without_fragment(&next)) {
                        return Err(FetchError::RedirectLoop(next.to_string()));
                    }
                    let limit = self.settings.max_redirects;
                    if way.seen.len() > limit {
                        return Err(FetchError::TooManyRedirects { limit });
                    }
                    vet_url(&next, request.allow_private).inspect_err(|error| {
                        self.not_sent(request, next.as_str(), Some(&url), Robots::Unasked, error);
                    })?;
                    way.seen.push(without_fragment(&next));
                    from = Some(std::mem::replace(&mut url, next));
                }
            }
        }
    }

    /// One request in its host's turn; a second one at once when the connection had gone stale.
    async fn hop(
        &self,
        url: &Url,
        from: Option<&Url>,
        permit: &Permit,
        way: &mut Way,
        request: &Request,
    ) -> Result<Step, FetchError> {
        let pace = permit.delay.map_or(request.pace, |asked| asked.max(request.pace));
        let name = host_of(url);
        let host = self.hosts.get(&name, self.clock.now());
        let (_turn, waited) = host
            .turn(pace, &self.clock)
            .await
            .inspect_err(|error| self.not_sent(request, url.as_str(), from, permit.robots, error))?;
        let client = self.clients.of(request)?;
        // When the next request to the host comes after the pool has let go of the connection, it is given
        // back now.
        let keep = pace.unsigned_abs() <= POOL_IDLE && self.open.may_keep(&name);
        let headers = headers(url, &way.first, request, keep)?;
        // On the heap: hundreds may wait for their host's turn, and what a request holds is most of the whole.
        let sent = Box::pin(self.sent(url, from, permit, way, request, (&client, headers, &host, waited)));
        self.lanes.pass(sent).await
    }

    /// Sends a request whose turn has come.
    async fn sent(
        &self,
        url: &Url,
        from: Option<&Url>,
        permit: &Permit,
        way: &mut Way,
        request: &Request,
        (client, headers, host, waited): (&Client, HeaderMap, &Host, SignedDuration),
    ) -> Result<Step, FetchError> {
        let mut again = true;
        loop {
            let mut record = self.record(request, url.as_str(), from, permit.robots);
            record.waited(waited);
            let begun = Instant::now();
            let step = self.step(client, url, headers.clone(), request, &mut record);
            let step = tokio::time::timeout(way.left, step).await;
            way.left = way.left.saturating_sub(begun.elapsed());
            let seconds = request.timeout.unsigned_abs().as_secs();
            let step = step.unwrap_or(Err(FetchError::Timeout { seconds }));
            way.elapsed = way.elapsed.saturating_add(record.end(step.as_ref().err()));
            if let Some(until) = step.as_ref().err().and_then(FetchError::retry_at) {
                host.rest_until(until);
            }
            // A GET may be repeated: the pool gave us a connection that the host had just closed.
            if std::mem::take(&mut again) && matches!(step, Err(FetchError::Disconnected { .. })) {
                continue;
            }
            return step;
        }
    }

    async fn step(
        &self,
        client: &Client,
        url: &Url,
        headers: HeaderMap,
        request: &Request,
        record: &mut Record<'_>,
    ) -> Result<Step, FetchError> {
        let asked =
            headers.contains_key(header::IF_NONE_MATCH) || headers.contains_key(header::IF_MODIFIED_SINCE);
        let response = client.get(url.clone()).headers(headers).send().await;
        let response = response.map_err(|error| failed(url, &error))?;
        let status = response.status();
        record.answered(status.as_u16());
        bounded(url, response.headers())?;
        if status == StatusCode::NOT_MODIFIED && asked {
            return Ok(Step::Done(Box::new(Fetched {
                url: url.to_string(),
                status: status.as_u16(),
                not_modified: true,
                validators: request.validators.clone(),
                ..Fetched::default()
            })));
        }
        if status.is_redirection() && response.headers().contains_key(header::LOCATION) {
            let location = word(response.headers(), &header::LOCATION).unwrap_or_default();
            let next = url.join(location.trim()).map_err(|_| FetchError::BadUrl(location))?;
            return Ok(Step::Elsewhere(next));
        }
        // Half a page that was not asked for is no page.
        if !status.is_success() || status == StatusCode::PARTIAL_CONTENT {
            return Err(self.refused(url, response, record).await);
        }
        let content_type = word(response.headers(), &header::CONTENT_TYPE);
        let validators =
            (word(response.headers(), &header::ETAG), word(response.headers(), &header::LAST_MODIFIED));
        let headers = plain_headers(response.headers());
        let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
        let (peer_certificate, peer) = (shown.map(<[u8]>::to_vec), response.remote_addr());
        let body = body::read(response, request.max_bytes, Want::Whole).await?;
        record.received(body.received);
        Ok(Step::Done(Box::new(Fetched {
            peer_certificate,
            peer,
            url: url.to_string(),
            status: status.as_u16(),
            received_bytes: body.received,
            content_type,
            headers,
            body: body.bytes,
            validators,
            ..Fetched::default()
        })))
    }

    /// The failure behind an answer other than success, with the answer as its evidence.
    async fn refused(&self, url: &Url, response: Response, record: &mut Record<'_>) -> FetchError {
        let now = self.clock.now();
        let code = response.status().as_u16();
        let asked = word(response.headers(), &header::RETRY_AFTER).and_then(|text| retry_at(&text, now));
        let default = ([429, 418].contains(&code)).then(|| now.checked_add(DEFAULT_REST).ok());
        let content_type = word(response.headers(), &header::CONTENT_TYPE);
        // Whatever became of the body, the status is what the host said.
        let body = body::read(response, MOST_RAW_BYTES, Want::Anything).await.unwrap_or_default();
        record.received(body.received);
        let raw = RawAnswer { url: url.to_string(), at: now, status: code, content_type, body: body.bytes };
        FetchError::Status { code, retry_at: asked.or(default.flatten()), raw: Some(Arc::new(raw)) }
    }

    /// By what right the address may be fetched, and the pace that its host asks for.
    async fn allowed(
        &self,
        url: &Url,
        from: Option<&Url>,
        way: &Way,
        request: &Request,
    ) -> Result<Permit, FetchError> {
        if request.contract.is_some() && url.origin() == way.first.origin() {
            return Ok(Permit { robots: Robots::Contract, delay: None });
        }
        let origin = url.origin().ascii_serialization();
        let ask = || Box::pin(self.robots_txt(url, request));
        let refused = |robots, error| {
            self.not_sent(request, url.as_str(), from, robots, &error);
            Err(error)
        };
        match self.robots.get(&origin, self.clock.now(), ask).await {
            Err(error) => refused(Robots::Unasked, error),
            Ok(Answer::Nothing) => Ok(Permit { robots: Robots::None, delay: None }),
            Ok(Answer::Unavailable(why)) => {
                let host = url.host_str().unwrap_or_default().to_owned();
                refused(Robots::Unavailable, FetchError::RobotsUnavailable { host, why })
            }
            Ok(Answer::Rules(file)) => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                if file.allows(&ComparedPath::new(&format!("{}{query}", url.path()))) {
                    Ok(Permit { robots: Robots::Allowed, delay: file.delay() })
                } else {
                    refused(Robots::Refused, FetchError::RobotsRefused(url.to_string()))
                }
            }
        }
    }

    /// Asks a host for its robots.txt.
    async fn robots_txt(&self, url: &Url, request: &Request) -> Result<Answer, FetchError> {
        let mut at = url.join("/robots.txt").map_err(|_| FetchError::BadUrl(url.to_string()))?;
        let client = self.clients.of(request)?;
        let mut from = None;
        let mut left = ROBOTS_LIMIT;
        for _ in 0..=ROBOTS_REDIRECTS {
            vet_url(&at, request.allow_private)?;
            let asked = async {
                let mut record = self.record(request, at.as_str(), from.as_ref(), Robots::Asking);
                let begun = Instant::now();
                let keep = self.open.may_keep(&host_of(&at));
                let step = tokio::time::timeout(left, robots_step(&client, &at, keep, &mut record)).await;
                let step = step.unwrap_or(Err(FetchError::Timeout { seconds: ROBOTS_LIMIT.as_secs() }));
                record.end(step.as_ref().err());
                (step, begun.elapsed())
            };
            let (step, took) = self.lanes.pass(asked).await;
            left = left.saturating_sub(took);
            match step {
                Ok(RobotsStep::Answer(answer)) => return Ok(answer),
                Ok(RobotsStep::Elsewhere(next)) => from = Some(std::mem::replace(&mut at, next)),
                // Where we must not go, or nobody can be spoken to, it is not the file that is missing: the page
                // would meet the same, and what it is helps a person more.
                Err(
                    error @ (FetchError::Forbidden(_)
                    | FetchError::Dns { .. }
                    | FetchError::Connect { .. }
                    | FetchError::Tls { .. }),
                ) => return Err(error),
                Err(error) => return Ok(Answer::Unavailable(error.to_string())),
            }
        }
        // RFC 9309 2.3.1.2: after five redirects it may be taken as not there.
        Ok(Answer::Nothing)
    }

    fn record(&self, request: &Request, url: &str, from: Option<&Url>, robots: Robots) -> Record<'_> {
        let kind = if robots == Robots::Asking { Kind::Robots } else { Kind::Page };
        Record::begin(&self.access, &self.clock, &self.agent, (kind, robots), request, url, from)
    }

    /// Writes down that, and why, nothing was sent.
    fn not_sent(&self, request: &Request, url: &str, from: Option<&Url>, robots: Robots, error: &FetchError) {
        self.record(request, url, from, robots).not_sent(error);
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// The way from the address that was asked for.
struct Way {
    first: Url,
    seen: Vec<String>,
    /// What is left of the request's time.
    left: Duration,
    elapsed: SignedDuration,
}

/// Leave to fetch.
struct Permit {
    robots: Robots,
    delay: Option<SignedDuration>,
}

enum Step {
    Done(Box<Fetched>),
    Elsewhere(Url),
}

enum RobotsStep {
    Answer(Answer),
    Elsewhere(Url),
}

async fn robots_step(
    client: &Client,
    at: &Url,
    keep: bool,
    record: &mut Record<'_>,
) -> Result<RobotsStep, FetchError> {
    let send = || client.get(at.clone()).headers(common_headers(keep)).send();
    let response = match send().await.map_err(|error| failed(at, &error)) {
        Err(FetchError::Disconnected { .. }) => send().await.map_err(|error| failed(at, &error))?,
        other => other?,
    };
    let status = response.status();
    record.answered(status.as_u16());
    if status.is_redirection() {
        let location = word(response.headers(), &header::LOCATION);
        let next = location.and_then(|location| at.join(location.trim()).ok());
        return Ok(next.map_or(RobotsStep::Answer(Answer::Nothing), RobotsStep::Elsewhere));
    }
    let answer = match status.as_u16() {
        200..=299 => {
            let body = body::read(response, robots::MOST_BYTES, Want::Start).await?;
            record.received(body.received);
            let file = RobotsFile::parse(&body.bytes, robots::AGENT);
            if file.is_silent() { Answer::Nothing } else { Answer::Rules(Arc::new(file)) }
        }
        429 | 500..=599 => Answer::Unavailable(format!("HTTP {}", status.as_u16())),
        _ => Answer::Nothing,
    };
    Ok(RobotsStep::Answer(answer))
}

fn word(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The parser stops at about 400 KB and 100 lines; what an honest server sends is far below.
fn bounded(url: &Url, headers: &HeaderMap) -> Result<(), FetchError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if bytes <= MOST_HEADER_BYTES {
        return Ok(());
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    Err(FetchError::Protocol { host, why: format!("{bytes} bytes of headers") })
}

/// When a host that answered with `Retry-After` may be asked again, within a day from now.
fn retry_at(text: &str, now: Timestamp) -> Option<Timestamp> {
    now.checked_add(retry_after(text, now)?.min(LONGEST_REST)).ok()
}

fn without_fragment(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

fn host_of(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0))
}

/// Most headers that are kept of an answer, and most bytes of one.
const MOST_HEADERS: usize = 64;
const LONGEST_HEADER: usize = 1024;

/// Headers as evidence keeps them: no cookie, nothing that grants access.
fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let secret = |name: &str| {
        name.contains("cookie") || name.contains("token") || name.contains("auth") || name.contains("key")
    };
    let kept = headers.iter().filter(|(name, _)| !secret(name.as_str())).take(MOST_HEADERS);
    kept.map(|(name, value)| {
        let value = value.as_bytes().get(..LONGEST_HEADER.min(value.len())).unwrap_or_default();
        (name.as_str().to_owned(), String::from_utf8_lossy(value).into_owned())
    })
    .collect()
}
