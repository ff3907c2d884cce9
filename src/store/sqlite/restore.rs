//! What a desk needs to go on: the incidents that live, with their members and limits. Nothing that was archived
//! is touched, so that years of rows cost a start nothing.
//!
//! Members are by far the most. They are read on several connections at once, each with its share of the
//! incidents. Whoever restores a desk has the file to himself, or looks at it beside a running daemon and can
//! bear to see one of them a moment later than another.

use std::{path::Path, thread};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{
    fault::engine,
    looks,
    query::{incidents_where, numbered_posts, outgoing_where},
    readers::open,
    row::bodies,
};
use crate::{
    desk::{Glance, Restored},
    model::{Incident, IncidentId, PostRow},
    store::StoreError,
};

/// How far back a desk looks at counters: twice the window of SEMANTICS 2.
const OBSERVED: SignedDuration = SignedDuration::from_hours(48);
/// Notices of no incident that a desk wants to see again.
const TOLD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Connections that read members at a time, at most.
const MOST_WORKERS: usize = 4;
/// Incidents that are worth a connection of their own.
const A_SHARE: usize = 500;
/// States of incidents that live.
const LIVE: &str = "state IN ('open', 'dormant', 'closed')";

/// All that a desk needs. The spans run back from the newest row rather than from a clock, so they
/// reach at least as far as from now.
pub(super) fn restore(path: &Path) -> Result<Restored, StoreError> {
    let connection = open(path)?;
    let transaction = connection.unchecked_transaction().map_err(engine)?;
    let connection = &*transaction;
    let state = bodies(connection, "desk", "SELECT body FROM desk", [])?.into_iter().next();
    let ids = live_ids(connection)?;
    let incidents = shared_out(path, &ids, incidents_of)?;
    let limits = format!(
        "SELECT deadline.body FROM deadline JOIN incident ON incident.id = deadline.incident
         WHERE {LIVE} ORDER BY due_at, key"
    );
    let (posts, looks) = members(path, &ids)?;
    Ok(Restored {
        state,
        merged: merged(connection)?,
        deadlines: bodies(connection, "deadline", &limits.replace(LIVE, &format!("incident.{LIVE}")), [])?,
        notices: notices(connection)?,
        incidents,
        posts,
        looks,
    })
}

/// Numbers of the incidents that live, ascending.
fn live_ids(connection: &Connection) -> Result<Vec<i64>, StoreError> {
    let sql = format!("SELECT id FROM incident WHERE {LIVE} ORDER BY id");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let rows = statement.query_map([], |row| row.get(0)).map_err(engine)?;
    rows.map(|id| id.map_err(engine)).collect()
}

/// The incidents of a share, in its order: ascending.
fn incidents_of(connection: &Connection, share: &[i64]) -> Result<Vec<Incident>, StoreError> {
    let list: Vec<String> = share.iter().map(i64::to_string).collect();
    let list = format!("[{}]", list.join(","));
    let mut rows = incidents_where(connection, "WHERE id IN (SELECT value FROM json_each(?1))", [list])?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// Where merged incidents went.
fn merged(connection: &Connection) -> Result<Vec<(IncidentId, IncidentId)>, StoreError> {
    let sql = "SELECT id, merged_into FROM incident WHERE merged_into IS NOT NULL ORDER BY id";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(engine)?;
    rows.map(|row| {
        let (from, into): (i64, i64) = row.map_err(engine)?;
        let id = |number: i64| IncidentId(u64::try_from(number).unwrap_or(0));
        Ok((id(from), id(into)))
    })
    .collect()
}

/// Notices of incidents that live, those of what was merged into them, and the latest of no incident.
fn notices(connection: &Connection) -> Result<Vec<crate::model::Notice>, StoreError> {
    let newest: Option<i64> =
        connection.query_row("SELECT max(created_at) FROM notice", [], |row| row.get(0)).map_err(engine)?;
    let since = newest.map_or(i64::MIN, |at| at.saturating_sub(micros_of(TOLD)));
    let of_live = format!(
        "WHERE (incident IS NULL AND created_at >= ?1)
            OR incident IN (SELECT id FROM incident WHERE {LIVE})
            OR incident IN (SELECT id FROM incident WHERE merged_into IS NOT NULL)
         ORDER BY number"
    );
    Ok(outgoing_where(connection, &of_live, params![since])?.into_iter().map(|one| one.notice).collect())
}

fn micros_of(span: SignedDuration) -> i64 {
    span.as_micros().try_into().unwrap_or(i64::MAX)
}

/// Members, and the looks of each.
type Members = (Vec<PostRow>, Vec<Vec<Glance>>);

/// The members of incidents, in the incidents' order.
fn members(path: &Path, incidents: &[i64]) -> Result<Members, StoreError> {
    let posts = shared_out(path, incidents, |connection, share| {
        let mut posts = Vec::new();
        for incident in share {
            posts.extend(numbered_posts(connection, "WHERE incident = ?1 ORDER BY number", [incident])?);
        }
        Ok(posts)
    })?;
    let newest = posts.iter().map(|(_, row)| row.last_seen_at).max();
    let since = newest.and_then(|at| at.checked_sub(OBSERVED).ok()).unwrap_or(Timestamp::MIN);
    let looks = shared_out(path, &posts, |connection, share| {
        share.iter().map(|(number, row)| looks::glances(connection, *number, row, since)).collect()
    })?;
    Ok((posts.into_iter().map(|(_, row)| row).collect(), looks))
}

/// Lets several connections work on a list, each on its part; answers in the list's order.
fn shared_out<T: Sync, R: Send>(
    path: &Path,
    all: &[T],
    work: impl Fn(&Connection, &[T]) -> Result<Vec<R>, StoreError> + Sync,
) -> Result<Vec<R>, StoreError> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = cores.min(MOST_WORKERS).min(all.len() / A_SHARE + 1);
    let share = all.len().div_ceil(workers).max(1);
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> =
            all.chunks(share).map(|part| scope.spawn(move || work(&open(path)?, part))).collect();
        let mut out = Vec::with_capacity(all.len());
        for one in running {
            out.extend(one.join().map_err(|_| StoreError::Engine("a reader panicked".to_owned()))??);
        }
        Ok(out)
    })
}
