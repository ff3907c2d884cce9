//! Writes a database anew without what is free in it, while no daemon runs. What is written is checked before it takes
//! the place of the old file by its name, in one step: a fall of the machine, or a kill, leaves the one or the other.
//! The new file gives free pages back by itself from then on (`auto_vacuum`), which files from before schema 8 do not.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{
    backup::{beside, sync_folder},
    fault::engine,
    lock::Lock,
    make_private, schema,
    verify::verify,
};
use crate::store::StoreError;

/// Bytes that are to be left on the disk beside what is written.
const SPARE: u64 = 64 << 20;

/// What a compaction did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes of the file and its log before.
    pub before: u64,
    /// Bytes after; before the work, about how many.
    pub after: u64,
    /// Bytes that the disk has free, before the work; `None` where the system does not say.
    pub room: Option<u64>,
}

/// Writes the database anew. `begin` hears what will be done, just before it is.
///
/// # Errors
/// [`StoreError::Held`] while a daemon runs on it, [`StoreError::Full`] when there is no room for the second file,
/// [`StoreError::Corrupt`] when what was written is not sound; nothing has changed then.
pub fn compact(database: &Path, begin: impl FnOnce(&Compacted)) -> Result<Compacted, StoreError> {
    fs::metadata(database).map_err(|error| StoreError::of_file(database, &error))?;
    let _lock = Lock::take(database)?;
    let fresh = beside(database, ".compact");
    let plan = look(database)?;
    if plan.room.is_some_and(|room| room < plan.after.saturating_add(SPARE)) {
        let why = format!(
            "{} bytes are needed beside {}, {} are free",
            plan.after.saturating_add(SPARE),
            database.display(),
            plan.room.unwrap_or(0)
        );
        return Err(StoreError::Full(why));
    }
    begin(&plan);
    let written = write_anew(database, &fresh);
    if written.is_err() {
        // Whatever there is of it is of no use; the error is what counts.
        let _ = fs::remove_file(&fresh);
    }
    written?;
    let after = fs::metadata(database).map_err(|error| StoreError::of_file(database, &error))?.len();
    Ok(Compacted { after, ..plan })
}

/// How large it is, how much of that is in use, and how much room there is.
fn look(database: &Path) -> Result<Compacted, StoreError> {
    let connection = open(database)?;
    schema::check(&connection)?;
    // The log is a part of the database: folded in first, it needs not be counted twice.
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(engine)?;
    let ask = |name: &str| -> Result<u64, StoreError> {
        let value: i64 = connection.pragma_query_value(None, name, |row| row.get(0)).map_err(engine)?;
        Ok(value.unsigned_abs())
    };
    let used = ask("page_count")?.saturating_sub(ask("freelist_count")?) * ask("page_size")?;
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let before = bytes(database) + bytes(&beside(database, "-wal"));
    Ok(Compacted { before, after: used, room: room(database) })
}

fn open(database: &Path) -> Result<Connection, StoreError> {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(engine)
}

/// Bytes that whoever runs this may still write to the disk of a file.
fn room(file: &Path) -> Option<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    return rustix::fs::statvfs(folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    #[cfg(not(unix))]
    return folder.exists().then_some(()).and(None);
}

fn write_anew(database: &Path, fresh: &Path) -> Result<(), StoreError> {
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::of_file(fresh, &error));
        }
        _ => {}
    }
    make_private(fresh)?;
    let connection = open(database)?;
    connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL").map_err(engine)?;
    connection.execute("VACUUM INTO ?1", [fresh.to_string_lossy()]).map_err(engine)?;
    fs::File::open(fresh)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::of_file(fresh, &error))?;
    if let Some(fault) = verify(fresh)?.faults.first() {
        return Err(StoreError::Corrupt { table: "database", why: fault.to_string() });
    }
    // No log may stay behind: it would be taken for the new file's.
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(engine)?;
    connection.close().map_err(|(_, error)| engine(error))?;
    fs::rename(fresh, database).map_err(|error| StoreError::of_file(database, &error))?;
    sync_folder(database)
}
