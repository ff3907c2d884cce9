//! How long a server asks to be left alone: `Retry-After` of RFC 9110, 10.2.3, in seconds or as a date.

use jiff::{SignedDuration, Timestamp};

/// Reads the header's value; from `now` on. What lies in the past, is nought or cannot be read says nothing.
/// Not bounded: whoever asks knows how long is too long. Any digits are seconds, however many.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<SignedDuration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits for a number are a very long time.
        SignedDuration::from_secs(value.parse::<u32>().map_or(i64::MAX, i64::from))
    } else {
        Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok()?.duration_since(now)
    };
    (wait > SignedDuration::ZERO).then_some(wait)
}
