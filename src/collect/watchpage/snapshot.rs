//! One page as it was at one look: its text outside the volatile parts, and the domains that it points to.
//! Kept as the baseline that later looks are compared with, so it is bounded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Most text of a page that is kept, in bytes.
const MOST_TEXT: usize = 64 * 1024;
/// Most domains of one kind.
const MOST_DOMAINS: usize = 500;
/// Most characters of a title or of the description.
const LONGEST_TITLE: usize = 300;

/// A page as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// SHA-256 over what is compared, in hex.
    pub fingerprint: String,
    /// SHA-256 of the body as received, in hex.
    pub body_sha256: String,
    /// Its title.
    pub title: String,
    /// Description and keywords.
    pub meta: String,
    /// Lines of text outside the volatile parts.
    pub lines: Vec<String>,
    /// Whether there was more text than is kept.
    pub truncated: bool,
    /// Domains that it links.
    pub links: BTreeSet<String>,
    /// Domains of its scripts and frames.
    pub loads: BTreeSet<String>,
    /// Domains that it leads visitors to.
    pub leads: BTreeSet<String>,
    /// Whether a script treats visitors from search engines apart.
    pub sorts_visitors: bool,
    /// Shipped banned words that stood in its text, which is not yet a sign.
    pub words: BTreeSet<String>,
    /// Expected words that stood in it.
    pub expected: BTreeSet<String>,
    /// Characters of its whole text, volatile parts and hidden ones too.
    pub text_chars: usize,
}

impl Snapshot {
    /// Bounds everything and takes the fingerprint.
    #[must_use]
    pub fn sealed(mut self, text: &str) -> Self {
        self.title = self.title.chars().take(LONGEST_TITLE).collect();
        self.meta = self.meta.chars().take(LONGEST_TITLE).collect();
        for domains in [&mut self.links, &mut self.loads, &mut self.leads] {
            *domains = std::mem::take(domains).into_iter().take(MOST_DOMAINS).collect();
        }
        let mut hasher = Sha256::new();
        let mut kept = 0;
        for part in [&self.title, &self.meta] {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            // What is cut off is still part of the fingerprint: a change there is a change.
            hasher.update(line.as_bytes());
            hasher.update([b'\n']);
            kept += line.len() + 1;
            if kept <= MOST_TEXT {
                self.lines.push(line.to_owned());
            } else {
                self.truncated = true;
            }
        }
        for domain in &self.loads {
            hasher.update(domain.as_bytes());
            hasher.update([0]);
        }
        self.fingerprint = hex::encode(hasher.finalize());
        self
    }

    /// Share of lines that two snapshots have in common, of all lines of both.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        let (ours, theirs): (BTreeSet<&String>, BTreeSet<&String>) =
            (self.lines.iter().collect(), other.lines.iter().collect());
        let all = ours.union(&theirs).count();
        if all == 0 {
            return 1.0;
        }
        let common = ours.intersection(&theirs).count();
        f64::from(u32::try_from(common).unwrap_or(u32::MAX))
            / f64::from(u32::try_from(all).unwrap_or(u32::MAX))
    }

    /// Lines that are only in `self`, in order, each once.
    #[must_use]
    pub fn lines_beyond(&self, other: &Self) -> Vec<String> {
        let theirs: BTreeSet<&String> = other.lines.iter().collect();
        let mut seen = BTreeSet::new();
        self.lines.iter().filter(|line| !theirs.contains(line) && seen.insert(*line)).cloned().collect()
    }
}
