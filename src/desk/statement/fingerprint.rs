//! What is compared of a text: its informative characters, their 3-grams, and the 16 smallest hashed
//! 6-grams as anchors. Names of the unit and matched keywords are masked, since every post that is looked
//! at holds them (SEMANTICS 11).

use std::collections::BTreeSet;

use crate::text::fold;

/// Anchors kept of a text.
const ANCHORS: usize = 16;
/// Equal texts join only with at least so many informative characters.
const INFORMATIVE: usize = 12;
/// Share of the smaller text's 3-grams that must stand in the other.
pub(super) const CONTAINED: f64 = 0.6;
/// Stands for masked words and for what separates sentences' characters; no gram crosses it.
const MASK: char = '\u{0}';

/// A text as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Folded text, for the guards.
    pub folded: String,
    /// Hash of all informative characters.
    pub whole: u64,
    /// Number of informative characters.
    pub informative: usize,
    /// Sorted hashed 3-grams.
    pub grams: Vec<u64>,
    /// The smallest hashed 6-grams, sorted.
    pub anchors: Vec<u64>,
    /// Figures that stand in it.
    pub numbers: BTreeSet<String>,
    /// Places and institutions that it names.
    pub places: Vec<String>,
}

impl Fingerprint {
    /// Takes the fingerprint of `text`, masking each of `masks` (names of the unit, matched words).
    #[must_use]
    pub fn of<'a>(text: &str, masks: impl IntoIterator<Item = &'a str>) -> Self {
        let folded = fold(&without_boilerplate(text)).text;
        let mut masked = folded.clone();
        let mut masks: Vec<String> =
            masks.into_iter().map(|m| fold(m).text).filter(|m| !m.is_empty()).collect();
        masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
        masks.dedup();
        for mask in &masks {
            masked = masked.replace(mask.as_str(), "\u{0}");
        }
        let chars: Vec<char> = masked.chars().filter(|&c| c == MASK || c.is_alphanumeric()).collect();
        let informative = chars.iter().filter(|&&c| c != MASK).count();
        let mut grams = hashed_grams(&chars, 3);
        grams.sort_unstable();
        grams.dedup();
        let mut anchors = hashed_grams(&chars, 6);
        anchors.sort_unstable();
        anchors.dedup();
        anchors.truncate(ANCHORS);
        let whole = hash(chars.iter().copied().filter(|&c| c != MASK));
        let (numbers, places) = (super::guards::numbers(&folded), super::guards::places(&folded));
        Self { folded, whole, informative, grams, anchors, numbers, places }
    }

    /// Whether there is enough text to be compared at all.
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        self.informative >= INFORMATIVE
    }

    /// How much of the smaller text stands in the other, from 0 to 1; 1 for equal texts. 0 when either has
    /// too little text.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        if !self.is_comparable() || !other.is_comparable() {
            return 0.0;
        }
        if self.whole == other.whole {
            return 1.0;
        }
        let smaller = self.grams.len().min(other.grams.len());
        if smaller == 0 {
            return 0.0;
        }
        let shared = shared(&self.grams, &other.grams);
        #[expect(clippy::cast_precision_loss, reason = "numbers of grams are far below 2^52")]
        let likeness = shared as f64 / smaller as f64;
        likeness
    }
}

/// Number of hashes that two sorted lists share.
pub(super) fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut count = 0;
    while let (Some(&&x), Some(&&y)) = (a.peek(), b.peek()) {
        if x <= y {
            a.next();
        }
        if y <= x {
            b.next();
        }
        count += usize::from(x == y);
    }
    count
}

/// Cuts what sites add to every post: links, `@name` (which is also nobody's business here) and the set
/// phrases of reposting.
fn without_boilerplate(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace()) {
        match ["http://", "https://"].iter().filter_map(|scheme| word.find(scheme)).min() {
            Some(at) => {
                let (before, link) = word.split_at(at);
                let after = link.find(|c: char| !c.is_ascii()).map_or("", |end| link.split_at(end).1);
                out.push_str(before);
                out.push(' ');
                out.push_str(after);
            }
            None => out.push_str(word),
        }
    }
    for phrase in ["转发微博", "轉發微博", "网页链接", "展开全文", "来自新浪微博"] {
        if out.contains(phrase) {
            out = out.replace(phrase, " ");
        }
    }
    out
}

fn hashed_grams(chars: &[char], size: usize) -> Vec<u64> {
    chars.windows(size).filter(|gram| !gram.contains(&MASK)).map(|gram| hash(gram.iter().copied())).collect()
}

/// FNV-1a over scalars with a final mix: fixed for all time, since anchors order by it.
fn hash(chars: impl Iterator<Item = char>) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for c in chars {
        h = (h ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3);
    }
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}
