//! A glance over a text as it stands tells where words may be, before anything is folded or stored.
//!
//! Each character is folded by one table on its way. Of each word only the rarest pair of neighbours is looked
//! for, in a table of bits: nearly every text holds none of them, and is done. A pair that is there is held
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

/// A word and where in it the pair's second character stands.
#[derive(Debug, Clone, Copy)]
struct Use {
    entry: u32,
    at: u32,
}

/// How far a word agrees with the text to one side of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// To its end, and what stands beyond.
    Whole(Beyond),
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
    /// Takes each distinct word once, by one of its entries. Entries of patterns have no word.
    pub(super) fn new(entries: &[Entry], distinct: impl Iterator<Item = usize>) -> Self {
        let mut keyed: Vec<(u64, Use)> = distinct
            .filter_map(|at| {
                let word = &entries.get(at)?.word;
                let (key, place) = rarest(word)?;
                Some((key, Use { entry: u32::try_from(at).ok()?, at: u32::try_from(place).ok()? }))
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
        for (at, (key, _)) in (0u32..).zip(&keyed) {
            let range = glance.pairs.entry(*key).or_insert((at, at));
            range.1 = at + 1;
            let place = glance.place(*key);
            if let Some(part) = glance.bits.get_mut(place >> 6) {
                *part |= 1 << (place & 63);
            }
        }
        glance
    }

    /// Length of the longest word in characters.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Calls `found` with the bytes of each character at which a word may be: within every word that the text
    /// holds lies one of these.
    pub(super) fn each(&self, text: &str, entries: &[Entry], found: impl FnMut(Range<usize>)) {
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
        let place = self.place(key(first, second));
        self.bits.get(place >> 6).is_some_and(|part| part >> (place & 63) & 1 == 1)
    }
}

#[inline]
fn key(first: u32, second: u32) -> u64 {
    u64::from(first) << 21 | u64::from(second)
}

/// The key of the pair that stands in the fewest texts, and where its second character stands.
fn rarest(word: &[char]) -> Option<(u64, usize)> {
    if let &[only] = word {
        return Some((key(NOTHING, u32::from(only)), 0));
    }
    let pairs = word.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        &[first, second] => Some((rarity(first) + rarity(second), at, key(first.into(), second.into()))),
        _ => None,
    });
    // Of equally rare ones the first.
    pairs.max_by_key(|(rarity, at, _)| (*rarity, usize::MAX - at)).map(|(_, at, key)| (key, at + 1))
}

/// A glance at one text.
struct On<'g, 't> {
    glance: &'g Glance,
    text: &'t str,
    entries: &'g [Entry],
    classes: &'static Classes,
}

impl On<'_, '_> {
    fn each<const ALONE: bool>(&self, mut found: impl FnMut(Range<usize>)) {
        let (glance, classes) = (self.glance, self.classes);
        let mut chars = self.text.chars();
        let mut seen = Seen { last: 0, han: 0 };
        while let Some(c) = chars.next() {
            match classes.of(c) {
                Class::Alone(to) => {
                    let before = seen;
                    if seen.step(glance, to) || (ALONE && glance.has(NOTHING, u32::from(to))) {
                        let end = self.text.len() - chars.as_str().len();
                        let here = end - c.len_utf8()..end;
                        if self.may_hold(&here, before, to) {
                            found(here);
                        }
                    }
                }
                Class::Removed => {}
                other => {
                    let end = self.text.len() - chars.as_str().len();
                    if self.unusual::<ALONE>(&mut seen, other) {
                        found(end - c.len_utf8()..end);
                    }
                }
            }
        }
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

    /// Whether what stands round a pair that may be in the table lets one of its words be there.
    #[cold]
    fn may_hold(&self, here: &Range<usize>, before: Seen, to: char) -> bool {
        let fits = |first: u32| {
            if !self.glance.has(first, u32::from(to)) {
                return false;
            }
            let (from, until) = self.glance.pairs.get(&key(first, u32::from(to))).copied().unwrap_or((0, 0));
            let range = usize::try_from(from).unwrap_or(0)..usize::try_from(until).unwrap_or(0);
            self.glance.uses.get(range).unwrap_or_default().iter().any(|one| self.fits(here, *one))
        };
        fits(before.last)
            || (before.han != before.last && fits(before.han))
            || (self.glance.alone && fits(NOTHING))
    }

    fn fits(&self, here: &Range<usize>, one: Use) -> bool {
        let entry = usize::try_from(one.entry).ok().and_then(|at| self.entries.get(at));
        let Some(word) = entry.map(|entry| &entry.word) else { return true };
        let at = usize::try_from(one.at).unwrap_or(0);
        let (Some(head), Some(tail)) = (word.get(..=at), word.get(at..)) else { return true };
        let before = self.text.get(..here.start).unwrap_or_default();
        let after = self.text.get(here.end..).unwrap_or_default();
        let back = self.side(head.iter().rev().copied(), before.chars().rev());
        if back == Fit::Not || cuts(head.first(), back) {
            return false;
        }
        let forth = self.side(tail.iter().copied(), after.chars());
        forth != Fit::Not && !cuts(tail.last(), forth)
    }

    /// Holds what stands to one side against a word, whose first character here is the one that was met.
    fn side(&self, mut word: impl Iterator<Item = char>, text: impl Iterator<Item = char>) -> Fit {
        let Some(mut last) = word.next() else { return Fit::Perhaps };
        let mut wanted = word.next();
        for c in text {
            let to = match self.classes.of(c) {
                Class::Removed => continue,
                Class::Joining | Class::Spelled(_) => return Fit::Perhaps,
                Class::Alone(to) => to,
            };
            match wanted {
                None if is_latin(to) => return Fit::Whole(Beyond::Latin),
                None => return Fit::Whole(Beyond::Other),
                Some(next) if next == to => (last, wanted) = (next, word.next()),
                Some(next) if is_han(last) && is_han(next) && is_perhaps_skipped(to) => return Fit::Perhaps,
                Some(_) => return Fit::Not,
            }
        }
        if wanted.is_some() { Fit::Not } else { Fit::Whole(Beyond::Other) }
    }
}

/// Whether a word that ends so goes on in Latin letters, where it may not.
fn cuts(end: Option<&char>, fit: Fit) -> bool {
    fit == Fit::Whole(Beyond::Latin) && end.is_some_and(char::is_ascii_alphanumeric)
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
            self.han = code;
        } else if to.is_ascii_lowercase() || divides(to) {
            self.han = 0;
        }
        self.last = code;
        makes_pair
    }
}
