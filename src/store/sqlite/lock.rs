//! One daemon a database: a lock that the operating system gives back when the process ends, however
//! it ends.
//!
//! The lock's file says who holds it, so that whoever is turned away can say whom to ask, and whether the
//! disk takes what is written: its few bytes are overwritten in place, which works on a full disk too.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::store::{Holder, StoreError};

/// Bytes of the file, always: what fits once fits ever after.
const LENGTH: usize = 512;
/// How often, and how far apart, a lock that is taken is tried again.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// Held as long as the value lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: Arc<Mutex<File>>,
    holder: Holder,
}

impl Lock {
    /// Takes `<database>.lock`. The file stays behind; only the lock on it counts.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = path_of(database);
        let cannot = |error: std::io::Error| StoreError::of_file(&path, &error);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let file = options.open(&path).map_err(cannot)?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(database, file)),
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let holder = Holder { pid: std::process::id(), ..Holder::default() };
        let mut lock = Self { file: Arc::new(Mutex::new(file)), holder };
        lock.note_start().map_err(cannot)?;
        Ok(lock)
    }

    /// Writes who holds it. The instant is the file's own, of when it was written.
    fn note_start(&mut self) -> std::io::Result<()> {
        write(&self.file, &self.holder)?;
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.metadata().and_then(|data| data.modified())?;
        drop(file);
        self.holder.since = Timestamp::try_from(written).unwrap_or_default();
        write(&self.file, &self.holder)
    }

    /// A handle by which the writer says how the disk is.
    pub(super) fn board(&self) -> Board {
        Board { file: Arc::clone(&self.file), holder: self.holder.clone() }
    }
}

/// Where it is written down that the disk takes nothing.
#[derive(Debug)]
pub(super) struct Board {
    file: Arc<Mutex<File>>,
    holder: Holder,
}

impl Board {
    /// Says what is wrong, or that nothing is; the same words are written once.
    pub(super) fn say(&mut self, trouble: &str) {
        if self.holder.trouble == trouble {
            return;
        }
        trouble.clone_into(&mut self.holder.trouble);
        if let Err(error) = write(&self.file, &self.holder) {
            tracing::debug!(%error, "the lock's file does not say how the disk is");
        }
    }
}

/// A command that asks who holds the database has the lock for a moment; that must not keep a daemon from
/// starting.
#[expect(clippy::disallowed_methods, reason = "a start may wait for a moment; no time is measured")]
fn patiently(file: &File) -> Result<(), TryLockError> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    file.try_lock()
}

fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn write(file: &Mutex<File>, holder: &Holder) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(holder)?;
    text.resize(LENGTH, b' ');
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&text)?;
    file.flush()
}

fn held(database: &Path, mut file: File) -> StoreError {
    let mut text = String::new();
    // One that has just been taken may not say yet who holds it.
    let holder = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
    StoreError::Held { database: database.display().to_string(), holder }
}

/// Who holds a database now; `None` when nobody does, or its lock cannot be looked at.
#[must_use]
pub fn holder_of(database: &Path) -> Option<Holder> {
    let file = OpenOptions::new().read(true).open(path_of(database)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => match held(database, file) {
            StoreError::Held { holder, .. } => Some(holder.unwrap_or_default()),
            _ => None,
        },
        _ => None,
    }
}
