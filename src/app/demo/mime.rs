//! A small reader of mails, enough for what the demo's mailbox receives: folded headers, encoded words,
//! multipart bodies, base64 and quoted-printable.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How deep parts may lie in parts.
const DEEPEST: usize = 6;

/// A mail or a part of one: its headers and its undecoded body.
#[derive(Debug, Clone)]
pub struct Entity {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Entity {
    /// Reads headers and body apart. Anything is an entity; what is broken reads as text.
    #[must_use]
    pub fn read(raw: &[u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut rest = raw;
        while let Some((line, after)) = next_line(rest) {
            rest = after;
            if line.is_empty() {
                break;
            }
            let line = String::from_utf8_lossy(line);
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self { headers, body: rest.to_vec() }
    }

    /// A header's raw value, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A header with its encoded words decoded.
    #[must_use]
    pub fn decoded_header(&self, name: &str) -> String {
        self.header(name).map(decode_words).unwrap_or_default()
    }

    /// The first part of this media type, such as `text/plain`, as text.
    #[must_use]
    pub fn part(&self, media_type: &str) -> Option<String> {
        self.find(media_type, DEEPEST)
    }

    fn find(&self, media_type: &str, depth: usize) -> Option<String> {
        let declared = self.header("content-type").unwrap_or("text/plain");
        if let Some(boundary) = parameter(declared, "boundary") {
            let deeper = depth.checked_sub(1)?;
            return split_parts(&self.body, &boundary)
                .iter()
                .find_map(|part| Self::read(part).find(media_type, deeper));
        }
        let this = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        (this == media_type).then(|| self.text(declared))
    }

    fn text(&self, content_type: &str) -> String {
        let encoding = self.header("content-transfer-encoding").unwrap_or("7bit").trim().to_ascii_lowercase();
        let bytes = match encoding.as_str() {
            "base64" => base64(&self.body),
            "quoted-printable" => quoted_printable(&self.body, false),
            _ => self.body.clone(),
        };
        to_text(&bytes, &parameter(content_type, "charset").unwrap_or_default())
    }
}

fn next_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (bytes.get(..end)?, bytes.get(end + 1..)?),
        None => (bytes, b"".as_slice()),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// `name=value` or `name="value"` of a structured header.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (known, value) = piece.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn split_parts(body: &[u8], boundary: &str) -> Vec<Vec<u8>> {
    let opening = format!("--{boundary}").into_bytes();
    let closing = format!("--{boundary}--").into_bytes();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut inside = false;
    let mut rest = body;
    while let Some((line, after)) = next_line(rest) {
        rest = after;
        let trimmed = line.trim_ascii_end();
        if trimmed == closing {
            break;
        } else if trimmed == opening {
            inside = true;
            parts.push(Vec::new());
        } else if let (true, Some(part)) = (inside, parts.last_mut()) {
            part.extend_from_slice(line);
            part.extend_from_slice(b"\r\n");
        }
    }
    parts
}

fn base64(text: &[u8]) -> Vec<u8> {
    let compact: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(&compact).unwrap_or(compact)
}

/// Quoted-printable; `underscores` stand for spaces in encoded words only.
fn quoted_printable(text: &[u8], underscores: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'=', [b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..]) => rest = tail,
            (b'=', [high, low, tail @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = tail;
                }
                _ => out.push(b'='),
            },
            (b'_', _) if underscores => out.push(b' '),
            _ => out.push(first),
        }
    }
    out
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn to_text(bytes: &[u8], charset: &str) -> String {
    let encoding = encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// Decodes `=?charset?B?…?=` and `=?charset?Q?…?=`; blanks between two of them are no blanks.
fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut after_word = false;
    for piece in value.split_inclusive(char::is_whitespace) {
        let bare = piece.trim();
        if bare.is_empty() {
            continue;
        }
        if let Some(text) = decode_word(bare) {
            if after_word {
                let kept = out.trim_end().len();
                out.truncate(kept);
            }
            out.push_str(&text);
            out.push(' ');
            after_word = true;
        } else {
            out.push_str(bare);
            out.push(' ');
            after_word = false;
        }
    }
    out.trim().to_owned()
}

fn decode_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut pieces = inner.splitn(3, '?');
    let (charset, encoding, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let bytes = match encoding {
        "B" | "b" => base64(text.as_bytes()),
        "Q" | "q" => quoted_printable(text.as_bytes(), true),
        _ => return None,
    };
    Some(to_text(&bytes, charset))
}
