//! Lines of dates with a name, as people write them: `2026-06-07 ~ 2026-06-10 高考`, `03-15 消费者权益日`. Sensitive
//! dates and holidays are read by the same rules.

use jiff::civil::Date;

use super::Day;

/// One line: its days, and the words after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    /// First day. Both ends are of one kind.
    pub(super) from: Day,
    /// Last day, included; not before the first when both have a year.
    pub(super) to: Day,
    /// What the days are called.
    pub(super) name: String,
    /// The words after the name.
    pub(super) rest: Vec<String>,
}

/// Reads a line.
///
/// # Errors
/// What is wrong with it, in Chinese.
pub(super) fn line(line: &str) -> Result<Dated, String> {
    // Full-width signs and Chinese dates are read as they are meant.
    // Only among the dates: 夏至 is a name.
    let of_dates = |c: char| c.is_ascii_digit() || " \t\u{3000}-/.年月日号~～至—－".contains(c);
    let name_at = line.find(|c| !of_dates(c)).unwrap_or(line.len());
    let (dates, rest) = line.split_at(name_at);
    let spaced = format!("{}{rest}", dates.replace(['~', '～', '至', '—', '－'], " ~ "));
    let mut words =
        spaced.split([' ', '\t', '\u{3000}', ',', '，']).filter(|word| !word.is_empty()).peekable();
    let from = day(words.next().ok_or("这一行没有日期")?)?;
    let to = match words.next_if_eq(&"~") {
        Some(_) => day(words.next().ok_or("“~”后面没有日期")?)?,
        None => from,
    };
    match (from, to) {
        (Day::Once(from), Day::Once(to)) if to < from => {
            return Err(format!("结束日期 {to} 早于开始日期 {from}"));
        }
        (Day::Once(_), Day::Yearly(..)) | (Day::Yearly(..), Day::Once(_)) => {
            return Err("两个日期要么都写年份，要么都不写".to_owned());
        }
        _ => {}
    }
    let name = words.next().ok_or("没有写名称")?.to_owned();
    Ok(Dated { from, to, name, rest: words.map(str::to_owned).collect() })
}

/// `2026-06-07`, `2026/6/7`, `2026年6月7日`, and the same without the year.
///
/// # Errors
/// What is wrong with it, in Chinese.
pub(super) fn day(word: &str) -> Result<Day, String> {
    let plain = word.replace(['年', '月', '/', '.'], "-").replace(['日', '号'], "");
    let numbers: Option<Vec<i16>> = plain.split('-').map(|part| part.parse().ok()).collect();
    let none = || format!("没有 {word} 这个日期");
    let small = |number: i16| i8::try_from(number).map_err(|_| none());
    match numbers.as_deref() {
        Some(&[year, month, day]) if year >= 1_900 => {
            Date::new(year, small(month)?, small(day)?).map(Day::Once).map_err(|_| none())
        }
        Some(&[month, day]) => {
            let (month, day) = (small(month)?, small(day)?);
            // 2024 has a 29 February.
            Date::new(2024, month, day).map(|_| Day::Yearly(month, day)).map_err(|_| none())
        }
        _ => Err(format!("看不懂的日期 {word}")),
    }
}
