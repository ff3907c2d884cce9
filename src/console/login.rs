//! The login (登录): name, password and, where it is switched on, the code of an authenticator; and the link by which
//! somebody chooses their password the first time. Wrong tries are counted by address and by name, so that neither one
//! machine nor many can go through passwords; a lock-out is a row of the audit.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    Form,
    extract::{ConnectInfo, Path, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    Login, Room, Settings,
    access::{How, Person, Secret, weakness},
    fault::Fault,
    guest::Guest,
    listen::Peer,
    pages::Reader as _,
};
use crate::{locale::Locale, model::Act};

const COOKIE: &str = "yuqing_session";
/// The browser forgets the session after so long; the console ends it sooner when it is idle.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Wrong tries from one address within a minute before it must wait.
const TRIES: u32 = 5;
const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// Wrong tries at one name within a quarter of an hour before the name is locked for as long.
const NAME_TRIES: u32 = 10;
const NAME_WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Addresses and names remembered.
const REMEMBERED: usize = 4_096;

/// Counts wrong tries: per address, per name, and wrong codes per telephone number.
#[derive(Debug, Default)]
pub(super) struct Door(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Door {
    /// Whether this one has to wait.
    pub fn is_shut(&self, who: &str, now: Timestamp) -> bool {
        self.is_shut_after(who, now, (TRIES, WINDOW))
    }

    fn is_shut_after(&self, who: &str, now: Timestamp, (most, window): (u32, SignedDuration)) -> bool {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.get(who).is_some_and(|(count, since)| *count >= most && !is_over(*since, now, window))
    }

    /// Another wrong one.
    pub fn wrong(&self, who: &str, now: Timestamp) {
        self.wrong_within(who, now, WINDOW);
    }

    /// Another wrong one; how many there were in this window.
    fn wrong_within(&self, who: &str, now: Timestamp, window: SignedDuration) -> u32 {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= REMEMBERED {
            tries.retain(|_, (_, since)| !is_over(*since, now, NAME_WINDOW));
        }
        let entry = tries.entry(who.to_owned()).or_insert((0, now));
        if is_over(entry.1, now, window) {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
        entry.0
    }

    /// A right one: what was wrong before is forgotten.
    pub fn right(&self, who: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }
}

fn is_over(since: Timestamp, now: Timestamp, window: SignedDuration) -> bool {
    now.duration_since(since).abs() > window
}

/// Under what a name's wrong tries are counted.
fn of_name(name: &str) -> String {
    format!("name {name}")
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    next: String,
}

pub(super) async fn page(guest: Guest, Query(wanted): Query<Wanted>) -> Response {
    if guest.settings().login == Login::None {
        return Redirect::to(local(&wanted.next)).into_response();
    }
    form(&guest, local(&wanted.next), None, StatusCode::OK)
}

/// What was typed. Never printed.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    again: SecretString,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn enter(
    guest: Guest,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    Form(given): Form<Given>,
) -> Response {
    let from = peer.ip().to_canonical().to_string();
    let next = local(&given.next).to_owned();
    match logged_in(&guest, &given, &from).await {
        Ok(secret) => with_session(guest.room(), &next, &secret),
        Err(Refusal::Fault(fault)) => fault.page(&guest),
        Err(Refusal::Wrong(status, why)) => form(&guest, &next, Some(why), status),
    }
}

/// Why a login was refused.
enum Refusal {
    Fault(Fault),
    Wrong(StatusCode, &'static str),
}

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

async fn logged_in(guest: &Guest, given: &Given, from: &str) -> Result<Secret, Refusal> {
    let (room, locale) = (guest.room(), guest.settings().locale);
    let now = room.now();
    let name = given.name.trim();
    let too_many = |why| Err(Refusal::Wrong(StatusCode::TOO_MANY_REQUESTS, why));
    if room.door.is_shut(from, now) {
        return too_many(locale.pick("输错次数过多，请一分钟后再试", "too many wrong tries; wait a minute"));
    }
    if room.door.is_shut_after(&of_name(name), now, (NAME_TRIES, NAME_WINDOW)) {
        let why = "该账号多次输错，已锁定 15 分钟；请稍后再试，或请管理员重设口令";
        return too_many(locale.pick(why, "this name is locked for 15 minutes; ask the administrator"));
    }
    let book = room.keeper().book().await?;
    let account = book.account(name).filter(|account| !account.shut);
    let kept = account.and_then(super::access::Account::password);
    let Some(right) = room.passwords.is(given.password.clone(), kept).await else {
        let why = locale.pick("登录的人太多，请稍等再试", "too many log in at once; try again");
        return Err(Refusal::Wrong(StatusCode::SERVICE_UNAVAILABLE, why));
    };
    if !right {
        wrong(room, name, from).await;
        let why = locale.pick("姓名或口令不对", "that is not the name or not the password");
        return Err(Refusal::Wrong(StatusCode::UNAUTHORIZED, why));
    }
    let secret = new_secret()?;
    let begun = room.keeper().change(|book| {
        let mut taken = true;
        book.change(name, |account| {
            taken = account.totp.as_mut().is_none_or(|totp| totp.take(&given.code, now));
        })?;
        if taken {
            book.begin(name, &secret, from, now)?;
        }
        Ok(taken)
    });
    if !matches!(begun.await?, Ok(true)) {
        wrong(room, name, from).await;
        let why = locale.pick(
            "动态口令不对：请填验证器里当前的 6 位数字，用过的要等下一个",
            "that is not the authenticator's present code",
        );
        return Err(Refusal::Wrong(StatusCode::UNAUTHORIZED, why));
    }
    room.door.right(from);
    room.door.right(&of_name(name));
    record(room, "logged-in", name, name, from).await;
    Ok(secret)
}

async fn wrong(room: &Room, name: &str, from: &str) {
    let now = room.now();
    room.door.wrong(from, now);
    tracing::warn!(from, "a login was refused");
    if room.door.wrong_within(&of_name(name), now, NAME_WINDOW) == NAME_TRIES {
        let known = room.keeper().book().await.is_ok_and(|book| book.account(name).is_some());
        if known {
            record(room, "locked-out", name, from, from).await;
        }
    }
}

/// A row of the audit; that it could not be written keeps nobody out of a desk that waits for room on its disk.
pub(super) async fn record(room: &Room, what: &str, about: &str, by: &str, from: &str) {
    let act = Act::Access { what: what.to_owned(), about: about.to_owned(), by: by.to_owned() };
    let (inbox, from) = (room.console.inbox.clone(), from.to_owned());
    tokio::spawn(async move {
        if let Err(error) = inbox.put_from(act, &from, None).await {
            tracing::warn!(%error, "a login could not be recorded");
        }
    });
}

pub(super) async fn leave(
    guest: Guest,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
) -> Response {
    let room = guest.room();
    let (now, from) = (room.now(), peer.ip().to_canonical().to_string());
    if let Some(secret) = session_of(&headers)
        && let Ok(book) = room.keeper().book().await
        && let Some((person, _)) = book.of_session(&secret, &from, now)
        && let How::Session(id) = person.how
    {
        let name = person.name;
        let ended = room.keeper().change(|book| {
            book.end(&name, Some(&id));
            Ok(())
        });
        if let Err(error) = ended.await {
            return Fault::Store(error).page(&guest);
        }
        record(room, "logged-out", &name, &name, &from).await;
    }
    with_cookie(Redirect::to("/login").into_response(), &cookie(&room.settings(), "", 0))
}

/// The page of an invitation: choose a password, and the first administrator a name as well.
pub(super) async fn welcome(guest: Guest, Path(code): Path<String>) -> Response {
    welcomed(&guest, &code, None, StatusCode::OK).await
}

async fn welcomed(guest: &Guest, code: &str, why: Option<&str>, status: StatusCode) -> Response {
    let room = guest.room();
    let book = match room.keeper().book().await {
        Ok(book) => book,
        Err(error) => return Fault::Store(error).page(guest),
    };
    let invited = book.invited(code, room.now());
    let status = if invited.is_some() { status } else { StatusCode::NOT_FOUND };
    let given = context! {
        holds => invited.is_some(),
        account => invited.and_then(|one| one.account.clone()),
        why,
    };
    match room.pages.render(guest, "welcome.html", given) {
        Ok(page) => (status, page).into_response(),
        Err(fault) => fault.page(guest),
    }
}

/// The password is chosen: the link is used up, and its owner comes in.
pub(super) async fn accept(
    guest: Guest,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    Path(code): Path<String>,
    Form(given): Form<Given>,
) -> Response {
    let (room, locale) = (guest.room(), guest.settings().locale);
    let from = peer.ip().to_canonical().to_string();
    let again = |why: &'static str| (StatusCode::UNPROCESSABLE_ENTITY, why);
    let chosen = async {
        let book = room.keeper().book().await?;
        let Some(invited) = book.invited(&code, room.now()) else {
            return Ok(Err((StatusCode::NOT_FOUND, "")));
        };
        let name = invited.account.clone().unwrap_or_else(|| given.name.trim().to_owned());
        if let Some(why) = fault_of(&given, &name, locale) {
            return Ok(Err(again(why)));
        }
        let Some(hash) = room.passwords.hash(given.password.clone()).await else {
            return Ok(Err(again(locale.pick("请稍等再试", "try again in a moment"))));
        };
        let (secret, now) = (new_secret()?, room.now());
        let taken = room.keeper().change(|book| {
            let name = book.accept(&code, &name, hash, now)?;
            book.begin(&name, &secret, &from, now)?;
            Ok(name)
        });
        Ok::<_, Fault>(match taken.await? {
            Ok(name) => Ok((name, secret)),
            Err(error) => Err(again(book_fault(error, locale))),
        })
    };
    match chosen.await {
        Ok(Ok((name, secret))) => {
            record(room, "password-set", &name, &name, &from).await;
            with_session(room, "/", &secret)
        }
        Ok(Err((status, why))) => {
            welcomed(&guest, &code, Some(why).filter(|why| !why.is_empty()), status).await
        }
        Err(fault) => fault.page(&guest),
    }
}

/// What is wrong with a password that was typed twice.
fn fault_of(given: &Given, name: &str, locale: Locale) -> Option<&'static str> {
    if name.is_empty() {
        return Some(locale.pick("请写姓名", "say who you are"));
    }
    let password = given.password.expose_secret();
    if password != given.again.expose_secret() {
        return Some(locale.pick("两次输入的口令不一样", "the two passwords differ"));
    }
    weakness(password, name, locale)
}

/// An account's own password is changed: the present one is asked for, every other session ends.
pub(super) async fn change_password(
    room: &Room,
    person: &Person,
    present: SecretString,
    chosen: SecretString,
    again: SecretString,
) -> Result<Secret, Fault> {
    let locale = room.settings().locale;
    let given = Given {
        name: person.name.clone(),
        password: chosen.clone(),
        again,
        code: String::new(),
        next: String::new(),
    };
    let kept = room.keeper().book().await?.account(&person.name).and_then(super::access::Account::password);
    if !room.passwords.is(present, kept).await.unwrap_or_default() {
        wrong(room, &person.name, &person.from).await;
        return Err(Fault::Form(locale.pick("现在的口令不对", "that is not the present password")));
    }
    if let Some(why) = fault_of(&given, &person.name, locale) {
        return Err(Fault::Form(why));
    }
    let busy = Fault::Form(locale.pick("请稍等再试", "try again in a moment"));
    let hash = room.passwords.hash(chosen).await.ok_or(busy)?;
    let (secret, now) = (new_secret()?, room.now());
    let changed = room.keeper().change(|book| {
        book.set_password(&person.name, hash)?;
        book.begin(&person.name, &secret, &person.from, now)
    });
    changed.await?.map_err(|error| Fault::Form(book_fault(error, locale)))?;
    record(room, "password-set", &person.name, &person.name, &person.from).await;
    Ok(secret)
}

/// A refusal of the book in the office's words.
pub(super) const fn book_fault(error: super::access::BookError, locale: Locale) -> &'static str {
    use super::access::BookError as E;
    match error {
        E::Exists => locale.pick("已经有同名的了", "there is one of this name already"),
        E::Unknown => locale.pick("没有这个账号或令牌", "there is none of this name"),
        E::LastAdministrator => {
            locale.pick("至少要留一名能登录的管理员", "one administrator who can log in must stay")
        }
        E::Name => locale.pick("名称要有 1 到 40 个字", "a name has 1 to 40 characters"),
        E::Full => locale.pick("账号太多了", "there is no room for more"),
        E::Invitation => locale.pick("链接已失效", "the link does not hold any more"),
    }
}

/// A new secret, or the fault that there is no randomness.
pub(super) fn new_secret() -> Result<Secret, Fault> {
    Secret::new().map_err(|error| Fault::Store(crate::store::StoreError::Engine(error.to_string())))
}

fn form(guest: &Guest, next: &str, why: Option<&str>, status: StatusCode) -> Response {
    match guest.room().pages.render(guest, "login.html", context! { next, why }) {
        Ok(page) => (status, page).into_response(),
        Err(fault) => fault.page(guest),
    }
}

/// A path of ours and nothing else: never an address elsewhere.
fn local(next: &str) -> &str {
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if plain && next.is_ascii() { next } else { "/" }
}

/// On to a page, with a session that was not there before: whatever cookie came is replaced.
pub(super) fn with_session(room: &Room, next: &str, secret: &Secret) -> Response {
    let cookie = cookie(&room.settings(), secret.shown(), REMEMBERED_FOR.as_secs());
    with_cookie(Redirect::to(next).into_response(), &cookie)
}

fn cookie(settings: &Settings, value: &str, seconds: i64) -> String {
    let secure = if settings.is_behind_tls() { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The session's secret that a request carries.
pub(super) fn session_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| Some(pair.trim().strip_prefix(COOKIE)?.strip_prefix('=')?.to_owned()))
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
