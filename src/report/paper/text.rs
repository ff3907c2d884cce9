//! A paper as plain text, for a terminal or a chat.

use super::{
    Paper,
    markup::{Block, Words, plain},
};

/// Its lines.
#[must_use]
pub fn text(paper: &Paper) -> String {
    let mut out = String::new();
    for block in &paper.blocks {
        let row = |cells: &[Words]| cells.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join("  |  ");
        match block {
            Block::Head(words) | Block::Title(words) => out.push_str(&format!("{}\n", plain(words))),
            Block::Line(cells) => out.push_str(&format!("{}\n\n", row(cells))),
            Block::Heading(words) => out.push_str(&format!("\n{}\n", plain(words))),
            Block::Lead(heading, words) => {
                out.push_str(&format!("\n{}\n{}\n", plain(heading), plain(words)));
            }
            Block::Text(words) => out.push_str(&format!("{}\n", plain(words))),
            Block::Quote(words) => out.push_str(&format!("  > {}\n", plain(words))),
            Block::Item(words) => out.push_str(&format!("  - {}\n", plain(words))),
            Block::Table { head, rows } => {
                for cells in std::iter::once(head).chain(rows) {
                    out.push_str(&format!("  {}\n", row(cells)));
                }
            }
            Block::Form(fields) => {
                for (field, value) in fields {
                    out.push_str(&format!("  {}: {}\n", plain(field), plain(value)));
                }
            }
            Block::Drawing(name) => {
                if let Some(chart) = paper.drawing(name) {
                    let line = format!("  [{} {}: {} – {}]\n", chart.title, chart.last, chart.from, chart.to);
                    out.push_str(&line);
                }
            }
            Block::Signs(cells) => out.push_str(&format!("\n{}\n", row(cells))),
        }
    }
    out
}
