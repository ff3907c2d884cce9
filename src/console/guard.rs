//! Who may come in, and under which headers the pages go out.
//!
//! Without a token only this machine is served, and only under a loopback name: a page elsewhere that
//! points its own name at 127.0.0.1 (DNS rebinding) carries its own name in `Host`. With a token, pages
//! want a login. Forms are taken only from our own pages.

use std::net::IpAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{Room, fault, listen::Peer, login};

/// What every answer carries. The referrer stays within the console: a site that is opened from it never
/// learns its address, while our own forms keep their `Origin` (under `no-referrer` browsers send `null`).
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Without a token: only loopback, asked for by a loopback name.
pub(super) async fn loopback_or_token(
    State(room): State<Room>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let settings = room.settings();
    let host = host(request.headers(), request.uri());
    // A leader's phone reaches the confirm page through the office's proxy, under the public address; the
    // signed link is its key.
    let by_link = is_of_a_link(request.uri().path()) && is_public_name(&settings, host.as_ref());
    if settings.token.is_none() && !by_link {
        if !peer.ip().to_canonical().is_loopback() {
            return refuse("this console serves its own machine only; set [console] token to open it");
        }
        if !host.is_some_and(|host| is_loopback_name(host.host())) {
            return refuse(
                "asked for by a name that is not this machine's; use 127.0.0.1 or set [console] token",
            );
        }
    }
    next.run(request).await
}

/// Forms come from our own pages.
pub(super) async fn same_site(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && !from_own_page(request.headers(), request.uri()) {
        return refuse("this form was sent from another site");
    }
    next.run(request).await
}

/// With a token: a session, or the token itself as a bearer for programs that only read.
pub(super) async fn logged_in(State(room): State<Room>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_known(&room, request.headers(), reads) {
        return next.run(request).await;
    }
    if request.uri().path().starts_with("/api/") || request.uri().path() == "/metrics" {
        return fault::json(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "present the console's token as a bearer",
        );
    }
    if !reads {
        return fault::Fault::LoginFirst.page(&room);
    }
    let wanted = request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    Redirect::to(&format!("/login?next={next}")).into_response()
}

/// Whether whoever opened a stream with these headers (the cookie, the bearer) may go on reading. Asked once a
/// minute, as a session may end while a stream is open.
pub(super) async fn may_stay(room: &Room, headers: &HeaderMap) -> bool {
    is_known(room, headers, true)
}

fn is_known(room: &Room, headers: &HeaderMap, reads: bool) -> bool {
    let settings = room.settings();
    let Some(token) = &settings.token else { return true };
    let by_bearer = reads && login::bearer(headers).is_some_and(|given| login::same_secret(token, given));
    by_bearer || login::has_session(token, headers, room.now())
}

pub(super) async fn nowhere(State(room): State<Room>, uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return fault::json(StatusCode::NOT_FOUND, "not_found", "there is no such route");
    }
    fault::Fault::Nowhere.page(&room)
}

fn refuse(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, format!("403 {why}\n")).into_response()
}

fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok()?.parse().ok());
    named.or_else(|| uri.authority().cloned())
}

/// The confirm page and what it is drawn with; the gateways' replies and receipts bring their own secrets.
fn is_of_a_link(path: &str) -> bool {
    ["/confirm/", "/assets/", "/api/v1/sms/reply", "/api/v1/receipts"]
        .iter()
        .any(|open| path.starts_with(open))
}

fn is_public_name(settings: &super::Settings, host: Option<&Authority>) -> bool {
    let public = settings.public_url.as_deref().and_then(|url| url.parse::<Uri>().ok());
    let public = public.as_ref().and_then(Uri::host);
    public.is_some_and(|public| host.is_some_and(|host| host.host().eq_ignore_ascii_case(public)))
}

fn is_loopback_name(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// By the browser's own statement, else by the origin; a program that sends neither is no browser.
fn from_own_page(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    let origin = origin.parse::<Uri>().ok().and_then(|origin| origin.authority().cloned());
    origin.is_some() && origin == host(headers, uri)
}
