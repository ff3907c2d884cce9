//! A form that carries a file, as browsers send it (`multipart/form-data`, RFC 7578): fields and files between lines of a
//! boundary. The whole body is at hand and bounded, so it is read in place.

/// One part of the form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The field's name.
    pub name: String,
    /// The file's own name, without any folder; `None` for a field that is no file.
    pub file: Option<String>,
    /// What it holds.
    pub body: &'a [u8],
}

/// Most parts that a form of ours has.
const PARTS: usize = 16;
/// Longest boundary (RFC 2046, 5.1.1).
const BOUNDARY: usize = 70;

/// The parts, in their order; `None` when this is no such form, or it was cut off before its end.
pub(super) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary").filter(|one| (1..=BOUNDARY).contains(&one.len()))?;
    let line = format!("\r\n--{boundary}");
    // The first boundary may stand at the very beginning, without the line break of the others.
    let mut rest = body.strip_prefix(line.get(2..)?.as_bytes())?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let (head, after) = split(rest.strip_prefix(b"\r\n")?, b"\r\n\r\n")?;
        let (held, next) = split(after, line.as_bytes())?;
        parts.push(part(std::str::from_utf8(head).ok()?, held)?);
        if parts.len() > PARTS {
            return None;
        }
        rest = next;
    }
}

fn part<'a>(head: &str, body: &'a [u8]) -> Option<Part<'a>> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, said) = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?;
    let (kind, parameters) = said.split_once(';')?;
    let is_field = kind.trim().eq_ignore_ascii_case("form-data");
    let file = parameter(parameters, "filename").map(|path| {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        name.to_owned()
    });
    is_field.then_some(Part { name: parameter(parameters, "name")?, file, body })
}

/// The value of `name=value` or `name="value"` among parameters. Browsers write a quotation mark and line breaks within
/// as `%22`, `%0D` and `%0A`.
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text.trim_start();
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after
                .split_once(';')
                .map_or((after, ""), |(value, _)| (value, after.get(value.len()..).unwrap_or(""))),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            let value = value.trim().replace("%22", "\"").replace("%0D", " ").replace("%0A", " ");
            return Some(value);
        }
        rest = next.trim_start().strip_prefix(';')?;
    }
}

/// What stands before and after the first place of `mark`.
fn split<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let first = mark.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| byte == first)?;
        if let Some(after) = text.get(at..)?.strip_prefix(mark) {
            return Some((text.get(..at)?, after));
        }
        from = at + 1;
    }
}
