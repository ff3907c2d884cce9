//! The shipped lists of words that stand on hacked pages, and the domains whose scripts are common on
//! public sites. Data, one a line; an office chooses lists by name and adds words of its own.

const WORDS: &str = include_str!("../../../config/watch/words.txt");
const TRUSTED: &str = include_str!("../../../config/watch/trusted-scripts.txt");

/// A word that must not stand on the unit's own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BannedWord {
    /// The word as written.
    pub word: String,
    /// Name of its list; `None` is the office's own word, which is told wherever it stands.
    pub list: Option<String>,
}

/// Names of the shipped lists, in their order.
#[must_use]
pub fn list_names() -> Vec<&'static str> {
    lines(WORDS).filter_map(heading).collect()
}

/// The words of the shipped lists of these names.
#[must_use]
pub fn shipped_words(names: &[String]) -> Vec<BannedWord> {
    let mut list = "";
    let mut words = Vec::new();
    for line in lines(WORDS) {
        if let Some(name) = heading(line) {
            list = name;
        } else if names.iter().any(|name| name == list) {
            words.push(BannedWord { word: line.to_owned(), list: Some(list.to_owned()) });
        }
    }
    words
}

/// Domains whose scripts and frames are common on public sites.
pub fn trusted_scripts() -> impl Iterator<Item = &'static str> {
    lines(TRUSTED)
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn heading(line: &'static str) -> Option<&'static str> {
    line.strip_prefix('[')?.strip_suffix(']')
}
