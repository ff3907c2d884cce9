//! The interval of a source and the reason for it, as plain values.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, civil::date};
use yuqing::{
    collect::{
        cadence::{self, Cadence, Reason},
        wait_after,
    },
    config::{Calendar, Day, SensitiveSpan, source::Source},
    desk::{Desk, Followed, Input, LiveSet, Restored, Setup},
    model::{Act, PostKey, Unit},
    store::SourceState,
};

use super::stage::{now, sources};

const UNIT: &str = "青禾县人民医院";

fn source(interval: &str) -> Source {
    let text = format!(
        "[[api]]\nname = \"接口\"\npreset = \"posts-json\"\nurl = \"https://bbs.qinghe.cn/posts\"\ninterval = \"{interval}\"\n"
    );
    sources(&text).remove(0)
}

fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn at(source: &Source, live: &LiveSet, pace: SignedDuration, now: Timestamp) -> Cadence {
    cadence::of(source, &SourceState::default(), live, pace, now)
}

fn desk() -> Desk {
    let plan = yuqing::config::plan_named(&yuqing::config::Folder::Shipped, "work-safety").unwrap();
    let unit = Unit { name: UNIT.into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    Desk::new(Setup { units: vec![(unit, Arc::new(plan))], ..Setup::default() }, Restored::default(), now())
}

fn in_emergency(until: Option<Timestamp>) -> LiveSet {
    let mut desk = desk();
    let act = Act::Emergency { unit: UNIT.into(), on: true, until, by: "甲".into(), reason: "乙".into() };
    desk.take(&Input::Act(act), now()).unwrap();
    desk.live_set()
}

fn sensitive(from: jiff::civil::Date) -> Arc<Calendar> {
    let span = SensitiveSpan {
        from: Day::Once(from),
        to: Day::Once(from),
        name: "高考".into(),
        units: vec![UNIT.into()],
    };
    Arc::new(Calendar { spans: vec![span] })
}

#[test]
fn an_emergency_halves_it_until_its_end_for_its_own_units() {
    let live = in_emergency(Some(now() + mins(60)));
    let mut source = source("10min");
    let fast = Cadence { interval: mins(5), reason: Reason::Emergency };
    assert_eq!(at(&source, &live, SignedDuration::ZERO, now()), fast, "a source of all units");
    let over = at(&source, &live, SignedDuration::ZERO, now() + mins(60));
    assert_eq!(over, Cadence { interval: mins(10), reason: Reason::Ordinary });
    source.units = vec!["别的单位".into()];
    assert_eq!(at(&source, &live, SignedDuration::ZERO, now()).reason, Reason::Ordinary);
}

#[test]
fn reasons_together_are_one_and_stop_at_the_floor() {
    let live = in_emergency(None);
    let mut source = source("10min");
    source.attention.calendar = sensitive(date(2026, 11, 21));
    assert_eq!(at(&source, &live, SignedDuration::ZERO, now()).interval, mins(5), "not a quarter");
    source.interval = SignedDuration::from_secs(50);
    assert_eq!(at(&source, &live, SignedDuration::ZERO, now()).interval, cadence::SHORTEST);
    source.interval = mins(10);
    assert_eq!(at(&source, &live, mins(8), now()).interval, mins(8), "the host's pace");
    assert_eq!(at(&source, &live, mins(30), now()).interval, mins(10), "never slower than without a reason");
    source.interval = SignedDuration::from_secs(10);
    assert_eq!(at(&source, &live, SignedDuration::ZERO, now()).interval, SignedDuration::from_secs(10));
}

#[test]
fn a_sensitive_date_is_a_day_of_the_offices_zone() {
    let live = LiveSet::default();
    let mut source = source("10min");
    source.units = vec![UNIT.into()];
    source.attention.calendar = sensitive(date(2026, 11, 22));
    let reason = |at_time: &str| at(&source, &live, SignedDuration::ZERO, at_time.parse().unwrap()).reason;
    assert_eq!(reason("2026-11-21T23:59:59+08:00"), Reason::Ordinary);
    assert_eq!(reason("2026-11-22T00:00:00+08:00"), Reason::SensitiveDate);
    assert_eq!(reason("2026-11-22T23:59:59+08:00"), Reason::SensitiveDate);
    assert_eq!(reason("2026-11-23T00:00:00+08:00"), Reason::Ordinary);
}

#[test]
fn the_site_on_which_an_incident_began_is_watched_at_twice_its_pace_for_thirty_days() {
    use crate::desk::scene;
    let mut stage = scene::Scene::new();
    let text = scene::TEXT;
    let seen = |clock: &str, site: &str, kind| scene::look(clock, site, kind, "1", text);
    let forum = yuqing::model::SiteKind::Forum;
    stage.see(seen("08:00", "qinghe.cn", forum).published(scene::at("07:30")).views(10));
    stage.see(seen("08:10", "other.cn", forum).published(scene::at("08:00")).views(20));
    let source = source("10min");
    let live = stage.desk.live_set();
    let pace = |live: &LiveSet, now| at(&source, live, SignedDuration::ZERO, now).reason;
    assert_eq!(pace(&live, scene::at("08:11")), Reason::Ordinary, "a line of a digest is no incident");
    stage.see(seen("09:00", "other.cn", forum).published(scene::at("08:00")).views(2_000));
    // Where it began, not where it grew; and a restart knows it.
    for live in [stage.desk.live_set(), stage.restarted(scene::at("09:01")).desk.live_set()] {
        let began_on = |site| live.is_origin(site, scene::at("09:01"));
        assert!(began_on("qinghe.cn") && !began_on("other.cn"));
        assert_eq!(pace(&live, scene::at("09:01")), Reason::OriginSite);
        let month = scene::at("09:00") + SignedDuration::from_hours(30 * 24);
        assert_eq!(pace(&live, month - mins(1)), Reason::OriginSite);
        assert_eq!(pace(&live, month), Reason::Ordinary);
    }
}

#[test]
fn rounds_that_are_owed_are_spread_over_what_is_left_of_the_day() {
    let mut source = source("24h");
    source.attention.rounds_a_day = Some(3);
    let state = |done: u32| {
        let mut state = SourceState::default();
        state.memo.insert("rounds_today".into(), format!("2026-11-21 {done}"));
        state
    };
    let midnight: Timestamp = "2026-11-21T00:00:00+08:00".parse().unwrap();
    let wait = |done, now| {
        let cadence = cadence::of(&source, &state(done), &LiveSet::default(), SignedDuration::ZERO, now);
        (cadence.interval.as_hours(), cadence.reason)
    };
    assert_eq!(wait(0, midnight), (6, Reason::DailyRounds));
    assert_eq!(wait(1, midnight), (8, Reason::DailyRounds));
    assert_eq!(wait(2, midnight + mins(16 * 60)), (4, Reason::DailyRounds));
    assert_eq!(wait(3, midnight + mins(20 * 60)), (10, Reason::DailyRounds), "tomorrow's first");
    // Another day's count says nothing.
    assert_eq!(wait(3, midnight + mins(24 * 60)), (6, Reason::DailyRounds));
    source.interval = mins(10);
    assert_eq!(at(&source, &LiveSet::default(), SignedDuration::ZERO, midnight).reason, Reason::Ordinary);
}

fn followed() -> Followed {
    Followed {
        key: PostKey { site: "a".into(), id: "1".into() },
        url: String::new(),
        source: "接口".into(),
        last_seen_at: now(),
        first_seen_at: now() - SignedDuration::from_hours(5),
        rank: 0,
        at_once: false,
        soonest: None,
        until: now() + SignedDuration::from_hours(48),
        closed: false,
        emergency: None,
    }
}

#[test]
fn the_next_look_comes_the_sooner_the_nearer_the_threshold() {
    let wait = |change: &dyn Fn(&mut Followed), stale| {
        let mut post = followed();
        change(&mut post);
        wait_after(mins(10), &post, now(), stale).as_mins()
    };
    let soonest = |minutes| move |post: &mut Followed| post.soonest = Some(now() + mins(minutes));
    assert_eq!(wait(&soonest(20), 0), 10, "never sooner than the preset allows");
    assert_eq!(wait(&soonest(100), 0), 25);
    assert_eq!(wait(&soonest(40 * 60), 0), 120, "what grows is never left for long");
    assert_eq!(wait(&|_| {}, 0), 40);
    assert_eq!(wait(&|post| post.rank = 2, 0), 10);
    assert_eq!(wait(&|_| {}, 2), 160);
    assert_eq!(wait(&|_| {}, 9), 360, "six hours at most");
    assert_eq!(wait(&soonest(20), 5), 360, "another member makes it grow");
    assert_eq!(wait(&|post| post.first_seen_at = now(), 0), 10, "fresh");
    assert_eq!(wait(&|post| post.closed = true, 0), 360);
    assert_eq!(wait(&|post| post.emergency = Some(None), 9), 10);
    assert_eq!(wait(&|post| post.emergency = Some(Some(now())), 9), 360, "its end has come");
}

#[test]
fn what_has_not_grown_for_two_days_is_followed_no_more() {
    use crate::desk::scene;
    let mut stage = scene::Scene::new();
    let look = |day, clock| {
        let seen =
            scene::look_at(scene::on(day, clock), "bbs", yuqing::model::SiteKind::Forum, "1", scene::TEXT);
        seen.published(scene::at("07:30"))
    };
    stage.see(look(21, "08:00").views(100));
    stage.see(look(21, "10:00").views(150));
    stage.see(look(22, "10:00").views(150));
    let until = |stage: &scene::Scene| stage.desk.live_set().followed()[0].until;
    assert_eq!(until(&stage), scene::on(23, "10:00"));
    assert_eq!(until(&stage.restarted(scene::on(22, "11:00"))), scene::on(23, "10:00"));
    stage.act(
        scene::on(22, "12:00"),
        Act::Close { incident: yuqing::model::IncidentId(1), by: "甲".into(), reason: "完".into() },
    );
    let after = stage.desk.live_set().followed()[0].clone();
    assert_eq!((after.closed, after.until), (true, scene::on(24, "12:00")), "a flare-up must be found");
}
