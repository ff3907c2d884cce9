//! Emergency mode of a unit: who may switch it, what is written down and told, and that it ends.

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    desk::{Change, Input},
    model::{Act, HandEntry, NoticeKind},
};

use super::{
    course,
    scene::{Scene, at, plan},
};

const UNIT: &str = "青川县人民医院";

fn switch(on: bool, until: Option<Timestamp>, reason: &str) -> Act {
    Act::Emergency { unit: UNIT.into(), on, until, by: "王主任".into(), reason: reason.into() }
}

fn runs(scene: &Scene, now: Timestamp) -> bool {
    scene.desk.live_set().is_emergency(&[UNIT.to_owned()], now)
}

fn entries(scene: &Scene) -> Vec<(Option<String>, String)> {
    let entries = scene.changes.iter().filter_map(|change| match change {
        Change::Entry(entry) if entry.kind == "emergency" => Some((entry.by.clone(), entry.text.clone())),
        _ => None,
    });
    entries.collect()
}

#[test]
fn it_is_switched_by_a_person_with_a_reason_and_ends_by_itself() {
    let mut scene = Scene::new();
    assert_eq!(scene.act(at("08:00"), switch(true, None, " ")), ["refused: 请写明理由"]);
    assert!(!runs(&scene, at("08:00")));
    scene.act(at("08:00"), switch(true, Some(at("20:00")), "高考舆情"));
    assert!(runs(&scene, at("08:01")));
    assert!(scene.desk.live_set().is_emergency(&[], at("08:01")), "a source of all units");
    assert!(!scene.desk.live_set().is_emergency(&["别的单位".into()], at("08:01")));
    let told: Vec<_> =
        scene.stored().notices.into_iter().filter(|one| one.kind == NoticeKind::Operations).collect();
    assert!(!told.is_empty() && told[0].facts.note.contains("高考舆情"), "{told:?}");
    // It is a row: a restart goes on with it, and its end is due.
    let mut again = scene.restarted(at("09:00"));
    assert!(runs(&again, at("09:00")));
    again.until(at("20:00"));
    assert!(!runs(&again, at("19:00")), "taken off, not only over");
    let written = entries(&again);
    assert_eq!(written.len(), 2);
    assert_eq!(
        written[0],
        (Some("王主任".into()), format!("{UNIT}: 开启应急值守至 20:00。高考舆情（王主任）"))
    );
    assert!(written[1].1.contains("结束应急值守"), "{written:?}");
}

#[test]
fn what_cannot_be_done_is_refused_and_says_why() {
    let mut scene = Scene::new();
    let refused = |lines: Vec<String>| lines.first().cloned().unwrap_or_default();
    assert!(refused(scene.act(at("08:00"), switch(false, None, "完"))).contains("没有处于应急值守"));
    assert!(refused(scene.act(at("08:00"), switch(true, Some(at("07:59")), "急"))).contains("已经过去"));
    let other =
        Act::Emergency {
            unit: "别处".into(), on: true, until: None, by: "甲".into(), reason: "急".into()
        };
    assert!(refused(scene.act(at("08:00"), other)).contains("没有这个单位: 别处 (青川县人民医院)"));
    assert!(entries(&scene).is_empty());
}

#[test]
fn a_file_switches_it_too_and_then_only_the_file_does() {
    let mut scene = Scene::new();
    scene.until(at("09:00"));
    scene.setup.units[0].0.emergency = true;
    scene.desk.reconfigure(scene.setup.clone(), at("10:00"));
    assert_eq!(scene.desk.next_due(), Some(at("10:00")), "written down at once");
    scene.take(&Input::Tick, at("10:00"));
    assert!(runs(&scene, at("10:00")));
    assert!(scene.desk.next_due() > Some(at("10:00")));
    assert!(scene.act(at("11:00"), switch(false, None, "完"))[0].contains("yuqing.toml"));
    scene.setup.units[0].0.emergency = false;
    scene.desk.reconfigure(scene.setup.clone(), at("12:00"));
    scene.take(&Input::Tick, at("12:00") + SignedDuration::from_secs(1));
    assert!(!runs(&scene, at("12:01")));
    let by: Vec<_> = entries(&scene).into_iter().map(|(by, _)| by.unwrap()).collect();
    assert_eq!(by, ["yuqing.toml", "yuqing.toml"]);
}

#[test]
fn a_drill_says_what_it_would_begin_under_its_mark_and_switches_nothing() {
    let mut scene = Scene::with(plan("labor-school"));
    let highest = scene.setup.units[0].1.tiers.last().unwrap().id.clone();
    let drill = HandEntry { drill: true, ..course::entry(Some(&highest)) };
    let told = scene.act(at("09:00"), course::enter(drill));
    assert!(!runs(&scene, at("09:01")), "the real state stands");
    assert!(scene.stored().state.is_none_or(|state| state.emergencies.is_empty()));
    let count = |lines: &[String]| lines.iter().filter(|line| line.contains("operations → ")).count();
    assert_eq!(count(&told), 1, "told once: {told:#?}");
    let stored = scene.stored();
    let operations: Vec<_> = stored.notices.iter().filter(|one| one.kind == NoticeKind::Operations).collect();
    assert_eq!(operations[0].facts.mark.as_deref(), Some("演练"));
    assert!(operations[0].facts.note.contains("演练不改变实际状态"), "{}", operations[0].facts.note);
    // A real one at the same tier switches it.
    let real = HandEntry {
        id: "e2".to_owned(),
        gist: "门诊楼电梯困人二十分钟".to_owned(),
        text: String::new(),
        ..course::entry(Some(&highest))
    };
    scene.act(at("09:10"), course::enter(real));
    assert!(runs(&scene, at("09:11")));
}
