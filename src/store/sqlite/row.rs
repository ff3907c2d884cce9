//! Between the model's values and the engine's: integers, instants, JSON bodies.

use jiff::Timestamp;
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};

use super::fault::engine;
use crate::{
    model::Notice,
    store::{Outgoing, StoreError},
};

/// SQLite's integers are signed; a number beyond them (an absurd counter) is kept as the greatest.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The same for ranks and limits.
pub(super) fn size(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn instant(table: &'static str, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|error| corrupt(table, &error))
}

pub(super) fn corrupt(table: &'static str, why: &impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { table, why: why.to_string() }
}

pub(super) fn to_body<T: Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| corrupt(table, &error))
}

pub(super) fn from_body<T: DeserializeOwned>(table: &'static str, body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|error| corrupt(table, &error))
}

/// Runs a statement of which nothing is asked.
pub(super) fn run(
    connection: &rusqlite::Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut one| one.execute(parameters)).map_err(engine)?;
    Ok(())
}

/// Rows of which only the body is asked for.
pub(super) fn bodies<T: DeserializeOwned>(
    connection: &rusqlite::Connection,
    table: &'static str,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(parameters).map_err(engine)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        out.push(from_body(table, text(row, 0)?)?);
    }
    Ok(out)
}

/// A text column, borrowed.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column).map_err(engine)?.as_str().map_err(|error| StoreError::Engine(error.to_string()))
}

/// Reads columns `body, standing, attempts, next_attempt_at`.
pub(super) fn outgoing(row: &Row<'_>) -> Result<Outgoing, StoreError> {
    let mut notice: Notice = from_body("notice", text(row, 0)?)?;
    notice.state = from_body("notice", text(row, 1)?)?;
    Ok(Outgoing {
        notice,
        attempts: row.get(2).map_err(engine)?,
        next_attempt_at: instant("notice", row.get(3).map_err(engine)?)?,
    })
}
