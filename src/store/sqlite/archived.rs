//! Which archived incidents there are, by what they are kept as and since when nothing happened to them: narrow rows
//! that retention goes by, so that it need not look through the wide bodies of ten years each day.
//!
//! An incident comes here with its row, when it is archived. `since` may then be earlier than the truth; whoever finds a
//! row whose time seems to be over asks for the truth ([`since`]) and writes it down.

use rusqlite::{Connection, params};

use super::{
    fault::engine,
    query::incidents_where,
    row::{int, micros, run},
};
use crate::{
    model::{Incident, IncidentState},
    store::StoreError,
};

/// The step of the schema that brought the table.
pub(super) const STEP: u32 = 8;

/// Keeps, or takes away, the row of an incident.
pub(super) fn keep(connection: &Connection, row: &Incident, tier: Option<&str>) -> Result<(), StoreError> {
    let id = int(row.id.0);
    if row.state != IncidentState::Archived {
        return run(connection, "DELETE FROM archived WHERE id = ?1", params![id]);
    }
    run(
        connection,
        "INSERT INTO archived (id, tier, since) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET tier = ?2",
        params![id, tier, micros(row.opened_at)],
    )
}

/// Fills the table of a database that had none.
pub(super) fn fill(connection: &Connection) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let sql = "WHERE id > ?1 AND state = 'archived' ORDER BY id LIMIT 500";
        let rows = incidents_where(connection, sql, [after])?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = int(last.id.0);
        for row in &rows {
            keep(connection, row, row.kept_as())?;
            set_since(connection, int(row.id.0), since(connection, int(row.id.0))?)?;
        }
    }
}

/// When the last thing happened to an archived incident: a member was last seen when nobody was told of it, else the
/// last entry of its timeline.
pub(super) fn since(connection: &Connection, id: i64) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(
                   CASE WHEN archived.tier IS NULL
                   THEN (SELECT max(unixepoch(post.body ->> '$.last_seen_at')) * 1000000
                         FROM post WHERE post.incident = archived.id)
                   ELSE (SELECT max(at) FROM entry WHERE entry.incident = archived.id) END,
                   incident.opened_at)
               FROM archived JOIN incident USING (id) WHERE archived.id = ?1";
    connection.prepare_cached(sql).and_then(|mut one| one.query_row([id], |row| row.get(0))).map_err(engine)
}

/// Writes down since when nothing has happened.
pub(super) fn set_since(connection: &Connection, id: i64, since: i64) -> Result<(), StoreError> {
    run(connection, "UPDATE archived SET since = ?2 WHERE id = ?1", params![id, since])
}

/// Writes down how far the looks of its members were thinned; `None`: all.
pub(super) fn set_thinned(connection: &Connection, id: i64, upto: Option<i64>) -> Result<(), StoreError> {
    run(connection, "UPDATE archived SET thinned = ?2 WHERE id = ?1", params![id, upto])
}

/// What incidents are kept as.
pub(super) fn tiers(connection: &Connection) -> Result<Vec<Option<String>>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT tier FROM archived").map_err(engine)?;
    let tiers = statement.query_map([], |row| row.get(0)).map_err(engine)?;
    tiers.map(|tier| tier.map_err(engine)).collect()
}
