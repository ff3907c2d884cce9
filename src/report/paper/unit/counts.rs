//! Counts of a span beside those of the span before and of the year before: by tier, site, keyword group and unit.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

use super::{Counted, SpanRows};
use crate::{
    locale::{Locale, words as catalogue},
    text::clean,
};

/// Names of a count that are listed.
const NAMES: usize = 20;

/// A count by name, now and then.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CountLine {
    /// Of what.
    pub name: String,
    /// In this stretch.
    pub count: usize,
    /// In the stretch before.
    pub before: usize,
    /// In the same stretch of the year before.
    pub year_before: usize,
}

/// Counts by tier, the highest first.
pub(in crate::report) fn tiers(rows: &SpanRows) -> Vec<CountLine> {
    let mut counts: BTreeMap<(usize, String), [usize; 3]> = BTreeMap::new();
    for (nth, one) in all(rows) {
        if let Some(count) = counts.entry(one.tier.clone()).or_default().get_mut(nth) {
            *count += 1;
        }
    }
    counts.into_iter().map(|((_, name), counts)| line(clean(&name), counts)).collect()
}

/// Counts by site, the most frequent first; a case on two of them counts at both.
pub(in crate::report) fn sites(rows: &SpanRows, locale: Locale) -> Vec<CountLine> {
    counted(rows, |one| one.sites.iter().map(|site| clean(catalogue::site(site, locale))).collect())
}

/// Counts by keyword group, likewise.
pub(in crate::report) fn groups(rows: &SpanRows) -> Vec<CountLine> {
    counted(rows, |one| one.groups.iter().map(|group| clean(group)).collect())
}

pub(super) fn units(rows: &SpanRows) -> Vec<CountLine> {
    counted(rows, |one| vec![clean(&one.unit)])
}

/// What is counted of this stretch, of the one before and of the year before, which are 0, 1 and 2.
fn all(rows: &SpanRows) -> impl Iterator<Item = (usize, Cow<'_, Counted>)> {
    let now = rows.cases.iter().map(|case| (0, Cow::Owned(Counted::of(&case.incident))));
    let before = rows.before.iter().map(|one| (1, Cow::Borrowed(one)));
    now.chain(before).chain(rows.year_before.iter().map(|one| (2, Cow::Borrowed(one))))
}

/// Counts by names that a case may have several of; the most frequent first.
fn counted(rows: &SpanRows, names: impl Fn(&Counted) -> Vec<String>) -> Vec<CountLine> {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (nth, one) in all(rows) {
        for name in names(&one) {
            if let Some(count) = counts.entry(name).or_default().get_mut(nth) {
                *count += 1;
            }
        }
    }
    let mut lines: Vec<CountLine> =
        counts.into_iter().map(|(name, counts)| line(name, counts)).filter(|line| line.count > 0).collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.count), line.name.clone()));
    lines
}

/// As many as a paper lists.
pub(super) fn top(mut lines: Vec<CountLine>) -> Vec<CountLine> {
    lines.truncate(NAMES);
    lines
}

fn line(name: String, [count, before, year_before]: [usize; 3]) -> CountLine {
    CountLine { name, count, before, year_before }
}
