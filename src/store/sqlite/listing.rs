//! The list of incidents and its full text: rows beside the incidents' own, kept in the same transaction and written
//! only when something that the list shows, sorts or finds by has changed, for most changes of an incident are none of
//! these.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use super::{
    fault::engine,
    post_words::{self, hash},
    query::incidents_where,
    row::{corrupt, instant, int, micros, run, size, text},
    write::incident_state,
};
use crate::{
    model::{Incident, IncidentState},
    store::{
        CHOSEN_FROM, COUNTED, IncidentChoices, IncidentPage, IncidentSearch, Place, SavedSearch, Sort,
        StoreError, Turn,
        listing::{CHOICES, Mark, marks, words_of_incident},
    },
    text::{PAIRS, pairs, tokens_of},
};

/// Incidents among which the engine looks; among more it is faster to walk the list and to look whether each is wanted.
const FEW: usize = 1_000;
/// Under this key stands which cut of the words the index was made with.
const CUT: &str = "search/pairs";

/// An incident as the list has it.
#[derive(Debug)]
pub(super) struct Listing {
    id: i64,
    unit: String,
    state: IncidentState,
    place: Place,
    marks: Vec<(Mark, String)>,
    words: Vec<String>,
    hash: i64,
}

impl Listing {
    /// Must see the incident with its plan.
    pub(super) fn of(row: &Incident) -> Self {
        let (place, marks, words) = (Place::of(row), marks(row), words_of_incident(row));
        let all = format!("{:?} {place} {marks:?} {words:?} {}", row.state, row.unit);
        Self {
            id: int(row.id.0),
            unit: row.unit.clone(),
            state: row.state,
            place,
            marks,
            words,
            hash: hash(all.as_bytes()),
        }
    }

    pub(super) fn keep(&self, connection: &Connection) -> Result<(), StoreError> {
        let known: Option<(i64, String)> = connection
            .prepare_cached("SELECT hash, words FROM listed WHERE id = ?1")
            .and_then(|mut one| one.query_row([self.id], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .map_err(engine)?;
        if known.as_ref().is_some_and(|(hash, _)| *hash == self.hash) {
            return Ok(());
        }
        let words = self.words.join("\n");
        run(
            connection,
            "INSERT INTO listed (id, unit, state, gravity, detected_at, words, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET
                unit = ?2, state = ?3, gravity = ?4, detected_at = ?5, words = ?6, hash = ?7",
            params![
                self.id,
                self.unit,
                incident_state(self.state),
                self.place.gravity,
                micros(self.place.detected_at),
                words,
                self.hash
            ],
        )?;
        run(connection, "DELETE FROM listed_by WHERE id = ?1", [self.id])?;
        for (mark, name) in &self.marks {
            let sql = "INSERT INTO listed_by (kind, name, id) VALUES (?1, ?2, ?3)";
            run(connection, sql, params![mark.id(), name, self.id])?;
        }
        if known.as_ref().is_none_or(|(_, before)| *before != words) {
            let before = known.map(|(_, before)| before).unwrap_or_default();
            replace(
                connection,
                row_of_incident(self.id),
                &pairs(before.split('\n')),
                &words_pairs(&self.words),
            )?;
        }
        Ok(())
    }
}

fn row_of_incident(id: i64) -> i64 {
    id.saturating_mul(2).saturating_add(1)
}

fn words_pairs(words: &[String]) -> String {
    pairs(words.iter().map(String::as_str))
}

/// What was scrubbed from an incident's row goes from the index as well.
pub(super) fn scrub_incident(connection: &Connection, row: &Incident) -> Result<(), StoreError> {
    let id = int(row.id.0);
    let sql = "SELECT words FROM listed WHERE id = ?1";
    let before: Option<String> =
        connection.query_row(sql, [id], |row| row.get(0)).optional().map_err(engine)?;
    let Some(before) = before else { return Ok(()) };
    let words = words_of_incident(row);
    // The hash is of a row with its plan; without it the next change writes all anew.
    let sql = "UPDATE listed SET words = ?2, hash = 0 WHERE id = ?1";
    run(connection, sql, params![id, words.join("\n")])?;
    replace(connection, row_of_incident(id), &pairs(before.split('\n')), &words_pairs(&words))
}

/// Takes the incidents' own rows out of the index; their members went before.
pub(super) fn forget(connection: &Connection, which: &str, id: i64) -> Result<(), StoreError> {
    let numbers = |sql: &str| -> Result<Vec<i64>, StoreError> {
        let mut statement = connection.prepare_cached(sql).map_err(engine)?;
        let rows = statement.query_map([id], |row| row.get(0)).map_err(engine)?;
        rows.map(|number| number.map_err(engine)).collect()
    };
    for incident in numbers(which)? {
        let sql = "SELECT words FROM listed WHERE id = ?1";
        let words: Option<String> =
            connection.query_row(sql, [incident], |row| row.get(0)).optional().map_err(engine)?;
        if let Some(words) = words {
            replace(connection, row_of_incident(incident), &pairs(words.split('\n')), "")?;
        }
    }
    Ok(())
}

/// A row of the index from one text to another; either may be empty.
fn replace(connection: &Connection, row: i64, before: &str, after: &str) -> Result<(), StoreError> {
    if !before.is_empty() {
        let sql = "INSERT INTO word (word, rowid, pairs) VALUES ('delete', ?1, ?2)";
        run(connection, sql, params![row, before])?;
    }
    if !after.is_empty() {
        run(connection, "INSERT INTO word (rowid, pairs) VALUES (?1, ?2)", params![row, after])?;
    }
    Ok(())
}

/// Lets the list and its full text be made anew when the database is opened ([`refresh`]).
pub(super) fn invalidate(connection: &Connection) -> Result<(), StoreError> {
    super::write::keep_value(connection, CUT, "")
}

/// Makes the list and its full text where there were none, or where the words were cut otherwise than they are now: in
/// many transactions, so that a large database needs little room beside it; one that is interrupted begins anew.
pub(super) fn refresh(connection: &Connection) -> Result<(), StoreError> {
    if super::query::value(connection, CUT)?.as_deref() == Some(PAIRS.to_string().as_str()) {
        return Ok(());
    }
    let is_empty: bool = connection
        .query_row("SELECT NOT EXISTS (SELECT 1 FROM incident)", [], |row| row.get(0))
        .map_err(engine)?;
    if !is_empty {
        tracing::info!("the words that are searched are indexed anew");
    }
    whole(connection, |connection| {
        invalidate(connection)?;
        run(connection, "INSERT INTO word (word) VALUES ('delete-all')", [])?;
        run(connection, "DELETE FROM listed", [])?;
        post_words::clear(connection)
    })?;
    let mut after = i64::MIN;
    loop {
        let rows = incidents_where(connection, "WHERE id > ?1 ORDER BY id LIMIT 100", [after])?;
        let Some(last) = rows.last() else { break };
        after = int(last.id.0);
        whole(connection, |connection| {
            rows.iter().try_for_each(|row| {
                Listing::of(row).keep(connection)?;
                post_words::fill(connection, int(row.id.0))
            })
        })?;
    }
    super::write::keep_value(connection, CUT, &PAIRS.to_string())
}

/// In a transaction of its own.
fn whole(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction().map_err(engine)?;
    work(&transaction)?;
    transaction.commit().map_err(engine)
}

/// Conditions with what they are bound to.
#[derive(Default)]
struct Wanted {
    sql: Vec<String>,
    bound: Vec<Box<dyn ToSql>>,
}

impl Wanted {
    /// `?` in `sql` becomes the number of the bound value.
    fn add(&mut self, sql: &str, value: impl ToSql + 'static) {
        self.bound.push(Box::new(value));
        self.sql.push(sql.replace('?', &format!("?{}", self.bound.len())));
    }

    fn of(search: &IncidentSearch) -> Self {
        let mut wanted = Self::default();
        match search.state {
            Some(state) => wanted.add("state = ?", incident_state(state)),
            None => wanted.sql.push("state <> 'merged'".to_owned()),
        }
        if !search.unit.is_empty() {
            wanted.add("unit = ?", search.unit.clone());
        }
        if !search.within.is_empty() {
            let units = serde_json::to_string(&search.within).unwrap_or_default();
            wanted.add("unit IN (SELECT value FROM json_each(?))", units);
        }
        if !search.ids.is_empty() {
            let ids: Vec<String> = search.ids.iter().map(ToString::to_string).collect();
            wanted.add("id IN (SELECT value FROM json_each(?))", format!("[{}]", ids.join(",")));
        }
        if let Some(from) = search.from {
            wanted.add("detected_at >= ?", micros(from));
        }
        if let Some(to) = search.to {
            wanted.add("detected_at < ?", micros(to));
        }
        if !search.tier.is_empty() {
            let sql = "id IN (SELECT id FROM listed_by WHERE kind IN ('tier', 'class') AND name = ?)";
            wanted.add(sql, search.tier.clone());
        }
        for (mark, name) in
            [(Mark::Stage, &search.stage), (Mark::Site, &search.site), (Mark::Group, &search.group)]
        {
            if !name.is_empty() {
                let sql =
                    format!("id IN (SELECT id FROM listed_by WHERE kind = '{}' AND name = ?)", mark.id());
                wanted.add(&sql, name.clone());
            }
        }
        wanted
    }

    fn among(&mut self, ids: &HashSet<i64>) {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        self.add("id IN (SELECT value FROM json_each(?))", format!("[{}]", ids.join(",")));
    }

    fn turn(&mut self, search: &IncidentSearch) {
        let (place, sign) = match search.turn {
            Turn::First => return,
            Turn::After(place) => (place, '<'),
            Turn::Before(place) => (place, '>'),
        };
        let mut next = |value: i64| {
            self.bound.push(Box::new(value));
            format!("?{}", self.bound.len())
        };
        let (gravity, at, id) = (next(place.gravity), next(micros(place.detected_at)), next(int(place.id.0)));
        self.sql.push(match search.sort {
            // The first of it alone lets the engine begin there in the index.
            Sort::Gravest => format!("(gravity, detected_at, id) {sign} ({gravity}, {at}, {id})"),
            Sort::Newest => format!("(detected_at, id) {sign} ({at}, {id}) AND {gravity} IS NOT NULL"),
        });
    }
}

/// Incidents that hold a word: in their own row, in a member's, or in one of many members.
const HOLDING: &str = "SELECT CASE WHEN rowid & 1 THEN rowid >> 1 ELSE
        (SELECT incident FROM post INDEXED BY post_place WHERE number = word.rowid >> 1) END
    FROM word WHERE word MATCH ?1
    UNION ALL SELECT rowid >> 20 FROM gathered_word WHERE gathered_word MATCH ?1
    AND rowid NOT IN (SELECT number FROM leaving)";

/// Incidents that hold all of some words; `None` without words.
fn holders(connection: &Connection, words: &[String]) -> Result<Option<HashSet<i64>>, StoreError> {
    let mut all: Option<HashSet<i64>> = None;
    let mut statement = connection.prepare_cached(HOLDING).map_err(engine)?;
    for word in words {
        let mut held = HashSet::new();
        let mut rows = statement.query([phrase(word)]).map_err(engine)?;
        while let Some(row) = rows.next().map_err(engine)? {
            // A post that goes at this moment is in no incident.
            let Some(id) = row.get::<_, Option<i64>>(0).map_err(engine)? else { continue };
            if all.as_ref().is_none_or(|all| all.contains(&id)) {
                held.insert(id);
            }
        }
        all = Some(held);
    }
    Ok(all)
}

/// A word as the index is asked for it: its tokens one after the other, or all that begin with its only character.
fn phrase(word: &str) -> String {
    let prefix = if word.chars().nth(1).is_none() { " *" } else { "" };
    format!("\"{}\"{prefix}", tokens_of(word).join(" "))
}

/// The statement that gives the places of a page in their order, and what is bound in it.
fn page_of(search: &IncidentSearch, among: Option<&HashSet<i64>>) -> (String, Vec<Box<dyn ToSql>>) {
    let mut wanted = Wanted::of(search);
    if let Some(ids) = among {
        wanted.among(ids);
    }
    wanted.turn(search);
    let way = if matches!(search.turn, Turn::Before(_)) { "ASC" } else { "DESC" };
    let order = match search.sort {
        Sort::Newest => format!("detected_at {way}, id {way}"),
        Sort::Gravest => format!("gravity {way}, detected_at {way}, id {way}"),
    };
    (format!("SELECT id FROM listed WHERE {} ORDER BY {order}", wanted.sql.join(" AND ")), wanted.bound)
}

/// How the engine goes about a search, a step a line; for a test.
pub(super) fn explain(connection: &Connection, search: &IncidentSearch) -> Result<Vec<String>, StoreError> {
    let (sql, bound) = page_of(search, None);
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(engine)?;
    let rows = statement.query_map(rusqlite::params_from_iter(bound), |row| row.get(3)).map_err(engine)?;
    rows.map(|row| row.map_err(engine)).collect()
}

pub(super) fn search(connection: &Connection, search: &IncidentSearch) -> Result<IncidentPage, StoreError> {
    if search.is_hopeless() {
        return Ok(IncidentPage { total: search.count.then_some(0), ..IncidentPage::default() });
    }
    let holders = holders(connection, &search.words())?;
    let few = holders.as_ref().filter(|ids| ids.len() <= FEW);
    let holds = |id: &i64| few.is_some() || holders.as_ref().is_none_or(|ids| ids.contains(id));
    let mut ids = first_of(connection, page_of(search, few), holds, search.rows().saturating_add(1))?;
    let more = ids.len() > search.rows();
    ids.truncate(search.rows());
    let (earlier, later) = match search.turn {
        Turn::First => (false, more),
        Turn::After(_) => (true, more),
        Turn::Before(_) => {
            ids.reverse();
            (more, true)
        }
    };
    let total = search.count.then(|| {
        if holders.is_none() || few.is_some() {
            return count(connection, search, few);
        }
        let wanted = Wanted::of(search);
        let sql = format!("SELECT id FROM listed WHERE {}", wanted.sql.join(" AND "));
        first_of(connection, (sql, wanted.bound), holds, COUNTED + 1).map(|ids| ids.len())
    });
    let total = total.transpose()?;
    Ok(IncidentPage { incidents: in_order(connection, &ids)?, earlier, later, total })
}

/// The first ids that a statement gives and that hold, so many at most. An index gives them in their order, so that it is
/// left off there.
fn first_of(
    connection: &Connection,
    (sql, bound): (String, Vec<Box<dyn ToSql>>),
    holds: impl Fn(&i64) -> bool,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let mut rows = statement.query(rusqlite::params_from_iter(bound)).map_err(engine)?;
    let mut ids = Vec::new();
    while ids.len() < most
        && let Some(row) = rows.next().map_err(engine)?
    {
        let id = row.get(0).map_err(engine)?;
        if holds(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn in_order(connection: &Connection, ids: &[i64]) -> Result<Vec<Incident>, StoreError> {
    let list: Vec<String> = ids.iter().map(i64::to_string).collect();
    let list = format!("[{}]", list.join(","));
    let sql = "WHERE id IN (SELECT value FROM json_each(?1))";
    let mut rows = incidents_where(connection, sql, [list])?;
    rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == int(row.id.0)));
    Ok(rows)
}

fn count(
    connection: &Connection,
    search: &IncidentSearch,
    among: Option<&HashSet<i64>>,
) -> Result<usize, StoreError> {
    let mut wanted = Wanted::of(search);
    among.into_iter().for_each(|ids| wanted.among(ids));
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM listed WHERE {} LIMIT {})",
        wanted.sql.join(" AND "),
        COUNTED + 1
    );
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let count: i64 =
        statement.query_row(rusqlite::params_from_iter(wanted.bound), |row| row.get(0)).map_err(engine)?;
    usize::try_from(count).map_err(|error| corrupt("listed", &error))
}

/// What there is of each kind: over all units the index is skipped through, a step a name; of some units the names of
/// their newest incidents are gathered.
pub(super) fn choices(connection: &Connection, within: &[String]) -> Result<IncidentChoices, StoreError> {
    let of_all = "WITH RECURSIVE each (name) AS (
                      SELECT min(name) FROM listed_by WHERE kind = ?1
                      UNION ALL
                      SELECT (SELECT min(name) FROM listed_by WHERE kind = ?1 AND name > each.name)
                      FROM each WHERE each.name IS NOT NULL)
                  SELECT name FROM each WHERE name IS NOT NULL LIMIT ?2";
    let of_unit = "SELECT DISTINCT name FROM listed_by WHERE kind = ?1 AND id IN (
                       SELECT id FROM listed WHERE unit = ?2 ORDER BY detected_at DESC, id DESC LIMIT ?3)";
    let names = |mark: Mark| -> Result<Vec<String>, StoreError> {
        let kind = mark.id();
        if within.is_empty() {
            return collect_names(connection, of_all, params![kind, size(CHOICES)]);
        }
        let mut all = BTreeSet::new();
        for unit in within {
            all.extend(collect_names(connection, of_unit, params![kind, unit, size(CHOSEN_FROM)])?);
        }
        Ok(all.into_iter().take(CHOICES).collect())
    };
    Ok(IncidentChoices {
        tiers: names(Mark::Tier)?,
        stages: names(Mark::Stage)?,
        sites: names(Mark::Site)?,
        groups: names(Mark::Group)?,
    })
}

fn collect_names(
    connection: &Connection,
    sql: &str,
    bound: impl rusqlite::Params,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let rows = statement.query_map(bound, |row| row.get(0)).map_err(engine)?;
    rows.map(|name| name.map_err(engine)).collect()
}

pub(super) fn saved(connection: &Connection) -> Result<Vec<SavedSearch>, StoreError> {
    let sql = "SELECT name, query, by, at FROM saved_search ORDER BY name";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query([]).map_err(engine)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        found.push(SavedSearch {
            name: text(row, 0)?.to_owned(),
            query: text(row, 1)?.to_owned(),
            by: text(row, 2)?.to_owned(),
            at: instant("saved_search", row.get(3).map_err(engine)?)?,
        });
    }
    Ok(found)
}

pub(super) fn save(connection: &Connection, saved: &SavedSearch) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO saved_search (name, query, by, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET query = ?2, by = ?3, at = ?4",
        params![saved.name, saved.query, saved.by, micros(saved.at)],
    )
}

pub(super) fn forget_saved(connection: &Connection, name: &str) -> Result<(), StoreError> {
    run(connection, "DELETE FROM saved_search WHERE name = ?1", [name])
}
