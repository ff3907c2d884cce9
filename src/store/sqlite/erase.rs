//! Takes a post's words out of every row that repeats them. The engine overwrites what it frees
//! (`secure_delete`), so they do not stay in the file either.

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::{
    chain,
    evidence::EvidenceRow,
    fault::engine,
    listing, post_words,
    query::numbered_posts,
    row::{from_body, run, to_body},
};
use crate::{
    model::{Entry, Evidence, Forgotten, Incident, Notice, RememberedWords, Shown, text_hash},
    store::{RAW_ANSWER, StoreError},
};

pub(super) fn erase(connection: &Connection, forgotten: &Forgotten) -> Result<(), StoreError> {
    let Forgotten { post, instead } = forgotten;
    for (number, mut row) in
        numbered_posts(connection, "WHERE site = ?1 AND id = ?2", params![post.site, post.id])?
    {
        let words = RememberedWords::of(&row.post);
        if !row.post.own_text().is_empty() {
            // Its hash stays, whether there was evidence or not.
            let evidence = Evidence {
                post: post.clone(),
                shown: Shown { at: row.first_seen_at, ..Shown::default() },
                text_sha256: text_hash(&row.post),
                fragment: None,
            };
            EvidenceRow::of(&evidence)?.keep(connection)?;
        }
        for needle in words.needles() {
            in_incidents(connection, &words, &needle, instead)?;
            in_notices(connection, &words, &needle, instead)?;
            in_entries(connection, &words, &needle)?;
        }
        let source = format!("{RAW_ANSWER}{}", row.source);
        run(connection, "UPDATE value SET value = '' WHERE key = ?1", params![source])?;
        post_words::erase(connection, number, &row.post)?;
        words.blank(&mut row);
        run(
            connection,
            "UPDATE post SET body = ?2, words = NULL WHERE number = ?1",
            params![number, to_body("post", &row)?],
        )?;
    }
    let sql = "UPDATE evidence SET fragment = NULL WHERE site = ?1 AND id = ?2";
    run(connection, sql, params![post.site, post.id])
}

fn in_incidents(
    connection: &Connection,
    words: &RememberedWords,
    needle: &str,
    instead: &str,
) -> Result<(), StoreError> {
    for (number, body) in holding(connection, "incident", "id", needle)? {
        let mut incident: Incident = from_body("incident", &body)?;
        if words.scrub_incident(&mut incident, instead) {
            let body = to_body("incident", &incident)?;
            run(connection, "UPDATE incident SET body = ?2 WHERE id = ?1", params![number, body])?;
            listing::scrub_incident(connection, &incident)?;
        }
    }
    Ok(())
}

fn in_notices(
    connection: &Connection,
    words: &RememberedWords,
    needle: &str,
    instead: &str,
) -> Result<(), StoreError> {
    for (number, body) in holding(connection, "notice", "number", needle)? {
        let mut notice: Notice = from_body("notice", &body)?;
        if words.scrub_facts(Arc::make_mut(&mut notice.facts), instead) {
            let body = to_body("notice", &notice)?;
            run(connection, "UPDATE notice SET body = ?2 WHERE number = ?1", params![number, body])?;
        }
    }
    Ok(())
}

fn in_entries(connection: &Connection, words: &RememberedWords, needle: &str) -> Result<(), StoreError> {
    for (number, body) in holding(connection, "entry", "number", needle)? {
        let mut entry: Entry = from_body("entry", &body)?;
        if words.scrub(&mut entry.text, "") {
            chain::forget(connection, number, &body)?;
        }
    }
    // An act is JSON in the text of its row, so that its words are escaped twice.
    let escaped = to_body("value", &needle)?;
    for (number, body) in holding(connection, "entry", "number", escaped.trim_matches('"'))? {
        let entry: Entry = from_body("entry", &body)?;
        if entry.kind == Entry::ACT {
            chain::forget(connection, number, &body)?;
        }
    }
    Ok(())
}

/// Rows whose body holds some words. A person asks for this now and then; the whole table is looked through.
fn holding(
    connection: &Connection,
    table: &str,
    number: &str,
    needle: &str,
) -> Result<Vec<(i64, String)>, StoreError> {
    // As JSON writes them.
    let needle = to_body("value", &needle)?;
    let sql = format!("SELECT {number}, body FROM {table} WHERE instr(body, ?1) > 0");
    let mut statement = connection.prepare(&sql).map_err(engine)?;
    let rows = statement
        .query_map([needle.trim_matches('"')], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(engine)?;
    rows.map(|row| row.map_err(engine)).collect()
}
