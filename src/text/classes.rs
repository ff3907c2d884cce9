//! How each character folds by itself, in tables that are computed once.
//!
//! The Basic Multilingual Plane is one flat table of two bytes a character: the folded character itself, or
//! a number out of the surrogate range, which no character uses, for what folds otherwise. Of the other
//! planes only the pages are kept in which something changes.

use std::sync::LazyLock;

use unicode_normalization::{IsNormalized, UnicodeNormalization, char as unicode, is_nfkc_quick};

use super::t2s::simplify_fully;
use super::variants::unbracketed;

/// How a character folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// To this one character, unless a joining one follows.
    Alone(char),
    /// To nothing.
    Removed,
    /// Combines or reorders with what stands before it.
    Joining,
    /// To several characters, or to one of another plane; unless a joining one follows.
    Spelled(&'static [char]),
}

const REMOVED: u32 = 0xD800;
const JOINING: u32 = 0xD801;
/// The first number of a spelling in the flat table, and one past the last.
const SPELLED: u32 = 0xD802;
const SPELLED_END: u32 = 0xE000;
/// The same for the higher planes, where numbers are wider: what lies beyond all characters.
const SPELLED_HIGH: u32 = 0x11_0000;

/// Characters of a page of the higher planes.
const PAGE: u32 = 256;
/// Last character that is looked at for what it folds to; beyond stand only removed ones and private ones.
const LAST_FOLDING: u32 = 0x3_2FFF;

/// The tables.
pub(crate) struct Classes {
    /// By character of the Basic Multilingual Plane.
    plane: Box<[u16; 0x1_0000]>,
    /// A bit for each character of that plane that is of the common Han block or its neighbours and folds to itself.
    /// So small that it stays in the fastest memory, where the flat table has no room.
    plain: Box<[u64; 1024]>,
    /// What numbers from [`SPELLED`] or [`SPELLED_HIGH`] on stand for.
    spelled: Vec<Box<[char]>>,
    /// By page above that plane: where its characters begin in `high`; `None` where all fold to themselves.
    pages: Vec<Option<u32>>,
    high: Vec<u32>,
}

static CLASSES: LazyLock<Classes> = LazyLock::new(Classes::new);

/// The tables, computed at the first call (some milliseconds).
pub(crate) fn classes() -> &'static Classes {
    &CLASSES
}

impl Classes {
    fn new() -> Self {
        let mut spelled = Vec::new();
        let mut plane = Box::new([0; 0x1_0000]);
        for (code, place) in (0..).zip(plane.iter_mut()) {
            *place = u16::try_from(number(code, &mut spelled, false)).unwrap_or(0);
        }
        let mut plain = Box::new([0; 1024]);
        for (code, number) in (0usize..).zip(plane.iter()) {
            if usize::from(*number) == code
                && is_common_han(u32::from(*number))
                && let Some(bits) = plain.get_mut(code / 64)
            {
                *bits |= 1u64 << (code % 64);
            }
        }
        let (mut pages, mut high) = (Vec::new(), Vec::new());
        for page in (0x1_0000..=u32::from(char::MAX)).step_by(256) {
            let codes = page..page + PAGE;
            let removed = (0xE_0000..0xE_1000).contains(&page);
            let changes = removed || (page <= LAST_FOLDING && codes.clone().any(|code| !is_itself(code)));
            pages.push(changes.then(|| u32::try_from(high.len()).unwrap_or(0)));
            if changes {
                high.extend(codes.map(|code| number(code, &mut spelled, true)));
            }
        }
        Self { plane, plain, spelled, pages, high }
    }

    /// How a character folds by itself.
    #[inline]
    pub(crate) fn of(&'static self, c: char) -> Class {
        let code = u32::from(c);
        match u16::try_from(code) {
            Ok(low) => {
                let number = self.plane.get(usize::from(low)).copied().unwrap_or(0);
                match char::from_u32(u32::from(number)) {
                    Some(to) => Class::Alone(to),
                    None => self.other(u32::from(number)),
                }
            }
            Err(_) => self.above(c),
        }
    }

    /// What a character of the Basic Multilingual Plane folds to when that is one Han character of the common
    /// block or its neighbours, and else nothing: the one question of the fastest loop.
    #[inline]
    pub(crate) fn common_han(&self, code: u16) -> Option<u32> {
        let plain = self.plain.get(usize::from(code >> 6)).copied().unwrap_or(0);
        if plain >> (code & 63) & 1 == 1 {
            return Some(u32::from(code));
        }
        let number = u32::from(self.plane.get(usize::from(code)).copied().unwrap_or(0));
        is_common_han(number).then_some(number)
    }

    /// What a character of the Basic Multilingual Plane folds to when that is one character before the first that
    /// is Han: a letter, a digit, a mark.
    #[inline]
    pub(crate) fn before_han(&self, code: u16) -> Option<u16> {
        let number = self.plane.get(usize::from(code)).copied().unwrap_or(0);
        (number < 0x3005).then_some(number)
    }

    fn above(&'static self, c: char) -> Class {
        let code = u32::from(c);
        let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let page = self.pages.get(index((code - 0x1_0000) / PAGE)).copied().flatten();
        let Some(page) = page else { return Class::Alone(c) };
        let number = self.high.get(index(page + code % PAGE)).copied().unwrap_or(code);
        char::from_u32(number).map_or_else(|| self.other(number), Class::Alone)
    }

    #[cold]
    fn other(&'static self, number: u32) -> Class {
        match number {
            REMOVED => Class::Removed,
            JOINING => Class::Joining,
            _ => {
                let first = if number < SPELLED_HIGH { SPELLED } else { SPELLED_HIGH };
                let at = usize::try_from(number.saturating_sub(first)).unwrap_or(usize::MAX);
                self.spelled.get(at).map_or(Class::Removed, |to| Class::Spelled(to))
            }
        }
    }
}

const fn is_common_han(code: u32) -> bool {
    code.wrapping_sub(0x4E00) < 0x5200
}

/// The number that a table has for a character: what it folds to when that is one character and there is room
/// for it.
fn number(code: u32, spelled: &mut Vec<Box<[char]>>, is_wide: bool) -> u32 {
    let Some(c) = char::from_u32(code) else { return REMOVED };
    if is_itself(code) {
        return code;
    }
    if is_default_ignorable(c) {
        return REMOVED;
    }
    if joins_before(c) {
        return JOINING;
    }
    let to = fold_segment(&[c]);
    match to.as_slice() {
        [] => REMOVED,
        [to] if is_wide || u32::from(*to) <= 0xFFFF => u32::from(*to),
        _ => {
            let first = if is_wide { SPELLED_HIGH } else { SPELLED };
            let number = first.saturating_add(u32::try_from(spelled.len()).unwrap_or(u32::MAX));
            // Unicode has 1,900 of these in the first plane; were there ever too many, the last would go the
            // way of joining ones, slow and right.
            if !is_wide && number >= SPELLED_END {
                return JOINING;
            }
            spelled.push(to.into());
            number
        }
    }
}

/// A quick look that spares most characters the slow one.
fn is_itself(code: u32) -> bool {
    let Some(c) = char::from_u32(code) else { return false };
    !is_default_ignorable(c)
        && unicode::canonical_combining_class(c) == 0
        && is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes
        && fold_case(c).eq(std::iter::once(c))
        && simplify_fully(c) == c
        && !joins_before(c)
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

/// Folds characters that influence each other.
pub(super) fn fold_segment(segment: &[char]) -> Vec<char> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_what_folding_a_character_alone_gives() {
        let classes = classes();
        for c in (char::MIN..='\u{32FFF}').chain('\u{E0000}'..='\u{E1000}') {
            let expected = fold_segment(&[c]);
            match classes.of(c) {
                Class::Alone(to) => assert_eq!(expected, [to], "{c:?}"),
                Class::Removed => assert!(expected.is_empty(), "{c:?}"),
                Class::Joining => assert!(joins_before(c), "{c:?}"),
                Class::Spelled(to) => assert_eq!(expected, to, "{c:?}"),
            }
            assert!(is_default_ignorable(c) || joins_before(c) == (classes.of(c) == Class::Joining));
        }
    }
}
