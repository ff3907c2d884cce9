//! Guards: no n-gram method separates contradictions, so of texts that share most of their grams the places are
//! looked at in which they differ (SEMANTICS 11). Only what is *replaced* speaks against one statement: another
//! number, date, place or name in the same slot, a negation, an opposite. What one text merely adds is a comment, and
//! what it leaves out is an excerpt.

use std::ops::Range;

use super::{
    Difference, Fingerprint,
    align::{Alignment, Gap},
    figure::{Figure, Kind},
    fingerprint::{MASK, is_figure, share},
    lexicon::{
        BEFORE_MATTERS, BEFORE_PLACES, CITIES, DAYS, DETERMINERS, HARMLESS, NEGATIONS, OPPOSITES, PEOPLE,
        PLACES, SAFE_SURNAMES, SURNAMES, TITLES, VEHICLES,
    },
    places::{NOISY, own_parts},
};

/// An edge of the texts is a slot when both sides are at most so long; else it is comments.
const EDGE: usize = 6;
/// A negation is at most so many tokens longer than what stands in its place.
const NEGATION: usize = 4;
/// Tokens replaced by other matter that make another text of the same frame, and their share.
const REPLACED: usize = 3;
const REPLACED_SHARE: f64 = 0.07;

/// Two texts and one place in which they differ.
#[derive(Debug)]
pub(super) struct Slot<'t> {
    pub(super) a: &'t Fingerprint,
    pub(super) b: &'t Fingerprint,
    pub(super) gap: Gap,
}

/// What keeps two aligned texts apart, if anything does.
pub(super) fn difference(a: &Fingerprint, b: &Fingerprint, aligned: &Alignment) -> Option<Difference> {
    let is_slot = |gap: &Gap| {
        !gap.edge || (gap.a.len().max(gap.b.len()) <= EDGE && gap.a.len().abs_diff(gap.b.len()) <= 2)
    };
    let slots_of = |gaps: Vec<Gap>| -> Vec<Slot<'_>> {
        gaps.into_iter().filter(is_slot).map(|gap| Slot { a, b, gap }).collect()
    };
    let slots = slots_of(aligned.gaps.clone());
    // `三中校区` and `县中医院` have a character in common by chance.
    let whole = slots_of(whole_gaps(aligned));
    let begins =
        aligned.gaps.first().filter(|gap| gap.edge && !is_slot(gap)).and_then(|gap| beginning(a, b, gap));
    // Scattered single characters are noise of typing or reading; a place that differs by one is then no other place.
    let noise = slots.iter().filter(|slot| slot.gap.a.len() <= 1 && slot.gap.b.len() <= 1).count();
    years(a, b, aligned)
        .or_else(|| slots.iter().find_map(Slot::figures))
        .or_else(|| slots.iter().find_map(|slot| slot.words(noise)))
        .or_else(|| slots.iter().find_map(Slot::negation))
        .or_else(|| slots.iter().find_map(|slot| slot.names(noise)))
        .or_else(|| slots.iter().chain(&begins).find_map(Slot::numerals))
        .or_else(|| slots.iter().chain(&begins).find_map(Slot::neighbours))
        .or_else(|| slots.iter().find_map(Slot::inserted_numeral))
        .or_else(|| slots.iter().find_map(Slot::institutions))
        .or_else(|| slots.iter().chain(&whole).chain(&begins).find_map(|slot| slot.places(noise)))
        .or_else(|| slots.iter().find_map(Slot::matter))
        .or_else(|| subject(a, b))
        .or_else(|| wording(a, b, aligned))
}

/// The same of two texts whose tokens are equal.
pub(super) fn years_of_equals(a: &Fingerprint, b: &Fingerprint) -> Option<Difference> {
    a.figures
        .iter()
        .zip(&b.figures)
        .find(|((_, ours), (_, theirs))| !ours.agrees(*theirs))
        .map(|((_, ours), (_, theirs))| Difference::Dates { ours: ours.said(), theirs: theirs.said() })
}

/// Dates that agree but for the year.
fn years(a: &Fingerprint, b: &Fingerprint, aligned: &Alignment) -> Option<Difference> {
    a.figures.iter().filter(|(_, figure)| figure.kind == Kind::Date).find_map(|&(at, ours)| {
        let at = usize::try_from(at).ok()?;
        let block = aligned.chain.iter().find(|block| (block.a..block.a + block.length).contains(&at))?;
        let theirs = b.figure(at - block.a + block.b)?;
        (!ours.agrees(theirs)).then(|| Difference::Dates { ours: ours.said(), theirs: theirs.said() })
    })
}

/// Where two texts begin with words of their own, of which those of one are few: the last words before what both hold.
/// One of them may be a comment before a name that the other begins with.
fn beginning<'t>(a: &'t Fingerprint, b: &'t Fingerprint, gap: &Gap) -> Option<Slot<'t>> {
    let few = gap.a.len().min(gap.b.len());
    let is_beginning = gap.a.start == 0 && gap.b.start == 0 && (1..=EDGE).contains(&few);
    if !is_beginning {
        return None;
    }
    let last = |print: &Fingerprint, end: usize, most: usize| {
        print.tokens.get(end - most..end).unwrap_or_default().to_vec()
    };
    let (x, y) = (last(a, gap.a.end, few), last(b, gap.b.end, few));
    let own = few - x.iter().zip(&y).take_while(|(x, y)| x == y).count();
    let range = |end: usize| end - own..end;
    Some(Slot { a, b, gap: Gap { a: range(gap.a.end), b: range(gap.b.end), edge: true } })
}

impl Slot<'_> {
    pub(super) fn ours(&self) -> &[u32] {
        self.a.tokens.get(self.gap.a.clone()).unwrap_or_default()
    }

    pub(super) fn theirs(&self) -> &[u32] {
        self.b.tokens.get(self.gap.b.clone()).unwrap_or_default()
    }

    pub(super) fn is_replaced(&self) -> bool {
        let is_text = |side: &[u32]| !side.is_empty() && !side.contains(&MASK);
        is_text(self.ours()) && is_text(self.theirs())
    }

    /// Another figure of the same kind.
    fn figures(&self) -> Option<Difference> {
        let of = |print: &Fingerprint, range: &Range<usize>| -> Vec<Figure> {
            range.clone().filter_map(|at| print.figure(at)).collect()
        };
        let (ours, theirs) = (of(self.a, &self.gap.a), of(self.b, &self.gap.b));
        for kind in [Kind::Date, Kind::Time, Kind::Number, Kind::Percent, Kind::Long] {
            let only = |figures: &[Figure]| -> Vec<Figure> {
                figures.iter().copied().filter(|figure| figure.kind == kind).collect()
            };
            let (ours, theirs) = (only(&ours), only(&theirs));
            if ours.is_empty() || theirs.is_empty() {
                continue;
            }
            let differ = if ours.len() == theirs.len() {
                ours.iter().zip(&theirs).any(|(x, y)| !x.agrees(*y))
            } else {
                !ours.iter().any(|x| theirs.iter().any(|y| x.agrees(*y)))
            };
            if differ {
                let said = |figures: &[Figure]| {
                    figures.iter().map(|figure| figure.said()).collect::<Vec<_>>().join(" ")
                };
                let (ours, theirs) = (said(&ours), said(&theirs));
                return Some(if kind == Kind::Date {
                    Difference::Dates { ours, theirs }
                } else {
                    Difference::Numbers { ours, theirs }
                });
            }
        }
        self.letters()
    }

    /// `A座` and `B座`; inside a word a letter is mistyped.
    fn letters(&self) -> Option<Difference> {
        let is_letter = |token: Option<&u32>| {
            token.and_then(|&token| char::from_u32(token)).is_some_and(|c| c.is_ascii_alphabetic())
        };
        let is_one = |print: &Fingerprint, range: &Range<usize>| {
            let around = [range.start.checked_sub(1), Some(range.end)];
            range.len() == 1
                && is_letter(print.tokens.get(range.start))
                && !around.iter().flatten().any(|&at| is_letter(print.tokens.get(at)))
        };
        (is_one(self.a, &self.gap.a) && is_one(self.b, &self.gap.b)).then(|| {
            let (ours, theirs) = self.shown();
            Difference::Numbers { ours, theirs }
        })
    }

    /// Words of which one excludes the other: another day, an opposite, another city.
    fn words(&self, noise: usize) -> Option<Difference> {
        if !self.is_replaced() {
            return None;
        }
        let (ours, theirs) = (self.window(true, 3, 3), self.window(false, 3, 3));
        let pair = |groups: &[&[&'static str]]| {
            groups.iter().find_map(|group| {
                let (x, y) = (ours.met(group)?, theirs.met(group)?);
                (x != y).then(|| (x.to_owned(), y.to_owned()))
            })
        };
        if let Some((ours, theirs)) = pair(DAYS) {
            return Some(Difference::Dates { ours, theirs });
        }
        // Among very many mistyped characters one makes an opposite by chance.
        if noise >= NOISY * 2 && self.ours().len() == 1 && self.theirs().len() == 1 {
            return None;
        }
        if let Some((ours, theirs)) = pair(OPPOSITES) {
            return Some(Difference::Negation { ours, theirs });
        }
        if let Some((ours, theirs)) = pair(PEOPLE) {
            return Some(Difference::Names { ours, theirs });
        }
        if let Some((ours, theirs)) = pair(&[VEHICLES]) {
            return Some(Difference::Wording { ours, theirs });
        }
        pair(&[CITIES]).map(|(ours, theirs)| Difference::Places { ours, theirs })
    }

    /// One side negates what follows, the other does not.
    fn negation(&self) -> Option<Difference> {
        let (ours, theirs) = (self.ours().len(), self.theirs().len());
        if ours.abs_diff(theirs) > NEGATION || ours.max(theirs) > NEGATION * 2 {
            return None;
        }
        let (x, y) = (self.window(true, 2, 2).negations(), self.window(false, 2, 2).negations());
        (x % 2 != y % 2).then(|| {
            let shown = |ours: bool| self.window(ours, 1, 2).text;
            Difference::Negation { ours: shown(true), theirs: shown(false) }
        })
    }

    /// Another person: a name before a title, after `姓`, or two whole names.
    fn names(&self, noise: usize) -> Option<Difference> {
        if !self.is_replaced() {
            return None;
        }
        let (ours, theirs) = (self.ours(), self.theirs());
        let is_surname = |token: Option<&u32>| {
            token.and_then(|token| char::from_u32(*token)).is_some_and(|c| SURNAMES.contains(c))
        };
        let after = self.a.words(self.gap.a.end, self.gap.a.end.saturating_add(3));
        let before = self.a.words(self.gap.a.start.saturating_sub(2), self.gap.a.start);
        let titled = TITLES.iter().any(|title| after.starts_with(title));
        let short = ours.len() <= 3 && theirs.len() <= 3;
        let both_surnames = is_surname(ours.first()) && is_surname(theirs.first());
        let whole_names = both_surnames
            && (titled || noise < NOISY)
            && (2..=3).contains(&ours.len())
            && (2..=3).contains(&theirs.len())
            && (titled || ours.len() == 3 || theirs.len() == 3 || before.ends_with(['为', '叫', '是']));
        // `王建国局长` and `王建军局长`, `王某` and `王某某` is no difference.
        let is_safe = |c: Option<char>| c.is_some_and(|c| SAFE_SURNAMES.contains(c));
        let han = self.shown().0.chars().chain(self.shown().1.chars()).all(is_han);
        let given = titled
            && han
            && noise <= 1
            && (is_safe(before.chars().next_back()) || (ours.len() == 1 && is_safe(before.chars().next())));
        let two = |side: &[u32]| side.len() == 2 && !side.iter().any(|&token| is_figure(token));
        let given = given
            || (two(ours)
                && two(theirs)
                && noise < NOISY
                && !ours.iter().any(|token| theirs.contains(token))
                && before.chars().next_back().is_some_and(|c| SAFE_SURNAMES.contains(c)));
        // `王建国主任` and `李建国主任`.
        let behind = self.a.words(self.gap.a.end, self.gap.a.end.saturating_add(5));
        let named = |skipped: usize| {
            let rest: String = behind.chars().skip(skipped).collect();
            TITLES.iter().any(|title| rest.starts_with(title))
        };
        let surname = ours.len() == 1
            && theirs.len() == 1
            && noise <= 1
            && [ours, theirs].iter().all(|side| {
                side.first()
                    .and_then(|&token| char::from_u32(token))
                    .is_some_and(|c| SAFE_SURNAMES.contains(c))
            })
            && (named(1) || named(2));
        let is_other = surname
            || (short && both_surnames && (titled || before.ends_with('姓')))
            || whole_names
            || (given && short && !self.shown().0.contains('某') && !self.shown().1.contains('某'));
        is_other.then(|| {
            let whole =
                |ours: bool| self.window(ours, if given { 2 } else { 0 }, if titled { 2 } else { 0 }).text;
            Difference::Names { ours: whole(true), theirs: whole(false) }
        })
    }

    /// Another matter after a word that says what a post is about, or another place after one that says where.
    fn matter(&self) -> Option<Difference> {
        let (ours, theirs) = (self.ours(), self.theirs());
        let is_word = |side: &[u32]| (2..=8).contains(&side.len());
        if !self.is_replaced() || !is_word(ours) || !is_word(theirs) {
            return None;
        }
        let determines = |side: &[u32]| {
            side.first().and_then(|token| char::from_u32(*token)).is_some_and(|c| DETERMINERS.contains(c))
        };
        if ours.iter().any(|token| theirs.contains(token)) || determines(ours) || determines(theirs) {
            return None;
        }
        let before = self.a.words(self.gap.a.start.saturating_sub(4), self.gap.a.start);
        let after = |words: &[&str]| words.iter().any(|word| before.ends_with(word));
        let (x, y) = self.shown();
        let (own_x, own_y) = own_parts(&x, &y);
        if own_x.is_empty() || own_y.is_empty() {
            return None;
        }
        if after(BEFORE_MATTERS) {
            return Some(Difference::Wording { ours: x, theirs: y });
        }
        let ends = |part: &str| PLACES.iter().any(|ending| part.ends_with(ending));
        let is_place = ends(&x) || ends(&y) || ours.len().min(theirs.len()) >= 4;
        (is_place && after(BEFORE_PLACES)).then_some(Difference::Places { ours: x, theirs: y })
    }

    pub(super) fn shown(&self) -> (String, String) {
        (self.a.words(self.gap.a.start, self.gap.a.end), self.b.words(self.gap.b.start, self.gap.b.end))
    }

    pub(super) fn window(&self, ours: bool, left: usize, right: usize) -> Window {
        let (print, range) = if ours { (self.a, &self.gap.a) } else { (self.b, &self.gap.b) };
        let before = print.words(range.start.saturating_sub(left), range.start);
        let inside = print.words(range.start, range.end);
        let after = print.words(range.end, range.end.saturating_add(right).min(print.tokens.len()));
        let (from, to) = (before.len(), before.len() + inside.len());
        Window { text: format!("{before}{inside}{after}"), from, to }
    }
}

/// A gap with its neighbours on one side.
pub(super) struct Window {
    pub(super) text: String,
    from: usize,
    to: usize,
}

impl Window {
    fn touches(&self, at: usize, length: usize) -> bool {
        if self.from == self.to {
            at < self.from && at + length > self.from
        } else {
            at < self.to && at + length > self.from
        }
    }

    /// The first of these words that stands in the gap, in whole or in part; longer ones first.
    pub(super) fn met<'w>(&self, words: &[&'w str]) -> Option<&'w str> {
        words
            .iter()
            .filter(|word| self.text.match_indices(**word).any(|(at, word)| self.touches(at, word.len())))
            .max_by_key(|word| word.len())
            .copied()
    }

    /// How many negations stand in the gap.
    fn negations(&self) -> usize {
        // `不同意` is no `不同`.
        let mut text = self.text.replace("不同意", "不准许");
        for word in HARMLESS {
            if text.contains(word) {
                text = text.replace(word, &"\u{1}".repeat(word.len()));
            }
        }
        let mut found = 0;
        for word in NEGATIONS {
            let met: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
            found += met.iter().filter(|&&at| self.touches(at, word.len()) && at >= self.from).count();
            text = text.replace(word, &"\u{1}".repeat(word.len()));
        }
        found
    }
}

/// What a notice is about: `关于…的通知`.
fn subject(a: &Fingerprint, b: &Fingerprint) -> Option<Difference> {
    let of = |print: &Fingerprint| -> Option<String> {
        let text = print.words(0, print.tokens.len().min(120));
        let (_, rest) = text.split_once("关于")?;
        let end = [
            "的通知",
            "的公告",
            "的通报",
            "的通告",
            "的公示",
            "的意见",
            "的决定",
            "的批复",
            "的报告",
            "的情况说明",
            "的函",
        ]
        .iter()
        .filter_map(|ending| rest.find(ending))
        .min()?;
        rest.get(..end).filter(|subject| subject.chars().count() <= 60).map(str::to_owned)
    };
    let (ours, theirs) = (of(a)?, of(b)?);
    let pairs = |text: &str| -> std::collections::BTreeSet<(char, char)> {
        text.chars().zip(text.chars().skip(1)).collect()
    };
    let (x, y) = (pairs(&ours), pairs(&theirs));
    let few = x.len().min(y.len());
    let differ = few >= 2 && share(x.intersection(&y).count(), x.len().max(y.len())) < 0.5;
    differ.then_some(Difference::Wording { ours, theirs })
}

/// The same frame around other matter. At the end of the texts a comment stands beside what the other left out, which
/// is no slot.
fn wording(a: &Fingerprint, b: &Fingerprint, aligned: &Alignment) -> Option<Difference> {
    let is_text = |print: &Fingerprint, range: &Range<usize>| {
        !print.tokens.get(range.clone()).unwrap_or_default().contains(&MASK)
    };
    let mut sum = 0;
    let mut largest: Option<Gap> = None;
    for gap in whole_gaps(aligned) {
        let size = gap.a.len().min(gap.b.len());
        let is_slot =
            !gap.edge || (gap.a.start == 0 && gap.b.start == 0 && gap.a.len().max(gap.b.len()) <= EDGE);
        if size < 2 || !is_slot || !is_text(a, &gap.a) || !is_text(b, &gap.b) {
            continue;
        }
        sum += size;
        if largest.as_ref().is_none_or(|known| known.a.len().min(known.b.len()) < size) {
            largest = Some(gap);
        }
    }
    if sum < REPLACED || share(sum, sum + aligned.matched) < REPLACED_SHARE {
        return None;
    }
    let gap = largest?;
    let (ours, theirs) = (a.words(gap.a.start, gap.a.end), b.words(gap.b.start, gap.b.end));
    Some(Difference::Wording { ours, theirs })
}

/// Gaps, those as one between which a single token happens to be equal.
fn whole_gaps(aligned: &Alignment) -> Vec<Gap> {
    let mut whole: Vec<Gap> = Vec::new();
    for gap in &aligned.gaps {
        match whole.last_mut() {
            Some(last)
                if gap.a.start == last.a.end + 1
                    && gap.b.start == last.b.end + 1
                    && !last.a.is_empty()
                    && !last.b.is_empty()
                    && !gap.edge
                    && !last.edge =>
            {
                last.a.end = gap.a.end;
                last.b.end = gap.b.end;
            }
            _ => whole.push(gap.clone()),
        }
    }
    whole
}

pub(super) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x2_0000..=0x3_ffff)
        && !is_figure(u32::from(c))
}
