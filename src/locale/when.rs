//! Instants and spans as people read them: in the office's zone, with the weekday, short where the day is clear.

use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};

use super::Locale;

/// The present and how times are shown.
#[derive(Debug, Clone)]
pub struct When {
    /// The present. UTC.
    pub now: Timestamp,
    /// Language.
    pub locale: Locale,
    /// Zone.
    pub zone: TimeZone,
}

impl When {
    /// `14:05:09`, with the day when it is not today's.
    #[must_use]
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

    /// `2026年11月21日`.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> String {
        let format = self.locale.pick("%Y年%-m月%-d日", "%-d %B %Y");
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    /// `2026-11-21 14:05`: what is read long afterwards.
    #[must_use]
    pub fn stamp(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `11月21日 星期六 14:05:09`.
    #[must_use]
    pub fn today_line(&self) -> String {
        let local = self.now.to_zoned(self.zone.clone());
        match self.locale {
            Locale::En => local.strftime("%A %-d %B %H:%M:%S").to_string(),
            Locale::ZhCn => {
                format!(
                    "{} 星期{} {}",
                    local.strftime("%-m月%-d日"),
                    weekday(local.weekday(), self.locale).trim_start_matches('周'),
                    local.strftime("%H:%M:%S")
                )
            }
        }
    }

    /// A span as it is spoken of: `45 秒`, `12 分钟`, `3 小时 5 分`, `2 天 4 小时`.
    #[must_use]
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
    #[must_use]
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
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        format!("{} {}", local.strftime("%m-%d"), weekday(local.weekday(), self.locale))
    }

    /// `2026年11月21日（星期六）14时05分`, as papers write it.
    #[must_use]
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
    #[must_use]
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
#[must_use]
pub const fn weekday(day: Weekday, locale: Locale) -> &'static str {
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
