//! The one writer: a thread of its own that puts everything that waits into one durable transaction.
//!
//! SQLite has one writer at a time and pays for each commit with a sync of the disk, so requests that
//! queue up while one commit runs share the next. A caller hears only after that commit. When a group
//! fails, each of its requests is tried again in a transaction of its own, so that one that cannot be
//! written does not fail the others.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    fault::engine,
    lock::Board,
    write::{Write, apply},
};
use crate::store::{StoreError, written::Bell};

/// Requests that may wait before callers do.
const QUEUE: usize = 1024;
/// Requests that share one transaction at most, which bounds how long the first of them waits.
const GROUP: usize = 512;

/// A request and who waits for it.
#[derive(Debug)]
struct Waiting {
    write: Write,
    done: oneshot::Sender<Result<(), StoreError>>,
}

/// The callers' side of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Waiting>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `group` is false only to measure what grouping gains.
    pub(super) fn start(
        connection: Connection,
        group: bool,
        board: Board,
        bell: Arc<Bell>,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let limit = if group { GROUP } else { 1 };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(connection, waiting, limit, board, &bell))
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands over one request and waits for its commit.
    pub(super) async fn write(&self, write: Write) -> Result<(), StoreError> {
        const CLOSED: StoreError = StoreError::ReadOnly("it is closing");
        let (done, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(CLOSED)?;
        queue.send(Waiting { write, done }).await.map_err(|_| CLOSED)?;
        answer.await.map_err(|_| CLOSED)?
    }
}

impl Drop for Writer {
    /// What was queued is still written; then the file is closed, so that it can be opened again at once.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by a panic");
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the thread owns the connection and closes it")]
fn serve(
    connection: Connection,
    mut queue: mpsc::Receiver<Waiting>,
    limit: usize,
    mut board: Board,
    bell: &Bell,
) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < limit
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        commit_group(&connection, group, &mut board, bell);
    }
    // Folds the write-ahead log into the file, so that a copied file is whole; not needed for safety.
    if let Err(error) = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log could not be folded in");
    }
}

fn commit_group(connection: &Connection, group: Vec<Waiting>, board: &mut Board, bell: &Bell) {
    let mut result = transact(connection, group.iter().map(|one| &one.write));
    match &result {
        Ok(()) => board.say(""),
        Err(StoreError::Full(_)) => board.say("full"),
        Err(StoreError::Unwritable(_)) => board.say("unwritable"),
        Err(_) => {}
    }
    match &result {
        Ok(()) => tracing::trace!(requests = group.len(), point = "store.committed", "committed"),
        Err(error) if group.len() > 1 => {
            tracing::debug!(%error, requests = group.len(), "a group failed; each is tried alone");
            for one in group {
                let result = transact(connection, std::iter::once(&one.write));
                if result.is_ok() {
                    bell.ring(one.write.is_of_the_desk(), one.write.is_of_a_source());
                }
                answer(one.done, result);
            }
            return;
        }
        Err(_) => {}
    }
    if result.is_ok() {
        let desk = group.iter().any(|one| one.write.is_of_the_desk());
        bell.ring(desk, group.iter().any(|one| one.write.is_of_a_source()));
    }
    for one in group {
        // More than one only after a success, so an error goes to the single caller that there is.
        answer(one.done, std::mem::replace(&mut result, Ok(())));
    }
}

/// One durable transaction, rolled back whole on any error.
fn transact<'a>(connection: &Connection, writes: impl Iterator<Item = &'a Write>) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE").map_err(engine)?;
    let mut result = Ok(());
    for write in writes {
        result = apply(connection, write);
        if result.is_err() {
            break;
        }
    }
    let result = result.and_then(|()| connection.execute_batch("COMMIT").map_err(engine));
    // A full disk may have ended the transaction already.
    if result.is_err()
        && !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a failed transaction could not be rolled back");
    }
    result
}

/// A caller that went away has dropped its end; what it asked for was done all the same.
fn answer(done: oneshot::Sender<Result<(), StoreError>>, result: Result<(), StoreError>) {
    let _ = done.send(result);
}
