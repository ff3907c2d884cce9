//! Hard evidence, early and late (SEMANTICS 11, 13): what is named alike is one statement, whichever post came
//! first; a person's split outlives it; nothing is told twice.

use super::scene::*;
use yuqing::{desk::Change, model::*};

const OTHER: &str =
    "青川县人民医院的急诊室昨晚排了很长的队，有病人在椅子上等到凌晨才见到医生，情况令人担忧。";

fn weibo(clock: &str, id: &str, text: &str) -> Look {
    look(clock, "weibo.example", SiteKind::Microblog, id, text).published(at("08:30"))
}

fn forum(clock: &str, id: &str, text: &str) -> Look {
    look(clock, "bbs.example", SiteKind::Forum, id, text).published(at("08:30"))
}

/// The incident of each member, by its id.
fn places(scene: &Scene) -> Vec<(String, u64)> {
    scene.stored().posts.iter().map(|row| (row.post.key.id.clone(), row.incident.0)).collect()
}

fn place(scene: &Scene, id: &str) -> u64 {
    places(scene).into_iter().find(|(known, _)| known == id).map(|(_, incident)| incident).unwrap()
}

fn entries(scene: &Scene, kind: &str) -> Vec<Entry> {
    let entry = |change: &Change| match change {
        Change::Entry(entry) if entry.kind == kind => Some(entry.clone()),
        _ => None,
    };
    scene.changes.iter().filter_map(entry).collect()
}

fn split(scene: &mut Scene, clock: &str, site: &str, id: &str) -> Vec<String> {
    let post = PostKey { site: site.into(), id: id.into() };
    scene.act(at(clock), Act::Split { post, incident: None, by: "张值班".into(), reason: "两回事".into() })
}

/// What each kind of evidence looks like when the pointer comes after what it points to, and before.
#[test]
fn each_kind_of_evidence_joins_in_either_order() {
    let bare = "青川县人民医院，看看";
    let kinds: [(&str, Look, Look); 7] = [
        ("repost", weibo("09:00", "a", TEXT), weibo("09:00", "b", bare).reposting("weibo.example", "a")),
        (
            "link",
            weibo("09:00", "a", TEXT),
            forum("09:00", "b", bare).linking("https://m.weibo.example/p/a?from=x"),
        ),
        (
            "same original",
            weibo("09:00", "a", TEXT).reposting("weibo.example", "unseen"),
            weibo("09:00", "b", bare).reposting("weibo.example", "unseen"),
        ),
        (
            "same address",
            weibo("09:00", "a", TEXT),
            at_url(forum("09:00", "b", bare), "http://www.weibo.example/p/a#top"),
        ),
        (
            "same linked article",
            forum("09:00", "a", TEXT).linking("https://news.example/2026/t20261121_998.html"),
            weibo("09:00", "b", bare).linking("http://m.news.example/2026/t20261121_998.html?utm_source=qq"),
        ),
        ("quoted", weibo("09:00", "a", TEXT), forum("09:00", "b", bare).embedding(weibo("09:00", "a", TEXT))),
        (
            "one video, two addresses",
            at_url(forum("09:00", "a", TEXT), "https://www.bilibili.com/video/BV1xx411c7mD?p=1"),
            weibo("09:00", "b", bare).linking("https://b23.tv/BV1xx411c7mD"),
        ),
    ];
    for (kind, one, two) in kinds {
        for turned in [false, true] {
            let (first, second) =
                if turned { (two.clone(), one.clone()) } else { (one.clone(), two.clone()) };
            let mut scene = Scene::new();
            scene.see(first);
            scene.see(second);
            assert_eq!((place(&scene, "a"), place(&scene, "b")), (1, 1), "{kind}, turned: {turned}");
        }
    }
}

fn at_url(mut look: Look, url: &str) -> Look {
    look.0.post.url = url.to_owned();
    look
}

#[test]
fn what_everybody_links_is_no_evidence() {
    for page in [
        "https://www.qcxrmyy.example/",
        "https://www.qcxrmyy.example/index.html",
        "https://s.weibo.example/weibo?q=%E9%9D%92%E5%B7%9D",
        "https://tieba.example/f?kw=%E9%9D%92%E5%B7%9D",
        "https://top.example/board/hot",
        "https://weibo.example/u/5098123456",
    ] {
        let mut scene = Scene::new();
        scene.see(forum("09:00", "a", TEXT).linking(page));
        scene.see(weibo("09:05", "b", OTHER).linking(page));
        assert_eq!((place(&scene, "a"), place(&scene, "b")), (1, 2), "{page}");
    }
    // A page that long and different texts cite in passing, such as that of a hotline.
    let mut scene = Scene::new();
    let hotline = "https://gov.example/zwgk/2024/12345678.html";
    let long = |n: usize| {
        let own: String = (0..70)
            .filter_map(|i| char::from_u32(0x4e00 + u32::try_from(n * 97 + i * 31).unwrap()))
            .collect();
        format!("青川县人民医院{own}")
    };
    for n in 0..8 {
        scene.see(forum("09:00", &n.to_string(), &long(n)).linking(hotline));
    }
    let together = places(&scene).iter().filter(|(_, incident)| *incident == 1).count();
    assert!(together <= 4, "a common page draws no crowd: {:?}", places(&scene));
}

#[test]
fn evidence_that_comes_late_merges_and_tells_only_the_rise() {
    let mut scene = Scene::new();
    scene.see(forum("09:00", "a", TEXT).views(700));
    scene.see(weibo("09:05", "b", OTHER).views(600));
    assert_eq!((place(&scene, "a"), place(&scene, "b")), (1, 2));
    // The page of b shows by now that it reposts a post which links to a.
    let lines = scene.see(weibo("09:10", "b", OTHER).views(600).linking("https://bbs.example/p/a"));
    assert!(lines.contains(&"#2 merged into #1".to_owned()), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("#1 较大: 24 小时浏览 1,300 > 1,000")), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("alert → 值班员 email")).count(), 1, "{lines:?}");
    let merged = entries(&scene, "merged");
    assert_eq!(merged.len(), 2, "in both timelines");
    assert!(merged.iter().all(|entry| entry.by.is_none() && entry.text.contains("硬证据")), "{merged:?}");
    assert!(merged.iter().all(|entry| entry.text.contains("文中有其中一篇的链接")), "{merged:?}");
    assert!(scene.see(weibo("09:20", "b", OTHER).views(600).linking("https://bbs.example/p/a")).is_empty());
}

#[test]
fn one_post_may_join_three() {
    let mut scene = Scene::new();
    let texts = [TEXT, OTHER, "青川县人民医院门口的停车场今天又收费了，每小时十元，群众意见很大，没有人管。"];
    for (id, text) in ["a", "b", "c"].into_iter().zip(texts) {
        scene.see(weibo("09:00", id, text).reposting("weibo.example", &format!("unseen {id}")));
    }
    assert_eq!(scene.stored().incidents.len(), 3);
    // The root at last: its own address is what b reposts, its identity what a reposts, and it reposts c's.
    let mut root =
        weibo("09:10", "unseen a", "青川县人民医院这事大家都在转").reposting("weibo.example", "unseen c");
    root.0.post.url = "https://weibo.example/p/root".into();
    scene.see(at_origin(
        weibo("09:09", "d", "青川县人民医院怎么说").reposting("weibo.example", "unseen b"),
        "https://weibo.example/p/root",
    ));
    scene.see(root);
    let all: Vec<u64> = places(&scene).into_iter().map(|(_, incident)| incident).collect();
    assert_eq!(all, [1; 5], "{:?}", places(&scene));
}

fn at_origin(mut look: Look, url: &str) -> Look {
    look.0.post.repost_of.as_mut().unwrap().url = Some(url.to_owned());
    look
}

#[test]
fn what_was_told_of_the_younger_is_not_told_again() {
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "a", TEXT).reposting("weibo.example", "root").reposts(5));
    scene.see(weibo("09:02", "b", OTHER).reposting("weibo.example", "other").reposts(700));
    let ack = |incident: u64| Act::Acknowledge {
        incident: IncidentId(incident),
        contact: "值班员".into(),
        rank: None,
        how: AckHow::Console,
        recorded_by: None,
        at: None,
    };
    scene.act(at("09:04"), ack(2));
    // The root reposts what b reposts: one statement.
    let lines =
        scene.see(weibo("09:06", "root", "青川县人民医院").reposting("weibo.example", "other").reposts(9));
    assert!(lines.contains(&"#2 merged into #1".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("→")), "everybody was told of it under #2: {lines:?}");
    assert_eq!(scene.incident(1).rank, 3);
    assert!(scene.incident(1).acks.iter().any(|ack| ack.contact == "值班员"), "the confirmation holds");
    let limits: Vec<_> =
        scene.stored().deadlines.into_iter().filter(|d| d.incident == IncidentId(1)).collect();
    let due = |kind: DeadlineKind| limits.iter().find(|d| d.kind == kind).unwrap();
    assert_eq!(due(DeadlineKind::Response).due_at, at("14:00"), "the earlier due time: {limits:?}");
    let own = limits.iter().find(|d| d.line.as_deref() == Some("本单位")).unwrap();
    assert_eq!(own.state, DeadlineState::Met { at: at("09:04") });
    // The line that nobody confirmed goes on, before and after a restart.
    for mut scene in [scene.restarted(at("09:07")), scene] {
        let later = scene.until(at("09:13"));
        assert!(
            later.iter().any(|line| line.contains("escalation") || line.contains("acknowledge 上级")),
            "{later:?}"
        );
        assert!(!later.iter().any(|line| line.contains("escalation → 带班领导")), "{later:?}");
    }
}

#[test]
fn an_alert_that_still_waits_survives_the_merge() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.see(weibo("09:00", "a", TEXT).reposting("weibo.example", "root").reposts(5));
    scene.see(weibo("09:02", "b", OTHER).reposting("weibo.example", "other").reposts(700));
    let lines = scene.see(weibo("09:03", "root", "青川县人民医院").reposting("weibo.example", "other"));
    assert!(!lines.iter().any(|line| line.starts_with("cancelled")), "{lines:?}");
    let waiting: Vec<NoticeId> = scene
        .stored()
        .notices
        .into_iter()
        .filter(|notice| notice.state == NoticeState::Pending && notice.channel != ChannelKind::Phone)
        .map(|notice| notice.id)
        .collect();
    assert!(!waiting.is_empty());
    let mut scene = scene.restarted(at("09:03"));
    let lines: Vec<String> =
        waiting.into_iter().flat_map(|id| scene.answer(id, at("09:04"), Outcome::Accepted)).collect();
    assert!(lines.contains(&"report met".to_owned()), "the answers count for #1: {lines:?}");
}

#[test]
fn a_persons_split_outlives_the_evidence() {
    let mut scene = Scene::new();
    scene.see(forum("09:00", "a", TEXT).views(700));
    scene.see(weibo("09:05", "b", OTHER).linking("https://bbs.example/p/a"));
    scene.see(weibo("09:06", "r", "转发微博").reposting("weibo.example", "b"));
    assert_eq!(place(&scene, "b"), 1);
    split(&mut scene, "09:10", "weibo.example", "b");
    assert_eq!(
        (place(&scene, "a"), place(&scene, "b"), place(&scene, "r")),
        (1, 2, 2),
        "its reposts go with it"
    );
    let audit = entries(&scene, "split");
    assert!(audit.iter().all(|entry| entry.by.as_deref() == Some("张值班") && entry.text.contains("两回事")));
    for mut scene in [scene.restarted(at("09:11")), scene] {
        scene.see(weibo("09:12", "b", OTHER).linking("https://bbs.example/p/a").views(1));
        scene.see(weibo("09:13", "s", "青川县人民医院").reposting("weibo.example", "b"));
        scene.see(forum("09:14", "c", &format!("{OTHER}！！")));
        scene.see(forum("09:15", "d", &format!("{TEXT}！！")));
        // Names both: it goes to one of them and merges nothing.
        scene.see(
            weibo("09:16", "e", "青川县人民医院")
                .reposting("weibo.example", "b")
                .linking("https://bbs.example/p/a"),
        );
        let place = |id: &str| place(&scene, id);
        assert_eq!(
            (place("a"), place("b"), place("s"), place("c"), place("d"), place("e")),
            (1, 2, 2, 2, 1, 2)
        );
        assert_eq!(scene.stored().incidents.len(), 2);
    }
}

#[test]
fn a_later_decision_of_a_person_takes_back_the_earlier() {
    let mut scene = Scene::new();
    scene.see(forum("09:00", "a", TEXT));
    scene.see(weibo("09:05", "b", OTHER).linking("https://bbs.example/p/a"));
    split(&mut scene, "09:10", "weibo.example", "b");
    let merge = Act::Merge {
        incident: IncidentId(1),
        other: IncidentId(2),
        by: "李主任".into(),
        reason: "还是一件事".into(),
    };
    scene.act(at("09:20"), merge);
    assert_eq!((place(&scene, "a"), place(&scene, "b")), (1, 1));
    assert!(scene.incident(1).apart.is_empty());
    let no_reason = Act::Split {
        post: PostKey { site: "weibo.example".into(), id: "b".into() },
        incident: None,
        by: "x".into(),
        reason: " ".into(),
    };
    assert_eq!(scene.act(at("09:21"), no_reason), ["refused: 请写明理由"]);
}

#[test]
fn a_refutation_never_merges_with_the_rumour() {
    let official = "青川县人民医院辟谣：网传急诊无人理会的说法不实，当晚值班医生均在岗，请勿传播。";
    let mut scene = Scene::new();
    scene.see(forum("09:00", "rumour", TEXT).views(600));
    // The office's own statement is known by a repost before it comes itself, linking to what it denies.
    scene.see(weibo("09:10", "r", "青川县人民医院回应了").reposting("weibo.example", "official").reposts(3));
    scene.see(weibo("09:20", "official", official).linking("https://bbs.example/p/rumour").reposts(90));
    assert_eq!((place(&scene, "rumour"), place(&scene, "official"), place(&scene, "r")), (1, 2, 2));
    assert_eq!(entries(&scene, "reaction").len(), 1, "but it is shown there");
    // One that was not known before stands with the rumour as a reaction, and so does what passes it on.
    let mut scene = Scene::new();
    scene.see(forum("09:00", "rumour", TEXT).views(600));
    scene.see(weibo("09:20", "official", official).linking("https://bbs.example/p/rumour").reposts(900));
    scene.see(weibo("09:30", "r", "转发微博").reposting("weibo.example", "official").reposts(900));
    let roles: Vec<_> = scene.stored().posts.iter().map(|row| (row.post.key.id.clone(), row.role)).collect();
    assert_eq!(
        roles,
        [("rumour".into(), Role::Root), ("official".into(), Role::Reaction), ("r".into(), Role::Reaction)]
    );
    assert_eq!((scene.incident(1).heat.posts, scene.incident(1).heat.reposts), (1, None));
    // And the rumour that comes after its refutation has an incident of its own.
    let mut scene = Scene::new();
    scene.see(weibo("09:00", "official", official).linking("https://bbs.example/p/rumour"));
    scene.see(forum("09:10", "rumour", TEXT).views(600));
    assert_eq!((place(&scene, "official"), place(&scene, "rumour")), (1, 2));
    assert_eq!(entries(&scene, "reaction").len(), 1);
}

#[test]
fn a_round_up_of_links_merges_nothing() {
    for order in [[0, 1, 2], [2, 0, 1], [0, 2, 1]] {
        let mut scene = Scene::new();
        let posts = [
            forum("09:00", "a", TEXT),
            weibo("09:00", "b", OTHER),
            forum("09:00", "roundup", "本周青川县人民医院相关信息汇总")
                .linking("https://bbs.example/p/a")
                .linking("https://weibo.example/p/b"),
        ];
        for at in order {
            scene.see(posts[at].clone());
        }
        assert_ne!(place(&scene, "a"), place(&scene, "b"), "{order:?}");
    }
}

#[test]
fn a_headline_that_shows_its_text_later_joins_the_same_text() {
    let mut scene = Scene::new();
    scene.see(forum("09:00", "a", TEXT));
    let headline = "青川县人民医院急诊有人排队三小时，到底怎么回事";
    let mut short = forum("09:05", "b", headline);
    short.0.post.title = headline.into();
    scene.see(short);
    assert_eq!(place(&scene, "b"), 2);
    let lines = scene.see(forum("09:10", "b", TEXT));
    assert!(lines.contains(&"#2 merged into #1".to_owned()), "{lines:?}");
    // A copy that is only like it stays where it is.
    let mut other = forum("09:15", "c", "青川县人民医院的另一个标题，与前面毫无相同之处");
    other.0.post.title = "标题".into();
    scene.see(other);
    scene.see(forum(
        "09:20",
        "c",
        &format!("{TEXT}我昨天也在现场，看到的情况和这里写的差不多，还拍了照片。"),
    ));
    assert_ne!(place(&scene, "c"), 1);
}

#[test]
fn a_closed_incident_takes_in_what_is_small_and_wakes_for_what_is_not() {
    let close = Act::Close { incident: IncidentId(1), by: "李主任".into(), reason: "已办结".into() };
    let story = |views: u64| {
        let mut scene = Scene::new();
        scene.see(forum("09:00", "a", TEXT).views(60_000));
        scene.act(at("10:00"), close.clone());
        scene.see(weibo("11:00", "b", OTHER).published(at("10:50")).views(views));
        let lines = scene.see(
            weibo("11:10", "b", OTHER).published(at("10:50")).views(views).linking("https://bbs.example/p/a"),
        );
        (scene, lines)
    };
    let (scene, lines) = story(3);
    assert_eq!(scene.incident(1).state, IncidentState::Closed);
    assert!(!lines.iter().any(|line| line.contains("→")), "{lines:?}");
    let (scene, lines) = story(20_000);
    assert_eq!((scene.incident(1).state, scene.incident(1).rank), (IncidentState::Open, 2));
    assert!(!lines.iter().any(|line| line.contains("→")), "it was told as #2: {lines:?}");
}

#[test]
fn a_merged_number_leads_to_the_survivor_for_ever() {
    let mut scene = Scene::new();
    for (n, text) in [TEXT, OTHER].into_iter().enumerate() {
        scene.see(weibo("09:00", &n.to_string(), text).reposting("weibo.example", &format!("root {n}")));
    }
    scene.see(weibo("09:05", "root 0", "青川县人民医院").reposting("weibo.example", "root 1"));
    let mut scene = scene.restarted(at("09:06"));
    let respond =
        Act::Override { incident: IncidentId(2), tier: "重大".into(), by: "x".into(), reason: "y".into() };
    let lines = scene.act(at("09:10"), respond);
    assert!(lines.iter().any(|line| line.starts_with("#1 重大")), "{lines:?}");
}
