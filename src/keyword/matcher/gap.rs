//! Marks put between Han characters to hide a word: 市 医*院, 讨、薪, 强😀拆 (SEMANTICS 27).
//!
//! Up to three inserted marks, spaces or emoji are skipped between two Han characters, one in all for a
//! word of two characters; never the marks that end or divide a sentence, and never a blank line. What
//! one reader sees as one sign counts once: an emoji with its skin colour, a flag, a keycap, a line
//! break. Strokes drawn through a character count nothing.

use unicode_normalization::char::is_combining_mark;

use super::scan::is_latin;
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
pub(super) const fn divides(c: char) -> bool {
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
    // The common cases first: they need no table.
    if matches!(c, '\u{4E00}'..='\u{9FFF}') || divides(c) {
        return false;
    }
    is_pictograph(c) || !c.is_alphanumeric() || is_combining_mark(c)
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

    /// Whether a span that begins or ends with a Latin letter or a digit stands free there.
    pub(super) fn at_word_boundaries(&self, span: std::ops::Range<usize>) -> bool {
        let latin = |at: Option<usize>| at.and_then(|at| self.at(at)).is_some_and(is_latin);
        let edge =
            |at: Option<usize>| at.and_then(|at| self.at(at)).is_some_and(|c| c.is_ascii_alphanumeric());
        let begins_inside = edge(Some(span.start)) && latin(span.start.checked_sub(1));
        let ends_inside = edge(span.end.checked_sub(1)) && latin(Some(span.end));
        !begins_inside && !ends_inside
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

/// A run between two Han characters that is taken out before words are looked for across it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seam {
    /// First folded character of the run.
    start: usize,
    /// One past its last.
    end: usize,
    /// How many characters stand before it when it and all earlier runs are taken out.
    place: usize,
}

/// A stretch of text without the runs that stand between two Han characters.
#[derive(Debug, Default)]
pub(super) struct Compact {
    pub(super) text: String,
    /// For each character of `text` its byte there and its place among the folded characters.
    pub(super) places: Vec<(usize, usize)>,
    /// Bytes of `text` where a run was taken out, in order.
    pub(super) seams: Vec<usize>,
}

impl Compact {
    /// The stretches round the seams that a word of at most `reach` characters can lie in, if it lies
    /// across a seam. Stretches that meet are one.
    pub(super) fn stretches(characters: &Characters<'_>, reach: usize) -> Vec<Self> {
        let seams = seams(characters);
        let mut stretches = Vec::new();
        let mut rest = seams.as_slice();
        while let Some(first) = rest.first() {
            let near = |pair: &&[Seam]| matches!(pair, [a, b] if b.place - a.place <= 2 * reach);
            let together = rest.windows(2).take_while(near);
            let (group, later) = rest.split_at(1 + together.count());
            // No other seam lies within reach of a group, so places are counted in the folded text.
            stretches.push(Self::round(characters, group, first.start.saturating_sub(reach), reach));
            rest = later;
        }
        stretches
    }

    fn round(characters: &Characters<'_>, group: &[Seam], from: usize, reach: usize) -> Self {
        let mut compact = Self::default();
        let mut at = from;
        for seam in group {
            compact.push(characters, at..seam.start);
            compact.seams.push(compact.text.len());
            at = seam.end;
        }
        compact.push(characters, at..at.saturating_add(reach).min(characters.chars.len()));
        compact
    }

    fn push(&mut self, characters: &Characters<'_>, range: std::ops::Range<usize>) {
        for (at, c) in range.clone().zip(characters.chars.get(range).unwrap_or_default()) {
            self.places.push((self.text.len(), at));
            self.text.push(*c);
        }
    }

    /// The whole text without its seams.
    pub(super) fn whole(characters: &Characters<'_>) -> Self {
        Self::round(characters, &seams(characters), 0, characters.chars.len())
    }
}

fn seams(characters: &Characters<'_>) -> Vec<Seam> {
    let mut seams = Vec::new();
    let (mut taken_out, mut at, mut after_han) = (0, 0, false);
    while let Some(&c) = characters.chars.get(at) {
        if after_han && !is_han(c) {
            let run = characters.run(at);
            if run.end > at && run.signs <= WIDEST && characters.at(run.end).is_some_and(is_han) {
                seams.push(Seam { start: at, end: run.end, place: at - taken_out });
                taken_out += run.end - at;
                at = run.end;
                continue;
            }
        }
        after_han = is_han(c);
        at += 1;
    }
    seams
}
