//! The words and what they stand for.

use std::{collections::HashMap, sync::Arc};

use super::gap::{Characters, Compact, is_han, skippable};
use super::glance::{Glance, Needed};
use super::sound::Sounds;
use super::words;
use crate::keyword::{Group, List, Pattern, Rule, Words};
use crate::text::fold;

/// What a rule does, and in which group. The order is that in which entries are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Role {
    /// Of `[GLOBAL_FILTER]`.
    Filter,
    /// Plain, of a group.
    Any(usize),
    /// `+`, of a group.
    Required(usize),
    /// `!`, of a group.
    Excluded(usize),
}

/// A rule of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) list: usize,
    pub(super) role: Role,
    /// Index among the rules of that role.
    pub(super) at: usize,
}

/// One rule as the scanner uses it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) place: Place,
    /// Folded characters of a word; empty for a pattern.
    pub(super) word: Box<[char]>,
    /// How many of them are marks before its first character: in a text without marks between Han
    /// characters those may be gone.
    pub(super) leading_marks: usize,
}

/// Everything that is computed once from the lists.
#[derive(Debug)]
pub(super) struct Index {
    /// Tells of a text where words may be.
    pub(super) glance: Glance,
    pub(super) words: words::Words,
    pub(super) entries: Vec<Entry>,
    /// By list: the first entry of each of its roles.
    firsts: Vec<Firsts>,
    /// Per word: the entries whose folded word it is.
    pub(super) exact: Vec<Vec<usize>>,
    /// Per word: the entries whose word without inner marks it is, if they can match through gaps.
    pub(super) gapped: Vec<Vec<usize>>,
    /// Longest word that can match through gaps, in characters without its marks.
    pub(super) reach: usize,
    /// Regular expressions, by entry.
    pub(super) patterns: Vec<(usize, Pattern)>,
    /// What a text must hold for any of them to match; `None` when some may match without.
    pub(super) needed: Option<Needed>,
    /// Words that are looked for by their sound too.
    pub(super) sounds: Option<Sounds>,
}

impl Index {
    pub(super) fn new(lists: &[Arc<List>]) -> Self {
        let mut words = Vocabulary::default();
        let mut entries = Vec::new();
        let mut patterns = Vec::new();
        let mut reach = 0;
        for (place, rule) in lists.iter().enumerate().flat_map(|(at, list)| places(at, list)) {
            let entry = entries.len();
            match &rule.words {
                Words::Pattern(pattern) => {
                    patterns.push((entry, pattern.clone()));
                    entries.push(Entry { place, word: Box::default(), leading_marks: 0 });
                }
                Words::Word { folded, .. } => {
                    words.exact(folded, entry);
                    let word: Box<[char]> = folded.chars().collect();
                    let has_room = word.windows(2).any(|pair| pair.iter().all(|c| is_han(*c)));
                    // A word that keeps texts out must stand there as written: suppressing is silent.
                    if has_room && matches!(place.role, Role::Any(_) | Role::Required(_)) {
                        let compact = without_marks(folded);
                        reach = reach.max(compact.chars().count());
                        words.gapped(&compact, entry);
                    }
                    let leading_marks = word.iter().take_while(|c| skippable(**c)).count();
                    entries.push(Entry { place, word, leading_marks });
                }
            }
        }
        let Vocabulary { patterns: folded, exact, gapped, .. } = words;
        let distinct = exact.iter().enumerate().filter_map(|(word, uses)| Some((word, *uses.first()?)));
        let glance = Glance::new(&entries, distinct);
        let sounds = Sounds::new(lists, &entries);
        let words = words::Words::new(&folded);
        let firsts = firsts(lists);
        let needed = needed(&patterns);
        Self { glance, words, entries, firsts, exact, gapped, reach, patterns, needed, sounds }
    }

    /// The first entry of a role in a list; the others of that role follow. Nothing of use when it has none.
    pub(super) fn first(&self, list: usize, role: Role) -> usize {
        let firsts = self.firsts.get(list);
        let group = |at: usize| firsts.and_then(|firsts| firsts.groups.get(at)).copied().unwrap_or_default();
        match role {
            Role::Filter => firsts.map_or(0, |firsts| firsts.filters),
            Role::Any(at) => group(at).any,
            Role::Required(at) => group(at).required,
            Role::Excluded(at) => group(at).excluded,
        }
    }
}

/// Where the entries of a list begin.
#[derive(Debug, Default)]
struct Firsts {
    filters: usize,
    groups: Vec<FirstsOfGroup>,
}

#[derive(Debug, Default, Clone, Copy)]
struct FirstsOfGroup {
    any: usize,
    required: usize,
    excluded: usize,
}

/// Entries are numbered as [`places`] lists them.
fn firsts(lists: &[Arc<List>]) -> Vec<Firsts> {
    let mut next = 0;
    let mut take = |rules: &[Rule]| {
        let first = next;
        next += rules.len();
        first
    };
    let of = |list: &Arc<List>| {
        let mut firsts = Firsts { filters: take(&list.filters), groups: Vec::new() };
        firsts.groups.resize_with(list.groups.len(), Default::default);
        let mut each = |put: fn(&mut FirstsOfGroup) -> &mut usize, rules: fn(&Group) -> &[Rule]| {
            for (first, group) in firsts.groups.iter_mut().zip(&list.groups) {
                *put(first) = take(rules(group));
            }
        };
        each(|first| &mut first.any, |group| &group.any);
        each(|first| &mut first.required, |group| &group.required);
        each(|first| &mut first.excluded, |group| &group.excluded);
        firsts
    };
    lists.iter().map(of).collect()
}

/// What the patterns need, if each of them needs something.
fn needed(patterns: &[(usize, Pattern)]) -> Option<Needed> {
    let each = patterns.iter().map(|(_, pattern)| pattern.needed()).collect::<Option<Vec<_>>>()?;
    let strings: Vec<Vec<char>> = each.into_iter().flatten().map(|string| string.chars().collect()).collect();
    Some(Needed::new(&strings))
}

/// A folded word as it looks in a [`Compact`] text, without the marks at its ends.
fn without_marks(folded: &str) -> String {
    let folded = fold(folded.trim_matches(skippable));
    let characters = Characters::new(&folded, &folded.text);
    Compact::whole(&characters).text
}

/// Rules of a list with their places, in the order of the places.
fn places(list: usize, content: &List) -> Vec<(Place, &Rule)> {
    let mut all: Vec<(Place, &Rule)> = Vec::new();
    let groups = || content.groups.iter().enumerate();
    all.extend(numbered(list, Role::Filter, &content.filters));
    all.extend(groups().flat_map(|(at, group)| numbered(list, Role::Any(at), &group.any)));
    all.extend(groups().flat_map(|(at, group)| numbered(list, Role::Required(at), &group.required)));
    all.extend(groups().flat_map(|(at, group)| numbered(list, Role::Excluded(at), &group.excluded)));
    all
}

fn numbered(list: usize, role: Role, rules: &[Rule]) -> impl Iterator<Item = (Place, &Rule)> {
    rules.iter().enumerate().map(move |(at, rule)| (Place { list, role, at }, rule))
}

/// Distinct patterns and who uses them.
#[derive(Default)]
struct Vocabulary {
    ids: HashMap<String, usize>,
    patterns: Vec<String>,
    exact: Vec<Vec<usize>>,
    gapped: Vec<Vec<usize>>,
}

impl Vocabulary {
    fn id(&mut self, pattern: &str) -> usize {
        if let Some(id) = self.ids.get(pattern) {
            return *id;
        }
        let id = self.patterns.len();
        self.ids.insert(pattern.to_owned(), id);
        self.patterns.push(pattern.to_owned());
        self.exact.push(Vec::new());
        self.gapped.push(Vec::new());
        id
    }

    fn exact(&mut self, pattern: &str, entry: usize) {
        let id = self.id(pattern);
        self.exact.get_mut(id).into_iter().for_each(|uses| uses.push(entry));
    }

    fn gapped(&mut self, pattern: &str, entry: usize) {
        let id = self.id(pattern);
        self.gapped.get_mut(id).into_iter().for_each(|uses| uses.push(entry));
    }
}
