//! The one home of the decision whether two texts are one statement (SEMANTICS 11).

use super::{
    Difference, Fingerprint,
    align::{Alignment, Block},
    fingerprint::{anchors, share, shared, sought},
    guards,
    sieve::Sieve,
};

/// Share of the smaller text's 3-grams that must stand in the other.
pub(super) const CONTAINED: f64 = 0.6;
/// Below this share no short text is looked at more closely.
const WORTH_A_LOOK: f64 = 0.3;
/// Share of the core's 3-grams that a quotation must hold.
const QUOTED: f64 = 0.38;
/// Shortest quotation, in tokens; of one without any mark.
const QUOTATION: usize = 12;
const UNMARKED: usize = 16;
/// Texts up to this length lose many 3-grams by few edits, and are compared by characters too.
const SHORT: usize = 40;
/// Share of the shorter text's characters that must stand in the other in the same order, then.
const SHORT_ALIGNED: f64 = 0.78;
/// A text up to this length that stands somewhere in a much longer one may be a saying.
const SAYING: usize = 40;
/// How much longer that is.
const MUCH_LONGER: usize = 5;
/// Where the beginning of such a text ends: its headline or first sentence.
const HEAD: usize = 30;
/// Own text at both ends of both texts, as a share of what they have in common, that makes strangers who quote the
/// same words.
const STRANGERS: f64 = 0.3;

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
    /// Anchors of the second text that the first one holds; the index looks only at texts that share some.
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
    Comparison { shared_anchors: shared(&sought(&text.tokens), &anchors(&core.tokens)), ..decide(text, core) }
}

/// The same without the number of anchors, which a caller that came by them knows.
pub(super) fn decide(text: &Fingerprint, core: &Fingerprint) -> Comparison {
    decide_with(text, core, shared(&text.grams, &core.grams))
}

/// The same by the number of shared 3-grams.
pub(super) fn decide_with(text: &Fingerprint, core: &Fingerprint, common: usize) -> Comparison {
    let likeness = text.likeness_by(core, common);
    let refutes = refutes(text, core);
    let (verdict, difference) = verdict(text, core, (likeness, common), refutes);
    Comparison {
        likeness,
        shared_anchors: 0,
        informative: (text.informative, core.informative),
        difference,
        refutes,
        verdict,
    }
}

/// Why two texts that look alike are not the same statement; `None` when nothing speaks against it.
#[must_use]
pub fn contradiction(text: &Fingerprint, core: &Fingerprint) -> Option<Difference> {
    decide(text, core).difference
}

/// Whether `text` is a refutation of the statement of `core`: it says so, and the statement itself does not.
#[must_use]
pub const fn refutes(text: &Fingerprint, core: &Fingerprint) -> bool {
    text.refutation.is_some() && core.refutation.is_none()
}

fn verdict(
    text: &Fingerprint,
    core: &Fingerprint,
    (likeness, common): (f64, usize),
    refutes: bool,
) -> (Verdict, Option<Difference>) {
    if !text.is_comparable() || !core.is_comparable() {
        return (Verdict::TooShort, None);
    }
    if text.whole == core.whole {
        return match guards::years_of_equals(text, core) {
            Some(difference) => (Verdict::Contradicts, Some(difference)),
            None => (Verdict::Same, None),
        };
    }
    if !is_worth_a_look(common, text.grams.len(), core.grams.len()) {
        return (Verdict::Unlike, None);
    }
    let aligned = Alignment::of(&text.tokens, &core.tokens);
    if !is_alike(text, core, likeness, refutes, &aligned) {
        return (Verdict::Unlike, None);
    }
    if refutes {
        return (Verdict::Reaction, None);
    }
    if let Some(word) = core.refutation.filter(|_| text.refutation.is_none() && !is_excerpt(&aligned)) {
        return (Verdict::Contradicts, Some(Difference::Refuted { word: word.to_owned() }));
    }
    match guards::difference(text, core, &aligned) {
        Some(difference) => (Verdict::Contradicts, Some(difference)),
        None => (Verdict::Same, None),
    }
}

/// How many 3-grams a text shares with a core, if that is worth a comparison: never none where [`decide`] says yes.
/// `sieve` holds the text's grams, and tells quickly that there are too few.
pub(super) fn common_with(whole: u64, grams: &[u32], sieve: &Sieve, core: &Fingerprint) -> Option<usize> {
    let is_worth = |common| whole == core.whole || is_worth_a_look(common, grams.len(), core.grams.len());
    let most = core.grams.iter().filter(|&&gram| sieve.may_have(gram)).count();
    is_worth(most).then(|| shared(grams, &core.grams)).filter(|&common| is_worth(common))
}

/// Enough is shared for a copy, for a quotation, or for a short text after an edit.
fn is_worth_a_look(common: usize, of_text: usize, of_core: usize) -> bool {
    let smaller = of_text.min(of_core);
    let likeness = share(common, smaller);
    likeness >= CONTAINED
        || share(common, of_core) >= QUOTED
        || (smaller <= SHORT && likeness >= WORTH_A_LOOK)
}

/// Whether a text begins as the other does, and goes no further: an excerpt of a refutation is none of the rumour.
fn is_excerpt(aligned: &Alignment) -> bool {
    aligned.chain.first().is_some_and(|first| first.b == 0 && first.a <= 2)
}

fn is_alike(
    text: &Fingerprint,
    core: &Fingerprint,
    likeness: f64,
    refutes: bool,
    aligned: &Alignment,
) -> bool {
    let (shorter, longer) = if text.tokens.len() <= core.tokens.len() { (text, core) } else { (core, text) };
    let is_contained = likeness >= CONTAINED
        && share(aligned.matched, shorter.tokens.len()) >= 0.5
        && (shorter.informative > SHORT || share(aligned.in_order, shorter.tokens.len()) >= 0.55)
        && !is_saying(shorter, longer, aligned, text.tokens.len() <= core.tokens.len())
        && !are_strangers(aligned);
    let is_edited = || {
        shorter.informative <= SHORT
            && longer.informative * 2 <= shorter.informative * 3
            && share(aligned.matched, shorter.tokens.len()) >= SHORT_ALIGNED
    };
    is_contained || is_edited() || is_quotation(text, core, refutes, aligned)
}

/// A few words that stand somewhere in a long text are a saying, not its subject; unless they begin it or are quoted.
fn is_saying(
    shorter: &Fingerprint,
    longer: &Fingerprint,
    aligned: &Alignment,
    first_is_shorter: bool,
) -> bool {
    if shorter.informative >= SAYING || longer.informative < shorter.informative * MUCH_LONGER {
        return false;
    }
    let place = |block: &Block| if first_is_shorter { block.b } else { block.a };
    aligned.chain.first().is_none_or(|first| place(first) > HEAD && !is_marked(longer, place(first)))
}

/// Whether somebody else's words begin about here.
fn is_marked(print: &Fingerprint, place: usize) -> bool {
    print.quotes.iter().any(|&quote| usize::try_from(quote).is_ok_and(|quote| quote.abs_diff(place) <= 2))
}

/// Whether both texts have so much of their own at the same end that what they share is quoted by both.
fn are_strangers(aligned: &Alignment) -> bool {
    let own: usize = aligned.gaps.iter().filter(|gap| gap.edge).map(|gap| gap.a.len().min(gap.b.len())).sum();
    share(own, aligned.matched) > STRANGERS
}

/// Whether a text quotes a good part of the core at one stretch.
fn is_quotation(text: &Fingerprint, core: &Fingerprint, refutes: bool, aligned: &Alignment) -> bool {
    let Some(stretch) = aligned.longest_stretch() else { return false };
    if stretch.length < QUOTATION || share(stretch.length, core.tokens.len()) < QUOTED {
        return false;
    }
    let begins_core = stretch.b <= 2 && stretch.a > 2;
    refutes
        || (is_marked(text, stretch.a) && !is_marked(core, stretch.b))
        || (begins_core && stretch.length >= UNMARKED)
}

impl Comparison {
    /// Whether the text belongs to the statement, as a copy or as a reaction.
    #[must_use]
    pub const fn joins(&self) -> bool {
        matches!(self.verdict, Verdict::Same | Verdict::Reaction)
    }
}
