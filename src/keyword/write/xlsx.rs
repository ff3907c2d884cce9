//! A list as an .xlsx: every cell is text, never a number or a formula, and says so when it is edited.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use super::{super::List, rows};

/// Widths of the columns, in characters.
const WIDTHS: [f64; 10] = [18.0, 26.0, 18.0, 18.0, 18.0, 10.0, 18.0, 8.0, 8.0, 8.0];
/// Longest cell, in characters: Excel's own bound.
const LONGEST: usize = 32_767;

/// Why a list cannot stand in a workbook.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// A cell would hold more than Excel lets it.
    #[error("第 {row} 行的一格超过 {LONGEST} 个字，Excel 放不下")]
    LongCell {
        /// Row from 1.
        row: usize,
    },
    /// The workbook could not be made.
    #[error("{0}")]
    Workbook(#[from] XlsxError),
}

/// The workbook of a list.
///
/// # Errors
/// That it does not fit into one.
pub fn xlsx(list: &List) -> Result<Vec<u8>, Unwritable> {
    let mut workbook = Workbook::new();
    // The same list gives the same bytes, whenever it is written.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let head = Format::new().set_bold().set_background_color("DDE6F3");
    // With the apostrophe's mark a word such as =1+1 stays text when somebody edits its cell.
    let text = Format::new().set_num_format("@").set_quote_prefix().set_text_wrap();
    let text = text.set_align(FormatAlign::Top);
    let sheet = workbook.add_worksheet();
    sheet.set_name("关键词")?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (title, width)) in (0_u16..).zip(rows::HEADER.iter().zip(WIDTHS)) {
        sheet.set_column_width(column, width)?;
        sheet.set_column_format(column, &text)?;
        sheet.write_string_with_format(0, column, *title, &head)?;
    }
    for (row, cells) in (1_u32..).zip(rows::rows(list)) {
        for (column, cell) in (0_u16..).zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
            if cell.len() > LONGEST && cell.chars().nth(LONGEST).is_some() {
                return Err(Unwritable::LongCell { row: usize::try_from(row).unwrap_or(0) + 1 });
            }
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    Ok(workbook.save_to_buffer()?)
}
