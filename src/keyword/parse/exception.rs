//! Which excluded words are exceptions to a word of their own group.
//!
//! `!城市医院` beside `市医院` says that one place where 市医院 stands is not meant; `!招聘` says that a whole text
//! is not. The two are told apart by whether the excluded word holds a word of its group.

use aho_corasick::AhoCorasick;

use super::super::{Group, List, Rule, Words};

/// Pairs of words up to which each is tried alone.
const FEW_PAIRS: usize = 1_000;

/// Marks the exceptions of all groups.
pub(super) fn mark(list: &mut List) {
    for group in list.groups.iter_mut().filter(|group| !group.excluded.is_empty()) {
        let covers: Vec<bool> = {
            let holds = holds_a_word_of(group);
            group.excluded.iter().map(|rule| folded(rule).is_some_and(&holds)).collect()
        };
        for (rule, covers) in group.excluded.iter_mut().zip(covers) {
            rule.covers = covers;
        }
    }
}

/// A test for texts that hold a word of the group.
fn holds_a_word_of(group: &Group) -> Box<dyn Fn(&str) -> bool + '_> {
    let rules = || group.any.iter().chain(&group.required);
    let words: Vec<&str> = rules().filter_map(folded).collect();
    let patterns = move |text: &str| {
        rules().any(|rule| matches!(&rule.words, Words::Pattern(pattern) if !pattern.find(text).is_empty()))
    };
    if words.len().saturating_mul(group.excluded.len()) > FEW_PAIRS
        && let Ok(automaton) = AhoCorasick::new(&words)
    {
        return Box::new(move |text| automaton.is_match(text) || patterns(text));
    }
    Box::new(move |text| words.iter().any(|word| text.contains(word)) || patterns(text))
}

fn folded(rule: &Rule) -> Option<&str> {
    match &rule.words {
        Words::Word { folded, .. } => Some(folded),
        Words::Pattern(_) => None,
    }
}
