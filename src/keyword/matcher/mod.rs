//! All rules of all units, tried on a text in one pass.
//!
//! A glance over the text as it stands ([`glance`]) points out where words may be; nearly every text holds no
//! such place and is done. Round those places ([`windows`]) it is folded, and words are looked for ([`words`])
//! where they stand as written, and over the places where marks were put between Han characters, with those
//! marks taken out; what is found there is then verified mark by mark ([`gap`]). Regular expressions are tried on
//! the whole text, if a glance finds what one of them needs. Groups that ask for it are
//! looked for by sound and in parts in the whole text ([`sound`]). What was found is judged group by group
//! ([`judge`]).

mod build;
mod gap;
mod glance;
mod judge;
mod places;
mod rarity;
mod scan;
mod sound;
mod windows;
mod words;

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use build::Index;
use scan::Scan;

use super::{List, Rule, Words};
use crate::{
    model::{Hit, HitPart},
    text::{Folded, fold},
};

/// Why a group that partly matched gave no hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyNot {
    /// Name of the unit.
    pub unit: String,
    /// Line of the rule that decided, from 1.
    pub line: u32,
    /// In Chinese, such as `第 3 行 +投诉 未出现`.
    pub reason: String,
}

/// A term to put into `{keyword}` of a search source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SearchTerm {
    /// Name of the unit.
    pub unit: String,
    /// Display name of the group.
    pub group: String,
    /// What to search for: the word, followed by the group's required words.
    pub word: String,
}

/// A rule that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// All lists in force, ready to be tried on texts. Immutable and cheap to share: a reload builds a new
/// one and swaps.
#[derive(Debug, Clone)]
pub struct Matcher {
    lists: Vec<Arc<List>>,
    index: Arc<Index>,
    generation: u64,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Matcher {
    /// Builds the automaton over all lists. Several lists may belong to one unit; `[GLOBAL_FILTER]`
    /// concerns its own list only.
    #[must_use]
    pub fn new(lists: Vec<Arc<List>>) -> Self {
        let index = Arc::new(Index::new(&lists));
        let mut matcher = Self { lists, index, generation: 0 };
        let mut hasher = DefaultHasher::new();
        for rule in matcher.rules() {
            (rule.unit, rule.group, rule.rule).hash(&mut hasher);
        }
        matcher.generation = hasher.finish();
        matcher
    }

    /// A fingerprint of the rules: when it changes, what was read before may be worth reading again.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Every rule met by a post's own text (title included) or by the text that it quotes, by part,
    /// then place. Required words may stand in either text; `!` words and the global filter suppress
    /// only the part that they stand in, so that a comment cannot hide what it quotes. Each (group,
    /// rule, span) comes once; an exact hit wins over one through a gap.
    #[must_use]
    pub fn hits(&self, own: &str, quoted: &str) -> Vec<Hit> {
        self.hits_of(&self.scan(own), &self.scan(quoted))
    }

    /// The same, with an own text that was folded before, and by reading every character: without the
    /// glance that spares [`hits`](Self::hits) most texts. Never another answer, only later.
    #[must_use]
    pub fn hits_in_folded(&self, own: &str, folded: &Folded, quoted: &str) -> Vec<Hit> {
        self.hits_of(&self.scan_folded(own, folded), &self.scan_folded(quoted, &fold(quoted)))
    }

    fn hits_of(&self, own: &Scan<'_>, quoted: &Scan<'_>) -> Vec<Hit> {
        if own.found.is_empty() && quoted.found.is_empty() {
            return Vec::new();
        }
        let mut hits = self.judge(own, quoted, HitPart::Own);
        hits.extend(self.judge(quoted, own, HitPart::Quoted));
        hits
    }

    /// Says of each group that partly matched or was suppressed what kept it from a hit. Empty when
    /// every group hit or nothing matched at all.
    #[must_use]
    pub fn why_not(&self, text: &str) -> Vec<WhyNot> {
        self.explain(&self.scan(text))
    }

    /// Terms of the groups marked `检索: 是`, each once. Regular expressions cannot be searched for.
    #[must_use]
    pub fn search_terms(&self) -> Vec<SearchTerm> {
        let (mut terms, mut known) = (Vec::new(), HashSet::new());
        for list in &self.lists {
            for group in list.groups.iter().filter(|group| group.search) {
                let required: Vec<&str> = group.required.iter().filter_map(searchable).collect();
                let first = group.any.iter().filter_map(searchable).map(Some);
                // A group of required words only is searched for with all of them.
                let alone = (group.any.is_empty() && !required.is_empty()).then_some(None);
                for word in first.chain(alone) {
                    let words: Vec<&str> = word.into_iter().chain(required.iter().copied()).collect();
                    let term = SearchTerm {
                        unit: list.unit.clone(),
                        group: group.name.clone(),
                        word: words.join(" "),
                    };
                    if known.insert(term.clone()) {
                        terms.push(term);
                    }
                }
            }
        }
        terms
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

    /// The lists that it was built from.
    #[must_use]
    pub fn lists(&self) -> &[Arc<List>] {
        &self.lists
    }
}

fn searchable(rule: &Rule) -> Option<&str> {
    match &rule.words {
        Words::Word { word, .. } => Some(word),
        Words::Pattern(_) => None,
    }
}
