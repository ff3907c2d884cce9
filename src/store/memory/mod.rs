//! A store in memory that keeps what the embedded engine keeps, row for row, and passes the same conformance
//! suite. The simulation and tests run on it; nothing of it outlives the process.
//!
//! [`MemoryDisk`] stands for the file: a store that is dropped leaves it behind, and the next one that is opened
//! on it finds the rows. As with a file, one store has it at a time.

mod answers;
mod kept;
mod listing;
mod record;
mod sweep;
mod tables;
mod usage;
mod versions;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use jiff::{Timestamp, civil::Date};
use tokio::sync::watch;

use self::tables::Tables;
use super::{
    Answer, Asked, AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow,
    IncidentChoices, IncidentFilter, IncidentPage, IncidentSearch, IncidentView, Kept, Outgoing, RoundFilter,
    RoundRow, Rows, SavedSearch, SourceChange, SourceState, SourceTimes, Store, StoreError, Swept, Written,
    written::Bell,
};
use crate::{
    desk::{Change, DeskState, Restored},
    model::{
        Caught, ChannelKind, Deadline, Delivery, Entry, Evidence, FileVersion, FileVersionLine, Incident,
        IncidentId, Notice, NoticeId, PostKey, Retention, RuleLine, Usage, UsageBatch,
    },
};

/// What stands for the database's file.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk {
    tables: Arc<Mutex<Tables>>,
    taken: Arc<AtomicBool>,
}

/// The store on a [`MemoryDisk`]. Dropping it gives the disk back.
#[derive(Debug)]
pub struct MemoryStore {
    disk: MemoryDisk,
    bell: Bell,
}

impl MemoryStore {
    /// Opens a disk.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while another store has it.
    pub fn open(disk: &MemoryDisk) -> Result<Self, StoreError> {
        if disk.taken.swap(true, Ordering::SeqCst) {
            return Err(StoreError::Locked("memory".to_owned()));
        }
        Ok(Self { disk: disk.clone(), bell: Bell::default() })
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.disk.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<'a, T: Send + 'a>(&'a self, read: impl FnOnce(&Tables) -> T) -> Answer<'a, T> {
        let found = read(&self.tables());
        Box::pin(std::future::ready(Ok(found)))
    }

    fn write<'a, T: Send + 'a>(&'a self, write: impl FnOnce(&mut Tables) -> T) -> Answer<'a, T> {
        let done = write(&mut self.tables());
        Box::pin(std::future::ready(Ok(done)))
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        self.disk.taken.store(false, Ordering::SeqCst);
    }
}

impl Store for MemoryStore {
    fn commit(&self, changes: Vec<Change>) -> Answer<'_, ()> {
        let shows = !changes.is_empty();
        let done = self.tables().commit(changes);
        self.bell.ring(shows && done.is_ok(), false);
        Box::pin(std::future::ready(done))
    }

    fn commit_numbered(&self, number: u64, changes: Vec<Change>) -> Answer<'_, ()> {
        let shows = !changes.is_empty();
        let done = self.tables().commit_numbered(number, changes);
        self.bell.ring(shows && done.is_ok(), false);
        Box::pin(std::future::ready(done))
    }

    fn restore(&self) -> Answer<'_, Restored> {
        self.read(Tables::restore)
    }

    fn desk_state(&self) -> Answer<'_, DeskState> {
        self.read(|tables| tables.state.clone().unwrap_or_default())
    }

    fn outgoing(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(|tables| tables.outgoing(None, now, limit))
    }

    fn outgoing_on(&self, channel: ChannelKind, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(|tables| tables.outgoing(Some(channel), now, limit))
    }

    fn next_outgoing_at(&self) -> Answer<'_, Option<Timestamp>> {
        self.read(|tables| tables.next_outgoing(None))
    }

    fn next_outgoing_after(&self, after: Timestamp) -> Answer<'_, Option<Timestamp>> {
        self.read(|tables| tables.next_outgoing(Some(after)))
    }

    fn attempted(&self, delivery: Delivery, next_attempt_at: Timestamp) -> Answer<'_, ()> {
        self.tables().attempted(&delivery, next_attempt_at);
        self.bell.ring(true, false);
        Box::pin(std::future::ready(Ok(())))
    }

    fn source_state(&self, source: &str) -> Answer<'_, SourceState> {
        self.read(|tables| tables.source(source))
    }

    fn save_source_state(&self, state: SourceState) -> Answer<'_, ()> {
        self.tables().sources.insert(state.source.clone(), state);
        self.bell.ring(false, true);
        Box::pin(std::future::ready(Ok(())))
    }

    fn change_source_state(&self, source: &str, change: SourceChange) -> Answer<'_, SourceState> {
        let changed = self.write(|tables| {
            let mut state = tables.source(source);
            change(&mut state);
            tables.sources.insert(source.to_owned(), state.clone());
            state
        });
        self.bell.ring(false, true);
        changed
    }

    fn source_states(&self) -> Answer<'_, Vec<SourceState>> {
        self.read(|tables| tables.sources.values().cloned().collect())
    }

    fn source_times(&self) -> Answer<'_, Vec<SourceTimes>> {
        self.read(Tables::source_times)
    }

    fn log_round(&self, row: RoundRow) -> Answer<'_, ()> {
        self.write(|tables| tables.log_round(row))
    }

    fn rounds(&self, filter: RoundFilter) -> Answer<'_, Vec<RoundRow>> {
        self.read(|tables| tables.rounds(&filter))
    }

    fn keep_rules(&self, rules: Vec<RuleLine>, now: Timestamp) -> Answer<'_, ()> {
        self.write(|tables| tables.usage.keep_rules(rules, now))
    }

    fn add_usage(&self, batch: UsageBatch) -> Answer<'_, ()> {
        self.write(|tables| tables.usage.add(batch))
    }

    fn usage(&self, now: Timestamp, from: Date) -> Answer<'_, Usage> {
        self.read(|tables| tables.usage.usage(now, from))
    }

    fn keep_file_versions(&self, versions: Vec<FileVersion>) -> Answer<'_, ()> {
        self.write(|tables| versions.into_iter().for_each(|version| tables.versions.keep(version)))
    }

    fn file_versions(&self, file: &str) -> Answer<'_, Vec<FileVersionLine>> {
        self.read(|tables| tables.versions.of_file(file))
    }

    fn file_version(&self, file: &str, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        self.read(|tables| tables.versions.content(file, sha256))
    }

    fn caught(&self, unit: &str, since: Timestamp) -> Answer<'_, Vec<Caught>> {
        self.read(|tables| tables.caught(unit, since))
    }

    fn value(&self, key: &str) -> Answer<'_, Option<String>> {
        self.read(|tables| tables.values.get(key).cloned())
    }

    fn set_value(&self, key: &str, value: String) -> Answer<'_, ()> {
        self.write(|tables| drop(tables.values.insert(key.to_owned(), value)))
    }

    fn incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>> {
        self.read(|tables| tables.list(&filter))
    }

    fn search(&self, search: IncidentSearch) -> Answer<'_, IncidentPage> {
        self.read(|tables| tables.search(&search))
    }

    fn choices(&self, within: Vec<String>) -> Answer<'_, IncidentChoices> {
        self.read(|tables| tables.choices(&within))
    }

    fn saved_searches(&self) -> Answer<'_, Vec<SavedSearch>> {
        self.read(|tables| tables.searches.values().cloned().collect())
    }

    fn save_search(&self, saved: SavedSearch) -> Answer<'_, ()> {
        self.write(|tables| tables.save_search(saved))
    }

    fn forget_search(&self, name: &str) -> Answer<'_, ()> {
        self.write(|tables| drop(tables.searches.remove(name)))
    }

    fn incident(&self, id: IncidentId) -> Answer<'_, Option<IncidentView>> {
        self.read(|tables| tables.view(id))
    }

    fn incidents_of_post(&self, post: &PostKey) -> Answer<'_, Vec<IncidentId>> {
        self.read(|tables| tables.incidents_of_post(post))
    }

    fn notice(&self, id: &NoticeId) -> Answer<'_, Option<Notice>> {
        self.read(|tables| tables.notices.get(id).map(|one| one.outgoing.notice.clone()))
    }

    fn accepted_on(&self, channel: ChannelKind, since: Timestamp, limit: usize) -> Answer<'_, Vec<Notice>> {
        self.read(|tables| tables.accepted_on(channel, since, limit))
    }

    fn notices(&self, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(|tables| tables.newest_notices(limit))
    }

    fn asked(&self, channel: ChannelKind, ending: &str, since: Timestamp) -> Answer<'_, Vec<Asked>> {
        self.read(|tables| tables.asked(channel, ending, since))
    }

    fn open_deadlines(&self) -> Answer<'_, Vec<Deadline>> {
        self.read(Tables::open_deadlines)
    }

    fn entries(&self, limit: usize) -> Answer<'_, Vec<Entry>> {
        self.read(|tables| tables.shown_entries().rev().take(limit).cloned().collect())
    }

    fn audit(&self, look: AuditLook) -> Answer<'_, Rows<AuditRow>> {
        self.read(|tables| tables.audit(&look))
    }

    fn verify_audit(&self) -> Answer<'_, AuditReport> {
        self.read(Tables::verify_audit)
    }

    fn deliveries(&self, look: DeliveryLook) -> Answer<'_, Rows<DeliveryRow>> {
        self.read(|tables| tables.deliveries(&look))
    }

    fn cases(&self, look: CaseLook) -> Answer<'_, Vec<Case>> {
        self.read(|tables| tables.cases(&look))
    }

    fn file(&self, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        self.read(|tables| tables.files.get(sha256).map(|body| body.to_vec()))
    }

    fn evidence(&self, post: &PostKey) -> Answer<'_, Vec<Evidence>> {
        self.read(|tables| tables.evidence.get(post).cloned().unwrap_or_default())
    }

    fn sweep(&self, retention: Retention, now: Timestamp) -> Answer<'_, Swept> {
        self.write(|tables| tables.sweep(&retention, now))
    }

    fn kept(&self, now: Timestamp) -> Answer<'_, Kept> {
        self.read(|tables| tables.kept(now))
    }

    fn written(&self) -> watch::Receiver<Written> {
        self.bell.subscribe()
    }

    fn size_bytes(&self) -> Answer<'_, u64> {
        self.read(|tables| tables.rows().max(1).saturating_mul(512))
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.read(|_| ())
    }
}
