//! The files of the access log: written a day at a time by one thread, read back by the command.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read as _, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
        mpsc::Receiver,
    },
    time::Duration,
};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{Entry, Message};

/// Lines that are written together.
const MOST_TOGETHER: usize = 256;
/// How long the first line waits for others: waking this thread and writing for each line alone would cost a
/// third of what its request costs.
const GATHER: Duration = Duration::from_millis(20);
/// A longer line is not one of ours.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The thread's state.
pub(super) struct Writer {
    folder: PathBuf,
    keep_days: Arc<AtomicU32>,
    /// Lines that found no room in the queue.
    lost: Arc<AtomicU64>,
    open: Option<(Date, File)>,
    /// Lines lost since the disk failed; `None` while all is well.
    failing: Option<u64>,
}

impl Writer {
    pub fn new(folder: PathBuf, keep_days: Arc<AtomicU32>, lost: Arc<AtomicU64>) -> Self {
        Self { folder, keep_days, lost, open: None, failing: None }
    }

    /// Writes until the last handle is gone.
    #[expect(
        clippy::disallowed_methods,
        reason = "a thread of its own, which sleeps as long as a disk would take"
    )]
    pub fn run(&mut self, messages: &Receiver<Message>) {
        let mut more = false;
        while let Ok(first) = messages.recv() {
            let mut lines = Vec::new();
            let mut flushed = Vec::new();
            if !more && matches!(first, Message::Line(_)) {
                std::thread::sleep(GATHER);
            }
            let waiting = messages.try_iter().take(MOST_TOGETHER);
            for message in std::iter::once(first).chain(waiting) {
                match message {
                    Message::Line(entry) => lines.push(entry),
                    Message::Flush(done) => flushed.push(done),
                }
            }
            more = lines.len() >= MOST_TOGETHER;
            for day in lines.chunk_by(|one, next| day_of(one.at) == day_of(next.at)) {
                self.take(day);
            }
            if !flushed.is_empty()
                && let Some((_, file)) = &self.open
            {
                // Whoever flushes wants it to outlive the machine; when it cannot, the lines are written still.
                let _ = file.sync_data();
            }
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    /// Writes lines of one day and keeps account of those that are lost.
    fn take(&mut self, lines: &[Box<Entry>]) {
        let Some(first) = lines.first() else { return };
        let count = lines.len() as u64;
        match self.append(day_of(first.at), lines) {
            Ok(()) => {
                let lost = self.lost.swap(0, Ordering::Relaxed) + self.failing.take().unwrap_or(0);
                if lost > 0 {
                    tracing::error!(lost, folder = %self.folder.display(), "lines of the access log were lost; it is written again");
                }
            }
            Err(error) => {
                self.open = None;
                if self.failing.is_none() {
                    tracing::error!(%error, folder = %self.folder.display(), "the access log cannot be written; fetching goes on");
                }
                self.failing = Some(self.failing.unwrap_or(0) + count);
            }
        }
    }

    fn append(&mut self, day: Date, lines: &[Box<Entry>]) -> io::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        if self.open.as_ref().is_none_or(|(open, _)| *open != day) {
            fs::create_dir_all(&self.folder)?;
            self.open = Some((day, open(&self.folder.join(name_of(day)))?));
            self.forget_old(day);
        }
        match &mut self.open {
            Some((_, file)) => file.write_all(&text),
            None => Ok(()),
        }
    }

    /// Deletes days beyond the limit. A day goes only when as many newer files are there as days are to
    /// be kept: a machine that wakes up with its clock in 2038 must not delete the record of this year.
    fn forget_old(&self, today: Date) {
        let keep = self.keep_days.load(Ordering::Relaxed);
        let Ok(oldest) = today.checked_sub(i64::from(keep).days()) else { return };
        let days = days_in(&self.folder);
        let spare = days.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
        for day in days.iter().take(spare).filter(|day| **day < oldest) {
            if let Err(error) = fs::remove_file(self.folder.join(name_of(*day))) {
                tracing::warn!(%error, %day, "an old file of the access log stays");
            }
        }
    }
}

/// Opens for appending; a line that was cut by a full disk or a fall of the machine is ended first.
fn open(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn name_of(day: Date) -> String {
    format!("access-{day}.jsonl")
}

/// The days of which there is a file, oldest first.
fn days_in(folder: &Path) -> Vec<Date> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut days: Vec<Date> = names
        .filter_map(|name| name.to_str()?.strip_prefix("access-")?.strip_suffix(".jsonl")?.parse().ok())
        .collect();
    days.sort_unstable();
    days
}

/// What reading gave.
#[derive(Debug, Default)]
pub struct Read {
    /// The lines, oldest first.
    pub entries: Vec<Entry>,
    /// Lines that cannot be read: cut by a full disk.
    pub broken: usize,
}

/// Reads the lines of `from..to` that `wanted` takes.
///
/// # Errors
/// A file that cannot be read. A folder that is not there has no lines.
pub fn read(
    folder: &Path,
    from: Timestamp,
    to: Timestamp,
    wanted: impl Fn(&Entry) -> bool,
) -> io::Result<Read> {
    let mut found = Read::default();
    for day in days_in(folder).into_iter().filter(|day| (day_of(from)..=day_of(to)).contains(day)) {
        let mut lines = BufReader::new(File::open(folder.join(name_of(day)))?);
        let mut line = Vec::new();
        while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
            match serde_json::from_slice::<Entry>(&line) {
                Ok(entry) if entry.at >= from && entry.at < to && wanted(&entry) => found.entries.push(entry),
                Ok(_) => {}
                Err(_) => found.broken += 1,
            }
            line.clear();
        }
    }
    found.entries.sort_by_key(|entry| entry.at);
    Ok(found)
}
