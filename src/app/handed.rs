//! Acts that a command hands to the daemon as files: `acts/*.json` beside the database, one act each.
//!
//! A command must not write the database while the daemon runs, and need not know where its console
//! listens. Whoever may write into this folder may write the database too. A file is taken once the desk
//! has answered, so an act that was handed in while nothing ran is done after the start.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    desk::Input,
    model::Act,
    store::{Inbox, InboxError},
};

/// How often the folder is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// The folder that belongs to a database.
#[must_use]
pub fn folder_of(database: &Path) -> PathBuf {
    database.with_file_name("acts")
}

/// Hands an act in; answers with the file, which vanishes when the act was taken.
///
/// # Errors
/// What the file system says.
pub fn hand_in(folder: &Path, act: &Act, now: Timestamp) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let name = format!("{}-{:08x}.json", now.as_microsecond(), fastrand::u32(..));
    let (half, whole) = (folder.join(format!(".{name}")), folder.join(name));
    fs::write(&half, serde_json::to_vec(act).map_err(io::Error::other)?)?;
    fs::rename(&half, &whole)?;
    Ok(whole)
}

/// Takes what is handed in, until `cancel`.
pub(super) async fn run(folder: PathBuf, inbox: Inbox, cancel: CancellationToken) {
    loop {
        for file in waiting(&folder) {
            if !take(&file, &inbox).await {
                break;
            }
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// The files that wait, oldest first.
fn waiting(folder: &Path) -> Vec<PathBuf> {
    // No folder: nothing was ever handed in.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let whole = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".json") && !name.starts_with('.')
    };
    let mut files: Vec<PathBuf> = entries.filter(whole).collect();
    files.sort();
    files
}

/// Whether the desk goes on taking acts.
async fn take(file: &Path, inbox: &Inbox) -> bool {
    match read(file) {
        Ok(act) => match inbox.put(Input::Act(act)).await {
            Ok(()) => info!(file = %file.display(), "an act was handed in"),
            Err(InboxError::Refused(why)) => warn!(file = %file.display(), %why, "the desk refused an act"),
            Err(_) => return false,
        },
        Err(error) => warn!(file = %file.display(), %error, "what was handed in is not an act"),
    }
    if let Err(error) = fs::remove_file(file) {
        warn!(file = %file.display(), %error, "a file cannot be removed; its act would be done again");
    }
    true
}

fn read(file: &Path) -> io::Result<Act> {
    if fs::metadata(file)?.len() > LARGEST {
        return Err(io::Error::other("too large"));
    }
    serde_json::from_slice(&fs::read(file)?).map_err(io::Error::other)
}
