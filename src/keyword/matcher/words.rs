//! Finds the words of all lists in a text. Nearly every place of nearly every text begins no word at all,
//! and a bit for each pair of first characters tells so at once; only where a word may begin, an automaton
//! over all words is asked which of them stand there.

use std::ops::Range;

use aho_corasick::{AhoCorasick, Anchored, Input, StartKind, automaton::OverlappingState as Places};

/// Bits of a table: two to the sixteenth.
const BITS: usize = 1 << 16;

/// All words, ready to be looked for.
#[derive(Debug)]
pub(super) struct Words {
    automaton: AhoCorasick,
    /// Pairs of characters that a word begins with; a few others share their bits.
    pairs: Bits,
    /// Words of one character, for which no pair speaks.
    alone: Option<Bits>,
}

impl Words {
    #[expect(
        clippy::expect_used,
        reason = "the automaton's limit of 2^31 states is beyond the lists' limits"
    )]
    pub(super) fn new(patterns: &[String]) -> Self {
        let automaton = AhoCorasick::builder()
            .start_kind(StartKind::Anchored)
            .build(patterns)
            .expect("an automaton within its limits");
        let mut words = Self { automaton, pairs: Bits::default(), alone: None };
        for pattern in patterns {
            let mut chars = pattern.chars();
            match (chars.next(), chars.next()) {
                (Some(first), Some(second)) => words.pairs.put(of_pair(first, second)),
                (Some(only), None) => words.alone.get_or_insert_default().put(of_one(only)),
                (None, _) => {}
            }
        }
        words
    }

    /// Calls `found` with every word of a folded text, by its number and its bytes, in the order of their first
    /// bytes.
    pub(super) fn each(&self, text: &str, mut found: impl FnMut(usize, Range<usize>)) {
        let mut chars = text.char_indices().peekable();
        while let Some((at, first)) = chars.next() {
            let pair = chars.peek().is_some_and(|&(_, second)| self.pairs.has(of_pair(first, second)));
            if pair || self.alone.as_ref().is_some_and(|alone| alone.has(of_one(first))) {
                self.beginning_at(text, at, &mut found);
            }
        }
    }

    fn beginning_at(&self, text: &str, at: usize, found: &mut impl FnMut(usize, Range<usize>)) {
        let input = Input::new(text).range(at..).anchored(Anchored::Yes);
        let mut places = Places::start();
        loop {
            self.automaton.find_overlapping(input.clone(), &mut places);
            let Some(word) = places.get_match() else { break };
            // What ends here but begins later has its own turn.
            if word.start() == at {
                found(word.pattern().as_usize(), word.range());
            }
        }
    }
}

fn of_pair(first: char, second: char) -> usize {
    let mixed = u32::from(first).wrapping_mul(0x9e37_79b1)
        ^ u32::from(second).wrapping_mul(0x85eb_ca6b).rotate_left(9);
    usize::try_from(mixed >> 16).unwrap_or(0)
}

fn of_one(only: char) -> usize {
    usize::try_from(u32::from(only)).unwrap_or(0) % BITS
}

/// A set of numbers below [`BITS`].
#[derive(Debug)]
struct Bits(Vec<u64>);

impl Default for Bits {
    fn default() -> Self {
        Self(vec![0; BITS / 64])
    }
}

impl Bits {
    fn put(&mut self, number: usize) {
        if let Some(part) = self.0.get_mut(number / 64) {
            *part |= 1 << (number % 64);
        }
    }

    fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|part| part >> (number % 64) & 1 == 1)
    }
}
