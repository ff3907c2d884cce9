//! Posts by what a person has in hand: an identity or an address.

use rusqlite::{Connection, params};

use super::{SqliteStore, row::bodies};
use crate::{
    model::{PostKey, PostRow},
    store::StoreError,
    text::canonical_link,
};

/// Rows that an address is looked for in, at most.
const LOOKED_AT: u32 = 10_000;

impl SqliteStore {
    /// The rows of a post, one for each unit that keeps it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn rows_of_post(&self, post: PostKey) -> Result<Vec<PostRow>, StoreError> {
        self.read(move |connection| of_post(connection, &post)).await
    }

    /// Rows of posts at a canonical link. Looks through the whole table: for a person's question, not for the daemon.
    ///
    /// # Errors
    /// The engine's.
    pub async fn rows_at_address(&self, link: String) -> Result<Vec<PostRow>, StoreError> {
        self.read(move |connection| at_address(connection, &link)).await
    }
}

fn of_post(connection: &Connection, post: &PostKey) -> Result<Vec<PostRow>, StoreError> {
    let sql = "SELECT body FROM post WHERE site = ?1 AND id = ?2 ORDER BY unit";
    bodies(connection, "post", sql, params![post.site, post.id])
}

fn at_address(connection: &Connection, link: &str) -> Result<Vec<PostRow>, StoreError> {
    // However the address was written, it holds the last part of its name.
    let name = link.trim_end_matches('/').rsplit(['/', '?', '&', '=']).next().unwrap_or(link);
    let sql = "SELECT body FROM post WHERE instr(body, ?1) > 0 ORDER BY number LIMIT ?2";
    let rows: Vec<PostRow> = bodies(connection, "post", sql, params![name, LOOKED_AT])?;
    Ok(rows.into_iter().filter(|row| canonical_link(&row.post.url).as_deref() == Some(link)).collect())
}
