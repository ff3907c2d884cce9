//! Bytes to text: pages and feeds of the web, and the office's own files.
//!
//! A page is read by its byte order mark, then the HTTP header, then its own `<meta>` or XML
//! declaration, then by detection; a declared encoding that does not fit gives way to one that does.
//! GBK and GB2312 are read as GB18030, their superset. Decoding never fails: what cannot be read
//! becomes U+FFFD and is reported.

mod declared;
mod guess;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Text and the encoding that it was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// WHATWG name of the encoding, such as `UTF-8`, `gb18030`, `Big5`, `UTF-16LE`.
    pub encoding: &'static str,
    /// Whether some bytes could not be read and stand as U+FFFD.
    pub had_errors: bool,
}

/// Decodes a page or feed. `header_charset` is the `charset` of the Content-Type header; `html` says
/// whether `<meta>` may declare the encoding (an XML declaration always may).
#[must_use]
pub fn decode(bytes: &[u8], header_charset: Option<&str>, html: bool) -> Decoded {
    if let Some((encoding, rest)) = byte_order_mark(bytes) {
        return read(rest, encoding);
    }
    let candidates = [
        header_charset.and_then(by_label),
        guess::utf16_without_mark(bytes),
        declared::in_document(bytes, html).and_then(by_label).map(ascii_compatible),
    ];
    let is_utf8 = guess::surely_utf8(bytes);
    let mut first = None;
    for encoding in candidates.into_iter().flatten() {
        // GB18030 has a character for nearly every pair of bytes, so that what a page declares seems to fit
        // even when the page was saved as UTF-8 since.
        let decoded = read(bytes, if is_utf8 && encoding == GB18030 { UTF_8 } else { encoding });
        if !decoded.had_errors {
            return decoded;
        }
        first.get_or_insert(decoded);
    }
    let guessed = guess::encoding(bytes);
    match first {
        // A declaration that fits but for a few stray bytes is right; so is one against which there is
        // nothing but a single-byte encoding, which fits all bytes.
        Some(declared) if mostly_fits(&declared.text) || guessed.is_single_byte() => declared,
        Some(declared) => Some(read(bytes, guessed)).filter(|d| !d.had_errors).unwrap_or(declared),
        None => read(bytes, guessed),
    }
}

/// At most one in twenty of the characters beyond ASCII could not be read.
fn mostly_fits(text: &str) -> bool {
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    text.matches('\u{FFFD}').count() * 20 <= foreign
}

/// Decodes a file that a person of the office saved: UTF-8 or UTF-16 with or without mark, else
/// GB18030. There is no guessing among foreign encodings, so that a short list is never misread.
#[must_use]
pub fn decode_office_file(bytes: &[u8]) -> Decoded {
    if let Some((encoding, rest)) = byte_order_mark(bytes) {
        return read(rest, encoding);
    }
    if let Some(encoding) = guess::utf16_without_mark(bytes) {
        return read(bytes, encoding);
    }
    if std::str::from_utf8(bytes).is_ok() { read(bytes, UTF_8) } else { read(bytes, GB18030) }
}

fn byte_order_mark(bytes: &[u8]) -> Option<(&'static Encoding, &[u8])> {
    let (encoding, length) = Encoding::for_bom(bytes)?;
    Some((encoding, bytes.get(length..)?))
}

/// The encoding of a label as sites write it.
fn by_label(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'', ';']).trim();
    let encoding = Encoding::for_label_no_replacement(label.as_bytes()).or_else(|| {
        let plain: String = label.to_ascii_lowercase().replace(['-', '_', ' '], "");
        match plain.as_str() {
            "gb2312" | "gbk" | "gb18030" | "cp936" | "ms936" | "gb" => Some(GB18030),
            "utf8" | "utf8mb4" | "unicode11utf8" => Some(UTF_8),
            "big5hkscs" | "big5" => Encoding::for_label(b"big5"),
            "utf16" => Some(UTF_16LE),
            _ => None,
        }
    })?;
    Some(if encoding == GBK { GB18030 } else { encoding })
}

/// A document that could be searched for its declaration as ASCII is not UTF-16, whatever it says.
fn ascii_compatible(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding }
}

fn read(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), encoding: encoding.name(), had_errors }
}
