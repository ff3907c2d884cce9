//! Where words hit and where they do not.

use std::sync::Arc;

use yuqing::keyword::{Matcher, parse};
use yuqing::model::{Certainty, HitPart};

use super::{hits, matcher, short};

const NONE: [&str; 0] = [];

#[test]
fn latin_words_match_at_boundaries_and_chinese_anywhere() {
    assert_eq!(
        hits("AI\n", "中AI芯片 ai, (Ai) ＡＩ"),
        ["AI@1-3/1", "ai@6-8/1", "Ai@11-13/1", "ＡＩ@15-17/1"]
    );
    assert_eq!(hits("AI\n", "email gai AI2 3AI aié"), NONE);
    assert_eq!(hits("120\n", "拨打120无人接听 1200 9120"), ["120@2-5/1"]);
    assert_eq!(hits("c++\n", "C++ 程序"), ["C++@0-3/1"]);
    assert_eq!(hits("医院\n", "市医院的医院"), ["医院@1-3/1", "医院@4-6/1"]);
    assert_eq!(hits("315晚会\n", "看315晚会 看2315晚会"), ["315晚会@1-6/1"]);
}

#[test]
fn overlapping_and_nested_words_all_hit() {
    assert_eq!(hits("哈哈\n", "哈哈哈"), ["哈哈@0-2/1", "哈哈@1-3/1"]);
    assert_eq!(hits("人民医院\n医院\n民医\n", "人民医院"), ["人民医院@0-4/1", "民医@1-3/3", "医院@2-4/2"]);
}

#[test]
fn gaps_are_skipped_only_between_han_and_only_so_far() {
    let word = "市医院\n";
    assert_eq!(hits(word, "市 医*院"), ["~市 医*院@0-5/1"]);
    assert_eq!(hits(word, "市   医院"), ["~市   医院@0-6/1"], "three signs");
    assert_eq!(hits(word, "市    医院"), NONE, "four signs");
    assert_eq!(hits(word, "市\n医院"), ["~市\n医院@0-4/1"], "a broken line");
    assert_eq!(hits(word, "市\r\n医院"), ["~市\r\n医院@0-5/1"]);
    assert_eq!(hits(word, "市\n\n医院"), NONE, "a blank line");
    assert_eq!(hits(word, "市\n \n医院"), NONE, "a line of blanks");
    for divider in ["。", "！", "？", "；", "，", "：", "!", "?", ";", ",", ":", "、。", "…，"] {
        assert_eq!(hits(word, &format!("市{divider}医院")), NONE, "{divider}");
    }
    for sign in
        ["、", ".", "-", "_", "·", "…", "“", "《", "/", "|", "~", "　", "★", "\u{E000}", "🔥", "\u{336}"]
    {
        assert_eq!(hits(word, &format!("市{sign}医院")).len(), 1, "{sign}");
    }
    assert_eq!(hits(word, "市x医院"), NONE);
    assert_eq!(hits(word, "市1医院"), NONE);
    assert_eq!(hits("A市B\n", "A 市 B"), NONE, "a gap lies between two Han characters");
}

#[test]
fn words_of_two_characters_allow_one_mark() {
    assert_eq!(hits("讨薪\n", "讨、薪"), ["~讨、薪@0-3/1"]);
    assert_eq!(hits("讨薪\n", "讨——薪"), NONE);
    assert_eq!(hits("讨薪\n", "讨…薪"), ["~讨…薪@0-3/1"], "one sign of the original");
    assert_eq!(hits("医院\n", "城市。医院 医。院"), ["医院@3-5/1"]);
    assert_eq!(hits("城市医院\n", "城市。医院"), NONE);
}

#[test]
fn what_a_reader_sees_as_one_sign_counts_once() {
    for sign in ["😀", "👍🏽", "❤️", "👨‍👩‍👧", "🇨🇳", "1️⃣", "✊🏿"] {
        assert_eq!(hits("讨薪\n", &format!("讨{sign}薪")).len(), 1, "{sign}");
        assert_eq!(hits("讨薪\n", &format!("讨{sign}{sign}薪")).len(), 0, "{sign} twice");
        assert_eq!(hits("青川县\n", &format!("青{sign}{sign}{sign}川县")).len(), 1, "{sign} thrice");
    }
}

#[test]
fn an_exact_hit_is_not_told_again_as_a_gap() {
    assert_eq!(hits("市医院\n", "市医院 市 医院"), ["市医院@0-3/1", "~市 医院@4-8/1"]);
}

#[test]
fn words_with_marks_of_their_own() {
    assert_eq!(hits("市·医院\n", "市·医院 市医院 市·医 院"), ["市·医院@0-4/1", "~市·医 院@9-14/1"]);
    assert_eq!(hits("3·15晚会\n", "3·15晚会 3·15晚 会 315晚会"), ["3·15晚会@0-6/1", "~3·15晚 会@7-14/1"]);
    assert_eq!(
        hits("《青川日报》\n", "《青川日报》《青 川日报》青川日报"),
        ["《青川日报》@0-6/1", "~《青 川日报》@6-13/1"]
    );
}

#[test]
fn excluded_and_filter_words_must_stand_as_written() {
    assert_eq!(hits("市医院\n!招聘\n", "市医院招 聘").len(), 1, "a guess must not silence a hit");
    assert_eq!(hits("市医院\n+招聘\n", "市医院招 聘").len(), 1);
}

#[test]
fn own_and_quoted_text_are_marked_and_required_words_may_stand_in_either() {
    let m = matcher("市医院\n+投诉\n!招聘\n");
    let hits = m.hits("我要投诉", "市医院收费高");
    assert_eq!((short(&hits), hits[0].part), (vec!["市医院@0-3/1".to_owned()], HitPart::Quoted));
    let hits = m.hits("市医院 投诉", "市医院 招聘");
    assert_eq!((hits.len(), hits[0].part), (1, HitPart::Own), "! suppresses the part that it stands in");
    let parts: Vec<_> = m.hits("市医院投诉", "市医院投诉").into_iter().map(|hit| hit.part).collect();
    assert_eq!(parts, [HitPart::Own, HitPart::Quoted]);
}

#[test]
fn all_units_in_one_pass_and_the_order_of_lists_does_not_matter() {
    let one = Arc::new(parse("甲", "甲.txt", "市医院\n[GLOBAL_FILTER]\n广告\n".as_bytes()).unwrap());
    let two = Arc::new(parse("乙", "乙.txt", "医院\n市医院\n".as_bytes()).unwrap());
    let found = |lists: Vec<_>, text: &str| {
        let mut hits: Vec<_> = Matcher::new(lists)
            .hits(text, "")
            .into_iter()
            .map(|h| (h.unit, h.start, h.end, h.line))
            .collect();
        hits.sort();
        hits
    };
    let text = "市医院";
    assert_eq!(found(vec![one.clone(), two.clone()], text), found(vec![two.clone(), one.clone()], text));
    assert_eq!(found(vec![one.clone(), two.clone()], text).len(), 3);
    assert_eq!(found(vec![one, two], "市医院广告").len(), 2, "the filter of one list leaves the other alone");
    assert!(Matcher::new(Vec::new()).hits("市医院", "").is_empty());
}

#[test]
fn offsets_count_scalars_of_the_original() {
    let hits = matcher("市医院\n").hits("😀a\u{200B}㈱市\u{200B}醫\u{FE0F}院", "");
    assert_eq!((hits[0].start, hits[0].end, hits[0].certainty), (4, 9, Certainty::Exact));
    assert_eq!(hits[0].surface, "市\u{200B}醫\u{FE0F}院");
}
