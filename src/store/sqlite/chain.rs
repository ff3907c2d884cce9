//! The hash chain over the entries: who did what, when, in rows that cannot be changed, left out or put in without
//! the chain showing it.
//!
//! `body_hash` is the SHA-256 of the row's body; `hash` is the SHA-256 of the hash before (32 zeros at first), the
//! row's number, incident (-1: none), instant in microseconds, all as 8 bytes big-endian, the length of its kind (8
//! bytes) and the kind, and `body_hash`. As the chain runs over the body's hash, a body can be forgotten by law
//! (its text then is [`FORGOTTEN`]) without breaking it. When the rows at the beginning have been kept for long
//! enough they go, and the chain begins at the hash of the last of them (`audit_cut`).

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::{
    fault::engine,
    row::{from_body, size, to_body},
};
use crate::{
    model::Entry,
    store::{AuditReport, AuditRow, StoreError},
};

/// The text of an entry whose text was forgotten.
pub const FORGOTTEN: &str = "［已按规定删除］";

/// The number of the migration that begins the chain.
pub(super) const STEP: u32 = 4;

/// Rows of the beginning that go at a time.
const CUT: usize = 200;

type Hash = [u8; 32];

struct Raw {
    number: i64,
    incident: Option<i64>,
    at: i64,
    kind: String,
    body: String,
}

impl Raw {
    fn linked(&self, before: &Hash, body_hash: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.number.to_be_bytes());
        hash.update(self.incident.unwrap_or(-1).to_be_bytes());
        hash.update(self.at.to_be_bytes());
        hash.update(size(self.kind.len()).to_be_bytes());
        hash.update(self.kind.as_bytes());
        hash.update(body_hash);
        hash.finalize().into()
    }
}

fn hash_of(body: &str) -> Hash {
    Sha256::digest(body.as_bytes()).into()
}

/// Appends an entry, inside the present transaction.
pub(super) fn append(
    connection: &Connection,
    incident: Option<i64>,
    at: i64,
    kind: &str,
    body: &str,
) -> Result<(), StoreError> {
    let last: Option<(i64, Option<Hash>)> = connection
        .prepare_cached("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1")
        .and_then(|mut one| one.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(engine)?;
    let (number, before) = last.map_or((1, None), |(number, hash)| (number + 1, hash));
    let row = Raw { number, incident, at, kind: kind.to_owned(), body: body.to_owned() };
    let body_hash = hash_of(body);
    let hash = row.linked(&before.unwrap_or_default(), &body_hash);
    connection
        .prepare_cached(
            "INSERT INTO entry (number, incident, at, kind, body, body_hash, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut one| one.execute(params![number, incident, at, kind, body, body_hash, hash]))
        .map_err(engine)?;
    Ok(())
}

/// Chains the entries of an older file from the first; part of its migration.
pub(super) fn begin(connection: &Connection) -> Result<(), StoreError> {
    let mut before = Hash::default();
    let mut keep =
        connection.prepare("UPDATE entry SET body_hash = ?2, hash = ?3 WHERE number = ?1").map_err(engine)?;
    let mut statement = connection
        .prepare("SELECT number, incident, at, kind, body FROM entry ORDER BY number")
        .map_err(engine)?;
    let rows: Vec<Raw> = statement.query_map([], raw).and_then(Iterator::collect).map_err(engine)?;
    for row in rows {
        let body_hash = hash_of(&row.body);
        before = row.linked(&before, &body_hash);
        keep.execute(params![row.number, body_hash, before]).map_err(engine)?;
    }
    Ok(())
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        number: row.get(0)?,
        incident: row.get(1)?,
        at: row.get(2)?,
        kind: row.get(3)?,
        body: row.get(4)?,
    })
}

/// Number and hash of the last row that retention took away.
fn cut_at(connection: &Connection) -> Result<Option<(i64, Hash)>, StoreError> {
    connection
        .query_row("SELECT number, hash FROM audit_cut", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(engine)
}

/// The last of at most `most` rows at the beginning that may go: those before an instant that tell of no incident
/// which is still kept. The newest row always stays.
fn last_to_cut(connection: &Connection, before: i64, most: usize) -> Result<Option<(i64, Hash)>, StoreError> {
    let sql = "SELECT number, hash, at >= ?1 OR incident IN (SELECT id FROM incident) FROM entry
               ORDER BY number LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(params![before, size(most + 1)]).map_err(engine)?;
    let (mut last, mut next) = (None, None);
    while let Some(row) = rows.next().map_err(engine)? {
        // Only what another row follows may go.
        last = next;
        let stays: Option<bool> = row.get(2).map_err(engine)?;
        if stays == Some(true) {
            break;
        }
        next = Some((row.get(0).map_err(engine)?, row.get(1).map_err(engine)?));
    }
    Ok(last)
}

/// Whether a row at the beginning may go.
pub(super) fn may_cut(connection: &Connection, before: i64) -> Result<bool, StoreError> {
    Ok(last_to_cut(connection, before, 1)?.is_some())
}

/// Takes rows away from the beginning; answers how many went.
pub(super) fn cut(connection: &Connection, before: i64) -> Result<u64, StoreError> {
    let Some((number, hash)) = last_to_cut(connection, before, CUT)? else { return Ok(0) };
    connection
        .execute(
            "INSERT OR REPLACE INTO audit_cut (one, number, hash) VALUES (1, ?1, ?2)",
            params![number, hash],
        )
        .and_then(|_| connection.execute("DELETE FROM entry WHERE number <= ?1", [number]))
        .map(|rows| rows as u64)
        .map_err(engine)
}

/// Blanks the text of a row; the chain holds over the hash of what it was.
pub(super) fn forget(connection: &Connection, number: i64, body: &str) -> Result<(), StoreError> {
    let mut entry: Entry = from_body("entry", body)?;
    FORGOTTEN.clone_into(&mut entry.text);
    let body = to_body("entry", &entry)?;
    connection
        .prepare_cached("UPDATE entry SET body = ?2 WHERE number = ?1")
        .and_then(|mut one| one.execute(params![number, body]))
        .map_err(engine)?;
    Ok(())
}

/// Follows the chain from its first row to its last.
pub(super) fn verify(connection: &Connection) -> Result<AuditReport, StoreError> {
    let cut = cut_at(connection)?;
    let mut report = AuditReport { cut: cut.map_or(0, |(number, _)| number), ..AuditReport::default() };
    let mut before = cut.map(|(_, hash)| hash).unwrap_or_default();
    let mut statement = connection
        .prepare("SELECT number, incident, at, kind, body, body_hash, hash FROM entry ORDER BY number")
        .map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let one = raw(row).map_err(engine)?;
        let body_hash: Option<Hash> = row.get(5).map_err(engine)?;
        let hash: Option<Hash> = row.get(6).map_err(engine)?;
        report.rows += 1;
        let kept = body_hash.unwrap_or_default();
        if hash != Some(one.linked(&before, &kept)) {
            report.broken = Some((one.number, "link"));
            return Ok(report);
        }
        if hash_of(&one.body) != kept {
            let forgotten =
                serde_json::from_str::<Entry>(&one.body).is_ok_and(|entry| entry.text == FORGOTTEN);
            if !forgotten {
                report.broken = Some((one.number, "content"));
                return Ok(report);
            }
            report.forgotten += 1;
        }
        before = hash.unwrap_or_default();
        report.head = hex::encode(before);
    }
    Ok(report)
}

/// Rows after a number, in their order.
pub(super) fn rows(connection: &Connection, after: i64, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
    let sql = "SELECT number, body, coalesce(body_hash, x''), coalesce(hash, x'') FROM entry
               WHERE number > ?1 ORDER BY number LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(params![after, size(limit)]).map_err(engine)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let body: String = row.get(1).map_err(engine)?;
        let text = |column| row.get::<_, Vec<u8>>(column).map(hex::encode).map_err(engine);
        out.push(AuditRow {
            number: row.get(0).map_err(engine)?,
            entry: from_body("entry", &body)?,
            body_hash: text(2)?,
            hash: text(3)?,
        });
    }
    Ok(out)
}

/// A file's content.
pub(super) fn file(connection: &Connection, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
    connection
        .query_row("SELECT body FROM file WHERE sha256 = ?1", [sha256], |row| row.get(0))
        .optional()
        .map_err(engine)
}
