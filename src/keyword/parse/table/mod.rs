//! Keyword tables: the list as people keep it in Excel or WPS, saved as .xlsx or .csv.
//!
//! A table has one of two shapes, told sheet by sheet. With a header row that names 关键词 (and, in any
//! order, 组别, 必须含, 排除 and so on) each row is a rule: see [`headed`]. Without one it may have a single
//! column, whose cells are the very lines of the text form. A file of either kind becomes [`Sheet`]s
//! first ([`mod@csv`], [`mod@xlsx`]), so that neither shape knows where its cells came from.

mod csv;
mod headed;
mod header;
mod merged;
mod parcel;
mod split;
mod value;
mod xlsx;

use std::sync::Arc;

use super::super::{Cell, LineFault};
use super::line::{Complaint, Spot};
use super::{Reader, of_file, text_of};
use header::{Found, Header};
use merged::Merged;
use value::Value;

/// Rows above the header that may hold a title.
const TITLE_ROWS: usize = 10;
/// Names of sheets that explain the table rather than belong to it.
const EXPLAINING: [&str; 8] = ["说明", "须知", "要求", "示例", "样例", "字典", "readme", "更新记录"];

/// One sheet: its cells that are not empty.
#[derive(Debug, Default)]
struct Sheet {
    /// Name of the sheet; none in a .csv.
    name: Option<Arc<str>>,
    /// Its place in the workbook, from 1; 0 in a .csv.
    number: u32,
    /// Rows that have a cell, in order.
    rows: Vec<Row>,
    merged: Merged,
}

#[derive(Debug)]
struct Row {
    /// Row from 1, as Excel counts.
    number: u32,
    /// Column from 1 and what stands there, in order; empty cells left out.
    cells: Vec<(u32, Value)>,
}

impl Sheet {
    fn spot(&self, row: u32, column: u32) -> Spot {
        Spot::cell(Cell { sheet: self.name.clone(), sheet_number: self.number, row, column })
    }

    fn explains(&self) -> bool {
        let name = self.name.as_deref().unwrap_or_default().to_lowercase();
        EXPLAINING.iter().any(|word| name.contains(word))
    }
}

impl Row {
    fn at(&self, column: u32) -> Option<&Value> {
        self.cells.iter().find(|(of, _)| *of == column).map(|(_, value)| value)
    }

    fn is_comment(&self) -> bool {
        self.cells.first().is_some_and(|(_, value)| {
            let text = value.text.as_str();
            let topic = text.len() > 1 && text.ends_with(['#', '＃']);
            value.is_plain() && text.starts_with(['#', '＃']) && !topic
        })
    }

    /// Its cells in one line, as far as messages show it.
    fn shown(&self) -> String {
        let cells = self.cells.iter().take(10).map(|(_, value)| super::shown(&value.text));
        cells.collect::<Vec<_>>().join(" | ")
    }
}

/// How a sheet is to be read.
enum Shape<'s> {
    Empty,
    Headed(Header, &'s [Row]),
    /// Lines of the text form in one column, several to a cell when `split`.
    Lines {
        rows: &'s [Row],
        split: bool,
    },
    /// Several columns, and nothing says what they are: the first row that has two.
    Unheaded(&'s Row),
    /// A header without the one column that must be there.
    NoKeywords(&'s Row),
}

/// Reads a .csv of any Windows encoding.
pub(super) fn csv(reader: &mut Reader, bytes: &[u8]) {
    match csv::sheet(reader, &text_of(bytes)) {
        Ok(sheet) => read(reader, &[sheet]),
        Err(fault) => reader.faults.push(fault),
    }
}

/// Reads an .xlsx.
pub(super) fn xlsx(reader: &mut Reader, bytes: &[u8]) {
    match xlsx::sheets(reader, bytes) {
        Ok(sheets) => read(reader, &sheets),
        Err(fault) => reader.faults.push(fault),
    }
}

fn read(reader: &mut Reader, sheets: &[Sheet]) {
    let shapes: Vec<Shape<'_>> = sheets.iter().map(shape).collect();
    let any_headed = shapes.iter().any(|shape| matches!(shape, Shape::Headed(..)));
    let several = shapes.iter().filter(|shape| !matches!(shape, Shape::Empty)).count() > 1;
    for (sheet, shape) in sheets.iter().zip(shapes) {
        match shape {
            Shape::Empty => {}
            Shape::Headed(header, rows) => headed::read(reader, sheet, &header, rows),
            Shape::Lines { .. } | Shape::Unheaded(_) if several && sheet.explains() => {
                reader.warn(&sheet.spot(0, 0), "", "这个工作表是说明，没有表头，没有当作关键词读");
            }
            Shape::Lines { rows, split } if split || !any_headed => lines(reader, sheet, rows, split),
            Shape::Lines { rows, .. } => rows.iter().take(1).for_each(|row| refuse(reader, sheet, row)),
            Shape::Unheaded(row) => refuse(reader, sheet, row),
            Shape::NoKeywords(row) => {
                let complaint =
                    Complaint::new("表头里没有“关键词”这一列", "把写关键词的那一列的表头改成“关键词”");
                reader.complain(&sheet.spot(row.number, 0), &row.shown(), complaint);
            }
        }
    }
}

fn refuse(reader: &mut Reader, sheet: &Sheet, row: &Row) {
    let complaint = if row.cells.len() > 1 {
        Complaint::new(
            "没有表头，不知道各列是什么",
            "第一行写表头，如 组别、关键词、必须含、排除；只写关键词时只用一列，一行一个词",
        )
    } else {
        Complaint::new(
            "这个工作表没有表头，而别的工作表有，不知道它是不是关键词",
            "第一行写表头（至少要有“关键词”）；不是关键词的，把工作表改名为“说明”，或隐藏、删去",
        )
    };
    reader.complain(&sheet.spot(row.number, 0), &row.shown(), complaint);
}

fn shape(sheet: &Sheet) -> Shape<'_> {
    let rows = sheet.rows.as_slice();
    if rows.is_empty() {
        return Shape::Empty;
    }
    for (at, row) in rows.iter().enumerate().take(TITLE_ROWS) {
        let below = rows.get(at + 1..).unwrap_or_default();
        match header::find(row) {
            // One word alone is a header only at the very top; elsewhere it may be a keyword.
            Found::Header(header) if header.is_single() => {
                let top = rows.iter().take(at).all(Row::is_comment);
                if top && row.cells.len() == 1 && below.iter().all(|row| in_one_column(row, header.first())) {
                    return Shape::Lines { rows: below, split: true };
                }
                if top && row.cells.len() > 1 {
                    return Shape::Headed(header, below);
                }
            }
            Found::Header(header) => return Shape::Headed(header, below),
            Found::WithoutKeywords => return Shape::NoKeywords(row),
            Found::Nothing => {}
        }
        // Above a header there may be a title, which is one cell, and lines of explanation.
        if row.cells.len() > 1 && !row.is_comment() {
            break;
        }
    }
    let column = rows.iter().find_map(|row| row.cells.first()).map_or(1, |(column, _)| *column);
    match rows.iter().find(|row| !in_one_column(row, column)) {
        Some(row) => Shape::Unheaded(row),
        None => Shape::Lines { rows, split: false },
    }
}

fn in_one_column(row: &Row, column: u32) -> bool {
    row.is_comment() || row.cells.iter().all(|(of, _)| *of == column)
}

/// Lines of the text form. An empty row is an empty line; a cell of several lines is several.
fn lines(reader: &mut Reader, sheet: &Sheet, rows: &[Row], split: bool) {
    let mut last = rows.first().map_or(0, |row| row.number);
    reader.end_paragraph();
    reader.in_filter = false;
    for row in rows {
        if reader.is_full() {
            return;
        }
        if row.number > last + 1 {
            reader.end_paragraph();
        }
        last = row.number;
        let Some((column, value)) = row.cells.first() else { continue };
        let spot = sheet.spot(row.number, *column);
        if !value.check(reader, &spot) {
            continue;
        }
        let pieces = if split { split::words(&value.text) } else { value.text.split('\n').collect() };
        for piece in pieces {
            if reader.is_full() {
                return;
            }
            reader.take(&spot, piece);
        }
    }
    reader.end_paragraph();
    reader.in_filter = false;
}

/// A fault of a whole sheet's cell, for readers that have no rows yet.
fn of_row(row: u32, text: &str, message: &str, hint: &str) -> LineFault {
    let cell = Cell { sheet: None, sheet_number: 0, row, column: 0 };
    let fault = of_file(message, hint);
    LineFault { line: row, text: super::shown(text), cell: Some(cell), ..fault }
}
