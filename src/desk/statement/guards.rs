//! Guards: no n-gram method separates contradictions, so texts that share most of their grams are still
//! kept apart when their numbers, places or negations differ (SEMANTICS 11).

use std::collections::BTreeSet;

use super::{Difference, Fingerprint};

/// Words by which a text denies what it quotes.
const REFUTATIONS: [&str; 10] =
    ["辟谣", "不实", "系谣言", "是谣言", "为谣言", "谣传", "并非事实", "不属实", "纯属谣言", "虚假信息"];
/// Words that turn the next words into their opposite; longer ones first.
const NEGATIONS: [&str; 9] = ["并没有", "没有", "并非", "并未", "不会", "未", "没", "不", "非"];
/// What a place or an institution ends in; the two characters before it tell it from its neighbour.
const PLACES: [&str; 20] = [
    "小学",
    "中学",
    "大学",
    "医院",
    "公司",
    "小区",
    "社区",
    "广场",
    "市场",
    "幼儿园",
    "市",
    "县",
    "区",
    "镇",
    "乡",
    "村",
    "路",
    "街",
    "站",
    "桥",
];
/// Words after a Chinese numeral that make it a figure.
const MEASURES: &str = "人名例位月日号届次万亿元块天年个小层楼家户辆起岁级期批第死伤";
const NUMERALS: &str = "零〇一二两三四五六七八九十百千";

/// Whether `text` is a refutation of the statement of `core`: it says so, and the statement itself does not.
#[must_use]
pub fn refutes(text: &Fingerprint, core: &Fingerprint) -> bool {
    let says = |print: &Fingerprint| REFUTATIONS.iter().any(|word| print.folded.contains(word));
    says(text) && !says(core)
}

/// Why two texts that look alike are not the same statement; `None` when nothing speaks against it. The
/// shorter text's figures and places must stand in the longer one, and neither may deny what the other says.
#[must_use]
pub fn contradiction(a: &Fingerprint, b: &Fingerprint) -> Option<Difference> {
    let (shorter, longer) = if a.folded.len() <= b.folded.len() { (a, b) } else { (b, a) };
    let (few, many) = (&shorter.numbers, &longer.numbers);
    if !few.is_empty() && !many.is_empty() && !few.is_subset(many) {
        let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.difference(other).cloned().collect::<Vec<_>>().join(" ")
        };
        return Some(Difference::Numbers {
            ours: only(&a.numbers, &b.numbers),
            theirs: only(&b.numbers, &a.numbers),
        });
    }
    let missing = |one: &Fingerprint, other: &Fingerprint| {
        one.places.iter().find(|place| !other.folded.contains(place.as_str())).cloned()
    };
    if missing(shorter, longer).is_some() {
        return Some(Difference::Places {
            ours: missing(a, b).unwrap_or_default(),
            theirs: missing(b, a).unwrap_or_default(),
        });
    }
    if let Some(word) = denies(&a.folded, &b.folded) {
        return Some(Difference::Negation { ours: word, theirs: String::new() });
    }
    denies(&b.folded, &a.folded).map(|word| Difference::Negation { ours: String::new(), theirs: word })
}

/// Figures: runs of digits, and Chinese numerals before a measure word.
pub(super) fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let is_member: fn(char) -> bool = if c.is_ascii_digit() {
            |c| c.is_ascii_digit() || c == '.' || c == ':'
        } else if NUMERALS.contains(c) {
            |c| NUMERALS.contains(c)
        } else {
            at += 1;
            continue;
        };
        let run: String = chars.iter().skip(at).take_while(|&&c| is_member(c)).collect();
        at += run.chars().count();
        let counts = c.is_ascii_digit() || chars.get(at).is_some_and(|&next| MEASURES.contains(next));
        if counts {
            found.insert(run.trim_end_matches(['.', ':']).to_owned());
        }
    }
    found
}

/// Names of places and institutions: the ending with the two Han characters before it.
pub(super) fn places(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for ending in PLACES {
        for (at, _) in text.match_indices(ending) {
            let before: Vec<char> = text.split_at(at).0.chars().rev().take(2).collect();
            if before.len() == 2 && before.iter().all(|&c| is_han(c)) {
                found.push(format!("{}{ending}", before.iter().rev().collect::<String>()));
            }
        }
    }
    found
}

/// What `one` negates that `other` holds only without the negation.
fn denies(one: &str, other: &str) -> Option<String> {
    NEGATIONS.iter().find_map(|negation| {
        one.match_indices(negation).find_map(|(at, _)| {
            let rest = one.split_at(at + negation.len()).1;
            let next: String = rest.chars().take(3).collect();
            if next.chars().count() < 3 || !next.chars().all(is_han) {
                return None;
            }
            let negated = |text: &str| {
                text.match_indices(next.as_str())
                    .any(|(at, _)| NEGATIONS.iter().any(|negation| text.split_at(at).0.ends_with(negation)))
            };
            let denied =
                other.contains(next.as_str()) && !negated(other) && one.matches(next.as_str()).count() == 1;
            denied.then(|| format!("{negation}{next}"))
        })
    })
}

fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x2_0000..=0x3_ffff)
}
