//! Tiers: strict, never falling while open, afresh after closing (SEMANTICS 14 to 18).

use super::scene::*;
use yuqing::model::*;

fn weibo(clock: &str, reposts: u64) -> Look {
    look(clock, "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(reposts)
}

#[test]
fn a_story_climbs_through_every_tier() {
    let mut scene = Scene::new();
    let mut tiers = Vec::new();
    for (clock, reposts) in
        [("09:00", 100), ("09:10", 101), ("09:20", 300), ("09:30", 301), ("09:40", 500), ("09:50", 501)]
    {
        let lines = scene.see(weibo(clock, reposts));
        tiers.push(
            lines.iter().find_map(|line| line.strip_prefix("#1 ")?.split(':').next().map(str::to_owned)),
        );
    }
    let told: Vec<_> = tiers.iter().map(|tier| tier.as_deref().unwrap_or("-")).collect();
    assert_eq!(told, ["一般", "较大", "-", "重大", "-", "特别重大"]);
}

#[test]
fn the_tier_never_falls_while_open() {
    let mut scene = Scene::new();
    let post = |seen, views| {
        look_at(seen, "bbs.example", SiteKind::Forum, "1", TEXT).published(on(21, "08:00")).views(views)
    };
    scene.see(post(on(21, "09:00"), 60_000));
    scene.see(post(on(23, "09:00"), 60_001));
    let incident = scene.incident(1);
    assert_eq!(
        (incident.rank, incident.heat.daily_views),
        (3, Some(0)),
        "the heat shown falls, the tier stays"
    );
}

#[test]
fn a_critical_case_that_is_closed_and_flares_up_again_is_told() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", 700));
    let close = Act::Close { incident: IncidentId(1), by: "办公室".into(), reason: "平息".into() };
    assert!(scene.act(at("10:00"), close).contains(&"#1 closed".to_owned()));
    assert!(scene.see(weibo("11:00", 800)).is_empty(), "100 more reposts are general again");
    let lines = scene.see(weibo("12:00", 801));
    assert_eq!(
        lines[0],
        "#1 较大: 转发 101 > 100，1 个站点，1 篇，浏览量未知，按转发量定级，自 10:00 起计，截至 12:00"
    );
    assert!(lines.contains(&"reopened → 值班员 email".to_owned()), "{lines:?}");
    let lines = scene.see(weibo("13:00", 1_201));
    assert!(lines.iter().any(|line| line.starts_with("rise → 值班员")), "{lines:?}");
    assert_eq!(scene.incident(1).reason.tier_name, "特别重大");
}

#[test]
fn a_keyword_sets_the_lowest_tier_and_tells_the_duty_room() {
    let mut scene = Scene::new();
    let post = look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:50")).views(3);
    let lines = scene.see(post.at_least("重大").notify("总值班室"));
    assert!(lines[0].starts_with("#1 重大: 按设定不低于此级（医院）"), "{lines:?}");
    assert!(lines.contains(&"direct → 总值班室 email".to_owned()), "{lines:?}");
    let again =
        look("09:05", "b.example", SiteKind::Forum, "2", TEXT).published(at("08:50")).notify("总值班室");
    assert!(scene.see(again).is_empty(), "told once");
}

#[test]
fn the_duty_room_is_told_at_once_whatever_the_tier() {
    let mut scene = Scene::new();
    let post = look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:50")).views(3);
    let lines = scene.see(post.notify("总值班室"));
    assert!(lines[0].starts_with("#1 一般"), "{lines:?}");
    assert_eq!(&lines[1..], ["direct → 总值班室 email"]);
}

#[test]
fn a_person_raises_and_lowers_with_a_reason() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", 20));
    let set = |tier: &str, reason: &str| Act::Override {
        incident: IncidentId(1),
        tier: tier.into(),
        by: "李主任".into(),
        reason: reason.into(),
    };
    assert_eq!(scene.act(at("09:10"), set("重大", " ")), ["refused: 请写明理由"]);
    let lines = scene.act(at("09:10"), set("重大", "上级来电"));
    assert!(lines[0].starts_with("#1 重大: 人工定级（李主任: 上级来电）"), "{lines:?}");
    let lines = scene.act(at("09:30"), set("较大", "核实为旧闻"));
    assert!(lines.contains(&"correction → 值班员 email".to_owned()), "{lines:?}");
    assert!(scene.see(weibo("09:40", 99)).is_empty());
    assert_eq!(scene.incident(1).rank, 1);
    let lines = scene.see(weibo("09:50", 301));
    assert!(lines[0].starts_with("#1 重大: 转发 301 > 300"), "outgrown: {lines:?}");
}

#[test]
fn general_statements_go_into_the_digest_at_its_hours() {
    let mut scene = Scene::new();
    scene.see(look("07:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("06:50")).views(30));
    assert_eq!(
        scene.until(at("23:00")),
        ["08:30 digest → 值班员 email", "08:30 digest → 领导小组办公室主任 email"]
    );
}
