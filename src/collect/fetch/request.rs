//! What is asked for, what comes back, and the headers that are sent.

use std::{collections::BTreeMap, net::SocketAddr};

use jiff::SignedDuration;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use url::Url;

use super::{FetchError, body};
use crate::config::FetchSettings;

/// What a host told us to say the next time, for conditional GET.
pub type Validators = (Option<String>, Option<String>);

/// One thing to fetch.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The address.
    pub url: String,
    /// Name of the source for which it is, for the access log.
    pub source: String,
    /// Extra headers, secrets filled in; sent only to the address's own origin.
    pub headers: BTreeMap<String, String>,
    /// The secret that was filled in: cut from whatever is written down.
    pub secret: Option<SecretString>,
    /// The contract by which the address's own origin is used: its robots.txt is not asked, because the
    /// open interface of a platform is not for robots but for who holds a key.
    pub contract: Option<String>,
    /// The proxy to go through; `None` goes straight.
    pub proxy: Option<String>,
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
    /// Its headers, names in lower case; without cookies and without what grants access.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Validators for the next time.
    pub validators: Validators,
    /// The certificate that the host showed, as DER; `None` over plain HTTP.
    pub peer_certificate: Option<Vec<u8>>,
    /// The address that was connected to (a proxy's, when one is used).
    pub peer: Option<SocketAddr>,
}

/// What came of a fetch that was to stay on certain hosts.
#[derive(Debug, Clone)]
pub enum Visit {
    /// The answer.
    Answered(Fetched),
    /// A redirect to this address, which was not followed.
    LedAway(Url),
}

/// Who we say that we are: the one name, and where a site's keeper can complain.
pub(super) fn user_agent(settings: &FetchSettings) -> String {
    let plain = |text: &str| text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect::<String>();
    let contact = settings.contact.as_deref().map(plain).filter(|contact| !contact.trim().is_empty());
    let agent = plain(&settings.user_agent);
    contact.map_or_else(|| agent.clone(), |contact| format!("{agent} (+{contact})"))
}

/// The headers that every request carries; `keep` leaves the connection open.
pub(super) fn common_headers(keep: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !keep {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("zh-CN,zh;q=0.9,en;q=0.5"));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED));
    headers
}

/// The headers of one step towards `url`; `first` is what was asked for.
pub(super) fn headers(
    url: &Url,
    first: &Url,
    request: &Request,
    keep: bool,
) -> Result<HeaderMap, FetchError> {
    let mut headers = common_headers(keep);
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
