//! What a round's end means for its source: when it comes next, how it is, and whether a person must be
//! told. A source that only fails for a moment backs off; one that keeps failing, has changed its shape,
//! wants a captcha or refuses us is told to the administrators once, and once more when it is mended.

use jiff::{SignedDuration, Timestamp};

use super::{
    adapter::{ReadFault, blocked_words},
    collector::{Shared, Unsettled, hand_over},
    fetch::FetchError,
    round::Round,
};
use crate::{
    config::{preset::BlockReason, source::Source},
    desk::{Input, Operations},
    locale::Locale,
    store::SourceState,
};

/// Failures in a row after which a person is told.
const PATIENCE: u32 = 3;
const SHORTEST_BACKOFF: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_hours(6);
/// Asked again about a login or captcha after this; insisting makes it worse.
const BLOCKED_PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// robots.txt is read again after a day.
const REFUSED_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// Why a round did not end well.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
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
    fn human(&self, locale: Locale) -> String {
        match self {
            Self::Fetch(error) => error.human(locale),
            Self::Read(fault) => fault.human(locale),
            Self::Blocked { reason, words } => blocked_words(*reason, words, locale),
            Self::Command(why) => match locale {
                Locale::ZhCn => format!("采集程序出错：{why}。请检查它能否单独运行"),
                Locale::En => format!("the command failed: {why}"),
            },
            Self::Silent { since, expected } => {
                let hours = expected.as_secs() / 60;
                let since = since.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%MZ").to_string());
                match locale {
                    Locale::ZhCn => {
                        format!("超过 {hours} 分钟没有送来数据（上次 {since}）：请检查送数据的程序")
                    }
                    Locale::En => format!("nothing came for over {hours} min (last {since})"),
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

    /// What the source's health becomes.
    fn health(&self, failures: u32) -> &'static str {
        match self {
            Self::Fetch(FetchError::RobotsRefused(_)) => "refused",
            Self::Blocked { reason: BlockReason::Limited, .. } if failures < PATIENCE => "backing_off",
            Self::Blocked { .. } => "blocked",
            Self::Fetch(FetchError::Status { code: 401 | 403, .. }) if failures >= 2 => "blocked",
            Self::Read(fault) if fault.is_shape_change() => "broken",
            // Nothing that time alone could mend.
            Self::Fetch(FetchError::BadUrl(_) | FetchError::Forbidden(_) | FetchError::Credential(_)) => {
                "broken"
            }
            Self::Silent { .. } => "broken",
            _ if failures >= PATIENCE => "broken",
            _ => "backing_off",
        }
    }

    fn pause(&self, failures: u32, interval: SignedDuration) -> SignedDuration {
        let doubled =
            interval.max(SHORTEST_BACKOFF).saturating_mul(1_i32 << failures.saturating_sub(1).min(10));
        match self {
            Self::Fetch(FetchError::RobotsRefused(_)) => REFUSED_PAUSE,
            Self::Blocked { .. } => BLOCKED_PAUSE.max(doubled.min(LONGEST_BACKOFF)),
            Self::Silent { .. } => interval,
            _ => doubled.min(LONGEST_BACKOFF.max(interval)),
        }
    }
}

/// Says what must be told of a round, and only then keeps the state.
pub(super) async fn settle(shared: &Shared, source: &Source, round: Round) -> Result<SourceState, Unsettled> {
    let Round { mut state, trouble, waits_until, full, stopped, facts: _ } = round;
    if stopped {
        return Err(Unsettled::Stopping);
    }
    let now = shared.now();
    let before = state.health.clone();
    let mut told = None;
    match (&trouble, waits_until) {
        (None, Some(until)) => state.next_at = Some(until),
        (None, None) => {
            state.failures = 0;
            "ok".clone_into(&mut state.health);
            state.why.clear();
            if full {
                state.next_at = now.checked_add(source.interval + shared.jitter(source.interval / 10)).ok();
            }
            if needs_person(&before) {
                told = Some(mended(source, shared.parts.locale));
            }
        }
        (Some(trouble), _) => {
            state.failures = state.failures.saturating_add(1);
            trouble.health(state.failures).clone_into(&mut state.health);
            state.why = trouble.human(shared.parts.locale);
            state.next_at = Some(next_try(shared, trouble, &state, source, now));
            tracing::warn!(source = %source.name, health = %state.health, failures = state.failures, ?trouble, "a round did not end well");
            if needs_person(&state.health) && state.health != before {
                told = Some(broken(source, &state.why, shared.parts.locale));
            }
        }
    }
    if let Some(told) = told {
        hand_over(&shared.parts.inbox, vec![Input::Operations(told)])
            .await
            .map_err(|_| Unsettled::Stopping)?;
    }
    shared.parts.store.save_source_state(state.clone()).await?;
    Ok(state)
}

fn next_try(
    shared: &Shared,
    trouble: &Trouble,
    state: &SourceState,
    source: &Source,
    now: Timestamp,
) -> Timestamp {
    let pause = trouble.pause(state.failures, source.interval);
    let own = now.saturating_add(pause + shared.jitter(pause / 4)).unwrap_or(Timestamp::MAX);
    let asked = match trouble {
        Trouble::Fetch(error) => error.retry_at(),
        _ => None,
    };
    // A host that names its time is believed, be it sooner or later than ours; a little jitter keeps all
    // its readers from coming at once.
    asked.map_or(own, |at| at.saturating_add(shared.jitter(SignedDuration::from_secs(5))).unwrap_or(own))
}

fn needs_person(health: &str) -> bool {
    ["broken", "blocked", "refused"].contains(&health)
}

fn broken(source: &Source, why: &str, locale: Locale) -> Operations {
    let text = match locale {
        Locale::ZhCn => format!("来源“{}”目前看不到内容：{why}", source.name),
        Locale::En => format!("source “{}” gives nothing: {why}", source.name),
    };
    Operations { subject: format!("source/{}", source.name), broken: true, text }
}

fn mended(source: &Source, locale: Locale) -> Operations {
    let text = match locale {
        Locale::ZhCn => format!("来源“{}”已恢复", source.name),
        Locale::En => format!("source “{}” works again", source.name),
    };
    Operations { subject: format!("source/{}", source.name), broken: false, text }
}
