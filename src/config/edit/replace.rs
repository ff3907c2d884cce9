//! Puts a new content in the place of a file: written beside it, brought to the disk, renamed. Whoever reads sees the
//! old or the new content, each whole, and a full disk or a power cut leaves the old one.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// A content that lies on the disk beside the file whose place it is to take. Dropped, it goes away.
#[derive(Debug)]
pub struct Beside {
    target: PathBuf,
    path: PathBuf,
}

/// Why a content did not take its place.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The file was changed since it was read.
    #[error("the file was changed meanwhile")]
    Changed,
    /// What the system says.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Beside {
    /// Writes a content beside the file; rights, owner and group are the file's where the system lets them be.
    ///
    /// # Errors
    /// What the system says; the file is as it was.
    pub fn write(file: &Path, content: &[u8]) -> io::Result<Self> {
        // A link leads to the file that is meant.
        let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let folder = target.parent().ok_or_else(|| io::Error::other("no folder"))?;
        fs::create_dir_all(folder)?;
        let mut name = OsString::from(".");
        name.push(target.file_name().ok_or_else(|| io::Error::other("no file name"))?);
        // The daemon and people pass over such names.
        name.push(format!(".{:08x}.tmp", fastrand::u32(..)));
        let beside = Self { path: folder.join(name), target };
        let mut written = OpenOptions::new().write(true).create_new(true).open(&beside.path)?;
        written.write_all(content)?;
        if let Ok(known) = fs::metadata(&beside.target) {
            like(&beside.path, &known);
        }
        written.sync_all()?;
        Ok(beside)
    }

    /// Takes the file's place, if what stands there is still `expected` (`None`: no such file). Answers with what
    /// another program wrote into the old file at the very moment, so that it can be kept.
    ///
    /// # Errors
    /// [`PutError::Changed`] when something else stands there; nothing was touched.
    pub fn put(self, expected: Option<&[u8]>) -> Result<Option<Vec<u8>>, PutError> {
        let old = match File::open(&self.target) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let found = old.as_ref().map(whole).transpose()?;
        if found.as_deref() != expected {
            return Err(PutError::Changed);
        }
        fs::rename(&self.path, &self.target)?;
        if let Some(folder) = self.target.parent().and_then(|folder| File::open(folder).ok()) {
            // Not every share can; the rename is made all the same.
            let _ = folder.sync_all();
        }
        // The old file has no name any more, but a program that had it open may have written to it meanwhile.
        let late = old.as_ref().and_then(|old| again(old).ok());
        Ok(late.filter(|late| Some(late.as_slice()) != expected))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Gone already when it took its place.
        let _ = fs::remove_file(&self.path);
    }
}

fn whole(mut file: &File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    Ok(content)
}

fn again(mut file: &File) -> io::Result<Vec<u8>> {
    io::Seek::rewind(&mut file)?;
    whole(file)
}

/// Gives a file the rights of another, as far as the system lets us.
fn like(path: &Path, known: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        // A group of the office's clerks stays; the owner only where we may.
        if chown(path, Some(known.uid()), Some(known.gid())).is_err() {
            let _ = chown(path, None, Some(known.gid()));
        }
    }
    let _ = fs::set_permissions(path, known.permissions());
}
