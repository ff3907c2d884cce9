//! Looks that can go (`desk::thin`), by properties: V(t) of what is left is the same at every instant, value and
//! exactness, whatever dipped, was not shown, or was a bound.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use yuqing::{
    desk::{
        Series,
        thin::{Counters, needed},
    },
    model::{Count, Exactness},
};

fn minute(n: i64) -> Timestamp {
    "2026-11-21T00:00:00+08:00".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(n)
}

/// Few values, so that stretches, dips and equal counts of another exactness are many.
fn count() -> impl Strategy<Value = Option<Count>> {
    let exactness =
        prop_oneof![6 => Just(Exactness::Exact), 1 => Just(Exactness::About), 1 => Just(Exactness::AtLeast)];
    let count = (0..6_u64, exactness).prop_map(|(value, exactness)| Count { value, exactness });
    proptest::option::weighted(0.8, count)
}

/// Looks by time: the gap before each, and what it shows.
pub fn looks() -> impl Strategy<Value = Vec<(i64, Counters)>> {
    let look = (1..500_i64, [count(), count(), count(), count()]);
    prop::collection::vec(look, 0..60).prop_map(|gaps| {
        let mut at = 0;
        let placed = gaps.into_iter().map(|(gap, counters)| {
            at += gap;
            (at, counters)
        });
        placed.collect()
    })
}

/// What is left of looks.
pub fn thinned(looks: &[(i64, Counters)]) -> Vec<(i64, Counters)> {
    let counters: Vec<Counters> = looks.iter().map(|(_, counters)| *counters).collect();
    looks.iter().zip(needed(&counters)).filter(|(_, stays)| *stays).map(|(look, _)| *look).collect()
}

fn series(looks: &[(i64, Counters)], counter: usize, start: Option<i64>) -> Series {
    let mut series = Series::starting(start.map(minute));
    for (at, counters) in looks {
        if let Some(count) = counters[counter] {
            series.observe(minute(*at), count);
        }
    }
    series
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_what_it_was(looks in looks(), start in proptest::option::of(-600..1_i64), more in prop::collection::vec(-700..31_000_i64, 8)) {
        let left = thinned(&looks);
        for counter in 0..4 {
            let (whole, thin) = (series(&looks, counter, start), series(&left, counter, start));
            prop_assert_eq!(whole.top(), thin.top());
            prop_assert_eq!(whole.begins(), thin.begins());
            prop_assert_eq!(whole.last_at(), thin.last_at());
            let edges = looks.iter().flat_map(|(at, _)| [*at - 1, *at, *at + 1]);
            for at in edges.chain(more.iter().copied()) {
                prop_assert_eq!(whole.at(minute(at)), thin.at(minute(at)), "counter {} at {}", counter, at);
            }
        }
    }

    #[test]
    fn it_is_done_once_and_keeps_the_ends(looks in looks()) {
        let left = thinned(&looks);
        prop_assert_eq!(&thinned(&left), &left);
        prop_assert_eq!(left.first(), looks.first());
        prop_assert_eq!(left.last(), looks.last());
        prop_assert!(left.iter().all(|look| looks.contains(look)));
    }
}

#[test]
fn most_looks_at_what_has_ended_go() {
    let grown = (0..50_i64).map(|n| (n * 10, [Some(Count::exact(n.unsigned_abs() * 7)), None, None, None]));
    let ended = (50..5_000).map(|n| (n * 10, [Some(Count::exact(343)), None, None, None]));
    let looks: Vec<(i64, Counters)> = grown.chain(ended).collect();
    let left = thinned(&looks);
    assert_eq!(left.len(), 51, "a slope is left alone, of what is level the ends stay");
    assert_eq!(thinned(&[]), []);
}
