//! Text and links of the HTML that feeds and APIs put into a post, without building a document. Nearly all
//! of it is paragraphs, links and images; for those one pass over the characters gives what HTML's own
//! parser would give. Whatever that pass does not know for certain (tables, scripts, entities by rare
//! names, tags that do not end) it leaves to the parser: `None`.

/// What a fragment says: its text before white space is folded, and the `href`s of its anchors.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub text: String,
    pub hrefs: Vec<String>,
}

/// Elements that end a line and nest without surprise.
const BLOCKS: [&str; 15] = [
    "div",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "figure",
    "pre",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
];
/// Elements within a line.
const INLINE: [&str; 17] = [
    "a", "b", "strong", "i", "em", "u", "span", "font", "img", "small", "big", "sub", "sup", "code", "s",
    "del", "ins",
];
/// Deepest nesting of blocks that is followed.
const DEEPEST: usize = 64;

/// Scans a fragment; `None` when the parser must be asked.
pub(super) fn scan(html: &str) -> Option<Scanned> {
    let mut scanned = Scanned { text: String::with_capacity(html.len()), hrefs: Vec::new() };
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, here) = rest.split_at_checked(at)?;
        push_text(&mut scanned.text, before)?;
        rest = if let Some(reference) = here.strip_prefix('&') {
            push_reference(&mut scanned.text, reference)?
        } else {
            tag(here.strip_prefix('<')?, &mut open, &mut scanned)?
        };
    }
    push_text(&mut scanned.text, rest)?;
    Some(scanned)
}

/// A line break in the source is only white space.
fn push_text(text: &mut String, part: &str) -> Option<()> {
    if part.contains('\0') {
        return None;
    }
    for (nth, line) in part.split(['\n', '\r']).enumerate() {
        if nth > 0 {
            text.push(' ');
        }
        text.push_str(line);
    }
    Some(())
}

/// Writes what a `&` begins; what follows it.
fn push_reference<'t>(text: &mut String, after: &'t str) -> Option<&'t str> {
    if !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#') {
        text.push('&');
        return Some(after);
    }
    let end = after.bytes().take(12).position(|byte| byte == b';')?;
    let (name, rest) = after.split_at_checked(end)?;
    text.push(meaning(name)?);
    rest.strip_prefix(';')
}

/// The character of a reference of which there is no doubt.
fn meaning(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                u32::from_str_radix(hex, 16).ok()?
            }
            None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok()?,
            _ => return None,
        };
        // HTML reads some numbers below as other characters.
        return char::from_u32(code).filter(|_| (0x20..0x7f).contains(&code) || code >= 0xa0);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "middot" => '·',
        "copy" => '©',
        _ => return None,
    })
}

/// Takes what stands behind a `<`; what follows it.
fn tag<'t>(after: &'t str, open: &mut Vec<&'t str>, scanned: &mut Scanned) -> Option<&'t str> {
    if let Some(comment) = after.strip_prefix("!--") {
        if comment.starts_with(['>', '-']) || comment.contains("--!>") {
            return None;
        }
        return comment.split_once("-->").map(|(_, rest)| rest);
    }
    let (closes, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
    if !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
        if closes || after.starts_with(['!', '?']) {
            return None;
        }
        // Not a tag: a sign of comparison.
        scanned.text.push('<');
        return Some(after);
    }
    let end = after.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())?;
    let (name, attributes) = after.split_at_checked(end)?;
    if !attributes.starts_with(['>', '/', ' ', '\n', '\r', '\t']) {
        return None;
    }
    let mut href = None;
    let rest = attributes_of(attributes, &mut href)?;
    if closes {
        close(name, open, &mut scanned.text)?;
    } else {
        begin(name, open, &mut scanned.text)?;
    }
    if name == "a" && !closes {
        scanned.hrefs.extend(href);
    }
    Some(rest)
}

fn begin<'t>(name: &'t str, open: &mut Vec<&'t str>, text: &mut String) -> Option<()> {
    match name {
        "p" | "br" | "hr" => text.push('\n'),
        "li" => {
            // A new item ends the one before it.
            match open.last() {
                Some(&"li") => {}
                Some(&("ul" | "ol")) => open.push(name),
                _ => return None,
            }
            text.push('\n');
        }
        _ if BLOCKS.contains(&name) => {
            // A heading in a heading ends it.
            let heading = is_heading(name) && open.iter().any(|open| is_heading(open));
            if heading || open.len() >= DEEPEST {
                return None;
            }
            open.push(name);
            text.push('\n');
        }
        _ if INLINE.contains(&name) => {}
        _ => return None,
    }
    Some(())
}

fn close(name: &str, open: &mut Vec<&str>, text: &mut String) -> Option<()> {
    match name {
        // An end without a beginning is an empty paragraph.
        "p" => text.push('\n'),
        "li" if open.last() == Some(&"li") => {
            open.pop();
            text.push('\n');
        }
        "ul" | "ol" if open.last() == Some(&"li") => {
            open.pop();
            return close(name, open, text);
        }
        _ if BLOCKS.contains(&name) => {
            if open.pop() != Some(name) {
                return None;
            }
            text.push('\n');
        }
        _ if INLINE.contains(&name) && name != "img" => {}
        _ => return None,
    }
    Some(())
}

fn is_heading(name: &str) -> bool {
    name.len() == 2 && name.starts_with('h')
}

/// Goes over the attributes of a tag; what follows the tag.
fn attributes_of<'t>(mut rest: &'t str, href: &mut Option<String>) -> Option<&'t str> {
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t', '\u{c}', '/']);
        if let Some(after) = rest.strip_prefix('>') {
            return Some(after);
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':'))?;
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = after.strip_prefix('=') else {
            if !after.starts_with(['>', '/', ' ']) {
                return None;
            }
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
        let (value, after) = value.strip_prefix(quote)?.split_once(quote)?;
        if !after.starts_with(['>', '/', ' ', '\n', '\r', '\t']) {
            return None;
        }
        if name.eq_ignore_ascii_case("href") && href.is_none() {
            *href = Some(unescaped(value)?);
        }
        rest = after;
    }
}

/// An attribute's value; only the one reference that addresses are full of is known.
fn unescaped(value: &str) -> Option<String> {
    if value.contains('\0') {
        return None;
    }
    let plain = value.replace("&amp;", "&");
    // A bare `&` before a letter may begin an entity without a semicolon.
    (value.matches('&').count() == value.matches("&amp;").count()).then_some(plain)
}
