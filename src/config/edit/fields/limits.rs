//! The numbers, lengths and lists of a plan's file, each with its place, and which of them an office may change: those on
//! whose line, or right above it, a comment says 本单位可改. What the document prescribes bears no such mark.
//!
//! A value is replaced where it stands, so that the file keeps every other character.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use toml_edit::{Array, Value};

use super::FieldError;
use crate::config::duration;

/// The mark of a value that is the office's own to choose.
pub const MARK: &str = "本单位可改";

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// A whole number.
    Number,
    /// A length of time, or 当日.
    Length,
    /// A time of the day.
    Time,
    /// Yes or no.
    Flag,
    /// Texts: times of the day, or names.
    List,
}

/// A value of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitField {
    /// Where, such as `tier[critical].response.within`: the same in every version of the file.
    pub path: String,
    /// Keys on the way, the outermost first.
    pub keys: Vec<String>,
    /// Names of the tables on the way, such as 特别重大.
    pub names: Vec<String>,
    /// What it is.
    pub kind: LimitKind,
    /// As a form shows it; items of a list with 、 between.
    pub value: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Whether the office may change it.
    pub open: bool,
    span: Range<usize>,
}

/// Every value of a plan's text that a form could show, in the order of the file.
///
/// # Errors
/// [`FieldError::Broken`].
pub fn all(text: &str) -> Result<Vec<LimitField>, FieldError> {
    let table = DeTable::parse(text).map_err(|_| FieldError::Broken)?;
    let mut found = Vec::new();
    let mut way = Way { text, lines: starts(text), path: String::new(), keys: Vec::new(), names: Vec::new() };
    way.table(table.get_ref(), &mut found);
    found.sort_by_key(|field| field.span.start);
    Ok(found)
}

/// The text with values changed: pairs of a path and what was typed.
///
/// # Errors
/// What is wrong with a field, named as `called` names it; a place that is gone or not the office's to change.
pub fn put_limits(
    text: &str,
    wanted: &[(String, String)],
    called: impl Fn(&LimitField) -> String,
) -> Result<String, FieldError> {
    let fields = all(text)?;
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for (path, typed) in wanted {
        let field = fields.iter().find(|field| field.path == *path && field.open);
        let field = field.ok_or_else(|| FieldError::Gone(path.clone()))?;
        if field.value != typed.trim() {
            let value = read(field, typed.trim(), &called(field))?;
            changes.push((field.span.clone(), value.decorated("", "").to_string()));
        }
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.0.start));
    let mut text = text.to_owned();
    for (span, value) in changes {
        text.replace_range(span, &value);
    }
    Ok(text)
}

fn read(field: &LimitField, typed: &str, called: &str) -> Result<Value, FieldError> {
    let wrong = |mend: &str| Err(FieldError::field(called, format!("看不懂“{typed}”"), mend));
    match field.kind {
        LimitKind::Number => match typed.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(number.into()),
            _ => wrong("只写整数，不加逗号和单位，如 40"),
        },
        LimitKind::Length if matches!(typed, "当日" | "same_day") && is_within(field) => Ok(typed.into()),
        LimitKind::Length => match duration::parse(typed) {
            Ok(_) => Ok(typed.into()),
            Err(error) => Err(FieldError::field(called, error.to_string(), error.hint())),
        },
        LimitKind::Time if is_time(typed) => Ok(typed.replace('：', ":").into()),
        LimitKind::Time => wrong("写成 17:30（二十四小时制）"),
        LimitKind::Flag => match typed {
            "是" | "true" => Ok(true.into()),
            "否" | "false" => Ok(false.into()),
            _ => wrong("写“是”或“否”"),
        },
        LimitKind::List => {
            let items = typed.split(['、', ',', '，', '\n']).map(str::trim).filter(|item| !item.is_empty());
            let items: Array = items.collect();
            if items.is_empty() {
                return Err(FieldError::field(called, "是空的", "至少写一项，几项之间用“、”隔开"));
            }
            Ok(items.into())
        }
    }
}

fn is_within(field: &LimitField) -> bool {
    field.keys.last().is_some_and(|key| key == "within")
}

fn is_time(text: &str) -> bool {
    jiff::civil::Time::strptime("%H:%M", text.replace('：', ":")).is_ok()
}

/// Where every line begins, in bytes.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The way down to a value.
struct Way<'t> {
    text: &'t str,
    lines: Vec<usize>,
    path: String,
    keys: Vec<String>,
    names: Vec<String>,
}

impl Way<'_> {
    fn table(&mut self, table: &DeTable<'_>, found: &mut Vec<LimitField>) {
        for (key, value) in table {
            let key = key.get_ref().as_ref();
            let before = self.path.len();
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(key);
            self.keys.push(key.to_owned());
            self.value(value, found);
            self.keys.pop();
            self.path.truncate(before);
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, found: &mut Vec<LimitField>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, found),
            DeValue::Array(array) if array.iter().any(|one| one.get_ref().is_table()) => {
                for (at, one) in array.iter().enumerate() {
                    let DeValue::Table(table) = one.get_ref() else { continue };
                    self.one_of(at, table, found);
                }
            }
            other => found.extend(self.field(other, value.span())),
        }
    }

    /// A table of several: called by its id or name, so that it is found again when others come or go.
    fn one_of(&mut self, at: usize, table: &DeTable<'_>, found: &mut Vec<LimitField>) {
        let own = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str()).map(str::to_owned);
        let name = own("name");
        let called = own("id").or_else(|| name.clone()).unwrap_or_else(|| at.to_string());
        let before = self.path.len();
        self.path.push_str(&format!("[{called}]"));
        self.names.push(name.unwrap_or_else(|| format!("{}", at + 1)));
        self.table(table, found);
        self.names.pop();
        self.path.truncate(before);
    }

    fn field(&self, value: &DeValue<'_>, span: Range<usize>) -> Option<LimitField> {
        let (kind, value) = match value {
            DeValue::Integer(number) => (LimitKind::Number, number.as_str().replace('_', "")),
            DeValue::Boolean(flag) => (LimitKind::Flag, if *flag { "是" } else { "否" }.to_owned()),
            DeValue::String(text) if duration::parse(text).is_ok() => {
                (LimitKind::Length, text.trim().to_owned())
            }
            DeValue::String(text) if matches!(text.trim(), "当日" | "same_day") => {
                (LimitKind::Length, text.trim().to_owned())
            }
            DeValue::String(text) if is_time(text.trim()) => (LimitKind::Time, text.trim().to_owned()),
            DeValue::Array(array) => {
                let items: Option<Vec<&str>> = array.iter().map(|one| one.get_ref().as_str()).collect();
                (LimitKind::List, items?.join("、"))
            }
            _ => return None,
        };
        let line = self.lines.partition_point(|start| *start <= span.start);
        let open = self.may_change(line, span.end, kind);
        let (path, keys, names) = (self.path.clone(), self.keys.clone(), self.names.clone());
        Some(LimitField { path, keys, names, kind, value, line, open, span })
    }

    /// Whether a comment behind the value, or alone on the line above, says that the office may change it. A comment on
    /// 由谁 is about names only.
    fn may_change(&self, line: usize, end: usize, kind: LimitKind) -> bool {
        let line_at = |nth: usize| {
            let from = *self.lines.get(nth.checked_sub(1)?)?;
            self.text.get(from..)?.split('\n').next()
        };
        let behind = self.text.get(end..).and_then(|rest| rest.split('\n').next());
        let behind = behind.and_then(|rest| rest.split_once('#')).map(|(_, comment)| comment);
        let above = line.checked_sub(1).and_then(line_at).and_then(|above| above.trim().strip_prefix('#'));
        behind.into_iter().chain(above).any(|comment| {
            let sentence = comment.split(['。', '；', ';']).find(|sentence| sentence.contains(MARK));
            sentence.is_some_and(|sentence| {
                let quoted = sentence.contains(&format!("“{MARK}"));
                !quoted && (kind == LimitKind::List || !sentence.contains("由谁"))
            })
        })
    }
}
