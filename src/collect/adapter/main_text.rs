//! The main text of a page of unknown shape, by a readability library.
//!
//! Only asked where a preset says `main_text` and no selector gave a text: on forum threads such a library
//! merges the floors and the names of their authors into one text, so forums keep selectors.

use std::sync::LazyLock;

use dom_smoothie::{CandidateSelectMode, Config, Readability};

use regex::Regex;
use scraper::{Html, Selector};

use super::html;

/// Longest source that is tried, in bytes: scoring walks the tree several times.
const LONGEST_SOURCE: usize = 2 * 1024 * 1024;
/// Most elements that are scored; a longer page has no main text.
const MOST_ELEMENTS: usize = 30_000;
/// Fewer characters are a caption or a footer, not an article: notices of offices are short.
const SHORTEST: usize = 40;

/// Lines that stand between title and text on pages of offices: where one is, when, by whom, how often read.
static LABEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^[【\[(（\s]*(?:您?(?:当前|现在|所在)的?位置|(?:发布|发稿|更新|成文)?(?:时间|日期)|(?:信息|稿件|文章)?来源|作者|记者|撰稿|(?:责任)?编辑|审核|(?:浏览|阅读|点击|访问)(?:次数|量|数)?|字[号体]|分享到?|打印|关闭)\s*[:：】\])）>|]",
    )
    .ok()
});
/// Parts that the library may leave in a short page.
const AROUND: &str = "nav, aside, footer, form, button";
/// A longer line is a sentence that happens to begin with such a word.
const LONGEST_LABEL: usize = 120;

/// Plain text of the main part without those lines: they name authors, and change by themselves.
pub(super) fn words(main: &str) -> String {
    let around: Vec<Selector> = Selector::parse(AROUND).into_iter().collect();
    let text = html::element_text(Html::parse_fragment(main).root_element(), &around);
    let is_label = |line: &str| {
        line.chars().nth(LONGEST_LABEL).is_none() && LABEL.as_ref().is_some_and(|label| label.is_match(line))
    };
    text.lines().filter(|line| !is_label(line)).collect::<Vec<_>>().join("\n")
}

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
