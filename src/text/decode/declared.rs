//! What a document says of its own encoding.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// How far into a document declarations are looked for. Browsers stop at 1,024 bytes; forums put
/// scripts and comments before theirs.
const PRESCAN: usize = 8 * 1024;

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a valid pattern"));
    };
}

pattern!(XML, r#"(?is-u)^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*(?P<label>[^"'>]{1,40})"#);
pattern!(META, r#"(?is-u)<meta\s[^>]*?charset\s*=\s*["']?\s*(?P<label>[a-z0-9_:.\-]{1,40})"#);
pattern!(COMMENT, r"(?s-u)<!--.*?(?:-->|\z)");

/// The label declared by an XML declaration, or by a `<meta>` outside of comments.
pub(super) fn in_document(bytes: &[u8], html: bool) -> Option<&str> {
    let head = bytes.get(..PRESCAN).unwrap_or(bytes);
    let label = |pattern: &Regex| pattern.captures(head)?.name("label").map(|m| (m.start(), m.as_bytes()));
    let (_, found) = label(&XML).or_else(|| if html { outside_comments(head) } else { None })?;
    std::str::from_utf8(found).ok()
}

fn outside_comments(head: &[u8]) -> Option<(usize, &[u8])> {
    let comments: Vec<_> = COMMENT.find_iter(head).map(|m| m.range()).collect();
    META.captures_iter(head)
        .filter_map(|found| found.name("label"))
        .map(|label| (label.start(), label.as_bytes()))
        .find(|(at, _)| !comments.iter().any(|comment| comment.contains(at)))
}
