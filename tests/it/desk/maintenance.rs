//! Maintenance windows: faults that are expected are not told, what outlasts the window is.

use std::sync::Arc;

use jiff::{
    civil::{Date, Weekday, time},
    tz::TimeZone,
};
use yuqing::{
    desk::{Input, Operations},
    model::*,
};

use super::scene::{Scene, TEXT, at, look, on};

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// From 23:00 to 02:00, every day, for every fault.
fn night() -> Window {
    Window {
        title: "机房检修".to_owned(),
        days: Vec::new(),
        date: None,
        from: time(23, 0, 0, 0),
        until: time(2, 0, 0, 0),
        subjects: Vec::new(),
        sources: Vec::new(),
    }
}

fn scene(windows: Vec<Window>) -> Scene {
    let mut scene = Scene::new();
    let mut setup = scene.setup.clone();
    setup.maintenance = Arc::new(Maintenance { windows, zone: zone() });
    scene.setup = setup.clone();
    scene.desk.reconfigure(setup, at("00:00"));
    scene
}

fn fault(subject: &str, broken: bool) -> Input {
    Input::Operations(Operations { subject: subject.into(), broken, text: format!("{subject} 坏了") })
}

fn mails(lines: &[String]) -> Vec<&str> {
    let to = " → 系统管理员 email";
    lines.iter().filter_map(|line| line.strip_suffix(to)).collect()
}

/// What the administrator read last.
fn last_note(scene: &Scene) -> String {
    let notices = scene.stored().notices.into_iter().filter(|notice| notice.kind == NoticeKind::Operations);
    notices.max_by_key(|notice| notice.created_at).unwrap().facts.note.clone()
}

#[test]
fn what_breaks_and_mends_within_the_window_is_told_to_nobody() {
    let mut scene = scene(vec![night()]);
    assert!(mails(&scene.take(&fault("source/甲", true), at("23:30"))).is_empty());
    assert!(mails(&scene.until(on(22, "01:00"))).is_empty());
    assert!(mails(&scene.take(&fault("source/甲", false), on(22, "01:30"))).is_empty(), "nobody heard of it");
    assert!(mails(&scene.until(on(25, "12:00"))).is_empty());
    let text = format!("{:?}", scene.changes);
    assert!(text.contains("source/甲: 维护中（机房检修），至 11-22 02:00 暂不通知"), "it is written down");
}

#[test]
fn what_still_stands_after_midnight_at_the_end_is_told_at_once() {
    let mut scene = scene(vec![night()]);
    scene.take(&fault("source/甲", true), at("23:30"));
    scene.take(&fault("store/disk", true), on(22, "00:40"));
    let mut scene = scene.restarted(on(22, "01:00"));
    assert!(mails(&scene.until(on(22, "01:59"))).is_empty());
    assert_eq!(mails(&scene.until(on(22, "02:00"))), ["02:00 operations"], "both in one notice");
    assert!(last_note(&scene).starts_with("仍有 2 项未恢复：source/甲 坏了"), "{}", last_note(&scene));
    assert_eq!(mails(&scene.take(&fault("source/甲", false), on(22, "03:00"))).len(), 1, "so is its mending");
    assert_eq!(mails(&scene.until(on(23, "02:00"))), ["02:00 operations"], "and daily after that");
}

#[test]
fn a_window_ends_when_it_says_and_holds_on_its_days_only() {
    // The 21st is a Saturday.
    let window = Window { days: vec![Weekday::Saturday], ..night() };
    let mut scene = scene(vec![window]);
    assert_eq!(mails(&scene.take(&fault("source/甲", true), at("22:59"))).len(), 1);
    assert!(mails(&scene.take(&fault("source/乙", true), at("23:00"))).is_empty());
    assert!(mails(&scene.take(&fault("source/丙", true), on(22, "01:59"))).is_empty());
    assert_eq!(mails(&scene.take(&fault("source/丁", true), on(22, "02:00"))).len(), 1);
    assert_eq!(mails(&scene.take(&fault("source/戊", true), on(22, "23:30"))).len(), 1, "a Sunday");
    let once = Window { date: Some(Date::new(2026, 11, 22).unwrap()), ..night() };
    let maintenance = Maintenance { windows: vec![once], zone: zone() };
    let holds = [at("23:30"), on(22, "23:30"), on(23, "01:59"), on(23, "02:00"), on(23, "23:30")];
    assert_eq!(holds.map(|now| maintenance.over("x", now).is_some()), [false, true, true, false, false]);
}

#[test]
fn faults_of_other_subjects_are_told_as_ever() {
    let window = Window {
        from: time(9, 0, 0, 0),
        until: time(12, 0, 0, 0),
        sources: vec!["门户".into()],
        subjects: vec!["site/example.cn".into()],
        ..night()
    };
    let mut scene = scene(vec![window]);
    for held in ["source/门户", "watch/门户/首页/改动", "rounds/门户", "site/example.cn"] {
        assert!(mails(&scene.take(&fault(held, true), at("09:30"))).is_empty(), "{held}");
    }
    for told in ["source/门户网", "file/门户", "site/example.cn.org", "store/disk"] {
        assert_eq!(mails(&scene.take(&fault(told, true), at("09:40"))).len(), 1, "{told}");
    }
    assert_eq!(mails(&scene.until(at("12:00"))), ["12:00 operations"]);
    assert!(last_note(&scene).starts_with("仍有 4 项未恢复"), "{}", last_note(&scene));
}

#[test]
fn a_repeat_and_the_end_of_a_mute_wait_for_the_end() {
    let mut scene = scene(vec![night()]);
    scene.take(&fault("source/甲", true), on(20, "23:30"));
    assert_eq!(mails(&scene.until(at("02:00"))), ["02:00 operations"], "the night before");
    let (by, reason) = ("李管理".to_owned(), "对方整修".to_owned());
    let mute = Act::Mute { subject: "source/甲".into(), by, reason, until: Some(at("23:30")) };
    scene.act(at("10:00"), mute);
    assert!(mails(&scene.until(on(22, "01:59"))).is_empty());
    assert_eq!(mails(&scene.until(on(22, "02:00"))), ["02:00 operations"]);
    // Told at 02:00, so a window over 02:00 puts the next one off.
    let mut setup = scene.setup.clone();
    let later = Window { from: time(1, 0, 0, 0), until: time(5, 0, 0, 0), ..night() };
    setup.maintenance = Arc::new(Maintenance { windows: vec![night(), later], zone: zone() });
    scene.desk.reconfigure(setup, on(22, "03:00"));
    assert_eq!(mails(&scene.until(on(23, "12:00"))), ["05:00 operations"]);
}

#[test]
fn a_daemon_that_was_down_when_the_window_began_waits_too_and_a_reload_lifts_it() {
    let mut scene = scene(vec![night()]);
    scene.take(&fault("source/甲", true), at("22:30"));
    let mut scene = scene.restarted(on(22, "22:00"));
    // Due at 22:30, but nobody looked before 23:10.
    assert!(mails(&scene.take(&Input::Tick, on(22, "23:10"))).is_empty());
    assert_eq!(scene.desk.next_due().map(|due| due.max(on(22, "23:10"))), scene.desk.next_due());
    let mut setup = scene.setup.clone();
    setup.maintenance = Arc::default();
    scene.desk.reconfigure(setup, on(22, "23:20"));
    assert_eq!(mails(&scene.take(&Input::Tick, on(22, "23:20"))).len(), 1);
}

#[test]
fn windows_that_cover_every_hour_do_not_keep_the_desk_busy() {
    let half = |from, until| Window { from: time(from, 0, 0, 0), until: time(until, 0, 0, 0), ..night() };
    let windows = vec![half(0, 12), half(12, 0)];
    let mut scene = scene(windows);
    scene.until(at("08:59"));
    scene.take(&fault("source/甲", true), at("09:00"));
    assert!(scene.desk.next_due().is_some_and(|due| due > at("09:00")));
    assert!(mails(&scene.until(on(25, "09:00"))).is_empty());
}

#[test]
fn what_an_incident_tells_goes_out_in_the_window() {
    let whole_day = Window { from: time(8, 0, 0, 0), until: time(7, 0, 0, 0), ..night() };
    let told_of = |windows| {
        let mut scene = scene(windows);
        scene.until(at("09:59"));
        let hot = look("10:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("09:50")).views(60_000);
        let mut told = scene.see(hot);
        told.extend(scene.until(at("14:00")));
        told
    };
    let told = told_of(vec![whole_day]);
    assert!(told.iter().any(|line| line.starts_with("alert → 值班员")), "{told:#?}");
    assert_eq!(told, told_of(Vec::new()), "nothing is told otherwise than without the window");
}
