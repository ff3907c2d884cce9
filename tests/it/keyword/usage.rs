//! What is said of how often rules hit.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use yuqing::{
    keyword::{
        List, Topic, parse,
        usage::{Odd, first_day, report, rules_of},
    },
    locale::Locale,
    model::{Looked, RuleUse, Usage},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2026-11-21T04:00:00Z".parse().unwrap()
}

fn day(before: i64) -> Date {
    "2026-11-21".parse::<Date>().unwrap().saturating_sub(jiff::Span::new().days(before))
}

fn list(text: &str) -> List {
    parse("甲", "甲.txt", text.as_bytes()).unwrap()
}

/// What is odd of the first rule of a list that was first read so many days ago, with these hits by day
/// before today, of so many posts looked at.
fn odd_of(list: List, age: i64, hits: &[(i64, u64)], looked: u64) -> Vec<Odd> {
    let lists = [Arc::new(list)];
    let first_at = now() - DAY * i32::try_from(age).unwrap();
    let last = hits.iter().map(|(before, _)| *before).min();
    let mut days: Vec<(Date, u64)> = hits.iter().map(|(before, hits)| (day(*before), *hits)).collect();
    days.sort_unstable();
    let rules = rules_of(&lists).into_iter().map(|line| RuleUse {
        rule: line.rule,
        line: line.line,
        first_at,
        last_hit_at: last.map(|before| now() - DAY * i32::try_from(before).unwrap()),
        last_24h: hits.iter().filter(|(before, _)| *before == 0).map(|(_, hits)| hits).sum(),
        days: days.clone(),
    });
    let looked = vec![
        Looked { unit: String::new(), day: day(0), posts: looked / 2 },
        Looked { unit: "甲".into(), day: day(1), posts: looked - looked / 2 },
        Looked { unit: "乙".into(), day: day(1), posts: 1_000_000 },
    ];
    let usage = Usage { rules: rules.collect(), looked };
    report(&lists, &usage, now())[0].rules[0].odd.clone()
}

#[test]
fn a_rule_that_never_matched_in_thirty_days_is_odd() {
    assert_eq!(odd_of(list("词\n"), 30, &[], 100), [Odd::NeverMatched]);
    assert_eq!(odd_of(list("词\n"), 29, &[], 100), [], "too young to say");
    assert_eq!(odd_of(list("词\n"), 30, &[], 99), [], "too few posts to say");
    assert_eq!(odd_of(list("词\n"), 300, &[(200, 1)], 100), [], "it did once");
}

#[test]
fn a_topics_rule_is_as_old_as_its_topic() {
    let topic = |from, until| {
        let [from, until] = [from, until].map(|days: Option<i32>| days.map(|days| now() - DAY * days));
        list("词\n").under(&Arc::new(Topic { name: "专".into(), from, until, note: String::new() }))
    };
    assert_eq!(odd_of(topic(Some(40), None), 300, &[], 100), [Odd::NeverMatched]);
    assert_eq!(odd_of(topic(Some(40), None), 300, &[(50, 3)], 100), [Odd::NeverMatched], "last time it did");
    assert_eq!(odd_of(topic(Some(20), None), 300, &[], 100), []);
    assert_eq!(odd_of(topic(Some(40), Some(1)), 300, &[], 100), [], "it is over");
    assert_eq!(odd_of(topic(Some(-1), None), 300, &[], 100), [], "it has not begun");
}

#[test]
fn a_rule_that_meets_a_third_of_all_posts_is_odd_unless_it_is_searched_for() {
    assert_eq!(odd_of(list("词\n"), 3, &[(0, 15), (1, 16)], 100), [Odd::MeetsTooMuch { percent: 31 }]);
    assert_eq!(odd_of(list("词\n"), 3, &[(0, 15), (1, 15)], 100), []);
    assert_eq!(odd_of(list("词\n检索: 是\n"), 3, &[(0, 99)], 100), [], "every post of a search holds it");
}

#[test]
fn a_day_far_above_the_usual_is_odd() {
    let usual: Vec<(i64, u64)> = (1..20).map(|before| (before, 100)).collect();
    let with = |today: u64| [&[(0, today)][..], &usual].concat();
    let many = |hits| vec![Odd::ManyInADay { hits, usual: 100 }];
    assert_eq!(odd_of(list("词\n"), 20, &with(1_001), 1_000_000), many(1_001));
    assert_eq!(odd_of(list("词\n"), 20, &with(1_000), 1_000_000), [], "a thousand is not many");
    let often: Vec<(i64, u64)> = [(0, 4_000)].into_iter().chain((1..20).map(|day| (day, 400))).collect();
    assert_eq!(odd_of(list("词\n"), 20, &often, 1_000_000), [], "ten times as many is not more than that");
    assert_eq!(odd_of(list("词\n"), 5, &with(9_000)[..5], 1_000_000), [], "no day is usual yet");
    let quiet = vec![Odd::ManyInADay { hits: 5_000, usual: 0 }];
    assert_eq!(odd_of(list("词\n"), 20, &[(0, 5_000), (3, 2)], 1_000_000), quiet, "days without hits count");
}

#[test]
fn warnings_say_line_word_and_what_to_do() {
    let all =
        [Odd::NeverMatched, Odd::MeetsTooMuch { percent: 41 }, Odd::ManyInADay { hits: 1_532, usual: 40 }];
    let words = |locale| all.map(|odd| odd.human(12, "医院", locale)).join("\n");
    insta::assert_snapshot!(words(Locale::ZhCn), @"
    第 12 行 “医院” 30 天从未命中，是否写错？
    第 12 行 “医院” 命中了看过帖子的 41%，太宽泛：写得更具体，或加 +词、!词
    第 12 行 “医院” 24 小时命中 1532 次，平时一天 40 次：是否撞上了别的话题？需要时加 !词
    ");
    insta::assert_snapshot!(words(Locale::En), @r#"
    line 12 "医院" has never matched in 30 days; is it written wrong?
    line 12 "医院" meets 41% of all posts; make it more specific or add +words, !words
    line 12 "医院" hit 1532 times in 24 h, usually 40 a day; does it meet another topic? Add !words
    "#);
}

#[test]
fn rules_that_cannot_hit_are_not_counted() {
    let lists = [Arc::new(list("[甲]\n词\n+须有\n!不要\n\n[乙]\n+一\n+二\n"))];
    let rules: Vec<String> = rules_of(&lists).into_iter().map(|line| line.rule.rule).collect();
    assert_eq!(rules, ["词", "+一", "+二"]);
    assert_eq!(first_day(now(), &TimeZone::UTC).to_string(), "2026-10-23");
}

#[tokio::test]
async fn the_command_prints_a_table_and_one_object_a_rule() {
    use yuqing::{
        config::{Folder, load, starter},
        model::UsageBatch,
        store::{SqliteStore, Store},
    };
    let folder = tempfile::tempdir().unwrap();
    for file in starter::files("青川县人民医院") {
        let path = folder.path().join(&file.name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.bytes).unwrap();
    }
    std::fs::write(folder.path().join("keywords/青川县人民医院.txt"), "[甲组]\n排队\n投诉\n").unwrap();
    let database = folder.path().join("a.db");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.args(["keywords", "stats", "--office"]).arg(folder.path());
        command.arg("--database").arg(&database).args(arguments);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run(&[]).0, Some(2), "no database yet");
    let (office, _) = load(&Folder::Disk(folder.path().to_owned())).unwrap();
    let store = SqliteStore::open(&database).unwrap();
    // Read first long ago, and looked at on a day that no report's window leaves behind.
    store.keep_rules(rules_of(&office.lists), "2020-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    let looked = vec![Looked { unit: String::new(), day: "2999-01-01".parse().unwrap(), posts: 200 }];
    store.add_usage(UsageBatch { hits: Vec::new(), looked }).await.unwrap();
    drop(store);
    let (code, table) = run(&[]);
    assert_eq!(code, Some(1), "odd rules are found wrong");
    assert!(table.starts_with("keywords/青川县人民医院.txt（青川县人民医院）\n"), "{table}");
    assert!(table.contains("提醒: 第 2 行 “排队” 30 天从未命中，是否写错？"), "{table}");
    let (_, json) = run(&["--json", "--odd"]);
    let rows: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[1]["rule"], &rows[1]["line"], &rows[1]["state"]),
        (&"投诉".into(), &3.into(), &"in_force".into())
    );
    assert_eq!((&rows[1]["hits_24h"], &rows[1]["looked_30d"]), (&0.into(), &200.into()));
    assert_eq!(rows[1]["warnings"][0]["kind"], "never_matched");
    assert_eq!(run(&["--unit", "别的单位"]).0, Some(2));
}
