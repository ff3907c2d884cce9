//! The story: a function of seed and time.

use std::time::Duration;

use yuqing::app::demo::{Place, Story, story::ScriptedPost};

const SECOND: u64 = 1_000;

fn views(story: &Story, at_ms: u64) -> u64 {
    let now = Duration::from_millis(at_ms);
    main_posts(story, now).iter().map(|post| post.views.at(now)).sum()
}

fn reposts(story: &Story, at_ms: u64) -> u64 {
    let now = Duration::from_millis(at_ms);
    let on_weibo = main_posts(story, now).into_iter().filter(|post| post.place == Place::Weibo);
    on_weibo.filter(|post| post.repost_of.is_none()).map(|post| post.reposts.at(now)).sum()
}

/// The posts that carry the main story: those that share a long piece of its first post.
fn main_posts(story: &Story, now: Duration) -> Vec<&ScriptedPost> {
    let first = story
        .posts
        .iter()
        .filter(|post| post.published > jiff::SignedDuration::ZERO && post.text.contains(story.unit))
        .min_by_key(|post| post.published)
        .expect("a first post");
    let piece: String = first.text.chars().take(40).collect();
    let places = [Place::Forum, Place::Weibo, Place::Douyin, Place::News];
    let visible = places.into_iter().flat_map(|place| story.visible(place, now));
    visible.filter(|post| post.text.contains(&piece)).collect()
}

#[test]
fn every_seed_climbs_through_every_tier_in_order() {
    for seed in 0..200 {
        let story = Story::from_seed(seed);
        let beats = story.beats;
        assert_eq!(views(&story, 500), 0, "seed {seed}: nothing is said before the start");
        let early = views(&story, beats.begins + 1_000);
        assert!((1..=1_000).contains(&early), "seed {seed}: {early}");
        assert!(views(&story, beats.elevated) > 1_000 && beats.elevated < 10 * SECOND, "seed {seed}");
        let before_major = beats.major - 3 * SECOND;
        assert!(views(&story, before_major) <= 10_000 && reposts(&story, before_major) <= 300, "seed {seed}");
        assert!(views(&story, beats.major) > 10_000 && beats.major < 25 * SECOND, "seed {seed}");
        let before_critical = beats.critical - 5 * SECOND;
        assert!(views(&story, before_critical) <= 50_000 && reposts(&story, before_critical) <= 500);
        assert!(views(&story, beats.critical) > 50_000 && beats.critical < 40 * SECOND, "seed {seed}");
    }
}

#[test]
fn the_story_reaches_four_sites_and_is_reposted() {
    for seed in 0..50 {
        let story = Story::from_seed(seed);
        let posts = main_posts(&story, Duration::from_secs(60));
        let mut places: Vec<_> = posts.iter().map(|post| post.place).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places, [Place::Forum, Place::Weibo, Place::Douyin, Place::News], "seed {seed}");
        assert_eq!(posts.iter().min_by_key(|post| post.published).map(|post| post.place), Some(Place::Forum));
        assert!(story.posts.iter().any(|post| post.repost_of.is_some()), "seed {seed}");
    }
}

#[test]
fn the_same_seed_tells_the_same_and_another_differs() {
    let told = |seed| format!("{:?}", Story::from_seed(seed).posts);
    assert_eq!(told(7), told(7));
    let different: std::collections::BTreeSet<_> = (0..20).map(told).collect();
    assert_eq!(different.len(), 20);
    let units: std::collections::BTreeSet<_> = (0..20).map(|seed| Story::from_seed(seed).unit).collect();
    assert!(units.len() > 1, "the seed varies the story: {units:?}");
}

#[test]
fn noise_mentions_nobody_and_old_posts_stand_still() {
    for seed in 0..50 {
        let story = Story::from_seed(seed);
        let names: Vec<_> = std::iter::once(story.unit).chain(story.aliases.iter().copied()).collect();
        let (named, noise): (Vec<_>, Vec<_>) = story.posts.iter().partition(|post| {
            names.iter().any(|name| post.text.contains(name) || post.title.contains(name))
                || post.repost_of.is_some()
        });
        assert_eq!(noise.len(), 12, "seed {seed}");
        let old = named.iter().filter(|post| post.published.as_hours() < -24);
        for post in old.clone() {
            assert_eq!(post.views.at(Duration::ZERO), post.views.at(Duration::from_secs(600)));
        }
        assert_eq!(old.count(), 3);
    }
}
