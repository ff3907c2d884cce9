//! Reads one page in one walk over its tree: the text that is compared, the text that nobody sees, where
//! links, frames, scripts and redirects point. Pure; nothing is run and nothing more is fetched.

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::{
    hiding::{Hiding, Rules},
    script::{self, Script},
    snapshot::Snapshot,
    words::{Met, Words},
};
use crate::{
    config::source::{OwnPages, trusted_scripts},
    text::{fold, registrable_domain},
};

/// Most pointers of one page that are looked at.
const MOST_POINTERS: usize = 5_000;
/// Elements within a line; all others end it.
const INLINE: [&str; 28] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "em", "font", "i", "img", "ins", "label",
    "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
/// Elements whose text nobody reads.
const SILENT: [&str; 6] = ["script", "style", "noscript", "template", "iframe", "title"];

/// A link, frame or script that points to another domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// The registrable domain.
    pub domain: String,
    /// The address.
    pub url: String,
    /// By what it is hidden.
    pub hidden: Option<Hiding>,
    /// Text of a link.
    pub text: String,
    /// A domain that public sites commonly point to.
    pub trusted: bool,
}

/// What one look saw, beside the snapshot.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub snapshot: Snapshot,
    /// Foreign links.
    pub links: Vec<Pointer>,
    /// Foreign frames.
    pub frames: Vec<Pointer>,
    /// Foreign scripts.
    pub scripts: Vec<Pointer>,
    /// Where the page itself leads away, by script, refresh or base.
    pub leads: Vec<Pointer>,
    /// A script sorts visitors by search engine.
    pub sorts_visitors: bool,
    /// Banned words by place.
    pub in_title: Vec<Met>,
    pub in_meta: Vec<Met>,
    pub in_hidden: Vec<Met>,
    pub in_links: Vec<Met>,
    pub in_text: Vec<Met>,
    /// Words that the office expects.
    pub wanted: Vec<String>,
    /// The visible text, volatile parts included.
    pub visible: String,
}

/// What belongs to the unit: its own domain and those that the office named.
pub(super) struct Home<'a> {
    own: Option<String>,
    pages: &'a OwnPages,
}

impl<'a> Home<'a> {
    pub fn of(page: &str, pages: &'a OwnPages) -> Self {
        Self { own: registrable_domain(page), pages }
    }

    pub fn is_own(&self, url: &Url) -> bool {
        let domain = registrable_domain(url.as_str());
        domain.is_none()
            || domain == self.own
            || is_under(url, self.pages.links_ok.iter().map(String::as_str))
    }

    /// A pointer to elsewhere; `None` when it stays at home or leads nowhere.
    pub fn away(&self, url: &Url) -> Option<Pointer> {
        if !["http", "https"].contains(&url.scheme()) || self.is_own(url) {
            return None;
        }
        let public = |suffix: &str| url.host_str().is_some_and(|host| host.ends_with(suffix));
        Some(Pointer {
            domain: registrable_domain(url.as_str())?,
            url: url.to_string().chars().take(300).collect(),
            hidden: None,
            text: String::new(),
            trusted: public(".gov.cn") || public(".edu.cn") || is_under(url, trusted_scripts()),
        })
    }
}

fn is_under<'d>(url: &Url, mut domains: impl Iterator<Item = &'d str>) -> bool {
    let Some(host) = url.host_str() else { return false };
    domains.any(|domain| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// Reads a page. `text` is its decoded source; `sha256` of the body is kept in the snapshot.
pub(super) fn look(url: &str, text: &str, sha256: String, pages: &OwnPages, words: &Words) -> Look {
    let document = Html::parse_document(text);
    let mut walk = Walk {
        home: Home::of(url, pages),
        rules: Rules::of(&text_of_all(&document, "style")),
        pages,
        base: Url::parse(url).ok(),
        look: Look::default(),
        stable: String::new(),
        hidden: String::new(),
        open: Vec::new(),
        anchor: None,
        titled: false,
        scripted: String::new(),
    };
    walk.run(&document);
    walk.finish(sha256, words)
}

fn text_of_all(document: &Html, name: &str) -> String {
    let all = document.root_element().descendent_elements().filter(|element| element.value().name() == name);
    all.flat_map(|element| element.text()).collect::<Vec<_>>().join("\n")
}

/// What an element hands down to what stands in it.
#[derive(Clone, Copy, Default)]
struct Inherited {
    hidden: Option<Hiding>,
    volatile: bool,
    silent: bool,
}

struct Walk<'a> {
    home: Home<'a>,
    rules: Rules,
    pages: &'a OwnPages,
    base: Option<Url>,
    look: Look,
    /// Visible text outside the volatile parts.
    stable: String,
    hidden: String,
    open: Vec<Inherited>,
    anchor: Option<Pointer>,
    titled: bool,
    scripted: String,
}

impl Walk<'_> {
    fn run(&mut self, document: &Html) {
        let root = document.tree.root();
        let mut at = Some(root);
        // Down to the first child, else on to the next sibling, else up: no recursion, so depth is harmless.
        while let Some(mut node) = at {
            match node.value() {
                Node::Text(text) => self.text(text),
                _ => {
                    if let Some(element) = ElementRef::wrap(node) {
                        self.enter(element);
                    }
                }
            }
            at = node.first_child();
            while at.is_none() {
                if let Some(element) = ElementRef::wrap(node) {
                    self.leave(element.value().name());
                }
                at = node.next_sibling();
                if at.is_none() {
                    match node.parent() {
                        Some(parent) => node = parent,
                        None => return,
                    }
                }
            }
        }
    }

    fn enter(&mut self, element: ElementRef<'_>) {
        let above = self.open.last().copied().unwrap_or_default();
        let name = element.value().name();
        let here = Inherited {
            hidden: above.hidden.or_else(|| self.rules.hiding(element)),
            volatile: above.volatile || self.pages.volatile.iter().any(|css| css.matches(&element)),
            silent: above.silent || SILENT.contains(&name),
        };
        self.open.push(here);
        if !INLINE.contains(&name) {
            self.end_line();
        }
        let attr = |key: &str| element.value().attr(key).unwrap_or_default();
        match name {
            "title" if !self.titled => {
                self.titled = true;
                self.look.snapshot.title = one_line(&element.text().collect::<String>());
            }
            "meta" => self.meta(attr("name"), attr("http-equiv"), attr("content")),
            "base" => self.rebase(attr("href")),
            "a" | "area" => {
                self.close_anchor();
                self.anchor = self.away(attr("href")).map(|link| Pointer { hidden: here.hidden, ..link });
            }
            "iframe" | "frame" => {
                let frame = self.away(attr("src"));
                self.look.frames.extend(frame.map(|frame| Pointer { hidden: here.hidden, ..frame }));
            }
            "script" => self.script(element),
            "noscript" => {
                let markup = element.text().collect::<String>();
                for link in script::links_of(&markup) {
                    let link =
                        self.away(&link).map(|link| Pointer { hidden: Some(Hiding::Noscript), ..link });
                    self.link(link);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, name: &str) {
        self.open.pop();
        if name == "a" {
            self.close_anchor();
        }
        if !INLINE.contains(&name) {
            self.end_line();
        }
    }

    fn close_anchor(&mut self) {
        let link = self.anchor.take();
        self.link(link);
    }

    fn link(&mut self, link: Option<Pointer>) {
        if self.look.links.len() < MOST_POINTERS {
            self.look.links.extend(link);
        }
    }

    fn text(&mut self, text: &str) {
        let here = self.open.last().copied().unwrap_or_default();
        if here.silent {
            return;
        }
        if let Some(anchor) = &mut self.anchor {
            anchor.text.push_str(text);
        }
        let spaced = |to: &mut String| {
            for c in text.chars() {
                // White space in the source says nothing about lines.
                let c = if c.is_whitespace() { ' ' } else { c };
                if c != ' ' || !to.ends_with([' ', '\n']) {
                    to.push(c);
                }
            }
        };
        if here.hidden.is_some() {
            spaced(&mut self.hidden);
            return;
        }
        spaced(&mut self.look.visible);
        if !here.volatile {
            spaced(&mut self.stable);
        }
    }

    fn end_line(&mut self) {
        for text in [&mut self.stable, &mut self.hidden, &mut self.look.visible] {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
        }
    }

    fn away(&self, written: &str) -> Option<Pointer> {
        let written = written.trim();
        let url = match &self.base {
            Some(base) => base.join(written).ok()?,
            None => Url::parse(written).ok()?,
        };
        self.home.away(&url)
    }

    fn meta(&mut self, name: &str, equiv: &str, content: &str) {
        if ["keywords", "description"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            self.look.snapshot.meta.push_str(&one_line(content));
            self.look.snapshot.meta.push('\n');
        }
        if equiv.eq_ignore_ascii_case("refresh") {
            let at = content.to_ascii_lowercase().find("url=");
            let target = at.and_then(|at| content.get(at + 4..)).unwrap_or_default();
            let lead = self.away(target.trim().trim_matches(['\'', '"']));
            self.look.leads.extend(lead);
        }
    }

    /// A foreign base would make every link of the page lead away.
    fn rebase(&mut self, href: &str) {
        let Some(base) = self.base.as_ref().and_then(|base| base.join(href.trim()).ok()) else { return };
        match self.home.away(&base) {
            Some(lead) => self.look.leads.push(lead),
            None => self.base = Some(base),
        }
    }

    fn script(&mut self, element: ElementRef<'_>) {
        if let Some(src) = element.value().attr("src") {
            let script = self.away(src);
            self.look.scripts.extend(script);
            return;
        }
        // Data blocks (JSON-LD and the like) are not run.
        let kind = element.value().attr("type").unwrap_or_default().to_ascii_lowercase();
        if !(kind.is_empty() || kind.contains("javascript") || kind == "module") {
            return;
        }
        let script = Script::of(&element.text().collect::<String>());
        let away = |all: &[String]| all.iter().filter_map(|url| self.away(url)).collect::<Vec<_>>();
        let (leads, loads, links) = (away(&script.leads), away(&script.loads), away(&script.links));
        self.look.leads.extend(leads);
        self.look.scripts.extend(loads);
        for link in links {
            self.link(Some(Pointer { hidden: Some(Hiding::NotShown), ..link }));
        }
        self.look.sorts_visitors |= script.sorts_visitors;
        self.scripted.push_str(&script.plain);
        self.scripted.push('\n');
    }

    fn finish(mut self, sha256: String, words: &Words) -> Look {
        self.close_anchor();
        let mut look = self.look;
        look.visible.retain(|c| c != '\u{0}');
        look.in_title = words.find(&look.snapshot.title, true);
        look.in_meta = words.find(&look.snapshot.meta, true);
        look.in_hidden = words.find(&self.hidden, true);
        look.in_text = words.find(&look.visible, true);
        let foreign = look.links.iter().filter(|link| !link.trusted);
        let texts: Vec<&str> = foreign.map(|link| link.text.trim()).filter(|text| !text.is_empty()).collect();
        look.in_links = words.find(&texts.join("\n"), true);
        // A page that writes its gambling words by script shows them only to those who run it.
        look.in_hidden.extend(words.find(&self.scripted, true));
        let folded = fold(&format!("{}\n{}", look.snapshot.title, look.visible)).text;
        let expected = self.pages.expect.iter().filter(|word| folded.contains(&fold(word).text));
        look.wanted.clone_from(&self.pages.expect);
        look.snapshot.expected = expected.cloned().collect();
        look.snapshot.links = look.links.iter().map(|link| link.domain.clone()).collect();
        look.snapshot.loads =
            look.frames.iter().chain(&look.scripts).map(|load| load.domain.clone()).collect();
        look.snapshot.leads = look.leads.iter().map(|lead| lead.domain.clone()).collect();
        look.snapshot.sorts_visitors = look.sorts_visitors;
        look.snapshot.words = look.in_text.iter().map(|met| met.word.clone()).collect();
        look.snapshot.text_chars = look.visible.chars().filter(|c| !c.is_whitespace()).count();
        look.snapshot.body_sha256 = sha256;
        look.snapshot = std::mem::take(&mut look.snapshot).sealed(&self.stable);
        look
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
