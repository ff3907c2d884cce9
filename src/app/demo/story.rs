//! The story that the made-up county tells: it begins on the forum, is copied, nearly copied, reposted
//! and filmed on three more sites, and its counters climb through every tier of the demo's plan within
//! forty seconds. Beside it: a small story that stays general, posts that mention nobody, old posts.
//!
//! A story is a value made from a seed; time since the start is passed in, so that the same seed shows
//! the same pages at the same second.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    curve::Curve,
    script::{COUNTY, NOISE, SCRIPTS, Script},
};

/// A site of the county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// 青禾论坛, a Discuz!-style forum in GBK.
    Forum,
    /// A Weibo-style microblog with a JSON API.
    Weibo,
    /// A Douyin-style short video site with a JSON API.
    Douyin,
    /// A news site with an Atom feed.
    News,
}

/// One post of the story.
#[derive(Debug, Clone)]
pub struct ScriptedPost {
    /// Where it stands.
    pub place: Place,
    /// Its number there; ascending by publication.
    pub number: u64,
    /// Published so long after the start (negative: before it). Visible from then on.
    pub published: SignedDuration,
    /// Title; empty on the microblog and the video site.
    pub title: String,
    /// Text.
    pub text: String,
    /// Views, where the site shows them.
    pub views: Curve,
    /// Reposts or shares.
    pub reposts: Curve,
    /// Comments or replies.
    pub comments: Curve,
    /// Likes.
    pub likes: Curve,
    /// The post of the same place that it reposts.
    pub repost_of: Option<u64>,
    /// A post elsewhere that it links to.
    pub link_to: Option<(Place, u64)>,
}

/// When the main story passes the documented thresholds, in milliseconds since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beats {
    /// The first post appears.
    pub begins: u64,
    /// Over 1,000 views.
    pub elevated: u64,
    /// Over 10,000 views or 300 reposts.
    pub major: u64,
    /// Over 50,000 views.
    pub critical: u64,
}

/// A story with all its posts.
#[derive(Debug, Clone)]
pub struct Story {
    /// The seed that it came from.
    pub seed: u64,
    /// The county.
    pub county: &'static str,
    /// The unit that is talked about.
    pub unit: &'static str,
    /// Other names of the unit.
    pub aliases: &'static [&'static str],
    /// What the unit answers at last.
    pub answer: &'static str,
    /// When the tiers are passed.
    pub beats: Beats,
    /// All posts, in no particular order.
    pub posts: Vec<ScriptedPost>,
}

/// What the main thread's views are worth at each beat, before the seed's variation.
const OVER_ELEVATED: u64 = 1_060;
const OVER_MAJOR: u64 = 10_300;
const OVER_CRITICAL: u64 = 51_500;

/// Where the noise stands: little of it on the forum at first, so that its first round, which reads each
/// thread once, is short; some in the news, whose feed is never empty.
const NOISY: [Place; 12] = {
    use Place::{Douyin, Forum, News, Weibo};
    [Weibo, Douyin, News, News, Forum, Weibo, Forum, Weibo, Douyin, Forum, Douyin, Weibo]
};

impl Story {
    /// The story of this seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let script = dice.choice(&SCRIPTS).unwrap_or(&SCRIPTS[0]);
        let beats = Beats {
            begins: dice.u64(800..1_600),
            elevated: dice.u64(6_500..8_500),
            major: dice.u64(18_500..22_000),
            critical: dice.u64(33_500..37_500),
        };
        let mut teller = Teller { script, beats, dice, posts: Vec::new(), last: [0; 4] };
        teller.old_posts();
        teller.noise();
        teller.small_story();
        teller.main_story();
        let Teller { posts, .. } = teller;
        Self {
            seed,
            county: COUNTY,
            unit: script.unit,
            aliases: script.aliases,
            answer: script.answer,
            beats,
            posts,
        }
    }

    /// The posts of one site that are public by now, newest first.
    #[must_use]
    pub fn visible(&self, place: Place, since_start: Duration) -> Vec<&ScriptedPost> {
        let mut posts: Vec<_> =
            self.posts.iter().filter(|post| post.place == place && post.is_public(since_start)).collect();
        posts.sort_by_key(|post| std::cmp::Reverse((post.published, post.number)));
        posts
    }

    /// One post, when it is public by now.
    #[must_use]
    pub fn post(&self, place: Place, number: u64, since_start: Duration) -> Option<&ScriptedPost> {
        self.posts
            .iter()
            .find(|post| post.place == place && post.number == number && post.is_public(since_start))
    }
}

impl ScriptedPost {
    /// Whether it has been published by now.
    #[must_use]
    pub fn is_public(&self, since_start: Duration) -> bool {
        SignedDuration::try_from(since_start).is_ok_and(|now| self.published <= now)
    }
}

/// Writes a story down, post by post.
struct Teller {
    script: &'static Script,
    beats: Beats,
    dice: fastrand::Rng,
    posts: Vec<ScriptedPost>,
    last: [u64; 4],
}

impl Teller {
    fn old_posts(&mut self) {
        for &(title, text) in self.script.old {
            let days = self.dice.i64(4..28);
            let views = self.dice.u64(300..2_000);
            let post = self.blank(Place::Forum, SignedDuration::from_hours(-24 * days - 3), title, text);
            push(
                &mut self.posts,
                ScriptedPost { views: Curve::level(views), comments: Curve::level(views / 60), ..post },
            );
        }
        let text = format!("路过{}，顺手拍一张，今天天气不错。", self.script.unit);
        let post = self.blank(Place::Weibo, SignedDuration::from_hours(-24 * 9), "", &text);
        push(
            &mut self.posts,
            ScriptedPost {
                reposts: Curve::level(self.dice.u64(0..9)),
                comments: Curve::level(self.dice.u64(0..20)),
                likes: Curve::level(self.dice.u64(3..60)),
                ..post
            },
        );
    }

    fn noise(&mut self) {
        let mut lines = NOISE;
        self.dice.shuffle(&mut lines);
        for (at, &(title, text)) in lines.iter().enumerate() {
            let place = NOISY.get(at).copied().unwrap_or(Place::Forum);
            // Half of it is there at the start, half comes while one watches.
            let published = if at < 6 {
                SignedDuration::from_mins(-self.dice.i64(5..900))
            } else {
                SignedDuration::from_millis(self.dice.i64(2_000..50_000))
            };
            let start = u64::try_from(published.as_millis()).unwrap_or(0);
            let end = self.dice.u64(40..900);
            let title = if matches!(place, Place::Forum | Place::News) { title } else { "" };
            let post = self.blank(place, published, title, text);
            push(
                &mut self.posts,
                ScriptedPost {
                    views: Curve::through([(start, end / 9), (60_000 + start, end)]),
                    reposts: Curve::level(self.dice.u64(0..6)),
                    comments: Curve::through([(start, 0), (60_000 + start, end / 40)]),
                    likes: Curve::level(self.dice.u64(0..50)),
                    ..post
                },
            );
        }
    }

    fn small_story(&mut self) {
        let begins = self.dice.u64(3_000..9_000);
        let views = self.dice.u64(90..420);
        let (title, text) = (self.script.small_title, self.script.small_text);
        let post = self.blank(Place::Forum, millis(begins), title, text);
        push(
            &mut self.posts,
            ScriptedPost {
                views: Curve::through([(begins, 3), (60_000, views)]),
                comments: Curve::through([(begins, 0), (60_000, views / 50)]),
                ..post
            },
        );
    }

    fn main_story(&mut self) {
        let thread = self.opening_thread();
        // The other three sites take it up in an order of the seed's choice.
        let mut order = [Place::Weibo, Place::Douyin, Place::News];
        self.dice.shuffle(&mut order);
        let mut at = self.beats.elevated + 800;
        for place in order {
            match place {
                Place::Weibo => self.on_weibo(at, thread),
                Place::Douyin => self.on_video(at),
                Place::News | Place::Forum => self.in_the_news(at, thread),
            }
            at += self.dice.u64(3_500..5_500);
        }
        self.late_copies();
    }

    fn opening_thread(&mut self) -> u64 {
        let Beats { begins, elevated, major, critical } = self.beats;
        let text = format!("{}{}", self.script.opening, self.script.ending);
        let post = self.blank(Place::Forum, millis(begins), self.script.title, &text);
        let views = Curve::through([
            (begins, self.dice.u64(5..40)),
            (elevated, OVER_ELEVATED + self.dice.u64(0..300)),
            (major, OVER_MAJOR + self.dice.u64(0..900)),
            (critical, OVER_CRITICAL + self.dice.u64(0..2_000)),
            (critical + 15_000, 61_000 + self.dice.u64(0..9_000)),
        ]);
        let comments = Curve::through([(begins, 0), (major, 96), (critical, 340), (60_000, 420)]);
        push(&mut self.posts, ScriptedPost { views, comments, ..post })
    }

    fn on_weibo(&mut self, at: u64, thread: u64) {
        let text = format!("【网友反映】{} 转给大家看看。", self.script.opening);
        let post = self.blank(Place::Weibo, millis(at), "", &text);
        let Beats { major, critical, .. } = self.beats;
        let top = self.dice.u64(540..900);
        let original = push(
            &mut self.posts,
            ScriptedPost {
                reposts: Curve::through([
                    (at, 2),
                    (major.max(at + 4_000), 310),
                    (critical, 440),
                    (60_000, top),
                ]),
                comments: Curve::through([(at, 0), (60_000, top / 2)]),
                likes: Curve::through([(at, 1), (60_000, top * 3)]),
                link_to: Some((Place::Forum, thread)),
                ..post
            },
        );
        let later = at + self.dice.u64(2_500..4_500);
        let post = self.blank(Place::Weibo, millis(later), "", self.script.comment);
        push(
            &mut self.posts,
            ScriptedPost {
                reposts: Curve::through([(later, 0), (60_000, top / 12)]),
                comments: Curve::through([(later, 0), (60_000, top / 15)]),
                likes: Curve::through([(later, 0), (60_000, top / 4)]),
                repost_of: Some(original),
                ..post
            },
        );
    }

    fn on_video(&mut self, at: u64) {
        let text = format!("{} {} #{COUNTY}", self.script.opening, self.script.tags);
        let post = self.blank(Place::Douyin, millis(at), "", &text);
        let Beats { major, critical, .. } = self.beats;
        let plays = self.dice.u64(16_000..26_000);
        push(
            &mut self.posts,
            ScriptedPost {
                views: Curve::through([(at, 60), (major, 900), (critical, 4_000), (60_000, plays)]),
                reposts: Curve::through([(at, 0), (60_000, plays / 90)]),
                comments: Curve::through([(at, 0), (60_000, plays / 60)]),
                likes: Curve::through([(at, 2), (60_000, plays / 12)]),
                ..post
            },
        );
    }

    fn in_the_news(&mut self, at: u64, thread: u64) {
        let title = format!("网友发帖：{}", self.script.title);
        let text = format!("近日，有网友在本地论坛发帖称：{}记者将继续关注。", self.script.opening);
        let post = self.blank(Place::News, millis(at), &title, &text);
        push(&mut self.posts, ScriptedPost { link_to: Some((Place::Forum, thread)), ..post });
    }

    /// Independent copies after the story has become major: another thread, another root on the microblog.
    fn late_copies(&mut self) {
        let at = self.beats.major + self.dice.u64(2_500..6_000);
        let title = format!("转：{}", self.script.title);
        let post = self.blank(Place::Forum, millis(at), &title, self.script.opening);
        let views = self.dice.u64(1_500..4_000);
        push(
            &mut self.posts,
            ScriptedPost {
                views: Curve::through([(at, 8), (60_000, views)]),
                comments: Curve::through([(at, 0), (60_000, views / 70)]),
                ..post
            },
        );
        let at = at + self.dice.u64(1_500..4_000);
        let text = format!("{}{}", self.script.opening, self.script.ending);
        let post = self.blank(Place::Weibo, millis(at), "", &text);
        push(
            &mut self.posts,
            ScriptedPost {
                reposts: Curve::through([(at, 0), (60_000, self.dice.u64(90..260))]),
                comments: Curve::through([(at, 0), (60_000, 70)]),
                likes: Curve::through([(at, 0), (60_000, 300)]),
                ..post
            },
        );
    }

    fn blank(&mut self, place: Place, published: SignedDuration, title: &str, text: &str) -> ScriptedPost {
        ScriptedPost {
            place,
            number: self.next_number(place),
            published,
            title: title.to_owned(),
            text: text.to_owned(),
            views: Curve::default(),
            reposts: Curve::default(),
            comments: Curve::default(),
            likes: Curve::default(),
            repost_of: None,
            link_to: None,
        }
    }

    fn next_number(&mut self, place: Place) -> u64 {
        let (slot, first) = match place {
            Place::Forum => (0, 13_400),
            Place::Weibo => (1, 5_230_000_000_001_000),
            Place::Douyin => (2, 7_572_000_000_000_001_000),
            Place::News => (3, 880),
        };
        let step = self.dice.u64(1..40);
        self.last.get_mut(slot).map_or(first, |last| {
            *last = (*last).max(first) + step;
            *last
        })
    }
}

/// Adds a post and gives its number.
fn push(posts: &mut Vec<ScriptedPost>, post: ScriptedPost) -> u64 {
    let number = post.number;
    posts.push(post);
    number
}

fn millis(value: u64) -> SignedDuration {
    SignedDuration::from_millis(i64::try_from(value).unwrap_or(i64::MAX))
}
