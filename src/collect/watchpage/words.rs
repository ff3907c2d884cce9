//! Finds banned words through the usual evasions: full width, traditional characters, marks and spaces
//! between the characters. A shipped word in a sentence that warns of the thing is not met.

use aho_corasick::AhoCorasick;

use crate::{
    config::source::BannedWord,
    text::{Folded, fold},
};

/// Characters between two of a word's that are jumped over.
const WIDEST_GAP: usize = 3;
/// Characters shown before and after a word.
const AROUND: usize = 14;
/// Stands where no word may cross.
const BREAK: char = '\u{1}';
/// Characters before and after a shipped word in which a warning is looked for.
const WARNED_WITHIN: usize = 16;
/// What a public site writes around such words when it warns of them.
const WARNINGS: [&str; 28] = [
    "严禁",
    "禁止",
    "打击",
    "防范",
    "警惕",
    "远离",
    "拒绝",
    "抵制",
    "整治",
    "治理",
    "举报",
    "反赌",
    "反诈",
    "诈骗",
    "扫黄",
    "取缔",
    "查处",
    "查获",
    "涉嫌",
    "违法",
    "犯罪",
    "专项行动",
    "案例",
    "莫参与",
    "不参与",
    "谨防",
    "严查",
    "曝光",
];

/// A banned word as it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    /// The word as the list writes it.
    pub word: String,
    /// Its shipped list; `None` is the office's own word.
    pub list: Option<String>,
    /// The word in its place.
    pub shown: String,
}

/// All banned words of a source.
pub(super) struct Words {
    automaton: Option<AhoCorasick>,
    words: Vec<BannedWord>,
}

impl Words {
    pub fn new(words: &[BannedWord]) -> Self {
        let kept: Vec<(String, BannedWord)> = words
            .iter()
            .map(|banned| (Squeezed::of(&fold(&banned.word)).text, banned.clone()))
            .filter(|(pattern, _)| !pattern.is_empty())
            .collect();
        let automaton = AhoCorasick::new(kept.iter().map(|(pattern, _)| pattern)).ok();
        Self { automaton, words: kept.into_iter().map(|(_, word)| word).collect() }
    }

    /// The words in a text, each once, the first place of each. `warned` lets warnings excuse shipped ones.
    pub fn find(&self, text: &str, warned: bool) -> Vec<Met> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let original: Vec<char> = text.chars().collect();
        let folded = fold(text);
        let squeezed = Squeezed::of(&folded);
        let chars: Vec<char> = folded.text.chars().collect();
        let mut met: Vec<Met> = Vec::new();
        for found in automaton.find_overlapping_iter(&squeezed.text) {
            let Some(banned) = self.words.get(found.pattern().as_usize()) else { continue };
            let (Some(first), Some(last)) =
                (squeezed.folded_at(found.start()), squeezed.folded_at(found.end().saturating_sub(1)))
            else {
                continue;
            };
            if met.iter().any(|one| one.word == banned.word) || is_part_of_latin_word(&chars, first, last) {
                continue;
            }
            let (Some(from), Some(to)) = (folded.origins.get(first), folded.origins.get(last)) else {
                continue;
            };
            let (from, to) = (to_usize(from.start), to_usize(to.end));
            if warned && banned.list.is_some() && is_warning(&original, from, to) {
                continue;
            }
            met.push(Met {
                word: banned.word.clone(),
                list: banned.list.clone(),
                shown: around(&original, from, to, AROUND),
            });
        }
        met
    }
}

/// Folded text without what stands between the characters, with the way back.
struct Squeezed {
    text: String,
    /// Byte in `text` and index of the folded character, ascending.
    places: Vec<(usize, usize)>,
}

impl Squeezed {
    fn of(folded: &Folded) -> Self {
        let mut squeezed = Self { text: String::with_capacity(folded.text.len()), places: Vec::new() };
        let mut gap = 0;
        for (at, c) in folded.text.chars().enumerate() {
            if c.is_alphanumeric() {
                gap = 0;
                squeezed.places.push((squeezed.text.len(), at));
                squeezed.text.push(c);
                continue;
            }
            gap += 1;
            if "\n。！？；!?;，,、".contains(c) || gap == WIDEST_GAP + 1 {
                squeezed.text.push(BREAK);
            }
        }
        squeezed
    }

    /// The folded character to which a byte belongs.
    fn folded_at(&self, byte: usize) -> Option<usize> {
        let after = self.places.partition_point(|(start, _)| *start <= byte);
        self.places.get(after.checked_sub(1)?).map(|(_, at)| *at)
    }
}

/// `sex` within `Essex` is not the word.
fn is_part_of_latin_word(chars: &[char], first: usize, last: usize) -> bool {
    let latin = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_alphanumeric);
    (latin(Some(first)) && latin(first.checked_sub(1))) || (latin(Some(last)) && latin(last.checked_add(1)))
}

fn is_warning(chars: &[char], from: usize, to: usize) -> bool {
    let near = around(chars, from, to, WARNED_WITHIN);
    WARNINGS.iter().any(|warning| near.contains(warning))
}

/// What stands around a place, on its own line.
fn around(chars: &[char], from: usize, to: usize, span: usize) -> String {
    let start = from.saturating_sub(span);
    let before: Vec<char> = chars.get(start..from).unwrap_or_default().to_vec();
    let before = before.rsplit(|&c| c == '\n').next().unwrap_or_default();
    let after = chars.get(to..chars.len().min(to + span)).unwrap_or_default();
    let after = after.split(|&c| c == '\n').next().unwrap_or_default();
    let word = chars.get(from..to).unwrap_or_default();
    before.iter().chain(word).chain(after).filter(|c| !c.is_control()).collect()
}

fn to_usize(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
