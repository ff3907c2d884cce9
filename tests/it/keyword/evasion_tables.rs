//! Tables of evasions by others: conversions of OpenCC, word lists of houbb/sensitive-word and
//! toolgood/ToolGood.Words. Every row is tried or is listed with the reason why not; a row that is neither
//! fails.

use std::collections::BTreeSet;

use serde_json::Value;

use super::matcher;
use crate::text::rows;

/// What is looked for, where, and what is to be found there, in order.
struct Tried {
    row: &'static str,
    words: &'static [&'static str],
    text: &'static str,
    found: &'static [&'static str],
}

const fn tried(
    row: &'static str,
    words: &'static [&'static str],
    text: &'static str,
    found: &'static [&'static str],
) -> Tried {
    Tried { row, words, text, found }
}

const FLAG: &str = "五星红旗迎风飘扬，毛主席的画像屹立在天安门前。";
const FLAG_WORDS: &[&str] = &["五星红旗", "毛主席", "天安门"];
const RUDE: &str = "ｆｕｃｋ the bad words.";
const DEFICIT: &str = "cp cpm trade deficit totaled 695 billion yen, or $4.9 billion 69";
const CHINA: &str = "我是中国人";
const CHINA_WORDS: &[&str] = &["中国", "国人", "zg人"];
const CHINA_FOUND: &[&str] = &["中国", "国人"];
const AMOUNT: &str = "壹佰贰拾叁億肆仟伍佰陆拾柒萬捌仟玖佰零壹元壹角贰分";

/// Rows of houbb whose list is what they expect to find: the others of their lists are not in the row.
const HOUBB: &[Tried] = &[
    tried("SensitiveWordBsDataTest.java wordDataConfigTest", FLAG_WORDS, FLAG, FLAG_WORDS),
    tried("SensitiveWordBsTest.java replaceTest", FLAG_WORDS, FLAG, FLAG_WORDS),
    tried("SensitiveWordHelperTest.java findAllWordTest", FLAG_WORDS, FLAG, FLAG_WORDS),
    tried("SensitiveWordHelperTest.java replaceTest", FLAG_WORDS, FLAG, FLAG_WORDS),
    tried("WordResultHandlerTest.java findAllWordTest", FLAG_WORDS, FLAG, FLAG_WORDS),
    tried(
        "SensitiveWordBsEnglishTest.java ignoreEnglishStyleTest",
        &["fuck"],
        "Ⓕⓤc⒦ the bad words",
        &["Ⓕⓤc⒦"],
    ),
    tried("SensitiveWordBsTest.java ignoreWidthTest", &["fuck"], RUDE, &["ｆｕｃｋ"]),
    tried("SensitiveWordHelperTest.java ignoreWidthTest", &["fuck"], RUDE, &["ｆｕｃｋ"]),
    tried("SensitiveWordBsResultConditionTest.java englishWordMatchTest3", &["av"], "av", &["av"]),
    tried("SensitiveWordBsResultConditionTest.java englishWordMatchTest2", &["av"], "I hav", &[]),
    tried("SensitiveWordBsResultConditionTest.java englishWordMatchTest6", &["cp"], "cp cpm", &["cp"]),
    tried(
        "SensitiveWordBsResultConditionTest.java englishWordNumMatchTest3",
        &["cp", "69"],
        DEFICIT,
        &["cp", "69"],
    ),
    tried("AddWordBugTest.java addTest", &["弹药"], "a弹药b", &["弹药"]),
    tried(
        "MyWordDenyChineseTest.java test",
        &["三三九乘元功", "一军两策"],
        "和我练习三三九乘元功、一军两策",
        &["三三九乘元功", "一军两策"],
    ),
    tried(
        "SensitiveWordBsDefineTest.java defineDenyTest",
        &["我的自定义敏感词"],
        "这是一个测试，我的自定义敏感词。",
        &["我的自定义敏感词"],
    ),
    tried(
        "SensitiveWordBsDefineTest.java defineChainsTest",
        &["我的自定义敏感词"],
        "这是一个测试。我的自定义敏感词。",
        &["我的自定义敏感词"],
    ),
];

const HOUBB_SKIPPED: &[(&str, &str)] = &[
    (
        "SensitiveWordBsResultConditionTest.java englishWordNumMatchTest1",
        "wants 69 inside 695: a word of digits stands free here",
    ),
    ("SensitiveWordBsTest.java containsTest", "the word list is not in the row"),
    ("SensitiveWordBsTest.java wordMatchTest", "the word list is not in the row"),
    ("SensitiveWordBsUrlNoPrefixTest.java urlNoPrefixTest", "looks for addresses, not for words"),
    ("SensitiveWordFailFastTest.java fallOverTest", "the word lists are not in the row"),
    ("SensitiveWordFailFastTest.java fallOverTest3", "the word lists are not in the row"),
    ("Bug118Test.java test", "looks for long numbers, not for words"),
    ("AddWordBugTest.java multipleWordsTest", "the word list is not in the row, only how many are found"),
    ("AddWordBugTest.java findAllAndFirstTest", "the texts are not in the row"),
    (
        "AddWordBugTest.java continuousAddWordTest",
        "wants 词1 inside 词1b: what ends in a digit stands free there here",
    ),
    ("Bug29Test.java test", "the word list is not in the row"),
    ("Bug84Test.java bug84IgnoreNumberStyleTrueTest2", "the texts are not in the row"),
    ("Bug55Test.java test", "the word list is not in the row"),
    ("SensitiveWordHelperTest.java containsTest", "the word list is not in the row"),
    ("WordTagTest.java defaultsTest", "asks for the tags of a word, not for where it stands"),
    ("WordTagTest.java systemTest", "asks for the tags of a word, not for where it stands"),
];

/// The second half of some rows (`s2`) wants CDE inside of a run of letters; here a Latin word stands free.
const TOOLGOOD: &[Tried] = &[
    tried("IssuesTest.cs IssuesTest_20", &["1", "A", "2", "0", "吃"], "A10021003吃饭", &["吃"]),
    tried(
        "IssuesTest.cs IssuesTest_56",
        &["中国"],
        "“我[爱中]国”么？伏拉夫，轻松拥有千万粉丝的新晋网红，快手粉丝465万，抖音粉丝704万。他是靠“爱中国”火起来的。伏拉夫在短视频平台上的简介是：爱中国！爱火锅！",
        &["中]国", "中国", "中国"],
    ),
    tried("StringSearchEx3Test.cs test5", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("StringSearchExTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("StringSearchTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("StringMatchExTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("StringMatchTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("WordsMatchExTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("WordsMatchTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("WordsSearchExTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried("WordsSearchTest.cs test", CHINA_WORDS, CHINA, CHINA_FOUND),
    tried(
        "WordHelperTest.cs ToSimplifiedChinese",
        &["壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元壹角贰分"],
        AMOUNT,
        &[AMOUNT],
    ),
    tried(
        "WordHelperTest.cs ToTraditionalChinese",
        &["壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元壹角贰分"],
        "壹佰貳拾叄億肆仟伍佰陸拾柒萬捌仟玖佰零壹元壹角貳分",
        &["壹佰貳拾叄億肆仟伍佰陸拾柒萬捌仟玖佰零壹元壹角貳分"],
    ),
    tried("WordHelperTest.cs ToSBC_ToDBC", &["abcABC123"], "ａｂｃＡＢＣ１２３", &["ａｂｃＡＢＣ１２３"]),
];

const TOOLGOOD_SKIPPED: &[(&str, &str)] = &[
    ("IllegalWordsTest.cs IllegalWordsSearchTest2", "the word list is not in the row"),
    ("PinyinMatchTest.cs test5", "completes names that someone types, finds nothing in a text"),
];

/// Tries a table and sees that its rows, and no others, are tried or listed.
fn check(file: &str, table: &[Tried], skipped: &[(&str, &str)]) {
    let rows = rows(file);
    let name = |row: &Value| format!("{} {}", row["file"].as_str().unwrap(), row["test"].as_str().unwrap());
    let named: BTreeSet<String> = rows.iter().map(name).collect();
    let listed = table.iter().map(|tried| tried.row).chain(skipped.iter().map(|(row, _)| *row));
    let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
    assert_eq!(named, listed, "each row is tried or listed, and nothing else");
    assert_eq!(table.len() + skipped.len(), rows.len(), "each row once");
    for tried in table {
        let steps = rows.iter().find(|row| name(row) == tried.row).unwrap()["steps"].to_string();
        let json = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
        assert!(steps.contains(&json(tried.text)), "{}: its own text", tried.row);
        let hits = matcher(&tried.words.join("\n")).hits(tried.text, "");
        let found: Vec<&str> = hits.iter().map(|hit| hit.surface.as_str()).collect();
        assert_eq!(found, tried.found, "{}", tried.row);
    }
}

#[test]
fn rows_of_houbb() {
    check("text/houbb_steps.jsonl", HOUBB, HOUBB_SKIPPED);
}

#[test]
fn rows_of_toolgood() {
    check("text/toolgood_steps.jsonl", TOOLGOOD, TOOLGOOD_SKIPPED);
}

#[test]
fn what_opencc_simplifies_is_found_by_its_simplified_form() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/text/opencc_testcases.json");
    let table: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut tried, mut missed) = (0, Vec::new());
    for case in table["cases"].as_array().unwrap() {
        for way in ["t2s", "tw2s", "hk2s"] {
            let Some(expected) = case["expected"][way].as_str() else { continue };
            let input = case["input"].as_str().unwrap();
            tried += 1;
            // The list is read as a file is; the whole text is one word of it, line ends taken as blanks.
            let word = expected.replace('\n', " ");
            let hits = matcher(&format!("{word}\n")).hits(&input.replace('\n', " "), "");
            if hits.len() != 1 {
                missed.push(format!("{way} {}: {expected} in {input}", case["id"]));
            }
        }
    }
    assert!(missed.is_empty(), "{} of {tried} missed: {missed:#?}", missed.len());
    assert_eq!(tried, 33);
}
