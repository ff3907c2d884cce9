//! Times written for people: with or without year, 今天 and 昨天, weekdays, English months.

use std::sync::LazyLock;

use jiff::{Span as Calendar, civil};
use regex::{Captures, Regex};

use super::{Seen, Span, clock, relative};
use crate::model::Precision;

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a valid pattern"));
    };
}

pattern!(
    WITH_YEAR,
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>1[0-2]|0?[1-9])(?:\s*[-/.月]\s*(?P<day>3[01]|[12]\d|0?[1-9])(?:\s*[日号])?|\s*月)?"
);
pattern!(COMPACT, r"^(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?P<time>\d{6})?$");
pattern!(
    WITHOUT_YEAR,
    r"(?P<month>1[0-2]|0?[1-9])\s*(?:-|/|月)\s*(?P<day>3[01]|[12]\d|0?[1-9])(?:\s*[日号])?"
);
pattern!(
    ENGLISH,
    r"\b(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+)?(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?,?(?:[\s-]+(?P<day2>\d{1,2})(?:st|nd|rd|th)?\b)?(?:,?[\s-]+(?P<year>\d{4})\b)?"
);
pattern!(
    DAY,
    r"(?P<now>刚刚|刚才|方才|just now|moments? ago|^now$)|(?P<later>明[天日早晚]|后天|tomorrow)|(?P<days>大前天|前[天日]|昨[天日晚夜]|今[天日早晚晨夜]|yesterday|today)"
);
pattern!(
    WEEKDAY,
    r"(?P<last>上个?)?(?:本|这)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])|\b(?P<english>mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"
);

/// Reads a folded text. The first form that applies decides, even when its date turns out impossible:
/// `2099-05-03` must not be read as the third of May.
pub(super) fn read(text: &str, seen: &Seen<'_>) -> Option<Span> {
    // A month's name with its day and year leaves nothing to find: in `21 November 2026 - 11:15` the digits after the
    // year are a time, not a month.
    let named = ENGLISH.captures(text);
    if let Some(found) = &named
        && found.name("year").is_some()
        && (found.name("day").is_some() || found.name("day2").is_some())
    {
        return english(text, found, seen);
    }
    if let Some(found) = WITH_YEAR.captures(text) {
        return with_year(text, &found, seen);
    }
    if let Some(found) = COMPACT.captures(text) {
        return compact(&found, seen);
    }
    if let Some(found) = &named {
        return english(text, found, seen);
    }
    if let Some(found) = WITHOUT_YEAR.captures(text)
        && stands_alone(text, &found)
    {
        return without_year(text, &found, seen);
    }
    if let Some(found) = DAY.captures(text) {
        return named_day(text, &found, seen);
    }
    if let Some(span) = relative::read(text, seen) {
        return Some(span);
    }
    if let Some(found) = WEEKDAY.captures(text) {
        return weekday(text, &found, seen);
    }
    time_only(text, seen)
}

fn part<T: std::str::FromStr>(found: &Captures<'_>, name: &str) -> Option<T> {
    found.name(name)?.as_str().parse().ok()
}

/// What stands after a match.
fn after<'t>(text: &'t str, found: &Captures<'_>) -> &'t str {
    found.get(0).and_then(|all| text.get(all.end()..)).unwrap_or_default()
}

/// Whether the digits of a match are not part of a longer number or of an age such as "3-5天前".
fn stands_alone(text: &str, found: &Captures<'_>) -> bool {
    let before = found.get(0).and_then(|all| text.get(..all.start())).unwrap_or_default();
    let rest = after(text, found);
    let mut next = rest.chars();
    let joined = match next.next() {
        Some('天' | '小' | '分' | '个' | '秒' | '周' | '%') => true,
        Some('/' | '.') => next.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) if c.is_ascii_digit() || c == '-' => clock::read(rest, "").is_none(),
        _ => false,
    };
    !joined && !before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '/' | '+'))
}

fn with_year(text: &str, found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    if !stands_alone(text, found) {
        return None;
    }
    let (year, month) = (part(found, "year")?, part(found, "month")?);
    match part(found, "day") {
        Some(day) => dated(civil::Date::new(year, month, day).ok()?, after(text, found), seen),
        // `2026 - 14:25` and `2026-1:30` are no months.
        None if after(text, found).starts_with(|c: char| c.is_ascii_digit() || c == ':') => None,
        None => {
            let first = civil::Date::new(year, month, 1).ok()?;
            Span::days(first, first.last_of_month(), Precision::Month, seen)
        }
    }
}

/// A day, to the second when a time follows it.
fn dated(date: civil::Date, rest: &str, seen: &Seen<'_>) -> Option<Span> {
    match clock::read(rest, "") {
        Some(clock) => clock.on(date, seen),
        None => Span::day(date, seen),
    }
}

fn compact(found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    let date = civil::Date::new(part(found, "year")?, part(found, "month")?, part(found, "day")?).ok()?;
    let Some(time) = part::<u32>(found, "time") else { return Span::day(date, seen) };
    let two = |number: u32| i8::try_from(number % 100).ok();
    let time = civil::Time::new(two(time / 10_000)?, two(time / 100)?, two(time)?, 0).ok()?;
    Some(Span::instant(seen.instant(date.to_datetime(time))?, Precision::Second))
}

fn english(text: &str, found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = found.name("month")?.as_str().get(..3)?;
    let month = i8::try_from(MONTHS.iter().position(|m| *m == name)? + 1).ok()?;
    let rest = after(text, found);
    match (part(found, "day").or_else(|| part(found, "day2")), part(found, "year")) {
        (Some(day), Some(year)) => dated(civil::Date::new(year, month, day).ok()?, rest, seen),
        (Some(day), None) => latest_year(month, day, rest, seen),
        (None, Some(year)) => {
            let first = civil::Date::new(year, month, 1).ok()?;
            Span::days(first, first.last_of_month(), Precision::Month, seen)
        }
        (None, None) => None,
    }
}

fn without_year(text: &str, found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    latest_year(part(found, "month")?, part(found, "day")?, after(text, found), seen)
}

/// The latest such day that is not after now; the 29th of February may lie eight years back.
fn latest_year(month: i8, day: i8, rest: &str, seen: &Seen<'_>) -> Option<Span> {
    let this_year = seen.today().year();
    (0..=8)
        // Near new year a source to the east may already write tomorrow's date: look one year ahead.
        .map(|back| this_year + 1 - back)
        .filter_map(|year| civil::Date::new(year, month, day).ok())
        .filter_map(|date| dated(date, rest, seen))
        .find(|span| seen.has_come(span.earliest))
}

fn named_day(text: &str, found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    if found.name("now").is_some() {
        return Some(Span::instant(seen.now, Precision::Minute));
    }
    let word = found.name("days")?.as_str();
    let back = match word.chars().next()? {
        '大' => 3,
        '前' => 2,
        '昨' | 'y' => 1,
        _ => 0,
    };
    let date = seen.today().checked_sub(Calendar::new().days(back)).ok()?;
    let hint = word.get(word.char_indices().next_back()?.0..)?;
    match clock::read(after(text, found), hint) {
        Some(clock) => clock.on(date, seen),
        None => Span::day(date, seen),
    }
}

/// A bare weekday is the last one before today: today's would be called 今天.
fn weekday(text: &str, found: &Captures<'_>, seen: &Seen<'_>) -> Option<Span> {
    let at = match (found.name("day"), found.name("english")) {
        (Some(day), _) => match day.as_str() {
            "天" => 6,
            day => "一二三四五六日".chars().position(|c| day.starts_with(c))?,
        },
        (None, Some(day)) => {
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|d| *d == day.as_str())?
        }
        (None, None) => return None,
    };
    let at = i64::try_from(at).ok()?;
    let today = seen.today();
    let today_at = i64::from(today.weekday().to_monday_zero_offset());
    let back = if found.name("last").is_some() {
        today_at + 7 - at
    } else {
        (today_at - at).rem_euclid(7) + if today_at == at { 7 } else { 0 }
    };
    dated(today.checked_sub(Calendar::new().days(back)).ok()?, after(text, found), seen)
}

/// `08:15` alone: today's, or yesterday's when that has not come yet.
fn time_only(text: &str, seen: &Seen<'_>) -> Option<Span> {
    let clock = clock::read(text, "")?;
    if !text.get(clock.length..)?.trim().is_empty() {
        return None;
    }
    let today = seen.today();
    let span = clock.on(today, seen)?;
    if seen.has_come(span.earliest) { Some(span) } else { clock.on(today.yesterday().ok()?, seen) }
}
