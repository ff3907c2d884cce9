//! Monthly and zero reports: due by a day of the next month, moved past holidays; reminded, told when late.

use std::sync::Arc;

use jiff::Timestamp;
use yuqing::model::*;

use super::scene::{Scene, TEXT, look_at, plan};

fn instant(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

fn scene(start: &str) -> Scene {
    scene_with(start, |_| ())
}

fn scene_with(start: &str, change: impl FnOnce(&mut yuqing::desk::Setup)) -> Scene {
    let monthly = Monthly {
        name: "舆情月报".to_owned(), day: 3, to: vec!["领导小组办公室主任".to_owned()]
    };
    let mut setup = Scene::with(Plan { monthly: Some(monthly), ..plan("work-safety") }).setup;
    let (days, _) = yuqing::config::holidays::of(&yuqing::config::Folder::Shipped).unwrap();
    setup.workdays = Arc::new(days);
    change(&mut setup);
    let mut scene = Scene::on_stage(setup.clone(), true);
    scene.desk = yuqing::desk::Desk::new(setup, yuqing::desk::Restored::default(), instant(start));
    scene
}

/// What was told by mail of the monthly report, with the Beijing time.
fn told(scene: &mut Scene, until: &str) -> Vec<String> {
    scene.until(instant(until));
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let notices = scene.stored().notices.into_iter().filter(|notice| notice.id.0.starts_with("monthly/"));
    let mut lines: Vec<String> = notices
        .filter(|notice| notice.channel == ChannelKind::Email)
        .map(|notice| {
            let at = notice.created_at.to_zoned(zone.clone()).strftime("%m-%d %H:%M");
            format!("{at} {} {}: {}", notice.kind.id(), notice.contact, notice.facts.note)
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_third_of_october_is_a_holiday_and_a_month_without_incidents_is_a_zero_report() {
    let mut scene = scene("2026-09-10T08:00");
    let lines = told(&mut scene, "2026-10-08T12:00");
    assert_eq!(
        lines,
        [
            "10-08 08:30 warning 领导小组办公室主任: 2026-09 舆情月报须于 17:30 前报送；本月没有舆情事件，须报零报告"
        ]
    );
    let lines = told(&mut scene, "2026-10-10T12:00");
    assert_eq!(lines.len(), 1 + 2 * 3, "late on the 8th, the 9th and the 10th, which is worked: {lines:#?}");
    assert!(lines[1].starts_with("10-08 17:30 overdue 系统管理员: 2026-09 舆情月报应于"), "{lines:#?}");
    assert!(lines[6].starts_with("10-10 08:30 overdue 领导小组办公室主任"), "{lines:#?}");
}

#[test]
fn what_was_handed_up_is_not_reminded_of_and_incidents_are_counted() {
    let mut scene = scene("2026-11-02T08:00");
    let seen = instant("2026-11-21T09:00");
    scene.see(look_at(seen, "a.example", SiteKind::Forum, "1", TEXT).published(seen).views(1_500));
    let lines = told(&mut scene, "2026-12-01T09:00");
    assert_eq!(
        lines,
        ["12-01 08:30 warning 领导小组办公室主任: 2026-11 舆情月报须于 12-03 17:30 前报送；本月共 1 件"]
    );
    let filed = |scene: &mut Scene, at: &str| {
        let (unit, by) = ("青川县人民医院".to_owned(), "李四".to_owned());
        scene.act(instant(at), Act::FileMonthly { unit, by, text: "已报县委宣传部".to_owned() })
    };
    assert!(filed(&mut scene, "2026-12-02T10:00").is_empty());
    let mut scene = scene.restarted(instant("2026-12-02T11:00"));
    assert_eq!(told(&mut scene, "2026-12-31T23:00").len(), 1);
    assert_eq!(filed(&mut scene, "2026-12-31T23:00"), ["refused: 这个月还没有结束"]);
    assert_eq!(told(&mut scene, "2027-01-01T09:00").len(), 2, "2027 is not in the table: a Friday is worked");
}

#[test]
fn two_names_with_one_mailbox_get_one_mail() {
    let mut scene = scene_with("2026-09-10T08:00", |setup| {
        for name in ["领导小组办公室主任", "系统管理员"] {
            setup.contacts.get_mut(name).unwrap().email = Some("office@example.gov.cn".to_owned());
        }
    });
    let lines = told(&mut scene, "2026-10-08T18:00");
    assert_eq!(lines.len(), 2, "one reminder, one word that it is late: {lines:#?}");
    assert!(lines[1].starts_with("10-08 17:30 overdue 领导小组办公室主任"), "{lines:#?}");
}

#[test]
fn a_drill_leaves_a_month_without_incidents_a_zero_report() {
    let mut scene = scene("2026-11-02T08:00");
    let drill = HandEntry { drill: true, ..super::course::entry(Some("重大")) };
    scene.act(instant("2026-11-21T09:00"), super::course::enter(drill));
    assert!(scene.incident(1).is_exercise());
    let lines = told(&mut scene, "2026-12-01T09:00");
    assert!(lines[0].ends_with("本月没有舆情事件，须报零报告"), "{lines:#?}");
    // Where the plan itself is an exercise, its report is one too and counts what it told.
    let mut scene = scene_with("2026-11-02T08:00", |setup| {
        let plan = Plan { exercise_mark: Some("演示".to_owned()), ..(*setup.units[0].1).clone() };
        setup.units[0].1 = Arc::new(plan);
    });
    scene.act(instant("2026-11-21T09:00"), super::course::enter(super::course::entry(Some("重大"))));
    let lines = told(&mut scene, "2026-12-01T09:00");
    assert!(lines[0].ends_with("本月共 1 件"), "{lines:#?}");
}

/// January's report is due in Spring Festival; its reminder comes on a working day, the due day is the first one behind the
/// festival, and a Saturday on which people work is one.
#[test]
fn across_spring_festival_the_due_day_is_a_working_day() {
    let of_day = |day| {
        scene_with("2026-01-05T08:00", |setup| {
            Arc::make_mut(&mut setup.units[0].1).monthly.as_mut().unwrap().day = day;
        })
    };
    let mut scene = of_day(16);
    let lines = told(&mut scene, "2026-02-26T09:00");
    let zero = "2026-01 舆情月报须于 02-24 17:30 前报送；本月没有舆情事件，须报零报告";
    assert_eq!(lines[0], format!("02-02 08:30 warning 领导小组办公室主任: {zero}"), "{lines:#?}");
    assert!(lines[1].starts_with("02-24 17:30 overdue"), "{lines:#?}");
    assert!(lines[3].starts_with("02-25 08:30 overdue"), "{lines:#?}");
    let mut scene = of_day(28);
    let lines = told(&mut scene, "2026-03-02T09:00");
    assert!(lines[0].contains("须于 02-28 17:30 前报送"), "a Saturday, made up: {lines:#?}");
    assert!(lines[1].starts_with("02-28 17:30 overdue"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("03-02 08:30 ")), "not on the Sunday: {lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("03-01")), "{lines:#?}");
}
