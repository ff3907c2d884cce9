//! In which language a browser reads the console: the office's (`locale`), or what somebody chose there. What is sent and
//! what is recorded stays in the office's.

use std::sync::Arc;

use axum::{
    Form,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{Settings, fault::Fault, guest::Guest, pages::Reader as _, seat};
use crate::locale::Locale;

const COOKIE: &str = "yuqing_language";
/// Seconds for which a browser keeps it: a year.
const YEAR: u32 = 365 * 24 * 3_600;
/// What it may say.
const LANGUAGES: [(&str, Locale); 2] = [("zh-CN", Locale::ZhCn), ("en", Locale::En)];

/// The language that was chosen in this browser, if any was.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Locale> {
    let value = seat::cookie(headers, COOKIE)?;
    LANGUAGES.iter().find(|(name, _)| *name == value).map(|(_, locale)| *locale)
}

/// The settings as somebody reads them who chose this language.
pub(super) fn read_in(settings: Arc<Settings>, chosen: Option<Locale>) -> Arc<Settings> {
    match chosen {
        Some(locale) if locale != settings.locale => {
            Arc::new(Settings { locale, ..Settings::clone(&settings) })
        }
        _ => settings,
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    to: String,
}

/// Somebody chooses a language, before a login too; they go on where they were.
pub(super) async fn choose(guest: Guest, headers: HeaderMap, Form(chosen): Form<Chosen>) -> Response {
    let Some((name, _)) = LANGUAGES.iter().find(|(name, _)| *name == chosen.to) else {
        return Fault::Form(guest.settings().locale.pick("没有这种语言", "no such language")).page(&guest);
    };
    let secure = if guest.settings().is_behind_tls() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={name}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict{secure}");
    let Ok(cookie) = HeaderValue::from_str(&cookie) else { return Fault::Nowhere.page(&guest) };
    ([(header::SET_COOKIE, cookie)], Redirect::to(&before(&headers))).into_response()
}

/// The page on which the form stood, as a path of ours: whatever a browser sends, nobody is led elsewhere.
fn before(headers: &HeaderMap) -> String {
    let page = headers.get(header::REFERER).and_then(|value| value.to_str().ok()?.parse::<Uri>().ok());
    let path = page.as_ref().and_then(|page| Some(page.path_and_query()?.as_str()));
    let is_ours = |path: &&str| path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    path.filter(is_ours).unwrap_or("/").to_owned()
}
