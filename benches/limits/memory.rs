//! A store that remembers the states of sources and nothing else, so that the room above it is measured alone.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use yuqing::{
    desk::{Change, DeskState, Restored},
    model::{
        Caught, ChannelKind, Deadline, Delivery, Entry, Evidence, FileVersion, FileVersionLine, Incident,
        IncidentId, Notice, NoticeId, PostKey, Retention, RuleLine, Usage, UsageBatch,
    },
    store::{
        Answer, Asked, AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow,
        IncidentChoices, IncidentFilter, IncidentPage, IncidentSearch, IncidentView, Kept, Outgoing,
        RoundFilter, RoundRow, Rows, SavedSearch, SourceChange, SourceState, SourceTimes, Store, Swept,
        Written,
    },
};

pub struct Memory {
    times: Vec<SourceTimes>,
    states: Mutex<(HashMap<String, SourceState>, u64)>,
}

impl Memory {
    /// A store that knows what the schedule needs of each source.
    pub fn knowing(times: Vec<SourceTimes>) -> Self {
        Self { times, states: Mutex::default() }
    }

    /// States that were kept.
    pub fn rounds(&self) -> u64 {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

fn nothing<T: Default + Send + 'static>() -> Answer<'static, T> {
    Box::pin(std::future::ready(Ok(T::default())))
}

impl Store for Memory {
    fn source_state(&self, source: &str) -> Answer<'_, SourceState> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let state = states.0.get(source).cloned().unwrap_or_default();
        Box::pin(std::future::ready(Ok(state)))
    }

    fn save_source_state(&self, state: SourceState) -> Answer<'_, ()> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.0.insert(state.source.clone(), state);
        states.1 += 1;
        nothing()
    }

    fn change_source_state(&self, source: &str, change: SourceChange) -> Answer<'_, SourceState> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let state = states.0.entry(source.to_owned()).or_default();
        source.clone_into(&mut state.source);
        change(state);
        let kept = state.clone();
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn source_times(&self) -> Answer<'_, Vec<SourceTimes>> {
        Box::pin(std::future::ready(Ok(self.times.clone())))
    }

    fn commit(&self, _: Vec<Change>) -> Answer<'_, ()> {
        nothing()
    }

    fn audit(&self, _look: AuditLook) -> Answer<'_, Rows<AuditRow>> {
        nothing()
    }
    fn verify_audit(&self) -> Answer<'_, AuditReport> {
        nothing()
    }
    fn deliveries(&self, _look: DeliveryLook) -> Answer<'_, Rows<DeliveryRow>> {
        nothing()
    }
    fn cases(&self, _look: CaseLook) -> Answer<'_, Vec<Case>> {
        nothing()
    }
    fn file(&self, _: &str) -> Answer<'_, Option<Vec<u8>>> {
        nothing()
    }

    fn evidence(&self, _: &PostKey) -> Answer<'_, Vec<Evidence>> {
        nothing()
    }

    fn sweep(&self, _: Retention, _: Timestamp) -> Answer<'_, Swept> {
        nothing()
    }

    fn kept(&self, _: Timestamp) -> Answer<'_, Kept> {
        nothing()
    }

    fn commit_numbered(&self, _: u64, _: Vec<Change>) -> Answer<'_, ()> {
        nothing()
    }

    fn restore(&self) -> Answer<'_, Restored> {
        nothing()
    }

    fn desk_state(&self) -> Answer<'_, DeskState> {
        nothing()
    }

    fn outgoing(&self, _: Timestamp, _: usize) -> Answer<'_, Vec<Outgoing>> {
        nothing()
    }

    fn outgoing_on(&self, _: ChannelKind, _: Timestamp, _: usize) -> Answer<'_, Vec<Outgoing>> {
        nothing()
    }

    fn next_outgoing_at(&self) -> Answer<'_, Option<Timestamp>> {
        nothing()
    }

    fn next_outgoing_after(&self, _: Timestamp) -> Answer<'_, Option<Timestamp>> {
        nothing()
    }

    fn attempted(&self, _: Delivery, _: Timestamp) -> Answer<'_, ()> {
        nothing()
    }

    fn source_states(&self) -> Answer<'_, Vec<SourceState>> {
        nothing()
    }

    fn log_round(&self, _: RoundRow) -> Answer<'_, ()> {
        nothing()
    }

    fn rounds(&self, _: RoundFilter) -> Answer<'_, Vec<RoundRow>> {
        nothing()
    }

    fn keep_rules(&self, _: Vec<RuleLine>, _: Timestamp) -> Answer<'_, ()> {
        nothing()
    }

    fn add_usage(&self, _: UsageBatch) -> Answer<'_, ()> {
        nothing()
    }

    fn usage(&self, _: Timestamp, _: jiff::civil::Date) -> Answer<'_, Usage> {
        nothing()
    }

    fn keep_file_versions(&self, _: Vec<FileVersion>) -> Answer<'_, ()> {
        nothing()
    }

    fn file_versions(&self, _: &str) -> Answer<'_, Vec<FileVersionLine>> {
        nothing()
    }

    fn file_version(&self, _: &str, _: &str) -> Answer<'_, Option<Vec<u8>>> {
        nothing()
    }

    fn caught(&self, _: &str, _: Timestamp) -> Answer<'_, Vec<Caught>> {
        nothing()
    }

    fn value(&self, _: &str) -> Answer<'_, Option<String>> {
        nothing()
    }

    fn set_value(&self, _: &str, _: String) -> Answer<'_, ()> {
        nothing()
    }

    fn incidents(&self, _: IncidentFilter) -> Answer<'_, Vec<Incident>> {
        nothing()
    }

    fn search(&self, _: IncidentSearch) -> Answer<'_, IncidentPage> {
        nothing()
    }

    fn choices(&self, _: Vec<String>) -> Answer<'_, IncidentChoices> {
        nothing()
    }

    fn saved_searches(&self) -> Answer<'_, Vec<SavedSearch>> {
        nothing()
    }

    fn save_search(&self, _: SavedSearch) -> Answer<'_, ()> {
        nothing()
    }

    fn forget_search(&self, _: &str) -> Answer<'_, ()> {
        nothing()
    }

    fn incident(&self, _: IncidentId) -> Answer<'_, Option<IncidentView>> {
        nothing()
    }

    fn incidents_of_post(&self, _: &PostKey) -> Answer<'_, Vec<IncidentId>> {
        nothing()
    }

    fn notice(&self, _: &NoticeId) -> Answer<'_, Option<Notice>> {
        nothing()
    }

    fn accepted_on(&self, _: ChannelKind, _: Timestamp, _: usize) -> Answer<'_, Vec<Notice>> {
        nothing()
    }
    fn notices(&self, _: usize) -> Answer<'_, Vec<Outgoing>> {
        nothing()
    }

    fn asked(&self, _: ChannelKind, _: &str, _: Timestamp) -> Answer<'_, Vec<Asked>> {
        nothing()
    }

    fn open_deadlines(&self) -> Answer<'_, Vec<Deadline>> {
        nothing()
    }

    fn entries(&self, _: usize) -> Answer<'_, Vec<Entry>> {
        nothing()
    }

    fn written(&self) -> tokio::sync::watch::Receiver<Written> {
        tokio::sync::watch::Sender::new(Written::default()).subscribe()
    }

    fn size_bytes(&self) -> Answer<'_, u64> {
        nothing()
    }

    fn ping(&self) -> Answer<'_, ()> {
        nothing()
    }
}
