//! The duty rota: a name of the plan stands for whoever is on duty; swaps, handovers and the deputy. A unit above
//! gets copies by rule.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::{date, time};
use yuqing::model::*;

use super::scene::{Scene, TEXT, at, look_at, on};

fn roster() -> Roster {
    let who = |name: &str| Some(name.to_owned());
    let week = [who("张三"), who("张三"), who("张三"), who("张三"), who("李四"), who("李四"), None];
    let swap = Swap { from: date(2026, 11, 24), to: date(2026, 11, 24), who: "王五".to_owned() };
    let rota =
        Rota { handover: time(8, 30, 0, 0), week, swaps: vec![swap], deputy: Some("赵六".to_owned()) };
    Roster {
        rotas: BTreeMap::from([("值班员".to_owned(), rota)]),
        zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap(),
        ..Roster::default()
    }
}

fn scene() -> Scene {
    let mut setup = Scene::new().setup;
    for name in ["张三", "李四", "王五", "赵六"] {
        let contact = Contact {
            name: name.to_owned(),
            person: String::new(),
            email: Some(format!("{name}@office.example")),
            phone: None,
            channels: vec![ChannelKind::Email],
            detail: Detail::Full,
            ways: BTreeMap::new(),
        };
        setup.contacts.insert(name.to_owned(), contact);
    }
    setup.roster = Arc::new(roster());
    Scene::on_stage(setup, false)
}

fn told(scene: &Scene) -> Vec<(String, String, Option<String>)> {
    let alerts = scene.stored().notices.into_iter().filter(|notice| notice.contact == "值班员");
    alerts.map(|notice| (notice.kind.id().to_owned(), notice.address, notice.facts.person.clone())).collect()
}

fn hot(scene: &mut Scene, day: i64, clock: &str) {
    let post = look_at(on(day, clock), "a.example", SiteKind::Forum, "1", TEXT).published(on(day, clock));
    scene.see(post.views(1_500));
}

#[test]
fn who_is_on_duty_is_told() {
    let cases = [
        (23, "09:00", "张三@office.example"),
        (27, "08:00", "张三@office.example"),
        (27, "08:30", "李四@office.example"),
        (24, "10:00", "王五@office.example"),
        (22, "10:00", "值班员@office.example"),
    ];
    for (day, clock, address) in cases {
        let mut scene = scene();
        hot(&mut scene, day, clock);
        let first = told(&scene).remove(0);
        assert_eq!((first.0.as_str(), first.1.as_str()), ("alert", address), "{day} {clock}");
    }
}

#[test]
fn the_notice_says_who_it_is_and_the_deputy_comes_after_the_last_channel() {
    let mut scene = scene();
    hot(&mut scene, 23, "09:00");
    let alert = scene.stored().notices.into_iter().find(|notice| notice.contact == "值班员").unwrap();
    assert_eq!(alert.facts.person.as_deref(), Some("张三"));
    scene.answer(alert.id, on(23, "09:01"), Outcome::Refused { why: "550".to_owned() });
    let told = told(&scene);
    let failover = told.iter().find(|one| one.0 == "failover").unwrap();
    assert_eq!((failover.1.as_str(), failover.2.as_deref()), ("赵六@office.example", Some("赵六")));
}

#[test]
fn a_report_that_was_accepted_before_the_handover_stays_met() {
    let mut scene = scene();
    hot(&mut scene, 27, "08:25");
    let waiting: Vec<NoticeId> = scene.stored().notices.into_iter().map(|notice| notice.id).collect();
    for id in waiting {
        scene.answer(id, on(27, "08:31"), Outcome::Accepted);
    }
    let report = scene.stored().deadlines.into_iter().find(|d| d.kind == DeadlineKind::Report).unwrap();
    assert!(matches!(report.state, DeadlineState::Met { .. }), "{report:?}");
}

#[test]
fn the_unit_above_gets_copies_from_its_tier_on() {
    for (views, expected) in [(1_500, false), (10_500, true)] {
        let mut setup = Scene::new().setup;
        let unit = setup.units[0].0.name.clone();
        let from_rank = setup.units[0].1.tier_named("major").unwrap().rank;
        let upward =
            Upward { unit: "市卫健委".to_owned(), from_rank, tell: vec!["总值班室".to_owned()] };
        setup.upward.insert(unit, upward);
        // Without the plan's own copies nobody else tells that contact.
        let mut plan = (*setup.units[0].1).clone();
        plan.tiers.iter_mut().for_each(|tier| tier.copies.clear());
        setup.units[0].1 = Arc::new(plan);
        let mut scene = Scene::on_stage(setup, true);
        let post = look_at(at("09:00"), "a.example", SiteKind::Forum, "1", TEXT).published(at("08:00"));
        let told = scene.see(post.views(views));
        assert_eq!(told.iter().any(|line| line.starts_with("copy → 总值班室")), expected, "{told:#?}");
    }
}
