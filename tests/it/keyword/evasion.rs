//! Spellings by which words are hidden, and harmless texts that only look alike.

use std::collections::BTreeMap;

use super::{hits, matcher};
use crate::text::rows;
use yuqing::model::{Certainty, Hit};

/// A list of one word that asks for its sound too.
fn with_sound(word: &str, text: &str) -> Vec<Hit> {
    matcher(&format!("谐音: 是\n{word}\n")).hits(text, "")
}

#[test]
fn hidden_words_are_found_and_harmless_texts_are_not() {
    let keywords: std::collections::BTreeSet<String> = rows("text/handmade_variants.jsonl")
        .iter()
        .filter_map(|row| row["keyword"].as_str().map(str::to_owned))
        .collect();
    // The negatives are written against words of other lists too.
    let all = keywords
        .iter()
        .map(String::as_str)
        .chain(["停水", "污染", "维权", "中毒"])
        .collect::<Vec<_>>()
        .join("\n");
    let (mut must, mut no, mut nice, mut nice_found) = (0, 0, 0, 0);
    for row in rows("text/handmade_variants.jsonl") {
        let text = row["text"].as_str().unwrap();
        match row["should_match"].as_str().unwrap() {
            "must" => {
                let word = row["keyword"].as_str().unwrap();
                assert_eq!(hits(word, text).len(), 1, "{row}");
                let found = with_sound(word, text);
                assert!(found.len() == 1 && found[0].certainty.is_sure(), "no less sure with 谐音: {row}");
                must += 1;
            }
            "no" => {
                assert!(hits(&all, text).is_empty(), "{row}: {:?}", hits(&all, text));
                let by_sound = with_sound(&all, text);
                assert!(by_sound.is_empty(), "{row}: {by_sound:?}");
                no += 1;
            }
            "nice_to_have" => {
                nice += 1;
                let found = with_sound(row["keyword"].as_str().unwrap(), text);
                if found.is_empty() {
                    println!("not found with 谐音: {row}");
                } else {
                    nice_found += 1;
                }
            }
            other => panic!("{other}"),
        }
    }
    println!("must {must} of {must}, no {no} of {no}, nice to have with 谐音 {nice_found} of {nice}");
    assert_eq!((must, no, nice_found, nice), (14, 5, 10, 10));
}

/// Own rows: what is found and what is not, class by class. `sound` rows ask for 谐音 and are then less sure.
#[test]
fn own_rows_by_class() {
    let mut classes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in rows("text/evasions.jsonl") {
        let (word, text) = (row["keyword"].as_str().unwrap(), row["text"].as_str().unwrap());
        let by_sound = row["sound"].as_bool() == Some(true);
        let found = if by_sound { with_sound(word, text) } else { matcher(word).hits(text, "") };
        let wanted = row["found"].as_bool().unwrap();
        let unsure = found.iter().all(|hit| hit.certainty == Certainty::Homophone);
        if found.is_empty() == wanted || found.len() > 1 || (wanted && by_sound != unsure) {
            wrong.push(format!("{row}: {:?}", super::short(&found)));
        }
        if by_sound && !matcher(word).hits(text, "").is_empty() {
            wrong.push(format!("{row}: needs no 谐音"));
        }
        if !by_sound && with_sound(word, text).len() != usize::from(wanted) {
            wrong.push(format!("{row}: differs with 谐音"));
        }
        let class = classes.entry(row["class"].as_str().unwrap().to_owned()).or_default();
        *(if wanted { &mut class.0 } else { &mut class.1 }) += 1;
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    let all: usize = classes.values().map(|(found, not)| found + not).sum();
    println!("{all} rows, found and not: {classes:?}");
    assert!(all >= 200 && classes.len() >= 11, "{all} rows of {classes:?}");
}

#[test]
fn width_case_and_letter_styles() {
    for text in ["ｆｏｒｕｍ x", "FORUM x", "Ⓕⓞⓡⓤⓜ x", "𝐟𝐨𝐫𝐮𝐦 x", "𝕗𝕠𝕣𝕦𝕞 x"]
    {
        assert_eq!(hits("forum\n", text).len(), 1, "{text}");
    }
    assert_eq!(hits("第3中学\n", "第３中学 第③中学").len(), 2);
    assert_eq!(hits("头发出来\n", "頭髮出來").len(), 1);
    assert_eq!(hits("頭髮出來\n", "头发出来").len(), 1, "the list may be traditional");
}
