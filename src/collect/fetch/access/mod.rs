//! The access log: one line of JSON for each request that we sent, and for each that we did not send
//! because a rule forbade it. It is written to be shown: to a site's keeper, a lawyer, an inspector.
//!
//! Lines go through a bounded channel to a thread of their own, so that a slow disk slows nobody. A disk
//! that is full never stops fetching; it is told once in the daemon's log, with the number of lines lost.
//! Files are one a day (UTC), `access-2026-11-21.jsonl`, kept for at least six months (SEMANTICS 31).

mod file;
mod line;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
        mpsc::{self, SyncSender},
    },
};

pub use file::{Read, read};
pub use line::{Entry, Kind, Robots, is_key, redacted};

/// Lines that may wait; more only when the disk hangs.
const MOST_WAITING: usize = 8192;
/// Fewer days than six months are not kept.
pub const LEAST_DAYS: u32 = 183;

/// A handle on the log; cheap to clone.
#[derive(Clone, Default)]
pub struct AccessLog(Option<Arc<Door>>);

struct Door {
    sender: SyncSender<Message>,
    keep_days: Arc<AtomicU32>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Box<Entry>),
    Flush(tokio::sync::oneshot::Sender<()>),
}

impl AccessLog {
    /// A log that keeps nothing, for tests and for looking once.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A log in this folder, which is made when the first line comes. Its thread ends with the last handle.
    #[must_use]
    pub fn in_folder(folder: PathBuf, keep_days: u32) -> Self {
        let (sender, receiver) = mpsc::sync_channel(MOST_WAITING);
        let keep_days = Arc::new(AtomicU32::new(keep_days.max(LEAST_DAYS)));
        let lost = Arc::new(AtomicU64::new(0));
        let mut writer = file::Writer::new(folder, Arc::clone(&keep_days), Arc::clone(&lost));
        let thread = std::thread::Builder::new().name("access-log".into());
        match thread.spawn(move || writer.run(&receiver)) {
            Ok(_) => Self(Some(Arc::new(Door { sender, keep_days, lost }))),
            Err(error) => {
                tracing::error!(%error, "the access log has no thread and is not written");
                Self(None)
            }
        }
    }

    /// Days that are kept from now on; never less than [`LEAST_DAYS`].
    pub fn keep_days(&self, days: u32) {
        if let Some(door) = &self.0 {
            door.keep_days.store(days.max(LEAST_DAYS), Ordering::Relaxed);
        }
    }

    /// Hands one line over. Does not wait: a line that finds no room is counted as lost.
    pub fn write(&self, entry: Entry) {
        let Some(door) = &self.0 else { return };
        if door.sender.try_send(Message::Line(Box::new(entry))).is_err() {
            door.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until every line handed over before is on the disk (or lost and told).
    pub async fn flush(&self) {
        let Some(door) = self.0.clone() else { return };
        let (done, written) = tokio::sync::oneshot::channel();
        // The queue may be full; an async thread must not wait for it.
        let asked = tokio::task::spawn_blocking(move || door.sender.send(Message::Flush(done)));
        if matches!(asked.await, Ok(Ok(()))) {
            let _ = written.await;
        }
    }
}

impl std::fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AccessLog").field(&self.0.is_some()).finish()
    }
}
