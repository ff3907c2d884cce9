//! The recogniser of the same statement by itself: what joins, what does not and why, the invariants of its index, and
//! a small run of the generator whose full tables `cargo bench --bench statements` prints.

#[path = "../../../benches/statements/edits.rs"]
#[allow(dead_code, missing_docs)]
mod edits;
#[path = "../../../benches/statements/negatives.rs"]
#[allow(dead_code, missing_docs)]
mod negatives;
#[path = "../../../benches/statements/texts.rs"]
#[allow(dead_code, missing_docs)]
mod texts;

use proptest::prelude::*;
use texts::{Side, Writer};
use yuqing::{
    desk::statement::{Comparison, Difference, Fingerprint, Index, Masks, Verdict, compare},
    locale::Locale,
    model::IncidentId,
    text::fold,
};

const UNIT: &str = "青川县人民医院";

fn print_of(text: &str) -> Fingerprint {
    Fingerprint::of(text, [UNIT])
}

fn compared(text: &str, core: &str) -> Comparison {
    compare(&print_of(text), &print_of(core))
}

#[track_caller]
fn same(text: &str, core: &str) {
    let compared = compared(text, core);
    assert_eq!(compared.verdict, Verdict::Same, "{text}\n{core}\n{compared:?}");
}

/// The two are kept apart, by a difference of this kind.
#[track_caller]
fn apart(text: &str, core: &str, kind: &str) {
    for compared in [compared(text, core), compared(core, text)] {
        assert_eq!(compared.verdict, Verdict::Contradicts, "{text}\n{core}\n{compared:?}");
        let difference = compared.difference.expect("a reason");
        assert_eq!(difference.kind(Locale::ZhCn), kind, "{}", difference.sentence(Locale::ZhCn));
    }
}

const POST: &str =
    "昨天下午3点在县城东街菜市场门口，一辆面包车撞倒两名学生后逃走，监控坏了半年没人修，希望警方尽快破案。";

#[test]
fn what_sites_and_people_add_does_not_matter() {
    for copy in [
        "转发微博 //@小城故事:昨天下午3点在县城东街菜市场门口，一辆面包车撞倒两名学生后逃走，监控坏了半年没人修，希望警方尽快破案。",
        "#青川身边事# 【网友爆料】昨天下午3点在县城东街菜市场门口，一辆面包车撞倒两名学生后逃走，监控坏了半年没人修，希望警方尽快破案。http://t.cn/A6xyz L本地通的微博视频",
        "昨天下午三点 在县城东街菜市场门口\n一辆面包车撞倒2名学生后逃走😡😡监控坏了半年没人修[怒]希望警方尽快破案！！！",
        "昨天下午3点在县城东街菜市场门口，一辆面包车撞倒两名学生后逃走，监控坏了半年没人修...全文",
        "太可怕了，大家接送孩子当心。昨天下午3点在县城东街菜市场门口，一辆面包车撞倒两名学生后逃走，监控坏了半年没人修，希望警方尽快破案。来源：本地论坛 2026-11-21 09:30",
        "昨天下午3點在縣城東街菜市場門口，一輛麵包車撞倒兩名學生後逃走，監控壞了半年沒人修，希望警方儘快破案。",
    ] {
        same(copy, POST);
        same(POST, copy);
    }
}

#[test]
fn another_slot_is_another_statement() {
    apart(&POST.replace("两名", "五名"), POST, "数字不同");
    apart(&POST.replace("3点", "9点"), POST, "数字不同");
    apart(&POST.replace("昨天", "前天"), POST, "日期不同");
    apart(&POST.replace("东街菜市场", "西街菜市场"), POST, "地点或单位不同");
    apart(&POST.replace("没人修", "有人修"), POST, "说法相反");
    apart(&POST.replace("希望", "不希望"), POST, "说法相反");
    let notice = |no: &str, date: &str, who: &str| {
        format!(
            "县教育局关于做好安全工作的通知 青教发〔2026〕{no}号 请各学校于{date}前将自查报告报送办公室，联系人{who}。"
        )
    };
    let one = notice("12", "11月21日", "王建国");
    apart(&notice("13", "11月21日", "王建国"), &one, "数字不同");
    apart(&notice("12", "11月28日", "王建国"), &one, "日期不同");
    apart(&notice("12", "11月21日", "李志强"), &one, "人名不同");
    same(&notice("12", "2026年11月21日", "王建国"), &one);
}

#[test]
fn figures_are_compared_as_values() {
    let told = |amount: &str, date: &str, share: &str| {
        format!("审计发现该公司{date}前共拖欠货款{amount}元，占全部货款的{share}，多家供货商已经联名起诉。")
    };
    let one = told("10000", "2026年11月21日", "30%");
    for other in [
        told("1万", "11月21日", "百分之三十"),
        told("１万", "2026-11-21", "30％"),
        told("10,000", "11.21", "30%"),
    ] {
        same(&other, &one);
    }
    apart(&told("12000", "11月21日", "30%"), &one, "数字不同");
    apart(&told("1万", "2025年11月21日", "30%"), &one, "日期不同");
}

#[test]
fn a_refutation_is_a_reaction_and_its_excerpt_is_its_copy() {
    let rumour = "县医院三楼今天上午塌了，压住了好几个病人，消防车来了一长串，医院不让拍照。";
    let denial = format!(
        "【辟谣】网传“{}”不实，请大家不信谣不传谣，保存证据向警方举报。",
        rumour.trim_end_matches('。')
    );
    let one = compared(&denial, rumour);
    assert_eq!((one.verdict, one.refutes), (Verdict::Reaction, true));
    let other = compared(rumour, &denial);
    assert_eq!(other.verdict, Verdict::Contradicts);
    assert!(matches!(other.difference, Some(Difference::Refuted { .. })), "{other:?}");
    same(&format!("大家看看 //@县融媒:{denial}"), &denial);
    assert_eq!(
        compared("这药是假的，虚假宣传，大家不要再去那家店里买了，骗了我三千块。", rumour).verdict,
        Verdict::Unlike
    );
}

#[test]
fn sayings_and_endings_join_nobody() {
    let saying = "落霞与孤鹜齐飞，秋水共长天一色";
    let (a, b) = ("周末带孩子爬山，一路上说说笑笑很开心，", "下班堵在桥上一个小时，抬头看见晚霞也不气了，");
    assert!(!compared(&format!("{a}{saying}"), &format!("{b}{saying}")).joins());
    let mut article = Writer::new(Side::Tune, 5).text(600, None);
    article.push_str(saying);
    assert!(!compared(&article, saying).joins(), "a saying somewhere in an article is not what it is about");
    let ending = "免责声明：本文仅代表作者个人观点，与本站无关，请读者仅作参考，并自行核实相关内容。";
    assert!(!compared(&format!("{a}真好\n{ending}"), &format!("{b}真好\n{ending}")).joins());
    let topics = "#青川县人民医院急诊排队三小时无人管##青川身边事#";
    assert!(
        !compared(
            &format!("{topics}今天路过看到人真多啊大家注意"),
            &format!("{topics}我家孩子上周也去过那里没有排队")
        )
        .joins()
    );
}

#[test]
fn drift_by_small_edits_does_not_chain() {
    let mut writer = Writer::new(Side::Tune, 11);
    let core = writer.text(120, None);
    let mut index = Index::default();
    index.insert(IncidentId(1), print_of(&core));
    let other = writer.text(120, None);
    // Each step takes a little more of another text; the last has nothing of the core.
    let (mut joined, mut left) = (0, 0);
    for step in 0..=20 {
        let (kept, taken) = (core.chars().count() * (20 - step) / 20, other.chars().count() * step / 20);
        let drifted: String = core.chars().take(kept).chain(other.chars().take(taken)).collect();
        match index.find(&print_of(&drifted)) {
            Some(_) => joined += 1,
            None => left += 1,
        }
    }
    assert!((4..=8).contains(&joined) && left >= 4, "{joined} joined, {left} did not");
}

#[test]
fn the_order_of_arrival_changes_nothing_and_removing_leaves_no_trace() {
    let mut writer = Writer::new(Side::Tune, 3);
    let bases: Vec<String> = (0..40).map(|_| writer.text(80, Some(UNIT))).collect();
    let copies: Vec<(u64, String)> = (1..)
        .zip(&bases)
        .flat_map(|(id, base)| {
            edits::EDITS.iter().take(8).map(move |edit| (id, edit.name, base)).collect::<Vec<_>>()
        })
        .map(|(id, name, base)| {
            let edit = edits::EDITS.iter().find(|edit| edit.name == name).expect("an edit");
            (id, (edit.apply)(&mut writer, base))
        })
        .collect();
    let masks = Masks::of([UNIT]);
    let mut answers = Vec::new();
    for backwards in [false, true] {
        let mut index = Index::default();
        let mut order: Vec<(u64, &String)> = (1..).zip(&bases).collect();
        if backwards {
            order.reverse();
        }
        for (id, base) in &order {
            index.insert(IncidentId(*id), print_of(base));
        }
        let found: Vec<_> = copies
            .iter()
            .map(|(_, text)| index.find(&print_of(text)).map(|found| found.incident.0))
            .collect();
        for ((id, text), found) in copies.iter().zip(&found) {
            assert_eq!(*found, Some(*id), "{text}");
            assert!(index.holds(&fold(text).text, &masks));
        }
        answers.push(found);
        for (id, _) in &order {
            index.remove(IncidentId(*id));
        }
        assert!(index.is_empty());
        assert_eq!((index.n_ways(), index.len()), (0, 0));
        assert!(copies.iter().all(|(_, text)| index.find(&print_of(text)).is_none()));
    }
    assert_eq!(answers.first(), answers.last());
}

#[test]
fn the_generator_is_recognised() {
    let mut missed = Vec::new();
    let mut tried = 0;
    for length in [60, 120, 300] {
        let mut writer = Writer::new(Side::Report, 77);
        for edit in edits::EDITS.iter().filter(|edit| edit.least <= length) {
            for _ in 0..8 {
                let base = writer.text(length, None);
                let copy = (edit.apply)(&mut writer, &base);
                tried += 1;
                if compared(&copy, &base).verdict != Verdict::Same {
                    missed.push((edit.name, copy, base));
                }
            }
        }
    }
    assert!(missed.len() * 50 <= tried, "{} of {tried} missed: {missed:#?}", missed.len());
    let mut joined = Vec::new();
    for negative in negatives::NEGATIVES {
        let mut writer = Writer::new(Side::Report, 78);
        for _ in 0..20 {
            let (x, y) = (negative.pair)(&mut writer, 60);
            if compared(&y, &x).verdict == Verdict::Same {
                joined.push((negative.name, x, y));
            }
        }
    }
    assert!(joined.len() <= 1, "{joined:#?}");
}

/// All anchors of a letter are shared by many others: only the rarest, looked at deeply enough, tell them apart.
#[test]
fn a_copy_is_found_among_form_letters() {
    let letter = |n: usize| {
        format!(
            "关于做好冬季安全工作的通知 第{}期。{}学校要高度重视，于{}月{}日前将自查报告报送办公室，联系人{}，逾期不报的将予以通报批评。",
            n % 17 + 1,
            ["东河", "西山", "南桥", "北坝", "中坪"][n % 5],
            n % 12 + 1,
            n % 28 + 1,
            ["王建国", "李志强", "张秀英", "刘桂兰", "陈明华", "杨海燕", "赵国平"][n % 7],
        )
    };
    // 17, 5, 12, 28 and 7 come together again after 7,140 letters: all are different.
    let letters: Vec<String> = (0..1_500).map(letter).collect();
    let mut index = Index::default();
    for (id, text) in (1..).zip(&letters) {
        index.insert(IncidentId(id), print_of(text));
    }
    for (id, text) in (1..).zip(&letters).step_by(50) {
        for copy in [text.clone(), format!("转给大家看看 {text}"), text.replacen("要高度重视", "高度重视", 1)]
        {
            let found = index.find(&print_of(&copy)).map(|found| found.incident);
            assert_eq!(found, Some(IncidentId(id)), "{copy}");
        }
    }
    assert!(index.find(&print_of(&letter(1).replace("第2期", "第99期"))).is_none());
}

#[test]
fn a_core_is_lean_and_bounded() {
    let core = print_of(&Writer::new(Side::Tune, 9).text(120, None));
    assert!(core.size_bytes() < 2_000, "{}", core.size_bytes());
    let endless = print_of(&"一二三四五六七八九十天地玄黄宇宙洪荒日月盈昃辰宿列张".repeat(5_000));
    assert!(endless.size_bytes() < 200_000, "{}", endless.size_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the texts are: the sieve says what the index finds, equal texts are one statement, nothing panics.
    #[test]
    fn the_sieve_agrees_with_the_index(
        texts in prop::collection::vec("[青川县医院急诊排队人没有不一二三十百万0-9月日点号:：.,，。#@/“”【】 \n]{0,60}", 1..8),
        mask in "[青川县医院]{0,3}",
    ) {
        let masks = Masks::of([mask.as_str()]);
        let mut index = Index::default();
        let prints: Vec<Fingerprint> = texts.iter().map(|text| Fingerprint::masked(&fold(text).text, &masks)).collect();
        for (id, print) in (1..).zip(&prints).step_by(2) {
            index.insert(IncidentId(id), print.clone());
        }
        for (text, print) in texts.iter().zip(&prints) {
            prop_assert_eq!(index.holds(&fold(text).text, &masks), index.find(print).is_some());
            prop_assert_eq!(compare(print, print).joins(), print.is_comparable());
        }
        for id in 1..=8 {
            index.remove(IncidentId(id));
        }
        prop_assert!(index.is_empty() && index.n_ways() == 0);
    }
}
