//! One GET to say that all is well.

use std::time::Duration;

use jiff::Timestamp;

use super::channel::Http;

/// Calls an address at `now` and throws the answer away.
///
/// # Errors
/// Why it was not called, without the address, which may be as good as a password.
pub async fn ping(url: &str, allow_private: bool, now: Timestamp) -> Result<(), String> {
    let http = Http::new(Duration::from_secs(10), allow_private).map_err(|error| error.to_string())?;
    let url: url::Url = url.trim().parse().map_err(|_| "not a web address".to_owned())?;
    let request = http.client.get(url).build().map_err(|error| error.without_url().to_string())?;
    let answer = http.ask(request, now).await.map_err(|error| format!("{error:?}"))?;
    if answer.status.is_success() { Ok(()) } else { Err(format!("HTTP {}", answer.status.as_u16())) }
}
