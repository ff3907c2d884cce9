//! Keeps a dispatcher running on the settings in force: a change of channels or contacts stops the running
//! one, which records what is under way, and starts another.

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::{
    config::{InForce, Office},
    dispatch::{Channels, ConfirmKey, Dispatcher, Texts},
    store::{Inbox, SharedStore},
    time::SharedClock,
};

/// What a dispatcher needs beside the office's settings.
#[derive(Clone)]
pub(super) struct Sender {
    pub store: SharedStore,
    pub inbox: Inbox,
    pub clock: SharedClock,
    pub confirm: ConfirmKey,
    pub outbox: Arc<Notify>,
    /// How the links in notices begin when the office names no address of its own (the demo).
    pub public_url: Option<String>,
}

impl Sender {
    /// Runs until `cancel`.
    pub(super) async fn run(self, mut office: watch::Receiver<InForce>, cancel: CancellationToken) {
        loop {
            let in_force = Arc::clone(&office.borrow_and_update().office);
            let stop = cancel.child_token();
            let running = self.dispatcher(&in_force).map(|dispatcher| {
                let sending = dispatcher.clone().run(Arc::clone(&self.outbox), stop.clone());
                let listening = dispatcher.listen(stop.clone());
                tokio::spawn(async { tokio::join!(sending, listening) })
            });
            let ended = loop {
                tokio::select! {
                    () = cancel.cancelled() => break true,
                    changed = office.changed() => match changed {
                        Err(_) => break true,
                        Ok(()) if differs(&in_force, &office.borrow().office) => break false,
                        Ok(()) => {}
                    },
                }
            };
            stop.cancel();
            if let Some(running) = running
                && let Err(error) = running.await
            {
                error!(%error, "the dispatcher failed");
            }
            if ended {
                return;
            }
        }
    }

    fn dispatcher(&self, office: &Office) -> Option<Dispatcher> {
        let settings = &office.settings;
        let channels = match Channels::new(settings) {
            Ok(channels) => channels,
            Err(problem) => {
                error!(%problem, "a channel cannot be set up; nothing is sent until the settings are mended");
                return None;
            }
        };
        let texts = Texts::of(office, &self.confirm, self.public_url.as_deref());
        let texts = texts.with_papers(office, self.store.clone());
        Some(Dispatcher {
            store: self.store.clone(),
            inbox: self.inbox.clone(),
            clock: self.clock.clone(),
            channels,
            texts,
        })
    }
}

/// Whether sending is concerned by a change of the office's files. Secrets print as such, so a changed
/// password takes effect with the next change of another setting or with SIGHUP, which reads all anew.
fn differs(before: &Office, after: &Office) -> bool {
    before.contacts != after.contacts
        || format!("{:?}", before.templates) != format!("{:?}", after.templates)
        || before.papers != after.papers
        || format!("{:?}", before.settings) != format!("{:?}", after.settings)
}
