//! Keeps the answer that showed signs of tampering, byte by byte as received, in a folder by date, so
//! that it can be shown later what the page held.

use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};

/// Files kept; the oldest go first.
const MOST_FILES: usize = 500;
/// Their bytes together.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Writes a body; the name below the state folder. Says nothing when it cannot be written: telling comes
/// before keeping.
pub(super) async fn keep(
    folder: Option<PathBuf>,
    sha256: &str,
    body: Vec<u8>,
    at: Timestamp,
) -> Option<String> {
    let folder = folder?.join("evidence");
    let short: String = sha256.chars().take(16).collect();
    let at = at.to_zoned(TimeZone::UTC);
    let name = format!("{}/{}-{short}.html", at.strftime("%Y-%m-%d"), at.strftime("%H%M%SZ"));
    let path = folder.join(&name);
    let written = tokio::task::spawn_blocking(move || write(&folder, &path, &body)).await;
    match written {
        Ok(Ok(())) => Some(format!("evidence/{name}")),
        Ok(Err(error)) => {
            tracing::error!(%error, "the evidence of a tampering could not be kept");
            None
        }
        Err(_) => None,
    }
}

fn write(folder: &Path, path: &Path, body: &[u8]) -> std::io::Result<()> {
    if let Some(day) = path.parent() {
        std::fs::create_dir_all(day)?;
    }
    std::fs::write(path, body)?;
    prune(folder)
}

fn prune(folder: &Path) -> std::io::Result<()> {
    let mut files: Vec<(PathBuf, u64)> = Vec::new();
    for day in std::fs::read_dir(folder)?.flatten().filter(|day| day.path().is_dir()) {
        for file in std::fs::read_dir(day.path())?.flatten() {
            files.push((file.path(), file.metadata().map_or(0, |about| about.len())));
        }
    }
    // Names begin with date and time.
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, size)| size).sum();
    let mut count = files.len();
    for (path, size) in files {
        if count <= MOST_FILES && bytes <= MOST_BYTES {
            break;
        }
        std::fs::remove_file(&path)?;
        if let Some(day) = path.parent() {
            // Only an empty folder can be removed.
            let _ = std::fs::remove_dir(day);
        }
        (count, bytes) = (count - 1, bytes.saturating_sub(size));
    }
    Ok(())
}
