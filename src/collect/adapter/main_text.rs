//! The main text of a page of unknown shape, by a readability library.
//!
//! Only asked where a preset says `main_text` and no selector gave a text: on forum threads such a library
//! merges the floors and the names of their authors into one text, so forums keep selectors.

use dom_smoothie::{CandidateSelectMode, Config, Readability};

use super::html;

/// Longest source that is tried, in bytes: scoring walks the tree several times.
const LONGEST_SOURCE: usize = 2 * 1024 * 1024;
/// Most elements that are scored; a longer page has no main text.
const MOST_ELEMENTS: usize = 30_000;
/// Fewer characters are a caption or a footer, not an article: notices of offices are short.
const SHORTEST: usize = 40;

/// The main part of a page as HTML without menus, scripts and styles; `None` when there is none.
pub(super) fn of(source: &str) -> Option<String> {
    if source.len() > LONGEST_SOURCE {
        return None;
    }
    let config = Config {
        max_elements_to_parse: MOST_ELEMENTS,
        disable_json_ld: true,
        // A Chinese article says in 140 characters what the library's default of 500 is meant for.
        char_threshold: 140,
        candidate_select_mode: CandidateSelectMode::DomSmoothie,
        ..Config::default()
    };
    let article = Readability::new(source, None, Some(config)).ok()?.parse().ok()?;
    let words = html::plain_text(&article.content);
    (words.chars().count() >= SHORTEST).then(|| article.content.to_string())
}
