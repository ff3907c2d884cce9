//! What retention would do next, found by a reader: however much is looked through, nobody waits for it. The writer
//! then does it in one short transaction (`sweep`), asking once more what may have changed since.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{archived, chain, fault::engine, looks, post_words, row::micros};
use crate::{model::Retention, store::StoreError};

/// Incidents of one step.
const INCIDENTS: usize = 10;
/// Incidents of which it is asked at a time whether their time is really over.
const ASKED: u32 = 200;
/// Other rows of one step.
const ROWS: u32 = 200;
/// Packed rows of looks that one step writes anew at most.
const LOOK_ROWS: usize = 32;
/// Members whose looks are looked through at a time.
const MEMBERS: usize = 2_000;
/// Pages that are left free for what comes next, and the share of the file that is worth giving back.
const SPARE_PAGES: i64 = 1_024;
const SPARE_SHARE: i64 = 50;
/// Pages that one step gives back.
const PAGES: i64 = 64;

/// One step.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// Archived incidents that are younger than their row says, and since when.
    pub(super) younger: Vec<(i64, i64)>,
    /// Archived incidents with how far their looks need not be looked at again; `None`: all.
    pub(super) thinned: Vec<(i64, Option<i64>)>,
    /// What goes.
    pub(super) what: What,
}

/// What goes in one step.
#[derive(Debug, Default)]
pub(super) enum What {
    #[default]
    Nothing,
    /// Archived incidents.
    Incidents(Vec<i64>),
    /// Pieces of evidence.
    Evidence(Vec<i64>),
    /// The beginning of the audit.
    Entries,
    /// Notices of no incident.
    Notices(Vec<i64>),
    /// Something of the full text, or words that change their place in it.
    Words(post_words::Step),
    /// Looks at these posts.
    Looks(Vec<i64>),
    /// Free pages of the file.
    Pages(i64),
    /// A file that no incident names.
    File(String),
}

impl Due {
    pub(super) const fn is_empty(&self) -> bool {
        self.younger.is_empty() && self.thinned.is_empty() && matches!(self.what, What::Nothing)
    }
}

/// The instant so many days before, as it is stored.
pub(super) fn before(now: Timestamp, days: u32) -> i64 {
    let span = SignedDuration::from_hours(24 * i64::from(days));
    micros(now.saturating_sub(span).unwrap_or(Timestamp::MIN))
}

/// The next step; an empty one when there is nothing to do.
pub(super) fn due(connection: &Connection, retention: &Retention, now: Timestamp) -> Result<Due, StoreError> {
    let mut due = Due::default();
    if let Some(step) = post_words::leaving(connection)? {
        due.what = What::Words(step);
        return Ok(due);
    }
    incidents(connection, retention, now, &mut due)?;
    if !due.is_empty() {
        return Ok(due);
    }
    let audit = before(now, retention.audit_days);
    let numbers = evidence(connection, before(now, retention.evidence_days))?;
    if !numbers.is_empty() {
        due.what = What::Evidence(numbers);
    } else if chain::may_cut(connection, audit)? {
        due.what = What::Entries;
    } else {
        let numbers = notices(connection, audit)?;
        if !numbers.is_empty() {
            due.what = What::Notices(numbers);
            return Ok(due);
        }
        if let Some(step) = post_words::due(connection, now)? {
            due.what = What::Words(step);
            return Ok(due);
        }
        looks(connection, before(now, retention.observation_days), &mut due)?;
        if !due.is_empty() {
            return Ok(due);
        }
        due.what = match pages(connection)? {
            0 => file(connection)?.map_or(What::Nothing, What::File),
            pages => What::Pages(pages),
        };
    }
    Ok(due)
}

/// Archived incidents whose time is over and of which nobody is to be told anything any more.
fn incidents(
    connection: &Connection,
    retention: &Retention,
    now: Timestamp,
    due: &mut Due,
) -> Result<(), StoreError> {
    let sql = "SELECT id, since FROM archived WHERE tier IS ?1 AND since < ?2 AND NOT EXISTS (
                   SELECT 1 FROM notice WHERE notice.incident = archived.id AND state = 'pending')
               ORDER BY since LIMIT ?3";
    let mut over = Vec::new();
    for tier in archived::tiers(connection)? {
        let end = before(now, retention.days_of(tier.as_deref()));
        let mut statement = connection.prepare_cached(sql).map_err(engine)?;
        let rows: Vec<(i64, i64)> = statement
            .query_map(params![tier, end, ASKED], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(engine)?;
        for (id, said) in rows {
            if over.len() >= INCIDENTS {
                break;
            }
            let since = archived::since(connection, id)?;
            if since < end {
                over.push(id);
            } else if since != said {
                due.younger.push((id, since));
            }
        }
    }
    if !over.is_empty() {
        due.what = What::Incidents(over);
    }
    Ok(())
}

/// Evidence of before an instant, except of what the desk still works on.
fn evidence(connection: &Connection, end: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT number FROM evidence WHERE at < ?1 AND NOT EXISTS (
                   SELECT 1 FROM post JOIN incident ON incident.id = post.incident
                   WHERE post.site = evidence.site AND post.id = evidence.id
                   AND incident.state IN ('open', 'dormant', 'closed'))
               ORDER BY at LIMIT ?2";
    numbers(connection, sql, params![end, ROWS])
}

/// Notices of no incident that are over.
fn notices(connection: &Connection, end: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT number FROM notice
               WHERE incident IS NULL AND created_at < ?1 AND state <> 'pending' ORDER BY created_at LIMIT ?2";
    numbers(connection, sql, params![end, ROWS])
}

fn numbers(connection: &Connection, sql: &str, given: impl rusqlite::Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map(given, |row| row.get(0)).map_err(engine)?;
    rows.map(|number| number.map_err(engine)).collect()
}

/// Posts of archived incidents of which looks can go, and how far nothing more is to be found.
fn looks(connection: &Connection, end: i64, due: &mut Due) -> Result<(), StoreError> {
    let sql = "SELECT id, since, thinned FROM archived INDEXED BY archived_thick
               WHERE thinned IS NOT NULL AND since < ?1 ORDER BY since LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let incidents: Vec<(i64, i64, i64)> = statement
        .query_map(params![end, ASKED], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .map_err(engine)?;
    let (mut posts, mut rows, mut members) = (Vec::new(), 0, 0);
    for (id, said, upto) in incidents {
        let since = archived::since(connection, id)?;
        if since >= end {
            if since != said {
                due.younger.push((id, since));
            }
            continue;
        }
        let sql = "SELECT number FROM post WHERE incident = ?1 AND number > ?2 ORDER BY number";
        let mut reached = None;
        let mut is_whole = true;
        for number in numbers(connection, sql, params![id, upto])? {
            if rows >= LOOK_ROWS || members >= MEMBERS {
                is_whole = false;
                break;
            }
            members += 1;
            let packed = looks::rows_to_thin(connection, number)?;
            if packed > 0 {
                rows += packed;
                posts.push(number);
            }
            reached = Some(number);
        }
        if is_whole {
            due.thinned.push((id, None));
        } else {
            due.thinned.extend(reached.map(|number| (id, Some(number))));
            break;
        }
    }
    if !posts.is_empty() {
        due.what = What::Looks(posts);
    }
    Ok(())
}

/// Free pages that are worth giving back now; 0 also where the file was made without such a possibility.
fn pages(connection: &Connection) -> Result<i64, StoreError> {
    let ask = |name: &str| -> Result<i64, StoreError> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(engine)
    };
    if ask("auto_vacuum")? != 2 {
        return Ok(0);
    }
    let spare = SPARE_PAGES.max(ask("page_count")? / SPARE_SHARE);
    let free = ask("freelist_count")?;
    Ok(if free > spare { PAGES.min(free - spare) } else { 0 })
}

/// A file that no incident names: it is kept with the row that names it, so its incident went, or the act was taken
/// back. Looks through all incidents, so it is asked for last.
fn file(connection: &Connection) -> Result<Option<String>, StoreError> {
    let sql = "SELECT sha256 FROM file WHERE sha256 NOT IN (
                   SELECT named.value ->> '$.sha256' FROM incident, json_each(incident.body, '$.course.files') AS named)
               LIMIT 1";
    connection.query_row(sql, [], |row| row.get(0)).optional().map_err(engine)
}
