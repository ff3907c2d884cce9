//! Why a fetch gave nothing. Each failure has a technical face (log, English) and a human one that says
//! whose fault it is and what to do.

use std::sync::Arc;

use jiff::Timestamp;

use crate::locale::Locale;

/// As much of a refusal's body as is kept: enough to recognise a captcha or a login page by.
pub const MOST_RAW_BYTES: usize = 64 * 1024;

/// An answer as it was received: the evidence behind a failure, which a person may want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// The address that answered, after redirects.
    pub url: String,
    /// When. UTC.
    pub at: Timestamp,
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The body, decompressed, at most [`MOST_RAW_BYTES`]; what could not be read is missing.
    pub body: Vec<u8>,
}

/// Why a fetch gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not a web address.
    #[error("not a web address: {0}")]
    BadUrl(String),
    /// A private, loopback or otherwise special address that the source may not reach.
    #[error("address not allowed: {0}")]
    Forbidden(String),
    /// The host name has no address.
    #[error("cannot resolve {host}: {why}")]
    Dns {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// No connection.
    #[error("cannot connect to {host}: {why}")]
    Connect {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// The host closed the connection before it had answered.
    #[error("{host} closed the connection without an answer: {why}")]
    Disconnected {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// What the host sends is not HTTP, or headers without end.
    #[error("{host} does not speak HTTP properly: {why}")]
    Protocol {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// Certificate or protocol of TLS.
    #[error("TLS with {host} failed: {why}")]
    Tls {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// Not done in time.
    #[error("not done within {seconds} s")]
    Timeout {
        /// The limit.
        seconds: u64,
    },
    /// More bytes than allowed, counted after decompression.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is packed so tightly that it can only be meant to fill the memory.
    #[error("the body is packed {times} times over")]
    Overpacked {
        /// How many times larger it is than what came over the line.
        times: u64,
    },
    /// An encoding that was not asked for, or one within another.
    #[error("the body is encoded as \"{0}\", which was not asked for")]
    Encoding(String),
    /// The body ended early or could not be decompressed.
    #[error("the body is broken: {0}")]
    BrokenBody(String),
    /// Too many redirects.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// The limit.
        limit: usize,
    },
    /// Redirected in a circle.
    #[error("redirected in a circle at {0}")]
    RedirectLoop(String),
    /// An answer other than success.
    #[error("HTTP {code}")]
    Status {
        /// The status.
        code: u16,
        /// When the host asks us to come again. UTC.
        retry_at: Option<Timestamp>,
        /// The answer itself: a captcha or a login page may come with 403, 412, 418 or 503.
        raw: Option<Arc<RawAnswer>>,
    },
    /// robots.txt forbids this address to us.
    #[error("robots.txt forbids {0}")]
    RobotsRefused(String),
    /// robots.txt cannot be had now, so nothing may be fetched for now (RFC 9309).
    #[error("robots.txt of {host} is not available: {why}")]
    RobotsUnavailable {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// The host asked for rest; nothing was sent.
    #[error("the host rests until {until}")]
    HostRests {
        /// Until when. UTC.
        until: Timestamp,
    },
    /// A secret that a header needs is not there.
    #[error("the credential is not available: {0}")]
    Credential(String),
}

impl FetchError {
    /// The failure as the office reads it.
    #[must_use]
    pub fn human(&self, locale: Locale) -> String {
        if locale == Locale::En {
            return self.to_string();
        }
        match self {
            Self::BadUrl(url) => format!("网址写错了：{url}。请改正来源里的网址"),
            Self::Forbidden(url) => {
                format!("{url} 是内网或特殊地址，已拒绝访问。若确是本单位内网站点，请在来源里写 allow_private = true")
            }
            Self::Dns { host, .. } => format!("找不到主机 {host}：检查网址是否写错，或本机的域名解析"),
            Self::Connect { host, .. } => format!("连不上 {host}：对方可能停机，或本机网络不通；将自动重试"),
            Self::Disconnected { host, .. } => {
                format!("{host} 没有答复就断开了连接：对方可能停机或拒绝本机，将自动重试")
            }
            Self::Protocol { host, .. } => {
                format!("{host} 的答复不是正常的网页协议：检查网址和端口，或联系对方网站")
            }
            Self::Overpacked { times } => format!("对方的内容压缩了 {times} 倍，像是压缩炸弹，已停止读取"),
            Self::Encoding(name) => format!("对方用了没有约定的压缩方式（{name}），读不了：请联系对方网站"),
            Self::Tls { host, .. } => format!("{host} 的证书或加密方式有问题：请联系对方网站，或检查本机时间"),
            Self::Timeout { seconds } => format!("对方 {seconds} 秒内没有答复完：对方太慢，将自动重试"),
            Self::TooLarge { limit } => {
                format!("对方的内容超过 {} MB，已停止读取：请检查网址是否是列表页或订阅", limit / (1024 * 1024))
            }
            Self::BrokenBody(_) => "对方的内容传到一半断了或压缩格式损坏，将自动重试".into(),
            Self::TooManyRedirects { limit } => format!("对方跳转超过 {limit} 次：请把来源改成最终的网址"),
            Self::RedirectLoop(_) => "对方在原地打转（循环跳转）：可能要求登录或 Cookie，请换网址".into(),
            Self::Status { code, .. } => status_words(*code),
            Self::RobotsRefused(_) => {
                "对方的 robots.txt 不允许自动访问，本源停用。可改用：平台的开放接口（用本单位自己的密钥）、购买的数据（push 或 command）、人工录入".into()
            }
            Self::RobotsUnavailable { host, .. } => {
                format!("{host} 的 robots.txt 暂时取不到，按规矩先不访问，稍后自动重试")
            }
            Self::HostRests { .. } => "对方要求稍后再来，正在等候".into(),
            Self::Credential(why) => format!("取不到凭据：{why}。请检查来源里的 credential"),
        }
    }

    /// When the host asked us to come again. UTC.
    #[must_use]
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::Status { retry_at, .. } => *retry_at,
            Self::HostRests { until } => Some(*until),
            _ => None,
        }
    }

    /// The answer behind the failure, when there was one.
    #[must_use]
    pub const fn raw(&self) -> Option<&Arc<RawAnswer>> {
        match self {
            Self::Status { raw, .. } => raw.as_ref(),
            _ => None,
        }
    }
}

fn status_words(code: u16) -> String {
    let what = match code {
        401 => "对方要求登录或密钥无效：请检查凭据，或改用开放接口",
        403 => "对方拒绝访问：可能限制了自动访问，请联系对方或改用开放接口",
        404 | 410 => "页面不存在：请检查网址是否写错或已搬家",
        418 | 429 => "对方说访问太频繁：已按对方要求放慢",
        451 => "对方因法律原因不提供该页",
        500..=599 => "对方网站出错：不是本机的问题，将自动重试",
        _ => "对方没有给出内容",
    };
    format!("{what}（HTTP {code}）")
}
