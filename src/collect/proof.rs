//! What proves that an answer showed its posts: the answer's address, instant, headers and hash. It is made
//! when the first post of the answer goes on, so that answers that concern nobody cost nothing.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::fetch::Fetched;
use crate::model::Shown;

/// An answer and, once it was asked for, its proof.
pub(super) struct Proof<'a> {
    answer: &'a Fetched,
    at: Timestamp,
    made: Option<Arc<Shown>>,
}

impl<'a> Proof<'a> {
    pub const fn of(answer: &'a Fetched, at: Timestamp) -> Self {
        Self { answer, at, made: None }
    }

    /// The proof; all posts of the answer share it.
    pub fn shown(&mut self) -> Arc<Shown> {
        let Self { answer, at, made } = self;
        Arc::clone(made.get_or_insert_with(|| {
            Arc::new(Shown {
                url: answer.url.clone(),
                at: *at,
                status: answer.status,
                headers: answer.headers.clone(),
                sha256: hex::encode(Sha256::digest(&answer.body)),
                bytes: u64::try_from(answer.body.len()).unwrap_or(u64::MAX),
            })
        }))
    }
}
