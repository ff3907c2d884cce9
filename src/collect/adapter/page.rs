//! HTML pages: a list by selectors, or the one post of a detail page.

use scraper::{ElementRef, Html};
use url::Url;

use super::{
    Found, ReadFault, Verdict,
    field::{self, Context, Raw},
    html, sign,
};
use crate::config::preset::{PagePick, PageReader};

/// Deepest nesting of tags in a source text before it is refused. Browsers stop at 512.
const DEEPEST: usize = 600;

pub(super) fn read(context: &Context<'_>, reader: &PageReader, text: &str, found: &mut Found) {
    if super::repair::deeper_than(text, DEEPEST, super::repair::Markup::Html) {
        found.fault(ReadFault::TooDeep { limit: DEEPEST });
        return;
    }
    let document = Html::parse_document(text);
    let base = base_of(&document, context.page.url);
    for (nth, item) in document.select(&reader.item).enumerate() {
        let mut raw = Raw::by(&reader.fields, |picks| pick(item, picks, reader));
        raw.links = links(item, &reader.fields.text, base.as_ref());
        let template = reader.fields.url_template.as_deref();
        if let Some((post, counters)) = context.post(nth + 1, raw, template, base.as_ref(), found) {
            found.post(post, counters);
        }
    }
    found.next = pick(document.root_element(), &reader.next, reader)
        .and_then(|next| base.as_ref()?.join(&next).ok())
        .filter(|next| base.as_ref().is_some_and(|base| base.origin() == next.origin()))
        .map(String::from);
    let evidence = sign::Evidence { text, html: Some(&document), json: None };
    judge(context, evidence, &document, found);
}

fn judge(context: &Context<'_>, evidence: sign::Evidence<'_>, document: &Html, found: &mut Found) {
    // An item without identity on a notice page is the notice, not a fault of its own.
    let read_any = !found.posts.is_empty();
    found.verdict = sign::blocked(context.preset, evidence, read_any);
    if read_any {
        context.missing_counters(found);
    } else if found.verdict.is_none() {
        if sign::says_empty(context.preset, evidence) {
            found.verdict = Some(Verdict::Empty);
        } else {
            let visible = html::element_text(document.root_element(), &[]);
            let title = document
                .root_element()
                .descendent_elements()
                .find(|element| element.value().name() == "title");
            let title = title.map(|title| title.text().collect::<String>()).unwrap_or_default();
            found.verdict = sign::generic(&format!("{}\n{visible}", html::one_line(&title)));
        }
    }
    if matches!(found.verdict, Some(Verdict::Blocked { .. } | Verdict::Empty)) {
        found.faults.clear();
        found.posts.clear();
    }
}

/// `<base href>`, else the page's own address.
fn base_of(document: &Html, url: &str) -> Option<Url> {
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

fn pick(item: ElementRef<'_>, picks: &[PagePick], reader: &PageReader) -> Option<String> {
    picks.iter().find_map(|pick| {
        let element = match &pick.css {
            Some(css) => item.select(css).next()?,
            None => item,
        };
        let value = match &pick.attr {
            Some(attr) => element.value().attr(attr)?.to_owned(),
            None => html::element_text(element, &reader.volatile),
        };
        let value = narrowed(value, pick.regex.as_ref())?;
        if pick.base62 { field::from_base62(&value) } else { Some(value) }
    })
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
