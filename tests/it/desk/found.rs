//! What an outsider's stories found: chains of reposts, lines that end at one instant, corrections that must
//! not silence a chain, search pages, statements of thousands of posts.

use super::scene::*;
use yuqing::{desk::Change, model::*};

fn weibo(clock: &str, id: &str, text: &str) -> Look {
    look(clock, "weibo.example", SiteKind::Microblog, id, text).published(at("08:30"))
}

#[test]
fn a_chain_of_reposts_counts_for_its_top() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "root", TEXT).reposts(60));
    scene.see(weibo("09:01", "r1", "转发微博").reposts(50).reposting("weibo.example", "root"));
    scene.see(weibo("09:02", "r2", "转发微博").reposts(50).reposting("weibo.example", "r1"));
    let mut by_link = weibo("09:03", "r3", "转发微博").reposts(50).reposting("-", "-");
    by_link.0.post.repost_of.as_mut().unwrap().key = None;
    by_link.0.post.repost_of.as_mut().unwrap().url = Some("http://m.weibo.example/p/r1".into());
    scene.see(by_link);
    let incident = scene.incident(1);
    assert_eq!((incident.heat.reposts, incident.heat.posts, incident.rank), (Some(60), 4, 0));
}

#[test]
fn a_circle_of_reposts_does_no_harm() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "a", TEXT).reposts(60).reposting("weibo.example", "b"));
    scene.see(weibo("09:01", "b", TEXT).reposts(50).reposting("weibo.example", "a"));
    assert_eq!(scene.incident(1).heat.posts, 2);
}

#[test]
fn old_reposts_of_an_original_never_seen_alarm_nobody_until_they_grow() {
    let mut scene = Scene::new();
    let old = |clock: &str, reposts| {
        look(clock, "weibo.example", SiteKind::Microblog, "r", TEXT)
            .published(on(1, "08:00"))
            .reposts(reposts)
            .reposting("weibo.example", "gone")
    };
    assert!(scene.see(old("09:00", 800)).is_empty());
    assert!(scene.see(old("10:00", 800)).is_empty());
    let lines = scene.see(old("11:00", 801));
    assert!(lines.iter().any(|line| line.starts_with("#1 特别重大: 转发 至少 801 > 500")), "{lines:?}");
}

#[test]
fn each_line_that_ends_unconfirmed_is_told_to_the_administrators() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "w", TEXT).reposts(501));
    let lines = scene.until(at("09:40"));
    let told = |clock: &str| {
        lines.iter().filter(|line| **line == format!("{clock} operations → 系统管理员 email")).count()
    };
    // 上级 has one step and ends every ten minutes; 本单位 has four and ends at 09:40 for the first time.
    assert_eq!((told("09:10"), told("09:30"), told("09:40")), (1, 1, 2), "{lines:?}");
}

#[test]
fn a_tier_that_is_lowered_and_still_alerts_must_still_be_confirmed() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "w", TEXT).reposts(312));
    let lower = Act::Override {
        incident: IncidentId(1),
        tier: "较大".into(),
        by: "张三".into(),
        reason: "重新研判".into(),
    };
    scene.act(at("09:05"), lower);
    let lines = scene.until(at("09:10"));
    assert!(lines.contains(&"09:10 escalation → 带班领导 email".to_owned()), "{lines:?}");
}

#[test]
fn what_a_search_page_found_counts_for_the_site_it_points_to() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(7));
    let mut found =
        look("09:05", "search.example", SiteKind::Search, "x", TEXT).published(at("08:30")).views(7);
    found.0.post.url = "https://www.bbs.example/p/2".into();
    scene.see(found);
    assert_eq!(scene.incident(1).heat.sites, ["bbs.example"]);
}

#[test]
fn thousands_of_copies_rise_at_the_very_look_that_raises_them() {
    let mut scene = Scene::new();
    let mut now = at("09:00");
    let mut risen = Vec::new();
    for n in 1..=3_400_u64 {
        now += jiff::SignedDuration::from_secs(7);
        let views = if n == 3_400 { 6_602 } else { 1 };
        let post = look_at(now, "bbs.example", SiteKind::Forum, &n.to_string(), TEXT);
        let lines = scene.see(post.published(now).views(views));
        if lines.first().is_some_and(|line| line.starts_with("#1 ")) {
            risen.push((n, scene.incident(1).heat.daily_views));
        }
    }
    assert_eq!(risen, [(1, Some(1)), (1_001, Some(1_001)), (3_400, Some(10_001))]);
}

#[test]
fn a_member_keeps_where_the_words_stand() {
    let mut scene = Scene::new();
    let text = format!("县城消息：{TEXT}");
    scene.see(look("10:00", "bbs.cn", SiteKind::Forum, "1", &text));
    let marks = scene.changes.iter().find_map(|change| match change {
        Change::Post(row) => Some(row.marks.clone()),
        _ => None,
    });
    let marks = marks.unwrap();
    assert_eq!(marks.len(), 1);
    let word: String = text.chars().skip(marks[0].start as usize).take(7).collect();
    assert_eq!(word, "青川县人民医院");
}
