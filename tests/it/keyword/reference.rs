//! The matcher against a slow reading of the rule (SEMANTICS 27), on random texts of a small alphabet
//! so that everything meets everything.

use proptest::prelude::*;
use yuqing::model::{Certainty, Hit, HitPart};
use yuqing::text::fold;

use super::matcher;

/// What a character of the alphabet is to a word.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Part of words.
    Letter(char),
    /// One sign that may be skipped.
    Sign,
    /// A line end.
    LineEnd,
    /// Ends or divides a sentence.
    Divider,
    /// Not there at all.
    Nothing,
}

fn kind(c: char) -> Kind {
    match c {
        '\u{200B}' | '\u{FE0F}' => Kind::Nothing,
        '。' | '，' | ',' | '!' => Kind::Divider,
        '\n' => Kind::LineEnd,
        '醫' => Kind::Letter('医'),
        'A' | 'Ａ' => Kind::Letter('a'),
        c if c.is_alphanumeric() => Kind::Letter(c),
        _ => Kind::Sign,
    }
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// All places of one word, straight from the rule: for each start, letter by letter, with at most so
/// many signs between two Han characters.
fn slow(word: &[char], text: &[char]) -> Vec<(usize, usize, Certainty)> {
    let widest = if word.len() == 2 { 1 } else { 3 };
    let latin = |at: Option<usize>| {
        let kinds = at.and_then(|at| text.get(at)).map(|c| kind(*c));
        matches!(kinds, Some(Kind::Letter(c)) if !is_han(c))
    };
    let mut found = Vec::new();
    for start in 0..text.len() {
        if kind(text[start]) != Kind::Letter(word[0]) {
            continue;
        }
        let (mut at, mut gap, mut fits) = (start + 1, false, true);
        for pair in word.windows(2) {
            let (mut signs, mut lines) = (0, 0);
            while at < text.len() && !matches!(kind(text[at]), Kind::Letter(_) | Kind::Divider) {
                signs += usize::from(kind(text[at]) != Kind::Nothing);
                lines += usize::from(kind(text[at]) == Kind::LineEnd);
                at += 1;
            }
            let allowed = signs == 0 || (is_han(pair[0]) && is_han(pair[1]) && signs <= widest && lines < 2);
            gap |= signs > 0;
            if at >= text.len() || kind(text[at]) != Kind::Letter(pair[1]) || !allowed {
                fits = false;
                break;
            }
            at += 1;
        }
        // Zero-width characters stand between nothing: a boundary looks past them.
        let before = (0..start).rev().find(|at| kind(text[*at]) != Kind::Nothing);
        let after = (at..text.len()).find(|at| kind(text[*at]) != Kind::Nothing);
        let cut = (!is_han(word[0]) && latin(before)) || (!is_han(word[word.len() - 1]) && latin(after));
        if fits && !cut {
            found.push((start, at, if gap { Certainty::Gap } else { Certainty::Exact }));
        }
    }
    found
}

fn text() -> impl Strategy<Value = String> {
    let letters = prop::sample::select(vec!['市', '医', '醫', '院', 'a', 'A', 'Ａ', '1']);
    let marks = prop::sample::select(vec![
        '、', ' ', '*', '😀', '。', '，', ',', '!', '\n', '\u{200B}', '\u{FE0F}', '…',
    ]);
    let one = prop_oneof![3 => letters, 2 => marks];
    prop::collection::vec(one, 0..30).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_matcher_agrees_with_the_rule(
        words in prop::collection::btree_set("[市医院]{1,4}|a|a医|市a院|1|医1|a1", 1..5),
        text in text(),
    ) {
        let words: Vec<String> = words.into_iter().collect();
        let file = words.iter().map(|word| format!("{word}\n\n")).collect::<String>();
        let chars: Vec<char> = text.chars().collect();
        let mut expected = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let word: Vec<char> = word.chars().collect();
            let line = u32::try_from(at * 2 + 1).unwrap();
            expected.extend(slow(&word, &chars).into_iter().map(|(start, end, certainty)| (line, start, end, certainty)));
        }
        expected.sort();
        let hits = matcher(&file).hits(&text, "");
        let mut got: Vec<_> =
            hits.iter().map(|hit| (hit.line, hit.start as usize, hit.end as usize, hit.certainty)).collect();
        got.sort();
        prop_assert_eq!(got, expected, "{:?} in {:?}", words, text);
        for hit in &hits {
            let surface: String = chars[hit.start as usize..hit.end as usize].iter().collect();
            prop_assert_eq!(&hit.surface, &surface);
        }
    }

    #[test]
    fn any_text_is_taken(text in ".{0,60}", quoted in ".{0,20}") {
        let matcher = matcher("市医院\n+a\n\n/[\\d一二三]+/\n\n😀强拆\n");
        let hits = matcher.hits(&text, &quoted);
        let length = text.chars().count().max(quoted.chars().count());
        prop_assert!(hits.iter().all(|hit| hit.start < hit.end && hit.end as usize <= length));
        let _ = matcher.why_not(&text);
    }
}

/// Words of every kind that the glance treats in a way of its own: of one character, Latin, mixed, with marks at
/// their ends and inside, of the higher planes, that fold to other lengths.
const WORDS: &[&str] = &[
    "市",
    "医院",
    "市医院",
    "市医院院长",
    "ai",
    "a",
    "covid19",
    "5g基站",
    "卡拉ok厅",
    "《市报》",
    "3·15晚会",
    "😀强拆",
    "强拆！",
    "株式会社",
    "1⁄2",
    "...b",
    "𠮷野",
    "𠮷",
    "é",
    "café",
    "한국",
    "ガス",
    "㍿",
    "①号",
    "讨薪",
    "市*医",
    "é市",
    "ß",
    "ﬁne",
    "人之初性本善",
];

/// Pieces of texts: the words whole and in parts, hidden in many ways, and what stands between them.
fn piece() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS).prop_map(str::to_owned);
    let mark = prop::sample::select(vec![
        "、",
        " ",
        "*",
        "😀",
        "👍🏻",
        "👨\u{200D}👩",
        "🇨🇳",
        "🇨",
        "。",
        "，",
        "!",
        "\n",
        "\r\n",
        "\n\n",
        "\u{200B}",
        "\u{FE0F}",
        "…",
        "½",
        "1\u{FE0F}\u{20E3}",
        "\u{20E3}",
        "\u{0336}",
        "\u{0301}",
        "\u{3099}",
        "℃",
        "ー",
        "\u{1161}",
        "￣",
        "0",
        "a",
        "b",
        "好",
        "㌀",
        "ﷺ",
        "\u{FFA0}",
        "𝐀",
        "𝟗",
        "醫",
        "Ａ",
        "Ａ\u{0301}",
    ]);
    let hidden = (prop::sample::select(WORDS), mark.clone(), 0..6usize).prop_map(|(word, mark, every)| {
        word.chars().enumerate().fold(String::new(), |mut text, (at, c)| {
            if at > 0 && (every == 0 || at % every == 0) {
                text.push_str(mark);
            }
            text.push(c);
            text
        })
    });
    let far =
        (1..60usize).prop_map(|n| "山水之间有人说话。".repeat(n).chars().take(n * 3).collect::<String>());
    prop_oneof![2 => word, 3 => hidden, 3 => mark.prop_map(str::to_owned), 2 => far, 1 => ".{0,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_glance_changes_nothing(
        words in prop::collection::btree_set(prop::sample::select(WORDS), 1..12),
        filter in prop::option::of(prop::sample::select(WORDS)),
        pieces in prop::collection::vec(piece(), 0..40),
    ) {
        let text = pieces.concat();
        let mut file: String = words.iter().map(|word| format!("{word}\n\n")).collect();
        file.extend(filter.map(|word| format!("山水\n!{word}\n")));
        let matcher = matcher(&file);
        let whole = matcher.hits_in_folded(&text, &fold(&text), "");
        let glanced = matcher.hits(&text, "");
        prop_assert_eq!(&glanced, &whole, "{:?} in {:?}", words, text);
        let quoted: Vec<_> = matcher.hits("", &text).into_iter().map(|hit| Hit { part: HitPart::Own, ..hit }).collect();
        prop_assert_eq!(quoted, whole);
    }
}

/// Patterns that begin, end, or neither, with something that a text must hold.
const PATTERNS: &[&str] = &[
    "/市医院/",
    "/a[bc]?好/",
    "/(讨薪|é)市?/",
    "/[一-龥]{1,2}医院/",
    "/covid\\d+/",
    "/ﬁne|K/",
    "/醫院?/",
    "/\\d+/",
    "/(?<![a-z])ai(?![a-z])/",
    "/e\\x{301}/",
    "/𠮷野/",
    "/5g.*站/",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_a_pattern_needs_changes_nothing(
        patterns in prop::collection::btree_set(prop::sample::select(PATTERNS), 1..4),
        pieces in prop::collection::vec(piece(), 0..20),
    ) {
        let text = pieces.concat();
        let file: String = patterns.iter().map(|pattern| format!("{pattern}\n\n")).collect();
        let matcher = matcher(&file);
        let whole = matcher.hits_in_folded(&text, &fold(&text), "");
        prop_assert_eq!(matcher.hits(&text, ""), whole, "{:?} in {:?}", patterns, text);
    }
}

/// The places of several words far apart in a long text come out where they stand.
#[test]
fn words_far_apart_keep_their_places() {
    let (near, far) = ("山水之间有人说话。½…①".repeat(50), "㍿ 한국 e\u{301} 𠮷".repeat(70));
    let text = format!("{near}市医院{far}讨、薪{near}𠮷野{far}AI");
    let hits = matcher("市医院\n\n讨薪\n\n𠮷野\n\nai\n").hits(&text, "");
    let place = |of: &str, skip: usize| {
        let byte = text.match_indices(of).nth(skip).unwrap().0;
        u32::try_from(text.char_indices().take_while(|(at, _)| *at < byte).count()).unwrap()
    };
    let found: Vec<_> = hits.iter().map(|hit| (hit.surface.as_str(), hit.start)).collect();
    let expected = [
        ("市医院", place("市医院", 0)),
        ("讨、薪", place("讨、薪", 0)),
        ("𠮷野", place("𠮷野", 0)),
        ("AI", place("AI", 0)),
    ];
    assert_eq!(found, expected);
}
