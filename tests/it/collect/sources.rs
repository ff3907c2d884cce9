//! Sources: what a file of `sources.d/` may say, and what it is told when it is wrong.

use std::path::Path;

use yuqing::{
    config::{
        preset::Presets,
        source::{self, Source, SourceKind},
    },
    model::SiteKind,
};

fn parse(text: &str) -> Result<Vec<Source>, Vec<String>> {
    let presets = Presets::load(None).unwrap();
    source::parse(Path::new("sources.d/a.toml"), text, &presets, &[])
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

#[test]
fn one_of_each_kind() {
    let text = r#"
        [[feed]]
        name = "新闻"
        url = "https://news.example.cn/rss.xml"
        interval = "10min"
        units = ["县医院"]

        [[page]]
        name = "论坛"
        preset = "discuz-list"
        base = "https://bbs.example.cn/"
        parameters = { fid = "2" }
        site = "本地论坛"
        site_kind = "forum"

        [[api]]
        name = "检索"
        preset = "weibo-search"
        credential = "env:KEY"
        headers = { Authorization = "Bearer {credential}" }

        [[push]]
        name = "送来"
        expected_every = "1h"

        [[command]]
        name = "程序"
        command = ["/usr/bin/true"]
    "#;
    let sources = parse(text).unwrap();
    let kinds: Vec<_> = sources.iter().map(|source| (source.name.as_str(), source.kind_id())).collect();
    assert_eq!(
        kinds,
        [("新闻", "feed"), ("论坛", "page"), ("检索", "api"), ("送来", "push"), ("程序", "command")]
    );
    let SourceKind::Fetched { urls, preset, observe_preset, .. } = &sources[1].kind else { panic!() };
    assert_eq!(
        urls,
        &[
            "https://bbs.example.cn/forum.php?mod=forumdisplay&fid=2&filter=author&orderby=dateline&page={page}"
        ]
    );
    assert_eq!(preset.site.as_deref(), Some("本地论坛"), "the source's own site wins");
    assert_eq!(observe_preset.as_ref().unwrap().site_kind, SiteKind::Forum);
    assert!(sources[2].searches());
    assert_eq!(
        parse(include_str!("../../../config/sources.d/sources.toml")).unwrap().len(),
        0,
        "ships with examples only"
    );
}

#[test]
fn faults_name_place_and_mend() {
    let cases = [
        ("[[feed]]\nname = \"a\"\n", "1:1", "没有写 url"),
        ("[[feed]]\nname = \"a\"\nurl = \"ftp://x\"\n", "3:7", "不是网址"),
        ("[[page]]\nname = \"a\"\nurl = \"https://x.cn\"\n", "1:1", "没有写 preset"),
        ("[[page]]\nname = \"a\"\npreset = \"dicsuz\"\n", "3:10", "没有预设 dicsuz"),
        ("[[page]]\nname = \"a\"\npreset = \"weibo-search\"\n", "3:10", "是 api 类的"),
        (
            "[[page]]\nname = \"a\"\npreset = \"discuz-list\"\nbase = \"https://x.cn\"\n",
            "1:1",
            "参数 fid 没有值",
        ),
        ("[[page]]\nname = \"a\"\npreset = \"discuz-list\"\n", "1:1", "没有写 base"),
        (
            "[[feed]]\nname = \"a\"\nurl = \"https://x.cn\"\nintervall = \"5min\"\n",
            "4:1",
            "没有 intervall 这个键",
        ),
        (
            "[[feed]]\nname = \"a\"\nurl = \"https://x.cn\"\ncredential = \"s3cret\"\n",
            "4:14",
            "不能直接写在文件里",
        ),
        (
            "[[feed]]\nname = \"a\"\nurl = \"https://x.cn\"\nheaders = { Cookie = \"a=b\" }\n",
            "4:22",
            "不能设置请求头 Cookie",
        ),
        ("[[command]]\nname = \"a\"\ncommand = [\"crawler\"]\n", "3:11", "完整路径"),
        ("[[push]]\nname = \"a\"\n[[push]]\nname = \"a\"\n", "4:8", "已经有名为“a”的来源"),
    ];
    for (text, place, words) in cases {
        let told = parse(text).unwrap_err();
        assert!(told[0].starts_with(&format!("sources.d/a.toml:{place}: ")), "{}", told[0]);
        assert!(told[0].contains(words) && told[0].contains("改法"), "{}", told[0]);
    }
    let several = parse(
        "[[feed]]\nname = \"a\"\nurl = \"x\"\n[[feed]]\nname = \"b\"\nurl = \"y\"\ninterval = \"bald\"\n",
    );
    assert_eq!(several.unwrap_err().len(), 3, "all faults at once");
}
