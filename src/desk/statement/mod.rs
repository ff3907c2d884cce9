//! The same statement (同一言论) over sites (SEMANTICS 11).
//!
//! Hard evidence (a repost, a quote, a link) is looked for by the unit's desk itself. What is here is the
//! soft part: a [`Fingerprint`] of a text with the unit's names and the matched words masked, an
//! [`Index`] that finds candidates by shared anchors, exact containment to confirm them, and guards that
//! keep apart texts that only look alike (other numbers, other places, a negation) and recognise a
//! refutation that quotes the rumour.

mod align;
mod compare;
mod cores;
mod difference;
mod explain;
mod figure;
mod fingerprint;
mod fuller;
mod guards;
mod index;
mod lexicon;
mod passage;
mod places;
mod postings;
mod refutation;
mod sample;
mod sieve;
mod strip;
mod tally;
mod ties;

pub use compare::{Comparison, Verdict, compare, contradiction, refutes};
pub use cores::Cores;
pub use difference::Difference;
pub use explain::{
    Compared, Explanation, Guard, GuardKind, LEAST_INFORMATIVE, LEAST_LIKENESS, MASKED, explain,
};
pub use fingerprint::{Fingerprint, Masks};
pub use fuller::{is_fuller, is_longer};
pub use index::{Index, Match};
pub use passage::{are_opposed, same_passage};
pub use ties::{Tie, TieKind, ties};
