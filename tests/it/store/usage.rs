//! How often rules hit, as every engine must keep it.

use jiff::{SignedDuration, Timestamp, civil::Date};
use yuqing::{
    model::{Looked, RuleHits, RuleId, RuleLine, RuleUse, UsageBatch},
    store::Store,
};

fn now() -> Timestamp {
    "2026-11-21T04:30:00Z".parse().unwrap()
}

fn day(before: i64) -> Date {
    "2026-11-21".parse::<Date>().unwrap().saturating_sub(jiff::Span::new().days(before))
}

fn id(group: &str, rule: &str) -> RuleId {
    RuleId { unit: "甲".into(), file: "甲.txt".into(), group: group.into(), rule: rule.into() }
}

fn line(group: &str, rule: &str, line: u32) -> RuleLine {
    RuleLine { rule: id(group, rule), line }
}

/// Hits of 词 so many hours ago.
fn hits(hours: i32, hits: u64) -> RuleHits {
    let last_at = now() - SignedDuration::from_hours(1) * hours;
    let hour = "2026-11-21T04:00:00Z".parse::<Timestamp>().unwrap() - SignedDuration::from_hours(1) * hours;
    RuleHits { rule: id("组", "词"), day: day(i64::from(hours / 24)), hour, hits, last_at }
}

fn looked(before: i64, posts: u64) -> Looked {
    Looked { unit: "甲".into(), day: day(before), posts }
}

/// All of it, each on a store of its own.
pub async fn all<S: Store>(empty: &mut impl FnMut() -> S) {
    counts_are_added_up(&empty()).await;
    a_rule_keeps_its_counts_when_its_line_moves_and_loses_them_with_itself(&empty()).await;
    what_is_too_old_is_forgotten(&empty()).await;
}

async fn add(store: &dyn Store, hits: Vec<RuleHits>, looked: Vec<Looked>) {
    store.add_usage(UsageBatch { hits, looked }).await.unwrap();
}

async fn the_rule(store: &dyn Store, days: i64) -> RuleUse {
    store.usage(now(), day(days)).await.unwrap().rules.remove(0)
}

async fn counts_are_added_up(store: &dyn Store) {
    store.keep_rules(vec![line("组", "词", 3), line("另", "词", 9)], now()).await.unwrap();
    add(store, vec![hits(2, 5)], vec![looked(0, 10)]).await;
    let unknown = RuleHits { rule: id("组", "没有"), ..hits(0, 9) };
    add(store, vec![unknown, hits(2, 2), hits(23, 4), hits(24, 8)], vec![looked(0, 5), looked(1, 1)]).await;
    add(store, Vec::new(), Vec::new()).await;
    let usage = store.usage(now(), day(30)).await.unwrap();
    assert_eq!(usage.looked, [looked(1, 1), looked(0, 15)]);
    let [used, other] = usage.rules.as_slice() else { panic!("{usage:?}") };
    assert_eq!((&used.rule, used.line, used.first_at), (&id("组", "词"), 3, now()));
    assert_eq!(used.last_hit_at, Some(hits(2, 1).last_at), "the latest, in whatever order they come");
    assert_eq!(used.last_24h, 11, "whole hours that began within the last 24");
    assert_eq!(used.days, [(day(1), 8), (day(0), 11)]);
    assert_eq!((other.last_24h, other.last_hit_at, other.days.len()), (0, None, 0), "the other group's word");
    let since = store.usage(now(), day(0)).await.unwrap();
    assert_eq!(since.rules[0].days, [(day(0), 11)]);
    assert_eq!(since.looked, [looked(0, 15)]);
}

async fn a_rule_keeps_its_counts_when_its_line_moves_and_loses_them_with_itself(store: &dyn Store) {
    let long_ago = now() - SignedDuration::from_hours(900);
    store.keep_rules(vec![line("组", "词", 3)], long_ago).await.unwrap();
    add(store, vec![hits(0, 5)], Vec::new()).await;
    store.keep_rules(vec![line("组", "新", 3), line("组", "词", 4)], now()).await.unwrap();
    let rules = store.usage(now(), day(30)).await.unwrap().rules;
    assert_eq!((rules[0].rule.rule.as_str(), rules[0].first_at), ("新", now()));
    assert_eq!((rules[1].line, rules[1].first_at, rules[1].last_24h), (4, long_ago, 5));
    store.keep_rules(vec![line("组", "新", 3)], now()).await.unwrap();
    store.keep_rules(vec![line("组", "新", 3), line("组", "词", 4)], now()).await.unwrap();
    let used = store.usage(now(), day(30)).await.unwrap().rules.remove(1);
    assert_eq!((used.last_24h, used.days.len(), used.last_hit_at, used.first_at), (0, 0, None, now()));
    store.keep_rules(Vec::new(), now()).await.unwrap();
    assert!(store.usage(now(), day(30)).await.unwrap().rules.is_empty());
}

async fn what_is_too_old_is_forgotten(store: &dyn Store) {
    store.keep_rules(vec![line("组", "词", 3)], now()).await.unwrap();
    add(store, vec![hits(401 * 24, 1), hits(400 * 24, 2)], vec![looked(401, 1), looked(400, 2)]).await;
    assert_eq!(the_rule(store, 500).await.days, [(day(401), 1), (day(400), 2)]);
    add(store, vec![hits(0, 3)], Vec::new()).await;
    let usage = store.usage(now(), day(500)).await.unwrap();
    assert_eq!(usage.rules[0].days, [(day(400), 2), (day(0), 3)]);
    assert_eq!(usage.looked, [looked(400, 2)]);
    assert_eq!(usage.rules[0].last_hit_at, Some(now()));
}
