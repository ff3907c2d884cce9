//! All rules of all units in one automaton.

use std::sync::Arc;

use super::List;
use crate::model::Hit;

/// Why a group that partly matched gave no hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyNot {
    /// Name of the unit.
    pub unit: String,
    /// Line of the rule that decided.
    pub line: u32,
    /// In Chinese, such as `第 3 行 +投诉 未出现`.
    pub reason: String,
}

/// A term to put into `{keyword}` of a search source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// Name of the unit.
    pub unit: String,
    /// Display name of the group.
    pub group: String,
    /// What to search for.
    pub word: String,
}

/// A rule that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef<'a> {
    /// Name of the unit.
    pub unit: &'a str,
    /// Display name of the group.
    pub group: &'a str,
    /// As written.
    pub rule: &'a str,
    /// Line from 1.
    pub line: u32,
}

/// All lists in force, ready to be tried on texts. Immutable: a reload builds a new one and swaps.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    lists: Vec<Arc<List>>,
}

impl Matcher {
    /// Builds the automaton over all lists.
    #[must_use]
    pub fn new(lists: Vec<Arc<List>>) -> Self {
        Self { lists }
    }

    /// Every rule met by a post's own text (title included) or by the text it quotes.
    #[must_use]
    pub fn hits(&self, own: &str, quoted: &str) -> Vec<Hit> {
        let _ = (own, quoted);
        Vec::new()
    }

    /// Groups that partly matched or were suppressed.
    #[must_use]
    pub fn why_not(&self, text: &str) -> Vec<WhyNot> {
        let _ = text;
        Vec::new()
    }

    /// Terms of the groups marked `检索: 是`.
    #[must_use]
    pub fn search_terms(&self) -> Vec<SearchTerm> {
        Vec::new()
    }

    /// Every plain and required rule in force.
    pub fn rules(&self) -> impl Iterator<Item = RuleRef<'_>> {
        self.lists.iter().flat_map(|list| {
            list.groups.iter().flat_map(move |group| {
                group.any.iter().chain(&group.required).map(move |rule| RuleRef {
                    unit: &list.unit,
                    group: &group.name,
                    rule: &rule.written,
                    line: rule.line,
                })
            })
        })
    }
}
