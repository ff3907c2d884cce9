//! One path pattern of robots.txt and the path that it is compared with.
//!
//! Both are brought into one form first (RFC 9309 2.2.2): octets that need no escape stand plain, all
//! others as `%XX` in upper case, so both are plain ASCII. `*` matches any octets, `$` at the end is the
//! end. Matching looks for the parts between the stars from left to right with the standard library's
//! linear search: a pattern of a thousand stars costs no more than reading the path.

/// A path (with its query) as patterns are compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedPath(String);

impl ComparedPath {
    /// The path and query of an address, as they stand in it. A fragment is not part of them.
    #[must_use]
    pub fn new(path_and_query: &str) -> Self {
        let path = path_and_query.split_once('#').map_or(path_and_query, |(path, _)| path);
        Self(if path.is_empty() { "/".to_owned() } else { compared(path.as_bytes(), Star::Octet) })
    }
}

/// A pattern after `Allow:` or `Disallow:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// In compared form, with its stars and without the `$` at the end.
    text: Box<str>,
    ends: bool,
}

impl Pattern {
    /// Reads a pattern; `None` when it is empty, which matches nothing.
    pub fn new(written: &[u8]) -> Option<Self> {
        let first = *written.first()?;
        let (written, ends) = match written.split_last() {
            Some((b'$', rest)) => (rest, true),
            _ => (written, false),
        };
        let mut text = String::with_capacity(written.len() + 1);
        // `Disallow: admin/` has no meaning by the letter; its author means `/admin/`.
        if !b"/*$".contains(&first) {
            text.push('/');
        }
        text.push_str(&compared(written, Star::Wildcard));
        Some(Self { text: text.into(), ends })
    }

    /// Its octets: of two patterns that match, the one with more wins.
    pub fn octets(&self) -> usize {
        self.text.len() + usize::from(self.ends)
    }

    /// Whether it matches from the path's beginning.
    pub fn matches(&self, path: &ComparedPath) -> bool {
        matches(&self.text, self.ends, &path.0)
    }

    /// The same, where a `$` at the end may also stand for itself: it is not said which the author of
    /// `Disallow: /price$` meant, so an address that both readings could mean is left alone.
    pub fn may_match(&self, path: &ComparedPath) -> bool {
        let without_dollar = || path.0.strip_suffix('$').is_some_and(|path| matches(&self.text, true, path));
        self.matches(path) || (self.ends && without_dollar())
    }

    /// `Allow: /news/index.html` lets the folder itself be fetched too, as large search engines read it.
    pub fn folder_of_index(&self) -> Option<Self> {
        let (folder, file) = self.text.rsplit_once('/')?;
        let index = file == "index.html" || file == "index.htm";
        index.then(|| Self { text: format!("{folder}/").into(), ends: true })
    }

    pub fn heap_bytes(&self) -> usize {
        self.text.len()
    }
}

fn matches(pattern: &str, ends: bool, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = path.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !ends || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if ends && parts.peek().is_none() {
            // The last part stands at the end, wherever else it also stands.
            return rest.ends_with(part);
        }
        // The leftmost place leaves most of the path to the parts that follow.
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

/// What a plain `*` is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Star {
    Wildcard,
    Octet,
}

/// Escapes in one form. An octet stays escaped where a plain one would mean something else: `%`, a star,
/// and before the query `/` and `?`.
fn compared(written: &[u8], star: Star) -> String {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    let mut in_query = false;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'%' { after.get(..2).and_then(escape) } else { None };
        let (octet, was_escaped) = escaped.map_or((first, false), |octet| (octet, true));
        rest = if was_escaped { after.get(2..).unwrap_or_default() } else { after };
        let separates = was_escaped && !in_query && b"/?".contains(&octet);
        let literal_star = octet == b'*' && (was_escaped || star == Star::Octet);
        if octet == b'%' || separates || literal_star || !octet.is_ascii_graphic() {
            out.push('%');
            out.push_str(&hex::encode_upper([octet]));
        } else {
            out.push(char::from(octet));
        }
        in_query |= octet == b'?' && !was_escaped;
    }
    out
}

fn escape(digits: &[u8]) -> Option<u8> {
    let mut octet = [0];
    hex::decode_to_slice(digits, &mut octet).ok()?;
    Some(octet[0])
}
