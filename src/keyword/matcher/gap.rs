//! Marks put between Han characters to hide a word: 市 医*院, 讨、薪, 强😀拆 (SEMANTICS 27).
//!
//! Up to three inserted marks, spaces or emoji are skipped between two Han characters, one in all for a
//! word of two characters; never the marks that end or divide a sentence, and never a blank line. What
//! one reader sees as one sign counts once: an emoji with its skin colour, a flag, a keycap, a line
//! break. Strokes drawn through a character count nothing.

use unicode_normalization::char::is_combining_mark;

use crate::text::Folded;

/// Most inserted signs between two characters of a word.
pub(super) const WIDEST: u32 = 3;
/// The same for a word of two characters.
pub(super) const WIDEST_OF_TWO: u32 = 1;

/// Whether a character is Han (after folding).
pub(super) const fn is_han(c: char) -> bool {
    matches!(c, '々' | '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// Marks between the parts of a sentence, as they stand after folding: 。！？；，：
const fn divides(c: char) -> bool {
    matches!(c, '。' | '!' | '?' | ';' | ',' | ':')
}

const fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

const fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{2600}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

const fn is_regional_letter(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

const fn is_skin_colour(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

/// A sign that may be skipped by itself.
pub(super) fn skippable(c: char) -> bool {
    is_pictograph(c) || (!c.is_alphanumeric() && !divides(c)) || is_combining_mark(c)
}

/// Folded text that gaps are looked for in.
pub(super) struct Characters<'a> {
    pub(super) folded: &'a Folded,
    pub(super) chars: Vec<char>,
    original: &'a str,
}

/// A run of skippable signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// One past its last folded character.
    pub(super) end: usize,
    /// How many signs it has; more than [`WIDEST`] when it holds a blank line.
    pub(super) signs: u32,
}

impl<'a> Characters<'a> {
    pub(super) fn new(folded: &'a Folded, original: &'a str) -> Self {
        Self { folded, chars: folded.text.chars().collect(), original }
    }

    fn at(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// The longest run of skippable signs from `start` on; empty when there is none. Reading stops where
    /// it has become too wide to matter.
    pub(super) fn run(&self, start: usize) -> Run {
        let (mut end, mut signs, mut lines) = (start, 0, 0);
        let mut last_original = None;
        while let Some((length, counted)) = self.sign(end) {
            // One sign of the original that folds to several (… to three dots) counts once.
            let original = self.folded.origins.get(end).map(|origin| origin.start);
            let same = original.is_some() && original == last_original;
            last_original = original;
            if self.at(end).is_some_and(is_line_end) {
                lines += 1;
            }
            if !same {
                signs += u32::from(counted);
            }
            end += length;
            if lines > 1 || signs > WIDEST {
                return Run { end, signs: WIDEST + 1 };
            }
        }
        Run { end, signs }
    }

    /// Length in folded characters of the sign at `at`, and whether it counts.
    fn sign(&self, at: usize) -> Option<(usize, bool)> {
        let first = self.at(at)?;
        let next = self.at(at + 1);
        match (first, next) {
            ('0'..='9' | '#' | '*', Some('\u{20E3}')) => return Some((2, true)),
            ('\r', Some('\n')) => return Some((2, true)),
            _ => {}
        }
        if !skippable(first) {
            return None;
        }
        if is_combining_mark(first) {
            return Some((1, false));
        }
        if is_regional_letter(first) && next.is_some_and(is_regional_letter) {
            return Some((2, true));
        }
        Some((self.emoji(at, first), true))
    }

    /// An emoji with its skin colours and with what is joined to it.
    fn emoji(&self, at: usize, first: char) -> usize {
        if !is_pictograph(first) {
            return 1;
        }
        let mut end = at + 1;
        while let Some(next) = self.at(end) {
            if is_skin_colour(next) || (is_pictograph(next) && self.is_joined(end)) {
                end += 1;
            } else {
                break;
            }
        }
        end - at
    }

    /// Whether a zero-width joiner stood before this character in the original.
    fn is_joined(&self, at: usize) -> bool {
        let Some(origin) = self.folded.origins.get(at) else { return false };
        let before = origin.start.checked_sub(1).and_then(|before| usize::try_from(before).ok());
        before.and_then(|before| self.original.chars().nth(before)) == Some('\u{200D}')
    }

    /// Reads a word from `start` on, skipping what may be skipped. Answers one past its last character
    /// and whether anything was skipped.
    pub(super) fn word_from(&self, word: &[char], start: usize) -> Option<(usize, bool)> {
        let widest = if word.len() == 2 { WIDEST_OF_TWO } else { WIDEST };
        let (mut at, mut skipped, mut last) = (start, false, None);
        for &wanted in word {
            if self.at(at) != Some(wanted) {
                if !(last.is_some_and(is_han) && is_han(wanted)) {
                    return None;
                }
                let run = self.run(at);
                if run.end == at || run.signs > widest || self.at(run.end) != Some(wanted) {
                    return None;
                }
                skipped = true;
                at = run.end;
            }
            at += 1;
            last = Some(wanted);
        }
        Some((at, skipped))
    }
}

/// A text without the runs that stand between two Han characters.
pub(super) struct Compact {
    pub(super) text: String,
    /// For each character of `text` its place among the folded characters.
    pub(super) places: Vec<usize>,
    /// Byte places in `text` where a run was taken out, in order.
    pub(super) seams: Vec<usize>,
}

impl Compact {
    /// `None` when there is nothing to take out.
    pub(super) fn of(characters: &Characters<'_>) -> Option<Self> {
        let mut compact = Self { text: String::new(), places: Vec::new(), seams: Vec::new() };
        let chars = &characters.chars;
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            compact.text.push(c);
            compact.places.push(at);
            at += 1;
            if is_han(c) && chars.get(at).is_some_and(|next| !is_han(*next)) {
                let run = characters.run(at);
                let bridges = chars.get(run.end).is_some_and(|next| is_han(*next));
                if run.end > at && run.signs <= WIDEST && bridges {
                    compact.seams.push(compact.text.len());
                    at = run.end;
                }
            }
        }
        (!compact.seams.is_empty()).then_some(compact)
    }
}
