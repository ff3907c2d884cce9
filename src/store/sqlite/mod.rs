//! The embedded engine: SQLite with a write-ahead log, every commit synced to the disk, one writer with
//! group commit and a few readers.

mod archived;
mod backup;
mod chain;
mod compact;
mod deflated;
mod due;
mod erase;
mod evidence;
mod fault;
mod kept;
mod listing;
mod lock;
mod looks;
mod lookup;
mod packed;
mod plans;
mod post_words;
mod query;
mod readers;
mod record;
mod restore;
mod row;
pub mod schema;
mod sweep;
mod usage;
mod verify;
mod versions;
mod write;
mod writer;

pub use backup::{Copies, CopyFile, Put, copy, put_back};
pub use compact::{Compacted, compact};
pub use lock::holder_of;
pub use verify::{Unsound, Verified, verify};

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, civil::Date};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

pub use self::chain::FORGOTTEN;
use self::{
    fault::engine,
    lock::Lock,
    plans::Plans,
    readers::Readers,
    row::{bodies, to_body},
    write::{Changing, Write, prepare},
    writer::Writer,
};
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

/// How to open a database. The default is what the daemon uses.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Pages of 4 KiB that the file may have at most; `None` is the engine's own bound. A write beyond
    /// it fails as on a full disk.
    pub max_pages: Option<u32>,
    /// Whether waiting requests share a transaction. Only a benchmark switches it off.
    pub group_commit: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_pages: None, group_commit: true }
    }
}

/// The store on one SQLite file.
///
/// Dropping it waits for the writes that were handed over and gives the file back.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    plans: Plans,
    readers: Readers,
    bell: Arc<Bell>,
    // Dropped in this order: the writer closes the file before the lock is given back.
    writer: Option<Writer>,
    _lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens the database, making it when there is none, and brings it to the present schema.
    ///
    /// # Errors
    /// [`StoreError::Held`] when another process has it, [`StoreError::Newer`] when a later program
    /// wrote it, [`StoreError::Full`] or [`StoreError::Engine`] when it cannot be made or read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Options::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(path: &Path, options: Options) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        make_private(path)?;
        let mut connection = Connection::open(path).map_err(engine)?;
        connection.busy_timeout(Duration::from_secs(10)).map_err(engine)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute_batch(
                "PRAGMA auto_vacuum = INCREMENTAL;
                 PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON;
                 PRAGMA journal_size_limit = 67108864;",
            )
            .map_err(engine)?;
        schema::migrate(&mut connection)?;
        listing::refresh(&connection)?;
        if let Some(pages) = options.max_pages {
            let set = format!("PRAGMA max_page_count = {pages}");
            connection.query_row(&set, [], |_| Ok(())).map_err(engine)?;
        }
        let bell = Arc::new(Bell::default());
        Ok(Self {
            path: path.to_owned(),
            plans: Plans::default(),
            readers: Readers::new(path),
            writer: Some(Writer::start(connection, options.group_commit, lock.board(), Arc::clone(&bell))?),
            bell,
            _lock: Some(lock),
        })
    }

    /// Opens an existing database to look at it while a daemon may be running on it; writes are refused.
    ///
    /// # Errors
    /// [`StoreError::Engine`] when there is none, [`StoreError::Newer`] when a later program wrote it.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(engine)?;
        let found = schema::check(&connection)?;
        if found < schema::known() {
            let known = schema::known();
            let words =
                format!("the database has the older schema {found} (now {known}); start the daemon once");
            return Err(StoreError::Engine(words));
        }
        Ok(Self {
            path: path.to_owned(),
            plans: Plans::default(),
            readers: Readers::new(path),
            bell: Arc::default(),
            writer: None,
            _lock: None,
        })
    }

    /// Writes a whole copy to `to` (replaced only when the copy is complete and on the disk). The daemon
    /// goes on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room for it, [`StoreError::Engine`] otherwise.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_owned();
        self.readers.apart(move |path| copy(path, &to).map(drop)).await
    }

    /// Rows of the audit after a number (0: from the first), acts as they were given among them.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read.
    pub async fn audit_rows(&self, after: i64, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.readers.read(move |connection| chain::rows(connection, after, limit)).await
    }

    /// How the engine goes about a search, a step a line: whether an index serves it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn explain_search(&self, search: IncidentSearch) -> Result<Vec<String>, StoreError> {
        self.readers.read(move |connection| listing::explain(connection, &search)).await
    }

    fn write(&self, write: Write) -> Answer<'_, ()> {
        Box::pin(async move {
            let writer = self.writer.as_ref().ok_or(StoreError::ReadOnly("it was opened to look at"))?;
            writer.write(write).await
        })
    }

    fn changes(&self, number: Option<u64>, changes: Vec<Change>) -> Answer<'_, ()> {
        if changes.is_empty() {
            return Box::pin(std::future::ready(Ok(())));
        }
        match prepare(number, changes, &self.plans) {
            Ok(write) => self.write(write),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.readers.read(query))
    }
}

/// Makes the file, when there is none, readable by the daemon's own user only; the engine gives its
/// log the same rights.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::of_file(path, &error)),
    }
}

impl Store for SqliteStore {
    fn commit(&self, changes: Vec<Change>) -> Answer<'_, ()> {
        self.changes(None, changes)
    }

    fn commit_numbered(&self, number: u64, changes: Vec<Change>) -> Answer<'_, ()> {
        self.changes(Some(number), changes)
    }

    fn restore(&self) -> Answer<'_, Restored> {
        Box::pin(self.readers.apart(restore::restore))
    }

    fn outgoing(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(move |connection| query::outgoing_all(connection, now, limit))
    }

    fn outgoing_on(&self, channel: ChannelKind, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(move |connection| query::outgoing_on(connection, channel, now, limit))
    }

    fn next_outgoing_at(&self) -> Answer<'_, Option<Timestamp>> {
        self.read(|connection| query::next_outgoing(connection, None))
    }

    fn next_outgoing_after(&self, after: Timestamp) -> Answer<'_, Option<Timestamp>> {
        self.read(move |connection| query::next_outgoing(connection, Some(after)))
    }

    fn attempted(&self, delivery: Delivery, next_attempt_at: Timestamp) -> Answer<'_, ()> {
        self.write(Write::Attempted { delivery, next_attempt_at })
    }

    fn desk_state(&self) -> Answer<'_, DeskState> {
        self.read(|connection| {
            let found = bodies(connection, "desk", "SELECT body FROM desk", [])?;
            Ok(found.into_iter().next().unwrap_or_default())
        })
    }

    fn source_state(&self, source: &str) -> Answer<'_, SourceState> {
        let source = source.to_owned();
        self.read(move |connection| write::source_state(connection, &source))
    }

    fn change_source_state(&self, source: &str, change: SourceChange) -> Answer<'_, SourceState> {
        let kept = Arc::default();
        let write = self.write(Write::SourceChange(Changing {
            source: source.to_owned(),
            change,
            kept: Arc::clone(&kept),
        }));
        Box::pin(async move {
            write.await?;
            Ok(std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner)))
        })
    }

    fn save_source_state(&self, state: SourceState) -> Answer<'_, ()> {
        match to_body("source", &state) {
            Ok(body) => self.write(Write::Source { state: Box::new(state), body }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn source_states(&self) -> Answer<'_, Vec<SourceState>> {
        self.read(|connection| bodies(connection, "source", "SELECT body FROM source ORDER BY name", []))
    }

    fn source_times(&self) -> Answer<'_, Vec<SourceTimes>> {
        self.read(query::source_times)
    }

    fn log_round(&self, row: RoundRow) -> Answer<'_, ()> {
        self.write(Write::Round(row))
    }

    fn rounds(&self, filter: RoundFilter) -> Answer<'_, Vec<RoundRow>> {
        self.read(move |connection| query::rounds(connection, &filter))
    }

    fn keep_rules(&self, rules: Vec<RuleLine>, now: Timestamp) -> Answer<'_, ()> {
        self.write(Write::Rules { rules, now })
    }

    fn add_usage(&self, batch: UsageBatch) -> Answer<'_, ()> {
        self.write(Write::Usage(batch))
    }

    fn usage(&self, now: Timestamp, from: Date) -> Answer<'_, Usage> {
        self.read(move |connection| usage::usage(connection, now, from))
    }

    fn keep_file_versions(&self, versions: Vec<FileVersion>) -> Answer<'_, ()> {
        match versions.into_iter().map(versions::VersionRow::of).collect() {
            Ok(rows) => self.write(Write::Versions(rows)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn file_versions(&self, file: &str) -> Answer<'_, Vec<FileVersionLine>> {
        let file = file.to_owned();
        self.read(move |connection| versions::of_file(connection, &file))
    }

    fn file_version(&self, file: &str, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        let (file, sha256) = (file.to_owned(), sha256.to_owned());
        self.read(move |connection| versions::content(connection, &file, &sha256))
    }

    fn caught(&self, unit: &str, since: Timestamp) -> Answer<'_, Vec<Caught>> {
        let unit = unit.to_owned();
        self.read(move |connection| versions::caught(connection, &unit, since))
    }

    fn value(&self, key: &str) -> Answer<'_, Option<String>> {
        let key = key.to_owned();
        self.read(move |connection| query::value(connection, &key))
    }

    fn set_value(&self, key: &str, value: String) -> Answer<'_, ()> {
        self.write(Write::Value { key: key.to_owned(), value })
    }

    fn incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>> {
        self.read(move |connection| query::incidents(connection, &filter))
    }

    fn search(&self, search: IncidentSearch) -> Answer<'_, IncidentPage> {
        self.read(move |connection| listing::search(connection, &search))
    }

    fn choices(&self, within: Vec<String>) -> Answer<'_, IncidentChoices> {
        self.read(move |connection| listing::choices(connection, &within))
    }

    fn saved_searches(&self) -> Answer<'_, Vec<SavedSearch>> {
        self.read(listing::saved)
    }

    fn save_search(&self, saved: SavedSearch) -> Answer<'_, ()> {
        self.write(Write::SaveSearch(saved))
    }

    fn forget_search(&self, name: &str) -> Answer<'_, ()> {
        self.write(Write::ForgetSearch { name: name.to_owned() })
    }

    fn incident(&self, id: IncidentId) -> Answer<'_, Option<IncidentView>> {
        self.read(move |connection| query::incident(connection, id))
    }

    fn incidents_of_post(&self, post: &PostKey) -> Answer<'_, Vec<IncidentId>> {
        let post = post.clone();
        self.read(move |connection| query::incidents_of_post(connection, &post))
    }

    fn notice(&self, id: &NoticeId) -> Answer<'_, Option<Notice>> {
        let id = id.clone();
        self.read(move |connection| query::notice(connection, &id))
    }

    fn accepted_on(&self, channel: ChannelKind, since: Timestamp, limit: usize) -> Answer<'_, Vec<Notice>> {
        self.read(move |connection| query::accepted_on(connection, channel, since, limit))
    }

    fn notices(&self, limit: usize) -> Answer<'_, Vec<Outgoing>> {
        self.read(move |connection| query::notices(connection, limit))
    }

    fn asked(&self, channel: ChannelKind, ending: &str, since: Timestamp) -> Answer<'_, Vec<Asked>> {
        let ending = ending.to_owned();
        self.read(move |connection| query::asked(connection, channel, &ending, since))
    }

    fn open_deadlines(&self) -> Answer<'_, Vec<Deadline>> {
        self.read(query::open_deadlines)
    }

    fn entries(&self, limit: usize) -> Answer<'_, Vec<Entry>> {
        self.read(move |connection| query::entries(connection, limit))
    }

    fn audit(&self, look: AuditLook) -> Answer<'_, Rows<AuditRow>> {
        self.read(move |connection| record::audit(connection, &look))
    }

    fn verify_audit(&self) -> Answer<'_, AuditReport> {
        // Long on a large record: it must not keep a reader from the pages.
        Box::pin(self.readers.apart(|path| {
            let connection = readers::open(path)?;
            let one_state = connection.unchecked_transaction().map_err(engine)?;
            chain::verify(&one_state)
        }))
    }

    fn deliveries(&self, look: DeliveryLook) -> Answer<'_, Rows<DeliveryRow>> {
        self.read(move |connection| record::deliveries(connection, &look))
    }

    fn cases(&self, look: CaseLook) -> Answer<'_, Vec<Case>> {
        self.read(move |connection| record::cases(connection, &look))
    }

    fn file(&self, sha256: &str) -> Answer<'_, Option<Vec<u8>>> {
        let sha256 = sha256.to_owned();
        self.read(move |connection| chain::file(connection, &sha256))
    }

    fn evidence(&self, post: &PostKey) -> Answer<'_, Vec<Evidence>> {
        let post = post.clone();
        self.read(move |connection| evidence::of_post(connection, &post))
    }

    fn sweep(&self, retention: Retention, now: Timestamp) -> Answer<'_, Swept> {
        Box::pin(async move {
            let retention = Arc::new(retention);
            loop {
                let asked = Arc::clone(&retention);
                let due = self.readers.read(move |connection| due::due(connection, &asked, now)).await?;
                if due.is_empty() {
                    return Ok(Swept::default());
                }
                let is_last = matches!(due.what, due::What::File(_));
                let (retention, swept) = (Arc::clone(&retention), Arc::default());
                self.write(Write::Sweep { due, retention, now, swept: Arc::clone(&swept) }).await?;
                let swept = *swept.lock().unwrap_or_else(PoisonError::into_inner);
                // A step that only notes what it found is none.
                if !swept.is_empty() || is_last {
                    return Ok(swept);
                }
            }
        })
    }

    fn kept(&self, now: Timestamp) -> Answer<'_, Kept> {
        Box::pin(async move {
            let log = self.size_bytes().await?;
            let mut kept = self
                .readers
                .apart(move |path| {
                    let connection = readers::open(path)?;
                    let one_state = connection.unchecked_transaction().map_err(engine)?;
                    kept::kept(&one_state, now)
                })
                .await?;
            kept.log_bytes = log.saturating_sub(kept.bytes);
            Ok(kept)
        })
    }

    fn written(&self) -> watch::Receiver<Written> {
        self.bell.subscribe()
    }

    fn size_bytes(&self) -> Answer<'_, u64> {
        let path = self.path.clone();
        Box::pin(async move {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
            Ok(bytes(&path) + bytes(Path::new(&log)))
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        if self.writer.is_some() { self.write(Write::Ping) } else { self.read(|_| Ok(())) }
    }
}
