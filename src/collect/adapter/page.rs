//! HTML pages: a list by selectors, or the one post of a detail page.

use std::borrow::Cow;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{
    Found, ReadFault, Verdict,
    field::{self, Context, Raw},
    html, main_text, sign,
};
use crate::config::preset::{PagePick, PageReader, Reader};

/// Deepest nesting of tags in a source text before it is refused. Browsers stop at 512.
pub(super) const DEEPEST: usize = 600;
/// A page with fewer characters that speaks of captchas is one.
const FEW_WORDS: usize = 300;
/// Most elements of an item that one way tries: the first that gives something is taken.
const MOST_TRIED: usize = 50;

pub(super) fn read(context: &Context<'_>, reader: &PageReader, text: &str, found: &mut Found) {
    if super::repair::deeper_than(text, DEEPEST, super::repair::Markup::Html) {
        found.fault(ReadFault::TooDeep { limit: DEEPEST });
        return;
    }
    let text = &*uncovered(text, reader);
    let document = Html::parse_document(text);
    let base = base_of(&document, context.page.url);
    let mut main_text = MainText { source: reader.main_text.then_some(text) };
    for (nth, item) in document.select(&reader.item).enumerate() {
        let mut raw = Raw::by(&reader.fields, |picks| pick(item, picks, reader));
        if !reader.required.iter().all(|field| raw.has(field)) || context.lacks_date(&raw, &reader.required) {
            continue;
        }
        if raw.url.is_none() && is_whole_page(item) {
            raw.url = Some(context.page.url.to_owned());
        }
        raw.links = links(item, &reader.fields.text, base.as_ref());
        main_text.complete(&mut raw, &document, base.as_ref());
        if reader.main_text && raw.text.is_none() && raw.published.is_none() {
            // Any page has a body: without words and date it is no article.
            continue;
        }
        let template = reader.fields.url_template.as_deref();
        if let Some((post, counters)) = context.post(nth + 1, raw, template, base.as_ref(), found) {
            found.post(post, counters);
        }
    }
    found.next = pick(document.root_element(), &reader.next, reader)
        .and_then(|next| base.as_ref()?.join(&next).ok())
        .filter(|next| base.as_ref().is_some_and(|base| base.origin() == next.origin()))
        .map(String::from);
    let evidence = sign::Evidence { text, url: context.page.url, html: Some(&document), json: None };
    judge(context, evidence, &document, found);
}

fn judge(context: &Context<'_>, evidence: sign::Evidence<'_>, document: &Html, found: &mut Found) {
    // An item without identity on a notice page is the notice, not a fault of its own.
    let read_any = !found.posts.is_empty();
    found.verdict = sign::blocked(context.preset, evidence, read_any);
    if read_any && found.verdict.is_none() && few_words(context, document) {
        found.verdict = sign::generic(&shown(document));
    }
    if read_any {
        context.missing_counters(found);
    } else if found.verdict.is_none() {
        found.verdict = if sign::says_empty(context.preset, evidence) {
            Some(Verdict::Empty)
        } else {
            sign::generic(&shown(document))
        };
    }
    if matches!(found.verdict, Some(Verdict::Blocked { .. } | Verdict::Empty)) {
        found.faults.clear();
        found.posts.clear();
    }
}

/// Whether an item is its page: then it has the page's own address.
fn is_whole_page(item: ElementRef<'_>) -> bool {
    matches!(item.value().name(), "html" | "body")
}

/// Title and words of a page, as a visitor sees them.
fn shown(document: &Html) -> String {
    let root = document.root_element();
    let title = root.descendent_elements().find(|element| element.value().name() == "title");
    let title = title.map(|title| title.text().collect::<String>()).unwrap_or_default();
    format!("{}\n{}", html::one_line(&title), html::element_text(root, &[]))
}

/// Whether a page that is taken as an article whatever its shape has so few words that it may as well be
/// a captcha or login page.
fn few_words(context: &Context<'_>, document: &Html) -> bool {
    let any_shape = matches!(&context.preset.reader, Reader::Page(reader) if reader.main_text);
    any_shape && html::element_text(document.root_element(), &[]).chars().count() < FEW_WORDS
}

/// The source with its comments opened, where the preset says that the list stands in them.
pub(super) fn uncovered<'t>(text: &'t str, reader: &PageReader) -> Cow<'t, str> {
    if reader.in_comments {
        Cow::Owned(text.replace("<!--", "").replace("-->", ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// The main text of a page, for the first item that has no text of its own: a page has one.
struct MainText<'t> {
    source: Option<&'t str>,
}

impl MainText<'_> {
    fn complete(&mut self, raw: &mut Raw, document: &Html, base: Option<&Url>) {
        if raw.text.is_some() {
            return;
        }
        let Some(source) = self.source.take() else { return };
        if let Some(found) = main_text::of(source) {
            raw.text = Some(main_text::words(&found));
            raw.links = html::fragment_links(&found, base);
        } else {
            // Too little for the library to be sure of: a notice of two lines.
            raw.text = paragraphs(document);
        }
    }
}

/// The paragraphs of a page that stand neither in its menus nor in its footer.
fn paragraphs(document: &Html) -> Option<String> {
    let css =
        Selector::parse("p:not(nav p, header p, footer p, aside p, [class*=foot] p, [id*=foot] p)").ok()?;
    let texts: Vec<String> = document
        .select(&css)
        .map(|element| html::element_text(element, &[]))
        .filter(|text| !text.is_empty())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// `<base href>`, else the page's own address.
pub(super) fn base_of(document: &Html, url: &str) -> Option<Url> {
    let own = Url::parse(url).ok();
    let declared = document
        .root_element()
        .descendent_elements()
        .find(|element| element.value().name() == "base")
        .and_then(|element| element.value().attr("href"))
        .and_then(|href| match &own {
            Some(own) => own.join(href).ok(),
            None => Url::parse(href).ok(),
        });
    // A page may not move its links to another host: that would make its posts another site's.
    match (declared, own) {
        (Some(declared), Some(own)) if declared.host_str() == own.host_str() => Some(declared),
        (declared, None) => declared,
        (_, own) => own,
    }
}

pub(super) fn pick(item: ElementRef<'_>, picks: &[PagePick], reader: &PageReader) -> Option<String> {
    picks.iter().find_map(|pick| {
        let value = |element| value_of(element, pick, reader);
        match &pick.css {
            Some(css) => item.select(css).take(MOST_TRIED).find_map(value),
            None => value(item),
        }
    })
}

/// What one way takes from one element.
pub(super) fn value_of(element: ElementRef<'_>, pick: &PagePick, reader: &PageReader) -> Option<String> {
    let value = match &pick.attr {
        Some(attr) => element.value().attr(attr)?.to_owned(),
        None => html::element_text(element, &reader.volatile),
    };
    let value = narrowed(value, pick.regex.as_ref())?;
    if pick.base62 { field::from_base62(&value) } else { Some(value) }
}

/// The links in the element that gave the text. An element of which only a part is the text is passed over:
/// its links may be buttons.
fn links(item: ElementRef<'_>, picks: &[PagePick], base: Option<&Url>) -> Vec<String> {
    let texts = picks.iter().filter(|pick| pick.attr.is_none() && pick.regex.is_none());
    let found = texts.filter_map(|pick| item.select(pick.css.as_ref()?).next()).next();
    found.map(|element| html::links_of(element, base)).unwrap_or_default()
}

/// The part of a value that an expression keeps; `None` when nothing is left.
pub(super) fn narrowed(value: String, regex: Option<&regex::Regex>) -> Option<String> {
    let kept = match regex {
        None => value,
        Some(regex) => {
            let captures = regex.captures(&value)?;
            captures.get(1).or_else(|| captures.get(0))?.as_str().to_owned()
        }
    };
    (!kept.trim().is_empty()).then(|| kept.trim().to_owned())
}
