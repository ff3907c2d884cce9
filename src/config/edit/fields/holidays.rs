//! The years of `holidays.toml` as a form shows and changes them: days off and weekends that are worked for them, one by
//! one.

use std::collections::BTreeSet;

use toml_edit::{Array, Item, Table, TableLike, Value, value};

use super::{FieldError, insert_text, parse, push, seen, tables, texts};
use crate::config::{holidays, shipped};

/// The key of the file's tables.
const TABLE: &str = "year";

/// Which of the two lists of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// 放假.
    Off,
    /// 调休上班.
    Work,
}

impl Days {
    const fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Work => "work",
        }
    }
}

/// A year as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearFields {
    /// Which.
    pub year: i64,
    /// Lines of days off.
    pub off: Vec<String>,
    /// Weekends that are worked.
    pub work: Vec<String>,
    /// Whether the office's own file writes it; else it is the shipped one.
    pub own: bool,
}

/// The years in force: those of the text, and of the shipped file those that it lacks, the latest first.
///
/// # Errors
/// [`FieldError::Broken`].
pub fn all(text: &str) -> Result<Vec<YearFields>, FieldError> {
    let mut years = written(text, true)?;
    let shipped = written(shipped::file(holidays::FILE).unwrap_or_default(), false)?;
    let own: BTreeSet<i64> = years.iter().map(|one| one.year).collect();
    years.extend(shipped.into_iter().filter(|one| !own.contains(&one.year)));
    years.sort_by_key(|one| std::cmp::Reverse(one.year));
    Ok(years)
}

fn written(text: &str, own: bool) -> Result<Vec<YearFields>, FieldError> {
    let document = parse(text)?;
    let year = |table: &Table| {
        let year = number(table)?;
        Some(YearFields { year, off: texts(table, "off"), work: texts(table, "work"), own })
    };
    Ok(seen(&document, TABLE).into_iter().filter_map(year).collect())
}

fn number(table: &dyn TableLike) -> Option<i64> {
    table.get("year").and_then(Item::as_integer)
}

/// The text with one line more in a list, at its place by date. A year that only the shipped file writes is written out
/// first: a year of the office's own stands instead of the shipped one, whole.
///
/// # Errors
/// The line is there already.
pub fn add_day(text: &str, year: i64, which: Days, line: &str) -> Result<String, FieldError> {
    change(text, year, which, |days| {
        if days.iter().any(|one| one.as_str() == Some(line)) {
            return Err(FieldError::There(line.to_owned()));
        }
        let at = days.iter().filter_map(Value::as_str).take_while(|one| *one < line).count();
        insert_text(days, at, line);
        Ok(())
    })
}

/// The text without a line of a list.
///
/// # Errors
/// It is gone already.
pub fn remove_day(text: &str, year: i64, which: Days, line: &str) -> Result<String, FieldError> {
    change(text, year, which, |days| {
        let at = days.iter().position(|one| one.as_str().map(str::trim) == Some(line));
        days.remove(at.ok_or_else(|| FieldError::Gone(line.to_owned()))?);
        Ok(())
    })
}

fn change(
    text: &str,
    year: i64,
    which: Days,
    change: impl FnOnce(&mut Array) -> Result<(), FieldError>,
) -> Result<String, FieldError> {
    let mut document = parse(text)?;
    let tables = tables(document.as_table_mut(), TABLE)?;
    if !tables.iter().any(|table| number(table) == Some(year)) {
        push(tables, begun(year)?);
    }
    let table = tables.iter_mut().find(|table| number(*table) == Some(year));
    let table = table.ok_or_else(|| FieldError::Gone(year.to_string()))?;
    let list = table.entry(which.key()).or_insert_with(|| value(Array::new()));
    let list = list.as_array_mut().ok_or_else(|| FieldError::Shape(format!("{} ", which.key())))?;
    change(list)?;
    Ok(document.to_string())
}

/// A new table of a year: the shipped one's lines, else empty lists.
fn begun(year: i64) -> Result<Table, FieldError> {
    let document = parse(shipped::file(holidays::FILE).unwrap_or_default())?;
    let shipped = seen(&document, TABLE).into_iter().find(|table| number(*table) == Some(year));
    let mut table = shipped.cloned().unwrap_or_default();
    table.set_position(None);
    table.insert("year", value(year));
    for which in [Days::Off, Days::Work] {
        table.entry(which.key()).or_insert_with(|| value(Array::new()));
    }
    Ok(table)
}
