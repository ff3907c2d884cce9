//! Is a database sound? The engine's own check, references between rows, and every row read as today's
//! program reads it.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OptionalExtension as _};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::{chain, deflated, fault::engine, looks, plans::Kept, readers::open, schema, versions};
use crate::{
    desk::DeskState,
    model::{Deadline, Entry, Incident, Notice, NoticeState, PostRow},
    store::{SourceState, StoreError},
};

/// Faults of one kind that are told one by one.
const MOST_TOLD: usize = 20;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsound {
    /// The file itself is damaged; in the engine's words.
    File(String),
    /// A row refers to one that is not there.
    Dangling {
        /// Table of the row.
        table: &'static str,
        /// Which row.
        row: String,
        /// What it refers to.
        to: &'static str,
    },
    /// A row that this program cannot read.
    Unreadable {
        /// Table of the row.
        table: &'static str,
        /// Which row.
        row: String,
        /// Why.
        why: String,
    },
}

impl std::fmt::Display for Unsound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(why) => write!(f, "{why}"),
            Self::Dangling { table, row, to } => {
                write!(f, "{table} {row}: refers to a row of {to} that is not there")
            }
            Self::Unreadable { table, row, why } => write!(f, "{table} {row}: {why}"),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Schema of the file.
    pub schema: u32,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Incidents that are open.
    pub open_incidents: u64,
    /// Notices that wait to be sent.
    pub waiting_notices: u64,
    /// What is wrong; at most twenty of a kind.
    pub faults: Vec<Unsound>,
}

/// Checks a database, or a copy of one. A daemon may be running on it; the check sees one state.
///
/// # Errors
/// [`StoreError::Newer`] when a later program wrote it, [`StoreError::Engine`] when it is no database at all.
pub fn verify(path: &Path) -> Result<Verified, StoreError> {
    std::fs::metadata(path).map_err(|error| StoreError::of_file(path, &error))?;
    let connection = open(path)?;
    let state = connection.unchecked_transaction().map_err(engine)?;
    let schema = schema::check(&state)?;
    let mut found = Verified { schema, faults: damage(&state)?, ..Verified::default() };
    if !found.faults.is_empty() {
        // Its rows cannot be trusted to be what they seem.
        return Ok(found);
    }
    if schema == 0 {
        found.faults.push(Unsound::File("not a database of yuqing, or an empty one".to_owned()));
        return Ok(found);
    }
    found.rows = counts(&state)?;
    found.open_incidents = number(&state, "SELECT count(*) FROM incident WHERE state = 'open'")?;
    found.waiting_notices = number(&state, "SELECT count(*) FROM notice WHERE state = 'pending'")?;
    for reference in REFERENCES {
        found.faults.extend(dangling(&state, reference)?);
    }
    found.faults.extend(unreadable_rows(&state)?);
    if schema >= looks::STEP {
        // A row holds several.
        found.rows.insert("observation".to_owned(), looks::count(&state)?);
        found.faults.extend(looks::unreadable(&state, MOST_TOLD)?);
    }
    if schema >= chain::STEP {
        found.faults.extend(audit(&state)?);
        found.faults.extend(contents(&state, "file", "SELECT sha256, sha256, body FROM file", Ok)?);
    }
    if schema >= versions::STEP {
        let sql = "SELECT file || ' ' || number, sha256, content FROM file_version";
        let unpacked = |packed: Vec<u8>| deflated::unpack("file_version", &packed);
        found.faults.extend(contents(&state, "file_version", sql, unpacked)?);
    }
    Ok(found)
}

/// A row of the audit that is not what its hash says. An entry may tell of an incident that was forgotten since.
fn audit(connection: &Connection) -> Result<Option<Unsound>, StoreError> {
    let broken = chain::verify(connection)?.broken;
    Ok(broken.map(|(number, what)| Unsound::Unreadable {
        table: "entry",
        row: number.to_string(),
        why: format!("its {what} is not what its hash says: the audit was changed"),
    }))
}

/// Contents that are not what their hashes say: files of cases, and versions of the office's files, which are packed.
fn contents(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    unpacked: impl Fn(Vec<u8>) -> Result<Vec<u8>, StoreError>,
) -> Result<Vec<Unsound>, StoreError> {
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let mut faults = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let (name, sha256, body): (String, String, Vec<u8>) =
            row.get(0).and_then(|name| Ok((name, row.get(1)?, row.get(2)?))).map_err(engine)?;
        let is_right = unpacked(body).is_ok_and(|body| hex::encode(Sha256::digest(&body)) == sha256);
        if !is_right && faults.len() < MOST_TOLD {
            let why = "its content is not what its hash says".to_owned();
            faults.push(Unsound::Unreadable { table, row: name, why });
        }
    }
    Ok(faults)
}

/// What the engine itself finds wrong. A file that is damaged at its head cannot even be asked.
fn damage(connection: &Connection) -> Result<Vec<Unsound>, StoreError> {
    let mut faults = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check(20)").map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                let words: String = row.get(0).map_err(engine)?;
                if words != "ok" {
                    faults.push(Unsound::File(words));
                }
            }
            Ok(None) => return Ok(faults),
            Err(error) => {
                faults.push(Unsound::File(error.to_string()));
                return Ok(faults);
            }
        }
    }
}

/// Rows of the tables; those of the full text are the engine's own affair.
fn counts(connection: &Connection) -> Result<BTreeMap<String, u64>, StoreError> {
    let sql = "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(engine)?;
    names
        .map(|name| {
            let name = name.map_err(engine)?;
            let rows = number(connection, &format!("SELECT count(*) FROM \"{name}\""))?;
            Ok((name, rows))
        })
        .collect()
}

fn number(connection: &Connection, sql: &str) -> Result<u64, StoreError> {
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(engine)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A reference that must lead somewhere: table, how its row is shown, the table referred to, and which rows
/// lead nowhere.
struct Reference {
    table: &'static str,
    row: &'static str,
    to: &'static str,
    lost: &'static str,
}

const REFERENCES: &[Reference] = &[
    Reference { table: "incident", row: "id", to: "plan", lost: "plan NOT IN (SELECT hash FROM plan)" },
    Reference {
        table: "incident",
        row: "id",
        to: "incident",
        lost: "merged_into IS NOT NULL AND merged_into NOT IN (SELECT id FROM incident)",
    },
    Reference {
        table: "post",
        row: "unit || ' ' || site || '/' || id",
        to: "incident",
        lost: "incident NOT IN (SELECT id FROM incident)",
    },
    Reference {
        table: "observation",
        row: "post",
        to: "post",
        lost: "post NOT IN (SELECT number FROM post)",
    },
    Reference {
        table: "deadline",
        row: "key",
        to: "incident",
        lost: "incident NOT IN (SELECT id FROM incident)",
    },
    Reference {
        table: "notice",
        row: "id",
        to: "incident",
        lost: "incident IS NOT NULL AND incident NOT IN (SELECT id FROM incident)",
    },
];

fn dangling(connection: &Connection, reference: &Reference) -> Result<Vec<Unsound>, StoreError> {
    let Reference { table, row, to, lost } = *reference;
    let sql = format!("SELECT {row} || '' FROM {table} WHERE {lost} LIMIT {MOST_TOLD}");
    let mut statement = connection.prepare(&sql).map_err(engine)?;
    let rows = statement.query_map([], |row| row.get(0)).map_err(engine)?;
    rows.map(|row| Ok(Unsound::Dangling { table, row: row.map_err(engine)?, to })).collect()
}

fn unreadable_rows(connection: &Connection) -> Result<Vec<Unsound>, StoreError> {
    let mut faults = Vec::new();
    let mut look = |found: Result<Vec<Unsound>, StoreError>| found.map(|found| faults.extend(found));
    look(unreadable::<Kept>(connection, "plan", "hash", "body"))?;
    look(unreadable::<Incident>(connection, "incident", "id", "body"))?;
    look(unreadable::<PostRow>(connection, "post", "unit || ' ' || site || '/' || id", "body"))?;
    look(unreadable::<Deadline>(connection, "deadline", "key", "body"))?;
    look(unreadable::<Notice>(connection, "notice", "id", "body"))?;
    look(unreadable::<NoticeState>(connection, "notice", "id", "standing"))?;
    look(unreadable::<Entry>(connection, "entry", "number", "body"))?;
    look(unreadable::<DeskState>(connection, "desk", "one", "body"))?;
    look(unreadable::<SourceState>(connection, "source", "name", "body"))?;
    Ok(faults)
}

fn unreadable<T: DeserializeOwned>(
    connection: &Connection,
    table: &'static str,
    name: &str,
    column: &str,
) -> Result<Vec<Unsound>, StoreError> {
    let sql = format!("SELECT {column}, {name} || '' FROM {table}");
    let mut statement = connection.prepare(&sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let mut faults = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let body = row
            .get_ref(0)
            .map_err(engine)?
            .as_str()
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        if let Err(error) = serde_json::from_str::<T>(body) {
            let name: Option<String> = row.get(1).optional().map_err(engine)?;
            faults.push(Unsound::Unreadable { table, row: name.unwrap_or_default(), why: error.to_string() });
            if faults.len() >= MOST_TOLD {
                break;
            }
        }
    }
    Ok(faults)
}
