//! The nearest selector that would match: looser and looser forms of the one that does not, level by
//! level, until one matches.

use std::collections::HashSet;

use scraper::{ElementRef, Selector};

use super::{Nearest, chain::Chain};
use crate::collect::adapter::field::excerpt;

/// Most forms that are tried: a hint is not worth more.
const MOST_TRIED: usize = 600;
/// Most attributes of an element that are shown.
const MOST_ATTRIBUTES: usize = 4;
/// A form that has to be loosened further is another selector.
const MOST_LEVELS: usize = 8;

/// The nearest form of `written` of which `look` finds any: how often, and the first.
pub(super) fn css<'a>(
    written: &str,
    look: impl Fn(&Selector) -> (usize, Option<ElementRef<'a>>),
) -> Option<Nearest> {
    let mut level = Chain::list(written);
    let mut seen: HashSet<Chain> = level.iter().cloned().collect();
    let mut matching: Vec<(Chain, usize, ElementRef<'a>)> = Vec::new();
    let mut tried = 0;
    for _ in 0..MOST_LEVELS {
        // One level beyond the first that matches: what is one step looser in another place may say more.
        let is_last = !matching.is_empty();
        level = level.iter().flat_map(Chain::looser).filter(|form| seen.insert(form.clone())).collect();
        for form in level.iter().take(MOST_TRIED - tried) {
            if let Some((found, Some(first))) = Selector::parse(&form.css()).ok().map(|css| look(&css)) {
                matching.push((form.clone(), found, first));
            }
        }
        tried = (tried + level.len()).min(MOST_TRIED);
        if is_last || level.is_empty() || tried == MOST_TRIED {
            break;
        }
    }
    // What says most of the element itself; of two that say as much, the one that matches less.
    let (form, found, first) =
        matching.into_iter().max_by_key(|(form, found, _)| (form.weight(), std::cmp::Reverse(*found)))?;
    Some(Nearest { way: form.css(), found, keys: vec![opening(first)] })
}

/// The opening tag of an element, shortened: what to write the selector by.
fn opening(element: ElementRef<'_>) -> String {
    let attributes = element.value().attrs().map(|(name, value)| format!(" {name}=\"{}\"", excerpt(value)));
    format!("<{}{}>", element.value().name(), attributes.take(MOST_ATTRIBUTES).collect::<String>())
}
