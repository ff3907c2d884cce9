//! A keyword file after checking.

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
    /// What may go wrong, in Chinese.
    pub message: String,
}

/// What one rule looks for.
#[derive(Debug, Clone)]
pub enum Words {
    /// A word, matched on folded text with gaps.
    Word {
        /// As the office wrote it, without mark and note.
        word: String,
        /// Folded.
        folded: String,
    },
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

/// A paragraph.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Display name: `[组别名]`, else its words.
    pub name: String,
    /// Line of its first rule, from 1.
    pub line: u32,
    /// Any of these hits.
    pub any: Vec<Rule>,
    /// All of these must also occur.
    pub required: Vec<Rule>,
    /// None of these may occur.
    pub excluded: Vec<Rule>,
    /// `至少: 重大`, as written.
    pub at_least: Option<String>,
    /// `通知: 总值班室`.
    pub notify: Vec<String>,
    /// `检索: 是`.
    pub search: bool,
    /// `谐音: 是`.
    pub homophones: bool,
    /// `@N`, which drops nothing.
    pub display_cap: Option<u32>,
}

/// One keyword file, checked.
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
