//! Keeps a running daemon on the latest good state of the office's files.
//!
//! The folder may be a network share, where change events do not arrive, so it is looked at once a
//! second of the [`Clock`](crate::time::Clock): sizes and times of change only. When something changed and has then stood
//! still for two seconds (a clerk's program may save in several steps), the files are read. What is
//! wrong keeps its last good state in force, and its faults are published beside the office. A file that
//! another program holds is tried again.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};

use crate::time::SharedClock;

use super::{Fault, Folder, Office, Reloaded, Warning, last_good, load, load_after, stamp::Stamp};

/// How often the folder is looked at.
pub const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// How long a change must have stood still before the files are read.
pub const STAND_STILL: SignedDuration = SignedDuration::from_secs(2);
/// How long after a file could not be read it is tried again.
pub const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// What is in force, and what is wrong beside it.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The office in force.
    pub office: Arc<Office>,
    /// Faults of files whose last good state stays in force; empty when all is well.
    pub faults: Arc<Vec<Fault>>,
    /// What is probably not meant.
    pub warnings: Arc<Vec<Warning>>,
    /// When these files were read. UTC.
    pub read_at: Timestamp,
}

/// The reading end: cheap to clone.
#[derive(Debug, Clone)]
pub struct Watch {
    state: watch::Receiver<InForce>,
    looked: watch::Receiver<Timestamp>,
    reload: mpsc::Sender<oneshot::Sender<Result<(), Vec<Fault>>>>,
}

impl Watch {
    /// What is in force now, and changes of it.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<InForce> {
        self.state.clone()
    }

    /// The office in force now.
    #[must_use]
    pub fn office(&self) -> Arc<Office> {
        Arc::clone(&self.state.borrow().office)
    }

    /// When the folder was looked at last; a standing time means that the share hangs.
    #[must_use]
    pub fn looked(&self) -> watch::Receiver<Timestamp> {
        self.looked.clone()
    }

    /// Reads everything now, without waiting for it to stand still (SIGHUP): all files are checked
    /// first, and only a state without faults is put in force.
    ///
    /// # Errors
    /// All faults; what was in force stays.
    pub async fn reload(&self) -> Result<(), Vec<Fault>> {
        let (done, wait) = oneshot::channel();
        let stopped = || vec![Fault::of_file(Path::new("yuqing.toml"), "正在停止，没有重新读取", None)];
        self.reload.send(done).await.map_err(|_| stopped())?;
        wait.await.map_err(|_| stopped())?
    }
}

/// Starts watching the folder of `office`. The task ends when the last [`Watch`] is dropped.
#[must_use]
pub fn watch(office: &Arc<Office>, warnings: Vec<Warning>, clock: SharedClock) -> Watch {
    watch_from(Arc::clone(office), Vec::new(), warnings, None, clock)
}

/// The same from a start that may have stood in for wrong files ([`last_good::start`]); every state
/// without faults is kept in `copy`.
#[must_use]
pub fn watch_keeping(started: Reloaded, copy: PathBuf, clock: SharedClock) -> Watch {
    let Reloaded { office, faults, warnings } = started;
    watch_from(Arc::new(office), faults, warnings, Some(copy), clock)
}

fn watch_from(
    office: Arc<Office>,
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
    copy: Option<PathBuf>,
    clock: SharedClock,
) -> Watch {
    let now = clock.now();
    let folder = office.folder.clone();
    let (faults, warnings) = (Arc::new(faults), Arc::new(warnings));
    let (state, state_receiver) = watch::channel(InForce { office, faults, warnings, read_at: now });
    if !state_receiver.borrow().faults.is_empty() {
        // Whoever waits for a change must hear of a start with wrong files.
        state.send_modify(|_| {});
    }
    let (looked, looked_receiver) = watch::channel(now);
    let (reload, requests) = mpsc::channel(4);
    tokio::spawn(Watcher { folder, copy, clock, state, looked, changed: None }.run(requests));
    Watch { state: state_receiver, looked: looked_receiver, reload }
}

struct Watcher {
    folder: Folder,
    /// Where the last state without faults is kept for the next start.
    copy: Option<PathBuf>,
    clock: SharedClock,
    state: watch::Sender<InForce>,
    looked: watch::Sender<Timestamp>,
    /// A stamp that differs from that of what is in force, and since when it stands still.
    changed: Option<(Stamp, Timestamp)>,
}

impl Watcher {
    async fn run(mut self, mut requests: mpsc::Receiver<oneshot::Sender<Result<(), Vec<Fault>>>>) {
        self.keep().await;
        loop {
            // Counted from the last look: reading the clock here would lose what passed since then.
            let next = self.looked.borrow().saturating_add(LOOK_EVERY).unwrap_or(Timestamp::MAX);
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                () = clock.sleep_until(next) => self.look().await,
                request = requests.recv() => match request {
                    Some(done) => { let _ = done.send(self.reload().await); }
                    None => return,
                },
            }
        }
    }

    async fn look(&mut self) {
        let stamp = self.stamp().await;
        let now = self.clock.now();
        if stamp == self.state.borrow().office.stamp {
            self.changed = None;
            if self.is_worth_another_try(now) {
                self.take(now).await;
            }
        } else {
            match &self.changed {
                Some((seen, since)) if *seen == stamp => {
                    if now.duration_since(*since) >= STAND_STILL {
                        self.take(now).await;
                    }
                }
                _ => self.changed = Some((stamp, now)),
            }
        }
        self.looked.send_replace(now);
    }

    fn is_worth_another_try(&self, now: Timestamp) -> bool {
        let state = self.state.borrow();
        state.faults.iter().any(|fault| fault.unread) && now.duration_since(state.read_at) >= TRY_AGAIN
    }

    /// Reads what changed; wrong files keep their last good state.
    async fn take(&mut self, now: Timestamp) {
        let previous = Arc::clone(&self.state.borrow().office);
        let folder = self.folder.clone();
        let Ok(reloaded) = tokio::task::spawn_blocking(move || load_after(&folder, &previous)).await else {
            tracing::error!("reading the office's files failed; the last good state stays in force");
            return;
        };
        for fault in &reloaded.faults {
            tracing::warn!(file = %fault.file.display(), line = fault.line, "a file of the office is wrong: {}", fault.message);
        }
        self.changed = None;
        self.state.send_replace(InForce {
            office: Arc::new(reloaded.office),
            faults: Arc::new(reloaded.faults),
            warnings: Arc::new(reloaded.warnings),
            read_at: now,
        });
        self.keep().await;
    }

    /// Keeps what is in force, if it has no fault.
    async fn keep(&self) {
        let Some(copy) = self.copy.clone().filter(|_| self.state.borrow().faults.is_empty()) else { return };
        let office = Arc::clone(&self.state.borrow().office);
        let kept = tokio::task::spawn_blocking(move || last_good::keep(&office, &copy)).await;
        if let Ok(Err(error)) = kept {
            tracing::warn!(%error, "the office's files could not be copied; a restart needs them whole");
        }
    }

    async fn reload(&mut self) -> Result<(), Vec<Fault>> {
        let folder = self.folder.clone();
        let read = tokio::task::spawn_blocking(move || load(&folder)).await;
        let stopped = |_| vec![Fault::of_file(Path::new("yuqing.toml"), "读取文件时出错", None)];
        let (office, warnings) = read.map_err(stopped)??;
        self.changed = None;
        self.state.send_replace(InForce {
            office: Arc::new(office),
            faults: Arc::default(),
            warnings: Arc::new(warnings),
            read_at: self.clock.now(),
        });
        self.keep().await;
        Ok(())
    }

    async fn stamp(&self) -> Stamp {
        let folder = self.folder.clone();
        let outside: Vec<PathBuf> = {
            let office = &self.state.borrow().office;
            office.files_of_keywords().map(|file| self.folder.path(file)).collect()
        };
        let walked = tokio::task::spawn_blocking(move || {
            let mut stamp = Stamp::of(&folder);
            for file in outside {
                stamp.add(&file);
            }
            stamp
        });
        walked.await.unwrap_or_else(|_| self.state.borrow().office.stamp.clone())
    }
}
