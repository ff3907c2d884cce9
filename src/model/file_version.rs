//! Versions of the office's own files: every content that was saved in the console or found on disk.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FileBody;

/// A content that a file of the office had, on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVersion {
    /// The file as the office names it, such as `keywords/医院.txt`.
    pub file: String,
    /// When it was saved, or found. UTC.
    pub at: Timestamp,
    /// Who saved it; empty when it was found changed outside the console.
    pub by: String,
    /// What was said of it; may be empty.
    pub note: String,
    /// The content.
    pub content: FileBody,
}

/// A kept version without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersionLine {
    /// Its number, ascending over all files.
    pub number: u64,
    /// When it was saved, or found. UTC.
    pub at: Timestamp,
    /// Who saved it; empty when it was found changed outside the console.
    pub by: String,
    /// What was said of it; may be empty.
    pub note: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Size of the content in bytes.
    pub size: u64,
}

/// What a keyword group met lately: a post that stands in an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    /// The incident in which the post stands.
    pub incident: super::IncidentId,
    /// First sight of the post. UTC.
    pub seen_at: Timestamp,
    /// Display names of the groups that it met.
    pub groups: Vec<String>,
    /// The words that were met, as they stand in the post.
    pub surfaces: Vec<String>,
}
