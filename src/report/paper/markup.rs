//! The markup of a paper's text: one line is one block, told by its first character, so that an office can rewrite a
//! paper in Notepad.
//!
//! | line | block |
//! |---|---|
//! | `! 某某县文件` | red head (红头) |
//! | `# …` | title |
//! | `= … \| …` | line under the title: number, unit, date |
//! | `## …` | heading; `## … \| …` one whose words go on behind it on its line |
//! | `> …` | words that are quoted |
//! | `- …` | item of a list |
//! | `\| … \| … \|` | row of a table; the first one is its head |
//! | `: … \| …` | field of a form and what stands in it; empty is left for the pen |
//! | `@ name` | a drawing |
//! | `~ … \| …` | places to sign |
//! | anything else | a paragraph |
//!
//! `**…**` is bold. A backslash takes the meaning from the character behind it; what comes from outside is escaped
//! ([`escaped`]) wherever a text lets it in, so that a post can never become a heading.

use crate::text::clean_char;

/// Words of one weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// Whether they are bold.
    pub bold: bool,
}

/// Words in spans.
pub type Words = Vec<Span>;

/// A piece of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The red head.
    Head(Words),
    /// The title.
    Title(Words),
    /// What stands under it, side by side.
    Line(Vec<Words>),
    /// A heading.
    Heading(Words),
    /// A heading whose words go on behind it.
    Lead(Words, Words),
    /// A paragraph.
    Text(Words),
    /// A quotation.
    Quote(Words),
    /// An item of a list.
    Item(Words),
    /// A table: its head and its rows, each as wide as the head.
    Table {
        /// What its columns are.
        head: Vec<Words>,
        /// What stands in them.
        rows: Vec<Vec<Words>>,
    },
    /// A form: fields with what stands in them.
    Form(Vec<(Words, Words)>),
    /// A drawing, by name.
    Drawing(String),
    /// Places to sign, side by side.
    Signs(Vec<Words>),
}

/// Blocks of one paper at most; what comes after them is left out and said so by [`parse`].
pub const MOST_BLOCKS: usize = 20_000;
/// Columns of a table at most.
const MOST_COLUMNS: usize = 24;

const MEANT: [char; 11] = ['\\', '*', '|', '!', '#', '=', '>', '-', ':', '@', '~'];

/// Text in which no character means anything: without line ends and marks of direction, and with a backslash before each
/// character that could mean something.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter_map(clean_char) {
        if MEANT.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Reads a whole text. Never fails: what means nothing is a paragraph. Whether something was left out because there was
/// too much of it comes with the blocks.
#[must_use]
pub fn parse(text: &str) -> (Vec<Block>, bool) {
    let mut blocks: Vec<Block> = Vec::new();
    // An empty line ends a table or a form.
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            goes_on = false;
            continue;
        }
        if blocks.len() >= MOST_BLOCKS {
            return (blocks, true);
        }
        let block = block(line);
        let block = if goes_on { join(&mut blocks, block) } else { Some(block) };
        blocks.extend(block);
        goes_on = true;
    }
    blocks.retain(|block| !matches!(block, Block::Table { head, .. } if head.is_empty()));
    (blocks, false)
}

/// Puts a row to the table, and a field to the form, that stand above it; gives back what begins something new.
fn join(blocks: &mut [Block], block: Block) -> Option<Block> {
    match (blocks.last_mut(), block) {
        (Some(Block::Table { head, rows }), Block::Table { head: mut row, .. }) => {
            row.resize(head.len(), Vec::new());
            rows.push(row);
            None
        }
        (Some(Block::Form(fields)), Block::Form(more)) => {
            fields.extend(more);
            None
        }
        (_, block) => Some(block),
    }
}

fn block(line: &str) -> Block {
    let rest = |mark: &str| line.strip_prefix(mark).map(str::trim_start);
    if let Some(rest) = rest("##") {
        let mut parts = cells(rest).into_iter();
        let heading = parts.next().unwrap_or_default();
        // A bar further on is a bar.
        let on: Vec<Words> = parts.collect();
        if on.is_empty() { Block::Heading(heading) } else { Block::Lead(heading, joined(on)) }
    } else if let Some(rest) = rest("#") {
        Block::Title(words(rest))
    } else if let Some(rest) = rest("!") {
        Block::Head(words(rest))
    } else if let Some(rest) = rest("=") {
        Block::Line(cells(rest))
    } else if let Some(rest) = rest(">") {
        Block::Quote(words(rest))
    } else if let Some(rest) = rest("-") {
        Block::Item(words(rest))
    } else if let Some(rest) = rest("|") {
        let mut head = cells(ended(rest));
        head.truncate(MOST_COLUMNS);
        Block::Table { head, rows: Vec::new() }
    } else if let Some(rest) = rest(":") {
        let mut cells = cells(rest).into_iter();
        let field = cells.next().unwrap_or_default();
        Block::Form(vec![(field, cells.next().unwrap_or_default())])
    } else if let Some(rest) = rest("@") {
        Block::Drawing(plain(&words(rest)))
    } else if let Some(rest) = rest("~") {
        Block::Signs(cells(rest))
    } else {
        Block::Text(words(line))
    }
}

/// Parts as the words that they were, with their bars.
fn joined(parts: Vec<Words>) -> Words {
    let bar = || Span { text: " | ".to_owned(), bold: false };
    let mut out = Words::new();
    for part in parts {
        if !out.is_empty() {
            out.push(bar());
        }
        out.extend(part);
    }
    out
}

/// A row without the bar at its end.
fn ended(row: &str) -> &str {
    match row.strip_suffix('|') {
        // Of "\|" the bar is text; of "\\|" it is not.
        Some(cut) if cut.chars().rev().take_while(|c| *c == '\\').count() % 2 == 0 => cut,
        _ => row,
    }
}

/// The parts between bars that mean something.
fn cells(line: &str) -> Vec<Words> {
    let mut parts = vec![String::new()];
    let mut behind = false;
    for c in line.chars() {
        if c == '|' && !behind {
            parts.push(String::new());
            continue;
        }
        behind = c == '\\' && !behind;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.iter().map(|part| words(part.trim())).collect()
}

/// A line in spans: backslashes gone, `**` read.
fn words(line: &str) -> Words {
    let mut spans: Words = Vec::new();
    let (mut bold, mut behind) = (false, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && !behind {
            behind = true;
            continue;
        }
        if c == '*' && !behind && chars.peek() == Some(&'*') {
            chars.next();
            bold = !bold;
            continue;
        }
        behind = false;
        match spans.last_mut().filter(|last| last.bold == bold) {
            Some(last) => last.text.push(c),
            None => spans.push(Span { text: c.to_string(), bold }),
        }
    }
    spans
}

/// The words without their weight.
#[must_use]
pub fn plain(words: &[Span]) -> String {
    words.iter().map(|span| span.text.as_str()).collect()
}
