//! Forgetting: a statement that is silent for its plan's window is compared with nothing any more.

use jiff::{SignedDuration, Timestamp};

use super::scene::*;
use yuqing::{desk::Restored, model::*, text::fold};

fn days(days: i64) -> Timestamp {
    at("09:00") + SignedDuration::from_hours(24 * days)
}

fn seen(when: Timestamp, id: &str) -> Look {
    look_at(when, "bbs.example", SiteKind::Forum, id, TEXT).published(when)
}

/// Lets time run, and shows nothing of what the digests say.
fn run(scene: &mut Scene, until: Timestamp) {
    scene.until(until);
}

#[test]
fn a_silent_statement_leaves_and_the_same_words_begin_anew() {
    let mut scene = Scene::new();
    scene.see(seen(days(0), "a"));
    run(&mut scene, days(29));
    scene.see(seen(days(29), "b"));
    assert_eq!(scene.stored().incidents.len(), 1, "within its window it is known");
    run(&mut scene, days(58));
    assert_eq!(scene.incident(1).state, IncidentState::Open, "it was heard of 29 days ago");
    run(&mut scene, days(60));
    assert_eq!(scene.incident(1).state, IncidentState::Archived);
    let live = scene.desk.live_set();
    assert_eq!(live.n_members(), 0, "nothing of it is left in memory");
    assert!(!live.relates(&seen(days(60), "c").0.post, &fold(TEXT).text));
    for mut scene in [scene.restarted(days(60)), scene] {
        scene.see(seen(days(61), "c"));
        assert_eq!(scene.incident(2).heat.posts, 1, "the same words begin anew, under a new number");
        assert_eq!(scene.incident(1).state, IncidentState::Archived);
    }
}

#[test]
fn what_lists_still_show_stays() {
    let mut scene = Scene::new();
    for day in 0..70 {
        run(&mut scene, days(day));
        // Pinned: seen every day, never growing.
        scene.see(look_at(days(day), "bbs.example", SiteKind::Forum, "a", TEXT).published(days(0)).views(5));
    }
    assert_eq!(scene.stored().incidents.len(), 1);
    assert_eq!(scene.incident(1).state, IncidentState::Open);
}

#[test]
fn an_incident_that_was_told_of_stays_until_it_is_closed() {
    let mut scene = Scene::new();
    scene.see(seen(days(0), "a").views(2_000));
    let ack = |contact: &str| Act::Acknowledge {
        incident: IncidentId(1),
        contact: contact.into(),
        rank: None,
        how: AckHow::Console,
        recorded_by: None,
        at: None,
    };
    scene.act(days(0), ack("值班员"));
    let respond = Act::Respond { incident: IncidentId(1), by: "x".into(), text: "已回应".into() };
    scene.act(days(0), respond);
    run(&mut scene, days(90));
    assert_eq!(scene.incident(1).state, IncidentState::Open);
    scene.see(seen(days(90), "b"));
    assert_eq!(scene.incident(1).heat.posts, 2, "and takes in what comes");
    scene.act(days(91), Act::Close { incident: IncidentId(1), by: "x".into(), reason: "办结".into() });
    run(&mut scene, days(120));
    // Within the window after the closing it can flare up again.
    let lines = scene.see(seen(days(120), "c").views(30_000));
    assert!(lines.iter().any(|line| line.starts_with("reopened →")), "{lines:?}");
    scene.act(days(121), Act::Close { incident: IncidentId(1), by: "x".into(), reason: "办结".into() });
    run(&mut scene, days(155));
    assert_eq!(scene.incident(1).state, IncidentState::Archived);
    let refused = scene.act(days(155), ack("值班员"));
    assert_eq!(refused, ["refused: 没有这个事件: 1"]);
}

#[test]
fn what_is_owed_after_closing_keeps_an_incident_until_it_is_done() {
    let mut scene = Scene::with(plan("archives-bureau"));
    scene.see(seen(days(0), "a").views(60_000));
    let incident = IncidentId(1);
    let contact = "值班员".to_owned();
    scene.act(
        days(0),
        Act::Acknowledge { incident, contact, rank: None, how: AckHow::Console, recorded_by: None, at: None },
    );
    scene.act(days(0), Act::Respond { incident, by: "x".into(), text: "已回应".into() });
    scene.act(days(1), Act::Close { incident, by: "x".into(), reason: "办结".into() });
    run(&mut scene, days(70));
    // The summary is long overdue and asked for again and again; a restart goes on with it.
    assert_eq!(scene.incident(1).state, IncidentState::Closed);
    for mut scene in [scene.restarted(days(70)), scene] {
        let open = scene.stored().deadlines.into_iter().filter(Deadline::is_open);
        let keys: Vec<String> = open.map(|one| one.key).collect();
        assert!(matches!(keys.as_slice(), [one] if one.contains("summary")), "{keys:?}");
        let text = "书面总结".to_owned();
        scene.act(days(70), Act::Complete { incident, duty: "summary".into(), by: "x".into(), text });
        run(&mut scene, days(101));
        assert_eq!(scene.incident(1).state, IncidentState::Archived);
    }
}

#[test]
fn the_window_is_the_plans() {
    let mut plan = plan("work-safety");
    plan.statement_window = SignedDuration::from_hours(24 * 10);
    let mut scene = Scene::with(plan);
    scene.see(seen(days(0), "a"));
    run(&mut scene, days(11));
    assert_eq!(scene.incident(1).state, IncidentState::Archived);
    // A start has nothing of it to read.
    let stored = Restored { incidents: scene.stored().incidents, ..Restored::default() };
    let desk = yuqing::desk::Desk::new(scene.setup.clone(), stored, days(11));
    assert_eq!(desk.live_set().n_members(), 0);
}

#[test]
fn a_live_set_made_bit_by_bit_is_that_made_at_once() {
    let mut scene = Scene::new();
    for n in 0..40_u64 {
        let text = if n % 3 == 0 {
            TEXT.to_owned()
        } else {
            format!("青川县人民医院第{n}件事，与别的事情都不一样，说的是第{n}个问题。")
        };
        let when = at("09:00") + SignedDuration::from_mins(i64::try_from(n).unwrap());
        let one = look_at(when, "bbs.example", SiteKind::Forum, &n.to_string(), &text).published(when);
        scene.see(if n % 5 == 4 {
            one.reposting("bbs.example", &(n - 1).to_string())
        } else {
            one.views(n * 400)
        });
        assert!(scene.desk.publish().n_members() > 0);
    }
    let post = PostKey { site: "bbs.example".into(), id: "3".into() };
    scene.act(at("10:00"), Act::Split { post, incident: None, by: "x".into(), reason: "y".into() });
    let live = scene.desk.publish();
    let whole = scene.restarted(at("10:00")).desk.live_set();
    let listed = |live: &yuqing::desk::LiveSet| {
        let mut all: Vec<String> = live.followed().iter().map(|one| format!("{one:?}")).collect();
        all.sort();
        all
    };
    assert_eq!(listed(&live), listed(&whole));
    assert_eq!(live.n_members(), whole.n_members());
    assert!(live.same_haste(&whole));
}
