//! `[[maintenance]]` of `yuqing.toml`: read, checked against the sources, taken into force by a reload.

use jiff::civil::{Weekday, time};
use yuqing::config::load_after;

use super::office::Stage;

fn with(table: &str) -> Stage {
    let unit = "[[unit]]\nname = \"青川县人民医院\"\nplan = \"work-safety\"\nkeywords = [\"keywords/青川县人民医院.txt\"]";
    let stage = Stage::new();
    stage.write("yuqing.toml", format!("{unit}\n\n[[maintenance]]\n{table}\n"));
    stage
}

fn feed(name: &str, url: &str) -> String {
    format!("[[feed]]\nname = \"{name}\"\nurl = \"{url}\"\n\n")
}

#[test]
fn a_window_reads_and_a_reload_takes_it_into_force() {
    let stage = with(
        "title = \"升级\"\ndays = [\"周六\", \"sun\"]\nfrom = \"23:00\"\nuntil = \"02：00\"\nsubjects = [\"file\"]",
    );
    let office = stage.load().unwrap();
    let setup = office.setup();
    let [window] = &setup.maintenance.windows[..] else { panic!("{:?}", setup.maintenance) };
    assert_eq!(window.days, [Weekday::Saturday, Weekday::Sunday]);
    assert_eq!((window.from, window.until), (time(23, 0, 0, 0), time(2, 0, 0, 0)));
    assert!(window.covers("file/plans/x.toml") && !window.covers("source/甲"));
    stage.edit("yuqing.toml", "subjects = [\"file\"]", "");
    let reloaded = load_after(&office.folder, &office);
    assert!(reloaded.faults.is_empty(), "{:?}", reloaded.faults);
    assert!(reloaded.office.setup().maintenance.windows[0].covers("source/甲"));
}

#[test]
fn a_window_for_all_sources_of_a_site_covers_the_site() {
    let covered = |named: &str| {
        let stage =
            with(&format!("title = \"升级\"\nfrom = \"23:00\"\nuntil = \"02:00\"\nsources = {named}"));
        let feeds =
            [feed("甲版", "https://bbs.example.cn/a.xml"), feed("乙版", "https://www.example.cn/b.xml")];
        stage.write("sources.d/sources.toml", feeds.concat());
        let windows = stage.load().unwrap().setup().maintenance.windows.clone();
        ["source/甲版", "source/乙版", "site/example.cn"].map(|subject| windows[0].covers(subject))
    };
    assert_eq!(covered("[\"甲版\", \"乙版\"]"), [true, true, true]);
    assert_eq!(covered("[\"甲版\"]"), [true, false, false]);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_mend() {
    insta::assert_snapshot!(with("title = \"升级\"\nfrom = \"2点\"\ndays = [\"周七\"]").faults(), @r#"
    yuqing.toml:6:1: [maintenance] 缺少 until
      |
    6 | [[maintenance]]
      | ^^^^^^^^^^^^^^^
      改法: 加一行 until = "04:00"

    yuqing.toml:8:8: "2点" 不是时刻
      |
    8 | from = "2点"
      |        ^^^^^
      改法: 写成 "08:30"（二十四小时制，英文冒号）

    yuqing.toml:9:9: days 不认识 "周七"
      |
    9 | days = ["周七"]
      |         ^^^^^^
      改法: 写下列之一: "周一"（mon）、"周二"（tue）、"周三"（wed）、"周四"（thu）、"周五"（fri）、"周六"（sat）、"周日"（sun）
    "#);
    insta::assert_snapshot!(
        with("title = \"升级\"\nfrom = \"02:00\"\nuntil = \"02:00\"\ndate = 2026-12-05\ndays = [\"周六\"]\nsources = [\"甲\"]\nsubjects = []").faults(),
        @r#"
    yuqing.toml:9:9: 维护的开始和结束是同一时刻
      |
    9 | until = "02:00"
      |         ^^^^^^^
      改法: 写成 from = "02:00" 和 until = "04:00"；until 早于 from 就是次日

    yuqing.toml:10:8: days 和 date 只能写一个
       |
    10 | date = 2026-12-05
       |        ^^^^^^^^^^
      改法: 每周维护写 days = ["周六"]，只维护一次写 date = 2026-12-05

    yuqing.toml:12:12: sources.d 里没有信源 甲
       |
    12 | sources = ["甲"]
       |            ^^^^
      改法: 还没有信源；删去这一行就是所有故障

    yuqing.toml:13:12: subjects 是空的
       |
    13 | subjects = []
       |            ^^
      改法: 删去这一行，或写上内容
    "#
    );
}
