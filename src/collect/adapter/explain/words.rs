//! The steps of a reading in the office's words.

use super::{Step, Trouble};
use crate::locale::Locale;

impl Step {
    /// What is taken out in this step.
    #[must_use]
    pub fn title(&self, locale: Locale) -> &'static str {
        let (zh, en) = match self.step {
            "item" => ("条目", "items"),
            "id" => ("编号", "id"),
            "title" => ("标题", "title"),
            "text" => ("正文", "text"),
            "quoted" => ("引用", "quotation"),
            "url" => ("链接", "link"),
            "published" => ("发表时间", "publication time"),
            "views" => ("浏览", "views"),
            "reposts" => ("转发", "reposts"),
            "comments" => ("评论", "comments"),
            "likes" => ("点赞", "likes"),
            "repost_id" => ("原帖编号", "id of the original"),
            "repost_url" => ("原帖链接", "link of the original"),
            _ => ("下一页", "next page"),
        };
        locale.pick(zh, en)
    }
}

impl Trouble {
    /// Why a way gave nothing, and what is near.
    #[must_use]
    pub fn human(&self, locale: Locale) -> String {
        match locale {
            Locale::ZhCn => self.chinese(),
            Locale::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Absent { nearest: None } => "没有匹配，放宽也找不到相近的".into(),
            Self::Absent { nearest: Some(nearest) } => {
                let keys = match nearest.keys.as_slice() {
                    [] => String::new(),
                    keys => format!("，那里有: {}", keys.join("、")),
                };
                format!("没有匹配；最接近的是 {}（匹配 {}{keys}）", nearest.way, nearest.found)
            }
            Self::NoAttribute { attribute, has } if has.is_empty() => {
                format!("元素在，但没有属性 {attribute}")
            }
            Self::NoAttribute { attribute, has } => {
                format!("元素在，但没有属性 {attribute}；有: {}", has.join("、"))
            }
            Self::NoMatch { regex, shown } => format!("找到“{shown}”，与正则 {regex} 不符"),
            Self::Empty => "元素在，但没有文字".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Absent { nearest: None } => "no match, and nothing near it".into(),
            Self::Absent { nearest: Some(nearest) } => {
                format!("no match; the nearest is {} ({} matches)", nearest.way, nearest.found)
            }
            Self::NoAttribute { attribute, has } => {
                format!("the element has no attribute {attribute}; it has: {}", has.join(", "))
            }
            Self::NoMatch { regex, shown } => format!("found “{shown}”, which {regex} does not match"),
            Self::Empty => "the element holds no text".into(),
        }
    }
}
