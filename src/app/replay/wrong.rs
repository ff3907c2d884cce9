//! What is wrong with a line of a replay file, in the words of whoever has to mend it: the field, what was
//! found, what to write.

use serde_json::Value;

use super::line::LINE_BYTES;
use crate::locale::Locale;

/// Characters of a line that are shown before and after the place of a fault.
const SHOWN: usize = 12;

/// A line that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Line from 1.
    pub line: usize,
    /// What is wrong.
    pub why: Wrong,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It is longer than any line may be.
    TooLong,
    /// It is no JSON.
    NotJson {
        /// What is wrong with the writing.
        why: Json,
        /// Character of the line, from 1.
        column: usize,
        /// What stands there.
        near: String,
    },
    /// An array, or a bracket of an array that goes over several lines.
    Array,
    /// JSON, but no object.
    NotObject,
    /// A field without which a post cannot be told apart.
    Missing(&'static str),
    /// A field with a value of another kind.
    Type {
        /// Name of the field.
        field: &'static str,
        /// What is wanted.
        wanted: Wanted,
        /// What stands there, shortened.
        found: String,
    },
    /// A field that is no instant; `None` when it is missing.
    Time(&'static str, Option<String>),
    /// An unknown kind of site.
    SiteKind(String),
    /// An unknown act.
    Event(String),
}

/// What kind of value a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A text; a number is taken as it is written.
    Text,
    /// `true` or `false`.
    Bool,
}

/// What is wrong with the writing of a line of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// It does not begin with `{`: another format.
    Other,
    /// It ends too early.
    Ends,
    /// A full-width mark stands where JSON wants its own.
    FullWidth,
    /// A comma, a colon or a closing bracket is missing, or something stands too much.
    Marks,
    /// Something stands after the object.
    After,
    /// The name of a field without quotes.
    Name,
    /// A line break or tab inside a text.
    Control,
    /// A backslash with something behind it that means nothing.
    Escape,
    /// A value that is neither text, number, `true`, `false` nor `null`.
    Value,
    /// Brackets inside brackets.
    Deep,
}

impl Wrong {
    /// What the JSON reader says of a line.
    pub(super) fn of_json(raw: &str, error: &serde_json::Error) -> Self {
        // The library counts bytes from 1, and names the last one that it took.
        let at = (0..error.column().min(raw.len())).rev().find(|&at| raw.is_char_boundary(at)).unwrap_or(0);
        let (before, after) = raw.split_at_checked(at).unwrap_or((raw, ""));
        let column = before.chars().count() + 1;
        let lead = before.chars().count().saturating_sub(SHOWN);
        let near = before.chars().skip(lead).chain(after.chars().take(SHOWN)).collect();
        Self::NotJson { why: Json::of(raw, after, error), column, near }
    }

    /// A value of a kind that the field does not take.
    pub(super) fn of_type(field: &'static str, wanted: Wanted, found: &Value) -> Self {
        Self::Type { field, wanted, found: shortened(&found.to_string()) }
    }

    /// A field that should say when.
    pub(super) fn of_time(field: &'static str, found: Option<&Value>) -> Self {
        let found = found.filter(|value| !value.is_null());
        Self::Time(field, found.map(|value| shortened(&value.to_string())))
    }

    /// What is wrong, and what to write instead.
    #[must_use]
    pub fn words(&self, locale: Locale) -> (String, String) {
        let (what, mend) = match locale {
            Locale::ZhCn => self.in_chinese(),
            Locale::En => self.in_english(),
        };
        (what, mend.to_owned())
    }

    fn in_chinese(&self) -> (String, &'static str) {
        const TIME: &str = "写成 2026-11-21T14:05:00+08:00，或 1970 年以来的秒数";
        match self {
            Self::NotUtf8 => ("不是 UTF-8 编码".to_owned(), "把文件另存为 UTF-8 编码"),
            Self::TooLong => {
                (format!("这一行超过 {} MB", LINE_BYTES >> 20), "一行只写一篇；检查是否少了换行")
            }
            Self::NotJson { why: Json::Other, near, .. } => (
                format!("不是 JSON：“{near}”"),
                "一行写一个对象，如 {\"site\":\"weibo.com\",\"id\":\"1\",\"text\":\"…\"}",
            ),
            Self::NotJson { why, column, near } => {
                let (what, mend) = why.in_chinese();
                (format!("JSON 写错了，第 {column} 个字处{what}：“{near}”"), mend)
            }
            Self::Array => {
                ("这是 JSON 数组，不是一个对象".to_owned(), "一行写一个对象，外面不加 [ ]，行末不加逗号")
            }
            Self::NotObject => ("不是 JSON 对象".to_owned(), "一行写一个 {…}"),
            Self::Missing("site") => (
                "缺少字段 site（站点）".to_owned(),
                "加上 \"site\":\"weibo.com\" 这样的站点名，或加上 \"url\"（http 地址）",
            ),
            Self::Missing(field) => {
                (format!("缺少字段 {field}（帖子编号）"), "加上 \"id\":\"编号\"，或加上 \"url\"（http 地址）")
            }
            Self::Type { field, wanted: Wanted::Text, found } => (
                format!("字段 {field} 应当是文字，现在是 {found}"),
                "写成 \"文字\"，用英文双引号；没有就去掉这个字段",
            ),
            Self::Type { field, wanted: Wanted::Bool, found } => {
                (format!("字段 {field} 应当是 true 或 false，现在是 {found}"), "写成 true 或 false，不加引号")
            }
            Self::Time(field, None) => (format!("缺少字段 {field}（时间）"), TIME),
            Self::Time(field, Some(found)) => (format!("字段 {field} 不是时间，现在是 {found}"), TIME),
            Self::SiteKind(found) => (
                format!("字段 site_kind 没有“{found}”这一种"),
                "写成 microblog（微博）、blog（博客）、forum（论坛）、news（新闻）、video（视频）、wechat（微信）、\
                 search（搜索）或 own（本单位）",
            ),
            Self::Event(found) => (
                format!("字段 event 没有“{found}”这一种"),
                "写成 ack（签收）、respond（回应）、override（人工定级）、merge（并案）、split（拆分）、close（关闭）、complete（登记完成）、kind（认定类别）或 filed（登记月报已报送）",
            ),
        }
    }

    fn in_english(&self) -> (String, &'static str) {
        const TIME: &str = "write 2026-11-21T14:05:00+08:00, or seconds since 1970";
        match self {
            Self::NotUtf8 => ("not UTF-8".to_owned(), "save the file as UTF-8"),
            Self::TooLong => (format!("longer than {} MB", LINE_BYTES >> 20), "write one post a line"),
            Self::NotJson { why: Json::Other, near, .. } => (
                format!("not JSON: \"{near}\""),
                "write one object a line, such as {\"site\":\"weibo.com\",\"id\":\"1\"}",
            ),
            Self::NotJson { why, column, near } => {
                let (what, mend) = why.in_english();
                (format!("not JSON: {what} at character {column}: \"{near}\""), mend)
            }
            Self::Array => ("a JSON array".to_owned(), "write one object a line, without brackets around"),
            Self::NotObject => ("not a JSON object".to_owned(), "write one {…} a line"),
            Self::Missing(field) => (format!("field {field} is missing"), "add site and id, or an http url"),
            Self::Type { field, wanted: Wanted::Text, found } => {
                (format!("field {field} is no text but {found}"), "write \"text\", or leave the field out")
            }
            Self::Type { field, wanted: Wanted::Bool, found } => {
                (format!("field {field} is neither true nor false but {found}"), "write true or false")
            }
            Self::Time(field, None) => (format!("field {field} is missing"), TIME),
            Self::Time(field, Some(found)) => (format!("field {field} is no time: {found}"), TIME),
            Self::SiteKind(found) => (
                format!("field site_kind: no kind {found:?}"),
                "write microblog, blog, forum, news, video, wechat, search or own",
            ),
            Self::Event(found) => (
                format!("field event: no act {found:?}"),
                "write ack, respond, override, merge, split, close, complete, kind or filed",
            ),
        }
    }
}

impl Json {
    fn of(raw: &str, after: &str, error: &serde_json::Error) -> Self {
        let said = error.to_string();
        let says = |words: &str| said.starts_with(words);
        if !raw.trim_start().starts_with('{') {
            return Self::Other;
        }
        if error.is_eof() {
            return Self::Ends;
        }
        if after.trim_start().starts_with(['“', '”', '＂', '：', '，', '｛', '｝', '【', '】', '‘', '’'])
        {
            return Self::FullWidth;
        }
        if says("trailing characters") {
            Self::After
        } else if says("key must be a string") || says("expected value") && after.starts_with('\'') {
            Self::Name
        } else if says("control character") {
            Self::Control
        } else if says("invalid escape") || said.contains("surrogate") || says("unexpected end of hex escape")
        {
            Self::Escape
        } else if says("expected `")
            || says("expected `,` or")
            || says("trailing comma")
            || says("expected `:`")
        {
            Self::Marks
        } else if says("recursion limit") {
            Self::Deep
        } else {
            Self::Value
        }
    }

    const fn in_chinese(self) -> (&'static str, &'static str) {
        match self {
            Self::Other | Self::Value => ("不是能识别的值", "文字加英文双引号；数字、true、false、null 不加"),
            Self::Ends => ("还没写完就结束了", "补上缺少的双引号和右花括号；一个对象写在一行里，不换行"),
            Self::FullWidth => ("用了全角符号", "引号、冒号、逗号、花括号都改成英文半角的"),
            Self::Marks => {
                ("缺少或多了符号", "字段之间用逗号，名称与值之间用冒号，末尾没有逗号；文字里的 \" 写成 \\\"")
            }
            Self::After => ("之后还有多余的内容", "一行只写一个对象，后面什么也不加"),
            Self::Name => ("的名称或文字没有用英文双引号", "写成 \"site\":\"weibo.com\"，不用单引号"),
            Self::Control => ("的文字里有换行或制表符", "换行写成 \\n，制表符写成 \\t"),
            Self::Escape => ("的 \\ 写法不对", "\\ 本身写成 \\\\"),
            Self::Deep => ("套了太多层", "一篇帖子只写一层字段"),
        }
    }

    const fn in_english(self) -> (&'static str, &'static str) {
        match self {
            Self::Other | Self::Value => {
                ("no value", "quote texts; numbers, true, false and null are not quoted")
            }
            Self::Ends => ("it ends", "close quotes and brackets; write an object on one line"),
            Self::FullWidth => ("a full-width mark", "use ASCII quotes, colons, commas and braces"),
            Self::Marks => (
                "a mark too few or too many",
                "comma between fields, none at the end; write \\\" inside a text",
            ),
            Self::After => ("something after the object", "write one object a line"),
            Self::Name => ("a name or text without double quotes", "write \"site\":\"weibo.com\""),
            Self::Control => ("a line break or tab in a text", "write \\n and \\t"),
            Self::Escape => ("a wrong \\", "write \\\\ for a backslash"),
            Self::Deep => ("nested too deep", "a post is one level of fields"),
        }
    }
}

/// A value as far as it is shown.
fn shortened(value: &str) -> String {
    let mut shown: String = value.chars().take(40).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}
