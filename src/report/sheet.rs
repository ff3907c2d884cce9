//! Tables for a table program: typed cells, a frozen head, names of columns in the office's language. What comes from
//! outside is always a text, and stays one when somebody edits its cell.

use std::borrow::Cow;

use jiff::{Timestamp, civil::DateTime};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::{locale::When, text::inert};

/// Characters of a cell at most, as a table program counts them (in UTF-16; its own limit).
const LONGEST: usize = 32_767;

/// Columns: name in Chinese and English, width in characters.
pub(crate) type Columns = [(&'static str, &'static str, f64)];

/// What a row has in one column.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Text(String),
    Number(Option<u64>),
    Time(Option<Timestamp>),
}

impl Cell {
    pub(crate) fn count(count: usize) -> Self {
        Self::Number(u64::try_from(count).ok())
    }
}

/// How cells look.
pub(crate) struct Formats {
    head: Format,
    time: Format,
    count: Format,
    quoted: Format,
    title: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            head: Format::new().set_bold().set_background_color(0x00DB_E5F3).set_text_wrap(),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            count: Format::new().set_num_format("#,##0"),
            quoted: Format::new().set_quote_prefix(),
            title: Format::new().set_bold().set_font_size(14.0),
        }
    }
}

/// An instant as a cell has it: local, to the second.
pub(crate) fn local(at: Timestamp, when: &When) -> DateTime {
    at.to_zoned(when.zone.clone()).datetime().round(jiff::Unit::Second).unwrap_or_default()
}

/// Writes the names of columns into a row, and how wide they are.
pub(crate) fn put_head(
    sheet: &mut Worksheet,
    row: u32,
    columns: &Columns,
    when: &When,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, (_, _, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
    }
    put_names(sheet, row, columns, when, formats)
}

/// Writes the names of columns into a row of a sheet whose columns have their width.
pub(crate) fn put_names(
    sheet: &mut Worksheet,
    row: u32,
    columns: &Columns,
    when: &When,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, (zh, en, _)) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(row, column, when.locale.pick(zh, en), &formats.head)?;
    }
    Ok(())
}

/// Writes what a sheet is about.
pub(crate) fn put_title(
    sheet: &mut Worksheet,
    row: u32,
    title: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, 0, fitting(title), &formats.title).map(|_| ())
}

/// Writes one row.
pub(crate) fn put(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[Cell],
    when: &When,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, cell) in (0_u16..).zip(cells) {
        match cell {
            // A number of an incident is read as it stands elsewhere, without a comma.
            Cell::Number(Some(number)) if column == 0 => {
                sheet.write_number(row, column, float(*number))?;
            }
            Cell::Number(Some(number)) => {
                sheet.write_number_with_format(row, column, float(*number), &formats.count)?;
            }
            Cell::Time(Some(at)) => put_time(sheet, row, column, local(*at, when), formats)?,
            Cell::Text(text) if !text.is_empty() => put_text(sheet, row, column, text, formats)?,
            Cell::Text(_) | Cell::Number(None) | Cell::Time(None) => {}
        }
    }
    Ok(())
}

/// Days of a table program begin with 1900; what is older stands there in words.
fn put_time(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    at: DateTime,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match at.year() {
        1900.. => sheet.write_datetime_with_format(row, column, at, &formats.time)?,
        _ => sheet.write_string(row, column, at.strftime("%Y-%m-%d %H:%M:%S").to_string())?,
    };
    Ok(())
}

/// Always a text, whatever it begins with. One that would be computed when somebody types it is marked as typed text,
/// so that opening its cell and leaving it again changes nothing.
fn put_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match inert(text) {
        Cow::Borrowed(_) => sheet.write_string(row, column, fitting(text))?,
        Cow::Owned(_) => sheet.write_string_with_format(row, column, fitting(text), &formats.quoted)?,
    };
    Ok(())
}

/// As much of a text as a cell takes, with an ellipsis where it was cut.
fn fitting(text: &str) -> Cow<'_, str> {
    if text.encode_utf16().count() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let mut short: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units < LONGEST
        })
        .collect();
    short.push('…');
    Cow::Owned(short)
}

#[expect(clippy::cast_precision_loss, reason = "a cell of a table program holds no more")]
fn float(number: u64) -> f64 {
    number as f64
}
