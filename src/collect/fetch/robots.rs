//! robots.txt by RFC 9309: 4xx allows everything, 5xx or silence forbids everything for now, at most
//! 500 KiB are read, the answer is kept for a day. There is no way to override a refusal.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use texting_robots::Robot;
use url::Url;

use super::FetchError;

/// The name by which robots.txt may address us.
pub(super) const AGENT: &str = "yuqing";
/// As much as is read.
pub(super) const MOST_BYTES: usize = 500 * 1024;
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long "not available" is kept.
const UNAVAILABLE_KEPT: SignedDuration = SignedDuration::from_mins(5);
/// A delay above this is taken as this: the file may slow us, not stop us by accident.
const LONGEST_DELAY: f32 = 300.0;

/// What a host's robots.txt says.
#[derive(Clone)]
pub(super) enum Rules {
    /// There is none, or it says nothing to us.
    Everything,
    /// Its rules.
    Parsed(Arc<Robot>),
    /// It could not be had.
    Unavailable(String),
}

impl Rules {
    /// Parses a body. A body of which nothing can be made says nothing.
    pub fn parse(body: &[u8]) -> Self {
        // The parser's own errors and panics must not decide over a source.
        let parsed = std::panic::catch_unwind(|| Robot::new(AGENT, body));
        match parsed {
            Ok(Ok(robot)) => Self::Parsed(Arc::new(robot)),
            _ => Self::Everything,
        }
    }

    /// Whether the address may be fetched, and the pace that is asked for.
    pub fn check(&self, url: &Url) -> Result<Option<SignedDuration>, FetchError> {
        match self {
            Self::Everything => Ok(None),
            Self::Unavailable(why) => Err(FetchError::RobotsUnavailable {
                host: url.host_str().unwrap_or_default().to_owned(),
                why: why.clone(),
            }),
            Self::Parsed(robot) if !robot.allowed(url.as_str()) => {
                Err(FetchError::RobotsRefused(url.as_str().to_owned()))
            }
            Self::Parsed(robot) => Ok(robot
                .delay
                .filter(|delay| delay.is_finite() && *delay > 0.0)
                .and_then(|delay| SignedDuration::try_from_secs_f32(delay.min(LONGEST_DELAY)).ok())),
        }
    }
}

/// The answers so far, by origin.
#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<String, (Timestamp, Rules)>>);

impl Kept {
    pub fn get(&self, origin: &str, now: Timestamp) -> Option<Rules> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, rules) = kept.get(origin)?;
        let age = now.duration_since(*at);
        let limit = if matches!(rules, Rules::Unavailable(_)) { UNAVAILABLE_KEPT } else { KEPT };
        (age >= SignedDuration::ZERO && age < limit).then(|| rules.clone())
    }

    pub fn put(&self, origin: &str, now: Timestamp, rules: &Rules) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(origin.to_owned(), (now, rules.clone()));
    }
}
