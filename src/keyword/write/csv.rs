//! A list as a .csv that Chinese Excel opens: UTF-8 with a byte order mark, lines ending in CR LF.

use std::borrow::Cow;

use ::csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{super::List, rows};
use crate::text::inert;

/// The .csv of a list. A cell that a program would take for a formula gets an apostrophe before it, which the reader of
/// tables takes off again.
#[must_use]
pub fn csv(list: &List) -> String {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    let header = rows::HEADER.map(str::to_owned);
    for cells in std::iter::once(header).chain(rows::rows(list)) {
        let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| inert(cell)).collect();
        // Writing to memory does not fail.
        let _ = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    format!("\u{FEFF}{}", String::from_utf8_lossy(&bytes))
}
