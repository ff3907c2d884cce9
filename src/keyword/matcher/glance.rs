//! A glance over a text as it stands tells where words may be, before anything is folded or stored.
//!
//! Each character is folded by one table on its way. Of each word only the rarest pair of neighbours is looked
//! for, in a table of bits ([`pairs`]): nearly every text holds none of them, and is done. Where a pair of a word is
//! there, the character before it, by the same means, turns nearly all of the rest away; else the word is held
//! against the characters round it ([`fit()`]); what then still may be a word is read again by the exact machinery. So
//! the glance may take too much for a word, never too little: neighbours count also over signs that may be skipped
//! between Han characters ([`super::gap`]), however many, and wherever characters influence each other (an accent
//! after its letter) a word is taken to be possible.

mod fit;
mod pairs;

use std::ops::Range;

use self::fit::fit;
use self::pairs::{NOTHING, Pairs};
use super::build::Entry;
use super::gap::{is_han, skippable};
use crate::text::{Class, Classes, classes};

/// All words, ready to be glanced at.
#[derive(Debug)]
pub(super) struct Glance {
    pairs: Pairs,
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

impl Glance {
    /// Takes each distinct word once, by its number and one of its entries. Entries of patterns have no word.
    pub(super) fn new(entries: &[Entry], distinct: impl Iterator<Item = (usize, usize)>) -> Self {
        let words = distinct.filter_map(|(word, entry)| Some((word, entry, &*entries.get(entry)?.word)));
        Self {
            pairs: Pairs::new(words),
            longest: entries.iter().map(|entry| entry.word.len()).max().unwrap_or(0),
        }
    }

    /// Length of the longest word in characters.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// Calls `found` with each word that surely stands there and with each character at which one may be: every
    /// word that the text holds is told, or such a character lies within it. The latter come in order.
    pub(super) fn each(&self, text: &str, entries: &[Entry], found: impl FnMut(Spot)) {
        On { pairs: &self.pairs, text, entries: Some(entries), classes: classes() }.read(found);
    }
}

/// Strings of which a text must hold one, or it need not be read any further.
#[derive(Debug)]
pub(super) struct Needed {
    pairs: Pairs,
}

impl Needed {
    /// Takes strings as they stand in folded texts; none may be empty.
    pub(super) fn new(strings: &[Vec<char>]) -> Self {
        Self { pairs: Pairs::new(strings.iter().map(|string| (0, 0, string.as_slice()))) }
    }

    /// Whether the text, folded or as it stands, may hold one of the strings; never "no" when it does.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        let mut any = false;
        On { pairs: &self.pairs, text, entries: None, classes: classes() }.read(|_| any = true);
        any
    }
}

/// A glance at one text. `HAN`: every pair is of two Han characters, so that nothing else is looked up.
struct On<'g, 't> {
    pairs: &'g Pairs,
    text: &'t str,
    /// Whose words are held against the text; without them a pair that is there is enough.
    entries: Option<&'g [Entry]>,
    classes: &'static Classes,
}

impl On<'_, '_> {
    fn read(&self, found: impl FnMut(Spot)) {
        if self.pairs.is_empty() {
        } else if self.pairs.only_han {
            self.each::<true>(found);
        } else {
            self.each::<false>(found);
        }
    }

    fn each<const HAN: bool>(&self, mut found: impl FnMut(Spot)) {
        let mut seen = Seen { last: 0, han: 0, before: 0 };
        let mut at = 0;
        loop {
            at = self.run_of_han::<HAN>(at, &mut seen, &mut found);
            at = self.run_of_others::<HAN>(at, &mut seen);
            let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            let here = at..at + c.len_utf8();
            at = here.end;
            match self.classes.of(c) {
                Class::Alone(to) => {
                    let before = seen;
                    if seen.step::<HAN>(self.pairs, to) {
                        self.hold(here, before, u32::from(to), &mut found);
                    }
                }
                Class::Removed => {}
                other => {
                    if self.unusual(&mut seen, other) {
                        found(Spot::Perhaps(here));
                    }
                }
            }
        }
    }

    /// Goes from `at` over common Han characters without anything between them, which most of a text is. Answers
    /// where something else stands.
    #[inline]
    fn run_of_han<const HAN: bool>(
        &self,
        mut at: usize,
        seen: &mut Seen,
        found: &mut impl FnMut(Spot),
    ) -> usize {
        let (pairs, classes) = (self.pairs, self.classes);
        let Seen { mut last, mut han, mut before } = *seen;
        let mut rest = self.text.as_bytes().get(at..).unwrap_or_default();
        while let [one @ 0xE4..=0xE9, two, three, further @ ..] = rest {
            let Some(to) = classes.common_han(three_bytes(*one, *two, *three)) else { break };
            let seen = Seen { last, han, before };
            if seen.makes_pair(pairs, han, to) || (!HAN && seen.makes_pair_otherwise(pairs, to)) {
                self.hold(at..at + 3, seen, to, found);
            }
            (before, han, last) = (han, to, to);
            at += 3;
            rest = further;
        }
        *seen = Seen { last, han, before };
        at
    }

    /// Goes from `at` over letters, digits and marks with which no pair ends. Answers where something else stands.
    #[inline]
    fn run_of_others<const HAN: bool>(&self, mut at: usize, seen: &mut Seen) -> usize {
        let mut rest = self.text.as_bytes().get(at..).unwrap_or_default();
        loop {
            let (code, length, further) = match rest {
                [one @ ..0x80, further @ ..] => (u16::from(*one), 1, further),
                [one @ 0xE0..=0xEF, two, three, further @ ..] => {
                    (three_bytes(*one, *two, *three), 3, further)
                }
                _ => return at,
            };
            let Some(to) = self.classes.before_han(code) else { return at };
            if !HAN && self.pairs.ends_with(to) {
                return at;
            }
            seen.last = u32::from(to);
            if breaks(seen.last) {
                seen.han = 0;
            }
            at += length;
            rest = further;
        }
    }

    /// A character that expands or joins.
    #[cold]
    fn unusual(&self, seen: &mut Seen, class: Class) -> bool {
        let Class::Spelled(spelled) = class else {
            // What it makes of the one before is not known here.
            seen.last = 0;
            return true;
        };
        let mut any = false;
        for &to in spelled {
            any |= seen.step::<false>(self.pairs, to);
        }
        any
    }

    /// Holds the words of a pair that may be in the table against what stands round it.
    #[cold]
    fn hold(&self, here: Range<usize>, before: Seen, to: u32, found: &mut impl FnMut(Spot)) {
        let mut perhaps = false;
        let firsts =
            [(before.last, true), (before.han, before.han != before.last), (NOTHING, self.pairs.alone)];
        for (first, _) in firsts.into_iter().filter(|(_, counts)| *counts) {
            for one in self.pairs.words(before.before, first, to) {
                let Some(entries) = self.entries else {
                    perhaps = true;
                    break;
                };
                match fit(self.text, &here, one, entries, self.classes) {
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
}

/// The code of a character of three bytes.
#[inline]
fn three_bytes(one: u8, two: u8, three: u8) -> u16 {
    // The marks of the first two bytes fall off or are taken off together with that of the third.
    (u16::from(one) << 12)
        .wrapping_add(u16::from(two) << 6)
        .wrapping_add(u16::from(three))
        .wrapping_sub(0x2080)
}

/// Whether a character that is not Han may not be skipped between two that are; the commonest such only.
#[inline]
fn breaks(code: u32) -> bool {
    const DIVIDES: u64 = 1 << b'!' | 1 << b',' | 1 << b':' | 1 << b';' | 1 << b'?';
    match code {
        0..64 => DIVIDES >> code & 1 == 1,
        _ => code.wrapping_sub(0x61) < 26 || code == 0x3002,
    }
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
    fn step<const HAN: bool>(&mut self, pairs: &Pairs, to: char) -> bool {
        let code = u32::from(to);
        let mut makes_pair = false;
        // Nearly all are of this block, which one comparison tells.
        if code.wrapping_sub(0x4E00) < 0x5200 || is_han(to) {
            makes_pair = self.makes_pair(pairs, self.han, code) || self.makes_pair_otherwise(pairs, code);
            (self.before, self.han) = (self.han, code);
        } else {
            if !HAN {
                makes_pair =
                    self.makes_pair(pairs, self.last, code) || (pairs.alone && pairs.has(NOTHING, code));
            }
            if breaks(code) {
                self.han = 0;
            }
        }
        self.last = code;
        makes_pair
    }

    /// Whether a Han character makes a pair with what stands just before it, or is a word.
    #[inline]
    fn makes_pair_otherwise(&self, pairs: &Pairs, to: u32) -> bool {
        (self.last != self.han && self.makes_pair(pairs, self.last, to))
            || (pairs.alone && pairs.has(NOTHING, to))
    }

    #[inline]
    fn makes_pair(&self, pairs: &Pairs, first: u32, second: u32) -> bool {
        pairs.has(first, second) && !pairs.turns_away(self.before, first, second)
    }
}

#[cfg(test)]
mod tests {
    use super::super::gap::divides;
    use super::*;

    #[test]
    fn what_breaks_a_pair_is_no_part_of_what_is_skipped() {
        for c in (char::MIN..='\u{FFFF}').filter(|c| !is_han(*c)) {
            assert_eq!(breaks(u32::from(c)), c.is_ascii_lowercase() || divides(c), "{c:?}");
            assert!(!(breaks(u32::from(c)) && is_perhaps_skipped(c)), "{c:?}");
        }
    }

    #[test]
    fn three_bytes_are_read_as_the_character() {
        for c in ('\u{800}'..='\u{FFFF}').step_by(7) {
            let mut bytes = [0; 3];
            c.encode_utf8(&mut bytes);
            assert_eq!(u32::from(three_bytes(bytes[0], bytes[1], bytes[2])), u32::from(c));
        }
    }
}
