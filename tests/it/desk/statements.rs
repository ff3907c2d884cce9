//! The same statement (SEMANTICS 11, 12).

use super::scene::*;
use yuqing::{model::*, text::fold};

/// Whether two posts come out as one statement.
fn one_statement(a: &str, b: &str) -> bool {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", a).published(at("08:30")));
    scene.see(look("09:05", "b.example", SiteKind::Forum, "2", b).published(at("08:40")));
    let incidents: Vec<_> = scene.stored().posts.iter().map(|row| row.incident).collect();
    assert_eq!(incidents.len(), 2);
    incidents[0] == incidents[1]
}

#[test]
fn copies_quotes_truncations_and_other_scripts_join() {
    let half: String = TEXT.chars().take(30).collect();
    for copy in [
        TEXT.to_owned(),
        format!("【转】{TEXT} 大家怎么看？"),
        half,
        TEXT.replace('，', " ").replace('。', "！"),
        "網友反映青川縣人民醫院急診排隊三小時無人理會，家屬在走廊等候，護士站說系統壞了沒有辦法。".to_owned(),
        format!("我昨天也在，真的是这样。//{TEXT}"),
    ] {
        assert!(one_statement(TEXT, &copy), "{copy}");
    }
}

#[test]
fn strangers_and_contradictions_stay_apart() {
    for other in [
        "青川县人民医院今天开展义诊活动，多名专家到场，群众反响热烈。".to_owned(),
        TEXT.replace("三小时", "五小时"),
        TEXT.replace("急诊排队", "没有急诊排队"),
    ] {
        assert!(!one_statement(TEXT, &other), "{other}");
    }
    let notice = |place: &str, day: &str| {
        format!(
            "关于青川县人民医院{place}暂停门诊的通知：因设备检修，{day}全天停诊，请广大患者提前安排就医时间。"
        )
    };
    assert!(!one_statement(&notice("城东院区", "11月21日"), &notice("城东院区", "11月22日")), "another date");
    assert!(!one_statement(&notice("东街社区", "21日"), &notice("西街社区", "21日")), "another place");
    assert!(!one_statement("青川县人民医院好", "青川县人民医院好"), "too little text to say");
}

#[test]
fn a_refutation_is_shown_and_adds_no_heat() {
    let mut scene = Scene::new();
    scene.see(look("09:00", "a.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(600));
    let refutation = format!("辟谣：网传“{TEXT}”不实，请勿传播。");
    let lines = scene.see(
        look("09:30", "b.example", SiteKind::News, "2", &refutation).published(at("09:20")).views(90_000),
    );
    assert!(lines.is_empty(), "{lines:?}");
    let incident = scene.incident(1);
    assert_eq!((incident.heat.daily_views, incident.heat.posts), (Some(600), 1));
    let roles: Vec<_> = scene.stored().posts.iter().map(|row| row.role).collect();
    assert!(roles.contains(&Role::Reaction));
}

#[test]
fn a_post_that_met_no_rule_joins_by_relation_only() {
    let mut scene = Scene::new();
    scene.see(
        look("09:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(1),
    );
    let bare = |id: &str, text: &str| {
        look("09:10", "weibo.example", SiteKind::Microblog, id, text).published(at("09:00"))
    };
    scene.see(bare("r", "太过分了").reposting("weibo.example", "w"));
    scene.see(bare("l", "看这个").linking("https://weibo.example/p/w?from=timeline"));
    scene.see(bare("x", "今天天气真好，适合出门走走看看风景。"));
    assert_eq!(scene.stored().posts.len(), 3);
    let live = scene.desk.live_set();
    let relates = |post: &Post| live.relates(post, &fold(&post.own_text()).text);
    assert!(relates(&bare("q", "嗯").reposting("weibo.example", "w").0.post));
    assert!(
        relates(&bare("q", &TEXT.replace("青川县人民医院", "某院")).0.post),
        "a near copy without the name"
    );
    assert!(!relates(&bare("q", "毫不相干的另一件事情，与此无关的内容若干字").0.post));
}

#[test]
fn an_original_found_after_its_repost_joins_it() {
    let mut scene = Scene::new();
    scene.see(
        look("09:00", "weibo.example", SiteKind::Microblog, "r", "青川县人民医院这事要管管")
            .published(at("08:50"))
            .reposts(5)
            .reposting("weibo.example", "root"),
    );
    scene.see(
        look("09:10", "weibo.example", SiteKind::Microblog, "root", TEXT).published(at("08:00")).reposts(120),
    );
    assert_eq!(scene.stored().incidents.len(), 1);
    assert_eq!(scene.incident(1).heat.reposts, Some(120));
}

/// A story whose first line a search page shows, and whose end others copy.
const WHOLE: &str = "网友反映青川县人民医院急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法。\
    凌晨两点值班医生才赶到，老人当时已经昏迷，被推进抢救室，医院至今没有向家属作出任何说明，家属要求公布监控录像。";

fn incidents(scene: &Scene) -> Vec<IncidentId> {
    scene.stored().posts.iter().map(|row| row.incident).collect()
}

/// Sees texts one after the other, each on a site of its own.
fn seen(texts: &[&str]) -> Scene {
    let mut scene = Scene::new();
    for (nth, text) in texts.iter().enumerate() {
        let (clock, site) = (format!("09:{nth:02}"), format!("s{nth}.example"));
        scene.see(look(&clock, &site, SiteKind::Forum, "1", text).published(at("08:30")));
    }
    scene
}

#[test]
fn a_story_that_was_first_seen_cut_off_is_compared_by_its_whole() {
    let cut: String = WHOLE.chars().take(38).chain("…全文".chars()).collect();
    let end: String = WHOLE.chars().skip(46).collect();
    let scene = seen(&[&cut, WHOLE, &end]);
    assert_eq!(incidents(&scene), [IncidentId(1); 3], "what copies the end is found by the whole");
    let cores: Vec<bool> = scene.stored().posts.iter().map(PostRow::is_core).collect();
    assert_eq!(cores, [false, true, false]);

    let other: String = WHOLE.chars().take(38).collect::<String>()
        + "没有想到第二天系统就修好了，院长还专门出来给大家道歉，门口贴了改进的办法，排队时间缩短到二十分钟，大家都说满意。";
    let scene = seen(&[&cut, WHOLE, &other]);
    assert_eq!(incidents(&scene), [1, 1, 2].map(IncidentId), "another story with the same first line");

    let comment = format!(
        "{TEXT}我昨天也在那里，一直等到半夜才轮到，前面还有四十多个人，大家都没有吃饭，小孩子哭成一片。"
    );
    let scene = seen(&[TEXT, &comment]);
    let cores: Vec<bool> = scene.stored().posts.iter().map(PostRow::is_core).collect();
    assert_eq!(cores, [true, false], "a text that was not cut off stays what others are compared with");
}

#[test]
fn a_whole_brings_its_parts_together() {
    let cut: String = WHOLE.chars().take(38).chain("...展开".chars()).collect();
    let end: String = "青川县人民医院：".chars().chain(WHOLE.chars().skip(46)).collect();
    for order in [[&cut, &end, WHOLE], [&end, &cut, WHOLE]] {
        let scene = seen(&order);
        assert_eq!(incidents(&scene), [IncidentId(1); 3], "{order:?}");
        let mut scene = scene.restarted(at("09:30"));
        let half: String = WHOLE.chars().skip(20).take(60).collect();
        scene.see(look("10:00", "late.example", SiteKind::Forum, "1", &half).published(at("09:30")));
        assert_eq!(incidents(&scene), [IncidentId(1); 4], "after a restart too: {order:?}");
    }
}

#[test]
fn an_article_takes_the_place_of_its_headline() {
    let headline = "青川县人民医院急诊排队三小时无人理会家属要求说明";
    let mut scene = seen(&[headline]);
    let mut article = look("09:10", "news.example", SiteKind::News, "7", WHOLE).published(at("08:50"));
    article.0.post.title = headline.to_owned();
    scene.see(article);
    let end: String = WHOLE.chars().skip(46).collect();
    scene.see(look("09:20", "b.example", SiteKind::Forum, "2", &end).published(at("09:00")));
    assert_eq!(incidents(&scene), [IncidentId(1); 3]);
}
