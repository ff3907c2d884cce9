//! What the database holds, for retention: one read of narrow rows and indexes, and of the wide tables a sample, so that
//! it takes seconds at most on a file of ten years and holds no writer up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{fault::engine, looks, row::micros};
use crate::store::{HeldKind, Holding, Kept, StoreError};

/// Rows of a wide table that are looked at.
const SAMPLE: i64 = 256;
/// Incidents of a kind, and members of each, that are looked at.
const INCIDENTS: usize = 64;
const MEMBERS: i64 = 8;
/// Entries at the beginning of the audit of which the ages are counted.
const ENTRIES: i64 = 100_000;
/// What a row takes beside its body: keys, numbers, its places in indexes.
const BESIDE: u64 = 160;
const DAY: i64 = 86_400_000_000;

/// What one row of each kind takes, in bytes.
#[derive(Debug, Default)]
struct Sizes {
    incident: u64,
    post: u64,
    notice: u64,
    evidence: u64,
    entry: u64,
}

/// An archived incident as far as retention goes.
struct Archived {
    id: i64,
    age: u32,
    is_thick: bool,
}

/// Counts and estimates; the log's size is the caller's to fill in.
pub(super) fn kept(connection: &Connection, now: Timestamp) -> Result<Kept, StoreError> {
    let pragma = |name: &str| -> Result<u64, StoreError> {
        let value: i64 = connection.pragma_query_value(None, name, |row| row.get(0)).map_err(engine)?;
        Ok(value.unsigned_abs())
    };
    let page = pragma("page_size")?;
    let (bytes, free) = (pragma("page_count")? * page, pragma("freelist_count")? * page);
    let mut kept = Kept {
        at: now,
        bytes,
        log_bytes: 0,
        free_bytes: free,
        gives_back: pragma("auto_vacuum")? == 2,
        holdings: Vec::new(),
    };
    let now = micros(now);
    let rows = |table: &str| number(connection, &format!("SELECT count(*) FROM {table}"));
    let (posts, notices, evidence, incidents) =
        (rows("post")?, rows("notice")?, rows("evidence")?, rows("incident")?);
    let entries = number(connection, "SELECT coalesce(max(number) - min(number) + 1, 0) FROM entry")?;
    let mut sizes = sizes(connection)?;
    let known = incidents * sizes.incident
        + posts * sizes.post
        + notices * sizes.notice
        + evidence * sizes.evidence
        + entries * sizes.entry;
    // The rest is indexes, the full text above all: it goes with the posts.
    sizes.post += (bytes - free.min(bytes)).saturating_sub(known) / posts.max(1);

    let live = ids(connection, "SELECT id FROM incident WHERE state IN ('open', 'dormant', 'closed')")?;
    kept.holdings.push(of_incidents(connection, HeldKind::Live, &live, BTreeMap::new(), &sizes)?);
    let archived = archived(connection, now)?;
    kept.holdings.push(of_looks(connection, archived.values().flatten())?);
    let ages = evidence_ages(connection, now)?;
    let rows = ages.values().sum();
    kept.holdings.push(Holding { kind: HeldKind::Evidence, rows, bytes: rows * sizes.evidence, ages });
    for ((_, tier), some) in &archived {
        let kind = tier.clone().map_or(HeldKind::Matched, |tier| HeldKind::Told { tier });
        let numbers: Vec<i64> = some.iter().map(|one| one.id).collect();
        let mut ages = BTreeMap::new();
        some.iter().for_each(|one| *ages.entry(one.age).or_default() += 1);
        kept.holdings.push(of_incidents(connection, kind, &numbers, ages, &sizes)?);
    }
    let ages = audit_ages(connection, now)?;
    kept.holdings.push(Holding { kind: HeldKind::Audit, rows: entries, bytes: entries * sizes.entry, ages });
    let sql = "SELECT (?1 - created_at) / ?2, count(*) FROM notice
               WHERE incident IS NULL AND state <> 'pending' GROUP BY 1";
    let ages = ages_of(connection, sql, params![now, DAY])?;
    let rows = ages.values().sum();
    kept.holdings.push(Holding { kind: HeldKind::Notices, rows, bytes: rows * sizes.notice, ages });
    Ok(kept)
}

/// Archived incidents by what they are kept as: what nobody was told of first, then from the lowest tier up.
type ByTier = BTreeMap<(i64, Option<String>), Vec<Archived>>;

fn archived(connection: &Connection, now: i64) -> Result<ByTier, StoreError> {
    let sql = "SELECT tier, archived.id, since, thinned IS NOT NULL, gravity
               FROM archived JOIN listed ON listed.id = archived.id ORDER BY archived.id";
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let mut found: BTreeMap<Option<String>, (i64, Vec<Archived>)> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let read = || -> rusqlite::Result<(Option<String>, Archived, i64)> {
            let age = u32::try_from((now - row.get::<_, i64>(2)?).max(0) / DAY).unwrap_or(u32::MAX);
            Ok((row.get(0)?, Archived { id: row.get(1)?, age, is_thick: row.get(3)? }, row.get(4)?))
        };
        let (tier, one, gravity) = read().map_err(engine)?;
        let (gravest, all) = found.entry(tier).or_insert((i64::MIN, Vec::new()));
        *gravest = gravity.max(*gravest);
        all.push(one);
    }
    let place = |tier: &Option<String>, gravity| if tier.is_none() { i64::MIN } else { gravity };
    Ok(found.into_iter().map(|(tier, (gravity, all))| ((place(&tier, gravity), tier), all)).collect())
}

/// Incidents with all that hangs on them, by a sample of them.
fn of_incidents(
    connection: &Connection,
    kind: HeldKind,
    ids: &[i64],
    ages: BTreeMap<u32, u64>,
    sizes: &Sizes,
) -> Result<Holding, StoreError> {
    let (mut looked_at, mut bytes) = (0, 0);
    for id in ids.iter().step_by(ids.len().div_ceil(INCIDENTS).max(1)) {
        let count = |sql| -> Result<u64, StoreError> {
            let rows: i64 = connection
                .prepare_cached(sql)
                .and_then(|mut one| one.query_row([id], |row| row.get(0)))
                .map_err(engine)?;
            Ok(rows.unsigned_abs())
        };
        let posts = count("SELECT count(*) FROM post WHERE incident = ?1")?;
        let notices = count("SELECT count(*) FROM notice WHERE incident = ?1")?;
        bytes += sizes.incident + posts * sizes.post + notices * sizes.notice;
        looked_at += 1;
    }
    let rows = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    Ok(Holding { kind, rows, bytes: bytes / looked_at.max(1) * rows, ages })
}

/// Looks on which no figure rests, by a sample of the incidents whose looks were not thinned yet.
fn of_looks<'a>(
    connection: &Connection,
    archived: impl Iterator<Item = &'a Archived>,
) -> Result<Holding, StoreError> {
    let thick: Vec<&Archived> = archived.filter(|one| one.is_thick).collect();
    let (mut looked_at, mut looks, mut bytes) = (0_u64, 0_u64, 0_u64);
    for one in thick.iter().step_by(thick.len().div_ceil(INCIDENTS).max(1)) {
        looked_at += 1;
        let sql = "SELECT number FROM post WHERE incident = ?1 LIMIT ?2";
        let members = ids_with(connection, sql, params![one.id, MEMBERS])?;
        let all: i64 = connection
            .query_row("SELECT count(*) FROM post WHERE incident = ?1", [one.id], |row| row.get(0))
            .map_err(engine)?;
        let (mut gone, mut size) = (0, 0);
        for number in &members {
            let (can_go, takes) = looks::to_thin(connection, *number)?;
            (gone, size) = (gone + can_go, size + takes);
        }
        let many = u64::try_from(members.len()).unwrap_or(u64::MAX).max(1);
        (looks, bytes) = (looks + gone * all.unsigned_abs() / many, bytes + size * all.unsigned_abs() / many);
    }
    let mut ages: BTreeMap<u32, u64> = BTreeMap::new();
    for one in &thick {
        *ages.entry(one.age).or_default() += 1;
    }
    ages.values_mut().for_each(|incidents| *incidents = *incidents * looks / looked_at.max(1));
    ages.retain(|_, looks| *looks > 0);
    let rows = ages.values().sum();
    Ok(Holding { kind: HeldKind::Looks, rows, bytes: bytes * rows / looks.max(1), ages })
}

/// Evidence by age, without that of what the desk works on.
fn evidence_ages(connection: &Connection, now: i64) -> Result<BTreeMap<u32, u64>, StoreError> {
    let all = "SELECT (?1 - at) / ?2, count(*) FROM evidence GROUP BY 1";
    let live = "SELECT (?1 - evidence.at) / ?2, count(DISTINCT evidence.number) FROM incident
                JOIN post ON post.incident = incident.id
                JOIN evidence ON evidence.site = post.site AND evidence.id = post.id
                WHERE incident.state IN ('open', 'dormant', 'closed') GROUP BY 1";
    let mut ages = ages_of(connection, all, params![now, DAY])?;
    for (age, rows) in ages_of(connection, live, params![now, DAY])? {
        ages.entry(age).and_modify(|all| *all = all.saturating_sub(rows));
    }
    ages.retain(|_, rows| *rows > 0);
    Ok(ages)
}

/// Entries at the beginning that tell of no incident which is kept, by age.
fn audit_ages(connection: &Connection, now: i64) -> Result<BTreeMap<u32, u64>, StoreError> {
    let stays =
        "SELECT min((SELECT min(number) FROM entry WHERE entry.incident = incident.id)) FROM incident";
    let stays: Option<i64> = connection.query_row(stays, [], |row| row.get(0)).map_err(engine)?;
    let sql = "SELECT (?1 - at) / ?2, count(*) FROM entry
               WHERE number < coalesce(?3, (SELECT max(number) FROM entry))
               AND number < (SELECT min(number) FROM entry) + ?4 GROUP BY 1";
    ages_of(connection, sql, params![now, DAY, stays, ENTRIES])
}

fn ages_of(
    connection: &Connection,
    sql: &str,
    given: impl rusqlite::Params,
) -> Result<BTreeMap<u32, u64>, StoreError> {
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let mut rows = statement.query(given).map_err(engine)?;
    let mut ages = BTreeMap::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let (age, count): (i64, i64) = (row.get(0).map_err(engine)?, row.get(1).map_err(engine)?);
        *ages.entry(u32::try_from(age.max(0)).unwrap_or(u32::MAX)).or_default() += count.unsigned_abs();
    }
    Ok(ages)
}

/// What a row of each table takes on average.
fn sizes(connection: &Connection) -> Result<Sizes, StoreError> {
    let looks = "(SELECT coalesce(sum(octet_length(o.body) + 24), 0) FROM observation AS o WHERE o.post = post.number)";
    Ok(Sizes {
        incident: average(connection, "incident", "id", "octet_length(body) * 5 / 4")?,
        post: average(connection, "post", "number", &format!("octet_length(body) + {looks}"))?,
        notice: average(connection, "notice", "number", "octet_length(body)")?,
        evidence: average(
            connection,
            "evidence",
            "number",
            "octet_length(shown) + coalesce(octet_length(fragment), 0)",
        )?,
        entry: average(connection, "entry", "number", "octet_length(body)")?,
    })
}

/// By rows at even distances over the numbers of a table.
fn average(connection: &Connection, table: &str, key: &str, of: &str) -> Result<u64, StoreError> {
    let ends = format!("SELECT min({key}), max({key}) FROM {table}");
    let ends: (Option<i64>, Option<i64>) =
        connection.query_row(&ends, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(engine)?;
    let (Some(first), Some(last)) = ends else { return Ok(0) };
    let sql = format!("SELECT {of} FROM {table} WHERE {key} >= ?1 ORDER BY {key} LIMIT 1");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let (mut sum, mut rows) = (0, 0);
    for step in 0..SAMPLE {
        let from = first.saturating_add(last.saturating_sub(first) / SAMPLE * step);
        let found: Option<i64> = statement.query_row([from], |row| row.get(0)).optional().map_err(engine)?;
        if let Some(bytes) = found {
            sum += bytes.unsigned_abs();
            rows += 1;
        }
    }
    Ok(sum / rows.max(1) + BESIDE)
}

fn number(connection: &Connection, sql: &str) -> Result<u64, StoreError> {
    let count: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(engine)?;
    Ok(count.unsigned_abs())
}

fn ids(connection: &Connection, sql: &str) -> Result<Vec<i64>, StoreError> {
    ids_with(connection, sql, [])
}

fn ids_with(
    connection: &Connection,
    sql: &str,
    given: impl rusqlite::Params,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map(given, |row| row.get(0)).map_err(engine)?;
    rows.map(|id| id.map_err(engine)).collect()
}
