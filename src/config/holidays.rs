//! `holidays.toml`: days off and the weekends that are worked for them (调休), one table a year, as the State
//! Council's General Office publishes them each November.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use jiff::{ToSpan, civil::Date};

use crate::{locale::Locale, model::Workdays};

use super::{
    Day, Fault, Folder, Warning,
    dated::{self, Dated},
    sheet::{Sheet, Spot, Table},
    shipped,
};

/// The file's name in the office's folder.
pub const FILE: &str = "holidays.toml";

/// How a line of `off` is written, as the mend of every fault.
const MEND: &str = "写成 \"2026-05-01 ~ 2026-05-05 劳动节\" 或 \"2026-01-01 元旦\"";
/// The longest holiday that is believed: days.
const LONGEST: usize = 15;

/// The holidays of an office: the years of its own file, and of the shipped one those that it lacks, so that a year is
/// added by writing that year alone.
///
/// # Errors
/// The faults of the file.
pub fn of(folder: &Folder) -> Result<(Workdays, Vec<Warning>), Vec<Fault>> {
    let own = folder.text(FILE).map_err(|fault| vec![fault])?;
    let shipped = shipped::file(FILE).unwrap_or_default();
    let (shipped, _) = read_text(&PathBuf::from(FILE), shipped)?;
    let Some(text) = own else { return Ok((shipped, Vec::new())) };
    let (own, warnings) = read_text(&folder.path(FILE), &text)?;
    Ok((with_lacking_years(own, shipped), warnings))
}

fn read_text(path: &Path, text: &str) -> Result<(Workdays, Vec<Warning>), Vec<Fault>> {
    let sheet = Sheet::new(path, text);
    let workdays = read(&sheet);
    let (faults, warnings) = sheet.into_findings();
    if faults.is_empty() { Ok((workdays, warnings)) } else { Err(faults) }
}

fn with_lacking_years(mut own: Workdays, shipped: Workdays) -> Workdays {
    let lacks = |date: &Date| !own.years.contains(&date.year());
    let off: Vec<_> = shipped.off.into_iter().filter(|(date, _)| lacks(date)).collect();
    let worked: Vec<Date> = shipped.worked.into_iter().filter(lacks).collect();
    own.off.extend(off);
    own.worked.extend(worked);
    own.years.extend(shipped.years);
    own
}

/// The year whose holidays should be known by `today` and are not: the present one, and from December on the next
/// one, whose days are published in November. Limits in working time would count its weekends only.
#[must_use]
pub fn missing_year(days: &Workdays, today: Date) -> Option<i16> {
    let next = (today.month() == 12).then(|| today.year().saturating_add(1));
    [Some(today.year()), next].into_iter().flatten().find(|year| !days.years.contains(year))
}

/// What is said of a missing year, to whoever can add it.
#[must_use]
pub fn missing_words(year: i16, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => {
            format!(
                "holidays.toml 没有 {year} 年的放假与调休安排，按工作时间算的时限和月报日期在 {year} 年只按周末计算"
            )
        }
        Locale::En => format!(
            "holidays.toml lacks the year {year}: limits in working time and dates of monthly reports know only its weekends"
        ),
    }
}

/// How it is mended.
#[must_use]
pub fn missing_mend(year: i16, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => format!(
            "照《国务院办公厅关于{year}年部分节假日安排的通知》，在本单位文件夹的 holidays.toml 里（没有就新建）加一张 \
             [[year]]: year = {year}，off = [\"{year}-01-01 元旦\", …]，work = [调休上班的日子]"
        ),
        Locale::En => format!(
            "add a [[year]] with year = {year}, off and work to holidays.toml in the office's folder, as the State Council's \
             yearly notice of holidays says"
        ),
    }
}

/// The warning of `check`.
#[must_use]
pub fn warning(folder: &Folder, year: i16) -> Warning {
    let (message, hint) = (missing_words(year, Locale::ZhCn), missing_mend(year, Locale::ZhCn));
    Warning(Fault::of_file(&folder.path(FILE), message, Some(hint)))
}

/// Reads the file; faults go to the sheet, and what was read is to be used only when there are none.
#[must_use]
pub fn read(sheet: &Sheet<'_>) -> Workdays {
    let read = sheet.read(|top| {
        let mut days = Workdays::default();
        for table in top.tables("year") {
            year(&table, &mut days);
            table.finish();
        }
        days
    });
    read.unwrap_or_default()
}

fn year(table: &Table<'_>, days: &mut Workdays) {
    let sheet = table.sheet();
    let _ = table.text("source");
    let Some(year) = table.whole("year", 2_000..=2_200) else {
        if !table.has("year") {
            sheet.fault(table.span(), "[[year]] 缺少 year", "加一行 year = 2026");
        }
        return;
    };
    let number = i16::try_from(*year.get_ref()).unwrap_or_default();
    if !days.years.insert(number) {
        sheet.fault(year.span(), format!("{number} 年写了两次"), "合成一张 [[year]]");
    }
    for line in table.texts("off") {
        let (from, to, name) = match off(&line) {
            Ok(days) => days,
            Err(why) => {
                sheet.fault(line.span(), format!("放假日期 \"{}\": {why}", line.get_ref()), MEND);
                continue;
            }
        };
        let span: Vec<Date> = from.series(1.day()).take_while(|day| *day <= to).take(LONGEST + 1).collect();
        if span.len() > LONGEST {
            let message = format!("\"{}\" 的起止日期不对", line.get_ref());
            sheet.fault(line.span(), message, format!("最长 {LONGEST} 天；{MEND}"));
            continue;
        }
        for day in span {
            in_year(table, day, number, &line.span());
            days.off.insert(day, name.clone());
        }
    }
    for line in table.texts("work") {
        let Ok(Day::Once(day)) = dated::day(line.get_ref()) else {
            let message = format!("看不懂的上班日期 \"{}\"", line.get_ref());
            sheet.fault(line.span(), message, "写成 \"2026-02-14\"");
            continue;
        };
        in_year(table, day, number, &line.span());
        if days.off.contains_key(&day) {
            sheet.fault(line.span(), format!("{day} 既放假又上班"), "从 off 或 work 里删去一个");
        }
        days.worked.insert(day);
    }
}

fn in_year(table: &Table<'_>, day: Date, year: i16, span: &Range<usize>) {
    if day.year() != year {
        let message = format!("{day} 不在 {year} 年");
        table.sheet().fault(span.clone(), message, "改日期，或写到那一年的 [[year]] 里");
    }
}

/// `日期 ~ 日期 名称` or `日期 名称`, of one year and with one word for a name.
fn off(line: &Spot<String>) -> Result<(Date, Date, String), String> {
    let Dated { from, to, name, rest } = dated::line(line.get_ref())?;
    match (from, to) {
        (Day::Once(from), Day::Once(to)) if rest.is_empty() => Ok((from, to, name)),
        (Day::Once(_), _) => Err(format!("名称后面多了 {}", rest.join(" "))),
        _ => Err("没有写年份".to_owned()),
    }
}
