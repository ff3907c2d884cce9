//! Folding: what looks alike to a reader becomes equal, and every folded character knows where in the
//! original it stands (SEMANTICS 27).
//!
//! NFKC, case folding, traditional → simplified; zero-width characters, variation selectors and the
//! other default-ignorable characters are removed. Nearly all characters of Chinese posts fold one to
//! one and alone, so one table answers for the whole Basic Multilingual Plane; the few that expand,
//! compose or reorder go a slow and exact way.

use std::sync::LazyLock;

use unicode_normalization::{IsNormalized, UnicodeNormalization, char as unicode, is_nfkc_quick};

use super::t2s::simplify_fully;
use super::variants::unbracketed;

/// Where a folded character comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// First Unicode scalar in the original.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

/// Folded text with the way back to the original.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// Origin of each character of `text`, in order; starts never decrease.
    pub origins: Vec<Origin>,
}

/// Folds a text for matching and comparing (SEMANTICS 27). Never fails; the result may be empty.
#[must_use]
pub fn fold(text: &str) -> Folded {
    let mut out =
        Folded { text: String::with_capacity(text.len()), origins: Vec::with_capacity(text.len() / 3 + 8) };
    let plane = PLANE.as_slice();
    let mut chars = text.chars().map(|c| (c, class_of(c, plane)));
    let mut here = chars.next();
    let mut at = 0;
    while let Some((c, class)) = here {
        let mut next = chars.next();
        match class {
            Class::Removed => at += 1,
            Class::Alone(to) if !matches!(next, Some((_, Class::Joining))) => {
                out.push(to, Origin { start: at, end: at + 1 });
                at += 1;
            }
            _ => {
                let mut segment = vec![c];
                while let Some((joining, Class::Joining)) = next {
                    segment.push(joining);
                    next = chars.next();
                }
                at = out.push_segment(&segment, at);
            }
        }
        here = next;
    }
    out
}

impl Folded {
    fn push(&mut self, c: char, origin: Origin) {
        self.text.push(c);
        self.origins.push(origin);
    }

    /// Folds characters that influence each other. When as many come out as went in, each keeps its own
    /// place (a letter under a stroke); else all stand for the whole segment. Answers where it ends.
    fn push_segment(&mut self, segment: &[char], at: u32) -> u32 {
        let folded = fold_segment(segment);
        let end = at.saturating_add(u32::try_from(segment.len()).unwrap_or(u32::MAX));
        let one_to_one = folded.len() == segment.len();
        for (i, c) in (0u32..).zip(folded) {
            let origin = if one_to_one {
                Origin { start: at + i, end: at + i + 1 }
            } else {
                Origin { start: at, end }
            };
            self.push(c, origin);
        }
        end
    }
}

/// How a character folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// To this one character, whatever stands before it.
    Alone(char),
    /// To nothing.
    Removed,
    /// Combines or reorders with what stands before it.
    Joining,
    /// Begins anew but expands to several characters.
    Expanding,
}

const REMOVED: u16 = 0xD800;
const JOINING: u16 = 0xD801;
const EXPANDING: u16 = 0xD802;

/// Classes of the Basic Multilingual Plane: the folded character itself, or a mark out of the surrogate
/// range, which no character uses.
static PLANE: LazyLock<Vec<u16>> = LazyLock::new(|| {
    (0..=0xFFFFu32)
        .map(|code| match char::from_u32(code).map(classify) {
            Some(Class::Alone(to)) => u16::try_from(u32::from(to)).unwrap_or(EXPANDING),
            Some(Class::Joining) => JOINING,
            Some(Class::Expanding) => EXPANDING,
            Some(Class::Removed) | None => REMOVED,
        })
        .collect()
});

fn class_of(c: char, plane: &[u16]) -> Class {
    if c.is_ascii() {
        return Class::Alone(c.to_ascii_lowercase());
    }
    let code = u32::from(c);
    let Some(&entry) = usize::try_from(code).ok().and_then(|at| plane.get(at)) else { return classify(c) };
    match entry {
        REMOVED => Class::Removed,
        JOINING => Class::Joining,
        EXPANDING => Class::Expanding,
        to => char::from_u32(u32::from(to)).map_or(Class::Removed, Class::Alone),
    }
}

fn classify(c: char) -> Class {
    if is_default_ignorable(c) {
        return Class::Removed;
    }
    if joins_before(c) {
        return Class::Joining;
    }
    match fold_segment(&[c]).as_slice() {
        [] => Class::Removed,
        [to] => Class::Alone(*to),
        _ => Class::Expanding,
    }
}

/// Whether normalisation may move or compose this character with one before it: a mark with a
/// combining class, a vowel of a Hangul syllable, a half-width sound mark.
fn joins_before(c: char) -> bool {
    let mut first = None;
    unicode::decompose_compatible(c, |d| {
        first.get_or_insert(d);
    });
    let first = first.unwrap_or(c);
    unicode::canonical_combining_class(first) != 0
        || is_nfkc_quick(std::iter::once(first)) == IsNormalized::Maybe
}

fn fold_segment(segment: &[char]) -> Vec<char> {
    // Once more after the case has changed: folding can make new compositions possible.
    let letters = segment.iter().map(|c| unbracketed(*c));
    let lower: String = letters.nfkc().flat_map(fold_case).collect();
    lower.nfkc().filter(|&c| !is_default_ignorable(c)).map(simplify_fully).collect()
}

/// Case folding: upper, then lower, so that ß and ſ meet ss and s. The dotless ı stays itself.
fn fold_case(c: char) -> impl Iterator<Item = char> {
    let keep = c == 'ı';
    let folded = c.to_uppercase().flat_map(char::to_lowercase).filter(move |_| !keep);
    keep.then_some(c).into_iter().chain(folded)
}

/// Unicode's `Default_Ignorable_Code_Point`: zero-width, variation selectors, bidi controls, fillers.
const fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}
