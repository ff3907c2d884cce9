//! Folding and the way back to the original.

use proptest::prelude::*;
use yuqing::text::{fold, simplify, unbracketed, variant};

fn folded(text: &str) -> String {
    fold(text).text
}

#[test]
fn what_looks_alike_becomes_equal() {
    let rows = [
        ("ＡＩ", "ai"),
        ("市醫院", "市医院"),
        ("市\u{200B}医院", "市医院"),
        ("\u{FEFF}市医院", "市医院"),
        ("市\u{FE0F}医\u{E0100}院", "市医院"),
        ("乾坤", "干坤"),
        ("㈱", "(株)"),
        ("㎏", "kg"),
        ("Straße", "strasse"),
        ("ſ", "s"),
        ("Ⓕⓤc⒦", "fuck"),
        ("ﾊﾞ", "バ"),
        ("e\u{301}", "é"),
        ("한", "한"),
        ("！？；，：", "!?;,:"),
        ("　", " "),
        ("薴苧", "苎苎"),
        ("人⺠ ⻋祸 ⽔务", "人民 车祸 水务"),
        ("県広場 老幺 遶行", "县广场 老么 绕行"),
        ("农民エ 入ロ", "农民工 入口"),
        ("АРР ᴀᴘᴘ 🅐🅟🅟 🄰🄿🄿", "app app app app"),
        ("🅰🅱", "🅰🅱"),
        ("\u{F9E4}", "理"),
        ("", ""),
        ("\u{200B}", ""),
        // An "e" before a removed mark and an accent: whatever comes out, it does not panic.
        ("e\u{200B}\u{301}", "e\u{301}"),
    ];
    for (text, expected) in rows {
        assert_eq!(folded(text), expected, "{text:?}");
    }
}

#[test]
fn origins_point_into_the_original() {
    let f = fold("a\u{200B}㈱e\u{301}醫");
    let origins: Vec<_> = f.text.chars().zip(f.origins.iter().map(|o| (o.start, o.end))).collect();
    assert_eq!(
        origins,
        [('a', (0, 1)), ('(', (2, 3)), ('株', (2, 3)), (')', (2, 3)), ('é', (3, 5)), ('医', (5, 6))]
    );
}

#[test]
fn simplification_agrees_with_opencc_s_own_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/text/opencc_testcases.json");
    let cases: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut checked, mut differing) = (0, Vec::new());
    for case in cases["cases"].as_array().unwrap() {
        if let Some(simplified) = case["expected"]["t2s"].as_str() {
            // Both sides are folded: matching needs the two to meet, not the choice of a reading.
            let (ours, theirs) = (folded(case["input"].as_str().unwrap()), folded(simplified));
            checked += ours.chars().count();
            differing.extend(ours.chars().zip(theirs.chars()).filter(|(a, b)| a != b));
        }
    }
    // What OpenCC corrects by the word that it stands in is in the table of variants.
    insta::assert_snapshot!(format!("{checked} characters, {differing:?}"), @"217 characters, []");
}

/// The definition, done slowly: normalise, fold case, normalise, drop the ignorable, simplify.
fn reference(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let ignorable = |c: char| folded(&c.to_string()).is_empty();
    let kept: String = text.chars().filter(|&c| !ignorable(c)).collect();
    let lower: String = kept
        .chars()
        .map(unbracketed)
        .nfkc()
        .flat_map(
            |c| if c == 'ı' { vec![c] } else { c.to_uppercase().flat_map(char::to_lowercase).collect() },
        )
        .collect();
    let simple = |c| (0..4).fold(c, |c, _| variant(c).unwrap_or_else(|| simplify(c)));
    lower.nfkc().filter(|&c| !ignorable(c)).map(simple).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_fast_way_equals_the_definition(text in "\\PC{0,24}") {
        // Removed characters break compositions in the fast way, as they do for a reader.
        prop_assume!(!text.chars().any(|c| folded(&c.to_string()).is_empty()));
        prop_assert_eq!(folded(&text), reference(&text));
    }

    #[test]
    fn origins_cover_and_never_go_back(text in ".{0,40}") {
        let f = fold(&text);
        let length = text.chars().count();
        prop_assert_eq!(f.origins.len(), f.text.chars().count());
        let mut last = 0;
        for origin in &f.origins {
            prop_assert!(origin.start < origin.end && origin.end as usize <= length && origin.start >= last);
            last = origin.start;
        }
    }

    #[test]
    fn each_character_stands_for_its_original(text in "[\u{4E00}-\u{9FFF}a-zA-Z0-9 ,。！㈱Ａ-Ｚ\u{200B}\u{FE0F}]{0,40}") {
        let f = fold(&text);
        let original: Vec<char> = text.chars().collect();
        for (c, origin) in f.text.chars().zip(&f.origins) {
            let own: String = original[origin.start as usize..origin.end as usize].iter().collect();
            prop_assert!(folded(&own).contains(c));
        }
    }
}
