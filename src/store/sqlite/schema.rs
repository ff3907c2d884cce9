//! The schema and its history: the one place that makes or changes a table.
//!
//! `PRAGMA user_version` says how many of [`MIGRATIONS`] a file has seen. A migration that has shipped is
//! never edited; a new one is appended, and a test holds that every older schema brought forward equals
//! a fresh one.

use rusqlite::{Connection, TransactionBehavior};

use super::{archived, chain, fault::engine, listing, looks, post_words};
use crate::store::StoreError;

/// Every step from the empty file to the present schema, oldest first.
pub const MIGRATIONS: &[&str] = &[
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
];

/// The newest schema that this program knows.
#[must_use]
pub fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Brings the file to the present schema, each step in a transaction of its own.
///
/// # Errors
/// [`StoreError::Newer`] when a later program wrote the file; the file is left as it was.
pub fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found = check(connection)?;
    for (step, sql) in (1_u32..).zip(MIGRATIONS).filter(|(step, _)| *step > found) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(engine)?;
        transaction.execute_batch(sql).map_err(engine)?;
        match step {
            chain::STEP => chain::begin(&transaction)?,
            looks::STEP => looks::migrate(&transaction)?,
            archived::STEP => archived::fill(&transaction)?,
            post_words::STEP => listing::invalidate(&transaction)?,
            _ => {}
        }
        transaction.pragma_update(None, "user_version", step).map_err(engine)?;
        transaction.commit().map_err(engine)?;
        if found > 0 {
            tracing::info!(step, "the database was brought to a newer schema");
        }
    }
    Ok(())
}

/// The file's schema, when this program can work with it.
///
/// # Errors
/// [`StoreError::Newer`] when a later program wrote the file.
pub(super) fn check(connection: &Connection) -> Result<u32, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(engine)?;
    if found > known() {
        return Err(StoreError::Newer { found, known: known() });
    }
    Ok(found)
}
