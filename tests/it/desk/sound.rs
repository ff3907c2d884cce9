//! Statements whose words were met by sound only: shown, told to those who asked, never raised by numbers alone
//! (SEMANTICS 27).

use super::scene::*;
use yuqing::model::*;

/// The scene's post with the unit's name written by its sound.
const SOUNDED: &str =
    "网友反映青川线人民医院急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法。";

fn sounded(clock: &str, id: &str, reposts: u64) -> Look {
    let mut look = look(clock, "weibo.example", SiteKind::Microblog, id, SOUNDED)
        .published(at("08:30"))
        .reposts(reposts);
    look.0.hits.push(Hit {
        unit: "青川县人民医院".to_owned(),
        group: "医院".to_owned(),
        rule: "青川县人民医院".to_owned(),
        line: 2,
        start: 4,
        end: 11,
        surface: "青川线人民医院".to_owned(),
        certainty: Certainty::Homophone,
        part: HitPart::Own,
        at_least: Some("重大".to_owned()),
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    });
    look
}

/// A post that names the unit as it is written, and points to the other.
fn written(clock: &str, id: &str, reposts: u64) -> Look {
    let look = look(clock, "weibo.example", SiteKind::Microblog, id, TEXT);
    look.published(at("08:30")).reposts(reposts).linking("https://weibo.example/p/w")
}

#[test]
fn numbers_alone_raise_nothing_that_only_sounds_like_the_word() {
    let mut scene = Scene::new();
    let lines = scene.see(sounded("09:00", "w", 400));
    let lowest = "#1 一般: 仅谐音命中，不据此定级（24 小时浏览 未知，转发 400），1 个站点，1 篇，浏览量未知，截至 09:00";
    assert_eq!(lines.first().map(String::as_str), Some(lowest));
    assert!(!lines.iter().any(|line| line.contains("→")), "nobody is called: {lines:?}");
    scene.see(sounded("09:10", "w", 5_000));
    scene.see(sounded("09:20", "w", 50_000).views(1_000_000));
    let row = scene.incident(1);
    assert_eq!((row.rank, row.state, row.reason.clause), (0, IncidentState::Open, Clause::SoundOnly));
    assert!(row.outlook.forecasts.is_empty(), "no tier is forecast that cannot come");
    assert_eq!(row.at_least, None, "至少 asks for a sure hit");
}

#[test]
fn a_sure_member_lets_the_numbers_count() {
    let mut scene = Scene::new();
    scene.see(sounded("09:00", "w", 400));
    let lines = scene.see(written("09:10", "v", 3));
    assert!(lines[0].starts_with("#1 重大: 转发 403 > 300"), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("alert → 值班员")), "{lines:?}");
}

#[test]
fn a_member_by_relation_or_a_reaction_makes_nothing_sure() {
    let mut scene = Scene::new();
    scene.see(sounded("09:00", "w", 400));
    let mut copy = sounded("09:05", "r", 10);
    copy.0.hits.clear();
    scene.see(copy.reposting("weibo.example", "w"));
    let denial = format!("辟谣：以下内容不实，{SOUNDED}");
    let mut denial = look("09:10", "weibo.example", SiteKind::Microblog, "d", &denial);
    denial.0.hits = written("09:10", "d", 0).0.hits;
    scene.see(denial.reposting("weibo.example", "w"));
    let row = scene.incident(1);
    assert_eq!((row.rank, row.reason.clause), (0, Clause::SoundOnly));
}

#[test]
fn fuller_text_can_make_a_member_sure() {
    let mut scene = Scene::new();
    scene.see(sounded("09:00", "w", 400));
    let mut fuller = written("09:10", "w", 400).at_least("特别重大");
    fuller.0.post.text = format!("{TEXT}就是青川县人民医院。");
    let lines = scene.see(fuller);
    assert!(lines[0].starts_with("#1 特别重大: 按设定不低于此级"), "{lines:?}");
}

#[test]
fn a_person_may_raise_it_and_the_numbers_count_from_there() {
    let mut scene = Scene::new();
    scene.see(sounded("09:00", "w", 400));
    let act = |tier: &str| Act::Override {
        incident: IncidentId(1),
        tier: tier.to_owned(),
        by: "值班员".to_owned(),
        reason: "核实".to_owned(),
    };
    let lowest = scene.act(at("09:05"), act("一般"));
    assert!(lowest.iter().all(|line| !line.contains("→")), "{lowest:?}");
    scene.see(sounded("09:10", "w", 600));
    assert_eq!(scene.incident(1).rank, 0, "who confirms the lowest tier has not raised it");
    let lines = scene.act(at("09:15"), act("较大"));
    assert!(lines[0].starts_with("#1 较大: 人工定级"), "{lines:?}");
    scene.see(sounded("09:20", "w", 700));
    assert_eq!(scene.incident(1).rank, 1, "the person knew of these numbers");
}

#[test]
fn who_asked_to_be_told_is_told_that_it_only_sounds_so() {
    let mut scene = Scene::new();
    let lines = scene.see(sounded("09:00", "w", 400).notify("总值班室"));
    assert!(lines.iter().any(|line| line.starts_with("direct → 总值班室")), "{lines:?}");
    let told = scene.stored().notices;
    assert!(told.iter().all(|notice| notice.facts.note.contains("仅谐音命中")), "{told:?}");
}

#[test]
fn a_restart_remembers_that_it_is_by_sound() {
    let mut scene = Scene::new();
    scene.see(sounded("09:00", "w", 400));
    let mut scene = scene.restarted(at("10:00"));
    scene.see(sounded("10:05", "w", 900));
    assert_eq!(scene.incident(1).rank, 0);
    assert!(scene.see(written("10:10", "v", 0))[0].starts_with("#1 特别重大"));
}

#[test]
fn many_marks_keep_the_sure_one() {
    let text = format!("{}强拆", "墙拆".repeat(200));
    let post = look("09:00", "bbs.example", SiteKind::Forum, "1", &text).0.post;
    let hit = |start: u32, certainty: Certainty| Hit {
        start,
        end: start + 2,
        surface: text.chars().skip(start as usize).take(2).collect(),
        certainty,
        ..sounded("09:00", "1", 0).0.hits.remove(0)
    };
    let hits: Vec<Hit> =
        (0..200).map(|at| hit(at * 2, Certainty::Homophone)).chain([hit(400, Certainty::Exact)]).collect();
    let kept = marks(&post, &hits);
    assert_eq!((kept.len(), kept.last().map(|mark| mark.certainty)), (100, Some(Certainty::Exact)));
}
