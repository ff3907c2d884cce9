//! The login: the office's console token, and a signed cookie that says it was shown.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    Form,
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Room, Settings, fault::Fault, listen::Peer};

const COOKIE: &str = "yuqing_session";
/// A session ends after a shift.
const SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Wrong tokens from one address within the window before it must wait.
const TRIES: u32 = 5;
const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Addresses remembered.
const REMEMBERED: usize = 4_096;

/// Counts wrong tokens per address, and wrong codes per telephone number.
#[derive(Debug, Default)]
pub(super) struct Door(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Door {
    /// Whether this one has to wait.
    pub fn is_shut(&self, who: &str, now: Timestamp) -> bool {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.get(who).is_some_and(|(count, since)| *count >= TRIES && !window_over(*since, now))
    }

    /// Another wrong one.
    pub fn wrong(&self, who: &str, now: Timestamp) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= REMEMBERED {
            tries.retain(|_, (_, since)| !window_over(*since, now));
        }
        let entry = tries.entry(who.to_owned()).or_insert((0, now));
        if window_over(entry.1, now) {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
    }

    /// A right one: what was wrong before is forgotten.
    pub fn right(&self, who: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
}

fn window_over(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since).abs() > WINDOW
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    next: String,
}

pub(super) async fn page(State(room): State<Room>, Query(wanted): Query<Wanted>) -> Response {
    form(&room, local(&wanted.next), None, StatusCode::OK)
}

#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn enter(
    State(room): State<Room>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    Form(given): Form<Given>,
) -> Response {
    let (settings, now, next) = (room.settings(), room.now(), local(&given.next));
    let Some(token) = &settings.token else { return Redirect::to("/").into_response() };
    let peer = peer.ip().to_string();
    if room.door.is_shut(&peer, now) {
        let why =
            settings.locale.pick("口令错误次数过多，请一分钟后再试", "too many wrong tokens; wait a minute");
        return form(&room, next, Some(why), StatusCode::TOO_MANY_REQUESTS);
    }
    if !same_secret(token, given.token.trim()) {
        room.door.wrong(&peer, now);
        tracing::warn!(peer, "a wrong console token was given");
        let why = settings.locale.pick("口令不对", "that is not the token");
        return form(&room, next, Some(why), StatusCode::UNAUTHORIZED);
    }
    room.door.right(&peer);
    let until = now.saturating_add(SESSION).unwrap_or(now);
    with_cookie(
        Redirect::to(next).into_response(),
        &cookie(&settings, &sealed(token, until), SESSION.as_secs()),
    )
}

pub(super) async fn leave(State(room): State<Room>) -> Response {
    with_cookie(Redirect::to("/login").into_response(), &cookie(&room.settings(), "", 0))
}

fn form(room: &Room, next: &str, why: Option<&str>, status: StatusCode) -> Response {
    match room.pages.render(room, "login.html", context! { next, why }) {
        Ok(page) => (status, page).into_response(),
        Err(fault) => Fault::page(fault, room),
    }
}

/// A path of ours and nothing else: never an address elsewhere.
fn local(next: &str) -> &str {
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if plain && next.is_ascii() { next } else { "/" }
}

fn cookie(settings: &Settings, value: &str, seconds: i64) -> String {
    let behind_tls = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let secure = if behind_tls { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// `expiry.signature`. The key comes from the token: a new token ends every session, a restart none.
fn sealed(token: &SecretString, until: Timestamp) -> String {
    let until = until.as_second();
    format!("{until}.{}", hex::encode(seal(token, until)))
}

fn seal(token: &SecretString, until: i64) -> Vec<u8> {
    let key = Sha256::digest(token.expose_secret().as_bytes());
    match Hmac::<Sha256>::new_from_slice(&key) {
        Ok(mut mac) => {
            mac.update(b"yuqing console session ");
            mac.update(until.to_string().as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        // Any length of key is taken; an empty seal equals nothing.
        Err(_) => Vec::new(),
    }
}

/// Whether the request carries a session that has not ended.
pub(super) fn has_session(token: &SecretString, headers: &HeaderMap, now: Timestamp) -> bool {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).any(|pair| {
        let value = pair.trim().strip_prefix(COOKIE).and_then(|rest| rest.strip_prefix('='));
        value.is_some_and(|value| holds(token, value, now))
    })
}

fn holds(token: &SecretString, value: &str, now: Timestamp) -> bool {
    let Some((until, signature)) = value.split_once('.') else { return false };
    let (Ok(until), Ok(signature)) = (until.parse::<i64>(), hex::decode(signature)) else { return false };
    let sealed = seal(token, until);
    !sealed.is_empty() && bool::from(sealed.ct_eq(&signature)) && now.as_second() < until
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares without telling by its time how much was right. Hashes first, so that lengths tell nothing.
pub(super) fn same_secret(secret: &SecretString, given: &str) -> bool {
    let (kept, given) = (Sha256::digest(secret.expose_secret().as_bytes()), Sha256::digest(given.as_bytes()));
    !secret.expose_secret().is_empty() && bool::from(kept.as_slice().ct_eq(given.as_slice()))
}
