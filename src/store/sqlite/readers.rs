//! Readers: a few read-only connections on blocking threads. With a write-ahead log they neither wait
//! for the writer nor hold it up, and each query sees one state.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::fault::engine;
use crate::store::StoreError;

/// Queries that run at a time.
const READERS: usize = 4;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Arc::default(), turns: Arc::new(Semaphore::new(READERS)) }
    }

    /// Runs one query. The transaction around it makes several statements see the same state.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let stopped = |_| StoreError::Engine("a query was cut off".to_owned());
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::ReadOnly("closing"))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = kept.map_or_else(|| open(&path), Ok)?;
            let transaction = connection.unchecked_transaction().map_err(engine)?;
            let result = query(&transaction);
            drop(transaction);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        task.await.map_err(stopped)?
    }

    /// Does something on a blocking thread that opens what connections it needs.
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || work(&path))
            .await
            .map_err(|_| StoreError::Engine("a query was cut off".to_owned()))?
    }
}

pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(engine)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(engine)?;
    connection.set_prepared_statement_cache_capacity(32);
    // The system keeps the file's pages too, and there are several readers: half a megabyte each is enough.
    connection.pragma_update(None, "cache_size", -512).map_err(engine)?;
    Ok(connection)
}
