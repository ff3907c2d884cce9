//! A glance over a text as it stands tells where words may be, before anything is folded or stored.
//!
//! Each character is folded by one table on its way. Of each word only the rarest pair of neighbours is looked
//! for, in a table of bits: nearly every text holds none of them, and is done. Where a pair of a word is there, the
//! character before it, by the same table, turns nearly all of the rest away ([`Glance::turns_away`]); else it is held
//! against the characters round it; what then still may be a word is read again by the exact machinery. So the
//! glance may take too much for a word, never too little: neighbours count also over signs that may be skipped
//! between Han characters ([`super::gap`]), however many, and wherever characters influence each other (an accent
//! after its letter) a word is taken to be possible.

use std::{collections::HashMap, ops::Range};

use foldhash::fast::FixedState;

use super::build::Entry;
use super::gap::{divides, is_han, skippable};
use super::rarity::rarity;
use super::scan::is_latin;
use crate::text::{Class, Classes, classes};

/// Bits of the table for each word, so that few pairs of a text share one by chance.
const BITS_PER_WORD: usize = 96;
/// Least and most bits of the table, as powers of two.
const FEWEST: u32 = 16;
const MOST: u32 = 24;
/// Stands before a word of one character; no character has this number.
const NOTHING: u32 = 0x1F_FFFF;
/// Stands before a pair of which the character before says nothing; no character has this number either.
const ANYTHING: u32 = 0x1F_FFFE;

/// All words, ready to be glanced at.
#[derive(Debug)]
pub(super) struct Glance {
    bits: Box<[u64]>,
    /// How far a mixed key is shifted to be the number of a bit.
    shift: u32,
    /// By key: which of `uses`.
    pairs: HashMap<u64, (u32, u32), FixedState>,
    uses: Vec<Use>,
    /// Whether there are words of one character.
    alone: bool,
    /// Length of the longest word in characters.
    longest: usize,
}

/// What a glance comes upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A word, by its number, stands in these bytes just as written: nothing more needs to be read for it.
    Word(usize, Range<usize>),
    /// At this character some word may be.
    Perhaps(Range<usize>),
}

/// A word and where in it the pair's second character stands.
#[derive(Debug, Clone, Copy)]
struct Use {
    word: u32,
    entry: u32,
    at: u32,
}

/// How far a word agrees with the text to one side of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// To its end, which is at this byte, and what stands beyond.
    Whole(usize, Beyond),
    /// What stands there decides it only together with more.
    Perhaps,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Latin,
    Other,
}

impl Glance {
    /// Takes each distinct word once, by its number and one of its entries. Entries of patterns have no word.
    pub(super) fn new(entries: &[Entry], distinct: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut keyed: Vec<(u64, Use)> = distinct
            .filter_map(|(word, entry)| {
                let (key, at) = rarest(&entries.get(entry)?.word)?;
                let number = |number: usize| u32::try_from(number).ok();
                Some((key, Use { word: number(word)?, entry: number(entry)?, at: number(at)? }))
            })
            .collect();
        keyed.sort_unstable_by_key(|(key, one)| (*key, one.entry));
        let bits = (keyed.len() * BITS_PER_WORD).next_power_of_two().ilog2().clamp(FEWEST, MOST);
        let mut glance = Self {
            bits: vec![0; 1 << (bits - 6)].into_boxed_slice(),
            shift: u64::BITS - bits,
            pairs: HashMap::with_capacity_and_hasher(keyed.len(), FixedState::default()),
            uses: keyed.iter().map(|(_, one)| *one).collect(),
            alone: keyed.iter().any(|(key, _)| key >> 21 == u64::from(NOTHING)),
            longest: entries.iter().map(|entry| entry.word.len()).max().unwrap_or(0),
        };
        for (at, (key, one)) in (0u32..).zip(&keyed) {
            let range = glance.pairs.entry(*key).or_insert((at, at));
            range.1 = at + 1;
            glance.put(*key);
            let word =
                usize::try_from(one.entry).ok().and_then(|at| entries.get(at)).map(|entry| &*entry.word);
            let place = usize::try_from(one.at).unwrap_or(0);
            let before = word.and_then(|word| telling_before(word, place)).map_or(ANYTHING, u32::from);
            glance.put(with_before(before, *key));
        }
        glance
    }

    fn put(&mut self, key: u64) {
        let place = self.place(key);
        if let Some(part) = self.bits.get_mut(place >> 6) {
            *part |= 1 << (place & 63);
        }
    }

    /// Length of the longest word in characters.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Calls `found` with each word that surely stands there and with each character at which one may be: every
    /// word that the text holds is told, or such a character lies within it. The latter come in order.
    pub(super) fn each(&self, text: &str, entries: &[Entry], found: impl FnMut(Spot)) {
        let on = On { glance: self, text, entries, classes: classes() };
        if self.uses.is_empty() {
        } else if self.alone {
            on.each::<true>(found);
        } else {
            on.each::<false>(found);
        }
    }

    #[inline]
    fn place(&self, key: u64) -> usize {
        usize::try_from(key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift).unwrap_or(0)
    }

    #[inline]
    fn has(&self, first: u32, second: u32) -> bool {
        self.has_key(key(first, second))
    }

    #[inline]
    fn has_key(&self, key: u64) -> bool {
        let place = self.place(key);
        self.bits.get(place >> 6).is_some_and(|part| part >> (place & 63) & 1 == 1)
    }

    /// Whether no word has this pair behind this Han character: the one that stands before the first of the pair, or
    /// zero for none, whatever may be skipped between them.
    #[inline]
    fn turns_away(&self, before: u32, first: u32, second: u32) -> bool {
        let pair = key(first, second);
        !self.has_key(with_before(before, pair)) && !self.has_key(with_before(ANYTHING, pair))
    }
}

/// The key of a pair together with the character before it.
#[inline]
fn with_before(before: u32, pair: u64) -> u64 {
    // Kept apart from all pairs, of which none is so large.
    1 << 63 | u64::from(before) << 42 | pair
}

/// The character before a pair, by the place of its second character, if all three are Han: then in a text it must
/// be the last Han character before the pair, because only what may be skipped can stand between.
fn telling_before(word: &[char], at: usize) -> Option<char> {
    match word.get(at.checked_sub(2)?..=at)? {
        &[before, first, second] if is_han(before) && is_han(first) && is_han(second) => Some(before),
        _ => None,
    }
}

#[inline]
fn key(first: u32, second: u32) -> u64 {
    u64::from(first) << 21 | u64::from(second)
}

/// The key of the pair that stands in the fewest texts, and where its second character stands. A pair with a telling
/// character before it is preferred.
fn rarest(word: &[char]) -> Option<(u64, usize)> {
    if let &[only] = word {
        return Some((key(NOTHING, u32::from(only)), 0));
    }
    let pairs = word.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        &[first, second] => {
            let before = telling_before(word, at + 1);
            let rare = (before.is_some(), rarity(first) + rarity(second), before.map(rarity));
            Some((rare, at, key(first.into(), second.into())))
        }
        _ => None,
    });
    // Of equally rare ones the first.
    pairs.max_by_key(|(rare, at, _)| (*rare, usize::MAX - at)).map(|(_, at, key)| (key, at + 1))
}

/// A glance at one text.
struct On<'g, 't> {
    glance: &'g Glance,
    text: &'t str,
    entries: &'g [Entry],
    classes: &'static Classes,
}

impl On<'_, '_> {
    fn each<const ALONE: bool>(&self, mut found: impl FnMut(Spot)) {
        let (glance, classes) = (self.glance, self.classes);
        let mut seen = Seen { last: 0, han: 0, before: 0 };
        let mut at = 0;
        loop {
            if seen.han == seen.last {
                at = self.run_of_han::<ALONE>(at, &mut seen, &mut found);
            }
            let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            let here = at..at + c.len_utf8();
            at = here.end;
            match classes.of(c) {
                Class::Alone(to) => {
                    let before = seen;
                    if seen.step(glance, to) || (ALONE && glance.has(NOTHING, u32::from(to))) {
                        self.hold(here, before, u32::from(to), &mut found);
                    }
                }
                Class::Removed => {}
                other => {
                    if self.unusual::<ALONE>(&mut seen, other) {
                        found(Spot::Perhaps(here));
                    }
                }
            }
        }
    }

    /// Goes from `at` over common Han characters without anything between them, which most of a text is. Answers
    /// where something else stands.
    #[inline]
    fn run_of_han<const ALONE: bool>(
        &self,
        mut at: usize,
        seen: &mut Seen,
        found: &mut impl FnMut(Spot),
    ) -> usize {
        let (glance, classes) = (self.glance, self.classes);
        let (mut before, mut last) = (seen.before, seen.last);
        let mut rest = self.text.as_bytes().get(at..).unwrap_or_default();
        while let [0xE4..=0xE9, _, _, further @ ..] = rest {
            let &[one, two, three, ..] = rest else { break };
            let code = u16::from(one) << 12 | u16::from(two & 0x3F) << 6 | u16::from(three & 0x3F);
            let Some(to) = classes.common_han(code) else { break };
            let makes_pair = glance.has(last, to);
            if (makes_pair && !glance.turns_away(before, last, to)) || (ALONE && glance.has(NOTHING, to)) {
                self.hold(at..at + 3, Seen { last, han: last, before }, to, found);
            }
            (before, last) = (last, to);
            at += 3;
            rest = further;
        }
        *seen = Seen { last, han: last, before };
        at
    }

    /// A character that expands or joins.
    #[cold]
    fn unusual<const ALONE: bool>(&self, seen: &mut Seen, class: Class) -> bool {
        let Class::Spelled(spelled) = class else {
            // What it makes of the one before is not known here.
            seen.last = 0;
            return true;
        };
        let glance = self.glance;
        let is_word = |to: char| ALONE && glance.has(NOTHING, u32::from(to));
        let mut any = false;
        for &to in spelled {
            any |= seen.step(glance, to) || is_word(to);
        }
        any
    }

    /// Holds the words of a pair that may be in the table against what stands round it.
    #[cold]
    fn hold(&self, here: Range<usize>, before: Seen, to: u32, found: &mut impl FnMut(Spot)) {
        let mut perhaps = false;
        let firsts =
            [(before.last, true), (before.han, before.han != before.last), (NOTHING, self.glance.alone)];
        for (first, counts) in firsts {
            let is_there = counts && self.glance.has(first, to);
            if !is_there || self.glance.turns_away(before.before, first, to) {
                continue;
            }
            let (from, until) = self.glance.pairs.get(&key(first, to)).copied().unwrap_or((0, 0));
            let range = usize::try_from(from).unwrap_or(0)..usize::try_from(until).unwrap_or(0);
            for one in self.glance.uses.get(range).unwrap_or_default() {
                match self.fit(&here, *one) {
                    Some(Spot::Perhaps(_)) => perhaps = true,
                    Some(word) => found(word),
                    None => {}
                }
            }
        }
        if perhaps {
            found(Spot::Perhaps(here));
        }
    }

    fn fit(&self, here: &Range<usize>, one: Use) -> Option<Spot> {
        let word = &self.entries.get(usize::try_from(one.entry).ok()?)?.word;
        let at = usize::try_from(one.at).ok()?;
        let (head, tail) = (word.get(..=at)?, word.get(at..)?);
        let before = self.text.get(..here.start).unwrap_or_default().char_indices().rev();
        let back = self.side(head.iter().rev().copied(), here.start, before);
        if back == Fit::Not || cuts(head.first(), back) {
            return None;
        }
        let after = self.text.get(here.end..).unwrap_or_default().chars();
        let after = after.scan(here.end, |end, c| {
            *end += c.len_utf8();
            Some((*end, c))
        });
        let forth = self.side(tail.iter().copied(), here.end, after);
        if forth == Fit::Not || cuts(tail.last(), forth) {
            return None;
        }
        Some(match (back, forth) {
            (Fit::Whole(start, _), Fit::Whole(end, _)) => {
                Spot::Word(usize::try_from(one.word).ok()?, start..end)
            }
            _ => Spot::Perhaps(here.clone()),
        })
    }

    /// Holds what stands to one side against a word, whose first character here is the one that was met and ends
    /// at byte `end`. The characters of the text come with the bytes at which they end, seen from there.
    fn side(
        &self,
        mut word: impl Iterator<Item = char>,
        mut end: usize,
        text: impl Iterator<Item = (usize, char)>,
    ) -> Fit {
        let Some(mut last) = word.next() else { return Fit::Perhaps };
        let mut wanted = word.next();
        for (at, c) in text {
            let to = match self.classes.of(c) {
                Class::Removed => continue,
                Class::Joining | Class::Spelled(_) => return Fit::Perhaps,
                Class::Alone(to) => to,
            };
            match wanted {
                None if is_latin(to) => return Fit::Whole(end, Beyond::Latin),
                None => return Fit::Whole(end, Beyond::Other),
                Some(next) if next == to => (last, wanted, end) = (next, word.next(), at),
                Some(next) if is_han(last) && is_han(next) && is_perhaps_skipped(to) => return Fit::Perhaps,
                Some(_) => return Fit::Not,
            }
        }
        if wanted.is_some() { Fit::Not } else { Fit::Whole(end, Beyond::Other) }
    }
}

/// Whether a word that ends so goes on in Latin letters, where it may not.
fn cuts(end: Option<&char>, fit: Fit) -> bool {
    matches!(fit, Fit::Whole(_, Beyond::Latin)) && end.is_some_and(char::is_ascii_alphanumeric)
}

/// Whether a character may be a part of what is skipped; a digit may be that of a keycap.
pub(super) fn is_perhaps_skipped(c: char) -> bool {
    c.is_ascii_digit() || skippable(c)
}

/// The folded characters that the next one may be the neighbour of. Zero is none.
#[derive(Debug, Clone, Copy)]
struct Seen {
    last: u32,
    /// The last Han character, if only what may be skipped stands behind it.
    han: u32,
    /// The Han character before that one, under the same condition.
    before: u32,
}

impl Seen {
    /// Goes on by one folded character; answers whether it may make a pair.
    #[inline]
    fn step(&mut self, glance: &Glance, to: char) -> bool {
        let code = u32::from(to);
        let mut makes_pair = glance.has(self.last, code);
        // Nearly all are of this block, which one comparison tells.
        if code.wrapping_sub(0x4E00) < 0x5200 || is_han(to) {
            if self.han != self.last {
                makes_pair |= glance.has(self.han, code);
            }
            (self.before, self.han) = (self.han, code);
        } else if to.is_ascii_lowercase() || divides(to) {
            self.han = 0;
        }
        self.last = code;
        makes_pair
    }
}
