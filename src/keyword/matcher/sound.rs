//! Words met by their sound or in parts, for the groups that ask for it (`谐音: 是`).
//!
//! Of every word the first two characters are kept as pairs of classes: a syllable, the first letter of one, or
//! "something else". Each place of a text has the classes of what may be read there: a character by all its
//! readings, Latin letters as a syllable or as a first letter, parts as the character that they make. Nearly
//! every place is done with after one look at a table of bits; where a pair of some word stands, the word is
//! read character by character ([`word`]), which alone decides.

mod word;

use std::{collections::HashMap, ops::Range, sync::Arc};

use foldhash::fast::FixedState;

use self::word::{SoundWord, alike_parts, letters_at, parts_end, tone_after};
use super::Matcher;
use super::build::{Entry, Role};
use super::gap::{Characters, WIDEST, is_han};
use super::scan::{Scan, is_latin};
use crate::keyword::List;
use crate::model::Certainty;
use crate::text::{Folded, Syllable, n_syllables, readings, splits, syllable};

/// Class of what has no sound: marks, digits, characters without a known reading.
const OTHER: usize = 0;
/// Class of the first letter `a`; the other letters follow.
const LETTERS: usize = 1;
/// Class of the first syllable.
const SYLLABLES: usize = LETTERS + 26;

/// All words that are looked for by sound. There is none of these when no group asks.
#[derive(Debug)]
pub(super) struct Sounds {
    words: Vec<SoundWord>,
    n_classes: usize,
    /// A bit for each pair of classes that some word begins with.
    pairs: Vec<u64>,
    /// Pairs and the words that begin with them, in order.
    by_pair: Vec<(usize, usize)>,
    /// By the first part: characters among the first two of some word, and their parts.
    splits: HashMap<char, Vec<(char, &'static [char])>, FixedState>,
    /// A bit for each character that `splits` knows; a few others share theirs.
    parts: Vec<u64>,
}

/// Bits of the table of parts.
const PARTS: usize = 1 << 14;

fn part_bit(c: char) -> usize {
    usize::try_from(u32::from(c)).unwrap_or(0) % PARTS
}

/// What may be read at a place of a text.
#[derive(Debug, Clone, Copy)]
struct Reading {
    class: usize,
    /// One past its last folded character.
    end: usize,
}

impl Matcher {
    /// Adds the places that are met by sound only. Where a word stands as written, or does through a gap, nothing
    /// is added; of readings within each other the longest counts.
    pub(super) fn find_by_sound(&self, folded: &Folded, scan: &mut Scan<'_>) {
        let Some(sounds) = &self.index.sounds else { return };
        let characters = Characters::new(folded, scan.text);
        sounds.each(&characters, |entry, span| {
            if !scan.covers(folded, entry, &span) {
                scan.add_folded(folded, 0, entry, span, Certainty::Homophone);
            }
        });
    }
}

impl Sounds {
    /// The words of all groups that ask for it; `None` when there are none.
    pub(super) fn new(lists: &[Arc<List>], entries: &[Entry]) -> Option<Self> {
        let mut words: HashMap<&[char], Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if asks(lists, entry) {
                words.entry(&entry.word).or_default().push(at);
            }
        }
        let mut words: Vec<SoundWord> =
            words.into_iter().filter_map(|(word, entries)| SoundWord::new(word, entries)).collect();
        words.sort_by(|a, b| a.entries.cmp(&b.entries));
        (!words.is_empty()).then(|| Self::of(words))
    }

    fn of(words: Vec<SoundWord>) -> Self {
        let n_classes = SYLLABLES + n_syllables();
        let mut sounds = Self {
            words,
            n_classes,
            pairs: vec![0; (n_classes * n_classes).div_ceil(64)],
            by_pair: Vec::new(),
            splits: HashMap::default(),
            parts: vec![0; PARTS / 64],
        };
        for at in 0..sounds.words.len() {
            sounds.learn(at);
        }
        sounds.by_pair.sort_unstable();
        sounds.by_pair.dedup();
        sounds
    }

    fn learn(&mut self, at: usize) {
        let Some([first, second]) = self.words.get(at).and_then(SoundWord::first_two) else { return };
        for one in classes_of_word(first) {
            for other in classes_of_word(second) {
                let pair = one * self.n_classes + other;
                self.by_pair.push((pair, at));
                if let Some(bits) = self.pairs.get_mut(pair / 64) {
                    *bits |= 1 << (pair % 64);
                }
            }
        }
        for whole in [first, second] {
            for parts in splits(whole) {
                let Some(&begin) = parts.first() else { continue };
                for begin in alike_parts(begin) {
                    if let Some(bits) = self.parts.get_mut(part_bit(begin) / 64) {
                        *bits |= 1 << (part_bit(begin) % 64);
                    }
                    let known = self.splits.entry(begin).or_default();
                    if !known.contains(&(whole, parts)) {
                        known.push((whole, parts));
                    }
                }
            }
        }
    }

    fn has(&self, one: usize, other: usize) -> bool {
        let pair = one * self.n_classes + other;
        self.pairs.get(pair / 64).is_some_and(|bits| bits >> (pair % 64) & 1 == 1)
    }

    /// Calls `found` with each entry whose word is met by sound, and with its folded characters.
    fn each(&self, text: &Characters<'_>, mut found: impl FnMut(usize, Range<usize>)) {
        let mut candidates = Vec::new();
        let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
        let mut next = self.plain_han(text, 0);
        for start in 0..text.chars.len() {
            let here = std::mem::replace(&mut next, self.plain_han(text, start + 1));
            match (here, next) {
                (Some(one), Some(other)) => self.beginning_with_any(one, other, &mut candidates),
                _ => self.candidates(text, start, &mut candidates, (&mut firsts, &mut seconds)),
            }
            if candidates.is_empty() {
                continue;
            }
            candidates.sort_unstable();
            candidates.dedup();
            for word in candidates.drain(..).filter_map(|at| self.words.get(at)) {
                if let Some(end) = word.end(text, start) {
                    word.entries.iter().for_each(|entry| found(*entry, start..end));
                }
            }
        }
    }

    /// The words of which a pair stands where a character of some readings is followed by another.
    fn beginning_with_any(&self, one: &[Syllable], other: &[Syllable], out: &mut Vec<usize>) {
        for first in one {
            for second in other {
                let (first, second) = (class_of(first), class_of(second));
                if self.has(first, second) {
                    out.extend(self.beginning_with(first, second));
                }
            }
        }
    }

    /// The words of which a pair stands at a place where anything may stand.
    fn candidates(
        &self,
        text: &Characters<'_>,
        start: usize,
        out: &mut Vec<usize>,
        (firsts, seconds): (&mut Vec<Reading>, &mut Vec<Reading>),
    ) {
        // What begins with a letter or a digit must stand free (and so must what a word ends with).
        let latin = |at: usize| text.chars.get(at).is_some_and(|c| is_latin(*c));
        if latin(start) && start.checked_sub(1).is_some_and(latin) {
            return;
        }
        firsts.clear();
        self.read(text, start, firsts);
        for first in firsts {
            let run = text.run(first.end);
            let next = if run.signs <= WIDEST { run.end } else { first.end };
            seconds.clear();
            self.read(text, next, seconds);
            out.extend(seconds.iter().flat_map(|second| self.beginning_with(first.class, second.class)));
        }
    }

    fn beginning_with(&self, one: usize, other: usize) -> impl Iterator<Item = usize> + '_ {
        let pair = one * self.n_classes + other;
        let from = if self.has(one, other) {
            self.by_pair.partition_point(|(known, _)| *known < pair)
        } else {
            self.by_pair.len()
        };
        let rest = self.by_pair.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(known, _)| *known == pair).map(|(_, word)| *word)
    }

    /// The readings of a Han character that begins no character in parts: nearly all of a text.
    fn plain_han(&self, text: &Characters<'_>, at: usize) -> Option<&'static [Syllable]> {
        let c = *text.chars.get(at)?;
        let readings = readings(c);
        (!readings.is_empty() && !self.begins_parts(c)).then_some(readings)
    }

    /// Whether a character may be the first part of another one: nearly none is, as one bit tells.
    fn begins_parts(&self, c: char) -> bool {
        let bit = part_bit(c);
        let may = self.parts.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        may && self.splits.contains_key(&c)
    }

    /// Everything that may be read at a place.
    fn read(&self, text: &Characters<'_>, at: usize, out: &mut Vec<Reading>) {
        let Some(&c) = text.chars.get(at) else { return };
        out.extend(classes_of_text(c).map(|class| Reading { class, end: at + 1 }));
        if is_han(c) {
            for (whole, parts) in self.splits.get(&c).into_iter().flatten() {
                if let Some(end) = parts_end(text, at, parts, WIDEST) {
                    out.extend(classes_of_text(*whole).map(|class| Reading { class, end }));
                }
            }
        } else {
            read_letters(text, at, out);
        }
    }
}

/// Letters as first letters and as syllables.
fn read_letters(text: &Characters<'_>, at: usize, out: &mut Vec<Reading>) {
    let letters = letters_at(text, at);
    let Some(first) = letters.bytes().next() else { return };
    let class = LETTERS + usize::from(first - b'a');
    out.push(Reading { class, end: at + 1 });
    if ["zh", "ch", "sh"].iter().any(|two| letters.starts_with(two)) {
        out.push(Reading { class, end: at + 2 });
    }
    for length in 1..=letters.len() {
        let Some(syllable) = letters.get(..length).and_then(syllable) else { continue };
        let class = class_of(&syllable);
        out.push(Reading { class, end: at + length });
        if tone_after(text, at + length) {
            out.push(Reading { class, end: at + length + 1 });
        }
    }
}

fn class_of(syllable: &Syllable) -> usize {
    SYLLABLES + syllable.number()
}

/// Classes of a character where it stands itself.
fn classes_of_text(c: char) -> impl Iterator<Item = usize> {
    let readings = readings(c);
    readings.iter().map(class_of).chain(readings.is_empty().then_some(OTHER))
}

/// Classes of whatever may stand for a character of a word.
fn classes_of_word(c: char) -> Vec<usize> {
    let initial = |s: &Syllable| s.letters().bytes().next().map(|b| LETTERS + usize::from(b - b'a'));
    let mut classes: Vec<usize> = classes_of_text(c).chain(readings(c).iter().filter_map(initial)).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

fn asks(lists: &[Arc<List>], entry: &Entry) -> bool {
    let (Role::Any(group) | Role::Required(group)) = entry.place.role else { return false };
    let list = lists.get(entry.place.list);
    list.and_then(|list| list.groups.get(group)).is_some_and(|group| group.homophones)
}
