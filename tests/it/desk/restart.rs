//! A desk built anew from its stored rows goes on as if nothing had happened (SEMANTICS 25).

use super::scene::*;
use yuqing::model::*;

/// Plays the same story with and without a restart after every step; both must decide the same.
#[test]
fn a_restart_after_every_step_changes_nothing() {
    let story = || {
        let weibo = |clock: &str, reposts| {
            look(clock, "weibo.example", SiteKind::Microblog, "w", TEXT)
                .published(at("08:30"))
                .reposts(reposts)
        };
        let forum = |clock: &str, views| {
            look(clock, "bbs.example", SiteKind::Forum, "1", &format!("{TEXT}转"))
                .published(at("08:35"))
                .views(views)
        };
        [
            weibo("09:00", 20),
            forum("09:05", 900),
            forum("09:15", 1_100),
            weibo("09:25", 301),
            forum("09:50", 9_000),
            weibo("10:10", 501),
        ]
    };
    let play = |restart: bool| {
        let mut scene = Scene::new();
        let mut lines = Vec::new();
        for look in story() {
            let now = look.0.seen_at;
            lines.extend(scene.until(now));
            lines.extend(scene.see(look));
            if restart {
                scene = scene.restarted(now);
            }
        }
        lines.extend(scene.until(at("12:00")));
        lines
    };
    let (straight, restarted) = (play(false), play(true));
    assert!(straight.len() > 30, "the story must say something: {straight:?}");
    assert_eq!(straight, restarted);
}

#[test]
fn the_same_input_twice_changes_nothing_but_the_look() {
    let mut scene = Scene::new();
    let post =
        || look("09:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(312);
    scene.see(post());
    let mut scene = scene.restarted(at("09:00"));
    assert!(scene.see(post()).is_empty(), "taken again after a crash before the acknowledgement");
}
