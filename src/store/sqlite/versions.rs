//! Versions of the office's files, and what a unit's rules caught lately.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    deflated,
    fault::engine,
    row::{from_body, instant, micros, text},
};
use crate::{
    model::{Caught, FileVersion, FileVersionLine, IncidentId, PostRow},
    store::{CAUGHT_INCIDENTS, CAUGHT_POSTS, FILE_VERSIONS_KEPT, StoreError},
};

/// A version as a row.
#[derive(Debug)]
pub(super) struct VersionRow {
    version: FileVersion,
    packed: Vec<u8>,
}

/// The step of the schema that brought the versions.
pub(super) const STEP: u32 = 6;

impl VersionRow {
    pub(super) fn of(version: FileVersion) -> Result<Self, StoreError> {
        let packed = deflated::pack("file_version", &version.content.bytes)?;
        Ok(Self { version, packed })
    }

    /// Keeps it unless the newest of its file has the same content; the oldest go.
    pub(super) fn keep(&self, connection: &Connection) -> Result<(), StoreError> {
        let FileVersion { file, at, by, note, content } = &self.version;
        let newest: Option<String> = connection
            .prepare_cached("SELECT sha256 FROM file_version WHERE file = ?1 ORDER BY number DESC LIMIT 1")
            .and_then(|mut one| one.query_row([file], |row| row.get(0)).optional())
            .map_err(engine)?;
        if newest.as_ref() == Some(&content.sha256) {
            return Ok(());
        }
        let size = i64::try_from(content.bytes.len()).unwrap_or(i64::MAX);
        let sql = "INSERT INTO file_version (file, at, who, note, sha256, size, content)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let given = params![file, micros(*at), by, note, content.sha256, size, self.packed];
        connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
        let sql = "DELETE FROM file_version WHERE file = ?1 AND number <= (
                       SELECT number FROM file_version WHERE file = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)";
        let kept = i64::try_from(FILE_VERSIONS_KEPT).unwrap_or(i64::MAX);
        connection
            .prepare_cached(sql)
            .and_then(|mut one| one.execute(params![file, kept]))
            .map_err(engine)?;
        Ok(())
    }
}

/// The versions of a file, newest first.
pub(super) fn of_file(connection: &Connection, file: &str) -> Result<Vec<FileVersionLine>, StoreError> {
    let sql =
        "SELECT number, at, who, note, sha256, size FROM file_version WHERE file = ?1 ORDER BY number DESC";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query([file]).map_err(engine)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        found.push(FileVersionLine {
            number: u64::try_from(row.get::<_, i64>(0).map_err(engine)?).unwrap_or(0),
            at: instant("file_version", row.get(1).map_err(engine)?)?,
            by: text(row, 2)?.to_owned(),
            note: text(row, 3)?.to_owned(),
            sha256: text(row, 4)?.to_owned(),
            size: u64::try_from(row.get::<_, i64>(5).map_err(engine)?).unwrap_or(0),
        });
    }
    Ok(found)
}

/// A content that a file had.
pub(super) fn content(
    connection: &Connection,
    file: &str,
    sha256: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT content FROM file_version WHERE file = ?1 AND sha256 = ?2 LIMIT 1";
    let packed: Option<Vec<u8>> = connection
        .prepare_cached(sql)
        .and_then(|mut one| one.query_row([file, sha256], |row| row.get(0)).optional())
        .map_err(engine)?;
    packed.map(|packed| deflated::unpack("file_version", &packed)).transpose()
}

/// The newest posts of a unit's newest incidents.
pub(super) fn caught(
    connection: &Connection,
    unit: &str,
    since: Timestamp,
) -> Result<Vec<Caught>, StoreError> {
    let mut newest = connection
        .prepare_cached(
            "SELECT id FROM incident WHERE unit = ?1 AND opened_at >= ?2 AND state <> 'merged'
             ORDER BY opened_at DESC LIMIT ?3",
        )
        .map_err(engine)?;
    let mut posts = connection
        .prepare_cached("SELECT body FROM post WHERE incident = ?1 ORDER BY first_seen_at DESC LIMIT ?2")
        .map_err(engine)?;
    let most = |most: usize| i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows = newest.query(params![unit, micros(since), most(CAUGHT_INCIDENTS)]).map_err(engine)?;
    let mut caught = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let id: i64 = row.get(0).map_err(engine)?;
        let mut rows = posts.query(params![id, most(CAUGHT_POSTS)]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            let post: PostRow = from_body("post", text(row, 0)?)?;
            if post.unit == unit && !post.groups.is_empty() {
                let incident = IncidentId(u64::try_from(id).unwrap_or(0));
                let PostRow { first_seen_at: seen_at, groups, surfaces, .. } = post;
                caught.push(Caught { incident, seen_at, groups, surfaces });
            }
        }
    }
    caught.sort_by_key(|one| std::cmp::Reverse((one.seen_at, one.incident)));
    Ok(caught)
}
