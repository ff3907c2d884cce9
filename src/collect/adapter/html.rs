//! Plain text out of HTML: tags away, entities resolved, blocks and `<br>` as line breaks, white space
//! folded. Walks the tree without recursion, so depth cannot overflow a stack.

use scraper::{ElementRef, Html, Node, Selector};
use url::Url;

use super::scan::scan;
use crate::text;

/// Most links that are taken from one post.
const MOST_LINKS: usize = 50;

/// Elements that end a line.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "br",
    "li",
    "tr",
    "table",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "dd",
    "dt",
    "hr",
    "figure",
];
/// Elements whose text nobody reads.
const SILENT: [&str; 6] = ["script", "style", "noscript", "template", "iframe", "head"];

/// The text of an HTML fragment. Text without a tag or entity comes back with its white space folded.
#[must_use]
pub fn plain_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return fold(html);
    }
    match scan(html) {
        Some(scanned) => fold(&scanned.text),
        None => parsed(html, None).0,
    }
}

/// Text and canonical links of an HTML fragment.
#[must_use]
pub(super) fn text_and_links(html: &str, base: Option<&Url>) -> (String, Vec<String>) {
    if !html.contains(['<', '&']) {
        return (fold(html), Vec::new());
    }
    match scan(html) {
        Some(scanned) => (fold(&scanned.text), canonical(scanned.hrefs.iter().map(String::as_str), base)),
        None => parsed(html, Some(base)),
    }
}

/// The same by HTML's own parser; links only when a base is given.
fn parsed(html: &str, base: Option<Option<&Url>>) -> (String, Vec<String>) {
    let fragment = Html::parse_fragment(html);
    let links = base.map_or_else(Vec::new, |base| links_of(fragment.root_element(), base));
    (element_text(fragment.root_element(), &[]), links)
}

/// The text of an element without the parts that `volatile` matches.
pub(super) fn element_text(element: ElementRef<'_>, volatile: &[Selector]) -> String {
    let mut text = String::new();
    let mut at = element.first_child();
    // Down to the first child, else on to the next sibling, else up: each node is entered once and
    // left once, and the way back needs no stack.
    while let Some(mut node) = at {
        let down = enter(node.value(), ElementRef::wrap(node), volatile, &mut text);
        at = if down { node.first_child() } else { None };
        while at.is_none() {
            leave(node.value(), &mut text);
            at = node.next_sibling();
            if at.is_none() {
                match node.parent() {
                    Some(parent) if parent.id() != element.id() => node = parent,
                    _ => break,
                }
            }
        }
    }
    fold(&text)
}

/// Canonical links of an element's anchors. Relative ones are resolved against `base`, or passed over
/// without one: in an API's text they lead to the site's own search and people.
pub(super) fn links_of(element: ElementRef<'_>, base: Option<&Url>) -> Vec<String> {
    let anchors = element.descendent_elements().filter(|inner| inner.value().name() == "a");
    canonical(anchors.filter_map(|anchor| anchor.value().attr("href")), base)
}

fn canonical<'a>(hrefs: impl Iterator<Item = &'a str>, base: Option<&Url>) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for href in hrefs.map(str::trim).filter(|href| !href.is_empty() && !href.starts_with('#')) {
        let whole = match base {
            Some(base) => base.join(href).map(String::from).unwrap_or_default(),
            None => href.to_owned(),
        };
        if !whole.starts_with("http://") && !whole.starts_with("https://") {
            continue;
        }
        if let Some(link) = text::canonical_link(&whole).filter(|link| !links.contains(link)) {
            links.push(link);
        }
        if links.len() >= MOST_LINKS {
            break;
        }
    }
    links
}

/// [`links_of`] for an HTML fragment.
pub(super) fn fragment_links(html: &str, base: Option<&Url>) -> Vec<String> {
    if !html.contains("href") {
        return Vec::new();
    }
    text_and_links(html, base).1
}

/// Takes a node's text; says whether its children are to be entered.
fn enter(node: &Node, element: Option<ElementRef<'_>>, volatile: &[Selector], text: &mut String) -> bool {
    match node {
        Node::Text(part) => {
            // A line break in the source of a page is only white space.
            text.extend(part.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
            false
        }
        Node::Element(tag) if SILENT.contains(&tag.name()) => false,
        Node::Element(tag) => {
            if BLOCKS.contains(&tag.name()) {
                text.push('\n');
            }
            !element.is_some_and(|element| volatile.iter().any(|css| css.matches(&element)))
        }
        _ => false,
    }
}

fn leave(node: &Node, text: &mut String) {
    if let Node::Element(tag) = node
        && BLOCKS.contains(&tag.name())
    {
        text.push('\n');
    }
}

/// Folds white space within lines and drops empty lines.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // What separates the words read so far from the next one.
    let mut between: Option<char> = None;
    let mut from = 0;
    let spaces = text.char_indices().filter(|(_, c)| is_space(*c)).chain([(text.len(), '\n')]);
    for (at, space) in spaces {
        if let Some(word) = text.get(from..at).filter(|word| !word.is_empty()) {
            if let Some(between) = between.take().filter(|_| !folded.is_empty()) {
                folded.push(between);
            }
            folded.push_str(word);
        }
        from = at + space.len_utf8();
        let breaks = matches!(space, '\n' | '\r') || between == Some('\n');
        between = Some(if breaks { '\n' } else { ' ' });
    }
    folded
}

/// White space as folding sees it. Han characters and ASCII letters, nearly all of a text, are told apart
/// without a table.
fn is_space(c: char) -> bool {
    match c {
        '!'..='~' | '\u{3001}'..='\u{FFFF}' => false,
        _ => c.is_whitespace(),
    }
}

/// One line: a title.
pub(super) fn one_line(text: &str) -> String {
    fold(text).replace('\n', " ")
}
