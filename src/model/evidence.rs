//! What proves that a post was shown: when, by which address, in which answer (SEMANTICS 30).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Counters, Post, PostKey};

/// The answer in which posts stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The address that answered, after redirects.
    pub url: String,
    /// When it was received. UTC.
    pub at: Timestamp,
    /// The status.
    pub status: u16,
    /// Its headers as received, names in lower case; without cookies and without what grants access.
    pub headers: Vec<(String, String)>,
    /// SHA-256 of the whole body as received (decoded from its transport's compression), hexadecimal.
    pub sha256: String,
    /// Length of that body in bytes.
    pub bytes: u64,
}

/// The matched post's own part of an answer, as it was read there. Nothing of the others, and no author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The post.
    pub post: Post,
    /// Its counters then.
    pub counters: Counters,
}

/// Evidence of one post. It is kept once for each text that the post has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which post.
    pub post: PostKey,
    /// The answer in which it stood.
    pub shown: Shown,
    /// SHA-256 of the post's own text, hexadecimal; stays when the text is forgotten.
    pub text_sha256: String,
    /// The post's part; `None` when it was forgotten.
    pub fragment: Option<Fragment>,
}

/// What is forgotten of a post: by these words it is found in what was written of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Which post.
    pub post: PostKey,
    /// Stands where its words stood.
    pub instead: String,
}

/// The hash of a post's own words: title, text and what it quotes.
#[must_use]
pub fn text_hash(post: &Post) -> String {
    let mut hash = Sha256::new();
    for part in [&post.title, &post.text, &post.quoted] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}
