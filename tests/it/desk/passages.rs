//! Late evidence of texts (SEMANTICS 11, 13): a text that is the same as two statements by one passage makes them one,
//! and what only looks like that does not.

use proptest::prelude::*;

use super::scene::*;
use yuqing::{
    desk::{
        Change,
        statement::{Cores, Fingerprint, Verdict, are_opposed, compare, same_passage},
    },
    model::*,
};

const BASE: &str =
    "青川县人民医院急诊科昨晚又停电了，老人躺在走廊两个小时没人管，家属去问只说等着，这就是三甲的水平？";
/// A copy between words of one's own, and a reply to its first half: neither is enough to find the other.
const COMMENTED: &str = "转给大家都来看一看吧。青川县人民医院急诊科昨晚又停电了，老人躺在走廊两个小时没人管，\
    家属去问只说等着，这就是三甲的水平？希望有关部门重视起来";
const HALF: &str =
    "看到有人说青川县人民医院急诊科昨晚又停电了，老人躺在走廊两个小时没人管，家属去问，这段说得太对";

/// A post that met the unit's rule, whether or not its text holds the name.
fn post(clock: &str, id: &str, text: &str) -> Look {
    let mut post = look(clock, &format!("{id}.example"), SiteKind::Forum, id, text).published(at("08:30"));
    post.0.hits = look(clock, "s", SiteKind::Forum, "s", TEXT).0.hits;
    post
}

fn seen(texts: &[&str]) -> Scene {
    let mut scene = Scene::new();
    for (nth, text) in texts.iter().enumerate() {
        scene.see(post(&format!("09:{nth:02}"), &format!("p{nth}"), text));
    }
    scene
}

fn incident_of(scene: &Scene, id: &str) -> u64 {
    let row = scene.stored().posts.into_iter().find(|row| row.post.key.id == id);
    row.unwrap_or_else(|| panic!("{id} is no member")).incident.0
}

fn incidents(scene: &Scene) -> Vec<u64> {
    scene.stored().posts.iter().map(|row| row.incident.0).collect()
}

fn merges(scene: &Scene) -> Vec<String> {
    let entry = |change: &Change| match change {
        Change::Entry(entry) if entry.kind == "merged" => Some(entry.text.clone()),
        _ => None,
    };
    scene.changes.iter().filter_map(entry).collect()
}

#[test]
fn a_text_that_is_the_same_as_two_by_one_passage_makes_them_one() {
    for order in [[COMMENTED, HALF], [HALF, COMMENTED]] {
        let scene = seen(&order);
        assert_eq!(incidents(&scene), [1, 2], "too unlike to find each other: {order:?}");
        let mut scene = scene.restarted(at("09:30"));
        scene.see(post("09:40", "p2", BASE));
        assert_eq!(incidents(&scene), [1; 3], "{order:?}");
        let gone = scene.incident(2);
        assert_eq!((gone.state, gone.merged_into), (IncidentState::Merged, Some(IncidentId(1))));
        let merges = merges(&scene);
        assert!(merges.len() == 2 && merges.iter().all(|text| text.contains("同一段话")), "{merges:?}");
        let mut scene = scene.restarted(at("10:00"));
        for (id, text) in [("p3", COMMENTED), ("p4", HALF), ("p5", BASE)] {
            scene.see(post("10:10", id, text));
            assert_eq!(incident_of(&scene, id), 1, "either core finds its copies after a restart");
        }
    }
}

#[test]
fn a_round_up_of_two_statements_merges_nothing() {
    let other =
        "城南市场门口的路修了三个月还没有修好，一下雨就积水，孩子上学只能绕远路，打过好几次电话都说快了。";
    let mut scene = seen(&[BASE, other]);
    assert_eq!(incidents(&scene), [1, 2]);
    for (id, text) in
        [("p2", format!("今日汇总\n一、{BASE}\n二、{other}")), ("p3", format!("{other}\n{BASE}"))]
    {
        scene.see(post("10:00", id, &text));
    }
    assert_eq!((incident_of(&scene, "p0"), incident_of(&scene, "p1")), (1, 2));
    assert!(merges(&scene).is_empty(), "{:?}", merges(&scene));
}

#[test]
fn a_first_line_makes_two_stories_no_one_story() {
    let line = "网友反映青川县人民医院急诊排队三小时无人理会家属在走廊等候护士站说系统坏了没有办法";
    let one = format!(
        "{line}。凌晨两点值班医生才赶到，老人当时已经昏迷，被推进抢救室，家属要求公布监控录像，并且已经向主管部门递交了书面材料。"
    );
    let two = format!(
        "{line}。没想到第二天机器就换成新的，院长专门出来道歉，门口贴出改进办法，排队缩短到二十分钟，来看病的人都表示满意。"
    );
    let scene = seen(&[&one, &two, line]);
    let places = incidents(&scene);
    assert_ne!(places[0], places[1], "{places:?}");
}

#[test]
fn cores_that_contradict_each_other_stay_apart() {
    let told = |hours: &str| {
        format!(
            "青川县人民医院急诊科昨晚又停电了，老人躺在走廊没人管，家属去问只说等着，前后等了{hours}小时才来电"
        )
    };
    let (two, five) = (told("两个"), told("五个"));
    let excerpt = "青川县人民医院急诊科昨晚又停电了，老人躺在走廊没人管，家属去问只说等着";
    let scene = seen(&[&two, &five, excerpt]);
    assert_eq!(incidents(&scene), [1, 2, 1], "another number");

    let denial = format!("网传“{BASE}”，经核实为不实信息，请勿传播。");
    let excerpt = format!("网传“{BASE}");
    let scene = seen(&[&denial, BASE, &excerpt]);
    let places = incidents(&scene);
    assert_eq!(places[..2], [1, 2], "a refutation that came first");
    assert!(merges(&scene).is_empty(), "{:?}", merges(&scene));
}

/// Two notices of one office with much of their own around them are too unlike to be held against each other.
#[test]
fn cores_that_are_unlike_may_contradict_each_other_too() {
    let print = |text: String| Fingerprint::of(&text, []);
    let notice = |date: &str| format!("因主管道抢修，定于11月{date}日8时至12时对老城区停水，请居民提前储水");
    let one = print(format!(
        "住在东街的朋友注意了今天群里都在传这个，{}，我家已经接满了三个大桶两个盆",
        notice("3")
    ));
    let two =
        print(format!("单位刚刚发下来的大家互相转告别忘了老人，{}，上回没接水连饭都没有做成", notice("5")));
    assert_eq!(compare(&one, &two).verdict, Verdict::Unlike);
    assert!(are_opposed(&one, &two) && are_opposed(&two, &one));
    let same =
        print(format!("单位刚刚发下来的大家互相转告别忘了老人，{}，上回没接水连饭都没有做成", notice("3")));
    assert!(!are_opposed(&one, &same), "comments do not");
}

#[test]
fn an_excerpt_of_a_form_letter_is_no_evidence() {
    let print = |text: String| Fingerprint::of(&text, []);
    let frame = "对城北片区停水，请居民提前做好储水准备，因停水给您带来的不便";
    let one = print(format!("停水通知：因主管道抢修，定于11月3日8时{frame}敬请谅解。自来水公司"));
    let two = print(format!("回复：5日8时{frame}，说得太对"));
    assert!(!same_passage(&print(frame.to_owned()), &one, &two));
    let whole = print(format!("因主管道抢修，定于11月5日8时{frame}敬请谅解"));
    assert!(same_passage(&whole, &one, &two), "one that holds most of either is");
}

#[test]
fn a_saying_is_no_passage() {
    let print = |text: &str| Fingerprint::of(text, []);
    let saying = "落霞与孤鹜齐飞秋水长天";
    let (one, two) = (print(&format!("{saying}真好")), print(&format!("今天{saying}")));
    assert!(!same_passage(&print(&format!("今天{saying}真好")), &one, &two));
    let verse = "落霞与孤鹜齐飞秋水共长天一色";
    let (one, two) = (print(&format!("{verse}真好")), print(&format!("今天{verse}")));
    assert!(same_passage(&print(&format!("今天{verse}真好")), &one, &two));
}

#[test]
fn what_a_person_has_split_is_not_merged_again() {
    let mut scene = seen(&[COMMENTED, HALF, BASE]);
    assert_eq!(incidents(&scene), [1; 3]);
    let key = PostKey { site: "p1.example".into(), id: "p1".into() };
    scene.act(
        at("10:00"),
        Act::Split { post: key, incident: None, by: "张值班".into(), reason: "两回事".into() },
    );
    let own = incident_of(&scene, "p1");
    assert_ne!(own, 1);
    let mut scene = scene.restarted(at("10:01"));
    let n_merges = merges(&scene).len();
    for (id, text) in [("p3", BASE), ("p4", HALF), ("p5", COMMENTED)] {
        scene.see(post("10:10", id, text));
    }
    assert_eq!((incident_of(&scene, "p0"), incident_of(&scene, "p1")), (1, own));
    assert_eq!(merges(&scene).len(), n_merges);
}

/// A topic behind the mark does not hide that a text was cut off.
#[test]
fn a_text_that_was_cut_off_before_its_topics_gives_way_to_the_whole() {
    let cut: String = BASE.chars().take(28).chain("...展开 #青川身边事# #民生热线#".chars()).collect();
    let scene = seen(&[&cut, BASE]);
    assert_eq!(incidents(&scene), [1, 1]);
    let cores: Vec<bool> = scene.stored().posts.iter().map(PostRow::is_core).collect();
    assert_eq!(cores, [false, true]);
    let scene = seen(&[&cut, BASE, HALF]);
    assert_eq!(incidents(&scene), [1; 3], "found by the whole");
}

/// What people make of a post.
fn family(base: &str) -> Vec<String> {
    let chars: Vec<char> = base.chars().collect();
    let part = |from: usize, to: usize| {
        chars[chars.len() * from / 10..chars.len() * to / 10].iter().collect::<String>()
    };
    vec![
        base.to_owned(),
        format!("网友爆料：“{base}”大家怎么看？评论区聊聊"),
        format!("回复：{}，说得有道理", part(3, 8)),
        format!("{}...全文", part(0, 6)),
        format!("#青川身边事# {base} 😡😡"),
        format!("希望有人管一管！！{base}"),
        format!("已转给有关部门//@青川老王:这种事必须曝光//@青川百事通:{base}"),
    ]
}

const OTHER: &str = "城南市场门口的路修了三个月还没有修好，一下雨就积水，孩子上学只能绕远路，给热线打过好几次电话都说快了快了。";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    /// In any order what belongs together does, once a plain copy has come, and nothing else; with a restart anywhere.
    #[test]
    fn any_order_and_a_plain_copy_make_the_same_statements(
        order in Just((0..14_usize).collect::<Vec<_>>()).prop_shuffle(),
        restart in 0..14_usize,
    ) {
        let texts: Vec<String> = [BASE, OTHER].into_iter().flat_map(family).collect();
        let play = |restart: Option<usize>| {
            let mut scene = Scene::new();
            for (step, &nth) in order.iter().enumerate() {
                scene.see(post(&format!("09:{step:02}"), &format!("p{nth:02}"), &texts[nth]));
                if restart == Some(step) {
                    scene = scene.restarted(at(&format!("09:{step:02}")));
                }
            }
            for (id, base) in [("q0", BASE), ("q1", OTHER)] {
                scene.see(post("10:00", id, base));
            }
            scene
        };
        let scene = play(None);
        let of = |half: usize| -> Vec<u64> {
            let ids = (half * 7..half * 7 + 7).map(|nth| format!("p{nth:02}")).chain([format!("q{half}")]);
            ids.map(|id| incident_of(&scene, &id)).collect()
        };
        for half in [0, 1] {
            let places = of(half);
            prop_assert!(places.iter().all(|place| *place == places[0]), "{:?} of {:?}", places, order);
        }
        prop_assert_ne!(of(0)[0], of(1)[0]);
        prop_assert_eq!(incidents(&scene), incidents(&play(Some(restart))));
    }

    /// Whatever the texts: what is found first is among all that is found, and no side of a passage is the first.
    #[test]
    fn a_passage_has_no_sides(
        texts in prop::collection::vec("[青川县医院急诊排队人没有不一二三0-9月日：，。“”]{0,60}", 3..6),
    ) {
        let prints: Vec<Fingerprint> = texts.iter().map(|text| Fingerprint::of(text, [])).collect();
        let mut cores = Cores::default();
        for (id, print) in (1..).zip(&prints) {
            cores.insert(IncidentId(id), print.clone());
            prop_assert_eq!(cores.of(IncidentId(id)).collect::<Vec<_>>(), [print]);
        }
        for text in &prints {
            let all = cores.find_all(text);
            let best = cores.find(text);
            prop_assert!(best.iter().all(|best| all.contains(best)));
            prop_assert_eq!(best.is_some(), !all.is_empty());
            for (one, other) in prints.iter().zip(prints.iter().skip(1)) {
                prop_assert_eq!(same_passage(text, one, other), same_passage(text, other, one));
            }
        }
    }
}
