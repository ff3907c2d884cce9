//! Shows how an answer is read, step by step: which selector or path matched how often, which way of a
//! field gave its value, and for what failed the nearest that would match.
//!
//! For a person who mends a preset (`yuqing probe`). Pure, like reading itself, and slower: what failed is
//! tried again in looser forms.

mod chain;
mod markup;
mod nearest;
mod path;
mod words;

use serde::Serialize;

use super::{Page, charset, page::DEEPEST, repair};
use crate::{
    config::preset::{Preset, Reader},
    text,
};

/// Most items whose fields are looked at.
const MOST_ITEMS: usize = 200;

/// How one answer is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The items, then each field that the preset reads, then the next page. Empty for a feed, which needs
    /// no selectors, and for an answer that cannot be parsed at all.
    pub steps: Vec<Step>,
    /// Items that lack a field without which they are no posts.
    pub passed_over: usize,
}

/// One thing that is taken out of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `item`, the field's name in files, or `next`.
    pub step: &'static str,
    /// Out of how many items (1 for `item` and `next`: the answer).
    pub of: usize,
    /// How many of them gave a value; for `item` how many items there are.
    pub gave: usize,
    /// The first value.
    pub example: Option<String>,
    /// The ways in the order in which they are tried.
    pub ways: Vec<Way>,
}

/// One way to take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// As the preset writes it.
    pub way: String,
    /// In how many items its element or node is there.
    pub found: usize,
    /// In how many it gives a value.
    pub gave: usize,
    /// In how many that value is taken, because no way before it gave one.
    pub won: usize,
    /// What kept it from any value.
    pub trouble: Option<Trouble>,
}

/// Why a way gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Trouble {
    /// No element or node matches.
    Absent {
        /// The nearest that would match.
        nearest: Option<Nearest>,
    },
    /// The element is there without this attribute.
    NoAttribute {
        /// Which it lacks.
        attribute: String,
        /// Which it has.
        has: Vec<String>,
    },
    /// The expression does not match what is there.
    NoMatch {
        /// The expression.
        regex: String,
        /// What is there, shortened.
        shown: String,
    },
    /// It is there and empty, or no text.
    Empty,
}

/// A looser form that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nearest {
    /// The selector, or the longest part of the path from its beginning.
    pub way: String,
    /// In how many items it matches; for `item` how many elements.
    pub found: usize,
    /// For JSON the names found there, or how long the list is; for HTML the first element's opening tag.
    pub keys: Vec<String>,
}

impl Step {
    /// Whether nothing was taken although the preset says how.
    #[must_use]
    pub const fn failed(&self) -> bool {
        self.gave == 0 && self.of > 0
    }
}

/// Explains an answer by a preset.
#[must_use]
pub fn explain(preset: &Preset, page: &Page<'_>) -> Explanation {
    let declared = preset.encoding.clone().or_else(|| page.content_type.and_then(charset));
    let markup = !matches!(preset.reader, Reader::Api(_));
    let decoded = text::decode(page.body, declared.as_deref(), markup);
    match &preset.reader {
        Reader::Page(reader) if !repair::deeper_than(&decoded.text, DEEPEST, repair::Markup::Html) => {
            markup::explain(reader, &decoded.text)
        }
        Reader::Api(reader) => path::explain(reader, &decoded.text),
        Reader::Page(_) | Reader::Feed => Explanation { steps: Vec::new(), passed_over: 0 },
    }
}

/// A step over items out of the tries of its ways: for each way, what each item gave.
fn step(name: &'static str, of: usize, ways: Vec<Way>, tries: &[Vec<Option<String>>]) -> Step {
    let mut ways = ways;
    let mut taken = vec![false; of];
    let mut example = None;
    for (way, values) in ways.iter_mut().zip(tries) {
        for (value, taken) in values.iter().zip(&mut taken) {
            let Some(value) = value else { continue };
            way.gave += 1;
            if !*taken {
                *taken = true;
                way.won += 1;
                example.get_or_insert_with(|| super::field::excerpt(value));
            }
        }
        if way.gave > 0 {
            way.trouble = None;
        }
    }
    let gave = taken.iter().filter(|taken| **taken).count();
    Step { step: name, of, gave, example, ways }
}
