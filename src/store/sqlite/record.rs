//! What the office looks up in the record (`store/record.rs`): rows of the audit, deliveries, cases of a span.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::{
    fault::engine,
    query::{collect, incidents_where},
    row::{bodies, corrupt, from_body, instant, int, micros, outgoing, size, text},
};
use crate::{
    model::{ChannelKind, Incident, IncidentId},
    store::{
        AuditLook, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow, LOOKED_AT, Rows, StoreError, Told,
    },
};

/// A page of the audit, newest first.
pub(super) fn audit(connection: &Connection, look: &AuditLook) -> Result<Rows<AuditRow>, StoreError> {
    let before = look.before.unwrap_or(i64::MAX);
    // An index leads to an incident's rows; for anything else so many rows are looked at and no more.
    let floor = match look.incident {
        Some(_) => i64::MIN,
        None => newest(connection, "entry", before)?.saturating_sub(LOOKED_AT),
    };
    let limit = look.limit();
    let mut rows = collect(
        connection,
        "SELECT number, body, coalesce(body_hash, x''), coalesce(hash, x'') FROM entry
         WHERE number < ?1 AND number >= ?2 AND (?3 IS NULL OR incident = ?3)
           AND (?4 IS NULL OR kind = ?4) AND at >= ?5 AND at < ?6 AND (?7 IS NULL OR body ->> '$.by' = ?7)
         ORDER BY number DESC LIMIT ?8",
        params![
            before,
            floor,
            look.incident.map(|id| int(id.0)),
            look.kind,
            look.from.map_or(i64::MIN, micros),
            look.to.map_or(i64::MAX, micros),
            look.by,
            size(limit.saturating_add(1)),
        ],
        |row| {
            let hash = |column| row.get::<_, Vec<u8>>(column).map(hex::encode).map_err(engine);
            Ok(AuditRow {
                number: row.get(0).map_err(engine)?,
                entry: from_body("entry", text(row, 1)?)?,
                body_hash: hash(2)?,
                hash: hash(3)?,
            })
        },
    )?;
    let earlier = turn(connection, "entry", &mut rows, limit, floor, |row| row.number)?;
    Ok(Rows { rows, earlier })
}

/// A page of deliveries, newest first.
pub(super) fn deliveries(
    connection: &Connection,
    look: &DeliveryLook,
) -> Result<Rows<DeliveryRow>, StoreError> {
    let before = look.before.unwrap_or(i64::MAX);
    let floor = newest(connection, "notice", before)?.saturating_sub(LOOKED_AT);
    let limit = look.limit();
    let mut rows = collect(
        connection,
        "SELECT body, standing, attempts, next_attempt_at, number FROM notice
         WHERE number < ?1 AND number >= ?2 AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR channel = ?4)
           AND (?5 IS NULL OR contact = ?5)
         ORDER BY number DESC LIMIT ?6",
        params![
            before,
            floor,
            look.state,
            look.channel.map(ChannelKind::id),
            look.contact,
            size(limit.saturating_add(1))
        ],
        |row| Ok(DeliveryRow { outgoing: outgoing(row)?, number: row.get(4).map_err(engine)? }),
    )?;
    let earlier = turn(connection, "notice", &mut rows, limit, floor, |row| row.number)?;
    Ok(Rows { rows, earlier })
}

/// The greatest number below `before`.
fn newest(connection: &Connection, table: &str, before: i64) -> Result<i64, StoreError> {
    let sql = format!("SELECT coalesce(max(number), 0) FROM {table} WHERE number < ?1");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    statement.query_row([before], |row| row.get(0)).map_err(engine)
}

/// Takes the one row too many away and says where older ones stand.
fn turn<T>(
    connection: &Connection,
    table: &str,
    rows: &mut Vec<T>,
    limit: usize,
    floor: i64,
    number: impl Fn(&T) -> i64,
) -> Result<Option<i64>, StoreError> {
    if rows.len() > limit {
        rows.truncate(limit);
        return Ok(rows.last().map(number));
    }
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE number < ?1)");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let more: bool = statement.query_row([floor], |row| row.get(0)).map_err(engine)?;
    Ok(more.then_some(floor))
}

/// Cases first seen within a span, newest first.
pub(super) fn cases(connection: &Connection, look: &CaseLook) -> Result<Vec<Case>, StoreError> {
    let units = serde_json::to_string(&look.units).unwrap_or_default();
    let (after_at, after_id) = look.after.map_or((i64::MAX, i64::MAX), |(at, id)| (micros(at), int(id.0)));
    let ids: Vec<i64> = collect(
        connection,
        "SELECT id FROM listed
         WHERE state <> 'merged' AND detected_at >= ?1 AND detected_at < ?2
           AND (detected_at, id) < (?3, ?4)
           AND (?5 = '[]' OR unit IN (SELECT value FROM json_each(?5)))
         ORDER BY detected_at DESC, id DESC LIMIT ?6",
        params![micros(look.from), micros(look.to), after_at, after_id, units, size(look.limit)],
        |row| row.get(0).map_err(engine),
    )?;
    let list = serde_json::to_string(&ids).unwrap_or_default();
    let sql = "WHERE id IN (SELECT value FROM json_each(?1))";
    // All at once: those under one plan share it.
    let found = incidents_where(connection, sql, [list])?;
    let mut found: HashMap<i64, Incident> = found.into_iter().map(|row| (int(row.id.0), row)).collect();
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        let incident =
            found.remove(&id).ok_or_else(|| corrupt("listed", &format_args!("no incident {id}")))?;
        let deadlines = bodies(
            connection,
            "deadline",
            "SELECT body FROM deadline WHERE incident = ?1 ORDER BY due_at, key",
            [id],
        )?;
        cases.push(Case { deadlines, told: told(connection, incident.id)?, incident });
    }
    Ok(cases)
}

/// What was told of an incident and of what was merged into it.
fn told(connection: &Connection, id: IncidentId) -> Result<Vec<Told>, StoreError> {
    collect(
        connection,
        "WITH RECURSIVE part (id) AS (
             SELECT ?1 UNION
             SELECT incident.id FROM incident JOIN part ON incident.merged_into = part.id)
         SELECT contact, json_quote(kind), rank, json_quote(channel), created_at, standing,
             body ->> '$.facts.person' FROM notice
         WHERE incident IN (SELECT id FROM part) ORDER BY created_at, number",
        [int(id.0)],
        |row| {
            let rank: i64 = row.get(2).map_err(engine)?;
            Ok(Told {
                contact: text(row, 0)?.to_owned(),
                person: row.get(6).map_err(engine)?,
                kind: from_body("notice", text(row, 1)?)?,
                rank: usize::try_from(rank).map_err(|error| corrupt("notice", &error))?,
                channel: from_body("notice", text(row, 3)?)?,
                created_at: instant("notice", row.get(4).map_err(engine)?)?,
                state: from_body("notice", text(row, 5)?)?,
            })
        },
    )
}
