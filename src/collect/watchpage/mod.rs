//! `[[watch]]`: the unit's own pages, looked at for tampering.
//!
//! A round fetches each page through the same fetcher as everything else, robots.txt included, but without
//! validators (a broken-into server may lie about "not modified") and without following a redirect to
//! another site. [`look`] reads the page in one walk, [`compare`] holds it against the baseline, [`judge`]
//! says what that means, [`report`] makes the desk's input of it. Signs of tampering become an incident of
//! at least the configured tier at once; an ordinary change is logged and becomes the new baseline. While
//! there are signs the baseline stays, until the page is restored, a person accepts it, or a person closes
//! the incident. What is told is durable before any record says that it was told.

mod accept;
mod compare;
mod der;
mod evidence;
mod hiding;
mod judge;
mod look;
mod peer;
mod record;
mod report;
mod round;
mod script;
mod sign;
mod snapshot;
mod words;

pub use accept::{Acceptance, leave};
pub use peer::Certificate;
pub use record::{PageChange, PageRecord, PageState};
pub use snapshot::Snapshot;

pub(super) use round::round;

use crate::{
    config::source::{Source, SourceKind},
    store::{SharedStore, StoreError},
};

/// What is kept of the pages of a source, in their order; empty for other kinds of source.
///
/// # Errors
/// The store does not answer.
pub async fn records(store: &SharedStore, source: &Source) -> Result<Vec<PageRecord>, StoreError> {
    let SourceKind::Watch { pages } = &source.kind else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for url in &pages.urls {
        let record: PageRecord = record::read(store, "page", &source.name, url).await?;
        found.push(PageRecord { url: url.clone(), ..record });
    }
    Ok(found)
}
