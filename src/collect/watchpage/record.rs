//! What is kept of one page between looks: what later looks are compared with, what was told, what
//! changed. One JSON value a page in the store, bounded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use crate::{
    model::PostKey,
    store::{SharedStore, StoreError},
};

/// Changes remembered of a page.
const MOST_CHANGES: usize = 30;
/// Lines of one change, added and removed each.
const MOST_LINES: usize = 12;
/// Characters of such a line.
const LONGEST_LINE: usize = 120;

/// How a page is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageState {
    /// Not looked at yet.
    #[default]
    New,
    /// As it should be.
    Same,
    /// Changed, and somebody must accept it (`after_change = "approve"`).
    Waiting,
    /// Signs of tampering.
    Tampered,
    /// It cannot be had.
    Unreachable,
}

/// One change of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageChange {
    /// When it was seen. UTC.
    pub at: Timestamp,
    /// What happened: `first`, `changed`, `tampered`, `restored`, `accepted`, `refused` (an acceptance).
    pub what: String,
    /// Fingerprint before and after; empty when there is none.
    pub from: String,
    /// Fingerprint after.
    pub to: String,
    /// Lines that are gone.
    pub removed: Vec<String>,
    /// Lines that came.
    pub added: Vec<String>,
    /// Who decided and why, or the signs.
    pub note: String,
}

impl PageChange {
    /// The change from one snapshot to another; long ones are cut.
    #[must_use]
    pub fn between(at: Timestamp, what: &str, from: Option<&Snapshot>, to: Option<&Snapshot>) -> Self {
        let empty = Snapshot::default();
        let cut = |lines: Vec<String>| {
            lines.into_iter().take(MOST_LINES).map(|line| line.chars().take(LONGEST_LINE).collect()).collect()
        };
        let (before, after) = (from.unwrap_or(&empty), to.unwrap_or(&empty));
        let (mut removed, mut added) = (before.lines_beyond(after), after.lines_beyond(before));
        if before.title != after.title && from.is_some() {
            removed.insert(0, before.title.clone());
            added.insert(0, after.title.clone());
        }
        Self {
            at,
            what: what.to_owned(),
            from: before.fingerprint.clone(),
            to: after.fingerprint.clone(),
            removed: if from.is_some() && to.is_some() { cut(removed) } else { Vec::new() },
            added: if from.is_some() && to.is_some() { cut(added) } else { Vec::new() },
            note: String::new(),
        }
    }
}

/// One page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageRecord {
    /// Its address.
    pub url: String,
    /// How it is.
    pub state: PageState,
    /// Last look that got an answer. UTC.
    pub looked_at: Option<Timestamp>,
    /// Last change. UTC.
    pub changed_at: Option<Timestamp>,
    /// What looks are compared with; `None` until a first look without a sign.
    pub baseline: Option<Snapshot>,
    /// The page as last seen, when it is not the baseline.
    pub latest: Option<Snapshot>,
    /// Signs of the last look, in the office's words.
    pub signs: Vec<String>,
    /// Their identities.
    pub sign_ids: BTreeSet<String>,
    /// Signs that a person let stand.
    pub accepted: BTreeSet<String>,
    /// Signs of the running tampering that were told.
    pub told: BTreeSet<String>,
    /// How many tamperings have ended: part of a tampering's identity.
    pub episode: u64,
    /// The post by which the running tampering was told first.
    pub post: Option<PostKey>,
    /// Posts of the running tampering.
    pub posts: u32,
    /// Failures in a row.
    pub failures: u32,
    /// Why it cannot be had.
    pub why: String,
    /// The newest changes, the newest last.
    pub changes: Vec<PageChange>,
    /// Subjects told to the administrators, and until when they stand; `None` is until they are mended.
    pub open: BTreeMap<String, Option<Timestamp>>,
}

impl PageRecord {
    /// Remembers a change.
    pub fn note(&mut self, change: PageChange) {
        self.changed_at = Some(change.at);
        self.changes.push(change);
        let excess = self.changes.len().saturating_sub(MOST_CHANGES);
        self.changes.drain(..excess);
    }
}

/// What is kept of a source's hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HostRecord {
    /// The certificate that it showed last.
    pub certificate: Option<super::peer::Certificate>,
    /// Networks at which it answered.
    pub networks: Vec<String>,
    /// When its first answer came. UTC.
    pub since: Option<Timestamp>,
    /// As in [`PageRecord::open`].
    pub open: BTreeMap<String, Option<Timestamp>>,
}

/// Records by page and host of one source.
pub(super) async fn read<R: Default + serde::de::DeserializeOwned>(
    store: &SharedStore,
    kind: &str,
    source: &str,
    of: &str,
) -> Result<R, StoreError> {
    let text = store.value(&key(kind, source, of)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Keeps one.
pub(super) async fn write<R: Serialize + Sync>(
    store: &SharedStore,
    kind: &str,
    source: &str,
    of: &str,
    record: &R,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(record).map_err(|error| StoreError::Engine(error.to_string()))?;
    store.set_value(&key(kind, source, of), text).await
}

fn key(kind: &str, source: &str, of: &str) -> String {
    format!("watch/{kind}/{source}/{of}")
}
