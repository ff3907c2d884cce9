//! One line of the access log, and what must not stand in it.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An address of a source.
    Page,
    /// A host's robots.txt.
    Robots,
}

/// By what right it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Robots {
    /// robots.txt allows the address.
    Allowed,
    /// The host has no robots.txt.
    None,
    /// robots.txt forbids it: nothing was sent.
    Refused,
    /// robots.txt cannot be had now: nothing was sent.
    Unavailable,
    /// An open interface that is used by a contract, with the office's own key.
    Contract,
    /// It was the asking for robots.txt itself.
    Asking,
    /// It did not come to that: another rule forbade the address first.
    Unasked,
}

/// One line. Times are UTC; a field that has nothing to say is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the request was sent, or would have been.
    pub at: Timestamp,
    /// Name of the source for which it was.
    pub source: String,
    /// What was asked for.
    pub kind: Kind,
    /// Always `GET`: nothing is ever posted to a site.
    pub method: String,
    /// The address, secrets cut.
    pub url: String,
    /// Whether a request went out.
    pub sent: bool,
    /// By what right.
    pub robots: Robots,
    /// The contract that the source names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The answer's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer, or no whole one, or why nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Bytes of the body on the line.
    pub bytes: u64,
    /// How long the request waited for its host's turn, in milliseconds.
    pub waited_ms: u64,
    /// From sending to the last byte, in milliseconds.
    pub took_ms: u64,
    /// The address that redirected to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected_from: Option<String>,
    /// The redirect left an encrypted connection for a plain one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub downgraded: bool,
    /// The proxy that it went through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The name by which we presented ourselves.
    pub agent: String,
}

/// Query parameters whose value is a key, whatever the site.
const KEYS: [&str; 12] =
    ["key", "sign", "sig", "pass", "passwd", "pwd", "auth", "sid", "code", "jwt", "cookie", "ticket"];
/// What such names hold: `access_token`, `clientSecret`, `X-Signature`, `sessionid`.
const PARTS: [&str; 8] =
    ["token", "secret", "signature", "password", "credential", "session", "appkey", "apikey"];
/// How they end: `api-key`, `app_sign`.
const ENDINGS: [&str; 8] = ["_key", "-key", "accesskey", "_sign", "_pass", "_pwd", "_auth", "ticket"];
const HIDDEN: &str = "***";

/// A text that may hold an address, without user names, keys in the query and the secret itself.
#[must_use]
pub fn redacted(text: &str, secret: Option<&SecretString>) -> String {
    let text = match Url::parse(text) {
        Ok(url) => without_keys(url),
        Err(_) => text.to_owned(),
    };
    let Some(secret) = secret.map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()) else {
        return text;
    };
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    text.replace(secret, HIDDEN).replace(&encoded, HIDDEN).replace(&encoded.replace('+', "%20"), HIDDEN)
}

fn without_keys(mut url: Url) -> String {
    // Neither fails on a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let hidden = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_key(name) => format!("{name}={HIDDEN}"),
        _ => pair.to_owned(),
    };
    if let Some(query) = url.query() {
        let query: Vec<String> = query.split('&').map(hidden).collect();
        url.set_query(Some(&query.join("&")));
    }
    url.into()
}

/// Whether a query parameter of this name holds a key.
#[must_use]
pub fn is_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    KEYS.contains(&name.as_str())
        || PARTS.iter().any(|part| name.contains(part))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
}
