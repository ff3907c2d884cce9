//! Contents that are kept deflated: a few hundred bytes of JSON, or a list of words, take less than half.

use std::io::{Read as _, Write as _};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

use super::row::corrupt;
use crate::store::StoreError;

/// Nothing unpacks to more; a damaged row must not fill the memory.
const LARGEST: u64 = 16 * 1024 * 1024;

pub(super) fn pack(table: &'static str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(|error| corrupt(table, &error))
}

pub(super) fn unpack(table: &'static str, packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed)
        .take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| corrupt(table, &error))?;
    Ok(bytes)
}
