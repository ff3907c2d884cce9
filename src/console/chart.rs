//! The heat curve of an incident: daily views and reposts over time with the plan's thresholds, as
//! points for a drawing that the template makes. A square-root scale keeps 1,000 and 50,000 readable in
//! one picture.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::view::{When, tier_class};
use crate::{
    locale::grouped,
    model::{Clauses, Count, ObservationRow, PostRow, Role},
    store::IncidentView,
};

const LEFT: f64 = 8.0;
const RIGHT: f64 = 472.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 146.0;
/// Points drawn.
const STEPS: u32 = 96;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// One curve, ready to draw.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Chart {
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
    /// First and last instant in words.
    pub from: String,
    /// Last instant in words.
    pub to: String,
}

/// A threshold as a line across.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Threshold {
    /// Height of the line.
    pub y: String,
    /// Height of its label.
    pub label_y: String,
    /// `重大 10,000`.
    pub label: String,
    /// Colour class.
    pub class: &'static str,
}

impl Chart {
    /// The curves of an incident: views, and reposts where a site has them. A curve without any known
    /// number is left out.
    pub fn of(view: &IncidentView, when: &When) -> Vec<Self> {
        let views = Series::new(view, |_| true, |seen| seen.views);
        let is_counted_root = |row: &PostRow| row.role == Role::Root && row.post.site_kind.counts_reposts();
        let reposts = Series::new(view, is_counted_root, |seen| seen.reposts);
        let daily = |series: &Series, at: Timestamp| series.sum(at, Some(DAY));
        let total = |series: &Series, at: Timestamp| series.sum(at, None);
        let titles = [when.locale.pick("24 小时浏览", "views in 24 h"), when.locale.pick("转发", "reposts")];
        let drawn = [
            views.draw(view, when, titles[0], |clauses| clauses.views_over, daily),
            reposts.draw(view, when, titles[1], |clauses| clauses.reposts_over, total),
        ];
        drawn.into_iter().flatten().collect()
    }
}

/// The counts of several posts over time: one ascending list a post.
struct Series {
    posts: Vec<Vec<(Timestamp, f64)>>,
}

impl Series {
    fn new(
        view: &IncidentView,
        wanted: impl Fn(&PostRow) -> bool,
        count: impl Fn(&ObservationRow) -> Option<Count>,
    ) -> Self {
        let rows = view.posts.iter().filter(|row| wanted(row) && row.role != Role::Reaction);
        let posts =
            rows.map(|row| points(row, &view.observations, &count)).filter(|points| !points.is_empty());
        Self { posts: posts.collect() }
    }

    /// What all posts have at `at`, less what they had a window before.
    fn sum(&self, at: Timestamp, window: Option<SignedDuration>) -> f64 {
        let before = window.and_then(|window| at.checked_sub(window).ok());
        let grown = |points: &Vec<_>| value(points, at) - before.map_or(0.0, |before| value(points, before));
        self.posts.iter().map(grown).sum::<f64>().max(0.0)
    }

    fn draw(
        &self,
        view: &IncidentView,
        when: &When,
        title: &'static str,
        threshold: impl Fn(&Clauses) -> Option<u64>,
        at: impl Fn(&Self, Timestamp) -> f64,
    ) -> Option<Chart> {
        let from = self.posts.iter().filter_map(|points| points.first()).map(|(at, _)| *at).min()?;
        let to = self.posts.iter().filter_map(|points| points.last()).map(|(at, _)| *at).max()?;
        let span = to.duration_since(from).max(SignedDuration::from_secs(1));
        let values: Vec<f64> = (0..=STEPS)
            .map(|step| from.saturating_add(span * i32::try_from(step).unwrap_or(0) / 96).unwrap_or(to))
            .map(|instant| at(self, instant))
            .collect();
        let tiers = &view.incident.plan.tiers;
        let limits: Vec<_> =
            tiers.iter().filter_map(|tier| Some((tier, threshold(&tier.clauses)?))).collect();
        let highest_limit = limits.iter().map(|(_, limit)| *limit).max().unwrap_or(0);
        let ceiling = values.iter().copied().fold(to_float(highest_limit), f64::max) * 1.25 + 1.0;
        let height = |value: f64| BOTTOM - (BOTTOM - TOP) * (value / ceiling).sqrt();
        let points: Vec<(f64, f64)> = (0..=STEPS)
            .zip(&values)
            .map(|(step, value)| (LEFT + (RIGHT - LEFT) * f64::from(step) / f64::from(STEPS), height(*value)))
            .collect();
        let line = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
        let (end, last) = (points.last()?, values.last()?);
        Some(Chart {
            title,
            last: grouped(to_whole(*last)),
            area: format!("{LEFT:.1},{BOTTOM:.1} {line} {RIGHT:.1},{BOTTOM:.1}"),
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
            from: when.time(from),
            to: when.time(to),
        })
    }
}

/// The points of one post: the greatest count so far at each look. A post whose publication is known
/// begins at 0 there; what backlog had before its first sight does not count.
fn points(
    row: &PostRow,
    observations: &[ObservationRow],
    count: impl Fn(&ObservationRow) -> Option<Count>,
) -> Vec<(Timestamp, f64)> {
    let mut seen: Vec<(Timestamp, u64)> = observations
        .iter()
        .filter(|observation| observation.post == row.post.key)
        .filter_map(|observation| Some((observation.at, count(observation)?.value)))
        .collect();
    seen.sort_unstable();
    let base = if row.backlog { seen.first().map_or(0, |(_, count)| *count) } else { 0 };
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
    points
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
