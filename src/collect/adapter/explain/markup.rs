//! Explains how an HTML page is read.

use scraper::{ElementRef, Html, Selector, selector::ToCss};

use super::{Explanation, MOST_ITEMS, Step, Trouble, Way, nearest, step};
use crate::{
    collect::adapter::{field::excerpt, html, page},
    config::preset::{PagePick, PageReader},
};

pub(super) fn explain(reader: &PageReader, text: &str) -> Explanation {
    let text = page::uncovered(text, reader);
    let document = Html::parse_document(&text);
    let all: Vec<ElementRef<'_>> = document.select(&reader.item).collect();
    let items: Vec<ElementRef<'_>> = all.iter().copied().take(MOST_ITEMS).collect();
    let mut steps = vec![item_step(reader, &document, &all)];
    let mut passed_over = 0;
    if !items.is_empty() {
        let fields = reader.fields.named().into_iter().filter(|(_, ways)| !ways.is_empty());
        steps.extend(fields.map(|(name, ways)| over(name, ways, &items, reader)));
        let lacks = |item: &&ElementRef<'_>| {
            let mut named = reader.fields.named().into_iter();
            named.any(|(name, ways)| {
                reader.required.iter().any(|field| field == name)
                    && page::pick(**item, ways, reader).is_none()
            })
        };
        passed_over = items.iter().filter(lacks).count();
    }
    if !reader.next.is_empty() {
        steps.push(over("next", &reader.next, &[document.root_element()], reader));
    }
    Explanation { steps, passed_over }
}

fn item_step(reader: &PageReader, document: &Html, items: &[ElementRef<'_>]) -> Step {
    let written = reader.item.to_css_string();
    let trouble = items.is_empty().then(|| Trouble::Absent {
        nearest: nearest::css(&written, |css| (document.select(css).count(), document.select(css).next())),
    });
    let count = items.len();
    let way = Way { way: written, found: count, gave: count, won: count, trouble };
    let example = items.first().map(|item| excerpt(&html::element_text(*item, &reader.volatile)));
    Step { step: "item", of: 1, gave: count, example, ways: vec![way] }
}

/// One field over all items.
fn over(name: &'static str, picks: &[PagePick], items: &[ElementRef<'_>], reader: &PageReader) -> Step {
    let tries: Vec<Vec<Option<String>>> = picks
        .iter()
        .map(|pick| items.iter().map(|item| page::pick(*item, std::slice::from_ref(pick), reader)).collect())
        .collect();
    let ways = picks.iter().map(|pick| way(pick, items, reader)).collect();
    step(name, items.len(), ways, &tries)
}

fn way(pick: &PagePick, items: &[ElementRef<'_>], reader: &PageReader) -> Way {
    let found = items.iter().filter(|item| element(**item, pick.css.as_ref()).is_some()).count();
    Way { way: written(pick), found, gave: 0, won: 0, trouble: Some(trouble(pick, items, reader)) }
}

fn element<'a>(item: ElementRef<'a>, css: Option<&Selector>) -> Option<ElementRef<'a>> {
    css.map_or(Some(item), |css| item.select(css).next())
}

/// Why a way gives nothing in any item, told by the first item that has its element.
fn trouble(pick: &PagePick, items: &[ElementRef<'_>], reader: &PageReader) -> Trouble {
    let Some(found) = items.iter().find_map(|item| element(*item, pick.css.as_ref())) else {
        let within = |css: &Selector| {
            let mut firsts = items.iter().filter_map(|item| item.select(css).next());
            let first = firsts.next();
            (firsts.count() + usize::from(first.is_some()), first)
        };
        let written = pick.css.as_ref().map(ToCss::to_css_string).unwrap_or_default();
        return Trouble::Absent { nearest: nearest::css(&written, within) };
    };
    if let Some(attribute) = pick.attr.as_ref().filter(|attr| found.value().attr(attr).is_none()) {
        let has = found.value().attrs().map(|(name, _)| name.to_owned()).collect();
        return Trouble::NoAttribute { attribute: attribute.clone(), has };
    }
    let shown = match &pick.attr {
        Some(attr) => found.value().attr(attr).unwrap_or_default().to_owned(),
        None => html::element_text(found, &reader.volatile),
    };
    match &pick.regex {
        Some(regex) if !shown.trim().is_empty() => {
            Trouble::NoMatch { regex: regex.as_str().to_owned(), shown: excerpt(&shown) }
        }
        _ => Trouble::Empty,
    }
}

/// A way as a person writes it.
fn written(pick: &PagePick) -> String {
    let mut words = Vec::new();
    match &pick.css {
        Some(css) => words.push(css.to_css_string()),
        None => words.push("(item)".to_owned()),
    }
    if let Some(attr) = &pick.attr {
        words.push(format!("@{attr}"));
    }
    if let Some(regex) = &pick.regex {
        words.push(format!("/{regex}/"));
    }
    words.join(" ")
}
