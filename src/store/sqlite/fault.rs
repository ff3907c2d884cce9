//! What the engine's errors mean to a caller.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// Sorts an engine's error: no room on the disk is told apart, because the caller waits for room then.
#[expect(clippy::needless_pass_by_value, reason = "its place is in `map_err`")]
pub(super) fn engine(error: Error) -> StoreError {
    if let Error::SqliteFailure(failure, message) = &error {
        let words = message.clone().unwrap_or_else(|| failure.to_string());
        if failure.code == ErrorCode::DiskFull || is_failed_write(failure.extended_code) {
            return StoreError::Full(words);
        }
        if matches!(failure.code, ErrorCode::ReadOnly | ErrorCode::PermissionDenied) {
            return StoreError::Unwritable(words);
        }
        if matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
            return StoreError::Locked(words);
        }
    }
    StoreError::Engine(error.to_string())
}

/// A quota or a dying disk shows as a failed write or sync rather than as "full".
fn is_failed_write(extended: i32) -> bool {
    [
        ffi::SQLITE_IOERR_WRITE,
        ffi::SQLITE_IOERR_FSYNC,
        ffi::SQLITE_IOERR_DIR_FSYNC,
        ffi::SQLITE_IOERR_TRUNCATE,
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
    ]
    .contains(&extended)
}
