//! Keeps a collector running on the settings in force, and opens the door through which other programs
//! push posts.

use std::{future::Future, path::PathBuf, pin::Pin, sync::Arc};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    collect::{
        Collector, Parts, Tally,
        fetch::{Fetcher, SharedFetcher, access::AccessLog},
        poll::Bell,
        push::{self, PushFault},
    },
    config::{FetchSettings, InForce, Office, source::Source},
    console::{PushDoor, PushError, Pushed, Scout},
    desk::LiveSet,
    keyword::Matcher,
    locale::Locale,
    store::{Inbox, SharedStore},
    time::SharedClock,
};

/// What a collector needs beside the office's settings.
pub(super) struct Collecting {
    pub store: SharedStore,
    pub inbox: Inbox,
    pub clock: SharedClock,
    pub matcher: watch::Receiver<Arc<Matcher>>,
    pub live: watch::Receiver<Arc<LiveSet>>,
    pub sources: watch::Sender<Arc<Vec<Source>>>,
    /// The folder of the database.
    pub state_folder: Option<PathBuf>,
    pub access: AccessLog,
    pub tally: Arc<Tally>,
    /// Rung for a look out of turn.
    pub bell: Bell,
    /// The running collector's way to the web.
    pub fetcher: watch::Sender<Option<SharedFetcher>>,
}

impl Collecting {
    /// Runs until `cancel`. A change of the sources reaches the running collector; a change of `[fetch]`
    /// starts another.
    pub(super) async fn run(self, mut office: watch::Receiver<InForce>, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let in_force = Arc::clone(&office.borrow_and_update().office);
            self.sources.send_replace(Arc::clone(&in_force.sources));
            self.tally.go_by(in_force.settings.time_zone.clone());
            let stop = cancel.child_token();
            let running = self.collector(&in_force).map(|c| tokio::spawn(c.run(stop.clone())));
            loop {
                tokio::select! {
                    () = cancel.cancelled() => break,
                    changed = office.changed() => if changed.is_err() { cancel.cancel() },
                }
                let latest = Arc::clone(&office.borrow_and_update().office);
                if cancel.is_cancelled() || fetching(&latest) != fetching(&in_force) {
                    break;
                }
                self.sources.send_replace(Arc::clone(&latest.sources));
                self.tally.go_by(latest.settings.time_zone.clone());
            }
            stop.cancel();
            if let Some(running) = running
                && let Err(problem) = running.await
            {
                error!(error = %problem, "the collector failed");
            }
        }
    }

    /// The door through which other programs push posts.
    pub(super) fn push_door(&self, locale: Locale) -> Arc<dyn PushDoor> {
        Arc::new(Pushing(push::Door {
            sources: self.sources.subscribe(),
            matcher: self.matcher.clone(),
            live: self.live.clone(),
            inbox: self.inbox.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            tally: Arc::clone(&self.tally),
            locale,
        }))
    }

    /// What the console needs to look at sources itself: the bell, and the way to the web that rounds take.
    pub(super) fn scout(&self) -> Scout {
        Scout { bell: self.bell.clone(), fetcher: self.fetcher.subscribe() }
    }

    fn collector(&self, office: &Office) -> Option<Collector> {
        self.access.keep_days(office.settings.fetch.access_log_days);
        let fetch =
            FetchSettings { state_folder: self.state_folder.clone(), ..office.settings.fetch.clone() };
        let fetcher = match Fetcher::new(fetch, self.clock.clone()) {
            Ok(fetcher) => Arc::new(fetcher.logging(self.access.clone())),
            Err(problem) => {
                self.fetcher.send_replace(None);
                error!(error = %problem, "pages cannot be fetched; nothing is watched until this is mended");
                return None;
            }
        };
        self.fetcher.send_replace(Some(Arc::clone(&fetcher)));
        Some(Collector::new(Parts {
            sources: self.sources.subscribe(),
            matcher: self.matcher.clone(),
            live: self.live.clone(),
            inbox: self.inbox.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            fetcher,
            locale: office.settings.locale,
            tally: Arc::clone(&self.tally),
            bell: self.bell.clone(),
            seed: fastrand::u64(..),
        }))
    }
}

fn fetching(office: &Office) -> (&FetchSettings, Locale) {
    (&office.settings.fetch, office.settings.locale)
}

/// Collect's door as the console asks for it.
struct Pushing(push::Door);

impl PushDoor for Pushing {
    fn accept<'a>(
        &'a self,
        name: &'a str,
        body: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = Result<Pushed, PushError>> + Send + 'a>> {
        Box::pin(async move {
            match self.0.take(name, body).await {
                Ok(taken) => Ok(Pushed { posts: taken.posts, mentions: taken.mentions }),
                Err(PushFault::UnknownSource(name)) => Err(PushError::UnknownSource(name)),
                Err(PushFault::Unreadable(why)) => Err(PushError::Unreadable(why)),
                Err(PushFault::Stopping) => Err(PushError::Stopping),
            }
        })
    }
}
