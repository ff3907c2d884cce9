//! What differs between two contents, as the templates show it.

use serde::Serialize;

use crate::{
    config::edit::{
        difference::{Difference, Line, Side},
        text,
    },
    keyword,
};

/// Characters of a line that are shown.
const MOST_CHARS: usize = 300;

/// What differs.
#[derive(Debug, Serialize)]
pub(in super::super) struct Changes {
    added: usize,
    removed: usize,
    more: bool,
    places: Vec<Vec<ChangedLine>>,
}

#[derive(Debug, Serialize)]
struct ChangedLine {
    /// `+`, `-` or a space: a change is not told by colour alone.
    sign: &'static str,
    class: &'static str,
    old: Option<usize>,
    new: Option<usize>,
    text: String,
}

impl Changes {
    pub fn of(found: &Difference) -> Self {
        let line = |line: &Line| {
            let (sign, class) = match line.side {
                Side::Both => (" ", "both"),
                Side::Old => ("-", "old"),
                Side::New => ("+", "new"),
            };
            let text = line.text.chars().take(MOST_CHARS).map(|c| if c.is_control() { ' ' } else { c });
            ChangedLine { sign, class, old: line.old, new: line.new, text: text.collect() }
        };
        let places = found.places.iter().map(|place| place.iter().map(line).collect());
        let Difference { added, removed, more, .. } = *found;
        Self { added, removed, more, places: places.collect() }
    }
}

/// A content as text: a workbook as the lines that its rules would be.
pub(in super::super) fn as_text(name: &str, content: &[u8]) -> String {
    if !content.starts_with(b"PK") {
        return text::read(content).0;
    }
    keyword::parse("", name, content).map(|list| keyword::write::lines(&list)).unwrap_or_default()
}
