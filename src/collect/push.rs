//! Posts that another program pushes to `POST /api/v1/posts`. The console checks the token; what a body
//! says and where it goes is decided here, and the answer comes after the commit.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    adapter::{
        ReadFault,
        lines::{self, Defaults, Handed},
    },
    age::Ages,
    collector::hand_over,
    health,
    sift::{Kept, Sieve, mention},
    tally::Tally,
};
use crate::{
    config::source::{Source, SourceKind},
    desk::{Input, LiveSet},
    keyword::Matcher,
    locale::Locale,
    store::{Inbox, SharedStore},
    time::SharedClock,
};
use tokio::sync::watch;

/// What a pushed body says.
#[derive(Debug)]
pub struct Accepted {
    /// Its posts.
    pub posts: Vec<Handed>,
    /// What was wrong, line by line.
    pub faults: Vec<ReadFault>,
}

/// Reads a pushed body: a JSON array, an object with `posts`, one post, or JSON Lines.
#[must_use]
pub fn accept(body: &[u8], source: &Source, now: Timestamp) -> Accepted {
    let defaults = Defaults {
        format: source.format,
        site: source.site.clone(),
        site_kind: source.site_kind,
        zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
    };
    let (posts, faults) = lines::read(body, &defaults, now);
    Accepted { posts, faults }
}

/// What became of pushed posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Posts read.
    pub posts: usize,
    /// Of which so many concern a unit and are durable now.
    pub mentions: usize,
    /// What was wrong with the others.
    pub faults: Vec<ReadFault>,
}

/// Why pushed posts were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushFault {
    /// No enabled `[[push]]` source has this name.
    #[error("no push source of this name: {0}")]
    UnknownSource(String),
    /// Nothing of the body can be read.
    #[error("{0}")]
    Unreadable(String),
    /// The desk is stopping, or the store does not answer; send it again.
    #[error("not taken; send it again")]
    Stopping,
}

/// The door for pushed posts.
pub struct Door {
    /// What is watched.
    pub sources: watch::Receiver<Arc<Vec<Source>>>,
    /// The rules in force.
    pub matcher: watch::Receiver<Arc<Matcher>>,
    /// Live members.
    pub live: watch::Receiver<Arc<LiveSet>>,
    /// The door to the desk.
    pub inbox: Inbox,
    /// Where the source's state is kept.
    pub store: SharedStore,
    /// Business time.
    pub clock: SharedClock,
    /// Where hits are counted.
    pub tally: Arc<Tally>,
    /// Language of faults.
    pub locale: Locale,
}

impl Door {
    /// Takes a body from the program `name` and answers after the commit.
    ///
    /// # Errors
    /// [`PushFault`]: nothing was taken then.
    pub async fn take(&self, name: &str, body: &[u8]) -> Result<Taken, PushFault> {
        let sources = self.sources.borrow().clone();
        let source = sources
            .iter()
            .find(|source| source.name == name && source.enabled && matches!(source.kind, SourceKind::Push))
            .ok_or_else(|| PushFault::UnknownSource(name.to_owned()))?
            .clone();
        let now = self.clock.now();
        let matcher = self.matcher.borrow().clone();
        let sieve = Sieve::new(Arc::clone(&matcher), self.live.borrow().clone(), source.units.clone())
            .counting(&self.tally, now);
        let body = body.to_vec();
        let reader = source.clone();
        let read = tokio::task::spawn_blocking(move || {
            let Accepted { posts, faults } = accept(&body, &reader, now);
            let n_posts = posts.len();
            let kept: Vec<Kept> = posts.into_iter().filter_map(|handed| sieve.kept(handed)).collect();
            (n_posts, kept, faults)
        });
        let (posts, kept, faults) =
            read.await.map_err(|_| PushFault::Unreadable("an internal error".into()))?;
        if posts == 0 && !faults.is_empty() {
            let words: Vec<String> = faults.iter().take(3).map(|fault| fault.human(self.locale)).collect();
            return Err(PushFault::Unreadable(words.join("；")));
        }
        let mentions = self.hand(&source, &matcher, kept, posts, now).await?;
        Ok(Taken { posts, mentions, faults })
    }

    async fn hand(
        &self,
        source: &Source,
        matcher: &Matcher,
        kept: Vec<Kept>,
        n_posts: usize,
        now: Timestamp,
    ) -> Result<usize, PushFault> {
        let state = self.store.source_state(&source.name).await.map_err(|_| PushFault::Stopping)?;
        let ages = Ages::default();
        ages.learn(matcher, &self.store, now).await.map_err(|_| PushFault::Stopping)?;
        let inputs: Vec<Input> =
            kept.into_iter().map(|kept| mention(&ages, source, state.last_round_at, kept)).collect();
        let mentions = hand_over(&self.inbox, inputs).await.map_err(|_| PushFault::Stopping)?;
        let noted = health::note_body(&self.store, source, n_posts, mentions, now).await;
        noted.map_err(|_| PushFault::Stopping)?;
        Ok(mentions)
    }
}
