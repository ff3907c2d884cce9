//! The words of posts in the full text. A post that is new, or was edited, has a row of its own, which costs next to
//! nothing to write. A day later its words are gathered with those of its incident's other posts into one row, each run
//! once: who searches ten years then looks at as many rows as there were incidents, not at millions of posts that say
//! the same.
//!
//! The sweep gathers, a small step at a time: it writes the row of many, then takes the rows of its posts out, one by
//! one, because the file is to hold nothing of what was taken out and that costs a tenth of a millisecond a pair. Until
//! then a post is found by both. When a gathered post changes, moves to another incident or is erased, all posts of its
//! row get rows of their own again at once, and the row of many, searched no more, leaves a few pairs at a time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{
    deflated::{pack, unpack},
    fault::engine,
    query::numbered_posts,
    row::{corrupt, from_body, micros, run, size, text},
};
use crate::{
    model::{Post, PostRow},
    store::{StoreError, listing::words_of_post},
    text::pairs,
};

/// The step of the schema that brought the gathered words.
pub(super) const STEP: u32 = 9;
/// A post settles in this time: few are edited later.
const SETTLED: SignedDuration = SignedDuration::from_hours(24);
/// Posts of one row at most, and characters after which no more posts join it.
const POSTS: usize = 256;
const CHARS: usize = 32_000;
/// Pairs that leave in one step.
const PAIRS: usize = 200;
/// A gathered row's number is its incident's, shifted by so many bits, and a running one.
const SHIFT: u32 = 20;
const MOST: i64 = (1 << SHIFT) - 1;

/// The row of a post's own words.
fn row_of(number: i64) -> i64 {
    number.saturating_mul(2)
}

/// A short hash, for what is compared with itself only.
pub(super) fn hash(bytes: &[u8]) -> i64 {
    let digest = Sha256::digest(bytes);
    let mut head = [0; 8];
    head.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    i64::from_le_bytes(head)
}

/// What tells whether the words of a post have changed; `None` when it has none.
pub(super) fn hash_of(post: &Post) -> Option<i64> {
    let words = [&post.title, &post.text, &post.quoted];
    let all = words.map(String::as_str).join("\u{0}");
    words.iter().any(|part| !part.is_empty()).then(|| hash(all.as_bytes()))
}

fn pairs_of(runs: &[String]) -> String {
    pairs(runs.iter().map(String::as_str))
}

/// A post as the index knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) number: i64,
    /// Hash of the words that the index has of it.
    pub(super) words: Option<i64>,
    incident: i64,
    gathered: Option<i64>,
}

/// The same by its identity; `None` when it is new.
pub(super) fn known(
    connection: &Connection,
    unit: &str,
    site: &str,
    id: &str,
) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT number, words, incident, gathered FROM post WHERE unit = ?1 AND site = ?2 AND id = ?3";
    connection
        .prepare_cached(sql)
        .and_then(|mut one| {
            one.query_row([unit, site, id], |row| {
                let (number, words) = (row.get(0)?, row.get(1)?);
                Ok(Known { number, words, incident: row.get(2)?, gathered: row.get(3)? })
            })
            .optional()
        })
        .map_err(engine)
}

/// Before a post's row is written anew, with these words and in this incident: takes out what will not be true.
pub(super) fn give_way(
    connection: &Connection,
    known: Known,
    words: Option<i64>,
    incident: i64,
) -> Result<(), StoreError> {
    let same = known.words == words;
    if let Some(gathered) = known.gathered.filter(|_| !same || known.incident != incident) {
        scatter(connection, gathered)?;
    }
    if same { Ok(()) } else { drop_own(connection, known.number).map(drop) }
}

/// Puts the words of a post into the index, where it has none. Its row must say so.
pub(super) fn add_own(connection: &Connection, number: i64, post: &Post) -> Result<(), StoreError> {
    let pairs = pairs_of(&words_of_post(post));
    if pairs.is_empty() {
        return Ok(());
    }
    run(connection, "INSERT INTO word (rowid, pairs) VALUES (?1, ?2)", params![row_of(number), pairs])
}

/// Takes the row of a post's own words, as the post stands, out of the index; says whether it had one.
pub(super) fn drop_own(connection: &Connection, number: i64) -> Result<bool, StoreError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM post WHERE number = ?1 AND own = 1")
        .and_then(|mut one| one.query_row([number], |row| row.get(0)).optional())
        .map_err(engine)?;
    let Some(body) = body else { return Ok(false) };
    let row: PostRow = from_body("post", &body)?;
    let pairs = pairs_of(&words_of_post(&row.post));
    if !pairs.is_empty() {
        let sql = "INSERT INTO word (word, rowid, pairs) VALUES ('delete', ?1, ?2)";
        run(connection, sql, params![row_of(number), pairs])?;
    }
    run(connection, "UPDATE post SET own = 0 WHERE number = ?1", [number])?;
    Ok(true)
}

/// Takes all words of a post out of the index, and out of what leaves it, at once.
pub(super) fn erase(connection: &Connection, number: i64, post: &Post) -> Result<(), StoreError> {
    let gathered: Option<i64> = connection
        .query_row("SELECT gathered FROM post WHERE number = ?1", [number], |row| row.get(0))
        .map_err(engine)?;
    if let Some(gathered) = gathered {
        scatter(connection, gathered)?;
    }
    drop_own(connection, number)?;
    let runs: BTreeSet<String> = words_of_post(post).into_iter().collect();
    let mut statement = connection.prepare_cached("SELECT number FROM leaving").map_err(engine)?;
    let leaving: Vec<i64> =
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(engine)?;
    for number in leaving {
        let holds = |(words, _): (String, usize)| words.split('\n').any(|run| runs.contains(run));
        if leaving_words(connection, number)?.is_some_and(holds) {
            take_out(connection, number, usize::MAX)?;
        }
    }
    Ok(())
}

/// The posts of a gathered row get rows of their own again; the row is searched no more.
fn scatter(connection: &Connection, gathered: i64) -> Result<(), StoreError> {
    for (number, row) in dismiss(connection, gathered)? {
        let sql = "UPDATE post SET own = 1 WHERE number = ?1 AND own = 0";
        let had_none = connection.prepare_cached(sql).and_then(|mut one| one.execute([number]));
        if had_none.map_err(engine)? > 0 {
            add_own(connection, number, &row.post)?;
        }
    }
    Ok(())
}

/// Lets a gathered row leave; gives its posts, which have no row in the index now.
fn dismiss(connection: &Connection, gathered: i64) -> Result<Vec<(i64, PostRow)>, StoreError> {
    let which = params![gathered >> SHIFT, gathered];
    let rows = numbered_posts(connection, "WHERE incident = ?1 AND gathered = ?2", which)?;
    let runs: BTreeSet<String> = rows.iter().flat_map(|(_, row)| words_of_post(&row.post)).collect();
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let words = pack("leaving", runs.join("\n").as_bytes())?;
    run(connection, "INSERT INTO leaving (number, words) VALUES (?1, ?2)", params![gathered, words])?;
    run(connection, "UPDATE post SET gathered = NULL WHERE incident = ?1 AND gathered = ?2", which)?;
    Ok(rows)
}

/// Lets the next gathered row of some incidents leave whose posts will go; says how many posts it held, `None` when there
/// is none.
pub(super) fn dismiss_next(
    connection: &Connection,
    incidents: &str,
    id: i64,
) -> Result<Option<usize>, StoreError> {
    let sql =
        format!("SELECT gathered FROM post WHERE incident IN ({incidents}) AND gathered IS NOT NULL LIMIT 1");
    let gathered: Option<i64> = connection
        .prepare_cached(&sql)
        .and_then(|mut one| one.query_row([id], |row| row.get(0)).optional())
        .map_err(engine)?;
    gathered.map(|gathered| dismiss(connection, gathered).map(|rows| rows.len())).transpose()
}

/// What a row that leaves held, and how many of its pairs are out; `None` when it is gone.
fn leaving_words(connection: &Connection, number: i64) -> Result<Option<(String, usize)>, StoreError> {
    let sql = "SELECT words, taken FROM leaving WHERE number = ?1";
    let found: Option<(Vec<u8>, i64)> = connection
        .query_row(sql, [number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(engine)?;
    let Some((packed, taken)) = found else { return Ok(None) };
    let words = String::from_utf8(unpack("leaving", &packed)?).map_err(|error| corrupt("leaving", &error))?;
    Ok(Some((words, usize::try_from(taken).unwrap_or(0))))
}

/// Takes so many pairs more of a row that leaves out of the index, in the order of their bytes.
fn take_out(connection: &Connection, number: i64, most: usize) -> Result<(), StoreError> {
    // An erasure may have been faster.
    let Some((words, taken)) = leaving_words(connection, number)? else { return Ok(()) };
    let all = pairs(words.split('\n'));
    let all: BTreeSet<&str> = all.split(' ').filter(|pair| !pair.is_empty()).collect();
    let some: Vec<&str> = all.iter().copied().skip(taken).take(most).collect();
    let reached = taken + some.len();
    if !some.is_empty() {
        let sql = "INSERT INTO gathered_word (gathered_word, rowid, pairs) VALUES ('delete', ?1, ?2)";
        run(connection, sql, params![number, some.join(" ")])?;
    }
    if reached >= all.len() {
        return run(connection, "DELETE FROM leaving WHERE number = ?1", [number]);
    }
    // Each deletion counts as that of a whole row in the engine's sum of rows.
    run(connection, "INSERT INTO gathered_word (rowid, pairs) VALUES (?1, '')", [number])?;
    run(connection, "UPDATE leaving SET taken = ?2 WHERE number = ?1", params![number, size(reached)])
}

/// What the sweep does next for the full text; found by a reader.
#[derive(Debug)]
pub(super) enum Step {
    /// A few pairs of a row that leaves go.
    TakeOut(i64),
    /// A gathered post's own row goes.
    DropOwn(i64),
    /// Words of settled posts are gathered.
    Gather(Batch),
}

/// Posts of one incident whose words will stand in one row.
#[derive(Debug, Default)]
pub(super) struct Batch {
    incident: i64,
    /// Number and hash of the words.
    posts: Vec<(i64, i64)>,
    /// Each run once.
    runs: Vec<String>,
    seen: BTreeSet<String>,
    chars: usize,
}

fn first(connection: &Connection, sql: &str) -> Result<Option<i64>, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut one| one.query_row([], |row| row.get(0)).optional())
        .map_err(engine)
}

/// The next step of what leaves; it comes before anything else, so that little of it is ever there.
pub(super) fn leaving(connection: &Connection) -> Result<Option<Step>, StoreError> {
    Ok(first(connection, "SELECT number FROM leaving LIMIT 1")?.map(Step::TakeOut))
}

/// The next step of what is gathered.
pub(super) fn due(connection: &Connection, now: Timestamp) -> Result<Option<Step>, StoreError> {
    let twice =
        "SELECT number FROM post INDEXED BY post_twice WHERE own = 1 AND gathered IS NOT NULL LIMIT 1";
    if let Some(number) = first(connection, twice)? {
        return Ok(Some(Step::DropOwn(number)));
    }
    let settled = micros(now.saturating_sub(SETTLED).unwrap_or(Timestamp::MIN));
    let sql = "SELECT incident FROM post INDEXED BY post_loose
               WHERE words IS NOT NULL AND gathered IS NULL AND first_seen_at < ?1 ORDER BY first_seen_at LIMIT 1";
    let incident: Option<i64> = connection
        .prepare_cached(sql)
        .and_then(|mut one| one.query_row([settled], |row| row.get(0)).optional())
        .map_err(engine)?;
    let Some(incident) = incident else { return Ok(None) };
    let sql = "SELECT number, words, body FROM post
               WHERE incident = ?1 AND words IS NOT NULL AND gathered IS NULL AND first_seen_at < ?2
               ORDER BY first_seen_at, number LIMIT ?3";
    let mut batch = Batch { incident, ..Batch::default() };
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(params![incident, settled, size(POSTS)]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)?.filter(|_| batch.has_room()) {
        let (number, words) = (row.get(0).map_err(engine)?, row.get(1).map_err(engine)?);
        let post: PostRow = from_body("post", text(row, 2)?)?;
        batch.add(number, words, &post.post);
    }
    Ok(Some(Step::Gather(batch)))
}

impl Batch {
    fn has_room(&self) -> bool {
        self.posts.len() < POSTS && self.chars < CHARS
    }

    fn add(&mut self, number: i64, words: i64, post: &Post) {
        self.posts.push((number, words));
        for run in words_of_post(post) {
            if self.seen.insert(run.clone()) {
                self.chars += run.chars().count();
                self.runs.push(run);
            }
        }
    }

    /// Says whether it did: not when one of the posts has changed since.
    fn keep(&self, connection: &Connection) -> Result<bool, StoreError> {
        let same =
            "SELECT 1 FROM post WHERE number = ?1 AND incident = ?2 AND words = ?3 AND gathered IS NULL";
        for (number, words) in &self.posts {
            let found = connection
                .prepare_cached(same)
                .and_then(|mut one| one.exists(params![number, self.incident, words]));
            if !found.map_err(engine)? {
                return Ok(false);
            }
        }
        let number = self.number(connection)?;
        self.index(connection, number)?;
        for (post, _) in &self.posts {
            run(connection, "UPDATE post SET gathered = ?2 WHERE number = ?1", params![post, number])?;
        }
        Ok(true)
    }

    /// The next of the incident's gathered rows.
    fn number(&self, connection: &Connection) -> Result<i64, StoreError> {
        let first = self.incident << SHIFT;
        let last = "SELECT max(number) FROM (
                        SELECT max(gathered) AS number FROM post WHERE incident = ?1
                        UNION ALL SELECT max(number) FROM leaving WHERE number BETWEEN ?2 AND ?3)";
        let last: Option<i64> = connection
            .prepare_cached(last)
            .and_then(|mut one| one.query_row(params![self.incident, first, first | MOST], |row| row.get(0)))
            .map_err(engine)?;
        let next = last.map_or(first, |last| last.saturating_add(1));
        if next > first | MOST {
            return Err(corrupt("gathered_word", &"an incident has a million rows"));
        }
        Ok(next)
    }

    fn index(&self, connection: &Connection, number: i64) -> Result<(), StoreError> {
        let pairs = pairs_of(&self.runs);
        if pairs.is_empty() {
            return Ok(());
        }
        run(connection, "INSERT INTO gathered_word (rowid, pairs) VALUES (?1, ?2)", params![number, pairs])
    }
}

impl Step {
    /// Does it, as far as it is still to be done; says how many posts or rows it was about.
    pub(super) fn take(&self, connection: &Connection) -> Result<u64, StoreError> {
        match self {
            Self::TakeOut(number) => take_out(connection, *number, PAIRS).map(|()| 1),
            Self::DropOwn(number) => drop_own(connection, *number).map(u64::from),
            Self::Gather(batch) => Ok(if batch.keep(connection)? { batch.posts.len() as u64 } else { 0 }),
        }
    }
}

/// Takes everything that was gathered out of the index.
pub(super) fn clear(connection: &Connection) -> Result<(), StoreError> {
    run(connection, "INSERT INTO gathered_word (gathered_word) VALUES ('delete-all')", [])?;
    run(connection, "DELETE FROM leaving", [])
}

/// Puts the words of all posts of an incident into an index that has none of them, gathered.
pub(super) fn fill(connection: &Connection, incident: i64) -> Result<(), StoreError> {
    let sql = "SELECT number FROM post WHERE incident = ?1 ORDER BY first_seen_at, number";
    let mut members = connection.prepare_cached(sql).map_err(engine)?;
    let numbers: Vec<i64> =
        members.query_map([incident], |row| row.get(0)).and_then(Iterator::collect).map_err(engine)?;
    let mut bodies = connection.prepare_cached("SELECT body FROM post WHERE number = ?1").map_err(engine)?;
    let mut batch = Batch { incident, ..Batch::default() };
    let mut gathered = incident << SHIFT;
    for number in numbers {
        if !batch.has_room() {
            batch.index(connection, gathered)?;
            batch = Batch { incident, ..Batch::default() };
            gathered += 1;
        }
        let body: String = bodies.query_row([number], |row| row.get(0)).map_err(engine)?;
        let row: PostRow = from_body("post", &body)?;
        let words = hash_of(&row.post);
        if let Some(words) = words {
            batch.add(number, words, &row.post);
        }
        let place = words.map(|_| gathered);
        let sql = "UPDATE post SET words = ?2, own = 0, gathered = ?3 WHERE number = ?1";
        run(connection, sql, params![number, words, place])?;
    }
    batch.index(connection, gathered)
}
