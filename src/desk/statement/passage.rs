//! When one text shows that two statements are one. A reply that quotes the middle of a post and a copy with a long
//! comment are too unlike to find each other, and each begins a statement of its own; the plain post, when it comes,
//! is the same as both. It is late evidence if it holds the *same passage* of both, and if nothing in them speaks
//! against it: a round-up that holds two statements one after the other says nothing of the kind.

use std::ops::Range;

use super::{
    Fingerprint,
    align::{Alignment, Block},
    compare::decide,
    fingerprint::share,
    guards, refutes,
};

/// Share that the passage has of the shorter core, and with that of what the text holds of it: a headline that two
/// stories begin with makes them no one story.
const SHARED: f64 = 0.6;
/// Share that the text holds of either core: an excerpt of a form letter says nothing of what stands around it.
const HELD: f64 = 0.65;
/// Shortest passage, in tokens: a saying is quoted by strangers.
const PASSAGE: usize = 12;

/// Whether `text`, which is the same statement as either core, holds the same passage of both.
#[must_use]
pub fn same_passage(text: &Fingerprint, one: &Fingerprint, other: &Fingerprint) -> bool {
    let (in_one, in_other) = (held(text, one), held(text, other));
    let common = overlap(&in_one, &in_other);
    let holds_most = |held: &[Range<usize>], core: &Fingerprint| {
        share(held.iter().map(ExactSizeIterator::len).sum(), core.tokens.len()) >= HELD
    };
    common >= PASSAGE
        && share(common, one.tokens.len().min(other.tokens.len())) >= SHARED
        && holds_most(&in_one, one)
        && holds_most(&in_other, other)
}

/// Whether one core refutes or contradicts the other, however little they share.
#[must_use]
pub fn are_opposed(one: &Fingerprint, other: &Fingerprint) -> bool {
    if refutes(one, other) || refutes(other, one) || decide(one, other).difference.is_some() {
        return true;
    }
    let aligned = Alignment::of(&one.tokens, &other.tokens);
    guards::difference(one, other, &aligned).is_some()
}

/// The parts of a text that a core holds in the same order.
fn held(text: &Fingerprint, core: &Fingerprint) -> Vec<Range<usize>> {
    let aligned = Alignment::of(&text.tokens, &core.tokens);
    aligned.chain.iter().map(|&Block { a, length, .. }| a..a + length).collect()
}

/// Tokens that both lists cover; each is in order and overlaps itself nowhere.
fn overlap(one: &[Range<usize>], other: &[Range<usize>]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut common = 0;
    while let (Some(x), Some(y)) = (one.peek(), other.peek()) {
        common += x.end.min(y.end).saturating_sub(x.start.max(y.start));
        let ended = if x.end <= y.end { &mut one } else { &mut other };
        ended.next();
    }
    common
}
