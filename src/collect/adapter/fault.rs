//! What can be wrong with an answer's content: each fault has a technical face (log, English) and a
//! human one that says whose fault it is and what to do.

use crate::{config::preset::BlockReason, locale::Locale};

/// Whether an answer was data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Posts were read.
    Data,
    /// The list is empty, and the page says so itself.
    Empty,
    /// The answer is a login, captcha or refusal page.
    Blocked {
        /// What it wants.
        reason: BlockReason,
        /// The site's own words, shortened; may be empty.
        words: String,
    },
    /// Nothing usable; the faults say why.
    Broken,
}

/// One thing that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// The list has no items, and there is no sign that it may be empty.
    #[error("no items: the selectors or paths match nothing and no `empty_ok` sign is there")]
    NoItems,
    /// Not a feed that can be parsed.
    #[error("not a readable feed: {why}")]
    NotFeed {
        /// The parser's words.
        why: String,
    },
    /// Not JSON.
    #[error("not JSON: {why}")]
    NotJson {
        /// The parser's words with line and column.
        why: String,
        /// Whether it ends in the middle.
        truncated: bool,
    },
    /// Nothing at all with a status of success.
    #[error("the answer is empty although its status is success")]
    NoBody,
    /// The document declares entities of its own (entity bomb, file disclosure).
    #[error("refused: the document declares entities")]
    Entities,
    /// Nested too deeply.
    #[error("refused: nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// An item has neither an id nor a link.
    #[error("item {nth} has neither an id nor a link")]
    NoIdentity {
        /// Which, from 1.
        nth: usize,
    },
    /// An item is not an object.
    #[error("item {nth} is not an object")]
    NotObject {
        /// Which, from 1.
        nth: usize,
    },
    /// A counter below zero or above 10^12, taken as unknown.
    #[error("{counter} of {id} is absurd ({shown}); taken as unknown")]
    AbsurdCounter {
        /// Whose.
        id: String,
        /// Which.
        counter: &'static str,
        /// As shown.
        shown: String,
    },
    /// A counter of which nothing could be made.
    #[error("{counter} of {id} cannot be read ({shown}); taken as unknown")]
    UnreadableCounter {
        /// Whose.
        id: String,
        /// Which.
        counter: &'static str,
        /// As shown.
        shown: String,
    },
    /// A counter that the preset promises and no item shows.
    #[error("no item shows {counter}, which the preset promises")]
    CounterGone {
        /// Which.
        counter: &'static str,
    },
    /// A publication time after the look, taken as unknown.
    #[error("{id} is dated in the future ({shown}); taken as unknown")]
    FutureDate {
        /// Whose.
        id: String,
        /// As shown.
        shown: String,
    },
    /// A publication time of which nothing could be made.
    #[error("the date of {id} cannot be read ({shown}); taken as unknown")]
    UnreadableDate {
        /// Whose.
        id: String,
        /// As shown.
        shown: String,
    },
    /// A line of a push body or of a command's output that is not a post.
    #[error("line {line}: {why}")]
    Line {
        /// From 1.
        line: usize,
        /// Why.
        why: String,
    },
}

impl ReadFault {
    /// The fault as the office reads it.
    #[must_use]
    pub fn human(&self, locale: Locale) -> String {
        if locale == Locale::En {
            return self.to_string();
        }
        match self {
            Self::NoItems => {
                "页面取到了，但按预设一条也没有读到：网站可能改版了，请用 yuqing probe 查看并更新预设".into()
            }
            Self::NotFeed { why } => format!("不是可读的订阅（RSS/Atom）：{why}。请检查网址是否还是订阅地址"),
            Self::NotJson { truncated: true, .. } => "对方的答复不完整（JSON 中断），将自动重试".into(),
            Self::NotJson { why, .. } => format!("对方的答复不是 JSON：{why}。接口可能已变更或要求登录"),
            Self::NoBody => {
                "对方给了空的答复，状态却是成功：多半是要求登录、验证或签名。请改用开放接口，或由其他程序送来"
                    .into()
            }
            Self::Entities => "对方的文件声明了自定义实体（可能是攻击），已拒绝读取".into(),
            Self::TooDeep { limit } => format!("对方的文件嵌套超过 {limit} 层（可能是攻击），已拒绝读取"),
            Self::NoIdentity { nth } => format!("第 {nth} 条既没有编号也没有链接，已跳过"),
            Self::NotObject { nth } => format!("第 {nth} 条不是帖子，已跳过"),
            Self::AbsurdCounter { id, counter, shown } => {
                format!("{id} 的{}为 {shown}，不合理，按未知处理", counter_name(counter))
            }
            Self::UnreadableCounter { id, counter, shown } => {
                format!("{id} 的{}“{shown}”读不懂，按未知处理", counter_name(counter))
            }
            Self::CounterGone { counter } => {
                format!("没有一条显示{}：网站可能改版了，请更新预设", counter_name(counter))
            }
            Self::FutureDate { id, shown } => format!("{id} 的发表时间“{shown}”在将来，按未知处理"),
            Self::UnreadableDate { id, shown } => format!("{id} 的发表时间“{shown}”读不懂，按未知处理"),
            Self::Line { line, why } => format!("第 {line} 行：{why}"),
        }
    }

    /// Whether this fault alone means that the site has changed its shape.
    #[must_use]
    pub const fn is_shape_change(&self) -> bool {
        matches!(self, Self::NoItems | Self::NotFeed { .. } | Self::CounterGone { .. })
    }
}

fn counter_name(counter: &str) -> &'static str {
    match counter {
        "views" => "浏览量",
        "reposts" => "转发量",
        "comments" => "评论量",
        _ => "点赞量",
    }
}

/// Whose task a blocked answer is. Where a credential was sent and the site still wants a login, the
/// credential has expired: that is for the administrator, and the words name it (the reference, never the
/// secret).
#[must_use]
pub fn blamed(reason: BlockReason, words: &str, credential: Option<&str>) -> (BlockReason, String) {
    match (reason, credential) {
        (BlockReason::Login | BlockReason::Credential, Some(credential)) => {
            let own = if words.is_empty() { String::new() } else { format!("；{words}") };
            (BlockReason::Credential, format!("凭据 {credential}{own}"))
        }
        // None was sent, so none has expired.
        (BlockReason::Credential, None) => (BlockReason::Login, words.to_owned()),
        (other, _) => (other, words.to_owned()),
    }
}

/// A blocked answer as the office reads it.
#[must_use]
pub fn blocked_words(reason: BlockReason, words: &str, locale: Locale) -> String {
    let own = if words.is_empty() { String::new() } else { format!("（对方原话：{words}）") };
    let own_en = if words.is_empty() { String::new() } else { format!(" (the site says: {words})") };
    if reason == BlockReason::Credential {
        return match locale {
            Locale::ZhCn => {
                format!("本单位的凭据已过期或不被接受（{words}）。请管理员更换凭据所指的内容，配置不必改")
            }
            Locale::En => format!(
                "the office's credential has expired or is not accepted ({words}); the administrator must renew it"
            ),
        };
    }
    let (zh, en) = match reason {
        BlockReason::Login => (
            "对方要求登录后才能看。请改用平台的开放接口，或由其他程序用 push/command 送来",
            "the site demands a login; use its open interface, or feed it by push or command",
        ),
        BlockReason::Captcha => (
            "对方要求人机验证（验证码）。本程序不破解验证码：请放慢频率，或改用开放接口",
            "the site demands a captcha, which is not solved here; slow down or use an open interface",
        ),
        BlockReason::Permission => (
            "对方说没有权限访问该页。请换一个公开的版块或页面",
            "the site says that we may not see this page; choose a public one",
        ),
        BlockReason::Limited => {
            ("对方说访问太频繁，已放慢", "the site says that we come too often; slowed down")
        }
        BlockReason::Credential | BlockReason::Other => {
            ("对方给出的是提示页，不是内容", "the site answered with a notice instead of content")
        }
    };
    match locale {
        Locale::ZhCn => format!("{zh}{own}"),
        Locale::En => format!("{en}{own_en}"),
    }
}
