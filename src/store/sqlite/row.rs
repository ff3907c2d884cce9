//! Between the model's values and the engine's: integers, instants, JSON bodies.

use jiff::Timestamp;
use rusqlite::Row;
use serde::{Serialize, de::DeserializeOwned};

use super::fault::engine;
use crate::{
    desk::Glance,
    model::{Count, Exactness, Notice, ObservationRow, PostKey},
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

/// The four exactnesses of an observation in two bits each.
pub(super) fn pack_exactness(row: &ObservationRow) -> i64 {
    [row.views, row.reposts, row.comments, row.likes].into_iter().rev().fold(0, |bits, count| {
        (bits << 2)
            | match count.map(|count| count.exactness) {
                None | Some(Exactness::Exact) => 0,
                Some(Exactness::About) => 1,
                Some(Exactness::AtLeast) => 2,
            }
    })
}

/// Reads columns `at, views, reposts, comments, likes, exactness` from `first` on.
pub(super) fn observation(
    row: &Row<'_>,
    first: usize,
    unit: &str,
    post: &PostKey,
) -> Result<ObservationRow, StoreError> {
    Ok(ObservationRow {
        unit: unit.to_owned(),
        post: post.clone(),
        at: instant("observation", row.get(first).map_err(engine)?)?,
        views: count(row, first, 0)?,
        reposts: count(row, first, 1)?,
        comments: count(row, first, 2)?,
        likes: count(row, first, 3)?,
    })
}

/// Reads the same columns as far as a desk needs them.
pub(super) fn glance(row: &Row<'_>) -> Result<Glance, StoreError> {
    Ok(Glance {
        at: instant("observation", row.get(0).map_err(engine)?)?,
        views: count(row, 0, 0)?,
        reposts: count(row, 0, 1)?,
    })
}

/// The counter at `place`, with its two bits of exactness.
fn count(row: &Row<'_>, first: usize, place: usize) -> Result<Option<Count>, StoreError> {
    let bits: i64 = row.get(first + 5).map_err(engine)?;
    let value: Option<i64> = row.get(first + 1 + place).map_err(engine)?;
    let exactness = match (bits >> (2 * place)) & 3 {
        0 => Exactness::Exact,
        1 => Exactness::About,
        _ => Exactness::AtLeast,
    };
    Ok(value.map(|value| Count { value: u64::try_from(value).unwrap_or(0), exactness }))
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
