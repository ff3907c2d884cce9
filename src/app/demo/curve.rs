//! A counter as a function of the time since the demo began: straight lines between a few points.

use std::time::Duration;

/// Points of (since start, count), ascending in both. Before the first point the counter is 0, after
/// the last it stands still.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Curve(Vec<(Duration, u64)>);

impl Curve {
    /// A counter that never moves.
    #[must_use]
    pub fn level(count: u64) -> Self {
        Self(vec![(Duration::ZERO, count)])
    }

    /// A counter through these points of (milliseconds since start, count). Points are put in order
    /// of time; a count never falls below an earlier one, as on a real site.
    #[must_use]
    pub fn through(points: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut points: Vec<_> =
            points.into_iter().map(|(at, count)| (Duration::from_millis(at), count)).collect();
        points.sort_unstable();
        let mut highest = 0;
        for (_, count) in &mut points {
            highest = highest.max(*count);
            *count = highest;
        }
        Self(points)
    }

    /// The count at this time since start.
    #[must_use]
    pub fn at(&self, since_start: Duration) -> u64 {
        let mut before: Option<(Duration, u64)> = None;
        for &(at, count) in &self.0 {
            if since_start < at {
                return before.map_or(0, |from| between(from, (at, count), since_start));
            }
            before = Some((at, count));
        }
        before.map_or(0, |(_, count)| count)
    }
}

fn between(from: (Duration, u64), to: (Duration, u64), now: Duration) -> u64 {
    let span = to.0.saturating_sub(from.0).as_millis();
    let gone = now.saturating_sub(from.0).as_millis();
    let rise = u128::from(to.1.saturating_sub(from.1));
    let part = (rise * gone).checked_div(span).unwrap_or(rise);
    from.1.saturating_add(u64::try_from(part).unwrap_or(u64::MAX))
}
