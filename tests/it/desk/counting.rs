//! Daily views, backlog, bounded and unknown counts, our own fetches, reposts (SEMANTICS 1 to 10).

use super::scene::*;
use yuqing::model::*;

#[test]
fn exactly_a_thousand_is_general_and_one_more_is_elevated() {
    let mut scene = Scene::new();
    let post = |clock, views| {
        look(clock, "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(views)
    };
    let lines = scene.see(post("09:00", 1_000));
    assert_eq!(
        lines[0],
        "#1 一般: 未超过上一级阈值（24 小时浏览 1,000，转发 未知），1 个站点，1 篇，截至 09:00"
    );
    assert_eq!(lines.len(), 1, "a general statement waits for the digest: {lines:?}");
    let lines = scene.see(post("09:10", 1_001));
    assert_eq!(lines[0], "#1 较大: 24 小时浏览 1,001 > 1,000，1 个站点，1 篇，截至 09:10");
    assert!(lines.contains(&"alert → 值班员 email".to_owned()), "{lines:?}");
}

#[test]
fn the_window_of_a_day_moves_on() {
    let mut scene = Scene::new();
    let post = |seen, views| {
        look_at(seen, "bbs.example", SiteKind::Forum, "1", TEXT).published(on(20, "09:00")).views(views)
    };
    scene.see(post(on(20, "10:00"), 900));
    // 900 views stand before the window; only what came since counts.
    let lines = scene.see(post(on(21, "10:00"), 1_800));
    assert_eq!(scene.incident(1).heat.daily_views, Some(900));
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn the_same_statement_is_summed_over_sites() {
    let mut scene = Scene::new();
    for (n, site) in ["a.example", "b.example", "c.example"].iter().enumerate() {
        let text = format!("{}{TEXT}", ["", "转: ", "今天看到的，"][n]);
        scene.see(look("09:00", site, SiteKind::Forum, "1", &text).published(at("08:30")).views(400));
    }
    let incident = scene.incident(1);
    assert_eq!(
        (incident.heat.daily_views, incident.heat.sites.len(), incident.heat.posts),
        (Some(1_200), 3, 3)
    );
    assert_eq!(incident.reason.tier_name, "较大");
}

#[test]
fn unknown_views_are_not_zero_and_reposts_grade_alone() {
    let mut scene = Scene::new();
    let lines = scene.see(
        look("14:05", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("13:00")).reposts(312),
    );
    assert_eq!(lines[0], "#1 重大: 转发 312 > 300，1 个站点，1 篇，浏览量未知，按转发量定级，截至 14:05");
}

#[test]
fn reposts_count_on_microblogs_only_and_for_roots_only() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).reposts(9_999));
    assert_eq!(scene.incident(1).heat.reposts, None);
    scene.see(
        look("09:01", "weibo.example", SiteKind::Microblog, "w1", TEXT).published(at("08:30")).reposts(60),
    );
    scene.see(
        look("09:02", "weibo.example", SiteKind::Microblog, "w2", "转发微博")
            .published(at("08:40"))
            .reposts(50)
            .reposting("weibo.example", "w1"),
    );
    assert_eq!(scene.incident(1).heat.reposts, Some(60), "a repost's figure is in its root's");
    let copy = format!("{TEXT}大家转起来");
    scene.see(
        look("09:03", "weibo.example", SiteKind::Microblog, "w3", &copy).published(at("08:50")).reposts(45),
    );
    assert_eq!(scene.incident(1).heat.reposts, Some(105), "an independent copy is a root");
    assert_eq!(scene.incident(1).rank, 1);
}

#[test]
fn a_root_that_was_never_seen_counts_as_the_greatest_figure_of_its_reposts() {
    let mut scene = Scene::new();
    for (id, reposts) in [("r1", 90), ("r2", 120)] {
        let text = format!("{TEXT} {id}");
        scene.see(
            look("09:00", "weibo.example", SiteKind::Microblog, id, &text)
                .published(at("08:30"))
                .reposts(reposts)
                .reposting("weibo.example", "gone"),
        );
    }
    let incident = scene.incident(1);
    assert_eq!((incident.heat.reposts, incident.heat.reposts_at_least), (Some(120), true));
    assert!(scene.stored().posts.iter().all(|row| row.incident == IncidentId(1)));
}

#[test]
fn an_original_inside_a_repost_is_a_post_of_its_own() {
    let mut scene = Scene::new();
    let original =
        look("09:00", "weibo.example", SiteKind::Microblog, "root", TEXT).published(at("08:00")).reposts(150);
    let lines = scene.see(
        look("09:00", "weibo.example", SiteKind::Microblog, "r", "太过分了，青川县人民医院")
            .published(at("08:50"))
            .reposts(2)
            .embedding(original),
    );
    assert!(lines.iter().any(|line| line.starts_with("#1 较大: 转发 150 > 100")), "{lines:?}");
    assert_eq!(scene.stored().posts.len(), 2);
}

#[test]
fn a_bound_counts_at_first_sight_of_a_fresh_post() {
    let mut scene = Scene::new();
    let lines = scene.see(
        look("09:00", "wx.example", SiteKind::Wechat, "1", TEXT)
            .published(at("08:00"))
            .views_at_least(100_000),
    );
    assert!(lines[0].starts_with("#1 特别重大: 24 小时浏览 至少 100,000 > 50,000"), "{lines:?}");
}

#[test]
fn the_difference_of_two_bounds_is_unknown() {
    let mut scene = Scene::new();
    let post = |seen| {
        look_at(seen, "wx.example", SiteKind::Wechat, "1", TEXT)
            .published(on(17, "08:00"))
            .views_at_least(100_000)
    };
    scene.see(post(on(20, "09:00")));
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "2", TEXT).published(at("08:30")).views(1_200));
    let lines = scene.see(post(on(21, "09:30")));
    let incident = scene.incident(1);
    assert_eq!((incident.heat.daily_views, incident.heat.views_bound), (Some(1_200), Some(100_000)));
    assert!(lines.is_empty(), "{lines:?}");
    assert!(
        yuqing::locale::reason_line(&incident.reason, yuqing::locale::Locale::ZhCn, &jiff::tz::TimeZone::UTC)
            .contains("已超10万，增量未知")
    );
}

#[test]
fn old_posts_of_a_first_run_are_told_in_one_digest() {
    let mut scene = Scene::new();
    scene.until(at("08:59"));
    for n in 0..20 {
        let text = format!("青川县人民医院第{n}号旧帖，内容各不相同的陈年旧事一桩接着一桩{n}{n}{n}");
        let old = look("09:00", "bbs.example", SiteKind::Forum, &n.to_string(), &text);
        let old = if n % 2 == 0 { old.published(on(10, "08:00")) } else { old.first_round() };
        assert_eq!(scene.see(old.views(30_000)), Vec::<String>::new());
    }
    let lines = scene.until(at("18:00"));
    assert_eq!(
        lines,
        ["17:00 backlog_digest → 值班员 email", "17:00 backlog_digest → 领导小组办公室主任 email"]
    );
    assert_eq!(scene.until(on(23, "23:00")), Vec::<String>::new(), "each is carried once");
}

#[test]
fn backlog_that_grows_is_hot() {
    let mut scene = Scene::new();
    let post = |clock, views| {
        look(clock, "bbs.example", SiteKind::Forum, "1", TEXT).published(on(1, "08:00")).views(views)
    };
    assert!(scene.see(post("09:00", 400_000)).is_empty(), "the estimate alone alarms nobody");
    assert!(scene.see(post("10:00", 401_000)).is_empty());
    let lines = scene.see(post("11:00", 401_001));
    assert!(lines.iter().any(|line| line.starts_with("#1 较大: ")), "{lines:?}");
    // 20,000 a day by the straight line and 9,999 seen: the estimate lifts no higher than elevated.
    assert!(scene.see(post("12:00", 409_999)).is_empty());
    let lines = scene.see(post("13:00", 410_001));
    assert!(lines.iter().any(|line| line.starts_with("#1 重大: ")), "{lines:?}");
}

#[test]
fn a_root_over_the_threshold_alerts_only_when_its_reposts_grow() {
    let mut scene = Scene::new();
    let post = |clock, reposts| {
        look(clock, "weibo.example", SiteKind::Microblog, "1", TEXT)
            .published(on(1, "08:00"))
            .reposts(reposts)
    };
    assert!(scene.see(post("09:00", 800)).is_empty());
    assert!(scene.see(post("10:00", 800)).is_empty());
    let lines = scene.see(post("11:00", 801));
    assert!(lines.iter().any(|line| line.starts_with("#1 特别重大: 转发 801 > 500")), "{lines:?}");
}

#[test]
fn our_own_looks_at_an_untouched_thread_never_feed_the_count() {
    let mut scene = Scene::new();
    let mut shown = 3;
    let mut now = at("09:00");
    scene.see(look_at(now, "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:59")).views(shown));
    // A look a minute for 24 hours; each is a view on that forum.
    for _ in 0..1_440 {
        now += jiff::SignedDuration::from_mins(1);
        shown += 1;
        let lines = scene.see(
            look_at(now, "bbs.example", SiteKind::Forum, "1", TEXT)
                .published(at("08:59"))
                .views(shown)
                .own_fetch(),
        );
        assert!(lines.is_empty(), "{lines:?}");
    }
    assert_eq!(scene.incident(1).rank, 0);
    assert_eq!(scene.incident(1).heat.daily_views.map(|views| views <= 3), Some(true));
}

#[test]
fn a_time_in_the_future_is_no_time() {
    let mut scene = Scene::new();
    scene.see(
        look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT)
            .published("2099-01-01T00:00:00Z".parse().unwrap())
            .views(2_000),
    );
    assert_eq!(scene.incident(1).published_at, None);
    assert_eq!(scene.incident(1).heat.daily_views, Some(2_000), "unknown age counts from first sight");
}
