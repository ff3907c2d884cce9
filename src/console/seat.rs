//! Who sits at this desk: the contact in whose name the one button of a card confirms. The browser keeps the name in
//! a cookie; it is a convenience and proves nothing (who may act is decided in [`super::guard`]).

use axum::{
    Form,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    fault::Fault,
    view::short,
    visit::{NAME, Visit},
};

const COOKIE: &str = "yuqing_seat";
/// Seconds for which a browser keeps it: a shift.
const SHIFT: u32 = 12 * 3_600;

/// The contact of this browser, when one was chosen.
pub(super) fn seated(headers: &HeaderMap) -> Option<String> {
    let value = cookie(headers, COOKIE)?;
    let pair = format!("n={value}");
    let (_, name) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(short(&name, NAME)).filter(|name| !name.is_empty())
}

/// A cookie by its name.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    contact: String,
}

/// Somebody sits down; an empty name leaves the seat.
pub(super) async fn take(room: Visit, Form(chosen): Form<Chosen>) -> Response {
    let name = short(&chosen.contact, NAME);
    let value: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let age = if name.is_empty() { 0 } else { SHIFT };
    let secure = if room.settings().is_behind_tls() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    let Ok(cookie) = HeaderValue::from_str(&cookie) else { return Fault::Nowhere.page(&room) };
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}
