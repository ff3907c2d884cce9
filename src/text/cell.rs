//! Text in a cell of a table that goes out of the house.

use std::borrow::Cow;

/// A text that no spreadsheet program takes for a formula: one that begins with `=`, `+`, `-`, `@` (of either width), a
/// tab or a line end gets an apostrophe before it, as people write it in Excel. For .csv, where a cell has no type; a
/// typed cell of a workbook needs none.
#[must_use]
pub fn inert(text: &str) -> Cow<'_, str> {
    let dangerous = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let first = text.trim_start_matches([' ', '\u{3000}', '\u{feff}']);
    if first.starts_with(dangerous) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}
