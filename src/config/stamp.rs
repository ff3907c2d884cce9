//! Sizes and times of change of the office's files: cheap to take, so that a folder can be looked at
//! every second.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{Folder, left_behind};

/// Folders below this depth are not the office's.
const DEEPEST: usize = 4;
/// Endings of files that are the office's.
const ENDINGS: [&str; 5] = ["toml", "txt", "csv", "xlsx", "html"];

/// Size and time of change of each file; equal stamps mean that nothing was saved in between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Stamp {
    /// The stamp of all files in the folder.
    #[must_use]
    pub fn of(folder: &Folder) -> Self {
        let mut stamp = Self::default();
        if let Some(folder) = folder.disk() {
            stamp.walk(folder, DEEPEST);
        }
        stamp
    }

    /// The files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    fn walk(&mut self, folder: &Path, depth: usize) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            // `state` is where the daemon keeps its own things when it runs beside the files.
            if left_behind(&name.to_string_lossy()) || name == "state" {
                continue;
            }
            if path.is_dir() {
                if depth > 0 {
                    self.walk(&path, depth - 1);
                }
            } else if ENDINGS
                .iter()
                .any(|ending| path.extension().is_some_and(|of| of.eq_ignore_ascii_case(ending)))
            {
                self.add(&path);
            }
        }
    }

    /// Adds one file, which may stand outside the folder (a keyword list on a share of its own). A
    /// file that is not there is left out, so that its coming is a change.
    pub fn add(&mut self, path: &Path) {
        if let Ok(metadata) = fs::metadata(path) {
            self.0.insert(path.to_owned(), (metadata.len(), metadata.modified().ok()));
        }
    }
}
