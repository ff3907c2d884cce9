//! A file of the office as text, and back to bytes as the program that last saved it would have written them.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::text::decode_office_file;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    encoding: Written,
    /// Whether it begins with a byte order mark.
    mark: bool,
    /// How its lines end.
    end: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
}

impl Form {
    /// Of a new file: UTF-8, lines ending in CR LF; a list begins with a mark, so that the oldest Notepad shows it
    /// rightly.
    #[must_use]
    pub fn of_new(name: &str) -> Self {
        let mark = !name.to_lowercase().ends_with(".toml");
        Self { encoding: Written::Utf8, mark, end: "\r\n" }
    }

    /// The encoding's name as people know it.
    #[must_use]
    pub const fn encoding(&self) -> &'static str {
        match self.encoding {
            Written::Utf8 => "UTF-8",
            Written::Utf16Le | Written::Utf16Be => "UTF-16",
            Written::Gb18030 => "GB18030",
        }
    }
}

/// The text of a file, its lines ending in `\n`, and how it is written. Never fails: what cannot be read stands as
/// U+FFFD, which no list takes.
#[must_use]
pub fn read(bytes: &[u8]) -> (String, Form) {
    let decoded = decode_office_file(bytes);
    let encoding = match decoded.encoding {
        name if name == UTF_16LE.name() => Written::Utf16Le,
        name if name == UTF_16BE.name() => Written::Utf16Be,
        name if name == GB18030.name() => Written::Gb18030,
        _ => Written::Utf8,
    };
    let pairs = decoded.text.matches("\r\n").count();
    let feeds = decoded.text.matches('\n').count();
    let returns = decoded.text.matches('\r').count();
    // What most lines have; a file without a line end is as good as new.
    let end = if pairs * 2 >= feeds.max(returns) {
        "\r\n"
    } else if feeds == 0 {
        "\r"
    } else {
        "\n"
    };
    let mark = Encoding::for_bom(bytes).is_some();
    (plain(&decoded.text), Form { encoding, mark, end })
}

/// A text with its lines ending in `\n`, as forms and files bring it.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The bytes of a text as the form says.
#[must_use]
pub fn written(text: &str, form: Form) -> Vec<u8> {
    let text = plain(text).replace('\n', form.end);
    let wide = |unit: fn(u16) -> [u8; 2], mark: bool| {
        let mark = mark.then_some(0xFEFF_u16);
        mark.into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    match form.encoding {
        Written::Utf16Le => wide(u16::to_le_bytes, form.mark),
        Written::Utf16Be => wide(u16::to_be_bytes, form.mark),
        // GB18030 has a place for every character, so nothing is replaced.
        Written::Gb18030 => GB18030.encode(&text).0.into_owned(),
        Written::Utf8 => {
            let mark: &[u8] = if form.mark { b"\xef\xbb\xbf" } else { b"" };
            [mark, UTF_8.encode(&text).0.as_ref()].concat()
        }
    }
}
