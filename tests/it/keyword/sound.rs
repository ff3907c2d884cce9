//! Words met by their sound and in parts, where a group asks for it (`谐音: 是`).

use yuqing::model::Certainty;

use super::{hits, matcher};

/// Surfaces found by sound with one word that asks for it.
fn by_sound(word: &str, text: &str) -> Vec<String> {
    let hits = matcher(&format!("谐音: 是\n{word}\n")).hits(text, "");
    let unsure = hits.into_iter().filter(|hit| hit.certainty == Certainty::Homophone);
    unsure.map(|hit| hit.surface).collect()
}

#[track_caller]
fn check(word: &str, found: &[&str], not_found: &[&str]) {
    for text in found {
        assert_eq!(by_sound(word, &format!("说是{text}呢")), [*text], "{word} in {text}");
    }
    for text in not_found {
        assert_eq!(by_sound(word, &format!("说是{text}呢")), [""; 0], "{word} in {text}");
    }
}

#[test]
fn other_characters_of_the_same_sound() {
    check("强拆", &["墙拆", "强差", "墙 拆", "墙、拆"], &["墙柴", "强烈拆", "墙，拆", "墙  拆", "强"]);
    check("讨薪", &["讨新", "套薪", "讨欣", "讨心"], &["讨教新", "套新"]);
    check("市医院", &["市衣院", "室医院", "室医远", "室衣院"], &["是医院", "室衣远", "市一院"]);
    check("强制拆迁", &["墙制拆迁", "墙质柴签"], &["墙质柴米"]);
    check("银行", &["银杭", "吟行"], &["银心"]);
    check("院", &[], &["远", "yuan"]);
    assert_eq!(hits("强拆\n", "墙拆"), [""; 0], "only where a rule asks");
    assert_eq!(hits("强拆\n谐音: 否\n", "墙拆"), [""; 0]);
}

#[test]
fn syllables_in_latin_letters() {
    let found = [
        "qiang拆",
        "强chai",
        "qiangchai",
        "Qiang Chai",
        "QIANG-CHAI",
        "qiáng chāi",
        "qiang2chai1",
        "强chai1",
        "ｑｉａｎｇ拆",
        "qiang 拆",
        "强ca",
    ];
    check("强拆", &found, &["qiangchais", "aqiangchai", "qian拆", "qiang  拆", "qiangchai12", "9强chai3x"]);
    check("讨薪", &["tao薪", "taoxin", "tao新"], &["taoxing", "taxin"]);
    check("旅馆", &["lv馆", "lvguan", "lyu guan", "旅guan", "lǚ馆"], &["liguan"]);
    check("西安", &["xi安"], &["xian", "xi'an"]);
    check("西安市", &["xi'an市", "xian市", "xianshi"], &["xiashi"]);
    check("重庆", &["zhongqing", "chong庆", "重qing"], &["zhangqing"]);
}

#[test]
fn first_letters_need_a_character_of_the_word() {
    check("强拆", &["q拆", "强c", "Q 拆", "强ch"], &["qc", "q差", "w拆", "aq拆", "强cc", "q1拆"]);
    check("讨薪", &["t薪"], &["讨x", "x薪", "tx"]);
    check("强制拆迁", &["qzcq", "强zcq", "q制c迁", "QZCQ"], &["qzc", "qzcqa", "qiangzcq", "墙zcq"]);
}

#[test]
fn characters_in_parts() {
    check("强拆", &["弓虽拆", "强扌斥", "弓虽扌斥", "弓 虽拆", "弓虽 拆", "强手斥"], &["弓拆", "弓，虽拆"]);
    check("讨薪", &["讠寸薪", "言寸薪", "讨艹新", "言寸艹新", "訁寸薪"], &["言薪"]);
    check("打人", &["扌丁人", "才丁人"], &["丁人"]);
    check("强拆", &["弓虽chai", "弓虽c", "弓虽差"], &["弓虽"]);
}

#[test]
fn sure_places_are_not_told_again() {
    assert_eq!(hits("谐音: 是\n强拆\n", "强拆 墙拆 强、拆"), ["强拆@0-2/2", "墙拆@3-5/2", "~强、拆@6-9/2"]);
    assert_eq!(hits("谐音: 是\n哈哈\n", "哈哈蛤"), ["哈哈@0-2/2"], "no second reading over a sure place");
    let both = "强拆\n\n谐音: 是\n拆迁\n";
    assert_eq!(hits(both, "强拆 强差 柴迁"), ["强拆@0-2/1", "柴迁@6-8/4"], "other groups stay exact");
}

#[test]
fn a_required_word_met_by_sound_makes_the_hit_less_certain() {
    let m = matcher("市医院\n+投诉\n谐音: 是\n");
    let certain = |text: &str| m.hits(text, "").iter().map(|hit| hit.certainty).collect::<Vec<_>>();
    assert_eq!(certain("市医院投诉"), [Certainty::Exact]);
    assert_eq!(certain("市医院头诉"), [Certainty::Homophone]);
    assert_eq!(certain("市医院头诉 投诉"), [Certainty::Exact], "one sure place is enough");
    assert_eq!(certain("市、医院tousu"), [Certainty::Homophone]);
    let quoted: Vec<_> = m.hits("投诉", "市医院").iter().map(|hit| hit.certainty).collect();
    assert_eq!(quoted, [Certainty::Exact]);
}

#[test]
fn words_that_keep_texts_out_must_stand_as_written() {
    assert_eq!(hits("市医院\n!招聘\n谐音: 是\n", "市医院招娉").len(), 1);
    assert_eq!(hits("谐音: 是\n市医院\n[GLOBAL_FILTER]\n广告\n", "市医院广高").len(), 1);
}

#[test]
fn places_are_those_of_the_original() {
    let hits = matcher("谐音: 是\n强拆\n").hits("😀a\u{200B}㈱牆\u{200B}拆\u{FE0F}了", "");
    assert_eq!((hits[0].start, hits[0].end, hits[0].surface.as_str()), (4, 7, "牆\u{200B}拆"));
}
