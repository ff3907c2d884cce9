//! Where a fault stands: file, line, column, the line itself with a caret, and the mend.

use std::{fmt, ops::Range, path::Path, path::PathBuf};

use serde::de::DeserializeOwned;

use crate::keyword::{self, Cell, LineFault};

/// One fault of one file, as a clerk reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file as it was named.
    pub file: PathBuf,
    /// Line from 1; 0 when the fault is the whole file's.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// The line itself; empty for the whole file.
    pub source: String,
    /// How many characters the fault spans (at least 1).
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// The cell, when the file is a table; `line` and `column` are then its row and column.
    pub cell: Option<Cell>,
    /// Whether the file could not be read just now (held by another program, share away): worth another
    /// try although nothing was saved.
    pub unread: bool,
}

/// Something that works but is probably not meant; it has a place and a mend like a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(pub Fault);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "提醒: {}", self.0)
    }
}

impl Warning {
    /// A warning of a keyword list, as the keyword room gave it.
    #[must_use]
    pub fn of_list(file: &Path, warning: &keyword::Warning) -> Self {
        let keyword::Warning { line, text, message, cell } = warning;
        Self(Fault::in_list(file, *line, cell.clone(), text, message, None))
    }
}

impl Fault {
    /// A fault of the whole file.
    #[must_use]
    pub fn of_file(file: &Path, message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            source: String::new(),
            width: 1,
            message: message.into(),
            hint,
            cell: None,
            unread: false,
        }
    }

    /// A fault at a byte span of `text`, as `toml::Spanned` and `toml::de::Error` give it.
    #[must_use]
    pub fn at(
        file: &Path,
        text: &str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end.max(span.start));
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(line_start..).unwrap_or_default();
        let source = rest.lines().next().unwrap_or_default();
        let line_end = line_start + source.len();
        let width = text.get(start..end.min(line_end)).map_or(1, |part| part.chars().count().max(1));
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            source: source.to_owned(),
            width,
            message: message.into(),
            hint,
            cell: None,
            unread: false,
        }
    }

    /// A fault of a whole line (from 1) of `text`.
    #[must_use]
    pub fn on_line(
        file: &Path,
        text: &str,
        line: usize,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line,
            column: 1,
            source: source.to_owned(),
            width: source.chars().count().max(1),
            message: message.into(),
            hint,
            cell: None,
            unread: false,
        }
    }
}

impl Fault {
    /// A fault of a keyword list, as the keyword room found it.
    #[must_use]
    pub fn of_list(file: &Path, fault: LineFault) -> Self {
        let LineFault { line, text, message, hint, within, cell } = fault;
        let whole = Self::in_list(file, line, cell, &text, message, Some(hint));
        match within {
            Some(at) => Self { column: at.start + 1, width: at.len().max(1), ..whole },
            None => whole,
        }
    }

    /// A fault or a warning at a line or a cell of a keyword list.
    #[must_use]
    pub fn in_list(
        file: &Path,
        line: u32,
        cell: Option<Cell>,
        text: &str,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Self {
        let column = cell.as_ref().map_or(1, |cell| cell.column);
        Self {
            file: file.to_owned(),
            line: usize::try_from(line).unwrap_or(usize::MAX),
            column: usize::try_from(column).unwrap_or(usize::MAX),
            width: text.chars().count().max(1),
            source: text.to_owned(),
            message: message.into(),
            hint,
            cell,
            unread: false,
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// East-Asian characters take two columns on a terminal; the caret must stand under them.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if u32::from(c) >= 0x1100 { 2 } else { 1 }).sum()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cell) = &self.cell {
            write!(f, "{}: {cell}: {}", self.file.display(), self.message)?;
            if !self.source.is_empty() {
                let gutter = " ".repeat(cell.address().len());
                write!(f, "\n{gutter} |\n{} | {}\n", cell.address(), self.source)?;
                write!(f, "{gutter} | {}", "^".repeat(columns(&self.source).max(1)))?;
            }
        } else if self.line == 0 {
            write!(f, "{}: {}", self.file.display(), self.message)?;
        } else {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            let lead: String = self.source.chars().take(self.column - 1).collect();
            let marked: String = self.source.chars().skip(self.column - 1).take(self.width).collect();
            writeln!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.message)?;
            writeln!(f, "{gutter} |")?;
            writeln!(f, "{number} | {}", self.source)?;
            write!(f, "{gutter} | {}{}", " ".repeat(columns(&lead)), "^".repeat(columns(&marked).max(1)))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  改法: {hint}")?;
        }
        Ok(())
    }
}

/// Parses TOML into a wire struct (which should `deny_unknown_fields`), turning toml's error into a
/// [`Fault`] with its place.
///
/// # Errors
/// One fault: serde stops at the first. Checks of meaning that follow should collect all theirs; files
/// that are read through a [`Sheet`](super::sheet::Sheet) have all of them at once.
pub fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| of_toml(file, text, &error))
}

/// The fault that toml's own error stands for.
#[must_use]
pub fn of_toml(file: &Path, text: &str, error: &toml::de::Error) -> Fault {
    let said = error.message().lines().next().unwrap_or_default();
    let mut fault = match error.span() {
        Some(span) => Fault::at(file, text, span, "", None),
        None => Fault::of_file(file, "", None),
    };
    (fault.message, fault.hint) = in_chinese(said, &fault.source);
    fault
}

/// Full-width marks that a Chinese input method leaves behind, and what TOML wants instead.
const FULL_WIDTH: [(char, &str); 8] =
    [('“', "\""), ('”', "\""), ('＂', "\""), ('＝', "="), ('，', ","), ('【', "["), ('】', "]"), ('＃', "#")];

fn in_chinese(said: &str, line: &str) -> (String, Option<String>) {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let (name, known) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return (
            format!("没有 {} 这个键", name.replace('`', "")),
            Some(format!(
                "这里可以写: {}",
                known.trim_start_matches("one of ").replace('`', "").replace(", ", "、")
            )),
        );
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let (name, known) = rest.split_once(", expected ").unwrap_or((rest, ""));
        let known =
            known.trim_start_matches("one of ").replace('`', "").replace(", ", "、").replace(" or ", "、");
        return (format!("没有 {} 这个写法", name.replace('`', "")), Some(format!("可以写: {known}")));
    }
    if let Some(name) = said.strip_prefix("missing field ") {
        let name = name.replace('`', "");
        return (format!("缺少 {name}"), Some(format!("加一行 {name} = …，参看随包附带的例子")));
    }
    if said.contains("invalid type") {
        let hint = "文字要加英文双引号，数字不加，是或否写 true / false";
        return (format!("值的类型不对（{said}）"), Some(hint.to_owned()));
    }
    if said.contains("duplicate key") {
        return ("同一个键写了两次".to_owned(), Some("删去一个".to_owned()));
    }
    // Only outside quotes does a full-width mark disturb; inside it is part of the text.
    let outside: String = line.split('"').step_by(2).collect();
    if let Some((mark, wanted)) = FULL_WIDTH.iter().find(|(mark, _)| outside.contains(*mark)) {
        return (format!("用了全角符号 {mark}"), Some(format!("改成半角（英文输入法下的） {wanted}")));
    }
    (format!("写法不对（{said}）"), Some("检查引号、方括号和等号是否为英文半角并且成对，一行写完".to_owned()))
}
