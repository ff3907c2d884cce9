//! Folding.

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
    /// Origin of each character of `text`, in order.
    pub origins: Vec<Origin>,
}

/// Folds a text for matching and comparing (SEMANTICS 27).
#[must_use]
pub fn fold(text: &str) -> Folded {
    let mut out = Folded::default();
    for (at, c) in (0u32..).zip(text.chars()) {
        out.text.push(c);
        out.origins.push(Origin { start: at, end: at + 1 });
    }
    out
}
