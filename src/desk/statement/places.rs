//! The guard on places: another village, another school, another ward of the same hospital in the same words is
//! another statement. A place is known by what it ends in (`村`, `小学`, `院区`); its name is what stands before that.

use std::ops::Range;

use super::{
    Difference, Fingerprint,
    figure::Kind,
    fingerprint::is_figure,
    guards::{Slot, is_han},
    lexicon::{
        CONTRASTS, DETERMINERS, FAMILIES, INSTITUTIONS, NAMING, NEIGHBOURS, NO_ENDINGS, NO_NAMES, NUMBERED,
        PLACES, SETTLEMENTS, SURNAMES, VILLAGES, WORDY,
    },
};
use crate::text::readings;

/// So many scattered small edits are the noise of typing or reading; a short name that differs too is one more of them.
pub(super) const NOISY: usize = 3;
/// Numerals by their value.
const NUMERALS: &str = "零一二三四五六七八九十";
/// Longest name of a place, in characters.
const NAME: usize = 6;
/// More characters than these before a bare `县` at the beginning of a text are a remark.
const LEAST_REMARK: usize = 3;

/// What one text has where the other has something else, if that is a place.
struct Place {
    /// The replaced part of its name, without words that are no part of it.
    name: String,
    /// Name and ending.
    whole: String,
    ending: &'static str,
    /// Whether the ending itself stands in the gap.
    inside: bool,
    /// Whether it follows the replaced part at once.
    follows: bool,
}

impl Slot<'_> {
    /// `第一小学` and `第二小学`, `一中` and `三中`: numerals that no measure follows.
    pub(super) fn numerals(&self) -> Option<Difference> {
        let (ours, theirs) = (numeral(self.a, &self.gap.a)?, numeral(self.b, &self.gap.b)?);
        (ours != theirs).then(|| {
            let (ours, theirs) = self.shown();
            Difference::Numbers { ours, theirs }
        })
    }

    /// `东门` and `西门`, `甲方` and `乙方`.
    pub(super) fn neighbours(&self) -> Option<Difference> {
        let ([x], [y]) = (self.ours(), self.theirs()) else { return None };
        let (x, y) = (char::from_u32(*x)?, char::from_u32(*y)?);
        let is_other = NEIGHBOURS.iter().any(|family| family.contains(x) && family.contains(y));
        is_other.then(|| {
            let shown = |ours: bool| self.window(ours, 1, 2).text;
            Difference::Places { ours: shown(true), theirs: shown(false) }
        })
    }

    /// `第二中学` and `中学`: of a first one the number is often left out, of a second one never.
    pub(super) fn inserted_numeral(&self) -> Option<Difference> {
        let (print, range) = match (self.ours(), self.theirs()) {
            ([], [_, ..]) => (self.b, &self.gap.b),
            ([_, ..], []) => (self.a, &self.gap.a),
            _ => return None,
        };
        let is_ordinal = print.tokens.get(range.start) == Some(&u32::from('第'));
        let is_other = is_ordinal && numeral(print, range).is_some_and(|value| value > 1000);
        let after = print.words(range.end, range.end.saturating_add(6));
        let names = NUMBERED.iter().any(|ending| after.find(ending).is_some_and(|at| at <= 12));
        (is_other && names).then(|| {
            let (ours, theirs) = self.shown();
            Difference::Places { ours, theirs }
        })
    }

    /// `小学` and `中学`, `医院` and `法院`: other kinds of institution.
    pub(super) fn institutions(&self) -> Option<Difference> {
        if !self.is_replaced() {
            return None;
        }
        let of = |ours: bool| self.window(ours, 2, 2).met(INSTITUTIONS);
        let (ours, theirs) = (of(true)?, of(false)?);
        let part = ours.contains(theirs) || theirs.contains(ours);
        (!part).then(|| Difference::Places { ours: ours.to_owned(), theirs: theirs.to_owned() })
    }

    /// Another place or institution: what stands before `村`, `小学`, `医院` and the like. `noise` is how many small
    /// edits the texts are apart, this one among them.
    pub(super) fn places(&self, noise: usize) -> Option<Difference> {
        if !self.is_replaced() {
            return None;
        }
        let (ours, theirs) = (self.place(true)?, self.place(false)?);
        let (x, y) = (&ours.name, &theirs.name);
        let readable = |name: &str| name.chars().all(|c| is_han(c) || c.is_ascii_digit());
        if !readable(x) || !readable(y) || plain(x) == plain(y) {
            return None;
        }
        let (of_x, of_y) = (x.chars().count(), y.chars().count());
        if of_x > NAME || of_y > NAME {
            return None;
        }
        // At the beginning of a text a remark may stand before a bare `县`; names of counties are short.
        let begins = self.gap.edge && (self.gap.a.start == 0 || self.gap.b.start == 0);
        let bare = ours.follows && theirs.follows && SETTLEMENTS.contains(&ours.ending);
        if begins && bare && of_x.max(of_y) > LEAST_REMARK {
            return None;
        }
        let (own_x, own_y) = own_parts(x, y);
        let is_other = match (own_x.as_slice(), own_y.as_slice()) {
            _ if ours.inside || theirs.inside => noise < NOISY || of_x.min(of_y) > 2,
            // `第三` of which a stroke was misread.
            ([], _) | (_, []) => false,
            (&[x], &[y]) => is_other_character((x, &ours), (y, &theirs), noise),
            // Among many mistyped characters two side by side are no other place.
            _ => noise < NOISY || (of_x.min(of_y) > 2 && !x.chars().any(|c| y.contains(c))),
        };
        if !is_other {
            return None;
        }
        let elsewhere = |print: &Fingerprint, word: &str| {
            word.chars().count() > 2 && print.words(0, print.tokens.len()).contains(word)
        };
        let known = elsewhere(self.b, &ours.whole) && elsewhere(self.a, &theirs.whole);
        (!known).then_some(Difference::Places { ours: ours.whole, theirs: theirs.whole })
    }

    /// The gap on one side, and the ending of a place that it is part of.
    fn place(&self, ours: bool) -> Option<Place> {
        let (print, range) = if ours { (self.a, &self.gap.a) } else { (self.b, &self.gap.b) };
        let text: Vec<char> = print.words(range.start, range.end.saturating_add(4)).chars().collect();
        let inside = print.words(range.start, range.end).chars().count();
        // The ending stands in the gap, not at its very beginning, or follows it, with one character between at most.
        (1..=inside + 1).find_map(|from| {
            let rest: String = text.get(from..)?.iter().collect();
            let ending = PLACES.iter().copied().find(|ending| {
                let is_near = from <= inside || ending.chars().count() > 1 || VILLAGES.contains(*ending);
                let is_word = NO_ENDINGS.iter().any(|word| rest.starts_with(word));
                rest.starts_with(*ending) && is_near && (!is_word || ending.chars().count() > 1)
            })?;
            let name = name_in(text.get(..from.min(inside))?)?;
            let before: String = text.get(..from)?.iter().collect();
            Some(Place {
                name,
                whole: format!("{before}{ending}"),
                ending,
                inside: from < inside,
                follows: from == inside,
            })
        })
    }
}

/// The characters of two names that the other does not have.
pub(super) fn own_parts(x: &str, y: &str) -> (Vec<char>, Vec<char>) {
    let (x, y) = (plain(x), plain(y));
    let own = |name: &str, other: &str| name.chars().filter(|&c| !other.contains(c)).collect();
    (own(&x, &y), own(&y, &x))
}

/// A name with its numerals as digits and without the `第` before them: `一` is `第1`.
fn plain(name: &str) -> String {
    let digit = |c: char| {
        let value = NUMERALS.chars().position(|numeral| numeral == c)?;
        char::from_digit(u32::try_from(value).ok()?, 11)
    };
    name.chars().filter(|&c| c != '第').map(|c| digit(c).unwrap_or(c)).collect()
}

/// One character of a name is another: a neighbour (`东院区`, `西院区`), or another name and no slip of the hand.
fn is_other_character((x, ours): (char, &Place), (y, theirs): (char, &Place), noise: usize) -> bool {
    if FAMILIES.iter().any(|family| family.contains(x) && family.contains(y)) {
        return true;
    }
    if noise > 1 {
        return false;
    }
    let contrasts = |c: char| CONTRASTS.contains(c) || SURNAMES.contains(c);
    let names = |c: char| contrasts(c) || NAMING.contains(c);
    let is_settlement = ours.follows && theirs.follows && SETTLEMENTS.contains(&ours.ending);
    (contrasts(x) && contrasts(y))
        || (is_settlement && names(x) && names(y) && readings(x).first() != readings(y).first())
}

/// What of these characters can be the name of a place: behind the last word that is part of none.
fn name_in(characters: &[char]) -> Option<String> {
    let mut text: String = characters.iter().collect();
    for word in NO_NAMES {
        if let Some(at) = text.rfind(word) {
            text = text.get(at + word.len()..)?.to_owned();
        }
    }
    let from =
        text.char_indices().filter(|(_, c)| WORDY.contains(*c)).map(|(at, c)| at + c.len_utf8()).next_back();
    let name = text.get(from.unwrap_or(0)..)?;
    name.chars().any(|c| !DETERMINERS.contains(c)).then(|| name.to_owned())
}

/// The value of a numeral alone, with `第` before it or without.
fn numeral(print: &Fingerprint, range: &Range<usize>) -> Option<u64> {
    let is_ordinal = print.tokens.get(range.start) == Some(&u32::from('第'));
    let at = range.start + usize::from(is_ordinal);
    if at + 1 != range.end {
        return None;
    }
    let token = *print.tokens.get(at)?;
    if is_figure(token) {
        return print.figure(at).filter(|figure| figure.kind == Kind::Number).map(|figure| figure.value);
    }
    let value = NUMERALS.chars().position(|numeral| u32::from(numeral) == token)?;
    u64::try_from(value * 1000).ok()
}
