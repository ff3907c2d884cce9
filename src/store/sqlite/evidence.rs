//! Evidence rows. A fragment is a few hundred bytes of JSON; deflated it takes less than half.

use rusqlite::{Connection, params};

use super::{
    deflated,
    fault::engine,
    row::{corrupt, from_body, micros, text, to_body},
};
use crate::{
    model::{Evidence, Fragment, PostKey},
    store::StoreError,
};

/// A piece of evidence as a row.
#[derive(Debug)]
pub(super) struct EvidenceRow {
    post: PostKey,
    at: i64,
    text_sha256: String,
    shown: String,
    fragment: Option<Vec<u8>>,
}

impl EvidenceRow {
    pub(super) fn of(evidence: &Evidence) -> Result<Self, StoreError> {
        let fragment = evidence
            .fragment
            .as_ref()
            .map(|fragment| deflated::pack("evidence", to_body("evidence", fragment)?.as_bytes()));
        Ok(Self {
            post: evidence.post.clone(),
            at: micros(evidence.shown.at),
            text_sha256: evidence.text_sha256.clone(),
            shown: to_body("evidence", &evidence.shown)?,
            fragment: fragment.transpose()?,
        })
    }

    /// Keeps it unless the same text was kept before: the first sight is what proves.
    pub(super) fn keep(&self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO evidence (site, id, at, text_sha256, shown, fragment) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (site, id, text_sha256) DO NOTHING";
        let given =
            params![self.post.site, self.post.id, self.at, self.text_sha256, self.shown, self.fragment];
        connection.prepare_cached(sql).and_then(|mut one| one.execute(given)).map_err(engine)?;
        Ok(())
    }
}

fn unpack(packed: &[u8]) -> Result<Fragment, StoreError> {
    let body = String::from_utf8(deflated::unpack("evidence", packed)?);
    from_body("evidence", &body.map_err(|error| corrupt("evidence", &error))?)
}

/// Evidence of a post, oldest first.
pub(super) fn of_post(connection: &Connection, post: &PostKey) -> Result<Vec<Evidence>, StoreError> {
    let sql =
        "SELECT shown, text_sha256, fragment FROM evidence WHERE site = ?1 AND id = ?2 ORDER BY at, number";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    let mut rows = statement.query(params![post.site, post.id]).map_err(engine)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let packed: Option<Vec<u8>> = row.get(2).map_err(engine)?;
        found.push(Evidence {
            post: post.clone(),
            shown: from_body("evidence", text(row, 0)?)?,
            text_sha256: text(row, 1)?.to_owned(),
            fragment: packed.as_deref().map(unpack).transpose()?,
        });
    }
    Ok(found)
}
