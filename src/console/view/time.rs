//! Instants as a duty officer reads them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::Serialize;

use super::super::Settings;
use crate::{
    locale::{Locale, words},
    model::{Deadline, DeadlineState},
};

/// The present and how times are shown.
#[derive(Debug, Clone)]
pub(in super::super) struct When {
    /// The present. UTC.
    pub now: Timestamp,
    /// Language.
    pub locale: Locale,
    /// Zone.
    pub zone: TimeZone,
}

impl When {
    pub fn new(now: Timestamp, settings: &Settings) -> Self {
        Self { now, locale: settings.locale, zone: settings.zone.clone() }
    }

    /// `14:05:09`, with the day when it is not today's.
    pub fn time(&self, at: Timestamp) -> String {
        let (local, today) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()).date());
        let format = if local.date() == today {
            "%H:%M:%S"
        } else if local.year() == today.year() {
            "%m-%d %H:%M"
        } else {
            "%Y-%m-%d %H:%M"
        };
        local.strftime(format).to_string()
    }

    /// `11月21日 星期六 14:05:09`.
    pub fn today_line(&self) -> String {
        let local = self.now.to_zoned(self.zone.clone());
        match self.locale {
            Locale::En => local.strftime("%A %-d %B %H:%M:%S").to_string(),
            Locale::ZhCn => {
                let day = weekday(local.weekday(), self.locale).trim_start_matches('周');
                format!("{} 星期{day} {}", local.strftime("%-m月%-d日"), local.strftime("%H:%M:%S"))
            }
        }
    }

    /// The beginning of a day that is written `2026-11-21`, or its end; `None` when it cannot be read.
    pub fn edge_of_day(&self, text: &str, end: bool) -> Option<Timestamp> {
        let day: Date = text.parse().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        Some(day.to_zoned(self.zone.clone()).ok()?.timestamp())
    }

    /// A span as it is spoken of: `45 秒`, `12 分钟`, `3 小时 5 分`, `2 天 4 小时`.
    pub fn span(&self, span: SignedDuration) -> String {
        let seconds = span.as_secs().max(0);
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        let pair = |whole: i64, (zh, en): (&str, &str), part: i64, (part_zh, part_en): (&str, &str)| {
            let whole = format!("{whole} {}", self.locale.pick(zh, en));
            if part == 0 { whole } else { format!("{whole} {part} {}", self.locale.pick(part_zh, part_en)) }
        };
        match seconds {
            ..60 => format!("{seconds} {}", self.locale.pick("秒", "s")),
            60..3_600 => format!("{minutes} {}", self.locale.pick("分钟", "min")),
            3_600..86_400 => pair(hours, ("小时", "h"), minutes % 60, ("分", "min")),
            _ => pair(days, ("天", "days"), hours % 24, ("小时", "h")),
        }
    }

    /// `11-21 周六 14:05`; the year where it is another.
    pub fn day_time(&self, at: Timestamp) -> String {
        let (local, now) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let day = if local.year() == now.year() { "%m-%d" } else { "%Y-%m-%d" };
        format!(
            "{} {} {}",
            local.strftime(day),
            weekday(local.weekday(), self.locale),
            local.strftime("%H:%M")
        )
    }

    /// `11-21 周六`.
    pub fn day(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        format!("{} {}", local.strftime("%m-%d"), weekday(local.weekday(), self.locale))
    }

    /// `2026年11月21日（星期六）14时05分`, as papers write it.
    pub fn in_full(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        match self.locale {
            Locale::En => local.strftime("%A %-d %B %Y, %H:%M").to_string(),
            Locale::ZhCn => format!(
                "{}（星期{}）{}",
                local.strftime("%Y年%-m月%-d日"),
                weekday(local.weekday(), self.locale).trim_start_matches('周'),
                local.strftime("%H时%M分")
            ),
        }
    }

    /// How long ago: `12 秒前`, `3 分钟前`, `2 小时前`, `5 天前`.
    pub fn ago(&self, at: Timestamp) -> String {
        let seconds = self.now.duration_since(at).as_secs().max(0);
        let (number, zh, en) = match seconds {
            ..60 => (seconds, "秒前", "s ago"),
            60..3_600 => (seconds / 60, "分钟前", "min ago"),
            3_600..86_400 => (seconds / 3_600, "小时前", "h ago"),
            _ => (seconds / 86_400, "天前", "days ago"),
        };
        format!("{number} {}", self.locale.pick(zh, en))
    }
}

/// A day of the week: `周六`.
pub(in super::super) const fn weekday(day: Weekday, locale: Locale) -> &'static str {
    match day {
        Weekday::Monday => locale.pick("周一", "Mon"),
        Weekday::Tuesday => locale.pick("周二", "Tue"),
        Weekday::Wednesday => locale.pick("周三", "Wed"),
        Weekday::Thursday => locale.pick("周四", "Thu"),
        Weekday::Friday => locale.pick("周五", "Fri"),
        Weekday::Saturday => locale.pick("周六", "Sat"),
        Weekday::Sunday => locale.pick("周日", "Sun"),
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
    pub fn clock(&self, deadline: &Deadline, label: String) -> Clock {
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
