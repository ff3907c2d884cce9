//! Faults of the machinery that stand: told once, again every day, together, until mended or muted.

use jiff::Timestamp;
use yuqing::{
    desk::{Change, DeskState, Input, Operations},
    model::Act,
};

use super::scene::{Scene, at, on};

fn fault(subject: &str, broken: bool) -> Input {
    Input::Operations(Operations { subject: subject.into(), broken, text: format!("{subject} 坏了") })
}

fn mails(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.contains("operations → 系统管理员 email")).count()
}

fn take(scene: &mut Scene, input: &Input, now: Timestamp) -> usize {
    mails(&scene.take(input, now))
}

fn mute(subject: &str, until: Option<Timestamp>) -> Input {
    let (by, reason) = ("李管理".to_owned(), "对方整修".to_owned());
    Input::Act(Act::Mute { subject: subject.into(), by, reason, until })
}

#[test]
fn a_fault_is_told_once_and_again_every_day_until_it_is_mended() {
    let mut scene = Scene::new();
    assert_eq!(take(&mut scene, &fault("source/甲", true), at("09:00")), 1);
    assert_eq!(take(&mut scene, &fault("source/甲", true), at("09:05")), 0, "not twice");
    assert_eq!(mails(&scene.until(on(22, "08:59"))), 0);
    assert_eq!(mails(&scene.until(on(22, "09:01"))), 1);
    assert_eq!(mails(&scene.until(on(24, "10:00"))), 2, "and daily after that");
    assert_eq!(take(&mut scene, &fault("source/甲", false), on(24, "11:00")), 1, "mended is told");
    assert_eq!(mails(&scene.until(on(29, "11:00"))), 0);
}

#[test]
fn faults_of_one_day_are_repeated_in_one_notice_and_a_restart_forgets_nothing() {
    let mut scene = Scene::new();
    for nth in 0..30 {
        take(&mut scene, &fault(&format!("source/{nth}"), true), at(&format!("09:{nth:02}")));
    }
    let mut scene = scene.restarted(at("12:00"));
    assert_eq!(mails(&scene.until(on(22, "12:00"))), 1);
    assert_eq!(mails(&scene.until(on(23, "12:00"))), 1);
    let again = scene.stored().notices.into_iter().filter(|notice| notice.facts.gist == "standing");
    let note = { again }.next_back().unwrap().facts.note.clone();
    assert!(note.starts_with("仍有 30 项未恢复") && note.contains("另有 10 项"), "{note}");
}

#[test]
fn a_muted_fault_is_silent_and_its_end_tells_again() {
    let mut scene = Scene::new();
    take(&mut scene, &fault("source/甲", true), at("09:00"));
    assert_eq!(take(&mut scene, &mute("source/甲", Some(on(25, "09:00"))), at("10:00")), 0);
    let mut scene = scene.restarted(at("12:00"));
    assert_eq!(mails(&scene.until(on(25, "08:59"))), 0);
    assert_eq!(mails(&scene.until(on(25, "09:00"))), 1, "the mute has ended and the fault stands");
    assert_eq!(mails(&scene.until(on(26, "09:00"))), 1);
}

#[test]
fn a_mute_without_an_end_ends_with_the_fault() {
    let mut scene = Scene::new();
    let refused = scene.take(&mute("source/甲", None), at("08:00"));
    assert!(refused[0].contains("没有这个故障"), "{refused:?}");
    take(&mut scene, &fault("source/甲", true), at("09:00"));
    take(&mut scene, &mute("source/甲", None), at("10:00"));
    assert_eq!(mails(&scene.until(on(25, "09:00"))), 0);
    assert_eq!(take(&mut scene, &fault("source/甲", false), on(25, "10:00")), 1);
    assert_eq!(take(&mut scene, &fault("source/甲", true), on(25, "11:00")), 1, "the next fault is heard");
    let reason = Input::Act(Act::Mute {
        subject: "source/甲".into(),
        by: "李管理".into(),
        reason: " ".into(),
        until: None,
    });
    assert!(scene.take(&reason, on(25, "12:00"))[0].starts_with("refused"));
}

#[test]
fn a_fault_under_a_planned_mute_is_told_when_the_mute_is_lifted() {
    let mut scene = Scene::new();
    take(&mut scene, &mute("source/甲", Some(on(28, "09:00"))), at("08:00"));
    assert_eq!(take(&mut scene, &fault("source/甲", true), at("09:00")), 0);
    let unmute = Input::Act(Act::Unmute { subject: "source/甲".into(), by: "李管理".into() });
    take(&mut scene, &unmute, at("10:00"));
    assert_eq!(mails(&scene.until(at("10:01"))), 1);
    assert_eq!(take(&mut scene, &fault("source/甲", false), at("11:00")), 1);
}

#[test]
fn the_state_of_an_older_version_reads() {
    let old = r#"{"next_id":3,"digests":{},"broken":{"source/甲":"2026-11-20T01:00:00Z"}}"#;
    let state: DeskState = serde_json::from_str(old).unwrap();
    assert!(state.standing.is_empty() && state.mutes.is_empty());
    assert_eq!(state.broken.len(), 1);
}

#[test]
fn an_edited_file_is_noted_with_who_and_nothing_else_happens() {
    let mut scene = Scene::new();
    let edit = |by: &str| {
        let (file, note) = ("keywords/甲.txt".to_owned(), "新开的隧道".to_owned());
        Input::Act(Act::EditFile { file, from: String::new(), to: "00ff".into(), by: by.into(), note })
    };
    let changes = scene.desk.take(&edit("李秀英"), at("09:00")).unwrap();
    let noted: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::Entry(entry) => (entry.kind.as_str(), entry.by.as_deref(), entry.text.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(noted.contains(&("file_edited", Some("李秀英"), "keywords/甲.txt：新开的隧道")), "{noted:?}");
    assert!(noted.iter().any(|(kind, _, text)| *kind == "act" && text.contains("00ff")), "{noted:?}");
    assert!(scene.desk.take(&edit(" "), at("09:01")).is_err(), "somebody did it");
}

fn pause(reason: &str, until: Option<Timestamp>) -> Input {
    let (source, by, reason) = ("某论坛".to_owned(), "王值班".to_owned(), reason.to_owned());
    Input::Act(Act::PauseSource { source, by, reason, until })
}

fn resume() -> Input {
    Input::Act(Act::ResumeSource { source: "某论坛".into(), by: "李管理".into() })
}

#[test]
fn a_pause_stands_like_a_fault_until_it_is_resumed() {
    let mut scene = Scene::new();
    assert!(scene.take(&pause(" ", None), at("08:00"))[0].starts_with("refused"), "a reason is required");
    assert_eq!(take(&mut scene, &pause("网站改版", None), at("09:00")), 1);
    assert_eq!(take(&mut scene, &pause("改版延期", None), at("10:00")), 0, "the same pause in other words");
    let mut scene = scene.restarted(at("12:00"));
    let state = scene.stored().state.unwrap();
    assert_eq!(state.paused["某论坛"].reason, "改版延期");
    assert_eq!(state.paused["某论坛"].at, at("09:00"), "since it began");
    assert_eq!(mails(&scene.until(on(23, "12:00"))), 2, "every day");
    assert_eq!(take(&mut scene, &resume(), on(23, "13:00")), 1, "and that it is over");
    let state = scene.stored().state.unwrap();
    assert!(state.paused.is_empty() && state.broken.is_empty());
    assert!(scene.take(&resume(), on(23, "14:00"))[0].starts_with("refused"), "there is nothing to resume");
    assert_eq!(mails(&scene.until(on(28, "12:00"))), 0);
}

#[test]
fn a_pause_with_an_end_ends_by_itself() {
    let mut scene = Scene::new();
    assert!(scene.take(&pause("夜间", Some(at("07:00"))), at("08:00"))[0].starts_with("refused"));
    assert_eq!(take(&mut scene, &pause("夜间", Some(at("20:00"))), at("09:00")), 1);
    let mut scene = scene.restarted(at("12:00"));
    assert_eq!(mails(&scene.until(at("19:59"))), 0);
    assert_eq!(mails(&scene.until(at("20:00"))), 1, "it is over");
    assert!(scene.stored().state.unwrap().paused.is_empty());
}
