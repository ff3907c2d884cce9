//! One word read by its sound at one place of a text.
//!
//! Each Han character of the word may stand there itself, as another character of the same sound, as its
//! syllable in Latin letters (with or without tone), as the first letter of one, or in parts (弓虽 for 强).
//! Between two characters lies what may lie there in a word as written: up to three marks, one in a word of
//! two characters.
//!
//! Sounds are few and characters many, so a word must prove itself:
//!
//! - It has at least two Han characters.
//! - In words of two or three, one at least stands there itself, in parts, or as a syllable of three letters and
//!   more.
//! - Characters that stand everywhere for themselves (是, 一, 有) replace no other, but inside of words of four
//!   and more, where their neighbours speak for them.
//! - First letters need one character that stands there itself or in parts; `x`, by which blanks are written,
//!   is none. In words of four and more all may be first letters.

use super::super::gap::{Characters, WIDEST, WIDEST_OF_TWO, is_han};
use super::super::scan::is_latin;
use crate::text::{
    Syllable, is_everywhere, plain_letter, readings, splits, stands_for_part, syllable, written_for,
};

/// From how many Han characters on a word needs none of its own.
const LONG: usize = 4;
/// Letters of a syllable that is as good as a character of its own.
const TELLING_LETTERS: usize = 3;
/// Letters of the longest syllable (zhuang).
const LONGEST_SYLLABLE: usize = 6;

/// What was met on the way through a word.
type Flags = u8;
/// A character stood there itself, in parts, or as a telling syllable.
const KEPT: Flags = 1;
/// A character stood there itself or in parts.
const OWN: Flags = 2;
/// A first letter stood for a character.
const INITIAL: Flags = 4;
/// Something else than a first letter did.
const WHOLE: Flags = 8;
/// Something else than the character itself did.
const CHANGED: Flags = 16;
/// The first letter was an `x`.
const BLANK: Flags = 32;

/// A word that is looked for by sound.
#[derive(Debug)]
pub(super) struct SoundWord {
    signs: Vec<Sign>,
    n_han: usize,
    /// The rules whose word it is.
    pub(super) entries: Vec<usize>,
}

/// One character of a word.
#[derive(Debug)]
struct Sign {
    c: char,
    han: bool,
    /// Whether it stands between others of a long word.
    inside: bool,
    readings: &'static [Syllable],
    splits: &'static [Box<[char]>],
}

impl SoundWord {
    /// `None` for a word of fewer than two Han characters.
    pub(super) fn new(word: &[char], entries: Vec<usize>) -> Option<Self> {
        let n_han = word.iter().filter(|c| is_han(**c)).count();
        let sign = |(at, &c): (usize, &char)| Sign {
            c,
            han: is_han(c),
            inside: n_han >= LONG && at > 0 && at + 1 < word.len(),
            readings: readings(c),
            splits: splits(c),
        };
        let signs: Vec<Sign> = word.iter().enumerate().map(sign).collect();
        (n_han >= 2).then_some(Self { signs, n_han, entries })
    }

    pub(super) fn first_two(&self) -> Option<[char; 2]> {
        match self.signs.as_slice() {
            [first, second, ..] => Some([first.c, second.c]),
            _ => None,
        }
    }

    /// Reads the word from a place on; answers one past the last character of the longest reading that is by
    /// sound and proves itself.
    pub(super) fn end(&self, text: &Characters<'_>, start: usize) -> Option<usize> {
        let latin = |at: usize| text.chars.get(at).is_some_and(|c| is_latin(*c));
        if latin(start) && start.checked_sub(1).is_some_and(latin) {
            return None;
        }
        let widest = if self.signs.len() == 2 { WIDEST_OF_TWO } else { WIDEST };
        let mut ways: Vec<(usize, Flags)> = vec![(start, 0)];
        let mut next: Vec<(usize, Flags)> = Vec::new();
        let mut after_han = false;
        for sign in &self.signs {
            for &(at, flags) in &ways {
                let at = if after_han && sign.han { over_gap(text, at, widest) } else { at };
                sign.each(text, at, widest, |end, more| next.push((end, flags | more)));
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut ways, &mut next);
            next.clear();
            after_han = sign.han;
        }
        let stands_free = |end: usize| !(end.checked_sub(1).is_some_and(latin) && latin(end));
        let proven = ways.iter().rev().find(|(end, flags)| self.proves(*flags) && stands_free(*end));
        proven.map(|(end, _)| *end)
    }

    fn proves(&self, flags: Flags) -> bool {
        let has = |flag: Flags| flags & flag != 0;
        let long = self.n_han >= LONG;
        let initials = !has(INITIAL) || (has(OWN) && !has(BLANK)) || (long && !has(WHOLE));
        has(CHANGED) && (long || has(KEPT)) && initials
    }
}

impl Sign {
    /// Calls `found` with the end of everything at a place that may stand for this character.
    fn each(&self, text: &Characters<'_>, at: usize, widest: u32, mut found: impl FnMut(usize, Flags)) {
        let Some(&c) = text.chars.get(at) else { return };
        if c == self.c {
            found(at + 1, if self.han { KEPT | OWN | WHOLE } else { 0 });
            return;
        }
        if !self.han {
            return;
        }
        if is_han(c) {
            let may_replace = self.inside || !is_everywhere(c);
            if may_replace && readings(c).iter().any(|reading| self.readings.contains(reading)) {
                found(at + 1, CHANGED | WHOLE);
            }
            for parts in self.splits {
                if let Some(end) = parts_end(text, at, parts, widest) {
                    found(end, CHANGED | KEPT | OWN | WHOLE);
                }
            }
        } else {
            self.each_in_letters(text, at, found);
        }
    }

    fn each_in_letters(&self, text: &Characters<'_>, at: usize, mut found: impl FnMut(usize, Flags)) {
        let letters = letters_at(text, at);
        for length in 1..=letters.len() {
            let read = letters.get(..length).and_then(syllable);
            if !read.is_some_and(|read| self.readings.contains(&read)) {
                continue;
            }
            let telling = if length >= TELLING_LETTERS { KEPT } else { 0 };
            let flags = CHANGED | WHOLE | telling;
            found(at + length, flags);
            if tone_after(text, at + length) {
                found(at + length + 1, flags);
            }
        }
        let blank = if letters.starts_with('x') { BLANK } else { 0 };
        for first in ["zh", "ch", "sh"].into_iter().chain(letters.get(..1)) {
            if letters.starts_with(first) && self.readings.iter().any(|r| r.letters().starts_with(first)) {
                found(at + first.len(), CHANGED | INITIAL | blank);
            }
        }
    }
}

/// Past the marks that stand at a place, when they are few enough.
fn over_gap(text: &Characters<'_>, at: usize, widest: u32) -> usize {
    let run = text.run(at);
    if run.signs <= widest { run.end } else { at }
}

/// One past the last of these parts, with no wider gaps between them than between characters.
pub(super) fn parts_end(text: &Characters<'_>, start: usize, parts: &[char], widest: u32) -> Option<usize> {
    let mut at = start;
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            at = over_gap(text, at, widest);
        }
        if !stands_for_part(*text.chars.get(at)?, *part) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// The characters that may stand for a part.
pub(super) fn alike_parts(part: char) -> impl Iterator<Item = char> {
    let all = [part, written_for(part), '才'];
    let mut seen = Vec::new();
    all.into_iter().filter(move |c| {
        let alike = stands_for_part(*c, part) && !seen.contains(c);
        seen.push(*c);
        alike
    })
}

/// The letters of pinyin at a place without their tone marks, as many as a syllable can have.
pub(super) fn letters_at(text: &Characters<'_>, at: usize) -> String {
    let from = text.chars.get(at..).unwrap_or_default();
    from.iter().take(LONGEST_SYLLABLE).map_while(|c| plain_letter(*c)).collect()
}

/// Whether the digit of a tone stands at a place, and no number.
pub(super) fn tone_after(text: &Characters<'_>, at: usize) -> bool {
    let digit = |at: usize| text.chars.get(at).filter(|c| c.is_ascii_digit());
    matches!(digit(at), Some('1'..='5')) && digit(at + 1).is_none()
}
