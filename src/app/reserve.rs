//! A little room that is kept on the database's disk and given up when the disk is full: enough to write down
//! that it is, and to send that to the administrators.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

/// Bytes kept.
const SIZE: usize = 4 * 1024 * 1024;

/// The room: a file beside the database.
#[derive(Debug)]
pub struct Reserve {
    file: PathBuf,
}

impl Reserve {
    /// Takes it, if it is not taken yet.
    #[must_use]
    pub fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push(".reserve");
        let reserve = Self { file: PathBuf::from(name) };
        if !reserve.refill() {
            tracing::warn!(file = %reserve.file.display(), "no room for a reserve; a full disk could not be told of");
        }
        reserve
    }

    /// Gives it up.
    pub fn release(&self) {
        // It may not be there: then there is nothing to give.
        let _ = fs::remove_file(&self.file);
    }

    /// Takes it again; whether there was room.
    #[must_use]
    pub fn refill(&self) -> bool {
        let whole = fs::metadata(&self.file).is_ok_and(|file| file.len() == SIZE as u64);
        whole || self.write().inspect_err(|_| self.release()).is_ok()
    }

    /// Not zeros: a file system that packs would keep no room for them.
    fn write(&self) -> std::io::Result<()> {
        let mut file = File::create(&self.file)?;
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut block = Vec::with_capacity(64 * 1024);
        for _ in 0..SIZE / (64 * 1024) {
            block.clear();
            while block.len() < 64 * 1024 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                block.extend_from_slice(&state.to_le_bytes());
            }
            file.write_all(&block)?;
        }
        file.sync_all()
    }
}
