//! How old each rule is: a hit on a rule that is younger than the source's last round is a first sight of
//! old posts, not news (SEMANTICS 4).

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
    /// Notes the rules that were never in force before, at `now`.
    pub async fn learn(
        &self,
        matcher: &Matcher,
        store: &SharedStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys: Vec<String> = matcher.rules().map(|rule| key(rule.unit, rule.group, rule.rule)).collect();
        for key in keys {
            if self.lock().contains_key(&key) {
                continue;
            }
            let kept = store.value(&key).await?.and_then(|text| text.parse().ok());
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
