//! A keyword file after checking: groups of rules, and what to say of the lines that are wrong.

use std::{cmp::Ordering, fmt, ops::Range, sync::Arc};

use super::{pattern::Pattern, topic::Topic};
use crate::model::ContentKind;

/// A cell of a keyword table (.xlsx, .csv), as the office's program counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Name of the sheet; none in a .csv.
    pub sheet: Option<Arc<str>>,
    /// The sheet's place in the workbook, from 1; 0 in a .csv.
    pub sheet_number: u32,
    /// Row from 1; 0 when the whole sheet is meant.
    pub row: u32,
    /// Column from 1 (A); 0 when the whole row is meant.
    pub column: u32,
}

impl Cell {
    /// The letters over the column, such as `B` or `AA`; empty for a whole row.
    #[must_use]
    pub fn letters(&self) -> String {
        let mut letters = Vec::new();
        let mut rest = self.column;
        while let Some(left) = rest.checked_sub(1) {
            letters.push(char::from_u32(u32::from(b'A') + left % 26).unwrap_or('A'));
            rest = left / 26;
        }
        letters.iter().rev().collect()
    }

    /// The address within the sheet, such as `B3`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}{}", self.letters(), self.row)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "工作表“{sheet}”")?;
        }
        if self.row > 0 {
            write!(f, "第 {} 行", self.row)?;
        }
        if self.column > 0 {
            write!(f, " {} 列", self.letters())?;
        }
        Ok(())
    }
}

/// A line or a cell in words: `第 3 行`, `工作表“名单”第 3 行 B 列`.
fn place_in_words(line: u32, cell: Option<&Cell>) -> String {
    cell.map_or_else(|| format!("第 {line} 行"), ToString::to_string)
}

/// Order of places in a file.
fn by_place(a: (u32, Option<&Cell>), b: (u32, Option<&Cell>)) -> Ordering {
    let key = |(line, cell): (u32, Option<&Cell>)| {
        cell.map_or((0, line, 0), |cell| (cell.sheet_number, line, cell.column))
    };
    key(a).cmp(&key(b))
}

/// A line that cannot be used. All faults of a file are told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Line from 1; 0 when the fault is the whole file's.
    pub line: u32,
    /// The line itself; empty for the whole file.
    pub text: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to write instead, in Chinese.
    pub hint: String,
    /// Where in the line, in characters; `None` for the whole line or cell.
    pub within: Option<Range<usize>>,
    /// The cell, when the file is a table; `line` is then its row.
    pub cell: Option<Cell>,
}

impl LineFault {
    /// Where it stands, in words; empty for the whole file.
    #[must_use]
    pub fn place(&self) -> String {
        place_or_nothing(self.line, self.cell.as_ref())
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        by_place((self.line, self.cell.as_ref()), (other.line, other.cell.as_ref()))
    }
}

/// The place of a line or a cell in words; empty for the whole file.
fn place_or_nothing(line: u32, cell: Option<&Cell>) -> String {
    if line == 0 && cell.is_none() { String::new() } else { place_in_words(line, cell) }
}

/// Something that works but is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line from 1; 0 when the whole file is meant.
    pub line: u32,
    /// The line itself.
    pub text: String,
    /// What may go wrong and what to do about it, in Chinese.
    pub message: String,
    /// The cell, when the file is a table; `line` is then its row.
    pub cell: Option<Cell>,
}

impl Warning {
    /// Where it stands, in words; empty for the whole file.
    #[must_use]
    pub fn place(&self) -> String {
        place_or_nothing(self.line, self.cell.as_ref())
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        by_place((self.line, self.cell.as_ref()), (other.line, other.cell.as_ref()))
    }
}

/// What one rule looks for.
#[derive(Debug, Clone)]
pub enum Words {
    /// A word, matched on folded text and through gaps (SEMANTICS 27).
    Word {
        /// As the office wrote it, without mark and note.
        word: String,
        /// Folded; never empty.
        folded: String,
    },
    /// `/regex/`, matched on the folded text and on the original, without regard to case.
    Pattern(Pattern),
}

/// One line of a group.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Line in the file, from 1; in a table the row.
    pub line: u32,
    /// The cell, when the file is a table.
    pub cell: Option<Cell>,
    /// The line as the office wrote it, trimmed; in a table the word with its column's mark.
    pub written: String,
    /// Display name after `=>`.
    pub note: Option<String>,
    /// What it looks for.
    pub words: Words,
    /// An excluded word that holds a word of its own group (`!城市医院` beside `市医院`): it takes back the
    /// hits that it covers and nothing else. Any other excluded word takes back the whole group.
    pub covers: bool,
}

impl Rule {
    /// Where it stands, in words.
    #[must_use]
    pub fn place(&self) -> String {
        place_in_words(self.line, self.cell.as_ref())
    }

    /// What to call it: its note, else its word, else the line.
    #[must_use]
    pub fn display_name(&self) -> &str {
        match (&self.note, &self.words) {
            (Some(note), _) => note,
            (None, Words::Word { word, .. }) => word,
            (None, Words::Pattern(_)) => &self.written,
        }
    }
}

/// A paragraph of the file. It is met when any of `any` occurs, all of `required` do, and none of
/// `excluded`; without `any`, `required` alone decide.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Display name: `[组别名]`, else its words.
    pub name: String,
    /// Line of its first rule, from 1.
    pub line: u32,
    /// Plain words and patterns.
    pub any: Vec<Rule>,
    /// `+词`.
    pub required: Vec<Rule>,
    /// `!词`.
    pub excluded: Vec<Rule>,
    /// `至少: 重大`: a tier's name or id, as written (SEMANTICS 17).
    pub at_least: Option<String>,
    /// `通知: 总值班室`: contacts told at once whatever the tier (SEMANTICS 17).
    pub notify: Vec<String>,
    /// `检索: 是`: put into `{keyword}` of search sources.
    pub search: bool,
    /// `谐音: 是`: its words are found by their sound and in parts too, marked as less certain.
    pub homophones: bool,
    /// `类别: 诉求`: the kind of content that a hit proposes (SEMANTICS 17).
    pub kind: Option<ContentKind>,
    /// `@N`: a display cap, which never drops a hit.
    pub display_cap: Option<u32>,
    /// Where `至少:` and `通知:` stand, for whoever checks their names against the plan and the contacts.
    pub named_at: Vec<NamedAt>,
}

/// Where a group names a tier or a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAt {
    /// The tier or the contact.
    pub name: String,
    /// Line, or row of a table.
    pub line: u32,
    /// The line or the cell itself.
    pub text: String,
    /// The cell, when the file is a table.
    pub cell: Option<Cell>,
}

/// One keyword file, checked. Holds at least one group.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Name of the unit whose list it is.
    pub unit: String,
    /// The file as it was named.
    pub file: String,
    /// The topic watch that it belongs to; `None` for a list that is always in force.
    pub topic: Option<std::sync::Arc<Topic>>,
    /// Groups in order.
    pub groups: Vec<Group>,
    /// Words of `[GLOBAL_FILTER]`: a text that holds one meets no rule of this list.
    pub filters: Vec<Rule>,
    /// What is probably not meant.
    pub warnings: Vec<Warning>,
}
