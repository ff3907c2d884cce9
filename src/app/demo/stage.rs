//! The demo as a value: the county, the whole daemon that watches it, and the people who answer.

use std::{io, net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{County, DemoFolder, Mailbox, People, Summary, office_files};
use crate::{
    app::daemon::{Daemon, Options, StartError},
    config::Folder,
    store::StoreError,
    time::SharedClock,
};

/// A demo that runs.
#[derive(Debug)]
pub struct Demo {
    county: County,
    daemon: Daemon,
    people: JoinHandle<()>,
    stop: CancellationToken,
    /// Removed when the demo is dropped.
    folder: DemoFolder,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A port, a folder or a file cannot be had.
    #[error("the demo cannot be set up: {0}")]
    Machine(#[from] io::Error),
    /// The daemon does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The people cannot be set up.
    #[error("the people of the demo cannot be set up: {0}")]
    People(#[from] reqwest::Error),
    /// The store does not answer at the end.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Demo {
    /// Starts everything; `listen` is the console's address (port 0 takes a free one).
    ///
    /// # Errors
    /// When something of the machine is missing.
    pub async fn start(seed: u64, listen: SocketAddr, clock: SharedClock) -> Result<Self, DemoError> {
        let county = County::start(Arc::clone(&clock), seed).await?;
        let folder = DemoFolder::new()?;
        // The office's file names the address before the console listens on it.
        let listen = std::net::TcpListener::bind(listen)?.local_addr()?;
        let office = folder.path().join("office");
        std::fs::create_dir_all(&office)?;
        office_files(&county, &office, listen)?;
        let daemon = Daemon::start(Options {
            journal: Default::default(),
            folder: Folder::Disk(office),
            state_dir: folder.path().join("state"),
            listen: Some(listen),
            clock: Arc::clone(&clock),
            post_room: Some(county.post_room()),
            link_to_self: true,
        })
        .await?;
        let stop = CancellationToken::new();
        let people = People::new(&county, clock, &format!("http://{}", daemon.address()))?;
        let people = tokio::spawn(people.run(stop.clone()));
        Ok(Self { county, daemon, people, stop, folder })
    }

    /// Where the console listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.daemon.address()
    }

    /// The mailbox, to read along.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.county.mailbox
    }

    /// When the story began. UTC.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.county.started_at
    }

    /// Stops the people, the daemon and the county, in this order, and says from the store what was told to
    /// whom. Nothing is left behind.
    ///
    /// # Errors
    /// When the store does not answer any more.
    pub async fn stop(self) -> Result<Summary, DemoError> {
        let Self { county, daemon, people, stop, folder } = self;
        stop.cancel();
        let _ = people.await;
        let store = Arc::clone(daemon.store());
        daemon.stop().await;
        let summary = Summary::of(store.as_ref()).await.map(|summary| summary.beside(&county.mailbox));
        drop(store);
        county.stop().await;
        drop(folder);
        Ok(summary?)
    }
}
