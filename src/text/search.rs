//! Text as a search sees it: folded, in runs of letters and digits; a word that is searched for is found where
//! one run holds it. Between runs (spaces, punctuation, line ends) nothing is found.
//!
//! For an index the runs are cut into pairs of neighbouring characters (`急诊排` is `急诊`, `诊排` and, for its end,
//! `排`): Chinese has no spaces between words, and pairs find words of two characters, which longer cuts do not.
//! Each character is written as four ASCII letters, so that no tokenizer has an opinion on it.

use std::collections::BTreeSet;

use super::fold;

/// Characters of one text, folded, that a search looks at.
pub const SEARCHED: usize = 4_000;
/// Words of one search at most, and characters of one of them.
const MOST_WORDS: usize = 8;
const LONGEST_WORD: usize = 40;

/// Raised when the pairs of a text come out otherwise (folding, cutting, writing): an index that was made under another
/// number is made anew.
pub const PAIRS: u32 = 1;

/// The runs of a text.
#[must_use]
pub fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut open = false;
    for c in fold(text).text.chars().take(SEARCHED) {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        match runs.last_mut().filter(|_| open) {
            Some(run) => run.push(c),
            None => runs.push(c.to_string()),
        }
        open = true;
    }
    runs
}

/// What a person searches for: each word must be found. None when nothing was written that can be looked for.
#[must_use]
pub fn searched_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for run in runs(text) {
        let word: String = run.chars().take(LONGEST_WORD).collect();
        if !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    words
}

/// The pairs of runs as an index takes them, each a token, with a blank between.
#[must_use]
pub fn pairs<'a>(runs: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for run in runs {
        let mut chars = run.chars().peekable();
        while let Some(c) = chars.next() {
            if !out.is_empty() {
                out.push(' ');
            }
            write(&mut out, c);
            if let Some(next) = chars.peek() {
                write(&mut out, *next);
            }
        }
    }
    out
}

/// The tokens that stand one after the other where a word of [`searched_words`] is found; for a word of one character
/// the beginning of the token.
#[must_use]
pub fn tokens_of(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let token = |part: &[char]| {
        let mut token = String::new();
        part.iter().for_each(|c| write(&mut token, *c));
        token
    };
    if let [one] = chars.as_slice() {
        return vec![token(&[*one])];
    }
    chars.windows(2).map(token).collect()
}

fn write(out: &mut String, c: char) {
    const LETTERS: [char; 32] = [
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't',
        'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
    ];
    let number = u32::from(c);
    for shift in [15, 10, 5, 0] {
        let at = usize::try_from((number >> shift) & 31).unwrap_or(0);
        out.extend(LETTERS.get(at));
    }
}

/// How alike two short texts are: the share of the shorter one's pairs that the other has, 0 to 100.
#[must_use]
pub fn alike(a: &str, b: &str) -> usize {
    let of = |text: &str| -> BTreeSet<(char, char)> {
        let runs = runs(text);
        runs.iter().flat_map(|run| run.chars().zip(run.chars().skip(1))).collect()
    };
    let (a, b) = (of(a), of(b));
    a.intersection(&b).count() * 100 / a.len().min(b.len()).max(1)
}
