//! Merging and splitting by a person (SEMANTICS 13).

use super::scene::*;
use yuqing::model::*;

const OTHER: &str =
    "青川县人民医院的急诊室昨晚排了很长的队，有病人在椅子上等到凌晨才见到医生，情况令人担忧。";

fn merge() -> Act {
    Act::Merge {
        incident: IncidentId(2),
        other: IncidentId(1),
        by: "值班员".into(),
        reason: "同一件事".into(),
    }
}

#[test]
fn a_merge_sums_the_heat_and_tells_the_rise() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(700));
    scene.see(look("09:05", "b.example", SiteKind::Forum, "2", OTHER).published(at("08:40")).views(600));
    assert_eq!(scene.stored().incidents.len(), 2);
    let lines = scene.act(at("09:10"), merge());
    assert!(lines.contains(&"#2 merged into #1".to_owned()), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.starts_with("#1 较大: 24 小时浏览 1,300 > 1,000，2 个站点")),
        "{lines:?}"
    );
    assert!(lines.contains(&"alert → 值班员 email".to_owned()), "{lines:?}");
    // What is said of the younger one goes to the older; later copies of either text join it.
    let copy = format!("{OTHER}转");
    scene.see(look("09:20", "c.example", SiteKind::Forum, "3", &copy).published(at("09:00")).views(1));
    assert_eq!(scene.incident(1).heat.posts, 3);
    let ack = Act::Acknowledge {
        incident: IncidentId(2),
        contact: "值班员".into(),
        rank: None,
        how: AckHow::Console,
        recorded_by: None,
        at: None,
    };
    assert!(scene.act(at("09:21"), ack).contains(&"acknowledge 本单位 met".to_owned()));
}

#[test]
fn of_each_kind_the_earlier_due_time_is_kept() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Microblog, "1", TEXT).published(at("08:30")).reposts(10));
    scene
        .see(look("09:02", "b.example", SiteKind::Microblog, "2", OTHER).published(at("08:40")).reposts(700));
    scene.act(at("09:08"), merge());
    let running: Vec<_> = scene
        .stored()
        .deadlines
        .into_iter()
        .filter(|d| {
            d.incident == IncidentId(1)
                && d.state == DeadlineState::Running
                && d.kind == DeadlineKind::Acknowledge
        })
        .collect();
    assert!(!running.is_empty());
    for deadline in running {
        assert_eq!(deadline.due_at, at("09:12"), "{deadline:?}");
    }
}

#[test]
fn a_split_regrades_both_and_corrects_what_was_told() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(700));
    scene.see(
        look("09:05", "b.example", SiteKind::Forum, "2", &format!("{TEXT}转"))
            .published(at("08:40"))
            .views(600),
    );
    assert_eq!(scene.incident(1).reason.tier_name, "较大");
    let post = PostKey { site: "b.example".into(), id: "2".into() };
    let lines = scene
        .act(at("09:10"), Act::Split { post, incident: None, by: "值班员".into(), reason: "两回事".into() });
    assert!(lines.contains(&"correction → 值班员 email".to_owned()), "{lines:?}");
    assert_eq!((scene.incident(1).rank, scene.incident(2).rank), (0, 0));
    assert_eq!((scene.incident(1).heat.posts, scene.incident(2).heat.posts), (1, 1));
}

#[test]
fn what_a_keyword_demands_goes_with_the_post_that_met_it() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(70));
    let copy = format!("{TEXT}转");
    scene
        .see(look("09:05", "b.example", SiteKind::Forum, "2", &copy).published(at("08:40")).at_least("较大"));
    assert_eq!(scene.incident(1).reason.tier_name, "较大");
    let post = PostKey { site: "b.example".into(), id: "2".into() };
    scene.act(at("09:10"), Act::Split { post, incident: None, by: "值班员".into(), reason: "两回事".into() });
    assert_eq!(scene.incident(2).reason.tier_name, "较大");
}

#[test]
fn acts_on_nothing_are_refused() {
    let mut scene = Scene::new();
    assert_eq!(scene.act(at("09:00"), merge()), ["refused: 只能合并同一单位的两个不同事件"]);
    let close = Act::Close { incident: IncidentId(9), by: "x".into(), reason: "y".into() };
    assert_eq!(scene.act(at("09:00"), close), ["refused: 没有这个事件: 9"]);
}
