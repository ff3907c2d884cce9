//! Retention (SEMANTICS 31), a little at a time: each call is one small transaction that holds nobody up.
//!
//! Only what was archived goes: nothing of it is in the desk's memory, and a case that is open, or that
//! somebody was told of and nobody closed, is never archived.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{chain, fault::engine, listing, row::micros};
use crate::{
    model::Retention,
    store::{StoreError, Swept},
};

/// Incidents of one step; each may have thousands of looks.
const INCIDENTS: u32 = 10;
/// Other rows of one step.
const ROWS: u32 = 500;
/// Posts whose words one step takes out of the full text; each costs a few milliseconds, because the file is to hold
/// nothing of them any more.
const INDEXED: u32 = 100;
/// An incident and all that was merged into it.
const PARTS: &str = "WITH RECURSIVE part (id) AS (
                         SELECT ?1 UNION
                         SELECT incident.id FROM incident JOIN part ON incident.merged_into = part.id)
                     SELECT id FROM part";

pub(super) fn sweep(
    connection: &Connection,
    retention: Retention,
    now: Timestamp,
) -> Result<Swept, StoreError> {
    let before = |days: u32| {
        let span = SignedDuration::from_hours(24 * i64::from(days));
        micros(now.saturating_sub(span).unwrap_or(Timestamp::MIN))
    };
    let audit = before(retention.audit_days);
    let old = old_incidents(connection, before(retention.matched_days), before(retention.incident_days))?;
    let (mut incidents, mut unindexed) = (0, 0);
    for id in &old {
        let left = INDEXED - unindexed;
        unindexed += listing::forget_posts(connection, PARTS, *id, left)?;
        if unindexed >= INDEXED {
            // The rest of its posts comes with the next step, and then the incident.
            break;
        }
        forget_incident(connection, *id, audit)?;
        incidents += 1;
    }
    // What an incident took along is not counted by itself.
    let unindexed = if incidents == 0 { u64::from(unindexed) } else { 0 };
    let evidence = execute(
        connection,
        "DELETE FROM evidence WHERE number IN (
             SELECT evidence.number FROM evidence WHERE at < ?1 AND NOT EXISTS (
                 SELECT 1 FROM post JOIN incident ON incident.id = post.incident
                 WHERE post.site = evidence.site AND post.id = evidence.id AND incident.state = 'open')
             LIMIT ?2)",
        params![before(retention.evidence_days), ROWS],
    )?;
    let entries = chain::cut(connection, audit, ROWS)?;
    let notices = execute(
        connection,
        "DELETE FROM notice WHERE number IN (
             SELECT number FROM notice
             WHERE incident IS NULL AND state <> 'pending' AND created_at < ?1 LIMIT ?2)",
        params![audit, ROWS],
    )?;
    let rows = Swept { incidents, evidence, loose: entries + notices + unindexed };
    // Looks through all incidents, so not in every step: a sweep ends with one that finds nothing else.
    let files = if rows.is_empty() { forget_files(connection)? } else { 0 };
    Ok(Swept { loose: rows.loose + files, ..rows })
}

/// Archived incidents whose time is over: since the last sight of a member when nobody was ever told of a
/// tier, since the last thing that happened otherwise.
fn old_incidents(connection: &Connection, matched: i64, told: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT id FROM incident WHERE state = 'archived' AND opened_at < max(?1, ?2)
               AND CASE WHEN body ->> '$.told_rank' IS NULL AND body ->> '$.epoch' = 0
                   THEN coalesce((SELECT max(unixepoch(post.body ->> '$.last_seen_at')) * 1000000
                                  FROM post WHERE post.incident = incident.id), opened_at) < ?1
                   ELSE coalesce((SELECT max(at) FROM entry WHERE entry.incident = incident.id), opened_at) < ?2 END
               AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.incident = incident.id AND state = 'pending')
               ORDER BY opened_at LIMIT ?3";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map(params![matched, told, INCIDENTS], |row| row.get(0)).map_err(engine)?;
    rows.map(|id| id.map_err(engine)).collect()
}

/// Everything of an incident and of what was merged into it. What people did is kept for as long as the
/// audit is.
fn forget_incident(connection: &Connection, id: i64, audit: i64) -> Result<(), StoreError> {
    let parts = PARTS;
    let evidence = format!(
        "DELETE FROM evidence WHERE number IN (
             SELECT evidence.number FROM post
             JOIN evidence ON evidence.site = post.site AND evidence.id = post.id
             WHERE post.incident IN ({parts}) AND NOT EXISTS (
                 SELECT 1 FROM post AS other WHERE other.site = post.site AND other.id = post.id
                 AND other.incident <> post.incident))"
    );
    execute(connection, &evidence, params![id])?;
    listing::forget(connection, parts, id)?;
    execute(connection, &format!("DELETE FROM post WHERE incident IN ({parts})"), params![id])?;
    execute(connection, &format!("DELETE FROM deadline WHERE incident IN ({parts})"), params![id])?;
    execute(connection, &format!("DELETE FROM notice WHERE incident IN ({parts})"), params![id])?;
    blank_entries(connection, parts, id, audit)?;
    execute(connection, &format!("DELETE FROM incident WHERE id IN ({parts})"), params![id])?;
    execute(connection, "DELETE FROM plan WHERE hash NOT IN (SELECT plan FROM incident)", [])?;
    Ok(())
}

/// What the machine noted of an incident, and what people did longer ago than the audit is kept, goes; the rows
/// stay with their hashes until the audit is cut, because the chain runs over them.
fn blank_entries(connection: &Connection, parts: &str, id: i64, audit: i64) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT number, body FROM entry
         WHERE incident IN ({parts}) AND (at < ?2 OR body ->> '$.by' IS NULL)"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let rows: Vec<(i64, String)> = statement
        .query_map(params![id, audit], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(engine)?;
    rows.iter().try_for_each(|(number, body)| chain::forget(connection, *number, body))
}

/// Files that no incident names: a file is kept with the row that names it, so its incident went, or the act was
/// taken back.
fn forget_files(connection: &Connection) -> Result<u64, StoreError> {
    execute(
        connection,
        "DELETE FROM file WHERE sha256 NOT IN (
             SELECT named.value ->> '$.sha256' FROM incident, json_each(incident.body, '$.course.files') AS named)",
        [],
    )
}

fn execute(connection: &Connection, sql: &str, given: impl rusqlite::Params) -> Result<u64, StoreError> {
    let rows = connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
    Ok(rows as u64)
}
