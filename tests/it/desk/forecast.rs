//! Forecasts: when one stands, what it says, and how good they are on the replayed curves of the bench.

use jiff::SignedDuration;
use yuqing::{
    locale::{Locale, forecast_line},
    model::{Clause, Forecast, SiteKind},
};

use super::scene::{Scene, TEXT, at, look};

#[path = "../../../benches/forecast/curves.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod curves;
#[path = "../../../benches/forecast/replayed.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod replayed;

fn views(scene: &mut Scene, clock: &str, views: u64) -> Vec<String> {
    let look = look(clock, "bbs", SiteKind::Forum, "1", TEXT);
    scene.see(look.published(at("08:00")).views(views))
}

fn forecasts(scene: &Scene) -> Vec<Forecast> {
    scene.incident(1).outlook.forecasts
}

#[test]
fn one_point_says_nothing_and_steady_growth_says_when() {
    let mut scene = Scene::new();
    views(&mut scene, "08:20", 150);
    assert_eq!(forecasts(&scene), [], "one look and the publication");
    views(&mut scene, "08:40", 300);
    views(&mut scene, "09:00", 450);
    let told = forecasts(&scene);
    assert_eq!((told.len(), told[0].tier_name.as_str(), told[0].clause), (1, "较大", Clause::Views));
    // 450 an hour: 551 more take an hour and a quarter.
    let away = told[0].at.duration_since(at("10:13")).as_mins();
    assert!((-20..=20).contains(&away), "{away} minutes from the straight line");
    assert_eq!(
        forecast_line(&told, told[0].at - SignedDuration::from_mins(38), Locale::ZhCn),
        "预计 40 分钟内达到“较大”（24 小时浏览 > 1,000）"
    );
    assert_eq!(
        forecast_line(&told, told[0].at, Locale::En),
        "\"较大\" is expected any moment (views in 24 h > 1,000)"
    );
    let soonest = scene.incident(1).outlook.soonest.unwrap();
    assert!(soonest < told[0].at && soonest > at("09:00"), "planning reckons with more");
}

#[test]
fn what_dies_is_not_foretold_and_what_was_foretold_is_withdrawn() {
    let mut scene = Scene::new();
    for (clock, figure) in [("08:20", 200), ("08:40", 400), ("09:00", 600)] {
        views(&mut scene, clock, figure);
    }
    assert_eq!(forecasts(&scene).len(), 1);
    for (clock, figure) in [("09:20", 650), ("09:40", 655), ("10:00", 656), ("11:00", 657), ("12:00", 657)] {
        views(&mut scene, clock, figure);
    }
    assert_eq!(forecasts(&scene), []);
}

#[test]
fn the_notice_of_a_tier_says_which_comes_next() {
    let mut scene = Scene::new();
    for (clock, figure) in [("08:20", 300), ("08:40", 700), ("09:00", 1_500), ("09:20", 3_200)] {
        views(&mut scene, clock, figure);
    }
    let row = scene.incident(1);
    assert_eq!(row.reason.tier_name, "较大");
    assert_eq!(row.outlook.forecasts[0].tier_name, "重大");
    views(&mut scene, "10:00", 25_000);
    let alerts = scene.stored().notices;
    let rise = alerts.iter().find(|one| one.facts.tier_name == "重大").unwrap();
    assert_eq!(rise.facts.forecasts.first().map(|one| one.tier_name.as_str()), Some("特别重大"));
}

#[test]
fn a_restart_keeps_the_forecast_and_the_next_look() {
    let mut scene = Scene::new();
    for (clock, figure) in [("08:20", 200), ("08:40", 400), ("09:00", 600)] {
        views(&mut scene, clock, figure);
    }
    let before = scene.incident(1).outlook;
    let again = scene.restarted(at("09:01"));
    assert_eq!(again.desk.live_set().followed()[0].soonest, before.soonest);
}

/// The same curves as `cargo bench --bench forecast`. The floors stand a little under what was measured.
#[test]
fn on_replayed_curves_most_crossings_are_foretold_and_few_forecasts_are_false() {
    let curves: Vec<_> = curves::all().into_iter().step_by(3).collect();
    let score = replayed::replay(&curves);
    assert!(score.crossings.len() > 70, "{}", score.crossings.len());
    let (foretold, wrong) = (score.share_foretold(45), score.share_false());
    assert!(foretold > 60.0, "foretold {foretold:.1} %");
    assert!(wrong < 15.0, "false {wrong:.1} %");
    assert!(score.median_lead() >= 45, "lead {}", score.median_lead());
    assert!(score.seen_late().0 <= 10, "a crossing is seen {} min late", score.seen_late().0);
    let steady = score.of_family("slow linear");
    assert!(steady.share_foretold(45) > 90.0 && steady.share_false() < 5.0, "{:?}", steady.foretold);
    // Nobody foresees a jump; the figure that says so keeps the others honest.
    assert!(score.of_family("sudden jump").share_foretold(0) < 10.0);
}
