//! A member that is deleted where it stood.

use yuqing::{
    desk::{Input, Vanished},
    model::{Act, NoticeKind, PostKey, SiteKind},
};

use super::scene::{Scene, at, look};

fn gone(id: &str) -> Input {
    let post = PostKey { site: "luntan".into(), id: id.into() };
    Input::Vanished(Vanished { post, at: at("10:00"), says: "404".into() })
}

fn told(scene: &Scene) -> usize {
    scene.stored().notices.iter().filter(|notice| notice.kind == NoticeKind::Vanished).count()
}

#[test]
fn who_was_told_of_an_open_incident_hears_of_it_once() {
    let mut scene = Scene::new();
    scene.see(
        look("09:00", "luntan", SiteKind::Forum, "1", "青川县人民医院急诊排队四小时没有人管，孩子一直在哭")
            .published(at("08:30"))
            .views(20_000),
    );
    scene.take(&gone("1"), at("10:00"));
    let notices = scene.stored().notices;
    let vanished: Vec<_> = notices.iter().filter(|notice| notice.kind == NoticeKind::Vanished).collect();
    assert!(!vanished.is_empty());
    assert!(
        vanished
            .iter()
            .all(|notice| notice.facts.note.contains("luntan/1") && notice.facts.note.contains("404"))
    );
    let before = told(&scene);
    scene.take(&gone("1"), at("10:05"));
    assert_eq!(told(&scene), before, "the same happening makes the same key");
    scene.take(&gone("77"), at("10:06"));
    assert_eq!(told(&scene), before, "what is no member concerns nobody");
}

#[test]
fn of_a_general_statement_or_a_closed_incident_only_the_timeline_tells() {
    let mut scene = Scene::new();
    scene.see(
        look(
            "09:00",
            "luntan",
            SiteKind::Forum,
            "1",
            "青川县人民医院停车场收费标准前后不一致，来回问了三个窗口",
        )
        .published(at("08:30"))
        .views(5),
    );
    scene.take(&gone("1"), at("10:00"));
    assert_eq!(told(&scene), 0);
    scene.see(
        look("11:00", "luntan", SiteKind::Forum, "2", "青川县人民医院急诊排队四小时没有人管，孩子一直在哭")
            .published(at("08:30"))
            .views(20_000),
    );
    let (by, reason) = ("李主任".to_owned(), "已处置".to_owned());
    let incident = yuqing::model::IncidentId(2);
    scene.act(at("12:00"), Act::Close { incident, by, reason });
    scene.take(&gone("2"), at("12:30"));
    assert_eq!(told(&scene), 0);
}
