//! Topic watches (专题) as the office writes them, and what is in force when.

use std::process::Command;

use jiff::Timestamp;
use yuqing::keyword::{Matcher, TopicState};

use super::office::Stage;

const TOPIC: &str = "\n[[topic]]\nname = \"招生\"\nkeywords = [\"keywords/招生.txt\"]\n";

/// An office with this behind `[[topic]]`.
fn with(more: &str) -> Stage {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap();
    stage.write("yuqing.toml", format!("{text}{TOPIC}{more}"));
    stage.write("keywords/招生.txt", "[分数线]\n分数线\n检索: 是\n");
    stage
}

/// Faults without the line numbers that the shipped file decides.
fn faults(stage: &Stage) -> String {
    let faults = stage.load().expect_err("a fault");
    faults
        .iter()
        .map(|fault| {
            let width = fault.width;
            let (column, hint) = (fault.column, fault.hint.as_deref().unwrap_or_default());
            format!("{column}+{width} {}: {}\n  {hint}\n", fault.source, fault.message)
        })
        .collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn groups_hit(stage: &Stage, now: Timestamp) -> Vec<String> {
    let matcher = Matcher::new(stage.load().unwrap().lists_at(now));
    matcher.hits("今年的分数线", "").into_iter().map(|hit| hit.group).collect()
}

#[test]
fn a_topic_is_in_force_from_its_first_to_its_last_day_in_the_units_zone() {
    let stage = with("from = 2026-06-01\nuntil = \"2026-09-10\"\nnote = \"录取期间\"\n");
    for (now, hits) in [
        ("2026-05-31T15:59:59Z", 0),
        ("2026-05-31T16:00:00Z", 1),
        ("2026-09-10T15:59:59Z", 1),
        ("2026-09-10T16:00:00Z", 0),
    ] {
        let found = groups_hit(&stage, at(now));
        assert_eq!(found.len(), hits, "{now}");
        assert!(found.iter().all(|group| group == "专题 招生·分数线"), "{found:?}");
    }
    let office = stage.load().unwrap();
    assert_eq!(office.topics[0].unit, "青川县人民医院");
    assert_eq!(office.topics[0].topic.note, "录取期间");
    assert_eq!(office.next_topic_change(at("2026-01-01T00:00:00Z")), Some(at("2026-05-31T16:00:00Z")));
    assert_eq!(office.next_topic_change(at("2026-05-31T16:00:00Z")), Some(at("2026-09-10T16:00:00Z")));
    assert_eq!(office.next_topic_change(at("2026-09-10T16:00:00Z")), None);
}

#[test]
fn both_ends_may_be_missing_or_times_of_day() {
    for (written, from, until) in [
        ("", None, None),
        ("from = \"2026-06-01 08:30\"", Some("2026-06-01T00:30:00Z"), None),
        ("until = 2026-06-01T18:00:00", None, Some("2026-06-01T10:00:00Z")),
        ("until = 2026-06-01T18:00:00+09:00", None, Some("2026-06-01T09:00:00Z")),
    ] {
        let office = with(written).load().unwrap();
        let topic = &office.topics[0].topic;
        assert_eq!((topic.from, topic.until), (from.map(at), until.map(at)), "{written}");
    }
}

#[test]
fn the_plan_of_the_unit_says_the_zone() {
    let stage = with("from = 2026-06-01\n");
    stage.edit("plans/work-safety.toml", "zone = \"Asia/Shanghai\"", "zone = \"Asia/Urumqi\"");
    assert_eq!(stage.load().unwrap().topics[0].topic.from, Some(at("2026-05-31T18:00:00Z")));
}

#[test]
fn its_terms_are_searched_for_only_while_it_lasts() {
    let office = with("from = 2026-06-01\nuntil = 2026-06-10\n").load().unwrap();
    let terms = |now| {
        let terms = Matcher::new(office.lists_at(at(now))).search_terms();
        terms.into_iter().filter(|term| term.word == "分数线").count()
    };
    assert_eq!([terms("2026-05-01T00:00:00Z"), terms("2026-06-05T00:00:00Z")], [0, 1]);
    assert_eq!(terms("2026-07-01T00:00:00Z"), 0);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    insta::assert_snapshot!(faults(&with("from = \"六月\"\nuntil = 7\n")), @r#"
    8+4 from = "六月": from: "六月" 不是日期或日期时间
      写成 from = 2026-06-01 或 from = "2026-06-01 08:00"
    9+1 until = 7: until 应当是日期或日期时间，这里写的是整数
      写成 until = 2026-06-01 或 "2026-06-01 08:00"
    "#);
    insta::assert_snapshot!(faults(&with("from = 2026-06-10\nuntil = 2026-06-09\n")), @r"
    9+10 until = 2026-06-09: 专题 招生 的结束不晚于开始
      until 写得比 from 晚；只写日期时，until 那一天也算在内
    ");
    insta::assert_snapshot!(faults(&with("unit = \"别的单位\"\nuntl = 2026-06-09\n")), @r#"
    8+6 unit = "别的单位": 没有监测单位 别的单位
      写 [[unit]] 里有的: 青川县人民医院
    1+4 untl = 2026-06-09: 没有 untl 这个键
      是不是 until？这里可以写: from、keywords、name、note、unit、until
    "#);
    insta::assert_snapshot!(faults(&with(TOPIC)), @r#"
    8+4 name = "招生": 专题 招生 写了两次
      改一个名字，或把关键词文件写在同一段里
    "#);
    insta::assert_snapshot!(faults(&with("\n[[topic]]\nname = \"空\"\n")), @r#"
    1+9 [[topic]]: 专题没有关键词文件，什么也监测不到
      写一行 keywords = ["keywords/专题名称.txt"]
    "#);
}

#[test]
fn a_broken_list_of_a_topic_keeps_its_words_and_takes_the_new_times() {
    let stage = with("from = 2026-06-01\n");
    let folder = yuqing::config::Folder::Disk(stage.path().to_owned());
    let (office, _) = yuqing::config::load(&folder).unwrap();
    stage.write("keywords/招生.txt", "[分数线]\n/(没有关上/\n");
    stage.edit("yuqing.toml", "\nfrom = 2026-06-01\n", "\nfrom = 2027-06-01\n");
    let again = yuqing::config::load_after(&folder, &office);
    assert_eq!(again.faults.len(), 1, "{:?}", again.faults);
    let list = again.office.lists.iter().find(|list| list.topic.is_some()).unwrap();
    assert_eq!(list.groups[0].name, "专题 招生·分数线");
    assert!(!list.is_in_force(at("2026-07-01T00:00:00Z")));
    assert!(list.is_in_force(at("2027-07-01T00:00:00Z")));
}

#[test]
fn a_topic_that_ended_long_ago_is_a_warning_at_its_end() {
    let office = with("until = 2026-06-10\n").load().unwrap();
    let watch = &office.topics[0];
    assert_eq!(watch.topic.state(at("2026-06-20T00:00:00Z")), TopicState::Ended);
    assert!(watch.forgotten(at("2026-07-10T15:59:00Z")).is_none());
    let warning = watch.forgotten(at("2026-07-10T16:00:01Z")).expect("thirty days are long ago");
    assert_eq!((warning.0.column, warning.0.source.as_str()), (9, "until = 2026-06-10"));
    assert!(warning.to_string().contains("专题 招生 早已结束"), "{warning}");
}

#[test]
fn check_says_what_is_in_force_will_be_and_has_ended() {
    let topic = |name: &str, times: &str| {
        format!("\n[[topic]]\nname = \"{name}\"\nkeywords = [\"keywords/招生.txt\"]\n{times}\n")
    };
    let more = topic("过去", "until = 2020-01-01") + &topic("将来", "from = 2999-01-01");
    let stage = with(&more);
    let check = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.args(["check", "--offline", "--office", "."]).args(arguments).current_dir(stage.path());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = check(&[]);
    assert!(text.contains("专题 招生（青川县人民医院）: 正在监测，没有写结束"), "{text}");
    assert!(text.contains("专题 过去（青川县人民医院）: 已结束（2020-01-02 00:00）"), "{text}");
    assert!(text.contains("专题 将来（青川县人民医院）: 未开始，2999-01-01 00:00 起监测"), "{text}");
    assert!(text.contains("专题 过去 早已结束"), "{text}");
    let json = check(&["--json"]);
    let summary: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    let states: Vec<&str> =
        summary["topics"].as_array().unwrap().iter().map(|topic| topic["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["in_force", "ended", "waiting"]);
    // In the last weeks of a year its holidays may be missed as well.
    let warned =
        json.lines().filter(|line| line.contains("\"severity\":\"warning\"") && line.contains("专题"));
    assert_eq!(warned.count(), 1, "{json}");
}
