//! A store whose calls fail when somebody decides so: before anything was written, or after everything was, so
//! that the caller cannot know. It stands before any other store; the simulation and tests use it.

use std::{fmt, sync::Arc};

use jiff::{Timestamp, civil::Date};
use tokio::sync::watch;

use super::{
    Answer, Asked, AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow,
    IncidentChoices, IncidentFilter, IncidentPage, IncidentSearch, IncidentView, Kept, Outgoing, RoundFilter,
    RoundRow, Rows, SavedSearch, SharedStore, SourceChange, SourceState, SourceTimes, Store, StoreError,
    Swept, Written,
};
use crate::{
    desk::{Change, DeskState, Restored},
    model::{
        Caught, ChannelKind, Deadline, Delivery, Entry, Evidence, FileVersion, FileVersionLine, Incident,
        IncidentId, Notice, NoticeId, PostKey, Retention, RuleLine, Usage, UsageBatch,
    },
};

/// Which kind of call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// [`Store::commit`].
    Commit,
    /// [`Store::restore`].
    Restore,
    /// [`Store::attempted`].
    Attempted,
    /// Any other write.
    Write,
    /// Any other question.
    Read,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strike {
    /// It is done.
    None,
    /// It fails; nothing was written.
    Before,
    /// It is done, and fails all the same.
    After,
}

/// Decides of every call, in their order. One that wants a call to be slow moves its clock here.
pub type Striker = Arc<dyn Fn(Call) -> Strike + Send + Sync>;

/// A store before which somebody stands who lets calls fail.
#[derive(Clone)]
pub struct Faulty {
    store: SharedStore,
    striker: Striker,
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").finish_non_exhaustive()
    }
}

/// What a call says that failed after everything was written.
const AFTER: &str = "injected after the write";

impl Faulty {
    /// Whether a call failed after everything was written; it may have failed of itself as well.
    #[must_use]
    pub fn struck_after<T>(answer: &Result<T, StoreError>) -> bool {
        matches!(answer, Err(StoreError::Engine(why)) if why == AFTER)
    }

    /// Puts `striker` before `store`.
    #[must_use]
    pub fn new(store: SharedStore, striker: Striker) -> Self {
        Self { store, striker }
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        call: Call,
        ask: impl FnOnce(&'a dyn Store) -> Answer<'a, T> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            let strike = (self.striker)(call);
            if strike == Strike::Before {
                return Err(StoreError::Full("injected before the write".to_owned()));
            }
            let answer = ask(&*self.store).await?;
            match strike {
                Strike::After => Err(StoreError::Engine(AFTER.to_owned())),
                Strike::None | Strike::Before => Ok(answer),
            }
        })
    }
}

impl Store for Faulty {
    fn commit(&self, changes: Vec<Change>) -> Answer<'_, ()> {
        self.call(Call::Commit, |store| store.commit(changes))
    }
    fn commit_numbered(&self, number: u64, changes: Vec<Change>) -> Answer<'_, ()> {
        self.call(Call::Commit, move |store| store.commit_numbered(number, changes))
    }
    fn restore(&self) -> Answer<'_, Restored> {
        self.call(Call::Restore, |store| store.restore())
    }
    fn desk_state(&self) -> Answer<'_, DeskState> {
        self.call(Call::Read, |store| store.desk_state())
    }
    fn outgoing(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.call(Call::Read, move |store| store.outgoing(now, limit))
    }
    fn outgoing_on(&self, channel: ChannelKind, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.call(Call::Read, move |store| store.outgoing_on(channel, now, limit))
    }
    fn next_outgoing_at(&self) -> Answer<'_, Option<Timestamp>> {
        self.call(Call::Read, |store| store.next_outgoing_at())
    }
    fn next_outgoing_after(&self, after: Timestamp) -> Answer<'_, Option<Timestamp>> {
        self.call(Call::Read, move |store| store.next_outgoing_after(after))
    }
    fn attempted(&self, delivery: Delivery, next_attempt_at: Timestamp) -> Answer<'_, ()> {
        self.call(Call::Attempted, move |store| store.attempted(delivery, next_attempt_at))
    }
    fn source_state(&self, source: &str) -> Answer<'_, SourceState> {
        let source = source.to_owned();
        self.call(Call::Read, move |store| Box::pin(async move { store.source_state(&source).await }))
    }
    fn save_source_state(&self, state: SourceState) -> Answer<'_, ()> {
        self.call(Call::Write, |store| store.save_source_state(state))
    }
    fn change_source_state(&self, source: &str, change: SourceChange) -> Answer<'_, SourceState> {
        let source = source.to_owned();
        self.call(Call::Write, move |store| {
            Box::pin(async move { store.change_source_state(&source, change).await })
        })
    }
    fn source_states(&self) -> Answer<'_, Vec<SourceState>> {
        self.call(Call::Read, |store| store.source_states())
    }
    fn source_times(&self) -> Answer<'_, Vec<SourceTimes>> {
        self.call(Call::Read, |store| store.source_times())
    }
    fn log_round(&self, row: RoundRow) -> Answer<'_, ()> {
        self.call(Call::Write, |store| store.log_round(row))
    }
    fn rounds(&self, filter: RoundFilter) -> Answer<'_, Vec<RoundRow>> {
        self.call(Call::Read, |store| store.rounds(filter))
    }
    fn keep_rules(&self, rules: Vec<RuleLine>, now: Timestamp) -> Answer<'_, ()> {
        self.call(Call::Write, move |store| store.keep_rules(rules, now))
    }
    fn add_usage(&self, batch: UsageBatch) -> Answer<'_, ()> {
        self.call(Call::Write, |store| store.add_usage(batch))
    }
    fn usage(&self, now: Timestamp, from: Date) -> Answer<'_, Usage> {
        self.call(Call::Read, move |store| store.usage(now, from))
    }
    fn keep_file_versions(&self, versions: Vec<FileVersion>) -> Answer<'_, ()> {
        self.call(Call::Write, move |store| store.keep_file_versions(versions))
    }
    fn file_versions(&self, file: &str) -> Answer<'_, Vec<FileVersionLine>> {
        let file = file.to_owned();
        self.call(Call::Read, move |store| Box::pin(async move { store.file_versions(&file).await }))
    }
    fn file_version(&self, file: &str, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        let (file, sha256) = (file.to_owned(), sha256.to_owned());
        self.call(Call::Read, move |store| Box::pin(async move { store.file_version(&file, &sha256).await }))
    }
    fn caught(&self, unit: &str, since: Timestamp) -> Answer<'_, Vec<Caught>> {
        let unit = unit.to_owned();
        self.call(Call::Read, move |store| Box::pin(async move { store.caught(&unit, since).await }))
    }
    fn value(&self, key: &str) -> Answer<'_, Option<String>> {
        let key = key.to_owned();
        self.call(Call::Read, move |store| Box::pin(async move { store.value(&key).await }))
    }
    fn set_value(&self, key: &str, value: String) -> Answer<'_, ()> {
        let key = key.to_owned();
        self.call(Call::Write, move |store| Box::pin(async move { store.set_value(&key, value).await }))
    }
    fn incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>> {
        self.call(Call::Read, |store| store.incidents(filter))
    }
    fn search(&self, search: IncidentSearch) -> Answer<'_, IncidentPage> {
        self.call(Call::Read, |store| store.search(search))
    }
    fn choices(&self, within: Vec<String>) -> Answer<'_, IncidentChoices> {
        self.call(Call::Read, |store| store.choices(within))
    }
    fn saved_searches(&self) -> Answer<'_, Vec<SavedSearch>> {
        self.call(Call::Read, |store| store.saved_searches())
    }
    fn save_search(&self, saved: SavedSearch) -> Answer<'_, ()> {
        self.call(Call::Write, |store| store.save_search(saved))
    }
    fn forget_search(&self, name: &str) -> Answer<'_, ()> {
        let name = name.to_owned();
        self.call(Call::Write, move |store| Box::pin(async move { store.forget_search(&name).await }))
    }
    fn incident(&self, id: IncidentId) -> Answer<'_, Option<IncidentView>> {
        self.call(Call::Read, move |store| store.incident(id))
    }
    fn incidents_of_post(&self, post: &PostKey) -> Answer<'_, Vec<IncidentId>> {
        let post = post.clone();
        self.call(Call::Read, move |store| Box::pin(async move { store.incidents_of_post(&post).await }))
    }
    fn notice(&self, id: &NoticeId) -> Answer<'_, Option<Notice>> {
        let id = id.clone();
        self.call(Call::Read, move |store| Box::pin(async move { store.notice(&id).await }))
    }
    fn accepted_on(&self, channel: ChannelKind, since: Timestamp, limit: usize) -> Answer<'_, Vec<Notice>> {
        self.call(Call::Read, move |store| store.accepted_on(channel, since, limit))
    }
    fn notices(&self, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.call(Call::Read, move |store| store.notices(limit))
    }
    fn asked(&self, channel: ChannelKind, ending: &str, since: Timestamp) -> Answer<'_, Vec<Asked>> {
        let ending = ending.to_owned();
        self.call(Call::Read, move |store| {
            Box::pin(async move { store.asked(channel, &ending, since).await })
        })
    }
    fn open_deadlines(&self) -> Answer<'_, Vec<Deadline>> {
        self.call(Call::Read, |store| store.open_deadlines())
    }
    fn entries(&self, limit: usize) -> Answer<'_, Vec<Entry>> {
        self.call(Call::Read, move |store| store.entries(limit))
    }
    fn audit(&self, look: AuditLook) -> Answer<'_, Rows<AuditRow>> {
        self.call(Call::Read, |store| store.audit(look))
    }
    fn verify_audit(&self) -> Answer<'_, AuditReport> {
        self.call(Call::Read, |store| store.verify_audit())
    }
    fn deliveries(&self, look: DeliveryLook) -> Answer<'_, Rows<DeliveryRow>> {
        self.call(Call::Read, |store| store.deliveries(look))
    }
    fn cases(&self, look: CaseLook) -> Answer<'_, Vec<Case>> {
        self.call(Call::Read, |store| store.cases(look))
    }
    fn file(&self, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        let sha256 = sha256.to_owned();
        self.call(Call::Read, move |store| Box::pin(async move { store.file(&sha256).await }))
    }
    fn evidence(&self, post: &PostKey) -> Answer<'_, Vec<Evidence>> {
        let post = post.clone();
        self.call(Call::Read, move |store| Box::pin(async move { store.evidence(&post).await }))
    }
    fn sweep(&self, retention: Retention, now: Timestamp) -> Answer<'_, Swept> {
        self.call(Call::Write, move |store| store.sweep(retention, now))
    }
    fn kept(&self, now: Timestamp) -> Answer<'_, Kept> {
        self.call(Call::Read, move |store| store.kept(now))
    }
    fn written(&self) -> watch::Receiver<Written> {
        self.store.written()
    }
    fn size_bytes(&self) -> Answer<'_, u64> {
        self.call(Call::Read, |store| store.size_bytes())
    }
    fn ping(&self) -> Answer<'_, ()> {
        self.call(Call::Write, |store| store.ping())
    }
}
