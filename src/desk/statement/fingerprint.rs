//! What is compared of a text: its informative characters, their 3-grams, and the 16 smallest hashed
//! 6-grams as anchors. Names of the unit and matched keywords are masked, since every post that is looked
//! at holds them (SEMANTICS 11).

use std::{borrow::Cow, collections::BTreeSet};

use crate::text::fold;

/// Anchors kept of a text.
const ANCHORS: usize = 16;
/// Equal texts join only with at least so many informative characters.
pub(super) const INFORMATIVE: usize = 12;
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

/// As much of a fingerprint as tells whether a text may be a copy of another: the first sieve, which every
/// post that met no rule goes through, mostly needs no more.
pub(super) struct Sketch {
    pub(super) whole: u64,
    pub(super) informative: usize,
    pub(super) anchors: Vec<u64>,
}

/// Whether a character tells anything: nearly all are Han, for which no table need be asked.
fn tells(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}') || c.is_alphanumeric()
}

/// Words that are masked before texts are compared, folded, the longest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masks(Vec<String>);

impl Masks {
    /// Folds the words; empty ones mask nothing.
    #[must_use]
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut masks: Vec<String> =
            words.into_iter().map(|word| fold(word).text).filter(|mask| !mask.is_empty()).collect();
        masks.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        masks.dedup();
        Self(masks)
    }

    /// The informative characters of a folded text, with [`MASK`] where a word was masked.
    fn informative(&self, folded: &str) -> Vec<char> {
        let mut masked = Cow::Borrowed(folded);
        for mask in &self.0 {
            if masked.contains(mask.as_str()) {
                masked = masked.replace(mask.as_str(), "\u{0}").into();
            }
        }
        masked.chars().filter(|&c| c == MASK || tells(c)).collect()
    }
}

/// A text on its way to a fingerprint.
pub(super) struct Prepared<'t> {
    folded: Cow<'t, str>,
    /// Informative characters, with [`MASK`] where a word was masked.
    chars: Vec<char>,
}

impl<'t> Prepared<'t> {
    /// Takes a folded text.
    pub(super) fn of(folded: &'t str, masks: &Masks) -> Self {
        let folded = without_boilerplate(folded);
        let chars = masks.informative(&folded);
        Self { folded, chars }
    }

    pub(super) fn sketch(&self) -> Sketch {
        let chars = &self.chars;
        let informative = chars.iter().filter(|&&c| c != MASK).count();
        let whole = hash(chars.iter().copied().filter(|&c| c != MASK));
        Sketch { whole, informative, anchors: smallest(grams(chars, 6)) }
    }

    /// Sorted hashed 3-grams, each once.
    pub(super) fn grams(&self) -> Vec<u64> {
        let mut grams: Vec<u64> = grams(&self.chars, 3).collect();
        grams.sort_unstable();
        grams.dedup();
        grams
    }

    pub(super) fn fingerprint(self) -> Fingerprint {
        let Sketch { whole, informative, anchors } = self.sketch();
        let grams = self.grams();
        let folded = self.folded.into_owned();
        let (numbers, places) = (super::guards::numbers(&folded), super::guards::places(&folded));
        Fingerprint { folded, whole, informative, grams, anchors, numbers, places }
    }
}

impl Sketch {
    /// Whether there is enough text to be compared at all.
    pub(super) const fn is_comparable(&self) -> bool {
        self.informative >= INFORMATIVE
    }
}

/// The smallest different hashes, sorted.
fn smallest(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut kept: Vec<u64> = Vec::with_capacity(ANCHORS + 1);
    for hash in hashes {
        if kept.len() == ANCHORS && kept.last().is_some_and(|largest| hash >= *largest) {
            continue;
        }
        if let Err(at) = kept.binary_search(&hash) {
            kept.insert(at, hash);
            kept.truncate(ANCHORS);
        }
    }
    kept
}

impl Fingerprint {
    /// Takes the fingerprint of `text`, masking each of `masks` (names of the unit, matched words).
    #[must_use]
    pub fn of<'a>(text: &str, masks: impl IntoIterator<Item = &'a str>) -> Self {
        Self::masked(&fold(text).text, &Masks::of(masks))
    }

    /// The same of a text and of words that were folded before.
    fn masked(folded: &str, masks: &Masks) -> Self {
        Prepared::of(folded, masks).fingerprint()
    }

    pub(super) fn sketch(&self) -> Sketch {
        Sketch { whole: self.whole, informative: self.informative, anchors: self.anchors.clone() }
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

/// Whether one of two sorted lists of grams holds as much of the other, the smaller, as makes texts alike. Gives up
/// as soon as too much is missing.
pub(super) fn is_contained(a: &[u64], b: &[u64]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    #[expect(clippy::cast_precision_loss, reason = "numbers of grams are far below 2^52")]
    let is_enough = |shared: usize| shared as f64 / few.len() as f64 >= CONTAINED;
    if few.is_empty() {
        return false;
    }
    // How many may be missing.
    let mut spare = few.len() / 2;
    while !is_enough(few.len() - spare) {
        spare -= 1;
    }
    let mut rest = many.iter();
    let mut next = rest.next();
    for gram in few {
        while next.is_some_and(|other| other < gram) {
            next = rest.next();
        }
        if next != Some(gram) {
            let Some(left) = spare.checked_sub(1) else { return false };
            spare = left;
        }
    }
    true
}

/// Cuts from a folded text what sites add to every post: links and the set phrases of reposting.
fn without_boilerplate(folded: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(folded);
    if out.contains("http") {
        out = without_links(folded).into();
    }
    for phrase in PHRASES {
        if out.contains(phrase) {
            out = out.replace(phrase, " ").into();
        }
    }
    out
}

/// What the sites' own programs put into posts, as it stands after folding.
const PHRASES: [&str; 4] = ["转发微博", "网页链接", "展开全文", "来自新浪微博"];

/// A link goes on to the next white space or to the first character beyond ASCII.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
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
    out
}

fn grams(chars: &[char], size: usize) -> impl Iterator<Item = u64> {
    chars.windows(size).filter(|gram| !gram.contains(&MASK)).map(|gram| hash(gram.iter().copied()))
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
