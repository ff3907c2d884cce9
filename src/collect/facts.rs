//! What one round saw, for health: how many answers were data, how many posts they showed and which
//! counters with them, what could not be read. Facts only; what they mean is `health`'s to say.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    adapter::{ReadFault, Reading},
    fetch::{Fetched, RawAnswer},
    garbled,
};
use crate::{
    model::Post,
    text::{fold, registrable_domain},
};

/// Most faults of one round that are kept.
const MOST_FAULTS: usize = 20;
/// As much of an answer as is kept for a person to look at.
const MOST_EVIDENCE: usize = 256 * 1024;
/// Posts of a round that are compared with those of the last.
const MOST_LISTED: usize = 40;
/// Posts of an answer whose text is looked at for a wrong charset.
const MOST_TEXTS: usize = 8;
/// Sites that are told apart.
const MOST_SITES: usize = 20;

/// What a round saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// When the round began. UTC; `None` for one that only looked.
    pub started_at: Option<Timestamp>,
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
    pub evidence: Option<Arc<RawAnswer>>,
    /// The last answer that was data.
    pub last: Option<Arc<Fetched>>,
    /// Short hashes of id and text of the first posts, one after the other.
    pub list: Vec<(u32, u32)>,
    /// Posts whose text was looked at for a wrong charset, and how many have one.
    pub garbled: (u32, u32),
    /// Posts of each site, for the first few sites.
    pub sites: BTreeMap<String, u32>,
    /// Where we were sent instead of the address that we asked for, when that cannot be right.
    pub moved_to: Option<String>,
    /// The folded canary word of the source.
    pub canary: Option<String>,
    /// Whether a post shows it.
    pub canary_found: bool,
}

/// The beginning of an answer, for a person to look at.
pub(super) fn evidence(answer: &Fetched, at: Timestamp) -> Arc<RawAnswer> {
    Arc::new(RawAnswer {
        url: answer.url.clone(),
        at,
        status: answer.status,
        content_type: answer.content_type.clone(),
        body: answer.body.iter().copied().take(MOST_EVIDENCE).collect(),
    })
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
        for (post, _) in reading.posts.iter().take(MOST_TEXTS) {
            self.garbled.0 += 1;
            self.garbled.1 += u32::from(garbled::is_garbled(said(post)));
        }
        for (post, _) in &reading.posts {
            self.list(post);
        }
        self.faults(&reading.faults);
    }

    fn list(&mut self, post: &Post) {
        if self.list.len() < MOST_LISTED && !said(post).is_empty() {
            self.list.push((short(&post.key.id), short(said(post))));
        }
        if self.sites.len() < MOST_SITES || self.sites.contains_key(&post.key.site) {
            *self.sites.entry(post.key.site.clone()).or_default() += 1;
        }
        if let Some(word) = self.canary.as_ref().filter(|_| !self.canary_found) {
            let texts = [&post.title, &post.text, &post.quoted];
            self.canary_found = texts.iter().any(|text| fold(text).text.contains(word.as_str()));
        }
    }

    /// Notes where an answer came from. A page that sends us to the front door, or to another site, is
    /// not the page that was asked for.
    pub fn came_from(&mut self, asked: &str, answered: &str) {
        let path = |link: &str| url::Url::parse(link).ok().map(|url| url.path().trim_end_matches('/').len());
        let to_root = path(answered) == Some(0) && path(asked).is_some_and(|len| len > 0);
        if to_root || registrable_domain(asked) != registrable_domain(answered) {
            self.moved_to = Some(answered.to_owned());
        }
    }

    /// Keeps the first few faults.
    pub fn faults(&mut self, faults: &[ReadFault]) {
        let room = MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.iter().take(room).cloned());
    }
}

/// What a post says first: its title, else its text.
fn said(post: &Post) -> &str {
    if post.title.is_empty() { &post.text } else { &post.title }
}

/// Twenty bits of a hash.
fn short(text: &str) -> u32 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u32::try_from((hash ^ (hash >> 24)) & 0xf_ffff).unwrap_or(0)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
