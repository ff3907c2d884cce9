//! Instants as a duty officer reads them.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;

use super::super::Settings;
use crate::{
    locale::{When, words},
    model::{Deadline, DeadlineState},
};

impl When {
    /// As the console's settings say.
    pub(in super::super) fn new(now: Timestamp, settings: &Settings) -> Self {
        Self { now, locale: settings.locale, zone: settings.zone.clone() }
    }

    /// The beginning of a day that is written `2026-11-21`, or its end; `None` when it cannot be read.
    pub(in super::super) fn edge_of_day(&self, text: &str, end: bool) -> Option<Timestamp> {
        let day: Date = text.parse().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        Some(day.to_zoned(self.zone.clone()).ok()?.timestamp())
    }
}

/// A time limit with its hand.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Clock {
    /// What for.
    pub label: String,
    /// From when, for the colour. Milliseconds since the epoch.
    pub base_ms: i64,
    /// When it is due. Milliseconds since the epoch.
    pub due_ms: i64,
    /// The same in words.
    pub due: String,
    /// `green`, `amber`, `red`, `over`, `met`, `ended`.
    pub level: &'static str,
    /// Whether it still runs or is overdue, so that the hand moves.
    pub moves: bool,
    /// What stands on it: `还剩 4:05`, `已超时 1:02`, `已完成 14:05:09`.
    pub face: String,
}

impl When {
    /// The clock of a deadline.
    pub(in super::super) fn clock(&self, deadline: &Deadline, label: String) -> Clock {
        let left = deadline.due_at.duration_since(self.now);
        let (level, moves, face) = match &deadline.state {
            DeadlineState::Met { at } => {
                ("met", false, format!("{} {}", self.locale.pick("已完成", "met"), self.time(*at)))
            }
            DeadlineState::Ended { why } => ("ended", false, words::ended(why, self.locale).to_owned()),
            DeadlineState::Running | DeadlineState::Overdue => {
                (level(deadline.base_at, deadline.due_at, self.now), true, self.hand(left))
            }
        };
        Clock {
            label,
            base_ms: deadline.base_at.as_millisecond(),
            due_ms: deadline.due_at.as_millisecond(),
            due: self.time(deadline.due_at),
            level,
            moves,
            face,
        }
    }

    fn hand(&self, left: SignedDuration) -> String {
        let words = if left >= SignedDuration::ZERO {
            self.locale.pick("还剩 ", "left ")
        } else {
            self.locale.pick("已超时 ", "overdue ")
        };
        let seconds = left.abs().as_secs();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
        if hours > 0 {
            format!("{words}{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{words}{minutes}:{seconds:02}")
        }
    }
}

/// Green in the first half, amber in the second, red in the last fifth, then over. The script does the
/// same sum.
fn level(base: Timestamp, due: Timestamp, now: Timestamp) -> &'static str {
    let whole = due.duration_since(base).as_millis().max(1);
    let left = due.duration_since(now).as_millis();
    match left * 10 {
        ..0 => "over",
        tenths if tenths <= whole * 2 => "red",
        tenths if tenths <= whole * 5 => "amber",
        _ => "green",
    }
}
