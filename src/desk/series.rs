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
    points: Vec<Point>,
}

/// What was seen at an instant, and the greatest count up to it.
#[derive(Debug, Clone, Copy)]
struct Point {
    at: Timestamp,
    seen: Count,
    top: Count,
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
        let place = match self.points.binary_search_by_key(&at, |point| point.at) {
            Ok(same) => {
                if let Some(point) = self.points.get_mut(same) {
                    point.seen = point.seen.max(count);
                }
                same
            }
            Err(place) => {
                if self.points.len() == self.points.capacity() {
                    // By half rather than to twice as many: of very many posts only a look or two is known.
                    self.points.reserve_exact(self.points.len() / 2 + 1);
                }
                self.points.insert(place, Point { at, seen: count, top: count });
                place
            }
        };
        let mut top = place.checked_sub(1).and_then(|before| self.points.get(before)).map(|point| point.top);
        for point in self.points.iter_mut().skip(place) {
            point.top = higher(top, point.seen);
            top = Some(point.top);
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
        self.points.last().map(|point| point.top)
    }

    /// V(t). `None` when nothing was ever counted.
    #[must_use]
    pub fn at(&self, t: Timestamp) -> Option<Reading> {
        let first = self.points.first()?;
        let zero = Reading { value: Exact::whole(0), exactness: Exactness::Exact };
        if self.start.map_or(t < first.at, |start| t < start) {
            return Some(zero);
        }
        let next = self.points.partition_point(|point| point.at <= t);
        let last = next.checked_sub(1).and_then(|last| self.points.get(last));
        let from = match (last, self.start) {
            (Some(last), _) => (last.at, last.top),
            (None, Some(start)) => (start, Count::exact(0)),
            (None, None) => return Some(zero),
        };
        Some(match self.points.get(next) {
            Some(to) => between(from, (to.at, to.top), t),
            None => Reading { value: Exact::whole(from.1.value), exactness: from.1.exactness },
        })
    }

    /// The last value: V(now) when `now` is not before the last look.
    #[must_use]
    pub fn latest(&self) -> Option<Reading> {
        self.at(Timestamp::MAX)
    }

    /// Points that it rests on; a known publication is one.
    #[must_use]
    pub fn points(&self) -> usize {
        self.points.len() + usize::from(self.start.is_some() && !self.points.is_empty())
    }

    /// From when on it is known: the publication, else the first look.
    #[must_use]
    pub fn begins(&self) -> Option<Timestamp> {
        let first = self.points.first()?.at;
        Some(self.start.map_or(first, |start| start.min(first)))
    }

    /// The last look.
    #[must_use]
    pub fn last_at(&self) -> Option<Timestamp> {
        self.points.last().map(|point| point.at)
    }

    /// The look that is `back` looks before the last.
    #[must_use]
    pub fn nth_last_at(&self, back: usize) -> Option<Timestamp> {
        self.points.iter().rev().nth(back).map(|point| point.at)
    }

    /// Forgets points that no window from `horizon` on can need: all before the last one at or before it.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        let keep_from = self.points.partition_point(|point| point.at <= horizon).saturating_sub(1);
        // In halves, so that a post looked at every second costs no more per look than any other.
        if keep_from * 2 > self.points.len() {
            self.points.drain(..keep_from);
            if let Some(point) = self.points.first_mut() {
                point.seen = point.top;
            }
        }
    }
}

/// The greater count. A bound seen after a greater exact number leaves the number but makes it a bound:
/// the site no longer says how far it has grown.
pub(super) fn higher(top: Option<Count>, next: Count) -> Count {
    match top {
        None => next,
        Some(top) if next.value > top.value => next,
        Some(top) if next.is_bound() => Count::at_least(top.value),
        Some(top) if next.value == top.value => next,
        Some(top) => top,
    }
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
