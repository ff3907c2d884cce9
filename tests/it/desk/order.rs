//! Whatever the order in which posts arrive, hard evidence makes the same statements of them; a restart anywhere
//! changes nothing, and heat is neither lost nor doubled (SEMANTICS 11, 13).

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::scene::*;
use yuqing::model::*;

/// What post `n` of a story is: a text of its own, a repost, a link, or a copy of an address.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Root,
    Repost(usize),
    Link(usize),
    /// Reposts an original that is never seen.
    Unseen(usize),
    /// Links an article that is never seen.
    Article(usize),
}

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    let kind = prop_oneof![
        2 => Just(Kind::Root),
        3 => (0..12_usize).prop_map(Kind::Repost),
        2 => (0..12_usize).prop_map(Kind::Link),
        1 => (0..3_usize).prop_map(Kind::Unseen),
        1 => (0..3_usize).prop_map(Kind::Article),
    ];
    prop::collection::vec(kind, 2..12)
}

fn story(kinds: &[Kind]) -> Vec<Look> {
    kinds
        .iter()
        .enumerate()
        .map(|(n, kind)| {
            // Too short to be compared: only evidence joins.
            let look =
                look("09:00", "weibo.example", SiteKind::Microblog, &format!("p{n}"), "青川县人民医院")
                    .published(at("08:30"))
                    .views(300 + u64::try_from(n).unwrap());
            let earlier = |of: usize| of % kinds.len();
            match *kind {
                Kind::Root => look,
                Kind::Repost(of) if earlier(of) == n => look,
                Kind::Repost(of) => look.reposting("weibo.example", &format!("p{}", earlier(of))),
                Kind::Link(of) => look.linking(&format!("https://weibo.example/p/p{}", earlier(of))),
                Kind::Unseen(of) => look.reposting("weibo.example", &format!("unseen{of}")),
                Kind::Article(of) => look.linking(&format!("https://news.example/a/2026112100{of}.html")),
            }
        })
        .collect()
}

/// Which posts stand together.
fn partition(scene: &Scene) -> Vec<Vec<String>> {
    let mut parts: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for row in scene.stored().posts {
        parts.entry(row.incident.0).or_default().push(row.post.key.id);
    }
    let mut parts: Vec<_> = parts.into_values().collect();
    parts.iter_mut().for_each(|part| part.sort());
    parts.sort();
    parts
}

fn play(looks: &[Look], order: &[usize], restart_after: Option<usize>) -> (Scene, Vec<String>) {
    let mut scene = Scene::new();
    let mut told = Vec::new();
    for (step, &n) in order.iter().enumerate() {
        let mut look = looks[n].clone();
        look.0.seen_at = at("09:00") + SignedDuration::from_secs(i64::try_from(step).unwrap());
        let now = look.0.seen_at;
        let before = told_ranks(&scene);
        let lines = scene.see(look);
        check_telling(&scene, &before, &lines);
        told.extend(lines);
        if restart_after == Some(step) {
            scene = scene.restarted(now);
        }
    }
    (scene, told)
}

/// The tiers that were told of the open incidents.
fn told_ranks(scene: &Scene) -> BTreeMap<u64, usize> {
    let rows = scene.stored().incidents.into_iter().filter(|row| row.state == IncidentState::Open);
    rows.filter_map(|row| Some((row.id.0, row.told_rank?))).collect()
}

/// What merges tells only a tier that none of its parts had told.
fn check_telling(scene: &Scene, before: &BTreeMap<u64, usize>, lines: &[String]) {
    let merged: Vec<(u64, u64)> = lines
        .iter()
        .filter_map(|line| line.strip_prefix('#')?.split_once(" merged into #"))
        .map(|(from, into)| (from.parse().unwrap(), into.parse().unwrap()))
        .collect();
    let Some(&(_, survivor)) = merged.last() else { return };
    let parts = merged.iter().flat_map(|(from, into)| [from, into]);
    let told = parts.filter_map(|part| before.get(part)).max();
    let tells = lines.iter().any(|line| line.starts_with("alert →") || line.starts_with("rise →"));
    let now = scene.incident(survivor);
    assert_eq!(tells, now.told_rank > told.copied(), "{lines:?}");
    assert!(now.told_rank >= told.copied(), "nothing told is untold");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_order_of_arrival_makes_the_same_statements(
        (kinds, order, restart) in kinds().prop_flat_map(|kinds| {
            let order: Vec<usize> = (0..kinds.len()).collect();
            let steps = kinds.len();
            (Just(kinds), Just(order).prop_shuffle(), 0..steps)
        })
    ) {
        let looks = story(&kinds);
        let straight: Vec<usize> = (0..looks.len()).collect();
        let (first, _) = play(&looks, &straight, None);
        let (shuffled, told) = play(&looks, &order, None);
        prop_assert_eq!(partition(&first), partition(&shuffled), "{:?} in {:?}", kinds, order);

        let (restarted, told_then) = play(&looks, &order, Some(restart));
        let places = |scene: &Scene| -> Vec<(PostKey, IncidentId)> {
            scene.stored().posts.into_iter().map(|row| (row.post.key, row.incident)).collect()
        };
        prop_assert_eq!(places(&shuffled), places(&restarted), "restarted after {}", restart);
        prop_assert_eq!(&told, &told_then);

        // Every post counts once, in one incident that lives; every number leads to it.
        let stored = shuffled.stored();
        let live: Vec<_> = stored.incidents.iter().filter(|row| row.state != IncidentState::Merged).collect();
        let posts: u64 = live.iter().map(|row| row.heat.posts).sum();
        let views: u64 = live.iter().filter_map(|row| row.heat.daily_views).sum();
        prop_assert_eq!(posts, u64::try_from(looks.len()).unwrap());
        prop_assert_eq!(views, looks.iter().filter_map(|look| look.0.counters.views).map(|count| count.value).sum::<u64>());
        for row in stored.incidents.iter().filter(|row| row.state == IncidentState::Merged) {
            prop_assert!(row.merged_into.is_some_and(|into| into < row.id), "the older number survives");
        }

        // The same looks again find everything in its place.
        let mut again = shuffled.restarted(at("09:01"));
        for look in &looks {
            again.see(look.clone());
        }
        prop_assert_eq!(partition(&shuffled), partition(&again));
    }

    #[test]
    fn a_split_keeps_the_sum_of_heat_and_is_never_undone(kinds in kinds(), which in 0..12_usize) {
        let looks = story(&kinds);
        let straight: Vec<usize> = (0..looks.len()).collect();
        let (mut scene, _) = play(&looks, &straight, None);
        let sum = |scene: &Scene| -> (u64, u64) {
            let rows = scene.stored().incidents.into_iter().filter(|row| row.state != IncidentState::Merged);
            let heats: Vec<Heat> = rows.map(|row| row.heat).collect();
            (heats.iter().map(|heat| heat.posts).sum(), heats.iter().filter_map(|heat| heat.daily_views).sum())
        };
        let before = sum(&scene);
        let post = looks[which % looks.len()].0.post.key.clone();
        let lines = scene.act(at("09:01"), Act::Split { post, incident: None, by: "x".into(), reason: "y".into() });
        prop_assert_eq!(before, sum(&scene));
        let parts = partition(&scene);
        let mut scene = scene.restarted(at("09:02"));
        for look in &looks {
            let mut look = look.clone();
            look.0.seen_at = at("09:03");
            scene.see(look);
        }
        prop_assert_eq!(parts, partition(&scene), "{:?}", lines);
    }
}
