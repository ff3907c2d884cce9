//! A keyword file after checking: groups of rules, and what to say of the lines that are wrong.

use super::pattern::Pattern;

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
}

/// Something that works but is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line from 1.
    pub line: u32,
    /// The line itself.
    pub text: String,
    /// What may go wrong and what to do about it, in Chinese.
    pub message: String,
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
    /// Line in the file, from 1.
    pub line: u32,
    /// The line as the office wrote it, trimmed.
    pub written: String,
    /// Display name after `=>`.
    pub note: Option<String>,
    /// What it looks for.
    pub words: Words,
}

impl Rule {
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
    /// `@N`: a display cap, which never drops a hit.
    pub display_cap: Option<u32>,
}

/// One keyword file, checked. Holds at least one group.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Name of the unit whose list it is.
    pub unit: String,
    /// The file as it was named.
    pub file: String,
    /// Groups in order.
    pub groups: Vec<Group>,
    /// Words of `[GLOBAL_FILTER]`: a text that holds one meets no rule of this list.
    pub filters: Vec<Rule>,
    /// What is probably not meant.
    pub warnings: Vec<Warning>,
}
