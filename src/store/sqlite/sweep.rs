//! Retention (SEMANTICS 31), a little at a time: each step is one small transaction that holds nobody up.
//!
//! Only what was archived goes: nothing of it is in the desk's memory, and a case that is open, or that
//! somebody was told of and nobody closed, is never archived. What goes next was found by a reader (`due`).

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    archived, chain,
    due::{Due, What, before},
    fault::engine,
    listing, looks, post_words,
    row::size,
};
use crate::{
    model::Retention,
    store::{StoreError, Swept},
};

/// Posts of one step that have a row of their own in the full text: it costs ten milliseconds and more, because the file
/// is to hold nothing of its words any more.
const OWN: usize = 1;
/// Posts of one step.
const POSTS: usize = 20;
/// Notices and entries of an incident that go in one step.
const ROWS: usize = 200;
/// An incident and all that was merged into it.
const PARTS: &str = "WITH RECURSIVE part (id) AS (
                         SELECT ?1 UNION
                         SELECT incident.id FROM incident JOIN part ON incident.merged_into = part.id)
                     SELECT id FROM part";

/// Does one step.
pub(super) fn sweep(
    connection: &Connection,
    due: &Due,
    retention: &Retention,
    now: Timestamp,
) -> Result<Swept, StoreError> {
    for (id, since) in &due.younger {
        archived::set_since(connection, *id, *since)?;
    }
    let mut swept = Swept::default();
    let audit = before(now, retention.audit_days);
    match &due.what {
        What::Nothing => {}
        What::Incidents(ids) => return forget_incidents(connection, ids, audit),
        What::Evidence(numbers) => {
            let sql = "DELETE FROM evidence WHERE number = ?1 AND NOT EXISTS (
                           SELECT 1 FROM post JOIN incident ON incident.id = post.incident
                           WHERE post.site = evidence.site AND post.id = evidence.id
                           AND incident.state IN ('open', 'dormant', 'closed'))";
            swept.evidence = each(connection, sql, numbers)?;
        }
        What::Entries => swept.loose = chain::cut(connection, audit)?,
        What::Notices(numbers) => {
            let sql = "DELETE FROM notice WHERE number = ?1 AND state <> 'pending'";
            swept.loose = each(connection, sql, numbers)?;
        }
        What::Words(step) => swept.words = step.take(connection)?,
        What::Looks(posts) => {
            for post in posts {
                swept.looks += looks::thin(connection, *post)?;
            }
        }
        What::Pages(pages) => swept.pages = give_back(connection, *pages)?,
        What::File(sha256) => swept.loose = forget_file(connection, sha256)?,
    }
    for (id, upto) in &due.thinned {
        archived::set_thinned(connection, *id, *upto)?;
    }
    Ok(swept)
}

/// What a step has left to do with.
struct Left {
    /// Posts whose words had to go first.
    words: u64,
    own: usize,
    posts: usize,
    rows: usize,
}

fn forget_incidents(connection: &Connection, ids: &[i64], audit: i64) -> Result<Swept, StoreError> {
    let mut left = Left { words: 0, own: OWN, posts: POSTS, rows: ROWS };
    let mut swept = Swept::default();
    for id in ids {
        let still = "SELECT count(*) FROM incident WHERE id = ?1 AND state = 'archived'
                     AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.incident = ?1 AND state = 'pending')";
        let still: i64 = connection.query_row(still, [id], |row| row.get(0)).map_err(engine)?;
        if still == 0 {
            continue;
        }
        if !forget_incident(connection, *id, audit, &mut left)? {
            break;
        }
        swept.incidents += 1;
    }
    swept.words = left.words;
    // What an incident took along is not counted by itself.
    if swept.incidents == 0 {
        swept.loose = (POSTS - left.posts + ROWS - left.rows) as u64;
    }
    Ok(swept)
}

/// Everything of an incident and of what was merged into it, as far as the step reaches: says whether that was all.
/// What people did is kept for as long as the audit is.
fn forget_incident(
    connection: &Connection,
    id: i64,
    audit: i64,
    left: &mut Left,
) -> Result<bool, StoreError> {
    if !forget_posts(connection, id, left)? {
        return Ok(false);
    }
    let sql = format!("SELECT number FROM notice WHERE incident IN ({PARTS}) LIMIT ?2");
    let numbers = numbers(connection, &sql, params![id, size(left.rows + 1)])?;
    let (now, later) = numbers.split_at(numbers.len().min(left.rows));
    left.rows -= now.len();
    each(connection, "DELETE FROM notice WHERE number = ?1", now)?;
    if !later.is_empty() || !blank_entries(connection, id, audit, left)? {
        return Ok(false);
    }
    listing::forget(connection, PARTS, id)?;
    execute(connection, &format!("DELETE FROM deadline WHERE incident IN ({PARTS})"), params![id])?;
    let sql = format!("SELECT DISTINCT plan FROM incident WHERE id IN ({PARTS})");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let plans: Vec<String> =
        statement.query_map([id], |row| row.get(0)).and_then(Iterator::collect).map_err(engine)?;
    execute(connection, &format!("DELETE FROM incident WHERE id IN ({PARTS})"), params![id])?;
    for plan in plans {
        let sql =
            "DELETE FROM plan WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM incident WHERE plan = plan.hash)";
        execute(connection, sql, params![plan])?;
    }
    Ok(true)
}

/// Members with their words, looks and evidence. What was gathered of their words goes before them, in steps of its own.
fn forget_posts(connection: &Connection, id: i64, left: &mut Left) -> Result<bool, StoreError> {
    if let Some(posts) = post_words::dismiss_next(connection, PARTS, id)? {
        left.words += posts.max(1) as u64;
        return Ok(false);
    }
    let sql = format!("SELECT number FROM post WHERE incident IN ({PARTS}) LIMIT ?2");
    let numbers = numbers(connection, &sql, params![id, size(left.posts + 1)])?;
    for number in numbers {
        if left.posts == 0 || left.own == 0 {
            return Ok(false);
        }
        left.posts -= 1;
        left.own -= usize::from(post_words::drop_own(connection, number)?);
        let evidence = "DELETE FROM evidence WHERE (site, id) = (SELECT site, id FROM post WHERE number = ?1)
                        AND NOT EXISTS (SELECT 1 FROM post AS other WHERE other.site = evidence.site
                                        AND other.id = evidence.id AND other.number <> ?1)";
        execute(connection, evidence, params![number])?;
        execute(connection, "DELETE FROM post WHERE number = ?1", params![number])?;
    }
    Ok(true)
}

/// What the machine noted of an incident, and what people did longer ago than the audit is kept, goes; the rows
/// stay with their hashes until the audit is cut, because the chain runs over them.
fn blank_entries(connection: &Connection, id: i64, audit: i64, left: &mut Left) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT number, body FROM entry
         WHERE incident IN ({PARTS}) AND (at < ?2 OR body ->> '$.by' IS NULL) AND body ->> '$.text' <> ?3
         LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let rows: Vec<(i64, String)> = statement
        .query_map(params![id, audit, chain::FORGOTTEN, size(left.rows + 1)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .and_then(Iterator::collect)
        .map_err(engine)?;
    let (now, later) = rows.split_at(rows.len().min(left.rows));
    left.rows -= now.len();
    now.iter().try_for_each(|(number, body)| chain::forget(connection, *number, body))?;
    Ok(later.is_empty())
}

/// A file that no incident named a moment ago. Only a case that the desk works on can have come to name it since.
fn forget_file(connection: &Connection, sha256: &str) -> Result<u64, StoreError> {
    execute(
        connection,
        "DELETE FROM file WHERE sha256 = ?1 AND ?1 NOT IN (
             SELECT named.value ->> '$.sha256' FROM incident, json_each(incident.body, '$.course.files') AS named
             WHERE state IN ('open', 'dormant', 'closed'))",
        params![sha256],
    )
}

/// Gives free pages at the end of the file back to the disk; what stands there moves into free ones before.
fn give_back(connection: &Connection, pages: i64) -> Result<u64, StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})")).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    while rows.next().map_err(engine)?.is_some() {}
    Ok(pages.unsigned_abs())
}

fn numbers(connection: &Connection, sql: &str, given: impl rusqlite::Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map(given, |row| row.get(0)).map_err(engine)?;
    rows.map(|number| number.map_err(engine)).collect()
}

fn each(connection: &Connection, sql: &str, numbers: &[i64]) -> Result<u64, StoreError> {
    numbers.iter().try_fold(0, |sum, number| Ok(sum + execute(connection, sql, params![number])?))
}

fn execute(connection: &Connection, sql: &str, given: impl rusqlite::Params) -> Result<u64, StoreError> {
    let rows = connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
    Ok(rows as u64)
}
