//! Lengths of time as written.

use proptest::prelude::*;
use yuqing::config::duration::{parse, written};

fn check(text: &str, secs: i64) {
    assert_eq!(parse(text).map(|length| length.as_secs()), Ok(secs), "{text}");
}

#[test]
fn lengths_are_read() {
    check("90s", 90);
    check("5min", 300);
    check("5 min", 300);
    check("2h", 7_200);
    check("1d", 86_400);
    check("1h30min", 5_400);
    check("10分钟", 600);
    check("3天", 259_200);
}

#[test]
fn what_is_no_length_says_why() {
    for (text, sentence) in [
        ("", "时长是空的"),
        ("5", "\"5\" 没有写单位"),
        ("min", "\"min\" 不是时长"),
        ("-5min", "\"-5min\" 不是时长"),
        ("5 weeks", "\"weeks\" 不是时间单位"),
        ("0s", "时长 0s 必须大于零，且不超过十年"),
        ("99999999999999999999s", "\"99999999999999999999s\" 不是时长"),
        ("9999999999d", "时长 9999999999d 必须大于零，且不超过十年"),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), sentence, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(secs in 1_i64..=300_000_000) {
        let length = jiff::SignedDuration::from_secs(secs);
        prop_assert_eq!(parse(&written(length)), Ok(length));
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,20}") {
        let _ = parse(&text);
    }
}
