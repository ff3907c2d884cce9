//! What a broken or doubtful file says, word by word.

use std::fmt::Write as _;

use proptest::prelude::*;
use yuqing::keyword::parse;

use super::{list, matcher};

fn faults(bytes: &[u8]) -> String {
    let mut out = String::new();
    for fault in parse("甲", "甲.txt", bytes).unwrap_err() {
        writeln!(out, "{} | {} | {} | {}", fault.line, fault.text, fault.message, fault.hint).unwrap();
    }
    out
}

fn warnings(text: &str) -> String {
    let mut out = String::new();
    for warning in list(text).warnings {
        writeln!(out, "{} | {} | {}", warning.line, warning.text, warning.message).unwrap();
    }
    out
}

#[test]
fn all_faults_are_told_at_once() {
    let text = "市医院\n+\n＋ \n!\n/收费(/\n/收费\n//\n/a*/\n/ab(?!c)d/\n/a/q\n=> 备注\n-----\n[ ]\n至少:\n通知：\n检索: 好\n";
    insta::assert_snapshot!(faults(text.as_bytes()), @r"
    2 | + | + 后面没有词 | 写上必须同时出现的词，如 +投诉
    3 | ＋ | + 后面没有词 | 写上必须同时出现的词，如 +投诉
    4 | ! | ! 后面没有词 | 写上不得出现的词，如 !招聘
    5 | /收费(/ | 正则第 3 个字“(”没有配上右括号 | 补上 )；要找括号本身写成 \(
    6 | /收费 | 正则缺少结尾的 / | 写成 /正则/；要找的词本身以 / 开头时去掉它
    7 | // | 两个 / 之间没有内容 | 在两个 / 之间写上正则，或删去这一行
    8 | /a*/ | 这个正则连空文字也能匹配，会命中所有帖子 | 把 * 改成 +，去掉多余的 | 或 ?，或加上一定会出现的字
    9 | /ab(?!c)d/ | 正则第 3 个字起的“(?!”不支持写在这里：前面的限制 (?<!…) 只能写在最前，后面的限制 (?!…) 只能写在最后 | 要排除一个词，去掉这一段，另起一行写 !词；要求同时出现另起一行写 +词
    10 | /a/q | 结尾的 / 后面有不认识的“q” | 结尾的 / 后面只能写 i、m、s、x；词里本来就有 / 的，去掉开头的 /，直接写这个词
    11 | => 备注 | => 前面没有词 | 写成 词 => 备注
    12 | ----- | 这一行只有标点，没有可以匹配的文字 | 分隔线和说明请以 # 开头
    13 | [ ] | 方括号里没有组名 | 写成 [组名]，或删去这一行
    14 | 至少: | “至少”后面没有等级 | 写出等级的名称，如 至少: 重大
    15 | 通知： | “通知”后面没有联系人 | 写出联系人，多个用顿号隔开，如 通知: 总值班室、张科长
    16 | 检索: 好 | “检索”只能是“是”或“否” | 写成 检索: 是
    ");
}

#[test]
fn an_empty_list_is_refused() {
    insta::assert_snapshot!(faults(b""), @"0 |  | 名单里一个关键词也没有；空名单不会被当作“全部命中” | 至少写一行要找的词，如单位的名称");
    insta::assert_snapshot!(faults("# 只有说明\n\n   \n".as_bytes()), @"0 |  | 名单里一个关键词也没有；空名单不会被当作“全部命中” | 至少写一行要找的词，如单位的名称");
    insta::assert_snapshot!(faults("检索: 是\n\n市医院\n".as_bytes()), @"1 | 检索: 是 | 这一段没有关键词，这一行不知道管哪一组 | 把这一行写进词组里，与词之间不要空行");
    insta::assert_snapshot!(faults("[GLOBAL_FILTER]\n广告\n检索: 是\n".as_bytes()), @"3 | 检索: 是 | 全局过滤区里不能写这一行 | 移到 [WORD_GROUPS] 之后的词组里");
}

#[test]
fn damaged_bytes_name_their_line() {
    insta::assert_snapshot!(faults(b"abc\n\xFF\xFFab\n\x00\n"), @r"
        2 | ��ab | 这一行有无法识别的字，文件编码可能已损坏 | 用记事本打开，重新输入这一行，另存为 UTF-8 编码
        3 |   | 这一行有无法识别的字，文件编码可能已损坏 | 用记事本打开，重新输入这一行，另存为 UTF-8 编码
    ");
}

#[test]
fn a_file_that_is_no_list_is_told_once() {
    let told = |file: &str, bytes: &[u8]| {
        let faults = parse("甲", file, bytes).unwrap_err();
        assert_eq!(faults.len(), 1, "{file}: {faults:?}");
        assert_eq!((faults[0].line, faults[0].text.as_str()), (0, ""), "{file}");
        faults[0].message.clone()
    };
    // What a picture or an encrypted file holds, from a generator: every byte occurs.
    let noise: Vec<u8> =
        (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let with = |head: &[u8]| [head, &noise].concat();
    for file in ["名单.txt", "名单.csv", "名单"] {
        assert!(told(file, &with(b"\x89PNG\r\n\x1a\n")).contains("PNG"));
        assert!(told(file, &with(b"\xFF\xD8\xFF\xE0")).contains("JPEG"));
        assert!(told(file, b"%PDF-1.7\nx\n").contains("PDF"));
        assert!(told(file, b"{\\rtf1\\ansi x}").contains("RTF"));
        assert!(told(file, "<html><table>\n<td>市医院</td>\n".as_bytes()).contains("HTML"));
        assert!(told(file, &noise).contains("不是文本文件"));
    }
    // UTF-16 without a mark is read; where a byte is missing it is refused as a whole.
    let wide: Vec<u8> = "市医院\n+投诉\n\n强拆\n欠薪\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(parse("甲", "甲.txt", &wide).unwrap().groups.len(), 2);
    assert!(told("甲.txt", &wide[1..]).contains("编码"));
    assert!(told("甲.txt", &wide[..wide.len() - 1]).contains("编码"));
}

#[test]
fn limits_are_told() {
    let long = format!("市医院\n{}\n{}\n", "长".repeat(101), "长".repeat(1_001));
    insta::assert_snapshot!(faults(long.as_bytes()).replace(&"长".repeat(101), "长…").replace(&"长".repeat(20), "长…"), @r"
        2 | 长… | 这个词超过 100 个字 | 只写关键的几个字，一行一个词
        3 | 长…长长长长长长长长长长长长长长长长长长长 | 这一行超过 1000 个字 | 一行只写一个词
    ");
    insta::assert_snapshot!(faults(&vec![b'a'; 9 << 20]), @"0 |  | 文件有 9 MB，超过 8 MB | 关键词文件应当是一行一个词的纯文本；请检查是否放错了文件");
}

#[test]
fn doubtful_lines_are_warned_of() {
    let text = "医\n医院\nai\n青川县医院\n青川县医院住院部\n青川县醫院\n青川县医院 +投诉\n\n!招聘\n\n医院\n+投诉\n\n[没有词]\n\n[有词]\n强拆\n";
    insta::assert_snapshot!(warnings(text), @r"
        1 | 医 | 只有一个字，会命中大量无关内容；请写得长一些，或加一行 +词
        2 | 医院 | 太常见，会命中大量无关内容；请加上地名或单位名，或加一行 +词
        2 | 医院 | 已被第 1 行的“医”包含，可以删去
        3 | ai | 只有两个字母或数字，容易误中；请写全称，或加一行 +词
        4 | 青川县医院 | 已被第 1 行的“医”包含，可以删去
        5 | 青川县医院住院部 | 已被第 1 行的“医”包含，可以删去
        6 | 青川县醫院 | 与第 4 行重复
        7 | 青川县医院 +投诉 | 一行只写一个词；+词 和 !词 要另起一行
        7 | 青川县医院 +投诉 | 已被第 1 行的“医”包含，可以删去
        9 | !招聘 | 这一段只有 ! 开头的词，没有要找的词，整段不起作用；! 只管自己这一段
        11 | 医院 | 第 1 行的“医”没有条件，本词出现时它总会命中，所以组“医院”的 + 和 ! 不会减少提醒
        14 | [没有词] | 这个组名下面没有词
    ");
    insta::assert_snapshot!(warnings("[GLOBAL_FILTER]\n!广告\n[WORD_GROUPS]\n强拆\n[空]\n"), @r"
        0 |  | 按 TrendRadar 的名单读入，与它不同的是: 没有词的名单不会被当作“全部命中”，而是不采用
        2 | !广告 | 全局过滤区里的词前面不写 + 或 !，这一行不起作用
        5 | [空] | 这个组名下面没有词
    ");
}

#[test]
fn what_reads_like_a_setting_or_a_group_is_told() {
    let text = "青川县人民医院\n等级：重大\n联系人: 张三\n组名:医院\n/收费（高｜贵）/\n/收费(高|贵)/ => 收费（高）\n至少：重大\n时间: 昨天\n[收费组\n［投诉\n退费】]\n[视频]大楼\n";
    insta::assert_snapshot!(warnings(text), @r"
    2 | 等级：重大 | 没有“等级”这项设置，整行算一个要找的词；要设最低等级，写成 至少: 重大
    3 | 联系人: 张三 | 没有“联系人”这项设置，整行算一个要找的词；要通知某人，写成 通知: 总值班室
    4 | 组名:医院 | 没有“组名”这项设置，整行算一个要找的词；组名写在方括号里，如 [医院]
    5 | /收费（高｜贵）/ | 正则里的全角 （｜） 只当作普通的字；要分组或任选，改成半角 ( ) |
    9 | [收费组 | 像是组名，但少了一边方括号，整行算一个要找的词；组名两边都写，如 [医院]
    10 | ［投诉 | 像是组名，但少了一边方括号，整行算一个要找的词；组名两边都写，如 [医院]
    11 | 退费】] | 像是组名，但少了一边方括号，整行算一个要找的词；组名两边都写，如 [医院]
    ");
}

#[test]
fn reasons_name_the_line_and_the_word() {
    let matcher = matcher(
        "[GLOBAL_FILTER]\n广告\n\n[WORD_GROUPS]\n市医院\n县医院\n+投诉\n+收费\n!招聘\n\n强拆\n\n+讨薪\n+工地\n",
    );
    let reasons =
        |text: &str| matcher.why_not(text).into_iter().map(|why| (why.line, why.reason)).collect::<Vec<_>>();
    insta::assert_debug_snapshot!(reasons("市医院招聘投诉"), @r#"
        [
            (
                8,
                "第 8 行 +收费 未出现",
            ),
            (
                9,
                "第 9 行 !招聘 出现",
            ),
        ]
    "#);
    insta::assert_debug_snapshot!(reasons("有人投诉收费"), @r#"
        [
            (
                5,
                "第 5 行 市医院 等 2 个词均未出现",
            ),
        ]
    "#);
    insta::assert_debug_snapshot!(reasons("强拆广告"), @r#"
        [
            (
                2,
                "第 2 行 全局过滤词 广告 出现",
            ),
        ]
    "#);
    insta::assert_debug_snapshot!(reasons("讨薪"), @r#"
        [
            (
                14,
                "第 14 行 +工地 未出现",
            ),
        ]
    "#);
    assert!(reasons("强拆").is_empty(), "what hits needs no reason");
    assert!(reasons("今天天气好").is_empty(), "nothing matched at all");
    assert!(reasons("广告招聘").is_empty(), "no wanted word matched");
}

proptest! {
    #[test]
    fn any_bytes_give_a_list_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(faults) = parse("甲", "甲.txt", &bytes) {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn any_lines_give_a_list_or_faults(text in "([+!#@/\\[\\]（(|)*?<=>:：至少通知检索是广告a-c 　\n]{0,12}\n){0,8}") {
        match parse("甲", "甲.txt", text.as_bytes()) {
            Ok(list) => prop_assert!(!list.groups.is_empty()),
            Err(faults) => prop_assert!(faults.iter().all(|fault| !fault.message.is_empty() && !fault.hint.is_empty())),
        }
    }
}
