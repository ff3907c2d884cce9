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
