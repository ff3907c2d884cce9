//! Any text is a time that has come, or unknown.
#![no_main]

use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;
use yuqing::text::parse_date;

fuzz_target!(|input: (i64, &str)| {
    let (second, text) = input;
    let Ok(now) = Timestamp::from_second(second.rem_euclid(4_000_000_000)) else { return };
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    if let Some(published) = parse_date(text, now, &zone) {
        assert!(published.at <= now && published.at.as_second() >= 631_152_000);
    }
});
