//! Digests: at the plan's hours, none lost in an outage (SEMANTICS 25), a long one with its true number.

use yuqing::{desk::Input, model::*};

use super::scene::{Look, Scene, at, look, look_at, on, plan};

/// Lets one tick come, as the first one after an outage does.
fn after_an_outage(scene: &mut Scene, now: jiff::Timestamp) -> Vec<String> {
    scene.take(&Input::Tick, now).into_iter().filter(|line| line.contains("digest →")).collect()
}

fn weekly(seen_at: jiff::Timestamp) -> Scene {
    let mut scene = Scene::with(plan("government-affairs"));
    scene.until(seen_at);
    let text = "青川县人民医院门口的停车位又被占了，来看病的人转了三圈。";
    scene.see(look_at(seen_at, "bbs.example", SiteKind::Forum, "1", text).published(seen_at).views(30));
    assert_eq!(scene.incident(1).reason.tier_name, "影响较小");
    scene
}

#[test]
fn the_weekly_digest_of_a_monday_that_was_slept_through_comes_with_the_next() {
    let mut scene = weekly(at("09:00"));
    let told = scene.until(on(22, "23:00"));
    assert!(!told.iter().any(|line| line.contains("digest")), "weekly, not daily: {told:#?}");
    // Down from Sunday night to Monday evening.
    let mut scene = scene.restarted(on(23, "18:00"));
    let told = after_an_outage(&mut scene, on(23, "18:00"));
    assert!(!told.is_empty(), "the instant that was due counts, not the present hour");
    assert!(scene.until(on(30, "23:00")).iter().all(|line| !line.contains("digest")), "once");

    let mut scene = weekly(at("09:00"));
    let told = after_an_outage(&mut scene, on(26, "11:00"));
    assert!(!told.is_empty(), "down until Thursday");
}

#[test]
fn the_weekly_digest_comes_on_mondays_only() {
    let mut scene = weekly(on(23, "10:00"));
    let told = scene.until(on(29, "23:00"));
    assert!(!told.iter().any(|line| line.contains("digest")), "{told:#?}");
    let told = scene.until(on(30, "23:00"));
    assert!(told.iter().any(|line| line.starts_with("08:30 digest →")), "{told:#?}");
}

/// Statements that have nothing in common but the unit.
fn different(nth: u32) -> String {
    let mut state = nth.wrapping_mul(2_654_435_761).wrapping_add(97);
    let mut text = "青川县人民医院".to_owned();
    for _ in 0..40 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend(char::from_u32(0x4e00 + (state >> 8) % 6_000));
    }
    text
}

fn small(nth: u32) -> Look {
    look("07:00", "bbs.example", SiteKind::Forum, &nth.to_string(), &different(nth))
        .published(at("06:50"))
        .views(u64::from(nth))
}

#[test]
fn a_long_digest_lists_what_weighs_most_and_says_how_many_there_are() {
    let mut scene = Scene::new();
    for nth in 0..250 {
        scene.see(small(nth));
    }
    scene.until(at("09:00"));
    let stored = scene.stored();
    let digest = stored.notices.iter().find(|notice| notice.kind == NoticeKind::Digest).unwrap();
    let facts = &digest.facts;
    assert_eq!((facts.digest_total, facts.digest.len()), (250, 100));
    assert!(facts.note.is_empty(), "{}", facts.note);
    let views: Vec<_> = facts.digest.iter().map(|line| line.heat.daily_views).collect();
    assert_eq!((views[0], views[99]), (Some(249), Some(150)));
    assert!(views.is_sorted_by(|one, next| one >= next), "{views:?}");
}

#[test]
fn a_graver_tier_weighs_more_than_any_number() {
    let mut plan = plan("government-affairs");
    // One reader of both tiers.
    plan.tiers[0].lines = plan.tiers[1].lines.clone();
    let mut scene = Scene::with(plan);
    let seen = on(22, "10:00");
    scene.until(seen);
    let see = |scene: &mut Scene, id: &str, site: &str, text: &str, views: u64| {
        scene.see(look_at(seen, site, SiteKind::Forum, id, text).published(seen).views(views));
    };
    see(&mut scene, "1", "a.example", &different(1), 90);
    see(&mut scene, "2", "b.example", &different(2), 3);
    see(&mut scene, "3", "c.example", &different(2), 4);
    let tiers = [scene.incident(1).rank, scene.incident(2).rank];
    assert_eq!(tiers, [0, 1], "two sites are more than one");
    after_an_outage(&mut scene, on(23, "08:30"));
    let stored = scene.stored();
    let digest = stored.notices.iter().find(|notice| notice.kind == NoticeKind::Digest).unwrap();
    let ids: Vec<u64> = digest.facts.digest.iter().map(|line| line.incident.0).collect();
    assert_eq!(ids, [2, 1]);
}

#[test]
fn a_drill_stands_in_a_digest_of_its_own() {
    let mut scene = Scene::new();
    scene.see(small(7));
    let entry = HandEntry { drill: true, happened_at: None, ..super::course::entry(Some("一般")) };
    scene.act(at("07:30"), super::course::enter(entry));
    scene.until(at("09:00"));
    let stored = scene.stored();
    let digests: Vec<_> = stored
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Digest && notice.contact == "值班员")
        .map(|notice| (notice.facts.mark.as_deref(), notice.facts.digest_total))
        .collect();
    assert_eq!(digests.len(), 2, "{digests:?}");
    assert!(digests.contains(&(None, 1)) && digests.contains(&(Some("演练"), 1)), "{digests:?}");
}
