//! Folding: what looks alike to a reader becomes equal, and every folded character knows where in the
//! original it stands (SEMANTICS 27).
//!
//! NFKC, case folding, traditional → simplified; zero-width characters, variation selectors and the
//! other default-ignorable characters are removed. Nearly all characters of Chinese posts fold one to
//! one and alone, so one table answers for the whole Basic Multilingual Plane; the few that expand,
//! compose or reorder go a slow and exact way.

use super::classes::{Class, classes, fold_segment};

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
    let classes = classes();
    let mut chars = text.chars().map(|c| (c, classes.of(c)));
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
            Class::Spelled(spelled) if !matches!(next, Some((_, Class::Joining))) => {
                spelled.iter().for_each(|to| out.push(*to, Origin { start: at, end: at + 1 }));
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
