//! Counters as sites write them.

use proptest::prelude::*;
use yuqing::{
    model::{Count, Exactness},
    text::parse_count,
};

#[test]
fn the_sample_table_reads_as_expected() {
    let rows = super::rows("text/chinese_counts.jsonl");
    assert_eq!(rows.len(), 22);
    for row in rows {
        let input = row["input"].as_str().unwrap();
        assert_eq!(parse_count(input).map(|count| count.value), row["expected"].as_u64(), "{input:?}");
    }
}

#[test]
fn exactness_follows_the_way_of_writing() {
    let exact = Count::exact;
    let about = Count::about;
    let at_least = Count::at_least;
    let rows: &[(&str, Option<Count>)] = &[
        ("1,234", Some(exact(1_234))),
        ("1，234", Some(exact(1_234))),
        ("１２３４", Some(exact(1_234))),
        ("12,345,678", Some(exact(12_345_678))),
        ("0", Some(exact(0))),
        ("312.0", Some(exact(312))),
        ("阅读 1.2 万", Some(about(12_000))),
        ("阅读：1.2万", Some(about(12_000))),
        ("阅读(1.2萬)", Some(about(12_000))),
        ("1.2万次播放", Some(about(12_000))),
        ("1.23456万", Some(about(12_345))),
        ("3.5k", Some(about(3_500))),
        ("3.5K views", Some(about(3_500))),
        ("1.2M", Some(about(1_200_000))),
        ("1亿", Some(about(100_000_000))),
        ("1.5千", Some(about(1_500))),
        ("约3000", Some(about(3_000))),
        ("10w+", Some(at_least(100_000))),
        ("10万+", Some(at_least(100_000))),
        ("阅读 10万＋", Some(at_least(100_000))),
        ("100万+", Some(at_least(1_000_000))),
        ("999+", Some(at_least(999))),
        ("99+条评论", Some(at_least(99))),
        ("超10万", Some(at_least(100_000))),
        ("3万多", Some(at_least(30_000))),
        ("转发 312", Some(exact(312))),
        ("转发[312]", Some(exact(312))),
        ("312 comments", Some(exact(312))),
        ("共 312 条回复", Some(exact(312))),
        ("", None),
        ("-", None),
        ("--", None),
        ("转发", None),
        ("-5", None),
        ("−5", None),
        ("12%", None),
        ("1.5", None),
        (".5万", None),
        ("1,23", None),
        ("1.234.567", None),
        ("12:30", None),
        ("3天前", None),
        ("5分钟", None),
        ("2021-05-03", None),
        ("阅读 1.2万 评论 3", None),
        ("第3", None),
        ("3楼", None),
        ("1e5", None),
        ("NaN", None),
        ("99999999999999999999", None),
        ("9999999亿亿", None),
        ("99999万亿", None),
    ];
    for (text, expected) in rows {
        assert_eq!(parse_count(text), *expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_unknown(text in ".{0,80}") {
        let _ = parse_count(&text);
    }

    #[test]
    fn a_plain_number_keeps_its_value(n in 0u64..10_000_000_000) {
        prop_assert_eq!(parse_count(&n.to_string()), Some(Count::exact(n)));
        prop_assert_eq!(parse_count(&yuqing::locale::grouped(n)), Some(Count::exact(n)));
        prop_assert_eq!(parse_count(&format!("浏览 {n} 次")), Some(Count::exact(n)));
        let bound = parse_count(&format!("{n}+")).unwrap();
        prop_assert_eq!((bound.value, bound.exactness), (n, Exactness::AtLeast));
    }

    #[test]
    fn a_negative_number_is_unknown(n in 0u64..1_000_000) {
        prop_assert_eq!(parse_count(&format!("-{n}")), None);
        prop_assert_eq!(parse_count(&format!("浏览 -{n}")), None);
    }
}
