//! Copies of the database: made while the daemon writes, checked before they are trusted, put back when
//! no daemon runs.
//!
//! A copy reads one state of the database through one read transaction, a few pages at a time. With a
//! write-ahead log that neither waits for the writer nor holds it up; only the log cannot be folded in
//! beyond that state until the copy is done.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, backup::Backup};

use super::{
    fault::engine,
    lock::Lock,
    make_private,
    readers::open,
    verify::{Verified, verify},
};
use crate::store::StoreError;

/// Pages of one step, and the pause after each, in which others have the disk.
const STEP_PAGES: i32 = 256;
const STEP_PAUSE: Duration = Duration::from_millis(2);

/// Copies the database at `from` to `to`, which is replaced only by a copy that is complete, checked and on
/// the disk. A daemon may be running on it.
///
/// # Errors
/// [`StoreError::Full`] when there is no room for it, [`StoreError::Corrupt`] when what was copied is not
/// sound, [`StoreError::Engine`] otherwise. `to` is as it was then.
pub fn copy(from: &Path, to: &Path) -> Result<Verified, StoreError> {
    // Without this look a missing database would be told as one that cannot be opened.
    fs::metadata(from).map_err(|error| StoreError::of_file(from, &error))?;
    let partial = beside(to, ".partial");
    let copied = copy_into(from, &partial).and_then(|()| {
        let verified = verify(&partial)?;
        if let Some(fault) = verified.faults.first() {
            return Err(StoreError::Corrupt { table: "copy", why: fault.to_string() });
        }
        fs::rename(&partial, to).map_err(|error| StoreError::of_file(to, &error))?;
        sync_folder(to)?;
        Ok(verified)
    });
    if copied.is_err() {
        // Whatever there is of it is of no use; the copy's own error is what counts.
        let _ = fs::remove_file(&partial);
    }
    copied
}

/// Copies and syncs; the copy stands alone, without a log beside it.
fn copy_into(from: &Path, partial: &Path) -> Result<(), StoreError> {
    for leftover in [partial.to_owned(), beside(partial, "-wal"), beside(partial, "-journal")] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::of_file(&leftover, &error));
            }
            _ => {}
        }
    }
    if let Some(folder) = partial.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| StoreError::of_file(folder, &error))?;
    }
    make_private(partial)?;
    let source = open(from)?;
    let mut copy = Connection::open(partial).map_err(engine)?;
    // A copy that is cut off is thrown away: no journal, one sync at the end.
    copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF").map_err(engine)?;
    // One read transaction over all steps: they see one state, and the daemon's commits do not start the
    // copy anew.
    let state = source.unchecked_transaction().map_err(engine)?;
    state.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(engine)?;
    Backup::new(&state, &mut copy)
        .and_then(|backup| backup.run_to_completion(STEP_PAGES, STEP_PAUSE, None))
        .map_err(engine)?;
    drop(state);
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(engine)?;
    copy.close().map_err(|(_, error)| engine(error))?;
    File::open(partial).and_then(|file| file.sync_all()).map_err(|error| StoreError::of_file(partial, &error))
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// What the copy holds.
    pub verified: Verified,
    /// Where the database that stood there was kept; `None` when there was none.
    pub aside: Option<PathBuf>,
}

/// Puts a copy in the place of a database. The copy is checked first; the database that stands there is kept
/// as `aside`.
///
/// # Errors
/// [`StoreError::Held`] while a daemon runs on it, [`StoreError::Corrupt`] when the copy is not sound,
/// [`StoreError::Newer`] when a later program wrote it; nothing has changed then.
pub fn put_back(copy: &Path, database: &Path, aside: &Path) -> Result<Put, StoreError> {
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder).map_err(|error| StoreError::of_file(folder, &error))?;
    }
    let _lock = Lock::take(database)?;
    let incoming = beside(database, ".incoming");
    let verified = self::copy(copy, &incoming)?;
    let stood = fs::exists(database).map_err(|error| StoreError::of_file(database, &error))?;
    if stood {
        set_aside(database, aside)?;
    }
    // The name changes in one step: a fall of the machine finds the one database or the other.
    fs::rename(&incoming, database).map_err(|error| StoreError::of_file(database, &error))?;
    sync_folder(database)?;
    Ok(Put { verified, aside: stood.then(|| aside.to_owned()) })
}

/// Gives the present database a second name. Its log is folded in first, or goes with it where it cannot be:
/// a log that stayed behind would be taken for the new database's.
fn set_aside(database: &Path, aside: &Path) -> Result<(), StoreError> {
    let wrong = |error: std::io::Error| StoreError::of_file(aside, &error);
    let folded =
        Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|connection| {
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
        });
    if let Err(error) = folded {
        tracing::warn!(%error, "the database that is put aside is damaged; its log goes with it");
    }
    for ending in ["-wal", "-shm"] {
        match fs::rename(beside(database, ending), beside(aside, ending)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(wrong(error)),
            _ => {}
        }
    }
    // Where the disk knows no second names it is copied.
    fs::hard_link(database, aside).or_else(|_| fs::copy(database, aside).map(drop)).map_err(wrong)
}

/// The folder `backups` beside a database, in which copies stand that nobody named.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: PathBuf,
    stem: String,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFile {
    /// Its name in the folder; it holds the instant of the copy.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
}

impl Copies {
    /// Copies that stay when nobody says how many.
    pub const KEPT: usize = 14;

    /// Those of a database.
    #[must_use]
    pub fn of(database: &Path) -> Self {
        let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { folder: database.with_file_name("backups"), stem }
    }

    /// Where they stand.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a copy that is made now goes.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> PathBuf {
        self.folder.join(format!("{}-{}.db", self.stem, now.strftime("%Y%m%dT%H%M%S%3fZ")))
    }

    /// All of them, the newest first: the names hold their instant, so their order is that of time. None while there is
    /// no folder.
    ///
    /// # Errors
    /// What the file system says.
    pub fn list(&self) -> Result<Vec<CopyFile>, StoreError> {
        let wrong = |error: std::io::Error| StoreError::of_file(&self.folder, &error);
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(wrong)?,
        };
        let mut copies = Vec::new();
        for entry in entries {
            let entry = entry.map_err(wrong)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let rest = name.strip_prefix(&self.stem).and_then(|rest| rest.strip_prefix('-'));
            if rest.is_some_and(|rest| rest.ends_with(".db")) {
                copies.push(CopyFile { name, bytes: entry.metadata().map_err(wrong)?.len() });
            }
        }
        copies.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(copies)
    }

    /// Deletes the oldest, so that `keep` stay; answers with what went.
    ///
    /// # Errors
    /// What the file system says.
    pub fn prune(&self, keep: usize) -> Result<Vec<PathBuf>, StoreError> {
        let old: Vec<PathBuf> =
            self.list()?.into_iter().skip(keep).map(|copy| self.folder.join(copy.name)).collect();
        for copy in &old {
            fs::remove_file(copy).map_err(|error| StoreError::of_file(copy, &error))?;
        }
        Ok(old)
    }
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A new name is on the disk when its folder is.
pub(super) fn sync_folder(of: &Path) -> Result<(), StoreError> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::of_file(folder, &error))
}
