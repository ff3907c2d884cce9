//! Replays curves through the real desk, looking when collect would look, and holds what was foretold
//! against what came.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    reason = "minutes and counts of two days"
)]

#[path = "../common/hit.rs"]
mod hit;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    collect::wait_after,
    config::{Folder, plan_named},
    desk::{Change, Desk, Input, Restored, Setup},
    locale::Locale,
    model::{Count, Counters, Incident, Mention, Plan, Post, PostKey, Precision, Published, SiteKind, Unit},
};

use super::curves::{Curve, Dice};

const UNIT: &str = "青川县人民医院";
/// What a forecast is good for: somebody can act before the tier is reached.
pub const AHEAD: i64 = 15;
/// Minutes that a curve is followed for.
const LENGTH: i64 = 48 * 60;
/// Shortest span between two looks, as the shipped presets have it.
const FORUM_LOOKS: SignedDuration = SignedDuration::from_mins(10);
const MICROBLOG_LOOKS: SignedDuration = SignedDuration::from_mins(5);

/// A threshold that a curve crossed.
#[derive(Debug, Clone)]
pub struct Crossing {
    pub family: &'static str,
    /// Minutes from the first sight to the true crossing.
    pub after_first_sight: i64,
    /// Minutes ahead at which the forecast that stood at the crossing had begun; `None` when none stood.
    pub lead: Option<i64>,
    /// Minutes from the true crossing to the look that showed it.
    pub seen_late: Option<i64>,
}

/// A forecast from its beginning to its end.
#[derive(Debug, Clone)]
pub struct Foretold {
    pub curve: String,
    pub family: &'static str,
    pub rank: usize,
    /// Minutes of the curve.
    pub from: i64,
    /// Within so many minutes, as it was told first.
    pub within: i64,
    /// Until when it stood.
    pub until: i64,
    /// When the tier was truly reached.
    pub came: Option<i64>,
}

impl Foretold {
    /// True when the tier came in twice the time that was told, and half an hour.
    pub fn is_true(&self) -> bool {
        self.came.is_some_and(|came| came <= self.from + 2 * self.within + 30)
    }
}

/// What a replay gave.
#[derive(Debug, Default)]
pub struct Score {
    pub curves: usize,
    pub looks: usize,
    pub crossings: Vec<Crossing>,
    pub foretold: Vec<Foretold>,
}

impl Score {
    /// Share of crossings foretold [`AHEAD`] minutes ahead or more, in percent, of those that came at least
    /// `after` minutes after first sight.
    pub fn share_foretold(&self, after: i64) -> f64 {
        let counted: Vec<_> = self.crossings.iter().filter(|one| one.after_first_sight >= after).collect();
        percent(
            counted.iter().filter(|one| one.lead.is_some_and(|lead| lead >= AHEAD)).count(),
            counted.len(),
        )
    }

    /// Share of forecasts that were false, in percent.
    pub fn share_false(&self) -> f64 {
        percent(self.foretold.iter().filter(|one| !one.is_true()).count(), self.foretold.len())
    }

    /// Median lead of the crossings that were foretold, in minutes.
    pub fn median_lead(&self) -> i64 {
        median(self.crossings.iter().filter_map(|one| one.lead).collect())
    }

    /// Median minutes from a true crossing to the look that showed it, and the longest.
    pub fn seen_late(&self) -> (i64, i64) {
        let late: Vec<i64> = self.crossings.iter().filter_map(|one| one.seen_late).collect();
        (median(late.clone()), late.into_iter().max().unwrap_or(0))
    }

    /// The part of one family.
    pub fn of_family(&self, family: &str) -> Self {
        Self {
            curves: 0,
            looks: 0,
            crossings: self.crossings.iter().filter(|one| one.family == family).cloned().collect(),
            foretold: self.foretold.iter().filter(|one| one.family == family).cloned().collect(),
        }
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn median(mut of: Vec<i64>) -> i64 {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or(0)
}

/// Replays all curves.
pub fn replay(curves: &[Curve]) -> Score {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").expect("a shipped plan"));
    let mut score = Score::default();
    for curve in curves {
        Run::new(curve, &plan).go(&mut score);
    }
    score
}

/// When a post is looked at.
struct Watched {
    key: PostKey,
    next: f64,
    greatest: u64,
    stale: u32,
}

struct Run<'a> {
    curve: &'a Curve,
    plan: Arc<Plan>,
    desk: Desk,
    dice: Dice,
    watched: Vec<Watched>,
    incident: Option<Incident>,
    standing: Vec<Foretold>,
    reached: BTreeMap<usize, i64>,
    seen: BTreeMap<usize, i64>,
    first_sight: i64,
}

fn begin() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().expect("a literal")
}

fn instant(minutes: f64) -> Timestamp {
    let seconds = (minutes * 60.0) as i64;
    begin() + SignedDuration::from_secs(seconds)
}

fn minutes_at(at: Timestamp) -> f64 {
    at.duration_since(begin()).as_secs() as f64 / 60.0
}

impl<'a> Run<'a> {
    fn new(curve: &'a Curve, plan: &Arc<Plan>) -> Self {
        let unit =
            Unit { name: UNIT.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
        let setup = Setup { units: vec![(unit, Arc::clone(plan))], locale: Locale::ZhCn, ..Setup::default() };
        let mut dice = Dice::new(curve.seed + 77);
        let watched: Vec<Watched> = curve
            .posts
            .iter()
            .enumerate()
            .map(|(nth, post)| Watched {
                key: PostKey { site: format!("site{nth}"), id: "1".to_owned() },
                next: post.published + dice.between(2.0, 25.0),
                greatest: 0,
                stale: 0,
            })
            .collect();
        let first = watched.iter().map(|post| post.next).fold(f64::INFINITY, f64::min);
        let mut run = Self {
            curve,
            plan: Arc::clone(plan),
            desk: Desk::new(setup, Restored::default(), begin()),
            dice,
            watched,
            incident: None,
            standing: Vec::new(),
            reached: BTreeMap::new(),
            seen: BTreeMap::new(),
            first_sight: first.ceil() as i64,
        };
        run.reached = run.truth();
        run
    }

    /// When each alerting tier was truly reached, by the minute.
    fn truth(&self) -> BTreeMap<usize, i64> {
        let mut reached = BTreeMap::new();
        for minute in 0..LENGTH {
            let figure = |at: f64| -> f64 {
                self.curve.posts.iter().map(|post| (post.figure)(at - post.published).floor()).sum()
            };
            let now = minute as f64;
            let gone = if self.curve.reposts { 0.0 } else { figure(now - 1_440.0) };
            for tier in self.plan.tiers.iter().filter(|tier| tier.telling.alerts()) {
                let clauses = &tier.clauses;
                let threshold = if self.curve.reposts { clauses.reposts_over } else { clauses.views_over };
                if threshold.is_some_and(|threshold| figure(now) - gone > threshold as f64) {
                    reached.entry(tier.rank).or_insert(minute);
                }
            }
        }
        reached
    }

    fn go(mut self, score: &mut Score) {
        score.curves += 1;
        while let Some((nth, at)) = self.next_look() {
            if at >= LENGTH as f64 {
                break;
            }
            self.look(nth, at);
            score.looks += 1;
            self.judge(at, score);
            self.plan_looks(nth, at);
        }
        for last in self.standing.drain(..) {
            // Still standing at the end of the curve: nobody knows.
            if last.from + 2 * last.within + 30 < LENGTH || last.is_true() {
                score.foretold.push(last);
            }
        }
        for (&rank, &at) in &self.reached {
            let after_first_sight = at - self.first_sight;
            if after_first_sight < 0 {
                continue;
            }
            let stood = score.foretold.iter().rev().take_while(|one| one.curve == self.curve.name);
            let lead = stood
                .filter(|one| one.rank == rank && one.from <= at && one.until >= at)
                .map(|one| at - one.from)
                .max();
            score.crossings.push(Crossing {
                family: self.curve.family,
                after_first_sight,
                lead,
                seen_late: self.seen.get(&rank).map(|seen| seen - at),
            });
        }
    }

    fn next_look(&self) -> Option<(usize, f64)> {
        let looks = self.watched.iter().enumerate().map(|(nth, post)| (nth, post.next));
        looks.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn look(&mut self, nth: usize, at: f64) {
        let (Some(post), Some(watched)) = (self.curve.posts.get(nth), self.watched.get_mut(nth)) else {
            return;
        };
        let figure = (post.figure)(at - post.published) as u64;
        watched.stale = if figure > watched.greatest { 0 } else { watched.stale + 1 };
        watched.greatest = watched.greatest.max(figure);
        let mention = mention(&watched.key, self.curve.reposts, post.published, at, figure);
        let changes =
            self.desk.take(&Input::Mention(Box::new(mention)), instant(at)).expect("a look is taken");
        for change in changes {
            if let Change::Incident(row) = change {
                self.incident = Some(*row);
            }
        }
    }

    /// Plans the looks as collect does, each a little late.
    fn plan_looks(&mut self, looked: usize, at: f64) {
        let live = self.desk.live_set();
        let base = if self.curve.reposts { MICROBLOG_LOOKS } else { FORUM_LOOKS };
        for (nth, watched) in self.watched.iter_mut().enumerate() {
            let Some(post) = live.followed().iter().find(|post| post.key == watched.key) else { continue };
            let due = post.last_seen_at + wait_after(base, post, post.last_seen_at, watched.stale);
            let late = self.dice.between(0.0, 2.0);
            if instant(at) >= post.until {
                watched.next = f64::INFINITY;
            } else if nth == looked {
                watched.next = (minutes_at(due) + late).max(at + 0.5);
            } else {
                // Another post's growth brings this one's look forward, never back.
                watched.next = watched.next.min((minutes_at(due) + late).max(at + 0.5));
            }
        }
    }

    fn judge(&mut self, at: f64, score: &mut Score) {
        let Some(incident) = &self.incident else { return };
        let minute = at.floor() as i64;
        for rank in 0..=incident.rank {
            if incident.epoch > 0 {
                self.seen.entry(rank).or_insert(minute);
            }
        }
        let told = &incident.outlook.forecasts;
        let (stands, ended): (Vec<_>, Vec<_>) =
            self.standing.drain(..).partition(|one| told.iter().any(|now| now.rank == one.rank));
        self.standing = stands;
        score.foretold.extend(ended.into_iter().map(|one| Foretold { until: minute, ..one }));
        for one in told {
            if !self.standing.iter().any(|known| known.rank == one.rank) {
                self.standing.push(Foretold {
                    curve: self.curve.name.clone(),
                    family: self.curve.family,
                    rank: one.rank,
                    from: minute,
                    within: (minutes_at(one.at) - at).ceil() as i64,
                    until: LENGTH,
                    came: self.reached.get(&one.rank).copied(),
                });
            }
        }
    }
}

fn mention(key: &PostKey, reposts: bool, published: f64, at: f64, figure: u64) -> Mention {
    let hit = hit::of_unit(UNIT);
    let figure = Some(Count::exact(figure));
    Mention {
        source: "replay".to_owned(),
        post: Post {
            key: key.clone(),
            site_kind: if reposts { SiteKind::Microblog } else { SiteKind::Forum },
            url: format!("https://{}.example/{}", key.site, key.id),
            title: String::new(),
            text: format!(
                "{UNIT}急诊排队三小时无人理会，家属在走廊等候，护士站说系统坏了没有办法处理，只好等到天亮。"
            ),
            quoted: String::new(),
            published: Some(Published { at: instant(published), precision: Precision::Minute }),
            repost_of: None,
            links: Vec::new(),
        },
        seen_at: instant(at),
        counters: Counters {
            views: figure.filter(|_| !reposts),
            reposts: figure.filter(|_| reposts),
            ..Counters::default()
        },
        own_fetch: false,
        first_round: false,
        hits: vec![hit],
    }
}
