//! The demo: a small made-up county on loopback, so that everything can be seen without network and
//! without set-up.
//!
//! [`County`] is the world outside the daemon: four sites over real HTTP ([`web`]) that tell a [`story`]
//! made from a seed, a mail server ([`mailbox`]), an SMS gateway ([`gateway`]). [`office_files`] writes
//! the folder of an office that watches it, [`People`] are the recipients who answer or do not, and
//! [`Summary`] says at the end, from the store, what was told to whom. Unit, people and places are
//! invented, and 演示 stands on every page and in every subject.

mod curve;
pub mod gateway;
pub mod mailbox;
pub mod office;
mod people;
mod script;
mod smtp;
mod stage;
pub mod story;
pub mod summary;
pub mod web;

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    gateway::Gateway,
    mailbox::Mailbox,
    office::{DemoFolder, office_files},
    people::People,
    stage::{Demo, DemoError},
    story::{Place, Story},
    summary::Summary,
};
use crate::{
    console::{Letter, PostRoom},
    time::SharedClock,
};

/// The made-up county, running.
#[derive(Debug)]
pub struct County {
    /// What it tells.
    pub story: Arc<Story>,
    /// When it began. UTC.
    pub started_at: Timestamp,
    /// Where its sites are.
    pub sites: web::Addresses,
    /// The mail server.
    pub mailbox: Mailbox,
    /// The SMS gateway.
    pub gateway: Gateway,
    /// Key that signs what is handed to the gateway.
    pub gateway_key: String,
    /// Secret with which the gateway hands replies to the console.
    pub reply_secret: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl County {
    /// Starts it on free ports of loopback. The clock says how far the story has come.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(clock: SharedClock, seed: u64) -> std::io::Result<Self> {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let story = Arc::new(Story::from_seed(seed));
        let started_at = clock.now();
        let (gateway_key, reply_secret) = (secret()?, secret()?);
        let mailbox = Mailbox::open(Arc::clone(&clock), &stop, &tasks).await?;
        let gateway = Gateway::open(Arc::clone(&clock), &gateway_key, &stop, &tasks).await?;
        let sites = web::open(Arc::clone(&story), clock, started_at, &stop, &tasks).await?;
        Ok(Self { story, started_at, sites, mailbox, gateway, gateway_key, reply_secret, stop, tasks })
    }

    /// Its mails and messages, for the console's mailbox page.
    #[must_use]
    pub fn post_room(&self) -> Arc<dyn PostRoom> {
        Arc::new(CountyPost { mailbox: self.mailbox.clone(), gateway: self.gateway.clone() })
    }

    /// Stops every listener and waits until their connections have ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl PostRoom for CountyPost {
    fn letters(&self) -> Vec<Letter> {
        let mails = self.mailbox.mails().into_iter().map(|mail| Letter {
            number: mail.number,
            kind: "email",
            at: mail.at,
            to: mail.to.join(", "),
            subject: mail.subject(),
            text: mail.text(),
            files: mail.files().into_iter().map(|(name, _)| name).collect(),
        });
        let messages = self.gateway.messages().into_iter().map(|message| Letter {
            number: message.number,
            kind: "sms",
            at: message.at,
            to: message.phone,
            subject: String::new(),
            text: message.text,
            files: Vec::new(),
        });
        let mut letters: Vec<_> = mails.chain(messages).collect();
        letters.sort_by_key(|letter| std::cmp::Reverse((letter.at, letter.number)));
        letters
    }

    fn file(&self, mail: usize, nth: usize) -> Option<(String, Vec<u8>)> {
        let mails = self.mailbox.mails();
        mails.iter().find(|one| one.number == mail)?.files().into_iter().nth(nth)
    }
}

/// What the county's mail server and gateway took, for the console's mailbox page.
#[derive(Debug, Clone)]
struct CountyPost {
    mailbox: Mailbox,
    gateway: Gateway,
}

/// A fresh secret in hex.
fn secret() -> std::io::Result<String> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(hex::encode(bytes))
}
