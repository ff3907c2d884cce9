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

use super::{
    FrontProxy, Login, Room,
    access::{Book, How, Person},
    fault::Fault,
    guest::Guest,
    listen::Peer,
    login,
    visit::Visit,
};

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

/// Where no login is asked for: only loopback, asked for by a loopback name.
pub(super) async fn loopback_or_login(
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
    if settings.login == Login::None && !by_link {
        if !peer.ip().to_canonical().is_loopback() {
            return refuse("without a login this console serves its own machine only; see [console] login");
        }
        if !host.is_some_and(|host| is_loopback_name(host.host())) {
            return refuse(
                "asked for by a name that is not this machine's; use 127.0.0.1, or see [console] login",
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

/// Finds out who comes, and lets them on to the routes that say what they need. Whoever is nobody is asked to log in.
pub(super) async fn come_in(
    State(room): State<Room>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let who = match who(&room, request.headers(), peer.ip()).await {
        Ok(who) => who,
        Err(fault) => {
            return fault.answer(&Guest::of(room, request.headers()), request.uri().path());
        }
    };
    if let Some(person) = who {
        request.extensions_mut().insert(person);
        return next.run(request).await;
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if !reads || is_for_programs(path) {
        return Fault::LoginFirst.answer(&Guest::of(room.clone(), request.headers()), path);
    }
    let wanted = request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    Redirect::to(&format!("/login?next={next}")).into_response()
}

/// Who presents themselves by these headers, from this address. A bearer token that is none of ours is nobody, whatever
/// cookie stands beside it. A stream asks again once a minute, as a session may end while it is open.
pub(super) async fn who(room: &Room, headers: &HeaderMap, peer: IpAddr) -> Result<Option<Person>, Fault> {
    let settings = room.settings();
    let proxied = settings.proxy.as_ref().filter(|proxy| proxy.trusts(peer));
    let from = proxied.and_then(|_| forwarded_for(headers)).unwrap_or_else(|| peer.to_canonical());
    let at = from.to_string();
    let book = room.keeper().book().await?;
    if let Some(given) = login::bearer(headers) {
        let of_the_office = settings.token.as_ref().is_some_and(|token| login::same_secret(token, given));
        let of_the_host =
            from.is_loopback() && login::same_secret(&settings.confirm_key.command_token(), given);
        if of_the_office || of_the_host {
            return Ok(Some(Person::anybody(How::Command, at)));
        }
        let now = room.now();
        let Some((person, stale)) = book.of_token(given, &at, now) else { return Ok(None) };
        if stale {
            note(room, |book| book.token_seen(&person.name, now)).await;
        }
        return Ok(Some(person));
    }
    if settings.login == Login::None {
        return Ok(Some(Person::anybody(How::Open, at)));
    }
    if let Some(name) = proxied.and_then(|proxy| named_by(proxy, headers)) {
        let account = book.account(&name).filter(|account| !account.shut);
        let now = room.now();
        if account.is_some_and(|account| account.is_stale(now)) {
            note(room, |book| book.account_seen(&name, now)).await;
        }
        return Ok(account.map(|account| account.person(How::Proxy, &at)));
    }
    let Some(secret) = login::session_of(headers) else { return Ok(None) };
    let now = room.now();
    let Some((person, stale)) = book.of_session(&secret, &at, now) else { return Ok(None) };
    if stale {
        note(room, |book| book.seen(&secret, now)).await;
    }
    Ok(Some(person))
}

/// Notes that a way in is in use. That it could not be noted keeps nobody out.
async fn note(room: &Room, seen: impl FnOnce(&mut Book)) {
    let noted = room.keeper().change(|book| {
        seen(book);
        Ok(())
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "that a way in is in use could not be noted");
    }
}

/// The name in the header that the proxy sets. Header values are bytes: names that are not ASCII come as UTF-8.
fn named_by(proxy: &FrontProxy, headers: &HeaderMap) -> Option<String> {
    let value = headers.get(proxy.user_header.as_deref()?)?;
    let name = String::from_utf8(value.as_bytes().to_vec()).ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// The address of whoever stands before the proxy: the last one it wrote down (RFC 7239 is newer, this one is sent).
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next()?.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Whether answers on this path are read by programs.
pub(super) fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/metrics"
}

pub(super) async fn nowhere(
    State(room): State<Room>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    match who(&room, &headers, peer.ip()).await {
        Ok(Some(person)) => Fault::Nowhere.answer(&Visit::of(room, person, &headers), uri.path()),
        Ok(None) => Fault::Nowhere.answer(&Guest::of(room, &headers), uri.path()),
        Err(fault) => fault.answer(&Guest::of(room, &headers), uri.path()),
    }
}

fn refuse(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, format!("403 {why}\n")).into_response()
}

fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok()?.parse().ok());
    named.or_else(|| uri.authority().cloned())
}

/// The confirm page, what it is drawn with and its language; the gateways' replies and receipts bring their own secrets.
fn is_of_a_link(path: &str) -> bool {
    ["/confirm/", "/assets/", "/language", "/api/v1/sms/reply", "/api/v1/receipts"]
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
