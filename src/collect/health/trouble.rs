//! Why a round did not end well: in the office's words, what it makes of the source, and when to try
//! again. The breaker opens after [`PATIENCE`] failures: from then on a round is a probe of one page,
//! and only when that is good the round goes on.

use jiff::{SignedDuration, Timestamp};

use super::state::Health;
use crate::{
    collect::{
        adapter::{ReadFault, blocked_words},
        fetch::FetchError,
    },
    config::preset::BlockReason,
    locale::Locale,
};

/// Failures in a row after which a person is told and the breaker opens.
pub(in crate::collect) const PATIENCE: u32 = 3;
const SHORTEST_BACKOFF: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_hours(6);
/// Asked again about a login or captcha after this; insisting makes it worse.
const BLOCKED_PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// A page that looks changed is looked at a second time after this before anybody is told.
const SECOND_LOOK: SignedDuration = SignedDuration::from_mins(2);
/// The first two failures are tried again no later than this, whatever the interval: whether it was a
/// hiccup must be known soon.
const RETRIES: [SignedDuration; 2] = [SignedDuration::from_mins(5), SignedDuration::from_mins(15)];
/// robots.txt is read again after a day.
const REFUSED_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// Why a round did not end well.
#[derive(Debug, Clone)]
pub(in crate::collect) enum Trouble {
    Fetch(FetchError),
    Read(ReadFault),
    Blocked {
        reason: BlockReason,
        words: String,
    },
    /// A command failed; its own words.
    Command(String),
    /// A push or command source has been silent for longer than it promised.
    Silent {
        since: Option<Timestamp>,
        expected: SignedDuration,
    },
    /// The job panicked: our own fault.
    Panicked,
}

impl Trouble {
    pub fn human(&self, locale: Locale) -> String {
        match self {
            Self::Fetch(error) => error.human(locale),
            Self::Read(fault) => fault.human(locale),
            Self::Blocked { reason, words } => blocked_words(*reason, words, locale),
            Self::Command(why) => match locale {
                Locale::ZhCn => format!("采集程序出错：{why}。请检查它能否单独运行"),
                Locale::En => format!("the command failed: {why}"),
            },
            Self::Silent { since, expected } => {
                let minutes = expected.as_secs() / 60;
                let since = since.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%MZ").to_string());
                match locale {
                    Locale::ZhCn => {
                        format!("超过 {minutes} 分钟没有送来数据（上次 {since}）：请检查送数据的程序")
                    }
                    Locale::En => format!("nothing came for over {minutes} min (last {since})"),
                }
            }
            Self::Panicked => locale
                .pick(
                    "本程序处理该来源时出错（已隔离，其他来源照常），请把日志发给维护者",
                    "an internal error; see the log",
                )
                .into(),
        }
    }

    /// What the source's health becomes after so many failures in a row. `known_good` says that it has
    /// worked before: then a page that looks changed must look so twice, because one may have met a
    /// maintenance page; a source that never worked is told at once to whoever is setting it up.
    pub(super) fn health(&self, failures: u32, known_good: bool) -> Health {
        let sure = failures >= 2 || !known_good;
        match self {
            Self::Fetch(FetchError::RobotsRefused(_)) => Health::Refused,
            Self::Blocked { reason: BlockReason::Limited, .. } if failures < PATIENCE => Health::BackingOff,
            Self::Blocked { .. } if sure => Health::Blocked,
            Self::Blocked { .. } => Health::BackingOff,
            Self::Fetch(FetchError::Status { code: 401 | 403, .. }) if failures >= 2 => Health::Blocked,
            Self::Fetch(FetchError::Status { code: 418 | 429, .. }) if failures >= PATIENCE => {
                Health::Blocked
            }
            Self::Read(fault) if fault.is_shape_change() && sure => Health::Broken,
            // Nothing that time alone could mend.
            Self::Fetch(FetchError::BadUrl(_) | FetchError::Forbidden(_) | FetchError::Credential(_)) => {
                Health::Broken
            }
            Self::Silent { .. } => Health::Stale,
            _ if failures >= PATIENCE => Health::Broken,
            _ => Health::BackingOff,
        }
    }

    /// Its kind: sources of one site that fail in the same kind are one outage.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Fetch(
                FetchError::Dns { .. }
                | FetchError::Connect { .. }
                | FetchError::Timeout { .. }
                | FetchError::Tls { .. },
            ) => NETWORK,
            Self::Fetch(FetchError::RobotsRefused(_)) => "robots",
            Self::Fetch(FetchError::Status { code: 401 | 403 | 418 | 429, .. }) | Self::Blocked { .. } => {
                "blocked"
            }
            Self::Fetch(FetchError::BadUrl(_) | FetchError::Forbidden(_) | FetchError::Credential(_)) => {
                "own"
            }
            Self::Fetch(_) => "server",
            Self::Read(_) => "shape",
            Self::Command(_) | Self::Panicked => "program",
            Self::Silent { .. } => SILENCE,
        }
    }

    /// When the next try is, from now.
    pub(super) fn pause(&self, failures: u32, interval: SignedDuration) -> SignedDuration {
        let doubled =
            interval.max(SHORTEST_BACKOFF).saturating_mul(1_i32 << failures.saturating_sub(1).min(10));
        match self {
            Self::Fetch(FetchError::RobotsRefused(_)) => REFUSED_PAUSE,
            Self::Blocked { .. } if failures <= 1 => BLOCKED_PAUSE,
            Self::Blocked { .. } => BLOCKED_PAUSE.max(doubled.min(LONGEST_BACKOFF)),
            Self::Silent { .. } => interval,
            Self::Read(fault) if fault.is_shape_change() && failures == 1 => interval.min(SECOND_LOOK),
            _ => {
                let nth = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
                let soon = RETRIES.get(nth).filter(|_| self.kind() != "blocked");
                doubled.min(soon.copied().unwrap_or(LONGEST_BACKOFF.max(interval)))
            }
        }
    }

    /// When the host asked us to come again. UTC.
    pub(super) const fn asked_until(&self) -> Option<Timestamp> {
        match self {
            Self::Fetch(error) => error.retry_at(),
            _ => None,
        }
    }

    /// Whether posts were read all the same: a counter that the preset promises is on none of them.
    pub(super) const fn counter_gone(&self) -> bool {
        matches!(self, Self::Read(ReadFault::CounterGone { .. }))
    }

    /// Whether a list was read that has no entry and does not say so.
    pub(super) const fn is_empty_list(&self) -> bool {
        matches!(self, Self::Read(ReadFault::NoItems))
    }
}

/// The kind of a failure that our own network could cause.
pub(super) const NETWORK: &str = "network";
/// The kind of a source that says nothing new.
pub(super) const SILENCE: &str = "silence";
