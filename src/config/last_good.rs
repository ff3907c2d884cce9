//! A copy of the office's files as they last were without fault, kept in the state directory.
//!
//! A broken file keeps its last good state in force while the daemon runs. Without this copy a restart
//! (an update, a power cut) on a day when a file is broken would leave the office without a watch.

use std::{fs, io, path::Path};

use super::{Fault, Folder, Office, Reloaded, load, load_after};

/// Reads an office at start. When a file is wrong and `copy` holds an office without fault, that one
/// stands in for what is wrong, and the faults are told as if the files had just been saved.
///
/// # Errors
/// All faults, when there is no good copy either.
pub fn start(folder: &Folder, copy: &Path) -> Result<Reloaded, Vec<Fault>> {
    match load(folder) {
        Ok((office, warnings)) => Ok(Reloaded { office, faults: Vec::new(), warnings }),
        Err(faults) => match load(&Folder::Disk(copy.to_owned())) {
            Ok((good, _)) => Ok(load_after(folder, &good)),
            Err(_) => Err(faults),
        },
    }
}

/// Keeps the files of an office that was just read without fault. Written beside and renamed into place;
/// files outside the office's folder are not copied.
///
/// # Errors
/// What the system says; the former copy then stays, or none.
pub fn keep(office: &Office, copy: &Path) -> io::Result<()> {
    let Some(folder) = office.folder.disk() else { return Ok(()) };
    let fresh = copy.with_extension("new");
    clear(&fresh)?;
    for path in office.stamp.paths() {
        let Ok(below) = path.strip_prefix(folder) else { continue };
        let to = fresh.join(below);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(path, to)?;
    }
    clear(copy)?;
    fs::rename(fresh, copy)
}

fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
