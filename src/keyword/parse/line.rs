//! One line of a keyword file, or one word of a table's cell.

use std::ops::Range;

use super::super::pattern::Pattern;
use super::super::{Cell, Rule, Words};
use crate::model::{ContentKind, NoContentKind};
use crate::text::fold;

/// Longest line, in characters.
const LONGEST_LINE: usize = 1_000;
/// Longest word, in folded characters.
const LONGEST_WORD: usize = 100;

/// Where a line stands.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    /// Line from 1, or the row of a table.
    pub(super) line: u32,
    /// The cell of a table.
    pub(super) cell: Option<Cell>,
}

impl Spot {
    pub(super) fn line(line: u32) -> Self {
        Self { line, cell: None }
    }

    pub(super) fn cell(cell: Cell) -> Self {
        Self { line: cell.row, cell: Some(cell) }
    }
}

/// What a line means.
pub(super) enum Line {
    Blank,
    Comment,
    /// `[GLOBAL_FILTER]` begins (true) or `[WORD_GROUPS]` does (false).
    Section(bool),
    /// `[组别名]`.
    Alias(String),
    /// `@N`.
    Cap(u32),
    Directive(Directive),
    Rule(Role, Rule),
}

/// A line in the colon form (SEMANTICS 28).
pub(super) enum Directive {
    AtLeast(String),
    Notify(Vec<String>),
    Search(bool),
    Homophones(bool),
    Kind(ContentKind),
}

/// What a rule does in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Any,
    Required,
    Excluded,
}

/// What is wrong with a line and what to write instead.
pub(super) struct Complaint {
    pub(super) message: String,
    pub(super) hint: String,
    /// Where in the line, in characters; `None` for the whole line.
    pub(super) within: Option<Range<usize>>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), within: None }
    }
}

/// Cuts blanks of every width, byte order marks inside the file and zero-width characters.
pub(super) fn trimmed(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || fold(c.encode_utf8(&mut [0; 4])).text.trim().is_empty())
}

/// Reads one line.
pub(super) fn read(raw: &str, spot: &Spot) -> Result<Line, Complaint> {
    let line = trimmed(raw);
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    let plain: String = line.chars().map(half_width).collect();
    if plain.starts_with('#') && !is_topic(&plain) {
        return Ok(Line::Comment);
    }
    if line.chars().count() > LONGEST_LINE {
        return Err(Complaint::new(format!("这一行超过 {LONGEST_LINE} 个字"), "一行只写一个词"));
    }
    if line.contains(['\u{FFFD}', '\0']) {
        return Err(Complaint::new(
            "这一行有无法识别的字，文件编码可能已损坏",
            "用记事本打开，重新输入这一行，另存为 UTF-8 编码",
        ));
    }
    if let Some(name) = plain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return bracketed(name.trim());
    }
    if let Some(cap) = plain.strip_prefix('@').map(str::trim)
        && !cap.is_empty()
        && cap.bytes().all(|b| b.is_ascii_digit())
    {
        return Ok(Line::Cap(cap.parse().unwrap_or(u32::MAX)));
    }
    if let Some(directive) = directive(&plain)? {
        return Ok(Line::Directive(directive));
    }
    rule(line, &plain, spot)
}

/// Full-width ASCII as half-width, one to one.
pub(super) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A Weibo topic `#…#`: something readable between two marks that touch it.
fn is_topic(plain: &str) -> bool {
    plain.strip_prefix('#').and_then(|rest| rest.strip_suffix('#')).is_some_and(|inner| {
        inner.trim() == inner && !inner.contains('#') && inner.contains(char::is_alphanumeric)
    })
}

fn bracketed(name: &str) -> Result<Line, Complaint> {
    if name.eq_ignore_ascii_case("GLOBAL_FILTER") || name == "全局过滤" {
        return Ok(Line::Section(true));
    }
    if name.eq_ignore_ascii_case("WORD_GROUPS") || name == "词组" {
        return Ok(Line::Section(false));
    }
    if name.is_empty() {
        return Err(Complaint::new("方括号里没有组名", "写成 [组名]，或删去这一行"));
    }
    Ok(Line::Alias(name.to_owned()))
}

fn directive(plain: &str) -> Result<Option<Directive>, Complaint> {
    let Some((key, value)) = plain.split_once(':') else { return Ok(None) };
    let value = value.trim();
    let key = key.trim();
    let names: Vec<String> = value
        .split([',', '、', ';'])
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    Ok(Some(match key {
        "至少" if value.is_empty() => {
            return Err(Complaint::new("“至少”后面没有等级", "写出等级的名称，如 至少: 重大"));
        }
        "至少" => Directive::AtLeast(value.to_owned()),
        "通知" if names.is_empty() => {
            return Err(Complaint::new(
                "“通知”后面没有联系人",
                "写出联系人，多个用顿号隔开，如 通知: 总值班室、张科长",
            ));
        }
        "通知" => Directive::Notify(names),
        "检索" => Directive::Search(yes_or_no(key, value)?),
        "谐音" => Directive::Homophones(yes_or_no(key, value)?),
        "类别" | "类型" => Directive::Kind(kind(key, value)?),
        _ => return Ok(None),
    }))
}

/// The kinds that a rule may propose (SEMANTICS 17).
fn kind(key: &str, value: &str) -> Result<ContentKind, Complaint> {
    let hint = format!("写成 {key}: 咨询、{key}: 诉求 或 {key}: 建议；批评、投诉算诉求");
    ContentKind::named(value).map_err(|why| match why {
        NoContentKind::OnlyByPerson => Complaint::new(
            format!("“{value}”不能由关键词认定，只能由具名的人员在事件里认定，并写明理由"),
            hint,
        ),
        NoContentKind::Unknown => Complaint::new(format!("“{key}”只能是咨询、诉求或建议"), hint),
    })
}

fn yes_or_no(key: &str, value: &str) -> Result<bool, Complaint> {
    match value.to_ascii_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" | "√" | "✓" | "✔" | "☑" => Ok(true),
        "否" | "no" | "n" | "false" | "0" | "×" | "✗" | "✘" | "☐" => Ok(false),
        _ => Err(Complaint::new(format!("“{key}”只能是“是”或“否”"), format!("写成 {key}: 是"))),
    }
}

fn rule(line: &str, plain: &str, spot: &Spot) -> Result<Line, Complaint> {
    let (role, mark) = match plain.chars().next() {
        Some('+') => (Role::Required, 1),
        Some('!') => (Role::Excluded, 1),
        _ => (Role::Any, 0),
    };
    // `plain` has the same characters as `line`, one to one, so places are counted in characters.
    let body: Vec<(char, char)> = line.chars().zip(plain.chars()).skip(mark).collect();
    let arrow = body.windows(2).position(|pair| matches!(pair, [(_, '='), (_, '>')]));
    let (left, note) = match arrow.and_then(|at| body.split_at_checked(at)) {
        Some((left, rest)) => (left, rest.iter().skip(2).map(|(own, _)| *own).collect::<String>()),
        None => (body.as_slice(), String::new()),
    };
    let own: String = left.iter().map(|(own, _)| *own).collect();
    let half: String = left.iter().map(|(_, half)| *half).collect();
    let note = trimmed(&note);
    let words = if half.trim().starts_with('/') { pattern(&own, mark)? } else { word(half.trim(), role)? };
    let note = (!note.is_empty()).then(|| note.to_owned());
    let (number, cell) = (spot.line, spot.cell.clone());
    Ok(Line::Rule(role, Rule { line: number, cell, written: line.to_owned(), note, words, covers: false }))
}

fn word(word: &str, role: Role) -> Result<Words, Complaint> {
    let folded = fold(word).text.trim().to_owned();
    if folded.is_empty() {
        return Err(match role {
            Role::Required => Complaint::new("+ 后面没有词", "写上必须同时出现的词，如 +投诉"),
            Role::Excluded => Complaint::new("! 后面没有词", "写上不得出现的词，如 !招聘"),
            Role::Any => Complaint::new("=> 前面没有词", "写成 词 => 备注"),
        });
    }
    if !folded.contains(char::is_alphanumeric) {
        return Err(Complaint::new("这一行只有标点，没有可以匹配的文字", "分隔线和说明请以 # 开头"));
    }
    if folded.chars().count() > LONGEST_WORD {
        return Err(Complaint::new(
            format!("这个词超过 {LONGEST_WORD} 个字"),
            "只写关键的几个字，一行一个词",
        ));
    }
    Ok(Words::Word { word: word.to_owned(), folded })
}

/// `/body/flags`, the slashes of either width; the body stays as it was written. `mark` characters of the
/// line stand before.
fn pattern(own: &str, mark: usize) -> Result<Words, Complaint> {
    let is_slash = |c: char| half_width(c) == '/';
    let (blank, inner) = own.split_once(is_slash).unwrap_or(("", own));
    let Some((body, flags)) = inner.rsplit_once(is_slash) else {
        return Err(Complaint::new("正则缺少结尾的 /", "写成 /正则/；要找的词本身以 / 开头时去掉它"));
    };
    let flags: String = flags.trim().chars().map(half_width).collect();
    Pattern::new(body, &flags.to_ascii_lowercase()).map(Words::Pattern).map_err(|fault| {
        let lead = mark + blank.chars().count() + 1;
        let within = fault.at.map(|at| lead + at.start..lead + at.end);
        Complaint { within, ..Complaint::new(fault.message, fault.hint) }
    })
}
