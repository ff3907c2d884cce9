//! The one home of the decision whether two texts are one statement (SEMANTICS 11).

use super::{
    Difference, Fingerprint, contradiction,
    fingerprint::{CONTAINED, shared},
    refutes,
};

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// One statement.
    Same,
    /// The first text refutes the second: shown with it, adds no heat.
    Reaction,
    /// They look alike, and something tells them apart: see [`Comparison::difference`].
    Contradicts,
    /// Too little of one stands in the other.
    Unlike,
    /// One of them has too little text of its own to say.
    TooShort,
}

/// How two texts compare, and what decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Share of the smaller text's 3-grams that stand in the other, 0 to 1; 1 for equal texts.
    pub likeness: f64,
    /// Anchors that they share; the index looks only at texts that share some.
    pub shared_anchors: usize,
    /// Informative characters of the first and of the second text.
    pub informative: (usize, usize),
    /// What keeps them apart, if they look alike.
    pub difference: Option<Difference>,
    /// Whether the first text refutes the second.
    pub refutes: bool,
    /// What it comes to.
    pub verdict: Verdict,
}

/// Compares a text with the core of a statement: what [`Index::find`](super::Index::find) decides by.
#[must_use]
pub fn compare(text: &Fingerprint, core: &Fingerprint) -> Comparison {
    let likeness = text.likeness(core);
    let refutes = refutes(text, core);
    let is_alike = likeness >= CONTAINED;
    let difference = (is_alike && !refutes).then(|| contradiction(text, core)).flatten();
    let verdict = match () {
        () if !text.is_comparable() || !core.is_comparable() => Verdict::TooShort,
        () if !is_alike => Verdict::Unlike,
        () if refutes => Verdict::Reaction,
        () if difference.is_some() => Verdict::Contradicts,
        () => Verdict::Same,
    };
    Comparison {
        likeness,
        shared_anchors: shared(&text.anchors, &core.anchors),
        informative: (text.informative, core.informative),
        difference,
        refutes,
        verdict,
    }
}

impl Comparison {
    /// Whether the text belongs to the statement, as a copy or as a reaction.
    #[must_use]
    pub const fn joins(&self) -> bool {
        matches!(self.verdict, Verdict::Same | Verdict::Reaction)
    }
}
