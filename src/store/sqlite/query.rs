//! What is read: each function is one question of the contract.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    fault::engine,
    looks,
    plans::Kept,
    row::{bodies, corrupt, from_body, instant, int, micros, outgoing, size, text, to_body},
};
use crate::{
    model::{ChannelKind, Deadline, Entry, Incident, IncidentId, Notice, NoticeId, Plan, PostKey, PostRow},
    store::{Asked, IncidentFilter, IncidentView, Outgoing, RoundFilter, RoundRow, SourceTimes, StoreError},
};

/// Columns of `notice` that [`outgoing`] reads.
const OUTGOING: &str = "SELECT body, standing, attempts, next_attempt_at FROM notice";

/// Logged rounds, newest first.
pub(super) fn rounds(connection: &Connection, filter: &RoundFilter) -> Result<Vec<RoundRow>, StoreError> {
    let limit = if filter.limit == 0 { 10_000 } else { filter.limit };
    collect(
        connection,
        "SELECT source, started_at, ended_at, answers, posts, new, trouble FROM round
         WHERE (?1 IS NULL OR source = ?1) AND started_at >= ?2 AND started_at < ?3
         ORDER BY started_at DESC, number DESC LIMIT ?4",
        params![
            filter.source,
            filter.from.map_or(i64::MIN, micros),
            filter.to.map_or(i64::MAX, micros),
            size(limit)
        ],
        |row| {
            let number = |column: usize| -> Result<u64, StoreError> {
                let value: i64 = row.get(column).map_err(engine)?;
                Ok(u64::try_from(value).unwrap_or(0))
            };
            Ok(RoundRow {
                source: text(row, 0)?.to_owned(),
                started_at: instant("round", row.get(1).map_err(engine)?)?,
                ended_at: instant("round", row.get(2).map_err(engine)?)?,
                answers: number(3)?,
                posts: number(4)?,
                new: number(5)?,
                trouble: text(row, 6)?.to_owned(),
            })
        },
    )
}

/// Incidents with their plans; those under one plan share it.
pub(super) fn incidents_where(
    connection: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Incident>, StoreError> {
    let mut plans: HashMap<String, Arc<Plan>> = HashMap::new();
    let rows = collect(connection, &format!("SELECT body, plan FROM incident {which}"), parameters, |row| {
        Ok((from_body::<Incident>("incident", text(row, 0)?)?, text(row, 1)?.to_owned()))
    })?;
    rows.into_iter()
        .map(|(mut incident, hash)| {
            incident.plan = match plans.get(&hash) {
                Some(plan) => Arc::clone(plan),
                None => Arc::clone(plans.entry(hash.clone()).or_insert(plan(connection, &hash)?)),
            };
            Ok(incident)
        })
        .collect()
}

fn plan(connection: &Connection, hash: &str) -> Result<Arc<Plan>, StoreError> {
    bodies(connection, "plan", "SELECT body FROM plan WHERE hash = ?1", [hash])?
        .into_iter()
        .next()
        .map(|Kept(plan)| Arc::new(plan))
        .ok_or_else(|| corrupt("plan", &format_args!("no plan {hash}")))
}

pub(super) fn numbered_posts(
    connection: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<(i64, PostRow)>, StoreError> {
    collect(connection, &format!("SELECT number, body FROM post {which}"), parameters, |row| {
        Ok((row.get(0).map_err(engine)?, from_body("post", text(row, 1)?)?))
    })
}

pub(super) fn outgoing_on(
    connection: &Connection,
    channel: ChannelKind,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Outgoing>, StoreError> {
    if !channel.is_dispatched() {
        return Ok(Vec::new());
    }
    let mut all = outgoing_where(connection, OVERDUE, params![channel.id(), micros(now), size(limit)])?;
    if all.len() < limit {
        let more = params![channel.id(), micros(now), size(limit - all.len())];
        all.extend(outgoing_where(connection, IN_TIME, more)?);
    }
    Ok(all)
}

/// What should have arrived before now waits gravest first: an index of its own has that order, and the engine,
/// which knows nothing of how many are due, would rather sort.
const OVERDUE: &str = "INDEXED BY outbox_grave
                       WHERE state = 'pending' AND channel = ?1 AND next_attempt_at <= ?2 AND due_at < ?2
                       ORDER BY rank DESC, due_at, number LIMIT ?3";
/// The rest by due time.
const IN_TIME: &str = "WHERE state = 'pending' AND channel = ?1 AND next_attempt_at <= ?2 AND due_at >= ?2
                       ORDER BY due_at, number LIMIT ?3";

/// Merges the channels' queues in the same order.
pub(super) fn outgoing_all(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Outgoing>, StoreError> {
    let mut all = Vec::new();
    for channel in ChannelKind::ALL {
        all.extend(outgoing_on(connection, channel, now, limit)?);
    }
    all.sort_by_key(|one| one.order(now));
    all.truncate(limit);
    Ok(all)
}

/// The earliest next attempt after `after` (`None`: of all).
pub(super) fn next_outgoing(
    connection: &Connection,
    after: Option<Timestamp>,
) -> Result<Option<Timestamp>, StoreError> {
    let after = after.map_or(i64::MIN, micros);
    let mut earliest: Option<i64> = None;
    for channel in ChannelKind::ALL.into_iter().filter(|channel| channel.is_dispatched()) {
        let sql = "SELECT min(next_attempt_at) FROM notice
                   WHERE state = 'pending' AND channel = ?1 AND next_attempt_at > ?2";
        let mut statement = connection.prepare_cached(sql).map_err(engine)?;
        let next: Option<i64> =
            statement.query_row(params![channel.id(), after], |row| row.get(0)).map_err(engine)?;
        earliest = earliest.into_iter().chain(next).min();
    }
    earliest.map(|at| instant("notice", at)).transpose()
}

pub(super) fn outgoing_where(
    connection: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Outgoing>, StoreError> {
    collect(connection, &format!("{OUTGOING} {which}"), parameters, outgoing)
}

pub(super) fn notice(connection: &Connection, id: &NoticeId) -> Result<Option<Notice>, StoreError> {
    Ok(outgoing_where(connection, "WHERE id = ?1", [&id.0])?.into_iter().next().map(|one| one.notice))
}

pub(super) fn accepted_on(
    connection: &Connection,
    channel: ChannelKind,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<Notice>, StoreError> {
    let accepted = "WHERE created_at >= ?1 AND channel = ?2 AND state = 'accepted'
                    ORDER BY created_at DESC, number DESC LIMIT ?3";
    let found = outgoing_where(connection, accepted, params![micros(since), channel.id(), size(limit)])?;
    Ok(found.into_iter().map(|one| one.notice).collect())
}

pub(super) fn notices(connection: &Connection, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
    outgoing_where(connection, "ORDER BY created_at DESC, number DESC LIMIT ?1", [size(limit)])
}

/// What was asked of an address. A notice's address stands in its body only: the bytes of the body are searched first,
/// which spares the engine to parse those of everybody else (of 100,000 notices, nearly all).
pub(super) fn asked(
    connection: &Connection,
    channel: ChannelKind,
    ending: &str,
    since: Timestamp,
) -> Result<Vec<Asked>, StoreError> {
    // As it stands in a body: escaped, with the quotation mark that ends the address.
    let written = to_body("notice", &ending)?;
    let written = written.strip_prefix('"').unwrap_or(&written);
    collect(
        connection,
        "SELECT notice.incident, notice.rank, notice.contact, notice.body ->> '$.address' AS address FROM notice
         JOIN incident ON incident.id = notice.incident AND incident.state <> 'archived'
         WHERE notice.created_at >= ?1 AND notice.channel = ?2 AND instr(notice.body, ?3) > 0
           AND (?4 = '' OR substr(address, -length(?4)) = ?4)
           AND notice.body ->> '$.facts.confirm'
         GROUP BY notice.incident, notice.rank, notice.contact, address
         ORDER BY max(notice.created_at) DESC, max(notice.number) DESC",
        params![micros(since), channel.id(), written, ending],
        |row| {
            let (incident, rank): (i64, i64) =
                (row.get(0).map_err(engine)?, row.get(1).map_err(engine)?);
            Ok(Asked {
                incident: IncidentId(u64::try_from(incident).map_err(|error| corrupt("notice", &error))?),
                rank: usize::try_from(rank).map_err(|error| corrupt("notice", &error))?,
                contact: text(row, 2)?.to_owned(),
                address: text(row, 3)?.to_owned(),
            })
        },
    )
}

pub(super) fn incidents(
    connection: &Connection,
    filter: &IncidentFilter,
) -> Result<Vec<Incident>, StoreError> {
    let limit = if filter.limit == 0 { 200 } else { filter.limit };
    incidents_where(
        connection,
        "WHERE (?1 IS NULL OR unit = ?1) AND (NOT ?2 OR state = 'open')
         ORDER BY rank DESC, opened_at DESC, id DESC LIMIT ?3",
        params![filter.unit, filter.open_only, size(limit)],
    )
}

pub(super) fn incident(connection: &Connection, id: IncidentId) -> Result<Option<IncidentView>, StoreError> {
    let Some(id) = survivor(connection, id)? else { return Ok(None) };
    let number = int(id.0);
    let Some(incident) = incidents_where(connection, "WHERE id = ?1", [number])?.into_iter().next() else {
        return Ok(None);
    };
    let posts = numbered_posts(connection, "WHERE incident = ?1 ORDER BY first_seen_at, number", [number])?;
    let mut observations = Vec::new();
    for (number, post) in &posts {
        observations.extend(looks::of_post(connection, *number, post)?);
    }
    observations.sort_by_key(|one| one.at);
    // What was merged into it was told, and happened, under the number that it had then.
    let parts = "WITH RECURSIVE part (id) AS (
                     SELECT ?1 UNION
                     SELECT incident.id FROM incident JOIN part ON incident.merged_into = part.id)
                 SELECT id FROM part";
    let notices = outgoing_where(
        connection,
        &format!("WHERE incident IN ({parts}) ORDER BY created_at, number"),
        [number],
    )?;
    Ok(Some(IncidentView {
        incident,
        posts: posts.into_iter().map(|(_, post)| post).collect(),
        observations,
        deadlines: bodies(
            connection,
            "deadline",
            "SELECT body FROM deadline WHERE incident = ?1 ORDER BY due_at, key",
            [number],
        )?,
        notices: notices.into_iter().map(|one| one.notice).collect(),
        entries: bodies(
            connection,
            "entry",
            &format!("SELECT body FROM entry WHERE incident IN ({parts}) AND kind <> 'act' ORDER BY number"),
            [number],
        )?,
    }))
}

/// Where merges lead to. A merge goes to an older incident, so the walk ends.
fn survivor(connection: &Connection, id: IncidentId) -> Result<Option<IncidentId>, StoreError> {
    let sql = "WITH RECURSIVE way (id, next) AS (
                   SELECT id, merged_into FROM incident WHERE id = ?1
                   UNION
                   SELECT incident.id, incident.merged_into FROM incident JOIN way ON incident.id = way.next)
               SELECT id FROM way WHERE next IS NULL";
    let found: Option<i64> =
        connection.query_row(sql, [int(id.0)], |row| row.get(0)).optional().map_err(engine)?;
    Ok(found.and_then(|id| u64::try_from(id).ok()).map(IncidentId))
}

pub(super) fn incidents_of_post(
    connection: &Connection,
    post: &PostKey,
) -> Result<Vec<IncidentId>, StoreError> {
    collect(
        connection,
        "SELECT incident FROM post WHERE site = ?1 AND id = ?2 ORDER BY unit",
        params![post.site, post.id],
        |row| {
            let id: i64 = row.get(0).map_err(engine)?;
            u64::try_from(id).map(IncidentId).map_err(|error| corrupt("post", &error))
        },
    )
}

pub(super) fn open_deadlines(connection: &Connection) -> Result<Vec<Deadline>, StoreError> {
    bodies(
        connection,
        "deadline",
        "SELECT body FROM deadline WHERE state IN ('running', 'overdue') ORDER BY due_at, key",
        [],
    )
}

pub(super) fn entries(connection: &Connection, limit: usize) -> Result<Vec<Entry>, StoreError> {
    bodies(
        connection,
        "entry",
        "SELECT body FROM entry WHERE kind <> 'act' ORDER BY number DESC LIMIT ?1",
        [size(limit)],
    )
}

/// Times of all sources, by name. The bodies stay in the engine: they may be long.
pub(super) fn source_times(connection: &Connection) -> Result<Vec<SourceTimes>, StoreError> {
    let sql = "SELECT name, next_at, body ->> '$.failures', body ->> '$.health', body ->> '$.told', \
               body ->> '$.memo.planned' FROM source ORDER BY name";
    collect(connection, sql, [], |row| {
        let next_at: Option<i64> = row.get(1).map_err(engine)?;
        Ok(SourceTimes {
            source: row.get(0).map_err(engine)?,
            next_at: next_at.map(|micros| instant("source", micros)).transpose()?,
            failures: row.get::<_, Option<u32>>(2).map_err(engine)?.unwrap_or(0),
            health: row.get::<_, Option<String>>(3).map_err(engine)?.unwrap_or_default(),
            told: row.get::<_, Option<String>>(4).map_err(engine)?.unwrap_or_default(),
            planned: row.get::<_, Option<String>>(5).map_err(engine)?.unwrap_or_default(),
        })
    })
}

pub(super) fn value(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    connection
        .query_row("SELECT value FROM value WHERE key = ?1", [key], |row| row.get(0))
        .optional()
        .map_err(engine)
}

pub(super) fn collect<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(parameters).map_err(engine)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        out.push(read(row)?);
    }
    Ok(out)
}
