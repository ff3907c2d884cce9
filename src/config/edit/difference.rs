//! What differs between two texts, line by line, as a page shows it.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

/// Lines around a change that are shown with it.
const AROUND: usize = 3;
/// Lines that are shown at most.
const MOST_LINES: usize = 2_000;
/// How long the shortest way from one text to the other is looked for; then a longer one does.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a line is to the two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both.
    Both,
    /// In the older only.
    Old,
    /// In the newer only.
    New,
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which text it stands in.
    pub side: Side,
    /// Its number in the older text, from 1.
    pub old: Option<usize>,
    /// Its number in the newer text, from 1.
    pub new: Option<usize>,
    /// The line without its end.
    pub text: String,
}

/// What differs between two texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Places, each with lines around it.
    pub places: Vec<Vec<Line>>,
    /// Lines that only the newer has.
    pub added: usize,
    /// Lines that only the older has.
    pub removed: usize,
    /// Whether there are more lines than are shown.
    pub more: bool,
}

/// Compares two texts.
#[must_use]
pub fn difference(old: &str, new: &str) -> Difference {
    let mut options = TextDiff::configure();
    let diff = options.algorithm(Algorithm::Patience).timeout(PATIENCE).diff_lines(old, new);
    let mut found = Difference::default();
    let mut shown = 0;
    for group in diff.grouped_ops(AROUND) {
        let mut place = Vec::new();
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let side = match change.tag() {
                ChangeTag::Equal => Side::Both,
                ChangeTag::Delete => Side::Old,
                ChangeTag::Insert => Side::New,
            };
            found.added += usize::from(side == Side::New);
            found.removed += usize::from(side == Side::Old);
            if shown >= MOST_LINES {
                found.more = true;
                continue;
            }
            shown += 1;
            let number = |index: Option<usize>| index.map(|index| index + 1);
            place.push(Line {
                side,
                old: number(change.old_index()),
                new: number(change.new_index()),
                text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
            });
        }
        if !place.is_empty() {
            found.places.push(place);
        }
    }
    found
}
