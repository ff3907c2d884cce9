//! Excluded words: which take back one place and which a whole text.

use proptest::prelude::*;

use super::{hits, list, matcher};

#[test]
fn a_longer_word_takes_back_only_the_places_that_it_covers() {
    let words = "市医院\n!城市医院\n";
    assert_eq!(hits(words, "城市医院很好"), [""; 0]);
    assert_eq!(hits(words, "城市医院很好，市医院收费高"), ["市医院@7-10/1"]);
    assert_eq!(hits(words, "市医院收费高。见《城市医院报》"), ["市医院@0-3/1"]);
    assert_eq!(hits(words, "城市醫院"), [""; 0], "through the same fold");
    assert_eq!(hits("市医院\n县医院\n!城市医院\n", "城市医院与县医院"), ["县医院@5-8/2"]);
}

#[test]
fn any_other_excluded_word_takes_back_the_whole_part() {
    assert_eq!(hits("市医院\n!招聘\n", "市医院收费高。另有招聘"), [""; 0]);
    assert_eq!(hits("市医院\n!医院招聘\n", "市医院收费高。市医院招聘"), [""; 0]);
    assert_eq!(hits("市医院\n!城市医院\n!招聘\n", "市医院收费高，城市医院，招聘"), [""; 0]);
    assert_eq!(hits("市医院\n!/城.?医院/\n", "市医院与城市医院"), [""; 0], "an expression is no longer word");
}

#[test]
fn a_required_word_counts_only_where_it_is_not_taken_back() {
    let words = "投诉\n+市医院\n!城市医院\n";
    assert_eq!(hits(words, "投诉城市医院"), [""; 0]);
    assert_eq!(hits(words, "投诉城市医院和市医院"), ["投诉@0-2/1"]);
    assert_eq!(hits("/第.医院/\n!第一医院\n", "第一医院和第二医院"), ["第二医院@5-9/1"]);
    let quoted = matcher("投诉\n+市医院\n!城市医院\n");
    assert!(quoted.hits("投诉", "城市医院").is_empty(), "the surroundings of quoted text are its own");
    assert_eq!(quoted.hits("投诉", "市医院").len(), 1);
}

#[test]
fn the_reason_names_the_exception() {
    let m = matcher("市医院\n+投诉\n!城市医院\n");
    let reasons = |text: &str| m.why_not(text).into_iter().map(|why| why.reason).collect::<Vec<_>>();
    assert_eq!(reasons("投诉城市医院"), ["第 3 行 !城市医院 出现，本组的词只出现在其中"]);
    assert_eq!(reasons("城市医院"), ["第 2 行 +投诉 未出现", "第 3 行 !城市医院 出现，本组的词只出现在其中"]);
    assert_eq!(reasons("市医院与城市医院"), ["第 2 行 +投诉 未出现"]);
}

#[test]
fn the_two_kinds_are_told_apart_in_large_groups_too() {
    let words: String = (0..400).map(|n| format!("词{n}号\n")).collect();
    let list = list(&format!("{words}!大词7号\n!招聘\n!/词.号/\n!别的\n"));
    let covers: Vec<bool> = list.groups[0].excluded.iter().map(|rule| rule.covers).collect();
    assert_eq!(covers, [true, false, false, false]);
}

proptest! {
    /// With one word and one longer word the hits are the places of the word outside the longer one.
    #[test]
    fn hits_are_the_places_outside_the_exception(text in "[城市医院，]{0,24}") {
        let chars: Vec<char> = text.chars().collect();
        let places = |word: &str| -> Vec<usize> {
            let word: Vec<char> = word.chars().collect();
            (0..chars.len()).filter(|at| chars[*at..].starts_with(&word)).collect()
        };
        let covered = places("城市医院");
        let expected: Vec<u32> = places("市医院")
            .into_iter()
            .filter(|at| !covered.iter().any(|start| start + 1 == *at))
            .map(|at| u32::try_from(at).unwrap())
            .collect();
        let got: Vec<u32> = matcher("市医院\n!城市医院\n").hits(&text, "").iter().map(|hit| hit.start).collect();
        prop_assert_eq!(got, expected);
    }
}
