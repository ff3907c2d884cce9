//! How old each rule is: a hit on a rule that is younger than the source's last round is a first sight of
//! old posts, not news (SEMANTICS 4).
//!
//! A rule of a topic watch is not older than the topic's beginning, for before that nothing was looked for; so
//! a topic that is held again next year is young again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::{
    keyword::Matcher,
    model::Hit,
    store::{SharedStore, StoreError},
};

/// First sight of each rule, by the name of its value in the store.
#[derive(Default)]
pub(super) struct Ages(Mutex<HashMap<String, Timestamp>>);

impl Ages {
    /// Notes the rules that were never in force before, or not since their topic began, at `now`.
    pub async fn learn(
        &self,
        matcher: &Matcher,
        store: &SharedStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (key, from) in keys(matcher) {
            let holds = |at: &Timestamp| from.is_none_or(|from| *at >= from);
            if self.lock().get(&key).is_some_and(holds) {
                continue;
            }
            let kept = store.value(&key).await?.and_then(|text| text.parse().ok()).filter(holds);
            let at = match kept {
                Some(at) => at,
                None => {
                    store.set_value(&key, now.to_string()).await?;
                    now
                }
            };
            self.lock().insert(key, at);
        }
        Ok(())
    }

    /// Whether every rule that was met came into force after `at`.
    pub fn all_younger(&self, hits: &[Hit], at: Timestamp) -> bool {
        let ages = self.lock();
        !hits.is_empty()
            && hits
                .iter()
                .all(|hit| ages.get(&key(&hit.unit, &hit.group, &hit.rule)).is_some_and(|age| *age > at))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(unit: &str, group: &str, rule: &str) -> String {
    format!("rule/{unit}/{group}/{rule}")
}

/// The rules in force, with the start of their topic.
fn keys(matcher: &Matcher) -> Vec<(String, Option<Timestamp>)> {
    let mut keys = Vec::new();
    for list in matcher.lists() {
        let from = list.topic.as_ref().and_then(|topic| topic.from);
        for group in &list.groups {
            let rules = group.any.iter().chain(&group.required);
            keys.extend(rules.map(|rule| (key(&list.unit, &group.name, &rule.written), from)));
        }
    }
    keys
}
