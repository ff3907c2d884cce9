//! Counters as sites write them for people: `1.2万`, `1,234`, `10w+`, `3.5k`, `阅读 100万+`.
//!
//! What cannot be read for sure is unknown, never zero (SEMANTICS 9): two numbers in one text, a
//! negative one, a malformed grouping, a time or a date.

use std::sync::LazyLock;

use regex::Regex;

use super::fold;
use crate::model::{Count, Exactness};

/// Greatest number taken for a counter. The busiest topics of the country stand near 10^12 reads.
const GREATEST: u128 = 10_000_000_000_000;
/// Longest text that can still be a counter with its label, in characters.
const LONGEST: usize = 64;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of counts")]
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<before>[^\d]*?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<fraction>\d+))?(?:\s*(?P<unit>万亿|千万|百万|十万|亿|万|千|百|[wkmb](?:[^a-z\d]|$)))?(?P<after>[^\d]*)$",
    )
    .expect("a valid pattern")
});

/// Reads a shown number. Every digit shown is exact, a shortened one (`1.2万`) is about, a bound
/// (`10万+`, `超10万`) is at least. `None` is unknown.
#[must_use]
pub fn parse_count(text: &str) -> Option<Count> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let folded = fold(text).text;
    let parts = COUNT.captures(folded.trim())?;
    let part = |name: &str| parts.name(name).map_or("", |found| found.as_str());
    let (before, unit, after) = (part("before"), part("unit"), part("after"));
    // The letter units are matched with the character that ends them, which belongs to what follows.
    let (unit, rest) = split_unit(unit);
    let after = format!("{rest}{after}");
    if is_something_else(before, &after) {
        return None;
    }
    let value = scaled(part("whole"), part("fraction"), magnitude(unit))?;
    let exactness = if is_bound(before, &after) {
        Exactness::AtLeast
    } else if unit.is_empty() && !is_rounded(before, &after) {
        Exactness::Exact
    } else {
        Exactness::About
    };
    Some(Count { value, exactness })
}

fn split_unit(unit: &str) -> (&str, &str) {
    let first = unit.chars().next().filter(char::is_ascii_lowercase);
    first.and_then(|c| unit.split_at_checked(c.len_utf8())).unwrap_or((unit, ""))
}

fn magnitude(unit: &str) -> u128 {
    match unit {
        "百" => 100,
        "千" | "k" => 1_000,
        "万" | "w" => 10_000,
        "十万" => 100_000,
        "百万" | "m" => 1_000_000,
        "千万" => 10_000_000,
        "亿" => 100_000_000,
        "b" => 1_000_000_000,
        "万亿" => 1_000_000_000_000,
        _ => 1,
    }
}

/// Exact decimal arithmetic; what is left below one is cut. A plain number has no fraction but `.0`.
fn scaled(whole: &str, fraction: &str, unit: u128) -> Option<u64> {
    let fraction = fraction.trim_end_matches('0');
    if unit == 1 && !fraction.is_empty() {
        return None;
    }
    let digits: String = whole.chars().filter(char::is_ascii_digit).chain(fraction.chars()).collect();
    if digits.len() > 30 {
        return None;
    }
    let divisor = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let value = digits.parse::<u128>().ok()?.checked_mul(unit)?.checked_div(divisor)?;
    if value > GREATEST { None } else { u64::try_from(value).ok() }
}

/// Signs that the number is negative, a share, a clock time, a price, a floor, an age, a word's part.
fn is_something_else(before: &str, after: &str) -> bool {
    let near_before = before.trim_end().chars().next_back();
    let near_after = after.trim_start().chars().next();
    near_before.is_some_and(|c| {
        matches!(c, '-' | '\u{2212}' | '–' | '—' | '.' | ',' | '/' | '%' | '$' | '¥' | '€' | '@' | '第')
            || (c.is_ascii_alphabetic() && before.ends_with(c))
    }) || near_after.is_some_and(|c| {
        matches!(c, '%' | '‰' | '/' | '\\' | '°' | '年' | '月' | '日' | '天' | '时' | '秒' | '周' | '岁')
            || (matches!(c, ',' | '.' | '-' | ':') && !after.trim_start_matches(c).trim().is_empty())
            || (c.is_ascii_alphabetic() && after.starts_with(c))
    }) || ["分钟", "小时", "个月", "星期", "楼", "元", "点钟"]
        .iter()
        .any(|unit| after.trim_start().starts_with(unit))
}

fn is_bound(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim_end(), after.trim_start());
    ["+", "多", "余", "以上"].iter().any(|mark| after.starts_with(mark))
        || ["超", "超过", "逾", ">", ">=", "≥", "突破", "破", "不少于", "至少", "over", "more than"]
            .iter()
            .any(|mark| before.ends_with(mark))
}

fn is_rounded(before: &str, after: &str) -> bool {
    let before = before.trim_end();
    ["约", "近", "~", "≈", "about"].iter().any(|mark| before.ends_with(mark))
        || after.trim_start().starts_with("左右")
}
