//! The tables of the store in memory, and how changes are put into them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{usage::UsageTables, versions::VersionTables};
use crate::{
    desk::{Change, DeskState},
    model::{
        Count, Deadline, Delivery, Entry, Evidence, Forgotten, Incident, IncidentId, Notice, NoticeId,
        NoticeState, ObservationRow, Plan, PostKey, PostRow, RememberedWords, Shown, text_hash,
    },
    store::{
        FORGOTTEN, LAST_COMMIT, Outgoing, RoundRow, SavedSearch, SourceState, StoreError,
        contract::{holds_entry, is_new_commit},
    },
};

/// Every row.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub state: Option<DeskState>,
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Plans that incidents run under, each held once.
    pub plans: Vec<Arc<Plan>>,
    /// Members by unit and identity.
    pub posts: BTreeMap<(String, PostKey), StoredPost>,
    /// Identities of the members of each incident.
    pub members: BTreeMap<IncidentId, BTreeSet<(String, PostKey)>>,
    pub deadlines: BTreeMap<String, Deadline>,
    pub notices: BTreeMap<NoticeId, StoredNotice>,
    /// Notices that wait and are sent by dispatch.
    pub waiting: BTreeSet<NoticeId>,
    pub entries: Vec<Entry>,
    /// Number of the last entry that retention took away.
    pub cut: i64,
    pub sources: BTreeMap<String, SourceState>,
    pub rounds: Vec<RoundRow>,
    pub values: BTreeMap<String, String>,
    pub usage: UsageTables,
    /// What proves that a post was shown, once for each text of it.
    pub evidence: BTreeMap<PostKey, Vec<Evidence>>,
    /// Contents of files by their SHA-256 in hex.
    pub files: BTreeMap<String, Arc<Vec<u8>>>,
    /// Versions of the office's own files.
    pub versions: VersionTables,
    /// Searches by name.
    pub searches: BTreeMap<String, SavedSearch>,
    /// Rows are numbered as they come.
    number: u64,
}

/// A member with its looks.
#[derive(Debug)]
pub(super) struct StoredPost {
    pub number: u64,
    pub row: PostRow,
    pub looks: BTreeMap<Timestamp, ObservationRow>,
}

/// A notice with its number.
#[derive(Debug)]
pub(super) struct StoredNotice {
    pub number: u64,
    pub outgoing: Outgoing,
}

impl Tables {
    /// Applies all changes or none.
    pub(super) fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.check(&changes)?;
        let place = |change: &Change| match change {
            Change::Incident(_) => 0,
            Change::Post(_) => 1,
            _ => 2,
        };
        let mut changes = changes;
        changes.sort_by_key(place);
        for change in changes {
            self.apply(change);
        }
        Ok(())
    }

    /// The same once for each number.
    pub(super) fn commit_numbered(&mut self, number: u64, changes: Vec<Change>) -> Result<(), StoreError> {
        if holds_entry(&changes) {
            let last = self.values.get(LAST_COMMIT).and_then(|kept| kept.parse().ok()).unwrap_or(0);
            if !is_new_commit(number, last)? {
                return Ok(());
            }
            self.commit(changes)?;
            self.values.insert(LAST_COMMIT.to_owned(), number.to_string());
            return Ok(());
        }
        self.commit(changes)
    }

    /// Refuses a look at a post that is no member.
    fn check(&self, changes: &[Change]) -> Result<(), StoreError> {
        let new: BTreeSet<(&str, &PostKey)> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Post(row) => Some((row.unit.as_str(), &row.post.key)),
                _ => None,
            })
            .collect();
        for change in changes {
            let Change::Observation(row) = change else { continue };
            let known = new.contains(&(row.unit.as_str(), &row.post))
                || self.posts.contains_key(&(row.unit.clone(), row.post.clone()));
            if !known {
                let why = format!("an observation of {} ({}), which is no member", row.post, row.unit);
                return Err(StoreError::Corrupt { table: "observation", why });
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Incident(mut row) => {
                row.plan = self.shared(&row.plan);
                self.incidents.insert(row.id, *row);
            }
            Change::Post(row) => self.post(*row),
            Change::Observation(row) => self.observation(row),
            Change::Deadline(row) => drop(self.deadlines.insert(row.key.clone(), row)),
            Change::Notice(row) => self.notice(*row),
            Change::Entry(row) => self.entries.push(row),
            Change::State(row) => self.state = Some(row),
            Change::Evidence(row) => self.evidence(*row),
            Change::Forget(forgotten) => self.forget(&forgotten),
            Change::File(file) => drop(self.files.entry(file.sha256).or_insert(file.bytes)),
            Change::FileVersion(version) => self.versions.keep(*version),
        }
    }

    /// The first sight of a text is what proves.
    fn evidence(&mut self, row: Evidence) {
        let known = self.evidence.entry(row.post.clone()).or_default();
        if known.iter().all(|one| one.text_sha256 != row.text_sha256) {
            known.push(row);
            known.sort_by_key(|one| one.shown.at);
        }
    }

    /// Takes a post's words out of every row; their hash stays.
    fn forget(&mut self, forgotten: &Forgotten) {
        let Forgotten { post, instead } = forgotten;
        let mut all_words = Vec::new();
        let mut shown = Vec::new();
        for stored in self.posts.values_mut().filter(|stored| stored.row.post.key == *post) {
            let words = RememberedWords::of(&stored.row.post);
            if !stored.row.post.own_text().is_empty() {
                let at = stored.row.first_seen_at;
                shown.push(Evidence {
                    post: post.clone(),
                    shown: Shown { at, ..Shown::default() },
                    text_sha256: text_hash(&stored.row.post),
                    fragment: None,
                });
            }
            words.blank(&mut stored.row);
            all_words.push(words);
        }
        shown.into_iter().for_each(|row| self.evidence(row));
        for words in &all_words {
            for row in self.incidents.values_mut() {
                words.scrub_incident(row, instead);
            }
            for stored in self.notices.values_mut() {
                words.scrub_facts(Arc::make_mut(&mut stored.outgoing.notice.facts), instead);
            }
            for entry in &mut self.entries {
                let mut text = entry.text.clone();
                if words.scrub(&mut text, "") {
                    FORGOTTEN.clone_into(&mut entry.text);
                }
            }
        }
        self.evidence.entry(post.clone()).or_default().iter_mut().for_each(|one| one.fragment = None);
    }

    fn shared(&mut self, plan: &Arc<Plan>) -> Arc<Plan> {
        let same = |known: &&Arc<Plan>| Arc::ptr_eq(known, plan) || known == &plan;
        if let Some(known) = self.plans.iter().find(same) {
            return Arc::clone(known);
        }
        self.plans.push(Arc::clone(plan));
        Arc::clone(plan)
    }

    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn post(&mut self, row: PostRow) {
        let key = (row.unit.clone(), row.post.key.clone());
        let incident = row.incident;
        if let Some(known) = self.posts.get_mut(&key) {
            let before = known.row.incident;
            known.row = row;
            if before != incident
                && let Some(members) = self.members.get_mut(&before)
            {
                members.remove(&key);
            }
        } else {
            let number = self.next_number();
            self.posts.insert(key.clone(), StoredPost { number, row, looks: BTreeMap::new() });
        }
        self.members.entry(incident).or_default().insert(key);
    }

    fn observation(&mut self, mut row: ObservationRow) {
        row.at = micros(row.at);
        for count in [&mut row.views, &mut row.reposts, &mut row.comments, &mut row.likes] {
            *count = count.map(bounded);
        }
        if let Some(post) = self.posts.get_mut(&(row.unit.clone(), row.post.clone())) {
            post.looks.insert(row.at, row);
        }
    }

    /// What a notice says is fixed when it is decided; what is over never waits again.
    fn notice(&mut self, row: Notice) {
        if let Some(known) = self.notices.get_mut(&row.id) {
            let state = &mut known.outgoing.notice.state;
            if *state == NoticeState::Pending || row.state != NoticeState::Pending {
                *state = row.state;
            }
            if *state != NoticeState::Pending {
                self.waiting.remove(&row.id);
            }
            return;
        }
        if row.state == NoticeState::Pending && row.channel.is_dispatched() {
            self.waiting.insert(row.id.clone());
        }
        let number = self.next_number();
        let outgoing = Outgoing { attempts: 0, next_attempt_at: micros(row.created_at), notice: row };
        self.notices.insert(outgoing.notice.id.clone(), StoredNotice { number, outgoing });
    }

    pub(super) fn attempted(&mut self, delivery: &Delivery, next_attempt_at: Timestamp) {
        if let Some(known) = self.notices.get_mut(&delivery.notice)
            && known.outgoing.notice.state == NoticeState::Pending
        {
            known.outgoing.attempts = known.outgoing.attempts.max(delivery.attempt);
            known.outgoing.next_attempt_at = micros(next_attempt_at);
        }
    }

    pub(super) fn rows(&self) -> u64 {
        let rows = self.incidents.len() + self.posts.len() + self.notices.len() + self.entries.len();
        u64::try_from(rows).unwrap_or(u64::MAX)
    }
}

/// Instants are kept to the microsecond.
pub(super) fn micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Counts are kept up to the greatest signed number, as engines do.
fn bounded(count: Count) -> Count {
    Count { value: count.value.min(i64::MAX.unsigned_abs()), ..count }
}
