//! Random stories: what people say, where, how it grows, and when somebody looks.

use jiff::{SignedDuration, Timestamp};

use super::{
    dice::Dice,
    keywords::TAGS,
    office::{DESK, UNITS},
};
use crate::model::{
    Certainty, Count, Counters, Embedded, Hit, HitPart, Mention, Post, PostKey, Precision, Published,
    RepostOf, SiteKind,
};

/// A look with what only the simulation knows of it.
#[derive(Debug, Clone)]
pub struct Look {
    /// When it reaches the desk.
    pub at: Timestamp,
    /// Number of its story.
    pub story: usize,
    /// Whether the desk alone may say where it belongs (a refutation).
    pub free: bool,
    /// What the desk gets.
    pub mention: Mention,
}

const SITES: [(&str, SiteKind); 6] = [
    ("weibo.example", SiteKind::Microblog),
    ("boke.example", SiteKind::Blog),
    ("bbs.example", SiteKind::Forum),
    ("news.example", SiteKind::News),
    ("video.example", SiteKind::Video),
    ("weixin.example", SiteKind::Wechat),
];
/// The sites that are watched.
pub fn sites() -> Vec<&'static str> {
    SITES.iter().map(|(site, _)| *site).collect()
}

/// Characters of which texts are made; no figure, place, name or negation can come of them.
const CHARACTERS: &str = "风花雪月云雨雷电竹松梅兰菊桃柳荷琴棋书画诗酒茶饭盐油布衣帽鞋灯烛窗帘桌椅床柜碗筷盆壶刀剪针线绳网船帆桨舵轮轴弓箭鼓笛锣钟铃镜梳扇伞杖篮筐箱袋砖瓦墙柱梁檐廊亭台阁桥井渠坝堤岸滩礁泉瀑溪湖";
/// Beyond this a site shows a bound only.
const BOUNDS: [u64; 2] = [30_000, 3_000];

/// Draws `count` stories of a span.
pub fn draw(
    dice: &mut Dice,
    from: Timestamp,
    span: SignedDuration,
    units: usize,
    count: usize,
    limits: &[u64],
) -> Vec<Look> {
    let mut looks = Vec::new();
    for story in 0..count {
        let begins =
            from + SignedDuration::from_secs(dice.between(0, span.as_secs().saturating_sub(3_600).max(1)));
        one(dice, story, begins, (units, limits), &mut looks);
    }
    looks.retain(|look| look.at < from + span);
    looks.sort_by_key(|look| look.at);
    looks
}

fn text(dice: &mut Dice, unit: &str) -> String {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut text = unit.to_owned();
    for _ in 0..dice.between(36, 60) {
        text.extend(dice.pick(&characters));
    }
    text.push('。');
    text
}

/// How a counter grows: level at last, fast at first.
struct Curve {
    most: u64,
    half: i64,
}

impl Curve {
    fn at(&self, age: i64) -> u64 {
        let age = age.max(0);
        let grown =
            i128::from(self.most) * i128::from(age) / i128::from(age.saturating_add(self.half).max(1));
        u64::try_from(grown).unwrap_or(0)
    }
}

fn one(
    dice: &mut Dice,
    story: usize,
    begins: Timestamp,
    (units, limits): (usize, &[u64]),
    looks: &mut Vec<Look>,
) {
    let unit = dice.pick(UNITS.get(..units).unwrap_or(&UNITS)).copied().unwrap_or(UNITS[0]);
    // Some name no unit: only a word of its list says whom they concern, while it stands there.
    let tagged = dice.percent(35);
    let nameless = tagged && dice.percent(60);
    let mut said = text(dice, if nameless { "" } else { unit });
    if tagged && let Some(tag) = dice.pick(&TAGS) {
        said.insert_str(0, tag);
    }
    let least = dice.percent(6).then(|| if dice.percent(30) { "重大" } else { "较大" }.to_owned());
    let notify: Vec<String> = if dice.percent(5) { vec![DESK.to_owned()] } else { Vec::new() };
    let size = 10_u64.saturating_pow(u32::try_from(dice.between(1, 5)).unwrap_or(3));
    let both = units > 1 && dice.percent(10);
    let mut first_microblog: Option<Post> = None;
    let copies = dice.between(1, 5);
    for copy in 0..copies {
        let (site, kind) = dice.pick(&SITES).copied().unwrap_or(SITES[0]);
        let seen = begins + SignedDuration::from_secs(dice.between(0, 20 * 3_600) * i64::from(copy > 0));
        let age = match dice.below(10) {
            0 => None,
            1 => Some(dice.between(25, 400) * 3_600),
            _ => Some(dice.between(0, 20 * 3_600)),
        };
        let id = format!("{story}-{copy}");
        let mut post = Post {
            key: PostKey { site: site.to_owned(), id: id.clone() },
            site_kind: kind,
            url: format!("https://{site}/p/{id}"),
            title: String::new(),
            text: said.clone(),
            quoted: String::new(),
            published: age.map(|age| Published {
                at: seen - SignedDuration::from_secs(age),
                precision: Precision::Minute,
            }),
            repost_of: None,
            links: Vec::new(),
        };
        let free = copy > 0 && dice.percent(5);
        if free {
            post.text = format!("{said}辟谣：以上系谣言，请勿传播。");
        }
        let original = first_microblog.as_ref().filter(|_| kind == SiteKind::Microblog && !free);
        let repost = dice.percent(60);
        let embeds = dice.percent(40);
        if let Some(original) = original.filter(|_| repost) {
            let reposts = Some(Count::exact(dice.below(size / 20 + 5)));
            let embedded = embeds.then(|| {
                let counters = Counters { reposts, ..Counters::default() };
                Box::new(Embedded { post: original.clone(), counters })
            });
            post.text = "转发微博".to_owned();
            post.quoted.clone_from(&said);
            post.repost_of = Some(RepostOf { key: Some(original.key.clone()), url: None, embedded });
        } else if kind == SiteKind::Microblog && first_microblog.is_none() && !free {
            first_microblog = Some(post.clone());
        }
        let names = if both { UNITS.get(..units).unwrap_or(&UNITS) } else { std::slice::from_ref(&unit) };
        let names = names.iter().filter(|_| !nameless);
        let hits: Vec<Hit> = names.map(|name| hit(name, unit, least.clone(), &notify)).collect();
        let quoting = !post.quoted.is_empty();
        let hits: Vec<Hit> = hits
            .into_iter()
            .map(|hit| if quoting { Hit { part: HitPart::Quoted, ..hit } } else { hit })
            .collect();
        let all = Course { story, free, seen, age, size, first_round: dice.percent(15), limits };
        follow(dice, &all, &post, &hits, looks);
    }
}

fn hit(unit: &str, word: &str, at_least: Option<String>, notify: &[String]) -> Hit {
    Hit {
        unit: unit.to_owned(),
        group: "医院".to_owned(),
        rule: word.to_owned(),
        file: String::new(),
        line: 2,
        start: 0,
        end: u32::try_from(word.chars().count()).unwrap_or(0),
        surface: word.to_owned(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least,
        notify: notify.to_vec(),
        kind: None,
    }
}

struct Course<'a> {
    /// Thresholds of plans: counts like to stand on them.
    limits: &'a [u64],
    story: usize,
    free: bool,
    seen: Timestamp,
    age: Option<i64>,
    size: u64,
    first_round: bool,
}

/// The looks at one post from its first sight on.
fn follow(dice: &mut Dice, course: &Course<'_>, post: &Post, hits: &[Hit], looks: &mut Vec<Look>) {
    let size = course.size;
    let half = dice.between(1, 30) * 3_600;
    let (unknown, bounded) = (dice.percent(20), dice.percent(25));
    // Some are looked at seldom while they pass from one bound to the next: what lies between is unknown.
    let leaps = bounded && dice.percent(50);
    let most = if leaps { 40_000 + dice.below(200_000) } else { dice.below(size * 3) + 10 };
    let views = Curve { most, half };
    let reposts = Curve { most: dice.below(size / 20 + 5), half };
    let comments = Curve { most: dice.below(size / 30 + 5), half };
    let mut at = course.seen;
    for nth in 0..dice.between(1, 9) {
        let age = at.duration_since(course.seen).as_secs() + course.age.unwrap_or(3_600);
        let dip = if dice.percent(5) { dice.below(100) } else { 0 };
        let shown = |count: u64| match BOUNDS.into_iter().find(|bound| bounded && count > *bound) {
            Some(bound) => Count::at_least(bound),
            None => Count::exact(count.saturating_sub(dip)),
        };
        let mut counters = Counters {
            views: Some(shown(views.at(age))),
            reposts: Some(Count::exact(reposts.at(age).saturating_sub(dip))),
            comments: Some(Count::exact(comments.at(age))),
            likes: None,
        };
        if unknown || dice.percent(10) {
            counters.views = None;
        }
        if dice.percent(20) {
            counters.reposts = None;
        }
        if dice.percent(15)
            && let Some(limit) = dice.pick(course.limits)
        {
            counters.reposts = Some(Count::exact(limit + dice.below(2)));
        }
        let late = if dice.percent(8) { dice.between(60, 7_200) } else { 0 };
        looks.push(Look {
            at: at + SignedDuration::from_secs(late),
            story: course.story,
            free: course.free,
            mention: Mention {
                source: post.key.site.clone(),
                post: post.clone(),
                seen_at: at,
                counters,
                own_fetch: false,
                first_round: course.first_round && nth == 0,
                hits: hits.to_vec(),
            },
        });
        at += SignedDuration::from_secs(dice.between(300, 6 * 3_600));
        if dice.percent(4) {
            at += SignedDuration::from_hours(dice.between(24, 200));
        } else if leaps {
            at += SignedDuration::from_hours(dice.between(20, 30));
        }
    }
}
