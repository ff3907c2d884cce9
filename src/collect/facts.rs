//! What one round saw, for health: how many answers were data, how many posts they showed and which
//! counters with them, what could not be read. Facts only; what they mean is `health`'s to say.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::adapter::{ReadFault, Reading};

/// Most faults of one round that are kept.
const MOST_FAULTS: usize = 20;
/// As much of an answer as is kept for a person to look at.
const MOST_EVIDENCE: usize = 256 * 1024;

/// What a round saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Answers that were data, unchanged ones included.
    pub good: u32,
    /// Of these, answers that had not changed since the last look.
    pub unchanged: u32,
    /// Answers that failed or were not data.
    pub bad: u32,
    /// Lists that said themselves that they are empty.
    pub empty: u32,
    /// Posts read.
    pub posts: u32,
    /// Of these, posts that this source had not shown before.
    pub new: u32,
    /// Posts with views, reposts, comments, likes, in this order.
    pub counted: [u32; 4],
    /// Posts with a publication time.
    pub dated: u32,
    /// The newest publication time of a post. UTC.
    pub newest: Option<Timestamp>,
    /// What could not be read, the first few.
    pub faults: Vec<ReadFault>,
    /// The longest that one answer took.
    pub slowest: SignedDuration,
    /// The last answer that was not data, for a person to look at.
    pub evidence: Option<Arc<Evidence>>,
}

/// An answer that a person may have to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    /// The address after redirects.
    pub url: String,
    /// When it came. UTC.
    pub at: Timestamp,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// The first 256 KiB of the body, as received.
    pub body: Vec<u8>,
}

impl Evidence {
    /// Keeps the beginning of an answer.
    pub fn of(url: &str, at: Timestamp, content_type: Option<&str>, body: &[u8]) -> Arc<Self> {
        let body = body.iter().copied().take(MOST_EVIDENCE).collect();
        Arc::new(Self { url: url.to_owned(), at, content_type: content_type.map(str::to_owned), body })
    }
}

impl Facts {
    /// Counts what a reading shows; `new` is how many of its posts were not shown before.
    pub fn read(&mut self, reading: &Reading, new: usize) {
        self.posts = self.posts.saturating_add(count(reading.posts.len()));
        self.new = self.new.saturating_add(count(new));
        for (post, counters) in &reading.posts {
            let shown = [counters.views, counters.reposts, counters.comments, counters.likes];
            for (sum, shown) in self.counted.iter_mut().zip(shown) {
                *sum = sum.saturating_add(u32::from(shown.is_some()));
            }
            if let Some(published) = &post.published {
                self.dated = self.dated.saturating_add(1);
                self.newest = self.newest.max(Some(published.at));
            }
        }
        self.faults(&reading.faults);
    }

    /// Keeps the first few faults.
    pub fn faults(&mut self, faults: &[ReadFault]) {
        let room = MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.iter().take(room).cloned());
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
