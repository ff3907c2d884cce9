//! How old each rule is: a hit on a rule that is younger than the source's last round is a first sight of
//! old posts, not news (SEMANTICS 4).
//!
//! A rule of a topic watch is as old as the topic's beginning, for before that nothing was looked for; so a
//! topic that is held again next year is young again.

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

/// When a rule came into force.
#[derive(Clone, Copy)]
struct Age {
    /// When it was seen first.
    first_at: Timestamp,
    /// Start of the topic that it belongs to.
    topic_from: Option<Timestamp>,
}

impl Age {
    fn since(self) -> Timestamp {
        self.topic_from.map_or(self.first_at, |from| from.max(self.first_at))
    }
}

/// The age of each rule, by the name of its value in the store.
#[derive(Default)]
pub(super) struct Ages(Mutex<HashMap<String, Age>>);

impl Ages {
    /// Notes the rules that were never in force before, at `now`.
    pub async fn learn(
        &self,
        matcher: &Matcher,
        store: &SharedStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (key, topic_from) in keys(matcher) {
            if let Some(age) = self.lock().get_mut(&key) {
                age.topic_from = topic_from;
                continue;
            }
            let kept = store.value(&key).await?.and_then(|text| text.parse().ok());
            let first_at = match kept {
                Some(at) => at,
                None => {
                    store.set_value(&key, now.to_string()).await?;
                    now
                }
            };
            self.lock().insert(key, Age { first_at, topic_from });
        }
        Ok(())
    }

    /// Whether every rule that was met came into force after `at`.
    pub fn all_younger(&self, hits: &[Hit], at: Timestamp) -> bool {
        let ages = self.lock();
        let younger =
            |hit: &Hit| ages.get(&key(&hit.unit, &hit.group, &hit.rule)).is_some_and(|age| age.since() > at);
        !hits.is_empty() && hits.iter().all(younger)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Age>> {
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
