//! `sensitive-dates.txt`: the office's sensitive dates (敏感日期), one a line, as people write them:
//!
//! ```text
//! 2026-06-07 ~ 2026-06-10 高考 青川县教育局
//! 03-15 消费者权益日
//! ```
//!
//! A day or two with `~` (or 至) between them, a name, and the units that it concerns; without a unit all
//! of them. Without a year it comes back every year. `#` begins a comment. Any encoding that a keyword list
//! may have is read. The file stands alone: a broken one keeps its own last good state.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    config::{Calendar, Day, Fault, Folder, SensitiveSpan, source::Source},
    model::Unit,
    text::decode_office_file,
};

use super::{Findings, tables::Tables};

/// The file's name in the office's folder.
pub(super) const FILE: &str = "sensitive-dates.txt";

/// How a line is written, as the mend of every fault.
const MEND: &str =
    "写成 \"2026-06-07 ~ 2026-06-10 高考 单位名称\" 或每年都有的 \"03-15 消费者权益日\"；单位可以不写";

/// Reads the file; of one that is wrong the `last_good` is kept. No file has no dates.
pub(super) fn read(
    folder: &Folder,
    tables: &Tables,
    last_good: Option<&Arc<Calendar>>,
    findings: &mut Findings,
) -> Arc<Calendar> {
    let bytes = match folder.bytes(FILE) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Arc::default(),
        Err(fault) => {
            findings.faults.push(fault);
            return last_good.cloned().unwrap_or_default();
        }
    };
    let text = decode_office_file(&bytes).text;
    let mut calendar = Calendar::default();
    let mut faults = Vec::new();
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match span(line, &tables.units) {
            Ok(span) => calendar.spans.push(span),
            Err((message, hint)) => {
                faults.push(Fault::on_line(&folder.path(FILE), &text, nth + 1, message, Some(hint)));
            }
        }
    }
    if faults.is_empty() {
        return Arc::new(calendar);
    }
    findings.faults.extend(faults);
    last_good.cloned().unwrap_or_default()
}

/// Gives every source the dates and the zone in which its days begin.
pub(super) fn attend(sources: &mut [Source], calendar: &Arc<Calendar>, zone: &jiff::tz::TimeZone) {
    for source in sources {
        source.attention.calendar = Arc::clone(calendar);
        source.attention.zone = zone.clone();
    }
}

type Wrong = (String, String);

fn wrong(message: impl Into<String>) -> Wrong {
    (message.into(), MEND.to_owned())
}

fn span(line: &str, units: &[Unit]) -> Result<SensitiveSpan, Wrong> {
    // Full-width signs and Chinese dates are read as they are meant.
    // Only among the dates: 夏至 is a name.
    let of_dates = |c: char| c.is_ascii_digit() || " \t\u{3000}-/.年月日号~～至—－".contains(c);
    let name_at = line.find(|c| !of_dates(c)).unwrap_or(line.len());
    let (dates, rest) = line.split_at(name_at);
    let spaced = format!("{}{rest}", dates.replace(['~', '～', '至', '—', '－'], " ~ "));
    let mut words: Vec<&str> =
        spaced.split([' ', '\t', '\u{3000}', ',', '，']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Err(wrong("这一行没有日期"));
    }
    let from = day(words.remove(0))?;
    let mut to = from;
    if words.first() == Some(&"~") {
        words.remove(0);
        if words.is_empty() {
            return Err(wrong("“~”后面没有日期"));
        }
        to = day(words.remove(0))?;
    }
    match (from, to) {
        (Day::Once(from), Day::Once(to)) if to < from => {
            return Err(wrong(format!("结束日期 {to} 早于开始日期 {from}")));
        }
        (Day::Once(_), Day::Yearly(..)) | (Day::Yearly(..), Day::Once(_)) => {
            return Err(wrong("两个日期要么都写年份，要么都不写"));
        }
        _ => {}
    }
    if words.is_empty() {
        return Err(wrong("没有写名称"));
    }
    let name = words.remove(0).to_owned();
    let known = |word: &str| {
        units.iter().find(|unit| unit.name == word || unit.aliases.iter().any(|one| one == word))
    };
    let units = words
        .iter()
        .map(|word| {
            known(word).map(|unit| unit.name.clone()).ok_or_else(|| {
                let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
                (format!("没有单位 {word}"), format!("名称里不要有空格；单位写已有的: {}", names.join("、")))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SensitiveSpan { from, to, name, units })
}

/// `2026-06-07`, `2026/6/7`, `2026年6月7日`, and the same without the year.
fn day(word: &str) -> Result<Day, Wrong> {
    let plain = word.replace(['年', '月', '/', '.'], "-").replace(['日', '号'], "");
    let numbers: Option<Vec<i16>> = plain.split('-').map(|part| part.parse().ok()).collect();
    let none = || wrong(format!("没有 {word} 这个日期"));
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
        _ => Err(wrong(format!("看不懂的日期 {word}"))),
    }
}
