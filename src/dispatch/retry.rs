//! When to try again after a failure that may pass.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The first wait; each later one is twice as long.
const FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The longest wait. Nothing is ever given up: the desk fails over by its own deadlines meanwhile.
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// The shortest wait, however near the limit.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);
/// Attempts that must fit before the notice is due.
const BEFORE_DUE: u32 = 3;

/// The instant of the next attempt after `attempt` (from 1) failed at `now`.
///
/// 5 s · 2ⁿ, lengthened by up to a fifth by `jitter` (0 to 1), at most 5 minutes; before `due_at` short
/// enough that three attempts fit and that the waits shrink as the limit comes near. A server's
/// `Retry-After` is kept, up to 5 minutes.
#[must_use]
pub fn next_attempt_at(
    attempt: u32,
    now: Timestamp,
    due_at: Timestamp,
    retry_after: Option<Duration>,
    jitter: f64,
) -> Timestamp {
    let doubled = FIRST.as_secs().saturating_mul(1_i64 << attempt.saturating_sub(1).min(16));
    let spread = 1.0 + jitter.clamp(0.0, 1.0) / 5.0;
    let mut wait = SignedDuration::from_secs(doubled).min(LONGEST);
    wait = wait.mul_f64(spread).min(LONGEST);
    let left = due_at.duration_since(now);
    if left > SignedDuration::ZERO {
        let shares = BEFORE_DUE.saturating_sub(attempt).saturating_add(1).max(2);
        wait = wait.min(left / i32::try_from(shares).unwrap_or(2));
    }
    if let Some(asked) = retry_after.and_then(|asked| SignedDuration::try_from(asked).ok()) {
        wait = wait.max(asked.min(LONGEST));
    }
    now.saturating_add(wait.max(SHORTEST)).unwrap_or(Timestamp::MAX)
}
