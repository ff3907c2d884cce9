//! Ages: `3分钟前`, `半小时前`, `1小时30分钟前`, `3天前 12:30`, `2 days ago`.

use std::sync::LazyLock;

use jiff::{SignedDuration, Span as Calendar, civil};
use regex::Regex;

use super::{Seen, Span, clock};
use crate::model::Precision;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of dates")]
static PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?P<number>\d+|半|几|数|[一两二三四五六七八九十]+|\ban?\b|\ba few\b)\s*(?P<half>个半)?个?\s*(?P<unit>秒|分钟|分|刻钟|小时|钟头|天|日|周|星期|礼拜|月|年|(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|mos?|years?|yrs?|[smhdwy])\b)钟?",
    )
    .expect("a valid pattern")
});

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of dates")]
static PAST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:之前|以前|前|ago\b)").expect("a valid pattern"));

/// An age, in the units in which it was told.
#[derive(Default)]
struct Age {
    months: i64,
    days: i64,
    seconds: i64,
    precision: Option<Precision>,
}

/// Reads an age anywhere in `text` (folded). Without 前 or "ago" it must be the whole text.
pub(super) fn read(text: &str, seen: &Seen<'_>) -> Option<Span> {
    let mut age = Age::default();
    let mut rest = text;
    let mut whole = true;
    while let Some(found) = PART.captures(rest) {
        let place = found.get(0)?;
        let before = rest.get(..place.start())?;
        if age.precision.is_some() && !before.trim().is_empty() {
            break;
        }
        whole &= before.trim().is_empty();
        // The tail of a decimal or of a signed number is no age.
        if before.ends_with(['.', '-', '+', '/', ':']) {
            return None;
        }
        let number = number(found.name("number")?.as_str())?;
        let halves = number * 2 + i64::from(found.name("half").is_some());
        let unit = found.name("unit")?.as_str();
        age.add(halves, unit)?;
        // 21日 and 3月 alone are dates without the rest, not ages.
        whole &= unit != "日" && (unit != "月" || found.get(0)?.as_str().contains('个'));
        rest = rest.get(place.end()..)?;
    }
    match PAST.find(rest) {
        Some(past) => age.before(rest.get(past.end()..)?, seen),
        None if whole && rest.trim().is_empty() => age.before("", seen),
        None => None,
    }
}

fn number(text: &str) -> Option<Number> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().filter(|&n| n < 1_000_000).map(Number::Whole);
    }
    Some(match text {
        "半" => Number::Half,
        // 几 is three or more; the least gives the latest instant.
        "几" | "数" | "a few" => Number::Whole(3),
        "a" | "an" => Number::Whole(1),
        numeral => Number::Whole(chinese(numeral)?),
    })
}

/// How many of a unit; ages are counted in halves so that 半 stays exact.
#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Half,
}

impl std::ops::Mul<i64> for Number {
    type Output = i64;

    fn mul(self, by: i64) -> i64 {
        match self {
            Self::Whole(n) => n * by,
            Self::Half => by / 2,
        }
    }
}

/// Numerals up to 99: 三, 十二, 二十五.
fn chinese(numeral: &str) -> Option<i64> {
    let digit = |c: char| "一二三四五六七八九".chars().position(|d| d == if c == '两' { '二' } else { c });
    let digit = |c: char| digit(c).and_then(|at| i64::try_from(at + 1).ok());
    match numeral.chars().collect::<Vec<_>>().as_slice() {
        ['十'] => Some(10),
        ['十', ones] => Some(10 + digit(*ones)?),
        [tens, '十'] => Some(digit(*tens)? * 10),
        [tens, '十', ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        [ones] => digit(*ones),
        _ => None,
    }
}

impl Age {
    /// Adds so many halves of a unit.
    fn add(&mut self, halves: i64, unit: &str) -> Option<()> {
        let precision = match unit {
            "秒" => self.seconds(halves, 1, Precision::Second),
            "分钟" | "分" => self.seconds(halves, 60, Precision::Minute),
            "刻钟" => self.seconds(halves, 900, Precision::Minute),
            "小时" | "钟头" => self.seconds(halves, 3_600, Precision::Hour),
            "天" | "日" => self.days(halves, 1, Precision::Day),
            "周" | "星期" | "礼拜" => self.days(halves, 7, Precision::Month),
            "月" => self.months(halves, 1),
            "年" => self.months(halves, 12),
            english => match english.get(..2).unwrap_or(english) {
                "s" | "se" => self.seconds(halves, 1, Precision::Second),
                "m" | "mi" => self.seconds(halves, 60, Precision::Minute),
                "h" | "ho" | "hr" => self.seconds(halves, 3_600, Precision::Hour),
                "d" | "da" => self.days(halves, 1, Precision::Day),
                "w" | "we" => self.days(halves, 7, Precision::Month),
                "mo" => self.months(halves, 1),
                "y" | "ye" | "yr" => self.months(halves, 12),
                _ => return None,
            },
        };
        self.precision = Some(precision);
        Some(())
    }

    const fn seconds(&mut self, halves: i64, unit: i64, precision: Precision) -> Precision {
        self.seconds += halves * unit / 2;
        precision
    }

    const fn days(&mut self, halves: i64, unit: i64, precision: Precision) -> Precision {
        self.days += halves * unit / 2;
        if halves * unit % 2 == 0 {
            return precision;
        }
        self.seconds += 43_200;
        Precision::Hour
    }

    const fn months(&mut self, halves: i64, unit: i64) -> Precision {
        self.months += halves * unit / 2;
        self.days += if halves * unit % 2 == 0 { 0 } else { 15 };
        Precision::Month
    }

    /// The span that lies so far before now. Sites count whole days by the calendar, so an age in days
    /// allows all of that day; a time of day may follow.
    fn before(&self, rest: &str, seen: &Seen<'_>) -> Option<Span> {
        let precision = self.precision?;
        let back = SignedDuration::from_secs(self.seconds);
        if self.days == 0 && self.months == 0 {
            return Some(Span::instant(seen.now.checked_sub(back).ok()?, precision));
        }
        let calendar = Calendar::new().try_months(self.months).ok()?.try_days(self.days).ok()?;
        if self.seconds > 0 {
            let then = seen.now.to_zoned(seen.zone.clone()).checked_sub(calendar).ok()?;
            return Some(Span::instant(then.timestamp().checked_sub(back).ok()?, precision));
        }
        let date: civil::Date = seen.today().checked_sub(calendar).ok()?;
        match clock::read(rest, "") {
            Some(clock) if precision == Precision::Day => clock.on(date, seen),
            _ => Span::days(date, date, precision, seen),
        }
    }
}
