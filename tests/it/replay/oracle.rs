//! Daily views, reposts and tier of random stories against a count of its own: fractions over one common
//! denominator, every number looked up anew from the whole story at every look.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;

const DAY: i64 = 86_400;
/// 2026-11-21T09:00:00+08:00.
const START: i64 = 1_795_222_800;

/// One post of a story: when it was published before its first look, and its looks.
#[derive(Debug, Clone)]
struct Told {
    microblog: bool,
    /// Seconds before the first look; `None` is unknown.
    age: Option<i64>,
    /// Which earlier post it reposts, if that is one of a microblog.
    reposts_of: Option<usize>,
    /// Minutes since the start, views, reposts.
    looks: Vec<(i64, Option<u64>, Option<u64>)>,
}

fn told() -> impl Strategy<Value = Told> {
    let look = (
        0..4_000_i64,
        proptest::option::weighted(0.8, 0..9_000_u64),
        proptest::option::weighted(0.8, 0..200_u64),
    );
    (
        any::<bool>(),
        proptest::option::weighted(0.8, 0..DAY),
        proptest::option::weighted(0.5, 0..8_usize),
        prop::collection::vec(look, 1..6),
    )
        .prop_map(|(microblog, age, reposts_of, looks)| Told { microblog, age, reposts_of, looks })
}

/// A post with its looks at whole seconds, no two looks of a story at the same one.
#[derive(Debug, Clone)]
struct Post {
    told: Told,
    first: i64,
    looks: Vec<(i64, Option<u64>, Option<u64>)>,
    parent: Option<usize>,
}

fn posts(told: Vec<Told>) -> Vec<Post> {
    let mut seconds = BTreeSet::new();
    let mut posts: Vec<Post> = Vec::new();
    for told in told {
        let mut looks: Vec<_> = told
            .looks
            .iter()
            .map(|&(minute, views, reposts)| {
                let mut at = START + minute * 60;
                while !seconds.insert(at) {
                    at += 1;
                }
                (at, views, reposts)
            })
            .collect();
        looks.sort_by_key(|look| look.0);
        let first = looks[0].0;
        let parent = told.reposts_of.filter(|&of| {
            told.microblog && posts.get(of).is_some_and(|p| p.told.microblog && p.first < first)
        });
        posts.push(Post { told, first, looks, parent });
    }
    posts
}

/// V(t) as numerator and denominator, in the plainest way there is.
fn views(post: &Post, now: i64, t: i64) -> Option<(i128, i128)> {
    let mut top = 0;
    let mut points: Vec<(i64, i128)> = Vec::new();
    for &(at, views, _) in post.looks.iter().filter(|look| look.0 <= now) {
        let Some(views) = views else { continue };
        top = top.max(i128::from(views));
        points.push((at, top));
    }
    let first = points.first()?.0;
    if let Some(age) = post.told.age.filter(|age| post.first - age < first) {
        points.insert(0, (post.first - age, 0));
    }
    let before = points.iter().rev().find(|point| point.0 <= t);
    let after = points.iter().find(|point| point.0 > t);
    Some(match (before, after) {
        (None, _) => (0, 1),
        (Some(last), None) => (last.1, 1),
        (Some(&(a, v)), Some(&(b, w))) => {
            (v * i128::from(b - a) + (w - v) * i128::from(t - a), i128::from(b - a))
        }
    })
}

fn daily_views(posts: &[&Post], now: i64) -> Option<u64> {
    let parts: Vec<_> = posts
        .iter()
        .filter_map(|post| Some((views(post, now, now)?, views(post, now, now - DAY)?)))
        .collect();
    if parts.is_empty() {
        return None;
    }
    // Sum a/b by long addition; numbers stay small enough for i128 with some nine posts if reduced.
    let (mut n, mut d) = (0_i128, 1_i128);
    for (plus, minus) in parts {
        for (part, sign) in [(plus, 1), (minus, -1)] {
            n = n * part.1 + sign * part.0 * d;
            d *= part.1;
            let (mut a, mut b) = (n.abs(), d);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            (n, d) = (n / a.max(1), d / a.max(1));
        }
    }
    u64::try_from(n.div_euclid(d)).ok()
}

fn reposts(posts: &[Post], seen: &[&Post], now: i64) -> Option<u64> {
    let most = |post: &Post| post.looks.iter().filter(|look| look.0 <= now).filter_map(|look| look.2).max();
    let mut roots: BTreeMap<usize, (Option<u64>, Option<u64>)> = BTreeMap::new();
    for (index, post) in posts.iter().enumerate() {
        if !post.told.microblog || !seen.iter().any(|other| std::ptr::eq(*other, post)) {
            continue;
        }
        let mut root = index;
        while let Some(parent) = posts[root].parent {
            root = parent;
        }
        let entry = roots.entry(root).or_default();
        if root == index {
            entry.0 = most(post);
        } else {
            entry.1 = entry.1.max(most(post));
        }
    }
    roots.values().filter_map(|(own, of_reposts)| own.or(*of_reposts)).reduce(|a, b| a + b)
}

fn rank(views: Option<u64>, reposts: Option<u64>) -> usize {
    [(50_000, 500), (10_000, 300), (1_000, 100)]
        .iter()
        .position(|&(v, r)| {
            views.is_some_and(|views| views > v) || reposts.is_some_and(|reposts| reposts > r)
        })
        .map_or(0, |place| 3 - place)
}

/// The tier lines that the story must print: when, which rank, views, reposts.
fn expected(posts: &[Post]) -> Vec<(i64, usize, Option<u64>, Option<u64>)> {
    let mut instants: Vec<i64> = posts.iter().flat_map(|post| post.looks.iter().map(|look| look.0)).collect();
    instants.sort_unstable();
    let (mut lines, mut reached) = (Vec::new(), None);
    for now in instants {
        let seen: Vec<&Post> = posts.iter().filter(|post| post.first <= now).collect();
        let (views, reposts) = (daily_views(&seen, now), reposts(posts, &seen, now));
        let rank = rank(views, reposts);
        if reached.is_none_or(|reached| rank > reached) {
            lines.push((now, rank, views, reposts));
            reached = Some(rank);
        }
    }
    lines
}

fn story(posts: &[Post], shuffle: u64) -> String {
    let mut lines = Vec::new();
    for (id, post) in posts.iter().enumerate() {
        let (site, kind) = if post.told.microblog { ("weibo", "microblog") } else { ("bbs", "forum") };
        for &(at, views, reposts) in &post.looks {
            let text = if post.parent.is_some() { "转发微博" } else { TEXT };
            let line = json!({
                "seen_at": at, "site": site, "site_kind": kind, "id": id, "text": text, "views": views,
                "published_at": post.told.age.map(|age| post.first - age), "reposts": reposts,
                "repost_of": post.parent.map(|parent| parent.to_string()),
            });
            lines.push(line.to_string());
        }
    }
    let mut state = shuffle | 1;
    for i in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        lines.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn numbers_and_tiers_are_those_of_a_naive_count(told in prop::collection::vec(told(), 1..7), shuffle in any::<u64>()) {
        let posts = posts(told);
        let lines = printed(&story(&posts, shuffle), &["--until", "1min"]);
        let ranks = ["general", "elevated", "major", "critical"];
        let got: Vec<_> = lines
            .iter()
            // What worsens after it was calm stays at its tier; it is told anew.
            .filter(|line| line["type"] == "tier" && line["from"] != line["to"])
            .map(|line| {
                let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
                let rank = ranks.iter().position(|name| line["to"] == *name).unwrap();
                (at.as_second(), rank, line["daily_views"].as_u64(), line["reposts"].as_u64())
            })
            .collect();
        prop_assert_eq!(got, expected(&posts));
    }
}
