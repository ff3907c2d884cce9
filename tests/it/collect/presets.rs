//! Presets: the shipped ones are sound, the office's own win, every fault has its place and its mend.

use std::{fs, path::Path};

use yuqing::config::preset::{self, Presets, parse_span};

#[test]
fn the_shipped_presets_are_sound() {
    let presets = Presets::load(None).unwrap();
    let names: Vec<_> = presets.iter().map(|preset| preset.name.as_str()).collect();
    for name in
        ["discuz-list", "discuz-thread", "douyin-search", "posts-json", "rss", "weibo-search", "weibo-status"]
    {
        assert!(names.contains(&name), "{name} is missing");
    }
    assert!(presets.get("discuz-thread").unwrap().counts_own_fetch);
    assert!(!presets.get("discuz-list").unwrap().counts_own_fetch);
    assert!(!presets.get("weibo-search").unwrap().yields.views, "views are not told there");
}

#[test]
fn the_offices_own_preset_wins() {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("presets")).unwrap();
    let own = "kind = \"feed\"\ntitle = \"本单位的订阅\"\nsite_kind = \"own\"\ninterval = \"1分钟\"\n";
    fs::write(office.path().join("presets/rss.toml"), own).unwrap();
    fs::write(office.path().join("presets/~$rss.toml"), "half written").unwrap();
    let presets = Presets::load(Some(office.path())).unwrap();
    assert_eq!(presets.get("rss").unwrap().title, "本单位的订阅");
    assert!(presets.get("discuz-list").is_some(), "the others stay");
}

#[test]
fn every_shipped_preset_says_how_far_it_is_proved() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/presets")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.lines().any(|line| line.starts_with("proof = ")), "{} has no proof", path.display());
    }
}

/// The first fault of a preset file.
fn fault(text: &str) -> String {
    preset::parse(Path::new("presets/x.toml"), "x", text).unwrap_err()[0].to_string()
}

#[test]
fn every_fault_has_its_place_and_its_mend() {
    let head = "kind = \"page\"\ntitle = \"t\"\nsite_kind = \"forum\"\n";
    insta::assert_snapshot!(fault(&format!("{head}[list]\nitem = \"td[\"\n[list.fields]\n")), @r#"
    presets/x.toml:5:8: 不是 CSS 选择器: Unexpected EOL
      |
    5 | item = "td["
      |        ^^^^^
      改法: 例: "td.num em"、"tbody[id^=normalthread_]"
    "#);
    let typo = fault(&format!("{head}yield = [\"views\"]\n[list]\nitem = \"td\"\n[list.fields]\n"));
    assert!(typo.contains("presets/x.toml:4:1") && typo.contains("没有 yield 这个键"), "{typo}");
    let cases = [
        (
            format!("{head}yields = [\"clicks\"]\n[list]\nitem = \"td\"\n[list.fields]\n"),
            "4:11",
            "没有计数 clicks",
        ),
        (format!("{head}zone = \"Beijing\"\n[list]\nitem = \"td\"\n[list.fields]\n"), "4:8", "没有时区"),
        (
            format!("{head}interval = \"bald\"\n[list]\nitem = \"td\"\n[list.fields]\n"),
            "4:12",
            "看不懂的时长",
        ),
        (
            format!("{head}encoding = \"klingon\"\n[list]\nitem = \"td\"\n[list.fields]\n"),
            "4:12",
            "没有字符编码",
        ),
        (
            format!(
                "{head}[list]\nitem = \"td\"\n[list.fields]\nid = [{{ attr = \"id\", regex = \"(\" }}]\n"
            ),
            "7:30",
            "不是正则表达式",
        ),
        (
            format!("{head}[list]\nitem = \"td\"\n[list.fields]\n[[not_data]]\nreason = \"login\"\n"),
            "7:1",
            "没有写凭什么识别",
        ),
        ("kind = \"carrier-pigeon\"\n".to_owned(), "1:8", "没有 carrier-pigeon 这种预设"),
        (
            "kind = \"api\"\ntitle = \"t\"\nsite_kind = \"news\"\n[list]\nitems = [\"$.[\"]\n[list.fields]\n"
                .to_owned(),
            "5:10",
            "不是 JSONPath",
        ),
    ];
    for (text, place, words) in cases {
        let told = fault(&text);
        assert!(told.starts_with(&format!("presets/x.toml:{place}: ")), "{told}");
        assert!(told.contains(words) && told.contains("改法"), "{told}");
    }
}

#[test]
fn spans() {
    let minutes = |written: &str| parse_span(written).map(|span| span.as_secs() / 60);
    assert_eq!(minutes("5min"), Some(5));
    assert_eq!(minutes("5分钟"), Some(5));
    assert_eq!(minutes("2小时"), Some(120));
    assert_eq!(minutes("1d"), Some(1440));
    assert_eq!(parse_span("90s").map(|span| span.as_secs()), Some(90));
    for bad in ["", "5", "0min", "-5min", "soon", "99999999999999d"] {
        assert_eq!(parse_span(bad), None, "{bad}");
    }
}
