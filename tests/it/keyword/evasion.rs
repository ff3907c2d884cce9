//! Spellings by which words are hidden, and harmless texts that only look alike.

use super::hits;
use crate::text::rows;

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
    let (mut must, mut no) = (0, 0);
    for row in rows("text/handmade_variants.jsonl") {
        let text = row["text"].as_str().unwrap();
        match row["should_match"].as_str().unwrap() {
            "must" => {
                let found = hits(row["keyword"].as_str().unwrap(), text);
                assert_eq!(found.len(), 1, "{row}");
                must += 1;
            }
            "no" => {
                assert!(hits(&all, text).is_empty(), "{row}: {:?}", hits(&all, text));
                no += 1;
            }
            _ => {}
        }
    }
    assert!(must >= 14 && no >= 5, "{must} and {no} rows");
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
