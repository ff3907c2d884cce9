//! How often rules hit, in memory.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::tables::micros;
use crate::model::{Looked, RuleId, RuleLine, RuleUse, Usage, UsageBatch};

/// Days for which counts are kept.
const DAYS_KEPT: i64 = 400;
/// Hours are kept a day longer than they are shown.
const HOURS_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// What is called the last 24 hours.
const LAST_HOURS: SignedDuration = SignedDuration::from_hours(24);

/// Rules with their counts, and how many posts were looked at.
#[derive(Debug, Default)]
pub(super) struct UsageTables {
    rules: BTreeMap<RuleId, Counted>,
    looked: BTreeMap<(String, Date), u64>,
    number: u64,
}

#[derive(Debug)]
struct Counted {
    number: u64,
    line: u32,
    first_at: Timestamp,
    last_hit_at: Option<Timestamp>,
    days: BTreeMap<Date, u64>,
    hours: BTreeMap<Timestamp, u64>,
}

impl UsageTables {
    pub(super) fn keep_rules(&mut self, rules: Vec<RuleLine>, now: Timestamp) {
        let mut kept = BTreeMap::new();
        for RuleLine { rule, line } in rules {
            let known = kept.remove(&rule).or_else(|| self.rules.remove(&rule));
            let counted = known.unwrap_or_else(|| {
                self.number += 1;
                Counted {
                    number: self.number,
                    line,
                    first_at: micros(now),
                    last_hit_at: None,
                    days: BTreeMap::new(),
                    hours: BTreeMap::new(),
                }
            });
            kept.insert(rule, Counted { line: line.max(1), ..counted });
        }
        self.rules = kept;
    }

    pub(super) fn add(&mut self, batch: UsageBatch) {
        let days = batch.hits.iter().map(|hits| hits.day).chain(batch.looked.iter().map(|one| one.day));
        let newest_day = days.max();
        let newest_hour = batch.hits.iter().map(|hits| hits.hour).max();
        for hits in batch.hits {
            let Some(rule) = self.rules.get_mut(&hits.rule) else { continue };
            rule.last_hit_at = rule.last_hit_at.max(Some(micros(hits.last_at)));
            *rule.days.entry(hits.day).or_default() += hits.hits;
            *rule.hours.entry(micros(hits.hour)).or_default() += hits.hits;
        }
        for Looked { unit, day, posts } in batch.looked {
            *self.looked.entry((unit, day)).or_default() += posts;
        }
        if let Some(newest) = newest_day {
            let oldest = newest.saturating_sub(jiff::Span::new().days(DAYS_KEPT));
            self.looked.retain(|(_, day), _| *day >= oldest);
            self.rules.values_mut().for_each(|rule| rule.days.retain(|day, _| *day >= oldest));
        }
        if let Some(newest) = newest_hour {
            let oldest = newest.saturating_sub(HOURS_KEPT).unwrap_or(Timestamp::MIN);
            self.rules.values_mut().for_each(|rule| rule.hours.retain(|hour, _| *hour >= oldest));
        }
    }

    pub(super) fn usage(&self, now: Timestamp, from: Date) -> Usage {
        let since = now.saturating_sub(LAST_HOURS).unwrap_or(Timestamp::MIN);
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(rule, one)| (&rule.unit, &rule.file, one.line, one.number));
        let rules = rules.into_iter().map(|(rule, one)| RuleUse {
            rule: rule.clone(),
            line: one.line,
            first_at: one.first_at,
            last_hit_at: one.last_hit_at,
            last_24h: one
                .hours
                .iter()
                .filter(|(hour, _)| since < **hour && **hour <= now)
                .map(|(_, n)| n)
                .sum(),
            days: one.days.range(from..).map(|(day, hits)| (*day, *hits)).collect(),
        });
        let looked = self.looked.iter().filter(|((_, day), _)| *day >= from);
        Usage {
            rules: rules.collect(),
            looked: looked
                .map(|((unit, day), posts)| Looked { unit: unit.clone(), day: *day, posts: *posts })
                .collect(),
        }
    }
}
