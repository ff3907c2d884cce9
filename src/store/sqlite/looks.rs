//! The table of observations: what is written to it, read from it, and how it came from the older one.
//!
//! A row holds up to [`IN_A_ROW`] looks at a post one after the other ([`super::packed`]); its key is the post and
//! the instant of the first, and no look of an earlier row is at or after that. Looks come in the order of time,
//! nearly always, so that a new one is put at the end of the post's last row.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::{
    fault::engine,
    packed::{Look, pack, unpack},
    row::{corrupt, instant, int, micros, size},
    verify::Unsound,
};
use crate::{
    desk::{
        Glance,
        thin::{Counters, needed},
    },
    model::{Count, Exactness, ObservationRow, PostRow},
    store::StoreError,
};

/// Looks that one row holds. More would make rows of which a page holds few; fewer would share a key among few.
const IN_A_ROW: usize = 32;

/// The number of the migration that packs observations.
pub(super) const STEP: u32 = 5;

/// Keeps a look at a member; one at the same instant is replaced.
pub(super) fn keep(connection: &Connection, row: &ObservationRow) -> Result<(), StoreError> {
    let sql = "SELECT since, observation.body, number FROM post LEFT JOIN observation ON post = number AND since = (
                   SELECT max(since) FROM observation WHERE post = number AND since <= ?4)
               WHERE unit = ?1 AND site = ?2 AND id = ?3";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let at = micros(row.at);
    let mut found = statement.query(params![row.unit, row.post.site, row.post.id, at]).map_err(engine)?;
    let Some(member) = found.next().map_err(engine)? else {
        let why = format!("an observation of {} ({}), which is no member", row.post, row.unit);
        return Err(corrupt("observation", &why));
    };
    let post = member.get(2).map_err(engine)?;
    let since: Option<i64> = member.get(0).map_err(engine)?;
    let before = since.map(|_| read(member)).transpose()?;
    drop(found);
    let stored = |count: Count| Count { value: int(count.value).unsigned_abs(), ..count };
    let counts = [row.views, row.reposts, row.comments, row.likes].map(|count| count.map(stored));
    let look = Look { at, counts };
    match before {
        Some((since, looks)) => add(connection, post, since, looks, look),
        None => begin(connection, post, &[look]),
    }
}

/// Puts a look into the row that begins at `since`.
fn add(
    connection: &Connection,
    post: i64,
    since: i64,
    mut looks: Vec<Look>,
    look: Look,
) -> Result<(), StoreError> {
    let place = looks.binary_search_by_key(&look.at, |one| one.at);
    match place {
        Ok(known) => looks.splice(known..=known, [look]).for_each(drop),
        Err(between) => looks.insert(between, look),
    }
    // What comes last begins a row when this one is full; what comes between parts a full one in the middle.
    let stay = match place {
        _ if looks.len() <= IN_A_ROW => looks.len(),
        Err(between) if between == IN_A_ROW => IN_A_ROW,
        _ => IN_A_ROW / 2,
    };
    let (stay, go) = looks.split_at(stay);
    let sql = "UPDATE observation SET looks = ?3, body = ?4 WHERE post = ?1 AND since = ?2";
    let given = params![post, since, size(stay.len()), pack(since, stay)];
    connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
    begin(connection, post, go)
}

/// Writes a new row of some looks; nothing for none.
fn begin(connection: &Connection, post: i64, looks: &[Look]) -> Result<(), StoreError> {
    let Some(since) = looks.first().map(|look| look.at) else { return Ok(()) };
    let sql = "INSERT INTO observation (post, since, looks, body) VALUES (?1, ?2, ?3, ?4)";
    let given = params![post, since, size(looks.len()), pack(since, looks)];
    connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
    Ok(())
}

/// Reads columns `since, body`.
fn read(row: &Row<'_>) -> Result<(i64, Vec<Look>), StoreError> {
    let since = row.get(0).map_err(engine)?;
    let body = row.get_ref(1).map_err(engine)?;
    let body = body.as_blob().map_err(|error| StoreError::Engine(error.to_string()))?;
    let looks = unpack(since, body).map_err(|error| corrupt("observation", &error))?;
    Ok((since, looks))
}

/// Looks of the rows that `which` names, by time when the rows are.
fn looks_where(
    connection: &Connection,
    which: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Look>, StoreError> {
    let sql = format!("SELECT since, body FROM observation WHERE {which} ORDER BY since");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let mut rows = statement.query(parameters).map_err(engine)?;
    let mut looks = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        looks.extend(read(row)?.1);
    }
    Ok(looks)
}

/// All looks at a post, by time.
pub(super) fn of_post(
    connection: &Connection,
    number: i64,
    post: &PostRow,
) -> Result<Vec<ObservationRow>, StoreError> {
    let looks = looks_where(connection, "post = ?1", [number])?;
    let observation = |look: Look| {
        let [views, reposts, comments, likes] = look.counts;
        let at = instant("observation", look.at)?;
        let (unit, post) = (post.unit.clone(), post.post.key.clone());
        Ok(ObservationRow { unit, post, at, views, reposts, comments, likes })
    };
    looks.into_iter().map(observation).collect()
}

/// The packed rows of a post of which looks can go (`desk::thin`); 0 when none can.
pub(super) fn rows_to_thin(connection: &Connection, post: i64) -> Result<usize, StoreError> {
    // What was looked at once or twice is as thin as can be.
    let sql = "SELECT coalesce(sum(looks), 0), count(*) FROM observation WHERE post = ?1";
    let (looks, rows): (i64, i64) = connection
        .prepare_cached(sql)
        .and_then(|mut one| one.query_row([post], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(engine)?;
    if looks < 3 {
        return Ok(0);
    }
    let looks = looks_where(connection, "post = ?1", [post])?;
    let can = needed_of(&looks).contains(&false);
    Ok(if can { usize::try_from(rows).unwrap_or(usize::MAX) } else { 0 })
}

/// How many looks at a post can go, and about how many bytes they take.
pub(super) fn to_thin(connection: &Connection, post: i64) -> Result<(u64, u64), StoreError> {
    let looks = looks_where(connection, "post = ?1", [post])?;
    let gone = needed_of(&looks).iter().filter(|stays| !**stays).count();
    let sql = "SELECT coalesce(sum(octet_length(body) + 24), 0) FROM observation WHERE post = ?1";
    let bytes: i64 = connection
        .prepare_cached(sql)
        .and_then(|mut one| one.query_row([post], |row| row.get(0)))
        .map_err(engine)?;
    let gone = u64::try_from(gone).unwrap_or(u64::MAX);
    let all = u64::try_from(looks.len()).unwrap_or(u64::MAX).max(1);
    Ok((gone, bytes.unsigned_abs() * gone / all))
}

/// Takes away the looks at a post on which no figure rests; answers how many.
pub(super) fn thin(connection: &Connection, post: i64) -> Result<u64, StoreError> {
    let looks = looks_where(connection, "post = ?1", [post])?;
    let needed = needed_of(&looks);
    let left: Vec<Look> =
        looks.iter().zip(&needed).filter(|(_, stays)| **stays).map(|(look, _)| *look).collect();
    if left.len() < looks.len() {
        let sql = "DELETE FROM observation WHERE post = ?1";
        connection.prepare_cached(sql).and_then(|mut one| one.execute([post])).map_err(engine)?;
        left.chunks(IN_A_ROW).try_for_each(|row| begin(connection, post, row))?;
    }
    Ok(u64::try_from(looks.len() - left.len()).unwrap_or(u64::MAX))
}

fn needed_of(looks: &[Look]) -> Vec<bool> {
    let counters: Vec<Counters> = looks.iter().map(|look| look.counts).collect();
    needed(&counters)
}

/// A counter of a look, as a desk knows it.
type Counter = fn(&Look) -> Option<Count>;
/// Which look at a counter is wanted of several.
type Choice = fn(&[Look], Counter) -> Option<Look>;
const VIEWS: Counter = |look| look.counts[0];
const REPOSTS: Counter = |look| look.counts[1];

/// A post's looks since `since`, and before that of each counter the last one and the greatest, which together
/// decide its curve at the edge of the window (a look need not show every counter, and a counter may have dipped).
pub(super) fn glances(
    connection: &Connection,
    number: i64,
    row: &PostRow,
    since: Timestamp,
) -> Result<Vec<Glance>, StoreError> {
    let since = micros(since);
    // The last look before the edge is in the last row that begins before it.
    let recent = "post = ?1 AND since >= coalesce(
                      (SELECT max(since) FROM observation WHERE post = ?1 AND since < ?2), ?2)";
    let mut looks = looks_where(connection, recent, params![number, since])?;
    let edge = looks.partition_point(|look| look.at < since);
    looks.drain(..edge.saturating_sub(1));
    let before = looks.first().filter(|look| look.at < since).copied();
    let greatest = |counter: Counter| looks.iter().filter_map(counter).map(|count| count.value).max();
    let mut wanted: Vec<(Counter, Choice)> = Vec::new();
    for (counter, known) in [(VIEWS, row.views), (REPOSTS, row.reposts)] {
        if before.is_some_and(|look| counter(&look).is_none()) {
            wanted.push((counter, last_shown));
        }
        // Only a counter that has dipped since shows less than the row remembers.
        if known.map(|known| known.value) != greatest(counter) {
            wanted.push((counter, greatest_shown));
        }
    }
    if !wanted.is_empty() {
        let mut older = looks_where(connection, "post = ?1 AND since < ?2", params![number, since])?;
        older.truncate(older.partition_point(|look| look.at < since));
        looks.extend(wanted.iter().filter_map(|(counter, which)| which(&older, *counter)));
        looks.sort_by_key(|look| look.at);
        looks.dedup_by_key(|look| look.at);
    }
    let glance = |look: &Look| {
        let (views, reposts) = (VIEWS(look), REPOSTS(look));
        Ok(Glance { at: instant("observation", look.at)?, views, reposts })
    };
    looks.iter().map(glance).collect()
}

fn last_shown(looks: &[Look], counter: Counter) -> Option<Look> {
    looks.iter().rfind(|look| counter(look).is_some()).copied()
}

/// The first of the greatest.
fn greatest_shown(looks: &[Look], counter: Counter) -> Option<Look> {
    let shown = looks.iter().filter_map(|look| Some((counter(look)?.value, look)));
    shown.rev().max_by_key(|(value, _)| *value).map(|(_, look)| *look)
}

/// Packs the observations of the older table, a row at a time, and takes the table away. What stands in no post,
/// which another hand must have done, could never be read.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT post, at, views, reposts, comments, likes, exactness FROM loose_observation
               WHERE post IN (SELECT number FROM post) ORDER BY post, at";
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let (mut post, mut looks) = (0, Vec::with_capacity(IN_A_ROW));
    while let Some(row) = rows.next().map_err(engine)? {
        let next = row.get(0).map_err(engine)?;
        if next != post || looks.len() == IN_A_ROW {
            begin(connection, post, &looks)?;
            looks.clear();
            post = next;
        }
        looks.push(loose(row).map_err(engine)?);
    }
    begin(connection, post, &looks)?;
    drop(rows);
    drop(statement);
    connection.execute_batch("DROP TABLE loose_observation").map_err(engine)
}

/// Reads a row of schemas 1 to 4: `exactness` had two bits a counter.
fn loose(row: &Row<'_>) -> rusqlite::Result<Look> {
    let bits: i64 = row.get(6)?;
    let mut counts = [None; 4];
    for (place, count) in counts.iter_mut().enumerate() {
        let value: Option<i64> = row.get(2 + place)?;
        let exactness = match (bits >> (2 * place)) & 3 {
            0 => Exactness::Exact,
            1 => Exactness::About,
            _ => Exactness::AtLeast,
        };
        *count = value.map(|value| Count { value: u64::try_from(value).unwrap_or(0), exactness });
    }
    Ok(Look { at: row.get(1)?, counts })
}

/// How many looks there are.
pub(super) fn count(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(looks), 0) FROM observation";
    let sum: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(engine)?;
    Ok(u64::try_from(sum).unwrap_or(0))
}

/// Rows that hold something else than they say; at most `most`.
pub(super) fn unreadable(connection: &Connection, most: usize) -> Result<Vec<Unsound>, StoreError> {
    let sql = "SELECT since, body, looks, post FROM observation";
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let mut faults = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let (said, post): (i64, i64) = (row.get(2).map_err(engine)?, row.get(3).map_err(engine)?);
        let why = match read(row) {
            Ok((since, looks)) => {
                let ordered = looks.windows(2).all(|two| matches!(two, [a, b] if a.at < b.at));
                let first = looks.first().map(|look| look.at) == Some(since);
                if ordered && first && size(looks.len()) == said {
                    continue;
                }
                "its looks are not those that it names".to_owned()
            }
            Err(error) => error.to_string(),
        };
        let since: i64 = row.get(0).map_err(engine)?;
        faults.push(Unsound::Unreadable { table: "observation", row: format!("{post} {since}"), why });
        if faults.len() >= most {
            break;
        }
    }
    Ok(faults)
}
