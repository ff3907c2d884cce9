//! The heat curve of an incident: one figure over time with the plan's thresholds and, on its own page, the changes of
//! its tier, as points: a card's template draws them itself, `svg` writes a drawing that stands on its own, `png` makes
//! a picture of that. A square-root scale keeps 1,000 and 50,000 readable in one picture.

mod png;
mod strokes;
mod svg;

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
pub use png::{NotDrawn, Picture};
use serde::Serialize;

use crate::{
    locale::{When, grouped, short_number},
    model::{Clauses, Count, Entry, ObservationRow, Plan, PostKey, PostRow, Role},
    store::IncidentView,
    text::clean,
};

/// Points drawn.
const STEPS: u32 = 96;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Changes of the tier that one drawing marks: the last ones.
const MARKS: usize = 9;
/// Looks that are tried for the first over a limit.
const LOOKS: usize = 2_000;

/// The measures of a drawing.
#[derive(Debug, Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// On a card, and on the incident's own page.
const SMALL: Frame = Frame { left: 8.0, right: 472.0, top: 14.0, bottom: 146.0 };
const LARGE: Frame = Frame { left: 52.0, right: 948.0, top: 34.0, bottom: 286.0 };
/// On a paper that has only one page.
const FLAT: Frame = Frame { bottom: 160.0, ..LARGE };

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Views in the 24 hours before each instant.
    Views,
    /// Reposts of root posts.
    Reposts,
    /// Comments.
    Comments,
    /// Sites on which it stands.
    Sites,
}

impl Figure {
    /// All of them, by the name that an address has for them.
    pub const ALL: [(&'static str, Self); 4] = [
        ("views", Self::Views),
        ("reposts", Self::Reposts),
        ("comments", Self::Comments),
        ("sites", Self::Sites),
    ];

    /// The figure of a name.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == id).map(|(_, figure)| *figure)
    }

    /// Its word on the switch.
    #[must_use]
    pub fn word(self, when: &When) -> &'static str {
        match self {
            Self::Views => when.locale.pick("浏览", "Views"),
            Self::Reposts => when.locale.pick("转发", "Reposts"),
            Self::Comments => when.locale.pick("评论", "Comments"),
            Self::Sites => when.locale.pick("站点", "Sites"),
        }
    }

    /// What it counts, in words.
    #[must_use]
    pub fn title(self, when: &When) -> &'static str {
        match self {
            Self::Views => when.locale.pick("24 小时浏览", "views in 24 h"),
            Self::Reposts => when.locale.pick("转发", "reposts"),
            Self::Comments => when.locale.pick("评论", "comments"),
            Self::Sites => when.locale.pick("站点数", "sites"),
        }
    }

    /// What it was at an instant; `None` when nothing is known of it.
    #[must_use]
    pub fn at(self, view: &IncidentView, at: Timestamp) -> Option<u64> {
        let series = self.series(view);
        (!series.posts.is_empty()).then(|| to_whole(series.sum(at)))
    }

    /// The first look with a change at which it was over `limit`; of very many every so many are tried.
    #[must_use]
    pub fn first_over(self, view: &IncidentView, limit: u64) -> Option<Timestamp> {
        let series = self.series(view);
        let mut looks: Vec<Timestamp> = series.posts.iter().flatten().map(|(at, _)| *at).collect();
        looks.sort_unstable();
        looks.dedup();
        let every = looks.len().div_ceil(LOOKS).max(1);
        looks.into_iter().step_by(every).find(|at| to_whole(series.sum(*at)) > limit)
    }

    /// The plan's threshold for it.
    #[must_use]
    pub fn threshold(self, clauses: &Clauses) -> Option<u64> {
        match self {
            Self::Views => clauses.views_over,
            Self::Reposts => clauses.reposts_over,
            Self::Comments => clauses.comments_over,
            Self::Sites => clauses.sites_at_least.map(u64::from),
        }
    }

    fn series(self, view: &IncidentView) -> Series {
        let is_counted_root = |row: &PostRow| row.role == Role::Root && row.post.site_kind.counts_reposts();
        match self {
            Self::Views => Series::new(view, |_| true, |seen| seen.views, Some(DAY), true),
            Self::Reposts => Series::new(view, is_counted_root, |seen| seen.reposts, None, true),
            Self::Comments => Series::new(view, |_| true, |seen| seen.comments, None, false),
            Self::Sites => Series::sites(view),
        }
    }
}

/// The colour class of a tier: by its id where that is a usual one, else by its place from the top.
#[must_use]
pub fn tier_class(plan: &Plan, rank: usize) -> &'static str {
    let tier = plan.tier(rank);
    match tier.id.as_str() {
        "critical" => "critical",
        "major" => "major",
        "elevated" => "elevated",
        "general" => "general",
        "minor" => "minor",
        _ => match plan.tiers.len().saturating_sub(1).saturating_sub(rank) {
            0 => "critical",
            1 => "major",
            2 => "elevated",
            3 => "general",
            _ => "minor",
        },
    }
}

/// One curve, ready to draw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// The last value in words.
    pub last: String,
    /// `x,y x,y…` of the curve.
    pub line: String,
    /// The same closed to the ground.
    pub area: String,
    /// Where the curve ends: x, y.
    pub end: (String, String),
    /// The plan's thresholds.
    pub thresholds: Vec<Threshold>,
    /// Changes of the tier.
    pub changes: Vec<Change>,
    /// Figures at the side: y, and the number.
    pub scale: Vec<(String, String)>,
    /// First and last instant in words.
    pub from: String,
    /// Last instant in words.
    pub to: String,
    /// Height of the ground line on the drawing.
    pub ground: u32,
}

/// A threshold as a line across.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threshold {
    /// Height of the line.
    pub y: String,
    /// Height of its label.
    pub label_y: String,
    /// `重大 10,000`.
    pub label: String,
    /// Colour class.
    pub class: &'static str,
}

/// A change of the tier as a line upright, with the number under which it is explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Where.
    pub x: String,
    /// From 1.
    pub number: usize,
    /// When, in words.
    pub at: String,
    /// What the timeline says.
    pub text: String,
    /// Colour class.
    pub class: &'static str,
}

impl Chart {
    /// The curves of a card: views, and reposts where a site has them. A curve without any known
    /// number is left out.
    #[must_use]
    pub fn of(view: &IncidentView, when: &When) -> Vec<Self> {
        let draw = |figure: Figure| figure.series(view).draw(view, when, figure, SMALL);
        [Figure::Views, Figure::Reposts].into_iter().filter_map(draw).collect()
    }

    /// One figure on the incident's own page; `None` when nothing is known of it.
    #[must_use]
    pub fn large(view: &IncidentView, when: &When, figure: Figure) -> Option<Self> {
        figure.series(view).draw(view, when, figure, LARGE)
    }

    /// The same, of three fifths of the height.
    #[must_use]
    pub fn flat(view: &IncidentView, when: &When, figure: Figure) -> Option<Self> {
        figure.series(view).draw(view, when, figure, FLAT)
    }
}

/// The counts of several posts over time: one ascending list a post.
struct Series {
    posts: Vec<Vec<(Timestamp, f64)>>,
    /// Only what was gained within this counts.
    window: Option<SignedDuration>,
    /// Whether a value stands until the next, without a slope.
    steps: bool,
}

impl Series {
    fn new(
        view: &IncidentView,
        wanted: impl Fn(&PostRow) -> bool,
        count: impl Fn(&ObservationRow) -> Option<Count>,
        window: Option<SignedDuration>,
        only_growth: bool,
    ) -> Self {
        let mut seen: HashMap<&PostKey, Vec<(Timestamp, u64)>> = HashMap::new();
        for look in &view.observations {
            if let Some(count) = count(look) {
                seen.entry(&look.post).or_default().push((look.at, count.value));
            }
        }
        let rows = view.posts.iter().filter(|row| wanted(row) && row.role != Role::Reaction);
        let grown = |row: &PostRow| row.backlog && only_growth;
        let posts =
            rows.filter_map(|row| Some(points(row, seen.remove(&row.post.key)?, grown(row)))).collect();
        Self { posts, window, steps: false }
    }

    /// One more with the first post of each site.
    fn sites(view: &IncidentView) -> Self {
        let mut first: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for row in view.posts.iter().filter(|row| row.role != Role::Reaction) {
            let at = first.entry(&row.post.key.site).or_insert(row.first_seen_at);
            *at = (*at).min(row.first_seen_at);
        }
        let last = view.observations.iter().map(|look| look.at).chain(first.values().copied()).max();
        let site = |at: &Timestamp| vec![(*at, 1.0), (last.unwrap_or(*at), 1.0)];
        Self { posts: first.values().map(site).collect(), window: None, steps: true }
    }

    /// What all posts have at `at`, less what they had a window before.
    fn sum(&self, at: Timestamp) -> f64 {
        let before = self.window.and_then(|window| at.checked_sub(window).ok());
        let value =
            |points: &[(Timestamp, f64)], at| if self.steps { step(points, at) } else { value(points, at) };
        let grown = |points: &Vec<_>| value(points, at) - before.map_or(0.0, |before| value(points, before));
        self.posts.iter().map(grown).sum::<f64>().max(0.0)
    }

    fn draw(&self, view: &IncidentView, when: &When, figure: Figure, frame: Frame) -> Option<Chart> {
        let from = self.posts.iter().filter_map(|points| points.first()).map(|(at, _)| *at).min()?;
        let to = self.posts.iter().filter_map(|points| points.last()).map(|(at, _)| *at).max()?;
        let span = to.duration_since(from).max(SignedDuration::from_secs(1));
        let values: Vec<f64> = (0..=STEPS)
            .map(|step| from.saturating_add(span * i32::try_from(step).unwrap_or(0) / 96).unwrap_or(to))
            .map(|instant| self.sum(instant))
            .collect();
        let tiers = &view.incident.plan.tiers;
        let limits: Vec<_> =
            tiers.iter().filter_map(|tier| Some((tier, figure.threshold(&tier.clauses)?))).collect();
        let highest_limit = limits.iter().map(|(_, limit)| *limit).max().unwrap_or(0);
        let ceiling = values.iter().copied().fold(to_float(highest_limit), f64::max) * 1.25 + 1.0;
        let height = |value: f64| frame.bottom - (frame.bottom - frame.top) * (value / ceiling).sqrt();
        let across = |share: f64| frame.left + (frame.right - frame.left) * share;
        let points: Vec<(f64, f64)> = (0..=STEPS)
            .zip(&values)
            .map(|(step, value)| (across(f64::from(step) / f64::from(STEPS)), height(*value)))
            .collect();
        let line = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
        let (end, last) = (points.last()?, values.last()?);
        let (left, right, ground) = (frame.left, frame.right, frame.bottom);
        Some(Chart {
            title: figure.title(when),
            last: grouped(to_whole(*last)),
            area: format!("{left:.1},{ground:.1} {line} {right:.1},{ground:.1}"),
            line,
            end: (format!("{:.1}", end.0), format!("{:.1}", end.1)),
            thresholds: limits
                .into_iter()
                .map(|(tier, limit)| Threshold {
                    y: format!("{:.1}", height(to_float(limit))),
                    label_y: format!("{:.1}", height(to_float(limit)) - 4.0),
                    label: format!("{} {}", tier.name, grouped(limit)),
                    class: tier_class(&view.incident.plan, tier.rank),
                })
                .collect(),
            changes: changes(view, when, |at| {
                let share = at.duration_since(from).as_secs_f64() / span.as_secs_f64();
                // What was decided just after the last look stands at the edge.
                (share >= -0.02).then(|| across(share.clamp(0.0, 1.0)))
            }),
            scale: [0.0, 0.1, 0.4, 0.9]
                .map(|share| {
                    let value = round(ceiling / 1.25 * share);
                    (format!("{:.1}", height(to_float(value))), short_number(value, when.locale))
                })
                .to_vec(),
            from: when.time(from),
            to: when.time(to),
            ground: u32::try_from(to_whole(ground)).unwrap_or_default(),
        })
    }
}

/// The timeline's changes of the tier, the last ones, where they lie on the drawing.
fn changes(view: &IncidentView, when: &When, place: impl Fn(Timestamp) -> Option<f64>) -> Vec<Change> {
    let kinds = ["opened", "tier", "overridden", "reopened", "corrected", "closed"];
    let told = view.entries.iter().filter(|entry| kinds.contains(&entry.kind.as_str()));
    let mut changes: Vec<(Timestamp, f64, &Entry)> =
        told.filter_map(|entry| Some((entry.at, place(entry.at)?, entry))).collect();
    changes.sort_by_key(|(at, ..)| *at);
    let older = changes.len().saturating_sub(MARKS);
    let plan = &view.incident.plan;
    let class = |entry: &Entry| {
        let name = entry.text.split([':', '：']).next().unwrap_or_default().trim();
        plan.tier_named(name).map_or("minor", |tier| tier_class(plan, tier.rank))
    };
    (1..)
        .zip(changes.into_iter().skip(older))
        .map(|(number, (at, x, entry))| Change {
            x: format!("{x:.1}"),
            number,
            at: when.time(at),
            text: clean(&entry.text),
            class: class(entry),
        })
        .collect()
}

/// A number with one digit that says something, for the scale.
fn round(value: f64) -> u64 {
    let whole = to_whole(value);
    let mut unit = 1_u64;
    while whole / unit >= 10 {
        unit = unit.saturating_mul(10);
    }
    whole / unit * unit
}

/// The value that stands since the last point.
fn step(points: &[(Timestamp, f64)], at: Timestamp) -> f64 {
    points.iter().rev().find(|(seen, _)| *seen <= at).map_or(0.0, |(_, value)| *value)
}

/// The points of one post: the greatest count so far at each look. A post whose publication is known
/// begins at 0 there; what backlog had before its first sight does not count.
fn points(row: &PostRow, mut seen: Vec<(Timestamp, u64)>, only_growth: bool) -> Vec<(Timestamp, f64)> {
    seen.sort_unstable();
    let base = if only_growth { seen.first().map_or(0, |(_, count)| *count) } else { 0 };
    let mut greatest = 0;
    let mut points: Vec<_> = seen
        .into_iter()
        .map(|(at, count)| {
            greatest = greatest.max(count.saturating_sub(base));
            (at, to_float(greatest))
        })
        .collect();
    if let (Some(published), Some((first, _)), false) = (row.published_at, points.first(), row.backlog)
        && published < *first
    {
        points.insert(0, (published, 0.0));
    }
    only_bends(points)
}

/// Without the points between two others of the same height: the line is the same, and what is asked of its points
/// does not depend on how often nothing had changed (`desk::thin` takes such looks out of what is archived).
fn only_bends(points: Vec<(Timestamp, f64)>) -> Vec<(Timestamp, f64)> {
    let mut bends: Vec<(Timestamp, f64)> = Vec::with_capacity(points.len());
    for point in points {
        let is_level = matches!(bends.as_slice(), [.., before, last] if is_same(before.1, last.1) && is_same(last.1, point.1));
        if is_level {
            bends.pop();
        }
        bends.push(point);
    }
    bends
}

fn is_same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}

/// The count at an instant: 0 before the first point, a straight line between two, level after the last.
fn value(points: &[(Timestamp, f64)], at: Timestamp) -> f64 {
    let after = points.partition_point(|(seen, _)| *seen <= at);
    let Some(&(t0, v0)) = after.checked_sub(1).and_then(|before| points.get(before)) else { return 0.0 };
    let Some(&(t1, v1)) = points.get(after) else { return v0 };
    let span = t1.duration_since(t0).as_secs_f64();
    if span <= 0.0 { v1 } else { v0 + (v1 - v0) * at.duration_since(t0).as_secs_f64() / span }
}

#[expect(clippy::cast_precision_loss, reason = "a drawing: a pixel is coarser than this")]
fn to_float(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "floored for show; casts saturate"
)]
fn to_whole(value: f64) -> u64 {
    value.max(0.0) as u64
}
