//! Where a fault stands: file, line, column, the line itself with a caret, and the mend.

use std::{fmt, ops::Range, path::Path, path::PathBuf};

use serde::de::DeserializeOwned;

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
        if self.line == 0 {
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
/// One fault: toml stops at the first. Checks of meaning that follow should collect all theirs.
pub fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().to_owned();
        let hint = toml_hint(&message);
        match error.span() {
            Some(span) => Fault::at(file, text, span, message, hint),
            None => Fault::of_file(file, message, hint),
        }
    })
}

fn toml_hint(message: &str) -> Option<String> {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let known = rest.split_once("expected").map_or("", |(_, known)| known.trim());
        return Some(format!("没有这个键。可以写的键: {}", known.trim_start_matches("one of ")));
    }
    if message.starts_with("missing field") {
        return Some("补上这个键，参看随包附带的同名文件".to_owned());
    }
    if message.contains("invalid type") {
        return Some("值的类型不对: 文字要加英文双引号，数字不加，是/否写 true/false".to_owned());
    }
    if message.contains("duplicate key") {
        return Some("同一个键写了两次，删去一个".to_owned());
    }
    Some("检查引号、方括号和等号是否为英文半角并且成对".to_owned())
}
