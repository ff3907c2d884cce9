//! Tables for a table program: typed cells, a frozen head, names of columns in the office's language.

use jiff::{Timestamp, civil::DateTime};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::{view::When, visit::Visit};

/// The kind of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What a row has in one column.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Text(String),
    Number(Option<u64>),
    Time(Option<Timestamp>),
}

/// How cells look.
pub(super) struct Formats {
    head: Format,
    time: Format,
    count: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            head: Format::new().set_bold().set_background_color(0x00DB_E5F3).set_text_wrap(),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            count: Format::new().set_num_format("#,##0"),
        }
    }
}

/// An instant as a cell has it: local, to the second.
pub(super) fn local(at: Timestamp, when: &When) -> DateTime {
    at.to_zoned(when.zone.clone()).datetime().round(jiff::Unit::Second).unwrap_or_default()
}

/// How a file is offered: a name in Chinese with the day, and a plain one for old browsers.
pub(super) fn named(room: &Visit, (zh, en): (&str, &str), extension: &str) -> String {
    let day = room.now().to_zoned(room.settings().zone.clone()).strftime("%Y%m%d").to_string();
    let name: String =
        url::form_urlencoded::byte_serialize(format!("{zh}-{day}.{extension}").as_bytes()).collect();
    format!("attachment; filename=\"{en}-{day}.{extension}\"; filename*=UTF-8''{name}")
}

/// Writes the names of columns into a row.
pub(super) fn put_head(
    sheet: &mut Worksheet,
    row: u32,
    columns: &[(&str, &str, f64)],
    when: &When,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, (zh, en, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(row, column, when.locale.pick(zh, en), &formats.head)?;
    }
    Ok(())
}

/// Writes one row.
pub(super) fn put(
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
            Cell::Time(Some(at)) => {
                sheet.write_datetime_with_format(row, column, local(*at, when), &formats.time)?;
            }
            // Always a text, whatever it begins with.
            Cell::Text(text) if !text.is_empty() => {
                sheet.write_string(row, column, text)?;
            }
            Cell::Text(_) | Cell::Number(None) | Cell::Time(None) => {}
        }
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a cell of a table program holds no more")]
fn float(number: u64) -> f64 {
    number as f64
}
