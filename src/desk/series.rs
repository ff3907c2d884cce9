//! V(t): one counter of one post over time (SEMANTICS 1, 6).
//!
//! Points are (observed at, greatest count so far). Between points runs a straight line; before the
//! first point the value is 0, after the last it stays level. When the publication time is known,
//! (published, 0) is the first point. Points may arrive in any order; the series is the same.

use jiff::Timestamp;

use super::exact::Exact;
use crate::model::{Count, Exactness};

/// A value of the series at an instant, and how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The value.
    pub value: Exact,
    /// Exact, shortened, or resting on a lower bound.
    pub exactness: Exactness,
}

/// One counter of one post.
#[derive(Debug, Clone, Default)]
pub struct Series {
    start: Option<Timestamp>,
    points: Vec<(Timestamp, Count)>,
}

impl Series {
    /// A series that begins with 0 at `published`, when that is known.
    #[must_use]
    pub fn starting(published: Option<Timestamp>) -> Self {
        Self { start: published, points: Vec::new() }
    }

    /// Learns the publication time.
    pub fn set_start(&mut self, published: Option<Timestamp>) {
        self.start = published;
    }

    /// Adds what was seen at `at`. Of two looks at the same instant the greater count stays.
    pub fn observe(&mut self, at: Timestamp, count: Count) {
        match self.points.binary_search_by_key(&at, |point| point.0) {
            Ok(same) => {
                if let Some(point) = self.points.get_mut(same) {
                    point.1 = point.1.max(count);
                }
            }
            Err(place) => self.points.insert(place, (at, count)),
        }
    }

    /// Whether anything was ever counted.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.points.is_empty()
    }

    /// The greatest count seen.
    #[must_use]
    pub fn top(&self) -> Option<Count> {
        self.points.iter().map(|point| point.1).fold(None, higher)
    }

    /// V(t). `None` when nothing was ever counted.
    #[must_use]
    pub fn at(&self, t: Timestamp) -> Option<Reading> {
        let (_, first) = self.points.first()?;
        let zero = Reading { value: Exact::whole(0), exactness: Exactness::Exact };
        let (mut from_at, mut from) = match self.start {
            Some(start) if t < start => return Some(zero),
            Some(start) => (start, Count::exact(0)),
            None => (self.points.first()?.0, *first),
        };
        for &(at, count) in &self.points {
            let to = higher(Some(from), count).unwrap_or(count);
            if at > t {
                if self.start.is_none() && self.points.first().is_some_and(|point| t < point.0) {
                    return Some(zero);
                }
                return Some(between((from_at, from), (at, to), t));
            }
            (from_at, from) = (at, to);
        }
        Some(Reading { value: Exact::whole(from.value), exactness: from.exactness })
    }

    /// The last value: V(now) when `now` is not before the last look.
    #[must_use]
    pub fn latest(&self) -> Option<Reading> {
        self.at(Timestamp::MAX)
    }

    /// Forgets points that no window from `horizon` on can need: all before the last one at or before it.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        let keep_from = self.points.partition_point(|point| point.0 <= horizon).saturating_sub(1);
        if keep_from > 0 {
            let top = self.points.iter().take(keep_from).map(|point| point.1).fold(None, higher);
            self.points.drain(..keep_from);
            if let (Some(top), Some(point)) = (top, self.points.first_mut()) {
                point.1 = higher(Some(top), point.1).unwrap_or(point.1);
            }
        }
    }
}

/// The greater count. A bound seen after a greater exact number leaves the number but makes it a bound:
/// the site no longer says how far it has grown.
fn higher(top: Option<Count>, next: Count) -> Option<Count> {
    Some(match top {
        None => next,
        Some(top) if next.value > top.value => next,
        Some(top) if next.is_bound() => Count::at_least(top.value),
        Some(top) if next.value == top.value && !next.is_bound() => next,
        Some(top) => top,
    })
}

fn between(from: (Timestamp, Count), to: (Timestamp, Count), t: Timestamp) -> Reading {
    let (start, end) = (from.0.as_microsecond(), to.0.as_microsecond());
    let span = u64::try_from(end.saturating_sub(start)).unwrap_or(0);
    let gone = u64::try_from(t.as_microsecond().saturating_sub(start)).unwrap_or(0).min(span);
    let rise = to.1.value.saturating_sub(from.1.value);
    if span == 0 || gone == 0 || rise == 0 {
        return Reading { value: Exact::whole(from.1.value), exactness: from.1.exactness };
    }
    let product = u128::from(rise) * u128::from(gone);
    let whole = u64::try_from(product / u128::from(span)).unwrap_or(u64::MAX);
    let part = u64::try_from(product % u128::from(span)).unwrap_or(0);
    let value = Exact { whole: from.1.value.saturating_add(whole), part, of: span };
    Reading { value, exactness: from.1.exactness.max(to.1.exactness) }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n)
    }

    fn value(series: &Series, at: Timestamp) -> Option<u64> {
        series.at(at).map(|reading| reading.value.whole)
    }

    #[test]
    fn draws_straight_lines_and_stays_level_through_dips() {
        let mut series = Series::starting(Some(hour(0)));
        series.observe(hour(10), Count::exact(1_000));
        series.observe(hour(20), Count::exact(400));
        series.observe(hour(30), Count::exact(2_000));
        let values: Vec<_> = [-1, 0, 5, 10, 20, 25, 30, 99].map(|h| value(&series, hour(h))).into();
        let want = [0, 0, 500, 1_000, 1_000, 1_500, 2_000, 2_000].map(Some);
        assert_eq!(values, want);
    }

    #[test]
    fn unknown_age_jumps_at_first_sight() {
        let mut series = Series::starting(None);
        series.observe(hour(10), Count::exact(1_000));
        assert_eq!(value(&series, hour(9)), Some(0));
        assert_eq!(value(&series, hour(10)), Some(1_000));
        assert_eq!(Series::default().at(hour(1)), None);
    }
}
