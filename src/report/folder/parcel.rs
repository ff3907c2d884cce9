//! The entries of a folder, and the zip that they make: sorted by path, without a clock, the manifest last.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{Cursor, Write as _},
};

use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{FolderError, Listed, MANIFEST, hash};

/// Endings of what is packed already.
const PACKED: [&str; 9] = [".docx", ".xlsx", ".pptx", ".zip", ".jpg", ".jpeg", ".png", ".gif", ".mp4"];

/// Entries by path.
#[derive(Debug, Default)]
pub(super) struct Parcel<'r>(BTreeMap<String, Cow<'r, [u8]>>);

impl<'r> Parcel<'r> {
    pub fn put(&mut self, path: String, bytes: impl Into<Cow<'r, [u8]>>) {
        self.0.insert(path, bytes.into());
    }

    /// All of them as the manifest names them.
    pub fn listed(&self) -> Vec<Listed> {
        let listed = self.0.iter().map(|(path, bytes)| Listed {
            path: path.clone(),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: hash(bytes),
        });
        listed.collect()
    }

    /// The zip, which ends with the manifest.
    pub fn zip(self, manifest: &[u8]) -> Result<Vec<u8>, FolderError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let plain = SimpleFileOptions::default().last_modified_time(DateTime::default());
        for (path, bytes) in &self.0 {
            let name = path.to_lowercase();
            let method = match PACKED.iter().any(|ending| name.ends_with(ending)) {
                true => CompressionMethod::Stored,
                false => CompressionMethod::Deflated,
            };
            zip.start_file(path.as_str(), plain.compression_method(method))?;
            zip.write_all(bytes)?;
        }
        zip.start_file(MANIFEST, plain.compression_method(CompressionMethod::Deflated))?;
        zip.write_all(manifest)?;
        Ok(zip.finish()?.into_inner())
    }
}
