//! What the plans ask for beside chains is kept as rows: it outlives a restart (SEMANTICS 25).

use yuqing::model::{Act, IncidentId, SiteKind};

use crate::desk::scene::{Scene, TEXT, at, look, on, plan};

fn acknowledge(scene: &mut Scene, clock: &str, contact: &str) {
    let act = Act::Acknowledge {
        incident: IncidentId(1),
        contact: contact.to_owned(),
        rank: None,
        how: yuqing::model::AckHow::Console,
        recorded_by: None,
        at: None,
    };
    scene.act(at(clock), act);
}

fn close(scene: &mut Scene, clock: &str) -> Vec<String> {
    let (by, reason) = ("领导小组办公室主任".to_owned(), "已经平息".to_owned());
    scene.act(at(clock), Act::Close { incident: IncidentId(1), by, reason })
}

/// A major post at nine, confirmed five minutes later, under the development zone's plan.
fn confirmed() -> Scene {
    let mut scene = Scene::with(plan("development-zone"));
    scene.see(look("09:00", "bbs", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(20_000));
    acknowledge(&mut scene, "09:05", "值班员");
    scene
}

fn named_in_a_circular(lines: &[String]) -> bool {
    lines.iter().any(|line| line == "17:05 overdue → 各部门 email")
}

#[test]
fn a_circular_goes_out_after_a_restart() {
    let mut scene = confirmed();
    scene.until(at("15:00"));
    let mut again = scene.restarted(at("15:00"));
    assert!(!named_in_a_circular(&again.until(at("17:04"))));
    assert!(named_in_a_circular(&again.until(at("17:05"))));
    // Once only.
    assert!(!again.until(on(22, "12:00")).iter().any(|line| line.contains("各部门")));
}

#[test]
fn what_is_registered_before_the_restart_stops_it() {
    let mut scene = confirmed();
    scene.until(at("15:00"));
    let done = Act::Complete {
        incident: IncidentId(1),
        duty: "承办单位答复".to_owned(),
        by: "责任部门".to_owned(),
        text: "正在核实，明日答复".to_owned(),
    };
    scene.act(at("16:00"), done);
    let mut again = scene.restarted(at("16:30"));
    assert!(!again.until(on(22, "12:00")).iter().any(|line| line.contains("各部门")));
}

#[test]
fn what_follows_closing_is_owed_after_a_restart_and_not_before() {
    let mut scene = confirmed();
    // The scene knows no holidays: fourteen working hours from Saturday are Monday's and Tuesday's.
    let closing = close(&mut scene, "10:00");
    assert_eq!(closing.iter().filter(|line| line.starts_with("own in")).count(), 1, "{closing:?}");
    let mut again = scene.restarted(at("10:30"));
    let told = again.until(on(25, "12:00"));
    let filing: Vec<&String> =
        told.iter().filter(|line| line.starts_with("17:30 overdue → 值班员")).collect();
    assert_eq!(filing.len(), 2, "email and SMS, once: {told:?}");
}

#[test]
fn a_tier_begins_emergency_mode_and_a_graver_one_makes_it_longer() {
    let mut scene = Scene::with(plan("labor-school"));
    let first =
        scene.see(look("09:00", "bbs", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(20_000));
    let begun =
        |lines: &[String]| lines.iter().filter(|line| line.contains("operations → 系统管理员")).count();
    assert_eq!(begun(&first), 1, "{first:?}");
    assert!(scene.desk.live_set().is_emergency(&[], at("09:01")));
    // A day from nine; the gravest tier makes it two days from ten.
    let graver = scene.see(look("10:00", "bbs", SiteKind::Forum, "1", TEXT).views(60_000));
    assert_eq!(begun(&graver), 1, "{graver:?}");
    let mut again = scene.restarted(at("10:30"));
    close(&mut again, "11:00");
    again.until(on(23, "09:59"));
    assert!(again.desk.live_set().is_emergency(&[], on(23, "09:59")));
    again.until(on(23, "10:00"));
    assert!(!again.desk.live_set().is_emergency(&[], on(23, "10:00")));
}
