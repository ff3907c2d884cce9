//! An .xlsx to its sheets, cell by cell: a sheet that claims a million rows costs only what is in it.

use std::{fmt::Display, io::Cursor, panic::AssertUnwindSafe};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::super::super::LineFault;
use super::super::{Reader, of_file};
use super::merged::Merged;
use super::value::Value;
use super::{Row, Sheet, parcel};

/// Most sheets of a workbook.
const MOST_SHEETS: usize = 100;
/// Rows of a sheet, as Excel has them.
const MOST_ROWS: u32 = 1_048_576;
/// Columns of a sheet, as Excel has them.
const MOST_COLUMNS: u32 = 16_384;
/// Most cells of a workbook that are not empty.
const MOST_CELLS: usize = 1_000_000;
/// Most bytes of their texts: a text that is stored once may stand in every cell.
const MOST_TEXT: usize = 64 << 20;
/// Longest name of a sheet, in characters, as Excel allows it.
const LONGEST_NAME: usize = 31;

/// Reads the visible sheets; hidden ones are told to `reader`.
pub(super) fn sheets(reader: &mut Reader, bytes: &[u8]) -> Result<Vec<Sheet>, LineFault> {
    parcel::check(bytes)?;
    // The reader of workbooks is not ours and gives up on some wrong addresses by panicking; the reader of
    // lists only gains warnings meanwhile.
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| read(reader, bytes)));
    read.unwrap_or_else(|_| Err(unreadable(&"address")))
}

fn read(reader: &mut Reader, bytes: &[u8]) -> Result<Vec<Sheet>, LineFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let known = book.sheets_metadata().to_vec();
    if known.len() > MOST_SHEETS {
        return Err(of_file(format!("工作表超过 {MOST_SHEETS} 个"), "只留下写关键词的工作表"));
    }
    let mut left = Left { cells: MOST_CELLS, text: MOST_TEXT };
    let mut sheets = Vec::new();
    for (number, known) in (1u32..).zip(known) {
        if known.typ != SheetType::WorkSheet {
            continue;
        }
        let mut sheet = Sheet {
            name: Some(known.name.chars().take(LONGEST_NAME).collect::<String>().into()),
            number,
            ..Sheet::default()
        };
        if known.visible != SheetVisible::Visible {
            reader.warn(&sheet.spot(0, 0), "", "这个工作表是隐藏的，没有读；要用它，取消隐藏后保存");
            continue;
        }
        sheet.merged = merged(&mut book, &known.name).map_err(|error| unreadable(&error))?;
        sheet.rows = rows(&mut book, &known.name, &mut left)?;
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// What may still be read of a workbook.
struct Left {
    cells: usize,
    text: usize,
}

impl Left {
    fn take(&mut self, bytes: usize) -> Result<(), LineFault> {
        let left = self.cells.checked_sub(1).zip(self.text.checked_sub(bytes));
        let Some((cells, text)) = left else {
            return Err(of_file(
                "表格里的内容太多，不像关键词名单",
                "请分成几个文件，删去与关键词无关的内容",
            ));
        };
        *self = Self { cells, text };
        Ok(())
    }
}

fn unreadable(error: &impl Display) -> LineFault {
    let message = format!("工作簿读不了，里面有不合规定的内容（{error}）");
    of_file(message, "用 Excel 或 WPS 打开，“另存为”一个新的 .xlsx")
}

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

fn merged(book: &mut Book<'_>, name: &str) -> Result<Merged, XlsxError> {
    let areas = book.merge_cells_by_sheet_name(name)?;
    Ok(Merged::new(
        areas
            .into_iter()
            .map(|area| [area.start.0, area.start.1, area.end.0, area.end.1].map(|at| at.saturating_add(1))),
    ))
}

fn rows(book: &mut Book<'_>, name: &str, left: &mut Left) -> Result<Vec<Row>, LineFault> {
    let mut found: Vec<(u32, u32, Value)> = Vec::new();
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| unreadable(&error))?;
    while let Some(cell) = cells.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        let Some(value) = value_of(cell.get_value(), left)? else { continue };
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(unreadable(&"address"));
        }
        found.push((row.saturating_add(1), column.saturating_add(1), value));
    }
    // Cells stand in order in every program's files; nothing says that they must.
    found.sort_by_key(|(row, column, _)| (*row, *column));
    let mut rows: Vec<Row> = Vec::new();
    for (number, column, value) in found {
        match rows.last_mut() {
            Some(row) if row.number == number => row.cells.push((column, value)),
            _ => rows.push(Row { number, cells: vec![(column, value)] }),
        }
    }
    Ok(rows)
}

fn value_of(data: &DataRef<'_>, left: &mut Left) -> Result<Option<Value>, LineFault> {
    let bytes = match data {
        DataRef::Empty => return Ok(None),
        DataRef::String(text) => text.len(),
        DataRef::SharedString(text) => text.len(),
        _ => 0,
    };
    left.take(bytes)?;
    Ok(match data {
        DataRef::Empty => None,
        DataRef::String(text) => Value::text(text),
        DataRef::SharedString(text) => Value::text(text),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds a float; larger ones are refused")]
        DataRef::Int(number) => Some(Value::number(*number as f64)),
        DataRef::Float(number) => Some(Value::number(*number)),
        DataRef::Bool(yes) => Value::text(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(date) => Some(Value::date(date_in_words(date))),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(Value::date(text.clone())),
        DataRef::Error(error) => Some(Value::error(error.to_string())),
    })
}

fn date_in_words(date: &calamine::ExcelDateTime) -> String {
    // What Excel can show: years 1900 to 9999.
    if date.is_duration() || !(0.0..2_958_466.0).contains(&date.as_f64()) {
        return date.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year}-{month:02}-{day:02}")
    } else {
        format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}")
    }
}
