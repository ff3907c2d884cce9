//! Versions of the office's files, and what a unit's rules caught lately, in memory.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::Timestamp;

use super::tables::{Tables, micros};
use crate::{
    model::{Caught, FileVersion, FileVersionLine, IncidentState},
    store::{CAUGHT_INCIDENTS, CAUGHT_POSTS, FILE_VERSIONS_KEPT},
};

/// Versions by file, oldest first, each with its number.
#[derive(Debug, Default)]
pub(super) struct VersionTables {
    number: u64,
    files: BTreeMap<String, Vec<(u64, FileVersion)>>,
}

impl VersionTables {
    /// Keeps one unless the newest of its file has the same content; the oldest go.
    pub(super) fn keep(&mut self, version: FileVersion) {
        let known = self.files.entry(version.file.clone()).or_default();
        if known.last().is_some_and(|(_, newest)| newest.content.sha256 == version.content.sha256) {
            return;
        }
        self.number += 1;
        known.push((self.number, FileVersion { at: micros(version.at), ..version }));
        let gone = known.len().saturating_sub(FILE_VERSIONS_KEPT);
        known.drain(..gone);
    }

    pub(super) fn of_file(&self, file: &str) -> Vec<FileVersionLine> {
        let known = self.files.get(file).into_iter().flatten().rev();
        known
            .map(|(number, version)| FileVersionLine {
                number: *number,
                at: version.at,
                by: version.by.clone(),
                note: version.note.clone(),
                sha256: version.content.sha256.clone(),
                size: u64::try_from(version.content.bytes.len()).unwrap_or(u64::MAX),
            })
            .collect()
    }

    pub(super) fn content(&self, file: &str, sha256: &str) -> Option<Vec<u8>> {
        let mut known = self.files.get(file)?.iter();
        known.find(|(_, one)| one.content.sha256 == sha256).map(|(_, one)| one.content.bytes.to_vec())
    }
}

impl Tables {
    /// The newest posts of a unit's newest incidents.
    pub(super) fn caught(&self, unit: &str, since: Timestamp) -> Vec<Caught> {
        let of_unit = |row: &&crate::model::Incident| {
            row.unit == unit && micros(row.opened_at) >= micros(since) && row.state != IncidentState::Merged
        };
        let mut newest: Vec<_> = self.incidents.values().filter(of_unit).collect();
        newest.sort_by_key(|row| Reverse(micros(row.opened_at)));
        let mut caught = Vec::new();
        for incident in newest.into_iter().take(CAUGHT_INCIDENTS) {
            let mut posts: Vec<_> = self.stored_members(incident.id).map(|post| &post.row).collect();
            posts.sort_by_key(|row| Reverse(micros(row.first_seen_at)));
            let met = posts.into_iter().take(CAUGHT_POSTS).filter(|row| !row.groups.is_empty());
            caught.extend(met.filter(|row| row.unit == unit).map(|row| Caught {
                incident: incident.id,
                seen_at: row.first_seen_at,
                groups: row.groups.clone(),
                surfaces: row.surfaces.clone(),
            }));
        }
        caught.sort_by_key(|one| Reverse((one.seen_at, one.incident)));
        caught
    }
}
