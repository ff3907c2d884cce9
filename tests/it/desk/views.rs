//! V(t), the counter of one post over time (SEMANTICS 1), by properties.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use yuqing::{desk::Series, model::Count};

fn minute(n: i64) -> Timestamp {
    "2026-11-21T00:00:00+08:00".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(n)
}

fn series(start: Option<i64>, points: &[(i64, u64)]) -> Series {
    let mut series = Series::starting(start.map(minute));
    for &(at, count) in points {
        series.observe(minute(at), Count::exact(count));
    }
    series
}

/// A value as an exact fraction of integers.
fn exact(series: &Series, at: i64) -> (i128, i128) {
    let value = series.at(minute(at)).unwrap().value;
    (i128::from(value.whole) * i128::from(value.of) + i128::from(value.part), i128::from(value.of))
}

fn points() -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((0..5_000_i64, 0..200_000_u64), 1..12)
}

proptest! {
    #[test]
    fn never_falls_and_never_is_negative(points in points(), start in proptest::option::of(-3_000..0_i64), a in -4_000..6_000_i64, ahead in 0..4_000_i64) {
        let series = series(start, &points);
        let ((n, d), (m, e)) = (exact(&series, a), exact(&series, a + ahead));
        prop_assert!(n >= 0);
        prop_assert!(n * e <= m * d, "V fell from {n}/{d} to {m}/{e}");
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(points in points(), start in proptest::option::of(-3_000..0_i64), seed in any::<u64>(), t in -4_000..6_000_i64) {
        let mut shuffled = points.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        prop_assert_eq!(series(start, &points).at(minute(t)), series(start, &shuffled).at(minute(t)));
    }

    #[test]
    fn splitting_an_interval_changes_nothing(from in 0..1_000_u64, steps in 2..50_u64, per_step in 0..500_u64, cut in 1..49_u64, t in 0..3_000_i64) {
        let cut = cut.min(steps - 1);
        let (length, place) = (i64::try_from(steps).unwrap() * 60, i64::try_from(cut).unwrap() * 60);
        let whole = series(None, &[(0, from), (length, from + steps * per_step)]);
        let split = series(None, &[(0, from), (place, from + cut * per_step), (length, from + steps * per_step)]);
        let ((n, d), (m, e)) = (exact(&whole, t), exact(&split, t));
        prop_assert_eq!(n * e, m * d);
    }
}
