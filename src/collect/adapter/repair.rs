//! Mends a decoded feed so that a parser for well-formed XML takes it, and refuses what is an attack.
//!
//! Feeds of small sites carry a bare `&` in an address, HTML entities that XML does not know, control
//! characters pasted from Word, or a declaration that names the wrong charset. None of that is a reason
//! to lose a whole feed.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::{ReadFault, html};

/// Deepest nesting that is taken.
const DEEPEST: usize = 200;
/// Most different named entities that are looked up.
const MOST_NAMES: usize = 300;

/// The feed as clean XML without declaration and DOCTYPE.
pub(super) fn repaired(text: &str) -> Result<String, ReadFault> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let text = without_prolog(text)?;
    if deeper_than(&text, DEEPEST, Markup::Xml) {
        return Err(ReadFault::TooDeep { limit: DEEPEST });
    }
    let mended = with_known_version(mend_references(&text));
    Ok(with_known_types(with_known_namespaces(mended)))
}

/// Old namespaces that a parser of today does not know, and what they became.
const NAMESPACES: [(&str, &str); 3] = [
    ("http://purl.org/atom/ns#", "http://www.w3.org/2005/Atom"),
    ("http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/"),
    ("http://channel.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/"),
];
/// Elements of Atom 0.3 and their names of today.
const ATOM_03: [(&str, &str); 4] =
    [("issued>", "published>"), ("modified>", "updated>"), ("tagline", "subtitle"), ("copyright", "rights")];

/// Atom 0.3 and RSS 0.90 are read as their successors.
fn with_known_namespaces(text: String) -> String {
    let atom_03 =
        text.contains("\"http://purl.org/atom/ns#\"") || text.contains("'http://purl.org/atom/ns#'");
    let mut text = NAMESPACES
        .iter()
        .fold(text, |text, (old, new)| if text.contains(old) { text.replace(old, new) } else { text });
    if atom_03 {
        for (old, new) in ATOM_03 {
            text = text
                .replace(&format!("<{old}"), &format!("<{new}"))
                .replace(&format!("</{old}"), &format!("</{new}"));
        }
    }
    text
}

static TYPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(<(?:atom:)?(?:title|summary|subtitle|rights|content)\b[^<>]*?\btype\s*=\s*)(?:"([^"]*)"|'([^']*)')"#).ok()
});

/// A text of a type that the parser does not know would cost the whole feed: it is read as text or HTML.
fn with_known_types(text: String) -> String {
    let Some(typed) = TYPED.as_ref() else { return text };
    let mended = typed.replace_all(&text, |found: &regex::Captures<'_>| {
        let whole = found.get(0).map_or("", |found| found.as_str());
        let head = found.get(1).map_or("", |found| found.as_str());
        let media = found.get(2).or_else(|| found.get(3)).map_or("", |found| found.as_str());
        let content = head.contains("content");
        match media.trim().to_ascii_lowercase().as_str() {
            "text" | "html" | "xhtml" => whole.to_owned(),
            "text/html" => format!("{head}\"html\""),
            "text/plain" | "" => format!("{head}\"text\""),
            "application/xhtml+xml" => format!("{head}\"xhtml\""),
            other if content && other.contains('/') => whole.to_owned(),
            _ => format!("{head}\"text\""),
        }
    });
    match mended {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(mended) => mended,
    }
}

/// Drops the declaration (the text is decoded already) and the DOCTYPE; refuses one that declares
/// entities.
fn without_prolog(text: &str) -> Result<String, ReadFault> {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    if rest.starts_with("<?xml")
        && let Some((_, after)) = rest.split_once("?>")
    {
        rest = after;
    }
    while let Some(at) = find_doctype(rest) {
        let (before, doctype) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (inside, after) = split_doctype(doctype);
        if inside.to_ascii_uppercase().contains("<!ENTITY") {
            return Err(ReadFault::Entities);
        }
        kept.push_str(before);
        rest = after;
    }
    kept.push_str(rest);
    Ok(kept)
}

/// Where a DOCTYPE begins, before the first element.
fn find_doctype(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find('<').map(|at| at + from) {
        let here = text.get(at..)?;
        if here.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!DOCTYPE")) {
            return Some(at);
        }
        if let Some(comment) = here.strip_prefix("<!--") {
            from = at + 4 + comment.find("-->")?;
        } else if here.starts_with("<?") {
            from = at + 2;
        } else {
            return None;
        }
    }
    None
}

/// The DOCTYPE with its internal subset, and what follows it.
fn split_doctype(text: &str) -> (&str, &str) {
    let mut in_subset = false;
    for (at, c) in text.char_indices() {
        match c {
            '[' => in_subset = true,
            ']' => in_subset = false,
            '>' if !in_subset => return text.split_at_checked(at + 1).unwrap_or((text, "")),
            _ => {}
        }
    }
    (text, "")
}

/// What kind of markup is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// Every tag must be closed.
    Xml,
    /// Some elements are commonly left open and close each other; they are not counted.
    Html,
}

/// Whether tags nest deeper than `limit`. Counts raw tags, so it is a bound for the parsers' recursion.
pub(super) fn deeper_than(text: &str, limit: usize, markup: Markup) -> bool {
    let mut depth: usize = 0;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(cdata) = rest.strip_prefix("![CDATA[") {
            rest = cdata.split_once("]]>").map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some(closing) = rest.strip_prefix('/') {
            if markup == Markup::Xml || !is_often_open(closing) {
                depth = depth.saturating_sub(1);
            }
        } else if rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let closed =
                markup == Markup::Xml && rest.split_once('>').is_some_and(|(tag, _)| tag.ends_with('/'));
            if !closed && (markup == Markup::Xml || !is_often_open(rest)) {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
        }
    }
    false
}

/// Elements that HTML lets stand without an end tag.
const OFTEN_OPEN: [&str; 27] = [
    "br", "img", "hr", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr",
    "li", "p", "option", "td", "th", "tr", "tbody", "thead", "tfoot", "dd", "dt", "optgroup", "param",
    "colgroup",
];

fn is_often_open(tag: &str) -> bool {
    let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).take(12).collect();
    OFTEN_OPEN.contains(&name.to_ascii_lowercase().as_str())
}

/// Mends references and drops illegal characters outside CDATA sections and comments.
fn mend_references(text: &str) -> String {
    let mut names = HashMap::new();
    let mut mended = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    loop {
        let Some(at) = rest.find(['&', '<']) else {
            push_legal(&mut mended, rest);
            return mended;
        };
        let (before, here) = rest.split_at_checked(at).unwrap_or((rest, ""));
        push_legal(&mut mended, before);
        let whole = [("<![CDATA[", "]]>"), ("<!--", "-->")].into_iter().find_map(|(open, close)| {
            let inside = here.strip_prefix(open)?;
            let length = inside.find(close).map_or(here.len(), |end| open.len() + end + close.len());
            here.split_at_checked(length)
        });
        rest = if let Some((section, after)) = whole {
            push_legal(&mut mended, section);
            after
        } else if let Some(after) = here.strip_prefix('&') {
            push_reference(&mut mended, after, &mut names)
        } else {
            mended.push('<');
            here.strip_prefix('<').unwrap_or_default()
        };
    }
}

/// Writes the reference that stands behind a `&`; returns what follows it.
fn push_reference<'t>(mended: &mut String, after: &'t str, names: &mut HashMap<String, String>) -> &'t str {
    if let Some((name, rest)) = after.split_once(';') {
        if ["amp", "lt", "gt", "quot", "apos"].contains(&name) {
            mended.push('&');
            mended.push_str(name);
            mended.push(';');
            return rest;
        }
        if let Some(c) = numeric(name) {
            if legal(c) {
                mended.push_str(&escaped(c.encode_utf8(&mut [0; 4])));
            }
            return rest;
        }
        let named = name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if named && name.chars().all(|c| c.is_ascii_alphanumeric()) {
            if names.len() < MOST_NAMES && !names.contains_key(name) {
                names.insert(name.to_owned(), looked_up(name));
            }
            if let Some(meaning) = names.get(name).filter(|meaning| !meaning.is_empty()) {
                mended.push_str(&escaped(meaning));
                return rest;
            }
        }
    }
    mended.push_str("&amp;");
    after
}

/// The character of `#233` or `#xE9`; an impossible number is the replacement character.
fn numeric(name: &str) -> Option<char> {
    let digits = name.strip_prefix('#')?;
    let (digits, radix) = digits.strip_prefix(['x', 'X']).map_or((digits, 10), |hex| (hex, 16));
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    Some(u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'))
}

/// What an HTML entity means; empty when HTML does not know it. HTML's own parser has the table.
fn looked_up(name: &str) -> String {
    let written = format!("&{name};");
    let meaning: String = scraper::Html::parse_fragment(&written).root_element().text().collect();
    if meaning == written || meaning.ends_with(';') { String::new() } else { meaning }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn push_legal(mended: &mut String, text: &str) {
    // Nearly no text has an illegal character.
    let control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if text.bytes().any(control) || text.contains(['\u{fffe}', '\u{ffff}']) {
        mended.extend(text.chars().filter(|c| legal(*c)));
    } else {
        mended.push_str(text);
    }
}

const fn legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// RSS of a version that the parser does not know (0.93, 0.94, none) is read as 2.0, which it resembles.
fn with_known_version(text: String) -> String {
    let Some(at) = text.find("<rss") else { return text };
    let Some((before, tag)) = text.split_at_checked(at) else { return text };
    let Some((tag, after)) = tag.split_once('>') else { return text };
    let known = ["2.0", "0.91", "0.92"]
        .iter()
        .any(|v| tag.contains(&format!("version=\"{v}\"")) || tag.contains(&format!("version='{v}'")));
    if known || before.contains("<channel") {
        return text;
    }
    let others: String = attributes(tag).into_iter().filter(|(name, _)| *name != "version").fold(
        String::new(),
        |mut all, (name, value)| {
            all.push(' ');
            all.push_str(name);
            all.push('=');
            all.push_str(value);
            all
        },
    );
    format!("{before}<rss version=\"2.0\"{others}>{after}")
}

/// Name and quoted value of a tag's attributes.
fn attributes(tag: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = tag.strip_prefix("<rss").unwrap_or(tag);
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| *c == '"' || *c == '\'') else { break };
        let Some(end) = after.char_indices().skip(1).find(|(_, c)| *c == quote).map(|(at, _)| at + 1) else {
            break;
        };
        let Some((value, next)) = after.split_at_checked(end) else { break };
        found.push((name.trim(), value));
        rest = next;
    }
    found
}

/// Whether a decoded body looks like HTML rather than a feed.
pub(super) fn looks_like_html(text: &str) -> bool {
    let head: String = html::one_line(&text.chars().take(400).collect::<String>()).to_ascii_lowercase();
    head.contains("<html") || head.contains("<!doctype html")
}
