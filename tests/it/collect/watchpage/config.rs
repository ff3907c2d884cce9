//! `[[watch]]` in `sources.d/`: what may be written, and what is told when it is wrong.

use std::path::Path;

use yuqing::config::{
    preset::Presets,
    source::{self, AfterChange, SourceKind, list_names},
};

fn parse(text: &str) -> Result<Vec<source::Source>, Vec<String>> {
    let presets = Presets::load(None).unwrap();
    source::parse(Path::new("sources.d/a.toml"), text, &presets, &[])
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn everything_that_may_be_written() {
    let text = r##"
        [[watch]]
        name = "本院网站"
        urls = ["https://www.hospital.example.cn/", "https://www.hospital.example.cn/news/"]
        units = ["县医院"]
        interval = "5min"
        volatile = ["#visits", ".weather"]
        banned = ["内部资料"]
        word_lists = ["赌博"]
        foreign_links_ok = ["partner.example.cn", "*.map.example.com"]
        expect = ["县医院"]
        after_change = "approve"
        at_least = "特别重大"
    "##;
    let source = parse(text).unwrap().remove(0);
    assert_eq!(source.kind_id(), "watch");
    assert_eq!(source.addresses().len(), 2);
    let SourceKind::Watch { pages } = &source.kind else { panic!() };
    assert_eq!(pages.links_ok, ["partner.example.cn", "map.example.com"]);
    assert_eq!((pages.after_change, pages.at_least.as_str()), (AfterChange::Approve, "特别重大"));
    assert_eq!(pages.banned[0].list, None, "the office's own");
    assert!(pages.banned.iter().skip(1).all(|word| word.list.as_deref() == Some("赌博")));
    assert!(pages.banned.iter().any(|word| word.word == "博彩"));
}

#[test]
fn all_lists_unless_some_are_named() {
    let text = "[[watch]]\nname = \"a\"\nurl = \"https://x.cn\"\nunits = [\"a\"]\n";
    let SourceKind::Watch { pages } = &parse(text).unwrap()[0].kind else { panic!() };
    assert_eq!(list_names(), ["赌博", "色情", "广告", "涂改"]);
    for name in list_names() {
        assert!(pages.banned.iter().any(|word| word.list.as_deref() == Some(name)), "{name}");
    }
    let none = format!("{text}word_lists = []\n");
    let SourceKind::Watch { pages } = &parse(&none).unwrap()[0].kind else { panic!() };
    assert!(pages.banned.is_empty());
    assert_eq!((pages.after_change, pages.at_least.as_str()), (AfterChange::Learn, "major"));
}

#[test]
fn faults_name_place_and_mend() {
    let good = "[[watch]]\nname = \"a\"\nurl = \"https://x.cn\"\nunits = [\"a\"]\n";
    let cases = [
        ("[[watch]]\nname = \"a\"\nunits = [\"a\"]\n".to_owned(), "1:1", "没有写 urls"),
        ("[[watch]]\nname = \"a\"\nurl = \"https://x.cn\"\n".to_owned(), "1:1", "没有写 units"),
        ("[[watch]]\nname = \"a\"\nurl = \"x.cn\"\nunits = [\"a\"]\n".to_owned(), "3:7", "不是网址"),
        (format!("{good}volatile = [\"##\"]\n"), "5:13", "看不懂的选择器"),
        (format!("{good}word_lists = [\"博彩\"]\n"), "5:15", "没有词表 博彩"),
        (format!("{good}banned = [\"赌\"]\n"), "5:11", "太短"),
        (format!("{good}foreign_links_ok = [\"https://x.cn/\"]\n"), "5:21", "不是域名"),
        (format!("{good}after_change = \"nothing\"\n"), "5:16", "after_change"),
        (format!("{good}urls = [\"https://x.cn\"]\n"), "5:9", "写了两次"),
        (format!("{good}preset = \"rss\"\n"), "5:1", "没有 preset 这个键"),
        (format!("{good}interval = \"soon\"\n"), "5:12", "看不懂的时长"),
    ];
    for (text, place, words) in cases {
        let faults = parse(&text).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains(place) && faults[0].contains(words), "{place} {words}: {}", faults[0]);
    }
}
