//! What came from outside, made harmless for the robots' markdown.
//!
//! WeCom, DingTalk and Feishu each read a markdown of their own, and none documents an escape that the
//! other two share. Characters that any of them reads as markup are therefore replaced by their full-width
//! forms, which look alike and mean nothing.

/// Text for a robot's message.
#[must_use]
pub fn in_robot(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => '＜',
            '>' => '＞',
            '[' => '［',
            ']' => '］',
            '(' => '（',
            ')' => '）',
            '*' => '＊',
            '_' => '＿',
            '`' => '｀',
            '#' => '＃',
            '~' => '～',
            '|' => '｜',
            '\\' => '＼',
            '!' => '！',
            '@' => '＠',
            '$' => '＄',
            '{' => '｛',
            '}' => '｝',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// An address for the round brackets of a link: what could end it, or is not part of an address, is
/// percent-encoded. Anything but http and https gives nothing.
pub(super) fn link_target(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return String::new();
    }
    let mut target = String::with_capacity(url.len());
    for byte in url.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&+,;=%".contains(&byte);
        if plain {
            target.push(char::from(byte));
        } else {
            target.push_str(&format!("%{byte:02X}"));
        }
    }
    target
}
