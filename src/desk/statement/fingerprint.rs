//! What is compared of a text: its informative characters with figures read as values, their 3-grams, and their
//! 5-grams as anchors. Names of the unit and matched keywords are masked, since every post that is looked at holds
//! them; what sites add is cut (SEMANTICS 11).

use std::{borrow::Cow, cell::OnceCell};

use super::{
    figure::{Figure, percent_in_words},
    refutation,
    strip::{QUOTE, is_cut, strip},
};
use crate::text::fold;

/// Equal texts join only with at least so many informative characters.
pub(super) const INFORMATIVE: usize = 12;
/// Of a longer text the beginning is compared: a core stays bounded.
const LONGEST: usize = 8_000;
/// Stands for masked words; no gram crosses it.
pub(super) const MASK: u32 = 0;
/// Tokens from here on are figures.
const FIGURES: u32 = 0x8000_0000;
/// Length of an anchor, in tokens.
const ANCHOR: usize = 5;
/// Up to so many tokens every anchor of a core is indexed.
const SHORT: usize = 48;
/// Of longer cores the smallest anchor of each so many neighbours is indexed: whatever shares `WINDOW + ANCHOR - 1`
/// tokens in a row with it is found.
const WINDOW: usize = 5;

/// A text as it is compared: 8 bytes a character and some hundred bytes besides, whatever the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Number of informative characters.
    pub informative: usize,
    /// Hash of all informative characters.
    pub(super) whole: u64,
    /// Characters, figures and masks in their order.
    pub(super) tokens: Box<[u32]>,
    /// Sorted hashed 3-grams.
    pub(super) grams: Box<[u32]>,
    /// Figures by the place of their tokens.
    pub(super) figures: Box<[(u32, Figure)]>,
    /// Tokens at which somebody else's words may begin.
    pub(super) quotes: Box<[u32]>,
    /// The word by which it refutes something.
    pub(super) refutation: Option<&'static str>,
}

/// Whether a character tells anything: nearly all are Han, for which no table need be asked.
fn tells(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}') || c.is_alphanumeric()
}

/// Whether a character is read at all: white space and pictures are strewn in, even between the digits of a number.
fn is_read(c: char) -> bool {
    tells(c)
        || (c.is_ascii() && !c.is_ascii_whitespace())
        || matches!(c, '\u{2010}'..='\u{203A}' | '\u{3001}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}')
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

    fn put_on<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        let mut masked = text;
        for mask in &self.0 {
            if masked.contains(mask.as_str()) {
                masked = masked.replace(mask.as_str(), "\u{0}").into();
            }
        }
        masked
    }
}

/// A text on its way to a fingerprint: what the first sieve needs.
pub(super) struct Prepared<'t> {
    stripped: Cow<'t, str>,
    pub(super) tokens: Vec<u32>,
    figures: Vec<(u32, Figure)>,
    quotes: Vec<u32>,
    pub(super) informative: usize,
    /// Characters of the last figure.
    last_length: Option<usize>,
}

impl<'t> Prepared<'t> {
    /// Takes a folded text.
    pub(super) fn of(folded: &'t str, masks: &Masks) -> Self {
        let stripped = strip(folded).text;
        let chars: Vec<char> =
            masks.put_on(Cow::Borrowed(&stripped)).chars().filter(|&c| is_read(c)).collect();
        let mut prepared = Self {
            stripped,
            tokens: Vec::with_capacity(chars.len()),
            figures: Vec::new(),
            quotes: Vec::new(),
            informative: 0,
            last_length: None,
        };
        prepared.read(&chars);
        if prepared.tokens.last().is_some_and(|&token| is_figure(token)) && is_cut(folded) {
            prepared.drop_last_figure();
        }
        prepared
    }

    fn read(&mut self, chars: &[char]) {
        let mut at = 0;
        let mut last = None;
        while let Some(&c) = chars.get(at) {
            if self.tokens.len() >= LONGEST {
                break;
            }
            at += match figure_at(chars, at, c, last) {
                Some((figure, length)) => {
                    self.push_figure(figure, length);
                    length
                }
                None => {
                    self.push(c);
                    1
                }
            };
            last = chars.get(at - 1).copied();
        }
    }

    /// Of a text that was cut off in a figure nobody knows how it goes on.
    fn drop_last_figure(&mut self) {
        if let Some((_, length)) = self.figures.pop().zip(self.last_length) {
            self.tokens.pop();
            self.informative -= length;
        }
    }

    fn place(&self) -> u32 {
        u32::try_from(self.tokens.len()).unwrap_or(u32::MAX)
    }

    fn push_figure(&mut self, figure: Figure, length: usize) {
        self.figures.push((self.place(), figure));
        let mixed = mix(figure.gist().wrapping_mul(8).wrapping_add(figure.kind as u64));
        self.tokens.push(FIGURES | low(mixed));
        self.informative += length;
        self.last_length = Some(length);
    }

    fn push(&mut self, c: char) {
        match c {
            '\u{0}' if self.tokens.last() != Some(&MASK) => self.tokens.push(MASK),
            '“' | '"' | '「' | '『' | '>' | ':' | QUOTE => self.quotes.push(self.place()),
            _ if tells(c) => {
                self.tokens.push(u32::from(c));
                self.informative += 1;
            }
            _ => {}
        }
    }

    /// Whether there is enough text to be compared at all.
    pub(super) const fn is_comparable(&self) -> bool {
        self.informative >= INFORMATIVE
    }

    /// Hash of all informative characters.
    pub(super) fn whole(&self) -> u64 {
        self.tokens
            .iter()
            .filter(|&&token| token != MASK)
            .fold(0xcbf2_9ce4_8422_2325, |h: u64, &token| mix(h ^ u64::from(token)))
    }

    pub(super) fn grams(&self) -> Vec<u32> {
        sorted_grams(&self.tokens)
    }

    /// Takes the rest, with the grams that were taken before.
    pub(super) fn fingerprint(mut self, grams: Vec<u32>) -> Fingerprint {
        self.quotes.dedup();
        Fingerprint {
            informative: self.informative,
            whole: self.whole(),
            grams: grams.into(),
            refutation: refutation::word(&self.stripped),
            tokens: self.tokens.into(),
            figures: self.figures.into(),
            quotes: self.quotes.into(),
        }
    }
}

fn figure_at(chars: &[char], at: usize, c: char, last: Option<char>) -> Option<(Figure, usize)> {
    let rest = chars.get(at..)?;
    match c {
        '0'..='9'
        | '〇'
        | '零'
        | '一'
        | '二'
        | '两'
        | '三'
        | '四'
        | '五'
        | '六'
        | '七'
        | '八'
        | '九'
        | '十' => Figure::at(rest, last),
        '百' => percent_in_words(rest),
        _ => None,
    }
}

impl Fingerprint {
    /// Takes the fingerprint of `text`, masking each of `masks` (names of the unit, matched words).
    #[must_use]
    pub fn of<'a>(text: &str, masks: impl IntoIterator<Item = &'a str>) -> Self {
        Self::masked(&fold(text).text, &Masks::of(masks))
    }

    /// The same of a text and of words that were folded before.
    #[must_use]
    pub fn masked(folded: &str, masks: &Masks) -> Self {
        let prepared = Prepared::of(folded, masks);
        let grams = prepared.grams();
        prepared.fingerprint(grams)
    }

    /// Whether there is enough text to be compared at all.
    #[must_use]
    pub const fn is_comparable(&self) -> bool {
        self.informative >= INFORMATIVE
    }

    /// How much of the smaller text stands in the other, from 0 to 1; 1 for equal texts. 0 when either has
    /// too little text.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        self.likeness_by(other, shared(&self.grams, &other.grams))
    }

    /// The same by the number of shared 3-grams.
    pub(super) fn likeness_by(&self, other: &Self, common: usize) -> f64 {
        if !self.is_comparable() || !other.is_comparable() {
            return 0.0;
        }
        if self.whole == other.whole {
            return 1.0;
        }
        let smaller = self.grams.len().min(other.grams.len());
        if smaller == 0 { 0.0 } else { share(common, smaller) }
    }

    /// Bytes that it takes, its boxes included.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.tokens)
            + size_of_val(&*self.grams)
            + size_of_val(&*self.figures)
            + size_of_val(&*self.quotes)
    }

    /// The figure whose token stands at a place.
    pub(super) fn figure(&self, place: usize) -> Option<Figure> {
        let place = u32::try_from(place).ok()?;
        let at = self.figures.binary_search_by_key(&place, |(at, _)| *at).ok()?;
        self.figures.get(at).map(|(_, figure)| *figure)
    }

    /// The tokens as text.
    pub(super) fn words(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to.min(self.tokens.len())).unwrap_or_default();
        tokens
            .iter()
            .enumerate()
            .map(|(i, &token)| match (is_figure(token), self.figure(from + i)) {
                (true, Some(figure)) => figure.said(),
                _ => char::from_u32(token).filter(|&c| c != '\u{0}').map_or_else(String::new, String::from),
            })
            .collect()
    }
}

/// `part / whole`.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "numbers of grams are far below 2^52")]
    let share = part as f64 / whole.max(1) as f64;
    share
}

/// Whether a token is a figure.
pub(super) const fn is_figure(token: u32) -> bool {
    token >= FIGURES
}

/// Sorted hashed 3-grams, each once.
pub(super) fn sorted_grams(tokens: &[u32]) -> Vec<u32> {
    let mut grams: Vec<u32> = hashed(tokens, 3).map(|(_, gram)| gram).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// Anchors by which a text looks for cores: all of its 5-grams, each once, sorted.
pub(super) fn sought(tokens: &[u32]) -> Vec<u32> {
    let mut anchors: Vec<u32> = hashed(tokens, ANCHOR).map(|(_, gram)| gram).collect();
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

/// Anchors by which a core is found, each once, sorted: all of a short one, the smallest of each window of a long one.
pub(super) fn anchors(tokens: &[u32]) -> Vec<u32> {
    if tokens.len() <= SHORT {
        return sought(tokens);
    }
    let mut kept = windows_of(&hashed(tokens, ANCHOR).collect::<Vec<_>>());
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The smallest anchor of each window, as they come.
fn windows_of(anchors: &[(usize, u32)]) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::with_capacity(anchors.len() / 2);
    // A mask ends a run: windows lie within runs, and a run shorter than a window is one.
    for run in anchors.chunk_by(|a, b| a.0 + 1 == b.0) {
        let windows = run.windows(WINDOW.min(run.len()));
        for smallest in windows.filter_map(|window| window.iter().map(|(_, gram)| *gram).min()) {
            if kept.last() != Some(&smallest) {
                kept.push(smallest);
            }
        }
    }
    kept
}

/// Anchors by which a text looks for cores, as they come.
pub(super) struct Sought {
    /// With the places of their tokens.
    anchors: Vec<(usize, u32)>,
    is_short: bool,
    own: OnceCell<Vec<u32>>,
}

impl Sought {
    pub(super) fn of(tokens: &[u32]) -> Self {
        let anchors = hashed(tokens, ANCHOR).collect();
        Self { anchors, is_short: tokens.len() <= SHORT, own: OnceCell::new() }
    }

    /// How many, one that stands there twice counted twice.
    pub(super) const fn len(&self) -> usize {
        self.anchors.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.anchors.iter().map(|(_, anchor)| *anchor)
    }

    /// Whether a core of this text would be found by one of its anchors.
    pub(super) fn is_own(&self, anchor: u32) -> bool {
        self.is_short || self.own.get_or_init(|| windows_of(&self.anchors)).contains(&anchor)
    }
}

/// Number of hashes that two sorted lists share.
pub(super) fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut a, mut b) = (a.iter(), b.iter());
    let (mut x, mut y) = (a.next(), b.next());
    let mut count = 0;
    while let (Some(left), Some(right)) = (x, y) {
        count += usize::from(left == right);
        let (next_left, next_right) = (left <= right, right <= left);
        if next_left {
            x = a.next();
        }
        if next_right {
            y = b.next();
        }
    }
    count
}

/// Hashed runs of `size` tokens without a mask, with their places.
pub(super) fn hashed(tokens: &[u32], size: usize) -> impl Iterator<Item = (usize, u32)> {
    tokens.windows(size).enumerate().filter(|(_, gram)| !gram.contains(&MASK)).map(|(at, gram)| {
        let h = gram.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, &token| {
            (h ^ u64::from(token)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        });
        (at, low(mix(h)))
    })
}

const fn mix(mut h: u64) -> u64 {
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}

fn low(h: u64) -> u32 {
    u32::try_from(h & 0x7fff_ffff).unwrap_or_default()
}
