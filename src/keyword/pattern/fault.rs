//! What is wrong with a regular expression, in the words of the office: where, what, and the mend.
//!
//! The library tells the place and a kind of fault; its own English sentences are never shown.

use std::ops::Range;

use regex_syntax::{
    ParserBuilder,
    ast::{ErrorKind as Ast, Span},
    hir::ErrorKind as Hir,
};

use super::{NESTING, SIZE_BYTES, simplified};

/// For everybody who did not mean to write an expression at all.
const PLAIN: &str = "不熟悉正则时，直接一行写一个词即可；/词甲|词乙/ 表示任一个";
/// For repetitions in braces.
const BRACES: &str = "次数写成 {3}、{2,5} 或 {2,}，小的在前；要找 { 本身写成 \\{";
/// For `(?i)` and its like.
const FLAGS: &str = "开头的标志写成 (?i)、(?s) 这样；要找括号本身写成 \\(";
/// For `(?<名>…)`.
const NAMES: &str = "不必给括号起名，写成 (…) 即可";
/// For `\x{5E02}` and its like.
const CODES: &str = "直接写这个字本身；按编码写的格式是 \\x{5E02}";
/// For `\p{Han}` and its like.
const CLASSES: &str = "任一个汉字写成 \\p{Han}，任一个数字写成 \\d";
/// For `\b{start}` and its like.
const BORDERS: &str = "词的边界写成 \\b";
/// Characters of a fault's place that are shown in its message.
const LONGEST_SHOWN: usize = 20;
/// For what is too large when it is compiled.
const TOO_LARGE: &str = "把 {…} 里的次数写小，或拆成几行，一行一个；只是一串词时直接一行写一个词";

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(in crate::keyword) struct PatternFault {
    /// What is wrong, in Chinese.
    pub(in crate::keyword) message: String,
    /// What to write instead, in Chinese.
    pub(in crate::keyword) hint: &'static str,
    /// Where, in characters of what stands between the slashes; `None` for the whole.
    pub(in crate::keyword) at: Option<Range<usize>>,
}

impl PatternFault {
    /// A fault of the whole expression.
    fn whole(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint, at: None }
    }

    pub(super) fn empty() -> Self {
        Self::whole("两个 / 之间没有内容", "在两个 / 之间写上正则，或删去这一行")
    }

    pub(super) fn unknown_flag(flag: char) -> Self {
        let hint = "结尾的 / 后面只能写 i、m、s、x；词里本来就有 / 的，去掉开头的 /，直接写这个词";
        Self::whole(format!("结尾的 / 后面有不认识的“{flag}”"), hint)
    }

    pub(super) fn matches_all() -> Self {
        let hint = "把 * 改成 +，去掉多余的 | 或 ?，或加上一定会出现的字";
        Self::whole("这个正则连空文字也能匹配，会命中所有帖子", hint)
    }

    pub(super) fn too_large() -> Self {
        let most = SIZE_BYTES >> 20;
        Self::whole(format!("这个正则展开后太大（超过 {most} MB）"), TOO_LARGE)
    }

    /// A look-around that is neither at the very beginning nor at the very end, or is not closed.
    pub(super) fn look_around(part: &Part<'_>, start: usize, closed: bool) -> Self {
        let before = part.text.get(..start).unwrap_or_default().chars().count();
        let rest = part.text.get(start..).unwrap_or_default();
        let mark: String = rest.chars().take(if rest.starts_with("(?<") { 4 } else { 3 }).collect();
        let at = part.at + before..part.at + before + mark.chars().count();
        let (what, hint) = if closed {
            (
                "不支持写在这里：前面的限制 (?<!…) 只能写在最前，后面的限制 (?!…) 只能写在最后",
                "要排除一个词，去掉这一段，另起一行写 !词；要求同时出现另起一行写 +词",
            )
        } else {
            ("没有配上右括号", "在这一段末尾补上 )")
        };
        Self {
            message: format!("正则第 {} 个字起的“{mark}”{what}", at.start + 1), hint, at: Some(at)
        }
    }

    /// What is wrong with a part that the library refused.
    pub(super) fn of_syntax(part: &Part<'_>, flags: &str) -> Self {
        let text = simplified(part.text);
        let parsed = ParserBuilder::new()
            .case_insensitive(true)
            .multi_line(flags.contains('m'))
            .dot_matches_new_line(flags.contains('s'))
            .ignore_whitespace(flags.contains('x'))
            .nest_limit(NESTING)
            .build()
            .parse(&text);
        let (span, (what, hint)) = match parsed {
            Err(regex_syntax::Error::Parse(error)) => (*error.span(), of_writing(error.kind())),
            Err(regex_syntax::Error::Translate(error)) => (*error.span(), of_meaning(error.kind())),
            _ => return Self::whole("正则写错了", PLAIN),
        };
        let at = in_characters(&text, &span, part.at);
        // A place between two characters is shown as the one that follows.
        let marked = part.text.chars().skip(at.start - part.at).take(at.len().max(1));
        let at = at.start..at.start + marked.clone().count();
        let shown: String = marked.take(LONGEST_SHOWN).collect();
        let message = match at.len() {
            0 => format!("正则末尾{what}"),
            1 => format!("正则第 {} 个字“{shown}”{what}", at.start + 1),
            _ => format!("正则第 {} 个字起的“{shown}”{what}", at.start + 1),
        };
        Self { message, hint, at: Some(at) }
    }
}

/// A part of an expression, and how many characters stand before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Part<'a> {
    /// A piece of this part, from a byte on.
    pub(super) fn piece(&self, text: &'a str, from: usize) -> Self {
        let before = self.text.get(..from).unwrap_or_default();
        Self { text, at: self.at + before.chars().count() }
    }
}

/// A span of bytes in characters; simplifying changes characters one to one.
fn in_characters(text: &str, span: &Span, lead: usize) -> Range<usize> {
    let count = |to: usize| text.get(..to).unwrap_or(text).chars().count();
    let (start, end) = (count(span.start.offset), count(span.end.offset));
    lead + start..lead + end.max(start)
}

/// What is wrong with how it is written, and the mend.
fn of_writing(kind: &Ast) -> (&'static str, &'static str) {
    match kind {
        Ast::GroupUnclosed => ("没有配上右括号", "补上 )；要找括号本身写成 \\("),
        Ast::GroupUnopened => ("前面没有对应的左括号", "删去它，或在前面补上 (；要找括号本身写成 \\)"),
        Ast::ClassUnclosed => ("没有配上右方括号", "补上 ]；要找方括号本身写成 \\["),
        Ast::ClassRangeInvalid => ("前后颠倒了", "小的写在前，如 [0-9]、[a-z]；要找减号本身写成 \\-"),
        Ast::ClassRangeLiteral | Ast::ClassEscapeInvalid => {
            ("不能用在方括号里", "方括号里只写单个的字，或 [0-9] 这样的范围；要找减号本身写成 \\-")
        }
        Ast::RepetitionMissing => (
            "前面没有可以重复的字",
            "在它前面写上要重复的字，任意一个字用 . 表示；要找这个符号本身，前面加 \\",
        ),
        Ast::RepetitionCountInvalid => ("里的次数前后颠倒了", BRACES),
        Ast::RepetitionCountUnclosed => ("没有配上右花括号", BRACES),
        Ast::RepetitionCountDecimalEmpty | Ast::DecimalEmpty | Ast::DecimalInvalid => {
            ("处应当写次数", BRACES)
        }
        Ast::UnsupportedBackreference => {
            ("是引用前面的括号，不支持", "把要重复的内容再写一遍；要找数字本身，去掉 \\")
        }
        Ast::UnsupportedLookAround => {
            ("不支持写在这里", "要排除一个词，去掉这一段，另起一行写 !词；要求同时出现另起一行写 +词")
        }
        Ast::EscapeUnexpectedEof => ("后面没有内容", "删去末尾的 \\；要找 \\ 本身写成 \\\\"),
        Ast::EscapeUnrecognized => ("没有这种写法", "字母和汉字前面不加 \\；要找 \\ 本身写成 \\\\"),
        Ast::EscapeHexEmpty | Ast::EscapeHexInvalid | Ast::EscapeHexInvalidDigit => ("不是字的编码", CODES),
        Ast::UnicodeClassInvalid => ("没有这一类字", CLASSES),
        Ast::FlagUnrecognized
        | Ast::FlagDanglingNegation
        | Ast::FlagDuplicate { .. }
        | Ast::FlagRepeatedNegation { .. }
        | Ast::FlagUnexpectedEof => ("不是 (? 后面能写的标志", FLAGS),
        Ast::GroupNameDuplicate { .. }
        | Ast::GroupNameEmpty
        | Ast::GroupNameInvalid
        | Ast::GroupNameUnexpectedEof => ("不能作括号的名字", NAMES),
        Ast::SpecialWordBoundaryUnclosed
        | Ast::SpecialWordBoundaryUnrecognized
        | Ast::SpecialWordOrRepetitionUnexpectedEof => ("不是词的边界的写法", BORDERS),
        Ast::NestLimitExceeded(_) => ("这里括号套得太深", "拆成几行，一行一个"),
        Ast::CaptureLimitExceeded => ("这里括号太多", "拆成几行，一行一个"),
        // Kinds that the library may add.
        _ => ("写得不对", PLAIN),
    }
}

/// What is wrong with what it means, and the mend.
fn of_meaning(kind: &Hir) -> (&'static str, &'static str) {
    match kind {
        Hir::UnicodePropertyNotFound
        | Hir::UnicodePropertyValueNotFound
        | Hir::UnicodePerlClassNotFound
        | Hir::UnicodeCaseUnavailable => ("没有这一类字", CLASSES),
        Hir::InvalidUtf8 | Hir::UnicodeNotAllowed | Hir::InvalidLineTerminator => {
            ("会匹配半个汉字，不支持", "去掉 (?-u)；汉字直接写")
        }
        _ => ("写得不对", PLAIN),
    }
}
