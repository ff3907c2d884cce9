//! When a failed attempt is made again.

use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use yuqing::dispatch::next_attempt_at;

use super::notices::at;

fn wait(attempt: u32, left: SignedDuration, asked: Option<u64>, jitter: f64) -> SignedDuration {
    let asked = asked.map(Duration::from_secs);
    next_attempt_at(attempt, at(0), at(0) + left, asked, jitter).duration_since(at(0))
}

#[test]
fn waits_double_up_to_five_minutes() {
    let long = SignedDuration::from_hours(48);
    let waits: Vec<_> = (1..=9).map(|attempt| wait(attempt, long, None, 0.0).as_secs()).collect();
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    assert_eq!(wait(2, long, None, 1.0).as_secs(), 12);
    assert_eq!(wait(1, SignedDuration::from_hours(-1), None, 0.0).as_secs(), 5, "overdue is still sent");
    assert_eq!(wait(99, SignedDuration::from_hours(-1), None, 1.0).as_secs(), 300);
}

#[test]
fn a_servers_wish_is_kept_within_reason() {
    let long = SignedDuration::from_hours(1);
    assert_eq!(wait(1, long, Some(60), 0.0).as_secs(), 60);
    assert_eq!(wait(1, long, Some(86_400), 0.0).as_secs(), 300);
    assert_eq!(wait(6, long, Some(1), 0.0).as_secs(), 160);
}

proptest! {
    /// Whatever the limit (from 10 s), three attempts fit before it.
    #[test]
    fn three_attempts_fit_before_the_limit(limit in 10_i64..86_400, first in 0.0_f64..1.0, second in 0.0_f64..1.0) {
        let due = at(0) + SignedDuration::from_secs(limit);
        let two = next_attempt_at(1, at(0), due, None, first);
        let three = next_attempt_at(2, two, due, None, second);
        prop_assert!(at(0) < two && two < three && three < due);
    }

    #[test]
    fn it_is_never_given_up_and_never_a_storm(attempt in 1_u32.., left in -1_000_000_i64..1_000_000, jitter in 0.0_f64..1.0) {
        let next = wait(attempt, SignedDuration::from_secs(left), None, jitter);
        prop_assert!(next >= SignedDuration::from_secs(1) && next <= SignedDuration::from_mins(5));
    }
}
