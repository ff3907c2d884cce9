//! Silences hold alerts back until an end, never what is graver, and lose nothing.

use yuqing::model::*;

use super::scene::{Look, Scene, TEXT, at, look};

fn silence(scene: &mut Scene, group: Option<&str>, up_to: &str, until: &str) -> Vec<String> {
    let act = Act::Silence {
        unit: "青川县人民医院".to_owned(),
        group: group.map(str::to_owned),
        up_to: up_to.to_owned(),
        from: None,
        until: at(until),
        by: "王主任".to_owned(),
        reason: "系统切换公告，已知".to_owned(),
    };
    scene.act(at("08:00"), act)
}

fn hot(clock: &str, views: u64) -> Look {
    look(clock, "a.example", SiteKind::Forum, "1", TEXT).published(at("09:00")).views(views)
}

fn tellings(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| line.contains('→')).collect()
}

#[test]
fn what_was_held_back_is_told_at_the_end() {
    let mut scene = Scene::new();
    assert!(silence(&mut scene, Some("医院"), "较大", "12:00").is_empty());
    let told = scene.see(hot("09:10", 1_500));
    assert!(tellings(&told).is_empty(), "{told:#?}");
    let told = scene.until(at("12:00"));
    assert!(tellings(&told).contains(&&"12:00 alert → 值班员 email".to_owned()), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("acknowledge 本单位 in 60 min")), "{told:#?}");
}

#[test]
fn what_is_graver_breaks_it() {
    let mut scene = Scene::new();
    silence(&mut scene, None, "较大", "12:00");
    scene.see(hot("09:10", 1_500));
    let told = scene.see(hot("09:20", 12_000));
    assert!(told.iter().any(|line| line.starts_with("alert → 值班员")), "{told:#?}");
    let told = scene.until(at("12:00"));
    assert!(!told.iter().any(|line| line.starts_with("12:00 alert")), "once only: {told:#?}");
}

#[test]
fn another_group_is_told_and_a_closed_incident_is_not() {
    let mut scene = Scene::new();
    silence(&mut scene, Some("宣传"), "较大", "12:00");
    assert!(!tellings(&scene.see(hot("09:10", 1_500))).is_empty());
    let mut scene = Scene::new();
    silence(&mut scene, Some("医院"), "较大", "12:00");
    scene.see(hot("09:10", 1_500));
    let (incident, by) = (IncidentId(1), "李四".to_owned());
    scene.act(at("10:00"), Act::Close { incident, by, reason: "已平息".to_owned() });
    let told = scene.until(at("12:30"));
    assert!(!told.iter().any(|line| line.contains("alert")), "{told:#?}");
}

#[test]
fn it_survives_a_restart_and_can_be_ended() {
    let mut scene = Scene::new();
    silence(&mut scene, None, "重大", "20:00");
    scene.see(hot("09:10", 1_500));
    let mut scene = scene.restarted(at("09:30"));
    let told = scene.act(at("10:00"), Act::EndSilence { id: 1, by: "王主任".to_owned() });
    assert!(told.contains(&"alert → 值班员 email".to_owned()), "{told:#?}");
    assert!(
        scene.act(at("10:01"), Act::EndSilence { id: 1, by: "王主任".to_owned() })[0].starts_with("refused")
    );
}

#[test]
fn the_highest_tier_and_endless_silences_are_refused() {
    let mut scene = Scene::new();
    assert_eq!(silence(&mut scene, None, "特别重大", "12:00"), ["refused: 最高一级不能静默"]);
    assert_eq!(silence(&mut scene, None, "较大", "07:00"), ["refused: 静默的截止时间早于开始时间"]);
    assert_eq!(silence(&mut scene, None, "无此级", "12:00"), ["refused: 没有这个等级"]);
}
