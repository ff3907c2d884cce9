//! The raw answer that a person may have to look at: kept beside the state of an ill source, one a
//! source, at most 256 KiB, and dropped when the source is well again (it may hold what nobody should
//! keep). It is a named value of the store, so that it is written, backed up and guarded like the rest.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    collect::{
        collector::Shared,
        facts::{Facts, evidence},
    },
    config::source::Source,
    store::{RAW_ANSWER, SourceState, StoreError},
};

pub(super) async fn keep(
    shared: &Shared,
    source: &Source,
    state: &SourceState,
    facts: &Facts,
    now: Timestamp,
) -> Result<(), StoreError> {
    let last = facts.last.as_ref();
    let kept = facts.evidence.clone().or_else(|| last.map(|last| evidence(last, now)));
    let Some(kept) = kept else { return Ok(()) };
    let value = json!({
        "url": kept.url,
        "at": kept.at,
        "status": kept.status,
        "content_type": kept.content_type,
        "health": state.health,
        "why": state.why,
        "body_base64": STANDARD.encode(&kept.body),
    });
    shared.parts.store.set_value(&format!("{RAW_ANSWER}{}", source.name), value.to_string()).await
}

pub(super) async fn forget(shared: &Shared, source: &Source) -> Result<(), StoreError> {
    let key = format!("{RAW_ANSWER}{}", source.name);
    if shared.parts.store.value(&key).await?.is_some_and(|value| !value.is_empty()) {
        shared.parts.store.set_value(&key, String::new()).await?;
    }
    Ok(())
}
