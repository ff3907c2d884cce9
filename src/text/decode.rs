//! Bytes to text.

/// Text and the encoding that it was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// WHATWG name of the encoding, such as `UTF-8` or `gb18030`.
    pub encoding: &'static str,
    /// Whether some bytes could not be read and stand as U+FFFD.
    pub had_errors: bool,
}

/// Decodes a page or feed.
#[must_use]
pub fn decode(bytes: &[u8], _header_charset: Option<&str>, _html: bool) -> Decoded {
    decode_office_file(bytes)
}

/// Decodes a file of the office.
#[must_use]
pub fn decode_office_file(bytes: &[u8]) -> Decoded {
    Decoded { text: String::from_utf8_lossy(bytes).into_owned(), encoding: "UTF-8", had_errors: false }
}
