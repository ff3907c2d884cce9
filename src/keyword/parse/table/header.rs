//! The header row: which column is what.

use crate::text::fold;

use super::Row;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Group,
    Keyword,
    Required,
    Excluded,
    Note,
    AtLeast,
    Notify,
    Search,
    Homophones,
    Kind,
}

impl Column {
    /// The key of the same setting in the text form.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Group => "组别",
            Self::Keyword => "关键词",
            Self::Required => "必须含",
            Self::Excluded => "排除",
            Self::Note => "备注",
            Self::AtLeast => "至少",
            Self::Notify => "通知",
            Self::Search => "检索",
            Self::Homophones => "谐音",
            Self::Kind => "类别",
        }
    }

    /// The column that a title means.
    fn named(title: &str) -> Option<Self> {
        Some(match title {
            "组别" | "组" | "组名" | "分组" | "词组" | "类组" | "分类" | "group" => Self::Group,
            "关键词" | "关键字" | "词" | "词语" | "词条" | "主词" | "监测词" | "监测关键词" | "敏感词"
            | "舆情词" | "keyword" | "keywords" => Self::Keyword,
            "必须含" | "必含" | "必须包含" | "必须词" | "必须" | "必须有" | "同时含" | "同时包含"
            | "同时出现" | "必须同时出现" | "组合词" | "required" => Self::Required,
            "排除" | "排除词" | "不含" | "不包含" | "不得含" | "不得出现" | "过滤" | "过滤词" | "例外"
            | "excluded" | "exclude" => Self::Excluded,
            "备注" | "说明" | "显示名" | "显示名称" | "note" => Self::Note,
            "至少" | "最低等级" | "最低级别" | "等级" | "级别" | "at_least" => Self::AtLeast,
            "通知" | "通知人" | "直报" | "联系人" | "notify" => Self::Notify,
            "检索" | "搜索" | "search" => Self::Search,
            "谐音" | "同音" | "homophones" => Self::Homophones,
            "类别" | "类型" | "内容类别" | "kind" => Self::Kind,
            _ => return None,
        })
    }
}

/// Titles of columns that are nobody's rules.
const OF_NO_MEANING: [&str; 14] = [
    "序号",
    "编号",
    "序",
    "no",
    "no.",
    "id",
    "日期",
    "时间",
    "填报日期",
    "更新时间",
    "更新日期",
    "填报人",
    "填表人",
    "填报单位",
];

/// A header row.
#[derive(Debug)]
pub(super) struct Header {
    /// Row from 1.
    pub(super) row: u32,
    /// Columns from 1 and what they hold, from the left.
    pub(super) columns: Vec<(u32, Column)>,
    /// Columns whose title is not known, with it.
    pub(super) unknown: Vec<(u32, String)>,
}

impl Header {
    /// Whether the keywords are all that it names.
    pub(super) fn is_single(&self) -> bool {
        self.columns.len() == 1
    }

    /// The first column that it names.
    pub(super) fn first(&self) -> u32 {
        self.columns.first().map_or(1, |(column, _)| *column)
    }
}

/// What a row is as a header.
pub(super) enum Found {
    Header(Header),
    /// Two known titles or more, and the keywords are not among them.
    WithoutKeywords,
    Nothing,
}

/// Reads a row as a header.
pub(super) fn find(row: &Row) -> Found {
    let (mut columns, mut unknown) = (Vec::new(), Vec::new());
    for (at, value) in &row.cells {
        let title = title(&value.text);
        match Column::named(&title) {
            Some(column) => columns.push((*at, column)),
            None if OF_NO_MEANING.contains(&title.as_str()) => {}
            None => unknown.push((*at, value.text.clone())),
        }
    }
    if columns.iter().any(|(_, column)| *column == Column::Keyword) {
        return Found::Header(Header { row: row.number, columns, unknown });
    }
    let first = columns.first().map(|(_, column)| *column);
    if columns.iter().any(|(_, column)| Some(*column) != first) {
        return Found::WithoutKeywords;
    }
    Found::Nothing
}

/// How many known titles there are, for telling what divides the columns of a .csv.
pub(super) fn known(titles: impl Iterator<Item = impl AsRef<str>>) -> usize {
    titles.filter(|text| Column::named(&title(text.as_ref())).is_some()).count()
}

/// A title in its plain form: of one width and case, without blanks, marks, a number behind it and what
/// stands in brackets.
fn title(text: &str) -> String {
    let folded = fold(text).text;
    let plain = folded.split(['(', '（', '[', '【']).next().unwrap_or_default();
    let plain: String =
        plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '"' | '\'')).collect();
    plain.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}
