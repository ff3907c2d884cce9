//! A person says that a page is as it should be. The command leaves a small file in the state folder, and
//! the daemon takes it up at the next round of the source: only the daemon writes to the database.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Files taken up in one round.
const MOST_FILES: usize = 1_000;

/// What a person accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The source.
    pub source: String,
    /// The page.
    pub url: String,
    /// Fingerprint of the page as it was shown to the person; another one is not accepted by this.
    pub fingerprint: String,
    /// Who decides.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// Leaves acceptances for the daemon.
///
/// # Errors
/// The folder cannot be written.
pub fn leave(state_folder: &Path, acceptances: &[Acceptance]) -> std::io::Result<()> {
    let folder = folder(state_folder);
    std::fs::create_dir_all(&folder)?;
    for (nth, acceptance) in acceptances.iter().enumerate() {
        let text = serde_json::to_vec_pretty(acceptance).map_err(std::io::Error::other)?;
        let name = format!("{}-{nth}", acceptance.at.as_nanosecond());
        // Written beside and moved in place: the daemon never reads half a file.
        let (half, whole) = (folder.join(format!("{name}.part")), folder.join(format!("{name}.json")));
        std::fs::write(&half, text)?;
        std::fs::rename(&half, &whole)?;
    }
    Ok(())
}

/// The acceptances that wait for a source, oldest first, with their files.
pub(super) fn waiting(state_folder: &Path, source: &str) -> Vec<(PathBuf, Acceptance)> {
    let Ok(files) = std::fs::read_dir(folder(state_folder)) else { return Vec::new() };
    let json =
        files.flatten().map(|file| file.path()).filter(|path| path.extension().is_some_and(|e| e == "json"));
    let mut found: Vec<(PathBuf, Acceptance)> = json
        .take(MOST_FILES)
        .filter_map(|path| {
            let acceptance: Acceptance = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
            (acceptance.source == source).then_some((path, acceptance))
        })
        .collect();
    found.sort_by_key(|(_, acceptance)| acceptance.at);
    found
}

/// Forgets what was taken up.
pub(super) fn done(files: &[PathBuf]) {
    for file in files {
        if let Err(error) = std::fs::remove_file(file) {
            tracing::warn!(%error, file = %file.display(), "an acceptance that was taken up cannot be removed");
        }
    }
}

fn folder(state_folder: &Path) -> PathBuf {
    state_folder.join("watch-accept")
}
