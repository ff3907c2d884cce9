//! `Retry-After`: seconds, and the three ways in which HTTP writes a date (RFC 9110, 5.6.7).

use jiff::{SignedDuration, Timestamp};
use yuqing::text::retry_after;

#[test]
fn seconds_and_dates_are_read() {
    let now: Timestamp = "1994-11-06T08:48:37Z".parse().unwrap();
    let minute = Some(SignedDuration::from_secs(60));
    for value in [
        "60",
        " 60 ",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        assert_eq!(retry_after(value, now), minute, "{value}");
    }
    for nothing in
        ["", "0", "-5", "1.5", "soon", "Sun, 06 Nov 1994 08:48:37 GMT", "Sat, 05 Nov 1994 08:49:37 GMT"]
    {
        assert_eq!(retry_after(nothing, now), None, "{nothing}");
    }
    assert_eq!(retry_after("99999999999999999999", now), Some(SignedDuration::from_secs(i64::MAX)));
}
