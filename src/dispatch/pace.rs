//! How fast an address may be written to, when its service sets a limit: what waits meanwhile goes out
//! together, as one message.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use crate::model::ChannelKind;

/// A service's limit on one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Messages within any minute.
    pub per_minute: usize,
}

/// The time within which messages are counted.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// The longest that an address is left alone on its service's word.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What may go out to an address now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// One notice as a message of its own.
    One,
    /// All that waits, in one message: the minute is half used up.
    All,
    /// Nothing before this instant. UTC.
    Wait(Timestamp),
}

/// What has gone out to each address, in this process.
#[derive(Debug, Default)]
pub(super) struct Paces(HashMap<(ChannelKind, String), Written>);

#[derive(Debug, Default)]
struct Written {
    /// When each message of the last minute was answered; counting from the answer errs on the slow side.
    answered: VecDeque<Timestamp>,
    not_before: Option<Timestamp>,
}

impl Paces {
    /// What may go out now, when so many notices wait.
    pub(super) fn room(
        &mut self,
        to: &(ChannelKind, String),
        pace: Pace,
        waiting: usize,
        now: Timestamp,
    ) -> Room {
        let Some(written) = self.0.get_mut(to) else { return few(waiting, 0, pace) };
        if let Some(until) = written.not_before.filter(|until| *until > now) {
            return Room::Wait(until);
        }
        while let Some(first) = written.answered.front().copied() {
            let ends = first.saturating_add(WINDOW).unwrap_or(Timestamp::MAX);
            // A clock that was set back must not lengthen the wait.
            if ends <= now || first > now {
                written.answered.pop_front();
            } else if written.answered.len() >= pace.per_minute {
                return Room::Wait(ends);
            } else {
                break;
            }
        }
        few(waiting, written.answered.len(), pace)
    }

    /// A message was answered; `wait` is how long the service asks to be left alone.
    pub(super) fn answered(&mut self, to: (ChannelKind, String), now: Timestamp, wait: Option<Duration>) {
        let written = self.0.entry(to).or_default();
        written.answered.push_back(now);
        written.not_before = wait.and_then(|wait| {
            let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST).min(LONGEST);
            now.checked_add(wait).ok()
        });
    }
}

fn few(waiting: usize, sent: usize, pace: Pace) -> Room {
    if sent + waiting <= pace.per_minute / 2 { Room::One } else { Room::All }
}
