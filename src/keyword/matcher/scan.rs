//! Finds every occurrence of every rule in one text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Matcher;
use super::gap::{Characters, Compact};
use super::glance::Spot;
use super::places::Places;
use super::windows::Windows;
use crate::model::Certainty;
use crate::text::{Folded, fold};

/// One rule at one place, in Unicode scalars of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) entry: usize,
    pub(super) certainty: Certainty,
    /// Its first byte and the one past its last, where they were known when it was found.
    pub(super) bytes: Option<(u32, u32)>,
}

/// What was found in one text.
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    /// By entry; each entry's occurrences by place, each span once.
    pub(super) found: BTreeMap<usize, Vec<Occurrence>>,
    /// Of the original's characters.
    places: Places<'t>,
}

/// A part of a text, folded by itself.
#[derive(Clone, Copy)]
struct Part<'f> {
    text: &'f str,
    folded: &'f Folded,
    /// How many characters of the text stand before it.
    first: u32,
    /// Whether it was cut off at its beginning, and at its end.
    cut: (bool, bool),
}

impl Part<'_> {
    /// Whether a span of folded characters reaches to where the part was cut. What stands beyond is not known
    /// here; a word of the text never does, because parts are cut farther from it.
    fn is_cut(&self, span: &Range<usize>) -> bool {
        (self.cut.0 && span.start == 0) || (self.cut.1 && span.end >= self.folded.origins.len())
    }
}

impl Matcher {
    /// Glances at the text as it stands and reads only the parts in which a word may be.
    pub(super) fn scan<'t>(&self, text: &'t str) -> Scan<'t> {
        let mut scan = Scan::of(text);
        self.read_windows(text, &mut scan);
        // Whoever needs the whole text folded says so here, and finds in it below.
        let (patterns, sounds) = (self.patterns_may_match(text), self.sounds_may_match(text));
        if patterns || sounds {
            let folded = fold(text);
            let whole = Part { text, folded: &folded, first: 0, cut: (false, false) };
            if patterns {
                self.find_patterns(whole, &mut scan);
            }
            if sounds {
                self.find_by_sound(&folded, &mut scan);
            }
        }
        scan.settle();
        scan
    }

    /// The same without the glance, with the text folded before: every character is read.
    pub(super) fn scan_folded<'t>(&self, text: &'t str, folded: &Folded) -> Scan<'t> {
        let mut scan = Scan::of(text);
        let part = Part { text, folded, first: 0, cut: (false, false) };
        self.read(part, &mut scan);
        self.find_patterns(part, &mut scan);
        self.find_by_sound(folded, &mut scan);
        scan.settle();
        scan
    }

    fn read_windows(&self, text: &str, scan: &mut Scan<'_>) {
        let index = &self.index;
        let mut windows = Windows::default();
        let mut sure = Vec::new();
        let reach = index.glance.longest() + 1;
        index.glance.each(text, &index.entries, |spot| match spot {
            Spot::Word(word, bytes) => sure.push((bytes, word)),
            Spot::Perhaps(place) => windows.round(text, &place, reach),
        });
        self.add_sure(sure, scan);
        let (mut first, mut read) = (0u32, 0);
        for window in windows.parts {
            let skipped = text.get(read..window.start).unwrap_or_default().chars().count();
            first = first.saturating_add(u32::try_from(skipped).unwrap_or(u32::MAX));
            read = window.start;
            let cut = (window.start > 0, window.end < text.len());
            let text = text.get(window).unwrap_or_default();
            self.read(Part { text, folded: &fold(text), first, cut }, scan);
        }
    }

    /// Adds words that stand in these bytes of the original as written.
    fn add_sure(&self, mut sure: Vec<(Range<usize>, usize)>, scan: &mut Scan<'_>) {
        sure.sort_unstable_by_key(|(bytes, _)| bytes.start);
        let text = scan.text;
        let count = |bytes: Range<usize>| text.get(bytes).unwrap_or_default().chars().count();
        let (mut start, mut counted) = (0, 0);
        for (bytes, word) in sure {
            start += count(counted..bytes.start);
            counted = bytes.start;
            let span = start..start + count(bytes.clone());
            for &entry in self.index.exact.get(word).into_iter().flatten() {
                scan.add_at(entry, span.clone(), bytes.clone());
            }
        }
    }

    /// Finds the words of a part.
    fn read(&self, part: Part<'_>, scan: &mut Scan<'_>) {
        self.find_words(part, scan);
        self.find_through_gaps(part, scan);
    }

    fn patterns_may_match(&self, text: &str) -> bool {
        !text.is_empty()
            && !self.index.patterns.is_empty()
            && self.index.needed.as_ref().is_none_or(|needed| needed.may_be_in(text))
    }

    fn sounds_may_match(&self, text: &str) -> bool {
        !text.is_empty() && self.index.sounds.is_some()
    }

    fn find_words(&self, part: Part<'_>, scan: &mut Scan<'_>) {
        let text = &part.folded.text;
        let places = Places::of(text);
        self.index.words.each(text, |word, range| {
            let Some(entries) = self.index.exact.get(word) else { return };
            if entries.is_empty() || !at_word_boundaries(text, range.clone()) {
                return;
            }
            let span = places.characters(range);
            for &entry in entries {
                scan.add(part, entry, span.clone(), Certainty::Exact);
            }
        });
    }

    /// Only the neighbourhood of the seams is looked at: a word through a gap lies across one.
    fn find_through_gaps(&self, part: Part<'_>, scan: &mut Scan<'_>) {
        if self.index.reach == 0 {
            return;
        }
        let characters = Characters::new(part.folded, part.text);
        for compact in Compact::stretches(&characters, self.index.reach) {
            self.index.words.each(&compact.text, |word, range| {
                let Some(entries) = self.index.gapped.get(word) else { return };
                if entries.is_empty() || !spans_a_seam(&compact, &range) {
                    return;
                }
                let first = compact.places.partition_point(|(byte, _)| *byte < range.start);
                let Some(&(_, start)) = compact.places.get(first) else { return };
                for &at in entries {
                    let Some(entry) = self.index.entries.get(at) else { continue };
                    let Some(start) = start.checked_sub(entry.leading_marks) else { continue };
                    if let Some((end, true)) = characters.word_from(&entry.word, start)
                        && characters.at_word_boundaries(start..end)
                    {
                        scan.add(part, at, start..end, Certainty::Gap);
                    }
                }
            });
        }
    }

    /// Regular expressions are tried on the folded text, against evasions, and on the original, which
    /// their author had in mind.
    fn find_patterns(&self, whole: Part<'_>, scan: &mut Scan<'_>) {
        let Part { text, folded, .. } = whole;
        let places = Places::of(&folded.text);
        for (entry, pattern) in &self.index.patterns {
            for range in pattern.find(&folded.text) {
                scan.add(whole, *entry, places.characters(range), Certainty::Exact);
            }
            if folded.text != text {
                for range in pattern.find(text) {
                    let span = scan.places.characters(range.clone());
                    scan.add_at(*entry, span, range);
                }
            }
        }
    }
}

impl<'t> Scan<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, found: BTreeMap::new(), places: Places::of(text) }
    }

    /// Adds an occurrence at a span of a part's folded characters.
    fn add(&mut self, part: Part<'_>, entry: usize, span: Range<usize>, certainty: Certainty) {
        if part.is_cut(&span) {
            return;
        }
        self.add_folded(part.folded, part.first, entry, span, certainty);
    }

    /// The same of a text that was folded from its character `before` on and is not cut near the span.
    pub(super) fn add_folded(
        &mut self,
        folded: &Folded,
        before: u32,
        entry: usize,
        span: Range<usize>,
        certainty: Certainty,
    ) {
        let first = folded.origins.get(span.start);
        let last = span.end.checked_sub(1).and_then(|at| folded.origins.get(at));
        if let (Some(first), Some(last)) = (first, last) {
            let (start, end) = (before.saturating_add(first.start), before.saturating_add(last.end));
            let occurrence = Occurrence { start, end, entry, certainty, bytes: None };
            self.found.entry(entry).or_default().push(occurrence);
        }
    }

    /// Whether a sure occurrence of the entry shares a character with a span of folded characters, or any covers
    /// it whole.
    pub(super) fn covers(&self, folded: &Folded, entry: usize, span: &Range<usize>) -> bool {
        let first = folded.origins.get(span.start).map_or(u32::MAX, |origin| origin.start);
        let end =
            span.end.checked_sub(1).and_then(|at| folded.origins.get(at)).map_or(0, |origin| origin.end);
        let mut known = self.found.get(&entry).into_iter().flatten();
        known.any(|known| {
            let shares = known.start < end && first < known.end;
            let whole = known.start <= first && end <= known.end;
            (shares && known.certainty.is_sure()) || whole
        })
    }

    /// Adds an exact occurrence at a span of the original's characters, which are these bytes.
    fn add_at(&mut self, entry: usize, span: Range<usize>, bytes: Range<usize>) {
        let both =
            |range: Range<usize>| Some((u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?));
        if let Some((start, end)) = both(span) {
            let occurrence =
                Occurrence { start, end, entry, certainty: Certainty::Exact, bytes: both(bytes) };
            self.found.entry(entry).or_default().push(occurrence);
        }
    }

    /// Each span once per entry, the surest first.
    fn settle(&mut self) {
        for occurrences in self.found.values_mut() {
            occurrences.sort_unstable();
            occurrences.dedup_by_key(|occurrence| (occurrence.start, occurrence.end));
        }
    }

    /// The words as they stand in the original.
    pub(super) fn surface(&self, occurrence: &Occurrence) -> &'t str {
        let number = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        match occurrence.bytes {
            Some((start, end)) => self.text.get(number(start)..number(end)).unwrap_or_default(),
            None => self.places.cut(number(occurrence.start)..number(occurrence.end)),
        }
    }
}

/// Where a word begins or ends with a Latin letter or a digit, no such may go on; Han may.
fn at_word_boundaries(text: &str, range: Range<usize>) -> bool {
    let part = text.get(range.clone()).unwrap_or_default();
    let before = || text.get(..range.start).and_then(|t| t.chars().next_back()).is_some_and(is_latin);
    let after = || text.get(range.end..).and_then(|t| t.chars().next()).is_some_and(is_latin);
    let begins_inside = part.starts_with(|c: char| c.is_ascii_alphanumeric()) && before();
    let ends_inside = part.ends_with(|c: char| c.is_ascii_alphanumeric()) && after();
    !begins_inside && !ends_inside
}

pub(super) const fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '\u{C0}'..='\u{24F}')
}

fn spans_a_seam(compact: &Compact, range: &Range<usize>) -> bool {
    let next = compact.seams.partition_point(|&seam| seam <= range.start);
    compact.seams.get(next).is_some_and(|&seam| seam < range.end)
}
