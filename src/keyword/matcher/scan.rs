//! Finds every occurrence of every rule in one text.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Matcher;
use super::gap::{Characters, Compact};
use crate::model::Certainty;
use crate::text::{Folded, fold};

/// One rule at one place, in Unicode scalars of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) entry: usize,
    pub(super) certainty: Certainty,
}

/// What was found in one text.
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    /// By entry; each entry's occurrences by place, each span once.
    pub(super) found: BTreeMap<usize, Vec<Occurrence>>,
    /// Bytes where the original's characters begin, computed when a surface is cut.
    starts: OnceCell<Vec<usize>>,
}

impl Matcher {
    pub(super) fn scan<'t>(&self, text: &'t str) -> Scan<'t> {
        if text.is_empty() || self.index.entries.is_empty() {
            return Scan::of(text);
        }
        self.scan_folded(text, &fold(text))
    }

    /// The same with the text folded before.
    pub(super) fn scan_folded<'t>(&self, text: &'t str, folded: &Folded) -> Scan<'t> {
        let mut scan = Scan::of(text);
        let starts = OnceCell::new();
        self.find_words(folded, &starts, &mut scan);
        self.find_through_gaps(folded, &mut scan);
        self.find_patterns(folded, &starts, &mut scan);
        self.find_by_sound(folded, &mut scan);
        scan.settle();
        scan
    }

    fn find_words(&self, folded: &Folded, starts: &OnceCell<Vec<usize>>, scan: &mut Scan<'_>) {
        self.index.words.each(&folded.text, |word, range| {
            let Some(entries) = self.index.exact.get(word) else { return };
            if entries.is_empty() || !at_word_boundaries(&folded.text, range.clone()) {
                return;
            }
            let starts = starts.get_or_init(|| char_starts(&folded.text));
            let span = char_span(starts, range);
            for &entry in entries {
                scan.add(folded, entry, span.clone(), Certainty::Exact);
            }
        });
    }

    /// Only the neighbourhood of the seams is looked at: a word through a gap lies across one.
    fn find_through_gaps(&self, folded: &Folded, scan: &mut Scan<'_>) {
        if self.index.reach == 0 {
            return;
        }
        let characters = Characters::new(folded, scan.text);
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
                        scan.add(folded, at, start..end, Certainty::Gap);
                    }
                }
            });
        }
    }

    /// Regular expressions are tried on the folded text, against evasions, and on the original, which
    /// their author had in mind.
    fn find_patterns(&self, folded: &Folded, starts: &OnceCell<Vec<usize>>, scan: &mut Scan<'_>) {
        for (entry, pattern) in &self.index.patterns {
            for range in pattern.find(&folded.text) {
                let starts = starts.get_or_init(|| char_starts(&folded.text));
                scan.add(folded, *entry, char_span(starts, range), Certainty::Exact);
            }
            if folded.text != scan.text {
                for range in pattern.find(scan.text) {
                    let span = char_span(scan.starts(), range);
                    scan.add_at(*entry, span, Certainty::Exact);
                }
            }
        }
    }
}

impl<'t> Scan<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, found: BTreeMap::new(), starts: OnceCell::new() }
    }

    /// Adds an occurrence at a span of folded characters.
    pub(super) fn add(
        &mut self,
        folded: &Folded,
        entry: usize,
        span: std::ops::Range<usize>,
        certainty: Certainty,
    ) {
        let first = folded.origins.get(span.start);
        let last = span.end.checked_sub(1).and_then(|at| folded.origins.get(at));
        if let (Some(first), Some(last)) = (first, last) {
            let occurrence = Occurrence { start: first.start, end: last.end, entry, certainty };
            self.found.entry(entry).or_default().push(occurrence);
        }
    }

    /// Whether a sure occurrence of the entry shares a character with a span of folded characters, or any covers
    /// it whole.
    pub(super) fn covers(&self, folded: &Folded, entry: usize, span: &std::ops::Range<usize>) -> bool {
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

    /// Adds an occurrence at a span of the original's characters.
    fn add_at(&mut self, entry: usize, span: std::ops::Range<usize>, certainty: Certainty) {
        if let (Ok(start), Ok(end)) = (u32::try_from(span.start), u32::try_from(span.end)) {
            self.found.entry(entry).or_default().push(Occurrence { start, end, entry, certainty });
        }
    }

    /// Each span once per entry, the surest first.
    fn settle(&mut self) {
        for occurrences in self.found.values_mut() {
            occurrences.sort_unstable();
            occurrences.dedup_by_key(|occurrence| (occurrence.start, occurrence.end));
        }
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| char_starts(self.text))
    }

    /// The words as they stand in the original.
    pub(super) fn surface(&self, occurrence: &Occurrence) -> &'t str {
        let byte = |at: u32| {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            self.starts().get(at).copied().unwrap_or(self.text.len())
        };
        self.text.get(byte(occurrence.start)..byte(occurrence.end)).unwrap_or_default()
    }
}

fn char_starts(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).collect()
}

/// A byte range, which lies on character boundaries, in characters.
fn char_span(starts: &[usize], range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    starts.partition_point(|&at| at < range.start)..starts.partition_point(|&at| at < range.end)
}

/// Where a word begins or ends with a Latin letter or a digit, no such may go on; Han may.
fn at_word_boundaries(text: &str, range: std::ops::Range<usize>) -> bool {
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

fn spans_a_seam(compact: &Compact, range: &std::ops::Range<usize>) -> bool {
    let next = compact.seams.partition_point(|&seam| seam <= range.start);
    compact.seams.get(next).is_some_and(|&seam| seam < range.end)
}
