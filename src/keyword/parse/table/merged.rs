//! Merged cells: what stands in the first one holds for all of them.

use std::collections::HashMap;

/// Columns that merged areas are followed in.
const MOST_COLUMNS: u32 = 64;

/// Where an area begins and how far down it goes, seen from one of its columns.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: u32,
    last: u32,
    /// The column in which the area begins.
    column: u32,
}

/// The merged areas of a sheet, by column.
#[derive(Debug, Default)]
pub(super) struct Merged {
    columns: HashMap<u32, Vec<Span>>,
}

impl Merged {
    /// From areas as first row, first column, last row, last column, all from 1.
    pub(super) fn new(areas: impl Iterator<Item = [u32; 4]>) -> Self {
        let mut columns: HashMap<u32, Vec<Span>> = HashMap::new();
        for [first, left, last, right] in areas {
            for column in left..=right.min(MOST_COLUMNS) {
                columns.entry(column).or_default().push(Span { first, last, column: left });
            }
        }
        for spans in columns.values_mut() {
            spans.sort_by_key(|span| span.first);
        }
        Self { columns }
    }

    /// The first cell of the area that a cell belongs to: row and column.
    pub(super) fn origin(&self, row: u32, column: u32) -> Option<(u32, u32)> {
        let spans = self.columns.get(&column)?;
        // Areas do not overlap, so the last one that begins at or above the row is the only candidate.
        let after = spans.partition_point(|span| span.first <= row);
        let span = spans.get(after.checked_sub(1)?)?;
        (row <= span.last).then_some((span.first, span.column))
    }
}
