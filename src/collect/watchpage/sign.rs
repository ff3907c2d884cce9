//! A sign of tampering, or a smaller thing that a person should look at, in the office's words.

use crate::locale::Locale;

/// What kind of sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    WordInTitle,
    WordInMeta,
    WordHidden,
    WordInLink,
    WordInText,
    HiddenLink,
    Frame,
    Script,
    Leads,
    TitleReplaced,
    ExpectedGone,
    SortsVisitors,
    Emptied,
    Moved,
}

/// One sign: what it is about, and how it stands in the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sign {
    pub kind: Kind,
    /// The word or the domain: with the kind its identity.
    pub what: String,
    /// The words or the address as they stand there.
    pub shown: String,
}

impl Sign {
    pub fn new(kind: Kind, what: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { kind, what: what.into(), shown: shown.into() }
    }

    /// Its identity over several looks at the same page.
    pub fn id(&self) -> String {
        let kind = match self.kind {
            Kind::WordInTitle => "word-in-title",
            Kind::WordInMeta => "word-in-meta",
            Kind::WordHidden => "word-hidden",
            Kind::WordInLink => "word-in-link",
            Kind::WordInText => "word-in-text",
            Kind::HiddenLink => "hidden-link",
            Kind::Frame => "frame",
            Kind::Script => "script",
            Kind::Leads => "leads",
            Kind::TitleReplaced => "title",
            Kind::ExpectedGone => "expected",
            Kind::SortsVisitors => "sorts-visitors",
            Kind::Emptied => "emptied",
            Kind::Moved => "moved",
        };
        format!("{kind}/{}", self.what)
    }

    /// The sign as the office reads it.
    pub fn human(&self, locale: Locale) -> String {
        let (what, shown) = (&self.what, &self.shown);
        match locale {
            Locale::ZhCn => match self.kind {
                Kind::WordInTitle => format!("标题里出现“{what}”：{shown}"),
                Kind::WordInMeta => format!("网页的关键词或描述里出现“{what}”：{shown}"),
                Kind::WordHidden => format!("看不见的地方出现“{what}”：{shown}"),
                Kind::WordInLink => format!("通往外站的链接上出现“{what}”：{shown}"),
                Kind::WordInText => format!("正文里出现“{what}”：{shown}"),
                Kind::HiddenLink => format!("暗链，指向 {what}：{shown}"),
                Kind::Frame => format!("嵌入了外站 {what} 的网页：{shown}"),
                Kind::Script => format!("加载了外站 {what} 的脚本：{shown}"),
                Kind::Leads => format!("把访客带到外站 {what}：{shown}"),
                Kind::TitleReplaced => format!("标题被换成：{shown}"),
                Kind::ExpectedGone => format!("应有的“{what}”不见了"),
                Kind::SortsVisitors => "脚本按是否来自搜索引擎区别对待访客".to_owned(),
                Kind::Emptied => format!("网页几乎没有文字了：{shown}"),
                Kind::Moved => format!("域名刚换了网段或证书签发者，网页内容也大变：现在的标题是 {shown}"),
            },
            Locale::En => match self.kind {
                Kind::WordInTitle => format!("“{what}” in the title: {shown}"),
                Kind::WordInMeta => format!("“{what}” in the keywords or description: {shown}"),
                Kind::WordHidden => format!("“{what}” where nobody sees it: {shown}"),
                Kind::WordInLink => format!("“{what}” on a link to another site: {shown}"),
                Kind::WordInText => format!("“{what}” in the text: {shown}"),
                Kind::HiddenLink => format!("a hidden link to {what}: {shown}"),
                Kind::Frame => format!("a frame of {what}: {shown}"),
                Kind::Script => format!("a script of {what}: {shown}"),
                Kind::Leads => format!("leads visitors to {what}: {shown}"),
                Kind::TitleReplaced => format!("the title was replaced: {shown}"),
                Kind::ExpectedGone => format!("“{what}” is gone"),
                Kind::SortsVisitors => "a script treats visitors from search engines apart".to_owned(),
                Kind::Emptied => format!("there is hardly any text left: {shown}"),
                Kind::Moved => {
                    format!("another network or issuer answers, and the page is another: {shown}")
                }
            },
        }
    }
}
