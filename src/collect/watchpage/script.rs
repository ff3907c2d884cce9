//! What the scripts that stand in a page give away: where they lead, what they load, whether they treat
//! visitors from search engines apart. They are read, never run; the usual encodings are undone first.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Most of one script that is read, in bytes.
const MOST_BYTES: usize = 256 * 1024;

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test of this module")]
mod patterns {
    use super::{LazyLock, Regex};

    fn new(pattern: &str) -> Regex {
        Regex::new(pattern).expect("a valid pattern")
    }

    pub(super) static ESCAPE: LazyLock<Regex> =
        LazyLock::new(|| new(r"(?i)(?:\\u|%u)([0-9a-f]{4})|\\x([0-9a-f]{2})|&#(\d{2,7});?"));
    pub(super) static CODES: LazyLock<Regex> =
        LazyLock::new(|| new(r"(?i)String\.fromCharCode\(([\d\s,]+)\)"));
    pub(super) static LEADS: LazyLock<Regex> = LazyLock::new(|| {
        new(
            r#"(?i)\blocation(?:\.href)?\s*(?:=|\.(?:replace|assign)\s*\()\s*\\?["'`]\s*((?:https?:)?//[^"'`\\\s]+)"#,
        )
    });
    pub(super) static LOADS: LazyLock<Regex> = LazyLock::new(|| {
        new(
            r#"(?i)(?:\.src\s*=|<(?:script|iframe)\b[^>]{0,300}?\bsrc\s*=)\s*\\?["'`]?\s*((?:https?:)?//[^"'`\\\s>]+)"#,
        )
    });
    pub(super) static LINKS: LazyLock<Regex> =
        LazyLock::new(|| new(r#"(?i)<a\b[^>]{0,300}?\bhref\s*=\s*\\?["']?\s*((?:https?:)?//[^"'\\\s>]+)"#));
    pub(super) static ENGINES: LazyLock<Regex> =
        LazyLock::new(|| new(r"(?i)baidu|sogou|\bso\.com|google|bing|sm\.cn|toutiao|spider"));
}

/// What one script gives away. Addresses are as written, `//host` included.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// Its text with the encodings undone.
    pub plain: String,
    /// Where it sends the visitor.
    pub leads: Vec<String>,
    /// Scripts and frames that it loads.
    pub loads: Vec<String>,
    /// Links that it writes into the page.
    pub links: Vec<String>,
    /// It asks whether the visitor comes from a search engine, and leads or writes then.
    pub sorts_visitors: bool,
}

impl Script {
    pub fn of(text: &str) -> Self {
        let end = (0..=MOST_BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let plain = decoded(text.get(..end).unwrap_or_default());
        let all = |pattern: &Regex| -> Vec<String> {
            pattern
                .captures_iter(&plain)
                .filter_map(|found| found.get(1))
                .map(|found| found.as_str().to_owned())
                .collect()
        };
        let (leads, loads, links) = (all(&patterns::LEADS), all(&patterns::LOADS), all(&patterns::LINKS));
        let asks = plain.contains("document.referrer") || plain.contains("navigator.userAgent");
        let acts = ["location", "document.write", "document.title", "createElement", "innerHTML"];
        let sorts_visitors = asks
            && plain.contains("referrer")
            && patterns::ENGINES.is_match(&plain)
            && acts.iter().any(|act| plain.contains(act));
        Self { plain, leads, loads, links, sorts_visitors }
    }
}

/// Addresses of links in markup that is not part of the document (`<noscript>`).
pub(super) fn links_of(markup: &str) -> Vec<String> {
    patterns::LINKS
        .captures_iter(markup)
        .filter_map(|found| found.get(1))
        .map(|found| found.as_str().to_owned())
        .collect()
}

fn decoded(script: &str) -> String {
    let codes = patterns::CODES.replace_all(script, |found: &Captures<'_>| {
        let codes = found.get(1).map(|codes| codes.as_str()).unwrap_or_default();
        let text: String =
            codes.split(',').filter_map(|code| char::from_u32(code.trim().parse().ok()?)).collect();
        format!("\"{text}\"")
    });
    let escape = |found: &Captures<'_>| -> String {
        let hex = found.get(1).or_else(|| found.get(2));
        let code = match hex {
            Some(hex) => u32::from_str_radix(hex.as_str(), 16).ok(),
            None => found.get(3).and_then(|decimal| decimal.as_str().parse().ok()),
        };
        code.and_then(char::from_u32).map_or_else(String::new, String::from)
    };
    patterns::ESCAPE.replace_all(&codes, escape).into_owned()
}
